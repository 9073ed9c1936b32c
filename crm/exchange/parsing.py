"""Turns the text or the cell of an imported table into a typed value, or says what is wrong with it.

An empty cell gives None (text: ""). Every function takes what `read_table` yields.
"""

import datetime
import math
import re
import unicodedata
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from .matching import match_key
from .problems import ParseError

FIRST_YEAR, LAST_YEAR = 1900, 2199
# Day 0 of Excel, two days early: it counts from 1 and believes in 29 February 1900.
EXCEL_EPOCH = datetime.date(1899, 12, 30)
# Serial numbers are taken as dates only where people mean dates: 1954 to 2119.
SERIALS = range(20_000, 80_001)
PLAIN_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
YEAR_FIRST = re.compile("(\\d{4})\\s*([-/.\u5e74])\\s*(\\d{1,2})\\s*[-/.\u6708]\\s*(\\d{1,2})\\s*\u65e5?")
DAY_FIRST = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
TIME_OF_DAY = re.compile(r"(?:T|\s+)(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$")
NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?|[-+]?\.\d+")
SCIENTIFIC = re.compile(r"[-+]?\d+(?:\.\d+)?e[-+]?\d+", re.IGNORECASE)
SIGNS_OF_MONEY = re.compile(
    "^([-+]?)\\s*(?:CNY|RMB|USD|EUR|US\\$|[\u00a5$\u20ac\u00a3])\\s*|\\s*(?:[\u5143\u20ac]|CNY|RMB|USD|EUR)$",
    re.IGNORECASE,
)
CURRENCIES = {"CNY": "CNY", "RMB": "CNY", "\u00a5": "CNY", "\u5143": "CNY", "USD": "USD", "US$": "USD", "$": "USD"} | {
    "EUR": "EUR",
    "\u20ac": "EUR",
    "\u00a3": "GBP",
}
# 120万, 1,000(万元), 3.5亿, 20k: the unit stands with the number. A percent sign is taken off: 12% is 12.
UNITS = re.compile(r"\s*\(?\s*(百万|[千万亿kKM])\s*元?\s*\)?$")
TIMES = {"千": 3, "k": 3, "K": 3, "万": 4, "百万": 6, "M": 6, "亿": 8}
TRUE = {"1", "true", "yes", "y", "t", "on", "是", "真", "对", "有", "√", "✓", "✔", "已", "启用", "有效", "开"}
FALSE = {"0", "false", "no", "n", "f", "off", "否", "假", "错", "无", "×", "✗", "✘", "未", "停用", "禁用", "无效", "关"}
RANK = re.compile(r"[A-Z]?\d+ ")  # P2 高
CLASS = re.compile("(?<=.)(?:\u7ea7|\u7c7b)(?:\u5ba2\u6237)?$")  # A级, B类客户
# Control characters, without tab and line end.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


# What web pages and chats leave in copied text: zero-width spaces, marks and overrides of the writing direction.
UNSEEN = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
INVISIBLE = re.compile(f"[{UNSEEN}]")
HAN = re.compile("[\u3400-\u9fff]")


def is_empty(value) -> bool:
    return value is None or value == "" or (isinstance(value, str) and value.isspace())


def parse_text(value, *, max_length=None) -> str:
    """The text of a cell without blank ends; a number cell reads as people see it (13800138000, not 13800138000.0)."""
    if value is None:
        return ""
    text = (value if type(value) is str else _shown(value)).strip()
    if not text.isprintable():  # line ends, invisible marks, or worse
        text = text.replace("\r\n", "\n").replace("\r", "\n").strip(UNSEEN + " \t\n")
        if CONTROL.search(text):
            raise ParseError(_("The text contains control characters. Delete them and type the text again."))
    if max_length is not None and len(text) > max_length:
        raise ParseError(
            _("The text has %(length)s characters, at most %(limit)s are allowed."), length=len(text), limit=max_length
        )
    return text


def parse_line(value, *, max_length=None) -> str:
    """The same in one line: a line break in a cell wraps a name, it is no part of it."""
    text = parse_text(value, max_length=max_length)
    return glued(text.split("\n")) if "\n" in text else text


