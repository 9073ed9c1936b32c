"""The page that changes the ways to reach one customer or contact, and revealing one of them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm.access import Action
from crm.entities import entity_for
from crm.events import announce
from crm.views.doors import RecordView
from crm.views.revealing import RevealPage
from customers.models import ContactPoint
from customers.point_rows import PointRows


class PointsPage(RecordView):
    """Correct, name, mark, add and take away ways to reach the record, for whoever may change it."""

    action = Action.CHANGE

    def holder(self, **options):
        record = self.get_record(**options)
        if not self.request.user.rights.may(ContactPoint, Action.CHANGE):
            raise PermissionDenied
        return record

    def show(self, record, rows, status=200):
        context = {
            "entity": self.entity,
            "record": record,
            "rows": rows,
            "title": _("Ways to reach “%(name)s”") % {"name": record},
            "cancel_url": self.entity.url("record", record),
        }
        return render(self.request, "customers/points.html", context, status=status)

    def get(self, request, pk):
        record = self.holder()
        return self.show(record, PointRows(record, request.user))

    @transaction.atomic
    def post(self, request, pk):
        record = self.holder(lock=True)
        rows = PointRows(record, request.user, request.POST)
        if not rows.is_valid():
            return self.show(record, rows, status=422)
        if rows.save(request.user):
            announce(self.entity.events["change"], record, actor=request.user)
            messages.success(request, _("Saved “%(name)s”") % {"name": record})
        return HttpResponseRedirect(self.entity.url("record", record), status=303)


class PointReveal(RevealPage):
    """A phone, an address or an id that stands as a mask on the page of its customer or contact."""

    model = ContactPoint
    related = ("customer", "contact")

    def back_url(self) -> str:
        holder = self.record.customer or self.record.contact
        return entity_for(type(holder)).url("record", holder)

    def text(self) -> str:
        return super().text() if self.record.is_damaged else self.record.plain
