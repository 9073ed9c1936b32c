"""Columns: the only way of a value to a list, a record page, Excel, PDF and back from an import."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import get_language

from crm.access import Action
from crm.revealing import shown_value
from crm.unmasking import Reveal


class Kind(StrEnum):
    """How a value is written; decides its format in every output."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    RECORD = "record"
    PERSON = "person"
    TAGS = "tags"


RIGHT = (Kind.NUMBER, Kind.MONEY, Kind.PERCENT)


@dataclass(frozen=True)
class Column:
    """A value of a record. Name a field of the model, or a `path` over foreign keys ("customer.industry").

    label, kind: taken from the field unless given. sort: the field that orders by this column ("name",
    "-revenue_order"); it must not be null and have its list_indexes. tones: {choice value: tone} makes a badge;
    tone_path: where the tone comes from instead ("stage.type"). permission: (action) on the model without which the
    column is not shown. mask: value -> text for people without it. aliases: further headings an import understands.
    least: hidden on tablets first. currency: path of the currency of a money column. needs: foreign keys that a
    property walks along.
    """

    name: str
    label: str | Promise | None = None
    path: str | None = None
    kind: Kind | None = None
    sort: str | None = None
    tones: dict | None = None
    tone_path: str | None = None
    permission: str | None = None
    mask: Callable | None = None
    aliases: tuple[str, ...] = ()
    least: bool = False
    currency: str = "currency"
    width: int | None = None
    is_masked: bool = False
    needs: tuple[str, ...] = ()

    def bound(self, model) -> Column:
        """The column with what the model's field knows filled in."""
        field = field_at(model, self.path or self.name)
        return replace(
            self,
            path=self.path or self.name,
            label=self.label or (field.verbose_name if field else self.name),
            kind=self.kind or kind_of(field),
            tones=self.tones,
        )

    @property
    def is_right(self) -> bool:
        return self.kind in RIGHT

    @property
    def source(self) -> str:
        """The name of the field whose value stands here."""
        return self.path

    @property
    def is_page(self) -> bool:
        return False

    def value(self, record):
        """The typed value; None along an empty foreign key."""
        for name in self.path.split("."):
            record = shown_value(record, name)
            if record is None:
                return None
        return self.mask(record) if self.is_masked else record

    def prepare(self, records, user):
        """Read at once what the column needs of these records beyond their own values."""

    def masked(self) -> Column:
        """The column for people without its permission: the mask's text; no order, no colour that would tell more."""
        return replace(self, is_masked=True, kind=Kind.TEXT, sort=None, tones=None)

    def plain(self, record):
        """The value as a workbook takes it: text, number, date or datetime; labels instead of codes."""
        value = self.value(record)
        if self.kind == Kind.CHOICE:
            holder, _, name = self.path.rpartition(".")
            owner = record if not holder else Column(name=holder, path=holder).value(record)
            return None if value is None else label_of(owner, name, value)
        if self.kind in (Kind.RECORD, Kind.PERSON, Kind.TEXT, Kind.LONG_TEXT):
            return None if value is None else str(value)
        return value

    def tone(self, record) -> str | None:
        if not self.tones:
            return None
        value = Column(name="tone", path=self.tone_path).value(record) if self.tone_path else self.value(record)
        return self.tones.get(value, "gray")


@dataclass(frozen=True)
class PageColumn:
    """A value that one batch query finds for all rows of a page: any floor may add one; it cannot sort.

    batch: (ids, user) -> {id: value}, reading through visible_to.
    """

    name: str
    label: str | Promise
    batch: Callable[[list[int], object], dict]
    kind: Kind = Kind.TEXT
    least: bool = False
    permission: str | None = None
    tones: dict | None = None
    currency: str = "currency"
    sort: None = None
    aliases: tuple[str, ...] = ()
    width: int | None = None

    @property
    def is_right(self) -> bool:
        return self.kind in RIGHT

    @property
    def is_page(self) -> bool:
        return True


@dataclass(frozen=True)
class Cell:
    """One value ready for a template: its column, the typed value, its text, a link if the reader may follow it, a
    tone; ask: where the reader may ask for a linked record that he cannot open; reveal: how he may read what stands
    behind a mask."""

    column: Column | PageColumn
    value: object
    text: str | None = None
    url: str = ""
    tone: str | None = None
    currency: str = ""
    ask: str = ""
    reveal: Reveal | None = None


@dataclass(frozen=True)
class RowView:
    """One row of a list as a template needs it."""

    record: models.Model
    url: str
    cells: list[Cell]


def label_of(record, name: str, value) -> str:
    """The word of a choice in the present language; where the model has no such choice, as the record words it."""
    labels = choice_labels(type(record), name, get_language())
    if value in labels:
        return labels[value]
    display = getattr(record, f"get_{name}_display", None)
    return str(display()) if display else str(value)


