"""Users with tokens and with sessions of the console: other ways to call what Client calls with a signature."""
import base64
import hashlib
import hmac
import json
import time

from harness.management import Client


def token_body(name, password, domain=None, scope=None):
    user = {"name": name, "password": password}
    if domain:
        user["domain"] = {"name": domain}
    auth = {"identity": {"methods": ["password"], "password": {"user": user}}}
    if scope is not None:
        auth["scope"] = scope
    return {"auth": auth}


class TokenClient(Client):
    """Calls with X-Auth-Token instead of a signature."""

    def __init__(self, socket_path, admin, token):
        super().__init__(socket_path, admin)
        self.token = token

    def signed(self, method, target, body=b"", headers=None):
        return self.send(method, target, body, {"X-Auth-Token": self.token, **(headers or {})})


class SessionClient(Client):
    """Calls as a page of the console does."""

    def __init__(self, socket_path, admin, cookie, csrf):
        super().__init__(socket_path, admin)
        self.cookie, self.csrf = cookie, csrf

    def signed(self, method, target, body=b"", headers=None):
        sent = {"Cookie": f"theme=dark; countersign_session={self.cookie}", "X-CSRF-Token": self.csrf, "Host": "management.test",
                "Origin": "http://management.test", "Sec-Fetch-Site": "same-origin", **(headers or {})}
        return self.send(method, target, body, {name: value for name, value in sent.items() if value is not None})


def get_token(client, name, password, scope=None, source=None, domain="countersign"):
    """The answer of POST /v3/auth/tokens."""
    headers = {"X-Forwarded-For": source} if source else {}
    return client.send("POST", "/v3/auth/tokens", json.dumps(token_body(name, password, domain, scope)).encode(), headers)


def token_client(client, name=None, password=None, scope=None, source=None):
    """A client with a fresh token; without a name the administrator's."""
    admin = client.admin
    scope = {"project": {"id": admin["project_id"]}} if scope is None else scope
    answer = get_token(client, name or admin["user_name"], password or admin["password"], scope, source)
    assert answer.status == 201, answer
    return TokenClient(client.socket_path, admin, answer.headers["X-Subject-Token"])


def session_client(client, name=None, password=None, source=None):
    admin = client.admin
    body = {"name": name or admin["user_name"], "password": password or admin["password"]}
    answer = client.send("POST", "/console/session", json.dumps(body).encode(), {"X-Forwarded-For": source} if source else {})
    assert answer.status == 201, answer
    cookie = answer.headers["Set-Cookie"].split(";")[0].split("=", 1)[1]
    return SessionClient(client.socket_path, admin, cookie, answer.json["csrf_token"])


def project_path(client, tail):
    """/v2/{project}/apigw/...: what is of a project or its domain."""
    return f"/v2/{client.admin['project_id']}/apigw{tail}"


def asked(client, method, target, body=None):
    """One call at a path that stands under no instance."""
    return client.signed(method, target, b"" if body is None else json.dumps(body).encode())


def make_user(client, name, roles=(), **more):
    answer = asked(client, "POST", project_path(client, "/users"), {"name": name, "roles": list(roles), **more})
    assert answer.status == 201, answer
    return answer.json


def key_client(client, user_id, of=None, **place):
    """A client with a fresh access key of this user; `place` may name another project_id and instance_id."""
    answer = asked(of or client, "POST", project_path(client, f"/users/{user_id}/access-keys"), {})
    assert answer.status == 201, answer
    return Client(client.socket_path, {**client.admin, "access": answer.json["access"], "secret": answer.json["secret"], **place})


def totp(secret, step):
    """The code of a step (RFC 6238), from the secret as an app gets it."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[19] & 15
    return f"{(int.from_bytes(mac[at:at + 4], 'big') & 0x7fffffff) % 10 ** 6:06}"


class Authenticator:
    """A user's app: a factor of its own, and codes that were not used yet. The store's last step is set back past the daemon where a test needs
    more codes than time gives."""

    def __init__(self, client, password, forget):
        self.client, self.forget = client, forget
        self.secret = asked(client, "POST", project_path(client, "/factors/totp"), {"password": password}).json["secret"]
        step = int(time.time()) // 30
        answer = asked(client, "PUT", project_path(client, "/factors/totp"), {"codes": [totp(self.secret, step - 1), totp(self.secret, step)]})
        assert answer.status == 200, answer
        self.recovery = answer.json["recovery_codes"]

    def code(self):
        self.forget()
        return totp(self.secret, int(time.time()) // 30)


def step_up(client, authenticator, action, object_id, code=None):
    """The id of a granted step-up."""
    opened = asked(client, "POST", project_path(client, "/step-ups"), {"action": action, "object_id": object_id})
    assert opened.status == 201, opened
    answer = asked(client, "PUT", project_path(client, "/step-ups/" + opened.json["id"]), {"code": code or authenticator.code()})
    assert answer.status == 200 and answer.json["granted"], answer
    return opened.json["id"]
