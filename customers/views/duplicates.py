"""The queue of possible duplicates, and the rules by which they are found."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import merging
from crm.access import Action
from crm.entities import entity_for
from crm.views.doors import RecordView
from crm.views.merging import MergePage, UnmergePage
from customers.duplicates.decided import decide
from customers.duplicates.rules import switchable, words_for
from customers.duplicates.scan import KINDS
from customers.models import DuplicatePair, DuplicateRule
from customers.views.twins import TwinsPage

PAGE = 50
State = DuplicatePair.State


class DuplicatesPage(RecordView):
    """Pairs that may be the same, the most alike first; a POST says of one that it is none, or the other way round."""

    action = Action.CHANGE

    def rows(self):
        return DuplicatePair.objects.seen_by(self.request.user, self.record_model)

    def get(self, request):
        state = State.DISMISSED if request.GET.get("state") == State.DISMISSED else State.OPEN
        text = request.GET.get("page", "1")
        page = min(int(text), 200) if text.isdecimal() and 0 < len(text) < 5 and int(text) else 1
        found = self.rows().filter(state=state).order_by("-score", "-pk")
        pairs = list(found[(page - 1) * PAGE : page * PAGE + 1])
        context = {
            "entity": self.entity,
            "title": _("Possible duplicates: %(what)s") % {"what": self.entity.label_plural()},
            "state": state,
            "kinds": [entity_for(model) for model in KINDS if request.user.rights.may(model, Action.CHANGE)],
            "rows": self.described(pairs[:PAGE]),
            "number": self.rows().open()[:1001].count(),
            "dismissed": self.rows().filter(state=State.DISMISSED)[:1001].count(),
            "next_page": page + 1 if len(pairs) > PAGE else None,
            "may_merge": merging.may_merge(self.record_model, request.user),
            "may_switch": request.user.rights.may(DuplicateRule, Action.CHANGE),
        }
        return render(request, "customers/duplicates.html", context)

    def described(self, pairs) -> list[dict]:
        """The rows of a page, with both records; the older one is the one to keep."""
        keys = {key for pair in pairs for key in (pair.first, pair.second)}
        owner = ("owner",) if hasattr(self.record_model, "owner") else ()
        records = self.visible().select_related(*owner).in_bulk(keys) if keys else {}
        return [
            {
                "pair": pair,
                "keep": records[pair.first],
                "other": records[pair.second],
                "reasons": words_for(pair.reasons),
                "tone": "red" if pair.score >= 95 else "amber",
            }
            for pair in pairs
            if pair.first in records and pair.second in records
        ]

    def post(self, request):
        text = request.POST.get("pair", "")
        pair = get_object_or_404(self.rows(), pk=int(text) if text.isdecimal() and len(text) < 19 else 0)
        rows = DuplicatePair.objects.filter(pk=pair.pk)
        if "again" in request.POST:
            if rows.filter(state=State.DISMISSED).update(state=State.OPEN, decided_by=None, decided_at=None):
                messages.success(request, _("The pair is in the queue again"))
        elif decide(rows, State.DISMISSED, request.user):
            messages.success(request, _("Noted: these are two. They will not be shown as duplicates again."))
        else:
            messages.info(request, _("Somebody else has decided about this pair in the meantime"))
        return HttpResponseRedirect(self.entity.url("duplicates"), status=303)


class DuplicateRulesPage(RecordView):
    """Which signs count. Strong ones stay told apart by their weight; a sign that is off finds nothing by itself."""

    model = DuplicateRule
    action = Action.CHANGE

    def get(self, request):
        off = set(DuplicateRule.objects.visible_to(request.user).filter(is_on=False).values_list("code", flat=True))
        rules = [(code, label, code not in off) for code, label in switchable().items()]
        return render(request, "customers/rules.html", {"title": _("Rules for duplicates"), "rules": rules})

    def post(self, request):
        for code in switchable():
            DuplicateRule.objects.update_or_create(code=code, defaults={"is_on": code in request.POST.getlist("on")})
        messages.success(request, _("Rules saved. The next search uses them."))
        return HttpResponseRedirect(reverse("duplicate-rules"), status=303)


# Pages of kinds of records of which there may be two for one company or person.
DUPLICATES = {
    "duplicates": ("duplicates/", DuplicatesPage),
    "twins": ("desk/", TwinsPage),
    "merge": ("<int:pk>/merge/", MergePage),
    "unmerge": ("<int:pk>/unmerge/", UnmergePage),
}