@cache
def choice_labels(model, name: str, language: str) -> dict:
    """{value: word} of a field, made once: Django asks the catalogue for every word of the field for every value."""
    field = field_at(model, name)
    return {value: str(label) for value, label in (field.flatchoices if field else ())}


def field_at(model, path: str):
    """The model field at the end of a dotted path, or None for a property."""
    names = path.split(".")
    for name in names[:-1]:
        model = model._meta.get_field(name).related_model
    try:
        return model._meta.get_field(names[-1])
    except FieldDoesNotExist:  # a property of the record
        return None


def kind_of(field) -> Kind:
    if field is None:
        return Kind.TEXT
    if isinstance(field, models.ForeignKey):
        return Kind.PERSON if field.related_model._meta.label == settings.AUTH_USER_MODEL else Kind.RECORD
    if field.choices:
        return Kind.CHOICE
    for types, kind in (
        ((models.DateTimeField,), Kind.DATETIME),
        ((models.DateField,), Kind.DATE),
        ((models.BooleanField,), Kind.BOOLEAN),
        ((models.DecimalField,), Kind.MONEY),
        ((models.IntegerField, models.FloatField), Kind.NUMBER),
        ((models.TextField,), Kind.LONG_TEXT),
    ):
        if isinstance(field, types):
            return kind
    return Kind.TEXT


def related_paths(model, columns: Iterable) -> tuple[str, ...]:
    """The foreign keys that the columns walk along, for select_related."""
    paths = set()
    for column in columns:
        if column.is_page:
            continue
        paths.update(column.needs)
        names = column.path.split(".")
        if isinstance(field_at(model, column.path), models.ForeignKey):
            paths.add("__".join(names))
        elif len(names) > 1:
            paths.add("__".join(names[:-1]))
    return tuple(sorted(paths))


def allowed(columns: Iterable, model, user) -> list:
    """The columns the user may see: without a column's permission it is left out, or masked when it has a mask; a
    field that a rule hides is left out."""
    found = []
    for column in columns:
        if user.fields.hides(model, column):
            continue
        if not column.permission or user.rights.may(model, Action(column.permission)):
            found.append(column)
        elif isinstance(column, Column) and column.mask:
            found.append(column.masked())
    return found


def withheld(columns: Iterable, model, user) -> set[str]:
    """Names of the columns whose true values the user may not see: left out or masked."""
    open_names = {column.name for column in allowed(columns, model, user) if not getattr(column, "is_masked", False)}
    return ({column.name for column in columns} - open_names) | user.fields.hidden(model)


def present(entity, columns, records, user) -> list[RowView]:
    """Rows of cells for a template: one batch query a page column, one query a linked model, whatever the number of
    rows."""
    from crm.fields.redaction import redact

    records = redact(records, user)
    for column in columns:
        if not column.is_page:
            column.prepare(records, user)
    ids = [record.pk for record in records]
    batches = {column.name: column.batch(ids, user) for column in columns if column.is_page and ids}
    visible = visible_links(columns, records, user)
    address = entity.url_for(0).removesuffix("0/")  # asked once, not for each of fifty rows
    return [
        RowView(record, f"{address}{record.pk}/", [cell_of(column, record, batches, visible) for column in columns])
        for record in records
    ]


def cell_of(column, record, batches, visible) -> Cell:
    if column.is_page:
        value = batches[column.name].get(record.pk)
        text, tone = None if value is None else str(value), (column.tones or {}).get(value)
        return Cell(column, value, text, tone=tone, currency=currency_of(column, record))
    value = column.value(record)
    url = visible.get((type(value), value.pk), "") if column.kind == Kind.RECORD and value is not None else ""
    return Cell(
        column,
        value,
        column.plain(record) if column.kind in (Kind.CHOICE, Kind.RECORD, Kind.PERSON) else None,
        url,
        column.tone(record),
        currency_of(column, record),
    )


def currency_of(column, record) -> str:
    return getattr(record, column.currency, "") if column.kind == Kind.MONEY else ""


def visible_links(columns, records, user) -> dict:
    """{(model, pk): url} of the linked records that the user may open: one query a model, none for what has no page."""
    from crm.entities import entity_for

    linked: dict[type, set[int]] = {}
    for column in columns:
        if not column.is_page and column.kind == Kind.RECORD:
            for record in records:
                value = column.value(record)
                if value is not None and entity_for(type(value)):
                    linked.setdefault(type(value), set()).add(value.pk)
    urls = {}
    for model, ids in linked.items():
        if user.rights.may(model):
            seen = model.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)
            urls |= {(model, pk): entity_for(model).url_for(pk) for pk in seen}
    return urls
