"""Signature keys of every type, and the verifier of a backend that knows them: the SDK for Python, which shares no code with the gateway."""
import base64
import sys
from types import SimpleNamespace

from tree import TREE

sys.path.insert(0, str(TREE / "sdk/python"))

from countersign import Key, Request, VerificationError, Verifier  # noqa: E402
from cryptography.hazmat.primitives import serialization  # noqa: E402


def bare(pem, end):
    """The base64 between the lines of a PEM file of vectors/keys, as the gateway takes a key."""
    private = serialization.load_pem_private_key((TREE / "vectors/keys" / pem).read_bytes(), None)
    if end == "private":
        der = private.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    else:
        der = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def public_key(pem):
    """(sign_key, sign_secret) of a key pair of vectors/keys."""
    return bare(pem, "public"), bare(pem, "private")


# name: (type, key, secret). What is sent as a type's id is the key, or the id of an aes or public key.
KEYS = {
    "hmac": ("hmac", "types_hmac_key", "types_hmac_secret_0123456789"),
    "basic": ("basic", "types_user", "types_password_0123456789"),
    "aes-128": ("aes", "types_aes_key_16", "types_aes_vector"),
    "aes-256": ("aes", "types_aes_key_of_32_characters_!", "types_aes_vector"),
    "rsa": ("public_key", *public_key("rsa-private.pem")),
    "ecdsa": ("public_key", *public_key("ecdsa-private.pem")),
    "bce": ("bce", "types_bce_key", "types_bce_secret_0123456789"),
    "aliyun": ("aliyun", "types_aliyun_key", "types_aliyun_secret@"),
}


def sdk_key(kind, sign_id, key, secret):
    """What the backend holds."""
    if kind == "aes":
        return Key.aes(sign_id, "aes-128-cfb" if len(key) == 16 else "aes-256-cfb", key, secret)
    if kind == "public_key":
        return Key.public_key(sign_id, key)
    return getattr(Key, kind)(key, secret)


def request_of(received, **changes):
    """What reached the backend, as its SDK takes it; `changes`: method, target, fields, body of an attacker in between."""
    seen = SimpleNamespace(method=received.method, target=received.target, fields=received.fields, body=received.body)
    for name, value in changes.items():
        setattr(seen, name, value)
    return Request(seen.method, seen.target, seen.fields, seen.body)


def verify(keys, received, **changes):
    """The Verified, or the code of the refusal."""
    try:
        return Verifier(keys if isinstance(keys, list) else [keys]).verify(request_of(received, **changes))
    except VerificationError as refusal:
        return refusal.code.value
