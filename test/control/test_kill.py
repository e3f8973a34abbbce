"""kill -9 in the middle of writes."""
import concurrent.futures
import random
import signal
import threading

import pytest


@pytest.mark.parametrize("seed", range(3))
def test_kill_in_the_middle_of_writes(fresh, seed):
    """Every answered write is there after the restart, and the store is whole."""
    client, answered, stop = fresh.client, [], threading.Event()

    def write(worker):
        for i in range(1000):
            if stop.is_set():
                return
            try:
                answer = client.post("/apps", {"name": f"Killed_{worker}_{i}"})
            except OSError:
                return
            if answer.status == 201:
                answered.append(answer.json["id"])

    threads = [threading.Thread(target=write, args=(w,)) for w in range(4)]
    for thread in threads:
        thread.start()
    wanted = 40 + random.Random(seed).randrange(80)
    while len(answered) < wanted and any(t.is_alive() for t in threads):
        threading.Event().wait(0.001)
    fresh.stop(signal.SIGKILL)
    stop.set()
    for thread in threads:
        thread.join()
    assert len(answered) >= wanted
    fresh.start()
    there = set()
    for offset in range(0, 5000, 500):
        there |= {a["id"] for a in fresh.client.get("/apps", limit=500, offset=offset).json["apps"]}
    assert set(answered) <= there
    assert len(there) - len(answered) <= 4, "at most the calls that were under way may be there without an answer"


def test_a_hundred_writers_at_once(fresh):
    """More than the daemon has connections to its store: they queue, and each is answered."""
    def write(number):
        return [fresh.client.post("/apps", {"name": f"at_once_{number}_{turn}"}).status for turn in range(3)]
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        statuses = [status for one in pool.map(write, range(100)) for status in one]
    assert statuses == [201] * 300
