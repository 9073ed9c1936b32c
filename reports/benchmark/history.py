"""What the change log costs: bulk statements and single saves with its triggers and without them."""

import statistics
import time

import pgtrigger
from django.db import connection, transaction

from crm.history import acting
from crm.models import Company
from customers.models import Customer

RUNS = 7
SAVES = 200
LOG = tuple(f"customers.Customer:{name}" for name in ("insert_insert", "update_update", "delete_delete"))


def measure(rows: int) -> list[dict]:
    """One row a way of writing: name, rows, ms_with and ms_without the change log (medians of whole statements; for the
    single save of one record), ratio, and extra_ms of one record."""
    company = Company.current()
    pattern = Customer.objects.create(name="pattern", currency=company.currency)
    ways = {
        "insert in bulk": lambda: insert(pattern, rows),
        "update in bulk": lambda: first(rows).update(source=next(SOURCES)),
    }
    found = [compared(name, rows, act) for name, act in ways.items()]
    return [*found, compared("save one", 1, lambda: save_some(pattern), per=SAVES)]


def first(rows: int):
    """The oldest so many customers: all runs update the same ones."""
    last = Customer.objects.order_by("pk").values_list("pk", flat=True)[rows - 1]
    return Customer.objects.filter(pk__lte=last)


def sources():
    while True:
        yield from ("website", "referral")


SOURCES = sources()


def compared(name: str, rows: int, act, per: int = 1) -> dict:
    """Both sides in turns, so that a busy moment of the machine hits both."""
    with_log, without = [], []
    for _ in range(RUNS):
        with_log.append(timed(act))
        with pgtrigger.ignore(*LOG):
            without.append(timed(act))
    ms_with, ms_without = statistics.median(with_log) / per, statistics.median(without) / per
    return {
        "name": name,
        "rows": rows,
        "ms_with": round(ms_with, 3),
        "ms_without": round(ms_without, 3),
        "ratio": round(ms_with / ms_without, 2),
        "extra_ms": round((ms_with - ms_without) / rows, 4),
    }


def timed(act) -> float:
    """Milliseconds of one act in a transaction with a context, as a request or job has it."""
    with acting(None, source="benchmark"), transaction.atomic():
        start = time.perf_counter()
        act()
        return (time.perf_counter() - start) * 1000


def insert(pattern, rows: int):
    """So many copies of the pattern by one INSERT … SELECT."""
    names = [field.column for field in Customer._meta.concrete_fields if not field.generated and field.column != "id"]
    columns = ", ".join(map(connection.ops.quote_name, names))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO customers_customer ({columns}) SELECT {columns} FROM customers_customer, "
            "generate_series(1, %s) WHERE id = %s",
            [rows, pattern.pk],
        )


def save_some(pattern):
    for number in range(SAVES):
        pattern.background = f"note {number} {time.perf_counter()}"
        pattern.save(update_fields=["background", "modified_at"])
