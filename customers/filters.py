"""Filters of this floor that go through another table."""

from dataclasses import dataclass

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
