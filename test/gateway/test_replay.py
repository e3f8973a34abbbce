"""Nonces: one of any number of copies passes, on whatever worker, over reloads, restarts and a change of binaries."""
import os
import signal
import struct
import subprocess
import threading
import time

import callers
import edges
import pytest
import wire
from nginx import HOST
from scene import MALLORY_PAIR, PAIR, PLACES, api, bob

WORKERS = 3
DEMANDING = "demanding.example.com"
COUNTERS = 2 * 4096
SLOTS = COUNTERS + 8  # behind the counters, and what is known of the clock
HEAD = 4096


@pytest.fixture(scope="module")
def scene():
    from scene import Scene

    def records(scene):
        return api("demanding", DEMANDING, {"authority": scene.backend.authority}, places=PLACES[:2], require_nonce=True)
    made = Scene(workers=WORKERS, location="add_header X-Worker $pid always;", records=records)
    yield made
    made.close()


def signed(target="/a", pair=PAIR, method="GET", body=b"", **more):
    fields = callers.aliyun(method, target, HOST, pair, body, **more)
    return {**fields, "Content-Length": str(len(body))} if body else fields


def assert_used(answer):
    assert (answer.status, answer["X-Ca-Error-Code"], answer["X-Ca-Error-Message"]) == (403, "S403NU", "Nonce Used")


def map_of(scene):
    return scene.folder / "data/edge/replay.map"


def test_a_copy_is_refused(scene):
    fields = signed()
    assert scene.ask("GET", "/a", fields).status == 200
    answer = scene.ask("GET", "/a", fields)
    assert_used(answer)
    assert scene.nginx.logged(answer["X-Ca-Request-Id"])["refusal"] == "nonce_seen"
    assert scene.ask("GET", "/a", signed()).status == 200


def test_a_nonce_is_its_keys_own(scene):
    scene.edge.put(edges.authorisation("plain", edges.app("mallory")))
    same = {"extra": {"X-Ca-Nonce": "the-same-for-both"}}
    assert scene.ask("GET", "/a", signed(**same)).status == 200
    assert scene.ask("GET", "/a", signed(pair=MALLORY_PAIR, **same)).status == 200
    assert_used(scene.ask("GET", "/b", signed("/b", **same)))


def test_who_does_not_hold_the_secret_burns_no_nonce(scene):
    nonce = {"extra": {"X-Ca-Nonce": "burnt-or-not"}}
    forged = signed(pair=(PAIR[0], "not the secret"), **nonce)
    assert scene.ask("GET", "/a", forged)["X-Ca-Error-Code"] == "A403IS"
    assert scene.ask("GET", "/a", signed(**nonce)).status == 200


def one_connection_per_worker(scene):
    found = {}
    for _ in range(200):
        connection = wire.Wire(scene.port)
        connection.send(wire.request("GET", "/hello", bob()))
        found.setdefault(connection.answer()["X-Worker"], connection)
        if len(found) == WORKERS:
            return list(found.values())
    raise AssertionError("not every worker answers")


