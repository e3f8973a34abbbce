import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "harness"))

import native  # noqa: E402
import sdks  # noqa: E402

_built = set()
NATIVE = [sdks.Language(name, known.runner, known.sample, [known.build] if known.build else []) for name, known in native.LANGUAGES.items()]


def _built_once(language):
    if language.name not in _built:
        sdks.build(language)
        _built.add(language.name)
    return language


@pytest.fixture(params=sdks.LANGUAGES, ids=lambda language: language.name)
def language(request):
    """Python, JavaScript, Go and Java, each built once a run."""
    return _built_once(request.param)


@pytest.fixture(params=sdks.LANGUAGES + NATIVE, ids=lambda language: language.name)
def any_language(request):
    """These and the SDKs of native.py."""
    return _built_once(request.param)
