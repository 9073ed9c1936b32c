"""Bulk actions on lists: each row is asked for its right, nothing hidden is named, long ones become jobs."""

import uuid

import pytest
from django.http import QueryDict

from crm import bulk, jobs, ownership
from crm.access import Action, Reach, share
from crm.entities import entity_for
from crm.forms import choice_text
from crm.models import Deletion, Job, OwnershipChange, RoleRule
from customers.models import Customer
from service.models import Case
from tests.cast import again
from tests.factories import factories
from tests.rows import changed, fingerprint

pytestmark = pytest.mark.django_db


def make(label, owner, **fields):
    return factories()[label](owner=owner, **fields)


def post(client, user, **data):
    client.force_login(user)
    return client.post("/customers/bulk/", data, follow=True)


def said(answer) -> list[str]:
    return [str(text) for text in answer.context["messages"]]


def owners(*rows):
    return [Customer.everything.get(pk=row.pk).owner for row in rows]


@pytest.fixture
def rows(cast):
    """Three customers of Alice, one of Carol whom Alice does not see, one shared with Alice."""
    mine = [make("customers.customer", cast.alice, name=f"Mine {n}") for n in range(3)]
    hidden = make("customers.customer", cast.carol, name="Hidden canary")
    shared = make("customers.customer", cast.carol, name="Shared")
    share(shared, cast.alice, actor=cast.carol, change=True)
    return [*mine, hidden, shared]


def test_the_list_has_a_bar_with_what_the_reader_may_do_and_boxes_that_work_without_script(client, cast, rows):
    client.force_login(cast.alice)
    page = client.get("/customers/").content.decode()
    assert f'type="checkbox" name="keys" value="{rows[0].pk}"' in page
    assert 'name="action" value="assign"' in page
    assert 'name="action" value="delete"' in page
    RoleRule.objects.filter(role=cast.worker, action__in=(Action.ASSIGN, Action.DELETE)).delete()
    page = client.get("/customers/").content.decode()
    assert 'name="keys"' not in page
    assert 'name="action"' not in page


def test_assigning_ticked_rows_asks_first_and_says_what_is_left_out(client, cast, rows):
    answer = post(client, cast.alice, action="assign", keys=[row.pk for row in rows])
    text = answer.content.decode()
    assert answer.context["number"] == "3"
    assert "2 of the ticked rows are left out" in text
    assert "canary" not in text
    assert owners(*rows) == [cast.alice] * 3 + [cast.carol] * 2


def test_only_rows_that_may_be_assigned_change_hands(client, cast, rows):
    """A03: own rows and others' in one request; the others keep their owner, the message says how many and no name."""
    data = {"keys": [row.pk for row in rows] + [999_999], "owner": choice_text(cast.bob), "reason": "分区调整"}
    answer = post(client, cast.alice, action="assign", confirmed="1", act=uuid.uuid4(), **data)
    assert said(answer) == [
        "3 records assigned",
        "3 were left out: your roles do not allow this there, or they are gone.",
    ]
    assert "canary" not in answer.content.decode()
    assert owners(*rows) == [cast.bob] * 3 + [cast.carol] * 2
    ledger = OwnershipChange.objects.order_by("subject_id").values_list(
        "subject_id", "from_owner", "to_owner", "reason"
    )
    assert list(ledger) == [(row.pk, cast.alice.pk, cast.bob.pk, "分区调整") for row in rows[:3]]
    assert {row.pgh_context.metadata["user"] for row in events(rows[0])} == {cast.alice.pk}


def events(row):
    return Customer.pgh_event_model.objects.filter(pgh_obj_id=row.pk, pgh_label="update")


