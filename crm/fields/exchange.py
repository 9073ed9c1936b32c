"""Custom fields in an import: their headings, their readers, their defaults."""

from __future__ import annotations

from crm.fields import types
from crm.protection.masks import HIDDEN


def custom_import_fields(entity, user) -> dict:
    """{field name: ImportField} of the custom fields that the person may write."""
    from crm.exchange.fields import ImportField
    from crm.exchange.lookups import Lookup
    from crm.exchange.matching import match_key

    found, book = {}, user.fields
    for definition in book.definitions(entity.model):
        if not book.may_write(entity.model, definition.field_name):
            continue
        model = types.linked_model(definition)
        headings = frozenset(match_key(word) for word in (definition.code, definition.name_zh, definition.name_en))
        found[definition.field_name] = ImportField(
            definition.field_name,
            definition.name,
            None,
            unmasked(types.reader_of(definition)) if definition.is_sensitive else types.reader_of(definition),
            Lookup(model, user) if model is not None else None,
            headings - {""},
            definition,
        )
    return found


def unmasked(read):
    """The reader of a sensitive field: a mask, which comes back from an export, says nothing about the value."""
    return lambda cell: None if cell == HIDDEN else read(cell)


def defaults(entity, user) -> dict:
    """What `custom` of a new record begins with."""
    return {d.code: d.default for d in user.fields.definitions(entity.model) if d.default is not None}
