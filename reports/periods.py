"""Periods of reports: whole weeks from Monday, months, fiscal quarters and years of the company, and free dates."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.figures import date_text


class Span(StrEnum):
    """How a period is told. Those of a schedule are relative to the day on which it runs."""

    YESTERDAY = "yesterday"
    THIS_WEEK = "this_week"
    LAST_WEEK = "last_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_QUARTER = "this_quarter"
    LAST_QUARTER = "last_quarter"
    THIS_YEAR = "this_year"
    LAST_YEAR = "last_year"
    ALL = "all"
    DATES = "dates"


LABELS = {
    Span.YESTERDAY: _("Yesterday"),
    Span.THIS_WEEK: _("This week so far"),
    Span.LAST_WEEK: _("Last week"),
    Span.THIS_MONTH: _("This month so far"),
    Span.LAST_MONTH: _("Last month"),
    Span.THIS_QUARTER: _("This quarter so far"),
    Span.LAST_QUARTER: _("Last quarter"),
    Span.THIS_YEAR: _("This fiscal year so far"),
    Span.LAST_YEAR: _("Last fiscal year"),
    Span.ALL: _("All time"),
    Span.DATES: _("From … to …"),
}
# How the period before is called in a sentence and on cards: "last week ¥14.46M".
BEFORE = {
    "day": _("the day before"),
    "week": _("the week before"),
    "month": _("the month before"),
    "quarter": _("the quarter before"),
    "year": _("the year before"),
    "dates": _("before"),
}


@dataclass(frozen=True)
class Period:
    """From the first to the last day, both included, in the company's zone.

    unit: day, week, month, quarter, year, or dates for free ones.

    starts_on None means from the beginning. fiscal_start is the first month of the company's fiscal year.
    """

    starts_on: date | None
    ends_on: date
    unit: str
    zone: ZoneInfo
    fiscal_start: int = 1

    @property
    def starts_at(self):
        """The first moment, or None."""
        return None if self.starts_on is None else midnight(self.starts_on, self.zone)

    @property
    def ends_at(self):
        """The first moment after the period."""
        return midnight(self.ends_on + timedelta(days=1), self.zone)

    @property
    def name(self):
        """Week 47 · 16 to 22 November 2026, in the active language."""
        dates = self.dates
        if self.unit == "week":
            week = gettext("Week %(week)s") % {"week": self.ends_on.isocalendar().week}
            return f"{week} · {dates}"
        if self.unit == "quarter":
            year, quarter = fiscal_quarter(self.ends_on, self.fiscal_start)
            return f"{quarter_name(year, quarter)} · {dates}"
        return dates

    @property
    def dates(self):
        if self.starts_on is None:
            return gettext("All time to %(end)s") % {"end": date_text(self.ends_on)}
        if self.starts_on == self.ends_on:
            return date_text(self.ends_on)
        return gettext("%(start)s to %(end)s") % {"start": date_text(self.starts_on), "end": date_text(self.ends_on)}

    @property
    def before(self):
        """The period of the same length that ends the day before this one begins; None when this has no beginning.

        A month, quarter or year so far is compared with as many days of the one before.
        """
        if self.starts_on is None:
            return None
        length = self.ends_on - self.starts_on
        if self.unit == "week":
            start = self.starts_on - timedelta(days=7)
        elif self.unit in MONTHS:
            start = add_months(self.starts_on, -MONTHS[self.unit])
            whole = self.ends_on + timedelta(days=1) == add_months(self.starts_on, MONTHS[self.unit])
            if whole or start + length >= self.starts_on:
                return Period(start, self.starts_on - timedelta(days=1), self.unit, self.zone, self.fiscal_start)
        else:
            start = self.starts_on - length - timedelta(days=1)
        return Period(start, start + length, self.unit, self.zone, self.fiscal_start)

    @property
    def before_label(self):
        return str(BEFORE[self.unit])


MONTHS = {"month": 1, "quarter": 3, "year": 12}


def midnight(day, zone):
    """The first moment of a day in a zone."""
    return datetime.combine(day, time.min, tzinfo=zone)


def add_months(first, months):
    """The first of a month so many months later or earlier."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def fiscal_quarter(day, fiscal_start):
    """(fiscal year, quarter 1 to 4) of a day; a fiscal year is called after the calendar year in which it ends."""
    months = (day.month - fiscal_start) % 12
    year = day.year + (1 if fiscal_start > 1 and day.month >= fiscal_start else 0)
    return year, months // 3 + 1


def quarter_name(year, quarter):
    return gettext("Q%(quarter)s %(year)s") % {"quarter": quarter, "year": year}


def period_of(span, company, today=None, starts_on=None, ends_on=None):
    """The period of a span on a day, today unless given. DATES takes the dates, in either order."""
    today, span = today or company.today, Span(span)
    if span == Span.DATES:
        first, last = sorted((starts_on or today, ends_on or today))
        return made(company, first, last, "dates")
    if span == Span.ALL:
        return made(company, None, today, "dates")
    if span == Span.YESTERDAY:
        return made(company, today - timedelta(days=1), today - timedelta(days=1), "day")
    unit = span.rpartition("_")[2]
    start = start_of(unit, today, company.fiscal_year_start)
    if span.startswith("this_"):
        return made(company, start, today, unit)
    first = start - timedelta(days=7) if unit == "week" else add_months(start, -MONTHS[unit])
    return made(company, first, start - timedelta(days=1), unit)


def start_of(unit, today, fiscal_start):
    """The first day of the week, month, fiscal quarter or fiscal year in which a day lies."""
    if unit == "week":
        return today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    if unit == "month":
        return first
    months = (today.month - fiscal_start) % 12
    return add_months(first, -(months % 3 if unit == "quarter" else months))


def made(company, first, last, unit):
    return Period(first, last, unit, company.zone, company.fiscal_year_start)
