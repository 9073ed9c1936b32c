"""The timeline of a record: arms that each floor registers, each limited by itself and each passed through
visible_to."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.db.models import BigIntegerField, Value

from crm.models import TimelineEntry
from crm.pages import is_impossible

PAGE = 30


@dataclass(frozen=True)
class Item:
    """One line of a timeline. sentence: safe HTML of one sentence; body: plain text below it, or empty."""

    at: datetime.datetime
    icon: str
    colour: str
    sentence: str
    body: str = ""
    url: str = ""


@dataclass(frozen=True)
class Arm:
    """Rows of one kind in the timelines of one model.

    of: model of the record whose page it is; model: model of the rows; rows: (record, user) -> queryset already
    passed through visible_to;
    item: (row) -> Item, asks nothing of the database; at: field of the moment; related: names for
    select_related; annotations: more values of the row, as parts of the query that reads it.
    """

    name: str
    of: type[models.Model]
    model: type[models.Model]
    rows: Callable
    item: Callable
    at: str = "at"
    related: tuple[str, ...] = ()
    annotations: dict = field(default_factory=dict, hash=False)


_arms: dict[str, Arm] = {}


def add_arm(arm: Arm):
    """Register an arm; said while the apps start (entities.py, reactions.py), never during a request."""
    _arms[arm.name] = arm


def entries_about(model, visible: Callable) -> Callable:
    """The `rows` of an arm over timeline entries whose subjects are rows of `model`: visible(record, user) ->
    queryset."""

    def rows(record, user):
        kind = ContentType.objects.get_for_model(model)
        return TimelineEntry.objects.filter(subject_type=kind, subject_id__in=visible(record, user).values("pk"))

    return rows


def entry_item(entry: TimelineEntry) -> Item:
    """A timeline entry as one line."""
    from crm.events import registry

    event = registry.get(entry.event)
    return Item(entry.at, event.icon if event else "point", event.colour if event else "gray", entry.sentence)


def arms_of(record) -> list[Arm]:
    own = Arm(
        "own",
        type(record),
        TimelineEntry,
        lambda subject, user: TimelineEntry.objects.about(subject),
        entry_item,
        related=("actor",),
    )
    return [own, *(arm for arm in _arms.values() if arm.of is type(record))]


def timeline(
    record, user, *, before: datetime.datetime | None = None, limit: int = PAGE
) -> tuple[list[Item], datetime.datetime | None]:
    """The newest items of a visible record, newest first, and the moment to go on from (None at the end).

    One UNION ALL in which each arm gives its own newest rows by its own index, then one query a kind of row on the
    page.
    """
    arms = arms_of(record)
    places = first_places(arms, record, user, before, limit + 1)
    shown, more = places[:limit], len(places) > limit
    found = {}
    for model in {arm.model for arm in arms}:
        ids = [pk for index, pk, _ in shown if arms[index].model is model]
        if ids:
            related = {name for arm in arms if arm.model is model for name in arm.related}
            more_values = {name: value for arm in arms if arm.model is model for name, value in arm.annotations.items()}
            found |= {
                (model, pk): row
                for pk, row in model._base_manager.select_related(*sorted(related))
                .annotate(**more_values)
                .in_bulk(ids)
                .items()
            }
    items = [arms[index].item(found[arms[index].model, pk]) for index, pk, _ in shown]
    return items, shown[-1][2] if more else None


def first_places(arms, record, user, before, limit: int) -> list[tuple[int, int, datetime.datetime]]:
    """(number of the arm, key, moment) of the newest rows of all arms together."""
    parts, params = [], []
    for index, arm in enumerate(arms):
        rows = arm.rows(record, user).order_by(f"-{arm.at}", "-pk")
        rows = rows.filter(**{f"{arm.at}__lt": before}) if before else rows
        rows = rows.annotate(arm_number=Value(index, BigIntegerField())).values_list("arm_number", "pk", arm.at)[:limit]
        if not is_impossible(rows):
            sql, values = rows.query.sql_with_params()
            parts.append(f"({sql})")
            params += values
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS all_arms(arm, key, at) "
            f"ORDER BY at DESC, key DESC LIMIT {int(limit)}",
            params,
        )
        return cursor.fetchall()
