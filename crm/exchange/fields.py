"""How one column of a record is filled from a cell: its headings, its reader, the sentence when it cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, partial
from inspect import getattr_static

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import (
    EMPTY_VALUES,
    DecimalValidator,
    MaxLengthValidator,
    MinValueValidator,
    URLValidator,
)
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from crm.columns import Column, field_at
from crm.fields.exchange import custom_import_fields
from crm.fields.types import parse_moment
from crm.models.record import TagsField
from crm.protection import ProtectedField
from crm.tag_forms import TagsReader

from . import parsing
from .lookups import Lookup
from .matching import match_key
from .problems import ParseError
from .staging import BESIDE

# What people write above the columns that name a record.
KEYS = {
    "number": ("record number", "系统编号"),
    "external_ref": ("external id", "external ref", "foreign id", "外部编号", "外部id", "原系统编号"),
}
ANY_ADDRESS = URLValidator()
PLAIN_ADDRESS = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}(?:/[\w./%~-]*)?", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True)
class ImportField:
    """One importable column. lookup: for a foreign key, how names are found; else `read` turns a cell into a value.

    field: None for a value that is kept beside the record, not in it. definition: of a custom field. is_key: it names
    a record that exists and is never written.
    """

    name: str
    label: object
    field: models.Field | None
    read: Callable | None
    lookup: Lookup | None
    headings: frozenset[str]
    definition: object | None = None
    is_key: bool = False

    @property
    def is_required(self) -> bool:
        """Whether the column must be there and filled, by the model or by the custom field's definition."""
        if self.definition is not None:
            return self.definition.required and self.definition.default is None
        return bool(self.field) and not (self.field.blank or self.field.has_default())

    @property
    def choices(self) -> list[tuple]:
        """(code, label) of a column whose values are a fixed set, yes and no included; else empty."""
        reader = getattr(self.read, "__self__", None)
        if isinstance(reader, parsing.Choices):
            return reader.pairs
        return [("1", _("yes")), ("0", _("no"))] if self.read is parsing.parse_boolean else []

    @cached_property
    def checks(self) -> tuple[Callable, ...]:
        return left_to_check(self.field) if self.field else ()

    @cached_property
    def reader(self) -> Callable:
        """What gives the value of a filled cell, or raises ParseError."""
        return self.value_in if self.checks or not reads_alone(self.read) else self.read

    @cached_property
    def plain_attribute(self) -> str:
        """Where a record holds the value; empty where setting it does more (foreign keys, sealed values)."""
        if self.field is None or self.definition is not None:
            return ""
        holder = getattr_static(self.field.model, self.field.attname, None)
        return "" if hasattr(holder, "__set__") else self.field.attname

    def key_in(self, data: dict):
        """The key of the linked record in the values of a staged line."""
        if self.definition is not None:
            return (data.get("custom") or {}).get(self.definition.code)
        return data.get(self.field.column) if self.field else (data.get(BESIDE) or {}).get(self.name)

    def value(self, cell):
        """The value of a cell, None when it is empty; raises ParseError."""
        return None if parsing.is_empty(cell) else self.value_in(cell)

    def value_in(self, cell):
        """The same of a cell that is known to be filled."""
        try:
            value = self.read(cell)
            if self.checks and value not in EMPTY_VALUES:
                for validate in self.checks:
                    validate(value)
        except ValidationError as error:
            raise ParseError(" ".join(error.messages)) from None
        return value


def reads_alone(read: Callable) -> bool:
    """Whether a reader raises nothing but ParseError: those of `parsing` do."""
    read = read.func if isinstance(read, partial) else read
    return getattr(read, "__module__", "") == parsing.__name__


@cache
def left_to_check(field) -> tuple[Callable, ...]:
    """The validators of a field without those whose rule its reader knows (see reader_of)."""
    known: tuple = (DecimalValidator,)
    if not isinstance(field, models.EmailField):
        known = (*known, MaxLengthValidator)
    found = [one for one in field.validators if not isinstance(one, known) and not is_least(one, field)]
    return tuple(web_address if type(one) is URLValidator else one for one in found)


