"""Reading reports: the list of them, one report with its figures, and the same as a file."""

from io import BytesIO

from django.http import FileResponse, Http404
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm.access import Action
from crm.history import log_access
from crm.models import Company
from crm.views.doors import RecordView
from reports.base import registry
from reports.delivery import RENDERERS, TYPES
from reports.forms import PeriodForm
from reports.models import ReportSchedule
from reports.periods import period_of
from reports.renderers.page import page_parts
from sales.models import Opportunity

# format, name, icon
FORMATS = (("xlsx", "Excel", "file-spreadsheet"), ("pdf", "PDF", "file-type-pdf"))


class ReportList(RecordView):
    """The reports the person may open; without the right an empty state says whom to ask."""

    model = Opportunity
    action = Action.VIEW
    needs_right = False

    def get(self, request):
        reports = [report for report in registry.values() if report.may(request.user)]
        context = {
            "title": _("Reports"),
            "reports": reports,
            "may_schedule": request.user.rights.may(ReportSchedule),
        }
        return render(request, "reports/list.html", context)


class ReportView(RecordView):
    """What the page of a report and its files share: the report of the URL, the period that was asked for."""

    model = Opportunity
    action = Action.VIEW

    @property
    def report(self):
        report = registry.get(self.kwargs["slug"])
        if report is None:
            raise Http404
        return report

    def asked(self):
        """(form, period): the period of the form, or the report's usual one where the form is wrong."""
        form, company = PeriodForm(self.request.GET, report=self.report, user=self.request.user), Company.current()
        if not form.is_valid():
            return form, period_of(self.report.default_span, company)
        data = form.cleaned_data
        span = data["span"] or self.report.default_span
        return form, period_of(span, company, starts_on=data["first"], ends_on=data["last"])


class ReportPage(ReportView):
    """One report, computed now with the reader's own rights."""

    def get(self, request, slug):
        form, period = self.asked()
        document = self.report.document(request.user, period, parameters=form.parameters)
        context = {
            **page_parts(document),
            "report": self.report,
            "form": form,
            "query": request.GET.urlencode(),
            "formats": FORMATS if self.report.may(request.user, Action.EXPORT) else (),
            "may_schedule": request.user.rights.may(ReportSchedule, Action.ADD),
        }
        return render(request, "reports/report.html", context)


class ReportFile(ReportView):
    """The report as a workbook or PDF, with the rows the reader may take out. It is written into the access log."""

    action = Action.EXPORT

    def get(self, request, slug, kind):
        if kind not in RENDERERS:
            raise Http404
        form, period = self.asked()
        document = self.report.document(request.user, period, parameters=form.parameters)
        file = BytesIO()
        RENDERERS[kind](document, file)
        file.seek(0)
        address = request.META.get("REMOTE_ADDR")
        log_access(
            "export",
            user=request.user,
            address=address,
            report=slug,
            format=kind,
            rows=document.row_count,
            period=document.period,
        )
        return FileResponse(file, as_attachment=True, filename=document.file_name(kind), content_type=TYPES[kind])
