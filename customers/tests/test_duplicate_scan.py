"""The search through all records: which pairs come into the queue, with what reasons, and what stays decided."""

import datetime
import random
from itertools import count

import pytest
from django.core.cache import cache
from django.urls import reverse

from crm.models import Job
from customers import tasks
from customers.duplicates import beside, profiles, scoring
from customers.duplicates.blocking import company_keys, crossing_keys
from customers.duplicates.names import reading_of
from customers.duplicates.scan import scan
from customers.models import Contact, Customer, DuplicatePair, DuplicateRule
from customers.tests.factories import make_contact, make_contact_point, make_customer
from customers.tests.test_matching import candidates

pytestmark = pytest.mark.django_db


def queue(model=Customer):
    return [(pair.first, pair.second, pair.reasons) for pair in DuplicatePair.objects.of(model).open().order_by("pk")]


def test_twins_are_found_by_name_phone_and_domain_in_any_writing():
    chenxi = make_customer(name="苏州晨曦医疗器械有限公司", website="https://www.chenxi-med.example")
    simple = make_customer(name="蘇州晨曦醫療器械")
    other_name = make_customer(name="Sunrise Devices")
    latin = make_customer(name="Suzhou Chenxi Yiliao Qixie")
    make_customer(name="苏州晨曦食品有限公司")
    make_contact_point(customer=chenxi, kind="phone", value="051262880000")
    make_contact_point(customer=other_name, kind="mobile", value="051262880000")
    make_contact_point(customer=other_name, kind="email", value="info@chenxi-med.example")

    found = scan(Customer)

    assert found.rows == 5
    assert {pair[:2] for pair in queue()} == {
        (chenxi.pk, simple.pk), (chenxi.pk, other_name.pk), (chenxi.pk, latin.pk), (simple.pk, latin.pk)
    }  # fmt: skip
    reasons = {pair[:2]: pair[2] for pair in queue()}
    assert reasons[chenxi.pk, simple.pk] == ["name", "place"]
    assert set(reasons[chenxi.pk, other_name.pk]) == {"phone", "domain"}


def customers_alike(number: int):
    """Few brands, trades and places in many writings; places, codes and sites that some share by chance."""
    pick = random.Random(7).choice
    for _ in range(number):
        brand, trade = pick(["华腾", "华盛", "晨曦达", "晨西达", "宏盛"]), pick(["食品", "精工科技", "医疗器械"])
        city, latin = pick(["苏州", "无锡", "宁波", ""]), reading_of(brand)
        letters = f"{reading_of(city)} {latin} {reading_of(trade)} Ltd.".title()
        name = pick(
            [f"{city}{brand}{trade}有限公司", f"{brand}{trade}", f"{brand}{trade}（{city}）", brand, letters, latin]
        )
        code = pick(["", "", "911100006000373410", "911100006000373401", "9144030071526726XG"])
        site = pick(["", "", f"https://www.{latin}.example"])
        yield Customer(
            name=name, short_name=pick(["", brand]), region=pick(["", "江苏"]), credit_code=code, website=site
        )


@pytest.fixture
def records():
    """150 customers with points; what more than forty share brings nobody together, and counts all the same when
    something else does."""
    pick = random.Random(8).choice
    records = Customer.objects.bulk_create(customers_alike(150))
    for at, record in enumerate(records):
        phone = "051262880000" if at < 45 else f"05126288{pick(range(60)):04}"
        sets = [{}, {"phone": phone}, {"email": f"a{at % 9}@wa{at % 7}.example", "mobile": phone}]
        for kind, value in pick(sets).items():
            make_contact_point(customer=record, kind=kind, value=value)
    return records


def scores():
    return {row[:2]: row[2:] for row in DuplicatePair.objects.values_list("first", "second", "score", "reasons")}


def test_the_search_finds_what_weighing_every_pair_with_a_common_key_finds(records):
    found = scan(Customer)

    read = {key: profile for key, (_kind, profile) in profiles.customers([one.pk for one in records]).items()}
    keys, expected = list(read), {}
    pairs = candidates(list(read.values()), company_keys, crossing_keys)
    for one, other in pairs:
        first, second = sorted((keys[one], keys[other]))
        verdict = scoring.companies(read[first], read[second])
        if verdict.score >= scoring.ENOUGH:
            expected[first, second] = (verdict.percent, list(dict.fromkeys(verdict.reasons))[:6])
    assert (found.rows, found.compared, found.pairs) == (150, len(pairs), len(expected))
    assert scores() == expected
    assert 300 < len(expected) < len(pairs) / 2


def test_processes_beside_find_the_same_and_one_that_dies_loses_nothing(records, monkeypatch, caplog):
    found = scan(Customer)
    expected, told = scores(), []
    DuplicatePair.objects.all().delete()
    monkeypatch.setattr("customers.duplicates.scan.MANY", 1)
    monkeypatch.setattr("customers.duplicates.scan.CHUNK", 40)

    assert scan(Customer, told.append) == found
    assert scores() == expected
    assert told[:4] == [40, 40, 40, 30]
    assert not caplog.records

    send, number = beside.send, count()

    def send_and_die(child, message):
        send(child, message)
        if next(number) == 2:  # one answer has come and is in the tables
            child.kill()

    monkeypatch.setattr(beside, "send", send_and_die)
    DuplicatePair.objects.all().delete()
    assert scan(Customer) == found
    assert scores() == expected
    assert "ended with code -9" in caplog.text


