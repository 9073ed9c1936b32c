"""Customers, the people who work there, how to reach them, and what was said."""

from customers.models.address import Address
from customers.models.billing import BillingProfile
from customers.models.contact import Contact, ContactRole
from customers.models.customer import Customer, CustomerTeamShare, CustomerUserShare, Industry
from customers.models.duplicate import DuplicatePair, DuplicateRule
from customers.models.files import CustomerFile, InteractionFile
from customers.models.interaction import Interaction
from customers.models.plan import FollowUpPlan
from customers.models.point import ContactPoint
from customers.models.relation import CustomerRelation

__all__ = [
    "Address",
    "BillingProfile",
    "Contact",
    "ContactPoint",
    "ContactRole",
    "Customer",
    "CustomerFile",
    "CustomerRelation",
    "CustomerTeamShare",
    "CustomerUserShare",
    "DuplicatePair",
    "DuplicateRule",
    "FollowUpPlan",
    "Industry",
    "Interaction",
    "InteractionFile",
]
