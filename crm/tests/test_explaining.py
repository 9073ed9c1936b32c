"""Who can see a record and why: the page says what the rule of access does, for everybody."""

import datetime

import pytest
from django.utils import timezone, translation

from crm.access import Root, share
from crm.entities import registry
from crm.explaining import Explanation
from crm.models import User
from tests.cast import again
from tests.factories import factories

ROOTS = sorted(slug for slug, entity in registry.items() if isinstance(entity.model.access, Root))


def make(slug, **fields):
    return factories()[registry[slug].model._meta.label_lower](**fields)


def viewers(record):
    return {viewer.user.username: viewer for viewer in Explanation(record).viewers(User.objects.order_by("pk"))}


def seen_by(record, cast):
    return {
        name for name, user in cast.people.items() if type(record).objects.visible_to(again(user)).filter(pk=record.pk)
    }


@pytest.mark.parametrize("slug", ROOTS)
def test_the_people_listed_are_those_whom_the_rule_lets_see_the_record(cast, slug):
    own, foreign = make(slug, owner=cast.alice, team=cast.north), make(slug, owner=cast.carol, team=cast.south)
    nobody = make(slug, owner=None, team=None)
    share(foreign, cast.bob, actor=cast.carol, until=timezone.now() + datetime.timedelta(days=1))
    share(nobody, cast.north, actor=cast.root, change=True)
    share(own, cast.carol, actor=cast.alice, until=timezone.now() - datetime.timedelta(days=1))
    for record in (own, foreign, nobody):
        assert set(viewers(record)) == seen_by(record, cast)
        changing = {name for name, user in cast.people.items() if again(user).has_perm(change_of(record), record)}
        assert {name for name, viewer in viewers(record).items() if viewer.may_change} == changing


def change_of(record):
    return f"{record._meta.app_label}.change_{record._meta.model_name}"


def reasons(viewer):
    return [reason.text for reason in viewer.reasons]


def test_every_reason_is_named(cast):
    record = make("customers", owner=cast.alice, team=cast.north)
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    share(record, cast.carol, actor=cast.alice, until=tomorrow, reason="Holiday")
    with translation.override("en"):
        found = viewers(record)
    assert reasons(found["alice"]) == ["Owner", "Member of the team “North”, which the role “Worker” reaches"]
    assert reasons(found["bob"]) == ["Member of the team “North”, which the role “Worker” reaches"]
    assert reasons(found["carol"]) == ["Shared by Alice: Holiday"]
    assert found["carol"].reasons[0].until == tomorrow
    assert found["carol"].may_change is False
    assert reasons(found["erin"]) == ["Stands above the team “North”, which the role “Head” reaches from there"]
    assert reasons(found["root"]) == ["Runs this installation: sees everything"]
    assert "dave" not in found


def test_a_role_taken_away_ends_the_share_too(cast):
    record = make("customers", owner=cast.alice, team=cast.north)
    share(record, cast.carol, actor=cast.alice)
    cast.carol.groups.clear()
    assert "carol" not in viewers(record)


def test_the_page_costs_the_same_for_many_people(cast, django_assert_max_num_queries):
    record = make("customers", owner=cast.alice, team=cast.north)
    for number in range(30):
        person = User.objects.create_user(f"more{number}", None, team=cast.north, name=f"More {number}")
        person.groups.add(cast.worker)
    with django_assert_max_num_queries(8):
        assert len(viewers(record)) == 34


def test_the_page_answers_for_one_person(client, cast):
    record = make("customers", owner=cast.alice, team=cast.north)
    client.force_login(cast.alice)
    url = registry["customers"].url("access", record)
    assert "Stands above the team" in client.get(url, {"q": "erin"}).content.decode()
    assert "1 person of this name cannot see the record" in client.get(url, {"q": "dave"}).content.decode()


def test_whoever_does_not_see_the_record_does_not_see_who_does(client, cast):
    record = make("customers", owner=cast.alice, team=cast.north)
    client.force_login(cast.carol)
    assert client.get(registry["customers"].url("access", record)).status_code == 404
