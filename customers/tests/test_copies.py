"""Interactions and roles repeat owner and team of their customer, whichever way either is written."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm import deletion
from crm.ownership import assign
from crm.pages import capped_count, first_keys, page_for
from crm.search import found
from customers.models import Contact, ContactRole, Customer, Interaction
from customers.tests.factories import make_contact, make_contact_role, make_customer, make_interaction
from tests.cast import again

pytestmark = pytest.mark.django_db


def copies(model=Interaction):
    rows = model.everything.order_by("pk").select_related("customer")
    return [(row.customer_owner, row.customer_team) for row in rows]


def test_new_parts_carry_owner_and_team_of_their_customer(cast):
    customer, nobodys = make_customer(cast.alice), make_customer()
    make_interaction(cast.alice, customer=customer)
    Interaction.objects.bulk_create(Interaction(customer=one, text="x") for one in (customer, nobodys))
    alices = (cast.alice.pk, cast.north.pk)
    assert copies() == [alices, alices, (None, None)]
    contact = make_contact(customer=customer, name="Zhou Min")
    role = ContactRole.objects.get()
    assert copies(ContactRole) == [alices]
    assert (role.contact_name, role.contact_created_at) == ("Zhou Min", contact.created_at)


def test_parts_follow_their_customer_to_another_owner_in_one_statement(cast):
    customers = [make_customer(cast.alice) for _ in range(3)]
    for customer in customers:
        make_interaction(cast.alice, customer=customer)
        make_contact(customer=customer)
    with CaptureQueriesContext(connection) as caught:
        Customer.objects.filter(owner=cast.alice).update(owner=cast.carol, team=cast.south)
    assert len(caught) == 1
    assert copies() == copies(ContactRole) == [(cast.carol.pk, cast.south.pk)] * 3
    assign(Customer.objects.get(pk=customers[1].pk), cast.alice, actor=cast.root)
    assert copies()[1] == copies(ContactRole)[1] == (cast.alice.pk, cast.north.pk)
    assert copies()[0] == (cast.carol.pk, cast.south.pk)


def test_moving_a_customer_is_no_change_of_its_talks(cast):
    customer = make_customer(cast.alice)
    talk = make_interaction(cast.alice, customer=customer)
    make_contact(customer=customer)
    Customer.objects.filter(pk=customer.pk).update(owner=cast.carol, team=cast.south)
    assert Interaction.objects.get(pk=talk.pk).version == talk.version
    assert [event.pgh_label for event in Interaction.pgh_event_model.objects.all()] == ["insert"]
    assert [event.pgh_label for event in ContactRole.pgh_event_model.objects.all()] == ["insert"]


def test_a_part_that_moves_and_a_stale_one_that_is_saved_get_the_right_copies(cast):
    customer, other = make_customer(cast.alice), make_customer(cast.carol)
    talk = make_interaction(cast.alice, customer=customer)
    stale = Interaction.objects.get(pk=talk.pk)
    Customer.objects.filter(pk=customer.pk).update(owner=cast.bob)
    stale.text = "Written over"
    stale.save()
    assert copies() == [(cast.bob.pk, cast.north.pk)]
    Interaction.objects.update(customer_owner=cast.root.pk)
    assert copies() == [(cast.bob.pk, cast.north.pk)]
    Interaction.objects.update(customer=other)
    assert copies() == [(cast.carol.pk, cast.south.pk)]


def test_the_bin_takes_owner_and_team_away_and_gives_them_back(cast):
    customer = make_customer(cast.alice)
    make_interaction(cast.alice, customer=customer)
    act = deletion.delete(customer, actor=cast.alice)
    assert copies() == [(None, None)]
    deletion.restore(act, actor=cast.alice)
    assert copies() == [(cast.alice.pk, cast.north.pk)]
    Customer.objects.filter(pk=customer.pk).update(deleted_at=timezone.now())
    assert copies() == [(None, None)], "also where the customer alone went"
    assert page_for(Interaction.objects.all(), again(cast.root), "-at").rows == []


def test_a_renamed_contact_keeps_its_place_in_the_order(cast):
    customer = make_customer(cast.alice)
    first, second = make_contact(customer=customer, name="A"), make_contact(customer=customer, name="B")
    make_contact_role(contact=first, customer=make_customer(cast.alice))
    Contact.objects.filter(pk=first.pk).update(name="C")
    assert page_for(Contact.objects.all(), again(cast.alice), "name").rows == [second, first]
    assert page_for(Contact.objects.all(), again(cast.carol), "name").rows == []
    assert page_for(Contact.objects.all(), again(cast.root), "name").rows == [second, first]


def test_a_contact_in_the_bin_leaves_its_roles_and_the_list_and_pages_ask_no_contact_for_that(cast):
    customer = make_customer(cast.alice)
    kept, gone = make_contact(customer=customer, name="A"), make_contact(customer=customer, name="B")
    act = deletion.delete(gone, actor=cast.root)
    role = ContactRole.objects.get(contact=gone)
    assert (role.contact_name, role.contact_created_at) == (None, None)
    make_contact_role(contact=gone, customer=make_customer(cast.alice))  # a role that is new meanwhile
    reader = again(cast.alice)
    for sort in ("name", "-name", "-created_at"):
        assert page_for(Contact.objects.all(), reader, sort).rows == [kept]
    assert capped_count(Contact.objects.all(), reader) == (1, True)
    assert capped_count(Contact.objects.filter(name="B"), reader) == (0, True)
    everybody, some = Contact.objects.all(), found(Contact.objects.all(), "b")
    sqls = [first_keys(rows, reader, "view", "name", None, 51, False).sql for rows in (everybody, some)]
    assert ['"customers_contact"' in sql for sql in sqls] == [False, True]
    ContactRole.objects.filter(pk=role.pk).update(contact_name="Written over")
    assert page_for(Contact.objects.all(), again(cast.alice), "name").rows == [kept]
    deletion.restore(act, actor=cast.root)
    assert page_for(Contact.objects.all(), again(cast.alice), "-name").rows == [gone, kept]
    assert set(ContactRole.objects.filter(contact=gone).values_list("contact_name", flat=True)) == {"B"}
