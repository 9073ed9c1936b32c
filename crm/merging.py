"""Merging two records of a kind and taking a merge apart: fields, everything that points to them, and the ledger.

What points to a record is found from the models' own foreign keys, so that floors above need to register nothing;
columns that hold keys without being foreign keys are named by `add_array`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import BooleanField, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import ownership
from crm.access import Action, Root
from crm.events import Event, announce
from crm.models import RecordMark, RecordMerge, TimelineEntry
from crm.models.record import Stamped
from crm.protection import Damaged, ProtectedField, sealed_part

DAYS = 30  # how long a merge can be taken apart
SCOPE = RecordMerge._meta.get_field("fields").scope
ABOUT = (TimelineEntry, RecordMark)  # rows about a record by kind and key; logs that only grow stay as they are
ARRAYS: dict[type, list[tuple[type, str]]] = {}
ADJUSTMENTS: dict[type, Callable] = {}

records_merged = Event(
    "records_merged", gettext_lazy("%(actor)s merged %(loser)s into %(record)s"), icon="git-merge", colour="violet"
)
records_unmerged = Event(
    "records_unmerged", gettext_lazy("%(actor)s took %(loser)s out of %(record)s again"), icon="arrow-back-up"
)


class Refused(ValidationError):
    """A merge that cannot be done or taken apart now, with what to do about it."""


def add_array(model, holder, name: str):
    """Let keys of the model in an array column of another one follow a merge; called at start only."""
    ARRAYS.setdefault(model, []).append((holder, name))


def add_adjustment(model, function: Callable):
    """function(survivor, loser) -> {column: value} that the survivor must have besides; called at start only."""
    ADJUSTMENTS[model] = function


@dataclass
class Ledger:
    """What a merge does, as it will be written down."""

    moved: dict = field(default_factory=dict)
    stayed: dict = field(default_factory=dict)
    cleared: dict = field(default_factory=dict)
    arrays: dict = field(default_factory=dict)
    fields: dict = field(default_factory=dict)

    def note(self, what: dict, label: str, keys):
        if keys:
            what[label] = sorted({*what.get(label, ()), *keys})


# -- merging ----------------------------------------------------------------------------------------------------------
def may_merge(model, user) -> bool:
    """Whether the person may merge some records of the kind: change the one and delete the other."""
    return user.rights.may(model, Action.CHANGE) and user.rights.may(model, Action.DELETE)


@transaction.atomic
def merge(survivor, loser, *, versions: dict, take=(), take_custom=(), join_tags=True, keep_shares=False, actor):
    """Merge the loser into the survivor; gives the row of the ledger.

    versions: {key: version} as the person saw them. take: names of columns, take_custom: codes of custom fields whose
    value the survivor gets from the loser. Raises Refused when one of them was changed, merged or deleted meanwhile, or
    when the actor's rights do not reach.
    """
    model = type(survivor)
    survivor, loser = locked(model, survivor.pk, loser.pk, versions, actor)
    ledger = Ledger()
    values = {name: getattr(loser, name) for name in take} | ADJUSTMENTS.get(model, lambda *both: {})(survivor, loser)
    if take_custom:
        values["custom"] = survivor.custom | {code: loser.custom[code] for code in take_custom if code in loser.custom}
        values["custom"] = {
            code: value for code, value in values["custom"].items() if code in loser.custom or code not in take_custom
        }
    if join_tags and hasattr(survivor, "tags"):
        values["tags"] = sorted({*survivor.tags, *loser.tags})
    if "owner" in values:
        values["team"] = loser.team
    change(survivor, values, ledger, actor)
    move_all(survivor, loser, ledger, keep_shares)
    model.everything.filter(pk=loser.pk).update(
        merged_into=survivor, deleted_at=timezone.now(), modified_by=actor, modified_at=timezone.now()
    )
    announce(records_merged, survivor, actor=actor, loser=str(loser), loser_id=loser.pk)
    return RecordMerge.objects.create(
        subject_type=ContentType.objects.get_for_model(model),
        subject_id=survivor.pk,
        loser=loser.pk,
        loser_name=str(loser)[:300],
        actor=actor,
        **vars(ledger),
    )


def locked(model, survivor: int, loser: int, versions: dict, actor) -> tuple:
    """Both rows, locked in the order of their keys, so that crossing merges wait for each other and end clean."""
    if survivor == loser:
        raise Refused(_("A record cannot be merged with itself. Choose another one."))
    rows = model.objects.filter(pk__in=(survivor, loser)).order_by("pk").select_for_update(of=("self",))
    found = {row.pk: row for row in rows}
    seen = set(model.objects.visible_to(actor, Action.CHANGE).filter(pk__in=found).values_list("pk", flat=True))
    if seen != {survivor, loser}:
        raise Refused(_("One of the two was merged or deleted in the meantime, or you may not change it."))
    if not model.objects.visible_to(actor, Action.DELETE).filter(pk=loser).exists():
        raise Refused(_("The record that goes needs your right to delete it. Ask somebody who has it."))
    if any(found[key].version != version for key, version in versions.items() if key in found):
        raise Refused(_("Somebody changed one of the two in the meantime. Look at the values again, then merge."))
    return found[survivor], found[loser]


def change(survivor, values: dict, ledger: Ledger, actor):
    """Give the survivor the values and note what it had; an owner changes through its own ledger."""
    before = ownership.owners_of(survivor) if isinstance(type(survivor).access, Root) else None
    for name, value in values.items():
        column = survivor._meta.get_field(name)
        old = getattr(survivor, name)
        if old != value and not isinstance(value, Damaged):
            setattr(survivor, name, value)
            ledger.fields[name] = {"before": plain(column, old), "after": plain(column, value)}
    if ledger.fields:
        survivor.modified_by = actor
        survivor.save(update_fields={*ledger.fields, "modified_by", "modified_at"})
        if before is not None and "owner" in ledger.fields:
            ownership.note(survivor, before, actor=actor)


def plain(column, value):
    """A value of a column as JSON; protected ones sealed."""
    value = value.pk if isinstance(value, models.Model) else value
    if isinstance(column, ProtectedField):
        return sealed_part(value, SCOPE)
    return (
        value
        if value is None or isinstance(value, (str, int, bool, list, dict))
        else DjangoJSONEncoder().default(value)
    )


def move_all(survivor, loser, ledger: Ledger, keep_shares: bool):
    for model, name in pointers(type(survivor)):
        if keep_shares or name != "content_object":
            move(model, name, survivor, loser, ledger)
    kind = ContentType.objects.get_for_model(type(survivor))
    for model in ABOUT:
        rows = model._base_manager.filter(subject_type=kind)
        mine = rows.filter(subject_id=loser.pk)
        if model is RecordMark:
            there = rows.filter(subject_id=survivor.pk, user=OuterRef("user"), kind=OuterRef("kind"))
            mine = mine.exclude(Exists(there))
        keys = list(mine.values_list("pk", flat=True))
        model._base_manager.filter(pk__in=keys).update(subject_id=survivor.pk)
        ledger.note(ledger.moved, f"{model._meta.label_lower}.subject_id", keys)
    for model, name in ARRAYS.get(type(survivor), ()):
        for row in model._base_manager.filter(**{f"{name}__contains": [loser.pk]}):
            before = getattr(row, name)
            after = list(dict.fromkeys(survivor.pk if key == loser.pk else key for key in before))
            model._base_manager.filter(pk=row.pk).update(**{name: after})
            ledger.arrays.setdefault(f"{model._meta.label_lower}.{name}", {})[str(row.pk)] = [before, after]


def pointers(model) -> list[tuple[type, str]]:
    """(model, foreign key) of everything that points to records of the model, on whatever floor; no change log."""
    return [
        (relation.related_model, relation.field.name)
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created
        and not relation.concrete
        and (relation.one_to_many or relation.one_to_one)
        and not hasattr(relation.related_model, "pgh_tracked_model")
    ]


def move(model, name: str, survivor, loser, ledger: Ledger):
    """Point the rows of one foreign key to the survivor. Rows that would stand there twice stay with the loser, hidden;
    of two marks of which there may be one the survivor's wins."""
    rows, label = model._base_manager, model._meta.label_lower
    stay = set(rows.filter(**{name: loser}).filter(to_itself(model, name, survivor)).values_list("pk", flat=True))
    clashes = [clashing(model, name, one, survivor, loser) for one in uniques(model, name)]
    for flags, keys in clashes:
        if not flags:
            stay |= keys
    for flags, keys in clashes:
        for flag in flags:
            keys -= stay
            rows.filter(pk__in=keys).update(**{flag: False})
            ledger.note(ledger.cleared, f"{label}.{flag}", keys)
    keys = list(rows.filter(**{name: loser}).exclude(pk__in=stay).values_list("pk", flat=True))
    rows.filter(pk__in=keys).update(**{name: survivor})
    ledger.note(ledger.moved, f"{label}.{name}", keys)
    if issubclass(model, Stamped) and model is not type(survivor):
        stay = set(rows.filter(pk__in=stay, deleted_at=None).values_list("pk", flat=True))
        rows.filter(pk__in=stay).update(deleted_at=timezone.now())
        ledger.note(ledger.stayed, label, stay)


