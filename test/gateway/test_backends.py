"""Backends that are away, slow, several, or close connections; and what a caller reads then."""
import json
import socket
import threading
import time

import callers
import pytest
import wire
from backends import Backend
from nginx import HOST
from scene import PAIR, SIGN_PAIR, SIGNED_HOST, api, bob
from tree import free_port


def publish(scene, name, authority, **backend):
    scene.edge.put(*api(name, f"{name}.example.com", {"authority": authority, **backend}))
    return f"{name}.example.com"


def in_both_formats(scene, host, status, code):
    answer = scene.ask("GET", "/a", bob(host))
    assert answer.status == status and answer["Content-Type"] == "application/json"
    assert json.loads(answer.body) == {"error_code": code[0], "error_msg": json.loads(answer.body)["error_msg"],
                                       "request_id": answer["X-Request-Id"]}
    answer = scene.ask("GET", "/a", callers.aliyun("GET", "/a", host, PAIR))
    assert answer.status == status and answer["X-Ca-Error-Code"] == code[1] and answer.body == b""
    assert answer["X-Ca-Request-Id"] == answer["X-Request-Id"]


def test_a_dead_backend(gateway):
    host = publish(gateway, "dead", f"127.0.0.1:{free_port()}")
    in_both_formats(gateway, host, 502, ("APIG.0202", "D502FC"))
    with gateway.wire() as connection:
        connection.send(wire.request("HEAD", "/a", bob(host)))
        assert connection.answer("HEAD").status == 502


def test_a_backend_without_an_address(gateway):
    records = api("nowhere", "nowhere.example.com", {"authority": "unresolved.example.com:80"}, prefix="/")
    gateway.edge.put(*[record for record in records if record["kind"] != "addresses"])
    in_both_formats(gateway, "nowhere.example.com", 502, ("APIG.0202", "D502FC"))


def test_a_slow_backend(gateway):
    release = threading.Event()
    slow = Backend(answer=lambda received: (release.wait(20), (200, {}, b""))[1])
    host = publish(gateway, "slow", slow.authority, timeout_ms=200)
    in_both_formats(gateway, host, 504, ("APIG.0203", "D504TO"))
    release.set()
    slow.close()


def test_the_backends_own_errors_are_its_own(gateway):
    wrong = Backend(answer=lambda received: (502, {"X-Request-Id": "another", "Content-Type": "text/plain"}, b"my own words"))
    host = publish(gateway, "wrong", wrong.authority)
    answer = gateway.ask("GET", "/a", bob(host))
    assert (answer.status, answer.body, answer["Content-Type"]) == (502, b"my own words", "text/plain")
    assert len(answer["X-Request-Id"]) == 32
    wrong.close()


def test_the_next_address_is_tried_while_nothing_was_sent(gateway):
    alive = Backend()
    host = publish(gateway, "pair", "pair.internal:1", addresses=[f"127.0.0.1:{free_port()}", alive.authority])
    for method in ("GET", "POST"):
        for _ in range(4):
            assert gateway.ask(method, "/a", bob(host), b"x" if method == "POST" else None).status == 200
    assert len(alive.take()) == 8
    alive.close()


def test_requests_are_spread_over_the_addresses(gateway):
    several = [Backend() for _ in range(3)]
    host = publish(gateway, "several", "several.internal:1", addresses=[backend.authority for backend in several])
    for _ in range(30):
        assert gateway.ask("GET", "/a", bob(host)).status == 200
    assert all(backend.take() for backend in several)
    for backend in several:
        backend.close()


