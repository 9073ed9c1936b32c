"""What happens on the sales floor. A move between stages is no event of its own: its row in the ledger says it."""

from django.utils.translation import gettext_lazy as _

from crm.events import Event

opportunity_added = Event(
    "opportunity_added", _("%(actor)s added the opportunity %(record)s"), icon="briefcase", colour="blue"
)
opportunity_changed = Event("opportunity_changed", _("%(actor)s changed the opportunity %(record)s"), icon="briefcase")
opportunity_deleted = Event(
    "opportunity_deleted", _("%(actor)s deleted the opportunity %(record)s"), icon="briefcase", colour="red"
)
