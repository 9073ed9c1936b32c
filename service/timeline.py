"""Messages of cases as lines of timelines: of the case itself and of its customer."""

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.timeline import Item
from service.models import Case, CaseMessage

Direction = CaseMessage.Direction
SENTENCES = {
    Direction.OUT: gettext_lazy("{actor} replied in the case {case}"),
    Direction.IN: gettext_lazy("{customer} wrote in the case {case}"),
    Direction.INTERNAL: gettext_lazy("{actor} left an internal note in the case {case}"),
}
# (icon, colour) of each direction
MARKS = {
    Direction.OUT: ("message", "teal"),
    Direction.IN: ("mail-opened", "blue"),
    Direction.INTERNAL: ("lock", "amber"),
}
RELATED = ("created_by", "case", "case__customer", "case__contact")


def messages_of(case, user):
    return CaseMessage.objects.visible_to(user).filter(case=case)


def messages_for(customer, user):
    return CaseMessage.objects.visible_to(user).filter(case__customer=customer)


def cases_of(customer, user):
    """The visible cases of a customer."""
    return Case.objects.visible_to(user).filter(customer=customer)


def item(message: CaseMessage) -> Item:
    """A message as one line, its text below."""
    icon, colour = MARKS[Direction(message.direction)]
    case = message.case
    parts = {
        "actor": message.created_by.name if message.created_by else _("Banyan"),
        "customer": str(case.contact or case.customer or _("the customer")),
        "case": case.subject,
    }
    bold = {name: format_html('<b class="b">{}</b>', text) for name, text in parts.items()}
    return Item(
        message.at, icon, colour, format_html(str(SENTENCES[Direction(message.direction)]), **bold), message.text
    )
