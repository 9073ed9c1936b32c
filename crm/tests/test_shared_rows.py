"""My shares and what is shared with me; ending several; the end of those whose time is over."""

import datetime

import pytest
from django.core.cache import cache
from django.utils import timezone

from crm import shared_rows, sharing, tasks
from crm.access import Root, share, shares_of
from crm.deletion import delete
from crm.entities import registry
from crm.models import RoleRule, TimelineEntry
from tests.cast import again
from tests.factories import factories

ROOTS = sorted(slug for slug, entity in registry.items() if isinstance(entity.model.access, Root))
GIVEN, RECEIVED = "/shares/given/", "/shares/"


def make(slug="customers", **fields):
    return factories()[registry[slug].model._meta.label_lower](**fields)


def names(response):
    return [str(row.record) for row in response.context["rows"]]


def at(days):
    return timezone.now() + datetime.timedelta(days=days)


def test_what_i_gave_and_what_i_got_over_all_kinds_of_records(client, cast):
    records = {slug: make(slug, owner=cast.alice, team=cast.north) for slug in ROOTS}
    for record in records.values():
        share(record, cast.carol, actor=cast.alice, change=True, reason="Joint bid", until=at(3))
        share(record, cast.south, actor=cast.bob)
    client.force_login(cast.alice)
    given = client.get(GIVEN)
    assert names(given) == [str(records[slug]) for slug in reversed(ROOTS)]
    assert {row.grant.change for row in given.context["rows"]} == {True}
    client.force_login(cast.bob)
    assert {str(row.grant.target) for row in client.get(GIVEN).context["rows"]} == {"South"}
    client.force_login(cast.carol)
    assert len(names(client.get(RECEIVED))) == 2 * len(ROOTS)
    assert names(client.get(GIVEN)) == []
    client.force_login(cast.alice)
    assert names(client.get(RECEIVED)) == []


def test_an_ended_share_is_on_no_list(client, cast):
    share(make(owner=cast.alice), cast.carol, actor=cast.alice, until=at(-1))
    for who, page in ((cast.alice, GIVEN), (cast.carol, RECEIVED)):
        client.force_login(who)
        assert names(client.get(page)) == []


def test_what_one_may_not_see_any_more_is_on_neither_list(client, cast):
    """A09, A17, A23: the lists begin at the visible rows: without the role, after a move, in the recycle bin."""
    moved, binned = make(owner=cast.alice, team=cast.north), make(owner=cast.alice, team=cast.north)
    for record in (moved, binned):
        share(record, cast.carol, actor=cast.alice)
    share(moved, cast.dave, actor=cast.alice)
    moved.owner, moved.team = cast.carol, cast.south
    moved.save()
    delete(binned, actor=cast.alice)
    client.force_login(cast.alice)
    assert names(client.get(GIVEN)) == []
    client.force_login(cast.carol)
    assert names(client.get(RECEIVED)) == [str(moved)]
    client.force_login(cast.dave)
    assert names(client.get(RECEIVED)) == []
    RoleRule.objects.filter(role=cast.worker).delete()
    client.force_login(cast.carol)
    assert names(client.get(RECEIVED)) == []


def test_the_lists_cost_the_same_for_few_and_many_shares(client, cast, django_assert_max_num_queries):
    for _ in range(2):
        share(make(owner=cast.alice), cast.carol, actor=cast.alice)
    client.force_login(cast.carol)
    with django_assert_max_num_queries(10):
        client.get(RECEIVED)
    for _ in range(30):
        share(make(owner=cast.alice), cast.carol, actor=cast.alice)
    with django_assert_max_num_queries(10):
        assert len(names(client.get(RECEIVED))) == 32


def test_fifty_stand_on_a_page_and_the_older_ones_on_the_next(client, cast):
    for number in range(53):
        share(make(owner=cast.alice, name=f"Customer {number:02}"), cast.carol, actor=cast.alice)
    client.force_login(cast.carol)
    first = client.get(RECEIVED)
    second = client.get(RECEIVED, {"before": first.context["older"]})
    assert (len(names(first)), len(names(second)), second.context["older"]) == (50, 3, "")
    assert len({*names(first), *names(second)}) == 53


@pytest.mark.parametrize("before", ["x", "%00", "2026-01-01", "é", "9" * 400, "MjAyNi0wMS0wMQ"])
def test_a_page_address_that_was_tampered_with_shows_the_first_page(client, cast, before):
    """A71."""
    share(make(owner=cast.alice, name="Acme"), cast.carol, actor=cast.alice)
    client.force_login(cast.carol)
    assert names(client.get(RECEIVED, {"before": before})) == ["Acme"]


