"""CPU per request of one gateway worker, row by row, against stock nginx that proxies the very same requests.

Every row is measured in rounds of short slices: what a row is compared with, the gateway with few credentials, with many, and stock nginx; every
second round in the opposite order, so that a host whose speed changes favours nobody. The minimum over the rounds counts (the machine's noise
only ever adds), the median stands beside it."""
import argparse
import json
import os
import statistics
import time

import fill
import primitive
import propagation
import rig
from harness import signing
from harness.management import Daemon

APP, KEY = (fill.APIS[name] for name in ("app", "key"))
SIGNED = {"countersign_hmac": "signed", "countersign_basic": "signed-basic", "countersign_aes": "signed-aes-128",
          "countersign_aes_256": "signed-aes-256", "countersign_rsa": "signed-rsa", "countersign_ecdsa": "signed-ecdsa",
          "countersign_bce": "signed-bce", "countersign_aliyun": "signed-aliyun"}
SUFFIX = {1000: "", 1000000: "_1m"}
# The second gateway: with the files of the daemon, and all that is told, remembered and counted for every request.
EVERYTHING = "countersign_state {state}; countersign_lock failures=5 time=5m most=1h; countersign_max_staleness 10m;"
ENOUGH = 5000  # requests of a slice: the few that are under way at its end are paid for and not counted
ONCE_A_ROUND = 40000  # requests with a nonce: more than a worker answers in a slice


