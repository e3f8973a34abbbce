"""Every type of signature key on the wire: what leaves the gateway is accepted by a backend's SDK, and nothing but that."""
import hashlib
import os

import callers
import edges
import pytest
import wire
from scene import ALICE, BOB_KEY, PAIR, Scene, api, bob
from signature_keys import KEYS, sdk_key, verify
from test_bodies import FORM

LARGE = os.urandom(1 << 20)
REQUESTS = {
    "get": ("GET", "/orders", {}, None),
    "post-json": ("POST", "/orders?dry=1", {"Content-Type": "application/json"}, b'{"number":7}'),
    "post-form": ("POST", "/orders?z=1&a=2", {"Content-Type": FORM}, b"name=Ada+L&city=K%C3%B6ln&empty=&bare"),
    "put": ("PUT", "/orders/7", {"Content-Type": "text/plain"}, b"plain"),
    "patch": ("PATCH", "/orders/7", {"Content-Type": "application/json"}, b"[]"),
    "delete": ("DELETE", "/orders/7/", {}, None),
    "specials": ("GET", "/orders?b=%20x&a=%2B&A=1&c=%26%3D&name&empty=&%C3%A9=%E2%82%AC", {}, None),
    "unicode": ("GET", "/gr%C3%BC%C3%9Fe/%E4%B8%AD%20%7E", {}, None),
    "large": ("POST", "/up", {"Content-Type": "application/octet-stream"}, LARGE),
    "many": ("GET", "/many?" + "&".join(f"n{number}={number % 7}" for number in range(400)), {}, None),
}
COVERS_BODY = {"hmac", "aes-128", "aes-256", "rsa", "ecdsa", "bce", "aliyun"}


def records(scene):
    authority = {"authority": scene.backend.authority}
    found = []
    for name, (kind, key, secret) in KEYS.items():
        found.append(edges.signature_key(f"sign-{name}", key, secret, type=kind))
        found += api(name, f"{name}.example.com", authority, signature_key=f"sign-{name}")
        found += api(f"open-{name}", f"open-{name}.example.com", authority, auth_type="NONE", places=[], signature_key=f"sign-{name}")
        found += api(f"moved-{name}", f"moved-{name}.example.com", {**authority, "path": "/v2/behind/*", "method": "POST"}, "/front",
                     signature_key=f"sign-{name}")
        found += api(f"small-{name}", f"small-{name}.example.com", authority, signature_key=f"sign-{name}", body_limit=1000)
    return found


@pytest.fixture(scope="module")
def scene():
    scene = Scene(records=records, http="ignore_invalid_headers off; underscores_in_headers on;")
    yield scene
    scene.close()


def key_of(name):
    kind, key, secret = KEYS[name]
    return sdk_key(kind, f"sign-{name}", key, secret)


def forwarded(scene, method, target, fields, body=None):
    answer = scene.ask(method, target, fields, body)
    assert answer.status == 200, answer.body
    return scene.backend.only()


@pytest.mark.parametrize("request_name", REQUESTS)
@pytest.mark.parametrize("name", KEYS)
def test_a_backend_verifies_it(scene, name, request_name):
    method, target, fields, body = REQUESTS[request_name]
    received = forwarded(scene, method, target, {**bob(f"{name}.example.com"), **fields}, body)
    verified = verify(key_of(name), received)
    assert not isinstance(verified, str), (verified, received.fields)
    assert received.body == (body or b"") and verified.consumer == "bob"
    if KEYS[name][0] != "basic":
        assert {"x-mse-consumer", "x-request-id"} <= set(verified.signed_headers)


