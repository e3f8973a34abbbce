"""docs/reference/security-cases.md names tests that exist."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reference/security-cases.md").read_text(encoding="utf-8")


def exists(path, name):
    text = (ROOT / path).read_text(encoding="utf-8")
    mark = rf"^def {name}\(" if path.endswith(".py") else rf"cmocka_unit_test(_setup|_setup_teardown)?\({name}\b"
    return re.search(mark, text, re.M) is not None


def test_every_named_test_exists():
    named = re.findall(r"`(test/[^`:]+)::([^`]+)`", PAGE)
    assert len(named) > 50
    assert [f"{path}::{name}" for path, name in named if not exists(path, name)] == []


def test_every_case_has_a_test_or_a_reason():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| case")]
    assert len(rows) > 30
    assert [row for row in rows if "::" not in row and "cannot apply: " not in row] == []
