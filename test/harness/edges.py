"""An edge without the daemon, filled by edge-load: one line of JSON a record, each `commit` effective when it returns."""
import json
import os
import subprocess
from pathlib import Path

from tree import program

INSTANCE = "5a1e0f2b3c4d5e6f708192a3b4c5d6e7"
RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
SCHEMES = ("aliyun-ca", "sdk-hmac-sha256", "bce-auth-v1", "sdk-hmac-sm3", "v11-hmac-sha256", "sdk-ecdsa-p256-sha256", "sdk-sm2-sm3")


class Edge:
    """`data` is what nginx.conf.in calls @DATA@. Start it with open(); records given before wait for it."""

    def __init__(self, data):
        self.data = Path(data)
        self.process = None
        self.waiting = []

    def open(self):
        for name in ("edge", "keys"):
            (self.data / name).mkdir(parents=True, exist_ok=True)
        command = [program("edge-load"), "--edge", self.data / "edge", "--keys", self.data / "keys", "--create-keys"]
        if os.geteuid() == 0:
            command += ["--group", "nogroup"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        if self.waiting:
            self.put(*self.waiting)
        return self

    def put(self, *records):
        """Writes the records in one transaction; returns when readers see them."""
        if self.process is None:
            self.waiting += records
            return
        for record in (*records, {"kind": "commit"}):
            self.process.stdin.write(json.dumps({**record}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer.startswith("committed "), f"edge-load refused: {answer!r}, see its standard error"

    def remove(self, record):
        self.put({**record, "remove": True})

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait(10)
            self.process.stdout.close()


def host(name, group):
    return {"kind": "host", "instance": INSTANCE, "host": name, "group": group}


def routes(group, *entries, environment=RELEASE, environment_name="RELEASE"):
    """Each entry: (method, path, api) or (method, path, api, prefix)."""
    return {"kind": "routes", "instance": INSTANCE, "group": group, "environment": environment, "environment_name": environment_name,
            "entries": [{"method": entry[0], "path": entry[1], "api": entry[2], "prefix": len(entry) > 3 and entry[3]} for entry in entries]}


def publication(api, backend, environment=RELEASE, environment_name="RELEASE", **more):
    """`backend`: what edge-load calls so, at least {"authority": …}; more: places, rules, signature_key …"""
    backend = {"kind": "http", "host": backend["authority"], "path": "/", "timeout_ms": 5000, **backend}
    return {"kind": "publication", "instance": INSTANCE, "api": api, "environment": environment, "environment_name": environment_name,
            "id": f"publish-{api}", "api_name": api, "auth_type": "APP", "revision": 1, **more, "backend": backend}


def key_pair(key_id, secret, principal, **more):
    return {"kind": "key_pair", "instance": INSTANCE, "key_id": key_id, "secrets": [{"value": secret}], "id": f"credential-{key_id}",
            "principal": principal, "revision": 1, **more}


def api_key(secret, principal, location="header", place_name="authorization", place_prefix="Bearer ", **more):
    return {"kind": "api_key", "instance": INSTANCE, "api_key": secret, "id": f"credential-of-{principal['id']}", "principal": principal,
            "schemes": ["api-key"], "location": location, "place_name": place_name, "place_prefix": place_prefix, "revision": 1, **more}


def place(scheme="api-key", location="header", name="authorization", prefix="Bearer ", pass_through=False):
    return {"scheme": scheme, "location": location, "name": name, "prefix": prefix, "pass_through": pass_through}


def token(value, key_set, principal, **more):
    """A consumer's token credential, whom the claim uid names."""
    return {"kind": "token", "instance": INSTANCE, "claim_value": value, "key_set": key_set, "principal": principal, **more}


def key_set(name, jwks, revision=1):
    return {"kind": "key_set", "instance": INSTANCE, "name": name, "jwks": jwks, "secret": True, "revision": revision}


def app_code(code, principal, **more):
    return api_key(code, principal, place_name="authorization", place_prefix="APPCODE ", schemes=["app-code"],
                   **{"id": f"app-code-of-{principal['id']}", **more})


def app_code_places(query=True):
    places = [place("app-code", prefix="APPCODE "), place("app-code", name="x-apig-appcode", prefix=""),
              place("app-code", name="x-bce-signature", prefix="AppCode/")]
    return places + [place("app-code", location="query", name="AppCode", prefix="")] * query


def bce_places():
    return [place("bce-auth-v1", name=name, prefix="bce-auth-v") for name in ("x-bce-signature", "authorization")]


def authorisation(api, principal, environment=RELEASE, **more):
    return {"kind": "authorisation", "instance": INSTANCE, "api": api, "environment": environment,
            "principal": {"kind": principal["kind"], "id": principal["id"]}, **more}


def addresses(authority, *where):
    return {"kind": "addresses", "authority": authority, "addresses": list(where or [authority])}


def signature_key(sign_id, key, secret, **more):
    """more: type, next_key, next_secret, next_from …"""
    return {"kind": "signature_key", "instance": INSTANCE, "id": sign_id, "key": key, "secret": secret, "revision": 1, **more}


def throttle(throttle_id, **limits):
    """A policy of so many requests in ninety days, unless limits say seconds; limits: api, user, app, consumer, ip, shared, specials."""
    return {"kind": "throttle", "instance": INSTANCE, "id": throttle_id, "seconds": 90 * 86400, **limits}


def address_list(list_id, *ranges, deny=False):
    """Of an acl, or of a principal who is listed; ranges like "127.0.0.1-127.0.0.9", sorted."""
    return {"kind": "address_list", "instance": INSTANCE, "id": list_id, "deny": deny, "ranges": list(ranges)}


def app(name="app"):
    return {"kind": "app", "id": f"id-of-{name}", "name": name}


def consumer(name="consumer"):
    return {"kind": "consumer", "id": f"id-of-{name}", "name": name}


def feature(name):
    return {"kind": "feature", "instance": INSTANCE, "name": name}
