"""What tests of the core share: workers that are not really woken."""

import pytest


@pytest.fixture
def woken(monkeypatch):
    """The task names and ids with which workers were woken, after the commit."""
    calls = []
    for module in ("broker", "events", "jobs", "mail"):
        monkeypatch.setattr(f"crm.{module}.wake", lambda task, *ids: calls.append((task, *ids)) or True)
    return calls
