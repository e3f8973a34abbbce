"""Two nodes on one PostgreSQL server of their own."""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def test_two_nodes_on_postgresql():
    ended = subprocess.run([HERE.parents[1] / "tools/with-postgres.sh", sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider",
                            HERE / "two_nodes.py"], capture_output=True, text=True, timeout=300, env=dict(os.environ))
    assert ended.returncode == 0 and "4 passed" in ended.stdout, ended.stdout + ended.stderr
