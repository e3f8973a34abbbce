"""The command lines of the documentation, run as they are written: only places are put in (the data directory, the folder of backups), and, where a
page relies on a profile, --data instead of it."""
import json
import os
import re
import subprocess

import pytest

from harness.management import Daemon
from harness.tree import BUILD, TREE

PAGES = {"docs/reference/cli.md": 9, "docs/operate/backup.md": 2}
CONSUMERS = '{"name":"imported_1","api_key":{}}\n{"name":"imported_2","hmac":{}}\n'


def lines_of(page):
    """The lines of the fenced blocks that call us."""
    blocks = re.findall(r"^```\n(.*?)^```$", (TREE / page).read_text(), re.S | re.M)
    return [line for block in blocks for line in block.splitlines() if line.startswith("countersign ")]


@pytest.fixture
def daemon(tmp_path):
    daemon = Daemon(tmp_path / "data").start()
    yield daemon
    daemon.stop()


def run(line, daemon, folder):
    line = line.replace("/var/lib/countersign", str(daemon.data)).replace("/backup/", f"{folder}/")
    if "--data" not in line and "help" not in line:
        line += f" --data {daemon.data}"
    stopped = " restore " in line
    if stopped:
        daemon.stop()
    ended = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True,
                           env={**os.environ, "PATH": f"{BUILD / 'bin'}:{os.environ['PATH']}"})
    if stopped:
        daemon.start()
    return ended


@pytest.mark.parametrize("page", PAGES)
def test_the_lines_of_a_page_run_in_order(page, daemon, tmp_path):
    (tmp_path / "consumers.ndjson").write_text(CONSUMERS)
    lines = [line for line in lines_of(page) if "postgresql:" not in line]
    assert len(lines) == PAGES[page]
    for line in lines:
        ended = run(line, daemon, tmp_path)
        assert ended.returncode == 0, (line, ended)
    assert daemon.client.get("/apps").status == 200


def test_what_the_pages_promise_came_out(daemon, tmp_path):
    (tmp_path / "consumers.ndjson").write_text(CONSUMERS)
    for line in lines_of("docs/reference/cli.md"):
        run(line, daemon, tmp_path)
    assert [json.loads(line)["name"] for line in (tmp_path / "results.ndjson").read_text().splitlines()] == ["imported_1", "imported_2"]
    assert [group["name"] for group in json.loads((tmp_path / "gateway.json").read_text())["api_groups"]] == ["shop"]


def test_the_table_of_log_events_names_all_of_them():
    calls = r'(?:log_event|log_problem|picture_skipped)\(([^;]*);'
    written = "\n".join(path.read_text() for path in (TREE / "src/control").glob("*.c") if path.name != "log.c")
    events = {word for call in re.findall(calls, written) for word in re.findall(r'"([a-z]+(?:_[a-z]+)*)"', call)} | {"call", "call_problem"}
    table = re.findall(r"^\| (`[a-z_`, ]+`) \|", (TREE / "docs/operate/daemon.md").read_text().partition("| `event` |")[2], re.M)
    assert events - {"id", "problem"} == {name for row in table for name in re.findall(r"[a-z_]+", row)}
