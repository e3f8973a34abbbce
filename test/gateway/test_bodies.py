"""Bodies: digested as they come in, held to their limits, and never the way around a signature."""
import base64
import hashlib
import os
import socket
import subprocess
import threading
import time

import callers
import edges
import pytest
import wire
from nginx import HOST
from scene import ALL, PAIR, PLACES, SIGN_PAIR, SIGNED_HOST, bob
from tree import SANITIZED

FORM = "application/x-www-form-urlencoded"
LARGE = os.urandom(1 << 20) * (2 if SANITIZED else 11)
BODIES = {"empty": b"", "one": b"x", "ten": b"0123456789", "900k": LARGE[:900_000], "large": LARGE}


def signed_post(body, host=HOST, target="/up"):
    return callers.sdk("POST", target, host, PAIR, body)


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("host", [HOST, SIGNED_HOST])
def test_signed_bodies_arrive_whole(gateway, name, framing, host):
    body = BODIES[name]
    with gateway.wire() as connection:
        fields = signed_post(body, host)
        if framing == "length":
            connection.send(wire.request("POST", "/up", fields, body))
        else:
            connection.send(wire.request("POST", "/up", {**fields, "Transfer-Encoding": "chunked"}) + wire.chunked(body, 50_000))
        answer = connection.answer()
    assert answer.status == 200, answer.body
    received = gateway.backend.only()
    assert received.body == body
    if host == SIGNED_HOST:
        assert "x-sdk-content-sha256" not in callers.assert_countersigned(received, SIGN_PAIR, "backend.internal")


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_another_body_than_the_signed_one_is_refused(gateway, framing):
    with gateway.wire() as connection:
        fields = signed_post(b"the signed one")
        if framing == "length":
            connection.send(wire.request("POST", "/up", fields, b"not the signed"))
        else:
            connection.send(wire.request("POST", "/up", {**fields, "Transfer-Encoding": "chunked"}) + wire.chunked(b"not the signed", 3))
        answer = connection.answer()
        assert answer.status == 401 and b"verify signature fail" in answer.body
        connection.send(wire.request("GET", "/next", bob()))
        assert connection.answer().status == 200
    assert [received.target for received in gateway.backend.take()] == ["/next"]


def test_byte_by_byte(gateway):
    body = b"slowly but surely"
    with gateway.wire() as connection:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in wire.request("POST", "/up", signed_post(body), body):
            connection.send(bytes([byte]))
        assert connection.answer().status == 200
        connection.send(wire.request("POST", "/up", {**signed_post(body), "Transfer-Encoding": "chunked"}))
        for byte in b"3;ext=1\r\nslo\r\ne\r\nwly but surely\r\n0\r\nTrailer: x\r\n\r\n":
            connection.send(bytes([byte]))
        assert connection.answer().status == 200
    assert [received.body for received in gateway.backend.take()] == [body, body]


def test_pipelined(gateway):
    requests = [wire.request("POST", f"/{number}", callers.sdk("POST", f"/{number}", HOST, PAIR, b"x" * number), b"x" * number)
                for number in range(8)]
    with gateway.wire() as connection:
        connection.send(b"".join(requests))
        assert [connection.answer().status for _ in requests] == [200] * 8
    assert [received.body for received in gateway.backend.take()] == [b"x" * number for number in range(8)]


def test_answers_that_nobody_reads_for_a_while(make_scene):
    """They fill the room of the socket, so that some leave in parts; none is cut, doubled or mixed up."""
    gateway = make_scene(edit=lambda whole: whole.replace(" reuseport;", " reuseport sndbuf=4608;", 1))
    targets = [f"/{number}" for number in range(400)]
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(20)
        client.connect(("127.0.0.1", gateway.port))
        sender = threading.Thread(target=client.sendall, args=(
            b"".join(wire.request("GET", target, callers.sdk("GET", target, HOST, PAIR)) for target in targets),))
        sender.start()
        time.sleep(0.5)
        reader = client.makefile("rb")
        for _ in targets:
            assert reader.readline().startswith(b"HTTP/1.1 200")
            fields = dict(line.lower().split(b": ", 1) for line in iter(lambda: reader.readline().rstrip(), b""))
            assert len(reader.read(int(fields[b"content-length"]))) == int(fields[b"content-length"])
        sender.join()
    assert [received.target for received in gateway.backend.take()] == targets


