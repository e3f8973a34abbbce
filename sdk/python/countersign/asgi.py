"""An ASGI middleware: app = Countersigned(app, verifier)."""
import json
from urllib.parse import quote_from_bytes

from .errors import VerificationError
from .request import Request

VERIFIED = "countersign.verified"
DEFAULT_MAX_BODY = 12 * 1024 * 1024


class Countersigned:
    """Answers 401 to what the gateway did not sign, and closes such WebSockets. The application finds the Verified in
    scope["countersign.verified"]."""

    def __init__(self, app, verifier, *, max_body=DEFAULT_MAX_BODY):
        self._app, self._verifier, self._max_body = app, verifier, max_body

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            return await self._http(scope, receive, send)
        if scope["type"] == "websocket":
            return await self._websocket(scope, receive, send)
        return await self._app(scope, receive, send)

    async def _http(self, scope, receive, send):
        body = await _read(receive, self._max_body)
        if body is None:
            return await _refuse(send, 413, "body_too_large")
        try:
            verified = self._verifier.verify(_request(scope, scope["method"], body))
        except VerificationError as refusal:
            return await _refuse(send, 401, refusal.code.value)
        return await self._app({**scope, VERIFIED: verified}, _replay(body, receive), send)

    async def _websocket(self, scope, receive, send):
        try:
            verified = self._verifier.verify(_request(scope, "GET", b""))
        except VerificationError:
            await receive()
            return await send({"type": "websocket.close", "code": 1008})
        return await self._app({**scope, VERIFIED: verified}, receive, send)


def _request(scope, method, body):
    path = scope.get("raw_path") or quote_from_bytes(scope["path"].encode("utf-8"), safe="/~").encode()
    query = scope.get("query_string", b"")
    target = (path.split(b"?", 1)[0] + (b"?" + query if query else b"")).decode("latin-1")
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    return Request(method, target, headers, body)


async def _read(receive, limit):
    """The body, or None when it is larger than the limit or its sender is gone."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return body


def _replay(body, receive):
    """The body once more, then whatever comes."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed():
        return pending.pop() if pending else await receive()
    return replayed


async def _refuse(send, status, code):
    answer = json.dumps({"error": code}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
