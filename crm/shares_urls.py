"""The addresses of shares: what I got and gave, and the names offered while one types."""

from django.urls import path

from crm.views import shares, sharing

urlpatterns = [
    path("", shares.ReceivedPage.as_view(), name="share-received"),
    path("given/", shares.GivenPage.as_view(), name="share-given"),
    path("people/", sharing.ShareChoices.as_view(), name="share-people"),
]
