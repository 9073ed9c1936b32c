"""The addresses of the service floor."""

from service.entities import CaseMessages, Cases

urlpatterns = [*Cases.urls(), *CaseMessages.urls()]