def is_least(validator, field) -> bool:
    """Whether the reader of a number checks this already."""
    is_number = isinstance(field, models.DecimalField | models.IntegerField)
    return is_number and isinstance(validator, MinValueValidator) and validator.limit_value == least_of(field)


def least_of(field):
    return next((v.limit_value for v in field.validators if isinstance(v, MinValueValidator)), None)


def web_address(value: str):
    """As URLValidator, which takes twenty times as long for an address that is plainly right."""
    if len(value) > 200 or not PLAIN_ADDRESS.fullmatch(value):
        ANY_ADDRESS(value)


def import_fields(entity, user, aliases: dict, beside: dict) -> dict[str, ImportField]:
    """{column name: field} of all columns of the entity that may be filled by an import.

    beside: {column name: reader or Lookup} of the columns that are no fields of the record.
    """
    fields, locked, labels = {}, user.fields.locked(entity.model), user.fields.labels(entity.model)
    for name in entity.importable or ():
        if name in locked:
            continue
        column = entity.column(name)
        field = None if column.is_page else field_at(entity.model, column.path)
        lookup = Lookup(field.related_model, user) if isinstance(field, models.ForeignKey) else None
        if isinstance(field, TagsField):
            read = TagsReader(entity.model, user)
        else:
            read = beside.get(name) if column.is_page else None if lookup else reader_of(field)
        if isinstance(read, Lookup):
            read, lookup = None, read
        if read or lookup:
            headings = headings_of(column, field, (*aliases.get(name, ()), labels.get(name, column.name)))
            fields[name] = ImportField(name, labels.get(name, column.label), field, read, lookup, headings)
    return fields | custom_import_fields(entity, user) | key_fields(entity.model, user, aliases)


def key_fields(model, user, aliases: dict) -> dict[str, ImportField]:
    """{name: field} of what names one record for sure: its number, and its reference in another system."""
    fields, names = {}, {field.name: field for field in model._meta.concrete_fields}
    for name in ("number", "external_ref"):
        if (field := names.get(name)) and user.fields.may_write(model, name):
            read = partial(parsing.parse_text, max_length=field.max_length)
            headings = headings_of(Column(name, label=field.verbose_name), field, (*KEYS[name], *aliases.get(name, ())))
            own = None if field.generated else field
            fields[name] = ImportField(name, field.verbose_name, own, read, None, headings, is_key=field.generated)
    return fields


def headings_of(column, field, aliases) -> frozenset[str]:
    """The match keys of everything that people write above the column, in every language of the product."""
    words = {column.name, *column.aliases, *aliases}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words |= {str(column.label), str(field.verbose_name if field else column.label)}
    return frozenset(map(match_key, words))


def reader_of(field) -> Callable:
    """The function that reads a cell for a model field."""
    if field.choices:
        return parsing.Choices(field.flatchoices, [code for code, _name in settings.LANGUAGES]).parse
    if isinstance(field, ProtectedField):
        if field.kind == "date":
            return parsing.parse_date
        return partial(parsing.parse_text, max_length=field.max_length)
    least = least_of(field)
    match field:
        case models.DateTimeField():
            return parse_moment
        case models.DateField():
            return parsing.parse_date
        case models.DecimalField():
            return partial(parsing.parse_decimal, places=field.decimal_places, digits=field.max_digits, least=least)
        case models.IntegerField():
            return partial(parsing.parse_integer, least=least)
        case models.BooleanField():
            return parsing.parse_boolean
        case models.EmailField():
            return parsing.parse_email
        case models.URLField():
            return lambda cell: with_scheme(parsing.parse_text(cell, max_length=field.max_length))
        case models.CharField():
            return partial(parsing.parse_line, max_length=field.max_length)
        case models.TextField():
            return partial(parsing.parse_text, max_length=field.max_length)
    raise ImproperlyConfigured(f"Nothing reads cells for {field}.")


def with_scheme(text: str) -> str:
    """A web address typed without a scheme is taken as https, as the forms do."""
    return text if not text or "://" in text else f"https://{text}"
