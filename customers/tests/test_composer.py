"""The box above a customer's timeline: who may log, what is written, and what the timeline then shows to whom."""

import datetime
import html
import re

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone, translation

from crm import deletion, roles
from crm.access import Action
from crm.models import RoleRule, TimelineEntry
from crm.timeline import timeline
from customers.entities import Customers
from customers.models import Contact, Customer, Interaction
from customers.services import add_contact
from customers.talks import log_interaction
from customers.tests.factories import make_contact, make_customer, make_interaction
from tests.cast import again, make_user

pytestmark = pytest.mark.django_db


def text_of(markup) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", str(markup)))


def sentences(customer, user) -> list[str]:
    with translation.override("en"):  # a request before may have left another language
        return [text_of(item.sentence) for item in timeline(customer, again(user))[0]]


def log(client, person, customer, **fields):
    client.force_login(person)
    return client.post(f"/customers/{customer.pk}/log/", {"kind": "call", "text": "Budget in December."} | fields)


@pytest.fixture
def agent(cast):
    """A service agent with the role as the product brings it: sees all customers, changes none."""
    roles.setup_roles()
    return make_user("agent", cast.south, Group.objects.get(name=roles.SERVICE_AGENT))


def test_logging_leads_back_to_the_timeline_that_shows_the_talk(cast, client):
    customer = make_customer(cast.alice)
    contact = make_contact(cast.alice, customer=customer, name="Zhou Min", position="CFO")
    client.force_login(cast.alice)
    page = client.get(f"/customers/{customer.pk}/")
    assert "Zhou Min (CFO)" in page.content.decode()
    token = page.context["composer"]["form_token"].value()
    soon = timezone.localtime() + datetime.timedelta(days=2)
    fields = {
        "contact": contact.pk,
        "outcome": "connected",
        "next_at": soon.strftime("%Y-%m-%dT%H:%M"),
        "form_token": token,
    }
    response = log(client, cast.alice, customer, **fields)
    assert (response.status_code, response["Location"]) == (303, f"/customers/{customer.pk}/")
    talk = Interaction.objects.get()
    assert (talk.customer, talk.contact, talk.kind, talk.outcome, talk.created_by) == (
        customer, contact, "call", "connected", cast.alice,
    )  # fmt: skip
    assert sentences(customer, cast.alice) == ["Alice called Zhou Min · Connected"]
    shown = client.get(f"/customers/{customer.pk}/").content.decode()
    assert "Budget in December." in shown
    assert "Next step" in shown


def test_the_same_box_sent_twice_is_one_talk(cast, client):
    customer = make_customer(cast.alice)
    token = "0b2d4a4e-7a0e-4d0e-9f5e-3f3a1c2b4d5e"
    for _time in range(2):
        response = log(client, cast.alice, customer, form_token=token)
        assert (response.status_code, response["Location"]) == (303, f"/customers/{customer.pk}/")
    assert Interaction.objects.count() == 1


def test_a_wrong_box_keeps_what_was_typed_and_writes_nothing(cast, client):
    customer = make_customer(cast.alice)
    stranger = make_contact(cast.carol)
    for fields, message in (
        ({"text": ""}, "This field is required"),
        ({"text": "a\x00b"}, "Null characters are not allowed"),
        ({"contact": stranger.pk}, "not one of the available choices"),
        ({"kind": "smoke signal"}, "not one of the available choices"),
        ({"next_at": "2020-01-01T10:00"}, "must lie after the contact itself"),
        ({"next_at": "tomorrow"}, "Enter a valid date/time"),
    ):
        response = log(client, cast.alice, customer, **{"text": "My long notes"} | fields)
        shown = html.unescape(response.content.decode())
        assert response.status_code == 422
        assert message in shown
        assert "My long notes" in shown or "text" in fields
    assert not Interaction.everything.exists()
    assert not TimelineEntry.objects.exists()


def test_a_service_agent_logs_a_call_on_a_customer_whom_he_may_not_change(cast, client, agent):
    customer = make_customer(cast.alice)
    client.force_login(agent)
    page = client.get(f"/customers/{customer.pk}/")
    assert page.context["composer"] is not None
    assert page.context["may_change"] is False
    assert client.get(f"/customers/{customer.pk}/change/").status_code == 403
    assert log(client, agent, customer).status_code == 303
    assert Interaction.objects.get().created_by == agent


def test_an_author_changes_his_own_talk_and_not_that_of_others(cast, client, agent):
    customer = make_customer(cast.alice)
    own, other = make_interaction(agent, customer=customer), make_interaction(cast.alice, customer=customer)
    assert list(Interaction.objects.visible_to(again(agent), Action.CHANGE)) == [own]
    assert set(Interaction.objects.visible_to(again(cast.alice), Action.CHANGE)) == {own, other}
    client.force_login(agent)
    assert client.get(f"/interactions/{own.pk}/change/").status_code == 200
    assert client.get(f"/interactions/{other.pk}/change/").status_code == 403


def test_nobody_logs_on_a_customer_he_does_not_see_or_without_the_right(cast, client):
    customer = make_customer(cast.alice)
    assert log(client, cast.carol, customer).status_code == 404
    assert log(client, cast.dave, customer).status_code == 404
    RoleRule.objects.filter(role=cast.worker, model="customers.interaction", action=Action.ADD).delete()
    assert log(client, cast.bob, customer).status_code == 403
    client.force_login(cast.bob)
    page = client.get(f"/customers/{customer.pk}/")
    assert page.context["composer"] is None
    assert f"/customers/{customer.pk}/log/" not in page.content.decode()
    assert client.get(f"/customers/{customer.pk}/log/").status_code == 403
    assert not Interaction.everything.exists()