def body_of(size):
    return (b"0123456789abcdef" * (size // 16 + 1))[:size]


def requests_of(row, credentials):
    """The complete requests of a row, signed now: 1 000 callers, or some with large bodies."""
    numbers = fill.callers(credentials)
    if row == "api_key" or row in SIGNED:
        path = KEY if row == "api_key" else fill.APIS[SIGNED[row]]
        return [signing.api_key(fill.HOST, path, fill.api_key(n)) for n in numbers]
    if row == "aliyun_ca_get":
        return [signing.aliyun_ca("GET", fill.HOST, APP, fill.pair(n), once=False) for n in numbers]
    if row == "aliyun_ca_nonce":
        return [signing.aliyun_ca("GET", fill.HOST, APP, fill.pair(numbers[n % len(numbers)])) for n in range(ONCE_A_ROUND)]
    if row == "bce_get":
        return [signing.bce("GET", fill.HOST, APP, fill.pair(n)) for n in numbers]
    if row == "app_code":
        return [signing.app_code(fill.HOST, APP, fill.app_code(n)) for n in numbers]
    if row.startswith("jwt_"):
        alg, fresh = row[4:9], row.endswith("_fresh")
        return [signing.api_key(fill.HOST, fill.APIS["jwt"], text) for text in fill.tokens(alg, fill.FRESH_TOKENS if fresh else fill.KNOWN_TOKENS)]
    if row == "token":
        return [signing.raw("GET", fill.APIS["iam"], {"Host": fill.HOST, "X-Auth-Token": fill.IAM_TOKEN})]
    if row == "sdk_hmac_get":
        return [signing.sdk_hmac("GET", fill.HOST, APP, fill.pair(n)) for n in numbers]
    if row == "sdk_hmac_post_1k":
        return [signing.sdk_hmac("POST", fill.HOST, APP, fill.pair(n), body_of(1024)) for n in numbers]
    return [signing.sdk_hmac("POST", fill.HOST, APP, fill.pair(n), body_of(1 << 20)) for n in numbers[:: fill.CALLERS // 20]]


ROWS = ["api_key", "app_code", "aliyun_ca_get", "aliyun_ca_nonce", "sdk_hmac_get", "bce_get", "jwt_hs256", "jwt_rs256", "jwt_es256", "jwt_hs256_fresh", "jwt_rs256_fresh", "jwt_es256_fresh", "token",
        "sdk_hmac_post_1k", "sdk_hmac_post_1m", *SIGNED]


class Series:
    def __init__(self, start):
        self.cpu, self.rate, self.next = [], [], start  # next: the request at which the next slice begins

    def add(self, result):
        if result.bad:
            raise SystemExit(f"{result.bad} requests were not answered with 2xx: nothing is measured that way")
        self.cpu.append(result.cpu_us)
        self.rate.append(result.rate)
        self.next += result.count

    def over(self, other):
        """(least less least, median of the differences within each round): CPU µs that this takes more than the other."""
        pairs = zip(self.cpu, other.cpu, strict=True)
        return round(min(self.cpu) - min(other.cpu), 2), round(statistics.median(own - its for own, its in pairs), 2)

    def summary(self):
        return {"cpu_us": round(min(self.cpu), 2), "median_us": round(statistics.median(self.cpu), 2), "requests_per_second": round(max(self.rate))}


def file_for(bed, row, size):
    """What gives the file of requests of each round: the same, unless its requests are good for once."""
    path = bed.folder / f"{row}-{size}.requests"
    if row != "aliyun_ca_nonce":
        rig.write_requests(path, requests_of(row, size))
        return lambda: path
    return lambda: rig.write_requests(path, requests_of(row, size))


def interleave(rounds, targets):
    """targets: name → (nginx, what gives the file of requests). Gives name → Series."""
    connections = 8 if any("post_1m" in str(path()) for _, path in targets.values()) else rig.CONNECTIONS
    # What is warmed are connections to the backend, and caches.
    warm = {name: rig.load(nginx, path(), connections=connections) for name, (nginx, path) in targets.items()}
    seconds = min(1, max(rig.SLICE, ENOUGH / min(load.rate for load in warm.values())))
    series = {name: Series(load.count) for name, load in warm.items()}
    order = list(targets.items())
    for _ in range(rounds):
        order.reverse()
        for name, (nginx, path) in order:  # each goes on where it stopped: what is meant to be fresh was sent long ago
            series[name].add(rig.load(nginx, path(), seconds, series[name].next, connections=connections))
    return series


def against(own, plain):
    own, plain = own.summary(), plain.summary()
    return {**own, "ratio": round(own["cpu_us"] / plain["cpu_us"], 3), "median_ratio": round(own["median_us"] / plain["median_us"], 3),
            "plain_cpu_us": plain["cpu_us"]}


def base_of(row):
    """The row that is the same but for what this one is measured for: a known token, an API without a signature key. None: there is none."""
    if row.endswith("_fresh"):
        return row.removesuffix("_fresh")
    return "api_key" if row in SIGNED else None


def measure_row(row, bed, rounds):
    """{name of the result: its figures} of one row, all sizes."""
    files = {size: file_for(bed, row, size) for size in bed.gateways}
    least = next(iter(files))
    targets = {"plain": (bed.plain, files[least])}
    if base_of(row):  # beside what is compared with it
        base = rig.write_requests(bed.folder / f"base-{row}-{least}.requests", requests_of(base_of(row), least))
        targets["base"] = (bed.gateways[least], lambda: base)
    if row != "aliyun_ca_nonce":  # there is no memory of nonces without a daemon
        targets |= {size: (bed.gateways[size], files[size]) for size in bed.gateways}
    targets["everything"] = (bed.everything, files[least])
    primitives = {call: primitive.start(row, call, bed.backend) for call in primitive.CALLS} if row in primitive.ROWS else {}
    targets |= {call: (nginx, files[least]) for call, nginx in primitives.items()}
    try:
        found = interleave(rounds, targets)
    finally:
        for nginx in primitives.values():
            nginx.stop()
    results = {row + SUFFIX.get(size, f"_{size}"): against(found[size], found["plain"]) for size in bed.gateways if size in found}
    results[f"{row}_everything"] = against(found["everything"], found["plain"])
    first = results.get(row + SUFFIX.get(least, ""))
    if "base" in found:
        first["added_us"], median_us = found[least].over(found["base"])
        first["added_ratio"] = round(first["added_us"] / first["plain_cpu_us"], 3)
        first["added_median_ratio"] = round(median_us / found["plain"].summary()["median_us"], 3)
    if primitives:
        first["primitive"] = primitive.figures(row, found[least], found["base"], found)
    return results


class Bed:
    """Backend, stock nginx, and a gateway for each number of credentials."""

    def __init__(self, sizes):
        self.folder = rig.tmp_folder("rig")
        self.backend = rig.start_backend(rig.tmp_folder("backend"))
        self.plain = rig.start_plain(rig.tmp_folder("plain"), self.backend)
        self.gateways = {}
        for size in sizes:
            data, began = rig.tmp_folder(f"data-{size}"), time.monotonic()
            fill.fill(data, size, self.backend.port)
            print(f"{size} credentials of each kind filled in {time.monotonic() - began:.0f} s", flush=True)
            self.gateways[size] = rig.start_gateway(rig.tmp_folder(f"gateway-{size}"), data, fill.INSTANCE)
        state = rig.tmp_folder("state")
        state.chmod(0o755)
        for old in state.iterdir():  # a memory that is full of an earlier run's nonces refuses, and is slower before that
            old.unlink()
        group = ["--group", "nogroup"] if os.geteuid() == 0 else []
        self.daemon = Daemon(rig.tmp_folder("daemon"), arguments=["--state", str(state), *group], presets=True).start()
        self.everything = rig.start_gateway(rig.tmp_folder("everything"), rig.tmp_folder(f"data-{sizes[0]}"), fill.INSTANCE,
                                            http=EVERYTHING.format(state=state))

    def stop(self):
        for nginx in (*self.gateways.values(), self.everything, self.plain, self.backend):
            nginx.stop()
        self.daemon.stop()


def print_row(name, row):
    ratio = f"{row['ratio']:8.3f}  ({row['median_ratio']:.3f})" if "ratio" in row else ""
    extra = f"   added {row['added_us']} µs, {row['added_ratio']:.3f} ({row['added_median_ratio']:.3f})" if "added_us" in row else ""
    print(f"{name:22} {row['cpu_us']:9.2f} {row['median_us']:9.2f} {row['requests_per_second']:9} {ratio}{extra}", flush=True)
    if "primitive" in row:
        print(primitive.line(row["primitive"]), flush=True)


def measure_cpu(options):
    results = {}
    bed = Bed(options.credentials)
    try:
        print(f"{'row':22} {'CPU µs':>9} {'median':>9} {'req/s':>9}    ratio to stock nginx with the same request (median)")
        bare = rig.write_requests(bed.folder / "bare.requests", [signing.bare(fill.HOST, APP)])
        results["plain_nginx"] = interleave(options.rounds, {"plain": (bed.plain, lambda: bare)})["plain"].summary()
        print_row("plain_nginx", results["plain_nginx"])
        for row in options.rows:
            for name, result in measure_row(row, bed, options.rounds).items():
                results[name] = result
                print_row(name, result)
    finally:
        bed.stop()
    return results


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=24)
    parser.add_argument("--rows", type=lambda text: text.split(",") if text else [], default=ROWS)
    parser.add_argument("--credentials", type=lambda text: [int(n) for n in text.split(",")], default=[1000, 1000000])
    parser.add_argument("--no-propagation", action="store_true")
    options = parser.parse_args()
    if unknown := set(options.rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    return options


def main():
    options = read_options()
    os.umask(0o022)
    results = measure_cpu(options)
    if not options.no_propagation:
        for size in options.credentials:
            for name, found in propagation.measure(size).items():
                results[name + SUFFIX.get(size, f"_{size}")] = found
                print(f"{name} with {size} credentials: p50 {found['p50']}, p99 {found['p99']}", flush=True)
    path = rig.TREE / "build/bench.json"
    path.write_text(json.dumps(results, indent=1) + "\n")
    print(f"written: {path.relative_to(rig.TREE)}")


if __name__ == "__main__":
    main()
