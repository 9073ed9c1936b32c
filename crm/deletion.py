"""Deleting softly and bringing back: one act with everything that went with it."""

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from crm.models import Deletion
from crm.models.record import Stamped


def part_relations(model) -> list:
    """The foreign keys by which softly deletable parts hang on the model."""
    from crm.access import Part

    return [
        relation
        for relation in model._meta.related_objects
        if relation.one_to_many
        and issubclass(relation.related_model, Stamped)
        and isinstance(relation.related_model.access, Part)
        and any(path.split("__")[0] == relation.field.name for path in relation.related_model.access.wholes)
    ]


@transaction.atomic
def delete(record, *, actor) -> Deletion:
    """Put the record and its parts, and their parts, into the recycle bin; gives the act, which restore takes back."""
    deletion = Deletion.objects.create(
        subject_type=ContentType.objects.get_for_model(record),
        subject_id=record.pk,
        name=str(record)[:300],
        actor=actor,
    )
    mark(type(record).objects.filter(pk=record.pk), deletion, actor)
    return deletion


def mark(rows, deletion, actor):
    """Mark the rows, level by level: first the parts found through them, then they themselves."""
    for relation in part_relations(rows.model):
        parts = relation.related_model.objects.filter(**{f"{relation.field.name}__in": rows.values("pk")})
        if parts.exists():
            mark(parts, deletion, actor)
    rows.update(deleted_at=deletion.at, deletion=deletion, modified_by=actor, modified_at=timezone.now())


@transaction.atomic
def restore(deletion: Deletion, *, actor) -> int:
    """Bring back all rows of one act; gives their number. A second call finds nothing and changes nothing."""
    if not Deletion.objects.filter(pk=deletion.pk, restored_at__isnull=True).update(restored_at=timezone.now()):
        return 0
    return bring_back(deletion.subject_type.model_class(), deletion, actor, set())


def bring_back(model, deletion, actor, seen: set) -> int:
    if model in seen:
        return 0
    seen.add(model)
    rows = model.everything.filter(deletion=deletion).update(
        deleted_at=None, deletion=None, modified_by=actor, modified_at=timezone.now()
    )
    return rows + sum(bring_back(relation.related_model, deletion, actor, seen) for relation in part_relations(model))
