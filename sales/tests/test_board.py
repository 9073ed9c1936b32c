"""The board of opportunities: who sees which cards and sums, and what a move does."""

from decimal import Decimal

import pytest
from django.urls import reverse

from crm.access import Action, Reach
from crm.board import CARDS
from crm.models import RoleRule
from sales.entities import Opportunities
from sales.models import Opportunity, StageChange
from sales.tests.factories import make_opportunity, make_pipeline, make_stage, stage
from tests.cast import again

BOARD = "/opportunities/board/"
DROP = {"HX-Request": "true", "HX-Target": "list"}


def page_of(client, user, query=""):
    client.force_login(user)
    return client.get(BOARD + query)


def counts(response) -> dict[str, str]:
    return {filled.column.label: filled.count for filled in response.context["columns"]}


def names(response, code: str) -> list[str]:
    wanted = stage(code).pk
    return next([c.title for c in f.cards] for f in response.context["columns"] if f.column.value == wanted)


def state(deal):
    return Opportunity.objects.values("stage__code", "closed_on", "amount", "version").get(pk=deal.pk)


def test_each_person_sees_the_cards_and_sums_of_the_own_reach(cast, client):
    make_opportunity(cast.alice, name="North", amount=Decimal(50_000))
    make_opportunity(cast.carol, name="South", amount=Decimal(90_000), at="won", closed_on="2026-01-05")
    make_opportunity(None, name="Nobody's", amount=Decimal(1))
    response = page_of(client, cast.alice)
    assert counts(response)["Prospecting"] == "1"
    assert counts(response)["Closed won"] == "0"
    assert names(response, "prospecting") == ["North"]
    assert counts(page_of(client, cast.erin)) == {
        "Prospecting": "1",
        "Qualification": "0",
        "Proposal": "0",
        "Negotiation": "0",
        "Closed won": "1",
        "Closed lost": "0",
        "Void": "0",
    }
    assert counts(page_of(client, cast.root))["Prospecting"] == "2"


def test_without_the_right_the_board_says_so_and_shows_nothing(cast, client):
    make_opportunity(cast.alice, name="Secret deal", amount=Decimal(77_777))
    response = page_of(client, cast.dave)
    text = response.content.decode()
    assert response.status_code == 200
    assert "You have no access" in text
    assert "Secret deal" not in text
    assert "columns" not in response.context


def test_sums_leave_empty_amounts_out_and_weigh_with_the_own_probability(cast, client):
    make_opportunity(cast.alice, amount=Decimal(100_000), at="proposal")
    make_opportunity(cast.alice, amount=Decimal(20_000), at="proposal", probability=5)
    make_opportunity(cast.alice, amount=None, at="proposal")
    response = page_of(client, cast.alice)
    filled = next(f for f in response.context["columns"] if f.column.label == "Proposal")
    assert (filled.count, filled.sums["total"], filled.sums["weighted"]) == ("3", 120_000, 51_000)
    assert filled.head == ("¥120K", "50% · weighted ¥51K")
    assert dict(response.context["totals"]) == {
        "Open amount": "¥120K",
        "Weighted": "¥51K",
        "Open without amount": "1",
        "Won amount": "¥0",
    }
    assert "No amount" in response.content.decode()


def test_filters_and_search_narrow_cards_and_counts_alike(cast, client):
    make_opportunity(cast.alice, name="Laser cutter", amount=Decimal(10))
    make_opportunity(cast.alice, name="Laser line", amount=Decimal(10_000))
    make_opportunity(cast.alice, name="Press", amount=Decimal(10_000))
    response = page_of(client, cast.alice, "?q=laser&amount_from=500")
    assert counts(response)["Prospecting"] == "1"
    assert names(response, "prospecting") == ["Laser line"]
    assert [chip.text for chip in response.context["listing"].chips] == ["500 –"]


def test_a_column_shows_its_newest_cards_and_the_rest_on_demand(cast, client):
    for n in range(CARDS + 3):
        make_opportunity(cast.alice, name=f"Deal {n}")
    response = page_of(client, cast.alice)
    first = next(f for f in response.context["columns"] if f.column.label == "Prospecting")
    assert [card.title for card in first.cards] == [f"Deal {n}" for n in range(CARDS + 2, 2, -1)]
    assert first.count == "28"
    more = client.get(first.more_url, headers=DROP)
    assert [card.title for card in more.context["cards"]] == ["Deal 2", "Deal 1", "Deal 0"]
    assert more.context["more_url"] == ""


def test_the_board_costs_as_many_queries_for_two_rows_as_for_sixty(cast, client, django_assert_max_num_queries):
    for code in ("prospecting", "won"):
        make_opportunity(cast.alice, at=code, closed_on="2026-01-05" if code == "won" else None)
    client.force_login(again(cast.bob))
    client.get(BOARD)
    with django_assert_max_num_queries(15) as few:
        client.get(BOARD)
    for _n in range(30):
        make_opportunity(cast.alice)
        make_opportunity(cast.bob, at="negotiation")
    with django_assert_max_num_queries(15) as many:
        client.get(BOARD)
    assert len(few) == len(many)


def test_a_move_follows_to_the_page_it_came_from_and_offers_undo(cast, client):
    deal = make_opportunity(cast.alice)
    client.force_login(cast.bob)
    url = Opportunities.url("move", deal)
    response = client.post(url, {"to": stage("proposal").pk, "next": f"{BOARD}?q=deal"})
    assert (response.status_code, response.url) == (303, f"{BOARD}?q=deal")
    assert state(deal)["stage__code"] == "proposal"
    page = client.get(response.url)
    undo = next(m.extra_tags for m in page.context["messages"]).removeprefix("undo:")
    assert client.post(undo, {"next": BOARD}).url == BOARD
    assert state(deal)["stage__code"] == "prospecting"


