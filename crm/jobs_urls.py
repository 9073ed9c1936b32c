"""The addresses of jobs and the outbox."""

urlpatterns = []