def test_expect_continue(gateway):
    body = b"worth waiting for"
    with gateway.wire() as connection:
        connection.send(wire.request("POST", "/up", {**signed_post(body), "Expect": "100-continue", "Content-Length": str(len(body))}))
        assert connection.answer().status == 100
        connection.send(body)
        assert connection.answer().status == 200
    with gateway.wire() as connection:  # refused: no 100, and the connection is not taken for another request
        connection.send(wire.request("POST", "/up", {"Host": HOST, "Expect": "100-continue", "Content-Length": "17"}))
        assert connection.answer().status == 401
        assert connection.is_closed()
    assert len(gateway.backend.take()) == 1


def test_content_md5(gateway):
    body = b'{"a":1}'
    assert gateway.ask("POST", "/up", callers.aliyun("POST", "/up", HOST, PAIR, body), body).status == 200
    answer = gateway.ask("POST", "/up", callers.aliyun("POST", "/up", HOST, PAIR, body), b'{"a":2}')
    assert answer.status == 400 and answer["X-Ca-Error-Message"] == "Invalid Content-MD5"
    assert gateway.ask("POST", "/up", callers.aliyun("POST", "/up", HOST, PAIR, body, algorithm="HmacSHA1"), body).status == 200
    assert [received.body for received in gateway.backend.take()] == [body, body]


def test_forms_are_part_of_what_is_signed(gateway):
    form = b"b=2&a=%E4%BD%A0&c="
    for host in (HOST, SIGNED_HOST):
        fields = callers.aliyun("POST", "/form?q=1", HOST, PAIR, form, content_type=FORM)
        answer = gateway.ask("POST", "/form?q=1", {**fields, "Host": host}, form)
        assert answer.status == 200, answer.fields
        received = gateway.backend.only()
        assert received.body == form
        if host == SIGNED_HOST:
            callers.assert_countersigned(received, SIGN_PAIR, "backend.internal")
    answer = gateway.ask("POST", "/form?q=1", fields, form + b"&d=1")
    assert answer.status == 403 and answer["X-Ca-Error-Message"].startswith("Invalid Signature")
    fields = callers.aliyun("POST", "/form?q=1", HOST, PAIR, form, content_type=FORM)
    with gateway.wire() as connection:
        connection.send(wire.request("POST", "/form?q=1", {**fields, "Transfer-Encoding": "chunked"}) + wire.chunked(form, 1))
        assert connection.answer().status == 200
    assert gateway.backend.only().body == form


@pytest.mark.parametrize("framing", [{"Content-Length": "0"}, {}, {"Transfer-Encoding": "chunked"}])
def test_a_form_without_a_body_is_verified_all_the_same(gateway, framing):
    end = b"0\r\n\r\n" if "Transfer-Encoding" in framing else b""
    for secret, status in ((PAIR[1], 200), ("wrong", 403)):
        fields = callers.aliyun("POST", "/form", HOST, (PAIR[0], secret), content_type=FORM)
        with gateway.wire() as connection:
            connection.send(wire.request("POST", "/form", {**fields, **framing}) + end)
            assert connection.answer().status == status
    assert len(gateway.backend.take()) == 1


def curl2(gateway, *arguments, data=None):
    command = ["curl", "-sS", "--http2-prior-knowledge", "-o", "-", "-w", "\n%{http_code} %{http_version}", *arguments]
    done = subprocess.run(command, input=data, capture_output=True, timeout=60, check=False)
    body, _, last = done.stdout.rpartition(b"\n")
    assert last.endswith(b" 2"), (done.stdout, done.stderr)
    return int(last.split()[0]), body, done.stderr


