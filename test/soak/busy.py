"""Callers as a process of their own: keep-alive connections that are always busy, requests of known outcome, and an account of each.

    with Callers(port, [(request, status), …], connections=8) as callers: …
    callers.account → Account

Every request ends in one way: answered as expected, answered otherwise (by status), lost (the connection ended before the first byte of an
answer), cut (it ended within one), or late (no answer in time)."""
import collections
import json
import pickle
import selectors
import signal
import socket
import subprocess
import sys
import time

PATIENCE = 30  # seconds until an answer is late


class Account:
    def __init__(self, counts, latencies):
        self.counts, self.latencies = counts, latencies

    def __getattr__(self, name):
        if name in ("answered", "lost", "cut", "late", "unreachable"):
            return self.counts.get(name, 0)
        raise AttributeError(name)

    @property
    def failed(self):
        return self.lost + self.cut + self.late

    @property
    def wrong(self):
        """{"200 for 401": times …}"""
        return {name: count for name, count in self.counts.items() if " for " in name}

    def percentile(self, percent):
        """Milliseconds."""
        total, seen = sum(count for _, count in self.latencies), 0
        for microseconds, count in self.latencies:
            seen += count
            if seen * 100 >= total * percent:
                return microseconds / 1000
        return 0.0


class Callers:
    def __init__(self, port, requests, connections=8, pause=0.0, once=False):
        """pause: seconds between the requests of a connection; once: every request is sent once, and the process ends by itself."""
        self.command = [sys.executable, __file__]
        self.job = pickle.dumps({"port": port, "requests": requests, "connections": connections, "pause": pause, "once": once})
        self.account = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(self.job)
        self.process.stdin.close()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        told = json.loads(self.process.stdout.read())
        self.process.wait()
        self.process.stdout.close()
        self.account = Account(told["counts"], told["latencies"])


class Connection:
    def __init__(self, caller):
        self.caller, self.socket, self.received, self.status, self.since = caller, None, b"", None, 0.0

    def open(self):
        try:
            self.socket = socket.create_connection(("127.0.0.1", self.caller.job["port"]), 5)
        except OSError:
            self.caller.counts["unreachable"] += 1
            self.caller.waiting.append((time.monotonic() + 0.02, self))
            return
        self.socket.setblocking(False)
        self.caller.selector.register(self.socket, selectors.EVENT_READ, self)
        self.ask()

    def ask(self):
        if self.caller.is_done():
            return self.close()
        request, self.status = self.caller.next()
        self.received, self.since = b"", time.monotonic()
        try:
            self.socket.sendall(request)
        except OSError:
            self.end()

    def close(self):
        self.caller.selector.unregister(self.socket)
        self.socket.close()
        self.socket = None

    def end(self):
        """The connection is over before the answer was."""
        self.caller.counts["cut" if self.received else "lost"] += 1
        self.close()
        self.again()

    def again(self):
        if not self.caller.is_done():
            self.open()

    def read(self):
        try:
            data = self.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            return self.end()
        self.received += data
        head, mark, body = self.received.partition(b"\r\n\r\n")
        if mark and len(body) >= length_of(head):
            self.done(head)

    def done(self, head):
        """The answer is whole."""
        status = int(head[9:12])
        self.caller.note(time.monotonic() - self.since)
        self.caller.counts["answered" if status == self.status else f"{status} for {self.status}"] += 1
        if b"\r\nconnection: close" in head.lower():
            self.close()
            self.again()
        elif self.caller.job["pause"]:
            self.since = time.monotonic() + 1e9
            self.caller.waiting.append((time.monotonic() + self.caller.job["pause"], self))
        else:
            self.ask()

    def go_on(self):
        if self.socket is None:
            self.open()
        else:
            self.ask()


def length_of(head):
    lower = head.lower()
    at = lower.find(b"\r\ncontent-length:")
    return int(lower[at + 17:].split(b"\r\n", 1)[0]) if at >= 0 else 0


class Caller:
    def __init__(self, job):
        self.job, self.counts, self.running = job, collections.Counter(), True
        self.latencies, self.turn, self.waiting = collections.Counter(), 0, []
        self.selector = selectors.DefaultSelector()

    def next(self):
        self.turn += 1
        return self.job["requests"][(self.turn - 1) % len(self.job["requests"])]

    def is_done(self):
        return self.job["once"] and self.turn >= len(self.job["requests"])

    def note(self, seconds):
        microseconds = int(seconds * 1e6)
        step = 10 if microseconds < 1000 else 100 if microseconds < 10000 else 1000
        self.latencies[microseconds // step * step] += 1

    def wake(self, now):
        due = [one for when, one in self.waiting if when <= now]
        self.waiting = [(when, one) for when, one in self.waiting if when > now]
        for one in due:
            one.go_on()

    def look_for_late(self, connections, now):
        for one in connections:
            if one.socket is not None and now - one.since > PATIENCE:
                self.counts["late"] += 1
                one.close()
                one.open()

    def run(self):
        connections = [Connection(self) for _ in range(self.job["connections"])]
        for one in connections:
            one.open()
        looked = time.monotonic()
        while self.running and not (self.is_done() and all(one.socket is None for one in connections)):
            for key, _ in self.selector.select(0.02):
                key.data.read()
            now = time.monotonic()
            self.wake(now)
            if now - looked > 1:
                looked = now
                self.look_for_late(connections, now)


def main():
    caller = Caller(pickle.loads(sys.stdin.buffer.read()))

    def stop(*_):
        caller.running = False
    signal.signal(signal.SIGTERM, stop)
    caller.run()
    print(json.dumps({"counts": caller.counts, "latencies": sorted(caller.latencies.items())}))


if __name__ == "__main__":
    main()
