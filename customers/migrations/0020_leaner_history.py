"""The change log is asked by record and by context: no index on the keys that its rows copy. A contact point belongs
to a customer or to a contact: the rules of the other one need no entry for it."""

from django.db import migrations
from django.db.models import Q, UniqueConstraint

from crm.squashing import DropIndexes

POINTS = {
    f"{holder}_{name}": UniqueConstraint(
        fields=fields,
        condition=condition & Q((f"{holder}__isnull", False)),
        name=f"{holder}_{name}",
        violation_error_message=message,
    )
    for name, parts, condition, message in (
        ("point_unique", ["kind", "digest"], Q(deleted_at__isnull=True), "This contact point is listed already."),
        (
            "primary_point",
            ["kind"],
            Q(deleted_at__isnull=True) & Q(is_primary=True),
            "There is already a primary one of this kind.",
        ),
    )
    for holder, fields in (("customer", ["customer", *parts]), ("contact", ["contact", *parts]))
}


class Migration(migrations.Migration):
    dependencies = [("customers", "0019_merging")]

    operations = [
        DropIndexes(
            {
                "addressevent": ["created_by", "customer", "deletion"],
                "billingprofileevent": ["created_by", "customer", "deletion"],
                "contactevent": ["created_by", "deletion"],
                "contactpointevent": ["contact", "created_by", "customer", "deletion"],
                "contactroleevent": ["contact", "created_by", "customer", "deletion"],
                "customerevent": ["created_by", "deletion", "industry", "owner", "parent", "team"],
                "customerfileevent": ["created_by", "deletion", "file", "preview", "record"],
                "customerrelationevent": ["created_by", "customer", "deletion", "other"],
                "followupplanevent": ["contact", "created_by", "customer", "deletion", "origin", "owner", "record"],
                "industryevent": ["created_by", "deletion"],
                "interactionevent": ["contact", "created_by", "customer", "deletion"],
                "interactionfileevent": ["created_by", "deletion", "file", "preview", "record"],
            }
        ),
        *(migrations.RemoveConstraint("contactpoint", name) for name in POINTS),
        *(migrations.AddConstraint("contactpoint", constraint) for constraint in POINTS.values()),
    ]
