"""Handing over what a colleague owns: preview, split, one act, exact undo, and whose rights count."""

import pytest
from django.utils import timezone

from crm import handing_over, jobs
from crm.access import Action, Reach
from crm.forms import choice_text
from crm.models import HandOver, Job, OwnershipChange, RoleRule, User
from crm.ownership import assign
from customers.models import Customer, FollowUpPlan
from sales.models import Opportunity
from tests.factories import factories
from tests.rows import changed, fingerprint

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    monkeypatch.setattr("crm.jobs.delay_on_commit", lambda *a: None)


def make(label, owner, **fields):
    return factories()[label](owner=owner, **fields)


@pytest.fixture
def world(cast):
    """Alice owns four customers and two opportunities; one of her customers lies in Carol's team; Bob owns one."""
    customers = [make("customers.customer", cast.alice, name=f"Customer {n}") for n in range(4)]
    Customer.objects.filter(pk=customers[3].pk).update(team=cast.south)
    make("customers.customer", cast.bob)
    for row in customers[:2]:
        make("sales.opportunity", cast.alice, customer=row)
    return customers


def begin(client, user, **data):
    client.force_login(user)
    return client.post("/hand-over/new/?person=alice", data)


def work():
    job = Job.objects.order_by("-pk").first()
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def owned(person) -> int:
    return Customer.objects.filter(owner=person).count()


def test_the_preview_counts_what_is_there_by_kind(client, cast, world):
    client.force_login(cast.erin)
    page = client.get("/hand-over/new/?person=alice")
    assert [(entity.slug, number) for entity, number in page.context["preview"].by_kind if number] == [
        ("customers", 4),
        ("opportunities", 2),
    ]
    assert "Hand over 6 records" in page.content.decode()
    assert "Switch the account" not in page.content.decode()


def test_all_go_to_one_in_one_act_and_the_teams_follow(client, cast, world):
    answer = begin(client, cast.erin, how="one", receiver=choice_text(cast.carol), reason="离职")
    row = HandOver.objects.get()
    assert answer.url == f"/hand-over/{row.pk}/"
    assert owned(cast.alice) == 4
    job = work()
    assert (job.state, job.counts) == ("done", {"changed": 6})
    assert (owned(cast.alice), owned(cast.carol), owned(cast.bob)) == (0, 4, 1)
    assert set(Customer.objects.filter(owner=cast.carol).values_list("team", flat=True)) == {cast.south.pk}
    assert Opportunity.objects.filter(owner=cast.carol).count() == 2
    ledger = OwnershipChange.objects.all()
    assert {(one.act, one.actor, one.reason) for one in ledger} == {(row.act, cast.erin, "离职")}
    assert {one.pgh_context.metadata["job"] for one in latest_events(world)} == {job.pk}
    row.refresh_from_db()
    assert row.counts == {"customers": 4, "opportunities": 2}
    assert User.objects.get(pk=cast.alice.pk).is_active
    assert handing_over.receivers(row, cast.erin) == [(cast.carol, 6)]
    page = client.get(f"/hand-over/{row.pk}/").content.decode()
    assert f'<div>{cast.carol.name} · <span class="tn">6</span></div>' in page


def latest_events(rows):
    return Customer.pgh_event_model.objects.filter(
        pgh_obj_id__in=[row.pk for row in rows], pgh_label="update", owner__username="carol"
    ).select_related("pgh_context")


def test_split_evenly_by_kind_and_by_team(client, cast, world):
    begin(
        client, cast.erin, how="turn", receiver_1=choice_text(cast.bob), receiver_2=choice_text(cast.carol), reason=""
    )
    work()
    assert (owned(cast.bob), owned(cast.carol)) == (3, 2)
    assert Opportunity.objects.filter(owner=cast.bob).count() == 1


def test_what_is_named_for_no_kind_stays(client, cast, world):
    begin(client, cast.erin, how="kind", kind_opportunities=choice_text(cast.bob))
    work()
    assert owned(cast.alice) == 4
    assert Opportunity.objects.filter(owner=cast.bob).count() == 2


def test_by_team(client, cast, world):
    data = {f"team_{cast.north.pk}": choice_text(cast.bob), f"team_{cast.south.pk}": choice_text(cast.carol)}
    begin(client, cast.erin, how="team", **data)
    work()
    assert Customer.objects.get(pk=world[3].pk).owner == cast.carol
    assert [Customer.objects.get(pk=row.pk).owner for row in world[:3]] == [cast.bob] * 3


