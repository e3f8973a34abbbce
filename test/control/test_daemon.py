"""First start, files and modes, signals, restarts, logs, audit."""
import json
import os
import signal
import sqlite3
import stat
import subprocess

import pytest

from harness.management import DAEMON, Daemon


def run(*arguments):
    return subprocess.run([str(DAEMON), *arguments], capture_output=True, text=True, timeout=30)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_files_and_modes(fresh):
    data = fresh.data
    assert (mode(data), mode(data / "keys"), mode(data / "edge")) == (0o711, 0o700, 0o750)
    for name in ("store.key", "node.key", "pepper.key"):
        assert mode(data / "keys" / name) == 0o600
        assert len(bytes.fromhex((data / "keys" / name).read_text())) == 36
    assert mode(data / "admin.json") == 0o600
    assert mode(data / "store.db") & 0o077 == 0
    assert stat.S_ISSOCK(os.stat(fresh.socket_path).st_mode) and mode(fresh.socket_path) == 0o660


def test_the_administrator_is_told_once(fresh):
    admin = fresh.admin
    assert len(admin["access"]) == 20 and admin["access"].isalnum() and admin["access"].isupper()
    assert len(admin["secret"]) == 40 and admin["region"] == "local"
    fresh.process.send_signal(signal.SIGTERM)
    printed, _ = fresh.process.communicate(timeout=30)
    assert json.loads(printed) == admin
    fresh.process = None
    fresh.start()
    fresh.process.send_signal(signal.SIGTERM)
    assert fresh.process.communicate(timeout=30)[0] == b""
    fresh.process = None
    assert fresh.admin == admin
    log = fresh.log.read_text()
    assert admin["secret"] not in log


def test_restart_keeps_everything(fresh):
    app = fresh.client.made("/apps", {"name": "Kept"})
    keys = [p.read_bytes() for p in sorted((fresh.data / "keys").iterdir())]
    assert fresh.stop() == 0
    assert not fresh.socket_path.exists()
    fresh.start()
    assert fresh.client.get(f"/apps/{app['id']}").json["name"] == "Kept"
    assert [p.read_bytes() for p in sorted((fresh.data / "keys").iterdir())] == keys


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it(fresh, how):
    assert fresh.stop(how) == 0
    """The publisher may still report what it did between the two."""
    events = [line["event"] for line in fresh.log_lines()]
    assert events.index("stopping") < events.index("stopped") == len(events) - 1


def test_log_lines_are_json(fresh):
    fresh.client.get("/envs")
    fresh.client.get('/envs/"x"')
    fresh.stop()
    lines = fresh.log_lines()
    assert {"started", "call", "stopped"} <= {line["event"] for line in lines}
    assert all(line["time"].endswith("Z") and line["level"] in ("info", "warning", "error") for line in lines)


def test_a_body_that_breaks_at_a_secret_does_not_tell_it(fresh):
    """A syntax error names the place, not what stands there: answers are shown around, and the log is kept."""
    secret = "hunter2-secret"
    for body in ('{"name":"abc","app_secret" "%s"}', '{"name":"abc","app_secret":"x" "%s"}', '{"name":"abc","app_secret":%s}', '{"%s":1,"%s":2}',
                 '{"name":"abc","app_secret":"%s\\u0000"}', '{"name":"abc","app_secret":"%s\\ud800"}', '["%s"', '"%s"', "%s", '{"name":"abc"}%s'):
        answer = fresh.client.call("POST", "/apps", (body % ((secret,) * body.count("%s"))).encode())
        assert answer.status == 400 and answer.code in ("APIG.2000", "APIG.2012")
        assert not any(part in answer.text for part in ("hunter2", "secret\\"))
    fresh.stop()
    assert "hunter2" not in fresh.log.read_text()


@pytest.mark.parametrize("name", ["store.key", "pepper.key"])
def test_a_missing_key_of_the_store_is_not_made_anew(fresh, name):
    fresh.client.made("/apps", {"name": "Sealed"})
    fresh.stop()
    kept = (fresh.data / "keys" / name).read_bytes()
    (fresh.data / "keys" / name).unlink()
    with pytest.raises(AssertionError, match=f"{name} is missing"):
        fresh.start()
    fresh.process = None
    assert not (fresh.data / "keys" / name).exists()
    (fresh.data / "keys" / name).write_bytes(kept)
    os.chmod(fresh.data / "keys" / name, 0o600)
    fresh.start()


