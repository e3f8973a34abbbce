"""Backends that close: after an answer without saying so, or after they have read a request and never answered it. What stock nginx answers, the
gateway answers; and no request that may not run twice runs twice."""
import collections
import random
import socket
import threading
import time

from bed import HOST, Bed, none_wrong
from busy import Callers
from harness import signing


class Closing:
    """Counts how often it has read each request (X-Case). `rest`: after an answer it closes without a word so often, or instead of one."""

    def __init__(self):
        self.seen, self.lock, self.chance = collections.Counter(), threading.Lock(), random.Random()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.authority = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            with connection, connection.makefile("rb") as stream:
                while self.one(connection, stream):
                    pass
        except (OSError, ValueError):
            pass

    def one(self, connection, stream):
        line = stream.readline()
        if not line:
            return False
        fields = {}
        while field := stream.readline().strip():
            name, _, value = field.partition(b":")
            fields[name.lower()] = value.strip()
        stream.read(int(fields.get(b"content-length", 0)))
        with self.lock:
            self.seen[fields[b"x-case"]] += 1
            draw = self.chance.random()
        if draw < 0.02:
            return False  # read, and no answer
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        return draw < 0.4  # else closed without a word

    def take(self):
        return []

    def close(self):
        self.listener.close()


def requests(keys, side, count):
    """Each with a number of its own, sent once: Callers go round, so there are more of them than can be sent."""
    found = []
    for number in range(count):
        method = "POST" if number % 3 == 0 else "GET"
        fields = {"Host": HOST, "Authorization": f"Bearer {keys[number % len(keys)]}", "X-Case": f"{side}-{method}-{number}"}
        found.append((signing.raw(method, "/orders", fields, b"body" if method == "POST" else b""), 200))
    return found


def executed(backend, side):
    """(times a POST was read more than once, a GET)"""
    twice = collections.Counter()
    for case, times in backend.seen.items():
        if case.startswith(side.encode()) and times > 1:
            twice[case.split(b"-")[1].decode()] += 1
    return twice


def lost(account):
    """Per request that was answered or not."""
    bad = account.counts.get("502 for 200", 0) + account.failed
    return bad / max(bad + account.answered, 1)


def play(count):
    backend = Closing()
    with Bed(backend=backend) as bed:
        bed.add_keys()
        with (Callers(bed.world.nginx.port, requests(bed.keys, "gateway", count), 8, once=True) as ours,
              Callers(bed.stock.port, requests(bed.keys, "stock", count), 8, once=True) as stock):
            while ours.process.poll() is None or stock.process.poll() is None:
                time.sleep(0.2)
    none_wrong(ours.account, allowed=("502 for 200",))
    twice = {side: executed(backend, side) for side in ("gateway", "stock")}
    assert twice["gateway"]["POST"] == 0, f"a POST ran twice: {twice}"
    slack = 3 * (lost(stock.account) / count) ** 0.5 + 0.002
    assert lost(ours.account) <= lost(stock.account) + slack, (ours.account.counts, stock.account.counts)
    return {"requests": count, "gateway": dict(ours.account.counts), "stock nginx": dict(stock.account.counts),
            "read twice by the backend": {side: dict(found) for side, found in twice.items()}}
