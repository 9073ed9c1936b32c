"""The entities of the marketing floor: campaigns, and their members and deals as tabs."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.attachments.entity import Files
from crm.columns import Column, Kind, PageColumn
from crm.entities import Entity, Fact, Group
from crm.figures import DASH
from crm.filters import ChoiceFilter, FlagFilter, RangeFilter, RecordFilter
from marketing import events, facts, numbers
from marketing.models import Campaign, CampaignDeal, CampaignFile, CampaignMember

STATUSES = {"planning": "gray", "active": "violet", "paused": "amber", "completed": "green", "cancelled": "gray"}
MEMBER_STATUSES = {
    "targeted": "gray",
    "sent": "blue",
    "opened": "blue",
    "clicked": "violet",
    "responded": "green",
    "converted": "green",
    "bounced": "red",
    "unsubscribed": "gray",
}


class Campaigns(Entity):
    model = Campaign
    slug = "campaigns"
    icon = "speakerphone"
    group = "marketing"
    order = 50
    groups = (
        Group(_("Basics"), ("name", "type", "status", "starts_on", "ends_on", "owner")),
        Group(_("Goal"), ("goal", "target_members", "target_revenue")),
        Group(_("Money"), ("budget", "cost")),
    )
    columns = (
        Column("name", sort="name"),
        Column("type"),
        Column("status", tones=STATUSES),
        Column("starts_on", sort="-starts_order"),
        Column("ends_on"),
        PageColumn("members", _("members"), numbers.member_counts, kind=Kind.NUMBER),
        Column("budget", least=True),
        Column("cost"),
        PageColumn("won", _("won value"), numbers.won_amounts, kind=Kind.MONEY),
        PageColumn("roi", _("ROI"), numbers.return_percents, kind=Kind.PERCENT),
        Column("owner"),
        Column("team", least=True),
        Column("number", least=True),
        Column("target_members", least=True),
        Column("target_revenue", least=True),
        Column("goal", least=True),
        Column("created_at", sort="-created_at", least=True),
    )
    shown = ("name", "status", "starts_on", "ends_on", "members", "cost", "won", "roi", "owner")
    filters = (
        ChoiceFilter("status"),
        ChoiceFilter("type"),
        RecordFilter("owner"),
        RecordFilter("team"),
        RangeFilter("starts_on"),
        RangeFilter("budget", kind="number"),
        FlagFilter("running", _("Running campaigns"), method="running"),
    )
    default_sort = "-created_at"
    importer = "marketing.importing.CampaignImporter"
    importable = (
        "name",
        "type",
        "status",
        "starts_on",
        "ends_on",
        "goal",
        "target_members",
        "target_revenue",
        "budget",
        "cost",
        "owner",
    )
    pillars = ("number", "status", "starts_on", "ends_on", "cost")
    facts = (
        Fact("days", _("Duration"), lambda campaign, user: facts.days(campaign), order=10),
        Fact("cost", _("Cost"), lambda campaign, user: facts.cost(campaign), order=20),
        Fact("members", _("Members"), figure=numbers.answers, words=facts.members, order=30),
        Fact("responded", _("Responded"), figure=numbers.answers, words=facts.responded, order=40),
        Fact("won", _("Won value"), figure=numbers.won, words=facts.won, order=50),
        Fact("roi", _("ROI"), figure=numbers.won, words=facts.roi, order=60),
        Fact("owner", _("Owner"), lambda campaign, user: campaign.owner.name if campaign.owner else DASH, order=70),
    )
    events = {"add": events.campaign_added, "change": events.campaign_changed, "delete": events.campaign_deleted}

    @classmethod
    def subtitle(cls, record):
        return record.get_type_display()

    @classmethod
    def badges(cls, record):
        return [(record.get_status_display(), STATUSES[record.status])]


class CampaignMembers(Entity):
    """Whom a campaign addresses: a tab of the campaign, of the customer and of the contact."""

    model = CampaignMember
    slug = "campaign-members"
    icon = "users"
    group = "marketing"
    order = 52
    in_menu = False
    form = "marketing.forms.MemberForm"
    groups = (Group(_("Basics"), ("campaign", "customer", "contact", "status", "note")),)
    columns = (
        Column("name", label=_("member"), needs=("customer", "contact")),
        Column("campaign"),
        Column("status", tones=MEMBER_STATUSES),
        Column("note", least=True),
        Column("customer"),
        Column("contact"),
        Column("created_at", label=pgettext_lazy("campaign", "added"), sort="-created_at", least=True),
    )
    shown = ("name", "campaign", "status", "customer", "contact", "note", "created_at")
    filters = (ChoiceFilter("status"), RecordFilter("campaign"), RecordFilter("customer"), RangeFilter("created_at"))
    parents = ("campaign", "customer", "contact")
    importer = "marketing.importing.MemberImporter"
    importable = ("campaign", "customer", "contact", "status", "note")

    @classmethod
    def tab_label(cls, parent):
        return _("members") if parent is Campaigns else Campaigns.label_plural()

    @classmethod
    def badges(cls, record):
        return [(record.get_status_display(), MEMBER_STATUSES[record.status])]


class CampaignDeals(Entity):
    """The opportunities that a campaign brought: a tab of the campaign and of the opportunity."""

    model = CampaignDeal
    slug = "campaign-deals"
    icon = "briefcase"
    group = "marketing"
    order = 54
    in_menu = False
    form = "marketing.forms.DealForm"
    groups = (Group(_("Basics"), ("campaign", "opportunity", "note")),)
    columns = (
        Column("created_at", label=_("linked"), sort="-created_at", needs=("campaign",)),
        Column("opportunity"),
        Column("campaign"),
        PageColumn("stage", _("stage"), numbers.stages),
        PageColumn("amount", _("amount"), numbers.amounts, kind=Kind.MONEY),
        Column("note", least=True),
        Column("created_by", label=_("by"), least=True),
    )
    shown = ("created_at", "opportunity", "campaign", "stage", "amount", "note", "created_by")
    filters = (RecordFilter("campaign"), RecordFilter("opportunity"), RangeFilter("created_at"))
    parents = ("campaign", "opportunity")

    @classmethod
    def tab_label(cls, parent):
        return _("deals") if parent is Campaigns else Campaigns.label_plural()


class CampaignFiles(Files):
    model = CampaignFile
    slug = "campaign-files"
    group = "marketing"
