"""The vectors against what shares no code with the script that makes them: openssl, and values that the vendors published."""
import base64
import filecmp
import importlib.util
import json
import re
import subprocess
import sys

import pytest
import sdks

sys.path.insert(0, str(sdks.TREE / "tools/vectors"))

from signers import Aliyun, Bce  # noqa: E402
from texts import Request  # noqa: E402

VECTORS = sdks.TREE / "vectors"
CONTEXTS = sorted(VECTORS.glob("*/*/context.json"))


def context(path):
    return json.loads(path.read_text("utf-8"))


def header(path, name):
    head = path.read_bytes().split(b"\n\n", 1)[0].decode("latin-1")
    return re.search(rf"^{name}: (.*)$", head, re.M)[1]


def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *map(str, arguments)], input=data, capture_output=True, check=True).stdout


def test_the_committed_vectors_are_those_that_the_script_makes(tmp_path):
    specification = importlib.util.spec_from_file_location("make_vectors", sdks.TREE / "tools/make-vectors.py")
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    script.main(tmp_path)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.*") if path.is_file())
    kept = sorted(path.relative_to(VECTORS) for path in VECTORS.glob("*/*/*") if path.is_file())
    assert made == kept
    different = [str(path) for path in made if not filecmp.cmp(tmp_path / path, VECTORS / path, shallow=False)]
    assert different == []


def test_every_type_shows_every_behaviour():
    common = {"get", "post-json", "query-specials", "unicode-path", "root-path", "signed-headers", "two-live-keys", "retired-key", "strict"}
    for kind in ("hmac", "basic", "aes", "public_key", "bce", "aliyun"):
        shown = {path.parent.name for path in VECTORS.glob(f"{kind}/*/context.json")}
        assert common <= shown, (kind, common - shown)


def signature(folder):
    return re.search("Signature=([^,]+)$", header(folder / "signed-request.txt", "Authorization"))[1]


def key_of(folder):
    return context(folder / "context.json")["keys"][-1]


def signed_folders(kind):
    return [path.parent for path in CONTEXTS if path.parent.parent.name == kind]


@pytest.mark.parametrize("folder", signed_folders("hmac"), ids=lambda folder: folder.name)
def test_openssl_gives_the_same_hmac(folder):
    key = context(folder / "context.json")["keys"][-1]["secret"].encode().hex()
    text = (folder / "string-to-sign.txt").read_bytes()
    assert openssl("dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key}", "-r", data=text).decode().split()[0] == signature(folder)


@pytest.mark.parametrize("folder", signed_folders("aes"), ids=lambda folder: folder.name)
def test_openssl_gives_the_same_wrapped_mac(folder):
    key = key_of(folder)
    secret, vector = key["key"].encode().hex(), key["secret"].encode().hex()
    text = (folder / "string-to-sign.txt").read_bytes()
    mac = openssl("dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{secret}", "-binary", data=text)
    wrapped = openssl("enc", f"-{key['algorithm']}", "-K", secret, "-iv", vector, data=mac)
    assert text.startswith(f"SDK-{key['algorithm'].upper()}\n".encode())
    assert wrapped.hex() == signature(folder)


@pytest.mark.parametrize("folder", signed_folders("public_key"), ids=lambda folder: folder.name)
def test_openssl_verifies_the_signature(folder, tmp_path):
    (tmp_path / "key.pem").write_text(key_of(folder)["public_key"])
    proof = signature(folder)
    text = (folder / "string-to-sign.txt").read_bytes()
    rsa = text.startswith(b"SDK-RSA-SHA256\n")
    assert rsa or text.startswith(b"SDK-ECDSA-P256-SHA256\n")
    (tmp_path / "signature").write_bytes(base64.b64decode(proof) if rsa else bytes.fromhex(proof))
    verify = ("dgst", "-sha256", "-verify", tmp_path / "key.pem", "-signature", tmp_path / "signature")
    assert openssl(*verify, data=text) == b"Verified OK\n"
    with pytest.raises(subprocess.CalledProcessError):
        openssl(*verify, data=text + b"x")


