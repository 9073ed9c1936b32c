"""The front end in a real browser: drawer, drafts, filters, menus and keys; and the same ways without script."""

import re

import pytest
from playwright.sync_api import expect

from crm.models import User
from customers.models import Customer
from tests.cast import PASSWORD
from tests.factories import factories


@pytest.fixture
def cast(people):
    return people


@pytest.fixture
def customer(cast):
    return factories()["customers.customer"](owner=cast.alice, name="Acorn Works")


@pytest.fixture
def page(alices_page):
    return alices_page


def test_one_signs_in_with_the_keyboard(context, cast, live_server):
    page = context.new_page()
    page.goto(f"{live_server.url}/customers/?q=acorn")
    page.locator("[name=login]").fill("alice")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/customers/\?q=acorn$"))


# --- drawer ---------------------------------------------------------------------------------------------------------


def test_a_record_is_added_in_the_drawer_and_a_mistake_keeps_what_was_typed(page, live_server):
    page.goto(f"{live_server.url}/customers/")
    page.locator("main a[data-drawer]").first.click()
    drawer = page.locator("#drawer")
    expect(drawer).to_be_visible()
    expect(drawer.locator("[name=name]")).to_be_focused()
    drawer.locator("[name=website]").fill("acorn.example")
    page.keyboard.press("Control+Enter")
    expect(drawer.locator("[role=alert]")).to_be_focused()
    expect(drawer.locator("[name=website]")).to_have_value(re.compile("acorn.example"))
    drawer.locator("[name=name]").fill("Acorn Works")
    drawer.locator("[type=submit]").click()
    expect(page.locator("h1")).to_contain_text("Acorn Works")
    expect(page.locator("#toasts")).to_contain_text("Acorn Works")
    assert Customer.objects.get().owner.username == "alice"


def test_escape_closes_the_drawer_and_gives_the_focus_back(page, live_server):
    page.goto(f"{live_server.url}/customers/")
    link = page.locator("main .ph a[data-drawer]")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#drawer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(link).to_be_focused()


# --- drafts ---------------------------------------------------------------------------------------------------------


def test_what_was_typed_outlives_a_lost_session(page, cast, customer, client, live_server):
    page.goto(f"{live_server.url}/customers/{customer.pk}/change/")
    page.locator("[name=background]").fill("Typed for a quarter of an hour")
    client.logout()
    page.locator("main [type=submit]").click()
    page.locator("[name=login]").fill("alice")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("[name=background]")).to_have_value("Typed for a quarter of an hour")
    expect(page.locator("[data-restored]")).to_be_visible()
    page.locator("main [type=submit]").click()
    expect(page.locator("h1")).to_contain_text("Acorn Works")
    assert Customer.objects.get().background == "Typed for a quarter of an hour"
    page.goto(f"{live_server.url}/customers/{customer.pk}/change/")
    expect(page.locator("[data-restored]")).to_be_hidden()


def test_signing_out_takes_the_drafts_along(page, customer, live_server):
    page.goto(f"{live_server.url}/customers/{customer.pk}/change/")
    page.locator("[name=background]").fill("Nobody else shall read this")
    page.locator(".top .avb").click()
    page.locator(".top form[data-leave] button").click()
    page.wait_for_url(re.compile("/accounts/login"))
    assert "Nobody else" not in page.evaluate("JSON.stringify(sessionStorage)")
    assert "draft:" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_a_draft_is_gone_after_cancel(page, customer, live_server):
    page.goto(f"{live_server.url}/customers/{customer.pk}/change/")
    page.locator("[name=background]").fill("No, better not")
    page.locator("main [data-cancel]").click()
    page.goto(f"{live_server.url}/customers/{customer.pk}/change/")
    expect(page.locator("[name=background]")).to_have_value("")


# --- lists ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(cast):
    make = factories()["customers.customer"]
    for number in range(60):
        tree = "Oak" if number < 10 else "Elm"
        make(owner=cast.alice, name=f"{tree} {number:02d}", level="A" if number % 2 else "B")


