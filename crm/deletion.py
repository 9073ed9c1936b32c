"""Deleting softly, bringing back, and deleting for good: each record with everything that went with it."""

import uuid
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import OuterRef, ProtectedError, RestrictedError, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from crm.access import Part, whole_model
from crm.models import Deletion
from crm.models.record import Stamped


class Refused(ValidationError):
    """A record that cannot be brought back or deleted for good, with what to do about it."""


def part_relations(model) -> list:
    """The foreign keys by which softly deletable parts hang on the model."""
    return [
        relation
        for relation in model._meta.related_objects
        if relation.one_to_many
        and issubclass(relation.related_model, Stamped)
        and isinstance(relation.related_model.access, Part)
        and any(path.split("__")[0] == relation.field.name for path in relation.related_model.access.wholes)
    ]


def delete(record, *, actor, reason: str = "") -> Deletion:
    """Put the record and its parts, and their parts, into the recycle bin; gives the deletion, for restore."""
    act = uuid.uuid4()
    delete_many(type(record).objects.filter(pk=record.pk), actor=actor, reason=reason, act=act)
    return Deletion.objects.get(act=act)


@transaction.atomic
def delete_many(rows, *, actor, reason: str = "", act: uuid.UUID | None = None) -> int:
    """The same for each row of a queryset of `objects`, set-based; gives their number. act: joins them for one undo."""
    model, act, now = rows.model, act or uuid.uuid4(), timezone.now()
    kind = ContentType.objects.get_for_model(model)
    records = list(model.objects.filter(pk__in=rows.order_by().values("pk")).select_for_update(of=("self",)))
    Deletion.objects.bulk_create(
        Deletion(
            subject_type=kind, subject_id=row.pk, name=str(row)[:300], actor=actor, at=now, reason=reason[:200], act=act
        )
        for row in records
    )
    keys = [row.pk for row in records]
    mine = Deletion.objects.filter(act=act, subject_type=kind, subject_id=OuterRef("pk"), restored_at=None)
    mark(model.objects.filter(pk__in=keys), mine.values("pk")[:1], now, actor)
    return len(keys)


def mark(rows, deletion, now, actor):
    """Mark the rows, then, level by level, the parts found through them with the deletion of their wholes."""
    keys = list(rows.values_list("pk", flat=True))
    rows.update(deleted_at=now, deletion=Subquery(deletion), modified_by=actor, modified_at=now)
    for relation in part_relations(rows.model):
        name = relation.field.name
        parts = relation.related_model.objects.filter(**{f"{name}__in": keys})
        if parts.exists():
            whole = rows.model.everything.filter(pk=OuterRef(f"{name}_id"))
            mark(parts, whole.values("deletion_id")[:1], now, actor)


def of_act(model, act: uuid.UUID):
    """The deletions of the rows of one model in an act, also those that were taken back."""
    return Deletion.objects.filter(act=act, subject_type=ContentType.objects.get_for_model(model))


@dataclass
class Restored:
    """What a restoring did: the deletions taken back, the rows they had, and why others stay, in words."""

    back: list[Deletion] = field(default_factory=list)
    rows: int = 0
    refusals: list[str] = field(default_factory=list)


def restore(deletion: Deletion, *, actor) -> int:
    """Bring back all rows of one deletion; gives their number. A second call finds nothing and changes nothing.

    Refused when the whole lies in the recycle bin, or when another record took what must be unique.
    """
    found = restore_many([deletion], actor=actor)
    if found.refusals:
        raise Refused(found.refusals[0])
    return found.rows


@transaction.atomic
def restore_many(deletions, *, actor) -> Restored:
    """The same for several of any kinds, set-based: wholes before their parts, so that both may come in one go."""
    waiting = Deletion.objects.waiting().filter(pk__in=[one.pk for one in deletions]).order_by("pk")
    found, kinds = Restored(), {}
    for one in waiting.select_for_update(of=("self",)):
        kinds.setdefault(ContentType.objects.get_for_id(one.subject_type_id).model_class(), []).append(one)
    for model in sorted(kinds, key=depth):
        buried = buried_wholes(model, [one.subject_id for one in kinds[model]])
        found.refusals += [waits_for(one, buried[one.subject_id]) for one in kinds[model] if one.subject_id in buried]
        bring_back_all(model, [one for one in kinds[model] if one.subject_id not in buried], actor, found)
    return found


def depth(model) -> int:
    """How many wholes stand above a kind of record: 0 for a root."""
    wholes = model.access.wholes if isinstance(model.access, Part) else ()
    return max((1 + depth(whole_model(model, path)) for path in wholes), default=0)


