"""The pages of the logs, for auditors and administrators: who read and took out what, and who changed what."""

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import jobs
from crm.access import Action
from crm.access_log import AccessLog
from crm.all_changes import ChangeLog
from crm.exchange import DIRECT_ROWS
from crm.exchange.writing import downloaded
from crm.models import AccessLogEntry
from crm.views.doors import RecordView


def log_tabs(current: str) -> list[dict]:
    """The two logs, side by side."""
    pages = (("access-log", _("Access log")), ("change-log", _("Change log")))
    return [{"label": label, "url": reverse(name), "is_on": name == current} for name, label in pages]


class AccessLogPage(RecordView):
    """Who read, revealed, exported and signed in, from where; filters, newest first."""

    model = AccessLogEntry
    action = Action.VIEW

    def get(self, request):
        params = request.GET.copy()
        before = "".join(params.pop("before", ["", ""])[:1])
        log = AccessLog(request.user, params)
        lines, older = log.page(before)
        context = {
            "title": _("Access log"),
            "tabs": log_tabs("access-log"),
            "form": log.form,
            "is_narrowed": log.is_narrowed,
            "shows_filters": log.is_narrowed or bool(log.form.errors),
            "lines": lines,
            "state": params.urlencode(),
            "older": f"{params.urlencode()}&before={older}" if older else "",
        }
        return render(request, "logs/access.html", context)


class AccessLogExport(RecordView):
    """POST: the entries that the filters keep as a file, or as a job for more than 5,000; it is logged, too."""

    model = AccessLogEntry
    action = Action.VIEW

    def post(self, request):
        kind = "csv" if request.POST.get("format") == "csv" else "xlsx"
        log = AccessLog(request.user, request.GET)
        number = log.queryset.order_by()[: DIRECT_ROWS + 1].count()
        if number > DIRECT_ROWS:
            job = jobs.enqueue(
                "access_log_export",
                user=request.user,
                title=_("Export the access log"),
                parameters={"query": request.GET.urlencode(), "format": kind},
            )
            return HttpResponseRedirect(job.get_absolute_url(), status=303)
        response = downloaded(lambda file: log.write(file, kind), log.file_name(kind), kind)
        log.log(number, kind, request.META.get("REMOTE_ADDR"))
        return response


class ChangeLogPage(RecordView):
    """What was changed in all records, of the kinds that the reader sees whole."""

    model = AccessLogEntry
    action = Action.VIEW

    def get(self, request):
        params = request.GET.copy()
        before = "".join(params.pop("before", ["", ""])[:1])
        log = ChangeLog(request.user, params)
        lines, older = log.page(before)
        state = params.urlencode()
        context = {
            "title": _("Change log"),
            "tabs": log_tabs("change-log"),
            "form": log.form,
            "is_narrowed": log.is_narrowed,
            "lines": lines,
            "older": f"{state}&before={older}" if older else "",
        }
        return render(request, "logs/changes.html", context)
