"""How a schedule tells its days and time in words, in the active language."""

from django.utils.translation import gettext

from reports import slots
from reports.models import ReportSchedule


def rhythm_text(schedule):
    """Every Monday at 08:00 (Asia/Shanghai)"""
    time = f"{schedule.at:%H:%M}"
    if schedule.frequency == slots.DAILY:
        text = gettext("every day at %(time)s") % {"time": time}
    elif schedule.frequency == slots.WEEKLY:
        labels = dict(ReportSchedule.Weekday.choices)
        days = gettext(", ").join(str(labels[day]) for day in sorted(schedule.weekdays))
        text = gettext("every %(days)s at %(time)s") % {"days": days, "time": time}
    else:
        text = gettext("on day %(day)s of every month at %(time)s") % {"day": schedule.month_day, "time": time}
    return gettext("%(moment)s (%(zone)s)") % {"moment": text, "zone": schedule.time_zone}
