"""A hundred writers at once, and kill -9 at random: of the daemon, and on PostgreSQL also of a server process, upon which the whole server
recovers from its log. Nothing that was answered is lost, nothing is there by half, and the audit chain holds."""
import contextlib
import os
import random
import signal
import threading
import time
from pathlib import Path

from bed import World
from deaths import verify_audit
from harness.management import Client

WRITERS = 100
POSTGRES = os.environ.get("COUNTERSIGN_TEST_POSTGRES")


class Writer(threading.Thread):
    """`there`: what it was told is there; `gone`: what it was told is not; `open`: what it asked about and heard nothing of."""

    def __init__(self, world, number):
        super().__init__(daemon=True)
        self.client = Client(world.daemon.socket_path, world.client.admin)
        self.number, self.running, self.there, self.gone, self.open, self.problem = number, True, {}, set(), set(), None

    def call(self, method, path, body=None):
        try:
            answer = self.client.call(method, path, body)
        except (OSError, ValueError):
            return None
        except Exception as problem:  # noqa: BLE001  (an answer cut off by the daemon's death)
            if "http.client" in type(problem).__module__:
                return None
            raise
        return answer if answer.status < 500 else None

    def make(self, name):
        self.open.add(name)
        answer = self.call("POST", "/consumers", {"name": name, "api_key": {}, "hmac": {}})
        if answer is None:
            time.sleep(0.05)
            return None
        assert answer.status == 201, answer
        self.open.discard(name)
        self.there[name] = answer.json["id"]
        return answer.json["id"]

    def remove(self, name):
        key = self.there.pop(name)
        self.open.add(name)
        answer = self.call("DELETE", f"/consumers/{key}")
        if answer is not None:
            assert answer.status == 204, answer
            self.open.discard(name)
            self.gone.add(name)

    def run(self):
        turn = 0
        try:
            while self.running:
                turn += 1
                name = f"w{self.number}x{turn}"
                if self.make(name) and turn % 3 == 0:
                    self.remove(name)
        except AssertionError as problem:
            self.problem = problem


def kill_server_process(chance):
    """One that serves a connection: PostgreSQL then ends all others and recovers."""
    master = int(Path(f"{POSTGRES}/data/postmaster.pid").read_text().split()[0])
    serving = []
    for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split():
        with contextlib.suppress(OSError):
            if b"countersign" in Path(f"/proc/{pid}/cmdline").read_bytes():
                serving.append(int(pid))
    if serving:
        os.kill(chance.choice(serving), signal.SIGKILL)
    return bool(serving)


def start(daemon):
    """Over PostgreSQL's recovery: a daemon that finds no store ends, and is started again, as systemd does."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return daemon.start()
        except AssertionError:
            assert time.monotonic() < deadline
            time.sleep(0.5)


def die(world, writers, seconds, postgresql):
    chance, end, deaths = random.Random(), time.monotonic() + seconds, {"daemon": 0, "server processes": 0}
    while time.monotonic() < end:
        time.sleep(chance.uniform(1, 4))
        if postgresql and chance.random() < 0.4:
            deaths["server processes"] += kill_server_process(chance)
        else:
            world.daemon.stop(signal.SIGKILL)
            start(world.daemon)
            deaths["daemon"] += 1
        problems = [writer.problem for writer in writers if writer.problem]
        assert not problems, problems
    return deaths


def every_consumer(client):
    """{name: (id, credentials)} as the API tells it."""
    found, offset = {}, 0
    while True:
        page = client.get("/consumers", offset=offset, limit=500).json
        found.update({one["name"]: one for one in page["consumers"]})
        offset += page["size"]
        if offset >= page["total"]:
            return found


def whole(client, name, key):
    """A consumer has both of its credentials, or is not there."""
    shown = client.get(f"/consumers/{key}")
    assert shown.status == 200, (name, shown)
    kinds = sorted(one["kind"] for one in shown.json["credentials"])
    assert kinds == ["API_KEY", "HMAC"], f"{name} is there by half: {shown.json}"


def judge(world, writers):
    stored = every_consumer(world.client)
    told = {name for writer in writers for name in writer.there}
    gone = {name for writer in writers for name in writer.gone}
    unknown = {name for writer in writers for name in writer.open}
    assert not told - set(stored), f"answered and lost: {sorted(told - set(stored))[:5]}"
    assert not gone & set(stored), f"removed and back: {sorted(gone & set(stored))[:5]}"
    assert set(stored) <= told | unknown, "nobody asked for these"
    counted = [world.client.get("/consumers", limit=1, **query).json["total"] for query in ({}, {"enabled": "true"}, {"name": "W"})]
    assert counted == [len(stored)] * 3, f"counts kept beside rows: {counted}, of {len(stored)}"
    for name in random.sample(sorted(stored), min(len(stored), 1000)) + sorted(unknown & set(stored)):
        whole(world.client, name, stored[name]["id"])
    return len(told), len(gone), len(unknown), len(unknown & set(stored))


def play(seconds, store=None):
    with World(workers=1, store=store, quiet=True) as world:
        writers = [Writer(world, number) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        deaths = die(world, writers, seconds, store is not None)
        for writer in writers:
            writer.running = False
        for writer in writers:
            writer.join(120)
        assert not any(writer.problem for writer in writers), [writer.problem for writer in writers if writer.problem]
        world.daemon.stop(signal.SIGKILL)
        start(world.daemon)
        there, gone, unknown, kept = judge(world, writers)
        chain = verify_audit(world.daemon)
    return {"seconds": seconds, "writers": WRITERS, "killed": deaths, "answered as made and there": there, "answered as removed and gone": gone,
            "unanswered": unknown, "of these there, whole": kept, "audit": chain}
