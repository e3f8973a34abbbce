import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.management import Daemon  # noqa: E402


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    """One daemon for the tests of a file: they name what they make, and leave the rest alone."""
    daemon = Daemon(tmp_path_factory.mktemp("daemon") / "data").start()
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def client(daemon):
    return daemon.client


@pytest.fixture
def fresh(tmp_path):
    """A daemon of its own, for tests that stop it, kill it or count everything."""
    daemon = Daemon(tmp_path / "data").start()
    yield daemon
    daemon.stop()
