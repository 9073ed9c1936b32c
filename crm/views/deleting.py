"""Deleting one record and taking it back."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import deletion
from crm.access import Action
from crm.events import announce
from crm.models import Deletion
from crm.views.doors import PersonalView, RecordView


class DeletePage(RecordView):
    """Says what goes along, deletes softly, offers Undo."""

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
                "cancel_url": self.entity.url("record", record),
            },
        )

    @transaction.atomic
    def post(self, request, pk):
        record = self.get_record(lock=True)
        if event := self.entity.events.get("delete"):
            announce(event, record, actor=request.user)
        act = deletion.delete(record, actor=request.user)
        messages.success(
            request, _("Deleted “%(name)s”") % {"name": record}, extra_tags=f"undo:{reverse('undelete', args=[act.pk])}"
        )
        return HttpResponseRedirect(self.entity.url("list"), status=303)


class UndeletePage(PersonalView):
    """Take back one's own deletion."""

    model = Deletion

    def mine(self, model=None):
        return Deletion.objects.filter(actor=self.request.user, restored_at__isnull=True)

    @transaction.atomic
    def post(self, request, pk):
        from crm.entities import entity_for

        act = get_object_or_404(self.mine(), pk=pk)
        deletion.restore(act, actor=request.user)
        messages.success(request, _("Restored “%(name)s”") % {"name": act.name})
        entity = entity_for(act.subject_type.model_class())
        return HttpResponseRedirect(entity.url_for(act.subject_id), status=303)


def parts_of(record) -> list[tuple[str, int]]:
    """(name of the kind, number) of the parts that go along."""
    found = []
    for relation in deletion.part_relations(type(record)):
        number = relation.related_model.objects.filter(**{relation.field.name: record}).count()
        if number:
            found.append((relation.related_model._meta.verbose_name_plural, number))
    return found
