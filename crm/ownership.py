"""Who owns a record: handing it over, with the team that goes along."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.events import Event, announce

record_assigned = Event(
    "record_assigned", _("%(actor)s assigned %(record)s to %(owner)s"), icon="user-share", colour="blue"
)


@transaction.atomic
def assign(record, owner, *, actor):
    """Give a root record to a person (or to nobody); its team becomes the person's. The actor may lose sight of it."""
    record.give_to(owner)
    record.modified_by = actor
    record.save(update_fields=["owner", "team", "modified_by", "modified_at"])
    announce(record_assigned, record, actor=actor, owner=owner)
    return record
