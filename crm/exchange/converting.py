"""How the cells of a column are written, where that is not plain: order of dates, units of numbers, joined columns."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from . import parsing
from .matching import match_key
from .problems import ParseError

# 03/04/2026, 3-4-26, 03.04.2026: a day, a month and a year whose order nobody can see.
ORDERED = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})(?=$|[ T])")
ORDERS = {"dmy": _("day, month, year"), "mdy": _("month, day, year")}
COMMA = ","
WITH_COMMA = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?")
SHOWS_COMMA = re.compile(r"\.\d{3},|,\d{1,2}$|,\d{4,}$")  # 1,234 alone shows nothing
WITH_POINT = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)\.(?:\d{1,2}|\d{4,})|.*,\d{3}\.\d+")
FACTORS = {
    "": _("as written"),
    "1000": _("× 1,000"),
    "10000": _("× 10,000"),
    "1000000": _("× 1,000,000"),
    "100000000": _("× 100,000,000"),
    "0.01": _("÷ 100 (per cent)"),
    COMMA: _("comma before decimals: 1.234,56"),
}
# What stands behind the name of a heading: 年采购额（万元）, Revenue (k)
UNIT = re.compile(
    r"[(\[（【/]\s*(?:单位[:：]?)?\s*(百万|万|亿|千|k|thousand|million|mn)\s*(?:元|人民币|rmb|cny)?\s*[)\]）】]?\s*$",
    re.IGNORECASE,
)
UNITS = {"千": "1000", "k": "1000", "thousand": "1000", "万": "10000", "百万": "1000000", "million": "1000000"} | {
    "mn": "1000000",
    "亿": "100000000",
}
COLUMN = re.compile(r"\{([^{}]+)\}")


class Chosen(int):
    """The key of a record that a person chose for a name in the file."""


class New(str):
    """A name in the file of which a person wants a new record."""

    __slots__ = ()


@dataclass(frozen=True)
class Mapping:
    """What each place of a line fills ({place: column}), the headings that fill nothing, and how many there are.

    joined: {place: all places whose texts make its value}. constants: texts of places behind the last one. converters:
    {place: functions that turn a cell into a plainer one}. patterns: {place of a constant: its texts and the places of
    the columns between them}. making: {column: what fills the new records that it names}.
    """

    places: dict[int, str]
    unused: list[str]
    width: int
    joined: dict[int, tuple[int, ...]] = field(default_factory=dict)
    constants: tuple[str, ...] = ()
    converters: dict[int, tuple[Callable, ...]] = field(default_factory=dict)
    patterns: dict[int, tuple[str | int, ...]] = field(default_factory=dict)
    making: dict[str, Mapping] = field(default_factory=dict)

    def cells(self, line: list) -> list:
        """The cells of a line as they are to be read."""
        if not (self.joined or self.constants or self.converters):
            return line
        cells = [*line[: self.width], *[""] * (self.width - len(line)), *self.constants]
        for place, pieces in self.patterns.items():
            cells[place] = filled(pieces, line)
        for place, others in self.joined.items():
            cells[place] = joined(line[one] for one in others if one < len(line))
        for place, converters in self.converters.items():
            for convert in converters:
                cells[place] = convert(cells[place])
        return cells


def joined(cells: Iterable) -> str:
    """Texts of several columns as one: with a space between them, with none between Chinese characters."""
    return parsing.glued(map(parsing.parse_text, cells))


def pattern_of(text: str, headings: list[str]) -> tuple[str | int, ...]:
    """A constant that takes columns of the line, "{First name} {Last name}": its texts, and the places of the columns.

    Empty when it takes none; raises ParseError for a column that the file does not have.
    """
    pieces: list[str | int] = []
    places = {match_key(heading): place for place, heading in reversed([*enumerate(headings)]) if heading}
    for number, piece in enumerate(COLUMN.split(text)):
        if number % 2 and match_key(piece) not in places:
            raise ParseError(_("The file has no column “%(value)s”."), value=piece[:80])
        pieces.append(places[match_key(piece)] if number % 2 else piece)
    return tuple(pieces) if len(pieces) > 1 else ()


def filled(pieces: tuple[str | int, ...], line: list) -> str:
    """The text of a pattern for a line."""
    texts = {one: parsing.parse_text(line[one]) for one in pieces if isinstance(one, int) and one < len(line)}
    return "".join(one if isinstance(one, str) else texts.get(one, "") for one in pieces).strip()


# -- dates -----------------------------------------------------------------------------------------------------------
def in_order(order: str) -> Callable:
    """Writes dates in one order as 2026-04-03; other cells stay."""

    def convert(cell):
        found = ORDERED.match(cell.strip()) if isinstance(cell, str) else None
        if not found:
            return cell
        first, second, year = found.groups()
        day, month = (first, second) if order == "dmy" else (second, first)
        year = year if len(year) == 4 else f"20{year}" if int(year) < 70 else f"19{year}"
        return f"{year}-{int(month):02}-{int(day):02}{cell.strip()[found.end() :]}"

    return convert


def order_of(values: Iterable) -> tuple[str, str]:
    """(order, the value that shows it) of a column of dates: "dmy", "mdy", "?" when nothing shows it, "" for none."""
    order, shown = "", ""
    for value in values:
        found = ORDERED.match(value.strip()) if isinstance(value, str) else None
        if not found:
            continue
        if int(found[1]) > 12:
            return "dmy", value.strip()
        if int(found[2]) > 12:
            return "mdy", value.strip()
        order, shown = "?", shown or value.strip()
    return order, shown


# -- numbers ---------------------------------------------------------------------------------------------------------
def times(factor: str) -> Callable:
    """Multiplies numbers; what is none stays, so that its own reader says so, and so does what names its own unit."""

    def convert(cell):
        if parsing.is_empty(cell) or isinstance(cell, datetime.date | datetime.time) or parsing.has_unit(cell):
            return cell
        try:
            return parsing.parse_decimal(cell, places=15, digits=45) * Decimal(factor)
        except ParseError:
            return cell

    return convert


def without_comma(cell):
    """1.234,56 as 1234.56; what is written otherwise stays."""
    text = parsing.bare_number(cell) if isinstance(cell, str) else ""
    return text.replace(".", "").replace(",", ".") if WITH_COMMA.fullmatch(text) else cell


def decimals_of(values: Iterable) -> tuple[str, str]:
    """("," or ".", the value that shows it) of what stands before the decimals of a column; "" when nothing shows it.
    A point wins: it is what everybody else reads."""
    comma = ("", "")
    for value in values:
        text = parsing.bare_number(value) if isinstance(value, str) else ""
        if WITH_POINT.fullmatch(text):
            return ".", text
        if not comma[0] and WITH_COMMA.fullmatch(text) and SHOWS_COMMA.search(text):
            comma = COMMA, text
    return comma


def currency_of(values: Iterable) -> tuple[str, str]:
    """(code, the value that shows it) of the first sign of a currency in a column; "" without one."""
    found = ((parsing.currency_in(value), value.strip()) for value in values if isinstance(value, str))
    return next((one for one in found if one[0]), ("", ""))


def factor_of(heading: str) -> str:
    """The factor that a heading names, "" when none."""
    found = UNIT.search(heading)
    return UNITS.get(found[1].lower(), "") if found else ""


def bare(heading: str) -> str:
    """A heading without what stands in brackets behind it and without marks: "手机号（必填）*" -> "手机号"."""
    return re.sub(r"[(\[（【].*?[)\]）】]|[*＊:：]", "", heading).strip()


# -- values ----------------------------------------------------------------------------------------------------------
def by_table(table: dict, key: Callable) -> Callable:
    """Puts what a person chose in the place of values; "" leaves the cell empty."""

    def convert(cell):
        if parsing.is_empty(cell):
            return cell
        try:
            return table.get(key(parsing.parse_text(cell)), cell)
        except ParseError:
            return cell

    return convert


def as_new(keys: set, key: Callable) -> Callable:
    """Marks the values of which a person wants a new record."""

    def convert(cell):
        try:
            text = parsing.parse_text(cell)
        except ParseError:
            return cell
        return New(text) if text and key(text) in keys else cell

    return convert
