"""Rows of an export without a record for each: values straight from the database, worded a column at a time.

Records cost more than all the rest of an export together. What needs one (properties, protected values) is left to
`Export.rows`; both ways give the same values (tests/test_export_ways.py).
"""

from __future__ import annotations

import datetime
from itertools import islice

from django.db import models
from django.utils.translation import get_language

from crm.columns import Column, Kind, choice_labels, field_at
from crm.fields.columns import CustomColumn
from crm.protection import ProtectedField
from crm.tag_columns import TagColumn

BATCH = 2_000
KEPT_NAMES = 50_000  # of linked records, before they are forgotten: memory stays the same however long the table is
LIGHT = {TagColumn: "tags", CustomColumn: "custom"}  # columns that read one field of the record


class WithoutZone(models.Func):
    """A moment in UTC that does not say so: one with a zone is read in Python, which takes ten times as long."""

    template = "timezone('UTC', %(expressions)s)"
    output_field = models.DateTimeField()


class FlatRows:
    """The values of the rows of a queryset for these columns, in lists; `fits` says whether that is possible."""

    def __init__(self, queryset, columns, user):
        self.queryset, self.columns, self.user, self.model = queryset, columns, user, queryset.model
        self.held = sorted({LIGHT[type(one)] for one in columns if type(one) in LIGHT})
        self.plain = [one for one in columns if type(one) is Column]
        self.names: dict[tuple, dict] = {}

    @property
    def fits(self) -> bool:
        return all(one.is_page or type(one) in LIGHT or self.is_plain(one) for one in self.columns) and not any(
            getattr(getattr(one, "definition", None), "is_sensitive", False) for one in self.columns
        )

    def is_plain(self, column) -> bool:
        """Whether the column is a field that the database gives as it is."""
        field = field_at(self.model, column.path) if type(column) is Column else None
        return isinstance(field, models.Field) and field.concrete and not isinstance(field, ProtectedField)

    def __iter__(self):
        paths = [self.path_of(column) for column in self.plain]
        rows = self.queryset.values_list("pk", *self.held, *paths).iterator(chunk_size=BATCH)
        while batch := list(islice(rows, BATCH)):
            yield zip(*self.worded(batch), strict=True)

    def path_of(self, column):
        field = field_at(self.model, column.path)
        *way, _last = column.path.split(".")
        path = "__".join([*way, field.attname])
        return WithoutZone(path) if isinstance(field, models.DateTimeField) else path

    def worded(self, batch):
        """A list of values for each column."""
        ids, *values = zip(*batch, strict=True)
        found = dict(zip((id(column) for column in self.plain), values[len(self.held) :], strict=True))
        records = self.light_records(ids, values[: len(self.held)]) if self.held else ()
        for column in self.columns:
            if column.is_page:
                pages = column.batch(list(ids), self.user)
                yield [pages.get(pk) for pk in ids]
            elif type(column) in LIGHT:
                column.prepare(records, self.user)
                yield [column.plain(record) for record in records]
            else:
                yield self.worded_plain(column, found[id(column)])

    def light_records(self, ids, held):
        """Records that know their key and what tags and custom fields are kept in."""
        attnames = [self.model._meta.pk.attname, *self.held]
        return [self.model.from_db(self.queryset.db, attnames, row) for row in zip(ids, *held, strict=True)]

    def worded_plain(self, column, values):
        """As `Column.plain` words each of them."""
        field = field_at(self.model, column.path)
        if isinstance(field, models.DateTimeField):
            values = [None if value is None else value.replace(tzinfo=datetime.UTC) for value in values]
        if isinstance(field, models.ForeignKey):
            names = self.names_of(field.related_model, values)
            values = [names.get(key) for key in values]
        elif column.kind == Kind.CHOICE:
            labels = choice_labels(field.model, field.name, get_language())
            return [None if value is None else labels.get(value, str(value)) for value in values]
        if column.is_masked:
            values = [None if value is None else column.mask(value) for value in values]
        if column.kind in (Kind.RECORD, Kind.PERSON, Kind.TEXT, Kind.LONG_TEXT):
            return [value if value is None or type(value) is str else str(value) for value in values]
        return values

    def names_of(self, model, keys) -> dict:
        """{key: record} of linked records, each read once."""
        known = self.names.setdefault(model, {})
        if len(known) > KEPT_NAMES:
            known.clear()
        wanted = {*keys} - {None} - known.keys()
        if wanted:
            known.update(model._base_manager.in_bulk(wanted))
        return known
