"""Backup while the daemon writes, restore while it is stopped; both keep the audit's chain."""
import json
import os
import re
import subprocess
import threading

import pytest

from harness.management import Daemon
from harness.tree import program

COUNTERSIGN = program("countersign")
POSTGRES = os.environ.get("COUNTERSIGN_TEST_POSTGRES")


def run(*words):
    return subprocess.run([COUNTERSIGN, *map(str, words)], capture_output=True, text=True)


@pytest.fixture
def daemon(tmp_path):
    daemon = Daemon(tmp_path / "data").start()
    yield daemon
    daemon.stop()


def names(client):
    return {app["name"] for app in client.get("/apps", limit=500).json["apps"]}


def test_a_backup_under_writes_is_whole_and_restores(daemon, tmp_path):
    client, file, stop = daemon.client, tmp_path / "backup.db", threading.Event()
    for i in range(5):
        client.made("/apps", {"name": f"Before_{i}", "app_secret": f"secret-of-app-{i}"})

    def write():
        for i in range(10000):
            if stop.is_set():
                return
            client.post("/apps", {"name": f"Meanwhile_{i}"})

    writer = threading.Thread(target=write)
    writer.start()
    made = run("backup", "--data", daemon.data, "--to", file)
    stop.set()
    writer.join()
    assert made.returncode == 0 and made.stdout.startswith("backed up: revision "), made
    assert file.stat().st_mode & 0o777 == 0o600
    client.made("/apps", {"name": "After_the_backup"})
    running = run("restore", "--data", daemon.data, "--from", file)
    assert running.returncode == 3 and "stop it first" in running.stderr
    assert "After_the_backup" in names(client)
    daemon.stop()
    restored = run("restore", "--data", daemon.data, "--from", file)
    assert restored.returncode == 0 and restored.stdout.startswith("restored: revision "), restored
    daemon.start()
    there = names(daemon.client)
    assert {f"Before_{i}" for i in range(5)} <= there and "After_the_backup" not in there
    verified = run("audit", "verify", "--data", daemon.data)
    assert verified.returncode == 0, verified
    kept = [f for f in os.listdir(daemon.data) if ".before-" in f]
    assert any(f.startswith("store.db.before-") for f in kept) and any(f.startswith("audit.anchors.before-") for f in kept)
    assert not [line for line in daemon.log_lines() if line["event"] == "audit_broken"]
    last = subprocess.run([COUNTERSIGN, "audit", "export", "--data", daemon.data], capture_output=True, text=True).stdout.splitlines()[-1]
    assert json.loads(last)["action"] == "restore_store"
    assert daemon.client.post("/api-groups", {"name": "Works"}).status == 201, "the edge follows the restored store"


def test_the_edge_forgets_what_the_backup_does_not_know(daemon, tmp_path):
    """A key made after the backup is in the edge with the revision that the restore itself has: it must go all the same."""
    file = tmp_path / "backup.db"
    assert run("backup", "--data", daemon.data, "--to", file).returncode == 0
    app = daemon.client.made("/apps", {"name": "Later"})
    shown = run("edge", "show", "--data", daemon.data, "--kind", "key_pair").stdout
    assert app["app_key"] in shown
    daemon.stop()
    assert run("restore", "--data", daemon.data, "--from", file).returncode == 0
    daemon.start()
    assert daemon.client.post("/api-groups", {"name": "Follows"}).status == 201
    assert app["app_key"] not in run("edge", "show", "--data", daemon.data, "--kind", "key_pair").stdout


def test_what_is_no_good_backup_is_not_restored(daemon, tmp_path):
    file = tmp_path / "backup.db"
    daemon.client.made("/apps", {"name": "Kept"})
    assert run("backup", "--data", daemon.data, "--to", file).returncode == 0
    again = run("backup", "--data", daemon.data, "--to", file)
    assert again.returncode == 3 and "there already" in again.stderr
    daemon.stop()
    import sqlite3
    store = sqlite3.connect(file)
    store.execute("UPDATE audit SET actor_name = 'nobody'")
    store.commit()
    store.close()
    tampered = run("restore", "--data", daemon.data, "--from", file)
    assert tampered.returncode == 3 and "audit is not whole" in tampered.stderr
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"no database" * 1000)
    assert run("restore", "--data", daemon.data, "--from", garbage).returncode == 3
    assert run("restore", "--data", daemon.data, "--from", tmp_path / "none").returncode == 3
    daemon.start()
    assert "Kept" in names(daemon.client), "a refused restore leaves the store alone"


