"""Signing a client's request, in the three schemes that the gateway admits."""
import base64
import hmac
import time
import uuid

from . import texts
from .errors import VerificationError
from .keys import hex_mac
from .request import Request


class Signed:
    """`headers`: pairs to set on the request, each in place of those of its name."""

    def __init__(self, headers, text, canonical=b""):
        self.headers = headers
        self.string_to_sign, self.canonical_request = (data.decode("utf-8", "replace") for data in (text, canonical))


def _prepared(request):
    if not request.target.isascii():
        raise ValueError("the target must be percent-encoded")
    return Request(request.method.upper(), request.target, request.headers, request.body)


def _names(request, wanted, more):
    names = {name.lower() for name in (*wanted, *more)}
    return sorted(name for name in names if request.values(name))


def _text(make, *arguments):
    """A request that no verifier could read is the caller's mistake here."""
    try:
        return make(*arguments)
    except VerificationError as problem:
        raise ValueError(problem.detail) from None


def sign_aliyun_ca(request, key_id, secret, *, now=None, signed_headers=()):
    """Signs with X-Ca-Signature, HmacSHA256. Query and form must not repeat a name."""
    request = _prepared(request)
    stamp = round((time.time() if now is None else now) * 1000)
    added = [("X-Ca-Key", key_id)]
    for name, value in (("Accept", "*/*"), ("X-Ca-Timestamp", str(stamp)), ("X-Ca-Nonce", str(uuid.uuid4()))):
        added += [] if request.values(name) else [(name, value)]
    if request.body and not request.is_form() and not request.values("Content-MD5"):
        added.append(("Content-MD5", texts.content_md5(request.body)))
    request = request.with_headers(added)
    names = _names(request, ("x-ca-key", "x-ca-timestamp", "x-ca-nonce"), signed_headers)
    text = _text(texts.ca_text, request, names)
    proof = base64.b64encode(hmac.digest(secret.encode("utf-8"), text, "sha256")).decode()
    return Signed([*added, ("X-Ca-Signature-Headers", ",".join(names)), ("X-Ca-Signature", proof)], text)


def sign_sdk_hmac(request, key_id, secret, *, now=None, signed_headers=()):
    """Signs with SDK-HMAC-SHA256."""
    request = _prepared(request)
    moment = time.gmtime(time.time() if now is None else now)
    added = [] if request.values("X-Sdk-Date") else [("X-Sdk-Date", time.strftime("%Y%m%dT%H%M%SZ", moment))]
    request = request.with_headers(added)
    names = _names(request, ("host", "x-sdk-date", texts.PAYLOAD), signed_headers)
    canonical = _text(texts.sdk_canonical, request, names)
    text = texts.sdk_text("SDK-HMAC-SHA256", request, canonical)
    proof = f"SDK-HMAC-SHA256 Access={key_id}, SignedHeaders={';'.join(names)}, Signature={hex_mac(secret.encode('utf-8'), text)}"
    return Signed([*added, ("Authorization", proof)], text, canonical)


def sign_bce(request, key_id, secret, *, now=None, signed_headers=(), expiration=1800, header="Authorization"):
    """Signs with bce-auth-v1. The body is covered only by a header x-bce-content-sha256 that the request has."""
    request = _prepared(request)
    moment = time.gmtime(time.time() if now is None else now)
    own = [name.lower() for name, _ in request.headers if name.lower().startswith("x-bce-") and name.lower() != header.lower()]
    names = _names(request, ("host", "content-type", "content-md5", *own), signed_headers)
    text = _text(texts.bce_text, request, names)
    prefix = f"bce-auth-v1/{key_id}/{time.strftime('%Y-%m-%dT%H:%M:%SZ', moment)}/{expiration}"
    signing_key = hex_mac(secret.encode("utf-8"), prefix.encode("latin-1"))
    return Signed([(header, f"{prefix}/{';'.join(names)}/{hex_mac(signing_key.encode(), text)}")], text)
