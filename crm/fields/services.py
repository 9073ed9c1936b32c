"""What administrators do with custom fields: define, remove, restore; the slots by which some of them sort."""

from __future__ import annotations

import re

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from crm import jobs
from crm.entities import registry
from crm.fields.types import SLOT_KINDS
from crm.models import FieldDefinition
from crm.models.custom import SLOTS, CustomValues, SortableValues, search_sql, slot_sql
from crm.pages import COUNT_CAP

MOST = 50  # custom fields of one kind of record
CHUNK = 20_000


def entities() -> list:
    """The kinds of records that take custom fields, in menu order."""
    found = [entity for entity in registry.values() if issubclass(entity.model, CustomValues)]
    return sorted(found, key=lambda entity: entity.order)


def model_of(definition):
    return next(e.model for e in entities() if e.model._meta.label_lower == definition.entity)


def used(definition) -> int:
    """In how many records the field has a value, removed records included; counted no further than 1,001."""
    column = "sealed" if definition.is_sensitive else "custom"
    rows = model_of(definition)._base_manager.filter(**{f"{column}__has_key": definition.code})
    return rows.order_by()[: COUNT_CAP + 1].count()


def free_slot(definition) -> str:
    """A slot of the right kind that no other field of the entity has; "" when there is none."""
    kind = SLOT_KINDS.get(definition.type)
    if not kind or not issubclass(model_of(definition), SortableValues):
        return ""
    others = FieldDefinition.objects.filter(entity=definition.entity, removed_at__isnull=True).exclude(slot="")
    taken = set(others.exclude(pk=definition.pk).values_list("slot", flat=True))
    return next((slot for slot in SLOTS if slot.startswith(kind) and slot not in taken), "")


@transaction.atomic
def give_slot(definition, wanted: bool, *, actor):
    """Let the field sort its list, or no longer; saves the field. A job fills the slot of the rows that are there."""
    before = definition.slot
    known = FieldDefinition.objects.filter(pk=definition.pk).values_list("is_searchable", "options").first()
    if wanted and not before:
        definition.slot = free_slot(definition)
    elif not wanted:
        definition.slot = ""
    if definition.slot != before:
        definition.slot_ready = False
    definition.save()
    if definition.slot != before:
        fill_later(definition.entity, definition.slot or before, actor=actor)
    if known and known != (definition.is_searchable, definition.options) and (known[0] or definition.is_searchable):
        search_later(definition, actor=actor)


def fill_later(entity: str, slot: str, *, actor):
    return jobs.enqueue(
        "field_slot",
        user=actor,
        parameters={"entity": entity, "slot": slot},
        title=_("Prepare a field for sorting"),
    )


def search_later(definition, *, actor):
    """Have the text of all records made anew that the search box looks through."""
    return jobs.enqueue(
        "field_search", user=actor, parameters={"entity": definition.entity}, title=_("Prepare a field for the search")
    )


def fill_search(job, progress):
    """The job: `custom_text` of every row as the definitions are now."""
    model = next((e.model for e in entities() if e.model._meta.label_lower == job.parameters["entity"]), None)
    if model is None:
        return
    table = connection.ops.quote_name(model._meta.db_table)
    text = search_sql("row.custom", model._meta.label_lower)
    last = model._base_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    progress.expect(last)
    for start in range(0, last + 1, CHUNK):
        with progress.chunk(min(CHUNK, last - start)), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} AS row SET custom_text = fresh.text FROM (SELECT row.id, ({text}) AS text"
                f" FROM {table} AS row WHERE row.id >= %s AND row.id < %s) AS fresh"
                " WHERE row.id = fresh.id AND row.custom_text IS DISTINCT FROM fresh.text",
                [start, start + CHUNK],
            )


def fill_slot(job, progress):
    """The job: every row gets the value of the field that has the slot now, or nothing when none has."""
    entity, slot = job.parameters["entity"], job.parameters["slot"]
    definition = FieldDefinition.objects.filter(entity=entity, slot=slot, removed_at__isnull=True).first()
    model = next((e.model for e in entities() if e.model._meta.label_lower == entity), None)
    if model is None or slot not in SLOTS:
        return
    table, column = connection.ops.quote_name(model._meta.db_table), f"slot_{slot}"
    value, values = ("NULL", []) if definition is None else (slot_sql(slot, "custom->>%s"), [definition.code])
    last = model._base_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    progress.expect(last)
    for start in range(0, last + 1, CHUNK):
        with progress.chunk(min(CHUNK, last - start)), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET {column} = {value} WHERE id >= %s AND id < %s",
                [*values, start, start + CHUNK],
            )
    if definition is not None:
        with connection.cursor() as cursor:  # what began before the field had its slot and was written meanwhile
            cursor.execute(f"UPDATE {table} SET {column} = {value} WHERE {column} IS NULL", values)
        FieldDefinition.objects.filter(pk=definition.pk, slot=slot).update(slot_ready=True)


@transaction.atomic
def remove(definition, *, actor):
    """Take the field away everywhere; the values stay in their records."""
    definition.removed_at, definition.slot_ready = timezone.now(), False
    definition.save()
    if definition.is_searchable:
        search_later(definition, actor=actor)
    if definition.slot:
        fill_later(definition.entity, definition.slot, actor=actor)


def restore_refusal(definition) -> str:
    """Why a removed field cannot come back now; "" when it can."""
    others = FieldDefinition.objects.filter(entity=definition.entity, removed_at__isnull=True).exclude(pk=definition.pk)
    if others.filter(Q(name_zh__iexact=definition.name_zh) | Q(name_en__iexact=definition.name_en)).exists():
        return _("There is a field of this name already. Imports could not tell them apart.")
    if others.count() >= MOST:
        return _("There are 50 fields already. Remove one that nobody uses first.")
    return ""


@transaction.atomic
def restore(definition, *, actor):
    """Bring a removed field back with its values; its place for sorting only when nobody has it now."""
    definition.removed_at = None
    taken = FieldDefinition.objects.filter(entity=definition.entity, slot=definition.slot, removed_at__isnull=True)
    if definition.slot and taken.exists():
        definition.slot = ""
    definition.save()
    if definition.is_searchable:
        search_later(definition, actor=actor)
    if definition.slot:
        fill_later(definition.entity, definition.slot, actor=actor)


def fresh_code(name: str, taken: set[str]) -> str:
    """A code made of a name, other than those taken: "Annual budget" -> "annual_budget"."""
    plain = re.sub(r"[^a-z0-9]+", "_", slugify(name)).strip("_")[:34]
    plain = plain if plain[:1].isalpha() else f"f_{plain}".rstrip("_")
    code, number = plain, 2
    while code in taken:
        code, number = f"{plain}_{number}", number + 1
    return code