def test_it_is_the_actors_rights_that_count_not_the_colleagues(client, cast, world):
    """A23: a manager of one team hands over what lies there; the row in another team stays."""
    RoleRule.objects.filter(role=cast.worker, model="customers.customer").update(reach=Reach.TEAM)
    begin(client, cast.bob, how="one", receiver=choice_text(cast.bob))
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    work()
    assert owned(cast.bob) == 4
    assert Customer.objects.get(pk=world[3].pk).owner == cast.alice


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/hand-over/", None),
        ("/hand-over/new/?person=alice", None),
        ("/hand-over/new/?person=alice", {"how": "one", "receiver": "Bob (bob)"}),
    ],
)
def test_without_the_right_to_assign_there_is_no_hand_over(client, cast, world, address, data):
    """A02, A21: neither page nor act."""
    RoleRule.objects.filter(role=cast.worker, action=Action.ASSIGN).delete()
    for person in (cast.bob, cast.dave):
        client.force_login(person)
        before = fingerprint()
        answer = client.get(address) if data is None else client.post(address, data)
        assert answer.status_code == 403
        assert changed(before, fingerprint()) == []


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"how": "one"}, "Name a receiver."),
        ({"how": "one", "receiver": "Alice (alice)"}, "Nothing called “Alice (alice)”"),
        ({"how": "turn", "receiver": "Bob (bob)"}, "Name a receiver."),
        ({"how": "nobody", "receiver": "Bob (bob)"}, "Select a valid choice"),
    ],
)
def test_a_wrong_plan_says_what_is_wrong_and_keeps_what_was_typed(client, cast, world, data, error):
    client.force_login(cast.erin)
    answer = client.post("/hand-over/new/?person=alice", {**data, "reason": "离职交接"})
    assert answer.status_code == 422
    assert error in answer.content.decode()
    assert "离职交接" in answer.content.decode()
    assert not HandOver.objects.exists()


@pytest.mark.parametrize(("person", "error"), [("nobody", "Nothing called"), ("erin", "your own records")])
def test_a_wrong_colleague_says_so(client, cast, person, error):
    client.force_login(cast.erin)
    answer = client.get(f"/hand-over/new/?person={person}")
    assert answer.status_code == 422
    assert error in answer.content.decode()


def test_taking_back_is_exact_and_leaves_what_was_given_on_since(client, cast, world):
    begin(client, cast.erin, how="turn", receiver_1=choice_text(cast.bob), receiver_2=choice_text(cast.carol))
    work()
    row = HandOver.objects.get()
    assign(Customer.objects.get(pk=world[1].pk), cast.erin, actor=cast.carol)
    client.force_login(cast.erin)
    client.post(f"/hand-over/{row.pk}/undo/")
    job = work()
    assert (job.state, job.counts) == ("done", {"changed": 5, "same": 1})
    now = [(one.owner, one.team) for one in (Customer.objects.get(pk=row.pk) for row in world)]
    assert now == [
        (cast.alice, cast.north),
        (cast.erin, None),
        (cast.alice, cast.north),
        (cast.alice, cast.south),
    ]
    page = client.get(f"/hand-over/{row.pk}/").content.decode()
    assert "Customer 1" in page
    assert "Customer 2" not in page
    assert client.post(f"/hand-over/{row.pk}/undo/").url == f"/hand-over/{row.pk}/"
    assert Job.objects.count() == 2


def test_another_manager_neither_sees_nor_takes_back_a_hand_over(client, cast, world):
    """A02: of another person's hand-over only Administrators know."""
    begin(client, cast.erin, how="one", receiver=choice_text(cast.bob))
    work()
    row = HandOver.objects.get()
    client.force_login(cast.carol)
    assert client.get(f"/hand-over/{row.pk}/").status_code == 404
    assert client.post(f"/hand-over/{row.pk}/undo/").status_code == 404
    client.force_login(cast.root)
    assert client.get(f"/hand-over/{row.pk}/").status_code == 200


def test_the_account_is_switched_off_only_by_who_may_change_people(client, cast, world):
    begin(client, cast.erin, how="one", receiver=choice_text(cast.bob), deactivate="on")
    work()
    assert User.objects.get(pk=cast.alice.pk).is_active
    make("customers.customer", cast.alice)
    begin(client, cast.root, how="one", receiver=choice_text(cast.bob), deactivate="on")
    work()
    assert not User.objects.get(pk=cast.alice.pk).is_active