def to_itself(model, name: str, survivor) -> Q:
    """Rows that would link the survivor with itself: by another foreign key, or as its own parent."""
    found = Q(pk=survivor.pk) if model is type(survivor) else Q(pk__in=[])
    for one in model._meta.concrete_fields:
        if one.name != name and one.is_relation and one.related_model is type(survivor) and model is not type(survivor):
            found |= Q(**{one.name: survivor})
    return found


def uniques(model, name: str) -> list[tuple[tuple, Q]]:
    """(columns, condition) of the unique constraints in which the foreign key stands."""
    found = [
        (tuple(one.fields), one.condition or Q())
        for one in model._meta.constraints
        if isinstance(one, models.UniqueConstraint) and name in one.fields
    ]
    return [*found, *((tuple(one), Q()) for one in model._meta.unique_together if name in one)]


def clashing(model, name: str, unique, survivor, loser) -> tuple[list[str], set[int]]:
    """(marks that the constraint is about, keys of the loser's rows for which the survivor has one already)."""
    columns, condition = unique
    same = {column: OuterRef(column) for column in columns if column != name}
    there = model._base_manager.filter(condition, **{name: survivor}, **same)
    mine = model._base_manager.filter(condition, **{name: loser}).filter(Exists(there))
    flags = [path for path, value in conditions(condition) if value is True and is_flag(model, path)]
    return flags, set(mine.values_list("pk", flat=True))


