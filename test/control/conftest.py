import itertools
import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.management import Daemon  # noqa: E402

# Set by test_postgresql.py, which runs the suite again on a server of its own; absent: each daemon has its embedded store.
POSTGRES = os.environ.get("COUNTERSIGN_TEST_POSTGRES")
numbers = itertools.count()


def new_store():
    """The URL of an empty database of its own, or None for the embedded store."""
    if POSTGRES is None:
        return None
    name = f"control_{next(numbers)}"
    subprocess.run(["psql", "-q", "-h", POSTGRES, "-U", "countersign", "-c", f"CREATE DATABASE {name}"], check=True)
    return f"postgresql:///{name}?host={POSTGRES}&user=countersign"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    """One daemon for the tests of a file: they name what they make, and leave the rest alone."""
    daemon = Daemon(tmp_path_factory.mktemp("daemon") / "data", new_store()).start()
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def client(daemon):
    return daemon.client


@pytest.fixture
def fresh(tmp_path):
    """A daemon of its own, for tests that stop it, kill it or count everything."""
    daemon = Daemon(tmp_path / "data", new_store()).start()
    yield daemon
    daemon.stop()
