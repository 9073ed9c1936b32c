"""Writes of cases: moves between statuses and back again, taking and handing over, messages."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from crm.events import announce
from crm.models import TimelineEntry
from crm.ownership import note, owners_of
from service import events
from service.models import UNRESOLVED, Case, CaseMessage, Status

MOVED = ("status", "resolution", "resolved_at", "closed_at")
MOMENTS = ("resolved_at", "closed_at")


class CannotUndo(ValidationError):
    """The move is not the last thing that happened to the case."""


def stamp(case: Case, status: Status, now: datetime.datetime):
    """Set the status with its moments on the object: resolving and closing note them, reopening clears them."""
    case.status = status
    if status in UNRESOLVED:
        case.resolved_at = case.closed_at = None
    elif status == Status.RESOLVED:
        case.resolved_at, case.closed_at = now, None
    else:
        case.closed_at = now
        if status == Status.CLOSED and case.resolved_at is None:  # cancelled ones and duplicates were never resolved
            case.resolved_at = now


@transaction.atomic
def change_status(case: Case, status: str, *, actor, resolution: str | None = None) -> TimelineEntry | None:
    """Move the case to the status and say so in its timeline; None when it stands there already.

    resolution: what was done, kept where it is None. The entry's facts hold what undo_status needs.
    """
    status, locked = Status(status), lock(case)
    if locked.status == status:
        return None
    before = moved_values(locked)
    stamp(locked, status, timezone.now())
    if resolution is not None:
        locked.resolution = resolution
    save(locked, case, MOVED, actor)
    return announce_move(locked, before, actor=actor)


def announce_move(case: Case, before: dict, *, actor) -> TimelineEntry:
    """Say that a saved case stands elsewhere than before (moved_values); the facts are what undo_status needs."""
    return announce(
        events.case_moved,
        case,
        actor=actor,
        **{"from": before["status"], "to": case.status},
        before=before,
        version=case.version,
    )


@transaction.atomic
def undo_status(entry: TimelineEntry, *, actor) -> TimelineEntry:
    """Put a case back as it was before the move; CannotUndo when anything came after."""
    case = Case.objects.select_for_update(of=("self",)).filter(pk=entry.subject_id).first()
    if case is None or entry.event != events.case_moved.code or case.version != entry.facts["version"]:
        raise CannotUndo(_("The case was changed after this move, so the move can no longer be undone."))
    before = entry.facts["before"]
    for name in MOVED:
        value = before[name]
        setattr(case, name, parse_datetime(value) if name in MOMENTS and value else value)
    save(case, case, MOVED, actor)
    return announce(events.case_move_undone, case, actor=actor, to=case.status)


def moved_values(case: Case) -> dict:
    """What a move may change, with every microsecond."""
    values = {name: getattr(case, name) for name in MOVED}
    return {
        name: value.isoformat() if isinstance(value, datetime.datetime) else value for name, value in values.items()
    }


@transaction.atomic
def take_case(case: Case, *, actor) -> Case:
    """Make the actor the assignee of a case that has none; a new one is assigned then. ValidationError when somebody
    was faster."""
    locked = lock(case)
    if locked.owner_id == actor.pk:
        return case
    if locked.owner_id:
        raise ValidationError(_("“%(name)s” works on this case already.") % {"name": locked.owner.name})
    hand_over(locked, case, actor, locked.team, actor)
    announce(events.case_taken, locked, actor=actor)
    return case


@transaction.atomic
def assign_case(case: Case, owner, *, actor, team=None, reason: str = "") -> Case:
    """Give the case to a person or, with owner None, back to a queue. team: the queue, the present one unless given.
    The actor may lose sight of it."""
    locked = lock(case)
    hand_over(locked, case, owner, team or locked.team, actor, reason)
    if owner is None:
        announce(events.case_queued, locked, actor=actor, team=locked.team)
    return case


def hand_over(locked, case, owner, team, actor, reason: str = ""):
    before = owners_of(locked)
    locked.team = team
    locked.give_to(owner)
    if owner and locked.status == Status.NEW:
        locked.status = Status.ASSIGNED
    save(locked, case, ("owner", "team", "status"), actor)
    note(locked, before, actor=actor, reason=reason)


@transaction.atomic
def add_message(
    case: Case, *, actor, text: str, direction: str = CaseMessage.Direction.OUT, channel: str = "", at=None
) -> CaseMessage:
    """Write a message into the case. The earliest reply of ours is its first response. Nothing is sent."""
    message = CaseMessage(case=case, text=text, direction=direction, channel=channel, at=at or timezone.now())
    message.created_by = message.modified_by = actor
    message.clean()
    message.save()
    case.first_response_at = note_response(case.pk)
    announce(events.message_added, message, actor=actor)
    return message


def note_response(case_id: int) -> datetime.datetime | None:
    """Keep the moment of the earliest reply of ours on the case, and give it."""
    case = Case.everything.select_for_update(of=("self",)).get(pk=case_id)
    replies = CaseMessage.objects.filter(case=case, direction=CaseMessage.Direction.OUT)
    first = replies.aggregate(first=Min("at"))["first"]
    if first != case.first_response_at:
        Case.everything.filter(pk=case_id).update(first_response_at=first)
    return first


# -- pieces -----------------------------------------------------------------------------------------------------------
def lock(case: Case) -> Case:
    return Case.objects.select_for_update(of=("self",)).select_related("owner", "team").get(pk=case.pk)


def save(locked: Case, case: Case, names, actor):
    """Save these fields, and bring the caller's object up to date."""
    locked.modified_by = actor
    locked.save(update_fields=[*names, "modified_by", "modified_at"])
    locked.refresh_from_db(fields=["version"])
    for name in (*names, "modified_by", "modified_at", "version"):
        setattr(case, name, getattr(locked, name))
