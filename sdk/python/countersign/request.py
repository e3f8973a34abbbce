"""A request as it stands on the wire."""
import base64
import re

from .errors import Code, VerificationError

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


class Request:
    """`target` is raw (`/a%20b?x=1`); `headers` are pairs, repeated ones repeated; a character of either is one byte (Latin-1)."""

    def __init__(self, method, target, headers, body=b""):
        self.method = method
        self.target = target
        self.headers = [(name, value.strip(" \t")) for name, value in headers]
        self.body = bytes(body)
        self._index = {}
        for name, value in self.headers:
            self._index.setdefault(name.lower(), []).append(value)

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return self.target.partition("?")[2]

    def values(self, name):
        """Every value of the header `name`, in order."""
        return self._index.get(name.lower(), [])

    def value(self, name):
        """The first value of the header `name`; "" without one."""
        return next(iter(self.values(name)), "")

    def is_form(self):
        return self.value("content-type").partition(";")[0].strip(" \t").lower() == "application/x-www-form-urlencoded"

    def with_headers(self, pairs):
        """A copy in which `pairs` replace the headers of their names."""
        replaced = {name.lower() for name, _ in pairs}
        kept = [pair for pair in self.headers if pair[0].lower() not in replaced]
        return Request(self.method, self.target, [*kept, *pairs], self.body)


def is_token(name):
    return _TOKEN.fullmatch(name) is not None


def decode(data):
    """Percent-decodes bytes; a "%" without two hex digits is refused."""
    if _BAD_ESCAPE.search(data):
        raise VerificationError(Code.MALFORMED, "a % without two hex digits")
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)


def encode(data, also=b""):
    return "".join(chr(byte) if byte in _UNRESERVED or byte in also else f"%{byte:02X}" for byte in data)


def decode_base64(text):
    """Bytes, or None: padded, and in the one spelling that encoding them gives."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None


def latin(text):
    """Text of one byte a character, as bytes."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise VerificationError(Code.MALFORMED, "a character that is no single byte") from None
