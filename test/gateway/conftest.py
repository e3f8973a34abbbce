import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "harness"))

from failures import pytest_runtest_makereport  # noqa: E402, F401
from scene import Scene  # noqa: E402


@pytest.fixture(scope="session")
def shared():
    """One gateway for all tests that only ask it questions."""
    scene = Scene(workers=2)
    yield scene
    scene.close()


@pytest.fixture
def gateway(shared):
    shared.backend.take()
    return shared


@pytest.fixture
def make_scene():
    """A gateway of the test's own, for tests that change something: make_scene(location="…")."""
    made = []

    def make(**settings):
        made.append(Scene(**settings))
        return made[-1]
    yield make
    for scene in made:
        scene.close()
