"""What a caller may come with: HTTPS only, gRPC; requests that go in circles; and what backends are told about the way."""
import json
import shutil
import socket
import ssl
import time

import callers
import pytest
import wire
import wire2
from certificates import Authority
from scene import OPEN_HOST, PAIR, SIGN_PAIR, Scene, api, bob, folder
from tree import free_port

SECRET_HOST, TWICE_HOST = "https-only.example.com", "twice.example.com"


@pytest.fixture(scope="module")
def scene():
    """A gateway that listens in clear and over TLS, with an API that serves HTTPS only."""
    keys = folder()
    certificate, key = Authority(keys, "front-ca").issue(SECRET_HOST)
    port = free_port()
    whole = Scene(server=f"listen 127.0.0.1:{port} ssl http2; ssl_certificate {certificate}; ssl_certificate_key {key};",
                  records=lambda scene: [*api("https-only", SECRET_HOST, {"authority": scene.backend.authority}, https_only=True),
                                         *api("twice", TWICE_HOST, {"authority": scene.backend.authority}, signature_key="sign")])
    whole.tls_port = port
    yield whole
    whole.close()
    shutil.rmtree(keys)


def over_tls(scene, fields):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    with context.wrap_socket(socket.create_connection(("127.0.0.1", scene.tls_port), 10), server_hostname=SECRET_HOST) as connection:
        connection.sendall(wire.request("GET", "/a", fields))
        return int(connection.recv(65536).split(b" ")[1])


def test_https_only(scene):
    assert over_tls(scene, bob(SECRET_HOST)) == 200
    scene.backend.take()
    for fields in (bob(SECRET_HOST), {"Host": SECRET_HOST}, bob(SECRET_HOST, **{"X-Forwarded-Proto": "https"})):
        answer = scene.ask("GET", "/a", fields)
        assert answer.status == 403 and json.loads(answer.body)["error_msg"] == "API request error: the API is served over HTTPS only"
    answer = scene.ask("GET", "/a", callers.aliyun("GET", "/a", SECRET_HOST, PAIR))
    assert (answer.status, answer["X-Ca-Error-Code"]) == (403, "I403PT")
    assert scene.nginx.logged(answer["X-Request-Id"])["refusal"] == "https_required"
    assert not scene.backend.take()


def test_behind_a_proxy_that_ends_tls(make_scene):
    scene = make_scene(server="countersign_behind_tls on;",
                       records=lambda scene: api("https-only", SECRET_HOST, {"authority": scene.backend.authority}, https_only=True))
    assert scene.ask("GET", "/a", bob(SECRET_HOST)).status == 200


@pytest.mark.parametrize("kind", ["application/grpc", "application/grpc+proto", "Application/gRPC; charset=x"])
def test_grpc_is_refused_clearly(scene, kind):
    answer = scene.ask("POST", "/pkg.Service/Call", bob(TWICE_HOST, **{"Content-Type": kind, "TE": "trailers"}), b"\0\0\0\0\0")
    assert (answer.status, json.loads(answer.body)["error_code"]) == (415, "APIG.0201")
    assert scene.nginx.logged(answer["X-Request-Id"])["refusal"] == "grpc_not_served"
    with wire2.Wire2(scene.nginx.http2_port) as connection:
        fields = [("authorization", bob()["Authorization"]), ("content-type", kind), ("te", "trailers")]
        assert connection.ask(1, [*wire2.pseudo("POST", "/pkg.Service/Call", TWICE_HOST), *fields], b"\0\0\0\0\0").status(1) == 415
    assert not scene.backend.take()


def test_grpc_web_needs_no_trailers_and_passes(scene):
    assert scene.ask("POST", "/a", bob(TWICE_HOST, **{"Content-Type": "application/grpc-web+proto"}), b"\0").status == 200
    assert scene.backend.only()["Content-Type"] == "application/grpc-web+proto"


def answers_of_ring(scene, wanted=3):
    """So many requests of the ring as this gateway has answered, which nginx notes after the answer is out."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        count = len([line for line in scene.nginx.access_lines() if line["host"] == "backend.internal"])
        if count >= wanted:
            return count
        time.sleep(0.01)
    return count


def test_gateways_in_a_ring_stop(make_scene):
    """Two gateways that are each other's backends; and the chain of two that is none."""
    first, second = make_scene(), make_scene()
    for scene, other in ((first, second), (second, first)):
        scene.edge.put(*api("ring", "backend.internal", {"authority": f"127.0.0.1:{other.port}"}, auth_type="NONE", places=[]))
    answer = first.ask("GET", "/a", {"Host": "backend.internal"})
    assert answer.status == 508 and "too many gateways" in json.loads(answer.body)["error_msg"]
    assert "goes in circles" in first.nginx.error_log() + second.nginx.error_log()
    assert answers_of_ring(first) + answers_of_ring(second) == 6
    second.edge.put(*api("ring", "backend.internal", {"authority": second.backend.authority}, auth_type="NONE", places=[]))
    assert first.ask("GET", "/a", {"Host": "backend.internal"}).status == 200
    assert second.backend.only()["X-Countersign-Hops"] == "2"


