"""Cases move between statuses, are taken and handed over, and every move can be taken back."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from crm.models import OwnershipChange, TimelineEntry
from service.models import TYPES, Case, Status, StatusType
from service.services import CannotUndo, add_message, assign_case, change_status, take_case, undo_status
from service.tests.factories import make_case, make_case_message
from tests.cast import again


def state(case) -> tuple:
    return Case.objects.values_list("status", "resolution", "resolved_at", "closed_at").get(pk=case.pk)


def test_every_status_has_a_type():
    assert set(TYPES) == set(Status)
    assert {status.value: status.type.value for status in Status} == {
        "new": "open",
        "assigned": "open",
        "in_progress": "open",
        "waiting_customer": "paused",
        "waiting_others": "paused",
        "resolved": "resolved",
        "closed": "closed",
        "cancelled": "closed",
        "duplicate": "closed",
    }
    assert Status.of(StatusType.RESOLVED, StatusType.PAUSED) == ["waiting_customer", "waiting_others", "resolved"]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_statuses_priorities_and_types_read_as_in_the_glossary(language):
    chinese = (
        ["新建", "已分派", "处理中", "待客户回复", "待第三方", "已解决", "已关闭", "已取消", "重复"],
        ["咨询", "故障", "问题", "投诉", "服务请求", "退换货"],
    )
    english = (
        ["New", "Assigned", "In progress", "Waiting on customer", "Waiting on third party", "Resolved", "Closed",
         "Cancelled", "Duplicate"],
        ["Question", "Incident", "Problem", "Complaint", "Service request", "Return"],
    )  # fmt: skip
    with translation.override(language):
        found = [str(label) for label in Status.labels], [str(label) for label in Case.Kind.labels]
    assert found == (chinese if language == "zh-hans" else english)


def test_resolving_notes_the_moment_and_what_was_done(cast):
    case = make_case(cast.alice, status="in_progress")
    before = timezone.now()
    entry = change_status(case, "resolved", actor=cast.bob, resolution="Replaced the fan.")
    status, resolution, resolved_at, closed_at = state(case)
    assert (status, resolution, closed_at) == ("resolved", "Replaced the fan.", None)
    assert before <= resolved_at <= timezone.now()
    assert (case.status, case.resolved_at, case.version) == ("resolved", resolved_at, 2)
    assert (entry.event, entry.actor, entry.facts["from"], entry.facts["to"]) == (
        "case_moved", cast.bob, "in_progress", "resolved",
    )  # fmt: skip
    with translation.override("en"):
        assert entry.sentence == (f'<b class="b">Bob</b> moved the case {case.subject} from In progress to Resolved')


def test_closing_keeps_the_moment_of_resolving(cast):
    case = make_case(cast.alice)
    change_status(case, "resolved", actor=cast.alice)
    resolved_at = case.resolved_at
    change_status(case, "closed", actor=cast.alice)
    assert state(case)[2] == resolved_at
    assert state(case)[3] > resolved_at


@pytest.mark.parametrize(("status", "was_resolved"), [("closed", True), ("cancelled", False), ("duplicate", False)])
def test_closing_at_once_resolves_only_what_was_really_done(cast, status, was_resolved):
    case = make_case(cast.alice)
    change_status(case, status, actor=cast.alice)
    _status, _resolution, resolved_at, closed_at = state(case)
    assert (resolved_at == closed_at, resolved_at is not None, closed_at is not None) == (
        was_resolved, was_resolved, True,
    )  # fmt: skip


@pytest.mark.parametrize("status", ["new", "in_progress", "waiting_customer"])
def test_reopening_clears_both_moments_and_keeps_the_words(cast, status):
    case = make_case(cast.alice)
    change_status(case, "closed", actor=cast.alice, resolution="Restarted.")
    change_status(case, status, actor=cast.alice)
    assert state(case) == (status, "Restarted.", None, None)


def test_a_move_to_where_the_case_stands_says_nothing(cast):
    case = make_case(cast.alice)
    assert change_status(case, "new", actor=cast.alice) is None
    assert not TimelineEntry.objects.exists()


def test_an_unknown_status_raises_and_changes_nothing(cast):
    case = make_case(cast.alice)
    with pytest.raises(ValueError, match="lost"):
        change_status(case, "lost", actor=cast.alice)
    assert state(case) == ("new", "", None, None)


def test_a_move_is_taken_back_with_its_moments(cast):
    case = make_case(cast.alice, status="in_progress", resolution="Draft")
    change_status(case, "closed", actor=cast.alice)
    closed = state(case)
    entry = change_status(case, "in_progress", actor=cast.alice, resolution="Better")
    undone = undo_status(entry, actor=cast.bob)
    assert state(case) == closed
    assert (undone.event, undone.actor) == ("case_move_undone", cast.bob)


def test_a_move_is_not_taken_back_after_another_change(cast):
    case = make_case(cast.alice)
    entry = change_status(case, "resolved", actor=cast.alice)
    Case.objects.filter(pk=case.pk).update(priority="P1")
    before = state(case)
    with pytest.raises(CannotUndo):
        undo_status(entry, actor=cast.alice)
    assert state(case) == before


def test_a_move_is_taken_back_once_and_a_reply_in_between_does_not_matter(cast):
    case = make_case(cast.alice)
    entry = change_status(case, "resolved", actor=cast.alice)
    add_message(case, actor=cast.alice, text="Done.")
    undo_status(entry, actor=cast.alice)
    assert state(case)[0] == "new"
    with pytest.raises(CannotUndo):
        undo_status(entry, actor=cast.alice)


# -- assignee and queue -----------------------------------------------------------------------------------------------
def test_a_queue_without_assignee_keeps_the_case_unassigned(cast):
    case = make_case(None, team=cast.north)
    assert (case.owner, case.team) == (None, cast.north)


def test_an_assignee_without_queue_brings_his_team(cast):
    assert make_case(cast.carol).team == cast.south


def test_taking_keeps_the_queue_and_assigns_a_new_case(cast):
    case = make_case(None, team=cast.north)
    take_case(case, actor=cast.carol)
    assert (case.owner, case.team, case.status) == (cast.carol, cast.north, "assigned")
    stored = Case.objects.get(pk=case.pk)
    assert (stored.owner, stored.team, stored.status) == (cast.carol, cast.north, "assigned")
    assert TimelineEntry.objects.get().event == "case_taken"


def test_taking_does_not_touch_a_status_that_is_further(cast):
    case = make_case(None, team=cast.north, status="waiting_others")
    assert take_case(case, actor=cast.alice).status == "waiting_others"


def test_who_comes_second_takes_nothing(cast):
    case = make_case(None, team=cast.north)
    take_case(Case.objects.get(pk=case.pk), actor=cast.bob)
    with pytest.raises(ValidationError) as refusal, translation.override("en"):
        take_case(case, actor=cast.alice)
    with translation.override("en"):
        assert refusal.value.messages == ["“Bob” works on this case already."]
    assert Case.objects.get(pk=case.pk).owner == cast.bob


def test_assigning_keeps_the_queue_unless_another_is_named(cast):
    case = make_case(cast.alice)
    assign_case(case, cast.carol, actor=cast.erin)
    assert (case.owner, case.team) == (cast.carol, cast.north)
    assign_case(case, cast.carol, actor=cast.erin, team=cast.south)
    assert Case.objects.get(pk=case.pk).team == cast.south
    changes = OwnershipChange.objects.about(case).order_by("pk").values_list("to_owner", "to_team")
    assert list(changes) == [(cast.carol.pk, cast.north.pk), (cast.carol.pk, cast.south.pk)]


def test_a_case_goes_back_into_a_queue(cast):
    case = make_case(cast.alice, status="in_progress")
    assign_case(case, None, actor=cast.erin, team=cast.south)
    assert (case.owner, case.team, case.status) == (None, cast.south, "in_progress")
    with translation.override("en"):
        assert TimelineEntry.objects.get().sentence.endswith(f"put the case {case.subject} into the queue South")


def test_the_generic_assignment_keeps_the_queue_too(cast):
    from crm.ownership import assign

    case = make_case(cast.alice)
    assign(case, cast.carol, actor=cast.erin)
    assert Case.objects.values_list("owner", "team").get() == (cast.carol.pk, cast.north.pk)


# -- messages ---------------------------------------------------------------------------------------------------------
def test_the_earliest_reply_is_the_first_response(cast):
    case = make_case(cast.alice)
    now = timezone.now()
    add_message(case, actor=cast.alice, text="Hello?", direction="in")
    add_message(case, actor=cast.alice, text="Look at it.", direction="internal")
    assert Case.objects.get(pk=case.pk).first_response_at is None
    later = add_message(case, actor=cast.alice, text="We are on it.", at=now)
    assert case.first_response_at == later.at
    earlier = add_message(case, actor=cast.bob, text="Called them.", at=now - datetime.timedelta(hours=2))
    assert Case.objects.get(pk=case.pk).first_response_at == earlier.at
    assert Case.objects.get(pk=case.pk).version == 1


def test_a_message_from_the_future_is_refused(cast):
    case = make_case(cast.alice)
    with pytest.raises(ValidationError):
        add_message(case, actor=cast.alice, text="Soon", at=timezone.now() + datetime.timedelta(hours=1))
    assert not case.messages.exists()
    assert Case.objects.get(pk=case.pk).first_response_at is None


def test_a_deleted_reply_is_no_first_response_any_more(cast, client, django_capture_on_commit_callbacks):
    from crm.events import handle_waiting
    from service.entities import CaseMessages

    case = make_case(cast.alice)
    first = add_message(case, actor=cast.alice, text="Wrong case", at=timezone.now() - datetime.timedelta(hours=3))
    second = add_message(case, actor=cast.alice, text="We are on it.", at=timezone.now() - datetime.timedelta(hours=1))
    assert case.first_response_at == first.at
    client.force_login(cast.alice)
    assert client.post(CaseMessages.url("delete", first)).status_code == 303
    handle_waiting()
    assert Case.objects.get(pk=case.pk).first_response_at == second.at


# -- querysets --------------------------------------------------------------------------------------------------------
def test_open_overdue_and_unassigned(cast):
    now = timezone.now()
    late = make_case(cast.alice, due_at=now - datetime.timedelta(minutes=1))
    waits = make_case(cast.alice, due_at=now - datetime.timedelta(minutes=1), status="waiting_customer")
    soon = make_case(None, team=cast.north, due_at=now + datetime.timedelta(hours=1))
    endless = make_case(cast.alice)
    make_case(cast.alice, due_at=now - datetime.timedelta(days=2), status="resolved")
    make_case(None, status="duplicate")
    assert set(Case.objects.open()) == {late, waits, soon, endless}
    assert set(Case.objects.overdue()) == {late}
    assert set(Case.objects.overdue(now + datetime.timedelta(hours=2))) == {late, soon}
    assert set(Case.objects.unassigned()) == {soon}
    assert [case.is_overdue for case in (late, waits, soon, endless)] == [True, False, False, False]


def test_queue_reach_shows_cases_of_the_own_team_only(cast):
    ours, theirs = make_case(None, team=cast.north), make_case(None, team=cast.south)
    make_case_message(cast.carol, case=theirs)
    assert list(Case.objects.visible_to(again(cast.alice))) == [ours]
