"""Locks after failed attempts, and a node that has not heard from the store for too long."""
import socket
import struct
import time

import callers
import pytest
import wire
from nginx import HOST
from scene import MALLORY_PAIR, PAIR, bob
from tree import free_port

WRONG = (PAIR[0], "not the secret")
HEAD = 4096
BOTH = free_port()  # of a socket for IPv4 and IPv6


@pytest.fixture(scope="module")
def scene():
    from scene import Scene
    made = Scene(workers=2, http="countersign_lock failures=3 time=2s most=4s;", server=f"listen [::ffff:127.0.0.1]:{BOTH} ipv6only=off;")
    yield made
    made.close()


def ask(scene, pair, source="127.0.0.1", port=None, **more):
    """Signed with SDK-HMAC-SHA256, from an address of this machine."""
    with wire_from(scene, source, port) as connection:
        connection.send(wire.request("GET", "/a", callers.sdk("GET", "/a", HOST, pair, **more)))
        return connection.answer()


def wire_from(scene, source, port=None):
    connection = wire.Wire.__new__(wire.Wire)
    connection.socket = socket.create_connection(("127.0.0.1", port or scene.port), 20, (source, 0))
    connection.received = b""
    return connection


def fail(scene, pair=WRONG, times=1, source="127.0.0.1"):
    for _ in range(times):
        assert b"verify signature fail" in ask(scene, pair, source).body


def assert_locked(scene, answer):
    assert answer.status == 401 and b'"APIG.0303"' in answer.body and b"app access failed to reach the limit,forbidden" in answer.body
    assert scene.nginx.logged(answer["X-Request-Id"])["refusal"] == "key_locked"


def test_a_key_is_shut_for_its_source_and_opens_again(scene):
    source = "127.0.0.11"
    fail(scene, times=3, source=source)
    assert_locked(scene, ask(scene, PAIR, source))
    assert_locked(scene, ask(scene, WRONG, source))
    assert ask(scene, PAIR, "127.0.0.12").status == 200, "from elsewhere it is open"
    assert ask(scene, (PAIR[0] + "x", "whatever"), source).status == 401
    deadline = time.monotonic() + 15
    while ask(scene, PAIR, source).status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    fail(scene, times=2, source=source)
    assert ask(scene, PAIR, source).status == 200, "a success began anew"


def test_a_copy_takes_no_failures_back(scene):
    """Whoever heard a signed request can repeat it, and shows nothing by it."""
    source = "127.0.0.19"
    fields = callers.aliyun("GET", "/a", HOST, PAIR)

    def repeat():
        with wire_from(scene, source) as connection:
            connection.send(wire.request("GET", "/a", fields))
            return connection.answer().status
    assert repeat() == 200
    fail(scene, times=2, source=source)
    assert repeat() == 403
    fail(scene, source=source)
    assert_locked(scene, ask(scene, PAIR, source))


def test_who_proves_himself_but_is_not_authorised_takes_no_failures_back(scene):
    source = "127.0.0.20"
    fail(scene, (MALLORY_PAIR[0], "not the secret"), times=2, source=source)
    assert ask(scene, MALLORY_PAIR, source).status == 403
    fail(scene, (MALLORY_PAIR[0], "not the secret"), source=source)
    assert_locked(scene, ask(scene, MALLORY_PAIR, source))


def test_callers_over_ipv4_stay_apart_on_a_socket_for_both(scene):
    """Their addresses come as ::ffff:a.b.c.d there, which are all of one /64."""
    for _ in range(3):
        ask(scene, WRONG, "127.0.0.17", BOTH)
    assert_locked(scene, ask(scene, PAIR, "127.0.0.17", BOTH))
    assert ask(scene, PAIR, "127.0.0.18", BOTH).status == 200
    assert_locked(scene, ask(scene, PAIR, "127.0.0.17"))


def test_who_fails_again_waits_longer(scene):
    source = "127.0.0.13"
    fail(scene, times=3, source=source)
    shut = []
    for _ in range(2):
        begun = time.monotonic()
        deadline = begun + 20
        while b"forbidden" in ask(scene, WRONG, source).body:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        shut.append(time.monotonic() - begun)  # the attempt that ended it was the next failure
    assert shut[1] > shut[0]


def test_the_answer_is_in_the_schemes_format(scene):
    source = "127.0.0.14"
    fail(scene, times=3, source=source)
    with wire_from(scene, source) as connection:
        connection.send(wire.request("GET", "/a", callers.aliyun("GET", "/a", HOST, PAIR)))
        answer = connection.answer()
    assert (answer.status, answer["X-Ca-Error-Code"]) == (403, "A403AC")
    assert answer["X-Ca-Error-Message"] == "Access Control Forbidden by failed attempts"


