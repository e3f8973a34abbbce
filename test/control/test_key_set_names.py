"""Servers of key sets whose names change: where a fetch connects to is decided by the address that is connected to, and by no other."""
import time

import pytest

from conftest import new_store
from harness.key_server import KeyServer
from harness.management import Daemon
from harness.names import NameServer
from harness.tokens import Key, jwks

KEY, MOVED = Key("ES256", "first"), Key("ES256", "second")
LISTED = "idp.test"  # may be at private addresses, see --key-set-hosts
REFUSED = "private, loopback or link-local"
NOWHERE = "no address where a key set may be fetched from"


@pytest.fixture(scope="module")
def names():
    names = NameServer()
    yield names
    names.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = KeyServer(tmp_path_factory.mktemp("server"), LISTED)
    yield server
    server.close()


@pytest.fixture(scope="module")
def client(server, names, tmp_path_factory):
    options = ["--key-set-ca", str(server.authority.certificate), "--key-set-hosts", LISTED, "--name-servers", names.address]
    daemon = Daemon(tmp_path_factory.mktemp("daemon") / "data", new_store(), options).start()
    yield daemon.client
    daemon.stop()


class Fetch:
    """Each of a path of its own: two of one URL want some seconds between them."""
    count = 0

    def __init__(self, client, server, host, timeout=1500):
        Fetch.count += 1
        self.path, self.server = f"/set-{Fetch.count}", server
        server.give(self.path, jwks(KEY))
        self.answer = client.post("/key-sets/test", {"url": f"https://{host}:{server.port}{self.path}#timeout={timeout}"}).json
        self.problem = self.answer["problem"]

    @property
    def arrived(self):
        return self.path in self.server.requests


def test_a_name_that_is_rebound(client, server, names):
    """Public when it was looked at, private when it counts. The first address is one of documentation (RFC 5737): nobody is there."""
    names.answers["rebound.test"] = (0, "203.0.113.7")
    before = Fetch(client, server, "rebound.test", 200)
    assert before.answer["fetched"] is False and REFUSED not in before.problem and not before.arrived
    for address in ("127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fd00::1"):
        names.answers["rebound.test"] = (0, address)
        after = Fetch(client, server, "rebound.test")
        assert REFUSED in after.problem and not after.arrived, address


def test_a_private_address_among_public_ones(client, server, names):
    """Also as the address that is left when the others cannot be connected to."""
    names.answers["mixed.test"] = (60, "203.0.113.7", "127.0.0.1", "203.0.113.8")
    mixed = Fetch(client, server, "mixed.test", 600)
    assert mixed.answer["fetched"] is False and not mixed.arrived


def test_a_listed_name_is_no_way_to_the_cloud(client, server, names):
    names.answers[LISTED] = (0, "127.0.0.1")
    assert Fetch(client, server, LISTED).answer["fetched"] is True
    for address in ("169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "::ffff:169.254.169.254"):
        names.answers[LISTED] = (0, address)
        away = Fetch(client, server, LISTED)
        assert NOWHERE in away.problem and not away.arrived, address


def test_of_several_addresses_one_is_enough(client, server, names):
    names.answers[LISTED] = (60, "127.0.0.3", "169.254.169.254", "127.0.0.1", "127.0.0.2")
    several = Fetch(client, server, LISTED)
    assert several.answer["fetched"] is True and several.answer["keys"] == 1 and several.arrived


def test_who_moves_is_found_by_the_next_fetch(client, server, names, tmp_path):
    """However long the TTL of the answer before was."""
    names.answers[LISTED] = (86400, "127.0.0.1")
    assert "first" in Fetch(client, server, LISTED).answer["jwks"]
    elsewhere = KeyServer(tmp_path / "moved", LISTED, ("127.0.0.2", server.port), server.authority)
    try:
        elsewhere.give("/moved", jwks(MOVED))
        names.answers[LISTED] = (86400, "127.0.0.2")
        answer = client.post("/key-sets/test", {"url": f"https://{LISTED}:{server.port}/moved"}).json
        assert "second" in answer["jwks"] and elsewhere.requests == {"/moved": 1}
    finally:
        elsewhere.close()


@pytest.mark.parametrize("answer, least", [(None, 0), ((), 0), ("silence", 0.3)])
def test_a_name_that_is_not_there(client, server, names, answer, least):
    """No longer than the URL says, however long name servers are silent."""
    names.answers["gone.test"] = answer
    begin = time.monotonic()
    gone = Fetch(client, server, "gone.test", 400)
    assert NOWHERE in gone.problem and least <= time.monotonic() - begin < 1.4
