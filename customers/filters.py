"""Filters of this floor that go through another table."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.filters import Filter
from crm.forms import RecordChoiceField
from customers.models import ContactRole, Customer


@dataclass(frozen=True)
class WorksAtFilter(Filter):
    """Keeps the contacts that have a role at one customer, among those the reader sees."""

    def title(self, model):
        return self.label or _("customer")

    def fields(self, model, user):
        rows = Customer.objects.visible_to(user)
        return {self.name: RecordChoiceField(rows, label=self.title(model), required=False)}

    def apply(self, queryset, data):
        customer = data.get(self.name)
        if not customer:
            return queryset
        return queryset.filter(pk__in=ContactRole.objects.filter(customer=customer).values("contact"))

    def chip(self, model, data):
        return str(data[self.name]) if data.get(self.name) else ""


class MineField(forms.BooleanField):
    """A box whose value, when it is ticked, is the person for whom the form was made."""

    def __init__(self, user, **kwargs):
        super().__init__(required=False, **kwargs)
        self.user = user

    def clean(self, value):
        return self.user if super().clean(value) else None


@dataclass(frozen=True)
class MineFilter(Filter):
    """Keeps the rows that the reader is to see to."""

    def fields(self, model, user):
        return {self.name: MineField(user, label=self.title(model))}

    def apply(self, queryset, data):
        return queryset.filter(owner=data[self.name]) if data.get(self.name) else queryset

    def chip(self, model, data):
        return str(_("yes")) if data.get(self.name) else ""
