"""The list of imports: one's own, or for administrators those of everybody, by kind, person and day."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_date
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.entities import importable, importables
from crm.models import ImportBatch, Job
from crm.views.doors import PersonalView

PAGE = 50


def state_of(batch) -> tuple[str, str]:
    """(word, tone) of an import for people."""
    job = batch.run_job or batch.check_job
    if job is None and batch.compare_job_id:
        return _("only compared"), "gray"
    if job is None and batch.file_id:
        return _("not checked yet"), "gray"
    if job is None or job.state == Job.State.FAILED:
        return _("failed"), "red"
    if not job.is_ended:
        return _("being imported") if batch.run_job else _("being checked"), "blue"
    if job.state == Job.State.CANCELLED:
        return _("cancelled"), "gray"
    if batch.run_job is None:
        return _("checked"), "violet"
    if job.is_undone:
        return _("taken back"), "amber"
    return (_("partly imported"), "amber") if job.file_id else (_("imported"), "green")


def url_of(batch, entity) -> str:
    """The page of an import; of a file that was only compared, what the comparison found."""
    page = "compare" if batch.compare_job_id and not (batch.run_job_id or batch.check_job_id) else "import"
    return f"{entity.url(page)}?batch={batch.pk}"


class OwnBatches:
    """For pages of an entity that work on a file: only who may import, and only that person's own files of the kind.

    related: what is read along.
    """

    related: tuple = ()

    def dispatch(self, request, *args, **kwargs):
        if not self.entity.may_import(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def batches(self):
        own = ImportBatch.objects.visible_to(self.request.user).filter(entity=self.entity.slug)
        return own.select_related(*self.related)

    def batch(self) -> ImportBatch:
        """The file that the address names by ?batch=12."""
        key = self.request.GET["batch"]
        return get_object_or_404(self.batches(), pk=int(key) if key.isdecimal() and len(key) < 19 else 0)


class ImportListPage(PersonalView):
    """?kind=customers, ?who=lin (administrators), ?since=2026-11-01, ?before=KEY.

    Administrators read who imported what and when; what is in a file stays its person's.
    """

    model = ImportBatch

    def get(self, request):
        is_administrator = request.user.is_administrator
        rows = (ImportBatch.objects.all() if is_administrator else self.mine()).filter(user__isnull=False)
        rows = self.filtered(rows, request.GET, is_administrator)
        before = request.GET.get("before", "")
        if before.isdecimal() and len(before) < 19:
            rows = rows.filter(pk__lt=int(before))
        related = ("user", "check_job", "run_job__undone_by")
        found = list(rows.select_related(*related).order_by("-pk")[: PAGE + 1])
        context = {
            "title": _("Imports"),
            "rows": [self.described(batch) for batch in found[:PAGE]],
            "older": found[PAGE - 1].pk if len(found) > PAGE else None,
            "kinds": [(one.slug, capfirst(one.label_plural())) for one in importables()],
            "query": request.GET,
            "is_administrator": is_administrator,
        }
        return render(request, "imports/list.html", context)

    def filtered(self, rows, query, is_administrator):
        if importable(query.get("kind")):
            rows = rows.filter(entity=query["kind"])
        if is_administrator and (who := query.get("who", "").strip()):
            rows = rows.filter(user__name__icontains=who) | rows.filter(user__username__icontains=who)
        try:
            since = parse_date(query.get("since", ""))
        except ValueError:
            since = None
        return rows.filter(created_at__date__gte=since) if since else rows

    def described(self, batch):
        entity = importable(batch.entity)
        batch.kind = capfirst(entity.label_plural()) if entity else batch.entity
        batch.word, batch.tone = state_of(batch)
        counts = batch.run_job.counts if batch.run_job else {}
        batch.created, batch.updated = counts.get("created", 0), counts.get("updated", 0)
        is_own = batch.user_id == self.request.user.pk
        batch.url = url_of(batch, entity) if entity and entity.importable and is_own else ""
        return batch
