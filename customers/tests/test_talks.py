"""Talks keep a customer's last contact and next follow-up, whichever way their rows are written."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from crm import deletion
from crm.models import TimelineEntry
from customers.models import Customer, Interaction
from customers.talks import log_interaction
from customers.tests.factories import make_contact, make_customer, make_interaction

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(second=0, microsecond=0)


def days(number):
    return NOW + datetime.timedelta(days=number)


def moments(customer):
    return Customer.objects.values_list("last_followed_at", "next_follow_at").get(pk=customer.pk)


def test_logging_a_talk_sets_the_last_contact_and_the_next_follow_up(cast):
    customer = make_customer(cast.alice)
    version = customer.version
    plan = {"next_at": days(3), "next_step": "Send the quote"}
    log_interaction(customer, actor=cast.alice, kind="call", text="Budget in December.", at=days(-1), **plan)
    assert (customer.last_followed_at, customer.next_follow_at) == (days(-1), days(3))
    assert customer.next_step == "Send the quote"
    customer.refresh_from_db()
    assert customer.version == version, "derived columns make no new version"
    assert list(TimelineEntry.objects.values_list("event", "actor_id")) == [("interaction_logged", cast.alice.pk)]


def test_an_older_talk_written_down_later_does_not_move_the_last_contact_back(cast):
    customer = make_customer(cast.alice)
    make_interaction(cast.alice, customer=customer, at=days(-1))
    make_interaction(cast.alice, customer=customer, at=days(-9))
    assert moments(customer) == (days(-1), None)


def test_the_earliest_open_plan_counts(cast):
    customer = make_customer(cast.alice)
    make_interaction(cast.alice, customer=customer, at=days(-2), next_at=days(1))
    make_interaction(cast.alice, customer=customer, at=days(-1), next_at=days(8))
    assert moments(customer) == (days(-1), days(1))


def test_a_talk_without_a_plan_leaves_the_plan_that_is_still_to_come(cast):
    customer = make_customer(cast.alice)
    make_interaction(cast.alice, customer=customer, at=days(-2), next_at=days(1))
    make_interaction(cast.alice, customer=customer, at=days(-1))
    assert moments(customer) == (days(-1), days(1))


def test_a_talk_after_the_planned_moment_fulfils_the_plan(cast):
    customer = make_customer(cast.alice)
    make_interaction(cast.alice, customer=customer, at=days(-5), next_at=days(-2), next_step="Ring again")
    assert moments(customer) == (days(-5), days(-2)), "overdue until somebody gets in touch"
    assert list(Customer.objects.overdue()) == [customer]
    make_interaction(cast.alice, customer=customer, at=days(-1))
    assert moments(customer) == (days(-1), None)
    assert Customer.objects.get().next_step == ""


def test_changed_moved_deleted_restored_and_bulk_rows_are_counted(cast):
    customer, other = make_customer(cast.alice), make_customer(cast.alice)
    talk = make_interaction(cast.alice, customer=customer, at=days(-3), next_at=days(2))
    Interaction.objects.filter(pk=talk.pk).update(at=days(-4))
    assert moments(customer) == (days(-4), days(2))
    act = deletion.delete(talk, actor=cast.alice)
    assert moments(customer) == (None, None)
    deletion.restore(act, actor=cast.alice)
    assert moments(customer) == (days(-4), days(2))
    Interaction.objects.bulk_create(
        Interaction(customer=one, at=days(-n), text="x", created_by=cast.alice)
        for one in (customer, other)
        for n in (1, 2)
    )
    assert moments(customer) == (days(-1), days(2))
    assert moments(other) == (days(-1), None)
    Interaction.objects.filter(customer=customer).delete()
    assert moments(customer) == (None, None)


def test_a_talk_moved_to_another_customer_leaves_the_first_one(cast):
    customer, other = make_customer(cast.alice), make_customer(cast.alice)
    talk = make_interaction(cast.alice, customer=customer, at=days(-3))
    talk.customer = other
    talk.save()
    assert moments(other) == (days(-3), None)
    assert moments(customer) == (None, None)


def test_a_contact_of_another_customer_is_refused_and_nothing_is_written(cast):
    customer = make_customer(cast.alice)
    stranger = make_contact(cast.alice, name="Stranger")
    with pytest.raises(ValidationError, match="“Stranger” has no role at this customer"):
        log_interaction(customer, actor=cast.alice, kind="call", text="x", contact=stranger)
    assert not Interaction.objects.exists()
    assert moments(customer) == (None, None)


def test_a_follow_up_before_the_talk_is_refused(cast):
    customer = make_customer(cast.alice)
    with pytest.raises(ValidationError, match="must lie after"):
        log_interaction(customer, actor=cast.alice, kind="call", text="x", at=days(-1), next_at=days(-1))
    assert not Interaction.objects.exists()
