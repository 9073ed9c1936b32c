"""What the marketing floor shows below: memberships and deals in timelines, running campaigns on the workbench."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import workbench
from crm.entities import entity_for
from crm.figures import date_text
from crm.models import TimelineEntry
from crm.timeline import Arm, add_arm, entries_about, entry_item
from customers.models import Customer
from marketing.models import Campaign, CampaignDeal, CampaignMember
from sales.models import Opportunity

LINES = 5


def parts_of(model, name):
    """(record, user) -> the visible parts of a campaign that point to the record."""
    return lambda record, user: model.objects.visible_to(user).filter(**{name: record})


def running_lines(user) -> list[workbench.Line]:
    """The user's own campaigns that are under way, those that end first on top."""
    mine = Campaign.objects.visible_to(user).filter(owner=user).running().order_by("ends_on", "pk")
    entity = entity_for(Campaign)
    return [
        workbench.Line(
            record.name,
            entity.url("record", record),
            note=record.get_type_display(),
            value=date_text(record.ends_on, form="short") if record.ends_on else "",
        )
        for record in mine[:LINES]
    ]


for _name, _of, _model, _path in (
    ("campaign-members", Campaign, CampaignMember, "campaign"),
    ("campaign-deals", Campaign, CampaignDeal, "campaign"),
    ("customer-campaigns", Customer, CampaignMember, "customer"),
    ("opportunity-campaigns", Opportunity, CampaignDeal, "opportunity"),
):
    _rows = entries_about(_model, parts_of(_model, _path))
    add_arm(Arm(_name, _of, TimelineEntry, _rows, entry_item, related=("actor",)))

workbench.add_card(
    workbench.Card(
        "running-campaigns",
        _("Running campaigns"),
        "speakerphone",
        running_lines,
        may=lambda user: user.rights.may(Campaign, "change"),
        empty=_("No campaign of yours is under way"),
        url=lambda user: f"{reverse('campaigns-list')}?running=on&sort=-starts_order",
        order=40,
    )
)
