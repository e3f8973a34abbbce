import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "harness")]

import sdks  # noqa: E402

_built = set()


def built_once(language):
    if language.name not in _built:
        sdks.build(language)
        _built.add(language.name)
    return language


@pytest.fixture(params=sdks.LANGUAGES, ids=lambda language: language.name)
def language(request):
    """Each is built once a run."""
    return built_once(request.param)


@pytest.fixture
def java():
    """The command java; the SDK for it is built with each servlet API."""
    built_once(next(language for language in sdks.LANGUAGES if language.name == "java"))
    return sdks.JAVA
