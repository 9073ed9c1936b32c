"""Writing down a talk in a real browser: with the keyboard alone, with nothing lost when something is wrong."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from customers.models import Interaction
from customers.tests.factories import make_contact, make_customer
from tests.cast import make_cast


@pytest.fixture
def customer(transactional_db, client, context, live_server):
    """A customer of Alice, who is signed in."""
    cast = make_cast()
    client.force_login(cast.alice)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
    customer = make_customer(cast.alice, name="Acorn Works")
    make_contact(cast.alice, customer=customer, name="Zhou Min", position="CFO")
    return customer


def test_a_talk_is_logged_with_the_keyboard_and_stands_in_the_timeline(customer, page, live_server):
    page.goto(f"{live_server.url}/customers/{customer.pk}/")
    page.get_by_label("Call").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("what was said").fill("They want to see the line.")
    page.get_by_label("Contact", exact=True).select_option(label="Zhou Min (CFO)")
    page.get_by_label("what was said").press("Control+Enter")
    expect(page.locator("#timeline")).to_contain_text("Alice visited Zhou Min")
    expect(page.locator("#timeline")).to_contain_text("They want to see the line.")
    talk = Interaction.objects.get()
    assert (talk.kind, talk.contact.name, talk.created_by.username) == ("visit", "Zhou Min", "alice")


def test_a_wrong_moment_is_named_and_the_text_stays(customer, page, live_server):
    page.goto(f"{live_server.url}/customers/{customer.pk}/")
    page.get_by_label("what was said").fill("A long note.")
    page.get_by_label("next follow-up").fill("2020-01-01T10:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("must lie after the contact itself")).to_be_visible()
    expect(page.get_by_label("what was said")).to_have_value("A long note.")
    assert not Interaction.objects.exists()
