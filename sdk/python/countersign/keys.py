"""Signature keys: what a backend knows of the gateway."""
import base64
import hashlib
import hmac

from .errors import Code, VerificationError
from .request import decode_base64


def _extra():
    """cryptography, the one dependency: for aes and public_key alone (pip install countersign[keys])."""
    try:
        import cryptography  # noqa: F401
    except ImportError:
        raise ImportError("keys of type aes and public_key need the package cryptography: pip install 'countersign[keys]'") from None


class Key:
    """Made by the class methods. `not_after`: Unix seconds, the last second in which the key holds; None: without end."""

    def __init__(self, kind, key_id, check, not_after, algorithms=()):
        if not key_id:
            raise ValueError("a key needs an id")
        self.type, self.id, self.not_after, self.algorithms = kind, key_id, not_after, algorithms
        self._check = check

    def __repr__(self):
        return f"<Key {self.type} {self.id}>"

    @classmethod
    def hmac(cls, key_id, secret, not_after=None):
        """SDK-HMAC-SHA256."""
        return cls("hmac", key_id, _Mac(_bytes(secret)), not_after, ("SDK-HMAC-SHA256",))

    @classmethod
    def basic(cls, key_id, secret, not_after=None):
        """User name and password. Covers nothing of the request."""
        return cls("basic", key_id, _Mac(_bytes(secret)), not_after)

    @classmethod
    def aes(cls, key_id, algorithm, key, vector, not_after=None):
        """This gateway's own format. `key_id`: the id of the signature key; `algorithm`: aes-128-cfb or aes-256-cfb."""
        sizes = {"aes-128-cfb": 16, "aes-256-cfb": 32}
        if algorithm not in sizes:
            raise ValueError("algorithm must be aes-128-cfb or aes-256-cfb")
        if len(_bytes(key)) != sizes[algorithm] or len(_bytes(vector)) != 16:
            raise ValueError(f"{algorithm} needs a key of {sizes[algorithm]} bytes and a vector of 16")
        return cls("aes", key_id, _Aes(_bytes(key), _bytes(vector)), not_after, (f"SDK-{algorithm.upper()}",))

    @classmethod
    def public_key(cls, key_id, text, not_after=None):
        """This gateway's own format. `text`: an SPKI in PEM or bare base64; RSA from 2048 bits, or ECDSA P-256."""
        check = _PublicKey(text)
        return cls("public_key", key_id, check, not_after, (check.algorithm,))

    @classmethod
    def bce(cls, key_id, secret, not_after=None):
        """bce-auth-v1 in X-Bce-Gateway-Auth."""
        return cls("bce", key_id, _Bce(_bytes(secret)), not_after)

    @classmethod
    def aliyun(cls, key_id, secret, not_after=None):
        """X-Ca-Proxy-Signature."""
        return cls("aliyun", key_id, _Base64Mac(_bytes(secret)), not_after)

    def holds(self, now):
        return self.not_after is None or now <= self.not_after

    def proves(self, text, proof, *more):
        """Is `proof` (text) this key's over `text` (bytes)? In constant time."""
        return self._check.proves(text, proof, *more)


def _bytes(secret):
    data = secret.encode("utf-8") if isinstance(secret, str) else bytes(secret)
    if not data:
        raise ValueError("an empty secret")
    return data


def hex_mac(key, text):
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def _equal(a, b):
    return hmac.compare_digest(a.encode("latin-1"), b.encode("latin-1"))


def _is_hex(text):
    return all(char in "0123456789abcdef" for char in text)


class _Mac:
    def __init__(self, secret):
        self.secret = secret

    def proves(self, text, proof):
        if len(proof) != 64 or not _is_hex(proof):
            raise VerificationError(Code.MALFORMED, "Signature is not 64 lower-case hex digits")
        return _equal(hex_mac(self.secret, text), proof)

    def is_password(self, given):
        """Compares digests, so that the time does not tell the length."""
        return hmac.compare_digest(hashlib.sha256(self.secret).digest(), hashlib.sha256(given).digest())


class _Base64Mac(_Mac):
    def proves(self, text, proof):
        if len(proof) != 44:
            raise VerificationError(Code.MALFORMED, "X-Ca-Proxy-Signature is not the base64 of 32 bytes")
        return _equal(base64.b64encode(hmac.digest(self.secret, text, "sha256")).decode(), proof)


class _Bce(_Mac):
    def proves(self, text, proof, prefix):
        signing_key = hex_mac(self.secret, prefix)
        return _equal(hex_mac(signing_key.encode(), text), proof)


class _Aes(_Mac):
    """The MAC, wrapped in AES-CFB128: the same security, in the clothes that the customer chose (secret = key)."""

    def __init__(self, key, vector):
        super().__init__(key)
        _extra()
        self.vector = vector

    def proves(self, text, proof):
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
        try:
            from cryptography.hazmat.decrepit.ciphers.modes import CFB
        except ImportError:
            from cryptography.hazmat.primitives.ciphers.modes import CFB
        if len(proof) != 64 or not _is_hex(proof):
            raise VerificationError(Code.MALFORMED, "Signature is not 64 lower-case hex digits")
        encryptor = Cipher(algorithms.AES(self.secret), CFB(self.vector)).encryptor()
        return _equal((encryptor.update(hmac.digest(self.secret, text, "sha256")) + encryptor.finalize()).hex(), proof)


class _PublicKey:
    def __init__(self, text):
        _extra()
        from cryptography.hazmat.primitives.asymmetric import ec, rsa
        from cryptography.hazmat.primitives.serialization import load_der_public_key
        lines = [line for line in text.split("\n") if not line.startswith("-----")]
        try:
            self.key = load_der_public_key(base64.b64decode("".join("".join(lines).split()), validate=True))
        except Exception as problem:
            raise ValueError("a public key must be an SPKI, in PEM or bare base64") from problem
        if isinstance(self.key, rsa.RSAPublicKey) and self.key.key_size >= 2048:
            self.algorithm = "SDK-RSA-SHA256"
        elif isinstance(self.key, ec.EllipticCurvePublicKey) and self.key.curve.name == "secp256r1":
            self.algorithm = "SDK-ECDSA-P256-SHA256"
        else:
            raise ValueError("a public key must be RSA from 2048 bits, or ECDSA P-256")

    def proves(self, text, proof):
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ec, padding
        from cryptography.hazmat.primitives.hashes import SHA256
        signature = self._decode(proof)
        try:
            if self.algorithm == "SDK-RSA-SHA256":
                self.key.verify(signature, text, padding.PKCS1v15(), SHA256())
            else:
                self.key.verify(signature, text, ec.ECDSA(SHA256()))
            return True
        except InvalidSignature:
            return False

    def _decode(self, proof):
        if self.algorithm == "SDK-RSA-SHA256":
            signature = decode_base64(proof)
            if signature:
                return signature
            raise VerificationError(Code.MALFORMED, "Signature is not base64")
        if proof and len(proof) % 2 == 0 and len(proof) <= 144 and _is_hex(proof):
            return bytes.fromhex(proof)
        raise VerificationError(Code.MALFORMED, "Signature is not lower-case hex")
