import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "harness")]

from failures import pytest_runtest_makereport  # noqa: E402, F401