def test_deleting_leaves_the_rows_of_others_alone(client, cast, rows):
    """A03, A02: the rows of others are the same bytes afterwards, and a share gives no right to delete."""
    answer = post(client, cast.alice, action="delete", confirmed="1", keys=[row.pk for row in rows], reason="测试数据")
    assert said(answer)[0] == "3 records deleted"
    assert set(Customer.objects.all()) == set(rows[3:])
    assert set(Deletion.objects.values_list("reason", flat=True)) == {"测试数据"}
    act = Deletion.objects.first().act
    client.force_login(cast.bob)
    assert client.post(f"/deleted/acts/{act}/undo/").status_code == 404
    client.force_login(cast.alice)
    assert said(client.post(f"/deleted/acts/{act}/undo/", follow=True)) == ["3 records restored"]
    assert Customer.objects.count() == 5


def test_rows_of_others_alone_change_nothing(client, cast, rows):
    """A03: nothing is written, not even a token of the form that would tell."""
    client.force_login(cast.alice)
    before = fingerprint()
    for action in ("assign", "delete"):
        data = {"action": action, "confirmed": "1", "keys": [rows[3].pk], "owner": choice_text(cast.bob)}
        answer = client.post("/customers/bulk/", data, follow=True)
        assert said(answer) == ["Nothing changed", "1 was left out: your roles do not allow this there, or it is gone."]
    assert changed(before, fingerprint()) == []


@pytest.mark.parametrize("action", ["assign", "delete", "tag", ""])
def test_an_action_one_may_not_do_is_refused(client, cast, rows, action):
    """A21, A03: without the right on the model, or with an action that there is not."""
    RoleRule.objects.filter(role=cast.worker, action__in=(Action.ASSIGN, Action.DELETE)).delete()
    client.force_login(cast.alice)
    before = fingerprint()
    data = {"action": action, "confirmed": "1", "keys": [rows[0].pk], "owner": choice_text(cast.bob)}
    assert client.post("/customers/bulk/", data).status_code == 403
    assert changed(before, fingerprint()) == []


def test_all_that_match_means_the_rows_of_the_list_and_no_others(client, cast, rows):
    Customer.objects.filter(pk=rows[1].pk).update(name="Mine special")
    data = {"all": "1", "query": "q=special", "owner": choice_text(cast.bob), "keys": [rows[0].pk]}
    post(client, cast.alice, action="assign", confirmed="1", **data)
    assert owners(*rows[:3]) == [cast.alice, cast.bob, cast.alice]


def test_a_wrong_owner_keeps_what_was_typed_and_changes_nothing(client, cast, rows):
    type(cast.bob).objects.filter(pk=cast.bob.pk).update(is_active=False)
    data = {"keys": [rows[0].pk], "owner": choice_text(cast.bob), "reason": "离职交接"}
    answer = post(client, cast.alice, action="assign", confirmed="1", **data)
    assert answer.status_code == 422
    assert "离职交接" in answer.content.decode()
    assert owners(rows[0]) == [cast.alice]


def test_a_form_sent_twice_does_it_once(client, cast, rows):
    data = {"action": "assign", "confirmed": "1", "act": uuid.uuid4(), "keys": [rows[0].pk]}
    post(client, cast.alice, **data, owner=choice_text(cast.bob))
    assert said(post(client, cast.alice, **data, owner=choice_text(cast.erin))) == ["This was done already."]
    assert owners(rows[0]) == [cast.bob]


def test_nothing_ticked_says_so(client, cast, rows):
    assert said(post(client, cast.alice, action="assign")) == ["Nothing was chosen. Tick the rows first."]


