"""Signing in with a real browser: the page works under its own content policy, and people with aids can use it."""

import pytest

from crm.models import User
from tests.cast import PASSWORD


@pytest.fixture
def person(transactional_db):
    return User.objects.create_user("alice", "alice@banyan.example", PASSWORD, name="Alice", language="en")


@pytest.fixture
def complaints(page):
    """What the browser's console says against the page: violations of the policy, scripts that fail."""
    found = []
    page.on("console", lambda message: found.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.mark.parametrize("name", ["alice", "Alice@Banyan.example"])
def test_a_person_signs_in_by_username_or_address(page, live_server, person, complaints, name):
    page.goto(live_server.url)
    assert page.url == f"{live_server.url}/accounts/login/?next=/"
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{live_server.url}/")
    assert page.locator("html").get_attribute("lang") == "en"
    assert complaints == []


def test_a_wrong_password_is_told_without_saying_which_part_was_wrong(page, live_server, person, complaints):
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("input[name=login]", "alice")
    page.fill("input[name=password]", "guessed")
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("[role=alert], .errorlist, .alert")
    assert page.url == f"{live_server.url}/accounts/login/"
    assert page.input_value("input[name=login]") == "alice"
    assert page.input_value("input[name=password]") == ""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_the_page_has_no_barrier(browser, live_server, db, axe, theme, language):
    page = browser.new_page(locale=language, color_scheme=theme)
    page.goto(f"{live_server.url}/accounts/login/")
    assert page.locator("html").get_attribute("lang")[:2] == language[:2]
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in axe(page)] == []
    page.close()
