"""The head that the module writes itself is the one that nginx would write, byte for byte; and answers that come in one piece, in pieces,
short or too long arrive the same whichever way they take."""
import threading

import callers
import pytest
from backends import Backend
from nginx import HOST
from scene import ALICE_CODE, BACKEND_HOST, DAVE_KEY, PAIR, SIGN_PAIR, SIGNED_HOST, Scene, api, bob
from wire import Wire, chunked, request

STOCK = 'proxy_set_header X-Nothing "";'  # a header more than the module wants: nginx writes the request then
MANY = [(f"X-Many-{number}", "v" * number) for number in range(60)]
HOPS = [("TE", "trailers"), ("Keep-Alive", "timeout=5"), ("Upgrade", "h2c"), ("Connection", "keep-alive, X-Many-1"), ("Proxy-Connection", "x")]
PLAIN = {
    "nothing more": ("GET", "/a", [], None),
    "query": ("GET", "/a/b%20c?x=1&&y=%2F;z", [], None),
    "hops": ("GET", "/a", HOPS, None),
    "many": ("GET", "/a", MANY, None),
    "empty value": ("GET", "/a", [("X-Empty", ""), ("X-Space", "a  b")], None),
    "other case": ("GET", "/a", [("aCCept", "*/*"), ("cOOkie", "a=1"), ("cOOkie", "b=2")], None),
    "delete": ("DELETE", "/a", [], None),
    "head": ("HEAD", "/a", [], None),
    "post": ("POST", "/a", [("Content-Type", "text/plain")], b"body"),
    "post nothing": ("POST", "/a", [], b""),
    "expect": ("POST", "/a", [("Content-Type", "text/plain"), ("Expect", "")], b"body"),
    "method of none": ("PURGE", "/a", [], None),
}


def comparable(received):
    """What differs from request to request is left out: the id, and a signature with its time."""
    moving = ("x-request-id", "authorization", "x-sdk-date")
    fields = [(name, "" if name.lower() in moving else value) for name, value in received.fields]
    return received.line, fields, received.body


@pytest.fixture(scope="module")
def both():
    """The same gateway twice: one writes by itself, the other has nginx write."""
    scenes = [Scene(), Scene(location=STOCK)]
    yield scenes
    for scene in scenes:
        scene.close()


def received_by_both(both, data):
    heads = []
    for scene in both:
        scene.backend.take()
        with scene.wire() as wire:
            wire.send(data)
            assert wire.answer(data.split(b" ", 1)[0].decode()).status == 200
        heads.append(comparable(scene.backend.only()))
    return heads


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("host", [HOST, SIGNED_HOST])
def test_both_writers_write_the_same(both, name, host):
    method, target, more, body = PLAIN[name]
    own, stock = received_by_both(both, request(method, target, [*bob(host).items(), *more], body))
    assert own == stock
    assert own[1][0] == ("Host", BACKEND_HOST)


@pytest.mark.parametrize("body", [b"", b"x", b"signed" * 3000])
@pytest.mark.parametrize("framed", ["length", "chunked"])
@pytest.mark.parametrize("host", [HOST, SIGNED_HOST])
def test_both_writers_frame_a_body_that_was_read_alike(both, host, body, framed):
    fields = [*callers.sdk("PUT", "/a", host, PAIR, body).items()]
    data = request("PUT", "/a", fields, body)
    if framed == "chunked":
        data = request("PUT", "/a", [*fields, ("Transfer-Encoding", "chunked")], chunked(body, 1000), length=False)
    own, stock = received_by_both(both, data)
    assert own == stock and own[2] == body


@pytest.mark.parametrize("target, fields", [(f"/a?apikey={DAVE_KEY}&b=2", {}), ("/a", {"Authorization": f"APPCODE {ALICE_CODE}"})])
def test_both_writers_leave_the_proof_out(both, target, fields):
    own, stock = received_by_both(both, request("GET", target, {"Host": HOST, **fields}))
    assert own == stock
    assert DAVE_KEY not in str(own) and ALICE_CODE not in str(own)


