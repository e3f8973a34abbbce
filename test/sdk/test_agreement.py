"""Requests with random changes: every language gives the same outcome, word for word. A standard library that reads something more leniently
than the others shows here, be it a date, base64, an escape or a blank."""
import importlib.util
import json
import random

import pytest
import sdks

VECTORS = sdks.TREE / "vectors"
CHANGES_PER_REQUEST = 25
BITS = [b"%", b"%2F", b"%zz", b"%00", b"+", b"&", b"=", b"==", b"/", b"//", b";", b",", b".", b"..", b" ", b"\t", b":", b"?", b"#", b"-", b"0", b"1", b"A",
        b"f", b"Z", b'"', b"\\", b"\x01", b"\x0b", b"\x0c", b"\x1c", b"\x7f", b"\x85", b"\xa0", b"\xc3\xa9", b"\xff", b"a=1&a=2", b"authorization=1&",
        b"Host: x\n", b"X-Sdk-Date: 20231114T221320Z\n", b"X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD\n",
        b"Content-Type: application/x-www-form-urlencoded\n"]


def load(path):
    specification = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def repeat_line(head, chance):
    lines = head.split(b"\n")
    line = chance.choice(lines[1:])
    return b"\n".join([*lines, chance.choice([line, line.lower(), line.upper(), line.replace(b"-", b"_")])])


def change_once(head, chance):
    at, bit, kind = chance.randrange(len(head)), chance.choice(BITS), chance.randrange(5)
    if kind == 0:
        return head[:at] + bit + head[at + 1:]
    if kind == 1:
        return head[:at] + bit + head[at:]
    if kind == 2:
        return head[:at] + head[at + chance.randrange(1, 6):]
    if kind == 3:
        return head[:at] + bytes([head[at] ^ 1 << chance.randrange(8)]) + head[at + 1:]
    return repeat_line(head, chance)


def is_request(head):
    """What a server would hand over at all."""
    first, *rest = head.split(b"\n")
    return first.count(b" ") == 2 and first.endswith(b" HTTP/1.1") and all(b":" in line and not set(line) & set(b"\r\0") for line in rest) and rest


def changed_requests(data, chance):
    head, body = data.split(b"\n\n", 1)
    for _ in range(CHANGES_PER_REQUEST):
        changed = head
        for _ in range(chance.choice([0, 1, 1, 1, 1, 2, 3])):
            changed = change_once(changed, chance)
        if is_request(changed) and b"\n\n" not in changed:
            yield changed + b"\n\n" + (body + b"x" if changed == head or chance.randrange(8) == 0 else body)


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """A folder like vectors/, whose outcomes are those of the SDK for Python."""
    python, root, chance = load(sdks.SDK / "python/run_vectors.py"), tmp_path_factory.mktemp("changed"), random.Random(20231114)
    for path in sorted(VECTORS.glob("*/*/signed*.txt")):
        context = json.loads((path.parent / "context.json").read_text("utf-8"))
        if context["expect"][path.name] != "accept":
            continue
        folder = root / context["type"] / f"{path.parent.name}-{path.stem}"
        folder.mkdir(parents=True)
        verifier = python.Verifier([python.make_key(known) for known in context["keys"]], clock=lambda context=context: context["now"],
                                   **context["options"])
        context["expect"] = {}
        for number, data in enumerate(changed_requests(path.read_bytes(), chance)):
            name = f"changed-{number}.txt"
            (folder / name).write_bytes(data)
            try:
                verifier.verify(python.read_request(folder / name))
                context["expect"][name] = "accept"
            except python.VerificationError as refusal:
                context["expect"][name] = refusal.code.value
        (folder / "context.json").write_text(json.dumps(context), encoding="utf-8")
    return root


def test_all_languages_agree(language, changed):
    passed, failed, problems = sdks.check_vectors(language, changed)
    assert failed == 0, problems[:10]
    assert passed > 2000
    outcomes = {outcome for path in changed.glob("*/*/context.json") for outcome in json.loads(path.read_text("utf-8"))["expect"].values()}
    assert len(outcomes) == 9, outcomes
