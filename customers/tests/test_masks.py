"""Contact points are ciphertext at rest, plain within the reach of the right to see them, and masks for all others."""

import pytest
from django.db import connection
from django.utils import timezone

from crm.access import Action, share
from crm.models import Deletion, RoleRule
from crm.revealing import with_opening
from customers.models import Contact, ContactPoint, ContactRole, Customer
from customers.services import set_contact_points
from customers.tests.factories import make_contact, make_contact_point, make_customer
from tests.cast import again

pytestmark = pytest.mark.django_db
PLAIN, MASK = "138 1234 5678", "138****5678"


def forget(cast, *models):
    """Take the right to see protected values away from everybody with a role."""
    RoleRule.objects.filter(action=Action.REVEAL, model__in=models or ("customers.contactpoint",)).delete()


def form_data(response, **changes):
    """What a browser would send back of the form on this page."""
    form = response.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, False)} | changes


@pytest.fixture
def customer(cast):
    customer = make_customer(cast.alice, name="Acme")
    make_contact_point(cast.alice, customer=customer, value="13812345678", is_primary=True)
    make_contact_point(cast.alice, customer=customer, kind="email", value="zhang@example.cn", is_primary=True)
    return customer


@pytest.mark.parametrize("who", ["alice", "bob", "carol", "erin", "root"])
def test_rows_of_a_list_open_for_whom_the_right_to_see_values_says_so(cast, customer, who):
    mine = make_contact(cast.alice, customer=customer, name="Of Alice's")
    both = make_contact(cast.alice, customer=customer, name="Of both")
    ContactRole.objects.create(contact=both, customer=make_customer(cast.carol, name="Carol's"))
    left = make_contact(cast.carol, customer=make_customer(cast.carol), name="Left Alice's")
    ContactRole.objects.create(contact=left, customer=customer, deleted_at=timezone.now())
    shared = make_contact(cast.carol, customer=make_customer(cast.carol, name="Shared"))
    share(shared.roles.get().customer, cast.alice, actor=cast.carol)
    reader = again(getattr(cast, who))
    for model in (Contact, ContactPoint):
        opened = {row.pk for row in with_opening(model.objects.visible_to(reader), reader) if row.is_unmasked}
        assert opened == set(model.objects.visible_to(reader, Action.REVEAL).values_list("pk", flat=True))
    if who == "alice":
        rows = {row: row.is_unmasked for row in with_opening(Contact.objects.visible_to(reader), reader)}
        assert rows == {mine: True, both: True, shared: False}


def test_the_database_holds_no_plain_value_and_no_two_equal_ciphertexts(cast, customer):
    make_contact_point(cast.alice, customer=make_customer(cast.alice), value="13812345678")
    rows = list(ContactPoint.objects.filter(kind="phone").values("value", "digest", "tokens").order_by("pk"))
    assert not any(b"13812345678" in row["value"] for row in rows)
    assert rows[0]["value"] != rows[1]["value"]
    assert rows[0]["digest"] == rows[1]["digest"]
    assert rows[0]["tokens"] == rows[1]["tokens"]
    assert [len(row["tokens"]) for row in rows] == [1, 1]


def test_phones_of_both_kinds_have_one_fingerprint_and_the_change_log_has_none(cast, customer):
    mobile = make_contact_point(customer=customer, kind="mobile", value="13812345678")
    phone = ContactPoint.objects.get(kind="phone")
    assert bytes(mobile.digest) == bytes(phone.digest)
    events = ContactPoint.pgh_event_model
    assert not {"digest", "tokens"} & {field.name for field in events._meta.concrete_fields}
    assert events.objects.filter(pgh_obj_id=phone.pk).get().value == "13812345678"


def test_a83_who_may_not_see_protected_values_reads_masks_on_record_and_list(cast, customer, visit):
    forget(cast)
    for page in (f"/customers/{customer.pk}/", f"/customers/{customer.pk}/?tab=details", "/customers/"):
        body = visit(again(cast.bob), page).text_plain
        assert MASK in body, page
        assert "1234 5678" not in body, page
        assert "13812345678" not in body, page
        assert "zhang@" not in body, page
    assert "z***@example.cn" in visit(again(cast.bob), f"/customers/{customer.pk}/").text_plain


