"""The recycle bin: what a person finds in it, what went with what, and how it is emptied."""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm import deletion
from crm.access import Action, Root
from crm.entities import entity_for, registry
from crm.events import Event, announce_many
from crm.history import acting
from crm.models import Deletion
from crm.models.record import Stamped

logger = logging.getLogger(__name__)

MOST_SECONDS = 60
record_restored = Event(
    "record_restored", _("%(actor)s restored %(record)s from the recycle bin"), icon="arrow-back-up", colour="green"
)


def kinds() -> dict[int, type]:
    """{content type id: entity} of all kinds of records that lie in the bin."""
    found = [entity for entity in registry.values() if issubclass(entity.model, Stamped)]
    return {ContentType.objects.get_for_model(entity.model).pk: entity for entity in found}


def bin_of(user, *models):
    """The deletions a person finds in the bin, and may take back: today he sees the record and may delete it, or he
    sees it and deleted it himself. models: only records of these kinds."""
    condition = Q(pk__in=[])
    for kind, entity in kinds().items():
        if not entity.may(user) or (models and entity.model not in models):
            continue
        seen = entity.model.everything.filter(deletion__isnull=False).visible_in_bin(user)
        may_delete = seen.visible_in_bin(user, Action.DELETE)
        here = Q(actor=user, subject_id__in=seen.values("pk")) | Q(subject_id__in=may_delete.values("pk"))
        condition |= Q(subject_type=kind) & here
    return Deletion.objects.waiting().filter(condition)


@dataclass(frozen=True)
class Waste:
    """One row of the bin: the deletion, its entity, [(kind of part, number)] that went along, and days left."""

    deletion: Deletion
    entity: type
    parts: list[tuple[str, int]]
    days_left: int

    @property
    def tone(self) -> str:
        return "red" if self.days_left <= 1 else "amber" if self.days_left <= 3 else ""


def described(deletions: list[Deletion]) -> list[Waste]:
    """The rows of a page; one query for each kind of part."""
    parts, entities, now = parts_of(deletions), kinds(), timezone.now()
    return [
        Waste(
            one,
            entities[one.subject_type_id],
            parts.get(one.pk, []),
            max(0, (one.at + timedelta(days=settings.BIN_DAYS) - now).days),
        )
        for one in deletions
    ]


def parts_of(deletions: list[Deletion]) -> dict[int, list[tuple[str, int]]]:
    """{key of a deletion: [(name of a kind of part, number of rows)]}."""
    entities = kinds()
    waiting, seen = [entities[one.subject_type_id].model for one in deletions], set()
    found: dict[int, list[tuple[str, int]]] = {}
    while waiting:
        for relation in deletion.part_relations(waiting.pop()):
            model = relation.related_model
            if model in seen:
                continue
            seen.add(model)
            waiting.append(model)
            kind = ContentType.objects.get_for_model(model).pk
            keys = [one.pk for one in deletions if one.subject_type_id != kind]
            rows = model.everything.filter(deletion__in=keys).order_by().values_list("deletion")
            for key, number in rows.annotate(number=Count("pk")):
                found.setdefault(key, []).append((capfirst(model._meta.verbose_name_plural), number))
    return found


@transaction.atomic
def restore_all(deletions, *, actor) -> tuple[int, list[str]]:
    """Bring back those of the deletions that can come back, set-based; gives how many did, and why others did not.

    The timelines of roots say so.
    """
    found, roots = deletion.restore_many(deletions, actor=actor), {}
    for one in found.back:
        roots.setdefault(ContentType.objects.get_for_id(one.subject_type_id).model_class(), []).append(one.subject_id)
    for model, keys in roots.items():
        if isinstance(model.access, Root):
            announce_many(record_restored, model.objects.filter(pk__in=keys), actor=actor)
    return len(found.back), found.refusals


def back_text(number: int) -> str:
    return ngettext("%(n)d record restored", "%(n)d records restored", number) % {"n": number}


def left_text(number: int) -> str:
    return ngettext(
        "%(n)d record was left as it is: it was restored or deleted for good since, another record has taken its "
        "place, or it is out of your reach.",
        "%(n)d records were left as they are: they were restored or deleted for good since, other records have taken "
        "their places, or they are out of your reach.",
        number,
    ) % {"n": number}


def purge_all(deletions, *, actor) -> tuple[int, list[str]]:
    """Delete each of the deletions for good where that is possible; gives how many, and why not the others."""
    number, refusals = 0, []
    for one in deletions:
        try:
            number += deletion.purge(one, actor=actor)
        except deletion.Refused as refusal:
            refusals += refusal.messages
    return number, refusals


def address_of(one: Deletion) -> str:
    """The page of a record that came back."""
    return entity_for(one.subject_type.model_class()).url_for(one.subject_id)


def empty_bin_once_a_day():
    if cache.add(f"bin:{timezone.now():%Y-%m-%d}", True, timeout=86_400):
        empty_bin()


def empty_bin() -> int:
    """Delete for good what has lain in the bin for BIN_DAYS; what is still pointed to waits. Gives the number."""
    due = Deletion.objects.waiting().filter(at__lt=timezone.now() - timedelta(days=settings.BIN_DAYS))
    started, number = time.monotonic(), 0
    with acting(None, task="empty_bin"):
        for key in list(due.order_by("pk").values_list("pk", flat=True)[:5000]):
            done, refusals = purge_all(due.filter(pk=key).select_related("subject_type"), actor=None)
            number += done
            for text in refusals:
                logger.info("The recycle bin keeps a record: %s", text)
            if time.monotonic() - started > MOST_SECONDS:
                break
    return number