def test_bodies_count_too(scene):
    source, body = "127.0.0.15", b"x" * 100
    for expected in (b"verify signature fail",) * 3 + (b"forbidden",):
        with wire_from(scene, source) as connection:
            fields = callers.sdk("POST", "/a", HOST, PAIR, b"another body")
            connection.send(wire.request("POST", "/a", fields, body))
            assert expected in connection.answer().body


def test_an_unknown_key_is_shut_like_a_known_one(scene):
    source, nobody = "127.0.0.16", ("nobody-has-this-key", "nor-this-secret")
    for _ in range(3):
        assert b"app not found" in ask(scene, nobody, source).body
    assert_locked(scene, ask(scene, nobody, source))


def test_who_brings_no_signature_is_not_counted(scene):
    for _ in range(5):
        assert scene.ask("GET", "/a", {"Host": HOST, "Authorization": "Bearer wrong"}).status == 401
    assert scene.ask("GET", "/a", bob()).status == 200


def test_a_lock_for_all_sources(make_scene):
    scene = make_scene(workers=1, http="countersign_lock failures=20 time=60s global=3;")
    for number in range(3):
        fail(scene, source=f"127.0.0.{20 + number}")
    assert_locked(scene, ask(scene, PAIR, "127.0.0.99"))
    assert ask(scene, MALLORY_PAIR).status == 403, "another key is another matter"


def test_locks_outlive_a_restart_and_need_their_file(make_scene):
    scene = make_scene(workers=1, http="countersign_lock failures=3 time=60s;")
    fail(scene, times=3)
    scene.nginx.stop()
    scene.nginx.start()
    assert_locked(scene, ask(scene, PAIR))
    scene.nginx.stop()
    file = scene.folder / "data/edge/lock.map"
    file.rename(file.with_suffix(".away"))
    scene.nginx.start()
    assert ask(scene, PAIR).status == 503
    assert scene.ask("GET", "/a", bob()).status == 200
    assert scene.nginx.error_log().count("no memory of failed attempts, signed requests are answered 503") == 1


def test_off_unless_asked_for(make_scene):
    scene = make_scene(workers=1)
    fail(scene, times=25)
    assert ask(scene, PAIR).status == 200


def beat(scene, age):
    with open(scene.folder / "data/edge/heartbeat.map", "r+b") as file:
        file.seek(HEAD)
        file.write(struct.pack("<q", int(time.time()) - age))


def test_a_stale_node_refuses(make_scene):
    scene = make_scene(workers=1, http="countersign_max_staleness 60s;")
    assert scene.ask("GET", "/a", bob()).status == 503, "nobody has ever heard from the store"
    beat(scene, 0)
    assert scene.ask("GET", "/a", bob()).status == 200
    beat(scene, 70)
    answer = scene.ask("GET", "/a", bob())
    assert answer.status == 503 and b"APIG.0601" in answer.body
    assert "has not heard from the store for too long" in scene.nginx.error_log()
    beat(scene, 5)
    assert scene.ask("GET", "/a", bob()).status == 200


def test_without_a_heartbeat_a_node_is_stale_and_says_why(make_scene):
    scene = make_scene(workers=1, http="countersign_max_staleness 60s;")
    beat(scene, 0)
    scene.nginx.stop()
    (scene.folder / "data/edge/heartbeat.map").unlink()
    scene.nginx.start()
    assert [scene.ask("GET", "/a", bob()).status for _ in range(2)] == [503, 503]
    assert scene.nginx.error_log().count("no word of the daemon, the edge counts as too old") == 1


def test_a_stale_node_warns(make_scene):
    scene = make_scene(workers=1, http="countersign_max_staleness 60s warn;")
    beat(scene, 70)
    for _ in range(3):
        assert scene.ask("GET", "/a", bob()).status == 200
    assert scene.nginx.error_log().count("has not heard from the store for more than 60 s") == 1


@pytest.mark.parametrize("directive", [
    "countersign_lock failures=0", "countersign_lock failures=21", "countersign_lock time=0s", "countersign_lock time=25h",
    "countersign_lock global=0", "countersign_lock on", "countersign_lock failures=3; countersign_lock off",
    "countersign_max_staleness 9s", "countersign_max_staleness 60s perhaps", "countersign_max_staleness never"])
def test_what_cannot_be_meant_stops_the_start(tmp_path, directive):
    from nginx import Nginx
    accepted, said = Nginx(tmp_path / "nginx", tmp_path / "data", http=f"{directive};").check()
    assert not accepted and directive.split()[0] in said
