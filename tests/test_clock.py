"""A test waits near a midnight of the company or of UTC, and at no other moment."""

from datetime import datetime

import pytest

from tests.clock import wait


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        ("2026-12-31T15:58:59+00:00", 0),  # 23:58:59 in Shanghai
        ("2026-12-31T15:59:00+00:00", 0),
        ("2026-12-31T15:59:00.500+00:00", 59.5),
        ("2026-12-31T15:59:59+00:00", 1),
        ("2026-12-31T16:00:00+00:00", 0),  # the new year has begun in Shanghai
        ("2027-02-28T23:59:40+00:00", 20),
        ("2027-03-01T00:00:00+00:00", 0),
        ("2028-02-29T07:59:50+08:00", 10),  # midnight in UTC, told by another clock
    ],
)
def test_a_test_waits_for_the_new_day_instead_of_seeing_two(moment, seconds):
    assert wait(datetime.fromisoformat(moment)) == seconds