@pytest.mark.parametrize("name", KEYS)
def test_of_a_signing_caller_and_of_nobody(scene, name):
    """What the caller's own proof demands of the body, and what the key covers of it, come together."""
    body = b"a=1&b=2"
    for host, fields in ((f"{name}.example.com", callers.sdk("POST", "/a", f"{name}.example.com", PAIR, body)),
                         (f"{name}.example.com", callers.aliyun("POST", "/a", f"{name}.example.com", PAIR, body, content_type=FORM)),
                         (f"open-{name}.example.com", {"Host": f"open-{name}.example.com", "Content-Type": FORM})):
        received = forwarded(scene, "POST", "/a", fields, body)
        verified = verify(key_of(name), received)
        assert not isinstance(verified, str), (verified, received.fields)
        assert verified.app == ("" if "open" in host else ALICE["id"])
        covered = KEYS[name][0] in ("bce", "aliyun") or (name in COVERS_BODY and "open" not in host)
        assert isinstance(verify(key_of(name), received, body=b"a=1&b=3"), str) == covered


@pytest.mark.parametrize("name", KEYS)
def test_the_rewritten_request_is_what_is_signed(scene, name):
    received = forwarded(scene, "PUT", "/front/a%20b/c?x=1", bob(f"moved-{name}.example.com"), b"moved")
    assert received.line == "POST /v2/behind/a%20b/c?x=1 HTTP/1.1"
    assert not isinstance(verify(key_of(name), received), str), received.fields


def changed(received, name):
    """Everything that somebody between gateway and backend could change, one thing at a time."""
    def with_field(wanted, value):
        return [(field, value if field.lower() == wanted else text) for field, text in received.fields]
    yield {"method": "PUT"}
    yield {"target": received.target.replace("orders", "0rders")}
    yield {"target": received.target + "&more=1"}
    yield {"fields": with_field("x-mse-consumer", "carol")}
    if KEYS[name][0] != "aliyun":
        yield {"fields": with_field("host", "other.internal")}
    if name in COVERS_BODY:
        yield {"body": received.body + b" "}


@pytest.mark.parametrize("name", [name for name in KEYS if name != "basic"])
def test_what_was_changed_in_between_is_refused(scene, name):
    body = b'{"number":7}'
    fields = {**bob(f"{name}.example.com"), "Content-Type": "application/json"}
    # The caller's own signature makes the gateway read the body; where the type demands it, it does so anyway.
    if KEYS[name][0] not in ("bce", "aliyun"):
        fields = callers.sdk("POST", "/orders?dry=1", f"{name}.example.com", PAIR, body)
    received = forwarded(scene, "POST", "/orders?dry=1", fields, body)
    assert not isinstance(verify(key_of(name), received), str)
    for change in changed(received, name):
        if "fields" in change and change["fields"] == received.fields:
            continue
        assert isinstance(verify(key_of(name), received, **change), str), change
    other = sdk_key(KEYS[name][0], f"sign-{name}", *{
        "aes-128": ("another_key_of16", KEYS[name][2]), "aes-256": ("another_key_of_32_characters_!!!", KEYS[name][2]),
        "rsa": KEYS["ecdsa"][1:], "ecdsa": KEYS["rsa"][1:]}.get(name, (KEYS[name][1], "another_secret_01234")))
    assert isinstance(verify(other, received), str)


def test_the_body_is_read_only_for_types_that_have_no_other_way(scene):
    """hmac, aes and public keys say that the body streams; bce and aliyun cannot."""
    for name in KEYS:
        received = forwarded(scene, "POST", "/orders", bob(f"{name}.example.com"), b"a body")
        assert received.all("X-Sdk-Content-Sha256") == (["UNSIGNED-PAYLOAD"] if KEYS[name][0] in ("hmac", "aes", "public_key") else [])
        digests = received.all("X-Bce-Content-Sha256")
        assert digests == ([hashlib.sha256(b"a body").hexdigest()] if name == "bce" else [])


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("name, content_type, limited", [("bce", "text/plain", True), ("aliyun", "text/plain", True), ("aliyun", FORM, True),
                                                         ("hmac", "text/plain", False), ("basic", "text/plain", False)])
