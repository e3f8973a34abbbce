"""Backends that answer what is no answer: nothing of it may be taken for an answer to somebody else's request on the same connection."""
import json
import socket
import threading

import edges
import pytest
import wire
from scene import SIGNED_HOST, bob

FORGED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain"


class Raw:
    """Answers each request with the bytes that its target names."""

    def __init__(self, answers):
        self.answers = answers
        self.heads = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.authority = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            while line := stream.readline():
                head = [line]
                while (more := stream.readline()) not in (b"\r\n", b""):
                    head.append(more)
                self.heads.append(b"".join(head).lower())
                connection.sendall(self.answers[line.split(b" ")[1]])

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts, or it would take the next listener's connection
        self.listener.close()


ANSWERS = {
    b"/continue": b"HTTP/1.1 100 Continue\r\n\r\n" + FORGED,
    b"/hints": b"HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\nLink: </x>\r\n\r\n" + FORGED,
    b"/switch": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n" + FORGED,
    b"/garbage": b"\x00\x01 no HTTP at all\r\n\r\n" + FORGED,
    b"/blank": b"\r\n" + FORGED,
    b"/plain": PLAIN,
    b"/more": PLAIN + FORGED,
    b"/accel": b"HTTP/1.1 200 OK\r\nX-Accel-Redirect: /plain\r\nContent-Length: 5\r\n\r\nplain",
    b"/ids": b"HTTP/1.1 503 No\r\nX-Request-Id: forged\r\nContent-Length: 5\r\n\r\nplain",
}


@pytest.fixture(scope="module")
def scene():
    from scene import Scene
    raw = Raw(ANSWERS)

    def records(made):
        return [edges.host("raw.example.com", "group-raw"), edges.routes("group-raw", ("ANY", "/", "raw", True)), edges.addresses(raw.authority),
                edges.publication("raw", {"authority": raw.authority}, auth_type="NONE", places=[])]
    made = Scene(records=records)
    made.raw = raw
    yield made
    made.close()
    raw.close()


def asked(scene, target, **more):
    """The answer to `target`, and that to the next request, of another API, on the same connection when it is kept."""
    with scene.wire() as connection:
        connection.send(wire.request("GET", target, {"Host": "raw.example.com", **more}) + wire.request("GET", "/next", bob(SIGNED_HOST)))
        first = connection.answer()
        if connection.is_closed():
            return first, None
        return first, connection.answer()


@pytest.mark.parametrize("target", ["/continue", "/hints", "/switch", "/garbage", "/blank"])
@pytest.mark.parametrize("more", [{}, {"Upgrade": "h2c", "Connection": "Upgrade"}])
def test_what_is_no_answer_is_a_502_of_ours(scene, target, more):
    first, second = asked(scene, target, **more)
    assert first.status == 502 and json.loads(first.body)["request_id"] == first["X-Request-Id"]
    assert b"forged" not in first.body and not first.all("Link")
    assert second is None or b"forged" not in second.body
    assert b"upgrade" not in scene.raw.heads[-1]


def test_what_stands_behind_an_answer_is_dropped(scene):
    for target in ("/more", "/plain", "/accel"):
        first, second = asked(scene, target)
        assert (first.status, first.body) == (200, b"plain")
        assert second is None or b"forged" not in second.body


def test_ids_are_ours(scene):
    answer = scene.ask("GET", "/ids", {"Host": "raw.example.com"})
    assert answer.status == 503 and answer["X-Request-Id"] != "forged"


@pytest.mark.parametrize("listen", ["127.0.0.1:{port}", "0.0.0.0:{port}", "[::]:{port}"])
def test_the_gateway_is_no_backend_of_its_own(make_scene, listen):
    """Otherwise one request goes in circles until connections run out, and the management API is reached past its own port."""
    from tree import free_port
    port = free_port()
    scene = make_scene(server=f"listen {listen.format(port=port)};")
    own = [f"127.0.0.1:{scene.port}", f"127.0.0.1:{scene.nginx.management_port}", f"127.0.0.1:{port}"]
    own += [] if listen.startswith("127.") else [f"127.0.0.9:{port}"]
    for number, authority in enumerate(own):
        loop = f"loop{number}.example.com"
        scene.edge.put(edges.host(loop, f"group-{number}"), edges.routes(f"group-{number}", ("ANY", "/", f"loop{number}", True)), edges.addresses(authority),
                       edges.publication(f"loop{number}", {"authority": authority, "host": loop}, auth_type="NONE", places=[]))
        assert scene.ask("GET", "/", {"Host": loop}).status == 502
        assert f"no connection to the backend {authority}: this nginx itself listens there" in scene.nginx.error_log()
    assert scene.ask("GET", "/a", bob()).status == 200
    assert scene.nginx.logged(scene.ask("GET", "/a", bob())["X-Request-Id"]) and len(scene.nginx.access_lines()) == len(own) + 2, "each came once"
