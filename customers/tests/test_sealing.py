"""Contact points of the first versions are sealed by the migration: rows, change log, killed in the middle, twice."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from customers import sealing
from customers.models import ContactPoint
from customers.sealing import seal_plain_points

NAME = "banyan_sealing"
DROP = f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)'
CREATE = f"CREATE DATABASE \"{NAME}\" TEMPLATE template0 LC_CTYPE 'C.UTF-8'"
PLAIN = ("+86 138 1234 5678", "13812345678", "051262880000x8", "Zhou@Example.COM", "wx_zhou", "no phone")


@pytest.fixture
def old_database(django_db_blocker):
    """A database whose customers are as the first version left them."""
    with django_db_blocker.unblock():
        configured = connection.settings_dict["NAME"]
        query(DROP)
        query(CREATE)
        point_to(NAME)
        try:
            first = MigrationExecutor(connection)  # by the single steps, not by the one that stands for them today
            first.loader = MigrationLoader(connection, replace_migrations=False)
            first.migrate([("customers", "0002_industries")])
            yield
        finally:
            point_to(configured)
            query(DROP)


def point_to(name):
    connection.close()
    connection.settings_dict["NAME"] = name


def query(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def fill():
    """One customer with a point of each kind, one of them changed and one removed, so that events are there."""
    query(
        "INSERT INTO customers_customer (name, name_pinyin, kind, level, lifecycle, source, website, country, region,"
        " currency, background, next_step, source_system, external_ref, created_at, modified_at, version)"
        " VALUES ('Acme', '', 'company', 'A', 'lead', '', '', '', '', 'CNY', '', '', '', '', now(), now(), 1)"
    )
    kinds = ("mobile", "mobile", "phone", "email", "wechat", "phone")
    for kind, value in zip(kinds, PLAIN, strict=True):
        query(
            "INSERT INTO customers_contactpoint (customer_id, kind, value, is_primary, created_at, modified_at,"
            " version) SELECT id, %s, %s, false, now(), now(), 1 FROM customers_customer",
            kind,
            value,
        )
    query("UPDATE customers_contactpoint SET value = 'zhou@example.com' WHERE kind = 'email'")
    query("DELETE FROM customers_contactpoint WHERE kind = 'wechat'")


class Killed(Exception):
    pass


def test_old_points_and_their_events_are_sealed_and_a_killed_run_goes_on(old_database, monkeypatch):
    fill()
    events = query("SELECT count(*) FROM customers_contactpointevent")
    MigrationExecutor(connection).migrate([("customers", "0007_sealed_columns")])
    calls = []

    with connection.schema_editor(atomic=False) as editor, monkeypatch.context() as patched:
        step = sealing.points_batch
        patched.setattr(sealing, "points_batch", lambda cursor, batch: dies_once(step, calls, cursor, batch))
        with pytest.raises(Killed):
            seal_plain_points(None, editor, batch=2)
    left = "SELECT count(*) FROM customers_contactpoint WHERE value IS NULL"
    assert query(left) == [(3,)]
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("customers"))
    found = {(point.kind, point.value) for point in ContactPoint.everything.all()}
    assert found == {
        ("mobile", "+86 138 1234 5678"),  # its one form is the other mobile's, so it stays as it was
        ("mobile", "13812345678"),
        ("phone", "051262880000x8"),
        ("email", "zhou@example.com"),
        ("phone", "no phone"),
    }
    log = ContactPoint.pgh_event_model.objects
    assert [(log.count(),)] == events, "sealing is no change that people made"
    assert {event.value for event in log.all()} == {*PLAIN, "zhou@example.com"}
    assert len({event.key for event in log.filter(kind="email")}) == 1
    point = ContactPoint.objects.get(kind="email")
    assert (point.version, len(bytes(point.digest)), len(point.tokens)) == (2, 16, 2)
    dump = str(query("SELECT * FROM customers_contactpoint")) + str(query("SELECT * FROM customers_contactpointevent"))
    assert not any(value in dump for value in (*PLAIN, "zhou@example.com"))


def dies_once(step, calls, cursor, batch):
    calls.append(batch)
    if len(calls) == 2:
        raise Killed
    return step(cursor, batch)
