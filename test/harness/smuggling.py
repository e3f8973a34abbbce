"""Requests whose ends are unclear, drawn by chance over HTTP/1.1 and HTTP/2, and the one question to a gateway: are the requests
that the backend took in and those that were authorised and answered by it the same, each once? The log of the gateway is compared with what the backend saw."""
import contextlib
import random
import time

import wire2
from nginx import HOST
from scene import BOB_KEY
from wire import Wire

HIDDEN = "/hidden"
HEADS = ["Content-Length: {n}", "Transfer-Encoding: chunked", "Content-Length: 0", "Content-Length: {n}\r\nTransfer-Encoding: chunked",
         "Transfer-Encoding: chunked\r\nContent-Length: {n}", "Content-Length: {n}\r\nContent-Length: 0", "Content-Length: {n}, 0", "Content-Length: +{n}",
         "Content-Length: {n} ", "Transfer-Encoding: identity", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, identity",
         "Transfer-Encoding: xchunked", "Transfer_Encoding: chunked", "Transfer-Encoding : chunked", " Transfer-Encoding: chunked",
         "X: y\nTransfer-Encoding: chunked", "Connection: Content-Length\r\nContent-Length: {n}", "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked",
         "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk", "Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: {n}",
         "Expect: 100-continue\r\nContent-Length: {n}", "Trailer: Content-Length\r\nTransfer-Encoding: chunked", "TE: trailers, chunked", ""]
STRANGE = [b"\r", b"\n", b"\0", b"\x0b", b"\x0c", b"\t", b" ", b"\x85", b"\xa0", b"\xff", b",", b";", b":", b"\r\n ", b"\r\n\t", b"-", b"0x", b"%0d%0a"]
EXTRA = [("transfer-encoding", "chunked"), ("content-length", "0"), ("content-length", "5"), ("content-length", ""), ("connection", "close"), ("host", "x"),
         ("upgrade", "h2c"), ("te", "trailers"), ("x", "a\r\nX-Countersign-App: root"), ("x\r\ny", "z"), ("x", "a\0b"), (":path", HIDDEN), (":authority", "x"),
         ("", "x"), ("x y", "z"), ("cookie", "a\r\n\r\nGET /hidden HTTP/1.1"), ("proxy-connection", "keep-alive"), ("expect", "100-continue")]


def hidden(host):
    return f"GET {HIDDEN} HTTP/1.1\r\nHost: {host}\r\nX-Countersign-App: root\r\n\r\n".encode()


def bodies(chance, inner):
    whole = b"%x\r\n%s\r\n0\r\n\r\n" % (len(inner), inner)
    return chance.choice([inner, whole, b"0\r\n\r\n" + inner, b"0\r\nX: y\r\n\r\n" + inner, b"%x;a=b\r\n%s\r\n0\r\n\r\n" % (len(inner), inner), b"-1\r\n" + inner,
                          b"%x\n%s\n0\n\n" % (len(inner), inner), b"0x%x\r\n" % len(inner) + inner, b"%X \r\n%s\r\n0\r\n\r\n" % (len(inner), inner),
                          b"ffffffffffffffff0\r\n" + inner, b"\r\n" + inner, b"2\r\nabc\r\n0\r\n\r\n" + inner, b""])


def http1(chance, number):
    """Bytes for a connection: an authorised request with a doubtful end, sometimes with a byte that does not belong there."""
    body = bodies(chance, hidden(HOST))
    head = chance.choice(HEADS).format(n=chance.choice([len(body), len(body) - 1, 0, 3, len(body) + 5])).encode()
    if chance.random() < 0.5:
        at = chance.randrange(len(head) + 1)
        head = head[:at] + chance.choice(STRANGE) + head[at:]
    method = chance.choice(["POST", "PUT", "GET", "DELETE", "HEAD", "OPTIONS"])
    version = chance.choice(["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/0.9"])
    start = f"{method} /case-{number} {version}\r\nHost: {HOST}\r\nAuthorization: Bearer {BOB_KEY}\r\n".encode()
    return start + (head + b"\r\n" if head else b"") + b"\r\n" + body + chance.choice([b"", hidden(HOST)])


def http2(chance, number):
    """(fields, body) of a stream whose fields mean something else over HTTP/1.1."""
    body = bodies(chance, hidden(HOST))
    fields = [*wire2.pseudo(chance.choice(["POST", "GET", "PUT"]), f"/case-{number}", HOST), ("authorization", f"Bearer {BOB_KEY}")]
    for _ in range(chance.randrange(1, 4)):
        fields.insert(chance.randrange(4, len(fields) + 1), chance.choice(EXTRA))
    return fields, chance.choice([body, None])


def send(scene, stack, chance, number):
    with contextlib.suppress(OSError):
        if chance.random() < 0.6:
            stack.enter_context(Wire(scene.port)).send(http1(chance, number))
        else:
            stack.enter_context(wire2.Wire2(scene.nginx.http2_port)).ask(1, *http2(chance, number))


def logged(scene, wanted, seconds=10):
    """The accepted requests of the access log by their id, once all of `wanted` are there: nginx logs after the answer."""
    deadline = time.monotonic() + seconds
    while True:
        accepted = {line["request_id"]: line for line in scene.nginx.access_lines() if line["outcome"] == "accepted"}
        if wanted <= set(accepted) or time.monotonic() > deadline:
            return accepted
        time.sleep(0.05)


def play(scene, seed, cases, at_once=50):
    """Returns (cases that reached the backend, cases); asserts the oracle."""
    chance, number, received = random.Random(seed), 0, []
    scene.backend.take()
    while number < cases:
        with contextlib.ExitStack() as stack:
            for _ in range(min(at_once, cases - number)):
                send(scene, stack, chance, f"{seed}-{number}")
                number += 1
            time.sleep(0.25)
        received += scene.backend.take()
    time.sleep(0.1)
    received += scene.backend.take()
    ids = [request["X-Request-Id"] for request in received]
    assert len(ids) == len(set(ids)), f"seed {seed}: a request came twice"
    accepted = logged(scene, set(ids))
    for request in received:
        assert request["X-Request-Id"] in accepted, f"seed {seed}: nobody authorised {request.line!r}"
        line = accepted[request["X-Request-Id"]]
        assert request.target == line["target"] and request.target.startswith(f"/case-{seed}-"), (seed, request.line, line)
        assert request.all("X-Mse-Consumer") == ["bob"] and not request.all("X-Countersign-App"), (seed, request.fields)
    answered = {key for key, line in accepted.items() if line["upstream_status"] == "200" and line["target"].startswith(f"/case-{seed}-")}
    assert answered <= set(ids), f"seed {seed}: authorised and answered, and the backend never saw it"
    return len(received), cases
