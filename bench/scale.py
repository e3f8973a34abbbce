"""What management calls cost when the store is large: CPU of the daemon and of PostgreSQL's processes for each call, in milliseconds (process clocks,
so other load on the machine does not count), with half as many apps and half as many consumers as credentials, and APIs.

    make bench-scale                        both databases (tools/with-postgres.sh), 1 000 000 credentials, 10 000 APIs
    bench/scale.py --credentials 20000      fewer"""
import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent
sys.path.append(str(TREE / "test"))
from harness.management import Daemon  # noqa: E402
from harness.up import open_folder  # noqa: E402

import filling  # noqa: E402

RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
GOAL, REPEATS, LINES = 50, 5, 1000
POSTGRES = os.environ.get("COUNTERSIGN_TEST_POSTGRES")


def cpu_ms(pid):
    """The process clock of another process: what all its threads have used, also those that ended."""
    return time.clock_gettime((~pid << 3) | 2) * 1000


def server_processes():
    if POSTGRES is None:
        return []
    master = Path(f"{POSTGRES}/data/postmaster.pid").read_text().split()[0]
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


class Bed:
    """A daemon with a filled store; `kept`: in a folder that stays, and is filled once."""

    def __init__(self, store, credentials, apis, kept=None):
        self.folder, self.store, self.kept = kept or open_folder(), store, kept is not None
        known = self.folder / "api.json"
        self.daemon = Daemon(self.folder / "data", store=store).start()
        self.client = self.daemon.client
        if self.kept and known.exists():
            self.group, self.api = json.loads(known.read_text())
            return
        self.fill(credentials // 2, apis)
        known.write_text(json.dumps([self.group, self.api]))

    def end(self):
        self.daemon.stop()
        if not self.kept:
            shutil.rmtree(self.folder)

    def run_sql(self, text):
        if self.store:
            subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", self.store, "-c", text], check=True, stdout=subprocess.DEVNULL)
            return
        with sqlite3.connect(self.folder / "data/store.db") as connection:
            connection.executescript(text)

    def fill(self, principals, apis):
        began = time.monotonic()
        self.group = self.client.made("/api-groups", {"name": "scale"})["id"]
        self.client.made(f"/api-groups/{self.group}/domains", {"url_domain": "scale.example.com"})
        self.api = self.make_api("first")
        self.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": self.api})
        self.daemon.stop()
        self.run_sql(filling.statements(bool(self.store), self.client.admin["instance_id"], self.api, principals, apis))
        print(f"filled in {time.monotonic() - began:.0f} s", flush=True)
        began = time.monotonic()
        self.daemon.start()
        while not self.effective():
            time.sleep(0.5)
        print(f"ready after {time.monotonic() - began:.0f} s, {cpu_ms(self.daemon.process.pid) / 1000:.0f} s of CPU", flush=True)

    def effective(self):
        """The edge has everything: a write that it must follow is answered as done."""
        return self.client.post("/consumers", {"name": f"probe_{time.time_ns()}", "api_key": {}}).status == 201

    def make_api(self, name, group=None):
        return self.client.made("/apis", {
            "name": name, "group_id": group or self.group, "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": f"/{name}", "match_mode": "NORMAL",
            "auth_type": "APP", "backend_type": "HTTP",
            "backend_api": {"url_domain": "127.0.0.1:9", "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 5000}})["id"]

    def cost(self, call, *arguments):
        """(least, median) ms of some calls, and what the last one answered."""
        found = []
        for _ in range(REPEATS):
            before = {pid: cpu_ms(pid) for pid in (self.daemon.process.pid, *server_processes())}
            answer = call(*arguments)
            time.sleep(0.02)  # the publisher, and what the server does after its answer
            spent = 0.0
            for pid in (self.daemon.process.pid, *server_processes()):
                spent += cpu_ms(pid) - before.get(pid, 0.0)
            found.append(spent)
        return min(found), statistics.median(found), answer


def calls(bed):
    """name → call"""
    client, numbers = bed.client, iter(range(10**9))

    def name():
        return f"scale_{os.getpid()}_{next(numbers)}"

    def get(path, **query):
        def call():
            answer = client.get(path, **query)
            assert answer.status == 200, answer
            return answer.json.get("total")
        return call

    def write(method, path, body, status):
        answer = client.call(method, path, body)
        assert answer.status == status, answer
        return answer

    def consumer():
        return write("POST", "/consumers", {"name": name(), "api_key": {}}, 201).json["id"]

    def app():
        return write("POST", "/apps", {"name": name()}, 201).json["id"]
    some_consumer = client.get("/consumers", limit=1).json["consumers"][0]
    some_app = client.get("/apps", limit=1).json["apps"][0]
    total = client.get("/apps", limit=1).json["total"]
    group = client.made("/api-groups", {"name": name()})["id"]
    spare = {"consumer": [consumer() for _ in range(REPEATS)], "app": [app() for _ in range(REPEATS)]}
    yield "consumers, first page", get("/consumers")
    yield "consumers, page in the middle", get("/consumers", offset=total // 2)
    yield "consumers, last page", get("/consumers", offset=total - 20)
    yield "consumers, by state", get("/consumers", enabled="false")
    yield "consumers, one character of the name", get("/consumers", name="7")
    yield "consumers, name contains, by state", get("/consumers", name="77", enabled="true")
    yield "consumers, name contains (few)", get("/consumers", name=some_consumer["name"][2:])
    yield "consumers, name contains (many)", get("/consumers", name=some_consumer["name"][:4])
    yield "consumers, name contains (none)", get("/consumers", name="zzzzzz")
    yield "consumers, name exactly", get("/consumers", name=some_consumer["name"], precise_search="name")
    yield "apps, first page", get("/apps")
    yield "apps, 500 of them", get("/apps", limit=500)
    yield "apps, page in the middle", get("/apps", offset=total // 2)
    yield "apps, last page", get("/apps", offset=total - 20)
    yield "apps, name contains (many), last page", get("/apps", name=some_app["name"][:4], offset=total - 20)
    yield "apps, by creator", get("/apps", creator="ALL")
    yield "apps, name contains (few)", get("/apps", name=some_app["name"][2:])
    yield "apps, name exactly", get("/apps", name=some_app["name"], precise_search="name")
    yield "apps, by status", get("/apps", status=1)
    yield "apps, by key", get("/apps", app_key=some_app["app_key"])
    yield "APIs, first page", get("/apis")
    yield "APIs, last page", get("/apis", offset=9980)
    yield "APIs, name contains", get("/apis", name="first77")
    yield "APIs, of a group", get("/apis", group_id=bed.group)
    yield "APIs of an app", get("/app-auths/binded-apis", app_id=some_app["id"])
    yield "apps of an API", get("/app-auths/binded-apps", api_id=bed.api)
    yield "outline of apps", get("/resources/outline/apps")
    yield "APIs without an app", get("/app-auths/unbinded-apis", app_id=some_app["id"], env_id=RELEASE)
    yield "key pairs of an app", get(f"/apps/{some_app['id']}/key-pairs")
    yield "quotas", get("/project/configs")
    yield "audit, first page", get("/audits")
    yield "audit, page in the middle", get("/audits", offset=total)
    yield "audit, of an object", get("/audits", resource_id=some_app["id"])
    yield "audit, by action", get("/audits", action="create_app")
    yield "audit, by user and result", get("/audits", user_id=client.admin["user_id"], result="ok")
    yield "a consumer with a key is made", consumer
    yield "a consumer is switched off", lambda: write("PUT", f"/consumers/{some_consumer['id']}", {"enabled": False}, 200).status
    yield "a consumer is removed", lambda: write("DELETE", f"/consumers/{spare['consumer'].pop()}", None, 204).status
    yield "an app is made", app
    yield "an app is removed", lambda: write("DELETE", f"/apps/{spare['app'].pop()}", None, 204).status
    yield "an app is authorised", lambda: write("POST", "/app-auths", {"env_id": RELEASE, "app_ids": [app()], "api_ids": [bed.api]}, 201).status
    yield "an API is made", lambda: bed.make_api(name(), group)


def import_cost(bed):
    """Microseconds of CPU a line, daemon and server together, and lines a second."""
    def one(batch):
        lines = [json.dumps({"name": f"import_{time.time_ns()}_{number}", "api_key": {}}) for number in range(LINES)]
        answer = bed.client.call("POST", "/consumers/import", {"lines": lines})
        assert answer.status == 200 and answer.json["imported"] == LINES, answer.text[:300]
    one(0)
    began, batches = time.monotonic(), iter(range(1, 1000))
    least, middle, _ = bed.cost(lambda: one(next(batches)))
    return {"us_a_line": round(least * 1000 / LINES, 1), "median": round(middle * 1000 / LINES, 1), "lines_a_second": round(REPEATS * LINES / (time.monotonic() - began))}


def database(name=None):
    """A new one, or that of this name."""
    made = name or f"scale_{os.getpid()}_{time.time_ns()}"
    errors = subprocess.DEVNULL if name else None  # it is there already
    subprocess.run(["psql", "-q", "-h", POSTGRES, "-U", "countersign", "-c", f"CREATE DATABASE {made}"], check=name is None, stderr=errors)
    return f"postgresql:///{made}?host={POSTGRES}&user=countersign"


def kept_folder(options, database):
    """Where a store of this size stays, or None."""
    if options.keep is None:
        return None
    folder = Path(options.keep) / database
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def beds(options, credentials):
    """(database, its bed) of each that is asked for; whoever gets them ends them."""
    apis = options.apis if credentials else 1
    if options.only != "postgresql":
        yield "sqlite", Bed(None, credentials, apis, kept_folder(options, f"sqlite_{credentials}"))
    if options.only != "sqlite" and POSTGRES:
        name = f"scale_{credentials}"
        store = database(name if options.keep else None)
        yield "postgresql", Bed(store, credentials, apis, kept_folder(options, f"postgresql_{credentials}"))


def add_options(parser):
    parser.add_argument("--apis", type=int, default=10_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--keep", help="a folder in which filled stores stay and are found again (with COUNTERSIGN_TEST_POSTGRES of a server that stays)")


def measure(bed, rows_wanted):
    rows = {}
    try:
        for name, call in calls(bed):
            if rows_wanted not in name:
                continue
            try:
                least, middle, answer = bed.cost(call)
            except AssertionError as problem:
                rows[name] = {"problem": str(problem)[:200]}
                print(f"{name:36} {str(problem)[:160]}", flush=True)
                continue
            rows[name] = {"ms": round(least, 1), "median": round(middle, 1)}
            print(f"{name:36} {least:8.1f} {middle:8.1f}  {'' if least <= GOAL else 'over'}  {str(answer)[:40]}", flush=True)
        if rows_wanted in "import":
            rows["import"] = import_cost(bed)
            print("import", rows["import"], flush=True)
    finally:
        bed.end()
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--credentials", type=int, default=1_000_000)
    parser.add_argument("--rows", default="", help="only those with this in their name")
    add_options(parser)
    options = parser.parse_args()
    found = {name: measure(bed, options.rows) for name, bed in beds(options, options.credentials)}
    name = f"build/scale-{options.only or 'both'}.json"
    (TREE / name).write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
