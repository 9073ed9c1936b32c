"""The page that says who can see a record, and why."""

from django.shortcuts import render
from django.utils.translation import gettext as _

from crm.access import Action
from crm.explaining import Explanation
from crm.models import User
from crm.search import found
from crm.views.doors import RecordView

MOST = 200


class AccessPage(RecordView):
    """For whoever sees the record: the people who see it too, with every reason; ?q= asks about one person."""

    action = Action.VIEW

    def get(self, request, pk):
        record = self.get_record("owner", "team")
        query = request.GET.get("q", "").strip()[:100]
        people = found(User.objects.visible_to(request.user).active(), query).order_by("name", "pk")
        viewers = Explanation(record).viewers(people)
        context = {
            "entity": self.entity,
            "record": record,
            "title": _("Who can see “%(name)s”") % {"name": record},
            "query": query,
            "viewers": viewers[:MOST],
            "number": len(viewers),
            "others": people.count() - len(viewers) if query else 0,
        }
        return render(request, "entity/access.html", context)
