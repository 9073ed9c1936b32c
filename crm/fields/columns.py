"""The column of a custom field: on lists, record pages, in exports and imports like any other."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import pgettext

from crm.columns import Column, Kind
from crm.fields.types import KINDS, LINKED, from_json, linked_model, options_of
from crm.models.fields import FieldDefinition, Type
from crm.protection import Damaged, masked


@dataclass(frozen=True)
class CustomColumn(Column):
    """found: {key: row} of linked people and records, filled by `prepare` for the rows of a page at once."""

    definition: FieldDefinition | None = None
    found: dict = field(default_factory=dict, compare=False, repr=False)

    @property
    def number_format(self) -> str | None:
        return "General" if self.kind == Kind.NUMBER else None

    def prepare(self, records, user):
        """Read the people and records that the rows name: one query, none when there is nothing to read."""
        if self.definition.type in LINKED:
            keys = {self.held(record) for record in records} - {None}
            if keys:
                self.found.update(linked_model(self.definition)._base_manager.in_bulk(keys))

    @property
    def source(self) -> str:
        return self.name

    def held(self, record):
        """What the record holds, as JSON."""
        return record.held(self.definition)

    def value(self, record):
        held = self.held(record)
        if self.definition.is_sensitive and held is not None and not record.__dict__.get("is_unmasked"):
            return masked(held)
        value = held if isinstance(held, Damaged) else from_json(self.definition, held)
        if value is None:
            return None
        if self.definition.type in LINKED:
            return self.found.get(value)
        if self.definition.type == Type.CHOICES:
            options = options_of(self.definition)
            return pgettext("list", ", ").join(str(options.get(code, code)) for code in value)
        return value

    def plain(self, record):
        value = self.value(record)
        if value is not None and self.kind == Kind.CHOICE:
            return str(options_of(self.definition).get(value, value))
        return str(value) if self.definition.type in LINKED and value is not None else value

    def tone(self, record) -> str | None:
        if self.definition.type != Type.CHOICE:
            return None
        option = options_of(self.definition).get(self.held(record))
        return option.tone if option else None


def column_of(definition) -> CustomColumn:
    sort = None
    if definition.slot and definition.slot_ready:
        sort = f"slot_{definition.slot}"
        sort = sort if definition.type == Type.TEXT else f"-{sort}"
    return CustomColumn(
        name=definition.field_name,
        label=definition.name,
        path="custom",
        kind=KINDS[Type(definition.type)],
        sort=sort,
        least=True,
        definition=definition,
    )