def test_more_than_two_hundred_rows_become_a_job_with_the_rights_of_its_person(client, cast, rows, monkeypatch):
    monkeypatch.setattr("crm.jobs.delay_on_commit", lambda *a: None)
    monkeypatch.setattr("crm.bulk.DIRECT_ROWS", 2)
    monkeypatch.setattr("crm.bulk.CHUNK", 2)
    data = {"all": "1", "query": "", "owner": choice_text(cast.bob), "reason": "分区调整"}
    answer = post(client, cast.alice, action="assign", confirmed="1", **data)
    job = Job.objects.get()
    assert answer.redirect_chain == [(job.get_absolute_url(), 303)]
    assert owners(*rows) == [cast.alice] * 3 + [cast.carol] * 2
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.counts) == ("done", {"refused": 1, "changed": 3, "same": 0})
    assert owners(*rows) == [cast.bob] * 3 + [cast.carol] * 2
    assert OwnershipChange.objects.values("act").distinct().count() == 1
    assert {row.pgh_context.metadata["job"] for row in events(rows[0])} == {job.pk}


def test_a_job_whose_person_lost_the_right_changes_nothing(client, cast, rows, monkeypatch):
    """A23: what was queued earlier asks the rights of the moment in which it runs."""
    monkeypatch.setattr("crm.jobs.delay_on_commit", lambda *a: None)
    entity = entity_for(Customer)
    selection = bulk.Selection(entity, again(cast.alice), query="")
    data = QueryDict(mutable=True)
    data.update({"owner": choice_text(cast.bob), "reason": ""})
    job = bulk.begin(bulk.actions["assign"], selection, data, act=uuid.uuid4())
    RoleRule.objects.filter(role=cast.worker, action=Action.ASSIGN).delete()
    before = fingerprint()
    jobs.run(job.pk)
    assert Job.objects.get().state == "failed"
    assert set(changed(before, fingerprint())) == {"crm_job"}


# -- the ledger ------------------------------------------------------------------------------------------------------
def test_every_way_to_another_owner_is_in_the_ledger(client, cast, rows):
    customer = rows[0]
    client.force_login(cast.alice)
    client.post(f"/customers/{customer.pk}/assign/", {"owner": choice_text(cast.bob), "reason": "休假"})
    form = client.get(f"/customers/{customer.pk}/change/").context["form"]
    shown = {name: form[name].value() for name in form.fields}
    data = {name: str(value) for name, value in shown.items() if value not in (None, "", False)}
    assert (
        client.post(f"/customers/{customer.pk}/change/", data | {"owner": choice_text(cast.alice)}).status_code == 303
    )
    found = OwnershipChange.objects.about(customer).order_by("pk").values_list("from_owner", "to_owner", "reason")
    assert list(found) == [(cast.alice.pk, cast.bob.pk, "休假"), (cast.bob.pk, cast.alice.pk, "")]
    page = client.get(f"/customers/{customer.pk}/?tab=details")
    assert [(one.owner, one.by, one.reason) for one in page.context["owners"]] == [
        (cast.alice, cast.alice, ""),
        (cast.bob, cast.alice, "休假"),
        (cast.alice, None, ""),
    ]
    assert "assigned it to Bob" in client.get(f"/customers/{customer.pk}/").content.decode()


def test_saving_without_a_new_owner_writes_no_ledger(client, cast, rows):
    record = rows[0]
    client.force_login(cast.alice)
    form = client.get(f"/customers/{record.pk}/change/").context["form"]
    shown = {name: form[name].value() for name in form.fields}
    data = {name: str(value) for name, value in shown.items() if value not in (None, "", False)} | {"name": "New"}
    assert client.post(f"/customers/{record.pk}/change/", data).status_code == 303
    assert not OwnershipChange.objects.exists()


def test_many_are_split_in_turn_with_few_queries(cast, django_assert_max_num_queries):
    made = [make("customers.customer", cast.alice) for _ in range(5)]
    act = uuid.uuid4()
    with django_assert_max_num_queries(6):
        number = ownership.assign_many(
            Customer.objects.filter(owner=cast.alice), [cast.bob, cast.carol], actor=cast.erin, act=act
        )
    assert number == 5
    assert owners(*made) == [cast.bob, cast.carol, cast.bob, cast.carol, cast.bob]
    assert Customer.objects.get(pk=made[1].pk).team == cast.south


