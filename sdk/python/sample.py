#!/usr/bin/env python3
"""sample.py PORT: a backend that believes the gateway only. Its key is in the environment (../README.md)."""
import json
import os
import socketserver
import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

sys.path.insert(0, str(Path(__file__).resolve().parent))

from countersign import Key, Verifier  # noqa: E402
from countersign.wsgi import VERIFIED, Countersigned  # noqa: E402


def key_of_environment():
    kind = os.environ.get("COUNTERSIGN_TYPE", "hmac")
    key_id, secret, key = (os.environ.get(f"COUNTERSIGN_{name}", "") for name in ("ID", "SECRET", "KEY"))
    if kind == "aes":
        return Key.aes(key_id, os.environ["COUNTERSIGN_ALGORITHM"], key, secret)
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
    app = Countersigned(application, Verifier([key_of_environment()]))
    with make_server("127.0.0.1", port, app, Server, Handler) as server:
        print(f"listening at http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
