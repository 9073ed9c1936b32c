"""Filters of a list: each knows its form field, the rows it keeps and the words of its chip."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from crm.forms import RecordChoiceField


@dataclass(frozen=True)
class Filter:
    """A filter on one field of the model; label is taken from the field unless given."""

    name: str
    label: str | Promise | None = None

    def title(self, model):
        return capfirst(self.label or model._meta.get_field(self.name).verbose_name)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of the query string that belong to the filter."""
        return (self.name, f"{self.name}_from", f"{self.name}_to")

    def fields(self, model, user) -> dict[str, forms.Field]:
        raise NotImplementedError

    def apply(self, queryset, data: dict):
        raise NotImplementedError

    def chip(self, model, data: dict) -> str:
        """What the filter keeps, in words; empty when it is not set."""
        raise NotImplementedError


@dataclass(frozen=True)
class ChoiceFilter(Filter):
    """Keeps rows whose choice field has one of the chosen values."""

    def fields(self, model, user):
        choices = model._meta.get_field(self.name).flatchoices
        return {
            self.name: forms.MultipleChoiceField(
                label=self.title(model), choices=choices, required=False, widget=forms.CheckboxSelectMultiple
            )
        }

    def apply(self, queryset, data):
        return queryset.filter(**{f"{self.name}__in": data[self.name]}) if data.get(self.name) else queryset

    def chip(self, model, data):
        labels = dict(model._meta.get_field(self.name).flatchoices)
        return pgettext("list", ", ").join(str(labels[value]) for value in data.get(self.name) or () if value in labels)


@dataclass(frozen=True)
class CatalogueFilter(Filter):
    """Keeps rows that point to one of the chosen master data (stage, product, industry)."""

    def fields(self, model, user):
        rows = model._meta.get_field(self.name).related_model.objects.visible_to(user)
        return {
            self.name: forms.ModelMultipleChoiceField(
                rows, label=self.title(model), required=False, widget=forms.CheckboxSelectMultiple
            )
        }

    def apply(self, queryset, data):
        chosen = data.get(self.name)
        return queryset.filter(**{f"{self.name}__in": [row.pk for row in chosen]}) if chosen else queryset

    def chip(self, model, data):
        return pgettext("list", ", ").join(str(row) for row in data.get(self.name) or ())


@dataclass(frozen=True)
class RecordFilter(Filter):
    """Keeps rows that point to one record (owner, team, customer); typed or picked among the visible ones."""

    def fields(self, model, user):
        related = model._meta.get_field(self.name).related_model
        return {self.name: RecordChoiceField(related.objects.visible_to(user), label=self.title(model), required=False)}

    def apply(self, queryset, data):
        return queryset.filter(**{self.name: data[self.name].pk}) if data.get(self.name) else queryset

    def chip(self, model, data):
        return str(data[self.name]) if data.get(self.name) else ""


@dataclass(frozen=True)
class RangeFilter(Filter):
    """Keeps rows whose date, number or amount lies between two values, both included; rows without a value never
    match."""

    kind: str = "date"

    def fields(self, model, user):
        make = {
            "date": lambda label: forms.DateField(
                label=label, required=False, widget=forms.DateInput(attrs={"type": "date"})
            ),
            "number": lambda label: forms.DecimalField(label=label, required=False, max_digits=18, decimal_places=2),
        }[self.kind]
        return {
            f"{self.name}_from": make(_("%(field)s from") % {"field": self.title(model)}),
            f"{self.name}_to": make(_("%(field)s to") % {"field": self.title(model)}),
        }

    def apply(self, queryset, data):
        low, high = data.get(f"{self.name}_from"), data.get(f"{self.name}_to")
        path = f"{self.name}__date" if is_moment(queryset.model, self.name) else self.name
        conditions = Q() if low is None else Q(**{f"{path}__gte": low})
        return queryset.filter(conditions if high is None else conditions & Q(**{f"{path}__lte": high}))

    def chip(self, model, data):
        low, high = data.get(f"{self.name}_from"), data.get(f"{self.name}_to")
        if low is None and high is None:
            return ""
        text = [
            ("" if end is None else date_format(end, "Y-m-d") if self.kind == "date" else f"{end:,}")
            for end in (low, high)
        ]
        return f"{text[0]} – {text[1]}".strip()


@dataclass(frozen=True)
class FlagFilter(Filter):
    """A named question such as "overdue": keeps the rows that a queryset method gives. method: name of that method."""

    method: str = ""

    def fields(self, model, user):
        return {self.name: forms.BooleanField(label=self.title(model), required=False)}

    def apply(self, queryset, data):
        return getattr(queryset, self.method)() if data.get(self.name) else queryset

    def chip(self, model, data):
        return str(_("yes")) if data.get(self.name) else ""


def is_moment(model, name: str) -> bool:
    return model._meta.get_field(name).get_internal_type() == "DateTimeField"


def filter_form(filters, model, user, data) -> forms.Form:
    """Filters as one form over a query string."""
    fields = {}
    for one in filters:
        fields |= one.fields(model, user)
    return type("FilterForm", (forms.Form,), fields)(data)