@pytest.mark.parametrize("folder", signed_folders("bce") + signed_folders("bce-auth-v1"), ids=lambda folder: folder.name)
def test_openssl_gives_the_same_bce_signature(folder):
    known = context(folder / "context.json")
    name = "X-Bce-Gateway-Auth" if known["type"] == "bce" else "Authorization"
    prefix, _, rest = re.match("((?:[^/]*/){3}[^/]*)(/)(.*)", header(folder / "signed-request.txt", name)).groups()
    secret = (known.get("key") or known["keys"][-1])["secret"].encode().hex()

    def mac(key, text):
        return openssl("dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key}", "-r", data=text).decode().split()[0]
    assert mac(mac(secret, prefix.encode()).encode().hex(), (folder / "string-to-sign.txt").read_bytes()) == rest.rpartition("/")[2]


def test_the_vendor_s_own_backend_examples_come_out():
    """Values of the vendors: Alibaba's demonstration of a backend, and a request that Baidu's own verifier accepts."""
    form = ("Content-Type", "application/x-www-form-urlencoded")
    demo = Request("POST", "/demo/uri?QueryKey1=QueryValue1&QueryKey2=QueryValue2", [("HeaderKey1", "HeaderValue1"), ("HeaderKey2", "HeaderValue2"), form],
                   b"FormKey1=FormValue1&FormKey2=FormValue2")
    signed, _ = Aliyun().seal({"id": "DemoKey1", "secret": "DemoSecret1"}, demo, ["HeaderKey1", "HeaderKey2"])
    assert signed.get("X-Ca-Proxy-Signature") == "C7Lqfn8Spz0DxQTfUJq0NrkEbwNUuTNtC9p3SzRWgv0="

    orders = Request("POST", "/backend/orders", [("Host", "orders.internal"), ("Content-Type", "application/json"), ("Content-Length", "13")])
    key = {"id": "8c1f6f0e6d8e4f6bb1a4f3b8a7c2d9e0", "secret": "4f0d2c7e9b8a1635f0e1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a493827"}
    signed, _ = Bce().seal(key, orders, ["content-length", "content-type", "host"], 1700000000)
    assert signed.get("X-Bce-Gateway-Auth").endswith("/dddcfec9f68ed9883ff5541970c2eb8b1ea968ac6b684c6b3928397bc85d9495")


def test_huawei_s_own_verifier_accepted_these():
    """Requests signed by the vendor's signer and accepted by its verifier: the script's text for them is the vendor's."""
    cases = [json.loads(line) for line in (VECTORS / "cases/sdk-hmac.jsonl").read_text("utf-8").splitlines()]
    checked = [case for case in cases if case["id"].startswith("bk-")]
    assert len(checked) == 4
    for case in checked:
        folder = VECTORS / "sdk-hmac-sha256" / f"vendor-{case['id']}"
        proof = next(value for name, value in case["request"]["headers"] if name == "Authorization")
        assert header(folder / "signed-request.txt", "Authorization") == proof
        assert (folder / "canonical-request.txt").read_text("utf-8") == case["string_to_sign"]


def test_every_vendor_s_request_keeps_the_vendor_s_proof():
    """A vendor-… folder holds the proof that the vendor's signer made, byte for byte."""
    files = {"aliyun-ca": "aliyun-ca.jsonl", "sdk-hmac-sha256": "sdk-hmac.jsonl", "bce-auth-v1": "bce-auth-v1.jsonl"}
    count = 0
    for scheme, file in files.items():
        for line in (VECTORS / "cases" / file).read_text("utf-8").splitlines():
            case = json.loads(line)
            folder = VECTORS / scheme / f"vendor-{case['id']}"
            if folder.exists():
                proof = context(folder / "context.json")["proof"]
                ours = Request("", "", [line.split(": ", 1) for line in (folder / "signed-request.txt").read_bytes().split(b"\n\n")[0].decode("latin-1")
                                        .split("\n")[1:]]).get(proof)
                assert ours == next(value for name, value in case["request"]["headers"] if name.lower() == proof)
                count += 1
    assert count > 50
