"""The pages of customers and contacts: forms with contact points, panels, timeline, and what bad input gets."""

import datetime

import pytest
from django.utils import timezone

from crm.access import share
from customers.models import Contact, ContactPoint, ContactRole, Customer, Interaction
from customers.services import set_contact_points
from customers.tests.factories import (
    make_contact,
    make_contact_role,
    make_customer,
    make_industry,
    make_interaction,
)

pytestmark = pytest.mark.django_db


def customer_data(**fields):
    return {"name": "Acme", "kind": "company", "level": "B", "lifecycle": "prospect", "owner": "alice"} | fields


def contact_data(customer, **fields):
    return {"name": "Zhou Min", "customer": f"C-{customer.pk:06}", "role": "finance"} | fields


def hidden(response, name) -> str:
    """The value of a hidden field, as a browser would send it back."""
    return str(response.context["form"][name].value())


def test_a_new_customer_is_its_authors_with_phone_and_address(cast, visit):
    industry = make_industry()
    data = customer_data(
        phone="0512-6288 0000",
        email="Info@Acme.example",
        website="acme.example",
        industry=industry.pk,
        revenue="1200000.50",
    )
    response = visit(cast.alice, "/customers/add/", data)
    customer = Customer.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/customers/{customer.pk}/")
    assert (customer.owner, customer.team, customer.created_by) == (cast.alice, cast.north, cast.alice)
    assert (customer.website, str(customer.revenue), customer.currency) == ("https://acme.example", "1200000.50", "CNY")
    assert {(point.customer_id, point.kind, point.value) for point in ContactPoint.objects.all()} == {
        (customer.pk, "phone", "051262880000"),
        (customer.pk, "email", "info@acme.example"),
    }
    record = visit(cast.alice, f"/customers/{customer.pk}/")
    assert 'href="tel:051262880000"' in record.text_plain
    assert "0512-6288 0000" in record.text_plain
    assert "Alice added the customer Acme" in record.text_plain.replace('<b class="b">Alice</b>', "Alice")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "This field is required"),
        ("name", "n" * 300, "at most 200 characters"),
        ("name", "bad\x00name", "Null characters are not allowed"),
        ("email", "not an address", "“not an address” is not an e-mail address"),
        ("phone", "call me", "“call me” is not a phone number"),
        ("website", "javascript:alert(1)", "Enter a valid URL"),
        ("revenue", "-5", "greater than or equal to 0"),
        ("revenue", "12x", "Enter a number"),
        ("employees", "-1", "greater than or equal to 0"),
        ("level", "Z", "Z is not one of the available choices"),
        ("parent", "Nobody Ltd", "Nothing called “Nobody Ltd” is among the records you can see"),
    ],
)
def test_bad_input_gets_a_clear_message_and_writes_nothing(cast, visit, field, value, message):
    response = visit(cast.alice, "/customers/add/", customer_data(**{field: value}))
    assert response.status_code == 422
    assert message in response.text_plain
    assert not Customer.everything.exists()
    assert not ContactPoint.everything.exists()


def test_emoji_and_rare_characters_are_kept_as_typed(cast, visit):
    visit(cast.alice, "/customers/add/", customer_data(name="\U0001f680 𠮷野家 & <b>Söhne</b>"))
    customer = Customer.objects.get()
    assert customer.name == "\U0001f680 𠮷野家 & <b>Söhne</b>"
    assert b"<b>S" not in visit(cast.alice, f"/customers/{customer.pk}/").content
    assert b"<b>S" not in visit(cast.alice, "/customers/").content


def test_a_customer_cannot_stand_above_itself(cast, visit):
    top = make_customer(cast.alice, name="Top")
    middle = make_customer(cast.alice, name="Middle", parent=top)
    low = make_customer(cast.alice, name="Low", parent=middle)
    for parent in (top, middle, low):
        response = visit(
            cast.alice, f"/customers/{top.pk}/change/", customer_data(name="Top", parent=f"C-{parent.pk:06}")
        )
        assert response.status_code == 422
        assert "“Top” cannot stand above itself" in response.text_plain
    top.refresh_from_db()
    assert top.parent is None


def test_a_parent_that_is_not_visible_stays_offered_as_it_is(cast, visit):
    hidden_parent = make_customer(cast.carol, name="Carols Holding")
    customer = make_customer(cast.alice, name="Acme", parent=hidden_parent)
    data = customer_data(name="Acme 2", parent=f"C-{hidden_parent.pk:06}")
    assert visit(cast.alice, f"/customers/{customer.pk}/change/", data).status_code == 303
    customer.refresh_from_db()
    assert (customer.name, customer.parent) == ("Acme 2", hidden_parent)
    details = visit(cast.alice, f"/customers/{customer.pk}/?tab=details").text_plain
    assert "Carols Holding" in details
    assert f"/customers/{hidden_parent.pk}/" not in details


