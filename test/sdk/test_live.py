"""Gateway, then an attacker in the middle, then the sample backend of each language: what the gateway signed is answered, and nothing that
was changed on the way."""
import json
import os
import re
import subprocess

import callers
import edges
import pytest
import scene
import sdks
from tamper import TamperingProxy, set_length
from tree import free_port

KEYS = sdks.TREE / "vectors/keys"


def bare(name):
    """A PEM file without its armour, as signature keys hold it."""
    return "".join(line for line in (KEYS / f"{name}.pem").read_text().split("\n") if not line.startswith("-----"))


def pair(kind, key, secret):
    """(record for the gateway, environment of the backend): both sides know the same."""
    record = {**edges.signature_key("sign-" + kind, key, secret), "type": kind}
    return record, {"COUNTERSIGN_TYPE": kind, "COUNTERSIGN_ID": key, "COUNTERSIGN_SECRET": secret}


def aes(bits, key, vector):
    record = {**edges.signature_key(f"sign-aes-{bits}", key, vector), "type": "aes"}
    return record, {"COUNTERSIGN_TYPE": "aes", "COUNTERSIGN_ID": record["id"], "COUNTERSIGN_ALGORITHM": f"aes-{bits}-cfb",
                    "COUNTERSIGN_KEY": key, "COUNTERSIGN_SECRET": vector}


def public_key(name):
    record = {**edges.signature_key(f"sign-{name}", bare(f"{name}-public"), bare(f"{name}-private")), "type": "public_key"}
    return record, {"COUNTERSIGN_TYPE": "public_key", "COUNTERSIGN_ID": record["id"], "COUNTERSIGN_KEY": (KEYS / f"{name}-public.pem").read_text()}


# The types that the gateway offers.
OFFERED = {
    "hmac": pair("hmac", "live_sign_key", "live_sign_secret_0123456789"),
    "basic": pair("basic", "gateway_user", "p@ss#word$1%"),
    "aes-128": aes(128, "Kq3+vY/7mR=tW$2z", "Zx9!aB8@cD7#eF6%"),
    "aes-256": aes(256, "0123456789abcdefGHIJKLMNOPQRST+/", "abcdefghijklmnop"),
    "rsa": public_key("rsa"),
    "ecdsa": public_key("ecdsa"),
    "bce": pair("bce", "8c1f6f0e6d8e4f6bb1a4f3b8a7c2d9e0", "live_sign_secret_0123456789"),
    "aliyun": pair("aliyun", "LiveKey1", "live_sign_secret"),
}


def in_head(old, new):
    def change(head, body):
        changed = re.sub(old, new, head, count=1)
        assert changed != head, (old, head)
        return changed, body
    return change


# What an attacker changes → the refusal, and the types that cannot see it: basic covers nothing but its password.
CHANGES = {
    "method": (in_head(rb"^POST", b"PUT"), "signature_mismatch", {"basic"}),
    "path": (in_head(rb"/orders/", b"/admin/"), "signature_mismatch", {"basic"}),
    "query": (in_head(rb"a=1", b"a=2"), "signature_mismatch", {"basic"}),
    "caller": (in_head(rb"(?i)(X-Countersign-App:) *\S+", rb"\1 id-of-mallory"), "signature_mismatch", {"basic"}),
    "body": (lambda head, body: (set_length(head, b"pay 9"), b"pay 9"), ("signature_mismatch", "body_mismatch"), {"basic"}),
    "proof": (in_head(rb"(?im)^(Authorization|X-Bce-Gateway-Auth|X-Ca-Proxy-Signature): .*\r\n", b""), "missing", set()),
}


class Live:
    """One gateway; a host for each pair of type and language is added when it is asked for."""

    def __init__(self):
        self.change = None
        self.proxy = TamperingProxy(("127.0.0.1", 1), lambda head, body: self.change(head, body) if self.change else (head, body))
        self.scene = scene.Scene()
        self.scene.edge.put(*[record for record, _ in OFFERED.values()])

    def offer(self, name, port):
        """The host behind which the backend is; the attacker stands in between."""
        self.proxy.target, host = ("127.0.0.1", port), "live.example.com"
        record, _ = OFFERED[name]
        self.scene.edge.put(*scene.api("live", host, {"authority": f"127.0.0.1:{self.proxy.port}"}, signature_key=record["id"]))
        return host

    def ask(self, host, change=None):
        self.change = change
        fields = callers.sdk("POST", TARGET, host, scene.PAIR, BODY)
        answer = self.scene.ask("POST", TARGET, fields, BODY)
        return answer.status, json.loads(answer.body)

    def close(self):
        self.scene.close()
        self.proxy.__exit__()


TARGET = "/orders/%E6%9C%8D%20x?a=1&b=%2B&c="
BODY = b"pay 1"


@pytest.fixture(scope="module")
def live():
    made = Live()
    yield made
    made.close()


@pytest.fixture
def backend(language):
    """start(environment) → port of a sample backend."""
    processes = []

    def start(environment):
        port = free_port()
        process = subprocess.Popen([*map(str, language.sample), str(port)], env={**os.environ, **language.environment, **environment},
                                   stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout.readline() == f"listening at http://127.0.0.1:{port}\n"
        return port
    yield start
    for process in processes:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.mark.parametrize("name", OFFERED)
def test_what_the_gateway_signed_is_answered_and_what_was_changed_is_refused(live, backend, name):
    record, environment = OFFERED[name]
    host = live.offer(name, backend(environment))
    status, answer = live.ask(host)
    assert (status, answer.get("verified")) == (200, True), answer
    assert (answer["caller"], answer["method"], answer["target"], answer["body_bytes"]) == (scene.ALICE["id"], "POST", TARGET, len(BODY))
    assert (answer["type"], answer["key_id"]) == (record["type"], environment["COUNTERSIGN_ID"])
    for change, reason, unseen in CHANGES.values():
        if record["type"] in unseen:
            continue
        status, answer = live.ask(host, change)
        assert status == 401, (change, answer)
        assert answer["error"] in reason, answer
