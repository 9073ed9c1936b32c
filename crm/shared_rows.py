"""Shares over all kinds of records: what a person gave, what a person got, and the end of those whose time is over."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import reduce

from django.apps import apps
from django.core.cache import cache
from django.db import transaction
from django.db.models import Case, CharField, Exists, F, OuterRef, TextField, Value, When
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone

from crm.access import Action, Root, current_shares, permission_codename, shares_of
from crm.entities import entity_for, registry
from crm.events import announce_many
from crm.pages import is_impossible
from crm.sharing import Grant, end, grants_of, share_expired

BATCH = 1000
EXPIRY_MINUTES = 10
TABLES = (("user", "user"), ("group", "group__team"))


@dataclass(frozen=True)
class SharedRow:
    """One share with the record that it shares."""

    record: object
    entity: type
    grant: Grant

    @property
    def key(self) -> str:
        """The share's name in forms: "customers.customer:12:user-5"."""
        return f"{type(self.record)._meta.label_lower}:{self.record.pk}:{self.grant.key}"

    @property
    def url(self) -> str:
        return self.entity.url("record", self.record)


def given(user, *, before=None, limit: int) -> list[SharedRow]:
    """The current shares that the person gave, of records the person still sees; the newest first."""
    return rows_of(user, lambda kind: {"created_by": user}, before, limit)


def received(user, *, before=None, limit: int) -> list[SharedRow]:
    """The current shares with the person and the person's teams, of records that the roles let the person see."""
    mine = {"user": {"user": user}, "group": {"group__in": user.rights.teams.group_ids}}
    return rows_of(user, lambda kind: mine[kind], before, limit)


def shared_models(user) -> list:
    """The kinds of records that can be shared and that the person may view."""
    return [entity.model for entity in registry.values() if is_shared(entity.model) and user.rights.may(entity.model)]


def is_shared(model) -> bool:
    return isinstance(model.access, Root)


def rows_of(user, condition, before, limit: int) -> list[SharedRow]:
    """One UNION ALL over the share tables for the keys, then one query a table that is on the page."""
    parts = []
    for model in shared_models(user):
        for kind, _related in TABLES:
            rows = shares_of(model, kind).filter(
                current_shares(model, Action.VIEW),
                content_object__in=model.objects.visible_to(user).values("pk"),
                **condition(kind),
            )
            rows = rows.filter(created_at__lt=before) if before else rows
            table = Value(f"{model._meta.label_lower}:{kind}", CharField())
            rows = rows.annotate(table=table).order_by("-created_at", "-pk").values_list("table", "pk", "created_at")
            if not is_impossible(rows):
                parts.append(rows[:limit])
    if not parts:
        return []
    places = reduce(lambda one, other: one.union(other, all=True), parts).order_by("-created_at", "-pk")[:limit]
    return fetched([(table, pk) for table, pk, _at in places])


def fetched(places: list[tuple[str, int]]) -> list[SharedRow]:
    """The rows of share tables, in the given order, with record, person or team, and giver."""
    found = {}
    for table in {table for table, _pk in places}:
        label, _colon, kind = table.partition(":")
        model = apps.get_model(label)
        shares = shares_of(model, kind)
        ids = [pk for one, pk in places if one == table]
        rows = shares.filter(pk__in=ids).annotate(may_change=change_beside(model, kind))
        for row in rows.select_related("content_object", "created_by", dict(TABLES)[kind]):
            target = row.user if kind == "user" else row.group.team
            grant = Grant(target, row.may_change, row.until, row.reason, row.created_by, row.created_at)
            found[table, row.pk] = SharedRow(row.content_object, entity_for(model), grant)
    return [found[place] for place in places if place in found]


def change_beside(model, kind: str) -> Exists:
    """Whether the share to view comes with one to change."""
    change = permission_codename(model, Action.CHANGE)
    same = {"content_object": OuterRef("content_object"), f"{kind}_id": OuterRef(f"{kind}_id")}
    return Exists(shares_of(model, kind).filter(permission__codename=change, **same))


@transaction.atomic
def end_given(keys: list[str], *, actor) -> int:
    """End those of the shares (by SharedRow.key) that the person gave and whose records he sees; gives their number."""
    wanted: dict[tuple[str, str], set[str]] = {}
    for label, number, grant in (key.split(":") for key in keys if key.count(":") == 2):
        wanted.setdefault((label, number), set()).add(grant)
    models = {model._meta.label_lower: model for model in shared_models(actor)}
    ended = 0
    for label, model in models.items():
        numbers = [int(number) for one, number in wanted if one == label and number.isdecimal() and len(number) < 19]
        for record in model.objects.visible_to(actor).filter(pk__in=numbers).select_for_update(of=("self",)):
            names = wanted[label, str(record.pk)]
            mine = [one for one in grants_of(record) if one.given_by == actor and one.key in names]
            ended += sum(end(record, grant, actor=actor) for grant in mine)
    return ended


# -- the end of those whose time is over ------------------------------------------------------------------------------


def expire_now_and_then():
    """A step of the tick. Ended shares count for nothing already (current_shares); this clears them away."""
    seconds = 60 * EXPIRY_MINUTES
    if cache.add(f"shares:expired:{int(timezone.now().timestamp()) // seconds}", True, seconds):
        expire()


def expire() -> int:
    """Remove the shares whose time is over, with one entry each in the timeline; gives their number. Two at once share
    the work."""
    models = [model for model in apps.get_models() if is_shared_root(model)]
    return sum(expire_table(model, kind) for model in models for kind, _related in TABLES)


def is_shared_root(model) -> bool:
    return isinstance(getattr(model, "access", None), Root) and not hasattr(model, "pgh_tracked_model")


def expire_table(model, kind: str) -> int:
    number = 0
    while True:
        ended = expire_batch(model, kind, timezone.now())
        number += ended
        if ended < BATCH:
            return number


@transaction.atomic
def expire_batch(model, kind: str, now: datetime.datetime) -> int:
    """The same for one batch: lock, announce by one INSERT … SELECT, delete with the rights to change beside them."""
    shares, view = shares_of(model, kind), permission_codename(model, Action.VIEW)
    over = shares.filter(until__lte=now, permission__codename=view).order_by("pk")
    ids = list(over.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:BATCH])
    if not ids:
        return 0
    announce_ended(model, kind, ids)
    same = {"content_object": OuterRef("content_object"), f"{kind}_id": OuterRef(f"{kind}_id")}
    beside = Exists(shares.filter(pk__in=ids, **same))
    shares.filter(beside, until__lte=now).delete()
    return len(ids)


def announce_ended(model, kind: str, ids: list[int]):
    """One timeline entry a share, on its record, also where the record lies in the recycle bin."""
    table = getattr(model.access, f"{kind}_shares")
    target = f"{table}__user" if kind == "user" else f"{table}__group__team"
    change = permission_codename(model, Action.CHANGE)
    same = {"content_object": OuterRef("pk"), f"{kind}_id": OuterRef(f"{table}__{kind}_id")}
    has_change = Exists(shares_of(model, kind).filter(permission__codename=change, **same))
    announce_many(
        share_expired,
        model.everything.filter(**{f"{table}__in": ids}),
        actor=None,
        to=JSONObject(kind=Value(target.rpartition("__")[2]), id=F(f"{target}__pk"), name=F(f"{target}__name")),
        level=Case(When(has_change, then=Value("change")), default=Value("view"), output_field=CharField()),
        until=Cast(F(f"{table}__until"), TextField()),
        reason=F(f"{table}__reason"),
        given_by=F(f"{table}__created_by__name"),
    )
