"""Every SDK checks the same vectors, counts the same cases, and notices one corrupted byte."""
import json
import os
import re
import shutil
import subprocess

import pytest
import sdks

VECTORS = sdks.TREE / "vectors"


def cases(folder):
    """Counted here, by no SDK."""
    return sum(len(json.loads(path.read_text("utf-8"))["expect"]) for path in folder.glob("*/*/context.json"))


def test_every_vector_holds(language):
    passed, failed, problems = sdks.check_vectors(language, VECTORS)
    assert (passed, failed) == (cases(VECTORS), 0), problems[:10]
    assert passed > 1000


def flip(data, mark):
    """Another letter or digit behind `mark`."""
    at = data.index(mark) + len(mark)
    return data[:at] + (b"1" if data[at:at + 1] != b"1" else b"2") + data[at + 1:]


@pytest.mark.parametrize("file, mark", [
    ("hmac/post-json/signed-request.txt", b"Signature="),
    ("bce/signed-headers/signed-request.txt", b"X-Trace:  a  b"),
    ("aliyun-ca/form/string-to-sign.txt", b"item="),
])
def test_one_corrupted_byte_fails_one_case(language, tmp_path, file, mark):
    copy = tmp_path / "vectors"
    kind, behaviour, _ = file.split("/")
    # The folder that is changed, and one of every other type: what happens elsewhere is seen without copying it all.
    for folder in {f"{kind}/{behaviour}", *(f"{path.parent.name}/get" for path in VECTORS.glob("*/get"))}:
        shutil.copytree(VECTORS / folder, copy / folder)
    path = copy / file
    path.write_bytes(flip(path.read_bytes(), mark))
    passed, failed, problems = sdks.check_vectors(language, copy)
    assert (passed, failed) == (cases(copy) - 1, 1), problems
    assert problems[0].startswith(f"FAIL {kind}/{behaviour}/signed-request.txt: "), problems


def test_nothing_checked_is_no_success(language, tmp_path):
    done = subprocess.run([*map(str, language.vectors), str(tmp_path)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.splitlines()[-1], done.returncode) == ("0 passed, 0 failed", 1)


def test_every_refusal_is_among_the_vectors():
    """The error names of sdk/README.md and those that the vectors expect are the same."""
    table = (sdks.SDK / "README.md").read_text("utf-8").split("| code | when |")[1].split("\n\n")[0]
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", table, re.M))
    expected = {outcome for path in VECTORS.glob("*/*/context.json") for outcome in json.loads(path.read_text("utf-8"))["expect"].values()}
    assert documented == expected - {"accept", "signed"}


def run(*command, folder, **environment):
    """Standard output of a command that must succeed."""
    done = subprocess.run([*map(str, command)], cwd=sdks.SDK / folder, env={**os.environ, **environment}, capture_output=True, text=True,
                          timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("api", sdks.SERVLET_APIS, ids=lambda api: api.stem)
def test_java_s_own_checks_hold_with_both_servlet_apis(java, api):
    for check in ("Check", "FilterCheck"):
        assert re.fullmatch("[1-9][0-9]* passed, 0 failed\n", run(*java, "-cp", f"{sdks.OUTPUT / api.stem}:{api}", check, folder="java"))


def test_javascript_s_own_checks_hold():
    said = run("node", "--test", "adapters.test.js", folder="javascript")
    assert re.search("^# pass [1-9]", said, re.M) and re.search("^# fail 0$", said, re.M), said


def test_go_s_own_tests_hold_and_its_source_is_formatted():
    (sdks.OUTPUT / "go-cache").mkdir(parents=True, exist_ok=True)
    assert "ok" in run(sdks.GO, "test", "-count=1", ".", folder="go", **sdks.GO_ENVIRONMENT)
    assert run(str(sdks.GO).replace("bin/go", "bin/gofmt"), "-l", ".", folder="go") == ""
