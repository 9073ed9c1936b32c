"""The pages on data quality: how complete and right the records are that a person sees; each number has its rows."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.access import Action
from crm.entities import registry
from crm.figures import percent
from crm.quality.counting import LONGEST, Counting, TooLong, in_time
from crm.quality.figures import further
from crm.quality.filters import MOST_DAYS
from crm.views.doors import PersonalView, RecordView

DAYS = 90  # of silence, unless the address says otherwise
GOOD, FAIR = 90, 60  # per cent of a field from which its bar is green, and amber


def rated(user) -> list:
    """The kinds of records of whose quality this person may ask, in the order of the menu."""
    kinds = [entity for entity in registry.values() if entity.is_rated and entity.has("list") and entity.may(user)]
    return sorted(kinds, key=lambda entity: entity.order)


class QualityHome(PersonalView):
    """Leads to the first kind of record that the person sees."""

    def get(self, request):
        kinds = rated(request.user)
        if not kinds:
            raise PermissionDenied
        return HttpResponseRedirect(reverse(f"quality-{kinds[0].slug}"))


class QualityPage(RecordView):
    """?days=90 of silence; ?again=1 counts anew what was kept."""

    action = Action.VIEW

    def get(self, request):
        days = days_of(request.GET.get("days", ""))
        counting = Counting(self.entity, request.user, days, is_fresh="again" in request.GET)
        try:
            with in_time():
                figures = counting.figures()
                more = [
                    (one, one.count(request.user), self.entity.url(one.page)) for one in further(self.record_model)
                ]
        except TooLong:
            figures, more = None, []
        kinds = [(one, reverse(f"quality-{one.slug}"), one is self.entity) for one in rated(request.user)]
        context = {
            "entity": self.entity,
            "title": _("Data quality"),
            "kinds": kinds,
            "days": days,
            "most_days": MOST_DAYS,
            "listens": counting.quiet is not None,
            "longest": LONGEST,
            "figures": figures,
            "further": more,
        }
        if figures:
            context |= self.shown(figures, days)
        return render(request, "quality/page.html", context)

    def shown(self, figures, days) -> dict:
        filled, could = figures.filled
        return {
            "completeness": percent(filled, could) if could else "",
            "rows": [self.row(line) for line in figures.gaps],
            "faults": [(line, self.rows_url(wrong=line.check.name)) for line in figures.faults],
            "responsible": [(line, self.rows_url(without=line.check.name)) for line in figures.responsible],
            "never_url": self.rows_url(without=figures.never.check.name) if figures.never else "",
            "quiet_url": self.rows_url(quiet=days),
            "list_url": self.entity.url("list"),
        }

    def row(self, line) -> dict:
        """A field as the table shows it; whole per cents never round up to all, nor down to none."""
        whole = line.passing * 100 // line.of if line.of else 0
        tone = "green" if whole >= GOOD else "amber" if whole >= FAIR else "red"
        return {
            "label": capfirst(line.check.label),
            "line": line,
            "percent": max(whole, 1 if line.passing else 0),
            "tone": tone if line.of else "gray",
            "filled_url": self.rows_url(filled=line.check.name),
            "without_url": self.rows_url(without=line.check.name),
        }

    def rows_url(self, **params) -> str:
        return f"{self.entity.url('list')}?{urlencode(params)}"


def days_of(text: str) -> int:
    """A number of days out of an address; what is none, or too much, is the usual one."""
    days = int(text) if text.isdecimal() and len(text) < 6 else 0
    return days if 0 < days <= MOST_DAYS else DAYS