def test_an_untouched_phone_does_not_undo_what_somebody_else_changed(cast, visit):
    customer = make_customer(cast.alice, name="Acme")
    set_contact_points(customer, actor=cast.alice, phone="0512-6288 0000")
    form = visit(cast.alice, f"/customers/{customer.pk}/change/")
    opened = {"opened": hidden(form, "opened"), "version": hidden(form, "version")}
    set_contact_points(customer, actor=cast.bob, phone="0512-6288 0009")
    data = customer_data(name="Acme 2", phone="0512-6288 0000", **opened)
    assert visit(cast.alice, f"/customers/{customer.pk}/change/", data).status_code == 303
    assert ContactPoint.objects.get().value == "051262880009"
    assert Customer.objects.get().name == "Acme 2"


def test_two_people_who_change_the_same_phone_are_asked(cast, visit):
    customer = make_customer(cast.alice, name="Acme")
    set_contact_points(customer, actor=cast.alice, phone="0512-6288 0000")
    opened = hidden(visit(cast.alice, f"/customers/{customer.pk}/change/"), "opened")
    set_contact_points(customer, actor=cast.bob, phone="0512-6288 0009")
    data = customer_data(phone="0512-6288 0001", opened=opened)
    response = visit(cast.alice, f"/customers/{customer.pk}/change/", data)
    assert response.status_code == 422
    assert "Somebody changed this to “0512-6288 0009”" in response.text_plain
    assert ContactPoint.objects.get().value == "051262880009"
    data["opened"] = hidden(response, "opened")
    assert visit(cast.alice, f"/customers/{customer.pk}/change/", data).status_code == 303
    assert ContactPoint.objects.get().value == "051262880001"


def test_a_new_contact_comes_with_customer_role_and_points_in_one_form(cast, visit):
    customer = make_customer(cast.alice)
    make_contact(cast.alice, customer=customer, is_primary=True)
    assert f"C-{customer.pk:06}" in visit(cast.alice, f"/contacts/add/?customer={customer.pk}").text_plain
    data = contact_data(customer, mobile="138 1234 5678", email="zhou@example.com", primary="on")
    response = visit(cast.alice, "/contacts/add/", data)
    contact = Contact.objects.get(name="Zhou Min")
    assert response["Location"] == f"/contacts/{contact.pk}/"
    assert list(ContactRole.objects.filter(is_primary=True).values_list("contact", "customer", "role")) == [
        (contact.pk, customer.pk, "finance")
    ]
    assert {(point.contact_id, point.value) for point in ContactPoint.objects.all()} == {
        (contact.pk, "13812345678"),
        (contact.pk, "zhou@example.com"),
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "n" * 300, "at most 120 characters"),
        ("customer", "", "This field is required"),
        ("role", "boss", "boss is not one of the available choices"),
        ("mobile", "12", "“12” is not a phone number"),
        ("email", "a@@b", "“a@@b” is not an e-mail address"),
        ("customer", "C-999999", "Nothing called “C-999999” is among the records you can see"),
    ],
)
def test_a_wrong_contact_form_writes_nothing(cast, visit, field, value, message):
    response = visit(cast.alice, "/contacts/add/", contact_data(make_customer(cast.alice)) | {field: value})
    assert response.status_code == 422
    assert message in response.text_plain
    assert not Contact.everything.exists()
    assert not ContactRole.everything.exists()


def test_a_contact_cannot_be_added_to_a_customer_one_does_not_see(cast, visit):
    customer = make_customer(cast.carol, name="Carols customer")
    response = visit(cast.alice, "/contacts/add/", contact_data(customer))
    assert response.status_code == 422
    assert "is among the records you can see" in response.text_plain
    assert "Carols customer" not in response.text_plain
    assert not Contact.everything.exists()


def test_the_role_form_moves_the_primary_mark_and_refuses_a_second_role(cast, visit):
    first = make_contact_role(cast.alice, customer=make_customer(cast.alice), is_primary=True)
    second = make_contact_role(cast.alice, customer=first.customer)
    response = visit(
        cast.alice, f"/contact-roles/{second.pk}/change/", {"role": "user", "is_active": "on", "primary": "on"}
    )
    assert response.status_code == 303
    assert list(ContactRole.objects.order_by("pk").values_list("is_primary", "role")) == [
        (False, "other"),
        (True, "user"),
    ]
    again = {"contact": f"P-{second.contact_id:06}", "customer": f"C-{first.customer_id:06}", "role": "user"}
    response = visit(cast.alice, "/contact-roles/add/", again)
    assert response.status_code == 422
    assert "already has a role at this customer" in response.text_plain
    assert ContactRole.objects.count() == 2


