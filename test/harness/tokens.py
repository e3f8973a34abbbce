"""JSON Web Tokens and keys, written from RFC 7515 to 7519 with nothing but hashes and `cryptography`'s primitives."""
import base64
import hashlib
import hmac
import json
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
CURVES = {"ES256": (ec.SECP256R1(), "P-256", 32), "ES384": (ec.SECP384R1(), "P-384", 48), "ES512": (ec.SECP521R1(), "P-521", 66)}
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(value, length=None):
    return b64(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))


class Key:
    """A key pair of an algorithm; `bits` of RSA."""

    def __init__(self, alg, kid=None, bits=2048):
        self.alg, self.kid = alg, kid
        if alg in CURVES:
            self.private = ec.generate_private_key(CURVES[alg][0])
        elif alg == "EdDSA":
            self.private = ed25519.Ed25519PrivateKey.generate()
        else:
            self.private = rsa.generate_private_key(65537, bits)

    def numbers(self):
        if self.alg in CURVES:
            _, name, length = CURVES[self.alg]
            point = self.private.public_key().public_numbers()
            return {"kty": "EC", "crv": name, "x": number(point.x, length), "y": number(point.y, length)}
        if self.alg == "EdDSA":
            return {"kty": "OKP", "crv": "Ed25519", "x": b64(self.private.public_key().public_bytes_raw())}
        public = self.private.public_key().public_numbers()
        return {"kty": "RSA", "n": number(public.n), "e": number(public.e)}

    def jwk(self, **more):
        return {**self.numbers(), "alg": self.alg, **({"kid": self.kid} if self.kid else {}), **more}

    def sign(self, message):
        if self.alg == "EdDSA":
            return self.private.sign(message)
        digest = HASHES[self.alg[2:]]
        if self.alg in CURVES:
            length = CURVES[self.alg][2]
            r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(digest)))
            return r.to_bytes(length, "big") + s.to_bytes(length, "big")
        if self.alg.startswith("PS"):
            return self.private.sign(message, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return self.private.sign(message, padding.PKCS1v15(), digest)


class Secret:
    """A symmetric key, from a JWK or as bytes."""

    def __init__(self, jwk, alg=None):
        self.secret = unb64(jwk["k"]) if isinstance(jwk, dict) else jwk
        self.alg, self.kid = (alg or jwk["alg"], jwk.get("kid")) if isinstance(jwk, dict) else (alg or "HS256", None)

    def sign(self, message):
        return hmac.new(self.secret, message, {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[self.alg]).digest()


def claims(lifetime=60, **more):
    return {"exp": int(time.time()) + lifetime, **more}


def token(key, payload, header=None):
    """`header` replaces members of the usual one; None takes one away."""
    head = {"alg": key.alg, "typ": "JWT", **({"kid": key.kid} if key.kid else {}), **(header or {})}
    head = {name: value for name, value in head.items() if value is not None}
    text = payload if isinstance(payload, bytes) else json.dumps(payload, separators=(",", ":")).encode()
    signed = f"{b64(json.dumps(head, separators=(',', ':')).encode())}.{b64(text)}"
    return f"{signed}.{b64(key.sign(signed.encode()))}"


def jwks(*keys):
    return json.dumps({"keys": [key if isinstance(key, dict) else key.jwk() for key in keys]})
