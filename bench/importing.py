"""How fast `countersign import` is from end to end: from the file of lines until each is stored, audited and effective, and its result is
written. Wall clock, and the CPU of the command, the daemon and PostgreSQL's processes. Lines a second depend on what else the machine does.

    make bench-import                                                both databases, an empty store and one with 1 000 000 credentials
    bench/importing.py --only sqlite --credentials 0 --lines 20000   one of them, fewer"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import time

import scale
from harness.tree import program

TREE = scale.TREE


def children_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Clocks:
    """CPU since the last look, in microseconds a line."""

    def __init__(self, bed):
        self.bed = bed
        self.looked = self.look()

    def look(self):
        servers = {pid: scale.cpu_ms(pid) for pid in scale.server_processes()}
        return scale.cpu_ms(self.bed.daemon.process.pid), servers, children_seconds() * 1000

    def spent(self, lines):
        before, self.looked = self.looked, self.look()
        server = sum(ms - before[1].get(pid, 0.0) for pid, ms in self.looked[1].items())
        return {name: round(ms * 1000 / lines, 1) for name, ms in (("daemon", self.looked[0] - before[0]), ("server", server),
                                                                   ("command", self.looked[2] - before[2]))}


def write_lines(bed, lines):
    file, mark = bed.folder / "lines.ndjson", time.time_ns()
    file.write_text("".join(json.dumps({"name": f"bring_{mark}_{number}", "api_key": {}}) + "\n" for number in range(lines)))
    return file


def run(bed, lines):
    file, results = write_lines(bed, lines), bed.folder / "results.ndjson"
    clocks, began = Clocks(bed), time.monotonic()
    with open(results, "wb") as out:
        ended = subprocess.run([program("countersign"), "import", file, "--data", bed.daemon.data], stdout=out, stderr=subprocess.PIPE, text=True)
    seconds, spent = time.monotonic() - began, clocks.spent(lines)
    assert ended.returncode == 0 and f"{lines} imported, 0 refused" in ended.stderr, ended
    return {"a_second": round(lines / seconds), **spent}


def measure(name, bed, options):
    try:
        if options.pause:
            input(f"daemon {bed.daemon.process.pid}, servers {scale.server_processes()}; Enter goes on")
        rounds = []
        for _ in range(options.rounds):
            rounds.append(run(bed, options.lines))
            print(name, rounds[-1], flush=True)
    finally:
        bed.end()
    return {"most": max(r["a_second"] for r in rounds), "median": statistics.median(r["a_second"] for r in rounds), "rounds": rounds}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--credentials", type=int, nargs="+", default=[0, 1_000_000], help="that are there already")
    scale.add_options(parser)
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pause", action="store_true", help="before the first round, for a profiler")
    options = parser.parse_args()
    found = {}
    for credentials in options.credentials:
        for database, bed in scale.beds(options, credentials):
            name = f"{database} {credentials}"
            found[name] = measure(name, bed, options)
    (TREE / "build/importing.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
