"""The audit: who, what, before and after, from where, with what result; as a list, as lines, as a chain with its end outside the store."""
import json
import signal
import sqlite3
import subprocess
import threading
import time

import pytest

from harness.tree import program
from harness.stored import rows

COUNTERSIGN = program("countersign")


def wait_for(check, seconds=10):
    """What `check` returns once it is true: refusals are written by a thread of their own."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = check()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come")


def audit(daemon, *arguments):
    command = [COUNTERSIGN, "audit", *arguments, "--data", str(daemon.data)]
    return subprocess.run(command + (["--store", daemon.store] if daemon.store else []), capture_output=True, text=True)


def execute(daemon, sql):
    if daemon.store:
        subprocess.run(["psql", "-qX", "-d", daemon.store, "-c", sql], check=True)
        return
    store = sqlite3.connect(daemon.data / "store.db")
    store.executescript(sql)
    store.close()


def refused(client, **query):
    return [a for a in client.get("/audits", limit=500, **query).json["audits"] if a["result"] != "ok"]


def test_a_change_tells_who_what_when_from_where(client):
    app = client.made("/apps", {"name": "Watched", "app_secret": "a-secret-nobody-sees"})
    answer = client.signed("PUT", f"{client.base}/apps/{app['id']}", json.dumps({"name": "Renamed"}).encode(), {"X-Forwarded-For": "192.0.2.7"})
    assert answer.status == 200
    updated, created = client.get("/audits", resource_id=app["id"]).json["audits"]
    assert (created["action"], created["result"], created["resource"], created["before"]) == ("create_app", "ok", "app", None)
    assert (updated["action"], updated["user_name"], updated["source"]) == ("update_app", "administrator", "192.0.2.7")
    assert (updated["before"]["name"], updated["after"]["name"]) == ("Watched", "Renamed")
    assert updated["user_id"] == client.admin["user_id"] and updated["project_id"] == client.admin["project_id"]
    assert updated["request_id"] == answer.headers["X-Request-Id"]
    assert updated["instance_id"] == client.admin["instance_id"] and updated["time"] >= created["time"]
    assert "a-secret-nobody-sees" not in client.get("/audits", limit=500).text


def test_filters_and_pages(client):
    made = [client.made("/apps", {"name": f"Filtered_{i}"}) for i in range(7)]
    client.delete(f"/apps/{made[0]['id']}")
    assert {a["action"] for a in client.get("/audits", resource_id=made[0]["id"]).json["audits"]} == {"create_app", "delete_app"}
    for name, value in [("action", "delete_app"), ("resource", "app"), ("result", "ok"), ("user_name", "administrator"), ("user_id", client.admin["user_id"])]:
        found = client.get("/audits", **{name: value}, limit=500).json["audits"]
        assert found and all(a[name] == value for a in found), name
    assert client.get("/audits", user_name="nobody").json["total"] == 0
    one = client.get("/audits", limit=1, offset=1).json
    two = client.get("/audits", limit=2).json
    assert one["size"] == 1 and one["audits"][0] == two["audits"][1] and one["total"] == two["total"]
    newest = two["audits"][0]
    assert client.get("/audits", id=newest["id"]).json["audits"] == [newest]
    assert client.get("/audits", request_id=newest["request_id"]).json["total"] >= 1
    assert client.get("/audits", **{"from": newest["time"]}).json["total"] >= 1
    assert client.get("/audits", **{"from": "2999-01-01T00:00:00Z"}).json["total"] == 0
    assert client.get("/audits", to="2000-01-01T00:00:00Z").json["total"] == 0
    answer = client.get("/audits", to="yesterday")
    assert (answer.status, answer.code) == (400, "APIG.2012") and "parameterName:to." in answer.message


def test_export_pages_until_it_is_empty(client):
    lines, after = [], ""
    while True:
        answer = client.get("/audits/export", limit=3, after=after)
        assert answer.status == 200
        if not answer.text:
            break
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        page = [json.loads(line) for line in answer.text.splitlines()]
        assert 1 <= len(page) <= 3
        lines += page
        after = page[-1]["id"]
    ids = [line["id"] for line in lines]
    assert ids == sorted(set(ids)) and len(ids) == client.get("/audits").json["total"]
    assert all(line["instance_id"] == client.admin["instance_id"] and len(line["chain"]) == 64 for line in lines)
    assert client.get("/audits/export", limit=0).code == "APIG.2012"


def test_a_failed_signing_in_is_audited_without_its_secret(fresh):
    client = fresh.client
    wrong = type(client)(client.socket_path, {**client.admin, "secret": "not-the-secret-at-all"})
    assert [wrong.get("/apps").status for _ in range(5)] == [401] * 5
    row, = wait_for(lambda: refused(client))
    assert (row["action"], row["result"], row["user_id"]) == ("list_apps", "APIG.0301", "")
    assert row["after"]["presented"] == client.admin["access"] and row["after"]["reason"] == "signature_mismatch"
    assert [wrong.get("/apps").status for _ in range(3)] == [401] * 3
    time.sleep(0.3)
    assert refused(client) == [row], "equal ones once a minute"
    fresh.stop()
    fresh.start()
    again, first = refused(fresh.client)
    assert first == row and 1 + sum(a["after"]["repeated"] for a in (again, first)) == 8, "their number comes with the end"
    assert "not-the-secret-at-all" not in fresh.client.get("/audits", limit=500).text


def of_no_instance(client):
    return client.signed("GET", f"/v2/{client.admin['project_id']}/apigw/audits?limit=500").json["audits"]


def test_signing_in_is_audited_right_or_wrong(fresh):
    client = fresh.client

    def sign_in(name, password):
        body = {"name": name, "password": password, "domain": client.admin["domain_name"]}
        return client.send("POST", "/console/session", json.dumps(body).encode(), {"Content-Type": "application/json", "X-Forwarded-For": "192.0.2.9"})
    assert [sign_in("administrator", "not-his-password").status for _ in range(6)] == [401] * 6
    assert sign_in("not-his-name-but-a-password", "x" * 9).status == 401
    guessed, = wait_for(lambda: [a for a in of_no_instance(client) if a["result"] == "IAM.0062"])
    assert (guessed["action"], guessed["source"], guessed["user_id"]) == ("create_console_session", "192.0.2.9", "")
    assert guessed["after"]["presented"] == "administrator"
    locked, = wait_for(lambda: rows(fresh, "SELECT source FROM audit WHERE result = 'IAM.0061'"))
    assert locked == ("192.0.2.9",)
    body = {"name": "administrator", "password": client.admin["password"], "domain": client.admin["domain_name"]}
    assert client.send("POST", "/console/session", json.dumps(body).encode(), {"Content-Type": "application/json"}).status == 201
    assert [a["user_name"] for a in of_no_instance(client) if a["action"] == "create_console_session" and a["result"] == "ok"] == ["administrator"]
    everything = json.dumps(rows(fresh, "SELECT * FROM audit"))
    assert "not-his" not in everything


def test_a_call_for_what_is_not_his_is_audited(fresh):
    client = fresh.client
    foreign = f"/v2/{'0' * 32}/apigw/instances/{client.admin['instance_id']}/apps"
    assert client.signed("GET", foreign).status == 403
    rows_of = lambda: rows(fresh, "SELECT actor_name, project_id, result FROM audit WHERE result <> 'ok'")  # noqa: E731
    assert wait_for(rows_of) == [("administrator", "0" * 32, "APIG.1005")]


def test_strangers_do_not_fill_the_audit(fresh):
    client = fresh.client
    for i in range(150):
        guess = type(client)(client.socket_path, {**client.admin, "access": f"GUESS{i:05}"})
        assert guess.get("/apps").status == 401
    fresh.stop()
    fresh.start()
    found = rows(fresh, "SELECT action, after_json FROM audit WHERE result <> 'ok'")
    assert len(found) <= 62
    others = [json.loads(after)["repeated"] for action, after in found if action == "others"]
    assert sum(others) + len([1 for action, _ in found if action != "others"]) == 150


def test_an_unsigned_call_leaves_no_row(fresh):
    assert fresh.client.send("GET", fresh.client.base + "/apps").status == 401
    fresh.stop()
    fresh.start()
    assert refused(fresh.client) == []


def test_verify_and_export_from_the_command_line(fresh, tmp_path):
    for i in range(5):
        fresh.client.made("/apps", {"name": f"Chained_{i}"})
    whole = audit(fresh, "verify")
    assert whole.returncode == 0 and whole.stdout.startswith("whole: 11 rows"), whole
    exported = audit(fresh, "export")
    file = tmp_path / "export.ndjson"
    file.write_text(exported.stdout)
    verified = subprocess.run([COUNTERSIGN, "audit", "verify", "--file", file], capture_output=True, text=True)
    assert verified.returncode == 0 and verified.stdout.split(",")[1] == whole.stdout.split(",")[1], verified
    lines = exported.stdout.splitlines(keepends=True)
    file.write_text("".join(lines[:2] + lines[3:]))
    broken = subprocess.run([COUNTERSIGN, "audit", "verify", "--file", file], capture_output=True, text=True)
    assert broken.returncode == 1 and json.loads(lines[3])["id"] in broken.stdout
    file.write_text(exported.stdout[:-30])
    assert subprocess.run([COUNTERSIGN, "audit", "verify", "--file", file], capture_output=True).returncode == 3


@pytest.mark.parametrize("sql, what", [
    ("UPDATE audit SET actor_name = 'somebody' WHERE action = 'create_app'", "the chain breaks"),
    ("DELETE FROM audit WHERE action = 'first_start'", "the chain breaks"),
    ("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)", "does not end where"),
    ("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit); UPDATE revision SET audit_id = (SELECT max(id) FROM audit),"
     " audit_chain = (SELECT chain FROM audit ORDER BY id DESC LIMIT 1)", "anchored is not there"),
])
def test_verify_finds_what_was_done_to_the_rows(fresh, sql, what):
    for i in range(3):
        fresh.client.made("/apps", {"name": f"Tampered_{i}"})
    assert audit(fresh, "verify").returncode == 0
    execute(fresh, sql)
    found = audit(fresh, "verify")
    assert found.returncode == 1 and what in found.stdout, found


def test_a_daemon_that_finds_its_audit_cut_off_says_so(fresh):
    fresh.client.made("/apps", {"name": "Gone"})
    fresh.stop()
    execute(fresh, "DELETE FROM audit WHERE action = 'create_app'")
    fresh.start()
    assert [line["level"] for line in fresh.log_lines() if line["event"] == "audit_broken"] == ["error"]


def test_every_answered_change_is_anchored(fresh):
    """kill -9 right behind the answer: the file has it, since it was written before the answer."""
    client = fresh.client
    for i in range(20):
        client.made("/apps", {"name": f"Anchored_{i}"})
    newest = client.get("/audits", limit=1).json["audits"][0]
    fresh.stop(signal.SIGKILL)
    last = json.loads((fresh.data / "audit.anchors").read_text().splitlines()[-1])
    assert (last["id"], last["chain"]) == (newest["id"], newest["chain"])
    fresh.start()
    assert audit(fresh, "verify").returncode == 0
    assert (fresh.data / "audit.anchors").stat().st_mode & 0o777 == 0o600


def test_anchors_kept_elsewhere_count_as_well(fresh, tmp_path):
    fresh.client.made("/apps", {"name": "Elsewhere"})
    kept = tmp_path / "kept.anchors"
    kept.write_text((fresh.data / "audit.anchors").read_text())
    assert audit(fresh, "verify", "--anchors", str(kept)).returncode == 0
    kept.write_text(kept.read_text().replace('"chain":"', '"chain":"0', 1))
    assert "written anew" in audit(fresh, "verify", "--anchors", str(kept)).stdout
    kept.write_text("no anchor\n")
    assert audit(fresh, "verify", "--anchors", str(kept)).returncode == 3


def test_a_hundred_writers_and_a_sudden_death_leave_one_chain(fresh):
    answered, client = [], fresh.client

    def write(worker):
        for i in range(20):
            try:
                answer = client.post("/apps", {"name": f"Writer_{worker}_{i}"})
            except OSError:
                return
            if answer.status == 201:
                answered.append((answer.json["id"], answer.headers["X-Request-Id"]))

    threads = [threading.Thread(target=write, args=(w,)) for w in range(100)]
    for thread in threads:
        thread.start()
    while len(answered) < 150 and any(t.is_alive() for t in threads):
        time.sleep(0.001)
    fresh.stop(signal.SIGKILL)
    for thread in threads:
        thread.join()
    fresh.start()
    assert audit(fresh, "verify").returncode == 0
    audited = set(rows(fresh, "SELECT resource_id, request_id FROM audit WHERE action = 'create_app' AND resource = 'app'"))
    assert set(answered) <= audited and len(answered) >= 150
    assert len(rows(fresh, "SELECT id FROM app")) == len(audited), "row and audit row come together or not at all"
