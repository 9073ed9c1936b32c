"""No test sees two dates: who would begin within a minute of a midnight waits until it has passed."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

DAYS_OF = (ZoneInfo("Asia/Shanghai"), UTC)  # the company of the tests, and the database's sessions
NEAR = timedelta(minutes=1)


def to_midnight(now: datetime) -> timedelta:
    """How long the present day lasts where it ends first."""
    ends = (
        datetime.combine(now.astimezone(zone).date() + timedelta(days=1), datetime.min.time(), zone) for zone in DAYS_OF
    )
    return min(end.astimezone(UTC) - now for end in ends)


def wait(now: datetime) -> float:
    """The seconds that a test waits which would begin now."""
    left = to_midnight(now)
    return left.total_seconds() if left < NEAR else 0.0


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    time.sleep(wait(datetime.now(UTC)))
