"""Another store key and another node key while callers and administrators work: no request fails, no change is lost, and what was sealed by the
key before is gone in the end."""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading

import pytest

from harness import signing
from harness.tree import program
from harness.world import HOST, Traffic, World
from wire import Wire


@pytest.fixture(scope="module")
def world():
    with World(workers=2) as world:
        yield world


@pytest.fixture(scope="module")
def caller(world):
    return world.app("caller")


def admin(world, command, *options):
    return subprocess.run([program("countersign"), "admin", command, "--data", str(world.daemon.data), *map(str, options)], capture_output=True, text=True)


def rotate_node_key(world, *options):
    pid = world.folder / "nginx.pid"
    pid.write_text(f"{world.nginx.process.pid}\n")
    return admin(world, "rotate-node-key", "--nginx-pid", pid, *options)


def change(daemon, sql):
    store = sqlite3.connect(daemon.data / "store.db", timeout=30)
    with store:
        store.execute(sql)
    store.close()


def key(world, name):
    return (world.daemon.data / "keys" / name).read_text()


def key_files(world):
    return sorted(path.name for path in (world.daemon.data / "keys").iterdir())


class FreshTraffic(Traffic):
    """A connection for each request: nginx's reload closes idle ones, which a client that keeps them has to expect."""

    def run(self):
        while self.running:
            try:
                with Wire(self.world.nginx.port) as wire:
                    self.one(wire)
            except (OSError, AssertionError) as problem:
                self.lost.append(problem)


class Writers:
    """Administrators at work: secrets are made, reset and removed all the time."""

    def __init__(self, world):
        self.world, self.failed, self.done, self.running = world, [], 0, True
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        client = self.world.client
        while self.running:
            number = self.done
            app = client.post("/apps", {"name": f"made_{number}"})
            reset = client.put(f"/apps/secret/{app.json['id']}") if app.status == 201 else app
            sign = client.post("/signs", {"name": f"made_{number}"})
            gone = client.delete(f"/apps/{app.json['id']}") if number % 2 and app.status == 201 else sign
            self.failed += [answer for answer in (app, reset, sign, gone) if answer.status not in (200, 201, 204)]
            self.done += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.running = False
        self.thread.join()


def test_another_store_key_under_load(world, caller):
    before = key(world, "store.key")
    sign, _ = world.sign_key("to_the_backend")
    with Traffic(world, caller) as traffic, Writers(world) as writers:
        for number in range(3):
            ended = admin(world, "rotate-store-key")
            assert ended.returncode == 0 and "retire: done" in ended.stdout, ended
    assert traffic.lost == [] and traffic.answered > 0 and writers.failed == [] and writers.done > 0
    assert key(world, "store.key") != before and key_files(world) == ["node.key", "pepper.key", "store.key"]
    assert [line for line in world.daemon.log_lines() if line["level"] == "error"] == []
    # What was sealed before the change opens still: after a restart, and in an edge that is made anew from the store.
    world.daemon.stop()
    world.daemon.start()
    assert subprocess.run([program("countersign"), "edge", "rebuild", "--data", str(world.daemon.data)], capture_output=True).returncode == 0
    assert world.call(caller).status == 200 and world.client.put(f"/signs/{sign}/next", {"next_from": "2999-01-01T00:00:00Z"}).status == 200
    exported = subprocess.run([program("countersign"), "audit", "export", "--data", world.daemon.data], capture_output=True, text=True, check=True).stdout
    rows = [json.loads(line) for line in exported.splitlines()]
    assert len([row for row in rows if row["action"] == "reseal_store"]) >= 3


def test_the_old_store_key_alone_opens_nothing(world, tmp_path):
    """As a thief has it who took the key before its change."""
    before = tmp_path / "store.key"
    shutil.copy(world.daemon.data / "keys/store.key", before)
    assert admin(world, "rotate-store-key").returncode == 0
    world.daemon.stop()
    now = world.daemon.data / "keys/store.key"
    shutil.copy(now, tmp_path / "now")
    shutil.copy(before, now)
    try:
        world.daemon.start()
        assert world.client.get("/apps").status != 200, "not even the administrator's own key opens"
    finally:
        world.daemon.stop()
        shutil.copy(tmp_path / "now", now)
        world.daemon.start()
    assert world.client.get("/apps").status == 200


