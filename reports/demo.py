"""The demo's schedules: the managers' pipeline every Monday, and the month's wins and losses."""

from datetime import time

from django.contrib.auth.models import Group
from django.utils import timezone

from crm import roles
from reports import slots
from reports.models import ReportRun, ReportSchedule
from reports.periods import Span
from reports.services import begin_run, save_schedule

Format, Frequency = ReportSchedule.Format, ReportSchedule.Frequency


def make(world, random):
    """Two schedules; the worker sends the last due run of each, so that the outbox has something to read."""
    owner = world.users["wang"]
    managers = Group.objects.get(name=roles.SALES_MANAGER)
    weekly = ReportSchedule(
        name="每周销售管道",
        report="sales-pipeline",
        period=Span.LAST_WEEK,
        frequency=Frequency.WEEKLY,
        weekdays=[ReportSchedule.Weekday.MONDAY],
    )
    monthly = ReportSchedule(
        name="每月赢单输单",
        report="win-loss",
        period=Span.LAST_MONTH,
        frequency=Frequency.MONTHLY,
        month_day=1,
        at=time(8, 30),
    )
    start(weekly, owner, people=[world.users["gu"]], groups=[managers])
    start(monthly, world.users["gu"], people=[world.users["gu"], world.users["wang"]], groups=[])


def start(schedule, owner, *, people, groups):
    schedule.owner = schedule.created_by = schedule.modified_by = owner
    schedule.formats, schedule.time_zone = [Format.EXCEL, Format.PDF], owner.time_zone
    save_schedule(schedule, people=people, roles=groups, teams=[])
    due_at = slots.latest_slot(schedule, timezone.now())
    begin_run(schedule, kind=ReportRun.Kind.SCHEDULED, due_at=due_at, slot=due_at.isoformat())
