"""The group of companies a customer belongs to: the tree that a person may see, and totals over its visible rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.fields.redaction import redact
from crm.figures import number, short_money
from customers.models import Customer

MOST = 300
# Up to the top, then down again; a UNION leaves out what was found already, so that no circle goes round for ever.
MEMBERS = """
    WITH RECURSIVE up AS (
        SELECT id, parent_id FROM customers_customer WHERE id = %(pk)s
        UNION
        SELECT above.id, above.parent_id FROM customers_customer AS above JOIN up ON above.id = up.parent_id
        WHERE above.deleted_at IS NULL
    ), group_ids AS (
        SELECT id FROM up
        UNION
        SELECT below.id FROM customers_customer AS below JOIN group_ids ON below.parent_id = group_ids.id
        WHERE below.deleted_at IS NULL
    )
    SELECT id FROM group_ids ORDER BY id LIMIT %(most)s
"""


@dataclass
class Node:
    """A company of the tree. record: None for one that the reader may not see and that only a visible one names."""

    name: str
    record: Customer | None = None
    below: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Total:
    """A figure of the whole group; any floor may add one. words: (queryset of the visible customers, user) -> text."""

    label: str | Promise
    words: Callable
    order: int = 50


def _count(rows, user):
    return number(rows.count())


def _revenue(rows, user):
    if user.fields.is_hidden(Customer, "revenue"):
        return None
    sums = dict(rows.order_by().values_list("currency").annotate(sum=Sum("revenue")))
    return " + ".join(short_money(value, currency) for currency, value in sorted(sums.items()) if value) or "—"


def _employees(rows, user):
    if user.fields.is_hidden(Customer, "employees"):
        return None
    return number(rows.aggregate(sum=Sum("employees"))["sum"])


_totals: list[Total] = [
    Total(_("Companies"), _count, 10),
    Total(_("Annual revenue"), _revenue, 20),
    Total(_("Employees"), _employees, 30),
]


def add_total(total: Total):
    """Show a figure of an upper floor for a whole group; said in reactions.py, at start only."""
    _totals.append(total)


def members(customer, user):
    """The visible customers of the group, the customer included; at most 300."""
    with connection.cursor() as cursor:
        cursor.execute(MEMBERS, {"pk": customer.pk, "most": MOST})
        ids = [row[0] for row in cursor.fetchall()]
    return Customer.objects.visible_to(user).filter(pk__in=ids)


def totals(rows, user) -> list[tuple]:
    """(label, text) of each figure over the visible rows; an upper floor leaves one out with None."""
    found = [(total.label, total.words(rows, user)) for total in sorted(_totals, key=lambda total: total.order)]
    return [(label, text) for label, text in found if text is not None]


def tree(rows, user) -> list[Node]:
    """The visible companies below each other; a parent that is not visible is there by its name alone."""
    shown = redact(rows.select_related("parent", "owner").order_by("name", "pk"), user)
    nodes = {row.pk: Node(row.name, row) for row in shown}
    tops: list[Node] = []
    for node in list(nodes.values()):
        above = node.record.parent
        if above is None or above.deleted_at:
            tops.append(node)
            continue
        if above.pk not in nodes:
            nodes[above.pk] = Node(above.name)
            tops.append(nodes[above.pk])
        nodes[above.pk].below.append(node)
    return sorted(tops, key=lambda node: node.record is None)


def parent_after_merge(survivor: Customer, loser: Customer) -> dict:
    """The parent that the survivor of a merge gets when the loser stands above it: what stood above the loser."""
    above, parent = [], survivor.parent_id
    while parent is not None and parent not in above:
        above.append(parent)
        parent = Customer.everything.filter(pk=parent).values_list("parent_id", flat=True).first()
    if loser.pk not in above:
        return {}
    return {"parent": loser.parent if loser.parent_id not in (survivor.pk, *above) or not above[1:] else None}
