"""Each net holds, and is missed when it is taken away: a test that cannot fail would prove nothing."""

import pytest
from django.db import transaction
from django.test import Client

from tests.nets import NETS
from tests.nets_data import DATA_NETS
from tests.nets_doors import DOOR_NETS
from tests.nets_sharing import SHARING_NETS


@pytest.fixture(autouse=True)
def no_worker(monkeypatch, settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setattr("crm.jobs.delay_on_commit", lambda *a: None)


@pytest.mark.parametrize("net", [*NETS, *SHARING_NETS, *DOOR_NETS, *DATA_NETS], ids=lambda net: net.name)
def test_the_house_leaks_without_the_net(net, cast, monkeypatch):
    with transaction.atomic():  # the same question twice, on the same ground
        assert net.holds(Client(), cast), "the house leaks with it"
        transaction.set_rollback(True)
    net.take_away(monkeypatch)
    assert not net.holds(Client(), cast), "the house is tight without it"
