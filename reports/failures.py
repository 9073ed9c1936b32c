"""Telling the owner of a schedule what went wrong: a run that failed, and mails that did not arrive."""

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from crm.access import Action
from crm.mail import queue_mail
from crm.models import OutboxMessage, RoleRule, User
from reports.models import ReportRun, RunCopy

NOTICE = "report_failure"
TOLD_AT_ONCE = 100
State = OutboxMessage.State
UNDELIVERED = (State.REFUSED, State.FAILED, State.HELD)


def run_failed(job):
    """Called in the transaction that marks the job of a run as failed."""
    run = ReportRun.objects.select_related("schedule", "owner").filter(pk=job.parameters["run"]).first()
    if run is not None:
        ReportRun.objects.filter(pk=run.pk).update(finished_at=Now(), told_at=Now())
        tell(run, job.error, [])


def tell_of_undelivered():
    """Tell owners of finished runs whose mails have all ended and some did not arrive; called by every tick."""
    copies = RunCopy.objects.filter(run=OuterRef("pk"))
    on_the_way = copies.filter(~Q(message__state__in=OutboxMessage.ENDED), message__isnull=False)
    ended = ReportRun.objects.filter(~Exists(on_the_way), finished_at__isnull=False, told_at__isnull=True)
    for pk in ended.order_by("pk").values_list("pk", flat=True)[:TOLD_AT_ONCE]:
        tell_of_run(pk)


@transaction.atomic
def tell_of_run(pk):
    waiting = ReportRun.objects.select_for_update(skip_locked=True, of=("self",)).select_related("schedule", "owner")
    run = waiting.filter(pk=pk, told_at__isnull=True).first()
    if run is None:
        return
    missed = list(run.copies.filter(message__state__in=UNDELIVERED).select_related("user", "message").order_by("pk"))
    if missed:
        tell(run, "", missed)
    ReportRun.objects.filter(pk=run.pk).update(told_at=timezone.now())


def tell(run, error, missed):
    """One mail to each person who looks after the schedule."""
    for user in hearers(run):
        with translation.override(user.language):
            context = {
                "run": run,
                "name": user.name,
                "error": error,
                "missed": [(copy.user.name, gettext(copy.message.error)) for copy in missed],
                "url": settings.SITE_URL + reverse("report-run", args=[run.pk]),
            }
            queue_mail(
                NOTICE,
                to=user,
                subject=gettext("Report “%(name)s” did not reach everyone") % {"name": run.schedule.name},
                text=render_to_string("emails/report_failure.txt", context),
                dedupe_key=f"{NOTICE}:{run.pk}:{user.pk}",
            )


def hearers(run):
    """The owner; where that account is switched off, the administrators."""
    if run.owner.is_active:
        return [run.owner]
    rules = RoleRule.objects.filter(model=RoleRule._meta.label_lower, action=Action.CHANGE)
    administrators = Q(groups__rules__in=rules) | Q(is_superuser=True)
    return list(User.objects.active().filter(administrators).distinct().order_by("pk"))
