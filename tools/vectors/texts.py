"""What each format signs: the canonical texts, and the proofs over them. The vectors' own implementation, which no SDK shares."""
import base64
import calendar
import hashlib
import hmac
import time
from urllib.parse import quote_from_bytes, unquote_to_bytes

import primitives

UNSIGNED = "UNSIGNED-PAYLOAD"


class Request:
    """Names and values are text of one byte a character."""

    def __init__(self, method, target, headers=(), body=b""):
        self.method, self.target, self.headers, self.body = method, target, list(headers), body

    @property
    def path(self):
        return self.target.split("?", 1)[0]

    @property
    def query(self):
        return self.target.split("?", 1)[1] if "?" in self.target else ""

    def get(self, name):
        return next((value.strip(" \t") for key, value in self.headers if key.lower() == name.lower()), None)

    def names(self):
        return [key.lower() for key, _ in self.headers]

    def copy(self, **changes):
        parts = {"method": self.method, "target": self.target, "headers": list(self.headers), "body": self.body, **changes}
        return Request(**parts)

    def put(self, name, value):
        """A copy whose header `name` is replaced in its place, or added."""
        if name.lower() not in self.names():
            return self.copy(headers=self.headers + [(name, value)])
        return self.copy(headers=[(key, value if key.lower() == name.lower() else old) for key, old in self.headers])

    def drop(self, *names):
        lower = [name.lower() for name in names]
        return self.copy(headers=[pair for pair in self.headers if pair[0].lower() not in lower])

    def is_form(self):
        return (self.get("content-type") or "").split(";")[0].strip().lower() == "application/x-www-form-urlencoded"

    def text(self):
        lines = [f"{self.method} {self.target} HTTP/1.1"] + [f"{name}: {value}" for name, value in self.headers]
        return "\n".join(lines).encode("latin-1") + b"\n\n" + self.body


def unescape(text):
    return unquote_to_bytes(text.encode("latin-1"))


def escape(data, safe=""):
    return quote_from_bytes(data, safe=safe + "-_.~")


def hex_hmac(key, text):
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def base64_hmac(secret, text, digest="sha256"):
    return base64.b64encode(hmac.digest(secret.encode(), text, digest)).decode()


def basic_date(now):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))


def iso_date(now):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))


def read_basic_date(text):
    return calendar.timegm(time.strptime(text, "%Y%m%dT%H%M%SZ"))


# --- SDK-HMAC-SHA256 and its kin (huawei.md 1.1, 3.2, 3.4)


def sdk_canonical(request, names):
    path = escape(unescape(request.path), "/")
    items = [item.split("=", 1) for item in request.query.split("&")]
    pairs = sorted((unescape(item[0]), unescape(item[1] if len(item) > 1 else "")) for item in items if item[0])
    query = "&".join(f"{escape(name)}={escape(value)}" for name, value in pairs)
    lines = "".join(f"{name}:{request.get(name)}\n" for name in names)
    payload = request.get("x-sdk-content-sha256") or hashlib.sha256(request.body).hexdigest()
    slash = "" if path.endswith("/") else "/"
    return f"{request.method.upper()}\n{path}{slash}\n{query}\n{lines}\n{';'.join(names)}\n{payload}".encode("latin-1")


def sdk_text(algorithm, request, names):
    digest = hashlib.sha256(sdk_canonical(request, names)).hexdigest()
    return f"{algorithm}\n{request.get('x-sdk-date')}\n{digest}".encode()


def sdk_names(request, more=()):
    names = {"x-sdk-date", "host", *(name.lower() for name in more)}
    if "x-sdk-content-sha256" in request.names():
        names.add("x-sdk-content-sha256")
    return sorted(names & set(request.names()))


SDK_ALGORITHMS = {"aes-128-cfb": "SDK-AES-128-CFB", "aes-256-cfb": "SDK-AES-256-CFB", "rsa": "SDK-RSA-SHA256", "ecdsa": "SDK-ECDSA-P256-SHA256"}


def sdk_signature(key, text):
    kind = key.get("algorithm", "hmac")
    if kind.startswith("aes"):
        mac = hmac.digest(key["key"].encode(), text, "sha256")
        return primitives.aes_cfb(key["key"].encode(), key["secret"].encode(), mac).hex()
    if kind == "rsa":
        return base64.b64encode(primitives.rsa_sign(primitives.rsa_private(key["private"]), text)).decode()
    if kind == "ecdsa":
        return primitives.ecdsa_sign(primitives.ec_private(key["private"]), text).hex()
    return hex_hmac(key["secret"].encode(), text)


# --- bce-auth-v1 (baidu.md 1, 2.4)

BCE_DEFAULT = ("host", "content-md5", "content-type")


def bce_names(request, more=()):
    default = {name for name in request.names() if name in BCE_DEFAULT or name.startswith("x-bce-")}
    return sorted(default | {name.lower() for name in more})


def bce_text(request, names):
    path = escape(unescape(request.path), "/") or "/"
    items = []
    for item in filter(None, request.query.split("&")):
        name, _, value = item.partition("=")
        if unescape(name).lower() != b"authorization":
            items.append(f"{escape(unescape(name))}={escape(unescape(value))}")
    lines = [f"{escape(name.encode())}:{escape(request.get(name).encode('latin-1'))}" for name in names if request.get(name)]
    return "\n".join([request.method.upper(), path, "&".join(sorted(items)), "\n".join(sorted(lines))]).encode()


def bce_proof(key, request, names, now, expiration=1800):
    prefix = f"bce-auth-v1/{key['id']}/{iso_date(now)}/{expiration}"
    signing_key = hex_hmac(key["secret"].encode(), prefix.encode())
    return f"{prefix}/{';'.join(names)}/{hex_hmac(signing_key.encode(), bce_text(request, names))}"


# --- aliyun: the client's signature and the gateway's (alibaba.md 1.1, 4.4)


def form_parameters(request):
    """Query before form, decoded."""
    found = []
    for text in (request.query, request.body.decode("latin-1") if request.is_form() else ""):
        for item in filter(None, text.split("&")):
            name, _, value = item.partition("=")
            found.append(tuple(unescape(part.replace("+", " ")) for part in (name, value)))
    return found


def repeats_a_name(request):
    found = form_parameters(request)
    return len(dict(found)) < len(found)


def resource(request, bare_empty):
    first = dict(reversed(form_parameters(request)))  # of a repeated name, the first value
    items = [name if bare_empty and not value else name + b"=" + value for name, value in sorted(first.items())]
    return request.path.encode("latin-1") + (b"?" + b"&".join(items) if items else b"")


def content_md5(body):
    return base64.b64encode(hashlib.md5(body).digest()).decode()


def ca_text(request, names):
    fixed = "\n".join([request.method.upper(), *(request.get(name) or "" for name in ("accept", "content-md5", "content-type", "date"))])
    lines = "".join(f"{name}:{request.get(name) or ''}\n" for name in names)
    return f"{fixed}\n{lines}".encode("latin-1") + resource(request, bare_empty=True)


def proxy_text(request, names):
    """`names` as they are declared; they are sorted as they are spelled."""
    digest = content_md5(request.body) if request.method in ("POST", "PUT") and request.body and not request.is_form() else ""
    lines = "".join(f"{name.lower()}:{request.get(name)}\n" for name in sorted(names) if request.get(name) is not None)
    return f"{request.method}\n{digest}\n{lines}".encode("latin-1") + resource(request, bare_empty=False)
