"""Takes a list out of the house: the rows a person may export, with the columns and the order of the page."""

from __future__ import annotations

from itertools import islice

from django.http import QueryDict
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.access import Action
from crm.columns import Kind, related_paths
from crm.entities import registry
from crm.files import save_file
from crm.history import log_access
from crm.jobs import JobFailed
from crm.listing import Listing
from crm.pages import in_order
from crm.revealing import with_opening

from .flat import FlatRows
from .writing import CONTENT_TYPES, write_csv, write_xlsx

DIRECT_ROWS = 5_000
BATCH = 500
KEPT_DAYS = 7
NUMBER_FORMATS = {Kind.MONEY: "#,##0.00", Kind.NUMBER: "#,##0", Kind.PERCENT: '0"%"'}


class Stopped(Exception):
    """The person cancelled the export; nothing of it is kept."""


class Export:
    """A list as a table. params: the query string of the list page (search, filters, order, columns).

    all_columns: every column the person may see instead of those on the page.
    """

    def __init__(self, entity, user, params: QueryDict, *, all_columns: bool = False):
        self.entity, self.user = entity, user
        self.listing = Listing(entity, user, params, action=Action.EXPORT)
        self.columns = self.listing.all_columns if all_columns else self.listing.columns

    @property
    def queryset(self):
        """Rows that the person may export and also see; an export never reaches further than the pages."""
        return in_order(self.listing.visible.visible_to(self.user), self.listing.sort, False)

    @property
    def headings(self) -> list[str]:
        return [capfirst(column.label) for column in self.columns]

    @property
    def formats(self) -> list[str | None]:
        return [getattr(c, "number_format", None) or NUMBER_FORMATS.get(c.kind) for c in self.columns]

    @property
    def kinds(self) -> list[str]:
        return ["xlsx", "csv", *(one.name for one in self.entity.file_kinds)]

    def count(self, most: int) -> int:
        """The number of rows, counted no further than `most`."""
        return self.listing.visible.visible_to(self.user).order_by()[:most].count()

    def rows(self, tell=lambda number: None):
        """The values of each row, streamed from a server-side cursor; tell(number) after each batch."""
        flat = FlatRows(self.queryset, self.columns, self.user)
        for batch in flat if flat.fits else self.rows_of_records():
            number = 0
            for number, row in enumerate(batch, 1):  # noqa: B007 (how many there were)
                yield [worded(value) if type(value) is bool else value for value in row]
            tell(number)

    def rows_of_records(self):
        """Batches of rows, with a record for each row: for columns that need one."""
        rows = with_opening(self.queryset, self.user)
        records = rows.select_related(*related_paths(self.entity.model, self.columns)).iterator(chunk_size=BATCH)
        while batch := list(islice(records, BATCH)):
            ids = [record.pk for record in batch]
            for column in self.columns:
                if not column.is_page:
                    column.prepare(batch, self.user)
            pages = {column.name: column.batch(ids, self.user) for column in self.columns if column.is_page}
            yield [
                [
                    pages[column.name].get(record.pk) if column.is_page else column.plain(record)
                    for column in self.columns
                ]
                for record in batch
            ]

    def write(self, file, kind: str, tell=lambda number: None) -> int:
        """Write into a binary file as "xlsx", "csv" or a kind of the entity; gives the number of rows."""
        for one in self.entity.file_kinds:
            if one.name == kind:
                return import_string(one.write)(self, file, tell)
        number = 0

        def counted(more):
            nonlocal number
            number += more
            tell(more)

        if kind == "csv":
            write_csv(file, self.headings, self.rows(counted))
        else:
            write_xlsx(file, self.headings, self.rows(counted), self.formats, title=sheet_title(self.entity))
        return number

    def log(self, number: int, kind: str, address=None):
        """One row of the access log: who took what out, how many rows and which columns."""
        log_access(
            "export",
            user=self.user,
            address=address,
            entity=self.entity.slug,
            rows=number,
            format=kind,
            columns=[column.name for column in self.columns],
            query=self.listing.params.urlencode()[:1000],
        )

    def file_name(self, kind: str) -> str:
        return f"{capfirst(self.entity.label_plural())} {timezone.localdate():%Y-%m-%d}.{kind}"


def worded(value: bool) -> str:
    return _("yes") if value else _("no")


def sheet_title(entity) -> str:
    """A name that Excel takes for a sheet."""
    return "".join(c for c in capfirst(entity.label_plural()) if c not in "[]:*?/\\")[:31] or "Data"


def run_export(job, progress):
    """The job of an export that is too long for a request. Rights are those of the person when it runs."""
    entity = registry.get(job.parameters["entity"])
    if entity is None or not job.user.rights.may(entity.model, Action.EXPORT):
        raise JobFailed(_("Your roles do not allow you to export these records."))
    kind = job.parameters["format"]
    export = Export(entity, job.user, QueryDict(job.parameters["query"]), all_columns=job.parameters["all_columns"])
    progress.expect(export.queryset.order_by().count())

    def tell(number):
        progress.step(number)
        if progress.cancelled:
            raise Stopped

    try:
        stored = save_file(
            lambda file: export.write(file, kind, tell),
            export.file_name(kind),
            CONTENT_TYPES[kind],
            user=job.user,
            days=KEPT_DAYS,
        )
    except Stopped:
        return None
    progress.count("exported", progress.done)
    export.log(progress.done, kind)
    return stored