def as_curl(fields):
    return [argument for name, value in fields.items() for argument in ("-H", f"{name}: {value}" if value else f"{name};")]


@pytest.mark.parametrize("name", BODIES)
def test_http2_bodies(gateway, name):
    body = BODIES[name]
    url = f"http://127.0.0.1:{gateway.nginx.http2_port}/up"
    data = ["-X", "POST", "--data-binary", "@-"] if body else ["-X", "POST"]
    fields = as_curl(signed_post(body))
    status, said, error = curl2(gateway, *fields, "-H", "Content-Type: application/octet-stream", *data, url, data=body)
    assert status == 200, (said, error)
    assert gateway.backend.only().body == body
    status, _, _ = curl2(gateway, *as_curl(signed_post(body + b"!")), "-H", "Content-Type: application/octet-stream", *data, url, data=body)
    assert status == 401 and not gateway.backend.take()


def test_http2_refusals_are_read_by_clients(gateway):
    url = f"http://127.0.0.1:{gateway.nginx.http2_port}/up"
    for _ in range(20):
        status, body, error = curl2(gateway, "-H", f"Host: {HOST}", "--data-binary", "x" * 1000, url)
        assert (status, error) == (401, b"") and b"APIG.0303" in body


def test_http2_form_without_a_body(gateway):
    url = f"http://127.0.0.1:{gateway.nginx.http2_port}/form"
    for secret, expected in ((PAIR[1], 200), ("wrong", 403)):
        fields = callers.aliyun("POST", "/form", HOST, (PAIR[0], secret), content_type=FORM)
        assert curl2(gateway, "-X", "POST", *as_curl(fields), url)[0] == expected
    assert len(gateway.backend.take()) == 1


def test_a_stranger_is_refused_before_he_has_uploaded(gateway):
    size = 12 << 20
    fields = callers.sdk("POST", "/up", HOST, ("nobody-has-this-key", "secret"), b"")
    with gateway.wire() as connection:
        connection.send(wire.request("POST", "/up", {**fields, "Content-Length": str(size)}) + bytes(1000))
        answer = connection.answer()  # 12 MB less 1000 bytes have never left
        assert answer.status == 401 and b"app not found" in answer.body
    with gateway.wire() as connection:
        connection.send(wire.request("POST", "/up", {**fields, "Transfer-Encoding": "chunked"}) + b"100000\r\n" + bytes(1000))
        assert connection.answer().status == 401
    assert not gateway.backend.take()


def limited(scene):
    target = {"authority": scene.backend.authority, "host": "backend.internal"}
    return [edges.host("small.example.com", "group-small"), edges.routes("group-small", ("ANY", "/", "small", True)),
            edges.publication("small", target, places=PLACES, body_limit=1000), *[edges.authorisation("small", who) for who in ALL]]


def test_too_large_in_the_callers_format(gateway):
    gateway.edge.put(*limited(gateway))
    host, body = "small.example.com", b"x" * 1001
    apig = signed_post(body, host)
    ca = callers.aliyun("POST", "/up", host, PAIR, body)
    for fields in (apig, ca):
        for framing in ("length", "chunked"):
            with gateway.wire() as connection:
                if framing == "length":
                    connection.send(wire.request("POST", "/up", fields, body))
                else:
                    connection.send(wire.request("POST", "/up", {**fields, "Transfer-Encoding": "chunked"}) + wire.chunked(body, 100))
                answer = connection.answer()
            assert answer.status == 413
            if fields is ca:
                assert answer["X-Ca-Error-Code"] == "I413RL" and answer.body == b""
            else:
                assert b'"error_code":"APIG.0201"' in answer.body
            assert gateway.nginx.logged(answer["X-Request-Id"])["refusal"] == "body_too_large"
    assert gateway.ask("POST", "/up", signed_post(body[1:], host), body[1:]).status == 200
    assert len(gateway.backend.take()) == 1