def test_undo_gives_back_exactly_what_was_not_given_on_since(client, cast, rows):
    act = uuid.uuid4()
    ownership.assign_many(Customer.objects.filter(owner=cast.alice), [cast.bob], actor=cast.alice, act=act)
    ownership.assign(Customer.objects.get(pk=rows[1].pk), cast.erin, actor=cast.bob)
    client.force_login(cast.bob)
    assert client.post(f"/ownership/{act}/undo/").status_code == 404
    client.force_login(cast.alice)
    assert said(client.post(f"/ownership/{act}/undo/", follow=True)) == [
        "2 assignments taken back",
        "1 record was left as it is: it was given on or deleted since.",
    ]
    assert owners(*rows[:3]) == [cast.alice, cast.erin, cast.alice]
    assert [row.subject_id for row in ownership.left_of(Customer, act)] == [rows[1].pk]
    assert said(client.post(f"/ownership/{act}/undo/", follow=True))[0].startswith("3 records were left")


def test_undo_asks_todays_rights(client, cast, rows):
    """A23: who may no longer assign gets nothing back by the address of the undo."""
    act = uuid.uuid4()
    ownership.assign_many(Customer.objects.filter(owner=cast.alice), [cast.carol], actor=cast.alice, act=act)
    RoleRule.objects.filter(role=cast.worker, action=Action.ASSIGN).update(reach=Reach.NONE)
    client.force_login(cast.alice)
    before = fingerprint()
    answer = client.post(f"/ownership/{act}/undo/", follow=True)
    assert said(answer) == ["Your roles do not reach these records any more, so nothing was taken back."]
    assert changed(before, fingerprint()) == []


def test_cases_keep_their_queue_and_new_ones_are_assigned(cast):
    case = make("service.case", None, team=cast.north, status="new")
    ownership.assign_many(Case.objects.filter(pk=case.pk), [cast.carol], actor=cast.erin, act=uuid.uuid4())
    case.refresh_from_db()
    assert (case.owner, case.team, case.status) == (cast.carol, cast.north, "assigned")


def test_after_a_transfer_the_former_owner_has_lost_the_record_everywhere(client, cast, rows):
    """A23: record page, list, search, suggestions, export."""
    record = Customer.objects.get(pk=rows[0].pk)
    ownership.assign(record, cast.carol, actor=cast.root)
    client.force_login(cast.alice)
    assert client.get(f"/customers/{record.pk}/").status_code == 404
    for address in ("/customers/?q=Mine+0", "/search/?q=Mine+0", "/choices/customers.customer/?q=Mine+0"):
        assert "Mine 0" not in client.get(address).content.decode().replace('value="Mine 0"', "").replace(
            "“Mine 0”", ""
        )
    file = b"".join(client.post("/customers/export/", {"format": "csv"}).streaming_content).decode()
    assert "Mine 0" not in file
    assert "Mine 1" in file


# -- taking a job back -----------------------------------------------------------------------------------------------
def job_of(user, name, monkeypatch, **data):
    """A bulk action on all customers that the user sees, done as a job in chunks of two rows."""
    monkeypatch.setattr("crm.jobs.delay_on_commit", lambda *a: None)
    monkeypatch.setattr("crm.bulk.CHUNK", 2)
    given = QueryDict(mutable=True)
    given.update({"reason": "", **data})
    selection = bulk.Selection(entity_for(Customer), again(user), query="")
    job = bulk.begin(bulk.actions[name], selection, given, act=uuid.uuid4())
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done"
    return job


def undo(client, job):
    """Press Undo on the page of the job and have a worker do it; gives the job that did it."""
    assert 'id="job-undo"' in client.get(job.get_absolute_url()).content.decode()
    answer = client.post(f"/jobs/{job.pk}/undo/")
    made = Job.objects.latest("pk")
    assert (answer.status_code, answer["Location"]) == (303, made.get_absolute_url())
    assert jobs.run(made.pk)
    made.refresh_from_db()
    return made


