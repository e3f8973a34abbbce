"""The files that the daemon makes for the gateway's workers, and what it says of them."""
import re
import sqlite3
import struct
import time

import pytest

from api_bodies import RELEASE, make_api, make_group
from harness import stored
from harness.management import Daemon

HEAD, SLOTS = 4096, 2 * 4096 + 8  # behind the counters of principals, and what is known of the clock
PART, SERIES = 245760, 87744  # the size of a worker's part, and where the series begin in it


@pytest.fixture
def small(tmp_path):
    """A daemon whose replay memory is the smallest: 32768 slots, 40 % of them its capacity."""
    daemon = Daemon(tmp_path / "data", arguments=["--nonce-rate", "1"]).start()
    yield daemon
    daemon.stop()


def events(daemon):
    return [line["event"] for line in daemon.log_lines()]


def metric(daemon, name):
    text = daemon.client.send("GET", "/metrics").text
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(name + " "))


def eventually(what):
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def count(daemon, part, apis):
    """As a worker does in the series of its part (src/feedback/part.h), of which the daemon has not heard yet: one request each."""
    with open(daemon.data / "edge/feedback.map", "r+b") as file:
        file.seek(HEAD + part * PART + SERIES)
        file.write(b"".join(struct.pack("<Q32s32s40xQ104x", 1, b"0" * 32, api.encode(), 1) for api in apis))


def remember(daemon, count):
    until = int(time.time() + 900) & 0xffffff
    with open(daemon.data / "edge/replay.map", "r+b") as file:
        file.seek(HEAD + 8 * SLOTS)
        file.write(struct.pack(f"<{count}Q", *((number + 1) << 24 | until for number in range(count))))


def test_an_alarm_from_seventy_percent_on(small):
    capacity = metric(small, "countersign_replay_capacity")
    assert capacity == 32768 // 5 * 2 and metric(small, "countersign_replay_alarm") == 0
    small.stop()
    remember(small, capacity * 70 // 100 + 1)
    small.start()
    eventually(lambda: metric(small, "countersign_replay_alarm") == 1)
    assert metric(small, "countersign_replay_nonces") == capacity * 70 // 100 + 1
    assert "replay_memory_filling" in events(small)


def test_metrics_of_very_many_apis(small):
    apis = [f"{number:032x}" for number in range(8 * 512)]
    for part in range(8):
        count(small, part, apis[part * 512:(part + 1) * 512])
    answer = small.client.send("GET", "/metrics")
    assert answer.status == 200
    told = re.findall(r'^countersign_request_duration_seconds_count\{instance_id="0+",api="([0-9a-f]+)"\} 0$', answer.text, re.M)
    assert told == apis


def test_a_memory_keeps_its_size(small):
    size = (small.data / "edge/replay.map").stat().st_size
    small.stop()
    small.arguments = ["--nonce-rate", "1000"]
    small.start()
    assert (small.data / "edge/replay.map").stat().st_size == size and "replay_memory_size" in events(small)


def test_a_directory_of_its_own(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    daemon = Daemon(tmp_path / "data", arguments=["--state", str(state)]).start()
    try:
        names = {"replay.map", "feedback.map", "lock.map", "limit.map", "heartbeat.map"}
        assert {path.name for path in state.iterdir()} == names
        assert not names & {path.name for path in (daemon.data / "edge").iterdir()}
        assert all(path.stat().st_mode & 0o7777 == 0o660 for path in state.iterdir())
    finally:
        daemon.stop()


def seen(daemon):
    with open(daemon.data / "edge/heartbeat.map", "rb") as file:
        file.seek(HEAD)
        return struct.unpack("<q", file.read(8))[0]


def test_it_notes_when_the_store_answered(small):
    eventually(lambda: abs(time.time() - seen(small)) < 10)
    before = seen(small)
    eventually(lambda: seen(small) > before)


def test_a_writer_that_hangs_does_not_stop_the_notes(small):
    """Reading goes on, so nothing is stale; what is put aside in the meantime waits for the writer."""
    store = sqlite3.connect(small.data / "store.db", timeout=30, isolation_level=None)
    store.execute("BEGIN IMMEDIATE")
    try:
        count(small, 0, ["0" * 32])
        before = seen(small)
        eventually(lambda: seen(small) > before + 5)
        assert not store.execute("SELECT 1 FROM traffic").fetchall()
    finally:
        store.execute("ROLLBACK")
        store.close()
    eventually(lambda: stored.rows(small, "SELECT 1 FROM traffic"))


@pytest.mark.parametrize("rate", ["0", "1000001", "many"])
def test_a_rate_is_a_number(tmp_path, rate):
    import subprocess

    from harness.management import DAEMON
    done = subprocess.run([str(DAEMON), "--data", str(tmp_path / "data"), "--nonce-rate", rate], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "--nonce-rate must be a number from 1 to 1000000" in done.stderr


PEM = "-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n"


def test_the_probe_says_that_publishing_fails(tmp_path):
    """An edge of one MiB, and definitions that do not go into it."""
    daemon = Daemon(tmp_path / "data", arguments=["--edge-size", "1"]).start()
    try:
        group = make_group(daemon.client)
        changes = {"countersign.ca_certificates": PEM * 900, "backend_api.req_protocol": "HTTPS"}

        def publish():
            api = make_api(daemon.client, group["id"], **changes)
            return daemon.client.post("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api["id"]})
        assert daemon.client.send("GET", "/readyz").text == "ready\n"
        answers = iter(publish, None)
        failed = next(answer for answer in answers if answer.status != 201)
        assert (failed.status, failed.code) == (503, "APIG.9998")
        probe = daemon.client.send("GET", "/readyz")
        assert (probe.status, probe.text) == (503, "publishing fails\n")
        assert metric(daemon, "countersign_edge_lag_revisions") > 0 and metric(daemon, "countersign_edge_used_bytes") > 2**19
        assert daemon.client.send("GET", "/healthz").status == 200
    finally:
        daemon.stop()
