"""Answers without an end, and callers who would not be admitted any more while they last."""
import base64
import hmac
import signal
import socket
import struct
import threading
import time

import callers
import edges
import pytest
import wire
import wire2
from scene import ALICE, BACKEND_HOST, BOB, BOB_KEY, PAIR, PLACES, Scene, api, bob


class Echo:
    """A WebSocket server as far as a gateway sees one; at /events it sends an event every 50 ms instead."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
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
        try:
            with connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(1000)
                self.events(connection) if b" /events " in head else self.echo(connection)
        except OSError:
            pass

    @staticmethod
    def echo(connection):
        connection.sendall(b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
        while data := connection.recv(1000):
            connection.sendall(data.upper())

    @staticmethod
    def events(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n")
        while True:
            connection.sendall(b"data: x\n\n")
            time.sleep(0.05)


@pytest.fixture(scope="module")
def scene():
    echo = Echo()
    whole = Scene(server="countersign_recheck 200ms;", records=lambda _: api("socket", "socket.example.com", {"authority": echo.authority}))
    whole.echo = echo
    yield whole
    whole.close()
    echo.listener.close()


UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}


def opened(scene, fields, path="/ws"):
    connection = scene.wire()
    connection.send(wire.request("GET", path, fields))
    head = connection.read_until(b"\r\n\r\n")
    assert b" 101 " in head or b" 200 " in head, head
    return connection


def lives(connection):
    connection.send(b"hello")
    return connection.read_exactly(5) == b"HELLO"


def ends(connection):
    """The gateway closes it, within a time that is long beside 200 ms."""
    connection.socket.settimeout(10)
    try:
        while connection.socket.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


@pytest.fixture
def undo(scene):
    """What a test changes is as it was afterwards."""
    yield
    scene.edge.put(edges.api_key(BOB_KEY, BOB), edges.key_pair(*PAIR, ALICE), edges.authorisation("socket", BOB))


CHANGES = {
    "principal_disabled": lambda: edges.api_key(BOB_KEY, {**BOB, "disabled": True}, revision=2),
    "credential_disabled": lambda: edges.api_key(BOB_KEY, BOB, disabled=True, revision=2),
    "credential_expired": lambda: edges.api_key(BOB_KEY, BOB, not_after=1, revision=2),
    "key_unknown": lambda: {**edges.api_key(BOB_KEY, BOB), "remove": True},
    "not_authorised": lambda: {**edges.authorisation("socket", BOB), "remove": True},
    "authorisation_expired": lambda: edges.authorisation("socket", BOB, not_after=1),
}


@pytest.mark.parametrize("refusal", CHANGES)
def test_an_open_websocket_is_cut(scene, undo, refusal):
    connection = opened(scene, bob("socket.example.com", **UPGRADE))
    assert lives(connection)
    scene.edge.put(CHANGES[refusal]())
    assert ends(connection)
    assert f"cut off, its caller would not be admitted any more: {refusal}" in scene.nginx.error_log()


def test_who_stays_admitted_goes_on(scene):
    """Also when his time of signing is long over and his nonce used: neither counts again."""
    connections = [opened(scene, bob("socket.example.com", **UPGRADE)),
                   opened(scene, {**callers.sdk("GET", "/ws", "socket.example.com", PAIR), **UPGRADE})]
    for _ in range(4):
        time.sleep(0.25)
        assert all(lives(connection) for connection in connections)
    for connection in connections:
        connection.socket.close()


def test_a_large_request_is_looked_up_again_like_a_small_one(scene):
    """By its signature, and with more memory than most need: the credential has another secret now, beside the one that signed."""
    query = "/ws?" + "&".join(f"name-{number}=value-{number}" for number in range(600))
    connection = opened(scene, {**callers.sdk("GET", query, "socket.example.com", PAIR), **UPGRADE}, query)
    scene.edge.put({**edges.key_pair(PAIR[0], "a-next-secret-0123456789abcdef", ALICE, revision=12),
                    "secrets": [{"value": "a-next-secret-0123456789abcdef"}, {"value": PAIR[1]}]})
    for _ in range(3):
        time.sleep(0.25)
        assert lives(connection)
    connection.socket.close()
    scene.edge.put(edges.key_pair(*PAIR, ALICE))


def test_a_new_secret_ends_what_the_old_one_opened(scene, undo):
    connection = opened(scene, {**callers.sdk("GET", "/ws", "socket.example.com", PAIR), **UPGRADE})
    assert lives(connection)
    scene.edge.put(edges.key_pair(PAIR[0], "another-secret-0123456789abcdef", ALICE, revision=9))
    assert ends(connection)


def test_a_way_in_that_is_no_more_ends_what_it_opened(scene):
    backend = {"authority": scene.echo.authority, "host": BACKEND_HOST}
    connection, other = opened(scene, bob("socket.example.com", **UPGRADE)), opened(scene, {**callers.sdk("GET", "/ws", "socket.example.com", PAIR), **UPGRADE})
    assert lives(connection) and lives(other)
    scene.edge.put(edges.publication("socket", backend, places=PLACES[:2]))
    assert ends(connection)
    assert "cut off, its caller would not be admitted any more: proof_missing" in scene.nginx.error_log()
    time.sleep(0.3)
    assert lives(other)
    other.socket.close()
    scene.edge.put(edges.publication("socket", backend, places=PLACES))


def access_token(pair, issued):
    """Of scheme app-token (docs/schemes)."""
    said = struct.pack(">Q", issued) + pair[0].encode()
    mac = hmac.new(pair[1].encode(), b"Bearer csat1-\0" + said, "sha256").digest()
    return "csat1-" + base64.urlsafe_b64encode(said + mac).decode().rstrip("=")


def test_an_access_token_opens_nothing_for_longer_than_it_lasts(scene):
    scene.edge.put(*api("socket", "socket.example.com", {"authority": scene.echo.authority}, places=[{"scheme": "app-token"}]))
    token = access_token(PAIR, int(time.time()) - 3598)  # of 3600 seconds
    connection = opened(scene, {"Host": "socket.example.com", "Authorization": f"Bearer {token}", **UPGRADE})
    try:
        assert lives(connection)
        assert ends(connection)
        assert "cut off, its caller would not be admitted any more: date_expired" in scene.nginx.error_log()
    finally:
        scene.edge.put(*api("socket", "socket.example.com", {"authority": scene.echo.authority}))


def test_events_without_an_end_are_cut_too(scene, undo):
    connection = opened(scene, bob("socket.example.com"), "/events")
    scene.edge.put(CHANGES["principal_disabled"]())
    assert ends(connection)
    with scene.wire() as again:
        again.send(wire.request("GET", "/ws", bob("socket.example.com")))
        assert again.answer().status == 401


def test_events_over_http2_are_cut_too(scene, undo):
    """The stream ends, and the connection, on which other streams may live, goes on."""
    with wire2.Wire2(scene.nginx.http2_port) as connection:
        authorization = [("authorization", f"Bearer {BOB_KEY}")]
        connection.ask(1, [*wire2.pseudo("GET", "/events", "socket.example.com"), *authorization])
        assert connection.status(1) == 200
        scene.edge.put(CHANGES["principal_disabled"]())
        assert connection.ends(1)
        assert connection.ask(3, [*wire2.pseudo("GET", "/events", "socket.example.com"), *authorization]).status(3) == 401


def test_an_api_that_is_served_over_https_from_now_on(scene):
    connection = opened(scene, bob("socket.example.com", **UPGRADE))
    assert lives(connection)
    records = api("socket", "socket.example.com", {"authority": scene.echo.authority})
    scene.edge.put(*api("socket", "socket.example.com", {"authority": scene.echo.authority}, https_only=True))
    try:
        assert ends(connection)
        assert "would not be admitted any more: https_required" in scene.nginx.error_log()
    finally:
        scene.edge.put(*records)


def test_what_the_access_log_says(scene, undo):
    connection = scene.wire()
    connection.send(wire.request("GET", "/ws", bob("socket.example.com", **UPGRADE)))
    head = connection.read_until(b"\r\n\r\n").decode().lower()
    request_id = head.split("x-request-id: ")[1][:32]
    scene.edge.put(CHANGES["principal_disabled"]())
    assert ends(connection)
    line = scene.nginx.logged(request_id)
    assert (line["status"], line["outcome"], line["refusal"]) == ("101", "accepted", "principal_disabled")


def test_an_api_that_goes_takes_its_connections_along(scene):
    connection = opened(scene, bob("socket.example.com", **UPGRADE))
    records = api("socket", "socket.example.com", {"authority": "127.0.0.1:9"})
    publication = next(record for record in records if record["kind"] == "publication")
    scene.edge.remove(publication)
    assert ends(connection)


def test_a_reload_leaves_open_connections_watched(make_scene):
    echo = Echo()
    scene = make_scene(server="countersign_recheck 200ms;", records=lambda _: api("socket", "socket.example.com", {"authority": echo.authority}))
    connection = opened(scene, bob("socket.example.com", **UPGRADE))
    scene.nginx.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert lives(connection)
    scene.edge.put(CHANGES["principal_disabled"]())
    assert ends(connection)
    echo.listener.close()
