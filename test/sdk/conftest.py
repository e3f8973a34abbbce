import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "harness"))

import sdks  # noqa: E402

_built = set()


@pytest.fixture(params=sdks.LANGUAGES, ids=lambda language: language.name)
def language(request):
    """Each is built once a run."""
    if request.param.name not in _built:
        sdks.build(request.param)
        _built.add(request.param.name)
    return request.param
