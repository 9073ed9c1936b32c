"""Customers and contacts are found by two characters, by pinyin, by initials and by number, never by a phone."""

import pytest

from crm.search import found
from customers.models import Contact, ContactRole, Customer
from customers.pinyin import name_pinyin
from customers.tests.factories import (
    make_contact,
    make_contact_point,
    make_contact_role,
    make_customer,
    make_interaction,
)

pytestmark = pytest.mark.django_db
NAME = "苏州晨曦医疗器械有限公司"


@pytest.mark.parametrize("text", ["晨曦", "医疗", "苏州", "器械 晨曦", "chenxi", "SuzhouChenxi", "szcx", "ylqx", NAME])
def test_a_chinese_company_is_found_by_characters_pinyin_and_initials(cast, text):
    wanted = make_customer(cast.alice, name=NAME)
    make_customer(cast.alice, name="无锡精工轴承有限责任公司")
    assert list(found(Customer.objects.all(), text)) == [wanted]


@pytest.mark.parametrize("text", ["曦晨", "chenxing", "苏州 精工", "xsz"])
def test_what_is_not_in_the_name_finds_nothing(cast, text):
    make_customer(cast.alice, name=NAME)
    assert not found(Customer.objects.all(), text).exists()


def test_a_customer_is_found_by_its_number_and_by_latin_and_mixed_names(cast):
    mixed, latin = (
        make_customer(cast.alice, name="Siemens 西门子（中国）"),
        make_customer(cast.alice, name="O'Neill & Söhne 100 %"),
    )
    assert list(found(Customer.objects.all(), f"C-{mixed.pk:06}")) == [mixed]
    assert list(found(Customer.objects.all(), "siemens ximenzi")) == [mixed]
    assert list(found(Customer.objects.all(), "söhne o'neill")) == [latin]
    assert list(found(Customer.objects.all(), "100 %")) == [latin]


def test_the_reading_follows_a_change_of_the_name(cast):
    customer = make_customer(cast.alice, name=NAME)
    customer.name = "重庆长安"
    customer.save(update_fields=["name"])
    customer.refresh_from_db()
    assert customer.name_pinyin == "chongqingchangan cqca"
    assert list(found(Customer.objects.all(), "cqca")) == [customer]


def test_a_name_without_chinese_characters_has_no_reading():
    assert name_pinyin("Acme 2000 GmbH") == ""
    assert name_pinyin("") == ""
    assert name_pinyin("A公司\U0001f600") == "agongsi\U0001f600 ags\U0001f600"


def test_phones_and_addresses_find_nobody(cast):
    customer = make_customer(cast.alice, name=NAME)
    contact = make_contact(cast.alice, customer=customer, name="周敏")
    make_contact_point(customer=customer, value="051262880000")
    make_contact_point(contact=contact, kind="email", value="zhou@example.com")
    for text in ("62880000", "zhou@example.com", "051262880000"):
        assert not found(Customer.objects.all(), text).exists()
        assert not found(Contact.objects.all(), text).exists()
    assert list(found(Contact.objects.all(), "zm")) == [contact]


def test_talks_are_found_by_what_was_said(cast):
    talk = make_interaction(cast.alice, text="确认了交货期", next_step="send the quote")
    for text in ("交货", "quote"):
        assert list(found(type(talk).objects.all(), text)) == [talk]


def test_rows_without_any_name_are_found_by_nothing(cast):
    make_contact_role(cast.alice)
    assert not found(ContactRole.objects.all(), "zhou").exists()
    assert found(ContactRole.objects.all(), "").count() == 1