def glued(parts) -> str:
    """Texts as one: with a space between them, with none between Chinese characters."""
    text = ""
    for part in filter(None, (part.strip() for part in parts)):
        glue = " " if text and not (HAN.match(text[-1]) and HAN.match(part[0])) else ""
        text += glue + part
    return text


def parse_date(value) -> datetime.date | None:
    if is_empty(value):
        return None
    if isinstance(value, datetime.datetime):
        return _in_range(value.date(), value)
    if isinstance(value, datetime.date):
        return _in_range(value, value)
    if isinstance(value, (bool, datetime.time)):
        raise _no_date(value)
    if isinstance(value, (int, float)):
        return _date_of_number(value)
    if found := PLAIN_DAY.fullmatch(value):
        return _calendar_day(*map(int, found.groups()), value)
    text = TIME_OF_DAY.sub("", _plain(value)).strip()
    if text.isdecimal() and len(text) == 5:
        return _date_of_number(int(text))
    for pattern, order in ((YEAR_FIRST, (1, 3, 4)), (COMPACT, (1, 2, 3)), (DAY_FIRST, (3, 2, 1))):
        if found := pattern.fullmatch(text):
            return _calendar_day(*(int(found[group]) for group in order), value)
    raise _no_date(value)


def _date_of_number(number):
    if not math.isfinite(number):
        raise _no_date(number)
    if int(number) in SERIALS:
        return EXCEL_EPOCH + datetime.timedelta(days=int(number))
    if found := COMPACT.fullmatch(f"{number:.0f}"):
        return _calendar_day(*(int(part) for part in found.groups()), number)
    raise _no_date(number)


def _calendar_day(year, month, day, value):
    try:
        return _in_range(datetime.date(year, month, day), value)
    except ValueError as error:
        if isinstance(error, ParseError):
            raise
        raise ParseError(_("“%(value)s” is not a day of the calendar."), value=_short(value)) from None


def _in_range(day, value):
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ParseError(
            _("The year of “%(value)s” must lie between %(first)s and %(last)s."),
            value=_short(value),
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )
    return day


def _no_date(value):
    return ParseError(_("“%(value)s” is not a date. Write it like 2026-11-20."), value=_short(value))


def parse_decimal(value, *, places=2, digits=18, least=None) -> Decimal | None:
    """A number with at most `places` decimals and `digits` digits in all; only binary noise of a cell is rounded."""
    if is_empty(value):
        return None
    number = _decimal(value)
    if least is not None and number < least:
        raise ParseError(_("“%(value)s” is too small, the least is %(least)s."), value=_short(value), least=least)
    if abs(number) >= Decimal(10) ** (digits - places):
        raise ParseError(_("“%(value)s” is too large."), value=_short(value))
    exact = number.quantize(Decimal(1).scaleb(-places))
    if exact != number:
        raise ParseError(_("“%(value)s” has more than %(places)s decimal places."), value=_short(value), places=places)
    return exact


def parse_integer(value, *, least=None, most=2**31 - 1) -> int | None:
    if is_empty(value):
        return None
    number = _decimal(value)
    if number != number.to_integral_value():
        raise ParseError(_("“%(value)s” is not a whole number."), value=_short(value))
    if least is not None and number < least:
        raise ParseError(_("“%(value)s” is too small, the least is %(least)s."), value=_short(value), least=least)
    if number > most or number < -most:
        raise ParseError(_("“%(value)s” is too large."), value=_short(value))
    return int(number)


def _decimal(value) -> Decimal:
    if isinstance(value, (bool, datetime.date, datetime.time)):
        raise _no_number(value)
    if isinstance(value, (int, Decimal)):
        number = Decimal(value)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise _no_number(value)
        # A cell keeps 15 digits; what lies behind them is noise of binary fractions.
        number = Decimal(f"{value:.15g}")
    else:
        text, power = bare_number(value).removesuffix("%").strip(), 0
        if unit := UNITS.search(text):
            text, power = text[: unit.start()], TIMES[unit[1]]
        if SCIENTIFIC.fullmatch(text):
            raise ParseError(
                _("“%(value)s” is in scientific notation, digits may be lost. Write the number in full."),
                value=_short(value),
            )
        if not NUMBER.fullmatch(text):
            raise _no_number(value)
        number = Decimal(text.replace(",", "")).scaleb(power)
    # Also a Decimal from elsewhere may be NaN or 1e400.
    if not number.is_finite() or number.adjusted() > 30:
        raise _no_number(value)
    return number


