"""What the reports say of a known pipeline: now, at a past moment, in groups, and with how many questions."""

from datetime import date, datetime, timedelta
from decimal import Decimal as D
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Company
from reports.base import Request, registry
from reports.document import Level, Table, Waterfall
from reports.periods import Span, period_of
from reports.pipeline import Facts
from reports.pipeline_facts import Moments, pipeline_sums
from sales.models import Opportunity, StageChange
from sales.services import move_stage
from sales.tests.factories import make_opportunity, make_pipeline, make_stage, stage
from tests.cast import again

ZONE = ZoneInfo("Asia/Shanghai")


def ago(days):
    """A moment on the company's clock, asked anew each time: a run may last for minutes, or go past a midnight."""
    return timezone.now().astimezone(ZONE) - timedelta(days=days)


def aged(opportunity, at, amount=None):
    """The opportunity as if it had been made then: its row, ledger and history."""
    Opportunity.objects.filter(pk=opportunity.pk).update(created_at=at, stage_entered_at=at)
    StageChange.objects.filter(opportunity=opportunity).update(at=at)
    events = Opportunity.pgh_event_model
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {events._meta.db_table} SET pgh_created_at = %s WHERE pgh_obj_id = %s", [at, opportunity.pk]
        )
    opportunity.refresh_from_db()
    return opportunity


def sums(user, before=7, then=0):
    """The sums of the moments so many days ago."""
    return pipeline_sums(again(user), Moments(ago(before), ago(then), ZONE))


def report(slug, user, span, **options):
    kind, company = registry[slug], Company.current()
    return kind.document(again(user), period_of(span, company, **options.pop("dates", {})), **options)


@pytest.fixture
def week(cast):
    """What happened in the last seven days to opportunities of Alice, 1,000 each unless told otherwise."""
    kept = aged(make_opportunity(cast.alice, name="kept"), ago(30))
    raised = aged(make_opportunity(cast.alice, name="raised"), ago(30))
    cut = aged(make_opportunity(cast.alice, name="cut"), ago(30))
    won = aged(make_opportunity(cast.alice, name="won"), ago(30))
    lost = aged(make_opportunity(cast.alice, name="lost"), ago(30))
    aged(make_opportunity(cast.alice, name="without amount", amount=None), ago(30))
    aged(make_opportunity(cast.alice, name="long won", at="won", closed_on=ago(30).date()), ago(30))
    for record, amount in ((raised, 1_500), (cut, 400)):
        record.amount = amount
        record.save()
    move_stage(won, stage("won"), actor=cast.alice, amount=D(1_200))
    move_stage(lost, stage("lost"), actor=cast.alice)
    make_opportunity(cast.alice, name="new", amount=700, at="proposal")
    quick = make_opportunity(cast.alice, name="new and won", amount=90)
    move_stage(quick, stage("won"), actor=cast.alice)
    return cast, kept


def test_the_pipeline_is_compared_with_a_past_moment_by_ledger_and_history(week):
    total = sums(week[0].alice).total
    assert (total.count, total.without_amount) == (5, 1)
    assert (total.amount, total.amount_before) == (3_600, 5_000)
    assert (total.added, total.raised, total.cut, total.won, total.lost) == (790, 700, -600, 1_290, 1_000)
    assert total.amount_before + total.added + total.raised + total.cut - total.won - total.lost == total.amount
    assert total.weighted == D(1_000 + 1_500 + 400) * 10 / 100 + D(700) * 50 / 100


def test_the_past_does_not_change_when_somebody_edits_today(week):
    cast, kept = week
    before = sums(cast.alice, 31, 7).total
    assert (before.count, before.amount, before.added) == (6, 5_000, 6_000)
    kept.amount = 9_999
    kept.save()
    move_stage(kept, stage("negotiation"), actor=cast.alice)
    again_before = sums(cast.alice, 31, 7).total
    assert (again_before.count, again_before.amount, again_before.weighted) == (6, 5_000, before.weighted)


def test_what_comes_after_the_end_of_a_period_does_not_count_even_at_once(cast):
    end = timezone.now() - timedelta(minutes=3)
    deal = aged(make_opportunity(cast.alice), end - timedelta(days=1))
    deal.amount = 9_999
    deal.save()
    late = make_opportunity(cast.alice)
    move_stage(late, stage("won"), actor=cast.alice)
    just_over = pipeline_sums(again(cast.alice), Moments(ago(7), end, ZONE, is_over=True)).total
    assert (just_over.count, just_over.amount, just_over.won) == (1, 1_000, 0)
    present = pipeline_sums(again(cast.alice), Moments(ago(7), end, ZONE)).total
    assert (present.count, present.amount, present.won) == (1, 9_999, 1_000)


