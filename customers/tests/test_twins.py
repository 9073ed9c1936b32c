"""The warning before a second record of one company or person, and the desk where one looks before a call."""

import pytest
from django.urls import reverse
from django.utils import timezone

from crm import asking
from crm.models import AccessLogEntry, AccessRequest
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


def asked_at(client, **typed) -> str:
    """The address behind "Ask for access" in the answer of the desk."""
    page = client.get(reverse("customers-twins"), typed)
    return page.context["answer"].twins[0].ask


def test_access_to_a_twin_of_others_is_asked_for_without_learning_more_than_the_desk_told(client, cast):
    hers = make_customer(cast.carol, name="Kestrel Instruments", source_system="import", external_ref="K-77")
    make_contact_point(customer=hers, kind="phone", value="051262880000")
    client.force_login(cast.alice)
    address = asked_at(client, name="kestrel instrument ltd")

    page = client.get(address)
    form = {"level": "view", "reason": "They called us"}
    assert client.post(address, form | {"reason": ""}).status_code == 422
    answer = client.post(address, form, follow=True)
    for told in (page, answer):
        assert b"customer like \xe2\x80\x9ckestrel instrument ltd\xe2\x80\x9d" in told.content
        for secret in (hers.name, hers.number, f"/customers/{hers.pk}/", "K-77", "6288"):
            assert secret not in told.content.decode()
    client.post(address, form)
    asked = AccessRequest.objects.get()  # asked twice, kept once
    assert (asked.subject_id, asked.asker, asked.name) == (
        hers.pk,
        cast.alice,
        "customer like “kestrel instrument ltd”",
    )

    client.force_login(cast.carol)
    assert b"Kestrel Instruments" in client.get("/shares/requests/").content
    assert client.get(address).status_code == 404  # hers is the record, but not the token
    client.post(f"/shares/requests/{asked.pk}/", {"level": "view", "until": "", "answer": ""})
    client.force_login(cast.alice)
    assert client.get(address).url == reverse("customers-record", args=[hers.pk])


def test_asking_for_twins_has_limits_and_other_tokens_lead_nowhere(client, cast, monkeypatch):
    hers = make_customer(cast.carol, name="Kestrel Instruments")
    make_contact_point(contact=make_contact(cast.carol, customer=hers, name="张伟"), kind="mobile", value="13812345678")
    client.force_login(cast.alice)
    page = client.get(reverse("contacts-twins"), {"mobile": "13812345678"})
    address = page.context["answer"].twins[0].ask
    assert b"contact found by a number" in client.get(address).content  # asks for the contact's customer

    monkeypatch.setattr(asking, "DAILY", 0)
    assert client.post(address, {"level": "view", "reason": "x"}).status_code == 422
    assert AccessRequest.objects.count() == 0
    for other in (address[:-3] + "AA/", "/ask/~/", "/ask/~x/", f"/ask/~{hers.pk}/", "/ask/~é/"):
        assert client.get(other).status_code == 404
    monkeypatch.setattr(asking, "DAYS", -1)
    assert client.get(address).status_code == 404
    monkeypatch.undo()
    hers.deleted_at = timezone.now()
    hers.save()
    assert client.get(address).status_code == 404


def test_the_desk_finds_companies_by_their_brand_and_the_form_warns_of_none_of_them(client, cast):
    for name in ("宁波海川重工集团", "Kestrel Instruments Ltd"):
        make_customer(cast.alice, name=name)
    make_customer(cast.carol, name="苏州海川精密有限公司")
    client.force_login(cast.alice)

    def told(**headers) -> dict:
        found = {}
        for name in ("海川", "haichuan", "Kestrel", "海川精", "haich", "Kestr"):
            answer = client.get(reverse("customers-twins"), {"name": name}, headers=headers).context["answer"]
            found[name] = sorted(str(twin.record) if twin.record else twin.owner for twin in answer.twins)
        return found

    assert told() == {
        "海川": ["Carol", "宁波海川重工集团"],
        "haichuan": ["Carol", "宁波海川重工集团"],
        "Kestrel": ["Kestrel Instruments Ltd"],
        "海川精": [],  # no piece of a name: else one could spell out, letter by letter, what others are called
        "haich": [],
        "Kestr": [],
    }
    assert set(map(tuple, told(**{"HX-Request": "true"}).values())) == {()}
