"""The export of a list: a short one at once, a long one as a job; the same rows, columns and order as on the page."""

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm import jobs
from crm.access import Action
from crm.exchange import DIRECT_ROWS, Export
from crm.exchange.writing import downloaded
from crm.views.doors import RecordView

OWN = ("format", "all_columns", "csrfmiddlewaretoken")


class ExportPage(RecordView):
    """GET shows what would be taken out and in which form; POST gives the file, or a job for more than 5,000 rows."""

    action = Action.EXPORT

    def state(self):
        """The query string of the list, without what this page adds to it."""
        params = self.request.GET.copy()
        for name in OWN:
            params.pop(name, None)
        return params

    def get(self, request):
        export = Export(self.entity, request.user, self.state())
        number = export.count(DIRECT_ROWS + 1)
        context = {
            "entity": self.entity,
            "title": _("Export %(what)s") % {"what": self.entity.label_plural()},
            "listing": export.listing,
            "number": number,
            "is_long": number > DIRECT_ROWS,
            "limit": DIRECT_ROWS,
            "shown_columns": export.headings,
            "all_columns": Export(self.entity, request.user, self.state(), all_columns=True).headings,
            "back_url": export.listing.url(),
        }
        return render(request, "entity/export.html", context)

    def post(self, request):
        all_columns = "all_columns" in request.POST
        export = Export(self.entity, request.user, self.state(), all_columns=all_columns)
        kind = request.POST.get("format")
        kind = kind if kind in export.kinds else "xlsx"
        if export.count(DIRECT_ROWS + 1) > DIRECT_ROWS:
            return self.enqueue(export, kind, all_columns)
        address = request.META.get("REMOTE_ADDR")
        return downloaded(
            lambda file: export.log(export.write(file, kind), kind, address), export.file_name(kind), kind
        )

    def enqueue(self, export, kind, all_columns):
        job = jobs.enqueue(
            "export",
            user=self.request.user,
            title=_("Export %(what)s") % {"what": self.entity.label_plural()},
            parameters={
                "entity": self.entity.slug,
                "query": export.listing.params.urlencode(),
                "format": kind,
                "all_columns": all_columns,
            },
        )
        return HttpResponseRedirect(job.get_absolute_url(), status=303)