def test_a_period_is_over_at_the_first_moment_after_it(cast):
    week = period_of(Span.LAST_WEEK, Company.current(), today=date(2027, 1, 4))
    end = datetime(2027, 1, 4, tzinfo=ZONE)
    for as_of, is_over in ((end - timedelta(seconds=1), False), (end, True)):
        facts = Facts(Request(cast.alice, week, as_of, {}, Company.current()))
        assert (facts.moments.then, facts.moments.is_over) == (as_of, is_over)


def test_the_waterfall_of_the_document_is_the_one_of_the_sums(week):
    document = report(
        "sales-pipeline", week[0].alice, Span.DATES, dates={"starts_on": ago(7).date(), "ends_on": ago(0).date()}
    )
    waterfall = next(section for section in document.sections if isinstance(section, Waterfall))
    assert waterfall.steps[0].value + sum(step.value for step in waterfall.steps[1:-1]) == waterfall.steps[-1].value
    assert waterfall.steps[-1].value == document.kpis[0].value == 3_600


def test_sums_of_stages_and_owners_are_the_total(week):
    cast = week[0]
    make_opportunity(cast.carol, amount=5)
    make_opportunity(None, amount=3)
    document = report("sales-pipeline", cast.root, Span.THIS_WEEK)
    tables = [section for section in document.sections if isinstance(section, Table)]
    for table in tables[:2]:
        total = next(row for row in table.rows if row.level == Level.TOTAL)
        parts = [row for row in table.rows if row.level in (Level.ROW, Level.MEMBER)]
        for position in (1, 2, 3):
            assert sum(row.cells[position] or 0 for row in parts) == total.cells[position]
    names = [row.cells[0] for row in tables[1].rows]
    assert names[-3:] == ["Without owner", "Without team, subtotal", "Total"]


def test_the_data_table_holds_the_open_opportunities_and_their_sum(week):
    document = report("sales-pipeline", week[0].alice, Span.THIS_WEEK)
    rows = list(document.data.rows)
    assert (len(rows), document.row_count) == (5, 5)
    assert sum(row.cells[6] or 0 for row in rows) == document.kpis[0].value
    assert all(len(row.cells) == len(document.data.columns) for row in rows)


def test_risks_are_named_and_the_worst_come_first(cast):
    today = Company.current().today
    make_opportunity(cast.alice, name="fine", next_step="call", amount=9_000)
    stale = aged(
        make_opportunity(cast.alice, name="stale and late", expected_close_on=today - timedelta(days=1)), ago(30)
    )
    make_opportunity(cast.alice, name="late", expected_close_on=today - timedelta(days=1), next_step="call")
    make_opportunity(cast.alice, name="today", expected_close_on=today, next_step="call")
    document = report("sales-pipeline", cast.alice, Span.THIS_WEEK)
    table = document.sections[-1]
    assert [(row.cells[0], row.cells[-1]) for row in table.rows] == [
        (stale.name, "overdue, too long in stage, no next step"),
        ("late", "overdue"),
    ]
    assert [item.name for item in document.actions.items] == ["stale and late", "late"]
    total = sums(cast.alice).total
    assert (total.at_risk, total.overdue, total.stale) == (2, 2, 1)


def test_the_funnel_counts_how_far_new_opportunities_got(cast):
    for far in (("proposal",), ("qualification", "lost"), ("proposal", "won"), ()):
        record = make_opportunity(cast.alice)
        for code in far:
            move_stage(record, stage(code), actor=cast.alice)
    aged(make_opportunity(cast.alice, at="negotiation"), ago(120))
    steps = report("sales-pipeline", cast.alice, Span.THIS_WEEK).charts[0].steps
    assert [(step.label, step.reached) for step in steps] == [
        ("Prospecting", 4), ("Qualification", 3), ("Proposal", 2), ("Negotiation", 1), ("Won", 1),
    ]  # fmt: skip
    assert [step.open_count for step in steps] == [1, 0, 1, 1, None]


