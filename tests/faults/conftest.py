"""The ground of the fault tests: one for each of their files."""

import pytest

from tests.faults.processes import Ground, copied_database


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), Ground(tmp_path_factory.mktemp("faults")).open() as ground:
        yield ground


@pytest.fixture(scope="module")
def copy(django_db_setup, django_db_blocker):
    """A copy of the test database for one file. Ask for transactional_db, too: it makes pytest-django set up what is
    copied, and what a test committed goes after it."""
    with django_db_blocker.unblock(), copied_database():
        yield