def test_a_wrong_store_key_is_a_fault_not_a_pass(fresh):
    fresh.stop()
    path = fresh.data / "keys" / "store.key"
    path.write_text("00" * 36 + "\n")
    fresh.start()
    answer = fresh.client.get("/envs")
    assert answer.status in (500, 503), answer


def test_a_second_daemon_is_refused(fresh):
    second = run("--data", str(fresh.data))
    assert second.returncode == 1 and "another countersignd works on" in second.stderr
    assert fresh.client.get("/envs").status == 200


def test_a_socket_left_by_a_killed_daemon(fresh):
    fresh.stop(signal.SIGKILL)
    assert fresh.socket_path.exists()
    fresh.start()
    assert fresh.client.get("/envs").status == 200


@pytest.mark.parametrize("arguments, words", [
    ((), "--data DIR must be given"), (("--data", "x", "--nonsense"), "--nonsense"), (("--data",), "--data"),
    (("--data", "x", "--listen", "tcp:1"), "--listen must be unix:PATH"), (("--data", "x", "y"), "y"),
    (("--data", "x", "--region", "a b"), "--region"), (("--data", "x", "--edge-size", "0"), "--edge-size must be a number from 1 to 1048576"),
    (("--data", "x", "--edge-size", "1048577"), "--edge-size"), (("--data", "x", "--edge-size", "1G"), "--edge-size"), (("--data", "x" * 5000), "too long"),
])
def test_wrong_usage(arguments, words, tmp_path):
    ended = subprocess.run([str(DAEMON), *arguments], capture_output=True, text=True, timeout=30, cwd=tmp_path)
    assert ended.returncode == 2 and words in ended.stderr and "Usage:" in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments, words", [
    (("--group", "no-such-group"), "no such group"), (("--store", "mysql:x"), "store"), (("--listen", "unix:/nonexistent/x.sock"), "bind"),
])
def test_a_start_that_fails_says_why(tmp_path, arguments, words):
    ended = run("--data", str(tmp_path / "data"), *arguments)
    assert ended.returncode == 1
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert any(line["event"] == "start_failed" and words in line["problem"] for line in lines), lines


def test_no_core_dumps(fresh):
    limits = open(f"/proc/{fresh.process.pid}/limits").read()
    assert next(line for line in limits.splitlines() if line.startswith("Max core file size")).split()[4:6] == ["0", "0"]


def test_region_names_the_subdomains(tmp_path):
    daemon = Daemon(tmp_path / "data", arguments=["--region", "Cn-North-1"]).start()
    try:
        group = daemon.client.made("/api-groups", {"name": "Here"})
        assert group["sl_domain"].endswith(".apic.cn-north-1") and daemon.admin["region"] == "Cn-North-1"
    finally:
        daemon.stop()


def test_audit_rows(fresh):
    """A row with every change, in the same transaction, with no secret in it."""
    client = fresh.client
    app = client.made("/apps", {"name": "Audited", "app_secret": "audited-secret-1"})
    client.put(f"/apps/{app['id']}", {"name": "Audited2", "app_secret": "audited-secret-2"})
    client.post("/apps", {"name": "Audited2"})
    client.delete(f"/apps/{app['id']}")
    fresh.stop()
    store = sqlite3.connect(fresh.data / "store.db")
    rows = store.execute("SELECT action, resource, actor_name, before_json, after_json, resource_id FROM audit "
                         "WHERE resource = 'app' ORDER BY id").fetchall()
    assert [row[0] for row in rows] == ["create_app", "update_app", "delete_app"], "a refused call leaves no row"
    assert {row[2] for row in rows} == {"administrator"} and {row[5] for row in rows} == {app["id"]}
    assert [bool(row[3]) for row in rows] == [False, True, True] and [bool(row[4]) for row in rows] == [True, True, False]
    assert json.loads(rows[1][3])["name"] == "Audited" and json.loads(rows[1][4])["name"] == "Audited2"
    everything = "".join(str(row) for row in store.execute("SELECT * FROM audit"))
    for secret in ("audited-secret-1", "audited-secret-2", fresh.admin["secret"]):
        assert secret not in everything
    store.close()