def test_a_receiver_who_was_switched_off_meanwhile_stops_it(client, cast, world):
    begin(client, cast.erin, how="one", receiver=choice_text(cast.bob))
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    job = work()
    assert job.state == "failed"
    assert owned(cast.alice) == 4


# -- what the colleague still has to do on records ---------------------------------------------------------------------
@pytest.fixture
def plans(cast, world):
    """Alice's open plans: on each of her first two customers, and on one of Bob's; one that is done."""
    bobs = Customer.objects.get(owner=cast.bob)
    made = [make("customers.followupplan", cast.alice, customer=row) for row in (*world[:2], bobs)]
    make("customers.followupplan", cast.alice, customer=world[0], state="done")
    make("customers.followupplan", cast.bob, customer=world[0])
    return made


def doers(plans) -> list:
    return [FollowUpPlan.objects.get(pk=plan.pk).owner.username for plan in plans]


def test_open_plans_are_counted_and_named_in_the_preview(client, cast, plans):
    client.force_login(cast.erin)
    page = client.get("/hand-over/new/?person=alice")
    assert {entity.slug: n for entity, n in page.context["preview"].by_kind if n} == {
        "customers": 4,
        "opportunities": 2,
        "follow-up-plans": 3,
    }
    body = page.content.decode()
    assert "Hand over 9 records" in body
    assert all(plan.purpose in body for plan in plans)


def test_plans_go_with_their_customer_and_the_others_to_whom_was_named_and_come_back(client, cast, world, plans):
    before = doers(FollowUpPlan.objects.order_by("pk"))
    begin(
        client,
        cast.erin,
        **{"how": "kind", "kind_customers": choice_text(cast.carol), "kind_follow-up-plans": choice_text(cast.bob)},
    )
    job = work()
    assert (job.state, job.counts) == ("done", {"changed": 7})
    assert doers(plans) == ["carol", "carol", "bob"]
    row = HandOver.objects.get()
    assert row.counts == {"customers": 4, "follow-up-plans": 3}
    ledger = OwnershipChange.objects.filter(subject_id=plans[2].pk, subject_type__model="followupplan").get()
    assert (ledger.act, ledger.from_owner, ledger.to_owner, ledger.actor) == (row.act, cast.alice, cast.bob, cast.erin)
    event = FollowUpPlan.pgh_event_model.objects.filter(pgh_obj_id=plans[0].pk).latest("pgh_id")
    assert (event.owner, event.pgh_context.metadata["job"]) == (cast.carol, job.pk)
    assert "Follow-up plans" in client.get(f"/hand-over/{row.pk}/").content.decode()
    client.post(f"/hand-over/{row.pk}/undo/")
    assert work().counts == {"changed": 7}
    assert doers(FollowUpPlan.objects.order_by("pk")) == before


def test_plans_are_split_with_their_customers_and_stay_where_nobody_is_named(client, cast, world, plans):
    begin(client, cast.erin, how="turn", receiver_1=choice_text(cast.bob), receiver_2=choice_text(cast.carol))
    work()
    owners = [Customer.objects.get(pk=row.pk).owner.username for row in world[:2]]
    assert doers(plans)[:2] == owners
    assert set(owners) == {"bob", "carol"}
    assert doers(plans)[2] in owners


def test_plans_of_customers_that_nobody_gets_stay(client, cast, world, plans):
    begin(client, cast.erin, how="kind", kind_opportunities=choice_text(cast.bob))
    work()
    assert doers(plans) == ["alice"] * 3


def test_a_plan_that_was_done_or_given_on_since_stays_when_all_is_taken_back(client, cast, world, plans):
    told = begin(client, cast.erin, how="one", receiver=choice_text(cast.carol)).context["unseen"].plan
    begin(client, cast.erin, how="one", receiver=choice_text(cast.carol), told=told)
    work()
    FollowUpPlan.objects.filter(pk=plans[0].pk).update(state="done")
    FollowUpPlan.objects.filter(pk=plans[1].pk).update(owner=cast.bob)
    row = HandOver.objects.get()
    client.post(f"/hand-over/{row.pk}/undo/")
    assert work().counts == {"changed": 7, "same": 2}
    assert doers(plans) == ["carol", "bob", "alice"]
    assert plans[0].purpose in client.get(f"/hand-over/{row.pk}/").content.decode()


def test_without_the_right_to_change_plans_they_stay(client, cast, world, plans):
    """A02: the right to assign customers is not one to change plans."""
    RoleRule.objects.filter(role=cast.head, model="customers.followupplan", action=Action.CHANGE).delete()
    begin(client, cast.erin, how="one", receiver=choice_text(cast.carol))
    assert work().counts == {"changed": 6}
    assert doers(plans) == ["alice"] * 3


