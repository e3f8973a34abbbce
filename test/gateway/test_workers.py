"""Several workers, an edge that changes under them, and one that is not there yet."""
import time

import callers
import edges
import pytest
import wire
from backends import Backend
from nginx import HOST, Nginx
from scene import ALICE, BOB, BOB_KEY, PAIR, PLACES, SIGN_PAIR, SIGNED_HOST, api, bob, callers as caller_records, folder

WORKERS = 3


@pytest.fixture
def scene(make_scene):
    return make_scene(workers=WORKERS, location="add_header X-Worker $pid always;")


def one_connection_per_worker(scene):
    """With reuseport the kernel spreads connections; open them until every worker has one."""
    found = {}
    for _ in range(200):
        connection = wire.Wire(scene.port)
        connection.send(wire.request("GET", "/hello", bob()))
        answer = connection.answer()
        if answer["X-Worker"] in found:
            connection.socket.close()
        else:
            found[answer["X-Worker"]] = connection
        if len(found) == WORKERS:
            break
    assert len(found) == WORKERS
    return found


def statuses(connections, fields, method="GET", target="/a"):
    """The same request on every worker."""
    given = set()
    for worker, connection in connections.items():
        connection.send(wire.request(method, target, fields))
        answer = connection.answer()
        assert answer["X-Worker"] == worker
        given.add(answer.status)
    return given


def test_changes_hold_at_the_next_request_on_every_worker(scene):
    workers = one_connection_per_worker(scene)
    key = edges.api_key(BOB_KEY, BOB)
    right = edges.authorisation("plain", BOB)
    for change, status in [
            (edges.api_key(BOB_KEY, BOB, disabled=True), 401), (key, 200), (edges.api_key(BOB_KEY, {**BOB, "disabled": True}), 401), (key, 200),
            ({**key, "remove": True}, 401), (key, 200), ({**right, "remove": True}, 403), (right, 200),
            (edges.authorisation("plain", BOB, not_after=1_000_000_000), 403), (right, 200),
            ({**edges.publication("plain", {"authority": scene.backend.authority}, places=PLACES), "remove": True}, 404),
            (edges.publication("plain", {"authority": scene.backend.authority}, places=PLACES), 200),
            (edges.routes("group-plain", ("POST", "/", "plain", True)), 404), (edges.routes("group-plain", ("ANY", "/", "plain", True)), 200)]:
        scene.edge.put(change)
        assert statuses(workers, bob()) == {status}, change


def test_a_secret_is_rotated_with_an_overlap(scene):
    workers = one_connection_per_worker(scene)
    new = "alice-new-secret-0123456789abcdef"
    record = edges.key_pair(*PAIR, ALICE)

    def old_and_new():
        return tuple(statuses(workers, callers.sdk("GET", "/a", HOST, (PAIR[0], secret))) == {200} for secret in (PAIR[1], new))
    assert old_and_new() == (True, False)
    scene.edge.put({**record, "revision": 2, "secrets": [{"value": new}, {"value": PAIR[1], "until": int(time.time()) + 100}]})
    assert old_and_new() == (True, True)
    scene.edge.put({**record, "revision": 3, "secrets": [{"value": new}, {"value": PAIR[1], "until": int(time.time()) - 100}]})
    assert old_and_new() == (False, True)
    scene.edge.put({**record, "revision": 4, "secrets": [{"value": new}]})
    assert old_and_new() == (False, True)


def test_the_signature_key_changes_and_goes(scene):
    workers = one_connection_per_worker(scene)

    def signed_with(pair):
        scene.backend.take()
        assert statuses(workers, bob(SIGNED_HOST)) == {200}
        for received in scene.backend.take():
            if pair is None:
                assert not received.all("Authorization")
            else:
                callers.assert_countersigned(received, pair, "backend.internal")
    signed_with(SIGN_PAIR)
    other = ("another_sign_key", "another_sign_secret_0123456789")
    scene.edge.put(edges.signature_key("sign", *other))
    signed_with(other)
    backend = {"authority": scene.backend.authority, "host": "backend.internal"}
    scene.edge.put(edges.publication("signed", backend, places=PLACES))
    signed_with(None)
    scene.edge.put(edges.publication("signed", backend, places=PLACES, signature_key="nobody-made-this"))
    assert statuses(workers, bob(SIGNED_HOST)) == {503}, "an API that is to be signed is not forwarded unsigned"
    assert not scene.backend.take()


