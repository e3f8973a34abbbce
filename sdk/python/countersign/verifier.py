"""Verifying that a request came through the gateway, unchanged and just now."""
import hashlib
import hmac
import re
import time

from . import texts
from .errors import Code, VerificationError
from .proofs import malformed, parse_date, read_aliyun, read_authorization, read_bce
from .request import latin

DEFAULT_WINDOW = 900
_SDK = ("hmac", "aes", "public_key")
_AUTHORIZATION = ("basic", *_SDK)
_CALLER = ("x-countersign-app", "x-mse-consumer", "x-countersign-user")


class Verified:
    """What is known of a request that is verified. `app`, `consumer`, `request_id`: as the gateway told them, or ""."""

    def __init__(self, request, proof, text, canonical):
        self.type, self.key_id, self.signed_headers = proof.type, proof.key_id, list(proof.names)
        self.string_to_sign, self.canonical_request = (data.decode("utf-8", "replace") for data in (text, canonical))

        def told(name):
            return request.value(name) if proof.type == "basic" or name in proof.names else ""
        self.app, self.consumer, self.request_id = told("x-countersign-app"), told("x-mse-consumer"), told("x-request-id")

    @property
    def caller(self):
        return self.app or self.consumer


class Verifier:
    """Immutable; may be shared by threads. See ../README.md for the options."""

    def __init__(self, keys, *, window=DEFAULT_WINDOW, clock=time.time, require_signed_body=False, accept_undated=False,
                 proof_header="Authorization"):
        self._keys = tuple(keys)
        self._types = frozenset(key.type for key in self._keys)
        if not self._keys:
            raise ValueError("a verifier needs a key")
        self._window, self._clock = window, clock
        self._require_signed_body, self._accept_undated, self._proof_header = require_signed_body, accept_undated, proof_header

    def verify(self, request):
        """Verified, or raises VerificationError."""
        now = self._clock()
        proof = self._read(request)
        keys = self._live_keys(proof, now)
        if proof.type == "basic":
            self._check_password(keys, proof)
            self._check_cover(request, covered=False)
            return Verified(request, proof, b"", b"")
        self._check_signed_headers(request, proof)
        self._check_time(proof, now)
        text, canonical = self._texts(request, proof)
        more = (proof.prefix,) if proof.type == "bce" else ()
        if not any([key.proves(text, proof.signature, *more) for key in keys]):
            shown = (canonical or text).decode("utf-8", "replace").replace("\n", "|")
            raise VerificationError(Code.SIGNATURE_MISMATCH, f"the signature is not that of {shown}")
        self._check_body(request, proof)
        return Verified(request, proof, text, canonical)

    def _read(self, request):
        places = [(self._types & set(_AUTHORIZATION), self._proof_header, lambda value: read_authorization(value, self._types)),
                  (self._types & {"bce"}, "X-Bce-Gateway-Auth", read_bce),
                  (self._types & {"aliyun"}, "X-Ca-Proxy-Signature", lambda value: read_aliyun(request, value))]
        found = [(value, read) for types, name, read in places if types for value in request.values(name)]
        if not found:
            raise VerificationError(Code.MISSING, "no proof")
        if len(found) > 1:
            raise malformed("more than one proof")
        value, read = found[0]
        return read(value)

    def _live_keys(self, proof, now):
        keys = [key for key in self._keys if key.type == proof.type and key.id == proof.key_id and key.holds(now)]
        if not keys:
            raise VerificationError(Code.UNKNOWN_KEY, "no key of this id that holds")
        if proof.algorithm is None:
            return keys
        fitting = [key for key in keys if proof.algorithm in key.algorithms]
        if not fitting:
            raise VerificationError(Code.ALGORITHM_NOT_ALLOWED, f"{proof.algorithm} is not the algorithm of this key")
        return fitting

    @staticmethod
    def _check_password(keys, proof):
        if not any([key._check.is_password(proof.signature) for key in keys]):
            raise VerificationError(Code.SIGNATURE_MISMATCH, "not the password")

    def _check_signed_headers(self, request, proof):
        for name in proof.names:
            if len(request.values(name)) != 1:
                raise VerificationError(Code.SIGNED_HEADER_MISSING, f"{name} is signed, and not there exactly once")
        for name in self._must_be_signed(request, proof):
            if name not in proof.names:
                raise VerificationError(Code.SIGNED_HEADER_MISSING, f"{name} is not signed")
        if proof.type in _SDK:
            proof.date = parse_date(request.value("x-sdk-date"), "basic")
            _check_payload_word(request.values(texts.PAYLOAD))
        elif proof.type == "aliyun" and "x-ca-timestamp" in proof.names:
            stamp = request.value("x-ca-timestamp")
            if not re.fullmatch("[0-9]{13}", stamp):
                raise malformed("X-Ca-Timestamp is no number of milliseconds")
            proof.date = int(stamp) / 1000

    def _must_be_signed(self, request, proof):
        names = [name for name in _CALLER if request.values(name)]
        if proof.type != "aliyun":
            names.append("host")
        elif not self._accept_undated or request.values("x-ca-timestamp"):
            names.append("x-ca-timestamp")
        if proof.type in _SDK:
            names.append("x-sdk-date")
            names += [texts.PAYLOAD] if request.values(texts.PAYLOAD) else []
        return names

    def _check_time(self, proof, now):
        if proof.date is None:
            return
        if abs(now - proof.date) > self._window:
            raise VerificationError(Code.EXPIRED, f"{abs(now - proof.date):.0f} seconds off")
        if proof.lifetime is not None and now >= proof.date + proof.lifetime:
            raise VerificationError(Code.EXPIRED, "past the expiry that it carries")

    @staticmethod
    def _texts(request, proof):
        """(string to sign, canonical request)"""
        if proof.type in _SDK:
            canonical = texts.sdk_canonical(request, proof.names)
            return texts.sdk_text(proof.algorithm, request, canonical), canonical
        if proof.type == "bce":
            return texts.bce_text(request, proof.names), b""
        return texts.aliyun_text(request, proof.spelled), b""

    def _check_body(self, request, proof):
        if proof.type == "aliyun":
            return self._check_cover(request, texts.aliyun_covers_body(request))
        if proof.type == "bce":
            return self._check_bce_body(request, proof)
        declared = request.value(texts.PAYLOAD)
        if declared not in ("", texts.UNSIGNED):
            _check_digest(hashlib.sha256(request.body).hexdigest(), declared)
        return self._check_cover(request, declared != texts.UNSIGNED)

    def _check_bce_body(self, request, proof):
        covers = {"x-bce-content-sha256": hashlib.sha256(request.body).hexdigest(), "content-md5": texts.content_md5(request.body)}
        for name in covers:
            if name in proof.names:
                _check_digest(covers[name], request.value(name))
        self._check_cover(request, any(name in proof.names for name in covers))

    def _check_cover(self, request, covered):
        if self._require_signed_body and request.body and not covered:
            raise VerificationError(Code.BODY_MISMATCH, "the signature does not cover the body")


def _check_payload_word(values):
    for value in values:
        if value != texts.UNSIGNED and not re.fullmatch("[0-9a-f]{64}", value):
            raise malformed("X-Sdk-Content-Sha256 is neither UNSIGNED-PAYLOAD nor 64 lower-case hex digits")


def _check_digest(digest, declared):
    if not hmac.compare_digest(latin(digest), latin(declared)):
        raise VerificationError(Code.BODY_MISMATCH, "the body is not the one whose digest is signed")
