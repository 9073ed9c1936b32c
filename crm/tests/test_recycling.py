"""The recycle bin: who finds what in it, what comes back with what, why something cannot, and deleting for good."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from crm import deletion, recycling
from crm.access import Action, Reach
from crm.models import Deletion, RoleRule, TimelineEntry
from customers.models import Contact, ContactRole, Customer, Interaction
from tests.cast import again
from tests.factories import factories
from tests.rows import changed, fingerprint

pytestmark = pytest.mark.django_db


def make(label, owner, **fields):
    return factories()[label](owner=owner, **fields)


@pytest.fixture
def customer(cast):
    """Alice's customer with a talk and a contact."""
    row = make("customers.customer", cast.alice, name="恒远包装")
    make("customers.interaction", cast.alice, customer=row)
    make("customers.contact", cast.alice, customer=row)
    return row


def names(user) -> list[str]:
    return [one.name for one in recycling.bin_of(again(user)).order_by("pk")]


def restrict(cast, model, action):
    RoleRule.objects.filter(role=cast.worker, model=model, action=action).delete()


def test_a_deletion_is_found_by_who_deleted_it_and_who_may_delete_it_today(cast, customer):
    deletion.delete(customer, actor=cast.alice, reason="重复录入")
    assert names(cast.alice) == names(cast.bob) == names(cast.erin) == names(cast.root) == ["恒远包装"]
    assert names(cast.carol) == names(cast.dave) == []


def test_without_the_right_to_delete_one_finds_only_what_one_deleted(cast, customer):
    deletion.delete(customer, actor=cast.alice)
    restrict(cast, "customers.customer", Action.DELETE)
    assert names(cast.alice) == ["恒远包装"]
    assert names(cast.bob) == []


def test_who_may_not_see_the_record_any_more_does_not_find_it(cast, customer):
    deletion.delete(customer, actor=cast.alice)
    Customer.everything.filter(pk=customer.pk).update(owner=cast.carol, team=cast.south)
    assert names(cast.alice) == []
    assert names(cast.carol) == ["恒远包装"]


def test_a_record_comes_back_with_what_went_with_it_and_nothing_else(cast, customer):
    talk = make("customers.interaction", cast.alice, customer=customer)
    earlier = deletion.delete(talk, actor=cast.alice)
    act = deletion.delete(customer, actor=cast.alice)
    row = recycling.described([act])[0]
    assert sorted(number for _label, number in row.parts) == [1, 1]
    assert deletion.restore(act, actor=cast.alice) == 3
    assert Interaction.objects.filter(customer=customer).count() == 1
    assert Interaction.everything.get(pk=talk.pk).deletion == earlier


def test_the_page_shows_kind_reason_parts_and_days_left(client, cast, customer):
    deletion.delete(customer, actor=cast.alice, reason="重复录入")
    client.force_login(cast.bob)
    page = client.get("/recycle-bin/").content.decode()
    for text in ("恒远包装", "重复录入", "Alice", "29 days", "Interactions 1"):
        assert text in page, text
    assert "Delete for good" not in page
    client.force_login(cast.carol)
    assert "恒远包装" not in client.get("/recycle-bin/").content.decode()


def test_the_page_costs_the_same_for_one_and_forty_deletions(client, cast, django_assert_max_num_queries):
    for _ in range(40):
        deletion.delete(make("customers.customer", cast.alice), actor=cast.alice)
    client.force_login(cast.alice)
    client.get("/recycle-bin/")
    with django_assert_max_num_queries(15):
        assert client.get("/recycle-bin/").status_code == 200


def test_restoring_several_says_how_many_came_back_and_how_many_are_not_there(client, cast, customer):
    """A02, A03: of keys that are not in one's bin nothing changes, and the message names none of them."""
    mine = deletion.delete(customer, actor=cast.alice)
    theirs = deletion.delete(make("customers.customer", cast.carol, name="别人的"), actor=cast.carol)
    client.force_login(cast.bob)
    answer = client.post("/recycle-bin/restore/", {"keys": [mine.pk, theirs.pk]}, follow=True)
    assert [str(text) for text in answer.context["messages"]] == [
        "1 record restored",
        "1 entry is not in your recycle bin any more.",
    ]
    assert "别人的" not in answer.content.decode()
    assert Customer.objects.filter(pk=customer.pk).exists()
    assert Deletion.objects.get(pk=theirs.pk).restored_at is None
    assert TimelineEntry.objects.about(customer).get(event="record_restored").actor == cast.bob