def test_what_changes_while_a_body_comes_in_counts(scene):
    body = b"x" * 20_000
    fields = {**callers.sdk("POST", "/up", HOST, PAIR, body), "Content-Length": str(len(body))}
    for change, back, status in [
            (edges.key_pair(*PAIR, ALICE, disabled=True, revision=2), edges.key_pair(*PAIR, ALICE, revision=3), 401),
            ({**edges.authorisation("plain", ALICE), "remove": True}, edges.authorisation("plain", ALICE), 403),
            (edges.publication("plain", {"authority": scene.backend.authority}, places=[PLACES[0], *PLACES[2:]]),
             edges.publication("plain", {"authority": scene.backend.authority}, places=PLACES), 401),
            (edges.publication("plain", {"authority": scene.backend.authority, "path": "/moved"}, places=PLACES[:2], body_limit=100),
             edges.publication("plain", {"authority": scene.backend.authority}, places=PLACES), 200)]:
        with scene.wire() as connection:
            connection.send(wire.request("POST", "/up", fields) + body[:10_000])
            time.sleep(0.05)
            scene.edge.put(change)
            connection.send(body[10_000:])
            assert connection.answer().status == status
        scene.edge.put(back)
    assert [received.target for received in scene.backend.take()] == ["/moved/up"]


def test_an_edge_that_is_not_there_yet():
    """503 until it appears, then the workers find it by themselves; the reason is logged once."""
    import shutil
    place = folder()
    backend = Backend()
    edge = edges.Edge(place / "data").open()
    edge.put({"kind": "clear"})
    edge.close()
    shutil.move(place / "data/edge", place / "data/edge.away")
    nginx = Nginx(place / "nginx", place / "data", workers=2).start()
    try:
        for _ in range(3):
            answer = wire.ask(nginx.port, "GET", "/a", bob())
            assert answer.status == 503 and b"APIG.0601" in answer.body
            answer = wire.ask(nginx.port, "GET", "/a", callers.aliyun("GET", "/a", HOST, PAIR))
            assert answer.status == 503 and answer["X-Ca-Error-Code"] == "X503BZ"
        time.sleep(1.2)
        assert nginx.error_log().count("cannot be read") == 2, "once a worker"
        edge = edges.Edge(place / "data").open()
        edge.put(*caller_records(), *api("plain", HOST, {"authority": backend.authority}))
        deadline = time.monotonic() + 10
        while wire.ask(nginx.port, "GET", "/a", bob()).status != 200:
            assert time.monotonic() < deadline, nginx.error_log()
            time.sleep(0.1)
        assert nginx.access_lines()[0]["outcome"] == "fault"
        edge.close()
    finally:
        nginx.stop()
        backend.close()
        shutil.rmtree(place)


def test_an_edge_of_another_node_key_is_not_read():
    import shutil
    place = folder()
    edge = edges.Edge(place / "data").open()
    edge.put({"kind": "clear"})
    edge.close()
    (place / "data/keys/node.key").write_text("00" * 36 + "\n")
    nginx = Nginx(place / "nginx", place / "data").start()
    try:
        assert wire.ask(nginx.port, "GET", "/a", bob()).status == 503
    finally:
        nginx.stop()
        shutil.rmtree(place)


def test_a_worker_that_dies_is_replaced_and_holds_nothing_up(scene):
    import os
    import signal
    for round_ in range(3):
        worker = next(iter(one_connection_per_worker(scene)))
        os.kill(int(worker), signal.SIGKILL)
        while os.path.exists(f"/proc/{worker}"):
            time.sleep(0.01)
        scene.edge.put(edges.api_key(f"new-key-{round_}", BOB))
        assert scene.ask("GET", "/a", {"Host": HOST, "Authorization": f"Bearer new-key-{round_}"}).status == 200


def test_no_worker_leaves_its_memory_on_the_disk(scene):
    """It holds opened secrets."""
    import re
    from pathlib import Path
    for worker in one_connection_per_worker(scene):
        assert re.search(r"^Max core file size\s+0\s+0\s", Path(f"/proc/{worker}/limits").read_text(), re.M)


def test_a_worker_cannot_be_traced_by_its_own_user(scene):
    """What runs as the same user could read opened secrets in its memory. Such a process's files in /proc are root's."""
    import os
    import re
    from pathlib import Path
    for worker in one_connection_per_worker(scene):
        assert not re.search(r"^Uid:\t0\t", Path(f"/proc/{worker}/status").read_text(), re.M), "workers are never root's here"
        assert os.stat(f"/proc/{worker}/mem").st_uid == 0