def test_who_may_see_them_reads_them_within_the_reach_of_the_customer(cast, customer, visit):
    RoleRule.objects.filter(role=cast.worker, model="customers.customer", action=Action.VIEW).update(reach=4)
    for person, seen in ((cast.bob, PLAIN), (cast.carol, MASK)):
        body = visit(again(person), f"/customers/{customer.pk}/").text_plain
        assert (PLAIN in body, MASK in body) == (seen == PLAIN, seen == MASK)
        assert seen in visit(again(person), "/customers/").text_plain


def test_the_batch_and_visible_to_agree_on_what_is_open(cast):
    RoleRule.objects.filter(action=Action.VIEW, model="customers.customer").update(reach=4)
    for person in (cast.alice, cast.carol):
        customer = make_customer(person)
        make_contact_point(customer=customer)
        make_contact_point(contact=make_contact(customer=customer), kind="mobile")
    for person in map(again, cast.people.values()):
        for model in (Customer, Contact):
            name = model._meta.model_name
            rows = ContactPoint.objects.of(model.objects.all(), person)
            opened = ContactPoint.objects.visible_to(person, Action.REVEAL).filter(**{f"{name}__isnull": False})
            assert {row.pk for row in rows if row.is_unmasked} == set(opened.values_list("pk", flat=True))


def test_a_share_lets_see_the_record_and_not_its_protected_values(cast, customer):
    share(customer, cast.carol, actor=cast.alice)
    rows = ContactPoint.objects.of(Customer.objects.all(), again(cast.carol))
    assert {row.text for row in rows} == {MASK, "z***@example.cn"}


def test_who_changes_a_masked_value_leaves_it_by_leaving_the_mask(cast, customer, visit):
    forget(cast)
    page = f"/customers/{customer.pk}/change/"
    data = form_data(visit(again(cast.alice), page), background="New")
    assert data["phone"] == MASK
    assert "13812345678" not in str(data)
    assert visit(again(cast.alice), page, data).status_code == 303
    assert ContactPoint.objects.get(kind="phone").value == "13812345678"
    data = form_data(visit(again(cast.alice), page), phone="139 0000 1111")
    assert visit(again(cast.alice), page, data).status_code == 303
    assert ContactPoint.objects.get(kind="phone").value == "13900001111"


def test_a_phone_of_forty_digits_is_refused_with_a_clear_message_and_nothing_is_lost(cast, customer, visit):
    page = f"/customers/{customer.pk}/change/"
    response = visit(cast.alice, page, form_data(visit(cast.alice, page), phone="1" * 40))
    assert response.status_code == 422
    assert "is not a phone number. Write it like" in response.text_plain
    assert "1" * 40 in response.text_plain
    assert ContactPoint.objects.get(kind="phone").value == "13812345678"


def test_a_record_is_named_without_its_value_in_the_recycle_bin(cast, customer):
    set_contact_points(customer, actor=cast.alice, phone="")
    assert Deletion.objects.get().name == "Phone"


def test_a_damaged_value_says_so_and_the_page_and_the_other_values_live(cast, customer, visit):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_contactpoint SET value = '\\x01ff' WHERE kind = 'phone'")
    response = visit(cast.alice, f"/customers/{customer.pk}/")
    assert response.status_code == 200
    assert "damaged" in response.text_plain
    assert "zhang@example.cn" in response.text_plain
    assert visit(cast.alice, "/customers/").status_code == 200


def test_a85_swapped_ciphertexts_do_not_open(cast, customer):
    other = make_contact_point(cast.alice, customer=make_customer(cast.alice), value="13900001111")
    first = ContactPoint.objects.get(kind="phone", customer=customer)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_contactpoint a SET value = b.value FROM customers_contactpoint b"
            " WHERE a.id IN (%s, %s) AND b.id IN (%s, %s) AND a.id <> b.id",
            [first.pk, other.pk, first.pk, other.pk],
        )
    assert [point.is_damaged for point in ContactPoint.objects.filter(kind="phone")] == [True, True]
