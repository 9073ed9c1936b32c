"""What every test run says and needs: whether there is a browser, and that CI never skips its tests silently."""

import os

import pytest

from crm.devtools.chromium import chromium

NO_BROWSER = "no Chromium on this machine (Debian: apt-get install chromium; or set BANYAN_CHROMIUM to a path)"


def pytest_report_header(config):
    return f"browser tests: {chromium() or 'NO CHROMIUM FOUND, they are skipped (in CI they fail)'}"


def pytest_runtest_setup(item):
    if not item.get_closest_marker("browser") or chromium():
        return
    if os.environ.get("CI"):
        pytest.fail(NO_BROWSER, pytrace=False)
    pytest.skip(NO_BROWSER)

pytest_plugins = ["tests.cast", "tests.clock"]
