"""JSON of which each value is sealed by itself: the sensitive ones among the fields that administrators define."""

import base64

from django.db import models

from .cipher import Unreadable, cell, new_key, seal, unseal
from .fields import DAMAGED, Damaged
from .masks import HIDDEN


class SealedValues(models.JSONField):
    """{code: ciphertext in base64}, or NULL. Each text is bound to the column, its code and the `key` of the row.

    scope: the name of the column, for good, as of a ProtectedField; the copies in the change log keep it.
    """

    def __init__(self, *args, scope: str = "", **kwargs):
        self.scope = scope
        super().__init__(*args, **kwargs | {"null": True, "blank": True, "editable": False})

    def contribute_to_class(self, cls, name, **kwargs):
        super().contribute_to_class(cls, name, **kwargs)
        if not self.scope and not cls._meta.abstract:
            self.scope = f"{cls._meta.label_lower}.{name}"

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"scope": self.scope}

    def place(self, code: str, key) -> bytes:
        return cell(f"{self.scope}.{code}", key)

    def opened(self, record, code: str) -> str | None:
        """The text of one value; None where there is none, DAMAGED for what does not open."""
        sealed = (getattr(record, self.attname) or {}).get(code)
        if sealed is None:
            return None
        try:
            return unseal(base64.b64decode(sealed), self.place(code, record.key))
        except (Unreadable, AttributeError, TypeError, ValueError):  # also a row without its key
            return DAMAGED

    def put(self, record, code: str, text: str | None):
        """Seal a text into the record, which the caller saves; None takes the value out, an equal one changes nothing.

        A row gets its key with its first sealed value.
        """
        if text == self.opened(record, code):
            return
        values = dict(getattr(record, self.attname) or {})
        values.pop(code, None)
        if text is not None:
            record.key = record.key or new_key()
            values[code] = base64.b64encode(seal(text, self.place(code, record.key))).decode()
        setattr(record, self.attname, values or None)


def masked(value: str) -> str:
    """What people read in the place of such a value: nothing of it; a damaged one says so."""
    return value if isinstance(value, Damaged) else HIDDEN
