"""Writes tables as .csv or .xlsx, streamed: memory does not grow with the rows."""

import codecs
import csv
import datetime
import io
import unicodedata
from decimal import Decimal
from itertools import chain, islice
from tempfile import TemporaryFile

from django.http import FileResponse
from django.utils import timezone

from .neutral import escaped
from .sheets import Book

CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "vcf": "text/vcard; charset=utf-8",
}
MEASURED_ROWS = 200


def write_csv(file, headings, rows):
    """Writes into a binary file. Text that a spreadsheet would run gets one apostrophe; `read_table` takes it away."""
    for piece in csv_lines(headings, rows):
        file.write(piece)


def csv_lines(headings, rows):
    """The same as pieces of bytes, for a streamed response."""
    yield codecs.BOM_UTF8 + _csv_bytes([[str(heading) for heading in headings]])
    rows = iter(rows)
    while block := list(islice(rows, 500)):
        yield _csv_bytes(block)


def _csv_bytes(rows):
    buffer = io.StringIO()
    csv.writer(buffer).writerows([_csv_cell(value) for value in row] for row in rows)
    return buffer.getvalue().encode()


def _csv_cell(value):
    if type(value) is str:  # most of them, and most begin with a letter
        return value if value[:1].isalnum() else escaped(value)
    match value:
        case None:
            return ""
        case str():
            return escaped(value)
        case bool():
            return "TRUE" if value else "FALSE"
        case Decimal():
            return f"{value:f}"
        case datetime.datetime():
            return _local(value).isoformat(" ", "seconds")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case int() | float():
            return value
    # Lazy labels and other objects are text as well.
    return escaped(str(value))


def downloaded(write, name: str, kind: str) -> FileResponse:
    """A download of what `write(file)` writes into a nameless temporary file; kind is one of CONTENT_TYPES."""
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    write(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[kind])


def write_xlsx(file, headings, rows, formats=(), title="Data"):
    """Writes into a binary file or a path. formats: an Excel number format a column, or None for what fits the type.

    Rows beyond what a sheet holds go on in a further one.
    """
    rows = iter(rows)
    sample = list(islice(rows, MEASURED_ROWS))
    widths = [
        max(chain([text_width(heading)], (text_width(row[place]) for row in sample if place < len(row))))
        for place, heading in enumerate(headings)
    ]
    book, rows, number = Book(file, formats), chain(sample, rows), 1
    book.write_sheet(title, headings, widths, rows)
    for following in rows:  # what the sheet had no room for
        number += 1
        book.write_sheet(f"{title[:27]} {number}", headings, widths, chain([following], rows))
    book.close()


def text_width(value) -> float:
    """Width in digits; a Chinese glyph takes 2.1 of them. Of several lines the longest counts."""
    if isinstance(value, Decimal):
        value = f"{value:,.2f}"
    elif isinstance(value, datetime.datetime):
        value = "2026-11-20 14:30"
    lines = str("" if value is None else value)[:500].split("\n")
    return max(sum(2.1 if unicodedata.east_asian_width(glyph) in "WF" else 1 for glyph in line) for line in lines)


def _local(moment):
    """In the active time zone and without saying so: a sheet knows no zones."""
    return timezone.make_naive(moment) if timezone.is_aware(moment) else moment