def bring_back_all(model, deletions: list[Deletion], actor, found: Restored):
    """All in one statement a kind of row; where something is unique and taken, by halves down to the ones it is."""
    if not deletions:
        return
    keys = [one.pk for one in deletions]
    try:
        with transaction.atomic():
            Deletion.objects.filter(pk__in=keys).update(restored_at=timezone.now())
            found.rows += bring_back(model, keys, actor, set())
            found.back += deletions
    except IntegrityError as error:
        if len(deletions) == 1:
            found.refusals.append(clash(deletions[0], error))
            return
        middle = len(deletions) // 2
        for half in (deletions[:middle], deletions[middle:]):
            bring_back_all(model, half, actor, found)


def bring_back(model, keys: list[int], actor, seen: set) -> int:
    """keys: of deletions. Gives the number of rows, with those of the parts."""
    if model in seen:
        return 0
    seen.add(model)
    rows = model.everything.filter(deletion__in=keys).update(
        deleted_at=None, deletion=None, modified_by=actor, modified_at=timezone.now()
    )
    return rows + sum(bring_back(relation.related_model, keys, actor, seen) for relation in part_relations(model))


def buried_wholes(model, keys: list[int]) -> dict:
    """{key of a part: its whole} of the parts of which every whole lies in the recycle bin."""
    alive, buried = set(), {}
    for path in model.access.wholes if isinstance(model.access, Part) else ():
        rows = model.everything.filter(pk__in=keys, **{f"{path}__isnull": False})
        for key, whole, gone in rows.values_list("pk", path, f"{path}__deleted_at"):
            if gone is None:
                alive.add(key)
            buried.setdefault(key, (whole_model(model, path), whole))
    found = {}
    for key, (kind, whole) in buried.items():
        if key not in alive:
            found.setdefault(kind, {})[key] = whole
    rows = {kind: kind.everything.in_bulk(set(wholes.values())) for kind, wholes in found.items()}
    return {key: rows[kind][whole] for kind, wholes in found.items() for key, whole in wholes.items()}


def waits_for(deletion: Deletion, whole) -> str:
    return _(
        "“%(name)s” belongs to “%(whole)s” (%(kind)s), which lies in the recycle bin as well. Restore that first."
    ) % {"name": deletion.name, "whole": whole, "kind": whole._meta.verbose_name}


def clash(deletion: Deletion, error: IntegrityError) -> str:
    """Says which unique fields another record in use has taken since."""
    found = getattr(error.__cause__, "diag", None)
    for one in constraints(deletion.subject_type.model_class()):
        if found is not None and one.name == found.constraint_name:
            model = one.model
            names = [model._meta.get_field(name).verbose_name for name in one.fields]
            return _(
                "“%(name)s” cannot come back: another record in use has the same %(fields)s now. Change it there "
                "or delete that record first."
            ) % {"name": deletion.name, "fields": pgettext("list", ", ").join(str(name) for name in names)}
    return _("“%(name)s” cannot come back: another record in use has taken its place.") % {"name": deletion.name}


def constraints(model):
    """The unique constraints of the model and of the parts below it, each with its model as `model`."""
    seen, waiting = set(), [model]
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        for one in here._meta.constraints:
            if isinstance(one, models.UniqueConstraint):
                one.model = here
                yield one
        waiting += [relation.related_model for relation in part_relations(here)]


@transaction.atomic
def purge(deletion: Deletion, *, actor) -> bool:
    """Delete the rows of one deletion from the database, with all parts; False when that was done. There is no undo.

    Refused while records that are not parts still point to them. The change log keeps what it has.
    """
    now = timezone.now()
    if not Deletion.objects.waiting().filter(pk=deletion.pk).update(purged_at=now, purged_by=actor):
        return False
    model = deletion.subject_type.model_class()
    try:
        with transaction.atomic():
            erase(model, list(model.everything.filter(pk=deletion.subject_id, deletion=deletion).values_list("pk")))
    except (ProtectedError, RestrictedError) as error:
        raise Refused(still_used(deletion, error)) from error
    return True


def erase(model, keys: list):
    keys = [key for (key,) in keys]
    if not keys:
        return
    for relation in part_relations(model):
        parts = relation.related_model.everything.filter(**{f"{relation.field.name}__in": keys})
        erase(relation.related_model, list(parts.values_list("pk")))
    model.everything.filter(pk__in=keys).delete()


def still_used(deletion: Deletion, error) -> str:
    users = getattr(error, "protected_objects", None) or getattr(error, "restricted_objects", ())
    kinds = {type(row)._meta.verbose_name_plural for row in users}
    return ngettext(
        "“%(name)s” stays in the recycle bin: %(n)d record (%(kinds)s) still points to it. Delete that for good first.",
        "“%(name)s” stays in the recycle bin: %(n)d records (%(kinds)s) still point to it. "
        "Delete those for good first.",
        len(users),
    ) % {"name": deletion.name, "n": len(users), "kinds": pgettext("list", ", ").join(sorted(map(str, kinds)))}
