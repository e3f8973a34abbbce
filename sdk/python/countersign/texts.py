"""The texts that are signed, format by format (../../README.md, "The formats, exactly")."""
import base64
import hashlib

from .errors import Code, VerificationError
from .request import decode, encode, latin

PAYLOAD = "x-sdk-content-sha256"
UNSIGNED = "UNSIGNED-PAYLOAD"


def _items(data):
    return [item.partition(b"=") for item in data.split(b"&") if item]


def path_of(request):
    path = latin(request.path)
    if path and not path.startswith(b"/"):
        raise VerificationError(Code.MALFORMED, "a target that does not begin with /")
    return path


def sdk_canonical(request, names):
    """The canonical request of hmac, aes, public_key and sdk-hmac-sha256."""
    path = encode(decode(path_of(request)), b"/")
    pairs = sorted((decode(name), decode(value)) for name, _, value in _items(latin(request.query)) if name)
    query = "&".join(f"{encode(name)}={encode(value)}" for name, value in pairs)
    lines = "".join(f"{name}:{request.value(name)}\n" for name in names)
    payload = request.value(PAYLOAD) or hashlib.sha256(request.body).hexdigest()
    slash = "" if path.endswith("/") else "/"
    return latin(f"{request.method}\n{path}{slash}\n{query}\n{lines}\n{';'.join(names)}\n{payload}")


def sdk_text(algorithm, request, canonical):
    return latin(f"{algorithm}\n{request.value('x-sdk-date')}\n{hashlib.sha256(canonical).hexdigest()}")


def bce_text(request, names):
    """The text of bce and bce-auth-v1."""
    path = encode(decode(path_of(request)), b"/") or "/"
    pairs = [(decode(name), decode(value)) for name, _, value in _items(latin(request.query))]
    query = "&".join(sorted(f"{encode(name)}={encode(value)}" for name, value in pairs if name.lower() != b"authorization"))
    lines = sorted(f"{name}:{encode(latin(request.value(name)))}" for name in names if request.value(name))
    return latin("\n".join([request.method, path, query, "\n".join(lines)]))


def _parameters(request):
    """Those of the query, then those of a form: decoded, and sorted by name. Of a repeated name only one value could be signed."""
    parts = [latin(request.query), request.body if request.is_form() else b""]
    pairs = [(decode(name.replace(b"+", b" ")), decode(value.replace(b"+", b" "))) for part in parts for name, _, value in _items(part)]
    if len({name for name, _ in pairs}) < len(pairs):
        raise VerificationError(Code.MALFORMED, "a repeated parameter name, of which one value alone would be signed")
    return sorted(pairs)


def _resource(request, bare_empty):
    items = [name if bare_empty and not value else name + b"=" + value for name, value in _parameters(request)]
    return path_of(request) + (b"?" + b"&".join(items) if items else b"")


def content_md5(body):
    return base64.b64encode(hashlib.md5(body).digest()).decode()


def aliyun_covers_body(request):
    return request.method in ("POST", "PUT") or request.is_form()


def aliyun_text(request, declared):
    """The text of aliyun; `declared` are the names as the list spells them."""
    digest = content_md5(request.body) if aliyun_covers_body(request) and not request.is_form() and request.body else ""
    lines = "".join(f"{name.lower()}:{request.value(name)}\n" for name in sorted(declared))
    return latin(f"{request.method}\n{digest}\n{lines}") + _resource(request, bare_empty=False)


def ca_text(request, names):
    """The text of aliyun-ca; `names` in lower case, sorted."""
    fixed = "".join(f"{request.value(name)}\n" for name in ("accept", "content-md5", "content-type", "date"))
    lines = "".join(f"{name}:{request.value(name)}\n" for name in names)
    return latin(f"{request.method}\n{fixed}{lines}") + _resource(request, bare_empty=True)