def test_one_pipeline_can_be_chosen(cast):
    other = make_pipeline(name_en="Partners")
    make_opportunity(cast.alice, amount=50, stage=make_stage(pipeline=other, name_en="Talks"))
    make_opportunity(cast.alice, amount=7)
    document = report("sales-pipeline", cast.alice, Span.THIS_WEEK, parameters={"pipeline": other.pk})
    assert (document.kpis[0].value, document.filters[1].value) == (50, "Partners")
    everything = report("sales-pipeline", cast.alice, Span.THIS_WEEK)
    assert everything.kpis[0].value == 57
    names = {row.cells[0] for row in everything.sections[0].rows if row.cells[1]}
    assert names == {"Prospecting (Standard sales process)", "Talks (Partners)", "Total"}


def test_deleted_opportunities_count_neither_now_nor_before(cast):
    from crm import deletion

    gone = aged(make_opportunity(cast.alice), ago(30))
    deletion.delete(gone, actor=cast.alice)
    total = sums(cast.alice).total
    assert (total.count, total.amount, total.amount_before, total.lost) == (0, 0, 0, 0)


def test_figures_of_nobody_are_nought(cast):
    make_opportunity(cast.alice)
    assert sums(cast.dave).total.count == 0
    assert report("win-loss", cast.carol, Span.ALL).row_count == 0


def test_a_report_asks_the_same_number_of_questions_for_few_and_many_rows(cast):
    numbers = {}
    for slug, span in (("sales-pipeline", Span.THIS_WEEK), ("win-loss", Span.THIS_QUARTER)):
        for rows in (2, 60):
            while Opportunity.objects.count() < rows:
                make_opportunity(cast.alice, at="prospecting")
                make_opportunity(cast.bob, at="won", closed_on=Company.current().today)
            with CaptureQueriesContext(connection) as captured:
                report(slug, cast.erin, span)
            numbers.setdefault(slug, set()).add(len(captured))
    assert all(len(found) == 1 for found in numbers.values()), numbers


# --- Win/loss ---


@pytest.fixture
def decided(cast):
    """2026: Alice wins 600 and 400 and loses one; Carol wins one without amount; one is void; 2025: Alice wins 50."""
    for amount, at, closed, engaged in (
        (600, "won", date(2026, 1, 31), date(2026, 1, 1)),
        (400, "won", date(2026, 4, 1), date(2026, 3, 22)),
        (999, "lost", date(2026, 4, 30), None),
        (50, "won", date(2025, 12, 31), date(2025, 12, 1)),
    ):
        make_opportunity(cast.alice, amount=amount, at=at, closed_on=closed, engaged_on=engaged)
    make_opportunity(cast.carol, amount=None, at="won", closed_on=date(2026, 6, 30), engaged_on=date(2026, 6, 10))
    make_opportunity(cast.alice, amount=77, at="void")
    return cast


def between(first, last):
    return {"dates": {"starts_on": first, "ends_on": last}}


YEAR = between(date(2026, 1, 1), date(2026, 12, 31))


def test_won_and_lost_are_counted_by_closing_day(decided):
    document = report("win-loss", decided.erin, Span.DATES, **YEAR)
    won, lost, rate, value, average = [kpi.value for kpi in document.kpis]
    assert (won, lost, rate, value, average) == (3, 1, D("0.75"), 1_000, 500)
    assert [kpi.previous for kpi in document.kpis][:4] == [1, 0, 1, 50]
    assert document.row_count == len(list(document.data.rows)) == 4


def test_groups_by_quarter_manager_region_and_product_add_up(decided):
    document = report("win-loss", decided.erin, Span.DATES, **YEAR)
    quarters, managers, regions, products = document.sections
    assert [row.cells[:5] for row in quarters.rows] == [
        ("Q1 2026", 1, 0, 1, 600),
        ("Q2 2026", 2, 1, D(2) / 3, 400),
        ("Total", 3, 1, D("0.75"), 1_000),
    ]
    assert [row.cells[0] for row in managers.rows] == ["Erin", "Total"]
    assert [row.cells[0] for row in regions.rows] == ["Sales", "Total"]
    assert [row.cells[0] for row in products.rows] == ["Without product", "Total"]
    assert quarters.rows[-1].cells[6] == D(30 + 10 + 20) / 3


def test_all_time_is_compared_with_nothing(decided):
    document = report("win-loss", decided.erin, Span.ALL)
    assert (document.kpis[0].value, document.kpis[0].previous) == (4, None)
    assert document.compared_with == "no earlier period"
