"""The filters of custom fields: equal values by the GIN index, ranges after the branch of the access rule."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django import forms
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from crm.fields import types
from crm.filters import Filter
from crm.models.fields import FieldDefinition, Type


@dataclass(frozen=True)
class CustomFilter(Filter):
    """A filter on one custom field. equals: the JSON values one of which the record must hold."""

    definition: FieldDefinition | None = None

    def title(self, model):
        return str(self.label)

    def chosen(self, data) -> list:
        raise NotImplementedError

    def apply(self, queryset, data):
        values = self.chosen(data)
        if not values:
            return queryset
        return queryset.filter(reduce(or_, (Q(custom__contains={self.definition.code: value}) for value in values)))


class PickFilter(CustomFilter):
    """One or several of the choices; yes or no."""

    def choices(self):
        if self.definition.type == Type.BOOLEAN:
            return [("1", _("yes")), ("0", _("no"))]
        return types.choices_of(self.definition)

    def fields(self, model, user):
        widget = forms.CheckboxSelectMultiple
        field = forms.MultipleChoiceField(label=self.label, choices=self.choices(), required=False, widget=widget)
        return {self.name: field}

    def chosen(self, data):
        picked = data.get(self.name) or ()
        if self.definition.type == Type.BOOLEAN:
            return [code == "1" for code in picked]
        return [[code] if self.definition.type == Type.CHOICES else code for code in picked]

    def chip(self, model, data):
        labels = dict(self.choices())
        return pgettext("list", ", ").join(str(labels[code]) for code in data.get(self.name) or () if code in labels)


class LinkedFilter(CustomFilter):
    """One person or record among those the user sees."""

    def fields(self, model, user):
        from crm.forms import RecordChoiceField

        rows = types.linked_model(self.definition).objects.visible_to(user)
        return {self.name: RecordChoiceField(rows, label=self.label, required=False)}

    def chosen(self, data):
        return [data[self.name].pk] if data.get(self.name) else []

    def chip(self, model, data):
        return str(data[self.name]) if data.get(self.name) else ""


class TextFilter(CustomFilter):
    """A part of the text; read after the access rule, since no index knows fragments."""

    def fields(self, model, user):
        return {self.name: forms.CharField(label=self.label, required=False, max_length=100)}

    def apply(self, queryset, data):
        text = data.get(self.name)
        if not text:
            return queryset
        held = KeyTextTransform(self.definition.code, "custom")
        return queryset.alias(**{f"{self.name}_text": held}).filter(**{f"{self.name}_text__icontains": text})

    def chip(self, model, data):
        return data.get(self.name) or ""


class BetweenFilter(CustomFilter):
    """Between two values, both included; records without a value never match."""

    @property
    def is_day(self) -> bool:
        return self.definition.type in (Type.DATE, Type.DATETIME)

    def fields(self, model, user):
        def make(label):
            if self.is_day:
                widget = forms.DateInput(attrs={"type": "date"})
                return forms.DateField(label=label, required=False, widget=widget)
            return forms.DecimalField(label=label, required=False, max_digits=18, decimal_places=6)

        return {
            f"{self.name}_from": make(_("%(field)s from") % {"field": self.label}),
            f"{self.name}_to": make(_("%(field)s to") % {"field": self.label}),
        }

    def apply(self, queryset, data):
        low, high = data.get(f"{self.name}_from"), data.get(f"{self.name}_to")
        if low is None and high is None:
            return queryset
        output = {Type.DATE: models.DateField(), Type.DATETIME: models.DateTimeField()}.get(
            Type(self.definition.type), models.DecimalField(max_digits=24, decimal_places=6)
        )
        queryset = queryset.alias(**{self.name: Cast(KeyTextTransform(self.definition.code, "custom"), output)})
        path = f"{self.name}__date" if self.definition.type == Type.DATETIME else self.name
        conditions = Q() if low is None else Q(**{f"{path}__gte": low})
        return queryset.filter(conditions if high is None else conditions & Q(**{f"{path}__lte": high}))

    def chip(self, model, data):
        ends = [data.get(f"{self.name}_from"), data.get(f"{self.name}_to")]
        if ends == [None, None]:
            return ""
        text = ["" if end is None else date_format(end, "Y-m-d") if self.is_day else f"{end:,}" for end in ends]
        return f"{text[0]} – {text[1]}".strip()


KINDS = {
    Type.TEXT: TextFilter,
    Type.LONG_TEXT: TextFilter,
    Type.NUMBER: BetweenFilter,
    Type.MONEY: BetweenFilter,
    Type.DATE: BetweenFilter,
    Type.DATETIME: BetweenFilter,
    Type.CHOICE: PickFilter,
    Type.CHOICES: PickFilter,
    Type.BOOLEAN: PickFilter,
    Type.USER: LinkedFilter,
    Type.LINK: LinkedFilter,
}


def filter_of(definition) -> CustomFilter | None:
    """None for sensitive fields: nothing but the whole record leads to their values."""
    if definition.is_sensitive:
        return None
    kind = KINDS[Type(definition.type)]
    return kind(name=definition.field_name, label=definition.name, definition=definition)
