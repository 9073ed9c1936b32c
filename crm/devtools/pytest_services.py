"""pytest plugin: starts PostgreSQL and Valkey for the run when no DATABASE_URL and REDIS_URL are given.

Each run that goes on at the same time in one checkout takes a cluster of its own (.dev/test, .dev/test-2, …).
"""

import contextlib
import os
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parent.parent.parent / ".dev"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config):
    # Before pytest-django reads the settings.
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        share(int(worker.removeprefix("gw")) + 1)
        return (yield)
    os.environ.update(BANYAN_ENV="test", BANYAN_DATA=str(DATA / "test"))
    if not {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        exits = contextlib.ExitStack()
        early_config.add_cleanup(exits.close)
        start(exits)
    return (yield)


def share(number):
    """A worker of pytest-xdist uses the servers of its controller, with a queue, files and a database of its own."""
    queue = os.environ["REDIS_URL"].rpartition("/")[0]
    os.environ.update(REDIS_URL=f"{queue}/{number}", BANYAN_DATA=f"{os.environ['BANYAN_DATA']}/worker-{number}")


def start(exits):
    from crm.devtools import frontend
    from crm.devtools.folders import Folder, InUse
    from crm.devtools.servers import servers

    frontend.translations()
    for number in range(1, 9):
        folder = Folder(DATA / ("test" if number == 1 else f"test-{number}"))
        with contextlib.suppress(InUse):
            exits.enter_context(folder.held("a test run"))
            os.environ.update(exits.enter_context(servers(folder, fast=True)), BANYAN_DATA=str(folder.path))
            os.environ["BANYAN_TEST_SERVERS"] = "1"  # they may keep a migrated database for the next run
            return
    raise pytest.UsageError("eight test runs are going on in this checkout already")
