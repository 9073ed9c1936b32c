"""The addresses of the service floor."""

from service.entities import CaseFiles, CaseMessages, Cases

urlpatterns = [*Cases.urls(), *CaseMessages.urls(), *CaseFiles.urls()]
