"""The recycle bin: what one may take back, bringing it back, and deleting for good."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from crm import recycling
from crm.models import Deletion
from crm.views.doors import PersonalView

PAGE = 50
SHOWN_ERRORS = 5


def chosen_keys(request) -> list[int]:
    """The keys that a form names: of the row whose button was pressed, else of the ticked rows."""
    given = request.POST.getlist("key") or request.POST.getlist("keys")
    return [int(key) for key in given[:500] if key.isdecimal() and len(key) < 19]


class BinView(PersonalView):
    """What the pages of the bin share: the deletions that the person may take back today."""

    model = Deletion

    def mine(self, model=None):
        return recycling.bin_of(self.request.user)

    def chosen(self):
        return self.mine().filter(pk__in=self.keys).select_related("subject_type", "actor").order_by("pk")

    @property
    def keys(self) -> list[int]:
        return chosen_keys(self.request)

    def back(self):
        return HttpResponseRedirect(reverse("bin"), status=303)

    def say(self, done: str, number: int, asked: int, refusals: list[str]):
        if number:
            messages.success(self.request, done)
        for refusal in refusals[:SHOWN_ERRORS]:
            messages.error(self.request, refusal)
        missing = asked - number - len(refusals)
        if missing > 0:
            text = ngettext(
                "%(n)d entry is not in your recycle bin any more.",
                "%(n)d entries are not in your recycle bin any more.",
                missing,
            )
            messages.warning(self.request, text % {"n": missing})
        if not asked:
            messages.warning(self.request, _("Nothing was chosen. Tick the rows first."))


class BinPage(BinView):
    """The newest deletions first, by kind and name; only what one may take back."""

    def get(self, request):
        query = request.GET.get("q", "").replace("\x00", "").strip()[:200]
        by_me = request.GET.get("by") == "me"
        rows = self.mine()
        if query:
            rows = rows.filter(name__icontains=query)
        if by_me:
            rows = rows.filter(actor=request.user)
        tabs, kind = self.tabs(rows, query, by_me)
        rows = rows.filter(subject_type=kind) if kind else rows
        before = request.GET.get("before", "")
        if before.isdecimal() and len(before) < 19:
            rows = rows.filter(pk__lt=int(before))
        found = list(rows.select_related("actor").order_by("-pk")[: PAGE + 1])
        state = {"kind": request.GET.get("kind", ""), "q": query, "by": "me" if by_me else ""}
        older = {**state, "before": found[PAGE - 1].pk} if len(found) > PAGE else {}
        context = {
            "title": _("Recycle bin"),
            "tabs": tabs,
            "rows": recycling.described(found[:PAGE]),
            "state": state,
            "query": query,
            "by_me": by_me,
            "by_me_url": f"?{lean({**state, 'by': '' if by_me else 'me'})}",
            "older": lean(older),
            "bin_days": settings.BIN_DAYS,
            "may_purge": request.user.is_administrator,
        }
        return render(request, "bin/list.html", context)

    def tabs(self, rows, query: str, by_me: bool) -> tuple[list[dict], int | None]:
        """The kinds with their numbers, and the content type of the chosen one."""
        entities = recycling.kinds()
        counts = dict(rows.order_by().values_list("subject_type").annotate(number=Count("pk")))
        asked = self.request.GET.get("kind", "")
        chosen = next((kind for kind, entity in entities.items() if entity.slug == asked), None)

        def tab(label, number, slug, is_on):
            url = f"?{lean({'kind': slug, 'q': query, 'by': 'me' if by_me else ''})}"
            return {"label": label, "count": number, "url": url, "is_on": is_on}

        tabs = [tab(_("All"), sum(counts.values()), "", chosen is None)]
        tabs += [
            tab(capfirst(entity.label_plural()), counts.get(kind, 0), entity.slug, kind == chosen)
            for kind, entity in sorted(entities.items(), key=lambda item: item[1].order)
            if counts.get(kind) or kind == chosen
        ]
        return tabs, chosen


def lean(state: dict) -> str:
    """A query string without what is empty."""
    return urlencode({name: value for name, value in state.items() if value not in ("", None)})


class BinRestore(BinView):
    """Bring back the chosen records; today's rights are asked again, since only what they reach is found."""

    def post(self, request):
        asked = len(set(self.keys))
        number, refusals = recycling.restore_all(self.chosen(), actor=request.user)
        done = ngettext("%(n)d record restored", "%(n)d records restored", number) % {"n": number}
        self.say(done, number, asked, refusals)
        return self.back()


class BinPurge(BinView):
    """Delete the chosen records for good: for administrators, who type a word first."""

    def post(self, request):
        if not request.user.is_administrator:
            raise PermissionDenied
        asked, word = len(set(self.keys)), pgettext("typed to confirm", "DELETE")
        typed = request.POST.get("word", "").strip()
        if asked and typed.casefold() not in {word.casefold(), "delete"}:
            return self.ask(word, typed)
        number, refusals = recycling.purge_all(self.chosen(), actor=request.user)
        done = ngettext("%(n)d record deleted for good", "%(n)d records deleted for good", number) % {"n": number}
        self.say(done, number, asked, refusals)
        return self.back()

    def ask(self, word: str, typed: str):
        rows = list(self.chosen())
        context = {
            "title": _("Delete for good?"),
            "rows": recycling.described(rows),
            "word": word,
            "typed": typed,
            "is_wrong": "word" in self.request.POST,
        }
        return render(self.request, "bin/purge.html", context, status=422 if context["is_wrong"] else 200)