def test_undo_asks_todays_rights(client, cast, customer):
    """A02: who deleted a record and lost sight of it since cannot bring it back by the address of the undo."""
    act = deletion.delete(customer, actor=cast.alice)
    Customer.everything.filter(pk=customer.pk).update(owner=cast.carol, team=cast.south)
    client.force_login(cast.alice)
    before = fingerprint()
    assert client.post(f"/deleted/{act.pk}/undo/").status_code == 404
    assert changed(before, fingerprint()) == []


def test_a_part_whose_whole_is_deleted_says_what_to_restore_first(client, cast, customer):
    talk = make("customers.interaction", cast.alice, customer=customer)
    act = deletion.delete(talk, actor=cast.alice)
    deletion.delete(customer, actor=cast.alice)
    client.force_login(cast.alice)
    answer = client.post("/recycle-bin/restore/", {"key": act.pk}, follow=True)
    said = [str(text) for text in answer.context["messages"]]
    assert said == [
        f"“{act.name}” belongs to “恒远包装” (customer), which lies in the recycle bin as well. Restore that first."
    ]
    assert not Interaction.objects.filter(pk=talk.pk).exists()


def test_a_record_whose_external_number_was_taken_since_says_so(client, cast):
    fields = {"source_system": "erp", "external_ref": "K-1"}
    old = make("customers.customer", cast.alice, name="旧", **fields)
    act = deletion.delete(old, actor=cast.alice)
    make("customers.customer", cast.alice, name="新", **fields)
    client.force_login(cast.alice)
    answer = client.post("/recycle-bin/restore/", {"key": act.pk}, follow=True)
    assert [str(text) for text in answer.context["messages"]] == [
        "“旧” cannot come back: another record in use has the same source system, external reference now. "
        "Change it there or delete that record first."
    ]
    assert Deletion.objects.get(pk=act.pk).restored_at is None
    assert not Customer.objects.filter(pk=old.pk).exists()


def test_only_an_administrator_deletes_for_good_and_types_a_word_first(client, cast, customer):
    act = deletion.delete(customer, actor=cast.alice)
    client.force_login(cast.erin)
    before = fingerprint()
    assert client.post("/recycle-bin/purge/", {"keys": act.pk, "word": "DELETE"}).status_code == 403
    assert changed(before, fingerprint()) == []
    client.force_login(cast.root)
    before = fingerprint()
    assert "恒远包装" in client.post("/recycle-bin/purge/", {"keys": act.pk}).content.decode()
    assert client.post("/recycle-bin/purge/", {"keys": act.pk, "word": "yes"}).status_code == 422
    assert changed(before, fingerprint()) == []
    assert client.post("/recycle-bin/purge/", {"keys": act.pk, "word": "DELETE"}).status_code == 303
    assert not Customer.everything.filter(pk=customer.pk).exists()
    assert not Interaction.everything.exists()
    assert not ContactRole.everything.exists()
    assert Contact.everything.exists()  # it may belong to other customers, too
    done = Deletion.objects.get(pk=act.pk)
    assert done.purged_by == cast.root
    assert names(cast.root) == []


def test_a_customer_with_opportunities_stays_until_these_are_gone(cast, customer):
    deal = make("sales.opportunity", cast.alice, customer=customer)
    act = deletion.delete(customer, actor=cast.alice)
    with translation.override("en"):
        number, refusals = recycling.purge_all([act], actor=cast.root)
    assert (number, refusals) == (
        0,
        [
            "“恒远包装” stays in the recycle bin: 1 record (opportunities) still points to it. "
            "Delete that for good first."
        ],
    )
    assert Customer.everything.filter(pk=customer.pk).exists()
    assert Interaction.everything.filter(customer=customer).exists()
    gone = deletion.delete(deal, actor=cast.alice)
    assert recycling.purge_all([gone, act], actor=cast.root) == (2, [])


def test_the_bin_is_emptied_after_thirty_days(cast, customer, settings):
    old = deletion.delete(customer, actor=cast.alice)
    young = deletion.delete(make("customers.customer", cast.alice), actor=cast.alice)
    now = timezone.now()
    Deletion.objects.filter(pk=old.pk).update(at=now - timedelta(days=30, minutes=1))
    Deletion.objects.filter(pk=young.pk).update(at=now - timedelta(days=29, hours=23))
    assert recycling.empty_bin() == 1
    assert not Customer.everything.filter(pk=customer.pk).exists()
    assert Customer.everything.filter(pk=young.subject_id).exists()
    event = Customer.pgh_event_model.objects.filter(pgh_obj_id=customer.pk, pgh_label="delete").get()
    assert event.pgh_context.metadata == {"user": None, "task": "empty_bin"}


