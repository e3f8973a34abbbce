"""countersign verify --sign-type: what a backend makes of a request, against the vectors that every SDK checks."""
import json
import pathlib
import subprocess

import pytest

from harness.tree import program

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "vectors"
TYPES = ("hmac", "basic", "aes", "public_key", "bce", "aliyun")
# The command knows one key and no options; and a body that bce leaves open was not sent by the gateway. The others run in every SDK.
SHOWN = ("get", "form", "post-json", "strict", "window", "aes-256-cfb-get", "ecdsa-post-json")


def folders(kind):
    for folder in (VECTORS / kind / name for name in SHOWN if (VECTORS / kind / name).exists()):
        context = json.loads((folder / "context.json").read_text())
        if len(context["keys"]) == 1 and not context["options"] and "not_after" not in context["keys"][0]:
            yield folder, context


def options(key, tmp_path):
    found = ["--sign-type", key["type"], "--key", key["id"]]
    for member, option in (("secret", "--secret-file"), ("key", "--key-file"), ("public_key", "--key-file")):
        if member in key:
            (tmp_path / member).write_text(key[member] + "\n")
            found += [option, tmp_path / member]
    return found


def verify(key, tmp_path, now, request):
    command = [program("countersign"), "verify", *options(key, tmp_path), "--now", str(now), request]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("kind", TYPES)
def test_the_command_agrees_with_the_vectors(kind, tmp_path):
    cases = 0
    for folder, context in folders(kind):
        for name, expected in context["expect"].items():
            done = verify(context["keys"][0], tmp_path, context["now"], folder / name)
            wanted = (0, f"accepted: {kind}") if expected == "accept" else (1, "refused: ")
            assert done.returncode == wanted[0] and done.stdout.startswith(wanted[1]), (folder.name, name, expected, done)
            cases += 1
    assert cases >= 15, cases


def key_of(kind, folder="get"):
    return json.loads((VECTORS / kind / folder / "context.json").read_text())["keys"][0]


def signed(kind, folder="post-json"):
    return (VECTORS / kind / folder / "signed-request.txt").read_bytes()


NOW = "1700000000"


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_refused_is_named(kind, tmp_path):
    request = tmp_path / "request"
    request.write_bytes(signed(kind))
    key = key_of(kind, "post-json")
    assert f"\nkey: {key['id']}\n" in verify(key, tmp_path, NOW, request).stdout
    assert verify({**key, "id": "another"}, tmp_path, NOW, request).stdout.startswith("refused: key_unknown\n")
    if kind != "basic":
        assert verify(key, tmp_path, int(NOW) + 901, request).stdout.startswith("refused: date_expired\n")
        assert verify(key, tmp_path, int(NOW) - 901, request).stdout.startswith("refused: date_expired\n")
    if kind == "public_key":
        key = {**key, "public_key": (VECTORS / "keys/rsa-next-public.pem").read_text()}
    else:
        key = {**key, "secret": "another_secret_0" if kind == "aes" else "another_secret"}
    assert verify(key, tmp_path, NOW, request).stdout.startswith("refused: signature_mismatch\n")
    request.write_bytes(b"GET / HTTP/1.1\nHost: h\n\n")
    assert verify(key, tmp_path, NOW, request).stdout.startswith("refused: proof_missing\nfield: ")
    request.write_bytes(b"GET /%zz HTTP/1.1\n\n")
    assert "the request cannot be read" in verify(key, tmp_path, NOW, request).stdout


def test_another_type_of_key_is_told_from_a_wrong_one(tmp_path):
    request = tmp_path / "request"
    for written, kind in (("hmac", "aes"), ("aes", "hmac"), ("basic", "hmac"), ("hmac", "basic"), ("public_key", "aes")):
        request.write_bytes(signed(written))
        assert verify(key_of(kind), tmp_path, NOW, request).stdout == "refused: scheme_not_allowed\nfield: authorization\n"


def test_the_request_may_come_in_a_pipe_and_options_joined(tmp_path):
    (tmp_path / "secret").write_text(key_of("hmac")["secret"])
    command = [program("countersign"), "verify", "--sign-type=hmac", f"--key={key_of('hmac')['id']}", f"--secret-file={tmp_path}/secret", f"--now={NOW}"]
    assert subprocess.run(command, input=signed("hmac"), capture_output=True, timeout=30).stdout.startswith(b"accepted: hmac\n")
    one_line = "".join(line for line in (VECTORS / "keys/rsa-public.pem").read_text().split("\n") if not line.startswith("-----"))
    assert verify({**key_of("public_key"), "public_key": one_line}, tmp_path, NOW, VECTORS / "public_key/get/signed-request.txt").returncode == 0


@pytest.mark.parametrize("words, said", [
    (["--sign-type", "rsa"], "--sign-type is one of"),
    (["--sign-type"], "lacks its value"),
    (["--sign-type", "hmac"], "--key is missing"),
    (["--sign-type", "hmac", "--key", "k"], "--secret-file is missing"),
    (["--sign-type", "hmac", "--key", "k", "--secret-file", "F", "--now", "x"], "--now is no number"),
    (["--sign-type", "hmac", "--key", "k", "--secret", "x"], "an option is unknown"),
    (["--sign-type", "aes", "--key", "k", "--secret-file", "F"], "--key-file is missing: a file with the AES key"),
    (["--sign-type", "hmac", "--key", "k", "--secret-file", "F", "a", "b"], "one file"),
])
def test_wrong_usage_says_what_is_wrong(words, said):
    done = subprocess.run([program("countersign"), "verify", *words], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and said in done.stderr and "usage:" in done.stderr, done


@pytest.mark.parametrize("key, said", [
    ({"type": "aes", "id": "k", "key": "too_short", "secret": "0123456789abcdef"}, "the key of aes has 16 or 32 characters"),
    ({"type": "aes", "id": "k", "key": "0123456789abcdef", "secret": "too_short"}, "the vector of aes has 16 characters"),
    ({"type": "public_key", "id": "k", "public_key": "no key"}, "no RSA key of 2048 to 4096 bits, and none on P-256"),
    ({"type": "public_key", "id": "k", "public_key": "-----BEGIN PUBLIC KEY-----\nMIIB"}, "no RSA key"),
    ({"type": "hmac", "id": "k", "secret": ""}, "the secret file is empty"),
])
def test_files_that_hold_no_key_are_faults(key, said, tmp_path):
    done = verify(key, tmp_path, NOW, VECTORS / "hmac/get/signed-request.txt")
    assert done.returncode == 3 and said in done.stderr, done