def test_the_box_is_a_page_of_its_own_without_script(cast, client):
    customer = make_customer(cast.alice, name="Acme")
    client.force_login(cast.alice)
    page = client.get(f"/customers/{customer.pk}/log/")
    assert page.status_code == 200
    assert f'action="/customers/{customer.pk}/log/"' in page.content.decode()


def test_contacts_of_the_box_are_those_who_work_there_now(cast):
    customer = make_customer(cast.alice)
    here, left = make_contact(customer=customer, name="Here"), make_contact(customer=customer, name="Left")
    gone = make_contact(customer=customer, name="Gone")
    left.roles.update(is_active=False)
    deletion.delete(gone, actor=cast.alice)
    assert list(Customers.composer(customer, cast.alice).fields["contact"].queryset) == [here]


def test_the_timeline_words_a_talk_by_kind_direction_and_person(cast):
    customer = make_customer(cast.alice)
    contact = make_contact(customer=customer, name="<i>Zhou</i>")
    minutes = iter(range(1, 20))

    def talk(**fields):
        at = timezone.now() - datetime.timedelta(minutes=next(minutes))
        make_interaction(cast.alice, customer=customer, at=at, **fields)

    talk(kind="call", direction="in", contact=contact)
    talk(kind="visit", outcome="interested")
    talk(kind="wechat", contact=contact, next_step="Send it")
    assert sentences(customer, cast.alice) == [
        "<i>Zhou</i> called Alice",
        "Alice visited the customer · Interested",
        "Alice wrote to <i>Zhou</i> by WeChat",
    ]
    items = timeline(customer, cast.alice)[0]
    assert "<i>Zhou" not in str(items[0].sentence)
    assert items[2].body == "Quote wanted.\nNext step: Send it"


def test_every_kind_of_talk_has_its_words_and_mark(cast):
    customer = make_customer(cast.alice)
    for kind in Interaction.Kind.values:
        for direction in Interaction.Direction.values:
            make_interaction(cast.alice, customer=customer, kind=kind, direction=direction)
    found = sentences(customer, cast.alice)
    assert len(set(found)) == 2 * len(Interaction.Kind.values)
    assert all("Alice" in sentence and "the customer" in sentence for sentence in found)


def test_timeline_arms_show_nothing_that_visible_to_hides(cast):
    customer = make_customer(cast.alice, name="Acme")
    add_contact(customer, actor=cast.alice, name="Zhou Min")
    log_interaction(customer, actor=cast.alice, kind="call", text="Budget in December.")
    both = ["Alice added the contact Zhou Min", "Alice called the customer"]
    assert sorted(sentences(customer, cast.alice)) == both
    assert sentences(customer, cast.carol) == [], "not even for one who gets hold of the record"
    RoleRule.objects.filter(role=cast.worker, model="customers.interaction", action=Action.VIEW).delete()
    assert sentences(customer, cast.bob) == ["Alice added the contact Zhou Min"]
    RoleRule.objects.filter(role=cast.worker, model="customers.contact", action=Action.VIEW).delete()
    assert sentences(customer, cast.bob) == []


def test_talks_and_contacts_of_other_customers_stay_out_of_the_timeline(cast):
    customer, other = make_customer(cast.alice), make_customer(cast.alice)
    log_interaction(other, actor=cast.alice, kind="call", text="x")
    add_contact(other, actor=cast.alice, name="Somebody Else")
    assert sentences(customer, cast.alice) == []


def test_a_deleted_talk_leaves_the_timeline_and_comes_back(cast):
    customer = make_customer(cast.alice)
    talk = make_interaction(cast.alice, customer=customer)
    act = deletion.delete(talk, actor=cast.alice)
    assert sentences(customer, cast.alice) == []
    deletion.restore(act, actor=cast.alice)
    assert sentences(customer, cast.alice) == ["Alice called the customer"]


def test_deleting_a_customer_takes_its_parts_along_and_hides_its_contacts(cast):
    customer = make_customer(cast.alice)
    contact = add_contact(customer, actor=cast.alice, name="Zhou Min", points={"mobile": "13812345678"})
    make_interaction(cast.alice, customer=customer)
    act = deletion.delete(customer, actor=cast.alice)
    for person in (cast.alice, cast.root):
        assert not Customer.objects.visible_to(again(person)).exists()
        assert not Interaction.objects.visible_to(again(person)).exists()
    assert not Contact.objects.visible_to(again(cast.alice)).exists()
    deletion.restore(act, actor=cast.alice)
    assert list(Contact.objects.visible_to(again(cast.alice))) == [contact]
    assert "Alice added the contact Zhou Min" in sentences(customer, cast.alice)
    assert Interaction.objects.visible_to(again(cast.alice)).count() == 1


def test_derived_moments_write_no_change_log(cast):
    customer = make_customer(cast.alice)
    log_interaction(customer, actor=cast.alice, kind="call", text="x")
    events = Customer.pgh_event_model.objects.filter(pgh_obj_id=customer.pk)
    assert list(events.values_list("pgh_label", flat=True)) == ["insert"]
