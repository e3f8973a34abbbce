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


def table_of(name, start):
    """{refusal: what stands in the table}, with texts in several pieces joined."""
    source = re.sub(r'"\s*\n\s*"', "", (ROOT / "src/admit" / name).read_text(encoding="utf-8"))
    table = source[source.index(start) + len(start):]
    found = re.findall(r"\[REFUSAL_(\w+)\] = (.*?),\n(?=    \[|\};)", table[:table.index("\n};") + 3], re.S)
    return {word.lower(): text for word, text in found if word != "NONE"}


def words_of_apps(text):
    """(status and code, text), of APIs that apps call; "…" as the page has it."""
    made = re.match(r'\{(PROOF)\("(.*)"\)|\{REQUEST\((\d+), "(.*)"\)|\{\{(\d+), "([\w.]+)",\s*(APP )?"([^"]*)"', text)
    proof, said, status, request, plain, code, of_app, words = made.groups()
    if proof:
        return "401 APIG.0303", f"… {said}"
    return (f"{status} APIG.0201", request) if status else (f"{plain} {code}", "… " * bool(of_app) + words)


def words_of_ca(text):
    status, code, said, bad_key = re.match(r'\{(\d+), "(\w+)",\s+"(.*)"\}|BAD_KEY\("(.*)"\)', text).groups()[:4]
    return (f"{status} {code}", said) if status else ("400 A400IK", f"Invalid AppKey{bad_key}")


def words_of_bce(text):
    status, code, said, macro, words = re.match(r'\{(\d+), "(\w+)",\s+"(.*)"\}|(\w+)\("(.*)"\)', text).groups()
    if macro == "INVALID":
        return "400 SignatureInvalid", f"Signature is invalid: {words}"
    return (f"{status} {code}", said) if status else ("400 SignatureAppInvalid", f"Signature is invalid: App authorization failed{words}.")


def test_rows_are_what_the_source_says():
    page = rows()
    apps = {word: words_of_apps(text) for word, text in table_of("answer_apig.c", "words[REFUSAL_COUNT][2]").items()}
    others = {word: words_of_ca(text) for word, text in table_of("answer_ca.c", "words[REFUSAL_COUNT]").items()}
    thirds = {word: words_of_bce(text) for word, text in table_of("answer_bce.c", "words[REFUSAL_COUNT]").items()}
    assert apps.keys() == others.keys() == thirds.keys() == page.keys()
    for word, cells in page.items():
        status, said, other_status, other_said, third_status, third_said = (cell.strip() for cell in cells[:6])
        assert (status, said.partition(" (APIs of type")[0]) == apps[word], word
        assert (other_status, other_said) == others[word], word
        assert (third_status, third_said) == thirds[word], word
