"""What the service floor shows below: cases and messages in timelines, open cases of customers, a card on the
workbench; and what follows from a deleted message."""

from django.db.models import Count, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import workbench
from crm.entities import Fact, entity_for
from crm.figures import datetime_text, number
from crm.models import TimelineEntry
from crm.timeline import Arm, add_arm, entries_about, entry_item
from customers.entities import Customers
from customers.models import Customer
from service.events import message_deleted
from service.models import Case, CaseMessage
from service.services import note_response
from service.timeline import RELATED, cases_of, item, messages_for, messages_of

LINES = 5


def open_cases(customer, user):
    """The number of the customer's open cases that the reader sees; None for readers without the right."""
    if not user.rights.may(Case):
        return None
    rows = cases_of(customer, user).open().order_by()
    return rows.annotate(all=Value(1)).values("all").annotate(rows=Count("pk")).values_list("rows")


def my_lines(user) -> list[workbench.Line]:
    """The user's own open cases, those that are due first on top."""
    mine = Case.objects.visible_to(user).filter(owner=user).open().select_related("customer")
    entity = entity_for(Case)
    return [
        workbench.Line(
            case.subject,
            entity.url("record", case),
            note=f"{case.customer or _('No customer')} · {case.get_status_display()}",
            value=datetime_text(case.due_at, form="short") if case.due_at else "",
            tone="red" if case.is_overdue else "",
        )
        for case in mine.order_by("due_order", "pk")[:LINES]
    ]


@message_deleted.listen
def correct_first_response(entry):
    """A reply that went into the bin is no first response any more."""
    case_id = CaseMessage.everything.filter(pk=entry.subject_id).values_list("case_id", flat=True).first()
    if case_id:
        note_response(case_id)


Customers.add_fact(
    Fact("open_cases", _("Open cases"), figure=open_cases, words=lambda figure, customer: number(figure or 0), order=30)
)

add_arm(Arm("case-messages", Case, CaseMessage, messages_of, item, related=RELATED))
add_arm(Arm("customer-messages", Customer, CaseMessage, messages_for, item, related=RELATED))
add_arm(Arm("customer-cases", Customer, TimelineEntry, entries_about(Case, cases_of), entry_item, related=("actor",)))

workbench.add_card(
    workbench.Card(
        "my-cases",
        _("My open cases"),
        "headset",
        my_lines,
        may=lambda user: user.rights.may(Case, "change"),
        empty=_("No open case is yours"),
        url=lambda user: f"{reverse('cases-list')}?is_open=on&owner={user.username}&sort=due_order",
        order=30,
    )
)
