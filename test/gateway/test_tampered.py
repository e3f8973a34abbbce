"""A valid signed request, changed in one thing, by whoever holds it but not the secret."""
import time

import callers
import pytest
import wire
from nginx import HOST
from scene import MALLORY_PAIR, PAIR

TARGET = "/a/b?x=1&y=2&z="
BODY = b'{"amount":1}'
SIGNED = {"sdk": lambda **more: callers.sdk("POST", TARGET, HOST, PAIR, BODY, **more),
          "sdk-digest": lambda **more: callers.sdk("POST", TARGET, HOST, PAIR, BODY, payload=callers.hashlib.sha256(BODY).hexdigest(), **more),
          "aliyun": lambda **more: callers.aliyun("POST", TARGET, HOST, PAIR, BODY, **more)}
SCHEMES = sorted(SIGNED)


def ask(gateway, fields, method="POST", target=TARGET, body=BODY):
    return gateway.ask(method, target, fields, body)


@pytest.fixture(params=SCHEMES)
def fields(request, gateway):
    made = SIGNED[request.param]()
    assert ask(gateway, made).status == 200, "unchanged it is admitted"
    gateway.backend.take()
    return made


@pytest.mark.parametrize("change", [
    {"method": "PUT"}, {"method": "GET"}, {"target": "/a/c?x=1&y=2&z="}, {"target": "/a/b/c?x=1&y=2&z="}, {"target": "/a//b?x=1&y=2&z="},
    {"target": "/a/b?x=1&y=3&z="}, {"target": "/a/b?x=1&y=2&z=&w=1"}, {"target": "/a/b?x=1&y=2"}, {"target": "/a/b?x=2&y=1&z="}, {"target": "/a/b"},
    {"target": "/a/b?x=1&x=1&y=2&z="}, {"target": "/a/b?x=1&y=2&z=&x=9"}, {"target": "/a/b?x=0&x=1&y=2&z="}, {"target": "/a/b?X=1&y=2&z="},
    {"target": "/A/b?x=1&y=2&z="}, {"body": b'{"amount":9}'}, {"body": BODY + b" "}, {"body": b""}, {"body": None}],
    ids=lambda change: "-".join(map(repr, change.values())))
def test_method_path_query_and_body_are_bound(gateway, fields, change):
    assert 400 <= ask(gateway, fields, **change).status < 500
    assert not gateway.backend.take()


@pytest.mark.parametrize("name", ["X-Sdk-Date", "X-Sdk-Content-Sha256", "Content-MD5", "Content-Type", "X-Ca-Timestamp", "X-Ca-Nonce", "X-Ca-Key",
                                  "X-Ca-Signature", "X-Ca-Signature-Headers", "X-Ca-Signature-Method", "Authorization", "Accept", "Host"])
def test_no_field_of_the_proof_can_be_changed_doubled_or_left_out(gateway, fields, name):
    if name not in fields:
        fields = {**fields, name: ""}  # added, where it would steer the scheme
        if name in ("X-Sdk-Content-Sha256", "Content-MD5", "X-Ca-Signature-Method"):
            scheme = "X-Sdk-Date" if name.startswith("X-Sdk") else "X-Ca-Key"
            if scheme in fields:
                assert ask(gateway, {**fields, name: "UNSIGNED-PAYLOAD"}).status in (400, 401, 403)
        gateway.backend.take()
        return
    value = fields[name]
    without = {key: kept for key, kept in fields.items() if key != name}
    other = "mallory-app-key" if name == "X-Ca-Key" else value[:-1] + ("1" if value[-1] != "1" else "2")
    for changed in ([*without.items()], [*without.items(), (name, other)], [*fields.items(), (name, value)], [*fields.items(), (name, other)],
                    [(name, other), *fields.items()], [*without.items(), (name, "")]):
        with gateway.wire() as connection:
            connection.send(wire.request("POST", TARGET, changed, BODY))
            assert 400 <= connection.answer().status < 500, (name, changed)
    assert not gateway.backend.take()


def test_a_date_that_is_not_signed_is_no_date(gateway):
    """Who saw a request once could renew it for ever."""
    names = {"Host": HOST}
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    text = callers.sdk_canonical("GET", "/a", ["host"], {"host": HOST}, callers.hashlib.sha256(b"").hexdigest())
    signature = callers.sdk_signature(text, date, PAIR[1])
    fields = {**names, "X-Sdk-Date": date, "Authorization": f"SDK-HMAC-SHA256 Access={PAIR[0]}, SignedHeaders=host, Signature={signature}"}
    assert gateway.ask("GET", "/a", fields).status == 401
    aliyun = callers.aliyun("GET", "/a", HOST, PAIR)
    assert gateway.ask("GET", "/a", {**aliyun, "X-Ca-Signature-Headers": "X-Ca-Key,X-Ca-Nonce"}).status in (400, 401, 403)
    assert not gateway.backend.take()


@pytest.mark.parametrize("algorithm", ["HmacMD5", "HMACSHA256", "hmacsha256", "none", "", "HmacSHA256,HmacSHA1", "SHA256", "HmacSHA512"])
def test_an_unknown_method_is_no_other_method(gateway, algorithm):
    fields = callers.aliyun("GET", "/a", HOST, PAIR, algorithm=algorithm)
    assert gateway.ask("GET", "/a", fields).status in (400, 401, 403)
    sdk = callers.sdk("GET", "/a", HOST, PAIR)
    sdk["Authorization"] = sdk["Authorization"].replace("SDK-HMAC-SHA256", algorithm or "SDK-HMAC-SHA1", 1)
    assert gateway.ask("GET", "/a", sdk).status == 401
    assert not gateway.backend.take()


@pytest.mark.parametrize("secret", ["", MALLORY_PAIR[1], PAIR[0]])
def test_another_secret_opens_nothing(gateway, secret):
    for make in (callers.sdk, callers.aliyun):
        assert gateway.ask("GET", "/a", make("GET", "/a", HOST, (PAIR[0], secret))).status in (401, 403)
        assert gateway.ask("GET", "/a", make("GET", "/a", HOST, ("nobody", secret))).status in (400, 401, 403)
    assert not gateway.backend.take()


@pytest.mark.parametrize("framing", ["length 0", "no length", "empty chunks"])
@pytest.mark.parametrize("scheme", ["sdk", "aliyun"])
def test_an_emptied_request_is_still_verified(gateway, scheme, framing):
    fields = SIGNED[scheme]()
    fields["Content-Type"] = "application/x-www-form-urlencoded"
    tail = {"length 0": "Content-Length: 0\r\n\r\n", "no length": "\r\n", "empty chunks": "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}[framing]
    with gateway.wire() as connection:
        connection.send(wire.request("POST", TARGET, fields)[:-2] + tail.encode())
        assert connection.answer().status in (400, 401, 403)
    assert not gateway.backend.take()
