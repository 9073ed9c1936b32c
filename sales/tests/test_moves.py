"""Moves between stages: what they write, what they take back, and whole sets of them."""

import datetime
from decimal import Decimal

import pytest
from django.db.models import F, Value
from django.utils import timezone

from crm.models import Company
from sales.models import Opportunity, StageChange
from sales.services import CannotUndo, move_stage, record_stage_changes, undo_move
from sales.tests.factories import make_opportunity, stage

UNTOUCHED = ("stage_id", "stage_entered_at", "probability", "closed_on", "lost_reason", "lost_note", "amount")


def values(opportunity):
    return Opportunity.objects.values_list(*UNTOUCHED).get(pk=opportunity.pk)


def test_a_move_writes_the_opportunity_and_one_row_of_the_ledger(cast):
    deal = make_opportunity(cast.alice, amount=Decimal("800.50"), probability=33)
    change = move_stage(deal, stage("proposal"), actor=cast.alice)
    deal.refresh_from_db()
    assert (deal.stage.code, deal.probability, deal.closed_on) == ("proposal", None, None)
    assert (change.from_stage.code, change.to_stage.code, change.actor, change.amount) == (
        "prospecting",
        "proposal",
        cast.alice,
        Decimal("800.50"),
    )
    assert deal.stage_entered_at == change.at
    assert deal.stage_changes.count() == 2


def test_a_move_to_the_present_stage_writes_nothing(cast):
    deal = make_opportunity(cast.alice)
    before = values(deal)
    assert move_stage(deal, stage("prospecting"), actor=cast.alice) is None
    assert values(deal) == before
    assert deal.stage_changes.count() == 1


def test_winning_sets_the_closing_day_and_leaving_clears_it(cast):
    deal = make_opportunity(cast.alice)
    move_stage(deal, stage("won"), actor=cast.alice, amount=Decimal(1234))
    assert (deal.closed_on, deal.amount) == (Company.current().today, 1234)
    move_stage(deal, stage("negotiation"), actor=cast.alice)
    deal.refresh_from_db()
    assert (deal.closed_on, deal.amount, deal.base_amount) == (None, 1234, 1234)


def test_losing_keeps_reason_and_note_and_other_stages_clear_them(cast):
    deal = make_opportunity(cast.alice)
    day = datetime.date(2026, 1, 5)
    move_stage(deal, stage("lost"), actor=cast.alice, closed_on=day, lost_reason="price", lost_note="Too dear")
    deal.refresh_from_db()
    assert (deal.closed_on, deal.lost_reason, deal.lost_note) == (day, "price", "Too dear")
    move_stage(deal, stage("void"), actor=cast.alice)
    assert (deal.closed_on, deal.lost_reason, deal.lost_note) == (None, "", "")


def test_undo_puts_everything_back_to_the_microsecond_and_keeps_the_ledger(cast):
    since = timezone.now() - datetime.timedelta(days=9, microseconds=123457)
    deal = make_opportunity(cast.alice, amount=None, probability=41, stage_entered_at=since)
    before = values(deal)
    change = move_stage(deal, stage("won"), actor=cast.alice, amount=Decimal("10.25"))
    assert values(deal) != before
    back = undo_move(change, actor=cast.bob)
    assert values(deal) == before
    assert (back.undoes, back.actor, back.to_stage.code) == (change, cast.bob, "prospecting")
    assert deal.stage_changes.count() == 3
    assert [row.from_stage_id for row in deal.stage_changes.standing()] == [None]


def test_undo_is_refused_after_anything_else_happened_and_changes_nothing(cast):
    deal = make_opportunity(cast.alice)
    first = move_stage(deal, stage("qualification"), actor=cast.alice)
    second = move_stage(deal, stage("proposal"), actor=cast.alice)
    before = values(deal)
    with pytest.raises(CannotUndo):
        undo_move(first, actor=cast.alice)
    Opportunity.objects.filter(pk=deal.pk).update(name="Another name")
    with pytest.raises(CannotUndo):
        undo_move(second, actor=cast.alice)
    assert values(deal) == before
    assert deal.stage_changes.count() == 3


def test_a_move_is_undone_once(cast):
    deal = make_opportunity(cast.alice)
    change = move_stage(deal, stage("qualification"), actor=cast.alice)
    back = undo_move(change, actor=cast.alice)
    for undone in (change, back):
        with pytest.raises(CannotUndo):
            undo_move(undone, actor=cast.alice)
    assert deal.stage_changes.count() == 3


def test_a_set_of_moves_is_written_by_one_statement(cast, django_assert_num_queries):
    deals = [make_opportunity(cast.alice, amount=amount, at="won", closed_on="2026-03-01") for amount in (None, 7)]
    StageChange.objects.all().delete()
    rows = Opportunity.objects.filter(pk__in=[deal.pk for deal in deals])
    prospecting, won = stage("prospecting"), stage("won")
    moment = timezone.now()
    with django_assert_num_queries(1):
        assert record_stage_changes(rows, actor=cast.erin, at=F("created_at"), to_stage=F("stage_id")) == 2
    assert record_stage_changes(rows, from_stage=Value(prospecting.pk), at=Value(moment), amount=Value(None)) == 2
    first, last = deals[1].stage_changes.order_by("pk")
    assert (first.actor, first.from_stage, first.to_stage, first.amount) == (cast.erin, None, won, 7)
    assert first.at == deals[1].created_at
    assert (last.actor, last.from_stage, last.at, last.amount) == (None, prospecting, moment, None)
    with pytest.raises(CannotUndo):
        undo_move(last, actor=cast.erin)
