"""Plans: made of a talk's next step or by hand, kept by a talk, given up, and always the customer's next follow-up."""

import datetime
import html

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from crm import deletion, roles
from crm.access import share
from crm.forms import choice_text
from crm.models import RoleRule
from crm.timeline import timeline
from customers.models import Customer, FollowUpPlan, Interaction
from customers.reactions import follow_up_lines
from customers.talks import log_interaction, set_state
from customers.tests.factories import make_contact, make_customer, make_interaction, make_plan
from tests.cast import again

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(second=0, microsecond=0)


def days(number):
    return NOW + datetime.timedelta(days=number)


def following(customer):
    return Customer.objects.values_list("next_follow_at", "next_step").get(pk=customer.pk)


def states():
    return list(FollowUpPlan.objects.order_by("pk").values_list("state", flat=True))


def log(client, person, customer, **fields):
    client.force_login(person)
    return client.post(f"/customers/{customer.pk}/log/", {"kind": "call", "direction": "out", "text": "Said."} | fields)


def local(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def test_the_next_step_of_a_talk_is_a_plan_of_its_author(cast):
    customer = make_customer(cast.alice)
    contact = make_contact(customer=customer)
    talk = log_interaction(
        customer, actor=cast.bob, kind="visit", text="x", contact=contact, next_at=days(3), next_step="Send the quote"
    )
    plan = FollowUpPlan.objects.get()
    assert (plan.customer, plan.contact, plan.kind, plan.at, plan.purpose) == (
        customer, contact, "visit", days(3), "Send the quote",
    )  # fmt: skip
    assert (plan.owner, plan.created_by, plan.origin, plan.record) == (cast.bob, cast.bob, talk, None)
    assert (plan.customer_owner, plan.customer_team) == (cast.alice.pk, cast.north.pk)
    assert [event.pgh_label for event in FollowUpPlan.pgh_event_model.objects.all()] == ["insert"]


def test_the_earliest_open_plan_is_the_next_follow_up_however_plans_are_written(cast):
    customer, other = make_customer(cast.alice), make_customer(cast.alice)
    late, early = (make_plan(cast.alice, customer=customer, at=days(n), purpose=f"In {n}") for n in (5, 2))
    assert following(customer) == (days(2), "In 2")
    FollowUpPlan.objects.filter(pk=early.pk).update(at=days(9))
    assert following(customer) == (days(5), "In 5")
    act = deletion.delete(late, actor=cast.alice)
    assert following(customer) == (days(9), "In 2")
    deletion.restore(act, actor=cast.alice)
    FollowUpPlan.objects.filter(pk=late.pk).update(customer=other)
    assert (following(customer), following(other)) == ((days(9), "In 2"), (days(5), "In 5"))
    assert set_state(early, "missed", actor=cast.alice)
    assert following(customer) == (None, "")
    FollowUpPlan.objects.all().delete()
    assert following(other) == (None, "")


def test_a_talk_changes_its_open_plan_and_takes_it_along_into_the_bin(cast):
    customer = make_customer(cast.alice)
    talk = make_interaction(cast.alice, customer=customer, at=days(-1), next_at=days(2), next_step="Ring")
    Interaction.objects.filter(pk=talk.pk).update(next_at=days(4), next_step="Visit")
    assert following(customer) == (days(4), "Visit")
    act = deletion.delete(talk, actor=cast.alice)
    assert not FollowUpPlan.objects.exists()
    assert following(customer) == (None, "")
    deletion.restore(act, actor=cast.alice)
    assert following(customer) == (days(4), "Visit")
    Interaction.objects.filter(pk=talk.pk).update(next_at=None)
    assert (states(), following(customer)) == (["cancelled"], (None, ""))
    Interaction.objects.filter(pk=talk.pk).update(next_at=days(6))
    assert (states(), following(customer)) == (["cancelled", "planned"], (days(6), "Visit"))


def test_one_click_on_a_plan_opens_the_box_filled_in_and_saving_marks_it_done(cast, client):
    customer = make_customer(cast.alice)
    contact = make_contact(customer=customer, name="Zhou Min")
    plan = make_plan(cast.alice, customer=customer, contact=contact, kind="visit", purpose="Show the laser")
    client.force_login(cast.bob)
    address = f"/customers/{customer.pk}/log/?plan={plan.pk}"
    assert address in client.get(f"/follow-up-plans/{plan.pk}/").content.decode()
    following_one = f"/customers/{customer.pk}/log/?plan=next"
    assert following_one in client.get(f"/customers/{customer.pk}/").content.decode()
    assert client.get(following_one).context["composer"]["plan"].value() == plan.pk
    form = client.get(address).context["composer"]
    assert (form["kind"].value(), form["contact"].value(), form["plan"].value()) == ("visit", contact.pk, plan.pk)
    assert "Show the laser" in client.get(address).content.decode()
    assert log(client, cast.bob, customer, plan=plan.pk).status_code == 303
    plan.refresh_from_db()
    assert (plan.state, plan.record, plan.modified_by) == ("done", Interaction.objects.get(), cast.bob)
    assert following(customer) == (None, "")


def test_deleting_the_talk_opens_the_plan_again(cast):
    customer = make_customer(cast.alice)
    plan = make_plan(cast.alice, customer=customer)
    talk = log_interaction(customer, actor=cast.alice, kind="call", text="x", plan=plan)
    act = deletion.delete(talk, actor=cast.alice)
    assert states() == ["planned"]
    deletion.restore(act, actor=cast.alice)
    assert states() == ["done"]


def test_a_plan_kept_by_two_people_at_once_is_kept_once_and_nothing_typed_is_lost(cast, client):
    customer = make_customer(cast.alice)
    plan = make_plan(cast.alice, customer=customer)
    assert log(client, cast.bob, customer, plan=plan.pk).status_code == 303
    response = log(client, cast.alice, customer, plan=plan.pk, text="My own long note")
    shown = html.unescape(response.content.decode())
    assert response.status_code == 422
    assert "The plan is no longer open" in shown
    assert "My own long note" in shown
    assert Interaction.objects.count() == 1
    assert response.context["composer"]["plan"].value() == "", "saved again it is a talk of its own"
    with translation.override("en"), pytest.raises(ValidationError, match="no longer open"):
        log_interaction(customer, actor=cast.alice, kind="call", text="x", plan=plan)
    assert Interaction.objects.count() == 1


def test_the_box_with_a_plan_sent_twice_is_one_talk(cast, client):
    customer = make_customer(cast.alice)
    plan = make_plan(cast.alice, customer=customer)
    for _time in range(2):
        token = {"form_token": "0b2d4a4e-7a0e-4d0e-9f5e-3f3a1c2b4d5e", "plan": plan.pk}
        assert log(client, cast.alice, customer, **token).status_code == 303
    assert (Interaction.objects.count(), states()) == (1, ["done"])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"duration": "-5"}, "at least one minute"),
        ({"duration": "100000"}, "at most 1,440 minutes"),
        ({"with_colleagues": "Nobody At All"}, "Nothing called “Nobody At All” is among the records you can see"),
        ({"next_step": "Ring"}, "a next step without a moment is not planned"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_written_or_lost(cast, client, fields, message):
    customer = make_customer(cast.alice)
    response = log(client, cast.alice, customer, text="<b>Note</b> \u202etxet", **fields)
    shown = response.content.decode()
    assert response.status_code == 422
    assert message in html.unescape(shown)
    assert "&lt;b&gt;Note&lt;/b&gt; \u202etxet" in shown
    assert not Interaction.everything.exists()


def test_contacts_of_others_and_people_who_left_do_not_take_part(cast, client):
    customer, stranger = make_customer(cast.alice), make_contact(cast.carol, name="Stranger")
    here = make_contact(customer=customer, name="Here")
    left = cast.bob
    left.is_active = False
    left.save()
    assert log(client, cast.alice, customer, with_contacts=[stranger.pk]).status_code == 422
    assert log(client, cast.alice, customer, with_colleagues=choice_text(left)).status_code == 422
    with translation.override("en"), pytest.raises(ValidationError, match="“Stranger” has no role"):
        log_interaction(customer, actor=cast.alice, kind="call", text="x", with_contacts=[stranger.pk])
    assert not Interaction.everything.exists()
    fields = {"with_contacts": [here.pk], "with_colleagues": choice_text(cast.erin), "duration": "12"}
    assert log(client, cast.alice, customer, **fields).status_code == 303
    talk = Interaction.objects.get()
    assert (talk.with_contacts, talk.with_colleagues, talk.duration) == ([here.pk], [cast.erin.pk], 12)
    with translation.override("en"):
        sentence = str(timeline(customer, cast.alice)[0][0].sentence)
    assert "Alice, Erin</b> called" in sentence
    assert "Here" in sentence
    assert sentence.endswith("12 min")


def test_who_took_part_and_left_later_stays_named_when_the_talk_is_changed(cast, client):
    customer = make_customer(cast.alice)
    talk = make_interaction(cast.alice, customer=customer, with_colleagues=[cast.bob.pk])
    cast.bob.is_active = False
    cast.bob.save()
    client.force_login(cast.alice)
    form = client.get(f"/interactions/{talk.pk}/change/").context["form"]
    data = {name: str(getattr(v, "pk", v)) for name in form.fields if (v := form[name].value()) not in (None, "")}
    response = client.post(f"/interactions/{talk.pk}/change/", data | {"text": "Changed"})
    assert response.status_code == 303, response.context["form"].errors
    talk.refresh_from_db()
    assert (talk.text, talk.with_colleagues) == ("Changed", [cast.bob.pk])


def add(client, person, customer, **fields):
    client.force_login(person)
    data = {"customer": choice_text(customer), "kind": "call", "at": local(days(1)), "purpose": "Ring"}
    return client.post("/follow-up-plans/add/", data | {"owner": choice_text(person)} | fields)


def test_a_plan_lies_ahead_and_belongs_to_somebody_who_sees_the_customer(cast, client):
    customer = make_customer(cast.alice)
    stranger = make_contact(customer=make_customer(cast.alice))
    for fields, message in (
        ({"at": local(days(-1))}, "This moment has passed"),
        ({"purpose": ""}, "This field is required"),
        ({"owner": choice_text(cast.carol)}, "Carol does not see this customer"),
        ({"contact": choice_text(stranger)}, "has no role at this customer"),
    ):  # fmt: skip
        response = add(client, cast.alice, customer, **fields)
        assert response.status_code == 422, message
        assert message in html.unescape(response.content.decode())
    assert not FollowUpPlan.everything.exists()
    share(customer, cast.carol, actor=cast.alice)
    assert add(client, cast.alice, customer, owner=choice_text(cast.carol)).status_code == 303
    assert FollowUpPlan.objects.get().owner == cast.carol


def test_a_plan_is_called_off_or_missed_and_opened_again(cast, client):
    plan = make_plan(cast.alice, customer=make_customer(cast.alice))
    client.force_login(cast.alice)
    for to, expected in (
        ("cancelled", "cancelled"),
        ("missed", "cancelled"),
        ("planned", "planned"),
        ("missed", "missed"),
    ):
        assert client.post(f"/follow-up-plans/{plan.pk}/state/", {"to": to}).status_code == 303
        assert states() == [expected]
    for to in ("done", "", "other"):
        assert client.post(f"/follow-up-plans/{plan.pk}/state/", {"to": to}).status_code == 400
    client.force_login(cast.carol)
    assert client.post(f"/follow-up-plans/{plan.pk}/state/", {"to": "planned"}).status_code == 404
    assert states() == ["missed"]


def test_whose_the_plan_is_may_change_it_and_a_reader_may_not(cast, client):
    customer = make_customer(cast.alice)
    share(customer, cast.carol, actor=cast.alice)
    own, other = make_plan(cast.carol, customer=customer), make_plan(cast.alice, customer=customer)
    client.force_login(cast.carol)
    assert client.post(f"/follow-up-plans/{own.pk}/state/", {"to": "missed"}).status_code == 303
    assert client.post(f"/follow-up-plans/{other.pk}/state/", {"to": "missed"}).status_code == 403
    assert states() == ["missed", "planned"]


def test_the_list_knows_mine_overdue_and_this_week(cast, client):
    customer = make_customer(cast.alice)
    late = make_plan(cast.alice, customer=customer, at=days(-40), purpose="Late one")
    make_plan(cast.bob, customer=customer, at=days(40), purpose="Bobs one")
    now = make_plan(cast.bob, customer=customer, at=timezone.now(), purpose="Todays one")
    client.force_login(cast.alice)

    def found(query):
        return [row.record.purpose for row in client.get(f"/follow-up-plans/?{query}&sort=at").context["listing"].rows]

    assert found("") == ["Late one", "Todays one", "Bobs one"]
    assert found("mine=on") == [late.purpose]
    assert found("week=on") == [now.purpose]
    assert found("overdue=on")[0] == late.purpose
    client.force_login(cast.carol)
    assert found("") == []


def test_the_workbench_shows_my_plans_that_are_due(cast):
    customer = make_customer(cast.alice, name="Acme")
    make_plan(cast.alice, customer=customer, at=days(-1), purpose="Ring them")
    make_plan(cast.alice, customer=customer, at=days(3))
    make_plan(cast.bob, customer=customer, at=days(-1))
    done = make_plan(cast.alice, customer=customer, at=days(-1))
    set_state(done, "cancelled", actor=cast.alice)
    (line,) = follow_up_lines(again(cast.alice))
    assert (line.text, line.note, line.tone) == ("Ring them", "Acme", "red")
    FollowUpPlan.objects.update(owner=cast.carol)
    assert follow_up_lines(again(cast.carol)) == [], "a plan with a customer one does not see is not shown"


def test_people_without_the_right_see_no_plans(cast, client):
    customer = make_customer(cast.alice)
    plan = make_plan(cast.alice, customer=customer, purpose="Secret purpose")
    RoleRule.objects.filter(role=cast.worker, model="customers.followupplan").delete()
    client.force_login(cast.bob)
    assert client.get(f"/follow-up-plans/{plan.pk}/").status_code in (403, 404)
    assert "Secret purpose" not in client.get(f"/customers/{customer.pk}/?tab=details").content.decode()


def test_shipped_roles_write_plans_where_they_write_talks():
    rules = roles.rules()
    talks = {
        (role, action): reach for (role, model, action), reach in rules.items() if model == "customers.interaction"
    }
    plans = {
        (role, action): reach for (role, model, action), reach in rules.items() if model == "customers.followupplan"
    }
    assert plans == talks


def test_of_several_talks_in_one_statement_the_first_that_was_due_keeps_the_plan_and_others_keep_none(cast):
    first, second = make_customer(cast.alice), make_customer(cast.alice)
    now = timezone.now()
    due, later, elsewhere, bobs = (
        make_plan(person, customer=customer, at=now + timezone.timedelta(hours=hours))
        for person, customer, hours in (
            (cast.alice, first, -5),
            (cast.alice, first, 5),
            (cast.alice, second, -5),
            (cast.bob, first, -5),
        )
    )
    talks = [
        Interaction(customer=first, kind="call", text=str(hours), created_by=cast.alice, at=now, deleted_at=deleted)
        for hours, deleted in ((-6, None), (-4, now), (-3, None), (-2, None))
    ]
    for talk in talks:
        talk.at = now + timezone.timedelta(hours=int(talk.text))
    Interaction.objects.bulk_create(talks)
    states = {plan.pk: (plan.state, plan.record_id) for plan in FollowUpPlan.objects.all()}
    assert states == {
        due.pk: ("done", talks[2].pk),
        later.pk: ("planned", None),
        elsewhere.pk: ("planned", None),
        bobs.pk: ("planned", None),
    }
