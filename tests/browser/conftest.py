"""Fixtures of the browser tests: a real Chromium against Django's live server."""

import os
from importlib.util import find_spec

import pytest
from django.conf import settings
from django.db import connections

from crm.devtools.chromium import chromium
from tests.cast import make_cast

# The driver is among the development tools; with requirements.txt alone these tests do not exist.
collect_ignore_glob = [] if find_spec("playwright") else ["test_*.py"]

# Playwright's own loop runs in this thread, which Django takes for asynchronous code. The database is used by one
# thread at a time all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items):
    """Every test of this folder needs the browser, and a database that the live server's thread sees too."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    # While Playwright's loop runs, Django keeps the connections of this thread in another place: one that stayed open
    # from before would be closed by nobody, and PostgreSQL neither copies nor drops a database with sessions in it.
    connections.close_all()


@pytest.fixture(scope="session")
def browser(browser):
    yield browser
    connections.close_all()  # for the same reason: after this the loop ends


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": chromium()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture
def axe(page):
    """axe(page) -> the violations of the page, as axe-core reports them."""
    from crm.devtools.processes import ROOT

    source = (ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8")

    def violations(target=page, **options):
        target.evaluate(source)  # through the debugger, so that the page's own policy stays as it is
        return target.evaluate("options => axe.run(document, options).then(result => result.violations)", options)

    return violations


@pytest.fixture
def people(transactional_db):
    """The cast, in a database that the live server's thread sees too."""
    return make_cast()


@pytest.fixture
def signed_in(client, context, live_server):
    """signed_in(user) -> a new page of the browser in which that person is signed in."""

    def sign_in(user, browser_context=context):
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        browser_context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        return browser_context.new_page()

    return sign_in


@pytest.fixture
def alices_page(signed_in, people, live_server):
    """Alice's browser on her workbench. A script error or a broken content policy fails the test."""
    page = signed_in(people.alice)
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None)
    page.goto(live_server.url)
    yield page
    assert complaints == []
