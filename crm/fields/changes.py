"""What a change of a record did to its custom fields, in words."""

from __future__ import annotations

from decimal import Decimal

from crm.access import Action
from crm.fields import types
from crm.models.custom import CustomValues
from crm.models.fields import Type
from crm.protection import Damaged, masked
from crm.revealing import is_open


class CustomChanges:
    """The custom fields of the events of one record, removed ones too, for a person who may not see them all."""

    def __init__(self, record, events, user):
        model, self.record, self.user, self.definitions = type(record), record, user, []
        if not issubclass(model, CustomValues) or not events:
            return
        book = user.fields
        known = book.all_definitions.get(model._meta.label_lower, ())
        self.definitions = [one for one in known if not book.is_hidden(model, one.field_name)]
        self.names = self.linked_names([held_of(event) for event in events], user)

    def linked_names(self, values: list[dict], user) -> dict:
        """{(model, key): name} of the people and records that the values name and the user may see."""
        wanted: dict[type, set[int]] = {}
        for definition in self.definitions:
            model = types.linked_model(definition)
            if model is not None:
                keys = {held.get(definition.code) for held in values} - {None}
                wanted.setdefault(model, set()).update(keys)
        found = {}
        for model, keys in wanted.items():
            if keys and user.rights.may(model, Action.VIEW):
                found |= {(model, row.pk): str(row) for row in model.objects.visible_to(user).filter(pk__in=keys)}
        return found

    def between(self, older, event):
        """(label, before, after) of each custom field that differs between two events."""
        if not self.definitions:
            return
        before, after = held_of(older), held_of(event)
        for definition in self.definitions:
            if definition.is_sensitive:
                yield from self.between_sealed(definition, older, event)
                continue
            was, now = before.get(definition.code), after.get(definition.code)
            if was != now:
                yield (
                    definition.name,
                    words(definition, was, self.names),
                    words(definition, now, self.names),
                )

    def between_sealed(self, definition, *events):
        """The same of a value of which the events hold ciphertext: that it changed tells the ciphertext, and what it
        said only those read to whom the record is open."""
        sealed = [(getattr(event, "sealed", None) or {}).get(definition.code) for event in events]
        if sealed[0] == sealed[1]:
            return
        yield definition.name, *(self.told(definition, event) for event in events)

    def told(self, definition, event) -> str:
        text = event._meta.get_field("sealed").opened(event, definition.code) if event is not None else None
        if text is None or isinstance(text, Damaged) or is_open(self.record, self.user):
            return words(definition, text)
        return masked(text)


def words(definition, value, names: dict | None = None) -> str:
    """As types.words, amounts of money with their thousands told apart."""
    text = types.words(definition, value, names)
    has_amount = definition.type == Type.MONEY and value is not None and not isinstance(value, Damaged)
    return f"{Decimal(text):,}" if has_amount else text


def held_of(event) -> dict:
    return (getattr(event, "custom", None) or {}) if event is not None else {}
