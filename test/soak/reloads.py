"""Reloads under load: nginx is told to read its configuration again, as often as asked, while callers never pause. Stock nginx loses the
request that meets a closing connection; the gateway may lose no more. Memory and descriptors stay flat."""
import os
import signal
import time

from bed import Bed, descriptors, memory_kb, no_more_failed, none_wrong, serving, told, workers_of

SETTLED = 30  # reloads after which memory counts
MASTER_GROWTH = 4 * 1024  # kB beyond what stock nginx's master grows by


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
    assert grown["daemon"] <= 8 * 1024, (first, last)
    for name in ("gateway master", "daemon"):
        assert last[name][1] <= first[name][1] + 2, f"descriptors of the {name}: {first} → {last}"


def play(count):
    with Bed() as bed:
        bed.add_keys()
        first = None
        with bed.gateway_callers() as ours, bed.stock_callers() as stock:
            time.sleep(1)
            for number in range(count):
                reload(bed.masters, bed.workers)
                time.sleep(0.05)
                if number + 1 == min(SETTLED, count):
                    first = state(bed)
            last = state(bed)
    none_wrong(ours.account)
    no_more_failed(ours.account, stock.account)
    assert_flat(first, last)
    return {"reloads": count, "gateway": told(ours.account), "stock nginx": told(stock.account),
            "memory kB, descriptors": f"{first} → {last}"}
