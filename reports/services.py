"""Starting runs: what the clock finds due, what somebody starts by hand, and a test to oneself."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from crm import jobs
from crm.models import Company
from reports import slots
from reports.base import registry
from reports.models import ReportRun, ReportSchedule
from reports.periods import period_of

Kind = ReportRun.Kind
DUE_AT_ONCE = 200
JOB = "report"


def start_due_schedules(now=None):
    """Start a run for each schedule whose time has come; a slot that was missed runs once, late. Gives their number.

    Called by every tick; two ticks at once start nothing twice, since the row is locked and the slot is unique.
    """
    now = now or timezone.now()
    ids = list(ReportSchedule.objects.due(now).order_by("next_at").values_list("pk", flat=True)[:DUE_AT_ONCE])
    return sum(start_if_due(pk, now) for pk in ids)


@transaction.atomic
def start_if_due(schedule_id, now):
    waiting = ReportSchedule.objects.due(now).select_for_update(skip_locked=True, of=("self",)).select_related("owner")
    schedule = waiting.filter(pk=schedule_id).first()
    if schedule is None:
        return False
    due_at = slots.latest_slot(schedule, now)
    begin_run(schedule, kind=Kind.SCHEDULED, due_at=due_at, slot=due_at.isoformat())
    schedule.plan_next(after=now)
    ReportSchedule.objects.filter(pk=schedule.pk).update(next_at=schedule.next_at)
    return True


@transaction.atomic
def begin_run(schedule, *, kind, due_at, slot, owner=None):
    """Write the run and its job; a slot that was begun already gives the run it has."""
    company = Company.current()
    period = period_of(schedule.period, company, today=timezone.localdate(due_at, company.zone))
    owner = owner or schedule.owner
    run, is_new = ReportRun.objects.get_or_create(
        schedule=schedule,
        slot=slot,
        defaults={
            "kind": kind,
            "owner": owner,
            "due_at": due_at,
            "starts_on": period.starts_on,
            "ends_on": period.ends_on,
        },
    )
    if is_new:
        run.job = jobs.enqueue(
            JOB,
            user=owner,
            parameters={"run": run.pk},
            slot=f"{JOB}:{run.pk}",
            title=gettext("Send “%(name)s”") % {"name": schedule.name},
        )
        run.save(update_fields=["job"])
    return run


def run_now(schedule, *, actor, token):
    """Send the report to everybody in the schedule at once. token: of the form; a second click starts nothing."""
    return begin_run(schedule, kind=Kind.MANUAL, due_at=timezone.now(), slot=f"manual:{token}", owner=actor)


def send_test(schedule, *, actor, token):
    """Send the report to the actor alone, computed with the actor's own rights."""
    return begin_run(schedule, kind=Kind.TEST, due_at=timezone.now(), slot=f"test:{token}", owner=actor)


def save_schedule(schedule, *, people, roles, teams):
    """Save a schedule with those who get it, and plan its next run."""
    schedule.plan_next()
    with transaction.atomic():
        schedule.save()
        schedule.users.set(people)
        schedule.roles.set(roles)
        schedule.teams.set(teams)


def set_active(schedule, is_active, *, actor):
    """Pause a schedule or let it go on; slots of the pause are not made up for."""
    schedule.is_active, schedule.modified_by = is_active, actor
    schedule.plan_next()
    schedule.save(update_fields=["is_active", "modified_by", "modified_at", "next_at"])


def leave(schedule, *, user):
    """The person gets no more mails of this schedule."""
    schedule.left.add(user)


def come_back(schedule, *, user):
    schedule.left.remove(user)


def report_of(schedule):
    """The report of a schedule, or None when this version of the product no longer has it."""
    return registry.get(schedule.report)
