"""Cryptography in plain Python, for the vectors only: slow, not constant in time, and therefore independent of every SDK and of OpenSSL.

AES (FIPS 197) in CFB128 mode, RSASSA-PKCS1-v1_5 (RFC 8017), ECDSA over P-256 with the nonces of RFC 6979, and as much DER as keys need."""
import base64
import hashlib
import hmac

# --- AES


def _times(a, b):
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = (a << 1) ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def _substitution():
    table = []
    for value in range(256):
        inverse = next((x for x in range(256) if _times(value, x) == 1), 0)
        rotated = [((inverse << n) | (inverse >> (8 - n))) & 0xFF for n in range(5)]
        table.append(rotated[0] ^ rotated[1] ^ rotated[2] ^ rotated[3] ^ rotated[4] ^ 0x63)
    return table


SBOX = _substitution()


def _round_keys(key):
    words = [list(key[i:i + 4]) for i in range(0, len(key), 4)]
    length, rounds, constant = len(words), len(words) + 6, 1
    for i in range(length, 4 * (rounds + 1)):
        word = list(words[-1])
        if i % length == 0:
            word = [SBOX[byte] for byte in word[1:] + word[:1]]
            word[0] ^= constant
            constant = _times(constant, 2)
        elif length > 6 and i % length == 4:
            word = [SBOX[byte] for byte in word]
        words.append([a ^ b for a, b in zip(words[i - length], word)])
    return [sum(words[i:i + 4], []) for i in range(0, len(words), 4)]


def _mix(column):
    a, b, c, d = column
    return [_times(a, 2) ^ _times(b, 3) ^ c ^ d, a ^ _times(b, 2) ^ _times(c, 3) ^ d,
            a ^ b ^ _times(c, 2) ^ _times(d, 3), _times(a, 3) ^ b ^ c ^ _times(d, 2)]


def aes_block(key, block):
    keys = _round_keys(key)
    state = [a ^ b for a, b in zip(block, keys[0])]
    for number, round_key in enumerate(keys[1:], 1):
        state = [SBOX[byte] for byte in state]
        state = [state[(i + 4 * (i % 4)) % 16] for i in range(16)]
        if number < len(keys) - 1:
            state = sum((_mix(state[i:i + 4]) for i in range(0, 16, 4)), [])
        state = [a ^ b for a, b in zip(state, round_key)]
    return bytes(state)


def aes_cfb(key, vector, plain):
    out = b""
    for start in range(0, len(plain), 16):
        vector = bytes(a ^ b for a, b in zip(plain[start:start + 16], aes_block(key, vector)))
        out += vector
    return out


# --- DER: nested lists of what a private key in PKCS#8 holds


def _der_item(data, at):
    tag, length = data[at], data[at + 1]
    at += 2
    if length & 0x80:
        size = length & 0x7F
        length = int.from_bytes(data[at:at + size], "big")
        at += size
    return tag, data[at:at + length], at + length


def der(data):
    items, at = [], 0
    while at < len(data):
        tag, content, at = _der_item(data, at)
        if tag in (0x30, 0xA1):
            items.append(der(content))
        elif tag == 0x02:
            items.append(int.from_bytes(content, "big"))
        else:
            items.append(content)
    return items


def pem(text):
    return base64.b64decode("".join(line for line in text.split("\n") if not line.startswith("-----")))


def rsa_private(text):
    """(modulus, private exponent)"""
    key = der(der(pem(text))[0][2])[0]
    return key[1], key[3]


def ec_private(text):
    return int.from_bytes(der(der(pem(text))[0][2])[0][1], "big")


# --- RSA

SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


def rsa_sign(private, message):
    modulus, exponent = private
    size = (modulus.bit_length() + 7) // 8
    tail = b"\x00" + SHA256_PREFIX + hashlib.sha256(message).digest()
    padded = b"\x00\x01" + b"\xff" * (size - 2 - len(tail)) + tail
    return pow(int.from_bytes(padded, "big"), exponent, modulus).to_bytes(size, "big")


# --- ECDSA over P-256

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def _add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0] and (p[1] + q[1]) % P == 0:
        return None
    if p == q:
        slope = (3 * p[0] * p[0] - 3) * pow(2 * p[1], -1, P)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P)
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def _multiply(scalar, point):
    result = None
    while scalar:
        result = _add(result, point) if scalar & 1 else result
        point = _add(point, point)
        scalar >>= 1
    return result


def _nonces(private, digest):
    """RFC 6979, 3.2."""
    secret = private.to_bytes(32, "big") + (int.from_bytes(digest, "big") % N).to_bytes(32, "big")
    value, key = b"\x01" * 32, b"\x00" * 32
    for mark in (b"\x00", b"\x01"):
        key = hmac.digest(key, value + mark + secret, "sha256")
        value = hmac.digest(key, value, "sha256")
    while True:
        value = hmac.digest(key, value, "sha256")
        nonce = int.from_bytes(value, "big")
        if 1 <= nonce < N:
            yield nonce
        key = hmac.digest(key, value + b"\x00", "sha256")
        value = hmac.digest(key, value, "sha256")


def _der_integer(value):
    data = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return bytes([2, len(data)]) + data


def ecdsa_sign(private, message):
    digest = hashlib.sha256(message).digest()
    for nonce in _nonces(private, digest):
        r = _multiply(nonce, G)[0] % N
        s = pow(nonce, -1, N) * (int.from_bytes(digest, "big") + r * private) % N
        if r and s:
            content = _der_integer(r) + _der_integer(s)
            return bytes([0x30, len(content)]) + content
