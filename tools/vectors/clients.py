"""Folders for client signing: the vendors' own cases (vectors/cases) that the documented form reproduces, and requests of our own."""
import base64
import json
import re

import samples
import texts
from texts import Request

SCHEMES = ("aliyun-ca", "sdk-hmac-sha256", "bce-auth-v1")
FILES = {"aliyun-ca": "aliyun-ca.jsonl", "sdk-hmac-sha256": "sdk-hmac.jsonl", "bce-auth-v1": "bce-auth-v1.jsonl"}
CA_OWN = {"x-ca-key", "x-ca-timestamp", "x-ca-nonce"}


def sign_ca(request, key, secret, _now, names):
    """The request must hold X-Ca-Timestamp and X-Ca-Nonce, which a signer keeps."""
    keyed = request if "accept" in request.names() else request.put("Accept", "*/*")
    keyed = keyed.put("X-Ca-Key", key)
    if request.body and not request.is_form() and "content-md5" not in request.names():
        keyed = keyed.put("Content-MD5", texts.content_md5(request.body))
    listed = sorted(CA_OWN | set(names))
    text = texts.ca_text(keyed, listed)
    proof = texts.base64_hmac(secret, text)
    return keyed.put("X-Ca-Signature-Headers", ",".join(listed)).put("X-Ca-Signature", proof), text, None


def sign_sdk(request, key, secret, now, names):
    dated = request if "x-sdk-date" in request.names() else request.put("X-Sdk-Date", texts.basic_date(now))
    listed = texts.sdk_names(dated, names)
    text = texts.sdk_text("SDK-HMAC-SHA256", dated, listed)
    proof = f"SDK-HMAC-SHA256 Access={key}, SignedHeaders={';'.join(listed)}, Signature={texts.hex_hmac(secret.encode(), text)}"
    return dated.put("Authorization", proof), text, texts.sdk_canonical(dated, listed)


def sign_bce(request, key, secret, now, names):
    listed = texts.bce_names(request, names)
    proof = texts.bce_proof({"id": key, "secret": secret}, request, listed, now)
    return request.put("Authorization", proof), texts.bce_text(request, listed), None


SIGNERS = {"aliyun-ca": (sign_ca, "x-ca-signature"), "sdk-hmac-sha256": (sign_sdk, "authorization"), "bce-auth-v1": (sign_bce, "authorization")}


def folder(scheme, name, why, given):
    """given: request, key, secret, now, names"""
    request, key, secret, now, names = given
    sign, proof = SIGNERS[scheme]
    signed, text, canonical = sign(*given)
    context = {"type": scheme, "why": why, "now": now, "key": {"id": key, "secret": secret}, "signed_headers": sorted(names), "proof": proof,
               "expect": {"signed-request.txt": "signed"}}
    files = {"request.txt": request.text(), "string-to-sign.txt": text, "signed-request.txt": signed.text()}
    if canonical is not None:
        files["canonical-request.txt"] = canonical
    return f"{scheme}/{name}", context, files


def proof_of(scheme, case):
    return next(value for name, value in case["request"]["headers"] if name.lower() == SIGNERS[scheme][1])


def stripped(scheme, case):
    """What the vendor's signer was given, as far as that can be told: (request, now, names), or None."""
    raw = case["request"]
    request = Request(raw["method"], raw["target"], [(name, value.encode().decode("latin-1")) for name, value in raw["headers"]],
                      base64.b64decode(raw["body_base64"]))
    proof = proof_of(scheme, case)
    if scheme == "aliyun-ca":
        names = set((request.get("x-ca-signature-headers") or "").split(",")) - CA_OWN
        return request.drop("x-ca-key", "x-ca-signature", "x-ca-signature-headers"), case["now"], names
    if scheme == "sdk-hmac-sha256":
        found = re.search("SignedHeaders=([^,]+)", proof)
        return request.drop("authorization"), case["now"], set(found[1].split(";") if found else ()) - {"host", "x-sdk-date"}
    parts = proof.split("/")
    return request.drop("authorization", "x-bce-gateway-auth", "x-bce-signature"), case["now"], set(parts[4].split(";"))


def is_reproduced(scheme, case):
    """The documented form, and nothing that a strict signer would not send, gives the vendor's own signature."""
    if case["scheme"] != scheme or case["expect"] != "accept" or re.search("[^a-z0-9-]", case["id"]):
        return False
    if case["carrier"] != SIGNERS[scheme][1] or not case["request"]["target"].isascii():
        return False
    request, now, names = stripped(scheme, case)
    present = set(request.names())
    if scheme == "aliyun-ca" and texts.repeats_a_name(request):
        return False
    if not names <= present or len(present) < len(request.headers) or (scheme == "aliyun-ca" and not {"x-ca-timestamp", "x-ca-nonce"} <= present):
        return False
    if scheme == "bce-auth-v1":
        now = texts.calendar.timegm(texts.time.strptime(proof_of(scheme, case).split("/")[2], "%Y-%m-%dT%H:%M:%SZ"))
    signed, _, _ = SIGNERS[scheme][0](request, case["key_id"], case["secret"], now, names)
    return signed.get(SIGNERS[scheme][1]) == proof_of(scheme, case)


def vendor_folders(scheme, cases):
    for line in (cases / FILES[scheme]).read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if not is_reproduced(scheme, case):
            continue
        request, now, names = stripped(scheme, case)
        if scheme == "bce-auth-v1":
            now = texts.calendar.timegm(texts.time.strptime(proof_of(scheme, case).split("/")[2], "%Y-%m-%dT%H:%M:%SZ"))
        yield folder(scheme, f"vendor-{case['id']}", "A request that a vendor's own signer signed.", (request, case["key_id"], case["secret"], now, names))


def own_folders(scheme):
    pair = ("203753385", "test-app-secret-0123456789abcdef")
    for name, (why, request) in samples.common(repeated=scheme != "aliyun-ca").items():
        request = request.drop("X-Countersign-App", "X-Request-Id", "X-Mse-Consumer")
        if scheme == "aliyun-ca":
            request = request.put("X-Ca-Timestamp", f"{samples.NOW}832").put("X-Ca-Nonce", "c9f15cbf-f4ac-4a6c-b54d-f51abf4b5b44")
        yield folder(scheme, name, why, (request, *pair, samples.NOW, set(samples.MORE_NAMES.get(name, ()))))
    if scheme == "aliyun-ca":
        form = samples.plain("POST", "/orders?a=query", ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
                             body=b"item=gr%C3%BCner+tee&empty=&bare&z=1%2B1").drop("X-Countersign-App", "X-Request-Id")
        form = form.put("X-Ca-Timestamp", f"{samples.NOW}832").put("X-Ca-Nonce", "c9f15cbf-f4ac-4a6c-b54d-f51abf4b5b44")
        yield folder(scheme, "form", "The fields of a form are signed beside the query.", (form, *pair, samples.NOW, set()))


def all_folders(cases):
    for scheme in SCHEMES:
        yield from own_folders(scheme)
        yield from vendor_folders(scheme, cases)
