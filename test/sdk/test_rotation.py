"""A change of keys with the backend of each language in the loop: nobody is refused on the way, and at its end the old key opens nothing."""
import json
import os
import subprocess
import time

import pytest
import scene
import sdks
import wire
from conftest import built_once
from tamper import TamperingProxy
from tree import free_port

OLD = ("live_sign_key", "old_sign_secret_0123456789")
NEW = ("live_sign_key", "new_sign_secret_0123456789")
SECRETS = {"COUNTERSIGN_ID": OLD[0], "COUNTERSIGN_SECRET": OLD[1]}


class Party:
    """A sample backend, what stands before it and remembers what passed, and the host behind which it is."""

    def __init__(self, language):
        self.language, self.host = language, f"{language.name}.example.com"
        self.proxy = TamperingProxy(("127.0.0.1", 1), lambda head, body: (head, body))
        self.process = None

    def start(self, environment):
        self.stop()
        self.port = free_port()
        self.process = subprocess.Popen([*map(str, self.language.sample), str(self.port)], text=True, stdout=subprocess.PIPE,
                                        env={**os.environ, **self.language.environment, **environment})
        self.proxy.target = ("127.0.0.1", self.port)

    def wait(self):
        assert self.process.stdout.readline() == f"listening at http://127.0.0.1:{self.port}\n"

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process.stdout.close()
            self.process = None

    def again(self, passed):
        """What the backend says to a request that passed before, as it was then."""
        with wire.Wire(self.port) as connection:
            connection.send(b"".join(passed))
            answer = connection.answer()
        return answer.status, json.loads(answer.body)


@pytest.fixture(scope="module")
def parties():
    made = [Party(built_once(language)) for language in sdks.LANGUAGES]
    yield made
    for party in made:
        party.stop()
        party.proxy.__exit__()


@pytest.fixture(scope="module")
def gateway(parties):
    made = scene.Scene()
    for party in parties:
        made.edge.put(*scene.api(party.language.name, party.host, {"authority": f"127.0.0.1:{party.proxy.port}"}, signature_key="rotating"))
    yield made
    made.close()


def set_key(gateway, pair, **following):
    gateway.edge.put(scene.edges.signature_key("rotating", *pair, **following))


def start_all(parties, environment):
    for party in parties:
        party.start(environment)
    for party in parties:
        party.wait()


def ask_all(gateway, parties):
    """language → what passed, each answered 200."""
    for party in parties:
        answer = gateway.ask("POST", "/orders", scene.bob(party.host), b"a body")
        assert (answer.status, json.loads(answer.body)["verified"]) == (200, True), (party.language.name, answer.body)
    return {party.language.name: party.proxy.seen[-1] for party in parties}


def test_a_change_of_keys_refuses_nobody_and_ends_the_old_key(gateway, parties):
    set_key(gateway, OLD)
    start_all(parties, {**SECRETS, "COUNTERSIGN_NEXT_SECRET": NEW[1]})
    moment = int(time.time()) + 3
    set_key(gateway, OLD, next_from=moment, next_key=NEW[0], next_secret=NEW[1])
    by_old = ask_all(gateway, parties)
    assert time.time() < moment
    time.sleep(moment + 0.2 - time.time())
    by_new = ask_all(gateway, parties)
    for party in parties:  # the overlap: both are accepted, from either side of the moment
        assert party.again(by_old[party.language.name])[0] == party.again(by_new[party.language.name])[0] == 200
    start_all(parties, {**SECRETS, "COUNTERSIGN_SECRET": NEW[1]})
    ask_all(gateway, parties)
    for party in parties:
        assert party.again(by_new[party.language.name])[0] == 200
        assert party.again(by_old[party.language.name]) == (401, {"error": "signature_mismatch"}), party.language.name
    set_key(gateway, NEW)
    ask_all(gateway, parties)
