"""JSON of which parts are sealed: lines of imports wait in the staging table with other people's phone numbers."""

import base64
import uuid

from django.db import models

from crm.json_text import decode, encode

from .cipher import Unreadable, cell, present_key, seal, unseal
from .fields import DAMAGED

MARK = "sealed:"  # no name of a column and no code of a custom field
NOWHERE = uuid.UUID(int=0)  # a staged line is bound to its column; it has no key of its own and lives for days


def sealed_part(value, scope: str) -> dict:
    """A value of JSON as the database keeps it."""
    return {MARK: base64.b64encode(seal(encode(value), cell(scope, NOWHERE))).decode()}


def sealed_json(value, scope: str) -> str:
    """The same as text: base64 needs no escapes."""
    return f'{{"{MARK}":"{sealed_part(value, scope)[MARK]}"}}'


def is_sealed(value) -> bool:
    return isinstance(value, dict) and value.keys() == {MARK}


def opened_parts(value, scope: str):
    """The value with its sealed parts opened; what does not open is DAMAGED."""
    if is_sealed(value):
        try:
            return decode(unseal(base64.b64decode(value[MARK]), cell(scope, NOWHERE)))
        except (Unreadable, ValueError, TypeError):
            return DAMAGED
    if not isinstance(value, dict):
        return value
    return {name: opened_parts(part, scope) if type(part) is dict else part for name, part in value.items()}


def resealed_parts(value, scope: str):
    """The value with every part sealed by the present key; parts that do not open stay."""
    if is_sealed(value):
        if base64.b64decode(value[MARK])[0] == present_key():
            return value
        text = opened_parts(value, scope)
        return value if text is DAMAGED else sealed_part(text, scope)
    return {name: resealed_parts(part, scope) for name, part in value.items()} if isinstance(value, dict) else value


class PartlySealedField(models.JSONField):
    """JSON that opens its sealed parts when it is read; sealed_part makes them before it is written."""

    def __init__(self, *args, scope: str = "", **kwargs):
        self.scope = scope
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"scope": self.scope}

    def from_db_value(self, value, expression, connection):
        return opened_parts(super().from_db_value(value, expression, connection), self.scope)
