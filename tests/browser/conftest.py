"""Fixtures of the browser tests: a real Chromium against Django's live server."""

import os

import pytest

from crm.devtools.chromium import chromium

pytest.importorskip("playwright", reason="requirements-dev.txt brings the browser driver")

# Playwright's own loop runs in this thread, which Django takes for asynchronous code. The database is used by one
# thread at a time all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items):
    """Every test of this folder needs the browser, and a database that the live server's thread sees too."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


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
