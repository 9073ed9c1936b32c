"""Merging two records of a kind: fields, everything that points to them, and the ledger (crm.unmerging reads it).

What points to a record is found from the models' own foreign keys, so that floors above need to register nothing;
columns that hold keys without being foreign keys are named by `add_array`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError, models, transaction
from django.db.models import BooleanField, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.errors import DeadlockDetected

from crm import ownership
from crm.access import Action, Root
from crm.events import Event, announce
from crm.models import AccessRequest, FieldDefinition, RecordMark, RecordMerge, TimelineEntry
from crm.models.custom import CustomValues
from crm.models.record import Stamped
from crm.protection import Damaged, ProtectedField, sealed_part

DAYS = 30  # how long a merge can be taken apart
SCOPE = RecordMerge._meta.get_field("fields").scope
# Rows about a record by kind and key, and of which there may be one for each of these; logs that only grow stay as they
# are.
ABOUT = {TimelineEntry: (), RecordMark: ("user", "kind"), AccessRequest: ("asker", "state")}
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


def merge(survivor, loser, **how):
    """Merge the loser into the survivor, as `merged` says; gives the row of the ledger."""
    try:
        return merged(survivor, loser, **how)
    except OperationalError as error:  # two merges whose contacts or talks cross: PostgreSQL lets one of them go on
        if isinstance(error.__cause__, DeadlockDetected):
            raise Refused(_("Somebody merges records that hang together with these. Try again in a moment.")) from error
        raise


@transaction.atomic
def merged(survivor, loser, *, versions: dict, take=(), take_custom=(), join_tags=True, keep_shares=False, actor):
    """Merge the loser into the survivor; gives the row of the ledger.

    versions: {key: version} as the person saw them. take: names of columns, take_custom: codes of custom fields whose
    value the survivor gets from the loser. Raises Refused when one of them was changed, merged or deleted meanwhile, or
    when the actor's rights do not reach.
    """
    model = type(survivor)
    survivor, loser = locked(model, survivor.pk, loser.pk, versions, actor)
    ledger = Ledger()
    values = {name: getattr(loser, name) for name in take} | ADJUSTMENTS.get(model, lambda *both: {})(survivor, loser)
    if join_tags and hasattr(survivor, "tags"):
        values["tags"] = sorted({*survivor.tags, *loser.tags})
    if "owner" in values:
        values["team"] = loser.team
    held = {one: loser.held(one) for one in definitions(model, take_custom)} if take_custom else {}
    change(survivor, values, held, ledger, actor)
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


def definitions(model, codes) -> list[FieldDefinition]:
    """The custom fields of a kind with these codes, removed ones too: their values stay."""
    return list(FieldDefinition.objects.filter(entity=model._meta.label_lower, code__in=codes))


def change(survivor, values: dict, held: dict, ledger: Ledger, actor):
    """Give the survivor the values, and held ({custom field: value}), and note what it had; an owner changes through
    its own ledger."""
    before = ownership.owners_of(survivor) if isinstance(type(survivor).access, Root) else None
    for name, value in values.items():
        column = survivor._meta.get_field(name)
        old = getattr(survivor, name)
        if old != value and not isinstance(value, Damaged):
            setattr(survivor, name, value)
            ledger.fields[name] = {"before": plain(column, old), "after": plain(column, value)}
    for definition, value in held.items():
        old = survivor.held(definition)
        if old != value and not isinstance(value, Damaged):
            survivor.hold(definition, value)
            ledger.fields[definition.field_name] = {
                when: sealed_part(one, SCOPE) if definition.is_sensitive and one is not None else one
                for when, one in (("before", old), ("after", value))
            }
    if ledger.fields:
        survivor.modified_by = actor
        survivor.save(update_fields={*columns_of(survivor, ledger.fields), "modified_by", "modified_at"})
        if before is not None and "owner" in ledger.fields:
            ownership.note(survivor, before, actor=actor)


def columns_of(record, names) -> set[str]:
    """The columns to save for fields of a record: custom ones stand in columns together."""
    own = {one.name for one in record._meta.concrete_fields}
    return {name for name in names if name in own} | (
        {"key", "custom", "sealed"} if isinstance(record, CustomValues) and set(names) - own else set()
    )


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
    for model, once in ABOUT.items():
        rows = model._base_manager.filter(subject_type=kind)
        mine = rows.filter(subject_id=loser.pk)
        if once:
            same = {name: OuterRef(name) for name in once}
            mine = mine.exclude(Exists(rows.filter(subject_id=survivor.pk, **same)))
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
    label = model._meta.label_lower
    rows = model._base_manager.exclude(pk__in=ledger.stayed.get(label, ()))  # hidden already, and no clash any more
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


def gather(entry):
    """Listener: what somebody added to the loser in the moment of its merge goes along. Whoever adds a row holds a lock
    on the record until his transaction ends, so the question here waits for him."""
    model = entry.subject_type.model_class()
    with transaction.atomic():
        rows = model.everything.filter(pk=entry.facts["loser_id"], merged_into__isnull=False)
        loser = rows.select_for_update(of=("self",)).first()
        if loser is not None:
            merges = RecordMerge.objects.filter(subject_type=entry.subject_type, loser=loser.pk, undoes=None)
            hidden = merges.order_by("-pk").values_list("stayed", flat=True).first()
            move_all(loser.merged_into, loser, Ledger(stayed=hidden or {}), keep_shares=False)


records_merged.listen(gather)


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
