"""Bulk import: a line of JSON in, a line of JSON out; bad lines stand or fall alone."""
import json
import subprocess

import pytest

from harness.management import Daemon
from harness.tree import program

COUNTERSIGN = program("countersign")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    daemon = Daemon(tmp_path_factory.mktemp("import") / "data").start()
    yield daemon
    daemon.stop()


def bring(daemon, lines, file="-"):
    ended = subprocess.run([COUNTERSIGN, "import", file, "--data", str(daemon.data)], input="".join(line + "\n" for line in lines),
                           capture_output=True, text=True)
    return ended, [json.loads(line) for line in ended.stdout.splitlines()]


def test_each_line_has_its_result(daemon):
    client = daemon.client
    client.made("/consumers", {"name": "there_already", "api_key": {"generate_mode": "CUSTOM", "value": "taken-key-1"}})
    ended, results = bring(daemon, [
        '{"name":"good_1","api_key":{}}',
        '{"name":"x"}',
        'no JSON',
        '{"name":"there_already"}',
        '{"name":"loses","api_key":{"generate_mode":"CUSTOM","value":"taken-key-1"}}',
        '{"name":"good_2","api_key":{"generate_mode":"CUSTOM","value":"own-key-22","source":"HEADER","name":"X-Key"},"description":"last"}',
        '{"name":"good_3","hmac":{}}',
    ])
    assert ended.returncode == 1 and "3 imported, 4 refused" in ended.stderr, ended
    assert [r["line"] for r in results] == [1, 2, 3, 4, 5, 6, 7]
    assert [r.get("error_code") for r in results] == [None, "APIG.2012", "APIG.2000", "APIG.3911", "APIG.3912", None, None]
    assert len(results[0]["credentials"][0]["value"]) >= 32 and results[5]["credentials"][0]["value"] == "own-key-22"
    assert {c["name"] for c in client.get("/consumers", limit=500).json["consumers"]} == {"there_already", "good_1", "good_2", "good_3"}
    actions = [a["action"] for a in client.get("/audits", action="import_consumers", limit=500).json["audits"]]
    assert len(actions) == 6, "a row for each consumer and each credential that is there, none for what was taken back"
    assert subprocess.run([COUNTERSIGN, "audit", "verify", "--data", daemon.data]).returncode == 0
    shown = subprocess.run([COUNTERSIGN, "edge", "show", "--data", daemon.data, "--kind", "api_key"], capture_output=True, text=True).stdout
    assert shown.count("\n") == 3, "effective when it was answered"


def test_more_lines_than_a_call_takes(daemon, tmp_path):
    file = tmp_path / "consumers.ndjson"
    file.write_text("".join(f'{{"name":"many_{i}","api_key":{{}}}}\n' for i in range(3500)))
    ended, results = bring(daemon, [], str(file))
    assert ended.returncode == 0 and "3500 imported, 0 refused" in ended.stderr, ended
    assert [(r["line"], r["name"]) for r in results] == [(i + 1, f"many_{i}") for i in range(3500)]
    assert daemon.client.get("/consumers", name="many_").json["total"] == 3500
    again, results = bring(daemon, [], str(file))
    assert again.returncode == 1 and {r["error_code"] for r in results} == {"APIG.3911"}


def test_what_cannot_be_sent(daemon, tmp_path):
    assert bring(daemon, [], str(tmp_path / "none"))[0].returncode == 3
    assert bring(daemon, [])[0].returncode == 0, "nothing to do"
    ended = subprocess.run([COUNTERSIGN, "import", "-", "--data", tmp_path], input="{}\n", capture_output=True, text=True)
    assert ended.returncode == 3 and "admin.json" in ended.stderr
    assert subprocess.run([COUNTERSIGN, "import"], capture_output=True).returncode == 2
    assert subprocess.run([COUNTERSIGN, "import", "a", "b"], capture_output=True).returncode == 2
    answer = daemon.client.post("/consumers/import", {"lines": ["{}"] * 1001})
    assert (answer.status, answer.code) == (400, "APIG.2012")
