"""Who is calling, and what the backend learns of it, for each scheme."""
import time

import callers
import pytest
import wire
from nginx import HOST
from scene import (ALICE, BACKEND_HOST, BOB_KEY, CAROL_KEY, DAVE_KEY, MALLORY_PAIR, OPEN_HOST, PAIR, bob)

TARGET = "/orders/1?b=2&a=1"


def fields_of(scheme, method="GET", target=TARGET, body=b""):
    if scheme == "sdk-hmac-sha256":
        return callers.sdk(method, target, HOST, PAIR, body)
    if scheme == "aliyun-ca":
        return callers.aliyun(method, target, HOST, PAIR, body)
    if scheme == "bearer":
        return bob()
    return {"Host": HOST, "X-Api-Key": CAROL_KEY}


SCHEMES = {"sdk-hmac-sha256": ("X-Countersign-App", ALICE["id"]), "aliyun-ca": ("X-Countersign-App", ALICE["id"]),
           "bearer": ("X-Mse-Consumer", "bob"), "header": ("X-Mse-Consumer", "carol")}
CARRIERS = ("authorization", "x-sdk-date", "x-sdk-content-sha256", "x-ca-key", "x-ca-signature", "x-ca-signature-headers", "x-ca-nonce",
            "x-ca-timestamp", "x-ca-signature-method", "x-api-key")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_backend_learns_who_calls_and_never_the_proof(gateway, scheme, method):
    body = b'{"a":1}' if method in ("POST", "PUT", "PATCH") else b""
    answer = gateway.ask(method, TARGET, {**fields_of(scheme, method, body=body), "X-Other": "stays"}, body or None)
    assert answer.status == 200 and answer["X-Backend"] == "yes"
    received = gateway.backend.only()
    assert received.line == f"{method} {TARGET} HTTP/1.1" and received.body == body
    name, value = SCHEMES[scheme]
    assert received[name] == value
    assert received["Host"] == BACKEND_HOST and received["X-Other"] == "stays"
    assert received["X-Request-Id"] == answer["X-Request-Id"]
    assert not set(CARRIERS) & set(received.names()), received.fields


def test_a_key_in_the_query_is_taken_off_whatever_its_spelling(gateway):
    for target, sent in [(f"/a?apikey={DAVE_KEY}", "/a"), (f"/a?x=1&api%6Bey={DAVE_KEY}&y=%20", "/a?x=1&y=%20"),
                         (f"/a?&apikey={DAVE_KEY}&&z", "/a?&&z")]:
        assert gateway.ask("GET", target, {"Host": HOST}).status == 200
        received = gateway.backend.only()
        assert received.target == sent and received["X-Mse-Consumer"] == "dave"


@pytest.mark.parametrize("what, fields, word", [
    ("nothing", {}, "proof_missing"),
    ("unknown API key", {"Authorization": "Bearer nobody-holds-this"}, "key_unknown"),
    ("API key of another place", {"Authorization": f"Bearer {CAROL_KEY}"}, "key_unknown"),
    ("key in header and query", {"Authorization": f"Bearer {BOB_KEY}", "X-Api-Key": CAROL_KEY}, "proof_ambiguous"),
    ("empty key", {"X-Api-Key": ""}, "key_missing"),
])
def test_refused_api_keys(gateway, what, fields, word):
    answer = gateway.ask("GET", "/a", {"Host": HOST, **fields})
    assert answer.status == 401 and answer["Content-Type"] == "application/json"
    assert f'"request_id":"{answer["X-Request-Id"]}"' in answer.body.decode()
    assert '"error_code":"APIG.0303"' in answer.body.decode()
    assert gateway.nginx.logged(answer["X-Request-Id"])["refusal"] == word
    assert not gateway.backend.take()


def test_a_proof_twice_is_refused(gateway):
    # nginx itself takes no second Authorization.
    assert gateway.ask("GET", "/a", [("Host", HOST), *[("Authorization", f"Bearer {BOB_KEY}")] * 2]).status == 400
    assert gateway.ask("GET", "/a", [("Host", HOST), *[("X-Api-Key", CAROL_KEY)] * 2]).status == 401
    assert gateway.ask("GET", f"/a?apikey={DAVE_KEY}&apikey={DAVE_KEY}", {"Host": HOST}).status == 401
    assert not gateway.backend.take()


