"""Names of backends: asked on a timer, published when they change, and kept when servers fail or lie."""
import json
import subprocess
import time

import pytest

from api_bodies import make_api, make_group, publish
from harness.management import Daemon
from harness.names import NameServer
from harness.tree import program


@pytest.fixture(scope="module")
def names():
    server = NameServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def own(tmp_path_factory, names):
    daemon = Daemon(tmp_path_factory.mktemp("names") / "data", arguments=["--name-servers", names.address]).start()
    yield daemon
    daemon.stop()


def addresses(daemon, authority):
    ended = subprocess.run([program("countersign"), "edge", "show", "--kind", "addresses", "--data", str(daemon.data)], capture_output=True,
                           text=True, check=True)
    found = [record for record in map(json.loads, ended.stdout.splitlines()) if record["authority"] == authority]
    return found[0]["addresses"] if found else None


def becomes(daemon, authority, wanted):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = addresses(daemon, authority)
        if found == wanted:
            return True
        time.sleep(0.05)
    raise AssertionError((found, wanted))


def published(daemon, **changes):
    group = make_group(daemon.client)
    publish(daemon.client, make_api(daemon.client, group["id"], **changes))


def test_the_addresses_of_a_name_are_there_when_the_call_returns(own, names):
    names.answers["first.example.com"] = (300, "10.0.0.2", "10.0.0.1", "2001:db8::1")
    published(own, **{"backend_api.url_domain": "First.example.com:8080"})
    assert addresses(own, "first.example.com:8080") == ["10.0.0.1:8080", "10.0.0.2:8080", "[2001:db8:0:0:0:0:0:1]:8080"]


def test_a_short_ttl_is_heeded_and_the_last_good_addresses_stay(own, names):
    names.answers["moves.example.com"] = (0, "10.0.0.1")
    published(own, **{"backend_api.url_domain": "moves.example.com"})
    assert addresses(own, "moves.example.com:80") == ["10.0.0.1:80"]
    names.answers["moves.example.com"] = (1, "10.0.0.9")
    assert becomes(own, "moves.example.com:80", ["10.0.0.9:80"])
    for lie in (None, (1, "169.254.169.254", "::ffff:10.0.0.1")):
        names.answers["moves.example.com"] = lie
        asked = names.asked.count("moves.example.com")
        deadline = time.monotonic() + 30
        while names.asked.count("moves.example.com") < asked + 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert names.asked.count("moves.example.com") >= asked + 2
        assert addresses(own, "moves.example.com:80") == ["10.0.0.9:80"], lie
    names.answers["moves.example.com"] = (1, "169.254.1.1", "10.0.0.7")
    assert becomes(own, "moves.example.com:80", ["10.0.0.7:80"])


def test_a_long_ttl_is_asked_for_once(own, names):
    assert names.asked.count("first.example.com") == 2, "one for each family, since the first test"


def test_another_order_is_no_other_answer(own, names):
    names.answers["turns.example.com"] = (1, "10.0.0.1", "10.0.0.2")
    published(own, **{"backend_api.url_domain": "turns.example.com"})
    before = edge_revisions(own)
    names.answers["turns.example.com"] = (1, "10.0.0.2", "10.0.0.1")
    deadline = time.monotonic() + 20
    while names.asked.count("turns.example.com") < 6 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert names.asked.count("turns.example.com") >= 6
    assert addresses(own, "turns.example.com:80") == ["10.0.0.1:80", "10.0.0.2:80"]
    assert edge_revisions(own) == before


def edge_revisions(daemon):
    """When the picture was last written: the file's time of change."""
    return (daemon.data / "edge" / "data.mdb").stat().st_mtime_ns


def test_members_are_names_too_and_one_that_nobody_answers_keeps_no_other_waiting(own, names):
    names.answers.update({"silent.example.com": "silence", "a.example.com": (300, "10.1.0.1"), "b.example.com": (300, "10.1.0.2")})
    members = [{"authority": f"{name}.example.com"} for name in ("silent", "a", "b")]
    published(own, **{"countersign.members": members})
    assert becomes(own, "a.example.com:80", ["10.1.0.1:80"]) and becomes(own, "b.example.com:80", ["10.1.0.2:80"])
    assert addresses(own, "silent.example.com:80") is None
    names.answers["silent.example.com"] = (300, "10.1.0.3")
    assert becomes(own, "silent.example.com:80", ["10.1.0.3:80"])


def test_names_that_nobody_answers_keep_no_other_waiting(own, names):
    """Each of them takes seconds until it is given up; the call of the other returns with its addresses all the same."""
    silent = [f"silent{number}.example.com" for number in range(16)]
    names.answers.update(dict.fromkeys(silent, "silence"))
    published(own, **{"countersign.members": [{"authority": name} for name in silent]})
    names.answers["quick.example.com"] = (300, "10.2.0.1")
    published(own, **{"backend_api.url_domain": "quick.example.com"})
    assert addresses(own, "quick.example.com:80") == ["10.2.0.1:80"]
    assert all(addresses(own, f"{name}:80") is None for name in silent[::8])
    names.answers.update(dict.fromkeys(silent, (300, "10.2.0.2")))  # asked again later, at no cost to anybody


def test_a_name_is_written_into_the_hosts_file_or_nowhere(own):
    published(own, **{"backend_api.url_domain": "localhost:8081"})
    assert "127.0.0.1:8081" in addresses(own, "localhost:8081")


def test_servers_that_are_none(tmp_path):
    ended = subprocess.run([program("countersignd"), "--data", str(tmp_path / "data"), "--name-servers", "x y"], capture_output=True, text=True, timeout=30)
    assert ended.returncode != 0 and "--name-servers names none" in ended.stderr
