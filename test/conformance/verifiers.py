"""What the vendors give to backends for checking a gateway's signature, behind one function each: accepts(key, requests) → a list of bool.

`huawei` and `baidu` run the vendors' code, installed by name (Huawei's signer.py as somebody else's package carries it). Alibaba's is in no
registry, so alibaba_backend.pl follows its steps."""
import hashlib
import re
import subprocess
from pathlib import Path

from harness.tree import TREE
from huawei_api_sdk.signature.signer import HttpRequest, Signer

HERE = Path(__file__).parent
PACKAGES = TREE / "build/java-packages"
PROOF = re.compile(r"SDK-HMAC-SHA256\s+Access=([^,]+),\s?SignedHeaders=([^,]+),\s?Signature=(\w+)")


class Seen:
    """A request as it reached the backend. Header names are in lower case, since HTTP does not tell cases apart; each is there once."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body

    @classmethod
    def of(cls, received):
        headers = {name.lower(): value for name, value in received.fields}
        assert len(headers) == len(received.fields), received.fields
        return cls(received.method, received.target, headers, received.body)

    def changed(self, **change):
        return Seen(**{**vars(self), **change})

    def line(self):
        return "\t".join([self.method, self.target, self.body.hex(), *(part for pair in self.headers.items() for part in pair)]) + "\n"


def huawei(key, requests):
    """The vendor's signer.py, as the steps of its sample for Flask call it: Signer.Verify over the headers that are listed."""
    return [huawei_accepts(key, seen) for seen in requests]


def huawei_accepts(key, seen):
    proof = PROOF.search(seen.headers.get("authorization", ""))
    if proof is None or proof[1] != key["sign_key"] or not set(proof[2].split(";")) <= set(seen.headers):
        return False
    headers = {name: seen.headers[name] for name in proof[2].split(";")}
    body = "" if headers.get("x-sdk-content-sha256") == "UNSIGNED-PAYLOAD" else seen.body.decode("utf-8", "surrogateescape")
    try:
        return Signer(key["sign_key"], key["sign_secret"]).Verify(HttpRequest(seen.method, seen.target, headers, body), proof[3])
    except ValueError:  # no date, no text
        return False


def told(command, requests):
    done = subprocess.run(list(map(str, command)), input="".join(seen.line() for seen in requests), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    answers = done.stdout.splitlines()
    assert len(answers) == len(requests) and set(answers) <= {"accepted", "refused"}, done.stdout[:500]
    return [answer == "accepted" for answer in answers]


def baidu(key, requests):
    """com.baidubce.auth.Signature. It looks at no body: the digest that it finds signed is the backend's to compare."""
    program = ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{PACKAGES}/*", HERE / "java/BaiduVerifier.java"]
    held = told([*program, key["sign_key"], key["sign_secret"]], requests)
    return [accepted and seen.headers.get("x-bce-content-sha256", hashlib.sha256().hexdigest()) == hashlib.sha256(seen.body).hexdigest()
            for accepted, seen in zip(held, requests)]


def alibaba(key, requests):
    right = [seen.headers.get("x-ca-proxy-signature-secret-key") == key["sign_key"] for seen in requests]
    return [accepted and known for accepted, known in zip(told(["perl", HERE / "alibaba_backend.pl", key["sign_secret"]], requests), right)]
