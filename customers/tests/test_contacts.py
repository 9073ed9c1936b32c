"""Contacts, their roles and their contact points: written whole, one primary each, kept in one form."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from crm.access import Action
from crm.models import Deletion
from customers.models import Contact, ContactPoint, ContactRole
from customers.points import normalised, shown
from customers.services import add_contact, link_contact, make_primary, set_contact_points
from customers.tests.factories import make_contact, make_contact_point, make_contact_role, make_customer

pytestmark = pytest.mark.django_db


def values(**holder):
    points = ContactPoint.objects.filter(**holder).order_by("pk")
    return [(point.kind, point.value, point.is_primary) for point in points]


def test_a_contact_comes_with_role_and_points_and_the_first_one_is_primary(cast):
    customer = make_customer(cast.alice)
    points = {"mobile": "138 1234 5678", "email": "Zhou.Min@Example.COM"}
    contact = add_contact(
        customer, actor=cast.alice, name="周敏", role="decision_maker", position="设备科主任", points=points
    )
    second = add_contact(customer, actor=cast.alice, name="顾海峰")
    roles = ContactRole.objects.filter(customer=customer).order_by("pk")
    assert list(roles.values_list("contact", "role", "is_primary")) == [
        (contact.pk, "decision_maker", True),
        (second.pk, "other", False),
    ]
    assert values(contact=contact) == [("mobile", "13812345678", True), ("email", "zhou.min@example.com", True)]
    assert contact.name_pinyin == "zhoumin zm"


def test_a_bad_point_leaves_no_half_written_contact(cast):
    customer = make_customer(cast.alice)
    with pytest.raises(ValidationError, match="“not an address” is not an e-mail address"):
        add_contact(customer, actor=cast.alice, name="Ana", points={"email": "not an address"})
    assert not Contact.objects.exists()
    assert not ContactRole.objects.exists()


def test_a_new_primary_contact_takes_the_mark_from_the_former_one(cast):
    customer = make_customer(cast.alice)
    first = make_contact_role(cast.alice, customer=customer, is_primary=True)
    second = make_contact_role(cast.alice, customer=customer)
    make_primary(second, actor=cast.alice)
    first.refresh_from_db()
    assert (first.is_primary, second.is_primary) == (False, True)


def test_the_database_refuses_two_primary_contacts_and_two_roles_of_one_contact(cast):
    role = make_contact_role(cast.alice, is_primary=True)
    with pytest.raises(IntegrityError, match="one_primary_contact_per_customer"), transaction.atomic():
        make_contact_role(cast.alice, customer=role.customer, is_primary=True)
    with pytest.raises(IntegrityError, match="one_role_per_contact_and_customer"), transaction.atomic():
        make_contact_role(cast.alice, customer=role.customer, contact=role.contact)
    assert ContactRole.objects.count() == 1


def test_the_primary_place_of_a_deleted_contact_is_free(cast):
    customer = make_customer(cast.alice)
    gone = add_contact(customer, actor=cast.alice, name="Gone")
    Contact.objects.filter(pk=gone.pk).update(deleted_at="2026-01-01T00:00Z")
    new = add_contact(customer, actor=cast.alice, name="New")
    assert ContactRole.objects.get(customer=customer, is_primary=True).contact_id == new.pk


def test_a_point_belongs_to_exactly_one_holder(cast):
    customer, contact = make_customer(cast.alice), make_contact(cast.alice)
    for holders in ({}, {"customer": customer, "contact": contact}):
        with pytest.raises(IntegrityError, match="point_of_customer_or_contact"), transaction.atomic():
            ContactPoint.objects.create(kind="phone", value="05126288", **holders)
    assert not ContactPoint.objects.exists()


def test_setting_points_changes_adds_removes_and_keeps_the_others(cast):
    customer = make_customer(cast.alice)
    set_contact_points(customer, actor=cast.alice, phone="0512-6288 0000", email="a@b.example")
    other = make_contact_point(cast.alice, customer=customer, value="051262880009")
    set_contact_points(customer, actor=cast.bob, phone="0512 6288 0001", email="")
    assert values(customer=customer) == [("phone", "051262880001", True), ("phone", "051262880009", False)]
    assert Deletion.objects.get().actor == cast.bob
    set_contact_points(customer, actor=cast.bob, phone="0512 6288 0009")
    assert values(customer=customer) == [("phone", "051262880001", False), ("phone", "051262880009", True)]
    other.refresh_from_db()
    assert other.modified_by == cast.bob


def test_setting_the_same_point_again_changes_nothing(cast):
    customer = make_customer(cast.alice)
    set_contact_points(customer, actor=cast.alice, phone="0512-6288 0000")
    version = ContactPoint.objects.get().version
    set_contact_points(customer, actor=cast.bob, phone="(0512) 62880000", email="")
    assert ContactPoint.objects.get().version == version


@pytest.mark.parametrize(
    ("kind", "typed", "kept", "read"),
    [
        ("mobile", "138-1234-5678", "13812345678", "138 1234 5678"),
        ("mobile", "+86 138 1234 5678", "13812345678", "138 1234 5678"),
        ("mobile", "0086-13812345678", "13812345678", "138 1234 5678"),
        ("phone", "+86 512 6288 0000", "051262880000", "0512-6288 0000"),
        ("phone", "400-820-8820", "4008208820", "400 820 8820"),
        ("phone", "95588", "95588", "95588"),
        ("phone", "110", "110", "110"),
        ("mobile", "+852 2345 6789", "+85223456789", "+85223456789"),
        (
            "mobile",
            "\uff11\uff13\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
            "13812345678",
            "138 1234 5678",
        ),
        ("phone", "0512-6288 0000", "051262880000", "0512-6288 0000"),
        ("phone", "(010) 6288-0000", "01062880000", "010-6288 0000"),
        ("phone", "0512-62880000\u8f6c801", "051262880000x801", "0512-6288 0000 ext. 801"),
        ("phone", "0512 62880000 ext. 801", "051262880000x801", "0512-6288 0000 ext. 801"),
        ("phone", "0044 20 7946 0018", "+442079460018", "+442079460018"),
        ("email", " Ana@Example.com ", "ana@example.com", "ana@example.com"),
        ("wechat", " wx_1 ", "wx_1", "wx_1"),
    ],
)
def test_points_are_kept_in_one_form_and_read_back(kind, typed, kept, read):
    assert normalised(kind, typed) == kept
    assert shown(kind, kept) == read
    assert normalised(kind, read) == kept


@pytest.mark.parametrize(
    "typed", ["12", "call me", "+", "138 1234 5678 9012 3456", "1" * 40, "13812345678; drop", "\U0001f600"]
)
def test_what_is_no_phone_number_is_named_and_refused(typed):
    with pytest.raises(ValidationError, match="is not a phone number"):
        normalised("phone", typed)


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("020 7946 0018", "英国", "+442079460018"),
        ("020 7946 0018", "United Kingdom", "+442079460018"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("13812345678", "Nowhere", "13812345678"),
        ("+86 138 1234 5678", "Germany", "13812345678"),
    ],
)
def test_a_number_without_a_country_code_is_at_home_where_its_customer_is(typed, country, kept):
    assert normalised("phone", typed, country) == kept


def test_a_contact_is_seen_with_any_of_its_customers_and_no_longer_than_its_role(cast):
    hers, elsewhere = make_customer(cast.alice), make_customer(cast.carol)
    contact = make_contact(cast.carol, customer=elsewhere)
    assert not Contact.objects.visible_to(cast.alice).exists()
    role = link_contact(contact, hers, actor=cast.root)
    assert list(Contact.objects.visible_to(cast.alice)) == [contact]
    assert list(ContactRole.objects.visible_to(cast.alice)) == [role], "the role elsewhere stays unseen"
    ContactRole.objects.filter(pk=role.pk).update(deleted_at="2026-01-01T00:00Z")
    assert not Contact.objects.visible_to(cast.alice).exists()


def test_points_are_seen_with_their_customer_or_contact_only(cast):
    hers, elsewhere = make_customer(cast.alice), make_customer(cast.carol)
    seen = {
        make_contact_point(cast.alice, customer=hers),
        make_contact_point(cast.alice, contact=make_contact(cast.alice, customer=hers), kind="mobile"),
    }
    make_contact_point(cast.carol, customer=elsewhere)
    make_contact_point(cast.carol, contact=make_contact(cast.carol, customer=elsewhere), kind="mobile")
    assert set(ContactPoint.objects.visible_to(cast.alice)) == seen
    assert not ContactPoint.objects.visible_to(cast.dave).exists()
    assert set(ContactPoint.objects.visible_to(cast.alice, Action.CHANGE)) == seen


def test_points_of_given_holders_are_those_that_visible_to_gives(cast):
    customers = [make_customer(person) for person in (cast.alice, cast.carol)]
    for customer in customers:
        make_contact_point(customer=customer)
        make_contact_point(contact=make_contact(customer=customer), kind="mobile")
    for person in cast.people.values():
        for model in (type(customers[0]), Contact):
            name = model._meta.model_name
            quick = ContactPoint.objects.of(model.objects.all(), person)
            assert set(quick) == set(ContactPoint.objects.visible_to(person).filter(**{f"{name}__isnull": False}))