def test_a_body_too_large_for_memory_is_sent_whole_and_again(make_scene):
    """It waits in a file, which is nginx's to send; the first backend connection is closed after reading."""
    seen = []
    backend = Backend(answer=lambda received: (seen.append(received), (None, {}, b"") if len(seen) == 1 else (200, {}, b"ok"))[1])
    scene = make_scene(backend=backend)
    body = bytes(range(256)) * 4000
    assert scene.ask("PUT", "/a", callers.sdk("PUT", "/a", HOST, PAIR, body), body).status == 200
    assert [received.body == body for received in seen] == [True, True]


def test_a_signed_request_over_a_stale_connection_is_signed_anew(make_scene):
    """The idle connection is closed while the request is on its way: it goes out once more, under another signature."""
    seen = []

    def answer(received):
        seen.append(received)
        return (None, {}, b"") if len(seen) == 2 else (200, {}, b"ok")
    scene = make_scene(backend=Backend(answer=answer))
    for _ in range(2):
        assert scene.ask("GET", "/a", bob(SIGNED_HOST)).status == 200
    assert len(seen) == 3
    assert seen[2]["X-Countersign-Try"] == "2" and seen[1]["Authorization"] != seen[2]["Authorization"]
    callers.assert_countersigned(seen[2], SIGN_PAIR, BACKEND_HOST)


ANSWERS = {
    "in one piece": ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"], b"hello"),
    "head first": ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", b"hello"], b"hello"),
    "head in pieces": ([b"HTTP/1.1 200 O", b"K\r\nContent-Le", b"ngth: 5\r\n\r\nhe", b"llo"], b"hello"),
    "too much": ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more"], b"hello"),
    "chunked": ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"], b"hello"),
    "until it closes": ([b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello", None], b"hello"),
    "empty": ([b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], b""),
    "no content": ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
    "large": ([b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300000], b"x" * 300000),
    "large head": ([b"HTTP/1.1 200 OK\r\nX-Large: " + b"y" * 3500 + b"\r\nContent-Length: 5\r\n\r\nhello"], b"hello"),
}


class Script(Backend):
    """Answers each request with the pieces that its path names, with a pause between them."""

    def one(self, connection, stream):
        line = stream.readline().decode()
        if not line:
            return False
        self.rest(stream)
        for piece in ANSWERS[line.split()[1][1:].replace("-", " ")][0]:
            if piece is None:
                return False
            connection.sendall(piece)
            threading.Event().wait(0.03)
        return True


@pytest.fixture(scope="module")
def scripted():
    scene = Scene(backend=Script())
    yield scene
    scene.close()


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_arrive_whole_and_the_connections_stay_in_step(scripted, name):
    with Wire(scripted.port) as wire:
        for _ in range(3):
            wire.send(request("GET", "/" + name.replace(" ", "-"), bob()))
            answer = wire.answer()
            assert answer.status == (204 if name == "no content" else 200) and answer.body == ANSWERS[name][1]
            wire.send(request("GET", "/in-one-piece", bob()))
            assert wire.answer().body == b"hello"


def test_idle_connections_are_used_again(make_scene):
    scene = make_scene()
    for _ in range(10):
        assert scene.ask("GET", "/a", bob()).status == 200
    assert scene.backend.connections == 1


@pytest.mark.parametrize("size", ["1k", "4k", "16k"])
def test_a_proxy_buffer_of_any_size(make_scene, size):
    scene = make_scene(location=f"proxy_buffer_size {size}; proxy_buffers 8 16k; proxy_busy_buffers_size 32k;",
                       records=lambda made: api("more", "more.example.com", {"authority": made.backend.authority}))
    scene.backend.answer = lambda received: (200, {"X-Long": "z" * 700}, b"b" * 9000)
    for host in (HOST, "more.example.com"):
        assert scene.ask("GET", "/a", bob(host)).body == b"b" * 9000
