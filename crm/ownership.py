"""Who owns a record: every change of owner or team goes through here, one or fifty thousand, and into the ledger.

The ledger (OwnershipChange) has one row for each change. A record that is added with an owner, by form or import, has
none: its first row says from whom it went, and it was that person's since it was added.
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.access import Action
from crm.models import OwnershipChange, User
from crm.timeline import Item

MOST_PERIODS = 50
PEOPLE = ("actor", "from_owner", "to_owner", "from_team", "to_team")


@transaction.atomic
def assign(record, owner, *, actor, reason: str = "", act: uuid.UUID | None = None):
    """Give a root record to a person (or to nobody); its team becomes the person's. The actor may lose sight of it."""
    before = owners_of(record)
    record.give_to(owner)
    record.modified_by = actor
    record.save(update_fields=["owner", "team", "modified_by", "modified_at"])
    note(record, before, actor=actor, reason=reason, act=act)
    type(record).settle_assigned(type(record).objects.filter(pk=record.pk))
    return record


def owners_of(record) -> tuple[int | None, int | None]:
    """(owner, team) of a record as the database has them now."""
    return type(record).everything.values_list("owner_id", "team_id").get(pk=record.pk)


def note(record, before: tuple, *, actor, reason: str = "", act: uuid.UUID | None = None) -> OwnershipChange | None:
    """Write into the ledger that a saved record has another owner or team than before (owners_of); None when not."""
    if before == (record.owner_id, record.team_id):
        return None
    return OwnershipChange.objects.create(
        subject_type=ContentType.objects.get_for_model(record),
        subject_id=record.pk,
        from_owner_id=before[0],
        from_team_id=before[1],
        to_owner_id=record.owner_id,
        to_team_id=record.team_id,
        reason=reason[:200],
        actor=actor,
        act=act or uuid.uuid4(),
    )


# -- many, set-based -------------------------------------------------------------------------------------------------
GIVE = """
WITH locked(id, owner_id, team_id) AS ({locked}),
numbered AS (SELECT *, 1 + (row_number() OVER (ORDER BY id) - 1) %% %s AS n FROM locked),
given AS (
  SELECT l.id, l.owner_id AS from_owner, l.team_id AS from_team, r.owner_id AS to_owner, {team} AS to_team
  FROM numbered l JOIN unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS r(owner_id, team_id, n) USING (n)
), """
TAKE_BACK = """
WITH given AS (
  SELECT m.id, m.owner_id AS from_owner, m.team_id AS from_team, l.from_owner_id AS to_owner, l.from_team_id AS to_team
  FROM {ledger} l JOIN {table} m ON m.id = l.subject_id
  WHERE l.act = %s AND l.subject_type_id = %s AND m.deleted_at IS NULL AND (%s::bigint[] IS NULL OR m.id = ANY(%s))
    AND (m.owner_id, m.team_id) IS NOT DISTINCT FROM (l.to_owner_id, l.to_team_id)
    AND NOT EXISTS (
      SELECT FROM {ledger} n WHERE n.subject_type_id = l.subject_type_id AND n.subject_id = l.subject_id
        AND (n.at, n.id) > (l.at, l.id))
  FOR UPDATE OF m
), """
WRITE = """
noted AS (
  INSERT INTO {ledger} (subject_type_id, subject_id, from_owner_id, from_team_id, to_owner_id, to_team_id, reason,
                        actor_id, at, act, undoes)
  SELECT %s, id, from_owner, from_team, to_owner, to_team, %s, %s, %s, %s, %s FROM given
  WHERE (from_owner, from_team) IS DISTINCT FROM (to_owner, to_team)
  RETURNING subject_id, to_owner_id, to_team_id
)
UPDATE {table} SET owner_id = noted.to_owner_id, team_id = noted.to_team_id, modified_by_id = %s, modified_at = %s
FROM noted WHERE {table}.id = noted.subject_id"""


@transaction.atomic
def assign_many(rows, receivers: list[User], *, actor, reason: str = "", act: uuid.UUID) -> int:
    """Give the rows of a queryset to one receiver, or in turn to several; gives how many changed hands.

    One statement, whatever the number: it locks the rows, writes the ledger and changes them.
    """
    model = rows.model
    locked = rows.order_by().select_for_update(of=("self",)).values_list("pk", "owner_id", "team_id")
    try:
        sql, values = locked.query.sql_with_params()
    except EmptyResultSet:
        return 0
    team = "r.team_id" if model.team_follows_owner else "coalesce(l.team_id, r.team_id)"
    people = [len(receivers), [one.pk for one in receivers], [one.team_id for one in receivers]]
    number = write(model, GIVE.format(locked=sql, team=team), [*values, *people], actor, reason, act, None)
    model.settle_assigned(model.objects.filter(pk__in=rows_of_act(act, model)))
    return number


@transaction.atomic
def take_back(model, act: uuid.UUID, *, actor, reason: str, undo: uuid.UUID, keys: list[int] | None = None) -> int:
    """Give the rows of one model that changed hands in an act back to whom they were; gives how many.

    keys: of the rows, when not all of the act are meant.

    Rows that were given on since, or deleted, stay as they are (see left_of).
    """
    names = {"table": table_of(model), "ledger": table_of(OwnershipChange)}
    return write(model, TAKE_BACK.format(**names), [act, kind_of(model), keys, keys], actor, reason, undo, act)


