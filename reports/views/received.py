"""What was sent to oneself: the copies, their files, and stopping further mails."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.access import Action
from crm.files import file_response
from crm.history import log_access
from crm.models import Company
from crm.navigation import toast
from crm.views.doors import PersonalView
from reports import services
from reports.models import RunCopy
from reports.periods import period_of
from reports.renderers.page import page_parts
from reports.rhythm import rhythm_text
from reports.scopes import scope_of

PAGE = 50


class ReceivedView(PersonalView):
    """Copies of reports that were sent to the person."""

    model = RunCopy

    def copies(self):
        mine = self.mine().filter(state=RunCopy.State.MAILED)
        return mine.select_related("run", "run__schedule", "run__schedule__owner", "message")

    def get_copy(self):
        return get_object_or_404(self.copies(), pk=self.kwargs["pk"])


class ReceivedList(ReceivedView):
    """All copies, the newest first."""

    def get(self, request):
        found = self.copies().prefetch_related("artefacts__file").order_by("-pk")
        before = request.GET.get("before", "")
        if before.isdecimal() and len(before) < 19:
            found = found.filter(pk__lt=int(before))
        rows = list(found[: PAGE + 1])
        context = {
            "title": _("Sent to me"),
            "copies": [with_formats(copy) for copy in rows[:PAGE]],
            "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        }
        return render(request, "reports/received_list.html", context)


def with_formats(copy):
    copy.formats = [artefact.get_format_display() for artefact in copy.artefacts.all()]
    return copy


class ReceivedPage(ReceivedView):
    """One copy: the files that were sent, and the report of that period as it is now."""

    def get(self, request, pk):
        copy = self.get_copy()
        schedule = copy.run.schedule
        report = services.report_of(schedule)
        if report is None or not report.may(request.user):
            raise PermissionDenied
        company = Company.current()
        today = timezone.localdate(copy.run.due_at, company.zone)
        period = period_of(schedule.period, company, today=today)
        document = report.document(request.user, period, parameters=schedule.parameters)
        context = {
            **page_parts(document),
            "copy": copy,
            "files": copy.artefacts.select_related("file").order_by("-format"),
            "same_rights": scope_of(request.user).key == copy.scope,
            "rhythm": rhythm_text(schedule),
            "has_left": schedule.left.filter(pk=request.user.pk).exists(),
        }
        return render(request, "reports/received.html", context)


class ReceivedFile(ReceivedView):
    """A file that was sent. It is given out as long as the person's rights are those with which it was made."""

    def get(self, request, pk, file):
        copy = self.get_copy()
        artefact = copy.artefacts.select_related("file").filter(pk=file).first()
        if artefact is None:
            raise Http404
        report = services.report_of(copy.run.schedule)
        may = report is not None and report.may(request.user, Action.EXPORT)
        if not may or scope_of(request.user).key != copy.scope:
            raise PermissionDenied(
                _("Your rights have changed since this file was made, so it is no longer given out.")
            )
        response = file_response(artefact.file)
        log_access(
            "download", user=request.user, record=artefact.file, address=request.META.get("REMOTE_ADDR"), copy=copy.pk
        )
        return response


class StopPage(ReceivedView):
    """Where the link in a mail leads: no more mails of this schedule."""

    def get(self, request, pk):
        copy = self.get_copy()
        context = {
            "title": _("No more mails of “%(name)s”?") % {"name": copy.run.schedule.name},
            "copy": copy,
            "rhythm": rhythm_text(copy.run.schedule),
            "has_left": copy.run.schedule.left.filter(pk=request.user.pk).exists(),
        }
        return render(request, "reports/stop.html", context)

    def post(self, request, pk):
        copy = self.get_copy()
        if "again" in request.POST:
            services.come_back(copy.run.schedule, user=request.user)
            messages.success(request, _("You get these mails again"))
        else:
            services.leave(copy.run.schedule, user=request.user)
            toast(request, _("You get no more of these mails"))
        return HttpResponseRedirect(reverse("report-received", args=[copy.pk]), status=303)
