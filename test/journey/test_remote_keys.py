"""Tokens that are checked by keys from elsewhere: whatever happens there, what was known goes on to count."""
import json
import subprocess
import time

import pytest

from harness.key_server import KeyServer, wait_until
from harness.tokens import Key, b64, claims, jwks, token
from harness.tree import program
from harness.world import HOST, PATH, RELEASE, World
from harness.signing import raw
from wire import Wire

OLD, NEW = Key("RS256", "old"), Key("ES256", "new")
STORM = 10_000
# What the server of the set does after its first good answer.
TROUBLE = {
    "stops": lambda server, path: server.hang_up(path),
    "redirects": lambda server, path: server.redirect(path, "https://localhost:1/"),
    "floods": lambda server, path: server.flood(path),
    "errs": lambda server, path: server.give(path, jwks(NEW), status="503 Busy"),
    "empties": lambda server, path: server.give(path, '{"keys":[]}'),
    "rotates": lambda server, path: server.give(path, jwks(NEW)),
    "storm": lambda server, path: None,
}


class Caller:
    """A consumer whose tokens are checked by a set of its own."""

    def __init__(self, world, server, name):
        self.world, self.name, self.path, self.begin = world, name, f"/{name}", time.time()
        self.url = server.url(self.path, "#timeout=3000")
        self.id = world.client.made("/consumers", {"name": f"remote-{name}"})["id"]
        world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [self.id], "api_ids": [world.api]})
        self.credential = world.client.made(f"/consumers/{self.id}/jwt-credentials", {"key_type": "REMOTE", "remote_jwks": self.url})

    def token(self, key, **header):
        return token(key, claims(300, uid=self.credential["claim_value"]), header)

    def request(self, key, **header):
        return raw("GET", PATH, {"Host": HOST, "Authorization": f"Bearer {self.token(key, **header)}"})

    def ask(self, key, **header):
        with Wire(self.world.nginx.port) as wire:
            wire.send(self.request(key, **header))
            return wire.answer().status

    def set(self):
        return self.world.client.get("/key-sets", url=self.url).json["key_sets"][0]

    def wait_for_fetch(self, attempts):
        return wait_until(lambda: self.set()["attempts"] >= attempts and (self.set()["keys"] or self.set()["problem"]) and self.set(), self.name)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = KeyServer(tmp_path_factory.mktemp("keys"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def world(server):
    with World(workers=2, arguments=server.daemon_options) as world:
        yield world


@pytest.fixture(scope="module")
def callers(world, server):
    """All were fetched once, then their servers changed, and a token with an unknown key came for each: the daemon has looked again."""
    for name in TROUBLE:
        server.give(f"/{name}", jwks(OLD))
    callers = {name: Caller(world, server, name) for name in TROUBLE}
    for caller in callers.values():
        wait_until(lambda caller=caller: caller.ask(OLD) == 200, f"first keys of {caller.name}")
    for name, behave in TROUBLE.items():
        behave(server, callers[name].path)
        assert callers[name].ask(NEW) == 401
    storm(world, callers["storm"])
    for name, caller in callers.items():
        caller.wait_for_fetch(2)
    return callers


def storm(world, caller):
    """Ten thousand tokens with ten thousand kids."""
    _, body, signature = caller.token(OLD).split(".")
    with Wire(world.nginx.port) as wire:
        for begin in range(0, STORM, 100):
            heads = [b64(json.dumps({"alg": "RS256", "kid": f"storm-{begin + i}"}).encode()) for i in range(100)]
            wire.send(b"".join(raw("GET", PATH, {"Host": HOST, "Authorization": f"Bearer {head}.{body}.{signature}"}) for head in heads))
            assert {wire.answer().status for _ in heads} == {401}


def test_what_was_not_fetched_yet_opens_nothing(world, server):
    server.hang_up("/never")
    caller = Caller(world, server, "never")
    caller.wait_for_fetch(1)
    assert caller.ask(OLD) == 401 and caller.ask(NEW) == 401


@pytest.mark.parametrize("name, words", [("stops", "returned nothing"), ("redirects", "redirects are not followed"), ("floods", "64 KiB"),
                                         ("errs", "503"), ("empties", "no key")])
def test_the_last_good_set_serves_on(callers, name, words):
    caller = callers[name]
    status = wait_until(lambda: caller.set()["problem"] and caller.set(), name)
    assert words in status["problem"] and status["keys"] == 1 and status["next_time"] > status["attempt_time"]
    assert caller.ask(OLD) == 200 and caller.ask(NEW) == 401


def test_keys_are_rotated_at_their_server(callers):
    caller = callers["rotates"]
    wait_until(lambda: caller.ask(NEW) == 200, "the new key")
    assert caller.ask(OLD) == 401, "what its server took back ends here too"


def test_unknown_kids_make_no_flood_of_fetches(callers, server):
    """Ten thousand, and no minute sees more than six fetches."""
    caller = callers["storm"]
    attempts = caller.set()["attempts"]
    assert 2 <= server.requests[caller.path] <= attempts <= 2 + (time.time() - caller.begin) // 10
    assert caller.ask(OLD) == 200


def test_a_policy_with_keys_from_elsewhere(world, server):
    server.give("/policy", jwks(OLD))
    url = server.url("/policy")
    definition = {"name": "remote_policy", "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/remote",
                  "auth_type": "NONE", "backend_type": "HTTP", "countersign": {"jwt_policy": {"parameter": "X-Token", "remote_jwks": url}},
                  "backend_api": {"url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 5000}}
    api = world.client.made("/apis", definition)["id"]
    sets = lambda: world.client.get("/key-sets", url=url).json["total"]  # noqa: E731
    assert sets() == 0, "an API that is nowhere published needs no keys"
    world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api})

    def ask(key):
        with Wire(world.nginx.port) as wire:
            wire.send(raw("GET", "/remote", {"Host": HOST, "X-Token": token(key, claims())}))
            return wire.answer().status
    wait_until(lambda: ask(OLD) == 200, "the policy's keys")
    assert ask(NEW) == 401 and sets() == 1
    world.client.made("/apis/action", {"action": "offline", "env_id": RELEASE, "api_id": api})
    assert sets() == 0


def test_after_a_restart_with_the_server_gone(callers, world):
    """The keys come out of the store, and the edge that is made anew has them too."""
    caller = callers["stops"]
    world.daemon.stop()
    assert caller.ask(OLD) == 200, "without a daemon"
    world.daemon.start()
    assert caller.ask(OLD) == 200
    rebuilt = subprocess.run([program("countersign"), "edge", "rebuild", "--data", str(world.daemon.data)], capture_output=True, text=True)
    assert rebuilt.returncode == 0, rebuilt
    assert caller.ask(OLD) == 200 and caller.ask(NEW) == 401
