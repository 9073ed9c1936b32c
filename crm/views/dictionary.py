"""The data dictionary as a page and as a file, for administrators and auditors."""

from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from crm.access import Action
from crm.exchange.writing import downloaded, write_csv, write_xlsx
from crm.fields.dictionary import Dictionary, headings
from crm.history import log_access
from crm.models import FieldDefinition
from crm.views.doors import RecordView
from crm.views.field_rules import all_entities, chosen_entity


class DataDictionary(RecordView):
    """Every field of every kind of record; ?format=xlsx or csv gives the file."""

    model = FieldDefinition
    action = Action.VIEW

    def get(self, request):
        slug, query = request.GET.get("entity", ""), request.GET.get("q", "")[:100]
        if slug:
            chosen_entity(slug)
        entries = Dictionary(slug, query).entries()
        if request.GET.get("format") in ("xlsx", "csv"):
            return self.file(entries, request.GET["format"])
        state = {name: value for name, value in (("entity", slug), ("q", query)) if value}
        context = {
            "title": _("Data dictionary"),
            "entries": entries,
            "headings": headings(),
            "entity_slug": slug,
            "query": query,
            "choices": [(entity.slug, entity.label_plural()) for entity in all_entities()],
            "xlsx_url": f"?{urlencode(state | {'format': 'xlsx'})}",
            "csv_url": f"?{urlencode(state | {'format': 'csv'})}",
        }
        return render(request, "fields/dictionary.html", context)

    def file(self, entries, kind):
        rows = [entry.cells for entry in entries]
        name = f"{_('Data dictionary')} {timezone.localdate():%Y-%m-%d}.{kind}"
        address = self.request.META.get("REMOTE_ADDR")
        log_access("export", user=self.request.user, address=address, entity="dictionary", rows=len(rows), format=kind)
        if kind == "csv":
            return downloaded(lambda file: write_csv(file, headings(), rows), name, kind)
        return downloaded(
            lambda file: write_xlsx(file, headings(), rows, title=str(_("Data dictionary"))[:31]), name, kind
        )
