"""The addresses of this app."""

from django.urls import path

from customers.entities import (
    Addresses,
    BillingProfiles,
    ContactRoles,
    Contacts,
    CustomerFiles,
    CustomerRelations,
    Customers,
    FollowUpPlans,
    InteractionFiles,
    Interactions,
)
from customers.views.duplicates import DuplicateRulesPage
from customers.views.log import LogPage
from customers.views.places import PlacesView
from customers.views.points import PointReveal

urlpatterns = [
    path("customers/<int:pk>/log/", LogPage.as_view(), name="customers-log"),
    path("duplicates/rules/", DuplicateRulesPage.as_view(), name="duplicate-rules"),
    path("places/", PlacesView.as_view(), name="customers-places"),
    path("points/<int:pk>/reveal/", PointReveal.as_view(), name="point-reveal"),
    *Customers.urls(),
    *Contacts.urls(),
    *ContactRoles.urls(),
    *Addresses.urls(),
    *BillingProfiles.urls(),
    *CustomerRelations.urls(),
    *Interactions.urls(),
    *CustomerFiles.urls(),
    *InteractionFiles.urls(),
    *FollowUpPlans.urls(),
]
