"""The addresses of this app."""

from django.urls import path

from customers.entities import ContactRoles, Contacts, Customers, Interactions
from customers.views.log import LogPage

urlpatterns = [
    path("customers/<int:pk>/log/", LogPage.as_view(), name="customers-log"),
    *Customers.urls(),
    *Contacts.urls(),
    *ContactRoles.urls(),
    *Interactions.urls(),
]
