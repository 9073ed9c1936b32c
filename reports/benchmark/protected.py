"""How long it takes to find customers by sealed phones and addresses, and to show them on a list."""

import random
import statistics
import time
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import connection

from crm.pages import page_for
from crm.protection import new_key
from crm.protection.cipher import cell, seal
from crm.search import found
from customers import batches
from customers.models import Customer
from customers.points import SCOPE, digest_of, tokens_of

RUNS = 40
DOMAINS = 5_000
COLUMNS = (
    "key, customer_id, kind, value, digest, tokens, label, is_primary, is_valid, opted_in, created_at, modified_at,"
    " version"
)


def fill(points: int) -> tuple[int, float]:
    """A phone and an address for each customer that is there; gives (points, microseconds of Python a point)."""
    keys = list(Customer.objects.order_by("pk").values_list("pk", flat=True)[: points // 2])
    now, spent = datetime.now(UTC), 0.0
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_contactpoint DISABLE TRIGGER USER")
        with cursor.copy(f"COPY customers_contactpoint ({COLUMNS}) FROM STDIN") as copy:
            for number, pk in enumerate(keys):
                start = time.perf_counter()
                rows = [row_of(pk, "phone", phone(number), now), row_of(pk, "email", address(number), now)]
                spent += time.perf_counter() - start
                for row in rows:
                    copy.write_row(row)
        cursor.execute("ALTER TABLE customers_contactpoint ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE customers_contactpoint")
    return 2 * len(keys), spent / max(1, 2 * len(keys)) * 1e6


def phone(number: int) -> str:
    return f"1{30 + number * 7 % 70}{number * 7919 % 100_000_000:08}"


def address(number: int) -> str:
    return f"user{number}@domain{number * 31 % DOMAINS}.example"


def row_of(customer: int, kind: str, value: str, now) -> tuple:
    key = new_key()
    sealed = seal(value, cell(f"{SCOPE}.value", key))
    return (
        key, customer, kind, sealed, digest_of(kind, value), tokens_of(kind, value), "", True, True, False, now, now, 1
    )  # fmt: skip


def measure(people, points: int, cost: float) -> list[dict]:
    """One row a question: db_ms_p50 and db_ms_p95 are the time of all statements that answer it for the big rep."""
    user, chosen = people.big, random.Random(7).sample(range(points // 2), RUNS)
    questions = {
        "whole phone": [phone(n) for n in chosen],
        "last 4 digits": [phone(n)[-4:] for n in chosen],
        "whole address": [address(n) for n in chosen],
        "domain": [address(n).partition("@")[2] for n in chosen],
        "a name, for comparison": ["kestrel"] * RUNS,
    }
    rows = [{"what": "seal and fingerprint", "points": points, "us_a_point": round(cost, 1)}]
    for what, texts in questions.items():
        times = [search_time(text, user) for text in texts]
        rows.append({"what": what, "points": points} | figures(times))
    return [*rows, list_row(user, points)]


def search_time(text: str, user) -> float:
    with statement_time() as spent:
        page_for(found(Customer.objects.all(), text, user), user, "-created_at", size=50)
    return spent[0]


def list_row(user, points: int) -> dict:
    """The phones of fifty customers: one query, its time and the time of opening and masking."""
    ids = [row.pk for row in page_for(Customer.objects.all(), user, "-created_at", size=50).rows]
    totals, database = [], []
    for _ in range(RUNS):
        start = time.perf_counter()
        with statement_time() as spent:
            batches.customer_phones(ids, user)
        totals.append((time.perf_counter() - start) * 1000)
        database.append(spent[0])
    total = round(statistics.median(totals), 2)
    return {"what": "phones of 50 customers", "points": points, "total_ms_p50": total} | figures(database)


def figures(times: list[float]) -> dict:
    ordered = sorted(times)
    return {
        "db_ms_p50": round(statistics.median(ordered), 2),
        "db_ms_p95": round(ordered[int(len(ordered) * 0.95) - 1], 2),
    }


@contextmanager
def statement_time():
    """[milliseconds] that statements take inside."""
    spent = [0.0]

    def timed(execute, sql, params, many, context):
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent[0] += (time.perf_counter() - start) * 1000

    with connection.execute_wrapper(timed):
        yield spent