@pytest.mark.parametrize("value, told", [("1", "2"), ("4", "5"), ("0", "2"), ("", None), ("5", None), ("9", None), ("17", None), ("x", None), ("-1", None)])
@pytest.mark.parametrize("name", ["X-Countersign-Hops", "x-countersign-hops"])
def test_who_says_that_he_is_a_gateway_harms_himself_at_most(scene, name, value, told):
    answer = scene.ask("POST", "/a", bob(TWICE_HOST, **{name: value}), b"a body")
    assert answer.status == (200 if told else 508)
    received = scene.backend.take()
    assert [request["X-Countersign-Hops"] for request in received] == ([told] if told else [])
    for request in received:
        callers.assert_countersigned(request, SIGN_PAIR, "backend.internal")


def test_ordinary_requests_say_nothing_of_hops(scene):
    assert scene.ask("GET", "/a", bob(TWICE_HOST)).status == 200
    received = scene.backend.only()
    assert not received.all("X-Countersign-Hops") and not received.all("X-Countersign-Try")


def test_nobody_says_which_try_it_is(scene):
    assert scene.ask("GET", "/a", bob(TWICE_HOST, **{"X_Countersign_Try": "7", "X-Countersign-Try": "7"})).status == 200
    assert not scene.backend.only().all("X-Countersign-Try")


FORWARDED = {"X-Forwarded-For": "9.9.9.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "x", "X-Real-IP": "9.9.9.9", "Forwarded": "for=9.9.9.9"}


def test_forwarded_headers_reach_backends_as_the_caller_wrote_them_and_none_is_added(scene):
    assert scene.ask("GET", "/a", bob(TWICE_HOST, **FORWARDED)).status == 200
    received = scene.backend.only()
    assert {name: received[name] for name in FORWARDED} == FORWARDED
    assert not any(name.lower() in received["Authorization"] for name in FORWARDED), "they are not signed"
    assert scene.ask("GET", "/a", bob(TWICE_HOST)).status == 200
    received = scene.backend.only()
    assert not [name for name in FORWARDED if received.all(name)]


def test_an_operator_can_have_them_written(make_scene):
    scene = make_scene(location="proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme; "
                                "proxy_set_header X-Real-IP $remote_addr;")
    assert scene.ask("GET", "/a", bob(OPEN_HOST, **FORWARDED)).status == 200
    received = scene.backend.only()
    assert (received["X-Forwarded-For"], received["X-Forwarded-Proto"], received["X-Real-IP"]) == ("9.9.9.9, 127.0.0.1", "http", "127.0.0.1")


def ask_in_pieces(connection, fields):
    """Fields that fill more than one frame."""
    block = wire2.block(fields)
    pieces = [block[at:at + 16000] for at in range(0, len(block), 16000)]
    for number, piece in enumerate(pieces):
        kind = wire2.CONTINUATION if number else wire2.HEADERS
        flags = (0 if number else wire2.END_STREAM) | (wire2.END_HEADERS if number == len(pieces) - 1 else 0)
        connection.socket.sendall(wire2.frame(kind, flags, 1, piece))
    return connection.status(1)


@pytest.mark.parametrize("lengths, passes", [((15000,), True), ((31000,), True), ((31000, 31000, 31000), True), ((33000,), False), ((31000,) * 5, False)], ids=str)
def test_http2_takes_what_http1_takes_of_large_fields(scene, lengths, passes):
    fields = [("authorization", bob()["Authorization"]), *[(f"x-large-{number}", "x" * length) for number, length in enumerate(lengths)]]
    with wire2.Wire2(scene.nginx.http2_port) as connection:
        over_http2 = ask_in_pieces(connection, [*wire2.pseudo("GET", "/a", TWICE_HOST), *fields])
    assert (over_http2 == 200) == passes and len(scene.backend.take()) == passes
    over_http1 = scene.ask("GET", "/a", {"Host": TWICE_HOST, **dict(fields)}).status
    assert (over_http1 == 200) == passes and len(scene.backend.take()) == passes
