"""Writes tables as .csv or .xlsx, streamed: memory does not grow with the rows."""

import codecs
import csv
import datetime
import io
import re
import unicodedata
from decimal import Decimal
from itertools import chain, islice
from tempfile import TemporaryFile

from django.http import FileResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from .neutral import escaped, is_risky

CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
SHEET_ROWS = 1_048_576
CELL_LENGTH = 32_767
MEASURED_ROWS = 200
NARROWEST, WIDEST = 8, 60
# XML 1.0 has no way to write these.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FORMATS = {Decimal: "#,##0.00", datetime.date: "yyyy-mm-dd", datetime.datetime: "yyyy-mm-dd hh:mm"}


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
    """A download of what `write(file)` writes into a nameless temporary file; kind is "xlsx" or "csv"."""
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    write(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[kind])


def write_xlsx(file, headings, rows, formats=(), title="Data"):
    """Writes into a binary file or a path. formats: an Excel number format a column, or None for what fits the type."""
    book = Workbook(write_only=True)
    rows = iter(rows)
    sample = list(islice(rows, MEASURED_ROWS))
    rows, number = chain(sample, rows), 1
    while True:
        sheet = book.create_sheet(title if number == 1 else f"{title} {number}")
        _lay_out(sheet, headings, sample)
        count = 1
        pen = _Pen(sheet, formats)
        for row in islice(rows, SHEET_ROWS - 1):
            sheet.append([pen.cell(place, value) for place, value in enumerate(row)])
            count += 1
        sheet.auto_filter.ref = f"A1:{get_column_letter(max(len(headings), 1))}{count}"
        if count < SHEET_ROWS or (following := next(rows, None)) is None:
            break
        rows, number = chain([following], rows), number + 1
    book.save(file)


def _lay_out(sheet, headings, sample):
    """What a write-only sheet must know before its first row: widths and frozen head; then the head itself."""
    for place, heading in enumerate(headings):
        widest = max(chain([text_width(heading)], (text_width(row[place]) for row in sample if place < len(row))))
        sheet.column_dimensions[get_column_letter(place + 1)].width = min(max(widest + 2, NARROWEST), WIDEST)
    sheet.freeze_panes = "A2"
    head = []
    for heading in headings:
        cell = WriteOnlyCell(sheet, UNWRITABLE.sub("", str(heading)))
        cell.data_type = "s"
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="FFF1F5F9")
        cell.alignment = Alignment(vertical="center")
        head.append(cell)
    sheet.append(head)


def text_width(value) -> float:
    """Width in digits; a Chinese glyph takes 2.1 of them. Of several lines the longest counts."""
    if isinstance(value, Decimal):
        value = f"{value:,.2f}"
    elif isinstance(value, datetime.datetime):
        value = "2026-11-20 14:30"
    lines = str("" if value is None else value)[:500].split("\n")
    return max(sum(2.1 if unicodedata.east_asian_width(glyph) in "WF" else 1 for glyph in line) for line in lines)


class _Pen:
    """Makes the cells of one sheet. Styles are looked up once for each kind of cell, not once a cell."""

    def __init__(self, sheet, formats):
        self.sheet, self.formats, self.styles = sheet, formats, {}

    def cell(self, place, value):
        if value is None:
            return None
        if isinstance(value, datetime.datetime):
            value = _local(value)
        if isinstance(value, datetime.date) and value.year < 1900:
            value = value.isoformat()  # Excel's calendar begins in 1900
        if isinstance(value, (bool, int, float, Decimal, datetime.date, datetime.time)):
            cell = WriteOnlyCell(self.sheet, value)
            cell._style = self._style(self._format(place, value), quoted=False)
            return cell
        text = UNWRITABLE.sub("", str(value))[:CELL_LENGTH]
        cell = WriteOnlyCell(self.sheet, text)
        # openpyxl takes text that begins with "=" for a formula, also here.
        cell.data_type = "s"
        cell._style = self._style("General", quoted=is_risky(text))
        return cell

    def _format(self, place, value):
        given = self.formats[place] if place < len(self.formats) else None
        return given or FORMATS.get(type(value), "General")

    def _style(self, number_format, *, quoted):
        key = number_format, quoted
        if key not in self.styles:
            pattern = WriteOnlyCell(self.sheet, "")
            pattern.number_format, pattern.quotePrefix = number_format, quoted
            self.styles[key] = pattern._style
        return self.styles[key]


def _local(moment):
    """In the active time zone and without saying so: a sheet knows no zones."""
    return timezone.make_naive(moment) if timezone.is_aware(moment) else moment
