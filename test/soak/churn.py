"""One change a second at full load: latency with and without it, in turns, as wrk measures it. Changes are a consumer who is made, shut out, let in
and removed; each is judged at the next request."""
import re
import statistics
import subprocess
import threading
import time

from bed import PATH, Bed
from deaths import Writer
from harness.tree import TREE

ROUND = 10  # seconds


def write_requests(path, requests):
    path.write_bytes(b"".join(b"%d\n" % len(request) + request for request, _ in requests))
    path.chmod(0o644)
    return path


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def load(port, requests):
    """(requests a second, p50 and p99 in ms)"""
    out = subprocess.run(["wrk", "-t1", "-c32", f"-d{ROUND}s", "--latency", "-s", TREE / "bench/cycle.lua", f"http://127.0.0.1:{port}{PATH}", "--", requests],
                         capture_output=True, text=True, check=True).stdout
    count, bad = map(int, re.search(r"requests (\d+) bad (\d+)", out).groups())
    assert bad == 0, out
    percentiles = dict(re.findall(r"^\s+(50|99)%\s+(\S+)", out, re.M))
    return count / ROUND, milliseconds(percentiles["50"]), milliseconds(percentiles["99"])


class Churn(Writer):
    """One change a second while `on`."""

    def __init__(self, bed):
        super().__init__(bed, 0)
        self.on, self.changes = threading.Event(), 0

    def write(self, method, path, body=None):
        self.on.wait()
        time.sleep(1)
        self.changes += 1
        return super().write(method, path, body)


def play(rounds):
    with Bed(workers=1) as bed:
        bed.add_keys(100)
        requests = write_requests(bed.folder / "requests", bed.admitted())
        bed.folder.chmod(0o755)
        churn, found = Churn(bed), {"without": [], "with": []}
        churn.start()
        load(bed.world.nginx.port, requests)
        for _ in range(rounds):
            for name, turn in (("without", churn.on.clear), ("with", churn.on.set)):
                turn()
                found[name].append(load(bed.world.nginx.port, requests))
        churn.running = False
        churn.on.set()
        churn.join(20)
        assert churn.problem is None, churn.problem
    middle = {name: [round(statistics.median(values), 2) for values in zip(*rows)] for name, rows in found.items()}
    return {"rounds of 10 s each": rounds, "changes, all judged": churn.changes, "requests/s, p50 ms, p99 ms (medians): without changes": middle["without"],
            "with one a second": middle["with"]}
