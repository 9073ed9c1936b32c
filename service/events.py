"""What happens to cases and in them."""

from django.utils.translation import gettext_lazy as _

from crm.events import Event
from service.models import Status


def worded(facts: dict) -> dict:
    """The names of the statuses of a move, in the active language."""
    return {name: Status(facts[name]).label for name in ("from", "to") if facts.get(name) in Status.values}


case_added = Event("case_added", _("%(actor)s opened the case %(record)s"), icon="headset", colour="blue")
case_changed = Event("case_changed", _("%(actor)s changed the case %(record)s"), icon="pencil")
case_deleted = Event("case_deleted", _("%(actor)s deleted the case %(record)s"), icon="trash", colour="red")
case_moved = Event(
    "case_moved", _("%(actor)s moved the case %(record)s from %(from)s to %(to)s"), parts=worded, icon="arrow-right",
    colour="violet",
)  # fmt: skip
case_move_undone = Event(
    "case_move_undone", _("%(actor)s took back a move: the case %(record)s is %(to)s again"), parts=worded,
    icon="history",
)  # fmt: skip
case_taken = Event("case_taken", _("%(actor)s took the case %(record)s"), icon="user-check", colour="blue")
case_queued = Event("case_queued", _("%(actor)s put the case %(record)s into the queue %(team)s"), icon="user-share")
# Messages stand in the timelines themselves; these tell the floors above.
message_added = Event("message_added", _("%(actor)s wrote %(record)s"), icon="message")
message_changed = Event("message_changed", _("%(actor)s changed %(record)s"), icon="pencil")
message_deleted = Event("message_deleted", _("%(actor)s deleted %(record)s"), icon="trash", colour="red")
