"""The pages of an import: choose a file, look at what would happen, have it written, see what became of it."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import Action
from crm.exchange import importer_for, start_import, write_xlsx
from crm.exchange.preview import Preview
from crm.exchange.rejects import reject_rows
from crm.exchange.result import Result
from crm.exchange.result_rows import ResultRows
from crm.exchange.template import write_template
from crm.exchange.work import CHOICES
from crm.exchange.writing import downloaded
from crm.history import log_access
from crm.models import Job, StagedRow
from crm.views.deciding import DecidingStep
from crm.views.doors import RecordView
from crm.views.imports import OwnBatches, state_of
from crm.views.jobs import seconds_left
from crm.views.mapping import MappingStep
from crm.views.reading import ReadingStep, UploadForm

STEPS = (
    gettext_lazy("Upload a file"),
    gettext_lazy("Map the columns"),
    gettext_lazy("Check"),
    gettext_lazy("Import"),
    gettext_lazy("Result"),
)


class ImportPage(OwnBatches, ReadingStep, MappingStep, DecidingStep, RecordView):
    """?batch=12 is one import; without it the page takes a file. An import belongs to the person who began it."""

    action = Action.ADD
    related = ("check_job", "run_job__file", "run_job__undone_by", "file")

    def get(self, request):
        if request.GET.get("file") == "template":
            return self.template_file()
        if "batch" not in request.GET:
            return self.upload_page(UploadForm())
        batch = self.batch()
        if request.GET.get("file") == "rejects":
            return self.rejects_file(batch)
        if (step := self.step_page(batch)) is not None:
            return step
        return self.reading_page(batch) if self.is_reading(batch) else self.batch_page(batch)

    def post(self, request):
        if "batch" not in request.GET:
            return self.upload()
        batch = self.batch()
        if (done := self.step_post(batch)) is not None:
            return done
        if self.is_reading(batch):
            return self.read_again(batch) if request.POST.get("action") == "read" else self.check(batch)
        return self.start(batch)

    def url(self, batch=None, **params) -> str:
        params = ({"batch": batch.pk} if batch else {}) | params
        return self.entity.url("import") + (f"?{urlencode(params)}" if params else "")

    def page(self, template, step, status=200, **context):
        context |= {
            "entity": self.entity,
            "title": _("Import %(what)s") % {"what": self.entity.label_plural()},
            "upload_url": self.url(),
            "list_url": self.entity.url("list"),
            "steps": [{"label": label, "done": place < step, "on": place == step} for place, label in enumerate(STEPS)],
        }
        return render(self.request, template, context, status=status)

    # -- one import --------------------------------------------------------------------------------------------------
    def batch_page(self, batch):
        job, preview, result, step = batch.run_job or batch.check_job, None, None, 2
        if batch.run_job is not None:
            step = 4 if job.is_ended else 3
        if job is not None and batch.run_job is None and job.state == Job.State.DONE:
            preview = Preview(batch, self.request.GET)
        elif job is not None and job.is_ended:
            result = Result(batch)
        word, tone = state_of(batch)
        return self.page(
            "entity/_import_state.html" if self.request.htmx else "entity/import_batch.html",
            step,
            batch=batch,
            job=job,
            word=word,
            tone=tone,
            preview=preview,
            result=result,
            outcomes=ResultRows(batch, self.request.GET, result.counts) if result and batch.run_job else None,
            left=seconds_left(job) if job else None,
            batch_url=self.url(batch),
            map_url=self.url(batch, step="map"),
            read_url=self.url(batch, step="read"),
            values_url=self.url(batch, step="values"),
            decide_url=self.url(batch, step="decide"),
            rejects_url=self.url(batch, file="rejects"),
        )

    def start(self, batch):
        if batch.run_job is None and batch.check_job is not None and batch.check_job.state == Job.State.DONE:
            matched = self.request.POST.get("matched", "")
            start_import(batch, matched=matched if matched in CHOICES else StagedRow.Decision.TWIN)
        else:
            messages.info(self.request, _("This import was started already"))
        return HttpResponseRedirect(self.url(batch), status=303)

    # -- files -------------------------------------------------------------------------------------------------------
    def template_file(self):
        """An empty workbook with the headings that the import knows, and the choices of their columns."""
        importer = importer_for(self.entity, self.request.user)
        return downloaded(lambda file: write_template(file, importer), f"{self.entity.label_plural()}.xlsx", "xlsx")

    def rejects_file(self, batch):
        headings, rows = reject_rows(batch)
        log_access(
            "download",
            user=self.request.user,
            address=self.request.META.get("REMOTE_ADDR"),
            batch=batch.pk,
        )
        return self.workbook(
            headings, rows, _("%(file)s, to mend") % {"file": batch.name.rpartition(".")[0] or batch.name}
        )

    def workbook(self, headings, rows, name):
        return downloaded(lambda file: write_xlsx(file, headings, rows), f"{name}.xlsx", "xlsx")
