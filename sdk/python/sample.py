#!/usr/bin/env python3
"""sample.py PORT: a backend that believes the gateway only. Its keys are in the environment (../README.md)."""
import json
import os
import socketserver
import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

sys.path.insert(0, str(Path(__file__).resolve().parent))

from countersign import Key, Verifier  # noqa: E402
from countersign.wsgi import VERIFIED, Countersigned  # noqa: E402


def keys_of_environment():
    """While the gateway's key is changed: the one that signs now, and the one that follows."""
    keys = [key_of(os.environ)]
    if "COUNTERSIGN_NEXT_SECRET" in os.environ or "COUNTERSIGN_NEXT_KEY" in os.environ:
        following = {name: os.environ[f"COUNTERSIGN_NEXT_{name[12:]}"] for name in ("COUNTERSIGN_ID", "COUNTERSIGN_SECRET", "COUNTERSIGN_KEY")
                     if f"COUNTERSIGN_NEXT_{name[12:]}" in os.environ}
        keys.append(key_of({**os.environ, **following}))
    return keys


def key_of(variables):
    kind = variables.get("COUNTERSIGN_TYPE", "hmac")
    key_id, secret, key = (variables.get(f"COUNTERSIGN_{name}", "") for name in ("ID", "SECRET", "KEY"))
    if kind == "aes":
        return Key.aes(key_id, variables.get("COUNTERSIGN_ALGORITHM", ""), key, secret)
    if kind == "public_key":
        return Key.public_key(key_id, key)
    if kind not in ("hmac", "basic", "bce", "aliyun"):
        raise SystemExit(f"COUNTERSIGN_TYPE {kind} is none")
    return getattr(Key, kind)(key_id, secret)


def application(environ, start_response):
    verified = environ[VERIFIED]
    answer = {"verified": True, "type": verified.type, "key_id": verified.key_id, "caller": verified.caller,
              "method": environ["REQUEST_METHOD"], "target": environ["RAW_URI"], "body_bytes": len(environ["wsgi.input"].read())}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    def get_environ(self):
        return {**super().get_environ(), "RAW_URI": self.path}

    def log_message(self, *_):
        pass


def main(port):
    app = Countersigned(application, Verifier(keys_of_environment()))
    with make_server("127.0.0.1", port, app, Server, Handler) as server:
        print(f"listening at http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
