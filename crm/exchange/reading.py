"""Reads a table from a file of people's own making: workbooks, text tables, business cards, told by content alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from .choices import AUTOMATIC, ReadChoices
from .delimited import delimited_source
from .headings import Headings, find_headings
from .kinds import WORKBOOKS, Kind, kind_of
from .limits import LIMITS, Limits
from .problems import EMPTY, UnreadableFile
from .sources import Source
from .vcards import vcard_source
from .workbooks import workbook_source

SAMPLE = 40  # lines that are read before the headings are known
LONGEST_TOTAL = 20
TOTAL = re.compile(r"(合计|总计|总和|小计|汇总|共计|(grand |sub)?total|sum)\b[\s:：]*", re.IGNORECASE)


@dataclass
class Table:
    """headings: as written, "" where a column has none. rows: (line number in the file, values), read once.

    A value is text, or what a workbook cell holds: int, float, bool, date, datetime, time. An empty cell is "".
    Short rows are filled up; a row that is longer than the headings keeps its extra values (the check names it).
    used: the choices by which the table was read, complete, so that the next reading is the same.
    sample: the first lines that are not empty, those above the headings too. left_out: (line, why) of lines that are
    no data, complete when all rows were read.
    Use it in `with`, so that the process behind a workbook ends also when nobody reads to the end.
    """

    headings: list[str]
    rows: Iterator[tuple[int, list]]
    source: Source
    head: Headings
    used: ReadChoices
    sample: list[tuple[int, list]]
    opened: Iterator  # what the rows come from; open even when no row was asked for
    left_out: list[tuple[int, str]] = field(default_factory=list)

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def close(self):
        self.rows.close()
        self.opened.close()


def read_table(path, choices: ReadChoices = AUTOMATIC, *, limits: Limits = LIMITS, knows=(), is_checked=False) -> Table:
    """The table in a file; raises UnreadableFile now or while the rows are read.

    choices: what a person said about the file; the rest is recognised. knows: match keys of headings that are
    expected: a line that holds two of them is the line of headings, wherever instructions stand above it.
    is_checked: the file was read before and nobody can have changed it, so it is not searched for bombs again.
    """
    source = open_source(Path(path), choices, limits, is_checked)
    rows = _bounded(source.rows, limits)
    try:
        return _table(source, rows, knows)
    except UnreadableFile:
        rows.close()
        raise


def open_source(path, choices, limits, is_checked) -> Source:
    """The raw rows of a file by what it is."""
    size = path.stat().st_size
    if not size:
        raise UnreadableFile(EMPTY)
    if size > limits.bytes:
        raise UnreadableFile(
            _("The file has %(size)s MB, at most %(limit)s MB are allowed. Split it and import the parts."),
            size=_megabytes(size),
            limit=_megabytes(limits.bytes),
        )
    kind = kind_of(path)
    if kind in WORKBOOKS:
        return workbook_source(path, kind, choices, limits, is_checked)
    if kind is Kind.VCARD:
        return vcard_source(path, choices, limits)
    return delimited_source(path, choices, limits)


def _bounded(rows, limits):
    """The rows that are not empty, within the limits and without characters that no database can keep."""
    count = 0
    try:
        for line, values in rows:
            while values and values[-1] == "":
                values.pop()
            text = "".join([value for value in values if type(value) is str])
            if not values or ((not text or text.isspace()) and all(type(value) is str for value in values)):
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
            if len(text) > limits.cell or "\x00" in text:
                for value in values:
                    _check_text(str(value), line, limits)
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


def _table(source, rows, knows):
    sample = list(islice(rows, SAMPLE))
    if not sample:
        raise UnreadableFile(EMPTY)
    shift = min(next(place for place, value in enumerate(values) if value != "") for _line, values in sample)
    sample = [(line, _shifted(values, shift)) for line, values in sample]
    merges = [(top, left - shift, bottom, right - shift) for top, left, bottom, right in source.merges]
    head = find_headings(sample, source.used, merges, knows)
    rest = ((line, _shifted(values, shift)) for line, values in rows)
    body = chain([row for row in sample if not head.lines or row[0] > head.lines[-1]], rest)
    used = replace(
        source.used,
        header=head.lines[0] if head.lines else 0,
        header_rows=len(head.lines) or None,
        totals=bool(source.used.totals),
    )
    table = Table(head.names, iter(()), source, head, used, sample, rows)
    table.rows = _body(body, table)
    return table


def _shifted(values, shift):
    """Without the columns to the left of the table; a value that stands there all the same goes to the end."""
    if not shift:
        return values
    return values[shift:] + [value for value in values[:shift] if value != ""]


def _body(rows, table):
    """The data: without headings that are repeated, remarks, and totals at the end."""
    width, waiting = len(table.headings), []
    for line, values in rows:
        if why := _no_data(values, table):
            table.left_out.append((line, why))
            continue
        if not table.used.totals and _is_total(values):
            waiting.append((line, values))
            continue
        # What follows shows that these were no totals at the end.
        for held in waiting:
            yield held[0], held[1] + [""] * (width - len(held[1]))
        waiting.clear()
        yield line, values + [""] * (width - len(values))
    table.left_out += [(line, "total") for line, _values in waiting]


def _no_data(values, table):
    first = values[0]
    if type(first) is str and first.startswith("#") and len(values) == 1 < len(table.headings):
        return "remark"
    if table.head.lines and (first == "" or _heading(first) == table.headings[0]):
        return "headings" if list(map(_heading, values)) == table.headings else ""
    return ""


def _heading(value):
    return " ".join(str(value).split())


def _is_total(values):
    """合计, Total …: the first text of the line is such a word, and all others are numbers."""
    first = next((value for value in values if type(value) is str and value and not value.isspace()), "")
    if len(first) > LONGEST_TOTAL or not TOTAL.fullmatch(first.strip() + " "):
        return False
    texts = [value for value in values if isinstance(value, str) and value.strip()]
    return all(_is_amount(text) for text in texts[1:])


def _is_amount(text):
    try:
        float(text.replace(",", "").strip("￥¥$€£% "))
    except ValueError:
        return False
    return True


def _megabytes(size):
    return f"{size / 1024 / 1024:.0f}"