def test_the_page_of_a_job_takes_an_assignment_back_once_and_says_what_was_left(client, cast, rows, monkeypatch):
    job = job_of(cast.alice, "assign", monkeypatch, owner=choice_text(cast.bob))
    ownership.assign(Customer.objects.get(pk=rows[1].pk), cast.erin, actor=cast.bob)
    client.force_login(cast.alice)
    made = undo(client, job)
    assert owners(*rows[:3]) == [cast.alice, cast.erin, cast.alice]
    assert (made.state, made.counts) == ("done", {"changed": 2, "same": 1})
    assert [line["text"] for line in made.log] == [
        "2 assignments taken back",
        "1 record was left as it is: it was given on or deleted since.",
    ]
    assert events(rows[0]).latest("pk").pgh_context.metadata["job"] == made.pk
    page = client.get(job.get_absolute_url()).content.decode()
    assert 'id="job-undo"' not in page
    assert "undone</span>" in page
    assert made.number in page
    assert "undone</span>" in client.get("/jobs/").content.decode()
    before = fingerprint()
    answer = client.post(f"/jobs/{job.pk}/undo/", follow=True)
    assert said(answer) == ["This was taken back already, or it can no longer be taken back."]
    assert changed(before, fingerprint()) == []


def test_the_page_of_a_job_restores_what_it_deleted(client, cast, rows, monkeypatch):
    from crm.recycling import bin_of, purge_all

    job = job_of(cast.alice, "delete", monkeypatch)
    assert list(Customer.objects.order_by("pk")) == rows[3:]
    purge_all(bin_of(again(cast.root)).filter(subject_id=rows[2].pk).select_related("subject_type"), actor=cast.root)
    client.force_login(cast.alice)
    made = undo(client, job)
    assert list(Customer.objects.order_by("pk")) == [*rows[:2], *rows[3:]]
    assert (made.state, made.counts) == ("done", {"changed": 2, "same": 1})
    assert [line["text"][:34] for line in made.log] == ["2 records restored", "1 record was left as it is: it was"]


@pytest.mark.parametrize("name", ["assign", "delete"])
def test_taking_a_job_back_asks_the_rights_of_the_moment(client, cast, rows, monkeypatch, name):
    """A23: the right went between the press of the button and the work; then it can be tried again."""
    job = job_of(cast.alice, name, monkeypatch, owner=choice_text(cast.bob))
    RoleRule.objects.filter(role=cast.worker, action=name).delete()
    client.force_login(cast.alice)
    before = fingerprint()
    made = undo(client, job)
    assert (made.state, made.error) == ("failed", "Your roles do not allow this any more.")
    assert set(changed(before, fingerprint())) == {"crm_job"}
    RoleRule.objects.create(role=cast.worker, model="customers.customer", action=name, reach=Reach.ALL)
    assert undo(client, job).counts["changed"] == 3
    assert owners(*rows[:3]) == [cast.alice] * 3
    assert jobs.repeat(made)
    jobs.run(made.pk)
    made.refresh_from_db()
    assert (made.state, made.error[:22]) == ("failed", "This was taken back al")


def test_a_job_of_another_or_one_that_changed_nothing_has_no_undo(client, cast, rows, monkeypatch):
    job = job_of(cast.alice, "assign", monkeypatch, owner=choice_text(cast.bob))
    client.force_login(cast.bob)
    assert client.post(f"/jobs/{job.pk}/undo/").status_code == 404
    idle = job_of(cast.bob, "assign", monkeypatch, owner=choice_text(cast.bob))
    assert idle.counts["changed"] == 0
    assert 'id="job-undo"' not in client.get(idle.get_absolute_url()).content.decode()
    client.post(f"/jobs/{idle.pk}/undo/")
    assert Job.objects.filter(kind="undo").count() == 0
