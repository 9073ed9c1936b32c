"""One form sent twenty times at the same moment, each on a connection of its own, as impatient browsers do."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client

from crm.models import Deletion, OwnershipChange, Tag
from customers.models import ContactPoint, Customer, Interaction
from customers.tests.factories import make_customer
from service.models import CaseMessage
from service.tests.factories import make_case
from tests.cast import make_cast

TIMES = 20


@pytest.fixture
def cast(copy, transactional_db):
    return make_cast()


def sent_at_once(person, address: str, data: dict) -> list:
    """The answers to the same form, sent as often as TIMES says, all at once."""
    client, gate = Client(), Barrier(TIMES, timeout=30)
    client.force_login(person)

    def send(_number):
        browser = Client()
        browser.cookies = client.cookies
        gate.wait()
        try:
            return browser.post(address, data)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(TIMES) as pool:
        return list(pool.map(send, range(TIMES)))


def token() -> dict:
    return {"form_token": str(uuid.uuid4())}


def test_f17_twenty_new_customers_at_once_are_one_and_all_answers_lead_to_it(cast):
    data = {"name": "Sent at once", "kind": "company", "level": "C", "lifecycle": "prospect"}
    data |= {"owner": "Alice (alice)"} | token()
    answers = sent_at_once(cast.alice, "/customers/add/", data)
    record = Customer.objects.get(name="Sent at once")
    assert {(one.status_code, one["Location"]) for one in answers} == {(303, f"/customers/{record.pk}/")}


def test_f17_twenty_talks_and_twenty_answers_at_once_are_one_each(cast):
    customer = make_customer(cast.alice)
    case = make_case(cast.alice, customer=customer)
    for address, data, kept in (
        (f"/customers/{customer.pk}/log/", {"kind": "call", "text": "Budget"}, Interaction),
        (f"/cases/{case.pk}/reply/", {"kind": "reply", "text": "On its way", "direction": "out"}, CaseMessage),
    ):
        answers = sent_at_once(cast.alice, address, data | token())
        assert {one.status_code for one in answers} == {303}, address
        assert kept.objects.count() == 1, address


def test_f17_what_has_no_token_is_done_once_all_the_same(cast):
    """The ways to reach a customer, a tag of his, and his new owner."""
    customer = make_customer(cast.alice)
    base = f"/customers/{customer.pk}/"
    row = {"row": "n0", "n0-kind": "mobile", "n0-value": "13812345678"}
    assert {one.status_code for one in sent_at_once(cast.alice, f"{base}points/", row)} <= {303, 422}
    assert ContactPoint.objects.filter(customer=customer).count() == 1
    sent_at_once(cast.alice, f"{base}tags/", {"new_tags": "Fresh"})
    assert Tag.objects.filter(name="Fresh").count() == 1
    assert Customer.objects.get(pk=customer.pk).tags == [Tag.objects.get(name="Fresh").pk]
    answers = sent_at_once(cast.alice, f"{base}assign/", {"owner": "Bob (bob)"})
    assert {one.status_code for one in answers} == {303}
    assert OwnershipChange.objects.about(customer).count() == 1


def test_f17_a_bulk_action_is_done_once(cast):
    keys = [make_customer(cast.alice).pk for _number in range(2)]
    data = {"action": "delete", "keys": keys, "confirmed": "1", "act": str(uuid.uuid4())}
    assert {one.status_code for one in sent_at_once(cast.alice, "/customers/bulk/", data)} == {303}
    assert sorted(Deletion.objects.values_list("subject_id", flat=True)) == keys
