"""The addresses of shares: what I got and gave, and the names offered while one types."""

from django.urls import path

from crm.views import asking, shares, sharing

urlpatterns = [
    path("", shares.ReceivedPage.as_view(), name="share-received"),
    path("given/", shares.GivenPage.as_view(), name="share-given"),
    path("requests/", asking.RequestsPage.as_view(), name="share-requests"),
    path("requests/<int:pk>/", asking.AnswerPage.as_view(), name="share-answer"),
    path("people/", sharing.ShareChoices.as_view(), name="share-people"),
]
