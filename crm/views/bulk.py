"""The page of a bulk action: says what it would do with how many rows, asks what it needs, and does it."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import bulk
from crm.access import Action
from crm.models import FormToken
from crm.navigation import toast
from crm.pages import capped_count
from crm.views.doors import RecordView
from crm.views.recycling import chosen_keys


class BulkPage(RecordView):
    """POST from the bar of a list shows the question; POST with `confirmed` does it. Each row is asked."""

    action = Action.VIEW

    def get(self, request):
        return HttpResponseRedirect(self.entity.url("list"))

    def post(self, request):
        name = request.POST.get("action", "")
        action = next((one for one in bulk.actions_of(self.entity, request.user) if one.name == name), None)
        if action is None:
            raise PermissionDenied
        selection = self.selection()
        if selection.query is None and not selection.keys:
            messages.warning(request, _("Nothing was chosen. Tick the rows first."))
            return self.back()
        form = action.form(self.entity, request.user, request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            return self.ask(action, selection, form)
        return self.carry_out(action, selection, form)

    def selection(self) -> bulk.Selection:
        wants_all = "all" in self.request.POST
        query = self.request.POST.get("query", "").replace("\x00", "")[:5000] if wants_all else None
        return bulk.Selection(
            self.entity, self.request.user, () if wants_all else tuple(chosen_keys(self.request)), query
        )

    def back(self):
        query = QueryDict(self.request.POST.get("query", "").replace("\x00", "")[:5000]).urlencode(safe=",")
        return HttpResponseRedirect(self.entity.url("list") + (f"?{query}" if query else ""), status=303)

    def ask(self, action, selection, form):
        user, allowed = self.request.user, selection.allowed(action)
        number, is_all = capped_count(selection.rows.visible_to(user, action.action), user)
        sample = list(allowed.order_by("pk")[:8])
        skipped = max(0, selection.asked - number) if selection.query is None else 0
        context = {
            "entity": self.entity,
            "title": action.label,
            "action": action,
            "form": form,
            "number": f"{number:,}" if is_all else f"{number:,}+",
            "has_any": number > 0,
            "sample": sample,
            "more": number - len(sample) if is_all else "…",
            "skipped": skipped,
            "keys": selection.keys,
            "is_all": selection.query is not None,
            "query": self.request.POST.get("query", ""),
            "act": self.request.POST.get("act") or uuid.uuid4(),
            "list_url": self.back().url,
        }
        return render(self.request, "entity/bulk.html", context, status=422 if form.errors else 200)

    def carry_out(self, action, selection, form):
        act, is_new = self.token()
        if not is_new:
            messages.info(self.request, _("This was done already."))
            return self.back()
        if selection.is_long:
            data = self.request.POST.copy()
            for name in ("keys", "query", "all", "csrfmiddlewaretoken", "confirmed", "act", "action"):
                data.pop(name, None)
            job = bulk.begin(action, selection, data, act=act)
            return HttpResponseRedirect(job.get_absolute_url(), status=303)
        number, skipped = bulk.carry_out(action, selection, form.cleaned_data, act=act)
        if number:
            toast(self.request, action.done(number), undo=reverse(action.undo, args=[act]) if action.undo else "")
        else:
            messages.info(self.request, _("Nothing changed"))
        if skipped:
            messages.warning(self.request, not_permitted(skipped))
        return self.back()

    def token(self) -> tuple[uuid.UUID, bool]:
        """The act of this question, and whether it is answered for the first time: a form sent twice does it once."""
        try:
            act = uuid.UUID(self.request.POST.get("act", ""))
        except ValueError:
            act = uuid.uuid4()
        _token, is_new = FormToken.objects.get_or_create(token=act, defaults={"user": self.request.user})
        return act, is_new


def not_permitted(number: int) -> str:
    return ngettext(
        "%(n)d was left out: your roles do not allow this there, or it is gone.",
        "%(n)d were left out: your roles do not allow this there, or they are gone.",
        number,
    ) % {"n": number}
