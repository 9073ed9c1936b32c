"""The model field of a protected value: text or a date in Python, ciphertext in the database."""

import base64
import datetime

from django import forms
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from . import masks
from .cipher import Unreadable, cell, seal, unseal

# What may be asked of ciphertext: whether there is any and, by the triggers of the change log, whether it changed.
ASKED = ("isnull", "df", "ndf")


class Sealed(bytes):
    """Ciphertext as the database gives it; remembers what it says once it was opened."""

    plain = None


class Damaged(str):
    """What stands for a value that cannot be opened. Saving the record leaves the ciphertext as it is."""

    __slots__ = ()


DAMAGED = Damaged("\ufffd\ufffd\ufffd")


class ProtectedValue(DeferredAttribute):
    """Opens the value when somebody asks for it, not before; an unchanged value keeps its ciphertext."""

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        value = super().__get__(instance, owner)
        if not isinstance(value, Sealed):
            return value
        if value.plain is None:
            value.plain = self.field.opened(instance, value)
        return value.plain

    def __set__(self, instance, value):
        old = instance.__dict__.get(self.field.attname)
        is_same = isinstance(old, Sealed) and not isinstance(value, Sealed) and value == self.__get__(instance)
        if not is_same:
            instance.__dict__[self.field.attname] = value


class ProtectedField(models.Field):
    """A value that the database keeps only as ciphertext, bound to its row by the `key` of the row (models.Keyed).

    scope: the name of the field, "customers.contactpoint.value", for good: it is part of what the ciphertext is bound
    to, also in the copies that the change log keeps. kind: "text" (str, empty is "") or "date" (date or None).
    max_length: of the text. mask: which function of crm.protection.masks people without the right read it through.
    It can be asked whether it is empty (isnull); find values by a blind index beside it.
    Values are sealed by save() and bulk_create(); update() and bulk_update() refuse.
    """

    descriptor_class = ProtectedValue
    description = "Protected value"

    def __init__(self, *args, scope: str = "", kind: str = "text", mask: str = "text", **kwargs):
        self.scope, self.kind, self.mask = scope, kind, mask
        kwargs |= {"null": True, "blank": kwargs.get("blank", True)}
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        kwargs |= {"scope": self.scope, "kind": self.kind, "blank": self.blank}
        del kwargs["null"]
        return name, path, args, kwargs

    def get_internal_type(self):
        return "BinaryField"

    def db_type_parameters(self, connection):
        return {}

    def get_lookup(self, name):
        if name not in ASKED:
            raise FieldError(f"{self.name} is protected: find it by its blind index, not by {name}.")
        return super().get_lookup(name)

    def masked(self, value) -> str:
        """What people read who may not see the value; empty and damaged ones say so."""
        if value in (None, "") or isinstance(value, Damaged):
            return value or ""
        return getattr(masks, self.mask)(str(value))

    # -- Python side ------------------------------------------------------------------------------------------------
    def from_db_value(self, value, expression, connection):
        return self.nothing if value is None else Sealed(value)

    @property
    def nothing(self):
        return None if self.kind == "date" else ""

    def opened(self, instance, sealed: Sealed):
        try:
            text = unseal(sealed, cell(self.scope, instance.key))
        except (Unreadable, AttributeError):  # an event of the change log may have lost its row's key
            return DAMAGED
        return datetime.date.fromisoformat(text) if self.kind == "date" else text

    def to_python(self, value):
        if isinstance(value, Sealed | Damaged):
            return value
        if self.kind == "date":
            return models.DateField().to_python(value or None)
        return "" if value is None else str(value)

    def get_default(self):
        return super().get_default() if self.has_default() else self.nothing

    # -- database side ----------------------------------------------------------------------------------------------
    def pre_save(self, instance, add):
        return self.stored(instance)

    def stored(self, instance):
        """The ciphertext that is written; a value that was typed is sealed here."""
        value = instance.__dict__.get(self.attname)
        if value in (None, "") or isinstance(value, Sealed):
            return value or None
        sealed = Sealed(seal(value.isoformat() if self.kind == "date" else str(value), cell(self.scope, instance.key)))
        sealed.plain = value
        instance.__dict__[self.attname] = sealed
        return sealed

    def get_db_prep_value(self, value, connection, prepared=False):
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise TypeError(f"{self.name} is protected: only save() and bulk_create() can write it.")
        return connection.Database.Binary(value)

    def value_to_string(self, obj):
        value = obj.__dict__.get(self.attname)
        return base64.b64encode(value).decode() if isinstance(value, Sealed) else ""

    def formfield(self, **kwargs):
        if self.kind == "date":
            return super().formfield(**{"form_class": forms.DateField, **kwargs})
        return super().formfield(
            **{"form_class": forms.CharField, "max_length": self.max_length, "empty_value": "", **kwargs}
        )