def test_too_large_over_http2(gateway):
    """A client that still uploads takes the reset that ends its upload for an error (curl: 92), so the body is read if it is small."""
    gateway.edge.put(*limited(gateway))
    url = f"http://127.0.0.1:{gateway.nginx.http2_port}/up"
    body = b"x" * 60_000
    fields = [*as_curl(signed_post(body, "small.example.com")), "-H", "Content-Type: application/octet-stream"]
    status, said, _ = curl2(gateway, *fields, "-X", "POST", "--data-binary", "@-", url, data=body)
    assert status == 413 and b"APIG.0201" in said
    path = gateway.folder / "upload"
    path.write_bytes(body)
    fields = [argument for name, value in signed_post(body).items() if name != "Host" for argument in ("-H", f"{name}: {value}")]
    done = subprocess.run(["nghttp", "-v", "--no-content-length", "-H", ":method: POST", "-H", ":authority: small.example.com", *fields,
                           "-d", path, url], capture_output=True, text=True, timeout=60, check=False)
    assert ":status: 413" in done.stdout and "APIG.0201" in done.stdout
    assert not gateway.backend.take()


def test_forms_have_limits_of_their_own(gateway):
    fields = {"1 MiB": b"a=" + b"x" * (1 << 20), "1000 fields": b"&".join(b"f%d=1" % number for number in range(1001))}
    for what, form in fields.items():
        answer = gateway.ask("POST", "/form", callers.aliyun("POST", "/form", HOST, PAIR, form, content_type=FORM), form)
        assert answer.status == 413 and answer["X-Ca-Error-Code"] == "I413RL", what
        assert gateway.nginx.logged(answer["X-Request-Id"])["refusal"] == "form_too_large"
    largest = b"a=" + b"x" * ((1 << 20) - 2)
    assert gateway.ask("POST", "/form", callers.aliyun("POST", "/form", HOST, PAIR, largest, content_type=FORM), largest).status == 200
    assert gateway.backend.only().body == largest


def test_unsigned_bodies_stream(gateway):
    """The backend has the first half before the second one is sent; countersigned requests say so: UNSIGNED-PAYLOAD, signed."""
    half = os.urandom(300_000)
    for host in (HOST, SIGNED_HOST):
        with gateway.wire() as connection:
            connection.send(wire.request("PUT", "/up", {**bob(host), "Content-Length": str(2 * len(half))}) + half)
            wait_for(lambda: gateway.backend.connections)
            connection.send(half)
            assert connection.answer().status == 200
        received = gateway.backend.only()
        assert hashlib.sha256(received.body).digest() == hashlib.sha256(2 * half).digest()
        if host == SIGNED_HOST:
            assert "x-sdk-content-sha256" in callers.assert_countersigned(received, SIGN_PAIR, "backend.internal")
    with gateway.wire() as connection:
        connection.send(wire.request("PUT", "/up", {**bob(), "Transfer-Encoding": "chunked"}) + wire.chunked(half, 1000))
        assert connection.answer().status == 200
    received = gateway.backend.only()
    assert received.framing == "chunked" and received.body == half


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_unsigned_payload_by_the_caller(gateway):
    fields = callers.sdk("POST", "/up", HOST, PAIR, b"", payload="UNSIGNED-PAYLOAD")
    assert gateway.ask("POST", "/up", fields, b"whatever").status == 200
    received = gateway.backend.only()
    assert received.body == b"whatever" and not received.all("X-Sdk-Content-Sha256")
    digest = hashlib.sha256(b"right").hexdigest()
    fields = callers.sdk("POST", "/up", HOST, PAIR, b"", payload=digest)
    assert gateway.ask("POST", "/up", fields, b"wrong").status == 401
    assert gateway.ask("POST", "/up", fields, b"right").status == 200
    assert base64.b64encode(gateway.backend.only().body) == b"cmlnaHQ="


def test_a_caller_who_goes_away(gateway):
    with gateway.wire() as connection:
        connection.send(wire.request("POST", "/up", {**signed_post(b"x" * 5000), "Content-Length": "5000"}) + b"x" * 100)
    assert gateway.ask("GET", "/after", bob()).status == 200
    assert [received.target for received in gateway.backend.take()] == ["/after"]
