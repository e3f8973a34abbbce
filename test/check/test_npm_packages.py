"""tools/npm-packages.py finds what a lock file must not hold."""
import json
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOOD = {"version": "6.4.3", "integrity": "sha512-x"}
BAD = {
    "vite 6.4.2: GHSA-fx2h-pf6j-xcff (high)": {"version": "6.4.2"},
    "vite 7.3.4: GHSA-fx2h-pf6j-xcff (high)": {"version": "7.3.4"},
    "vite 8.0.15-beta.1: GHSA-fx2h-pf6j-xcff (high)": {"version": "8.0.15-beta.1"},
    "vite 6.4.3 has no digest": {"integrity": ""},
    "vite 6.4.3 asks for Node.js ^20.19.0 || >=22.12.0": {"engines": {"node": "^20.19.0 || >=22.12.0"}},
    "vite 6.4.3 names a host": {"resolved": "https://packages.example.com/vite.tgz"},
}


def check(tmp_path, entry, name="vite"):
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps({"packages": {"": {}, f"node_modules/a/node_modules/{name}": {**GOOD, **entry}}}))
    done = subprocess.run(["python3", "tools/npm-packages.py", str(lock)], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip()


@pytest.mark.parametrize("problem", BAD)
def test_what_is_wrong_is_found(tmp_path, problem):
    status, output = check(tmp_path, BAD[problem])
    assert status == 1 and f"{tmp_path}/package-lock.json: {problem}" in output.splitlines()


def test_what_is_right_passes(tmp_path):
    for entry, name in ((GOOD, "vite"), ({"version": "4.4.3"}, "debug"), ({"version": "2.1.4"}, "brace-expansion"),
                        ({"engines": {"node": "^18.0.0 || ^20.0.0 || >=22.0.0"}}, "vite"), ({"engines": {"node": ">= 0.8.0"}}, "vite")):
        assert check(tmp_path, entry, name) == (0, "")


def test_the_page_names_every_finding_that_stays():
    page = (ROOT / "docs/reference/npm-packages.md").read_text(encoding="utf-8")
    kept = [line.split()[1] for line in (ROOT / "packaging/npm-advisories.txt").read_text(encoding="utf-8").splitlines() if line.startswith("explained")]
    assert kept and all(advisory in page for advisory in kept)
