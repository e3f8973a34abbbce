"""Requests whose ends are unclear: a backend never sees more requests than were admitted, and none that nobody signed."""
import time

import callers
import pytest
import wire
import wire2
from nginx import HOST
from scene import OPEN_HOST, PAIR, SIGNED_HOST, bob

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: open.example.com\r\nX-Countersign-App: root\r\n\r\n"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


HEADS = {
    "both": b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n", "both turned": b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n",
    "twice chunked": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "list": b"Transfer-Encoding: gzip, chunked\r\n",
    "vertical tab": b"Transfer-Encoding: \x0bchunked\r\n", "tab": b"Transfer-Encoding:\tchunked\r\nContent-Length: %d\r\n",
    "name with blank": b"Transfer-Encoding : chunked\r\nContent-Length: %d\r\n", "folded": b"Transfer-Encoding:\r\n chunked\r\nContent-Length: %d\r\n",
    "bare LF": b"X: y\nTransfer-Encoding: chunked\r\nContent-Length: %d\r\n", "bare CR": b"X: y\rTransfer-Encoding: chunked\r\nContent-Length: %d\r\n",
    "underscore": b"Transfer_Encoding: chunked\r\nContent-Length: %d\r\n", "two lengths": b"Content-Length: 0\r\nContent-Length: %d\r\n",
    "length list": b"Content-Length: 0, %d\r\n", "plus": b"Content-Length: +%d\r\n", "hex": b"Content-Length: 0x%x\r\n", "minus": b"Content-Length: -1\r\n",
    "empty": b"Content-Length: \r\n", "huge": b"Content-Length: 18446744073709551616\r\n", "empty name": b": x\r\nContent-Length: 0\r\n",
    "connection": b"Connection: Transfer-Encoding, Content-Length\r\nContent-Length: 0\r\n", "upgrade": b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n",
    "expect": b"Expect: 100-continue\r\nContent-Length: 0\r\n", "nothing": b"",
}
BODIES = {"plain": SMUGGLED, "chunk end first": b"0\r\n\r\n" + SMUGGLED, "one chunk": chunk(SMUGGLED) + b"0\r\n\r\n",
          "trailer": b"0\r\nX-Countersign-App: root\r\nContent-Length: 99\r\n\r\n", "bad size": b"-1\r\n" + SMUGGLED, "huge size": b"fffffffffffffffff\r\n" + SMUGGLED,
          "extension": b"3;" + b"x" * 3000 + b"\r\nabc\r\n0\r\n\r\n" + SMUGGLED, "bare LF": b"3\nabc\n0\n\n" + SMUGGLED}


def answers(connection):
    """All that come, as statuses, until the other side has closed or says no more."""
    got = []
    connection.socket.settimeout(0.3)
    try:
        while True:
            got.append(connection.answer().status)
    except (AssertionError, OSError, ValueError, IndexError):
        return got


@pytest.mark.parametrize("body", sorted(BODIES))
@pytest.mark.parametrize("head", sorted(HEADS))
def test_the_backend_sees_what_was_admitted_and_no_more(gateway, head, body):
    """A request that needs a proof and has a good one, then what may hide behind it; the second one has none, and its host demands one."""
    gateway.backend.take()
    hidden = BODIES[body].replace(b"open.example.com", SIGNED_HOST.encode())
    fields = HEADS[head] % len(hidden) if b"%" in HEADS[head] else HEADS[head]
    with gateway.wire() as connection:
        connection.send(wire.request("POST", "/front", bob(HOST))[:-2] + fields + b"\r\n" + hidden)
        got = answers(connection)
    seen = gateway.backend.take()
    assert len(seen) <= got.count(200) <= 1, (got, [received.line for received in seen])
    assert all(received.target == "/front" and not received.all("X-Countersign-App") for received in seen)
    assert all(received.framing in ("none", "length", "chunked") for received in seen)


@pytest.mark.parametrize("change", [
    [("transfer-encoding", "chunked")], [("connection", "close, x-countersign-app")], [("content-length", "0")], [("content-length", "5")], [("content-length", "x")],
    [("X-Countersign-App", "root")], [("x_countersign_app", "root")], [("x-countersign-app", "root")], [("x-countersign-app\x00", "root")],
    [("x-a", "b\r\nx-countersign-app: root")], [("x-a\r\nx-countersign-app", "root")], [("x-a", "b\x00c")], [(":path", "/b")], [(":authority", OPEN_HOST)],
    [("host", OPEN_HOST)], [("host", HOST), ("host", OPEN_HOST)], [(":method", "GET")], [("te", "trailers")], [("upgrade", "websocket")], [("", "x")],
    [("x a", "b")], [(":unknown", "x")]], ids=repr)
@pytest.mark.parametrize("body", [None, SMUGGLED])
def test_http2_fields_that_mean_something_in_http1(gateway, change, body):
    """The signed host is HOST; a stranger's field must neither end the request earlier nor name a caller nor another host."""
    gateway.backend.take()
    fields = [(name.lower(), value) for name, value in callers.sdk("POST", "/front", HOST, PAIR, body or b"").items() if name != "Host"]
    with wire2.Wire2(gateway.nginx.http2_port) as connection:
        status = connection.ask(1, [*wire2.pseudo("POST", "/front", HOST), *fields, *change], body).status(1)
    time.sleep(0.02)
    seen = gateway.backend.take()
    assert len(seen) == (status == 200), (status, [received.line for received in seen])
    for received in seen:
        assert (received.target, received["X-Countersign-App"], received.body) == ("/front", "id-of-alice", body or b"")


@pytest.mark.parametrize("path", ["/a b", "/a\r\nX: y", "/a\x00", "", "*", "a", "/a#b", "http://open.example.com/a", "//open.example.com/a", "/%00", "/a\tb"])
def test_http2_paths(gateway, path):
    gateway.backend.take()
    with wire2.Wire2(gateway.nginx.http2_port) as connection:
        status = connection.ask(1, [*wire2.pseudo("GET", path, OPEN_HOST)]).status(1)
    seen = gateway.backend.take()
    assert len(seen) == (status == 200) and all(received.target == path for received in seen)
    assert status != 200 or path == "//open.example.com/a"
    assert len(seen) <= 1 and all("X: y" not in str(received.fields) for received in seen)


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "get", "G ET", "", "GET\r\nX: y"])
def test_methods_that_mean_something_else(gateway, method):
    gateway.backend.take()
    with gateway.wire() as connection:
        connection.send(f"{method} /a HTTP/1.1\r\nHost: {OPEN_HOST}\r\n\r\n".encode())
        got = answers(connection)
    assert 200 not in got and not gateway.backend.take()
