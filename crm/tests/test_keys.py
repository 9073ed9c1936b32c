"""Rotation seals everything anew and survives a kill at every chunk; a missing or wrong key is a clear error."""

import base64
from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection, connections

from crm import keys, rotation
from crm.models import KeyInUse
from crm.protection.cipher import ciphers
from customers.models import ContactPoint
from customers.tests.factories import make_contact_point, make_customer

pytestmark = pytest.mark.django_db
OLD_TABLES = ("customers_contactpoint", "customers_contactpointevent")


@pytest.fixture
def ring(settings):
    """A key ring that a test may change."""
    ciphers.cache_clear()
    yield settings
    ciphers.cache_clear()


def add_key(ring, number=2):
    ring.DATA_KEYS = ring.DATA_KEYS | {number: bytes([number]) * 32}
    ciphers.cache_clear()


@pytest.fixture
def points(cast):
    customer = make_customer(cast.alice)
    points = [make_contact_point(customer=customer, value=f"1381234567{n}") for n in range(5)]
    points[0].value = "13900001111"
    points[0].save()
    return points


def numbers() -> dict[str, set[int]]:
    with connection.cursor() as cursor:
        found = {}
        for table in OLD_TABLES:
            cursor.execute(f"SELECT DISTINCT get_byte(value, 0) FROM {table}")
            found[table] = {number for (number,) in cursor.fetchall()}
        return found


def rotated(**options) -> tuple[str, str]:
    out, problems = StringIO(), StringIO()
    call_command("rotate_keys", stdout=out, stderr=problems, **options)
    return out.getvalue(), problems.getvalue()


def test_rotation_seals_rows_and_events_anew_and_writes_no_history(ring, points):
    events, versions = ContactPoint.pgh_event_model.objects.count(), set(ContactPoint.objects.values_list("version"))
    add_key(ring)
    out, problems = rotated()
    assert numbers() == {table: {2} for table in OLD_TABLES}
    assert ContactPoint.pgh_event_model.objects.count() == events
    assert set(ContactPoint.objects.values_list("version")) == versions
    assert {point.value for point in ContactPoint.objects.all()} == {
        "13900001111",
        "13812345671",
        "13812345672",
        "13812345673",
        "13812345674",
    }
    assert "11 values sealed anew with key 2." in out
    assert "No value needs key 1 any more." in out
    assert problems == ""
    assert rotated()[0].count("0 values sealed anew") == 1


class Killed(Exception):
    pass


def dying_at(number):
    """A failpoint that kills when it is passed for the so manyth time."""
    passed = []

    def dies(name):
        passed.append(name)
        if len(passed) == number:
            raise Killed

    return dies


def test_f28_a_rotation_killed_after_any_chunk_goes_on_where_it_stopped(ring, points, monkeypatch):
    """The process dies at each chunk boundary in turn; every value is sealed once and opens all the time."""
    add_key(ring)
    deaths = 0
    while True:
        monkeypatch.setattr(rotation, "failpoint", dying_at(deaths + 1))
        deaths += 1
        try:
            outcome = rotation.rotate(chunk=2)
        except Killed:
            assert len({point.value for point in ContactPoint.objects.all()}) == 5
            assert not any(point.is_damaged for point in ContactPoint.objects.all())
            continue
        break
    assert numbers() == {table: {2} for table in OLD_TABLES}
    assert deaths > 4
    assert outcome.damaged == 0


def test_a_value_that_does_not_open_is_counted_kept_and_its_key_still_needed(ring, points):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_contactpoint SET value = '\\x01ff' WHERE id = %s", [points[1].pk])
    add_key(ring)
    out, problems = rotated()
    assert "2 values do not open" in problems, "the row and its event"
    assert "Key 1 is still needed" in problems
    assert "No value needs key 1" not in out
    assert set(KeyInUse.objects.values_list("number", flat=True)) >= {0, 2}


def test_f28_a_missing_or_wrong_key_is_a_clear_error_of_the_check_and_stops_the_start(ring, db):
    keys.register()
    assert keys.problems() == []
    add_key(ring)
    keys.register()
    ring.DATA_KEYS = {1: ring.DATA_KEYS[1]}
    ciphers.cache_clear()
    assert [error.id for error in run_checks(databases=["default"]) if error.id == "banyan.E005"] == ["banyan.E005"]
    assert "Data key 2 (fingerprint" in keys.problems()[0]
    assert "is missing" in keys.problems()[0]
    ring.DATA_KEYS = {1: bytes(32), 2: bytes([2]) * 32}
    ciphers.cache_clear()
    known = KeyInUse.objects.get(number=1).fingerprint
    assert keys.problems() == [
        f"Data key 1 is another one than that of this database (fingerprint {known},"
        f" not {keys.fingerprint(bytes(32))})."
    ]


def test_a_start_with_wrong_keys_is_refused_in_one_line_that_shows_no_key(ring, db, monkeypatch):
    monkeypatch.setattr(connections["default"], "close", lambda: None)
    keys.check_start()
    assert set(KeyInUse.objects.values_list("number", flat=True)) == {0, 1}
    ring.INDEX_KEY = bytes(32)
    with pytest.raises(ImproperlyConfigured, match="The index key is another one") as caught:
        keys.check_start()
    assert base64.b64encode(bytes(32)).decode() not in str(caught.value)
    assert "\n" not in str(caught.value)
