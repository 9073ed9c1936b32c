"""When schedules are due, over daylight saving and short months, and which days a period holds."""

from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from reports.periods import Span, fiscal_quarter, period_of
from reports.slots import latest_slot, next_slot

BERLIN, SHANGHAI = "Europe/Berlin", "Asia/Shanghai"


def rhythm(frequency="weekly", at="08:00", zone=SHANGHAI, weekdays=(0,), month_day=1):
    return SimpleNamespace(
        frequency=frequency,
        at=time.fromisoformat(at),
        zone=ZoneInfo(zone),
        weekdays=list(weekdays),
        month_day=month_day,
    )


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_weekly_schedule_is_due_on_its_days_in_its_own_zone():
    monday = rhythm()
    assert next_slot(monday, utc("2026-11-22T12:00")) == utc("2026-11-23T00:00")
    assert next_slot(monday, utc("2026-11-23T00:00")) == utc("2026-11-30T00:00")
    assert latest_slot(monday, utc("2026-11-23T00:00")) == utc("2026-11-23T00:00")
    assert latest_slot(monday, utc("2026-11-22T23:59")) == utc("2026-11-16T00:00")


def test_several_days_a_week_come_one_after_the_other():
    both = rhythm(weekdays=(0, 4))
    assert next_slot(both, utc("2026-11-23T00:00")) == utc("2026-11-27T00:00")
    assert next_slot(both, utc("2026-11-27T00:00")) == utc("2026-11-30T00:00")


def test_the_wall_clock_time_stays_when_the_clocks_change():
    daily = rhythm("daily", zone=BERLIN)
    assert next_slot(daily, utc("2026-03-28T12:00")) == utc("2026-03-29T06:00")  # summer time began that night
    assert next_slot(daily, utc("2026-03-27T12:00")) == utc("2026-03-28T07:00")
    assert next_slot(daily, utc("2026-10-24T12:00")) == utc("2026-10-25T07:00")


def test_a_time_that_the_clocks_skip_comes_an_hour_later_and_once():
    night = rhythm("daily", "02:30", BERLIN)
    skipped = next_slot(night, utc("2026-03-28T12:00"))
    assert skipped == utc("2026-03-29T01:30")  # 03:30 on the wall
    assert next_slot(night, skipped) == utc("2026-03-30T00:30")


def test_a_time_that_comes_twice_counts_once():
    night = rhythm("daily", "02:30", BERLIN)
    first = next_slot(night, utc("2026-10-24T12:00"))
    assert first == utc("2026-10-25T00:30")
    assert next_slot(night, first) == utc("2026-10-26T01:30")
    assert latest_slot(night, utc("2026-10-25T01:45")) == first


@pytest.mark.parametrize(("day", "due"), [(31, "2026-02-28T00:00"), (29, "2026-02-28T00:00"), (15, "2026-02-15T00:00")])
def test_a_day_that_the_month_lacks_is_its_last_day(day, due):
    assert next_slot(rhythm("monthly", month_day=day), utc("2026-02-01T12:00")) == utc(due)


def test_the_31st_comes_in_every_month():
    monthly, moment, days = rhythm("monthly", month_day=31), utc("2026-01-01T00:00"), []
    for _month in range(12):
        moment = next_slot(monthly, moment)
        days.append(moment.astimezone(monthly.zone).day)
    assert days == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def test_a_schedule_without_days_has_no_slot():
    with pytest.raises(ValueError, match="without a day"):
        next_slot(rhythm(weekdays=()), utc("2026-01-01T00:00"))


# --- Periods ---

THURSDAY = date(2026, 11, 19)


def company(fiscal=1):
    return SimpleNamespace(zone=ZoneInfo(SHANGHAI), fiscal_year_start=fiscal, today=THURSDAY)


@pytest.mark.parametrize(
    ("span", "first", "last", "before"),
    [
        (Span.YESTERDAY, "2026-11-18", "2026-11-18", ("2026-11-17", "2026-11-17")),
        (Span.THIS_WEEK, "2026-11-16", "2026-11-19", ("2026-11-09", "2026-11-12")),
        (Span.LAST_WEEK, "2026-11-09", "2026-11-15", ("2026-11-02", "2026-11-08")),
        (Span.THIS_MONTH, "2026-11-01", "2026-11-19", ("2026-10-01", "2026-10-19")),
        (Span.LAST_MONTH, "2026-10-01", "2026-10-31", ("2026-09-01", "2026-09-30")),
        (Span.THIS_QUARTER, "2026-10-01", "2026-11-19", ("2026-07-01", "2026-08-19")),
        (Span.LAST_QUARTER, "2026-07-01", "2026-09-30", ("2026-04-01", "2026-06-30")),
        (Span.THIS_YEAR, "2026-01-01", "2026-11-19", ("2025-01-01", "2025-11-19")),
        (Span.LAST_YEAR, "2025-01-01", "2025-12-31", ("2024-01-01", "2024-12-31")),
    ],
)
def test_a_period_and_the_one_before_it(span, first, last, before):
    period = period_of(span, company(), today=THURSDAY)
    assert (period.starts_on.isoformat(), period.ends_on.isoformat()) == (first, last)
    assert (period.before.starts_on.isoformat(), period.before.ends_on.isoformat()) == before


def test_the_31_days_so_far_are_compared_with_the_whole_shorter_month_before():
    period = period_of(Span.THIS_MONTH, company(), today=date(2026, 3, 30))
    assert (period.before.starts_on, period.before.ends_on) == (date(2026, 2, 1), date(2026, 2, 28))


def test_a_fiscal_year_that_begins_in_april():
    april = company(fiscal=4)
    this_year = period_of(Span.THIS_YEAR, april, today=date(2026, 2, 10))
    assert (this_year.starts_on, this_year.ends_on) == (date(2025, 4, 1), date(2026, 2, 10))
    quarter = period_of(Span.LAST_QUARTER, april, today=date(2026, 2, 10))
    assert (quarter.starts_on, quarter.ends_on) == (date(2025, 10, 1), date(2025, 12, 31))
    assert fiscal_quarter(date(2026, 3, 31), 4) == (2026, 4)
    assert fiscal_quarter(date(2026, 4, 1), 4) == (2027, 1)
    assert fiscal_quarter(date(2026, 4, 1), 1) == (2026, 2)


def test_free_dates_may_come_in_either_order_and_all_time_has_nothing_before():
    period = period_of(Span.DATES, company(), starts_on=date(2026, 3, 1), ends_on=date(2026, 1, 1))
    assert (period.starts_on, period.ends_on) == (date(2026, 1, 1), date(2026, 3, 1))
    assert (period.before.starts_on, period.before.ends_on) == (date(2025, 11, 2), date(2025, 12, 31))
    assert period_of(Span.ALL, company()).before is None


def test_a_period_begins_and_ends_at_midnight_of_the_company():
    period = period_of(Span.LAST_WEEK, company(), today=THURSDAY)
    assert period.starts_at.astimezone(UTC) == utc("2026-11-08T16:00")
    assert period.ends_at.astimezone(UTC) == utc("2026-11-15T16:00")


def test_a_period_tells_its_name():
    with translation.override("en"):
        assert period_of(Span.LAST_WEEK, company(), today=THURSDAY).name == "Week 46 · 2026-11-09 to 2026-11-15"
        assert period_of(Span.LAST_QUARTER, company(), today=THURSDAY).name == "Q3 2026 · 2026-07-01 to 2026-09-30"
        assert period_of(Span.ALL, company()).name == "All time to 2026-11-19"
