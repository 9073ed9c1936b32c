"""The entities of the sales floor: opportunities with their board, and products."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.attachments.entity import Files
from crm.board import BOARD_PAGES
from crm.columns import Column, Kind
from crm.entities import Entity, Fact, Group
from crm.figures import date_text, days, short_money
from crm.filters import CatalogueFilter, ChoiceFilter, FlagFilter, RangeFilter, RecordFilter
from sales import events
from sales.board import TONES, OpportunityBoard
from sales.models import Opportunity, OpportunityFile, Product, Stage, StageType


class Opportunities(Entity):
    model = Opportunity
    slug = "opportunities"
    icon = "briefcase"
    group = "sales"
    order = 20
    board = OpportunityBoard
    pages = {**BOARD_PAGES, "undo_move": ("<int:pk>/undo-move/", "sales.views.UndoMovePage")}
    form = "sales.forms.OpportunityForm"
    record_template = "sales/opportunity.html"
    parents = ("customer",)
    events = {"change": events.opportunity_changed, "delete": events.opportunity_deleted}
    groups = (
        Group(_("Basics"), ("name", "customer", "contact", "product", "type", "source", "owner")),
        Group(_("Value and stage"), ("stage", "amount", "probability", "expected_close_on", "engaged_on")),
        Group(_("Next step"), ("next_step", "next_step_on")),
        Group(_("Closing"), ("closed_on", "lost_reason", "lost_note")),
        Group(_("Description"), ("description",)),
    )
    columns = (
        Column("name", sort="name"),
        Column("customer"),
        Column("stage", tones=dict(TONES), tone_path="stage.type"),
        Column("amount", sort="-amount_order"),
        Column("chance", label=_("Win probability"), kind=Kind.PERCENT, needs=("stage",), least=True),
        Column("weighted_amount", label=_("Weighted amount"), kind=Kind.MONEY, needs=("stage",), least=True),
        Column("expected_close_on", sort="expected_close_order"),
        Column("owner"),
        Column("team", least=True),
        Column("number", least=True),
        Column("product"),
        Column("contact"),
        Column("pipeline"),
        Column("type"),
        Column("source"),
        Column("next_step", least=True),
        Column("next_step_on"),
        Column("engaged_on"),
        Column("closed_on"),
        Column("lost_reason"),
        Column("lost_note", least=True),
        Column("stage_entered_at"),
        Column("created_at", sort="-created_at", least=True),
    )
    shown = ("name", "customer", "stage", "amount", "weighted_amount", "expected_close_on", "owner", "created_at")
    filters = (
        CatalogueFilter("pipeline"),
        CatalogueFilter("stage"),
        RecordFilter("owner"),
        RecordFilter("team"),
        RecordFilter("customer"),
        CatalogueFilter("product"),
        ChoiceFilter("type"),
        RangeFilter("amount", kind="number"),
        RangeFilter("expected_close_on"),
        RangeFilter("closed_on"),
        FlagFilter("is_open", _("Open opportunities"), method="open"),
        FlagFilter("overdue", _("Overdue"), method="overdue"),
        FlagFilter("stale", _("Too long in this stage"), method="stale"),
        FlagFilter("without_amount", _("Without amount"), method="without_amount"),
    )
    facts = (
        Fact("amount", _("Amount"), lambda record, user: amount_text(record), order=10),
        Fact("chance", _("Win probability"), lambda record, user: f"{record.chance}%", order=20),
        Fact("expected", _("Expected to close"), lambda record, user: expected_text(record), order=30),
        Fact("closed", _("Closed on"), lambda record, user: closed_text(record), order=30),
        Fact("in_stage", _("In this stage"), lambda record, user: days(record.days_in_stage), order=40),
        Fact("next_step", _("Next step"), lambda record, user: next_step_text(record), order=50),
        Fact("owner", _("Owner"), lambda record, user: record.owner.name if record.owner else "—", order=60),
        Fact("team", _("Team"), lambda record, user: str(record.team) if record.team else "—", order=70),
    )
    pillars = (
        "number",
        "expected_close_on",
        "product",
        "next_step",
        "next_step_on",
        "engaged_on",
    )
    moved = ("pipeline", "stage", "amount", "probability", "closed_on", "lost_reason", "lost_note")
    spare = ("lost_note",)
    applies = {
        **dict.fromkeys(("expected_close_on", "next_step", "next_step_on"), Q(stage__type=StageType.OPEN)),
        "closed_on": ~Q(stage__type=StageType.OPEN),
        "lost_reason": Q(stage__type=StageType.LOST),
    }
    importer = "sales.importing.OpportunityImporter"
    importable = (
        "name",
        "customer",
        "stage",
        "amount",
        "expected_close_on",
        "engaged_on",
        "closed_on",
        "product",
        "type",
        "source",
        "owner",
        "next_step",
        "next_step_on",
        "lost_reason",
        "lost_note",
    )

    @classmethod
    def subtitle(cls, record):
        return record.customer.name if record.customer else ""

    @classmethod
    def badges(cls, record):
        found = [(str(record.stage), TONES[record.stage.type])]
        if record.lost_reason:
            found.append((record.get_lost_reason_display(), "gray"))
        if record.is_stale:
            found.append((_("Too long in this stage"), "amber"))
        return found

    @classmethod
    def extras(cls, record, user):
        """The stage path."""
        return {"path": path_of(record)}


class Products(Entity):
    model = Product
    slug = "products"
    icon = "package"
    group = "sales"
    order = 40
    groups = (Group(_("Basics"), ("code", "name_zh", "name_en", "series", "list_price", "order", "is_active")),)
    columns = (
        Column("name", label=_("name")),
        Column("name_zh"),
        Column("name_en"),
        Column("code"),
        Column("series"),
        Column("list_price"),
        Column("is_active"),
        Column("order", sort="order"),
    )
    shown = ("name", "code", "series", "list_price", "is_active", "order")
    default_sort = "order"
    importer = "sales.importing.ProductImporter"
    importable = ("code", "name_zh", "name_en", "series", "list_price", "order", "is_active")


def amount_text(record) -> str:
    return _("No amount") if record.amount is None else short_money(record.amount, record.currency)


def expected_text(record):
    """The expected day of an open opportunity; not said of others."""
    return date_text(record.expected_close_on) if record.stage.is_open else None


def closed_text(record):
    return date_text(record.closed_on) if record.closed_on else None


def next_step_text(record):
    if not record.stage.is_open:
        return None
    return f"{record.next_step} · {date_text(record.next_step_on)}" if record.next_step_on else record.next_step or "—"


def path_of(record) -> list[dict]:
    """The steps of the stage path: all stages in use and the present one; done are the open ones before the present."""
    here = record.stage
    steps = []
    for stage in Stage.objects.filter(pipeline=record.pipeline_id).order_by("order", "pk"):
        is_here = stage.pk == here.pk
        if not stage.is_active and not is_here:
            continue
        is_done = stage.is_open and (here.type == StageType.WON or (here.is_open and stage.order < here.order))
        state = "on" if is_here else "done" if is_done else ""
        steps.append({"key": stage.pk, "label": str(stage), "state": state, "takes": stage.is_active})
    return steps


class OpportunityFiles(Files):
    model = OpportunityFile
    slug = "opportunity-files"
    group = "sales"
