"""The change log of a record: who changed which field when, from the event rows that triggers write."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access import Action
from crm.columns import withheld
from crm.entities import entity_for
from crm.fields.changes import CustomChanges
from crm.models import Tag, User
from crm.models.record import TagsField
from crm.revealing import is_open, protected_fields
from crm.tags import joined

MOST = 100
WORDS = {"insert": _("added"), "update": _("changed"), "delete": _("removed")}
HIDDEN = {"id", "key", "version", "deletion", "created_at", "created_by", "custom", "sealed"}


@dataclass(frozen=True)
class FieldChange:
    """One field of one change, as text."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One change of one record: moment, person (None for the product itself), what was done, and the fields."""

    at: datetime.datetime
    actor: User | None
    word: str
    fields: list[FieldChange]


def changes_of(record, user) -> list[Change]:
    """The newest changes of a record that the user may see, newest first; a fixed number of queries."""
    model = type(record)
    entity = entity_for(model)
    hidden = HIDDEN | (withheld(entity.columns, model, user) if entity else set())
    fields = [field for field in model._meta.concrete_fields if not field.generated and field.name not in hidden]
    masks = {field.name for field in protected_fields(model)}
    masks = set() if masks and is_open(record, user) else masks
    events = list(
        model.pgh_event_model.objects.filter(pgh_obj_id=record.pk)
        .select_related("pgh_context")
        .order_by("-pgh_id")[: MOST + 1]
    )
    fields = [field for field in fields if events and hasattr(events[0], field.attname)]
    names = linked_names(fields, events, user) | tag_names(fields, events, user)
    labels, custom = user.fields.labels(model), CustomChanges(record, events, user)
    people = User.objects.in_bulk({actor_id(event) for event in events} - {None})
    changes = []
    for event, older in zip(events[:MOST], [*events[1:], None], strict=False):
        changed = [
            FieldChange(
                labels.get(field.name, str(field.verbose_name)),
                *(words(field, row, names, masks) for row in (older, event)),
            )
            for field in fields
            if getattr(event, field.attname) != (getattr(older, field.attname) if older else empty(field))
        ]
        changes.append(
            Change(
                event.pgh_created_at,
                people.get(actor_id(event)),
                str(WORDS.get(event.pgh_label, event.pgh_label)),
                [*changed, *(FieldChange(*one) for one in custom.between(older, event))],
            )
        )
    return changes


def empty(field):
    if isinstance(field, TagsField):
        return []
    return "" if field.empty_strings_allowed and not field.null else None


def actor_id(event) -> int | None:
    return (event.pgh_context.metadata or {}).get("user") if event.pgh_context else None


def linked_names(fields, events, user) -> dict:
    """{(model, pk): name} of the linked records the user may see; the others stay unnamed in the log."""
    found = {}
    for field in fields:
        if field.is_relation:
            ids = {getattr(event, field.attname) for event in events} - {None}
            model = field.related_model
            if ids and user.rights.may(model, Action.VIEW):
                found |= {(model, row.pk): str(row) for row in model.objects.visible_to(user).filter(pk__in=ids)}
    return found


def tag_names(fields, events, user) -> dict:
    """{(Tag, pk): name} of the tags of all these events, also of deleted ones."""
    names = [field.attname for field in fields if isinstance(field, TagsField)]
    ids = {pk for event in events for name in names for pk in getattr(event, name) or ()}
    if not ids or not user.rights.may(Tag, Action.VIEW):
        return {}
    return {(Tag, pk): name for pk, name in Tag.everything.filter(pk__in=ids).values_list("pk", "name")}


def words(field, event, names, masks=frozenset()) -> str:
    """One value as text: labels for choices, names for linked records, a key where the name may not be told."""
    value = getattr(event, field.attname) if event is not None else None
    if value in (None, "", []):
        return "—"
    if field.name in masks:
        return field.masked(value)
    if isinstance(field, TagsField):
        return joined(names.get((Tag, pk), f"#{pk}") for pk in value)
    if field.is_relation:
        return names.get((field.related_model, value), f"#{value}")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, datetime.datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return f"{value:,}" if isinstance(value, Decimal) else str(value)
