"""What is Python's own in its SDK: the two middlewares, keys that are none, options."""
import asyncio
import io
import sys
import time

import pytest
import sdks

sys.path.insert(0, str(sdks.SDK / "python"))

from countersign import Code, Key, Request, VerificationError, Verifier, sign_aliyun_ca, sign_bce, sign_sdk_hmac  # noqa: E402
from countersign import asgi, wsgi  # noqa: E402

KEY = ("signature_key1", "signature_secret1-0123456789")
TARGET = "/caf%C3%A9/a%20b?x=1%2F2&b"
KEYS = sdks.TREE / "vectors/keys"


def signed(body=b"hello", method="POST", **more):
    """Header pairs of a request as the gateway signs it."""
    request = Request(method, TARGET, [("Host", "h.internal"), ("X-Countersign-App", "app-1")], body)
    return sign_sdk_hmac(request.with_headers(more.pop("headers", [])), *KEY, signed_headers=["x-countersign-app"], **more), request


def pairs(body=b"hello", **more):
    result, request = signed(body, **more)
    return request.headers + result.headers


def verifier(**options):
    return Verifier([Key.hmac(*KEY)], **options)


# --- WSGI


def environment(body=b"hello", **more):
    environ = {"REQUEST_METHOD": "POST", "RAW_URI": TARGET, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    environ.update({"HTTP_" + name.upper().replace("-", "_"): value for name, value in pairs(body)})
    return {**environ, **more}


def call_wsgi(environ, **options):
    """(status, answer, what the application saw)"""
    seen, status = [], []

    def application(environ, start_response):
        seen.append((environ[wsgi.VERIFIED].caller, environ["wsgi.input"].read()))
        start_response("200 OK", [])
        return [b"done"]
    answer = wsgi.Countersigned(application, verifier(), **options)(environ, lambda line, _: status.append(line))
    return status[0], b"".join(answer), seen


def test_wsgi_hands_on_the_caller_and_the_whole_body():
    assert call_wsgi(environment()) == ("200 OK", b"done", [("app-1", b"hello")])


def test_wsgi_makes_the_target_where_the_server_has_none():
    environ = environment(SCRIPT_NAME="/caf\u00c3\u00a9", PATH_INFO="/a b", QUERY_STRING="x=1%2F2&b")
    del environ["RAW_URI"]
    assert call_wsgi(environ)[0] == "200 OK"


def test_wsgi_reads_a_body_without_length_where_the_server_ends_it():
    assert call_wsgi(environment(CONTENT_LENGTH="", **{"wsgi.input_terminated": True}))[2] == [("app-1", b"hello")]
    assert call_wsgi(environment(CONTENT_LENGTH=""))[1] == b'{"error": "signature_mismatch"}'


@pytest.mark.parametrize("change, status, code", [
    ({"RAW_URI": TARGET + "1"}, "401 Unauthorized", b"signature_mismatch"),
    ({"wsgi.input": io.BytesIO(b"hellx")}, "401 Unauthorized", b"signature_mismatch"),
    ({"HTTP_AUTHORIZATION": "Bearer x"}, "401 Unauthorized", b"algorithm_not_allowed"),
    ({"HTTP_X_COUNTERSIGN_APP": "app-1,app-1"}, "401 Unauthorized", b"signature_mismatch"),
    ({"HTTP_X_MSE_CONSUMER": "alice"}, "401 Unauthorized", b"signed_header_missing"),
])
def test_wsgi_refuses(change, status, code):
    assert call_wsgi(environment(**change)) == (status, b'{"error": "%s"}' % code, [])


def test_wsgi_limits_the_body():
    assert call_wsgi(environment(), max_body=5)[0] == "200 OK"
    assert call_wsgi(environment(), max_body=4)[0] == "413 Content Too Large"
    assert call_wsgi(environment(CONTENT_LENGTH="", **{"wsgi.input_terminated": True}), max_body=4)[0] == "413 Content Too Large"


# --- ASGI


def call_asgi(scope, messages, **options):
    """(what was sent, what the application saw)"""
    sent, seen, pending = [], [], list(messages)

    async def receive():
        return pending.pop(0) if pending else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    async def application(scope, receive, send):
        verified = scope.get(asgi.VERIFIED)
        seen.append((verified and verified.caller, await receive(), await receive()))
    asyncio.run(asgi.Countersigned(application, verifier(), **options)(scope, receive, send))
    return sent, seen


def scope(**more):
    headers = [(name.lower().encode(), value.encode()) for name, value in pairs(more.pop("body", b"hello"))]
    return {"type": "http", "method": "POST", "path": "/caf\u00e9/a b", "raw_path": b"/caf%C3%A9/a%20b", "query_string": b"x=1%2F2&b",
            "headers": headers, **more}


HELLO = [{"type": "http.request", "body": b"hel", "more_body": True}, {"type": "http.request", "body": b"lo"}]


@pytest.mark.parametrize("raw_path", [b"/caf%C3%A9/a%20b", b"/caf%C3%A9/a%20b?x=1", None])
def test_asgi_hands_on_the_caller_and_the_whole_body(raw_path):
    sent, seen = call_asgi(scope(raw_path=raw_path), HELLO)
    assert sent == []
    assert seen == [("app-1", {"type": "http.request", "body": b"hello", "more_body": False}, {"type": "http.disconnect"})]


def test_asgi_refuses_a_changed_body():
    sent, seen = call_asgi(scope(), [{"type": "http.request", "body": b"hellx"}])
    assert seen == [] and sent[0]["status"] == 401 and sent[1]["body"] == b'{"error": "signature_mismatch"}'


def test_asgi_limits_the_body_and_gives_up_with_its_sender():
    assert call_asgi(scope(), HELLO, max_body=4)[0][0]["status"] == 413
    assert call_asgi(scope(), HELLO[:1])[1] == []


def test_asgi_closes_a_web_socket_that_the_gateway_did_not_open():
    result, request = signed(b"", "GET")
    headers = [(name.lower().encode(), value.encode()) for name, value in request.headers + result.headers]
    opened = {**scope(), "type": "websocket", "headers": headers}
    assert call_asgi(opened, [{"type": "websocket.connect"}])[1][0][0] == "app-1"
    assert call_asgi({**opened, "query_string": b""}, [{"type": "websocket.connect"}]) == ([{"type": "websocket.close", "code": 1008}], [])


def test_asgi_lets_the_life_of_the_server_through():
    assert call_asgi({"type": "lifespan"}, [{"type": "lifespan.startup"}])[1][0][0] is None


# --- keys, options, signing


@pytest.mark.parametrize("make", [
    lambda: Key.hmac("", "secret"), lambda: Key.hmac("key", ""), lambda: Key.basic("user", ""), lambda: Key.bce("key", b""),
    lambda: Key.aes("id", "aes-192-cfb", "k" * 24, "v" * 16), lambda: Key.aes("id", "aes-128-cfb", "k" * 32, "v" * 16),
    lambda: Key.aes("id", "aes-256-cfb", "k" * 32, "v" * 15), lambda: Key.public_key("id", "AAAA"),
    lambda: Key.public_key("id", (KEYS / "rsa-private.pem").read_text()), lambda: Verifier([]),
])
def test_what_is_no_key_is_refused_at_once(make):
    with pytest.raises(ValueError):
        make()


def test_a_key_does_not_show_its_secret():
    assert KEY[1] not in repr(Key.hmac(*KEY)) + str(vars(Key.hmac(*KEY)))


def test_the_clock_is_the_system_s_unless_told_otherwise():
    verifier().verify(Request("POST", TARGET, pairs(), b"hello"))
    with pytest.raises(VerificationError) as refused:
        verifier(clock=lambda: time.time() + 1000).verify(Request("POST", TARGET, pairs(), b"hello"))
    assert refused.value.code is Code.EXPIRED


def test_the_proof_may_stand_in_another_header():
    headers = [("X-Backend-Sign" if name == "Authorization" else name, value) for name, value in pairs()]
    request = Request("POST", TARGET, [*headers, ("Authorization", "Bearer of-the-caller")], b"hello")
    assert verifier(proof_header="X-Backend-Sign").verify(request).key_id == KEY[0]
    with pytest.raises(VerificationError):
        verifier().verify(request)


def test_proofs_of_two_types_at_once_are_refused():
    both = Verifier([Key.hmac(*KEY), Key.bce("bce-key", "secret")])
    request = Request("POST", TARGET, pairs(), b"hello")
    assert both.verify(request).type == "hmac"
    extra = sign_bce(request, "bce-key", "secret", header="X-Bce-Gateway-Auth").headers
    with pytest.raises(VerificationError) as refused:
        both.verify(request.with_headers(extra))
    assert refused.value.code is Code.MALFORMED


def test_the_detail_tells_what_was_signed_and_no_secret():
    with pytest.raises(VerificationError) as refused:
        verifier().verify(Request("PUT", TARGET, pairs(), b"hello"))
    assert refused.value.detail.startswith("the signature is not that of PUT|/caf%C3%A9/a%20b/|b=&x=1%2F2|")
    assert KEY[1] not in refused.value.detail


@pytest.mark.parametrize("sign", [sign_aliyun_ca, sign_sdk_hmac, sign_bce])
def test_what_nobody_could_verify_is_not_signed(sign):
    for target in ("/caf\u00e9", "/a?b=%4"):
        with pytest.raises(ValueError):
            sign(Request("GET", target, [("Host", "h")]), "key", "secret")
    if sign is sign_aliyun_ca:
        with pytest.raises(ValueError):
            sign(Request("GET", "/a?b=1&b=2", [("Host", "h")]), "key", "secret")


def test_each_signature_of_a_client_has_a_nonce_and_a_time_of_its_own():
    made = [dict(sign_aliyun_ca(Request("GET", "/", [("Host", "h")]), "key", "secret").headers) for _ in range(2)]
    assert made[0]["X-Ca-Nonce"] != made[1]["X-Ca-Nonce"]
    assert abs(int(made[0]["X-Ca-Timestamp"]) / 1000 - time.time()) < 60