def test_of_parallel_copies_on_several_workers_one_passes(scene):
    connections = one_connection_per_worker(scene)
    scene.backend.take()
    for number in range(40):
        request = wire.request("GET", f"/p{number}", signed(f"/p{number}"))
        for connection in connections:
            connection.send(request)
        assert sorted(connection.answer().status for connection in connections) == [200] + [403] * (WORKERS - 1)
    assert len(scene.backend.take()) == 40
    request, statuses = wire.request("GET", "/many", signed("/many")), []

    def ask():
        with scene.wire() as connection:
            connection.send(request)
            statuses.append(connection.answer().status)
    threads = [threading.Thread(target=ask) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [403] * 63
    assert [received.target for received in scene.backend.take()] == ["/many"]


def test_copies_whose_bodies_come_in_at_the_same_time(scene):
    """All of them are admitted as far as the body; the nonce is asked for when it is there."""
    body = b"x" * 5000
    head = wire.request("POST", "/up", signed("/up", method="POST", body=body, content_type="text/plain"))
    connections = one_connection_per_worker(scene)
    scene.backend.take()
    for connection in connections:
        connection.send(head + body[:2500])
    time.sleep(0.1)
    for connection in connections:
        connection.send(body[2500:])
    assert sorted(connection.answer().status for connection in connections) == [200] + [403] * (WORKERS - 1)
    assert [received.body for received in scene.backend.take()] == [body]


def test_a_demanded_nonce(scene):
    def ask(fields):
        return scene.ask("GET", "/a", {**fields, "Host": DEMANDING})
    assert ask(callers.aliyun("GET", "/a", DEMANDING, PAIR)).status == 200
    fields = without_nonce("/a")
    answer = ask(fields)
    assert (answer.status, answer["X-Ca-Error-Code"], answer["X-Ca-Error-Message"]) == (400, "I400NC", "X-Ca-Nonce is required")
    assert ask({**fields, "X-Ca-Nonce": "put in by somebody else"})["X-Ca-Error-Code"] == "I400NC"
    assert scene.ask("GET", "/a", without_nonce("/a")).status == 200, "elsewhere it may be left out"


def without_nonce(target):
    import base64
    import hashlib
    import hmac
    signed_fields = {"X-Ca-Key": PAIR[0], "X-Ca-Timestamp": str(int(time.time() * 1000))}
    text = "GET\n\n\n\n\n" + "".join(f"{name}:{value}\n" for name, value in sorted(signed_fields.items())) + target
    signature = base64.b64encode(hmac.new(PAIR[1].encode(), text.encode(), hashlib.sha256).digest()).decode()
    return {"Host": HOST, **signed_fields, "X-Ca-Signature-Headers": ",".join(sorted(signed_fields)), "X-Ca-Signature": signature}


def test_a_request_too_large_for_its_first_arena_is_no_copy_of_itself(scene):
    extra = {f"x-long-{number}": "v" * 900 for number in range(20)}
    fields = {**signed("/large", extra={"X-Ca-Nonce": "of-a-large-request"}), **extra}
    assert scene.ask("GET", "/large", fields).status == 200
    assert_used(scene.ask("GET", "/large", fields))


def test_over_a_reload_and_a_restart(make_scene):
    scene = make_scene(workers=2)
    fields, other = signed(), signed()
    assert scene.ask("GET", "/a", fields).status == 200
    scene.nginx.reload()
    assert_used(scene.ask("GET", "/a", fields))
    scene.nginx.stop()
    scene.nginx.start()
    assert_used(scene.ask("GET", "/a", fields))
    for worker in scene.nginx.workers():
        os.kill(worker, signal.SIGKILL)
    assert_used(ask_until_up(scene, fields))
    assert scene.ask("GET", "/a", other).status == 200


def ask_until_up(scene, fields):
    deadline = time.monotonic() + 10
    while True:
        try:
            return scene.ask("GET", "/a", fields)
        except (OSError, AssertionError):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def wait_for(what):
    deadline = time.monotonic() + 10
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def pid_in(path):
    """nginx makes the file first and writes it then."""
    return path.exists() and path.read_text().strip()


def is_gone(pid):
    """Ended, be it that nobody has asked for its status yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_over_a_change_of_binaries(make_scene):
    scene = make_scene(workers=2)
    nginx = scene.nginx
    nginx.stop()
    # nginx hands its environment on by name only; a sanitized module needs these two.
    text = "env LD_PRELOAD;\nenv ASAN_OPTIONS;\n" + nginx.configuration.read_text().replace("daemon off;", "daemon on;")
    nginx.configuration.write_text(text)
    subprocess.run(nginx.command(), check=True, env=nginx.environment)
    pid_file = nginx.folder / "logs/nginx.pid"
    wait_for(lambda: pid_in(pid_file))
    old = int(pid_file.read_text())
    new = None
    try:
        fields = signed()
        assert scene.ask("GET", "/a", fields).status == 200
        os.kill(old, signal.SIGUSR2)
        wait_for(lambda: (nginx.folder / "logs/nginx.pid.oldbin").exists() and pid_in(pid_file))
        new = int(pid_file.read_text())
        os.kill(old, signal.SIGQUIT)
        wait_for(lambda: is_gone(old))
        assert_used(scene.ask("GET", "/a", fields))
        assert scene.ask("GET", "/a", signed()).status == 200
    finally:
        for pid in filter(None, (old, new)):
            if not is_gone(pid):
                os.kill(pid, signal.SIGQUIT)
                wait_for(lambda pid=pid: is_gone(pid))


def test_without_a_memory_a_nonce_is_a_fault(make_scene):
    scene = make_scene(workers=1)
    scene.nginx.stop()
    away = map_of(scene).with_suffix(".away")
    map_of(scene).rename(away)
    scene.nginx.start()
    answer = scene.ask("GET", "/a", signed())
    assert (answer.status, answer["X-Ca-Error-Code"]) == (503, "X503BZ")
    assert scene.ask("GET", "/a", bob()).status == 200, "who brings no nonce needs no memory"
    away.rename(map_of(scene))
    wait_for(lambda: scene.ask("GET", "/a", signed()).status == 200)
    assert scene.nginx.error_log().count("no replay memory, requests with a nonce are answered 503") == 1


def write_words(scene, first, words):
    with open(map_of(scene), "r+b") as file:
        file.seek(HEAD + 8 * first)
        file.write(struct.pack(f"<{len(words)}Q", *words))


def test_a_full_memory_refuses_and_forgets_nothing(make_scene):
    scene = make_scene(workers=1)
    fields = signed()
    assert scene.ask("GET", "/a", fields).status == 200
    size = map_of(scene).stat().st_size
    slots = (size - HEAD) // 8 - SLOTS
    with open(map_of(scene), "rb") as file:
        file.seek(HEAD + 8 * SLOTS)
        words = struct.unpack(f"<{slots}Q", file.read())
    assert sum(word != 0 for word in words) == 1
    until = int(time.time() + 900) & 0xffffff
    write_words(scene, SLOTS, [word or (index + 1) << 24 | until for index, word in enumerate(words)])
    answer = scene.ask("GET", "/a", signed())
    assert (answer.status, answer["X-Ca-Error-Code"]) == (503, "X503BZ")
    assert scene.nginx.logged(answer["X-Ca-Request-Id"])["refusal"] == "replay_memory_full"
    assert_used(scene.ask("GET", "/a", fields))
    assert scene.ask("GET", "/a", bob()).status == 200
    write_words(scene, SLOTS, [0] * slots)
    assert scene.ask("GET", "/a", signed()).status == 200


def test_a_principal_has_a_share(make_scene):
    scene = make_scene(workers=1)
    period = int(time.time()) // 512 & 0xffff
    write_words(scene, 0, [period << 48 | 0xfffffe] * COUNTERS)
    answer = scene.ask("GET", "/a", signed())
    assert (answer.status, answer["X-Ca-Error-Code"]) == (429, "T429PA")
    assert scene.nginx.logged(answer["X-Ca-Request-Id"])["refusal"] == "nonce_quota"
    write_words(scene, 0, [0] * COUNTERS)
    assert scene.ask("GET", "/a", signed()).status == 200
