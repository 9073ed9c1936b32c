"""Giving a record to somebody else."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import Action
from crm.forms import RecordChoiceField
from crm.models import User
from crm.ownership import assign
from crm.views.doors import RecordView


class AssignForm(forms.Form):
    owner = RecordChoiceField(User.objects.none(), label=gettext_lazy("Owner"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.visible_to(user).filter(is_active=True)


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
        assign(record, form.cleaned_data["owner"], actor=request.user)
        messages.success(request, _("Assigned “%(name)s” to %(owner)s") % {"name": record, "owner": record.owner})
        still = self.visible().filter(pk=record.pk).exists()
        return HttpResponseRedirect(self.entity.url("record", record) if still else self.entity.url("list"), status=303)
