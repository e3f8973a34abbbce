"""The resources again with PostgreSQL as their store: a private server, a database for each daemon."""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# What is about the data directory and the embedded store itself stays out.
EMBEDDED = {"test_postgresql.py", "test_daemon.py", "test_authentication.py"}


def test_the_suite_on_postgresql():
    files = sorted(str(file) for file in HERE.glob("test_*.py") if file.name not in EMBEDDED)
    assert len(files) > 5
    files.append(str(HERE / "on_postgresql.py"))
    ended = subprocess.run([HERE.parents[1] / "tools/with-postgres.sh", sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider",
                            *files], capture_output=True, text=True, timeout=600, env=dict(os.environ))
    assert ended.returncode == 0, ended.stdout + ended.stderr
