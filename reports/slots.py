"""When a schedule is due: one moment a day at most, told in the schedule's own time zone, daylight saving included."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAILY, WEEKLY, MONTHLY = "daily", "weekly", "monthly"


def next_slot(rhythm, after):
    """The first due moment later than `after`, in UTC. rhythm has frequency, weekdays, month_day, at and zone."""
    day = after.astimezone(rhythm.zone).date() - timedelta(days=1)
    for _step in range(800):
        if is_due_on(rhythm, day) and (moment := moment_of(day, rhythm.at, rhythm.zone)) > after:
            return moment
        day += timedelta(days=1)
    raise ValueError("a schedule without a day has no slot")


def latest_slot(rhythm, now):
    """The last due moment that is not later than `now`, in UTC."""
    day = now.astimezone(rhythm.zone).date() + timedelta(days=1)
    for _step in range(800):
        if is_due_on(rhythm, day) and (moment := moment_of(day, rhythm.at, rhythm.zone)) <= now:
            return moment
        day -= timedelta(days=1)
    raise ValueError("a schedule without a day has no slot")


def is_due_on(rhythm, day: date):
    """Weekdays count from 0, Monday. A month that is too short is due on its last day."""
    if rhythm.frequency == DAILY:
        return True
    if rhythm.frequency == WEEKLY:
        return day.weekday() in rhythm.weekdays
    return day.day == min(rhythm.month_day, last_day(day))


def last_day(day: date):
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1).toordinal() - day.replace(day=1).toordinal()


def moment_of(day: date, at: time, zone: ZoneInfo):
    """A local time as a moment: one that daylight saving skips is an hour later, one that comes twice counts once."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