def conditions(condition: Q):
    """(path, value) of all parts of a condition."""
    for child in condition.children:
        yield from conditions(child) if isinstance(child, Q) else [child]


def is_flag(model, path: str) -> bool:
    return "__" not in path and isinstance(model._meta.get_field(path), BooleanField)


# -- taking apart -----------------------------------------------------------------------------------------------------
def open_merges(record):
    """The merges into a record that can still be taken apart, the newest first."""
    undone = RecordMerge.objects.filter(undoes=OuterRef("act"))
    rows = RecordMerge.objects.about(record).filter(undoes=None, at__gt=timezone.now() - timedelta(days=DAYS))
    return rows.exclude(Exists(undone)).order_by("-pk")


def changed_since(row: RecordMerge, survivor) -> list[str]:
    """Names of the columns that somebody changed after the merge; they stay as they are now."""
    return [name for name, values in row.fields.items() if held(survivor, name) != values["after"]]


def held(record, name: str):
    """What a column holds, as the ledger writes it (protected values opened)."""
    value = getattr(record, name)
    value = value.pk if isinstance(value, models.Model) else value
    column = record._meta.get_field(name)
    if not isinstance(column, ProtectedField):
        return plain(column, value)
    return value.isoformat() if isinstance(value, datetime.date) else value


