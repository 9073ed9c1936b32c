"""Revealing one contact point."""

from crm.entities import entity_for
from crm.views.revealing import RevealPage
from customers.models import ContactPoint


class PointReveal(RevealPage):
    """A phone, an address or an id that stands as a mask on the page of its customer or contact."""

    model = ContactPoint
    related = ("customer", "contact")

    def back_url(self) -> str:
        holder = self.record.customer or self.record.contact
        return entity_for(type(holder)).url("record", holder)

    def text(self) -> str:
        return super().text() if self.record.is_damaged else self.record.plain
