"""Taking back what a job did: by a job of its own, once, with the rights that the person has then."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import jobs
from crm.jobs import JobFailed
from crm.models import Job


def may_undo(job: Job) -> bool:
    """Whether the page of a job offers to take it back: it has ended, changed something, and nobody has begun to."""
    kind = jobs.kinds.get(job.kind)
    if kind is None or kind.undo is None or not job.is_ended or not any(map(job.counts.get, kind.undoable)):
        return False
    if kind.undo_days and job.finished_at < timezone.now() - timedelta(days=kind.undo_days):
        return False
    return job.undone_by is None or job.undone_by.state in (Job.State.FAILED, Job.State.CANCELLED)


@transaction.atomic
def begin(job: Job) -> Job | None:
    """Add the job that takes one's own job back; None when that was done, is being done or cannot be."""
    locked = Job.objects.select_for_update(of=("self",)).select_related("undone_by", "user").get(pk=job.pk)
    if not may_undo(locked):
        return None
    title = _("Take back: %(what)s") % {"what": locked}
    locked.undone_by = jobs.enqueue("undo", user=locked.user, title=title, parameters={"job": locked.pk})
    locked.save(update_fields=["undone_by"])
    return locked.undone_by


def run_undo(job: Job, progress):
    """The job that takes another one back. What was changed since is left, and counted."""
    undone = Job.objects.filter(pk=job.parameters["job"], user=job.user, undone_by=job).first()
    kind = jobs.kinds.get(undone.kind) if undone else None
    if kind is None or kind.undo is None:
        raise JobFailed(_("This was taken back already, or it can no longer be taken back."))
    kind.undo(undone, progress)
