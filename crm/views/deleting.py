"""Deleting one record and taking it back."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import bulk, deletion, recycling
from crm.access import Action
from crm.entities import entity_for
from crm.events import announce
from crm.models import Deletion
from crm.views.doors import PersonalView, RecordView


class DeletePage(RecordView):
    """Says what goes along, asks for a reason, deletes softly, offers Undo."""

    action = Action.DELETE

    def get(self, request, pk):
        record = self.get_record()
        return render(
            request,
            "entity/delete.html",
            {
                "entity": self.entity,
                "record": record,
                "title": _("Delete “%(name)s”?") % {"name": record},
                "parts": parts_of(record),
                "bin_days": settings.BIN_DAYS,
                "cancel_url": self.entity.url("record", record),
            },
        )

    @transaction.atomic
    def post(self, request, pk):
        record = self.get_record(lock=True)
        if event := self.entity.events.get("delete"):
            announce(event, record, actor=request.user)
        reason = request.POST.get("reason", "").replace("\x00", "").strip()[:200]
        act = deletion.delete(record, actor=request.user, reason=reason)
        messages.success(
            request, _("Deleted “%(name)s”") % {"name": record}, extra_tags=f"undo:{reverse('undelete', args=[act.pk])}"
        )
        return HttpResponseRedirect(self.entity.url("list"), status=303)


class UndeletePage(PersonalView):
    """Take back one's own deletion, as long as one may still see the record."""

    model = Deletion

    def mine(self, model=None):
        return recycling.bin_of(self.request.user).filter(actor=self.request.user)

    @transaction.atomic
    def post(self, request, pk):
        act = get_object_or_404(self.mine().select_related("subject_type"), pk=pk)
        number, refusals = recycling.restore_all([act], actor=request.user)
        for refusal in refusals:
            messages.error(request, refusal)
        if not number:
            return HttpResponseRedirect(reverse("bin"), status=303)
        messages.success(request, _("Restored “%(name)s”") % {"name": act.name})
        return HttpResponseRedirect(recycling.address_of(act), status=303)


class UndeleteActPage(PersonalView):
    """Take back one's own deletion of several records at once."""

    model = Deletion

    def mine(self, model=None):
        return recycling.bin_of(self.request.user).filter(actor=self.request.user)

    def post(self, request, act):
        rows = list(self.mine().filter(act=act).select_related("subject_type")[: bulk.DIRECT_ROWS])
        if not rows:
            raise Http404
        number, refusals = recycling.restore_all(rows, actor=request.user)
        for refusal in refusals[:5]:
            messages.error(request, refusal)
        if number:
            done = ngettext("%(n)d record restored", "%(n)d records restored", number)
            messages.success(request, done % {"n": number})
        return HttpResponseRedirect(entity_for(rows[0].subject_type.model_class()).url("list"), status=303)


def parts_of(record) -> list[tuple[str, int]]:
    """(name of the kind, number) of the parts that go along."""
    found = []
    for relation in deletion.part_relations(type(record)):
        number = relation.related_model.objects.filter(**{relation.field.name: record}).count()
        if number:
            found.append((relation.related_model._meta.verbose_name_plural, number))
    return found
