"""Deleting softly, bringing back, and deleting for good: each record with everything that went with it."""

import uuid

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


@transaction.atomic
def restore(deletion: Deletion, *, actor) -> int:
    """Bring back all rows of one deletion; gives their number. A second call finds nothing and changes nothing.

    Refused when the whole lies in the recycle bin, or when another record took what must be unique.
    """
    if not Deletion.objects.waiting().filter(pk=deletion.pk).update(restored_at=timezone.now()):
        return 0
    model = deletion.subject_type.model_class()
    whole = buried_whole(model, deletion.subject_id)
    if whole is not None:
        raise Refused(
            _(
                "“%(name)s” belongs to “%(whole)s” (%(kind)s), which lies in the recycle bin as well. "
                "Restore that first."
            )
            % {"name": deletion.name, "whole": whole, "kind": whole._meta.verbose_name}
        )
    try:
        with transaction.atomic():
            return bring_back(model, deletion, actor, set())
    except IntegrityError as error:
        raise Refused(clash(deletion, error)) from error


def bring_back(model, deletion, actor, seen: set) -> int:
    if model in seen:
        return 0
    seen.add(model)
    rows = model.everything.filter(deletion=deletion).update(
        deleted_at=None, deletion=None, modified_by=actor, modified_at=timezone.now()
    )
    return rows + sum(bring_back(relation.related_model, deletion, actor, seen) for relation in part_relations(model))


def buried_whole(model, key: int):
    """The whole of a part when every whole that it has lies in the recycle bin, else None."""
    buried = []
    for path in model.access.wholes if isinstance(model.access, Part) else ():
        whole = whole_model(model, path)
        keys = model.everything.filter(pk=key, **{f"{path}__isnull": False}).values(path)
        found = list(whole.everything.filter(pk__in=keys)[:50])
        if any(row.deleted_at is None for row in found):
            return None
        buried += found
    return buried[0] if buried else None


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