def test_a_drop_brings_the_board_back_as_a_part(cast, client):
    deal = make_opportunity(cast.alice)
    client.force_login(cast.alice)
    data = {"to": stage("proposal").pk, "next": BOARD}
    response = client.post(Opportunities.url("move", deal), data, headers=DROP, follow=True)
    text = response.content.decode()
    assert "<html" not in text
    assert names(response, "proposal") == [deal.name]
    assert 'hx-swap-oob="beforeend:#toasts"' in text


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_a_move_never_leads_to_another_site(cast, client, address):
    deal = make_opportunity(cast.alice)
    client.force_login(cast.alice)
    response = client.post(Opportunities.url("move", deal), {"to": stage("proposal").pk, "next": address})
    assert response.url == Opportunities.url("record", deal)


@pytest.mark.parametrize(("who", "status"), [("carol", 404), ("dave", 404)])
def test_a_refused_move_changes_nothing(cast, client, who, status):
    deal = make_opportunity(cast.alice)
    before = state(deal)
    client.force_login(getattr(cast, who))
    assert client.post(Opportunities.url("move", deal), {"to": stage("proposal").pk}).status_code == status
    assert state(deal) == before
    assert StageChange.objects.count() == 1


def test_who_sees_but_may_not_change_cannot_move_and_is_not_offered_it(cast, client):
    deal = make_opportunity(cast.alice)
    change = StageChange.objects.get(opportunity=deal)
    RoleRule.objects.filter(model="sales.opportunity", action=Action.CHANGE).update(reach=Reach.OWN)
    response = page_of(client, cast.bob)
    assert "data-drag" not in response.content.decode()
    assert client.get(Opportunities.url("move", deal)).status_code == 403
    assert client.post(Opportunities.url("move", deal), {"to": stage("proposal").pk}).status_code == 403
    undo = reverse("opportunities-undo_move", args=[deal.pk])
    assert client.post(f"{undo}?change={change.pk}").status_code == 403
    assert state(deal)["stage__code"] == "prospecting"
    assert "data-drag" in page_of(client, cast.alice).content.decode()


@pytest.mark.parametrize("to", ["", "0", "abc", "99999999999999999999", "\x00"])
def test_a_move_to_nowhere_says_so_and_changes_nothing(cast, client, to):
    deal = make_opportunity(cast.alice)
    before = state(deal)
    client.force_login(cast.alice)
    response = client.post(Opportunities.url("move", deal), {"to": to})
    assert response.status_code == 422
    assert response.context["form"].errors["to"]
    assert state(deal) == before


def test_a_stage_out_of_use_or_of_another_pipeline_takes_nothing(cast, client):
    deal = make_opportunity(cast.alice)
    retired, other = make_stage(is_active=False), make_stage(pipeline=make_pipeline())
    client.force_login(cast.alice)
    for target in (retired, other):
        assert client.post(Opportunities.url("move", deal), {"to": target.pk}).status_code == 422
    assert state(deal)["stage__code"] == "prospecting"


def test_winning_and_losing_ask_first(cast, client):
    deal = make_opportunity(cast.alice, amount=None)
    client.force_login(cast.alice)
    url = Opportunities.url("move", deal)
    asked = client.post(url, {"to": stage("lost").pk, "next": BOARD}, headers=DROP)
    assert (asked.status_code, asked["HX-Retarget"]) == (200, "#drawer")
    assert state(deal)["stage__code"] == "prospecting"
    refused = client.post(url, {"to": stage("lost").pk, "confirmed": 1, "closed_on": "2026-01-05"})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"lost_reason"}
    won = {"to": stage("won").pk, "confirmed": 1, "closed_on": "2026-01-05", "amount": "1234.50"}
    for bad in ({"closed_on": "2999-01-01"}, {"closed_on": "2026-02-30"}, {"amount": "-1"}, {"amount": "38万"}):
        assert client.post(url, won | bad).status_code == 422
    assert state(deal)["stage__code"] == "prospecting"
    saved = client.post(url, won, headers={"HX-Request": "true", "HX-Target": "drawer"})
    assert (saved.status_code, saved["HX-Redirect"]) == (204, Opportunities.url("record", deal))
    assert state(deal)["stage__code"] == "won"
    assert str(state(deal)["closed_on"]) == "2026-01-05"
    assert state(deal)["amount"] == Decimal("1234.50")


def test_undo_needs_a_move_of_this_opportunity(cast, client):
    mine, other = make_opportunity(cast.alice), make_opportunity(cast.carol)
    foreign = other.stage_changes.get()
    client.force_login(cast.alice)
    undo = reverse("opportunities-undo_move", args=[mine.pk])
    for key in (foreign.pk, "", "abc", 10**30):
        assert client.post(f"{undo}?change={key}").status_code == 404
    assert client.post(f"{undo}?change={mine.stage_changes.get().pk}").status_code == 303
    assert StageChange.objects.count() == 2


def test_another_pipeline_has_a_board_of_its_own(cast, client):
    pipeline = make_pipeline()
    deal = make_opportunity(cast.alice, stage=make_stage(pipeline=pipeline, name_en="Trial"))
    response = page_of(client, cast.alice)
    assert "Trial" not in counts(response)
    url = f"{BOARD}?pipeline={pipeline.pk}"
    assert f'href="{url}">{pipeline.name_en}</a>' in response.content.decode()
    assert counts(client.get(url)) == {"Trial": "1"}
    assert client.get(Opportunities.url("move", deal)).context["form"].fields["to"].choices == []
