"""Pages of opportunities: the form, the record with its path and timeline, and what customers show of them."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.access import share
from crm.models import Company
from customers.entities import Customers
from customers.tests.factories import make_contact, make_customer
from sales.entities import Opportunities
from sales.models import Opportunity, StageChange
from sales.reactions import open_amounts, overdue_lines
from sales.services import move_stage
from sales.tests.factories import make_opportunity, make_product, make_stage, stage
from tests.cast import again

ADD = "/opportunities/add/"


@pytest.fixture
def today(db):
    return Company.current().today


def filled(**fields) -> dict:
    """A form as the browser sends it: every text field is there."""
    return {"name": "Laser line", "type": "new", "stage": stage("prospecting").pk, "owner": "(alice)"} | fields


def present(deal, **fields) -> dict:
    """The change form of a deal as it was opened."""
    shown = {name: getattr(deal, name) for name in ("name", "type", "lost_reason", "lost_note", "amount", "closed_on")}
    shown |= {"stage": deal.stage_id, "version": deal.version, "probability": deal.probability}
    shown |= {"customer": f"{deal.customer.number}", "owner": f"({deal.owner.username})"}
    return {name: "" if value is None else value for name, value in (shown | fields).items()}


# -- the form ---------------------------------------------------------------------------------------------------------
def test_a_new_opportunity_begins_at_the_first_stage_with_a_row_of_the_ledger(cast, client):
    customer = make_customer(cast.alice)
    client.force_login(cast.alice)
    form = client.get(f"{ADD}?customer={customer.pk}").context["form"]
    assert (form["stage"].initial, form["customer"].initial) == (stage("prospecting"), customer)
    response = client.post(ADD, filled(customer=customer.number, amount="380000.5"))
    deal = Opportunity.objects.get()
    assert response.url == Opportunities.url("record", deal)
    assert (deal.number, deal.owner, deal.team, deal.currency) == (f"O-{deal.pk:06}", cast.alice, cast.north, "CNY")
    assert (deal.amount, deal.base_amount, deal.pipeline.code) == (Decimal("380000.50"),) * 2 + ("standard",)
    change = deal.stage_changes.get()
    assert (change.from_stage, change.to_stage.code, change.actor, change.amount) == (
        None,
        "prospecting",
        cast.alice,
        Decimal("380000.50"),
    )


def test_an_empty_amount_stays_empty(cast, client):
    client.force_login(cast.alice)
    client.post(ADD, filled(amount=""))
    deal = Opportunity.objects.get()
    assert (deal.amount, deal.base_amount, deal.amount_order, deal.weighted_amount) == (None, None, -1, None)
    assert "No amount" in client.get(Opportunities.url("record", deal)).content.decode()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "nul\x00byte"}, "name"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "38万"}, "amount"),
        ({"amount": "99999999999999999"}, "amount"),
        ({"amount": "1.234"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"probability": "101"}, "probability"),
        ({"expected_close_on": "2026-02-30"}, "expected_close_on"),
        ({"stage": "0"}, "stage"),
        ({"stage": ""}, "stage"),
        ({"type": "gift"}, "type"),
        ({"customer": "C-999999"}, "customer"),
        ({"closed_on": "2026-01-05"}, "closed_on"),
        ({"lost_reason": "price"}, "lost_reason"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(cast, client, fields, wrong):
    client.force_login(cast.alice)
    response = client.post(ADD, filled(**fields))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {wrong}
    assert (Opportunity.objects.count(), StageChange.objects.count()) == (0, 0)


def test_emoji_and_long_names_are_kept(cast, client):
    client.force_login(cast.alice)
    name = "🚀" * 100 + "é" * 100
    client.post(ADD, filled(name=name))
    assert Opportunity.objects.get().name == name


def test_a_closed_one_needs_its_day_and_a_lost_one_its_reason(cast, client, today):
    client.force_login(cast.alice)
    won, lost, day = stage("won").pk, stage("lost").pk, str(today)
    assert set(client.post(ADD, filled(stage=won)).context["form"].errors) == {"closed_on"}
    assert set(client.post(ADD, filled(stage=lost, closed_on=day)).context["form"].errors) == {"lost_reason"}
    tomorrow = str(today + datetime.timedelta(days=1))
    assert set(client.post(ADD, filled(stage=won, closed_on=tomorrow)).context["form"].errors) == {"closed_on"}
    assert client.post(ADD, filled(stage=lost, closed_on=day, lost_reason="price")).status_code == 303
    assert Opportunity.objects.lost().get().lost_reason == "price"


def test_another_stage_by_form_goes_into_the_ledger_and_clears_what_the_old_one_had(cast, client, today):
    deal = make_opportunity(
        cast.alice, at="lost", closed_on=today, lost_reason="price", lost_note="Too dear", probability=30
    )
    client.force_login(cast.alice)
    response = client.post(Opportunities.url("change", deal), present(deal, stage=stage("proposal").pk))
    assert response.status_code == 303
    deal.refresh_from_db()
    assert (deal.closed_on, deal.lost_reason, deal.lost_note, deal.probability) == (None, "", "", None)
    change = deal.stage_changes.first()
    assert (change.from_stage.code, change.to_stage.code, change.actor) == ("lost", "proposal", cast.alice)
    assert change.at == deal.stage_entered_at


def test_a_change_that_is_no_move_leaves_the_ledger_alone(cast, client):
    deal = make_opportunity(cast.alice)
    since = deal.stage_entered_at
    client.force_login(cast.alice)
    assert client.post(Opportunities.url("change", deal), present(deal, name="New name")).status_code == 303
    deal.refresh_from_db()
    assert (deal.name, deal.stage_entered_at, deal.stage_changes.count()) == ("New name", since, 1)


def test_a_contact_must_work_for_the_customer(cast, client):
    customer, other = make_customer(cast.alice), make_customer(cast.alice)
    contact = make_contact(cast.alice, customer=other)
    client.force_login(cast.alice)
    refused = client.post(ADD, filled(customer=customer.number, contact=contact.number))
    assert set(refused.context["form"].errors) == {"contact"}
    assert set(client.post(ADD, filled(contact=contact.number)).context["form"].errors) == {"customer"}
    assert client.post(ADD, filled(customer=other.number, contact=contact.number)).status_code == 303


def test_records_that_one_does_not_see_cannot_be_chosen_but_a_present_one_stays(cast, client):
    hidden = make_customer(cast.carol, name="Hidden works")
    client.force_login(cast.alice)
    refused = client.post(ADD, filled(customer=hidden.number))
    assert set(refused.context["form"].errors) == {"customer"}
    deal = make_opportunity(cast.alice, customer=hidden)
    page = client.get(Opportunities.url("record", deal) + "?tab=details").content.decode()
    assert "Hidden works" in page
    assert Customers.url("record", hidden) not in page
    assert client.post(Opportunities.url("change", deal), present(deal, name="Renamed")).status_code == 303
    deal.refresh_from_db()
    assert (deal.name, deal.customer) == ("Renamed", hidden)


def test_stages_and_products_out_of_use_are_not_offered(cast, client):
    retired, sold_out = make_stage(is_active=False), make_product(is_active=False)
    client.force_login(cast.alice)
    assert set(client.post(ADD, filled(stage=retired.pk)).context["form"].errors) == {"stage"}
    assert set(client.post(ADD, filled(product=sold_out.pk)).context["form"].errors) == {"product"}


# -- the record page --------------------------------------------------------------------------------------------------
def test_the_path_offers_moves_to_those_who_may_change(cast, client):
    deal = make_opportunity(cast.alice, at="proposal")
    client.force_login(cast.alice)
    response = client.get(Opportunities.url("record", deal))
    assert [step["state"] for step in response.context["path"]] == ["done", "done", "on", "", "", "", ""]
    assert response.content.decode().count(f'action="{Opportunities.url("move", deal)}"') == 6


def test_the_timeline_tells_moves_once_and_escapes_names(cast, client):
    deal = make_opportunity(cast.alice, name="<b>Deal</b> %(to)s {x}")
    change = move_stage(deal, stage("won"), actor=cast.alice)
    client.post(reverse("opportunities-undo_move", args=[deal.pk]) + f"?change={change.pk}")
    client.force_login(cast.alice)
    items = client.get(Opportunities.url("record", deal)).context["items"]
    name = "&lt;b&gt;Deal&lt;/b&gt; %(to)s {x}"
    assert [(item.sentence, item.body) for item in items] == [
        (
            f'<b class="b">Alice</b> moved {name} from Prospecting to <b class="b">Closed won</b>',
            "¥1,000",
        ),
        (f'<b class="b">Alice</b> added the opportunity {name} at <b class="b">Prospecting</b>', "¥1,000"),
    ]


# -- what customers show -----------------------------------------------------------------------------------------------
def test_a_customer_shows_only_the_opportunities_that_the_reader_sees(cast, client):
    customer = make_customer(cast.alice)
    mine = make_opportunity(cast.alice, customer=customer, amount=Decimal(20_000), name="Mine")
    make_opportunity(cast.alice, customer=customer, amount=None)
    make_opportunity(cast.alice, customer=customer, amount=Decimal(5), at="lost", closed_on="2026-01-05")
    make_opportunity(cast.carol, customer=customer, amount=Decimal(70_000), name="Theirs")
    client.force_login(cast.alice)
    page = client.get(Customers.url("record", customer))
    assert "¥20K · 2" in [value for _label, value in page.context["facts"]]
    text = " ".join(item.sentence for item in page.context["items"])
    assert "Mine" in text
    assert "Theirs" not in text
    assert open_amounts([customer.pk], again(cast.alice)) == {customer.pk: 20_000}
    assert open_amounts([customer.pk], again(cast.root)) == {customer.pk: 90_000}
    assert open_amounts([customer.pk], again(cast.dave)) == {}
    tab = client.get(Customers.url("record", customer) + "?tab=opportunities")
    assert [row.record.name for row in tab.context["rows"]][-1] == mine.name
    assert len(tab.context["rows"]) == 3


def test_a_shared_opportunity_brings_its_moves_along(cast):
    deal = make_opportunity(cast.alice)
    assert StageChange.objects.visible_to(again(cast.carol)).count() == 0
    share(deal, cast.carol, actor=cast.alice)
    assert StageChange.objects.visible_to(again(cast.carol)).count() == 1
    Opportunity.objects.filter(pk=deal.pk).update(deleted_at=timezone.now())
    for user in (cast.alice, cast.carol, cast.root):
        assert StageChange.objects.visible_to(again(user)).count() == 0


def test_the_workbench_names_the_own_overdue_ones_longest_overdue_first(cast, today):
    days = [today - datetime.timedelta(days=n) for n in (1, 9, 0)]
    for number, day in enumerate(days):
        make_opportunity(cast.alice, name=f"Late {number}", expected_close_on=day)
    make_opportunity(cast.bob, name="Bob's", expected_close_on=days[1])
    make_opportunity(cast.alice, name="Done", at="won", closed_on=today, expected_close_on=days[1])
    make_opportunity(cast.alice, name="Some day")
    assert [line.text for line in overdue_lines(again(cast.alice))] == ["Late 1", "Late 0"]


# -- querysets --------------------------------------------------------------------------------------------------------
def test_the_named_sets_hold_what_they_say(cast, today):
    yesterday = today - datetime.timedelta(days=1)
    long_ago = timezone.now() - datetime.timedelta(days=22)
    make_opportunity(cast.alice, name="stale", stage_entered_at=long_ago, amount=Decimal(10), expected_close_on=today)
    make_opportunity(cast.alice, name="late", expected_close_on=yesterday, amount=Decimal(7), probability=50)
    make_opportunity(cast.alice, name="unknown", amount=None)
    make_opportunity(cast.alice, name="won", at="won", closed_on=yesterday, stage_entered_at=long_ago)
    make_opportunity(cast.alice, name="lost", at="lost", closed_on=today)
    make_opportunity(cast.alice, name="void", at="void")

    def names(rows):
        return set(rows.values_list("name", flat=True))

    rows = Opportunity.objects.all()
    assert names(rows.open()) == {"stale", "late", "unknown"}
    assert (names(rows.won()), names(rows.lost())) == ({"won"}, {"lost"})
    assert names(rows.closed()) == {"won", "lost"}
    assert names(rows.closed_between(yesterday, yesterday)) == {"won"}
    assert (names(rows.overdue()), names(rows.overdue(today + datetime.timedelta(days=1)))) == (
        {"late"},
        {"late", "stale"},
    )
    assert names(rows.without_amount()) == {"unknown"}
    assert names(rows.without_close_date()) == {"unknown"}
    assert names(rows.stale()) == {"stale"}
    weighted = dict(rows.weighted().values_list("name", "weighted"))
    assert (weighted["stale"], weighted["late"], weighted["unknown"]) == (1, Decimal("3.5"), None)
    assert (weighted["won"], weighted["lost"]) == (1000, 0)


def test_the_default_pipeline_is_loaded_once_and_edits_stay(db):
    from sales.models import Pipeline, Stage
    from sales.setup import load_catalogues

    Stage.objects.filter(code="proposal").update(name_en="Offer")
    Stage.objects.filter(code="void").update(deleted_at=timezone.now())
    before = list(Stage.everything.order_by("pk").values())
    pipeline = load_catalogues()
    assert list(Stage.everything.order_by("pk").values()) == before
    assert (Pipeline.objects.get(), Pipeline.default(), pipeline.first_stage().code) == (
        pipeline,
        pipeline,
        "prospecting",
    )
    codes = Stage.everything.order_by("order").values_list("code", flat=True)
    assert list(codes) == ["prospecting", "qualification", "proposal", "negotiation", "won", "lost", "void"]
