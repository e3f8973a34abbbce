"""Reloads under load: nginx is told to read its configuration again, as often as asked, while callers never pause. Stock nginx loses the
request that meets a closing connection; the gateway may lose no more. Memory and descriptors stay flat."""
import os
import signal
import time

from bed import Bed, descriptors, memory_kb, no_more_failed, none_wrong, serving, told, workers_of
from harness import stored

SETTLED = 90  # seconds after which memory counts: the list of refused requests has been cut once
MASTER_GROWTH = 4 * 1024  # kB beyond what stock nginx's master grows by
DAEMON_GROWTH = 2 * 1024
KEPT = 8000  # refused requests: 5000, and what comes in until the list is cut again

# Every new worker brings samples of refused requests, and SQLite keeps the pages of what the daemon writes in memory (3.5 of 3.6 MB by which its
# heap grew over 730 reloads, by SQLite's own account). With the list as long as it gets from the start, the daemon has to stay as it is.
FILL = """INSERT INTO refused_request SELECT printf('%032d', n), '{instance}', {now}, 401, 'key_unknown', 'api-key', '{api}', 'RELEASE', '', '',
          '127.0.0.1', 'GET', 'journey.example.com', '/orders', printf('nobody-%04d-has-this-key', n), 'Authorization', '', ''
          FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count}) SELECT n FROM c)"""


def reload(masters, workers):
    """Both at once; returns when the old workers have gone."""
    old = {master: set(workers_of(master)) for master in masters}
    for master in masters:
        os.kill(master, signal.SIGHUP)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if all(len(serving(master)) == workers and not old[master] & set(workers_of(master)) for master in masters):
            return
        time.sleep(0.02)
    raise AssertionError("the old workers do not go")


def state(bed):
    """(memory in kB, descriptors) of both masters, of the gateway's workers at most, and of the daemon."""
    def both(pid):
        return memory_kb(pid), descriptors(pid)
    workers = [both(pid) for pid in serving(bed.gateway_master)]
    return {"gateway master": both(bed.gateway_master), "stock master": both(bed.stock.process.pid),
            "gateway worker": tuple(max(values) for values in zip(*workers)), "daemon": both(bed.world.daemon.process.pid)}


def assert_flat(first, last):
    grown = {name: last[name][0] - first[name][0] for name in first}
    assert grown["gateway master"] <= max(grown["stock master"], 0) + MASTER_GROWTH, (first, last)
    assert grown["daemon"] <= DAEMON_GROWTH, (first, last)
    for name in ("gateway master", "daemon"):
        assert last[name][1] <= first[name][1] + 2, f"descriptors of the {name}: {first} → {last}"


def fill_list(bed):
    stored.change(bed.world.daemon, FILL.format(instance=bed.world.client.admin["instance_id"], now=int(time.time()), api=bed.world.api, count=KEPT))


def play(count):
    with Bed() as bed:
        bed.add_keys()
        fill_list(bed)
        first = None
        with bed.gateway_callers() as ours, bed.stock_callers() as stock:
            time.sleep(1)
            settled = time.monotonic() + SETTLED
            for number in range(count):
                reload(bed.masters, bed.workers)
                time.sleep(0.05)
                if first is None and time.monotonic() > settled:
                    first, since = state(bed), number + 1
            last = state(bed)
    none_wrong(ours.account)
    no_more_failed(ours.account, stock.account)
    found = {"reloads": count, "gateway": told(ours.account), "stock nginx": told(stock.account)}
    if first is None:
        return {**found, "memory": f"not judged: over before the first {SETTLED} seconds were"}
    assert_flat(first, last)
    return {**found, f"memory kB, descriptors, after {since} reloads and at the end": f"{first} → {last}"}