def test_deleted_records_and_mail_providers_are_no_sign():
    one = make_customer(name="Kestrel Instruments")
    two = make_customer(name="Kestrel Instruments Ltd")
    make_contact_point(customer=make_customer(name="海川重工"), kind="email", value="a@qq.com")
    make_contact_point(customer=make_customer(name="云栖智造"), kind="email", value="b@qq.com")
    scan(Customer)
    assert [pair[:2] for pair in queue()] == [(one.pk, two.pk)]

    Customer.objects.filter(pk=two.pk).update(deleted_at="2026-01-01T00:00Z")
    scan(Customer)

    assert queue() == []


def test_a_dismissed_pair_stays_dismissed_and_an_open_one_keeps_its_row():
    make_customer(name="Kestrel Instruments")
    make_customer(name="Kestrel Instruments Ltd")
    scan(Customer)
    pair = DuplicatePair.objects.get()
    scan(Customer)
    assert DuplicatePair.objects.get().pk == pair.pk

    DuplicatePair.objects.update(state="dismissed")
    scan(Customer)

    assert DuplicatePair.objects.get().state == "dismissed"


def test_a_rule_that_is_off_finds_nothing_by_itself():
    one, two = make_customer(name="Kestrel"), make_customer(name="海川重工")
    for customer in (one, two):
        make_contact_point(customer=customer, kind="email", value="info@kestrel.example")
        make_contact_point(customer=customer, kind="phone", value="051262880000")
    DuplicateRule.objects.create(code="phone", is_on=False)
    DuplicateRule.objects.create(code="email", is_on=False)

    scan(Customer)
    assert queue() == []

    DuplicateRule.objects.all().delete()
    scan(Customer)
    assert [pair[:2] for pair in queue()] == [(one.pk, two.pk)]


def test_people_are_twins_by_phone_or_company_and_not_by_a_common_name():
    acme, other = make_customer(name="Acme"), make_customer(name="Other")
    zhang = make_contact(name="张伟", customer=acme)
    again = make_contact(name="Zhang Wei", customer=acme)
    make_contact(name="张伟", customer=other)
    wang = make_contact(name="王小明", customer=acme)
    phone = make_contact(name="王小明", customer=other)
    for contact in (wang, phone):
        make_contact_point(contact=contact, kind="mobile", value="13812345678")

    scan(Contact)

    assert {pair[:2] for pair in queue(Contact)} == {(zhang.pk, again.pk), (wang.pk, phone.pk)}


def test_the_queue_shows_pairs_of_which_one_sees_both_and_remembers_a_dismissal(client, cast):
    mine = [make_customer(cast.alice, name=name) for name in ("Kestrel Instruments", "Kestrel Instruments Ltd")]
    make_customer(cast.carol, name="Kestrel Instruments GmbH")
    scan(Customer)
    assert DuplicatePair.objects.count() == 3
    client.force_login(cast.alice)
    address = reverse("customers-duplicates")
    page = client.get(address)
    assert [(row["keep"], row["other"]) for row in page.context["rows"]] == [tuple(mine)]
    assert b"GmbH" not in page.content
    hidden = DuplicatePair.objects.exclude(first=mine[0].pk, second=mine[1].pk).first()
    assert client.post(address, {"pair": hidden.pk}).status_code == 404

    pair = DuplicatePair.objects.get(first=mine[0].pk, second=mine[1].pk)
    client.post(address, {"pair": pair.pk})
    scan(Customer)
    assert client.get(address).context["rows"] == []
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by) == ("dismissed", cast.alice)
    client.post(address, {"pair": pair.pk, "again": "1"})
    pair.refresh_from_db()
    assert pair.state == "open"


def test_administrators_alone_switch_rules(client, cast):
    address = reverse("duplicate-rules")
    client.force_login(cast.dave)
    assert client.post(address, {"on": ["name"]}).status_code == 403
    assert not DuplicateRule.objects.exists()
    client.force_login(cast.root)
    assert b'value="phone" checked' in client.get(address).content

    client.post(address, {"on": ["name", "phone"]})

    assert set(DuplicateRule.objects.filter(is_on=True).values_list("code", flat=True)) == {"name", "phone"}
    assert b'value="code" checked' not in client.get(address).content


def test_the_search_begins_once_a_night_and_after_an_import(cast, monkeypatch):
    woken = []
    monkeypatch.setattr(tasks, "wake", woken.append)
    moment = datetime.datetime(2026, 11, 2, 20, 0, tzinfo=datetime.UTC)  # four in the morning of the company
    monkeypatch.setattr(tasks.timezone, "now", lambda: moment)
    cache.clear()

    tasks.start_scan()
    tasks.start_scan()
    assert woken == ["customers.tasks.scan_duplicates"]

    Job.objects.create(
        kind="import_run", user=cast.alice, state="done", finished_at=moment + datetime.timedelta(minutes=1)
    )
    monkeypatch.setattr(tasks.timezone, "now", lambda: moment + datetime.timedelta(minutes=2))
    tasks.start_scan()
    tasks.start_scan()
    assert len(woken) == 2
    tasks.scan_duplicates()
