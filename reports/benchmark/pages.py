"""How long the customer list takes, as a whole page and as a query beside hand-written SQL."""

import statistics
import time
from contextlib import contextmanager

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import connection, reset_queries
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from crm.models import User
from crm.pages import PAGE_MARK
from customers.entities import Customers

RUNS = 25
BRANCH = (
    "(SELECT created_at, id FROM customers_customer WHERE {} AND deleted_at IS NULL{} "
    "ORDER BY created_at DESC, id DESC LIMIT 51)"
)
SHARED = (
    "id IN (SELECT content_object_id FROM customers_customerusershare s "
    "JOIN auth_permission p ON p.id = s.permission_id "
    "WHERE s.user_id = %s AND p.codename = 'view_customer' AND (s.until IS NULL OR s.until > now()))"
)
PAGE = (
    "SELECT c.*, o.*, t.*, i.* FROM customers_customer c LEFT JOIN crm_user o ON o.id = c.owner_id "
    "LEFT JOIN crm_team t ON t.id = c.team_id LEFT JOIN customers_industry i ON i.id = c.industry_id "
    "WHERE c.id IN ({}) ORDER BY c.created_at DESC, c.id DESC"
)


def measure(people, customers: int) -> list[dict]:
    """One row a reader and filter: name, user, rows (customers there are), queries (of the whole page), db_ms_p50 (the
    list query), total_ms_p50 and total_ms_p95 (the whole page), sql_ms_p50 (the same rows by hand-written SQL) and
    ratio (db_ms_p50 / sql_ms_p50)."""
    return [
        measure_one(user, label, filters) | {"rows": customers}
        for label, user in people.items()
        for filters in ("", "level=A")
    ]


class Visitor:
    """One signed-in person who asks the application for a page as a server does, without the test client's own work."""

    def __init__(self, user):
        client = Client()
        client.force_login(user, backend="crm.backends.AccessBackend")
        self.cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        self.application = WSGIHandler()

    def get(self, url: str, query: str = "") -> bytes:
        """The body of the page; a page that does not answer 200 raises."""
        factory = RequestFactory(SERVER_NAME="testserver", HTTP_COOKIE=self.cookies)
        answers = []
        environ = factory._base_environ(PATH_INFO=url, QUERY_STRING=query, REQUEST_METHOD="GET")
        response = self.application(environ, lambda status, headers: answers.append(status))
        body = b"".join(response)
        response.close()
        if answers != ["200 OK"]:
            raise RuntimeError(f"{url} answered {answers}")
        return body


def measure_one(user, label: str, filters: str) -> dict:
    visitor, url = Visitor(user), Customers.url("list")
    visitor.get(url, filters)
    request_started.disconnect(reset_queries)
    with CaptureQueriesContext(connection) as queries:
        visitor.get(url, filters)
    number = len(queries)
    request_started.connect(reset_queries)
    totals, database, by_hand = [], [], []
    for _ in range(RUNS):
        with list_query_time() as spent:
            start = time.perf_counter()
            visitor.get(url, filters)
            totals.append(ms(start))
        database.append(sum(spent))
        by_hand.append(hand_written(user, filters))
    return {
        "name": f"customer list, {filters}" if filters else "customer list",
        "user": label,
        "rows": 0,
        "queries": number,
        "db_ms_p50": middle(database),
        "total_ms_p50": middle(totals),
        "total_ms_p95": round(sorted(totals)[int(len(totals) * 0.95)], 2),
        "sql_ms_p50": middle(by_hand),
        "ratio": round(statistics.median(database) / statistics.median(by_hand), 2),
    }


@contextmanager
def list_query_time():
    """Collects the milliseconds of the statement that reads the rows of the page (not of the one that counts)."""
    spent = []

    def clock(execute, sql, params, many, context):
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            if PAGE_MARK in sql and not sql.startswith("SELECT COUNT"):
                spent.append(ms(start))

    with connection.execute_wrapper(clock):
        yield spent


def hand_written(user, filters: str) -> float:
    """Milliseconds of the best SQL we can write for the same page: its ways to the rows are known, nothing is asked
    first."""
    fresh = User.objects.select_related("team").get(pk=user.pk)
    extra = " AND level = 'A'" if filters else ""
    ways = fresh.rights.ways(Customers.model)
    if ways.everything:
        branches, params = [BRANCH.format("true", extra)], []
    else:
        branches = [BRANCH.format("owner_id = %s", extra), BRANCH.format(SHARED, extra)]
        params = [user.pk, user.pk]
        if ways.team_ids:
            branch = BRANCH.format("team_id = t.id", extra)
            branches.append(f"(SELECT r.* FROM unnest(%s::bigint[]) AS t(id) CROSS JOIN LATERAL {branch} r)")
            params.append(list(ways.team_ids))
    keys = f"SELECT id FROM ({' UNION '.join(branches)}) k ORDER BY created_at DESC, id DESC LIMIT 51"
    sql = PAGE.format(keys)
    with connection.cursor() as cursor:
        start = time.perf_counter()
        cursor.execute(sql, params)
        return ms(start)


def ms(start: float) -> float:
    return (time.perf_counter() - start) * 1000


def middle(values: list[float]) -> float:
    return round(statistics.median(values), 2)
