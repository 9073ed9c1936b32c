"""What workers do: each task takes ids, calls one service and may run twice."""

import logging
from datetime import timedelta

from celery import shared_task
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import access_log, bulk, events, files, handing_over, jobs, mail, recycling, tag_jobs, undoing
from crm.exchange import compare_work, exporting, undo, work
from crm.fields import retyping
from crm.fields import services as field_services
from crm.models import FormToken, Job
from crm.models.exchange import KEPT_DAYS

logger = logging.getLogger(__name__)

TOKEN_DAYS = 2
JOB_DAYS = 180

jobs.job(
    "import_check",
    label=_("Check an import"),
    outcomes={
        "create": (_("Can be added"), "green"),
        "update": (_("Can be changed"), "blue"),
        "same": (_("Nothing to change"), "gray"),
        "reject": (_("Need a change"), "red"),
        "twin": (_("Exist already"), "amber"),
    },
)(work.check_import)
jobs.job(
    "import_compare",
    label=_("Compare with a file"),
    outcomes={
        "equal": (pgettext_lazy("comparison", "Equal"), "green"),
        "differs": (pgettext_lazy("comparison", "Different"), "amber"),
        "missing": (pgettext_lazy("comparison", "Not found"), "red"),
        "several": (_("Found more than once"), "red"),
    },
)(compare_work.run_comparison)
jobs.job(
    "import_run",
    label=_("Import"),
    resumes=True,
    outcomes={
        "created": (_("Added"), "green"),
        "updated": (_("Changed"), "blue"),
        "same": (_("Was so already"), "gray"),
        "failed": (_("No longer possible"), "red"),
    },
    undo=undo.undo_import,
    undoable=("created", "updated"),
    undo_days=KEPT_DAYS,
)(work.run_import)
jobs.job(
    "bulk",
    label=_("Change many records"),
    resumes=True,
    outcomes={
        "changed": (_("Changed"), "green"),
        "same": (_("Was so already"), "gray"),
        "refused": (_("Left out: no right"), "amber"),
    },
    undo=bulk.undo_bulk,
)(bulk.run_bulk)
jobs.job(
    "tag_change",
    label=_("Merge or delete a tag"),
    resumes=True,
    outcomes={"changed": (_("Changed"), "green")},
    undo=tag_jobs.undo_change,
)(tag_jobs.run_change)
jobs.job(
    "undo",
    label=_("Take a job back"),
    resumes=True,
    outcomes={"changed": (_("Taken back"), "green"), "same": (_("Left as they are"), "amber")},
)(undoing.run_undo)
jobs.job(
    "hand_over",
    label=_("Hand over"),
    resumes=True,
    outcomes={"changed": (_("Handed over"), "green")},
)(handing_over.run_hand_over)
jobs.job(
    "hand_over_undo",
    label=_("Take a hand-over back"),
    outcomes={"changed": (_("Taken back"), "green"), "same": (_("Left as they are"), "amber")},
)(handing_over.run_take_back)
jobs.job("access_log_export", label=_("Export the access log"), outcomes={"exported": (_("Exported"), "green")})(
    access_log.run_export
)
jobs.job("export", label=_("Export"), outcomes={"exported": (_("Exported"), "green")})(exporting.run_export)
jobs.job("field_slot", label=_("Prepare a field for sorting"))(field_services.fill_slot)
jobs.job("field_search", label=_("Prepare a field for the search"))(field_services.fill_search)
jobs.job(
    "field_retype",
    label=_("Change the type of a field"),
    resumes=True,
    goes_on=retyping.where_it_goes_on,
    outcomes={"changed": (_("Converted"), "green"), "refused": (_("Could not be converted"), "amber")},
)(retyping.run_retype)


@shared_task(name="crm.tasks.run_job")
def run_job(job_id):
    jobs.run(job_id)


@shared_task(name="crm.tasks.run_listeners")
def run_listeners(entry_id):
    events.handle(entry_id)


@shared_task(name="crm.tasks.run_waiting_listeners")
def run_waiting_listeners():
    events.handle_waiting()


@shared_task(name="crm.tasks.send_mail", soft_time_limit=240, time_limit=300)
def send_mail(message_id):
    mail.send(message_id)


@shared_task(name="crm.tasks.tick", soft_time_limit=240, time_limit=300)
def tick():
    """One tick of the clock: repairs what was lost, does what is due. Two at once do no harm."""
    last = (clean_once_an_hour, recycling.empty_bin_once_a_day)
    for step in (jobs.sweep, mail.sweep, events.handle_waiting, *jobs.tick_hooks, *last):
        try:
            step()
        except Exception:  # one step that fails must not keep the others from their work; the next tick repeats it
            logger.exception("%s failed in a tick.", step.__name__)


def clean_once_an_hour():
    if cache.add(f"cleaned:{timezone.now():%Y-%m-%dT%H}", True, timeout=7200):
        clean()


def clean():
    """Remove what has had its time: files, bytes without a row, mails, spent form tokens, sessions, old jobs."""
    now = timezone.now()
    files.clean_files()
    files.clean_orphans()
    mail.clean_outbox()
    work.forget_old_imports(now - timedelta(days=KEPT_DAYS))
    FormToken.objects.filter(at__lt=now - timedelta(days=TOKEN_DAYS)).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    Job.objects.ended().filter(finished_at__lt=now - timedelta(days=JOB_DAYS)).delete()
