"""Giving a record to somebody else."""

import uuid

from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.access import Action
from crm.bulk import AssignForm
from crm.navigation import toast
from crm.ownership import assign
from crm.views.doors import RecordView


class AssignPage(RecordView):
    """Choose the new owner; says that one may lose sight of the record."""

    action = Action.ASSIGN

    def show(self, record, form, status=200):
        return render(
            self.request,
            "entity/assign.html",
            {
                "entity": self.entity,
                "record": record,
                "form": form,
                "title": _("Assign “%(name)s”") % {"name": record},
                "cancel_url": self.entity.url("record", record),
            },
            status=status,
        )

    def get(self, request, pk):
        record = self.get_record("owner", "team")
        return self.show(record, AssignForm(user=request.user, initial={"owner": record.owner}))

    @transaction.atomic
    def post(self, request, pk):
        record = self.get_record(lock=True)
        form = AssignForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.show(record, form, status=422)
        act, reason = uuid.uuid4(), form.cleaned_data["reason"]
        assign(record, form.cleaned_data["owner"], actor=request.user, reason=reason, act=act)
        done = _("Assigned “%(name)s” to %(owner)s") % {"name": record, "owner": record.owner}
        toast(request, done, undo=reverse("ownership-undo", args=[act]))
        still = self.visible().filter(pk=record.pk).exists()
        return HttpResponseRedirect(self.entity.url("record", record) if still else self.entity.url("list"), status=303)
