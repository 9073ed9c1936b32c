"""Reads a table from a file of people's own making: .csv and .xlsx, told apart by content and never by name."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from .delimited import delimited_rows
from .limits import LIMITS, Limits
from .matching import match_key
from .problems import UnreadableFile
from .workbooks import workbook_rows

ZIP = b"PK"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and .xlsx behind a password


@dataclass
class Table:
    """headings: as written, "" where a column has none. rows: (line number in the file, values), read once.

    A value is text, or what a workbook cell holds: int, float, bool, date, datetime, time. An empty cell is "".
    Short rows are filled up; a row that is longer than the headings keeps its extra values (the check names it).
    Use it in `with`, so that the process behind a workbook ends also when nobody reads to the end.
    """

    headings: list[str]
    rows: Iterator[tuple[int, list]]
    source: Iterator  # what the rows come from; open even when no row was asked for

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def close(self):
        self.rows.close()
        self.source.close()


def read_table(path, *, limits: Limits = LIMITS, knows=()) -> Table:
    """The table in a file; raises UnreadableFile now or while the rows are read.

    knows: match keys of headings that are expected. Instructions often stand above the headings; the first of the
    first ten lines that holds two known headings is taken, else the first line that is not empty.
    """
    path = Path(path)
    size = path.stat().st_size
    if not size:
        raise UnreadableFile(_("The file is empty. Choose a file with a row of headings and at least one more row."))
    if size > limits.bytes:
        raise UnreadableFile(
            _("The file has %(size)s MB, at most %(limit)s MB are allowed. Split it and import the parts."),
            size=_megabytes(size),
            limit=_megabytes(limits.bytes),
        )
    rows = _bounded(_source(path, limits), limits)
    try:
        return _table(rows, knows)
    except UnreadableFile:
        rows.close()
        raise


def _source(path, limits):
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(ZIP):
        return workbook_rows(path, limits)
    if start.startswith(COMPOUND):
        raise UnreadableFile(
            _("This is an old Excel file (.xls) or one with a password. Save it as .xlsx without a password.")
        )
    if start.startswith(b"%PDF"):
        raise UnreadableFile(_("This is a PDF, not a table. Choose a .xlsx or .csv file."))
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise UnreadableFile(_("This is a web page, not a table. Open it in Excel and save it as .xlsx."))
    return delimited_rows(path, limits)


def _bounded(rows, limits):
    """The rows that are not empty, within the limits and without characters that no database can keep."""
    count = 0
    try:
        for line, values in rows:
            while values and values[-1] == "":
                values.pop()
            if not any(value != "" and not (isinstance(value, str) and value.isspace()) for value in values):
                continue
            count += 1
            # The row of headings does not count.
            if count > limits.rows + 1:
                raise UnreadableFile(
                    _("The file has more than %(limit)s rows. Split it and import the parts."), limit=limits.rows
                )
            if len(values) > limits.columns:
                raise UnreadableFile(
                    _("Line %(line)s has %(columns)s columns, at most %(limit)s are allowed."),
                    line=line,
                    columns=len(values),
                    limit=limits.columns,
                )
            for value in values:
                if isinstance(value, str):
                    _check_text(value, line, limits)
            yield line, values
    finally:
        rows.close()


def _check_text(value, line, limits):
    if "\x00" in value:
        raise UnreadableFile(
            _("Line %(line)s contains a NUL character, so this is not a plain table. Save it again from Excel."),
            line=line,
        )
    if len(value) > limits.cell:
        raise UnreadableFile(
            _("Line %(line)s has a cell with more than %(limit)s characters. Shorten it, or look for a missing quote."),
            line=line,
            limit=limits.cell,
        )


def _table(rows, knows):
    held, headings, place = [], None, 0
    for line, values in rows:
        held.append((line, values))
        if headings is None:
            headings = values
        if sum(match_key(str(value)) in knows for value in values) >= 2:
            headings, place = values, len(held) - 1
            break
        if not knows or len(held) == 10:
            break
    if headings is None:
        raise UnreadableFile(_("The file is empty. Choose a file with a row of headings and at least one more row."))
    headings = [" ".join(str(value).split()) for value in headings]
    _check_headings(headings)
    width = len(headings)
    body = ((line, values + [""] * (width - len(values))) for line, values in chain(held[place + 1 :], rows))
    return Table(headings, body, rows)


def _check_headings(headings):
    seen = set()
    for heading in filter(None, headings):
        if match_key(heading) in seen:
            raise UnreadableFile(
                _("The heading “%(heading)s” stands above two columns. Rename or remove one of them."),
                heading=heading[:80],
            )
        seen.add(match_key(heading))


def _megabytes(size):
    return f"{size / 1024 / 1024:.0f}"
