"""countersign check-vectors over the committed cases, and over copies with one fault."""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLI = ROOT / os.environ.get("BUILD", "build") / "bin" / "countersign"
CASES = ROOT / "vectors" / "cases"
SUPPORTED = ("aliyun-ca", "sdk-hmac-sha256", "sdk-hmac-sm3", "v11-hmac-sha256", "sdk-ecdsa-p256-sha256", "sdk-sm2-sm3", "bce-auth-v1",
             "app-secret", "app-basic", "app-token", "app-code", "api-key", "auth-token", "jwt")


def check(*files):
    return subprocess.run([CLI, "check-vectors", *map(str, files)], capture_output=True, text=True, timeout=60)


def cases(name):
    return [json.loads(line) for line in (CASES / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", ["aliyun-ca.jsonl", "sdk-hmac.jsonl", "sdk-ecdsa.jsonl", "bce-auth-v1.jsonl", "tampered.jsonl", "secrets.jsonl", "jwt.jsonl"])
def test_every_supported_case_passes(name):
    done = check(CASES / name)
    expected = sum(case["scheme"] in SUPPORTED for case in cases(name))
    assert done.stdout.splitlines()[-1] == f"{expected} passed, 0 failed", done.stdout
    assert done.returncode == 0
    assert expected > 30


def test_cases_of_other_schemes_are_counted_and_not_passed(tmp_path):
    others = [{**case, "scheme": "of-another-vendor"} for case in cases("sdk-hmac.jsonl")]
    done = check(write(tmp_path / "others.jsonl", others))
    assert len(others) > 0
    assert done.stdout.splitlines() == [f"{len(others)} of schemes not supported here: skipped", "0 passed, 0 failed"]


def write(path, items):
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["aliyun-ca.jsonl", "sdk-hmac.jsonl", "bce-auth-v1.jsonl"])
def test_one_corrupted_case_fails_and_is_named(tmp_path, name):
    items = cases(name)
    corrupted = next(item for item in items if item["scheme"] in SUPPORTED and item["expect"] == "accept")
    corrupted["secret"] += "x"
    done = check(write(tmp_path / name, items))
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[-1].endswith(" passed, 1 failed")
    assert sum(corrupted["id"] + ": expected to be accepted, refused as signature_mismatch" in line for line in lines) == 1


def test_a_token_that_is_judged_otherwise_fails(tmp_path):
    items = cases("jwt.jsonl")[:2]
    for item in items:
        item["expect"] = {"accept": "refuse", "refuse": "accept"}[item["expect"]]
    done = check(write(tmp_path / "jwt.jsonl", items))
    assert done.returncode == 1 and done.stdout.splitlines()[-1] == "0 passed, 2 failed"
    assert "expected to be refused, accepted" in done.stdout and "refused as signature_mismatch" in done.stdout


def test_a_wrong_text_fails_though_the_signature_holds(tmp_path):
    items = cases("aliyun-ca.jsonl")[:1]
    items[0]["string_to_sign"] += "x"
    done = check(write(tmp_path / "text.jsonl", items))
    assert "no form gives the expected string_to_sign" in done.stdout
    assert done.returncode == 1


def test_an_accepted_case_that_should_be_refused_fails(tmp_path):
    items = cases("sdk-hmac.jsonl")[:1]
    items[0]["expect"] = "refuse"
    done = check(write(tmp_path / "refuse.jsonl", items))
    assert "expected to be refused, accepted" in done.stdout
    assert done.stdout.splitlines()[-1] == "0 passed, 1 failed"


@pytest.mark.parametrize("member", ["id", "scheme", "key_id", "secret", "now", "expect", "request"])
def test_a_case_without_a_member_fails_and_names_it(tmp_path, member):
    items = cases("aliyun-ca.jsonl")[:1]
    del items[0][member]
    done = check(write(tmp_path / "missing.jsonl", items))
    assert done.returncode == 1
    assert f"see member {member}" in done.stdout


def test_no_json_is_a_failed_case(tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text("{]\n")
    done = check(path)
    assert done.stdout.splitlines()[-1] == "0 passed, 1 failed"


def test_a_file_that_is_not_there_is_a_fault(tmp_path):
    done = check(tmp_path / "none.jsonl")
    assert done.returncode == 3
    assert "none.jsonl" in done.stderr


def test_nothing_checked_is_not_a_pass(tmp_path):
    path = tmp_path / "empty.jsonl"
    path.write_text("")
    assert check(path).returncode == 1
    assert check().returncode == 2
