"""Customers and contacts are found by a whole number or address, its last four digits or a side of the @; no more."""

import pytest

from crm.access import Action
from crm.models import RoleRule
from crm.search import found
from customers import finding
from customers.models import Contact, ContactPoint, Customer
from customers.tests.factories import make_contact, make_contact_point, make_customer
from tests.cast import again

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(cast):
    # Keys of their own: a number such as C-000138 would be found by what is a fragment of a phone here.
    customer = make_customer(cast.alice, name="海川精密", pk=900_000_001)
    make_customer(cast.alice, name="Other", pk=900_000_002)
    contact = make_contact(cast.alice, customer=customer, name="周敏", pk=900_000_003)
    make_contact_point(customer=customer, value="051262880000x801")
    make_contact_point(contact=contact, kind="mobile", value="13812345678")
    make_contact_point(contact=contact, kind="email", value="zhou.min@example.cn")
    make_contact_point(contact=contact, kind="wechat", value="wx_zhou")
    return customer


@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "138 1234 5678",
        "+86 138-1234-5678",
        "\uff11\uff13\uff18 1234 5678",
        "5678",
        "Zhou.Min@Example.CN",
        "zhou.min",
        "zhou.min@",
        "example.cn",
        "@example.cn",
        "wx_zhou",
        "0512-6288 0000 ext. 801",
        "0512 6288 0000",
    ],
)
def test_a_customer_is_found_by_what_the_search_box_says(cast, customer, text):
    assert list(found(Customer.objects.all(), text, cast.alice)) == [customer]


@pytest.mark.parametrize(
    "text", ["1381234", "12345678", "345678", "138", "678", "ou.min", "min@example", "example", "wx_"]
)
def test_a_fragment_of_a_value_finds_nothing(cast, customer, text):
    assert not found(Customer.objects.all(), text, cast.alice).exists()
    assert not found(Contact.objects.all(), text, cast.alice).exists()


def test_contacts_are_found_by_their_own_points_only(cast, customer):
    assert [row.name for row in found(Contact.objects.all(), "5678", cast.alice)] == ["周敏"]
    assert not found(Contact.objects.all(), "0512 6288 0000", cast.alice).exists()


def test_nobody_finds_a_record_that_he_does_not_see(cast, customer, visit):
    for person, sees in ((cast.alice, True), (cast.carol, False)):
        for page in ("/search/?q=13812345678", "/customers/?q=13812345678", "/contacts/?q=5678"):
            body = visit(again(person), page).text_plain
            assert ("海川精密" in body or "周敏" in body) is sees, (person, page)


def test_who_may_not_see_contact_points_finds_nothing_by_them(cast, customer):
    RoleRule.objects.filter(model="customers.contactpoint", action=Action.VIEW).delete()
    assert not found(Customer.objects.all(), "13812345678", again(cast.alice)).exists()


def test_a_clash_of_short_fingerprints_is_seen_after_opening(cast, customer):
    point = ContactPoint.objects.get(kind="mobile")
    stranger = make_contact_point(customer=make_customer(cast.alice), value="13900001111")
    ContactPoint.objects.filter(pk=stranger.pk).update(tokens=point.tokens)
    assert list(found(Customer.objects.all(), "5678", cast.alice)) == [customer]


def test_a_class_of_very_many_points_is_found_without_opening_them(cast, customer, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 0)
    assert list(found(Customer.objects.all(), "example.cn", cast.alice)) == [customer]
    assert [row.name for row in found(Contact.objects.all(), "5678", cast.alice)] == ["周敏"]


def test_the_search_page_says_what_it_can_find(cast, visit):
    body = visit(cast.alice, "/search/?q=nothingofthekind").text_plain
    assert "last four digits" in body
