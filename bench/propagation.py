"""From the answer of the management API to the effect on every worker: a consumer is disabled and enabled again, and the very next request
on a connection to each worker shows whether that worker knows."""
import json
import statistics
import subprocess
import sys
import time

from rig import TREE

sys.path[:0] = [str(TREE / "test/harness")]
from harness.world import HOST, PATH, RELEASE, World, on_every_worker  # noqa: E402
from harness import signing  # noqa: E402
from wire import Wire  # noqa: E402

WORKERS = 4
CHANGES = 200
PATIENCE = 10  # seconds until a change counts as lost


def populate(world, credentials):
    """Consumers beside the one that is measured, straight into the store; the daemon then makes the edge anew, as after a long absence."""
    world.daemon.stop()
    began, sample = time.monotonic(), world.folder / "sample"
    subprocess.run([TREE / "build/bench/populate", "--data", world.daemon.data, "--kind", "consumers", "--count", str(credentials), "--instance",
                    world.client.admin["instance_id"], "--api", world.api, "--sample", "20", "--credentials", sample], check=True,
                   stdout=subprocess.DEVNULL)
    print(f"{credentials} consumers in the store after {time.monotonic() - began:.0f} s", flush=True)
    began = time.monotonic()
    world.daemon.start()
    for line in sample.read_text().splitlines():
        wait_for_key(world, line.split("\t")[3])
    print(f"all of them admitted {time.monotonic() - began:.0f} s after the daemon's start", flush=True)


def wait_for_key(world, key):
    deadline = time.monotonic() + 600
    while True:
        with Wire(world.nginx.port) as wire:
            wire.send(signing.api_key(HOST, PATH, key))
            if wire.answer().status == 200:
                return
        if time.monotonic() > deadline:
            raise SystemExit("a stored consumer is not admitted")
        time.sleep(0.1)


def consumer(world):
    answer = world.client.made("/consumers", {"name": "changes", "api_key": {"generate_mode": "CUSTOM", "source": "BEARER", "value": "bench-key-of-changes"}})
    world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [answer["id"]], "api_ids": [world.api]})
    return answer["id"], signing.api_key(HOST, PATH, "bench-key-of-changes")


def change(world, connections, who, request, enabled):
    """(seconds of the management call, seconds from its answer until every worker has shown the new state)"""
    expected, began = (200 if enabled else 401), time.monotonic()
    answer = world.client.put(f"/consumers/{who}", {"enabled": enabled})
    answered = time.monotonic()
    assert answer.status == 200, answer
    while {reply.status for reply in on_every_worker(connections, request)} != {expected}:
        if time.monotonic() - answered > PATIENCE:
            raise SystemExit("a change had no effect")
    return answered - began, time.monotonic() - answered


def percentiles(seconds):
    cut = statistics.quantiles(seconds, n=100, method="inclusive")
    return {"p50": round(cut[49] * 1000, 2), "p99": round(cut[98] * 1000, 2)}


def measure(credentials):
    with World(workers=WORKERS) as world:
        if credentials:
            populate(world, credentials)
        who, request = consumer(world)
        connections = world.connections()
        times = [change(world, connections, who, request, enabled=index % 2 == 1) for index in range(CHANGES)]
    return {"propagation_ms": percentiles([effect for _, effect in times]), "management_ms": percentiles([call for call, _ in times])}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 0)))