def test_plans_that_their_receiver_would_not_see_are_named_before_anything_begins(client, cast, world, plans):
    """The third plan is on Bob's customer: Carol would be given a plan that she cannot open."""
    page = begin(client, cast.erin, how="one", receiver=choice_text(cast.carol), reason="离职")
    assert (page.status_code, HandOver.objects.count(), Job.objects.count()) == (200, 0, 0)
    unseen = page.context["unseen"]
    bobs = Customer.objects.get(owner=cast.bob)
    assert (unseen.number, unseen.blind) == (1, [])
    assert [(row, whole, person) for _entity, row, whole, person in unseen.rows] == [(plans[2], bobs, cast.carol)]
    body = page.content.decode()
    assert "1 open plan lies on a record that its receiver will not see" in body
    assert "Hand over all the same" in body
    assert 'value="离职"' in body
    again = {"how": "one", "receiver": choice_text(cast.bob), "told": unseen.plan}
    assert begin(client, cast.erin, **again).status_code == 303, "Bob sees them all"
    HandOver.objects.all().delete()
    changed_mind = {"how": "turn", "receiver_1": choice_text(cast.carol), "told": unseen.plan}
    assert begin(client, cast.erin, **changed_mind).status_code == 303, "the same plan by another way"
    assert Job.objects.filter(kind="hand_over").count() == 2


def test_in_turn_each_plan_is_asked_for_the_one_who_gets_it(client, cast, world, plans):
    other = make("customers.followupplan", cast.alice, customer=Customer.objects.get(owner=cast.bob))
    named = {"how": "turn", "receiver_1": choice_text(cast.bob), "receiver_2": choice_text(cast.carol)}
    page = begin(client, cast.erin, **named)
    assert [(row, person) for _e, row, _w, person in page.context["unseen"].rows] == [(other, cast.carol)]
    begin(client, cast.erin, told=page.context["unseen"].plan, **named)
    work()
    assert doers([plans[2], other]) == ["bob", "carol"], "as it was said"


def test_a_receiver_whose_roles_show_nothing_is_named(client, cast, world, plans):
    page = begin(client, cast.erin, how="one", receiver=choice_text(cast.dave))
    assert [entity.slug for _person, entity in page.context["unseen"].blind] == [
        "customers",
        "opportunities",
        "follow-up-plans",
    ]
    assert "Dave has no role that shows customers" in page.content.decode()
    assert HandOver.objects.count() == 0


def test_a_hand_over_that_was_stopped_half_way_is_taken_back(client, cast, world, monkeypatch):
    """Cancelled after the customers: the page offers to take these back; begun anew it would give the rest."""
    hand = handing_over.hand

    def hand_once(*args):
        hand(*args)
        Job.objects.filter(kind="hand_over").update(cancel_at=timezone.now())

    with monkeypatch.context() as once:
        once.setattr(handing_over, "hand", hand_once)
        begin(client, cast.erin, how="one", receiver=choice_text(cast.carol))
        assert work().state == "cancelled"
    row = HandOver.objects.get()
    assert (row.done_at, row.counts, owned(cast.carol)) == (None, {"customers": 4}, 4)
    assert f"/hand-over/{row.pk}/undo/" in client.get(f"/hand-over/{row.pk}/").content.decode()
    client.post(f"/hand-over/{row.pk}/undo/")
    assert work().counts == {"changed": 4}
    assert (owned(cast.alice), owned(cast.carol)) == (4, 0)
    assert f"/hand-over/{row.pk}/undo/" not in client.get(f"/hand-over/{row.pk}/").content.decode()


def test_the_lease_lasts_for_one_statement_over_many_records(client, cast, world, monkeypatch, settings):
    """Otherwise a second worker would begin the same while the first still writes, and neither would end."""
    monkeypatch.setattr(jobs, "SECONDS_A_ROW", 1000)
    told, tell = [], jobs.Progress.tell
    monkeypatch.setattr(jobs.Progress, "tell", lambda self, **changes: (told.append(changes), tell(self, **changes)))
    begin(client, cast.erin, how="one", receiver=choice_text(cast.carol))
    assert work().state == "done"
    spans = [one["lease_until"].rhs.value.total_seconds() for one in told if one.get("lease_until")]
    assert spans == [settings.LEASE_SECONDS + 4000, settings.LEASE_SECONDS + 2000]
