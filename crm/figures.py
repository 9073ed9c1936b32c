"""The one place that makes text of figures (money, counts, per cents, dates) and Excel formats that show the same."""

from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from django.utils import dateformat, timezone, translation
from django.utils.translation import gettext, ngettext

DASH, MINUS = "—", "\u2212"
SYMBOLS = {"CNY": "¥"}
WAN, YI = Decimal(10**4), Decimal(10**8)
EXCEL_DATE, EXCEL_MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"


def exact(value):
    """Decimal of an int or Decimal; a float is refused, because its binary rounding would differ between outputs."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int):
        return Decimal(value)
    raise TypeError(f"figures are Decimal or int, not {type(value).__name__}")


def rounded(value, digits=0):
    """Half up, away from zero, as Excel does."""
    return exact(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _is_chinese(language):
    return (language or translation.get_language() or "").startswith("zh")


def _sign(value, signed):
    return MINUS if value < 0 else "+" if signed and value > 0 else ""


def _prefix(currency):
    return SYMBOLS.get(currency) or f"{currency} "


def number(n, digits=0, signed=False):
    if n is None:
        return DASH
    n = rounded(n, digits)
    return f"{_sign(n, signed)}{abs(n):,}"


def percent_of(share, digits=1, signed=False):
    """Text of a share: Decimal("0.125") is 12.5%."""
    return DASH if share is None else f"{number(exact(share) * 100, digits, signed)}%"


def ratio(part, whole):
    """The share as Decimal, or None where there is no whole to compare with."""
    return exact(part) / exact(whole) if part is not None and whole else None


def percent(part, whole, digits=1):
    return percent_of(ratio(part, whole), digits)


def money(amount, currency, language=None, digits=None, signed=False):
    """For tables: ¥1,286,000; USD 1,040. Cents are shown where there are any, unless `digits` says otherwise.

    The long form is the same in every language; `language` is there so that money and short_money can be exchanged."""
    if amount is None:
        return DASH
    amount = exact(amount)
    if digits is None:
        digits = 0 if amount == amount.to_integral_value() else 2
    amount = rounded(amount, digits)
    return f"{_sign(amount, signed)}{_prefix(currency)}{abs(amount):,}"


class _Scale(NamedTuple):
    """How an amount is shortened: from `least` on it is divided by `unit`, rounded to `digits`, given `suffix`."""

    least: Decimal
    unit: Decimal
    digits: int
    suffix: str


WHOLE = _Scale(Decimal(0), Decimal(1), 0, "")
CHINESE_SCALES = _Scale(WAN, WAN, 1, " 万"), _Scale(YI, YI, 2, " 亿")
ENGLISH_SCALES = (
    _Scale(WAN, Decimal(10**3), 0, "K"),
    _Scale(Decimal(10**6), Decimal(10**6), 2, "M"),
    _Scale(Decimal(10**9), Decimal(10**9), 2, "B"),
)


def _scale(amount, language):
    """The unit is chosen after rounding, so that 999,999 is ¥1.00M and never ¥1,000K."""
    size, chosen = abs(exact(amount)), WHOLE
    for scale in CHINESE_SCALES if _is_chinese(language) else ENGLISH_SCALES:
        if max(size, rounded(size / chosen.unit, chosen.digits) * chosen.unit) >= scale.least:
            chosen = scale
    return chosen


def short_money(amount, currency, language=None, signed=False):
    """For cards, boards and prose: zh ¥128.6 万, ¥1.2 亿; en ¥1.29M, ¥468K; under ten thousand the whole amount."""
    if amount is None:
        return DASH
    scale = _scale(amount, language)
    amount = rounded(exact(amount) / scale.unit, scale.digits)
    digits = f"{abs(amount):,}"
    if scale.unit == YI:
        digits = _plain(abs(amount))
    return f"{_sign(amount, signed)}{_prefix(currency)}{digits}{scale.suffix}"


def split_unit(text):
    """("¥1,473.5", "万") for a card that sets the unit in smaller type; an English figure has no unit apart."""
    head, space, tail = text.rpartition(" ")
    return (head, tail) if space and tail in ("万", "亿") else (text, "")


def tick(value, language=None):
    """A round figure beside a chart's axis: 0, 500K, 1.5M, 50万, 2亿."""
    value = exact(value)
    for scale in reversed(CHINESE_SCALES if _is_chinese(language) else ENGLISH_SCALES):
        if abs(value) >= scale.unit:
            return f"{_plain(value / scale.unit)}{scale.suffix.strip()}"
    return _plain(value)


