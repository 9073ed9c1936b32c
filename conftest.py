"""What every test run says and needs: whether there is a browser, and that CI never skips its tests silently."""

import os

import pytest

from crm.devtools.chromium import chromium

NO_BROWSER = "no Chromium on this machine (Debian: apt-get install chromium; or set BANYAN_CHROMIUM to a path)"


def pytest_report_header(config):
    return f"browser tests: {chromium() or 'NO CHROMIUM FOUND, they are skipped (in CI they fail)'}"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """On the servers that the run started itself, the test database is a copy of a migrated one."""
    if "BANYAN_TEST_SERVERS" in os.environ:
        from django.conf import settings

        from crm.devtools.template import template

        test = settings.DATABASES["default"].setdefault("TEST", {})
        test["TEMPLATE"] = template(settings.DATABASE_URL)


def pytest_runtest_setup(item):
    if not item.get_closest_marker("browser") or chromium():
        return
    if os.environ.get("CI"):
        pytest.fail(NO_BROWSER, pytrace=False)
    pytest.skip(NO_BROWSER)


pytest_plugins = ["tests.cast", "tests.clock"]
