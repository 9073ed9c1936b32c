"""The filters of lists that keep the rows behind each figure of the page on data quality."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from crm.filters import Filter
from crm.quality.checks import faults, gaps, listens, quiet

MOST_DAYS = 3650


class ChecksField(forms.MultipleChoiceField):
    """Names of checks; gives the checks themselves."""

    def __init__(self, checks, **kwargs):
        self.checks = {check.name: check for check in checks}
        choices = [(name, capfirst(check.label)) for name, check in self.checks.items()]
        super().__init__(choices=choices, required=False, widget=forms.CheckboxSelectMultiple, **kwargs)

    def clean(self, value):
        return [self.checks[name] for name in super().clean(value)]


@dataclass(frozen=True, eq=False)
class ChecksFilter(Filter):
    """Keeps the rows of which some of the checks say something. made: gives the checks, when the form is made."""

    made: Callable[[], list] = list

    @cached_property
    def checks(self) -> list:
        return self.made()

    def fields(self, model, user):
        return {self.name: ChecksField(self.checks, label=self.title(model))} if self.checks else {}

    def chip(self, model, data):
        return pgettext("list", ", ").join(str(capfirst(check.label)) for check in data.get(self.name) or ())


class WithoutFilter(ChecksFilter):
    """The rows in which all of the chosen fields are empty."""

    def apply(self, queryset, data):
        for check in data.get(self.name) or ():
            queryset = check.ready(queryset).filter(check.failing)
        return queryset


class WithFilter(ChecksFilter):
    """The rows in which all of the chosen fields hold something."""

    def apply(self, queryset, data):
        for check in data.get(self.name) or ():
            queryset = check.ready(queryset).filter(check.passing)
        return queryset


class WrongFilter(ChecksFilter):
    """The rows with a wrong value in one of the chosen fields."""

    def apply(self, queryset, data):
        condition = Q()
        for check in data.get(self.name) or ():
            queryset, condition = check.ready(queryset), condition | check.failing
        return queryset.filter(condition)


@dataclass(frozen=True, eq=False)
class QuietFilter(Filter):
    """The rows of which nothing was heard for a number of days."""

    entity: type | None = None
    user: object = None

    def fields(self, model, user):
        field = forms.IntegerField(label=self.title(model), required=False, min_value=1, max_value=MOST_DAYS)
        return {self.name: field}

    def apply(self, queryset, data):
        days = data.get(self.name)
        return queryset.filter(quiet(self.entity, self.user, days).failing) if days else queryset

    def chip(self, model, data):
        days = data.get(self.name)
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days} if days else ""


def quality_filters(entity, user) -> tuple:
    """The filters of the list of a kind of record that the page on data quality counts, for one person."""
    if not entity.is_rated:
        return ()
    found = [
        WithoutFilter("without", pgettext_lazy("list", "Without"), made=lambda: gaps(entity, user)),
        WithFilter("filled", pgettext_lazy("list", "With"), made=lambda: gaps(entity, user)),
    ]
    if entity.faults:
        found.append(WrongFilter("wrong", _("Invalid"), made=lambda: faults(entity, user)))
    if listens(entity, user):
        found.append(QuietFilter("quiet", _("Nothing heard for days"), entity=entity, user=user))
    return tuple(found)
