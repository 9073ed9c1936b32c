"""Customers, the people who work there, how to reach them, and what was said."""

from customers.models.contact import Contact, ContactPoint, ContactRole
from customers.models.customer import Customer, CustomerTeamShare, CustomerUserShare, Industry
from customers.models.interaction import Interaction

__all__ = [
    "Contact",
    "ContactPoint",
    "ContactRole",
    "Customer",
    "CustomerTeamShare",
    "CustomerUserShare",
    "Industry",
    "Interaction",
]
