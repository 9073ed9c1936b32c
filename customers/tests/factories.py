"""Rows of customers, contacts and talks for tests."""

from itertools import count

from django.utils import timezone

from crm.tests.file_factory import file_factory
from customers.models import (
    Address,
    BillingProfile,
    Contact,
    ContactPoint,
    ContactRole,
    Customer,
    CustomerFile,
    CustomerRelation,
    FollowUpPlan,
    Industry,
    Interaction,
    InteractionFile,
)

number = count(1)


def make_industry(owner=None, **fields):
    running = next(number)
    fields = {"code": f"T{running}", "name_zh": f"行业{running}", "name_en": f"Industry {running}"} | fields
    return Industry.objects.create(**fields)


def make_customer(owner=None, **fields):
    fields = {"name": f"Customer {next(number)}", "created_by": owner} | fields
    return Customer.objects.create(owner=owner, **fields)


def make_contact(owner=None, *, customer=None, role="other", is_primary=False, **fields):
    """A contact with a role at the customer, a new one unless given."""
    fields = {"name": f"Contact {next(number)}", "created_by": owner} | fields
    contact = Contact.objects.create(**fields)
    make_contact_role(owner, contact=contact, customer=customer, role=role, is_primary=is_primary)
    return contact


def make_contact_role(owner=None, *, contact=None, customer=None, **fields):
    contact = contact or Contact.objects.create(name=f"Contact {next(number)}", created_by=owner)
    customer = customer or make_customer(owner)
    return ContactRole.objects.create(contact=contact, customer=customer, **{"created_by": owner} | fields)


def make_contact_point(owner=None, **fields):
    if not {"customer", "contact"} & fields.keys():
        fields["customer"] = make_customer(owner)
    fields = {"kind": "phone", "value": f"05126288{next(number):04}", "created_by": owner} | fields
    return ContactPoint.objects.create(**fields)


def make_address(owner=None, *, customer=None, **fields):
    fields = {"place": "江苏省 / 苏州市 / 吴中区", "street": f"星湖街 {next(number)} 号", "created_by": owner} | fields
    return Address.objects.create(customer=customer or make_customer(owner), **fields)


def make_billing_profile(owner=None, *, customer=None, **fields):
    fields = {"title": f"Title {next(number)}", "account": "6222020200112233", "created_by": owner} | fields
    return BillingProfile.objects.create(customer=customer or make_customer(owner), **fields)


def make_relation(owner=None, *, customer=None, other=None, **fields):
    customer, other = customer or make_customer(owner), other or make_customer(owner)
    return CustomerRelation.objects.create(customer=customer, other=other, **{"created_by": owner} | fields)


def make_interaction(owner=None, *, customer=None, **fields):
    fields = {"kind": "call", "text": "Quote wanted.", "created_by": owner} | fields
    return Interaction.objects.create(customer=customer or make_customer(owner), **fields)


def make_plan(owner=None, *, customer=None, **fields):
    at = timezone.now() + timezone.timedelta(days=1)
    fields = {"kind": "call", "at": at, "purpose": f"Plan {next(number)}", "owner": owner, "created_by": owner} | fields
    return FollowUpPlan.objects.create(customer=customer or make_customer(owner), **fields)


FACTORIES = {
    "customers.customerfile": file_factory(CustomerFile, make_customer),
    "customers.interactionfile": file_factory(InteractionFile, make_interaction),
    "customers.industry": make_industry,
    "customers.customer": make_customer,
    "customers.contact": make_contact,
    "customers.contactrole": make_contact_role,
    "customers.contactpoint": make_contact_point,
    "customers.address": make_address,
    "customers.billingprofile": make_billing_profile,
    "customers.customerrelation": make_relation,
    "customers.interaction": make_interaction,
    "customers.followupplan": make_plan,
}
