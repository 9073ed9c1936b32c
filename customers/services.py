"""Writes of more than one row: contacts with their role and contact points, talks with customers."""

from django.db import transaction

from crm import deletion
from crm.events import announce
from customers.events import contact_added
from customers.models import Contact, ContactPoint, ContactRole, Customer
from customers.points import digest_of, normalised


@transaction.atomic
def add_contact(
    customer, *, actor, name, role=ContactRole.Role.OTHER, is_primary=False, points=None, **fields
) -> Contact:
    """Add a person who works at the customer; the first contact of a customer becomes its primary one.

    points: {kind: value} as set_contact_points takes them; fields: position, department, note.
    """
    contact = Contact.objects.create(name=name, created_by=actor, modified_by=actor, **fields)
    link_contact(contact, customer, actor=actor, role=role, is_primary=is_primary)
    set_contact_points(contact, actor=actor, **(points or {}))
    announce(contact_added, contact, actor=actor)
    return contact


@transaction.atomic
def link_contact(contact, customer, *, actor, role=ContactRole.Role.OTHER, is_primary=False) -> ContactRole:
    """Give the contact a role at one more customer."""
    linked = ContactRole.objects.create(
        contact=contact, customer=customer, role=role, created_by=actor, modified_by=actor
    )
    others = ContactRole.objects.filter(customer=customer, is_primary=True, contact__deleted_at__isnull=True)
    if is_primary or not others.exists():
        make_primary(linked, actor=actor)
    return linked


@transaction.atomic
def make_primary(role, *, actor):
    """Make this role's contact the primary one of its customer; whoever was it before is no longer."""
    mark_alone(role, "is_primary", actor=actor)


@transaction.atomic
def mark_alone(record, flag: str, *, actor):
    """Set the flag on this row and take it from the other row of the same customer that has it."""
    Customer.everything.select_for_update(no_key=True).get(pk=record.customer_id)  # two at once: one after the other
    others = type(record).objects.filter(customer=record.customer_id, **{flag: True}).exclude(pk=record.pk)
    others.update(**{flag: False}, modified_by=actor)
    setattr(record, flag, True)
    record.modified_by = actor
    record.save(update_fields=[flag, "modified_by", "modified_at"])


@transaction.atomic
def set_contact_points(holder, *, actor, **values):
    """Set the primary contact point of each kind named: mobile="138 1234 5678", email=""; an empty value removes it.

    holder: a Customer or a Contact. Other points of the kind stay. Raises ValidationError for a value that is none.
    """
    name, country = holder._meta.model_name, getattr(holder, "country", "")
    points = ContactPoint.objects.filter(**{name: holder})
    for kind, value in values.items():
        primary = points.filter(kind=kind, is_primary=True).first()
        value = normalised(kind, value, country) if value else ""
        if primary and not value:
            deletion.delete(primary, actor=actor)
        elif value and not (primary and primary.value == value):
            known = points.filter(kind=kind, digest=digest_of(kind, value)).first()
            if primary and known:
                points.filter(pk=primary.pk).update(is_primary=False, modified_by=actor)
            point = known or primary or ContactPoint(kind=kind, created_by=actor, **{name: holder})
            point.value, point.is_primary, point.modified_by = value, True, actor
            point.save()


@transaction.atomic
def save_points(changed: list[ContactPoint], gone: list[ContactPoint], *, actor):
    """Write contact points of one customer or contact and delete others; at most one of a kind is primary in the end.

    A mark is taken before it is given, and a value is free when the point that had it is deleted here.
    """
    for point in gone:
        deletion.delete(point, actor=actor)
    for point in sorted(changed, key=lambda point: point.is_primary):
        point.modified_by = actor
        if not point.pk:
            point.created_by = actor
        point.save()