def _plain(value):
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class Change(NamedTuple):
    """How a figure moved against the period before: direction −1, 0 or 1, size as text, value for an Excel cell."""

    direction: int
    size: str
    value: Decimal | None

    @property
    def text(self):
        return f"{'▲▼'[self.direction < 0]} {self.size}" if self.direction else self.size

    @property
    def signed(self):
        """For sentences: +1.9%, −3."""
        return f"{MINUS if self.direction < 0 else '+' if self.direction > 0 else ''}{self.size}"


def change(now, before, kind="money"):
    """Money changes by a per cent, counts and days by a number, rates by percentage points; without a base: a dash."""
    if now is None or before is None or (kind == "money" and not before):
        return Change(0, DASH, None)
    gap = exact(now) - exact(before)
    if kind == "money":
        value, shown = gap / abs(exact(before)), rounded(gap / abs(exact(before)) * 100, 1)
        size = f"{abs(shown):,}%"
    elif kind == "percent":
        value, shown = gap * 100, rounded(gap * 100, 1)
        size = gettext("%(points)s pp") % {"points": f"{abs(shown):,}"}
    else:
        value, shown = gap, rounded(gap)
        size = f"{abs(shown):,}"
    return Change((shown > 0) - (shown < 0), size, value)


def days(n):
    """21 days; a whole number, rounded half up."""
    if n is None:
        return DASH
    whole = int(rounded(n))
    return ngettext("%(n)s day", "%(n)s days", whole) % {"n": number(whole)}


def date_text(day, language=None, form="iso", today=None):
    """iso 2026-11-20 (tables, files); short 20 Nov / 11月20日, with the year if not this one; long 20 November 2026."""
    if day is None:
        return DASH
    if form == "iso":
        return day.strftime("%Y-%m-%d") if day.year >= 1000 else day.isoformat()
    with translation.override(language or translation.get_language()):
        if form == "long":
            return dateformat.format(day, gettext("j F Y"))
        today = today or timezone.localdate()
        return dateformat.format(day, gettext("j M") if day.year == today.year else gettext("j M Y"))


def datetime_text(moment: datetime, language=None, form="iso", zone: tzinfo | None = None, today: date | None = None):
    """A moment in the given (else the active) zone: iso 2026-11-22 23:59; short 20 Nov, 14:30 / 11月20日 周五 14:30."""
    if moment is None:
        return DASH
    local = timezone.localtime(moment, zone)
    if form == "iso":
        return f"{date_text(local.date())} {local:%H:%M}"
    with translation.override(language or translation.get_language()):
        today = today or timezone.localdate(timezone=zone)
        pattern = gettext("j M, H:i") if local.year == today.year else gettext("j M Y, H:i")
        return dateformat.format(local, pattern).replace("星期", "周")  # Django's short weekday is the long one


def _sections(prefix, body, signed=False):
    """Positive; negative; and with a sign also zero. Our minus is U+2212, not the hyphen of a bare format."""
    plus = f'"+{prefix}"' if signed else f'"{prefix}"' if prefix else ""
    zero = f';"{prefix}"{body}' if signed and prefix else f";{body}" if signed else ""
    return f'{plus}{body};"{MINUS}{prefix}"{body}{zero}'


def _grouped(digits):
    return "#,##0" + ("." + "0" * digits if digits else "")


def excel_number(digits=0, signed=False):
    return _sections("", _grouped(digits), signed)


def excel_percent(digits=1, signed=False):
    return _sections("", _grouped(digits) + "%", signed)


def excel_money(currency, digits=0, signed=False):
    return _sections(_prefix(currency), _grouped(digits), signed)


def excel_short_money(amount, currency, language=None):
    """A format for a cell that holds this amount: it shows the text of short_money, the cell keeps the whole number.

    Excel divides by thousands only; a literal point before the last digit makes 万 (ten thousands) out of thousands,
    and one before the last two digits makes 亿 out of millions."""
    if amount is None:
        return "General"
    scale = _scale(amount, language)
    if scale.unit == WAN:
        body = (r"0\,000\.0" if rounded(abs(exact(amount)) / 1000) >= 10_000 else r"0\.0") + '," 万"'
    elif scale.unit == YI:
        body = r'0\.00,," 亿"'
    else:
        thousands = {"": "", "K": ",", "M": ",,", "B": ",,,"}[scale.suffix]
        body = _grouped(scale.digits) + thousands + (f'"{scale.suffix}"' if scale.suffix else "")
    return _sections(_prefix(currency), body)


def excel_change(kind="money"):
    """The format of a cell that holds Change.value (of a rate: points, so it has no per cent sign)."""
    points = gettext("%(points)s pp") % {"points": ""}
    body = {"money": "#,##0.0%", "percent": f'0.0"{points}"'}.get(kind, "#,##0")
    return f'"▲" {body};"▼" {body};{body}'