def test_what_root_makes_belongs_to_the_owner_of_the_folder(daemon, tmp_path):
    """As the packages have it: the daemon is no root, and the administrator who restores and changes keys is."""
    file, owner = tmp_path / "backup.db", 65534 if os.geteuid() == 0 else os.geteuid()
    assert run("backup", "--data", daemon.data, "--to", file).returncode == 0
    daemon.stop()
    for path in [daemon.data, *daemon.data.rglob("*")]:
        os.chown(path, owner, -1)
    assert run("restore", "--data", daemon.data, "--from", file).returncode == 0
    for key in ("store", "node"):
        assert run("admin", f"rotate-{key}-key", "--data", daemon.data, "--step", "prepare").returncode == 0
    found = {path.name: path.stat().st_uid for path in daemon.data.rglob("*")}
    assert {"store.db", "store.next.key", "node.next.key"} <= found.keys()
    assert set(found.values()) == {owner}, found
    daemon.start()


def test_a_backup_of_another_store_key_is_not_restored(daemon, tmp_path):
    file, keys = tmp_path / "backup.db", daemon.data / "keys"
    daemon.client.made("/apps", {"name": "Sealed"})
    assert run("backup", "--data", daemon.data, "--to", file).returncode == 0
    former = (keys / "store.key").read_bytes()
    assert run("admin", "rotate-store-key", "--data", daemon.data).returncode == 0
    daemon.client.made("/apps", {"name": "Later"})
    daemon.stop()
    refused = run("restore", "--data", daemon.data, "--from", file)
    assert refused.returncode == 3 and "opens none of its secrets" in refused.stderr, refused
    daemon.start()
    assert {"Sealed", "Later"} <= names(daemon.client), "a refused restore leaves the store alone"
    daemon.stop()
    (keys / "store.former.key").touch(0o600)
    (keys / "store.former.key").write_bytes(former)
    restored = run("restore", "--data", daemon.data, "--from", file)
    assert (restored.returncode, restored.stderr) == (0, ""), restored
    daemon.start()
    assert "Later" not in names(daemon.client)
    assert not [line for line in daemon.log_lines() if line["event"] == "credential_without_secret"]
    assert run("admin", "rotate-store-key", "--data", daemon.data, "--step", "retire").returncode == 0, "sealed anew, and the key goes"
    assert not (keys / "store.former.key").exists()


@pytest.mark.parametrize("words, says", [
    (["backup", "--to", "x"], "--data is missing"), (["backup", "--data", "x"], "--to is missing"), (["restore", "--data", "x"], "is missing"),
    (["restore", "--data", "x", "--from", "y", "--store", "z"], "embedded store"), (["backup", "--data", "x", "--to", "y", "z"], "further argument"),
])
def test_wrong_usage(words, says):
    ended = run(*words)
    assert ended.returncode == 2 and says in ended.stderr


def test_readiness_is_told_when_the_socket_answers(tmp_path):
    import socket
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(str(tmp_path / "notify"))
    notify.settimeout(30)
    data = tmp_path / "data"
    with subprocess.Popen([program("countersignd"), "--data", data], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")}) as daemon:
        assert notify.recv(100) == b"READY=1"
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(data / "countersignd.sock"))
        daemon.terminate()
        assert notify.recv(100) == b"STOPPING=1"
        assert daemon.wait(30) == 0


def test_the_unit_is_understood_by_systemd():
    from harness.tree import TREE
    unit = TREE / "packaging/systemd/countersignd.service"
    text = unit.read_text()
    assert "Type=notify\n" in text and "TimeoutStopSec=30" in text
    assert "StandardOutput=null\n" in text and "StandardError" not in text, "the first start prints secrets, and the journal is read by others"
    assert "StartLimitIntervalSec=0\n" in text and "RestartPreventExitStatus=2\n" in text, "a database may be late"
    assert "EnvironmentFile=-/etc/default/countersignd\n" in text and " $COUNTERSIGND_OPTIONS\n" in text
    named = re.findall(r'^#?COUNTERSIGND_OPTIONS="(.*)"$', (TREE / "packaging/debian/countersignd.default").read_text(), re.M)
    assert len(named) == 2 and named[1] == ""
    ended = subprocess.run([program("countersignd"), *named[0].split(), "--help"], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 0, ended.stderr
