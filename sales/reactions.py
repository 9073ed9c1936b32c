"""What the sales floor shows below: moves in timelines, open amounts on customers, a card on the workbench."""

from decimal import Decimal

from django.db.models import Count, Sum, TextField, Value
from django.db.models.functions import Cast, JSONObject
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import workbench
from crm.columns import Kind, PageColumn
from crm.entities import Fact, entity_for
from crm.figures import date_text, number, short_money
from crm.models import Company, TimelineEntry
from crm.timeline import Arm, add_arm, entries_about, entry_item
from customers.entities import Customers
from customers.group import Total, add_total
from customers.models import Customer
from sales.models import Opportunity, StageChange
from sales.timeline import RELATED, item, linked_item, moves_for, moves_of, opportunities_of

LINES = 5


def open_amounts(ids, user) -> dict:
    """{customer id: sum of the open opportunities the reader sees}; nothing where no amount is known."""
    rows = Opportunity.objects.visible_to(user).open().filter(customer__in=ids, amount__isnull=False)
    return dict(rows.order_by().values_list("customer").annotate(total=Sum("amount")))


def open_opportunities(customer, user):
    """Sum and number of the customer's open opportunities that the reader sees; None for readers without the right."""
    if not user.rights.may(Opportunity):
        return None
    rows = Opportunity.objects.visible_to(user).open().filter(customer=customer).order_by()
    rows = rows.annotate(all=Value(1)).values("all").annotate(sum=Sum("amount"), rows=Count("pk"))
    return rows.values_list(JSONObject(amount=Cast("sum", TextField()), count="rows"))


def open_opportunities_words(figure, customer) -> str:
    if not figure:
        return "0"
    amount = None if figure["amount"] is None else Decimal(figure["amount"])
    return f"{short_money(amount, customer.currency)} · {number(figure['count'])}"


def overdue_lines(user) -> list[workbench.Line]:
    """The user's own open opportunities whose expected closing day has passed, the longest overdue first."""
    mine = Opportunity.objects.visible_to(user).filter(owner=user).overdue(Company.current().today)
    entity = entity_for(Opportunity)
    return [
        workbench.Line(
            record.name,
            entity.url("record", record),
            note=f"{record.customer.name if record.customer else _('No customer')} · {record.stage}",
            value=date_text(record.expected_close_on, form="short"),
            tone="red",
        )
        for record in mine.select_related("customer", "stage").order_by("expected_close_order", "pk")[:LINES]
    ]


def amount_words(rows, user) -> str | None:
    """What the opportunities among these rows are worth; None for readers without the right."""
    if not user.rights.may(Opportunity):
        return None
    sums = dict(rows.order_by().values_list("currency").annotate(sum=Sum("amount")))
    return " + ".join(short_money(value, currency) for currency, value in sorted(sums.items()) if value) or "—"


def open_of_group(customers, user):
    return amount_words(Opportunity.objects.visible_to(user).open().filter(customer__in=customers), user)


def won_of_group(customers, user):
    return amount_words(Opportunity.objects.visible_to(user).won().filter(customer__in=customers), user)


add_total(Total(_("Open opportunities"), open_of_group, 40))
add_total(Total(_("Won so far"), won_of_group, 45))
Customers.add_column(PageColumn("open_amount", _("Open opportunities"), open_amounts, kind=Kind.MONEY))
Customers.add_fact(
    Fact(
        "open_opportunities",
        _("Open opportunities"),
        figure=open_opportunities,
        words=open_opportunities_words,
        order=20,
    )
)

add_arm(Arm("moves", Opportunity, StageChange, moves_of, item, related=RELATED))
add_arm(Arm("customer-moves", Customer, StageChange, moves_for, linked_item, related=RELATED))
add_arm(
    Arm(
        "customer-opportunities",
        Customer,
        TimelineEntry,
        entries_about(Opportunity, opportunities_of),
        entry_item,
        related=("actor",),
    )
)

workbench.add_card(
    workbench.Card(
        "overdue-opportunities",
        _("Overdue opportunities"),
        "briefcase",
        overdue_lines,
        may=lambda user: user.rights.may(Opportunity),
        empty=_("No opportunity of yours is overdue"),
        url=lambda user: f"{reverse('opportunities-list')}?overdue=on&sort=expected_close_order",
        order=20,
    )
)
