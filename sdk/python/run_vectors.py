#!/usr/bin/env python3
"""run_vectors.py FOLDER: checks every case of the vectors (vectors/README.md). Last line: "N passed, N failed"."""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from countersign import Key, Request, VerificationError, Verifier, sign_aliyun_ca, sign_bce, sign_sdk_hmac  # noqa: E402

SIGNERS = {"aliyun-ca": sign_aliyun_ca, "sdk-hmac-sha256": sign_sdk_hmac, "bce-auth-v1": sign_bce}


def read_request(path):
    head, body = path.read_bytes().split(b"\n\n", 1)
    lines = head.decode("latin-1").split("\n")
    method, target, _ = lines[0].split(" ")
    return Request(method, target, [line.split(":", 1) for line in lines[1:]], body)


def make_key(known):
    end = {"not_after": known.get("not_after")}
    if known["type"] == "aes":
        return Key.aes(known["id"], known["algorithm"], known["key"], known["secret"], **end)
    if known["type"] == "public_key":
        return Key.public_key(known["id"], known["public_key"], **end)
    return getattr(Key, known["type"])(known["id"], known["secret"], **end)


def check_texts(folder, result):
    for name, text in (("string-to-sign.txt", result.string_to_sign), ("canonical-request.txt", result.canonical_request)):
        if (folder / name).exists() and (folder / name).read_text("utf-8") != text:
            return f"another {name}"
    return ""


def proof_of(result, name):
    return next(value for key, value in result.headers if key.lower() == name)


def check_signing(folder, context, signed):
    """Of a client scheme, or of a type whose signature a client can make too."""
    key = context.get("key") or context["keys"][0]
    options = {"now": context["now"], "signed_headers": context["signed_headers"]}
    if context["type"] in SIGNERS:
        sign, name = SIGNERS[context["type"]], context["proof"]
    elif context["type"] == "hmac":
        sign, name = sign_sdk_hmac, "authorization"
    else:
        sign, name, options["header"] = sign_bce, "x-bce-gateway-auth", "X-Bce-Gateway-Auth"
    unsigned = read_request(folder / "request.txt")
    if context["type"] == "hmac":
        unsigned = unsigned.with_headers([("X-Sdk-Date", signed.value("x-sdk-date"))])
    result = sign(unsigned, key["id"], key["secret"], **options)
    if proof_of(result, name) != signed.value(name):
        return f"signed otherwise: {proof_of(result, name)}"
    return check_texts(folder, result)


def check(folder, context, name):
    request = read_request(folder / name)
    expected = context["expect"][name]
    if expected == "signed":
        return check_signing(folder, context, request)
    verifier = Verifier([make_key(known) for known in context["keys"]], clock=lambda: context["now"], **context["options"])
    try:
        result = verifier.verify(request)
    except VerificationError as refusal:
        return "" if refusal.code.value == expected else f"expected {expected}, got {refusal}"
    if expected != "accept":
        return f"expected {expected}, was accepted"
    if name != "signed-request.txt":
        return ""
    return check_texts(folder, result) or (check_signing(folder, context, request) if "signed_headers" in context else "")


def main(root):
    passed = failed = 0
    for path in sorted(Path(root).glob("*/*/context.json")):
        context = json.loads(path.read_text("utf-8"))
        for name in context["expect"]:
            try:
                problem = check(path.parent, context, name)
            except Exception as fault:  # a fault is a failed case, not the end
                problem = repr(fault)
            passed, failed = passed + (not problem), failed + bool(problem)
            if problem:
                print(f"FAIL {path.parent.relative_to(root)}/{name}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
