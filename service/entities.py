"""The entities of the service floor: cases with their board, and messages as their conversation."""

from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from crm.attachments.entity import Files
from crm.board import BOARD_PAGES
from crm.columns import Column
from crm.entities import Entity, Fact, Group
from crm.figures import DASH
from crm.filters import ChoiceFilter, FlagFilter, RangeFilter, RecordFilter
from crm.moments import lasting, when
from service import events
from service.board import PRIORITIES, TONES, CaseBoard
from service.models import Case, CaseFile, CaseMessage

DIRECTIONS = {"out": "blue", "in": "gray", "internal": "amber"}


def due_words(case, user):
    """When it is due; in red once that has passed. Not said of cases that are over."""
    if not case.is_open:
        return None
    return format_html('<span class="down">{}</span>', when(case.due_at)) if case.is_overdue else when(case.due_at)


def response_words(case, user):
    if case.first_response_at is None:
        return DASH
    return lasting(max((case.first_response_at - case.created_at).total_seconds(), 0))


def resolved_words(case, user):
    return when(case.resolved_at) if case.resolved_at else None


class Cases(Entity):
    model = Case
    slug = "cases"
    icon = "headset"
    group = "service"
    order = 60
    board = CaseBoard
    pages = {
        **BOARD_PAGES,
        "record": ("<int:pk>/", "service.views.CasePage"),
        "assign": ("<int:pk>/assign/", "service.views.HandOverPage"),
        "reply": ("<int:pk>/reply/", "service.views.ReplyPage"),
        "take": ("<int:pk>/take/", "service.views.TakePage"),
        "undo_move": ("<int:pk>/undo-move/", "service.views.UndoMovePage"),
    }
    form = "service.forms.CaseForm"
    record_template = "service/case.html"
    pillars = ("number", "priority", "due_at", "first_response_at", "resolved_at", "closed_at", "description")
    moved = ("status", "resolution")
    parents = ("customer", "contact")
    events = {"add": events.case_added, "change": events.case_changed, "delete": events.case_deleted}
    groups = (
        Group(_("Basics"), ("subject", "customer", "contact", "channel", "type", "description")),
        Group(_("Handling"), ("status", "priority", "due_at", "owner", "team", "resolution")),
    )
    columns = (
        Column("subject", sort="subject"),
        Column("status", tones=TONES),
        Column("priority", tones=PRIORITIES, sort="priority"),
        Column("customer"),
        Column("due_at", sort="due_order"),
        Column("owner", label=_("assignee")),
        Column("team", label=_("queue"), least=True),
        Column("type", least=True),
        Column("channel", least=True),
        Column("contact", least=True),
        Column("number", least=True),
        Column("created_at", sort="-created_at", least=True),
        Column("first_response_at", least=True),
        Column("resolved_at", least=True),
        Column("closed_at", least=True),
        Column("description", least=True),
        Column("resolution", least=True),
    )
    shown = ("subject", "status", "priority", "customer", "due_at", "owner", "team", "created_at")
    filters = (
        ChoiceFilter("status"),
        ChoiceFilter("priority"),
        ChoiceFilter("type"),
        ChoiceFilter("channel"),
        RecordFilter("customer"),
        RecordFilter("owner", _("assignee")),
        RecordFilter("team", _("queue")),
        RangeFilter("due_at"),
        RangeFilter("created_at"),
        FlagFilter("is_open", _("Open cases"), method="open"),
        FlagFilter("overdue", _("Overdue"), method="overdue"),
        FlagFilter("unassigned", _("Not assigned"), method="unassigned"),
    )
    applies = {"resolution": Q(resolved_at__isnull=False)}
    importer = "service.importing.CaseImporter"
    importable = (
        "subject",
        "customer",
        "contact",
        "channel",
        "type",
        "priority",
        "status",
        "due_at",
        "owner",
        "description",
        "resolution",
    )
    facts = (
        Fact("due", _("Due"), due_words, order=10),
        Fact("resolved", _("Resolved"), resolved_words, order=20),
        Fact("response", _("First response after"), response_words, order=30),
        Fact("customer", _("Customer"), lambda case, user: str(case.customer or DASH), order=40),
        Fact("owner", _("Assignee"), lambda case, user: case.owner.name if case.owner else _("nobody yet"), order=50),
        Fact("team", _("Queue"), lambda case, user: str(case.team or DASH), order=60),
        Fact("created", _("Opened"), lambda case, user: when(case.created_at), order=70),
    )

    @classmethod
    def subtitle(cls, record):
        return record.get_type_display()

    @classmethod
    def badges(cls, record):
        found = [(record.get_status_display(), TONES[record.status])]
        found.append((record.get_priority_display(), PRIORITIES[record.priority]))
        if record.is_overdue:
            found.append((_("Overdue"), "red"))
        return found


class CaseMessages(Entity):
    """What was said in cases; the case's page shows them as its conversation."""

    model = CaseMessage
    slug = "case-messages"
    icon = "messages"
    group = "service"
    order = 62
    in_menu = False
    form = "service.forms.MessageForm"
    parents = ("case",)
    events = {"change": events.message_changed, "delete": events.message_deleted}
    groups = (Group(_("Basics"), ("case", "direction", "channel", "at", "text")),)
    columns = (
        Column("at", sort="-at"),
        Column("direction", tones=DIRECTIONS),
        Column("case"),
        Column("channel", least=True),
        Column("text"),
        Column("created_by", label=_("author")),
        Column("created_at", least=True),
    )
    shown = ("at", "direction", "case", "channel", "text", "created_by")
    filters = (
        ChoiceFilter("direction"),
        ChoiceFilter("channel"),
        RecordFilter("case"),
        RecordFilter("created_by", label=_("author")),
        RangeFilter("at"),
    )
    default_sort = "-at"


class CaseFiles(Files):
    model = CaseFile
    slug = "case-files"
    group = "service"
