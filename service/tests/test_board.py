"""The board of cases: columns by status, those due first on top, moves with their words, and undo."""

import datetime

import pytest
from django.utils import timezone, translation

from crm.models import TimelineEntry
from service.entities import Cases
from service.models import Case
from service.tests.factories import make_case


@pytest.fixture
def board(client, cast):
    client.force_login(cast.alice)
    return lambda query="": client.get(Cases.url("board") + query)


def column(response, status):
    return next(filled for filled in response.context["columns"] if filled.column.value == status)


def test_open_and_resolved_columns_hold_cards_and_closed_ones_are_slim(board, cast):
    make_case(cast.alice, status="resolved")
    make_case(cast.alice, status="closed")
    columns = board().context["columns"]
    assert [(filled.column.value, filled.column.is_slim, filled.count, len(filled.cards)) for filled in columns] == [
        ("new", False, "0", 0),
        ("assigned", False, "0", 0),
        ("in_progress", False, "0", 0),
        ("waiting_customer", False, "0", 0),
        ("waiting_others", False, "0", 0),
        ("resolved", False, "1", 1),
        ("closed", True, "1", 0),
        ("cancelled", True, "0", 0),
        ("duplicate", True, "0", 0),
    ]


def test_cases_due_first_stand_on_top_and_those_without_time_last(board, cast):
    now = timezone.now()
    make_case(cast.alice, subject="Never")
    make_case(cast.alice, subject="Later", due_at=now + datetime.timedelta(days=2))
    make_case(cast.alice, subject="Late", due_at=now - datetime.timedelta(days=2))
    make_case(cast.carol, subject="Theirs", due_at=now)
    response = board()
    assert [card.title for card in column(response, "new").cards] == ["Late", "Later", "Never"]
    assert column(response, "new").head == ("1 overdue", "")
    with translation.override("en"):
        totals = [(str(label), text) for label, text in response.context["totals"]]
    assert totals == [("Open cases", "3"), ("Overdue", "1"), ("Not assigned", "0"), ("P1 Urgent", "0")]


def test_a_card_names_the_case(board, cast):
    due = timezone.now() - datetime.timedelta(days=400)
    case = make_case(None, team=cast.north, subject="Line down", priority="P1", due_at=due)
    card = column(board(), "new").cards[0]
    assert (card.title, card.subtitle, card.figure) == ("Line down", case.customer.name, case.number)
    assert card.badges[0][1] == "red"
    assert [(note.icon, note.tone) for note in card.notes] == [("clock-exclamation", "red"), ("user", "amber")]
    assert card.move_url == Cases.url("move", case)


def test_a_drop_moves_the_case_and_undo_brings_it_back(board, client, cast):
    case = make_case(cast.alice)
    board()
    assert client.post(Cases.url("move", case), {"to": "waiting_customer"}).status_code == 303
    case.refresh_from_db()
    assert case.status == "waiting_customer"
    entry = TimelineEntry.objects.get()
    page = client.get(Cases.url("board")).content.decode()
    undo = f"{Cases.url('undo_move', case)}?entry={entry.pk}"
    assert undo in page
    assert client.post(undo).status_code == 303
    case.refresh_from_db()
    assert case.status == "new"


def test_resolving_asks_what_was_done(board, client, cast):
    case = make_case(cast.alice)
    board()
    asked = client.post(Cases.url("move", case), {"to": "resolved"})
    assert (asked.status_code, list(asked.context["form"].fields)) == (200, ["resolution"])
    empty = client.post(Cases.url("move", case), {"to": "resolved", "confirmed": "1", "resolution": " "})
    assert empty.status_code == 422
    with translation.override("en"):
        assert list(empty.context["form"].errors["resolution"]) == ["Say what was done."]
    assert Case.objects.get().status == "new"
    done = {"to": "resolved", "confirmed": "1", "resolution": "New cable"}
    assert client.post(Cases.url("move", case), done).status_code == 303
    assert Case.objects.values_list("status", "resolution").get() == ("resolved", "New cable")


@pytest.mark.parametrize("to", ["", "lost", "new", "\x00"])
def test_a_move_to_nowhere_is_refused(board, client, cast, to):
    case = make_case(cast.alice)
    board()
    assert client.post(Cases.url("move", case), {"to": to}).status_code == 422
    assert not TimelineEntry.objects.exists()


def test_a_case_out_of_reach_is_not_moved(board, client, cast):
    case = make_case(cast.carol)
    board()
    assert client.post(Cases.url("move", case), {"to": "closed"}).status_code == 404
    case.refresh_from_db()
    assert case.status == "new"


def test_filters_narrow_the_board_and_its_sums(board, cast):
    make_case(cast.alice, priority="P1", subject="Urgent one")
    make_case(cast.alice, priority="P4", subject="Some day")
    response = board("?priority=P1")
    assert [card.title for card in column(response, "new").cards] == ["Urgent one"]
    assert column(response, "new").count == "1"


@pytest.mark.parametrize(("asked", "offered"), [("in_progress", "in_progress"), ("lost", "new"), ("", "new")])
def test_adding_in_a_column_begins_with_its_status(board, client, cast, asked, offered):
    board()
    form = client.get(f"{Cases.url('add')}?status={asked}").context["form"]
    assert form["status"].value() == offered