@pytest.mark.parametrize("method, times", [("GET", 2), ("PUT", 2), ("POST", 1), ("PATCH", 1)])
def test_what_was_sent_is_sent_again_only_on_an_idle_connection_and_if_it_may_run_twice(make_scene, method, times):
    """The first request on a connection is answered, the second one closes it without an answer."""
    seen = []
    dropping = Backend(answer=lambda received: (200, {}, b"") if received.target == "/first" else (seen.append(received), (None, {}, b""))[1])
    scene = make_scene(backend=dropping)
    scene.edge.put(*api("signed", SIGNED_HOST, {"authority": dropping.authority, "retries": 0}, signature_key="sign"))
    body = None if method == "GET" else b"x"
    assert scene.ask("GET", "/first", bob(SIGNED_HOST)).status == 200
    fields = callers.sdk(method, "/second", SIGNED_HOST, PAIR, body or b"")
    assert scene.ask(method, "/second", fields, body).status == 502
    assert len(seen) == times
    for received in seen:
        callers.assert_countersigned(received, SIGN_PAIR, "backend.internal")
    seen.clear()
    assert scene.ask(method, "/second", fields, body).status == 502
    assert len(seen) == 1, "on a fresh connection nothing is sent twice"


def test_idle_connections_are_used_again_and_the_dead_are_noticed(make_scene):
    scene = make_scene()
    for _ in range(5):
        assert scene.ask("GET", "/a", bob()).status == 200
    assert scene.backend.connections == 1
    closing = Backend(answer=lambda received: (200, {"Connection": "close"}, b""))
    host = publish(scene, "closing", closing.authority)
    for _ in range(5):
        assert scene.ask("POST", "/a", bob(host), b"x").status == 200
    assert closing.connections == 5
    closing.close()


def test_too_many_idle_connections_make_room(make_scene):
    scene = make_scene(edit=lambda text: text.replace("idle=256", "idle=2"))
    others = [Backend() for _ in range(4)]
    hosts = [publish(scene, f"other{number}", backend.authority) for number, backend in enumerate(others)]
    for _ in range(3):
        for host in hosts:
            assert scene.ask("GET", "/a", bob(host)).status == 200
    assert all(backend.connections == 3 for backend in others)
    for _ in range(3):
        assert scene.ask("GET", "/a", bob(hosts[0])).status == 200
    assert others[0].connections == 4
    for backend in others:
        backend.close()


def test_idle_connections_yield_to_clients(make_scene):
    """32 backends, each with an idle connection, in a worker of 48 connections: new clients are served all the same."""
    scene = make_scene(edit=lambda text: text.replace("worker_connections 4096;", "worker_connections 48;"))
    others = [Backend() for _ in range(32)]
    for number, backend in enumerate(others):
        host = publish(scene, f"many{number}", backend.authority)
        assert scene.ask("GET", "/a", bob(host)).status == 200
    clients = [wire.Wire(scene.port) for _ in range(16)]
    for client in clients:
        client.send(wire.request("GET", "/a", bob()))
        assert client.answer().status == 200
    for client in clients:
        client.socket.close()
    for backend in others:
        backend.close()


def websocket_echo():
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(1000)
            connection.sendall(b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
            while data := connection.recv(1000):
                connection.sendall(data.upper())
    threading.Thread(target=serve, daemon=True).start()
    return listener


def test_websocket(gateway):
    listener = websocket_echo()
    host = publish(gateway, "socket", f"127.0.0.1:{listener.getsockname()[1]}")
    with gateway.wire() as connection:
        connection.send(wire.request("GET", "/ws", {**bob(host), "Connection": "Upgrade", "Upgrade": "websocket"}))
        assert b" 101 " in connection.read_until(b"\r\n\r\n")
        for _ in range(3):
            connection.send(b"hello")
            assert connection.read_exactly(5) == b"HELLO"
    listener.close()


def test_a_reload_keeps_answering(make_scene):
    scene = make_scene(workers=2)
    import signal
    for _ in range(3):
        assert scene.ask("GET", "/a", bob()).status == 200
        scene.nginx.process.send_signal(signal.SIGHUP)
        time.sleep(0.1)
    assert scene.ask("GET", "/a", callers.sdk("GET", "/a", HOST, PAIR)).status == 200
