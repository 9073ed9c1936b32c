"""Schedules: list, add, change, pause, delete, send now, test to oneself, and the history of runs."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import deletion
from crm.access import Action
from crm.forms import AlreadySaved
from crm.models import Deletion, Job, OutboxMessage
from crm.navigation import toast
from crm.views.doors import PersonalView, RecordView
from reports import services
from reports.base import registry
from reports.forms import ScheduleForm, TokenForm
from reports.models import ReportRun, ReportSchedule, RunCopy
from reports.periods import LABELS, Span
from reports.rhythm import rhythm_text

PAGE = 30
Mail = OutboxMessage.State
MISSED = (Mail.REFUSED, Mail.FAILED, Mail.HELD)
GROUPS = (
    ("what", ("name", "period", "pipeline")),
    ("when", ("frequency", "weekdays", "month_day", "at", "time_zone")),
    ("who", ("users", "roles", "teams")),
    ("how", ("formats", "only_with_data")),
)


def described(schedule):
    """The schedule with what its pages say about it."""
    report = services.report_of(schedule)
    schedule.report_title = report.title if report else schedule.report
    schedule.rhythm = rhythm_text(schedule)
    schedule.period_label = LABELS[Span(schedule.period)]
    return schedule


def with_counts(runs):
    """Runs with the numbers of their copies: delivered, on the way, missed, nothing to send."""
    return runs.select_related("schedule", "job", "owner").annotate(
        n_sent=Count("copies", filter=Q(copies__message__state=Mail.SENT)),
        n_missed=Count("copies", filter=Q(copies__message__state__in=MISSED)),
        n_mailed=Count("copies", filter=Q(copies__state=RunCopy.State.MAILED)),
        n_all=Count("copies"),
    )


def told(run):
    """The run with its state in one word and the tone of it."""
    state = run.job.state if run.job else Job.State.DONE
    if state in (Job.State.QUEUED, Job.State.RUNNING):
        run.state, run.tone = _("running"), "blue"
    elif state == Job.State.CANCELLED:
        run.state, run.tone = _("cancelled"), "gray"
    elif state == Job.State.FAILED:
        run.state, run.tone = _("failed"), "red"
    elif run.n_missed:
        run.state, run.tone = _("partly failed"), "amber"
    elif not run.n_mailed:
        run.state, run.tone = _("nothing to send"), "gray"
    elif run.n_sent < run.n_mailed:
        run.state, run.tone = _("being sent"), "blue"
    else:
        run.state, run.tone = _("done"), "green"
    run.summary = ngettext("%(sent)s of %(all)s recipient", "%(sent)s of %(all)s recipients", run.n_all) % {
        "sent": run.n_sent,
        "all": run.n_all,
    }
    return run


class ScheduleList(RecordView):
    """One's own schedules; Administrators see all."""

    model = ReportSchedule
    action = Action.VIEW
    needs_right = False

    def get(self, request):
        may_see = request.user.rights.may(ReportSchedule)
        rows = self.visible().select_related("owner").order_by("name", "pk")[:200] if may_see else []
        context = {
            "title": _("Report schedules"),
            "may_see": may_see,
            "schedules": [described(schedule) for schedule in rows],
            "reports": [r for r in registry.values() if r.may(request.user)] if self.may_add() else [],
        }
        return render(request, "reports/schedules.html", context)

    def may_add(self):
        return self.request.user.rights.may(ReportSchedule, Action.ADD)


class ScheduleView(RecordView):
    """What the pages of one schedule share."""

    model = ReportSchedule
    action = Action.CHANGE

    def back(self, schedule):
        return HttpResponseRedirect(reverse("report-schedule", args=[schedule.pk]), status=303)


class SchedulePage(ScheduleView):
    """One schedule: what it does, for whom, when next, and its runs."""

    action = Action.VIEW

    def get(self, request, pk):
        schedule = described(self.get_record("owner"))
        runs = with_counts(ReportRun.objects.visible_to(request.user).filter(schedule=schedule)).order_by("-pk")
        before = request.GET.get("before", "")
        if before.isdecimal() and len(before) < 19:
            runs = runs.filter(pk__lt=int(before))
        found = [told(run) for run in runs[: PAGE + 1]]
        may = request.user.rights.may(ReportSchedule, Action.CHANGE)
        context = {
            "title": schedule.name,
            "schedule": schedule,
            "runs": found[:PAGE],
            "older": found[PAGE - 1].pk if len(found) > PAGE else None,
            "people": schedule.users.order_by("name"),
            "roles": schedule.roles.order_by("name"),
            "teams": schedule.teams.order_by("path"),
            "left": schedule.left.order_by("name"),
            "number": schedule.recipients().count(),
            "formats": [ReportSchedule.Format(kind).label for kind in schedule.formats],
            "may_change": may,
            "may_delete": request.user.rights.may(ReportSchedule, Action.DELETE),
            "run_form": TokenForm.fresh(),
            "test_form": TokenForm.fresh(),
        }
        return render(request, "reports/schedule.html", context)


