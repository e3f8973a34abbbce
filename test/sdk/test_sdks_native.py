"""The SDKs of C, C++, C# and PHP: all cases of the vectors, what a damaged vector does, and their sample backends."""
import json
import re
import shutil
import socket
import sys
import time

import pytest

from native import LANGUAGES, TREE, VECTORS, Sample, Served, run_vectors

sys.path.insert(0, str(TREE / "tools/vectors"))

import behaviours  # noqa: E402
import signers  # noqa: E402
import texts  # noqa: E402

KEYS = TREE / "vectors/keys"
SIGNERS = {signer.type: signer for signer in signers.ALL}
PROOFS = {"bce": "x-bce-gateway-auth", "aliyun": "x-ca-proxy-signature", "aliyun-ca": "x-ca-signature"}


def keys():
    """name → key of every type and algorithm"""
    made = {kind: behaviours.keys_of(kind, KEYS)[0] for kind in SIGNERS}
    return {**made, "aes_256": behaviours.AES_256, "ecdsa": behaviours.public_key(KEYS, "ecdsa", "ecdsa", "70a1b3f8e5d4c6293a6f4e3d22bb00aa")}


@pytest.fixture(scope="module", params=sorted(LANGUAGES))
def language(request):
    made = LANGUAGES[request.param]
    made.prepare()
    return made


def all_cases():
    return sum(len(json.loads(path.read_text("utf-8"))["expect"]) for path in VECTORS.glob("*/*/context.json"))


def test_every_case_of_the_vectors_passes(language):
    failed, last, status = run_vectors(language, VECTORS)
    assert failed == [] and last == f"{all_cases()} passed, 0 failed" and status == 0


def damage(folder):
    """Turns one letter or digit of the proof in the folder's signed request."""
    kind, file = folder.parent.name, folder / "signed-request.txt"
    data = file.read_bytes()
    line = re.search(rb"(?im)^%s: .*?([0-9A-Za-z])[=]*$" % PROOFS.get(kind, "authorization").encode(), data)
    place = line.start(1)
    file.write_bytes(data[:place] + (b"b" if data[place:place + 1] == b"a" else b"a") + data[place + 1:])
    return f"{kind}/{folder.name}/{file.name}"


def test_one_changed_byte_in_a_vector_fails_exactly_its_case(language, tmp_path):
    damaged = set()
    for kind in sorted(path.parent.parent.name for path in VECTORS.glob("*/get/context.json")):
        shutil.copytree(VECTORS / kind, tmp_path / kind)
        damaged.add(damage(tmp_path / kind / "get"))
    failed, last, status = run_vectors(language, tmp_path)
    assert {line.split()[1].rstrip(":") for line in failed} == damaged and len(failed) == len(damaged) == 9
    assert last == f"{all_cases() - 9} passed, 9 failed" and status == 1


def test_a_changed_text_fails_exactly_its_case(language, tmp_path):
    shutil.copytree(VECTORS / "hmac/get", tmp_path / "hmac/get")
    text = tmp_path / "hmac/get/string-to-sign.txt"
    text.write_bytes(text.read_bytes()[:-1] + b"g")
    failed, _, status = run_vectors(language, tmp_path)
    assert [line.split()[1] for line in failed] == ["hmac/get/signed-request.txt:"] and status == 1


def test_a_runner_without_cases_fails(language, tmp_path):
    assert run_vectors(language, tmp_path) == ([], "0 passed, 0 failed", 1)


def exchange(port, request):
    """(status, answer) of the request, sent byte for byte."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request.text().replace(b"\n", b"\r\n", len(request.headers) + 2))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, body = answer.split(b"\r\n\r\n", 1)
    return int(head.split()[1]), json.loads(body)


def countersigned(key, method="POST"):
    body = b'{"n":1}\n\n\x00\xff' if method == "POST" else b""
    headers = [("Host", "backend.example"), ("X-Countersign-App", "app-1"), ("X-Request-Id", "r1"), ("Connection", "close")]
    if body:
        headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    unsigned = texts.Request(method, "/caf%C3%A9/a%20b?x=1%2F2&b", headers, body)
    return SIGNERS[key["type"]].sign(key, unsigned, int(time.time()))[0]


@pytest.mark.parametrize("name", sorted(keys()))
def test_the_sample_believes_the_gateway_and_nobody_else(language, name):
    key = keys()[name]
    with Sample(language.sample, key) as port:
        for method in ("GET", "POST"):
            signed = countersigned(key, method)
            status, answer = exchange(port, signed)
            assert (status, answer) == (200, {"verified": True, "type": key["type"], "key_id": key["id"], "caller": "app-1", "method": method,
                                              "target": signed.target, "body_bytes": len(signed.body)})
            proof = SIGNERS[key["type"]].proof
            assert exchange(port, signed.drop(proof)) == (401, {"error": "missing"})
            if key["type"] != "basic":
                changed = signed.copy(target=signed.target + "1")
                assert exchange(port, changed) == (401, {"error": "signature_mismatch"})
        wrong = {**key, "secret": "another vector 1" if key["type"] == "aes" else "another secret"}
        if key["type"] != "public_key":
            assert exchange(port, countersigned(wrong)) == (401, {"error": "signature_mismatch"})


def test_the_sample_refuses_to_start_without_a_key(language):
    with pytest.raises(AssertionError):
        with Sample(language.sample, {"type": "hmac", "id": "signature_key1", "secret": ""}):
            pass


def test_a_page_of_php_verifies_what_its_server_hands_over():
    """fromGlobals, which the sample uses when it does not run by itself."""
    key = keys()["hmac"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Served(["php", "-q", "-S", f"127.0.0.1:{port}", str(TREE / "sdk/php/sample.php")], key, port):
        signed = countersigned(key)
        assert exchange(port, signed)[0] == 200
        assert exchange(port, signed.copy(body=signed.body[:-1] + b"!")) == (401, {"error": "signature_mismatch"})