def test_several_of_my_shares_end_at_once(client, cast):
    records = [make(slug, owner=cast.alice, team=cast.north) for slug in ROOTS]
    for record in records:
        share(record, cast.carol, actor=cast.alice)
        share(record, cast.south, actor=cast.alice)
    client.force_login(cast.alice)
    keys = [row.key for row in client.get(GIVEN).context["rows"] if not row.grant.is_team]
    assert client.post(GIVEN, {"share": keys}).status_code == 303
    assert {grant.key for record in records for grant in sharing.grants_of(record)} == {f"team-{cast.south.pk}"}
    entries = TimelineEntry.objects.filter(event="share_ended")
    assert {(entry.subject_id, entry.actor) for entry in entries} == {(record.pk, cast.alice) for record in records}


def test_others_shares_and_foreign_records_are_left_out_and_counted(client, cast):
    """A03: ids of others among one's own."""
    mine, foreign = make(owner=cast.alice, team=cast.north), make(owner=cast.carol, team=cast.south)
    share(mine, cast.carol, actor=cast.bob)
    share(mine, cast.south, actor=cast.alice)
    share(foreign, cast.dave, actor=cast.carol)
    client.force_login(cast.alice)
    keys = [
        f"customers.customer:{mine.pk}:user-{cast.carol.pk}",
        f"customers.customer:{foreign.pk}:user-{cast.dave.pk}",
        f"customers.customer:{mine.pk}:team-{cast.south.pk}",
    ]
    page = client.post(GIVEN, {"share": keys}, follow=True).content.decode()
    assert "Ended 1 share" in page
    assert "2 were left out" in page
    assert [grant.given_by for grant in sharing.grants_of(mine)] == [cast.bob]
    assert len(sharing.grants_of(foreign)) == 1


@pytest.mark.parametrize("key", ["", ":::", "crm.user:1:user-1", "customers.customer:x:user-1", "a:b:c", "\x00:1:u-1"])
def test_keys_that_name_no_share_end_nothing(client, cast, key):
    """A71."""
    share(make(owner=cast.alice), cast.carol, actor=cast.alice)
    client.force_login(cast.alice)
    assert client.post(GIVEN, {"share": [key]}).status_code == 303
    assert len(shared_rows.given(again(cast.alice), limit=5)) == 1


def test_the_workbench_names_what_is_shared_with_me(client, cast):
    share(make(owner=cast.alice, name="Acme Paper"), cast.carol, actor=cast.alice, reason="Joint bid")
    client.force_login(cast.carol)
    page = client.get("/").content.decode()
    assert "Shared with me" in page
    assert "Acme Paper" in page
    assert "Alice · view · Joint bid" in page
    client.force_login(cast.bob)
    assert "Joint bid" not in client.get("/").content.decode()


# -- the end ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ROOTS)
def test_what_is_over_is_cleared_away_with_one_entry_each(cast, slug):
    record, binned = make(slug, owner=cast.alice, team=cast.north), make(slug, owner=cast.alice, team=cast.north)
    share(record, cast.carol, actor=cast.alice, change=True, until=at(-1), reason="Joint bid")
    share(record, cast.south, actor=cast.bob, until=at(-2))
    share(record, cast.dave, actor=cast.alice, until=at(1))
    share(record, cast.erin, actor=cast.alice)
    share(binned, cast.carol, actor=cast.alice, until=at(-1))
    delete(binned, actor=cast.alice)
    assert shared_rows.expire() == 3
    assert shared_rows.expire() == 0
    model = registry[slug].model
    assert shares_of(model, "user").filter(content_object=record).count() == 2
    assert shares_of(model, "group").count() == 0
    entries = TimelineEntry.objects.about(record).filter(event="share_expired").order_by("pk")
    facts = [entry.facts | {"actor": entry.actor} for entry in entries]
    assert {one["to"]["name"]: (one["level"], one["given_by"], one["actor"]) for one in facts} == {
        "Carol": ("change", "Alice", None),
        "South": ("view", "Bob", None),
    }
    assert entries[0].facts["to"] == {"kind": "user", "id": cast.carol.pk, "name": "Carol"}
    assert "ended as agreed" in entries[0].sentence or "结束" in entries[0].sentence
    assert TimelineEntry.objects.about(binned).filter(event="share_expired").count() == 1


def test_more_than_one_batch_is_cleared_too(cast, monkeypatch):
    monkeypatch.setattr(shared_rows, "BATCH", 2)
    for _ in range(5):
        share(make(owner=cast.alice), cast.carol, actor=cast.alice, change=True, until=at(-1))
    assert shared_rows.expire() == 5
    assert TimelineEntry.objects.filter(event="share_expired").count() == 5
    assert shares_of(registry["customers"].model, "user").count() == 0


def test_the_tick_clears_now_and_then(cast):
    cache.clear()
    share(make(owner=cast.alice), cast.carol, actor=cast.alice, until=at(-1))
    tasks.tick()
    assert TimelineEntry.objects.filter(event="share_expired").count() == 1
    share(make(owner=cast.alice), cast.carol, actor=cast.alice, until=at(-1))
    tasks.tick()
    assert TimelineEntry.objects.filter(event="share_expired").count() == 1  # again after ten minutes
