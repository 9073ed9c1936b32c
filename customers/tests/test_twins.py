"""The warning before a second record of one company or person, and the desk where one looks before a call."""

import pytest
from django.urls import reverse

from crm.models import AccessLogEntry
from customers.duplicates import twins
from customers.models import Contact, Customer
from customers.tests.factories import make_contact, make_contact_point, make_customer

pytestmark = pytest.mark.django_db
ADD = "/customers/add/"


def test_a_likely_twin_is_shown_once_and_a_second_click_saves(client, cast):
    chenxi = make_customer(cast.alice, name="苏州晨曦医疗器械有限公司")
    client.force_login(cast.alice)
    typed = {"name": "蘇州晨曦醫療器械", "kind": "company", "level": "B", "lifecycle": "prospect", "owner": "alice"}

    page = client.post(ADD, typed)
    assert page.status_code == 422
    assert reverse("customers-record", args=[chenxi.pk]).encode() in page.content
    assert "蘇州晨曦醫療器械".encode() in page.content
    assert Customer.objects.count() == 1

    seen = {"twins_seen": page.context["form"].data["twins_seen"]}
    assert client.post(ADD, typed | {"twins_seen": "made up"}).status_code == 422
    assert client.post(ADD, typed | seen).status_code == 303
    assert Customer.objects.count() == 2
    third = client.post(ADD, typed | seen)  # there is another twin by now
    assert third.status_code == 422


def test_of_a_record_of_others_only_the_owner_is_told_and_that_is_logged_and_limited(client, cast, monkeypatch):
    hers = make_customer(cast.carol, name="Kestrel Instruments", region="苏州")
    make_contact_point(customer=hers, kind="phone", value="051262880000")
    client.force_login(cast.alice)
    desk = reverse("customers-twins")

    page = client.get(desk, {"phone": "0512-6288 0000", "name": "Kestrel Instruments Ltd"})

    assert b"Ask Carol" in page.content
    assert hers.number.encode() not in page.content
    assert reverse("customers-record", args=[hers.pk]).encode() not in page.content
    entry = AccessLogEntry.objects.get(kind="lookup")
    assert (entry.user, entry.facts["rows"]) == (cast.alice, 1)
    monkeypatch.setattr(twins, "DAILY", 1)
    page = client.get(desk, {"name": "Kestrel Instruments"})
    assert b"Ask Carol" not in page.content
    assert page.context["answer"].is_limited
    assert AccessLogEntry.objects.filter(kind="lookup").count() == 1


def test_the_form_asks_while_one_types_and_gets_the_answer_alone(client, cast):
    make_customer(cast.alice, name="Kestrel Instruments")
    client.force_login(cast.alice)
    assert b'hx-get="/customers/desk/"' in client.get(ADD).content

    part = client.get(reverse("customers-twins"), {"name": "kestrel instrument"}, headers={"HX-Request": "true"})

    assert b"Kestrel Instruments" in part.content
    assert b"<html" not in part.content
    part = client.get(reverse("customers-twins"), {"name": "Other"}, headers={"HX-Request": "true"})
    assert part.content.strip() == b""


def test_a_contact_of_the_same_company_or_number_is_a_twin_and_a_namesake_is_none(client, cast):
    acme = make_customer(cast.alice)
    make_contact(cast.alice, customer=acme, name="张伟")
    client.force_login(cast.alice)
    typed = {"name": "Zhang Wei", "role": "other"}

    assert client.post("/contacts/add/", typed | {"customer": acme.number}).status_code == 422
    elsewhere = make_customer(cast.alice)
    assert client.post("/contacts/add/", typed | {"customer": elsewhere.number}).status_code == 303
    assert Contact.objects.count() == 2


def test_odd_input_at_the_desk_is_answered_and_not_an_error(client, cast):
    client.force_login(cast.alice)
    for values in ({"phone": "x" * 500}, {"name": "\x00%_'"}, {"email": "@"}, {"credit_code": "1"}, {"name": "（）"}):
        assert client.get(reverse("customers-twins"), values).status_code == 200
    client.force_login(cast.dave)
    assert client.get(reverse("customers-twins"), {"name": "Acme"}).status_code == 403
