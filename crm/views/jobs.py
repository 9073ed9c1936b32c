"""The pages of one's own jobs: list, progress, cancel, repeat, and the file a job made."""

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import jobs, undoing
from crm.files import file_response
from crm.history import log_access
from crm.models import Job
from crm.views.doors import PersonalView

PAGE = 50
TONES = {"queued": "gray", "running": "blue", "done": "green", "failed": "red", "cancelled": "gray"}


def described(job: Job) -> Job:
    """The job with what its pages say about it: label, heading, state in words, its tone, outcomes, undo."""
    kind = jobs.kinds.get(job.kind)
    job.label = kind.label if kind else job.kind
    job.heading = job.title or job.label
    job.state_text, job.tone = job.get_state_display(), TONES[job.state]
    if job.is_undone:
        job.state_text, job.tone = _("undone"), "amber"
    job.may_undo = undoing.may_undo(job)
    labels = kind.outcomes if kind else {}
    names = [*(name for name in labels if name in job.counts), *(name for name in job.counts if name not in labels)]
    job.outcomes = [(*labels.get(name, (name, "gray")), job.counts[name]) for name in names]
    return job


def seconds_left(job: Job) -> int | None:
    """How long a running job will still take if it goes on at its pace; None while that cannot be said."""
    if job.state != Job.State.RUNNING or not job.total or not job.done or not job.started_at:
        return None
    gone = (timezone.now() - job.started_at).total_seconds()
    return round(gone * max(0, job.total - job.done) / job.done)


class JobView(PersonalView):
    """What the pages of one job share: one's own job or nothing."""

    model = Job

    def get_job(self) -> Job:
        found = self.mine().select_related("user", "file", "undone_by")
        return described(get_object_or_404(found, pk=self.kwargs["pk"]))

    def back(self, job: Job) -> HttpResponseRedirect:
        return HttpResponseRedirect(job.get_absolute_url(), status=303)


class JobListPage(PersonalView):
    """All one's jobs, the newest first."""

    model = Job

    def get(self, request):
        found = self.mine().select_related("file", "undone_by").order_by("-pk")
        before = request.GET.get("before", "")
        if before.isdecimal() and len(before) < 19:
            found = found.filter(pk__lt=int(before))
        rows = [described(job) for job in found[: PAGE + 1]]
        context = {"title": _("Jobs"), "jobs": rows[:PAGE], "older": rows[PAGE - 1].pk if len(rows) > PAGE else None}
        return render(request, "jobs/list.html", context)


class JobPage(JobView):
    """One job. Its middle part asks for itself every two seconds until the job has ended."""

    def get(self, request, pk):
        job = self.get_job()
        kind = jobs.kinds.get(job.kind)
        stopped = job.state in (Job.State.CANCELLED, Job.State.FAILED) and kind is not None and kind.goes_on
        waiting = Job.objects.filter(state=Job.State.QUEUED, pk__lt=job.pk) if job.state == Job.State.QUEUED else None
        context = {
            "title": job.heading,
            "job": job,
            "before": waiting.count() if waiting is not None else 0,
            "left": seconds_left(job),
            "goes_on_url": kind.goes_on(job) if stopped else "",
            "now": timezone.now(),
        }
        return render(request, "jobs/_job.html" if request.htmx else "jobs/job.html", context)


class JobCancel(JobView):
    """Ask the job to stop."""

    def post(self, request, pk):
        job = self.get_job()
        if jobs.cancel(job):
            messages.success(request, _("The job is being cancelled"))
        else:
            messages.info(request, _("The job had already ended"))
        return self.back(job)


class JobRepeat(JobView):
    """Let a failed job begin anew."""

    def post(self, request, pk):
        job = self.get_job()
        if jobs.repeat(job):
            messages.success(request, _("The job begins anew"))
        else:
            messages.info(request, _("Only a failed job can be repeated"))
        return self.back(job)


class JobUndo(JobView):
    """Take back what the job did, by another job. Today's rights are asked there."""

    def post(self, request, pk):
        job = self.get_job()
        undo = undoing.begin(job)
        if undo is None:
            messages.info(request, _("This was taken back already, or it can no longer be taken back."))
        return self.back(undo or job)


class JobFile(JobView):
    """The file that the job made."""

    def get(self, request, pk):
        job = self.get_job()
        if job.file is None:
            raise Http404
        response = file_response(job.file)
        log_access("download", user=request.user, record=job.file, address=request.META.get("REMOTE_ADDR"), job=job.pk)
        return response
