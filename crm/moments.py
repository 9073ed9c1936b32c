"""Dates as people read them: relative for a week, then absolute, and always with the exact moment beside."""

from datetime import date, datetime

from django.utils import dateformat, timezone
from django.utils.translation import gettext, ngettext, pgettext

from crm import figures
from crm.marks import markup

RELATIVE_DAYS = 7


def relative(value, now=None):
    """The text of a date or moment within seven days of now, else None."""
    now = timezone.localtime(now)
    is_moment = isinstance(value, datetime)
    gap = (now.date() - (timezone.localtime(value).date() if is_moment else value)).days
    if is_moment and gap == 0 and value <= now:
        return ago(int((now - value).total_seconds()) // 60)
    if gap in (-1, 0, 1):
        word = {-1: pgettext("day", "tomorrow"), 0: pgettext("day", "today"), 1: pgettext("day", "yesterday")}[gap]
        return f"{word} {timezone.localtime(value):%H:%M}" if is_moment and gap < 1 else word
    if 1 < gap <= RELATIVE_DAYS:
        return ngettext("%(n)s day ago", "%(n)s days ago", gap) % {"n": gap}
    if -RELATIVE_DAYS <= gap < -1 and not is_moment:
        return ngettext("in %(n)s day", "in %(n)s days", -gap) % {"n": -gap}
    return None


def ago(minutes):
    """How long ago within this day."""
    if minutes < 1:
        return gettext("just now")
    if minutes < 60:
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    return ngettext("%(n)s hour ago", "%(n)s hours ago", minutes // 60) % {"n": minutes // 60}


def absolute(value, form="iso"):
    return (
        figures.datetime_text(value, form=form) if isinstance(value, datetime) else figures.date_text(value, form=form)
    )


def as_time(value, text):
    """The text in a <time> that carries the exact moment."""
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    exact = local.isoformat(timespec="minutes") if isinstance(value, datetime) else local.isoformat()
    return markup('<time datetime="{}" title="{}">{}</time>', exact, absolute(value), text)


def when(value, form="short"):
    """Relative up to seven days, then absolute; "short" for prose and cards, "iso" for tables."""
    if not isinstance(value, date):
        return figures.DASH
    return as_time(value, relative(value) or absolute(value, form))


def moment(value, form="short"):
    """The absolute date, or date and time in the reader's zone: 20 Nov, 14:30."""
    return as_time(value, absolute(value, form)) if isinstance(value, date) else figures.DASH


def day(value):
    """A heading for the things of one day: 18 Nov, Wednesday."""
    local = timezone.localtime(value).date() if isinstance(value, datetime) else value
    parts = {"date": figures.date_text(local, form="short"), "weekday": dateformat.format(local, "l")}
    return gettext("%(date)s, %(weekday)s") % parts


def clock(value):
    return as_time(value, f"{timezone.localtime(value):%H:%M}") if isinstance(value, datetime) else figures.DASH


def lasting(duration):
    """A timedelta or a number of seconds as 18 s, 3 min, 2 h 5 min."""
    if duration is None:
        return figures.DASH
    whole = int(getattr(duration, "total_seconds", lambda: duration)())
    if whole < 60:
        return gettext("%(n)s s") % {"n": whole}
    if whole < 3600:
        return gettext("%(n)s min") % {"n": whole // 60}
    return gettext("%(hours)s h %(minutes)s min") % {"hours": whole // 3600, "minutes": whole % 3600 // 60}
