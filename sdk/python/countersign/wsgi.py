"""A WSGI middleware: app = Countersigned(app, verifier)."""
import io
import json
from urllib.parse import quote_from_bytes

from .errors import VerificationError
from .request import Request

VERIFIED = "countersign.verified"
DEFAULT_MAX_BODY = 12 * 1024 * 1024


class Countersigned:
    """Answers 401 to what the gateway did not sign. The application finds the Verified in environ["countersign.verified"].

    The target is read from RAW_URI or REQUEST_URI (gunicorn, uWSGI, Werkzeug, mod_wsgi). Without them it is made from PATH_INFO, which is
    the same for every type but aliyun: that one signs the path as it is spelled. mod_wsgi needs WSGIPassAuthorization On."""

    def __init__(self, app, verifier, *, max_body=DEFAULT_MAX_BODY):
        self._app, self._verifier, self._max_body = app, verifier, max_body

    def __call__(self, environ, start_response):
        body = _read(environ, self._max_body)
        if body is None:
            return _refuse(start_response, "413 Content Too Large", "body_too_large")
        try:
            environ[VERIFIED] = self._verifier.verify(Request(environ["REQUEST_METHOD"], _target(environ), _headers(environ), body))
        except VerificationError as refusal:
            return _refuse(start_response, "401 Unauthorized", refusal.code.value)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        return self._app(environ, start_response)


def _read(environ, limit):
    """The body, or None when it is larger than the limit."""
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdigit():
        return environ["wsgi.input"].read(int(length)) if int(length) <= limit else None
    if not environ.get("wsgi.input_terminated"):
        return b""
    body = environ["wsgi.input"].read(limit + 1)
    return body if len(body) <= limit else None


def _target(environ):
    for name in ("RAW_URI", "REQUEST_URI"):
        if environ.get(name, "").startswith("/"):
            return environ[name]
    path = (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1")
    query = environ.get("QUERY_STRING", "")
    return quote_from_bytes(path, safe="/~") + ("?" + query if query else "")


def _headers(environ):
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name[5:].replace("_", "-"), value
        elif name in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            yield name.replace("_", "-"), value


def _refuse(start_response, status, code):
    answer = json.dumps({"error": code}).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]