def test_a_list_is_searched_sorted_filtered_and_paged_without_leaving_it(page, many, live_server):
    page.goto(f"{live_server.url}/customers/?sort=name")
    page.evaluate("window.stayed = true")
    page.locator("#list-q").fill("oak")
    page.keyboard.press("Enter")
    expect(page.locator("#list-count")).to_have_text("10")
    expect(page).to_have_url(re.compile(r"\?sort=name&q=oak$"))
    expect(page.locator("#list-q")).to_be_focused()
    page.locator("#list-filter").click()
    page.locator(".fpop [name=level][value=A]").check()
    page.locator(".fpop [type=submit]").click()
    expect(page.locator("#list-count")).to_have_text("5")
    assert "owner=" not in page.url
    page.locator(".fl .x").click()
    expect(page.locator("#list-count")).to_have_text("10")
    page.locator("#list-q").fill("")
    page.keyboard.press("Enter")
    expect(page.locator("#list-count")).to_have_text("60")
    page.locator("#page-after").click()
    expect(page.locator("tbody tr").first).to_contain_text("Oak 00")
    page.locator("#sort-name").click()
    expect(page.locator("tbody tr").first).to_contain_text("Oak 09")
    assert page.evaluate("window.stayed") is True
    page.go_back()
    expect(page.locator("tbody tr").first).to_contain_text("Oak 00")


def test_columns_are_chosen_and_the_first_one_stays(page, many, live_server):
    page.goto(f"{live_server.url}/customers/")
    page.locator("#list-columns").click()
    expect(page.locator(".pop [name=columns]").first).to_be_disabled()
    names = [box.get_attribute("value") for box in page.locator(".pop [name=columns]:checked:enabled").all()]
    for name in names[1:]:
        page.locator(f".pop [name=columns][value={name}]").uncheck()
    page.locator(".pop [type=submit]:visible").click()
    expect(page.locator("thead th:not(.ck)")).to_have_count(2)


def test_a_box_suggests_records_while_one_types(page, cast, customer, live_server):
    page.goto(f"{live_server.url}/contacts/add/")
    box = page.locator("main [data-picker]").first
    box.press_sequentially("acor")
    expect(page.locator("datalist option")).to_have_attribute("value", re.compile("Acorn Works"))


# --- keys and menus -------------------------------------------------------------------------------------------------


def test_keys_lead_to_the_search_boxes(page, live_server):
    page.goto(f"{live_server.url}/customers/")
    page.keyboard.press("/")
    expect(page.locator("#list-q")).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.locator("[data-search]")).to_be_focused()


def test_single_keys_can_be_switched_off(page, live_server):
    page.goto(f"{live_server.url}/preferences/")
    page.locator("[data-keys]").uncheck()
    page.goto(f"{live_server.url}/customers/")
    page.keyboard.press("/")
    expect(page.locator("#list-q")).not_to_be_focused()


def test_a_menu_is_walked_with_arrows_and_left_with_escape(page, live_server):
    menu = page.locator(".top details.menu").last
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(menu.locator(".pop a").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(menu.locator(".pop button")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


def test_a_deleted_record_comes_back_by_the_toast(page, customer, live_server):
    page.goto(f"{live_server.url}/customers/{customer.pk}/delete/")
    page.locator("main [type=submit]").click()
    assert not Customer.objects.exists()
    page.locator(".toast-c .undo").click()
    expect(page.locator("h1")).to_contain_text("Acorn Works")
    assert Customer.objects.get() == customer


# --- look -----------------------------------------------------------------------------------------------------------


def test_the_theme_follows_the_device_or_the_person(page, cast, live_server):
    page.emulate_media(color_scheme="dark")
    page.goto(live_server.url)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    User.objects.filter(pk=cast.alice.pk).update(theme="light")
    page.goto(live_server.url)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_the_language_is_switched_and_kept(page, cast, live_server):
    page.locator(".top button[name=language]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    assert User.objects.get(pk=cast.alice.pk).language == "zh-hans"


# --- without script -------------------------------------------------------------------------------------------------


@pytest.fixture
def plain(browser, signed_in, cast, browser_context_args):
    """Alice's browser without script."""
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    yield signed_in(cast.alice, context)
    context.close()


def test_without_script_one_adds_filters_sorts_and_deletes(plain, live_server):
    plain.goto(f"{live_server.url}/customers/")
    plain.locator("main .ph a[data-drawer]").click()
    plain.locator("[name=name]").fill("Acorn Works")
    plain.locator("main [type=submit]").click()
    expect(plain.locator("h1")).to_contain_text("Acorn Works")
    plain.goto(f"{live_server.url}/customers/")
    plain.locator("#list-q").fill("nothing of the kind")
    plain.keyboard.press("Enter")
    expect(plain.locator("main .empty")).to_be_visible()
    plain.locator("main .empty a").click()
    plain.locator("#sort-name").click()
    expect(plain.locator("tbody tr")).to_have_count(1)
    plain.locator("tbody .nm").click()
    plain.locator(".acts details summary").click()
    plain.locator(".acts .down").click()
    plain.locator("main [type=submit]").click()
    plain.locator(".toast-c .undo").click()
    expect(plain.locator("h1")).to_contain_text("Acorn Works")