class OutOfReach(Exception):
    """After taking back, the person would not reach the rows: his rights have changed since."""


def take_back_all(act: uuid.UUID, kinds, user, *, reason: str, undo: uuid.UUID | None = None) -> int:
    """Give all rows of an act back, all kinds of records or none; gives how many.

    The person must reach the rows for assigning once they are back: today's rights are asked. Raises OutOfReach.
    undo: joins the changes with others of the same undoing.
    """
    undo, number = undo or uuid.uuid4(), 0
    with transaction.atomic():
        for model in kinds:
            if not user.rights.may(model, Action.ASSIGN):
                raise OutOfReach
            number += take_back(model, act, actor=user, reason=reason, undo=undo)
            reached = model.objects.visible_to(user, Action.ASSIGN)
            if model.objects.filter(pk__in=rows_of_act(undo, model)).exclude(pk__in=reached.values("pk")).exists():
                raise OutOfReach
    return number


def back_text(number: int) -> str:
    return ngettext("%(n)d assignment taken back", "%(n)d assignments taken back", number) % {"n": number}


def left_text(number: int) -> str:
    return ngettext(
        "%(n)d record was left as it is: it was given on or deleted since.",
        "%(n)d records were left as they are: they were given on or deleted since.",
        number,
    ) % {"n": number}


@transaction.atomic
def give_each(model, receivers: dict[int, int], *, actor, reason: str, act: uuid.UUID, undoes=None) -> int:
    """Give rows that have an owner and no team (plans) to people: {key of the row: key of the person}; how many."""
    now, by_person = timezone.now(), {}
    rows = model.objects.filter(pk__in=receivers).order_by("pk").select_for_update(of=("self",))
    before = dict(rows.values_list("pk", "owner"))
    for key in before:
        by_person.setdefault(receivers[key], []).append(key)
    OwnershipChange.objects.bulk_create(
        OwnershipChange(
            subject_type_id=kind_of(model),
            subject_id=key,
            from_owner_id=former,
            to_owner_id=receivers[key],
            reason=reason[:200],
            actor=actor,
            at=now,
            act=act,
            undoes=undoes,
        )
        for key, former in before.items()
    )
    for person, keys in by_person.items():
        model.objects.filter(pk__in=keys).update(owner=person, modified_by=actor, modified_at=now)
    return len(before)


def write(model, head: str, values: list, actor, reason: str, act, undoes) -> int:
    now, actor_id = timezone.now(), actor.pk if actor else None
    sql = head + WRITE.format(table=table_of(model), ledger=table_of(OwnershipChange))
    row = [kind_of(model), reason[:200], actor_id, now, act, undoes]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *row, actor_id, now])
        return cursor.rowcount


def table_of(model) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def kind_of(model) -> int:
    return ContentType.objects.get_for_model(model).pk


def rows_of_act(act: uuid.UUID, model):
    """The keys of the rows of one model that changed hands in an act, as a subquery."""
    return OwnershipChange.objects.filter(act=act, subject_type=kind_of(model)).values("subject_id")


def left_of(model, act: uuid.UUID):
    """The rows of an act that taking it back left as they were: given on since, or deleted."""
    of_kind = OwnershipChange.objects.filter(subject_type=kind_of(model))
    back = of_kind.filter(undoes=act).values("subject_id")
    return of_kind.filter(act=act).exclude(subject_id__in=back)


# -- what people read ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Period:
    """Whose a record was from when to when. until: None for today's owner; by, reason: of the change that began it."""

    owner: User | None
    team: object
    since: datetime.datetime
    until: datetime.datetime | None
    by: User | None = None
    reason: str = ""

    @property
    def days(self) -> int:
        return ((self.until or timezone.now()) - self.since).days


def history_of(record) -> list[Period]:
    """The owners of a record, the present one first; one query. Record must be one that the reader sees."""
    changes = OwnershipChange.objects.about(record).select_related(*PEOPLE).order_by("-at", "-pk")
    found, until = [], None
    rows = list(changes[:MOST_PERIODS])
    for row in rows:
        found.append(Period(row.to_owner, row.to_team, row.at, until, row.actor, row.reason))
        until = row.at
    if not rows:
        return [Period(record.owner, record.team, record.created_at, None)]
    if len(rows) < MOST_PERIODS:
        found.append(Period(rows[-1].from_owner, rows[-1].from_team, min(record.created_at, until), until))
    return found


def item_of(row: OwnershipChange) -> Item:
    """A change of owner as a line of the timeline."""
    if row.undoes:
        pattern = _("%(actor)s took an assignment back: %(owner)s owns it again")
    elif row.from_owner_id == row.to_owner_id:
        pattern = _("%(actor)s moved it to the team %(team)s")
    elif row.to_owner_id is None:
        pattern = _("%(actor)s took it from %(before)s; it has no owner")
    elif row.from_owner_id:
        pattern = _("%(actor)s assigned it to %(owner)s; before, it was %(before)s’s")
    else:
        pattern = _("%(actor)s assigned it to %(owner)s")
    parts = {
        "actor": format_html('<b class="b">{}</b>', row.actor or _("Banyan")),
        "owner": format_html("{}", row.to_owner or "—"),
        "before": format_html("{}", row.from_owner or "—"),
        "team": format_html("{}", row.to_team or "—"),
    }
    # The pattern is ours and all parts are escaped above.
    return Item(row.at, "user-share", "blue", SafeString(pattern % parts), body=row.reason)
