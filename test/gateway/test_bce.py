"""bce-auth-v1 as a way in (baidu.md 1 and 2): both headers, what it covers, when it ends."""
import hashlib
import time

import callers
import edges
import pytest
from nginx import HOST
from scene import ALICE, MALLORY_PAIR, PAIR, PLACES, api

STRICT = "strict.example.com"


@pytest.fixture(scope="module")
def strict():
    """An API that demands a covered body."""
    from scene import Scene
    scene = Scene(records=lambda made: api("strict", STRICT, {"authority": made.backend.authority}, places=PLACES, require_body_digest=True))
    yield scene
    scene.close()


def code_of(answer):
    assert answer["X-Bce-Error-Code"] in answer.body.decode() and answer["X-Bce-Request-Id"] == answer["X-Request-Id"] and answer["Date"]
    return answer.status, answer["X-Bce-Error-Code"]


@pytest.mark.parametrize("carrier", ["X-Bce-Signature", "Authorization"])
@pytest.mark.parametrize("names", [None, "", "host"], ids=["listed", "default", "host only"])
def test_both_headers(gateway, carrier, names):
    listed = {} if names is None else {"names": names}
    proof = callers.bce("POST", "/orders/1?b=2&a=1", HOST, PAIR, b"{}", carrier=carrier, extra={"X-Bce-Stage": "RELEASE"}, **listed)
    assert gateway.ask("POST", "/orders/1?b=2&a=1", proof, b"{}").status == 200
    received = gateway.backend.only()
    assert received["X-Countersign-App"] == ALICE["id"] and not {"authorization", "x-bce-signature"} & set(received.names())


@pytest.mark.parametrize("what, change, expected", [
    ("method", lambda p: ("PUT", "/a?x=1", p), (400, "SignatureMismatch")),
    ("path", lambda p: ("GET", "/b?x=1", p), (400, "SignatureMismatch")),
    ("query", lambda p: ("GET", "/a?x=2", p), (400, "SignatureMismatch")),
    ("another query name", lambda p: ("GET", "/a?x=1&y=1", p), (400, "SignatureMismatch")),
    ("lifetime", lambda p: ("GET", "/a?x=1", {**p, "X-Bce-Signature": p["X-Bce-Signature"].replace("/1800/", "/1799/")}), (400, "SignatureMismatch")),
    ("signed header", lambda p: ("GET", "/a?x=1", {**p, "X-Tenant": "8"}), (400, "SignatureMismatch")),
    ("key", lambda p: ("GET", "/a?x=1", {**p, "X-Bce-Signature": p["X-Bce-Signature"].replace("alice", "nobody")}), (400, "SignatureAppInvalid")),
    ("seventh part", lambda p: ("GET", "/a?x=1", {**p, "X-Bce-Signature": p["X-Bce-Signature"] + "/x"}), (400, "SignatureInvalid")),
    ("version", lambda p: ("GET", "/a?x=1", {**p, "X-Bce-Signature": p["X-Bce-Signature"].replace("v1", "v2", 1)}), (400, "SignatureInvalid")),
    ("date of another form", lambda p: ("GET", "/a?x=1", {**p, "X-Bce-Signature": p["X-Bce-Signature"].replace("T", " ", 1)}),
     (400, "SignatureTimestampInvalid")),
    ("upper-case signature", lambda p: ("GET", "/a?x=1", {**p, "X-Bce-Signature": p["X-Bce-Signature"][:-64] + p["X-Bce-Signature"][-64:].upper()}),
     (400, "SignatureInvalid")),
    ("both headers", lambda p: ("GET", "/a?x=1", {**p, "Authorization": p["X-Bce-Signature"]}), None),
])
def test_changed_on_the_way(gateway, what, change, expected):
    method, target, fields = change(callers.bce("GET", "/a?x=1", HOST, PAIR, extra={"X-Tenant": "7"}))
    answer = gateway.ask(method, target, fields)
    assert (answer.status, "proof_ambiguous") == (400, gateway.nginx.logged(answer["X-Request-Id"])["refusal"]) if expected is None else (
        code_of(answer) == expected)
    assert not gateway.backend.take()


def test_unauthorised(gateway):
    assert code_of(gateway.ask("GET", "/a", callers.bce("GET", "/a", HOST, MALLORY_PAIR))) == (400, "SignatureAppInvalid")


@pytest.mark.parametrize("lifetime, age, expected", [
    (1800, 1795, None), (1800, 1860, (400, "SignatureTimestampExpired")), (60, 50, None), (60, 120, (400, "SignatureTimestampExpired")),
    # More than half an hour is not granted, whatever is asked for.
    (86400, 1795, None), (86400, 1860, (400, "SignatureTimestampExpired")), (2147483647, 86400, (400, "SignatureTimestampExpired")),
    (1800, -890, None), (1800, -960, (403, "RequestTimeTooSkewed")), (-1, 0, (400, "SignatureInvalid")), (0, 0, (400, "SignatureInvalid")),
])
def test_how_long_a_proof_holds(gateway, lifetime, age, expected):
    answer = gateway.ask("GET", "/a", callers.bce("GET", "/a", HOST, PAIR, lifetime=lifetime, now=time.time() - age))
    assert answer.status == 200 if expected is None else code_of(answer) == expected


def test_two_equal_requests_in_a_second_are_two_requests(gateway):
    """The scheme has no nonce, and its dates are whole seconds: docs/decisions/0008."""
    proof = callers.bce("GET", "/a", HOST, PAIR)
    assert [gateway.ask("GET", "/a", proof).status for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("digest, sent, status", [("right", b"{}", 200), ("right", b"[]", 400), ("wrong", b"{}", 400)])
def test_a_signed_digest_is_that_of_the_body(gateway, digest, sent, status):
    value = hashlib.sha256(b"{}" if digest == "right" else b"").hexdigest()
    answer = gateway.ask("POST", "/a", callers.bce("POST", "/a", HOST, PAIR, b"{}", extra={"x-bce-content-sha256": value}), sent)
    assert answer.status == status
    assert status == 200 or code_of(answer) == (400, "SignatureMismatch")


def test_a_rule_that_the_body_is_covered(strict):
    refused = strict.ask("POST", "/a", callers.bce("POST", "/a", STRICT, PAIR, b"{}"), b"{}")
    assert code_of(refused) == (400, "SignatureInvalid") and "x-bce-content-sha256 is required" in refused.body.decode()
    covered = {"x-bce-content-sha256": hashlib.sha256(b"{}").hexdigest()}
    assert strict.ask("POST", "/a", callers.bce("POST", "/a", STRICT, PAIR, b"{}", extra=covered), b"{}").status == 200
    assert strict.ask("GET", "/a", callers.bce("GET", "/a", STRICT, PAIR)).status == 200
