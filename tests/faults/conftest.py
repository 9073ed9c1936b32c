"""The ground of the fault tests: one for each of their files."""

import pytest

from tests.faults.processes import Ground


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), Ground(tmp_path_factory.mktemp("faults")).open() as ground:
        yield ground
