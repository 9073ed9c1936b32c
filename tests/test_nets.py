"""Each net holds, and is missed when it is taken away: a test that cannot fail would prove nothing."""

import pytest

from tests.nets import NETS
from tests.nets_sharing import SHARING_NETS

ALL = (*NETS, *SHARING_NETS)


@pytest.mark.parametrize("net", ALL, ids=lambda net: net.name)
def test_the_net_holds(net, client, cast):
    assert net.holds(client, cast)


@pytest.mark.parametrize("net", ALL, ids=lambda net: net.name)
def test_the_house_leaks_without_the_net(net, client, cast, monkeypatch):
    net.take_away(monkeypatch)
    assert not net.holds(client, cast)
