"""The board of cases: where each stands, those that are due first on top."""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.board import Board, BoardColumn, Card, Note
from crm.figures import date_text, days, number
from service.forms import ResolveForm
from service.models import RUNNING, UNRESOLVED, Case, Status, StatusType
from service.services import change_status

# By the fixed type; what is being worked on stands out from what has not been begun.
TONES = {
    Status.NEW: "blue",
    Status.ASSIGNED: "blue",
    Status.IN_PROGRESS: "violet",
    Status.WAITING_CUSTOMER: "amber",
    Status.WAITING_OTHERS: "amber",
    Status.RESOLVED: "green",
    Status.CLOSED: "gray",
    Status.CANCELLED: "gray",
    Status.DUPLICATE: "gray",
}
PRIORITIES = {"P1": "red", "P2": "amber", "P3": "gray", "P4": "gray"}


class CaseBoard(Board):
    field = "status"
    order = "due_order"
    related = ("owner", "customer")

    @cached_property
    def columns(self):
        return [
            BoardColumn(status.value, status.label, TONES[status], is_slim=status.type == StatusType.CLOSED)
            for status in Status
        ]

    @cached_property
    def now(self):
        return timezone.now()

    def sums(self):
        return {
            "overdue": Count("pk", filter=Q(status__in=RUNNING, due_at__lt=self.now)),
            "unassigned": Count("pk", filter=Q(status__in=UNRESOLVED, owner__isnull=True)),
            "urgent": Count("pk", filter=Q(status__in=UNRESOLVED, priority=Case.Priority.P1)),
        }

    def head(self, column, sums):
        late = sums.get("overdue", 0)
        return (ngettext("%(n)s overdue", "%(n)s overdue", late) % {"n": number(late)} if late else "", "")

    def totals(self, columns):
        def total(name):
            return number(sum(f.sums.get(name, 0) for f in columns if f.column.value in UNRESOLVED))

        return [
            (_("Open cases"), total("count")),
            (_("Overdue"), total("overdue")),
            (_("Not assigned"), total("unassigned")),
            (Case.Priority.P1.label, total("urgent")),
        ]

    def card(self, record):
        return Card(
            record,
            record.subject,
            subtitle=record.customer.name if record.customer else _("No customer"),
            figure=record.number,
            badges=((record.get_priority_display(), PRIORITIES[record.priority]),),
            notes=tuple(self.notes(record)),
            aside=days((self.now - record.created_at).days) if record.is_open else "",
            aside_label=_("since it was opened"),
            person=record.owner.name if record.owner else "",
        )

    def notes(self, record):
        if record.is_open and record.due_at:
            late = record.is_overdue
            local = timezone.localtime(record.due_at)
            is_today = local.date() == timezone.localtime(self.now).date()
            text = f"{local:%H:%M}" if is_today else date_text(local.date(), form="short")
            yield Note("clock-exclamation" if late else "clock", text, "red" if late else "", self.due_label(late))
        if record.is_open and not record.owner_id:
            yield Note("user", tone="amber", label=_("not assigned"))

    @staticmethod
    def due_label(late) -> str:
        return _("overdue") if late else _("due")

    def details_form(self, record, column):
        return ResolveForm if column.value == Status.RESOLVED else None

    def move(self, record, column, *, actor, **details):
        entry = change_status(record, column.value, actor=actor, **details)
        return f"{reverse('cases-undo_move', args=[record.pk])}?entry={entry.pk}" if entry else ""
