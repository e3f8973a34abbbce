"""make soak: every scenario of the table, or those named, one after the other. What each found stands in build/soak/<name>.json and on the
screen; the last line counts. Lengths: NAME=LENGTH in the environment (RELOADS=50 DEATHS=60 …), else those of the table."""
import importlib
import json
import os
import platform
import subprocess
import sys
import time
import traceback
from pathlib import Path

import bed  # noqa: F401  (the paths of the harness)
from harness.tree import TREE

POSTGRES = os.environ.get("COUNTERSIGN_TEST_POSTGRES")


def scenario(module, length, **arguments):
    return module, length, arguments


# name → (module, usual length: seconds unless it counts something, arguments)
TABLE = {
    "smuggling": scenario("smuggled", 60),
    "changes": scenario("changes", 60),
    "reloads": scenario("reloads", 1000),
    "deaths": scenario("deaths", 600),
    "writers": scenario("writers", 120),
    "writers_postgresql": scenario("writers", 120, database="soak_writers"),
    "disk": scenario("disk", 10),
    "full_edge": scenario("full_edge", 3),
    "store_gone": scenario("store_gone", 5, database="soak_store"),
    "clock": scenario("clock", 40),
    "slow": scenario("slow", 60),
    "closing": scenario("closing", 30000),
    "idle": scenario("idle", 10000),
    "churn": scenario("churn", 5),
    "h2": scenario("h2", 2),
    "nginx_tests": scenario("nginx_tests", 1000),
    "deaths_postgresql": scenario("deaths", 120, database="soak_deaths"),
}


OPTIONAL = {"nginx_tests": "NGINX_TESTS_FOLDER"}  # played when this is set


def new_store(name):
    assert POSTGRES, "run by tools/with-postgres.sh"
    subprocess.run(["psql", "-q", "-h", POSTGRES, "-U", "countersign", "-c", f"CREATE DATABASE {name}"], check=True)
    return f"postgresql:///{name}?host={POSTGRES}&user=countersign"


def play(name):
    """True: it held. A scenario that cannot be played here says why, and counts as neither."""
    module, length, arguments = TABLE[name]
    length = int(os.environ.get(name.upper(), length))
    arguments = dict(arguments)
    if "database" in arguments:
        arguments["store"] = new_store(f"{arguments.pop('database')}_{os.getpid()}")
    began = time.time()
    try:
        found = importlib.import_module(module).play(length, **arguments)
        held = True
    except Exception:  # noqa: BLE001  (the next scenario is played all the same)
        found, held = {"failed": traceback.format_exc()}, False
    found = {"scenario": name, "held": held, "length": length, "took_seconds": round(time.time() - began), **found,
             "machine": f"{os.cpu_count()} processors, {platform.release()}, load {os.getloadavg()[0]:.1f}"}
    folder = TREE / "build/soak"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(found, indent=1, default=str) + "\n")
    for key, value in found.items():
        print(f"  {key}: {value}", flush=True)
    return held


def main(names):
    results = [play(name) for name in names or TABLE if names or name not in OPTIONAL or os.environ.get(OPTIONAL[name])]
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    Path(TREE / "build/soak").mkdir(parents=True, exist_ok=True)
    sys.exit(main(sys.argv[1:]))
