"""What happened is written once, told upwards after the commit, and worded in the reader's language."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext_noop

from crm import events
from crm.events import Event, announce, announce_many
from crm.models import Team, TimelineEntry, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def renamed():
    """An event of the tests' own; events are constants, so it is taken back afterwards."""
    event = Event("team_renamed", gettext_noop("%(actor)s renamed %(record)s from %(old)s"))
    yield event
    del events.registry[event.code]


def make_user(username="alice", **more):
    return User.objects.create_user(username, **{"name": "Alice Zhang", **more})


def make_team(name="East"):
    return Team.objects.create(name=name)


def test_an_announcement_is_one_entry_with_plain_facts(renamed, woken):
    alice, team = make_user(), make_team()
    entry = announce(renamed, team, actor=alice, old="West", amount=Decimal("12.50"), manager=alice)
    entry.refresh_from_db()
    assert entry.facts == {
        "record": {"id": team.pk, "name": "East"},
        "old": "West",
        "amount": "12.50",
        "manager": {"id": alice.pk, "name": "Alice Zhang"},
    }
    assert list(TimelineEntry.objects.about(team)) == [entry]
    assert (entry.actor, entry.event) == (alice, "team_renamed")


def test_an_event_without_listeners_is_handled_at_once_and_wakes_nobody(
    renamed, woken, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        entry = announce(renamed, make_team(), actor=None, old="West")
    assert entry.handled_at is not None
    assert (callbacks, woken) == ([], [])


def test_listeners_run_after_the_commit_in_a_worker(renamed, woken, django_capture_on_commit_callbacks):
    heard = []
    renamed.listen(lambda entry: heard.append((entry.event, entry.facts["old"])))
    with django_capture_on_commit_callbacks(execute=True):
        entry = announce(renamed, make_team(), actor=None, old="West")
        assert (woken, heard) == ([], [])
    assert woken == [("crm.tasks.run_listeners", entry.pk)]
    assert heard == []
    assert events.handle(entry.pk) is True
    assert heard == [("team_renamed", "West")]
    entry.refresh_from_db()
    assert entry.handled_at is not None
    assert events.handle(entry.pk) is False
    assert len(heard) == 1


def test_what_is_rolled_back_is_not_announced(renamed, woken, django_capture_on_commit_callbacks):
    renamed.listen(lambda entry: None)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        announce(renamed, make_team(), actor=None, old="West")
        transaction.set_rollback(True)
    assert TimelineEntry.objects.count() == 0
    assert woken == []


def test_a_listener_that_fails_leaves_nothing_and_is_repeated_by_the_sweeper(renamed, woken):
    broken = [True]

    @renamed.listen
    def found_a_team(entry):
        Team.objects.create(name="made by the listener")
        if broken:
            raise RuntimeError("the listener fails")

    entry = announce(renamed, make_team(), actor=None, old="West")
    assert events.handle(entry.pk) is False
    entry.refresh_from_db()
    assert (entry.handled_at, entry.tries) == (None, 1)
    assert Team.objects.filter(name="made by the listener").count() == 0
    broken.clear()
    assert events.handle_waiting() == 1
    assert Team.objects.filter(name="made by the listener").count() == 1


def test_a_listener_that_always_fails_is_given_up_after_ten_tries(renamed, woken):
    renamed.listen(lambda entry: 1 / 0)
    entry = announce(renamed, make_team(), actor=None, old="West")
    for _ in range(12):
        events.handle_waiting()
    entry.refresh_from_db()
    assert (entry.handled_at, entry.tries) == (None, 10)


def test_many_are_announced_by_one_statement_with_facts_of_each_row(renamed, woken, django_assert_num_queries):
    alice = make_user()
    east, west = make_team("East"), make_team("West")
    make_team("North")
    chosen = Team.objects.filter(name__in=("East", "West"))
    assert announce_many(renamed, chosen.none(), actor=alice, old="x") == 0
    with django_assert_num_queries(1):
        assert announce_many(renamed, chosen, actor=alice, old=F("path"), reason="merger", count=2) == 2
    entry = TimelineEntry.objects.about(east).get()
    assert entry.facts == {
        "record": {"id": east.pk, "name": "East"},
        "old": f"{east.pk}/",
        "reason": "merger",
        "count": 2,
    }
    assert (entry.actor, entry.event) == (alice, "team_renamed")
    assert timezone.now() - entry.at < timedelta(minutes=1)
    assert entry.handled_at is not None
    assert TimelineEntry.objects.about(west).count() == 1
    assert TimelineEntry.objects.count() == 2


def test_many_with_listeners_wait_and_wake_one_worker(renamed, woken, django_capture_on_commit_callbacks):
    heard = []
    renamed.listen(lambda entry: heard.append(entry.subject_id))
    teams = [make_team("East"), make_team("West")]
    with django_capture_on_commit_callbacks(execute=True):
        announce_many(renamed, Team.objects.all(), actor=None, old="x")
    assert woken == [("crm.tasks.run_waiting_listeners",)]
    assert events.handle_waiting() == 2
    assert heard == [team.pk for team in teams]


def test_a_sentence_escapes_every_part_and_names_the_actor(renamed, woken):
    mallory = make_user("mallory", name="<script>alert(1)</script>")
    entry = announce(renamed, make_team("<b>East</b>"), actor=mallory, old="5 < 6 & %(record)s")
    entry.refresh_from_db()
    assert entry.sentence == (
        '<b class="b">&lt;script&gt;alert(1)&lt;/script&gt;</b> renamed '
        "&lt;b&gt;East&lt;/b&gt; from 5 &lt; 6 &amp; %(record)s"
    )


def test_a_sentence_survives_missing_facts_an_unknown_event_and_no_actor(renamed, woken):
    entry = announce(renamed, make_team(), actor=None)
    assert entry.sentence == '<b class="b">Banyan</b> renamed East from —'
    entry.event = "gone_with_its_app"
    assert entry.sentence == '<b class="b">Banyan</b> changed East'


def test_master_data_in_facts_is_named_in_the_readers_language():
    fact = {"id": 1, "zh": "赢单", "en": "Won"}
    with translation.override("zh-hans"):
        assert events.worded(fact) == "赢单"
    assert events.worded(fact) == "Won"


def test_facts_are_worded_by_the_event_itself(woken):
    event = Event(
        "deal_won", gettext_noop("%(actor)s won %(amount)s"), parts=lambda facts: {"amount": f"CNY {facts['amount']}"}
    )
    try:
        assert (
            announce(event, make_team(), actor=None, amount=Decimal("5.00")).sentence
            == '<b class="b">Banyan</b> won CNY 5.00'
        )
    finally:
        del events.registry["deal_won"]


def test_two_events_cannot_share_a_code(renamed):
    with pytest.raises(ValueError, match="two events with the code team_renamed"):
        Event("team_renamed", "again")