def test_an_app_without_authorisation_is_refused(gateway):
    signed = gateway.ask("GET", "/a", callers.sdk("GET", "/a", HOST, MALLORY_PAIR))
    assert signed.status == 403 and b"APIG.0304" in signed.body
    assert not gateway.backend.take()


def test_a_wrong_signature_gets_the_text_that_the_server_made(gateway):
    fields = callers.sdk("GET", "/a?x=1", HOST, PAIR)
    answer = gateway.ask("GET", "/a?x=2", fields)
    assert answer.status == 401 and b"verify signature fail, canonicalRequest:GET|/a/|x=2|host:" in answer.body
    fields = callers.aliyun("GET", "/a?x=1", HOST, PAIR)
    answer = gateway.ask("GET", "/a?x=2", fields)
    assert answer.status == 403 and answer["X-Ca-Error-Code"] == "A403IS" and answer.body == b""
    assert answer["X-Ca-Error-Message"].startswith("Invalid Signature, Server StringToSign:`GET#application/json#")
    assert answer["X-Ca-Error-Message"].endswith("#/a?x=2`")
    assert answer["X-Ca-Request-Id"] == answer["X-Request-Id"]
    assert not gateway.backend.take()


def test_no_api_here(gateway):
    answer = gateway.ask("GET", "/a", {**bob(), "Host": "nobody.example.com"})
    assert answer.status == 404 and b"APIG.0101" in answer.body
    answer = gateway.ask("GET", "/a", {**callers.aliyun("GET", "/a", HOST, PAIR), "Host": "nobody.example.com"})
    assert answer.status == 404 and answer["X-Ca-Error-Code"] == "I404NF"
    for stage in ("X-Stage", "X-Ca-Stage", "X-Bce-Stage"):
        assert gateway.ask("GET", "/a", {**bob(), stage: "NOWHERE"}).status == 404
        assert gateway.ask("GET", "/a", {**bob(), stage: "RELEASE"}).status == 200
    assert gateway.ask("GET", "/a", {**bob(), "X-Stage": "RELEASE", "X-Ca-Stage": "OTHER"}).status == 404


def test_an_open_api_takes_nobodys_word_for_an_identity(gateway):
    answer = gateway.ask("GET", "/a", {"Host": OPEN_HOST, "X-Countersign-App": "root", "X-Mse-Consumer": "root", "Authorization": "Basic eA=="})
    assert answer.status == 200
    received = gateway.backend.only()
    assert not received.all("X-Countersign-App") and not received.all("X-Mse-Consumer")
    assert received["Authorization"] == "Basic eA=="
    assert gateway.nginx.logged(answer["X-Request-Id"])["outcome"] == "accepted"


def test_many_requests_on_one_connection(gateway):
    with gateway.wire() as connection:
        for number in range(20):
            wrong = number % 3 == 0
            fields = {"Host": HOST, "Authorization": "Bearer wrong"} if wrong else bob()
            connection.send(wire.request("GET", f"/{number}", fields))
            assert connection.answer().status == (401 if wrong else 200)


def test_head_gets_the_refusal_without_its_body(gateway):
    with gateway.wire() as connection:
        connection.send(wire.request("HEAD", "/a", {"Host": HOST}))
        answer = connection.answer("HEAD")
        assert answer.status == 401 and int(answer["Content-Length"]) > 0
        connection.send(wire.request("GET", "/a", bob()))
        assert connection.answer().status == 200


def test_a_date_of_the_wrong_format_is_told_apart_from_a_wrong_date(gateway):
    malformed = gateway.ask("GET", TARGET, {**callers.sdk("GET", TARGET, HOST, PAIR), "X-Sdk-Date": "yesterday"})
    wrong = gateway.ask("GET", TARGET, callers.sdk("GET", TARGET, HOST, PAIR, now=time.time() - 3600))
    assert malformed.status == wrong.status == 401
    assert b"X-Sdk-Date is malformed" in malformed.body and b"signature expired, signature time:" in wrong.body
