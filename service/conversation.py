"""The conversation of a case as its page shows it: messages, and between them what else happened."""

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.events import registry
from crm.models import TimelineEntry
from crm.moments import lasting
from crm.pages import cursor_text, page_for, read_cursor
from service.models import RUNNING, UNRESOLVED, CaseMessage, Status

MESSAGES = 30
ENTRIES = 60
LOOKS = {"out": "ag", "in": "", "internal": "nt"}


@dataclass(frozen=True)
class Line:
    """One line. Of a message: who, role, look, text, badge, message; of another happening: icon and sentence (HTML)."""

    at: datetime.datetime
    who: str = ""
    role: str = ""
    look: str = ""
    text: str = ""
    badge: tuple[str, str] | None = None
    message: CaseMessage | None = None
    icon: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Clock:
    """How the time of a case stands. share: used per cent, None without a bar; tone: its colour."""

    label: str
    at: datetime.datetime | None
    tone: str = "gray"
    share: int | None = None


def conversation(case, user, cursor: str = "") -> tuple[list[Line], str]:
    """(lines, the oldest first; cursor of the older ones or ""). Without a cursor the newest messages."""
    before = read_cursor(cursor, CaseMessage, "-at")
    rows = CaseMessage.objects.filter(case=case).select_related("created_by")
    page = page_for(rows, user, "-at", after=before, size=MESSAGES)
    entries = TimelineEntry.objects.about(case).select_related("actor").order_by("-at", "-pk")
    if before:
        entries = entries.filter(at__lt=before[0])
    if page.after:
        entries = entries.filter(at__gte=page.rows[-1].at)
    lines = [spoken(case, message) for message in page.rows] + [happened(entry) for entry in entries[:ENTRIES]]
    return sorted(lines, key=lambda line: (line.at, line.message is not None)), cursor_text(page.after)


def spoken(case, message: CaseMessage) -> Line:
    author = message.created_by.name if message.created_by else _("Banyan")
    is_in = message.direction == CaseMessage.Direction.IN
    role = [message.get_direction_display(), message.get_channel_display() if message.channel else ""]
    badge = None
    if message.direction == CaseMessage.Direction.INTERNAL:
        role[0], badge = _("Not for the customer"), (_("internal"), "amber")
    elif not is_in and message.at == case.first_response_at:
        time = lasting(max(message.at - case.created_at, datetime.timedelta()))
        badge = (_("First response after %(time)s") % {"time": time}, "green")
    return Line(
        message.at,
        speaker(case) if is_in else author,
        " · ".join(part for part in role if part),
        LOOKS[message.direction],
        message.text,
        badge,
        message,
    )


def speaker(case) -> str:
    """Who speaks for the customer."""
    return str(case.contact or case.customer or _("Customer"))


def happened(entry: TimelineEntry) -> Line:
    event = registry.get(entry.event)
    return Line(entry.at, icon=event.icon if event else "point", sentence=entry.sentence)


def clock_of(case) -> Clock:
    """What the page says about the time: how much is left, that it is late, why it stands still, or when it ended."""
    if case.status not in UNRESOLVED:
        at, done = case.resolved_at or case.closed_at, case.status in (Status.RESOLVED, Status.CLOSED)
        return Clock(case.get_status_display(), at, "green" if done else "gray")
    if case.due_at is None:
        return Clock(_("No due time"), None)
    if case.status not in RUNNING:
        return Clock(_("Paused: %(status)s") % {"status": case.get_status_display()}, case.due_at, "amber")
    if case.is_overdue:
        return Clock(_("Overdue"), case.due_at, "red", 100)
    span = (case.due_at - case.created_at).total_seconds()
    share = (
        min(100, max(0, round((timezone.now() - case.created_at).total_seconds() / span * 100))) if span > 0 else 100
    )
    return Clock(_("Due"), case.due_at, "blue" if share < 50 else "amber" if share < 80 else "red", share)
