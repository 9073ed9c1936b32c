"""What happens to campaigns."""

from django.utils.translation import gettext_lazy as _

from crm.events import Event

campaign_added = Event(
    "campaign_added", _("%(actor)s added the campaign %(record)s"), icon="speakerphone", colour="blue"
)
campaign_changed = Event("campaign_changed", _("%(actor)s changed the campaign %(record)s"), icon="pencil")
campaign_deleted = Event("campaign_deleted", _("%(actor)s deleted the campaign %(record)s"), icon="trash", colour="red")
member_added = Event(
    "member_added", _("%(actor)s added %(record)s to the campaign %(campaign)s"), icon="user-plus", colour="violet"
)
deal_linked = Event(
    "deal_linked", _("%(actor)s linked %(record)s with the campaign %(campaign)s"), icon="link", colour="violet"
)
