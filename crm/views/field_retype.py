"""The pages on which the type of a custom field is changed: what would become of its values, and the way back."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import navigation
from crm.access import Action
from crm.fields import retyping
from crm.models.fields import Type
from crm.views.fields import FieldDoor


class FieldRetype(FieldDoor):
    """GET asks for the type and, when ?type= names one, says what it would do; POST does it."""

    action = Action.CHANGE

    def show(self, definition, kind="", refusal="", status=200):
        refusal = refusal or retyping.refusal(definition, kind)
        preview = retyping.preview(definition, kind, self.request.user) if kind and not refusal else None
        offered = retyping.OFFERED.get(definition.type, ())
        context = {
            "title": _("Change the type of “%(name)s”") % {"name": definition},
            "definition": definition,
            "entity": self.entity_of(definition),
            "types": [(str(one), Type(one).label) for one in offered],
            "kind": kind if kind in offered else "",
            "kind_label": Type(kind).label if kind in offered else "",
            "refusal": refusal,
            "preview": preview,
            "look": f"{retyping.LOOK:,}",
            "days": retyping.DAYS,
            "stopped": retyping.stopped([definition]).get(definition.pk),
            "back_url": reverse("field-change", args=[definition.pk]),
        }
        return render(self.request, "fields/retype.html", context, status=status)

    def get(self, request, pk):
        return self.show(self.get_record(), request.GET.get("type", ""))

    @transaction.atomic
    def post(self, request, pk):
        definition = self.get_record(lock=True)
        kind = request.POST.get("type", "")
        refusal = retyping.refusal(definition, kind) or ("" if kind else _("Choose a type."))
        if refusal:
            return self.show(definition, kind, refusal, 422)
        new = retyping.retype(definition, kind, actor=request.user)
        text = _("“%(name)s” is now of the type “%(type)s”. A job converts its values.")
        navigation.toast(
            request,
            text % {"name": new, "type": new.get_type_display()},
            undo=reverse("field-retype-undo", args=[new.pk]),
        )
        return self.lead_to_list(new)


class FieldRetypeContinue(FieldDoor):
    """POST: convert the rest of the values, where a job was cancelled or failed."""

    action = Action.CHANGE

    @transaction.atomic
    def post(self, request, pk):
        definition = self.get_record(lock=True)
        job = retyping.go_on(definition, actor=request.user)
        if job is None:
            navigation.toast(request, _("There is nothing to continue: no conversion of this field has stopped."))
            return self.lead_to_list(definition)
        return HttpResponseRedirect(job.get_absolute_url(), status=303)


class FieldRetypeUndo(FieldDoor):
    """GET says what would be out of sight; POST brings the field of the old type back with its values."""

    action = Action.CHANGE

    def get(self, request, pk):
        definition = self.get_record("replaces")
        refusal = retyping.undo_refusal(definition)
        number, is_part = (0, False) if refusal else retyping.changed_since(definition)
        context = {
            "title": _("Undo the change of type of “%(name)s”?") % {"name": definition},
            "definition": definition,
            "entity": self.entity_of(definition),
            "refusal": refusal,
            "number": f"{number:,}+" if is_part else f"{number:,}",
            "is_changed": number > 0,
            "back_url": reverse("field-change", args=[pk]),
        }
        return render(request, "fields/retype_undo.html", context, status=409 if refusal else 200)

    @transaction.atomic
    def post(self, request, pk):
        definition = self.get_record(lock=True)
        refusal = retyping.undo_refusal(definition)
        if refusal:
            navigation.toast(request, refusal, level=messages.ERROR)
            return self.lead_to_list(definition)
        number, is_part = retyping.changed_since(definition)
        old = definition.replaces
        retyping.take_back(definition, actor=request.user)
        text = _("“%(name)s” is of the type “%(type)s” again, with its values.")
        text = text % {"name": old, "type": old.get_type_display()}
        if number:
            shown = f"{number:,}+" if is_part else f"{number:,}"
            text += " " + _("Records changed since, whose newer values stay with the removed field: %(number)s.") % {
                "number": shown
            }
        navigation.toast(request, text)
        return self.lead_to_list(old)
