"""Reading the proof that a request carries: one function per place. Nothing is decided here but what is written there."""
import datetime
import re

from .errors import Code, VerificationError
from .request import decode_base64, is_token

_DATES = {"basic": ("%Y%m%dT%H%M%SZ", re.compile(r"[0-9]{8}T[0-9]{6}Z")),
          "iso": ("%Y-%m-%dT%H:%M:%SZ", re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"))}
_ALGORITHMS = {"SDK-HMAC-SHA256": "hmac", "SDK-AES-128-CFB": "aes", "SDK-AES-256-CFB": "aes", "SDK-RSA-SHA256": "public_key",
               "SDK-ECDSA-P256-SHA256": "public_key"}
_WORD = r"([\x21-\x2b\x2d-\x7e]+)"
_PARAMETERS = re.compile(rf"Access={_WORD},[ \t]?SignedHeaders={_WORD},[ \t]?Signature={_WORD}")


class Proof:
    """What a request claims. `names`: the signed headers in lower case; `spelled`: as the list has them; `date`: Unix seconds, or None."""

    def __init__(self, kind, key_id, signature, algorithm=None):
        self.type, self.key_id, self.signature, self.algorithm = kind, key_id, signature, algorithm
        self.names, self.spelled, self.date, self.lifetime, self.prefix = [], [], None, None, b""


def malformed(detail):
    return VerificationError(Code.MALFORMED, detail)


def parse_date(text, form):
    layout, shape = _DATES[form]
    if not shape.fullmatch(text):
        raise malformed("the date is not of the form that the format wants")
    try:
        return datetime.datetime.strptime(text, layout).replace(tzinfo=datetime.timezone.utc).timestamp()
    except ValueError:
        raise malformed("the date is none of the calendar") from None


def _names(listed, separator):
    names = listed.split(separator)
    lower = [name.lower() for name in names]
    if len(set(lower)) < len(lower) or not all(is_token(name) for name in names):
        raise malformed("the list of signed headers holds a name twice, or one that is none")
    return names


def _lower_names(listed):
    names = _names(listed, ";")
    if any(name != name.lower() for name in names):
        raise malformed("the list of signed headers holds a name that is not in lower case")
    return names


def read_authorization(value, types):
    """The header of hmac, basic, aes and public_key."""
    word, _, rest = value.partition(" ")
    kind = "basic" if word.lower() == "basic" else _ALGORITHMS.get(word)
    if kind not in types:
        raise VerificationError(Code.ALGORITHM_NOT_ALLOWED, "a proof for which there is no key here")
    if kind == "basic":
        return _read_basic(rest.strip(" \t"))
    found = _PARAMETERS.fullmatch(rest.strip(" \t"))
    if not found:
        raise malformed("not Access, SignedHeaders and Signature in this order")
    proof = Proof(kind, found[1], found[3], word)
    proof.names = proof.spelled = _lower_names(found[2])
    return proof


def _read_basic(token):
    pair = decode_base64(token)
    if pair is None:
        raise malformed("Basic without base64")
    user, colon, password = pair.partition(b":")
    if not colon:
        raise malformed("Basic without a colon")
    return Proof("basic", user.decode("utf-8", "replace"), password)


def read_bce(value):
    """X-Bce-Gateway-Auth."""
    if not value.startswith("bce-auth-v1/"):
        raise VerificationError(Code.ALGORITHM_NOT_ALLOWED, "not bce-auth-v1")
    parts = value.split("/")
    if len(parts) != 6 or not parts[1]:
        raise malformed("not the six parts of bce-auth-v1")
    if not re.fullmatch("[1-9][0-9]{0,9}", parts[3]) or int(parts[3]) > 2147483647:
        raise malformed("the expiration is no number of seconds")
    if not re.fullmatch("[0-9a-f]{64}", parts[5]):
        raise malformed("the signature is not 64 lower-case hex digits")
    proof = Proof("bce", parts[1], parts[5])
    proof.date, proof.lifetime = parse_date(parts[2], "iso"), int(parts[3])
    proof.prefix = "/".join(parts[:4]).encode("latin-1")
    proof.names = proof.spelled = _lower_names(parts[4]) if parts[4] else []
    return proof


def read_aliyun(request, value):
    """X-Ca-Proxy-Signature and the two headers beside it."""
    beside = [request.values(f"X-Ca-Proxy-Signature-{name}") for name in ("Secret-Key", "Headers")]
    if len(beside[0]) != 1 or len(beside[1]) > 1 or not beside[0][0]:
        raise malformed("X-Ca-Proxy-Signature-Secret-Key and -Headers must stand there once")
    proof = Proof("aliyun", beside[0][0], value)
    if beside[1] and beside[1][0]:
        proof.spelled = _names(beside[1][0], ",")
        proof.names = [name.lower() for name in proof.spelled]
    return proof