def test_the_customers_page_shows_its_contacts_talks_and_counts(cast, visit):
    customer, other = make_customer(cast.alice, name="Acme"), make_customer(cast.alice, name="Other")
    make_contact(cast.alice, customer=customer, name="Zhou Min")
    make_contact(cast.alice, customer=other, name="Somebody Else")
    removed = make_contact_role(cast.alice, customer=customer)
    ContactRole.objects.filter(pk=removed.pk).update(deleted_at=timezone.now())
    make_interaction(cast.alice, customer=customer, text="First talk")
    make_interaction(cast.alice, customer=other, text="Talk with others")
    response = visit(cast.alice, f"/customers/{customer.pk}/")
    assert [(tab.name, tab.count) for tab in response.context["tabs"] if tab.name in ("contacts", "interactions")] == [
        ("contacts", "1"),
        ("interactions", "1"),
    ]
    assert "Zhou Min" in response.text_plain
    assert "First talk" in response.text_plain
    assert "Somebody Else" not in response.text_plain
    assert "Talk with others" not in response.text_plain
    tab = visit(cast.alice, f"/customers/{customer.pk}/?tab=contacts").text_plain
    assert "Zhou Min" in tab
    assert "Somebody Else" not in tab


def test_the_list_shows_primary_contact_and_phone_of_visible_customers_only(cast, visit):
    customer = make_customer(cast.alice, name="Acme")
    contact = make_contact(cast.alice, customer=customer, name="Zhou Min", position="CFO", is_primary=True)
    set_contact_points(customer, actor=cast.alice, phone="0512-6288 0000")
    set_contact_points(contact, actor=cast.alice, mobile="138 1234 5678")
    set_contact_points(make_customer(cast.carol, name="Carols"), actor=cast.carol, phone="0512-6288 0009")
    text = visit(cast.alice, "/customers/?columns=name,contact,phone").text_plain
    assert "Zhou Min · CFO" in text
    assert "0512-6288 0000" in text
    assert "Carols" not in text
    assert "0512-6288 0009" not in text
    contacts = visit(cast.alice, "/contacts/").text_plain
    assert "138 1234 5678" in contacts
    assert "Acme" in contacts


def test_a_contact_shared_between_two_teams_tells_each_only_its_own_customer(cast, visit):
    mine, theirs = make_customer(cast.alice, name="Acme North"), make_customer(cast.carol, name="Acme South")
    contact = make_contact(cast.alice, customer=mine, name="Zhou Min")
    make_contact_role(cast.carol, contact=contact, customer=theirs, role="decision_maker")
    for url in ("/contacts/", f"/contacts/{contact.pk}/", f"/contacts/{contact.pk}/?tab=contact-roles"):
        text = visit(cast.alice, url).text_plain
        assert "Zhou Min" in text
        assert "Acme South" not in text
    found = visit(cast.alice, f"/contacts/?customer=C-{mine.pk:06}").text_plain
    assert "Zhou Min" in found


def test_a_shared_customer_is_read_and_its_parts_with_it(cast, visit):
    customer = make_customer(cast.alice, name="Acme")
    talk = make_interaction(cast.alice, customer=customer, text="Secret plan")
    assert visit(cast.carol, f"/customers/{customer.pk}/").status_code == 404
    share(customer, cast.carol, actor=cast.alice)
    assert "Secret plan" in visit(cast.carol, f"/customers/{customer.pk}/").text_plain
    assert visit(cast.carol, f"/customers/{customer.pk}/change/").status_code == 403
    assert visit(cast.carol, f"/interactions/{talk.pk}/").status_code == 200
    assert visit(cast.carol, f"/interactions/{talk.pk}/change/").status_code == 403


def test_the_talk_form_refuses_the_future_and_strangers(cast, visit):
    customer = make_customer(cast.alice)
    stranger = make_contact(cast.alice, name="Stranger")
    data = {
        "customer": f"C-{customer.pk:06}",
        "kind": "call",
        "direction": "out",
        "at": "2026-01-05T10:00",
        "text": "x",
    }
    future = (timezone.localtime() + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    for change, message in (
        ({"at": future}, "This moment lies in the future"),
        ({"contact": f"P-{stranger.pk:06}"}, "“Stranger” has no role at this customer"),
        ({"next_at": "2026-01-05T09:00"}, "must lie after the contact itself"),
        ({"text": ""}, "This field is required"),
        ({"at": "yesterday"}, "Enter a valid date/time"),
    ):
        response = visit(cast.alice, "/interactions/add/", data | change)
        assert response.status_code == 422
        assert message in response.text_plain
    assert not Interaction.objects.exists()
    assert visit(cast.alice, "/interactions/add/", data).status_code == 303
    assert Interaction.objects.get().created_by == cast.alice
