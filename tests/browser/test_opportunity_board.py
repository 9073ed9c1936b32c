"""The board in a real browser: a card is dragged, taken back, asked about, and moved without mouse or script."""

import pytest
from playwright.sync_api import expect

from sales.models import Opportunity
from sales.setup import load_catalogues
from sales.tests.factories import make_opportunity, stage

BOARD = "/opportunities/board/"


@pytest.fixture
def deal(people):
    load_catalogues()
    return make_opportunity(people.alice, name="Laser line", amount=380_000)


@pytest.fixture
def page(deal, alices_page, live_server):
    alices_page.set_viewport_size({"width": 1600, "height": 900})
    alices_page.goto(f"{live_server.url}{BOARD}")
    return alices_page


def column(page, code):
    return page.locator(f'[data-column="{stage(code).pk}"]')


def drag(page, card, target):
    """As a hand does it: a little way first, then over to the middle of the target."""
    start, end = card.bounding_box(), target.bounding_box()
    page.mouse.move(start["x"] + 40, start["y"] + 40)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 45, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 40, steps=12)
    page.mouse.up()


def now_at(deal) -> str:
    return Opportunity.objects.get(pk=deal.pk).stage.code


def test_a_dropped_card_is_moved_the_sums_follow_and_undo_takes_it_back(page, deal):
    drag(page, page.get_by_role("article"), column(page, "proposal"))
    expect(page.locator(".toast-c")).to_contain_text("Moved “Laser line” to Proposal")
    expect(column(page, "proposal").get_by_role("article")).to_have_count(1)
    expect(page.locator(".kc", has=column(page, "proposal")).locator(".l2")).to_contain_text("50% · weighted ¥190K")
    assert now_at(deal) == "proposal"
    page.get_by_role("button", name="Undo").click()
    expect(column(page, "prospecting").get_by_role("article")).to_have_count(1)
    assert now_at(deal) == "prospecting"


def test_winning_asks_and_a_closed_drawer_puts_the_card_back(page, deal):
    drag(page, page.get_by_role("article"), column(page, "won"))
    expect(page.get_by_role("heading", name="Move “Laser line”")).to_be_visible()
    page.keyboard.press("Escape")
    expect(column(page, "prospecting").get_by_role("article")).to_have_count(1)
    assert now_at(deal) == "prospecting"
    drag(page, page.get_by_role("article"), column(page, "lost"))
    page.get_by_label("Reason for the loss").select_option("price")
    page.locator("#drawer").get_by_role("button", name="Closed lost").click()
    expect(page.locator(".kc.slim").first).to_contain_text("Closed lost 1")
    assert now_at(deal) == "lost"


def test_a_refused_move_puts_the_card_back_and_says_so(page, deal):
    Opportunity.objects.filter(pk=deal.pk).update(owner=None, team=None)
    drag(page, page.get_by_role("article"), column(page, "proposal"))
    expect(page.locator(".toast-c.error")).to_be_visible()
    expect(column(page, "prospecting").get_by_role("article")).to_have_count(1)
    assert now_at(deal) == "prospecting"


def test_a_card_moves_by_keyboard(page, deal):
    page.get_by_role("link", name="Move Laser line").press("Enter")
    page.get_by_label("Move to").select_option(label="Negotiation")
    page.locator("#drawer").get_by_role("button", name="Move").press("Enter")
    expect(column(page, "negotiation").get_by_role("article")).to_have_count(1)
    assert now_at(deal) == "negotiation"


def test_a_card_moves_without_script(people, deal, signed_in, browser, live_server):
    with browser.new_context(java_script_enabled=False) as context:
        page = signed_in(people.alice, context)
        page.goto(f"{live_server.url}{BOARD}")
        page.get_by_role("link", name="Move Laser line").click()
        page.get_by_label("Move to").select_option(label="Closed won")
        page.get_by_role("button", name="Move").click()
        page.get_by_role("button", name="Closed won").click()
        expect(column(page, "won").get_by_role("article")).to_have_count(1)
    assert now_at(deal) == "won"
