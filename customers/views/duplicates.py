"""The queue of possible duplicates, merging from it pair after pair, and the rules by which they are found."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import merging
from crm.access import Action
from crm.entities import entity_for
from crm.views.doors import RecordView
from crm.views.merging import MergePage, UnmergePage
from customers.duplicates.decided import decide, settle
from customers.duplicates.rules import REASONS, switchable, words_for
from customers.duplicates.scan import KINDS
from customers.models import DuplicatePair, DuplicateRule
from customers.views.twins import TwinsPage

PAGE = 50
SCORES = (95, 90, 85)
State = DuplicatePair.State


@dataclass(frozen=True)
class Wanted:
    """Which pairs of the queue: their state, the least likeness in percent (0 for any), a reason ("" for any)."""

    state: str
    least: int
    reason: str

    @classmethod
    def of(cls, query) -> Wanted:
        """From a query string or form; what it cannot mean is any."""
        state = State.DISMISSED if query.get("state") == State.DISMISSED else State.OPEN
        score, reason = query.get("score", ""), query.get("reason", "")
        least = int(score) if score in map(str, SCORES) else 0
        return cls(state, least, reason if reason in REASONS else "")

    @property
    def filters(self) -> dict:
        return {name: value for name, value in (("score", self.least), ("reason", self.reason)) if value}

    def query(self, **more) -> str:
        return urlencode(self.filters | more)

    def among(self, pairs):
        """Those of the pairs that are wanted, whatever their state."""
        pairs = pairs.filter(score__gte=self.least)
        return pairs.filter(reasons__contains=[self.reason]) if self.reason else pairs


def next_address(wanted: Wanted, entity, user, about: int | None = None) -> str:
    """Where the next pair is compared that the person may merge: of the record `about` first, so that a cluster goes
    one after another; then the most alike one. The queue itself when none is left."""
    pairs = DuplicatePair.objects.seen_by(user, entity.model, Action.CHANGE).open()
    pair = pairs.filter(Q(first=about) | Q(second=about)).order_by("-score", "-pk").first() if about else None
    pair = pair or wanted.among(pairs).order_by("-score", "-pk").first()
    if pair is None:
        return f"{entity.url('duplicates')}?{wanted.query()}"
    keep, other = (pair.second, pair.first) if pair.second == about else (pair.first, pair.second)
    return f"{reverse(entity.url_name('merge'), args=[keep])}?{wanted.query(queue=1, **{'with': other})}"


class DuplicatesPage(RecordView):
    """Pairs that may be the same, the most alike first, for whoever sees both records.

    A POST by those who may change such records says of one that it is none, or the other way round.
    """

    action = Action.VIEW

    def rows(self):
        return DuplicatePair.objects.seen_by(self.request.user, self.record_model)

    def get(self, request):
        wanted = Wanted.of(request.GET)
        text = request.GET.get("page", "1")
        page = min(int(text), 200) if text.isdecimal() and 0 < len(text) < 5 and int(text) else 1
        rows = wanted.among(self.rows())
        found = rows.filter(state=wanted.state).order_by("-score", "-pk")
        pairs = list(found[(page - 1) * PAGE : page * PAGE + 1])
        context = {
            "entity": self.entity,
            "title": _("Possible duplicates: %(what)s") % {"what": self.entity.label_plural()},
            "state": wanted.state,
            "wanted": wanted,
            "query": wanted.query(),
            "scores": SCORES,
            "signs": REASONS.items(),
            "kinds": [
                entity_for(model)
                for model in KINDS
                if model is not self.record_model and request.user.rights.may(model)
            ],
            "may_decide": self.may_decide,
            "may_look": self.entity.may(request.user, Action.ADD),
            "rows": self.described(pairs[:PAGE]),
            "number": rows.open()[:1001].count(),
            "dismissed": rows.filter(state=State.DISMISSED)[:1001].count(),
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

    @property
    def may_decide(self) -> bool:
        return self.request.user.rights.may(self.record_model, Action.CHANGE)

    def post(self, request):
        if not self.may_decide:
            raise PermissionDenied
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
        wanted = Wanted.of(request.POST)
        if "next" in request.POST:
            return HttpResponseRedirect(next_address(wanted, self.entity, request.user, pair.first), status=303)
        state = {"state": State.DISMISSED} if "again" in request.POST else {}
        return HttpResponseRedirect(f"{self.entity.url('duplicates')}?{wanted.query(**state)}", status=303)


class PairMergePage(MergePage):
    """Opened out of the queue, it leads on to the next pair, first to further candidates for the same record."""

    def pairs(self, *keys: int):
        """Open pairs that the person may merge, with one of the records."""
        pairs = DuplicatePair.objects.seen_by(self.request.user, self.record_model, Action.CHANGE).open()
        return pairs.filter(Q(first__in=keys) | Q(second__in=keys))

    def extras(self, record, other) -> dict:
        query = self.request.POST if self.request.method == "POST" else self.request.GET
        pair = self.pairs(record.pk, other.pk).filter(first__in=[record.pk, other.pk], second__in=[record.pk, other.pk])
        return {
            "pair": pair.first(),
            "queue": Wanted.of(query) if "queue" in query else None,
            "candidates": self.pairs(record.pk, other.pk).exclude(pk__in=pair)[:100].count(),
        }

    def merged(self, record, other):
        settle(ContentType.objects.get_for_model(record), record.pk, other.pk, self.request.user)
        if "next" not in self.request.POST:
            return super().merged(record, other)
        wanted = Wanted.of(self.request.POST)
        return HttpResponseRedirect(next_address(wanted, self.entity, self.request.user, record.pk), status=303)


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
    "merge": ("<int:pk>/merge/", PairMergePage),
    "unmerge": ("<int:pk>/unmerge/", UnmergePage),
}