def test_the_limit_of_a_signed_body_counts_for_our_signature_too(scene, name, content_type, limited, framing):
    host = f"small-{name}.example.com"
    for size, status in ((1000, 200), (1001, 413 if limited else 200)):
        fields = {**bob(host), "Content-Type": content_type}
        body = b"x" * size
        with scene.wire() as connection:
            if framing == "length":
                connection.send(wire.request("POST", "/up", fields, body))
            else:
                connection.send(wire.request("POST", "/up", {**fields, "Transfer-Encoding": "chunked"}) + wire.chunked(body, 300))
            answer = connection.answer()
        assert answer.status == status, answer.body
        taken = scene.backend.take()
        assert len(taken) == (status == 200)
        if taken:
            assert not isinstance(verify(key_of(name), taken[0]), str)


@pytest.mark.parametrize("body, status", [(b"a=%zz", 400), (b"a=%ff", 400), (b"&".join([b"a=1"] * 1001), 413)])
def test_a_form_that_cannot_be_signed_is_refused(scene, body, status):
    for host in ("aliyun.example.com", "open-aliyun.example.com"):
        fields = {**(bob(host) if host[0] == "a" else {"Host": host}), "Content-Type": FORM}
        answer = scene.ask("POST", "/a", fields, body)
        assert answer.status == status, answer.body
    assert not scene.backend.take()


def test_whoever_is_locked_out_while_the_body_comes_is_out(scene):
    host = "bce.example.com"
    consumer = edges.consumer("short-lived")
    record = edges.api_key("short-lived-presents-this", consumer)
    scene.edge.put(record, edges.authorisation("bce", consumer))
    with scene.wire() as connection:
        connection.send(wire.request("POST", "/up", {"Host": host, "Authorization": "Bearer short-lived-presents-this", "Content-Length": "4"}) + b"ab")
        scene.edge.remove(record)
        connection.send(b"cd")
        assert connection.answer().status == 401
    assert not scene.backend.take()


CARRIERS = ["Authorization", "X-Sdk-Date", "X-Sdk-Content-Sha256", "X-Bce-Gateway-Auth", "X-Bce-Content-Sha256", "X-Ca-Timestamp",
            "X-Ca-Proxy-Signature", "X-Ca-Proxy-Signature-Secret-Key", "X-Ca-Proxy-Signature-Headers"]


@pytest.mark.parametrize("name", KEYS)
def test_a_caller_s_copy_of_any_signature_header_goes(scene, name):
    """Of every type, in every spelling, whatever the type of the key that signs."""
    host = f"open-{name}.example.com"
    for carrier in CARRIERS:
        lie = "SDK-HMAC-SHA256 Access=forged, SignedHeaders=host, Signature=00" if carrier == "Authorization" else "forged"
        for spelling in (carrier, carrier.lower().replace("-", "_"), carrier.upper().replace("-", ".")):
            received = forwarded(scene, "GET", "/a", [("Host", host), (spelling, lie)])
            assert lie not in [value for _, value in received.fields], (spelling, received.fields)
            assert not isinstance(verify(key_of(name), received), str)


def test_a_key_that_writes_authorization_does_so_where_a_credential_is_passed_through(scene):
    """One of both must go; two values would be read as either. The others leave the caller's alone."""
    passing = [edges.place(pass_through=True)]
    for name in KEYS:
        records = api(f"pass-{name}", f"pass-{name}.example.com", {"authority": scene.backend.authority}, signature_key=f"sign-{name}", places=passing)
        scene.edge.put(*records)
        received = forwarded(scene, "GET", "/a", bob(f"pass-{name}.example.com"))
        assert not isinstance(verify(key_of(name), received), str)
        assert received.all("Authorization")[0].endswith(BOB_KEY) == (name in ("bce", "aliyun")) and len(received.all("Authorization")) == 1


def test_a_caller_s_own_authorization_reaches_the_backend_when_the_key_does_not_write_it(scene):
    for name in KEYS:
        received = forwarded(scene, "GET", "/a", {"Host": f"open-{name}.example.com", "Authorization": "Bearer for-the-backend"})
        kept = "Bearer for-the-backend" in received.all("Authorization")
        assert kept == (name in ("bce", "aliyun"))
    assert BOB_KEY not in str(forwarded(scene, "GET", "/a", bob("bce.example.com")).fields), "a proof that we consumed does not go on"
