"""Shares as people see them: who has a record, giving, changing and ending, each with an entry in its timeline."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import Action, current_shares, share, shares_of, unshare
from crm.events import Event, announce
from crm.figures import datetime_text
from crm.models import Team, User

LONGEST_YEARS = 10


def worded(facts: dict) -> dict:
    """The parts of a sentence about a share: what it permits, until when, and the reason behind a colon."""
    until = parse_datetime(facts.get("until") or "")
    reason = facts.get("reason") or ""
    return {
        "level": level_text(facts.get("level") == Action.CHANGE),
        "until": _("until %(moment)s") % {"moment": datetime_text(until, form="short")} if until else _("without end"),
        "reason": _(", reason: %(reason)s") % {"reason": reason} if reason else "",
    }


def level_text(change: bool) -> str:
    return _("view and change") if change else _("view")


record_shared = Event(
    "record_shared",
    gettext_lazy("%(actor)s shared %(record)s with %(to)s (%(level)s, %(until)s)%(reason)s"),
    parts=worded,
    icon="share",
    colour="blue",
)
share_changed = Event(
    "share_changed",
    gettext_lazy("%(actor)s changed the share of %(record)s with %(to)s (%(level)s, %(until)s)%(reason)s"),
    parts=worded,
    icon="share",
)
share_ended = Event(
    "share_ended",
    gettext_lazy("%(actor)s ended the share of %(record)s with %(to)s (%(level)s)"),
    parts=worded,
    icon="ban",
)
share_expired = Event(
    "share_expired",
    gettext_lazy("The share of %(record)s with %(to)s ended as agreed (%(level)s, %(until)s)"),
    parts=worded,
    icon="clock",
)


@dataclass(frozen=True)
class Grant:
    """One share of one record: with a person or a team, to view or to change too, until when, why and by whom."""

    target: User | Team
    change: bool
    until: datetime.datetime | None
    reason: str
    given_by: User | None
    given_at: datetime.datetime

    @property
    def key(self) -> str:
        return key_of(self.target)

    @property
    def is_team(self) -> bool:
        return isinstance(self.target, Team)

    @property
    def level(self) -> str:
        return level_text(self.change)

    @property
    def facts(self) -> dict:
        return facts_of(self.target, self.change, self.until, self.reason)


def key_of(target) -> str:
    """The name of a person or team in forms: "user-12", "team-3"."""
    return f"{'team' if isinstance(target, Team) else 'user'}-{target.pk}"


def facts_of(target, change: bool, until, reason: str) -> dict:
    to = {"kind": "team" if isinstance(target, Team) else "user", "id": target.pk, "name": str(target)}
    return {"to": to, "level": Action.CHANGE if change else Action.VIEW, "until": until, "reason": reason}


def grants_of(record) -> list[Grant]:
    """The shares of a record that have not ended, the newest first. Two queries."""
    found = []
    for kind, related in (("user", "user__team"), ("group", "group__team")):
        rows = shares_of(type(record), kind).filter(
            current_shares(type(record), Action.VIEW) | current_shares(type(record), Action.CHANGE),
            content_object=record,
        )
        folded: dict[int, list] = {}
        for row in rows.select_related(related, "created_by", "permission").order_by("pk"):
            folded.setdefault(getattr(row, f"{kind}_id"), []).append(row)
        found += [grant_of(rows, kind) for rows in folded.values()]
    return sorted(found, key=lambda grant: grant.given_at, reverse=True)


def grant_of(rows: list, kind: str) -> Grant:
    """The rows of one person or team (one a permission) as one grant."""
    row = rows[0]
    target = row.user if kind == "user" else row.group.team
    change = any(one.permission.codename.startswith(f"{Action.CHANGE}_") for one in rows)
    return Grant(target, change, row.until, row.reason, row.created_by, row.created_at)


def end_of(day: datetime.date, zone) -> datetime.datetime:
    """The last second of a day in a time zone: a share "until Friday" holds on Friday."""
    return datetime.datetime.combine(day, datetime.time(23, 59, 59), tzinfo=zone)


def own_end(record, user) -> datetime.datetime | None:
    """When the person's own right to change the record ends by itself; None when it does not. Who has a record through
    a share only cannot pass it on for longer."""
    model = type(record)
    ways = user.rights.ways(model, Action.CHANGE)
    if ways.everything or record.owner_id == user.pk or record.team_id in ways.team_ids:
        return None
    current = current_shares(model, Action.CHANGE)
    mine = shares_of(model, "user").filter(current, content_object=record, user=user)
    ours = shares_of(model, "group").filter(current, content_object=record, group__in=user.rights.teams.group_ids)
    ends = [*mine.values_list("until", flat=True), *ours.values_list("until", flat=True)]
    return None if not ends or None in ends else max(ends)


@transaction.atomic
def give(record, targets, *, actor, change: bool, until=None, reason: str = ""):
    """Share the record with people and teams; an earlier share of the same is replaced. Announces each."""
    there = {grant.key for grant in grants_of(record)}
    for target in targets:
        share(record, target, actor=actor, change=change, until=until, reason=reason)
        event = share_changed if key_of(target) in there else record_shared
        announce(event, record, actor=actor, **facts_of(target, change, until, reason))


@transaction.atomic
def end(record, grant: Grant, *, actor) -> bool:
    """End one share of the record and say so in its timeline; False when it was gone already."""
    if not unshare(record, grant.target):
        return False
    announce(share_ended, record, actor=actor, **grant.facts)
    return True


def people_of(team: Team) -> int:
    """The number of people whom a share with the team reaches: home team and manager."""
    return User.objects.active().filter(team=team).union(User.objects.active().filter(pk=team.manager_id)).count()


def last_day(today: datetime.date) -> datetime.date:
    """The furthest day a share may run to."""
    return today + datetime.timedelta(days=365 * LONGEST_YEARS)
