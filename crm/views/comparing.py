"""The pages of a comparison: choose a file, see how far what the database holds agrees with it."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.access import Action
from crm.columns import withheld
from crm.exchange import LIMITS, UnreadableFile, begin_import, importer_for
from crm.exchange.compare_work import WRITERS, begin_comparison, words
from crm.exchange.comparing import Difference
from crm.files import StorageFull
from crm.models import Job
from crm.views.doors import RecordView
from crm.views.imports import OwnBatches
from crm.views.jobs import TONES, seconds_left
from crm.views.reading import RECENT, UploadForm


@dataclass(frozen=True)
class ShownDifference:
    line: int | None
    record: str
    url: str
    column: str
    file: str
    database: str
    is_cell: bool


class ComparePage(OwnBatches, RecordView):
    """?batch=12 is one file; without it the page takes one. What may be compared is what may be imported."""

    action = Action.ADD
    related = ("compare_job__file", "run_job", "check_job", "file")

    def get(self, request):
        return self.batch_page(self.batch()) if "batch" in request.GET else self.upload_page(UploadForm())

    def post(self, request):
        if "batch" in request.GET:
            batch = self.batch()
            if batch.compare_job is None or batch.compare_job.is_ended:
                return self.begin(batch)
            messages.info(request, _("This comparison is running already"))
            return HttpResponseRedirect(self.url(batch), status=303)
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                batch = begin_import(self.entity, form.upload, actor=request.user)
            except (UnreadableFile, StorageFull) as error:
                form.add_error(form.part, str(error))
            else:
                return self.begin(batch)
        return self.upload_page(form, status=422)

    def begin(self, batch):
        try:
            begin_comparison(batch, self.importer, self.request.POST.get("format", "xlsx"))
        except UnreadableFile as error:
            return self.batch_page(batch, error=str(error), status=422)
        return HttpResponseRedirect(self.url(batch), status=303)

    @cached_property
    def importer(self):
        return importer_for(self.entity, self.request.user)

    def url(self, batch=None) -> str:
        return self.entity.url("compare") + (f"?batch={batch.pk}" if batch else "")

    def page(self, template, status=200, **context):
        context |= {
            "entity": self.entity,
            "title": _("Compare %(what)s with a file") % {"what": self.entity.label_plural()},
            "compare_url": self.url(),
            "import_url": self.entity.url("import"),
            "list_url": self.entity.url("list"),
            "kinds": [(kind, kind == self.request.POST.get("format", "xlsx")) for kind in WRITERS],
            "may_export": self.entity.may(self.request.user, Action.EXPORT),
        }
        return render(self.request, template, context, status=status)

    def upload_page(self, form, status=200):
        recent = self.batches().filter(compare_job__isnull=False).order_by("-compare_job_id")[:RECENT]
        return self.page(
            "entity/compare.html",
            status=status,
            form=form,
            limit_rows=LIMITS.rows,
            limit_bytes=settings.UPLOAD_MAX_BYTES,
            recent=[(batch, *self.state_of(batch.compare_job)) for batch in recent],
        )

    # -- one comparison ----------------------------------------------------------------------------------------------
    def state_of(self, job) -> tuple[str, str]:
        """(word, tone) of a comparison for people."""
        return (job.get_state_display(), TONES[job.state]) if job else (_("not compared yet"), "gray")

    def batch_page(self, batch, error="", status=200):
        job = batch.compare_job
        word, tone = self.state_of(job)
        result = batch.comparison if job is not None and job.state == Job.State.DONE else None
        import_url = self.entity.url("import")
        may_map = batch.run_job is None and (batch.check_job is None or batch.check_job.is_ended)
        may_map = may_map and batch.file is not None
        return self.page(
            "entity/_compare_state.html" if self.request.htmx else "entity/compare_result.html",
            status=status,
            batch=batch,
            job=job,
            error=error,
            word=word,
            tone=tone,
            left=seconds_left(job) if job else None,
            counts=result and result.get("counts"),
            columns=self.columns(result) if result else (),
            differences=self.differences(result) if result else (),
            batch_url=self.url(batch),
            map_url=f"{import_url}?{urlencode({'batch': batch.pk, 'step': 'map'})}" if may_map else "",
            read_url=f"{import_url}?{urlencode({'batch': batch.pk, 'step': 'read'})}" if may_map else "",
        )

    def columns(self, result) -> list[dict]:
        """The figures of each column, with our name for it."""
        return [
            one | {"label": self.label(one["column"]), "agrees": one["file"] == one["database"]}
            if not one["is_masked"]
            else one | {"label": self.label(one["column"])}
            for one in result.get("columns", ())
        ]

    def label(self, name) -> str:
        one = self.importer.fields.get(name)
        return str(capfirst(one.label)) if one else name

    def differences(self, result) -> list[ShownDifference]:
        """The first ones, of the records and columns that the person sees today."""
        first = result.get("first")
        found = [Difference(*one) for one in first] if isinstance(first, list) else []
        user, model = self.request.user, self.entity.model
        masked = withheld(user.fields.columns(self.entity), model, user)
        seen = self.visible().filter(pk__in={one.key for one in found if one.key}).in_bulk()
        shown = []
        for one in found:
            record = seen.get(one.key)
            is_closed = one.column and (one.column not in self.importer.fields or one.column in masked)
            if is_closed or (one.key and record is None):
                continue
            url = self.entity.url_for(record.pk) if record is not None and self.entity.has("record") else ""
            held = words(one.kind) or one.database
            label = self.label(one.column) if one.column else ""
            shown.append(ShownDifference(one.line, one.record, url, label, one.file, held, one.kind == "cell"))
        return shown
