"""What happens on the sales floor. Beginnings and moves are no events of their own: the ledger of stages says them."""

from django.utils.translation import gettext_lazy as _

from crm.events import Event

opportunity_changed = Event("opportunity_changed", _("%(actor)s changed the opportunity %(record)s"), icon="briefcase")
opportunity_deleted = Event(
    "opportunity_deleted", _("%(actor)s deleted the opportunity %(record)s"), icon="briefcase", colour="red"
)
