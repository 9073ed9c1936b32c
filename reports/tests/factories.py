"""Rows of schedules, runs and copies for tests."""

from itertools import count

from django.utils import timezone

from crm.models import Company
from reports.models import ReportRun, ReportSchedule, RunArtefact, RunCopy

number = count(1)


def make_schedule(owner=None, *, users=(), roles=(), teams=(), **fields):
    """A weekly pipeline schedule, Mondays at eight, with both files."""
    fields = {
        "name": f"Schedule {next(number)}",
        "report": "sales-pipeline",
        "period": "this_week",
        "weekdays": [0],
        "formats": ["xlsx", "pdf"],
        "time_zone": "Asia/Shanghai",
        "created_by": owner,
    } | fields
    schedule = ReportSchedule(owner=owner, **fields)
    schedule.plan_next()
    schedule.save()
    schedule.users.set(users)
    schedule.roles.set(roles)
    schedule.teams.set(teams)
    return schedule


def make_run(owner=None, *, schedule=None, **fields):
    now = timezone.now()
    schedule = schedule or make_schedule(owner)
    fields = {"slot": f"test:{next(number)}", "due_at": now, "ends_on": Company.current().today} | fields
    return ReportRun.objects.create(schedule=schedule, owner=owner or schedule.owner, **fields)


def make_copy(owner=None, *, run=None, **fields):
    """A copy for the owner, without a mail."""
    fields = {"state": RunCopy.State.MAILED, "user": owner} | fields
    return RunCopy.objects.create(run=run or make_run(owner), **fields)


def make_artefact(owner=None, *, run=None, **fields):
    from crm.files import save_file

    stored = save_file(lambda file: file.write(b"x"), "report.pdf", "application/pdf", user=None)
    fields = {"scope": "s", "language": "en", "time_zone": "UTC", "format": "pdf", "file": stored} | fields
    return RunArtefact.objects.create(run=run or make_run(owner), **fields)


FACTORIES = {
    "reports.reportschedule": make_schedule,
    "reports.reportrun": make_run,
    "reports.runcopy": make_copy,
    "reports.runartefact": make_artefact,
}