def test_steps_stand_alone_and_in_order(world, caller):
    def step(name):
        ended = admin(world, "rotate-store-key", "--step", name)
        return ended.returncode, ended.stderr
    assert step("switch")[0] == 3 and "prepare comes first" in step("switch")[1]
    assert step("prepare")[0] == step("prepare")[0] == 0 and "store.next.key" in key_files(world)
    assert step("retire")[0] == 3 and "never switched to" in step("retire")[1]
    assert step("switch")[0] == step("switch")[0] == 0
    assert step("prepare")[0] == 3 and "retire comes first" in step("prepare")[1]
    made = world.app("between_the_steps")
    assert world.call(made).status == world.call(caller).status == 200, "both keys open"
    ended = admin(world, "rotate-store-key", "--step", "reseal")
    assert ended.returncode == 0 and "secrets sealed anew" in ended.stdout
    again = admin(world, "rotate-store-key", "--step", "reseal")
    assert again.returncode == 0 and "sealed anew" not in again.stdout, "nothing is left to do"
    assert step("retire")[0] == step("retire")[0] == 0
    assert "store.former.key" not in key_files(world) and world.call(made).status == 200


def test_a_secret_that_does_not_open_keeps_the_former_key(world):
    made = world.client.made("/signs", {"name": "damaged"})
    for name in ("prepare", "switch"):
        assert admin(world, "rotate-store-key", "--step", name).returncode == 0
    change(world.daemon, f"UPDATE sign SET revision = revision + 1 WHERE id = '{made['id']}'")
    try:
        refused = admin(world, "rotate-store-key", "--step", "retire")
        assert refused.returncode == 3 and "1 secrets are sealed by another key still" in refused.stderr and "store.former.key" in key_files(world)
    finally:
        change(world.daemon, f"UPDATE sign SET revision = revision - 1 WHERE id = '{made['id']}'")
    assert admin(world, "rotate-store-key", "--step", "retire").returncode == 0


def test_another_node_key_under_load(world, caller):
    before = key(world, "node.key")
    with FreshTraffic(world, caller) as traffic:
        for _ in range(3):
            ended = rotate_node_key(world)
            assert ended.returncode == 0 and "retire: done" in ended.stdout, ended
    assert traffic.lost == [] and traffic.answered > 0
    assert key(world, "node.key") != before and key_files(world) == ["node.key", "pepper.key", "store.key"]
    shown = subprocess.run([program("countersign"), "edge", "show", "--data", str(world.daemon.data), "--kind", "meta"], capture_output=True, text=True)
    assert shown.returncode == 0 and int(key(world, "node.key")[:8], 16) == json.loads(shown.stdout)["node_key_id"]
    world.app("after_the_change")
    assert world.call(caller).status == 200


def test_workers_that_do_not_know_the_next_key_stop_the_change(world, caller):
    """A request whose body is still coming in holds its worker: nothing is switched under it, and it ends well."""
    with Wire(world.nginx.port) as slow:
        request = signing.raw("POST", "/orders", signing.sdk_hmac_fields("POST", HOST, "/orders", (caller.key, caller.secret), b"0123456789"), b"0123456789")
        slow.send(request[:-5])
        held = rotate_node_key(world, "--timeout", 1)
        assert held.returncode == 3 and "workers of before still run" in held.stderr, held
        before = key(world, "node.key")
        assert "node.next.key" in key_files(world)
        slow.send(request[-5:])
        assert slow.answer().status == 200
    ended = rotate_node_key(world)
    assert ended.returncode == 0 and key(world, "node.key") != before, ended


@pytest.mark.parametrize("words, status, says", [
    (["rotate-node-key"], 3, "--nginx-pid is missing"), (["rotate-store-key", "--step", "none"], 2, "--step names no step"),
    (["rotate-store-key", "--nginx-pid", "x"], 2, "is of rotate-node-key"), (["rotate-node-key", "--store", "x"], 2, "is of rotate-store-key"),
    (["rotate-node-key", "--timeout", "soon"], 2, "no number of seconds"), (["rotate-node-key", "--nginx-pid", "/no/such/file"], 3, "names no file"),
])
def test_wrong_usage(world, words, status, says):
    ended = admin(world, *words)
    assert ended.returncode == status and says in ended.stderr, ended
    (world.daemon.data / "keys/node.next.key").unlink(missing_ok=True)


def test_a_daemon_killed_between_the_steps_goes_on(world, caller):
    assert admin(world, "rotate-store-key", "--step", "prepare").returncode == admin(world, "rotate-store-key", "--step", "switch").returncode == 0
    os.kill(world.daemon.process.pid, signal.SIGKILL)
    world.daemon.process.wait()
    world.daemon.process.stdout.close()
    world.daemon.start()
    assert world.call(caller).status == 200 and world.client.put(f"/apps/secret/{caller.id}", {"app_secret": caller.secret}).status == 200
    assert admin(world, "rotate-store-key", "--step", "retire").returncode == 0
    assert world.call(caller).status == 200
