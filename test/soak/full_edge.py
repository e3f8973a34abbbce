"""The edge has no more room (a small --edge-size), again and again: callers notice nothing, writes are answered as stored and not yet
effective, the metrics say so, and a start with more room makes all of it effective, for workers that never stopped too."""
import os
import random
import re
import time

from bed import HOST, PATH, Bed, no_more_failed, none_wrong, told
from deaths import RELEASE, ask, verify_audit

ENOUGH = 50000  # writes that fit into no edge of these sizes
JUDGED = 200


class Filler:
    """Consumers that may call, by the key that each has; and what was asked for while there was no room, with what it must come to."""

    def __init__(self, bed):
        self.bed, self.client, self.turn = bed, bed.world.client, 0
        self.made, self.waiting = [], []

    def consumer(self):
        """(key, answer)"""
        self.turn += 1
        key = f"full-{self.turn}-{os.urandom(16).hex()}"
        return key, self.client.post("/consumers", {"name": f"full{self.turn}", "api_key": {"generate_mode": "CUSTOM", "source": "BEARER", "value": key}})

    def fill(self):
        """Until a write is stored and not effective."""
        for _ in range(ENOUGH):
            key, answer = self.consumer()
            if answer.status != 201:
                return self.stored(answer, key, 403)
            allowed = self.client.post("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [answer.json["id"]], "api_ids": [self.bed.world.api]})
            if allowed.status != 201:
                return self.stored(allowed, key, 200)
            self.made.append((answer.json["id"], key))
        raise AssertionError("it is never full")

    def stored(self, answer, key, status):
        """What key is answered once this write is effective."""
        assert (answer.status, answer.code) == (503, "APIG.9998"), answer
        self.waiting.append((key, status))

    def write_on(self):
        """While there is no room: more callers, one shut out, one removed. The gateway knows of none of it, and nothing is half there."""
        for _ in range(3):
            key, answer = self.consumer()
            self.stored(answer, key, 403)
            assert ask(self.bed.world.nginx.port, key) == 401
        for method, body in (("PUT", {"enabled": False}), ("DELETE", None)):
            consumer, key = self.made.pop(random.randrange(len(self.made)))
            self.stored(self.client.call(method, f"/consumers/{consumer}", body), key, 401)
            assert ask(self.bed.world.nginx.port, key) == 200

    def judge(self):
        """How many keys were judged."""
        asked = self.waiting + [(key, 200) for _, key in random.sample(self.made, min(JUDGED, len(self.made)))]
        for key, status in asked:
            found = ask(self.bed.world.nginx.port, key)
            assert found == status, f"{found} instead of {status}"
        self.waiting = []
        return len(asked)


def metric(bed, name):
    text = bed.world.client.send("GET", "/metrics").text
    return int(re.search(rf"^countersign_{name} (\d+)$", text, re.M)[1])


def becomes(what):
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alarm(bed):
    """The metrics and the probe say it. → which part of the edge is used, in percent"""
    becomes(lambda: metric(bed, "publish_failing_seconds") > 0)
    used, size = metric(bed, "edge_used_bytes"), metric(bed, "edge_size_bytes")
    assert used > 0.4 * size and metric(bed, "edge_lag_revisions") > 0
    assert bed.world.client.send("GET", "/readyz").status == 503
    return used * 100 // size


def enlarge(bed, mebibytes):
    daemon = bed.world.daemon
    daemon.stop()
    daemon.arguments[daemon.arguments.index("--edge-size") + 1] = str(mebibytes)
    daemon.start()
    becomes(lambda: metric(bed, "edge_lag_revisions") == 0 and metric(bed, "edge_revision") > 0)


def play(rounds):
    with Bed(arguments=("--edge-size", "1")) as bed:
        bed.add_keys()
        filler, judged, used = Filler(bed), 0, []
        with bed.gateway_callers() as ours, bed.stock_callers() as stock:
            for number in range(rounds):
                filler.fill()
                filler.write_on()
                used.append(alarm(bed))
                bed.world.daemon.stop()
                bed.world.daemon.start()  # a start without more room mends nothing, and breaks nothing
                filler.write_on()
                enlarge(bed, number + 2)
                judged += filler.judge()
        assert "MDB_MAP_FULL" in bed.world.daemon.log.read_text()
        chain = verify_audit(bed.world.daemon)
    none_wrong(ours.account)
    no_more_failed(ours.account, stock.account)
    return {"times the edge was full": rounds, "consumers written": filler.turn, "percent used by records when full": used,
            "judged after there was room": judged, "gateway": told(ours.account), "stock nginx": told(stock.account), "audit": chain}