@transaction.atomic
def unmerge(row: RecordMerge, *, actor) -> tuple[object, list[str]]:
    """Take a merge apart; gives (the record that is back, names of columns that were left as they are now).

    Rows that point elsewhere since are left as well. Raises Refused when it was done, or is too long ago.
    """
    row.refresh_from_db()  # opens what is sealed
    model = row.subject_type.model_class()
    pair = {
        one.pk: one
        for one in model.everything.filter(pk__in=(row.subject_id, row.loser))
        .order_by("pk")
        .select_for_update(of=("self",))
    }
    survivor, loser = pair.get(row.subject_id), pair.get(row.loser)
    if survivor is None or loser is None or not open_merges(survivor).filter(pk=row.pk).exists():
        raise Refused(_("This merge was taken apart already, or it is more than 30 days old."))
    if survivor.deleted_at is not None or loser.merged_into_id != survivor.pk:
        raise Refused(_("“%(name)s” was merged further or deleted. Take that back first.") % {"name": survivor})
    if not model.objects.visible_to(actor, Action.CHANGE).filter(pk=survivor.pk).exists():
        raise Refused(_("You may not change this record."))
    model.everything.filter(pk=loser.pk).update(
        merged_into=None, deleted_at=None, modified_by=actor, modified_at=timezone.now()
    )
    left = put_fields_back(row, survivor, actor)
    put_rows_back(row, survivor, loser)
    RecordMerge.objects.create(
        subject_type=row.subject_type,
        subject_id=survivor.pk,
        loser=loser.pk,
        loser_name=row.loser_name,
        actor=actor,
        undoes=row.act,
    )
    announce(records_unmerged, survivor, actor=actor, loser=str(loser), loser_id=loser.pk)
    loser.refresh_from_db()
    return loser, left


def put_fields_back(row: RecordMerge, survivor, actor) -> list[str]:
    left, names = changed_since(row, survivor), set()
    owners = ownership.owners_of(survivor) if isinstance(type(survivor).access, Root) else None
    for name, values in row.fields.items():
        column, before = survivor._meta.get_field(name), values["before"]
        if name not in left:
            setattr(survivor, column.attname, column.to_python(before) if not column.is_relation else before)
            names.add(name)
    if names:
        survivor.modified_by = actor
        survivor.save(update_fields={*names, "modified_by", "modified_at"})
        if owners is not None and "owner" in names:
            ownership.note(survivor, owners, actor=actor)
    return left


def put_rows_back(row: RecordMerge, survivor, loser):
    """Rows that still stand where the merge put them: pointers, marks, arrays, and what was hidden with the loser."""
    from django.apps import apps

    for path, keys in row.moved.items():
        label, _dot, name = path.rpartition(".")
        rows = apps.get_model(label)._base_manager.filter(pk__in=keys, **{name: survivor.pk})
        rows.update(**{name: loser.pk})
    for path, keys in row.cleared.items():
        label, _dot, name = path.rpartition(".")
        apps.get_model(label)._base_manager.filter(pk__in=keys).update(**{name: True})
    for label, keys in row.stayed.items():
        apps.get_model(label)._base_manager.filter(pk__in=keys, deletion=None).update(deleted_at=None)
    for path, changes in row.arrays.items():
        label, _dot, name = path.rpartition(".")
        for key, (before, after) in changes.items():
            apps.get_model(label)._base_manager.filter(pk=key, **{name: after}).update(**{name: before})


# -- addresses of merged records ---------------------------------------------------------------------------------------
def survivor_of(model, key: int, user):
    """The visible record into which the one with this key was merged, over several merges; None when there is none."""
    for _step in range(20):
        if not any(one.name == "merged_into" for one in model._meta.concrete_fields):
            return None
        key = model.everything.filter(pk=key).values_list("merged_into", flat=True).first()
        if key is None:
            return None
        found = model.objects.visible_to(user).filter(pk=key).first()
        if found is not None:
            return found
    return None