def test_what_is_pointed_to_does_not_stop_the_emptying(cast, customer):
    make("sales.opportunity", cast.alice, customer=customer)
    for row in (customer, make("customers.customer", cast.alice)):
        deletion.delete(row, actor=cast.alice)
    Deletion.objects.update(at=timezone.now() - timedelta(days=40))
    assert recycling.empty_bin() == 1
    assert [one.subject_id for one in Deletion.objects.waiting()] == [customer.pk]


def test_many_are_deleted_in_one_act_with_their_parts(cast, customer, django_assert_max_num_queries):
    rows = [customer, *(make("customers.customer", cast.alice) for _ in range(3))]
    make("customers.interaction", cast.alice, customer=rows[2])
    keys = [row.pk for row in rows]
    with django_assert_max_num_queries(20):
        assert deletion.delete_many(Customer.objects.filter(pk__in=keys), actor=cast.alice, reason="测试数据") == 4
    acts = Deletion.objects.order_by("subject_id")
    assert [one.subject_id for one in acts] == keys
    assert len({one.act for one in acts}) == 1
    deletion.restore(acts[2], actor=cast.alice)
    assert list(Customer.objects.all()) == [rows[2]]
    assert [talk.customer for talk in Interaction.objects.all()] == [rows[2]]


def test_a_role_that_deletes_its_own_finds_its_own(cast, customer):
    RoleRule.objects.filter(role=cast.worker, model="customers.customer").update(reach=Reach.OWN)
    deletion.delete(customer, actor=cast.erin)
    assert names(cast.alice) == ["恒远包装"]
    assert names(cast.bob) == []


def deleted(cast, number, **fields) -> list[Deletion]:
    """That many customers of Alice with a talk each, deleted in one act."""
    rows = [make("customers.customer", cast.alice, **fields) for _ in range(number)]
    for row in rows:
        make("customers.interaction", cast.alice, customer=row)
    act = uuid.uuid4()
    deletion.delete_many(Customer.objects.filter(pk__in=[row.pk for row in rows]), actor=cast.alice, act=act)
    return list(Deletion.objects.filter(act=act).order_by("pk"))


def test_many_come_back_with_as_many_queries_as_few(cast):
    numbers = []
    for number in (2, 30):
        acts = deleted(cast, number)
        with CaptureQueriesContext(connection) as captured:
            assert recycling.restore_all(acts, actor=cast.alice) == (number, [])
        numbers.append(len(captured))
        assert Customer.objects.count() == Interaction.objects.count() == number
        told = TimelineEntry.objects.filter(event="record_restored", subject_id__in=[one.subject_id for one in acts])
        assert {(entry.actor, entry.facts["record"]["name"]) for entry in told} == {
            (cast.alice, one.name) for one in acts
        }
        assert recycling.restore_all(acts, actor=cast.alice) == (0, [])
        deletion.delete_many(Customer.objects.all(), actor=cast.alice)
    assert numbers[0] == numbers[1]


def test_among_many_only_those_whose_place_was_taken_stay(cast):
    acts = deleted(cast, 9)
    keys = [one.subject_id for one in acts]
    for number, key in enumerate(keys):
        Customer.everything.filter(pk=key).update(source_system="erp", external_ref=f"E-{number}")
    for number in (0, 5):
        make("customers.customer", cast.alice, source_system="erp", external_ref=f"E-{number}")
    with translation.override("en"):
        number, refusals = recycling.restore_all(acts, actor=cast.alice)
    assert (number, len(refusals)) == (7, 2)
    assert all("another record in use has the same" in text for text in refusals)
    assert {acts[0].name in refusals[0], acts[5].name in refusals[1]} == {True}
    back = Customer.objects.filter(pk__in=keys).values_list("pk", flat=True)
    assert set(keys) - set(back) == {keys[0], keys[5]}
    assert set(Deletion.objects.waiting().values_list("subject_id", flat=True)) == {keys[0], keys[5]}


def test_a_whole_and_its_part_that_was_deleted_before_come_back_in_one_go(client, cast, customer):
    contact = Contact.objects.get()
    deletion.delete(contact, actor=cast.alice)
    deletion.delete(customer, actor=cast.alice)
    keys = list(Deletion.objects.waiting().values_list("pk", flat=True))
    client.force_login(cast.alice)
    client.post("/recycle-bin/restore/", {"keys": keys})
    assert (Customer.objects.get(), Contact.objects.get()) == (customer, contact)
    assert ContactRole.objects.count() == 1
    assert not Deletion.objects.waiting().exists()
