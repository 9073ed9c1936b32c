"""How long the lists of talks and contacts take, and the page of a customer with very many talks."""

import statistics
import time
from contextlib import contextmanager

from django.db import connection

from crm.pages import PAGE_MARK
from customers.entities import Contacts, Customers, Interactions
from customers.models import Contact, ContactRole, Customer, Interaction
from reports.benchmark.data import defaults
from reports.benchmark.pages import RUNS, Visitor, middle, ms

MANY, TYPICAL = 50_000, 5
TALK = {
    "customer_id": "c.id",
    "kind": "(ARRAY['call','visit','email'])[1 + n %% 3]",
    "direction": "'out'",
    "at": "now() - (c.id %% 5000) * interval '7 minutes' - n * interval '3 minutes'",
    "text": "'They want to see the line'",
    "created_by_id": "c.owner_id",
    "created_at": "now()",
    "modified_at": "now()",
}
PERSON = {
    "id": "c.id",
    "key": "gen_random_uuid()",
    "name": "'Person ' || c.id %% 99991",
    "created_at": "c.created_at",
    "modified_at": "now()",
}
ROLE = {"contact_id": "c.id", "customer_id": "c.id", "created_at": "now()", "modified_at": "now()"}


def fill():
    """One contact and one talk a customer, five talks of a typical one and 50,000 of another, both the small rep's."""
    for model, columns in ((Contact, PERSON), (ContactRole, ROLE), (Interaction, TALK)):
        insert(model, columns, "customers_customer AS c, generate_series(1, 1) AS n")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def add_talks(customer, number: int):
    insert(Interaction, TALK, f"customers_customer AS c, generate_series(1, {number}) AS n WHERE c.id = {customer.pk}")


def insert(model, columns: dict, source: str):
    values = defaults(model, columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(values)}) "
            f"SELECT {', '.join(values.values())} FROM {source}".replace("%%", "%")
        )


def measure(people, customers: int) -> list[dict]:
    """One row a reader and list; and for a typical customer and one with 50,000 talks the database time of the whole
    page, with their ratio (bound: 1.3)."""
    fill()
    rows = [one_list(user, label, entity) for entity in (Interactions, Contacts) for label, user in people.items()]
    typical, much = Customer.objects.filter(owner=people.small).order_by("pk")[:2]
    add_talks(typical, TYPICAL)
    add_talks(much, MANY)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    for label, user in people.items():
        if label in ("small", "administrator"):
            rows += two_pages(user, label, typical, much)
    return [row | {"rows": customers} for row in rows]


def one_list(user, label: str, entity) -> dict:
    visitor, url = Visitor(user), entity.url("list")
    visitor.get(url)
    totals, database = [], []
    for _ in range(RUNS):
        with spent_on(lambda sql: PAGE_MARK in sql and not sql.startswith("SELECT COUNT")) as spent:
            start = time.perf_counter()
            visitor.get(url)
            totals.append(ms(start))
        database.append(sum(spent))
    return {
        "name": f"{entity.slug} list",
        "user": label,
        "db_ms_p50": middle(database),
        "total_ms_p50": middle(totals),
        "total_ms_p95": round(sorted(totals)[int(len(totals) * 0.95)], 2),
    }


def two_pages(user, label: str, typical, much) -> list[dict]:
    visitor, found = Visitor(user), {}
    for customer in (typical, much):
        visitor.get(Customers.url("record", customer))
    for _ in range(RUNS):  # in turn, so that a busy machine slows both
        for customer in (typical, much):
            with spent_on(lambda sql: True) as spent:
                visitor.get(Customers.url("record", customer))
            found.setdefault(customer.pk, []).append(sum(spent))
    medians = [statistics.median(found[customer.pk]) for customer in (typical, much)]
    names = ("customer, typical", f"customer, {MANY:,} talks")
    return [
        {"name": name, "user": label, "db_ms_p50": round(median, 2), "ratio": round(median / medians[0], 2)}
        for name, median in zip(names, medians, strict=True)
    ]


@contextmanager
def spent_on(is_asked):
    """Collects the milliseconds of the statements for which is_asked(sql) holds."""
    spent = []

    def clock(execute, sql, params, many, context):
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            if is_asked(sql):
                spent.append(ms(start))

    with connection.execute_wrapper(clock):
        yield spent
