"""What several tests of reports use: the cast with the right to schedules, and a worker that works at once."""

import pytest

from crm.access import Action, Reach
from crm.models import RoleRule


@pytest.fixture
def people(cast):
    """The cast; workers and heads may keep schedules of their own, root all."""
    for role in (cast.worker, cast.head):
        for model in ("reports.reportschedule", "reports.reportrun"):
            for action in (Action.VIEW, Action.ADD, Action.CHANGE, Action.DELETE):
                RoleRule.objects.create(role=role, model=model, action=action, reach=Reach.OWN)
    return cast


@pytest.fixture
def files_folder(settings, tmp_path):
    settings.FILES_DIR = tmp_path
    return tmp_path