def bare_number(text: str) -> str:
    """The text of a number without blanks at its ends and the sign of its currency."""
    return SIGNS_OF_MONEY.sub(r"\1", _plain(text)).strip()


def currency_in(text: str) -> str:
    """The code of the currency whose sign stands with a number; "" without one. ¥ is the one of China."""
    found = SIGNS_OF_MONEY.search(_plain(text))
    return CURRENCIES.get(found[0].strip(" +-").upper(), "") if found else ""


def has_unit(value) -> bool:
    """Whether a number names its own unit: 35万, 1.2亿."""
    return isinstance(value, str) and UNITS.search(_plain(value)) is not None


def _no_number(value):
    return ParseError(_("“%(value)s” is not a number. Write it like 380000 or 1,250.50."), value=_short(value))


def parse_boolean(value) -> bool | None:
    if is_empty(value):
        return None
    if isinstance(value, bool):
        return value
    word = match_key(_shown(value))
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ParseError(_("“%(value)s” is neither yes nor no."), value=_short(value))


def parse_email(value) -> str:
    text = _plain(value) if isinstance(value, str) else parse_text(value)
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise ParseError(
                _("“%(value)s” is not an e-mail address. Write it like name@example.com."), value=_short(value)
            ) from None
    return text


def parts_of(label: str) -> list[str]:
    """What people write of a label: 展会 of 活动/展会, 高 of P2 高."""
    found = label.split("/") if "/" in label else []
    return [*found, label.partition(" ")[2]] if RANK.match(label) else found


class Choices:
    """Codes by code or by label in any language; made once for a column, asked once for each row."""

    def __init__(self, choices, languages=("en", "zh-hans")):
        self.pairs = list(choices)
        self.labels, self.codes, self.met, parts = [label for _code, label in choices], {}, {}, {}
        for language in languages:
            with translation.override(language):
                for code, label in choices:
                    self.codes.setdefault(match_key(str(label)), code)
                    for part in parts_of(str(label)):
                        parts.setdefault(match_key(part), set()).add(code)
        # A code is meant as itself even when it is the label of another; a part of a label, where no other has it.
        self.codes |= {match_key(str(code)): code for code, _label in choices}
        self.codes = {key: next(iter(codes)) for key, codes in parts.items() if len(codes) == 1} | self.codes

    def parse(self, value):
        if is_empty(value):
            return None
        text = _shown(value)
        try:
            if text not in self.met:
                key = match_key(text)
                self.met[text] = self.codes[key if key in self.codes else CLASS.sub("", key)]
            return self.met[text]
        except KeyError:
            raise ParseError(
                _("“%(value)s” is not one of the choices: %(choices)s."),
                value=_short(value),
                choices=_Listing(self.labels),
            ) from None


class _Listing:
    """The first labels, in the language of the reader of the sentence."""

    def __init__(self, labels, most=10):
        self.labels, self.most = labels, most

    def __str__(self):
        listed = ", ".join(str(label) for label in self.labels[: self.most])
        return f"{listed}, …" if len(self.labels) > self.most else listed


def _plain(text):
    """Full-width digits and signs made plain, every kind of blank made a space, without what nobody sees."""
    return " ".join(INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).replace("\u2212", "-").split())


def _shown(value):
    if isinstance(value, float):
        return f"{value:.15g}" if abs(value) < 1e15 else str(value)
    if isinstance(value, datetime.datetime):
        at_midnight = value.time() == datetime.time()
        return value.date().isoformat() if at_midnight else value.isoformat(" ", "seconds")
    return str(value)


def _short(value):
    text = " ".join(_shown(value).split())
    return text if len(text) <= 60 else text[:59] + "…"
