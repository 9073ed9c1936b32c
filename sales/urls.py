"""The addresses of the sales floor."""

urlpatterns = []
