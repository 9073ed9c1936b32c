"""The addresses of shares: what I gave and got, and the names offered while one types."""

from django.urls import path

from crm.views import sharing

urlpatterns = [
    path("people/", sharing.ShareChoices.as_view(), name="share-people"),
]
