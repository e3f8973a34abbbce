"""What the time of an answer could tell, counted under valgrind rather than timed (test/tools/secret_work.c)."""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build/bin/secret-work"


@pytest.fixture(scope="module", autouse=True)
def program():
    subprocess.run(["make", "-s", "build/bin/secret-work"], cwd=ROOT, check=True)


def under(tool, *words):
    return subprocess.run(["valgrind", *tool, PROGRAM, *words], capture_output=True, text=True, check=False)


def test_no_branch_hangs_on_the_bytes_that_are_compared():
    done = under(["-q", "--error-exitcode=9"], "compare")
    assert done.returncode == 0, done.stderr


def test_a_comparison_that_ends_early_would_be_seen():
    done = under(["-q", "--error-exitcode=9"], "stops")
    assert done.returncode == 9 and "depends on uninitialised value" in done.stderr


def instructions(scheme, key):
    done = under(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=admit_begin"], scheme, key)
    assert done.returncode == 0, done.stderr
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


@pytest.mark.parametrize("scheme", ["aliyun-ca", "sdk-hmac-sha256", "bce-auth-v1", "sdk-ecdsa-p256-sha256"])
def test_an_unknown_key_is_as_much_work_as_a_known_one(scheme):
    known, unknown = instructions(scheme, "known"), instructions(scheme, "unknown")
    assert known > 10000 and abs(known - unknown) < 0.03 * known
