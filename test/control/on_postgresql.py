"""What can be shown only with the store in another process; run by test_postgresql.py."""
import resource
import subprocess

from conftest import new_store
from harness.tree import program

EVERYTHING = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def test_stored_but_not_yet_effective(fresh):
    """The disk of the edge is full, so to say: the daemon may not write a byte to a file, while its store goes on."""
    client = fresh.client
    assert client.post("/api-groups", {"name": "Before"}).status == 201
    resource.prlimit(fresh.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    answer = client.post("/api-groups", {"name": "Waits"})
    assert (answer.status, answer.code, answer.message) == (503, "APIG.9998", "stored, not yet effective")
    assert client.get("/api-groups", name="Waits").json["total"] == 1, "stored, as it says"
    assert client.post("/envs", {"name": "NoEdge"}).status == 201, "what the edge does not hold does not wait for it"
    resource.prlimit(fresh.process.pid, resource.RLIMIT_FSIZE, EVERYTHING)
    # The publisher tries again by itself, with growing pauses; until then a call may still hear that it is not effective.
    answers = [client.post("/api-groups", {"name": f"Goes_{i}"}).status for i in range(100)]
    assert answers[-1] == 201 and set(answers) <= {201, 503}
    assert answers == sorted(answers, reverse=True), "once it goes, it goes"


def test_a_dump_restores_with_its_audit(fresh, tmp_path):
    """As docs/operate/backup.md has it: pg_dump, a new database, countersign restore."""
    for i in range(3):
        fresh.client.made("/apps", {"name": f"Dumped_{i}", "app_secret": f"secret-of-app-{i}"})
    dump = tmp_path / "dump.sql"
    subprocess.run(["pg_dump", "--file", dump, "--no-owner", fresh.store], check=True)
    fresh.client.made("/apps", {"name": "After_the_dump"})
    fresh.stop()
    store = new_store()
    subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", store, "-f", dump], check=True, capture_output=True)
    restored = subprocess.run([program("countersign"), "restore", "--data", fresh.data, "--store", store], capture_output=True, text=True)
    assert restored.returncode == 0, restored
    fresh.store = store
    fresh.start()
    assert {a["name"] for a in fresh.client.get("/apps").json["apps"]} == {f"Dumped_{i}" for i in range(3)}
    verified = subprocess.run([program("countersign"), "audit", "verify", "--data", fresh.data, "--store", store], capture_output=True, text=True)
    assert verified.returncode == 0, verified
    refused = subprocess.run([program("countersign"), "backup", "--data", fresh.data, "--store", store, "--to", tmp_path / "x"], capture_output=True, text=True)
    assert refused.returncode == 3 and "pg_dump" in refused.stderr