class ScheduleForming(ScheduleView):
    """What adding and changing share."""

    def form(self, schedule, data=None):
        report = registry.get(schedule.report)
        if report is None:
            raise Http404
        return ScheduleForm(data, instance=schedule, user=self.request.user, report=report)

    def show(self, form, title, cancel_url, status=200):
        headings = {"what": _("What"), "when": _("When"), "who": _("Who gets it"), "how": _("How")}
        groups = [(headings[name], [form[f] for f in fields if f in form.fields]) for name, fields in GROUPS]
        context = {
            "title": title,
            "form": form,
            "groups": groups,
            "cancel_url": cancel_url,
            "report": form.report,
            "schedule": form.instance if form.instance.pk else None,
        }
        return render(self.request, "reports/schedule_form.html", context, status=status)

    def save(self, form):
        try:
            schedule = form.save_for(self.request.user, lambda saved: reverse("report-schedule", args=[saved.pk]))
        except AlreadySaved as already:
            messages.info(self.request, _("This form was saved already; here is the record."))
            return HttpResponseRedirect(already.url, status=303)
        except ValidationError as error:
            form.add_error(None, error)
            return None
        messages.success(self.request, _("Saved “%(name)s”") % {"name": schedule})
        return self.back(schedule)


class ScheduleAdd(ScheduleForming):
    """A new schedule for the report named in the address."""

    action = Action.ADD

    def blank(self):
        report, user = registry.get(self.request.GET.get("report", "")), self.request.user
        if report is None or not report.may(user):
            raise Http404
        return ReportSchedule(
            report=report.slug,
            owner=user,
            name=str(report.title),
            period=report.scheduled_span,
            weekdays=[ReportSchedule.Weekday.MONDAY],
            formats=[ReportSchedule.Format.EXCEL, ReportSchedule.Format.PDF],
            time_zone=user.time_zone,
        )

    def get(self, request):
        return self.show(self.form(self.blank()), _("New schedule"), reverse("report-schedules"))

    def post(self, request):
        form = self.form(self.blank(), request.POST)
        saved = self.save(form) if form.is_valid() else None
        return saved or self.show(form, _("New schedule"), reverse("report-schedules"), status=422)


class ScheduleChange(ScheduleForming):
    def get(self, request, pk):
        schedule = self.get_record()
        return self.show(self.form(schedule), schedule.name, reverse("report-schedule", args=[pk]))

    @transaction.atomic
    def post(self, request, pk):
        schedule = self.get_record(lock=True)
        title = schedule.name
        form = self.form(schedule, request.POST)
        saved = self.save(form) if form.is_valid() else None
        return saved or self.show(form, title, reverse("report-schedule", args=[pk]), status=422)


class SchedulePause(ScheduleView):
    """Pause, or let it go on."""

    def post(self, request, pk):
        schedule = self.get_record()
        active = request.POST.get("active") == "1"
        services.set_active(schedule, active, actor=request.user)
        messages.success(request, _("The schedule runs again") if active else _("The schedule is paused"))
        return self.back(schedule)


class ScheduleRun(ScheduleView):
    """Send now to everybody in the schedule, or a test to oneself."""

    def post(self, request, pk):
        schedule, form = self.get_record("owner"), TokenForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("The button was too old. Press it again."))
            return self.back(schedule)
        start = services.send_test if request.POST.get("kind") == "test" else services.run_now
        run = start(schedule, actor=request.user, token=form.cleaned_data["token"])
        return HttpResponseRedirect(reverse("report-run", args=[run.pk]), status=303)


class ScheduleDelete(ScheduleView):
    """Delete softly; the runs and what was sent stay on record."""

    action = Action.DELETE

    def get(self, request, pk):
        schedule = self.get_record()
        title = _("Delete “%(name)s”?") % {"name": schedule}
        return render(request, "reports/schedule_delete.html", {"title": title, "schedule": schedule})

    @transaction.atomic
    def post(self, request, pk):
        schedule = self.get_record(lock=True)
        act = deletion.delete(schedule, actor=request.user)
        undo = reverse("report-schedule-restore", args=[act.pk])
        toast(request, _("Deleted “%(name)s”") % {"name": schedule}, undo=undo)
        return HttpResponseRedirect(reverse("report-schedules"), status=303)


class ScheduleRestore(PersonalView):
    """Take back one's own deletion of a schedule."""

    model = Deletion

    def mine(self, model=None):
        return Deletion.objects.filter(
            actor=self.request.user, restored_at__isnull=True, subject_type__app_label="reports"
        )

    def post(self, request, pk):
        act = get_object_or_404(self.mine(), pk=pk)
        deletion.restore(act, actor=request.user)
        messages.success(request, _("Restored “%(name)s”") % {"name": act.name})
        return HttpResponseRedirect(reverse("report-schedule", args=[act.subject_id]), status=303)


class RunPage(RecordView):
    """One run: who got it, what became of each mail, and the files. Nobody opens another's files here."""

    model = ReportRun
    action = Action.VIEW

    def get(self, request, pk):
        run = told(get_object_or_404(with_counts(self.visible()), pk=pk))
        copies = run.copies.select_related("user", "message").prefetch_related("artefacts__file").order_by("user__name")
        context = {
            "title": run.number,
            "run": run,
            "copies": [described_copy(copy) for copy in copies[:500]],
            "is_running": run.job is not None and not run.job.is_ended,
        }
        return render(request, "reports/_run.html" if request.htmx else "reports/run.html", context)


def described_copy(copy):
    """The copy with the state of its mail, and why it did not arrive."""
    tones = {Mail.SENT: "green", Mail.REFUSED: "red", Mail.FAILED: "red", Mail.HELD: "amber", Mail.UNCERTAIN: "amber"}
    if copy.message:
        copy.label, copy.tone = copy.message.get_state_display(), tones.get(copy.message.state, "blue")
        copy.why = _(copy.message.error) if copy.message.error else ""
    else:
        copy.label, copy.tone, copy.why = copy.get_state_display(), "gray", ""
    copy.files = list(copy.artefacts.all())
    return copy
