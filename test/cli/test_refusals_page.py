"""docs/reference/refusals.md has a row for every refusal, with the codes of the tables in the source."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def rows():
    page = (ROOT / "docs/reference/refusals.md").read_text(encoding="utf-8")
    return {cells[0].strip(" `"): cells[1:] for cells in (line.strip("|").split("|") for line in page.splitlines() if line.startswith("| `"))}


def test_every_word_has_a_row_and_no_row_is_left_over():
    source = (ROOT / "src/scheme/refusal.c").read_text(encoding="utf-8")
    words = set(re.findall(r'\[REFUSAL_\w+\] = "(\w+)"', source))
    assert len(words) > 25
    assert set(rows()) == words


def test_codes_are_those_of_the_source():
    source = (ROOT / "src/admit/answer_ca.c").read_text(encoding="utf-8")
    table = dict(re.findall(r'\[REFUSAL_(\w+)\] = \{(\d+, "\w+)"', source))
    assert len(table) > 20
    for name, value in table.items():
        if name == "NONE":
            continue
        status, code = value.replace('"', "").split(", ")
        assert rows()[name.lower()][2].split() == [status, code], name
