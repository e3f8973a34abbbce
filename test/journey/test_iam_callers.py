"""APIs of type IAM: users with access keys, permanent and temporary, and with tokens; what changes at a user holds at the next request."""
import json
import subprocess
import time

import pytest

from harness import signing
from harness.iam import asked, get_token, make_user, project_path
from harness.tree import program
from harness.world import HOST, RELEASE, World, on_every_worker
from wire import Wire

PATH = "/of-users"
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def world():
    with World(workers=2) as world:
        world.iam, world.iam_publication = publish(world, "of-users", PATH)
        yield world


def publish(world, name, path, **more):
    api = world.client.made("/apis", {
        "name": name, "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": path,
        "match_mode": "SWA", "auth_type": "IAM", "backend_type": "HTTP",
        "backend_api": {"url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": path, "timeout": 5000}, **more})["id"]
    return api, world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api})["publish_id"]


class User:
    """With a password, one access key and one token of the gateway's project."""
    count = 0

    def __init__(self, world, *roles, scope=None, token=True):
        User.count += 1
        self.world, self.name = world, f"caller{User.count}"
        roles = [role if isinstance(role, dict) else {"role": role} for role in roles]
        self.id = make_user(world.client, self.name, roles, **({"password": PASSWORD} if token else {}))["id"]
        made = asked(world.client, "POST", project_path(world.client, f"/users/{self.id}/access-keys"), {})
        assert made.status == 201, made
        self.pair = made.json["access"], made.json["secret"]
        self.token = self.new_token(scope) if token else None

    def new_token(self, scope=None, password=PASSWORD):
        scope = {"project": {"id": self.world.client.admin["project_id"]}} if scope is None else scope
        answer = get_token(self.world.client, self.name, password, scope)
        assert answer.status == 201, answer
        return answer.headers["X-Subject-Token"]

    def change(self, **fields):
        answer = asked(self.world.client, "PUT", project_path(self.world.client, f"/users/{self.id}"), fields)
        assert answer.status == 200, answer

    def signed(self, path=PATH, body=b"", more=None):
        return signed(self.pair, path, body, more)

    def temporary(self):
        """(key pair, security token), for a quarter of an hour."""
        body = {"auth": {"identity": {"methods": ["token"], "token": {"duration_seconds": 900}}}}
        answer = self.world.client.send("POST", "/v3.0/OS-CREDENTIAL/securitytokens", json.dumps(body).encode(),
                                        {"X-Auth-Token": self.token, "Content-Type": "application/json"})
        assert answer.status == 201, answer
        made = answer.json["credential"]
        return (made["access"], made["secret"]), made["securitytoken"]


def signed(pair, path=PATH, body=b"", more=None):
    return signing.raw("POST" if body else "GET", path, signing.sdk_hmac_fields("POST" if body else "GET", HOST, path, pair, body, more), body)


def with_token(token, path=PATH, **more):
    return signing.raw("GET", path, {"Host": HOST, "X-Auth-Token": token, **more})


def send(world, message):
    with Wire(world.nginx.port) as wire:
        wire.send(message)
        return wire.answer()


def status(world, message):
    return send(world, message).status


def read(answer):
    body = json.loads(answer.body)
    return answer.status, body["error_code"], body["error_msg"]


NOT_AUTHORISED = (403, "APIG.0302", "The IAM user is not authorized to access the API.")
UPDATE = (401, "APIG.0307", "The token must be updated.")
UNKNOWN_TOKEN = (401, "APIG.0301", "Incorrect IAM authentication information: decrypt token fail")


def test_an_access_key_signs(world):
    user = User(world, "api_caller")
    world.backend.take()
    answer = send(world, user.signed())
    assert answer.status == 200
    received = world.backend.take()[-1]
    assert received.all("X-Countersign-User") == [user.id]
    assert received.all("Authorization") == [] and received.all("X-Sdk-Date") == [] and received.all("X-Countersign-App") == []
    line = world.nginx.logged(answer["X-Request-Id"])
    assert (line["principal_kind"], line["principal_id"], line["principal"], line["scheme"]) == ("user", user.id, user.name, "sdk-hmac-sha256")
    assert status(world, user.signed(body=b"a body")) == 200
    tampered = user.signed(body=b"a body")[:-1] + b"Y"
    code = read(send(world, tampered))
    assert code[:2] == (401, "APIG.0301") and "verify aksk signature fail, canonicalRequest:POST|" in code[2]


def test_a_token_is_enough_and_does_not_go_on(world):
    user = User(world, "api_caller")
    world.backend.take()
    answer = send(world, with_token(user.token, **{"X_Auth_Token": user.token, "X-Security-Token": "x", "X-Countersign-User": "somebody"}))
    assert answer.status == 200
    received = world.backend.take()[-1]
    assert received.all("X-Countersign-User") == [user.id]
    assert not [name for name, value in received.fields if user.token in value or "security" in name.lower()]
    line = world.nginx.logged(answer["X-Request-Id"])
    assert (line["principal_id"], line["scheme"]) == (user.id, "auth-token")
    logs = "".join((world.nginx.folder / "logs" / name).read_text(errors="replace") for name in ("access.log", "error.log"))
    assert user.token not in logs and user.pair[1] not in logs
    assert read(send(world, with_token(user.token[:-1] + "_"))) == UNKNOWN_TOKEN
    empty = read(send(world, with_token("")))
    assert empty == (401, "APIG.0301", "Incorrect IAM authentication information: x-auth-token not found")
    nothing = send(world, signing.bare(HOST, PATH))
    assert read(nothing) == empty and nothing["WWW-Authenticate"] == 'SDK-HMAC-SHA256 realm="countersign"'
    both = read(send(world, user.signed(more={"X-Auth-Token": user.token})))
    assert both[:2] == (401, "APIG.0301") and "more than one proof" in both[2]


def test_a_temporary_key_counts_with_its_security_token(world):
    user, other = User(world, "api_caller"), User(world, "api_caller")
    (pair, token), (_, foreign) = user.temporary(), other.temporary()
    world.backend.take()
    assert status(world, signed(pair, more={"X-Security-Token": token})) == 200
    assert world.backend.take()[-1].all("X-Security-Token") == []
    unsigned = {**signing.sdk_hmac_fields("GET", HOST, PATH, pair), "X-Security-Token": token}
    assert status(world, signing.raw("GET", PATH, unsigned)) == 200
    missing = (401, "APIG.0301", "Incorrect IAM authentication information: X-Security-Token is missing, or not that of the key")
    for more in ({}, {"X-Security-Token": foreign}, {"X-Security-Token": "x" * 64}, {"X-Security-Token": user.token}):
        answer = send(world, signed(pair, more=more))
        assert read(answer) == missing
        assert world.nginx.logged(answer["X-Request-Id"])["refusal"] == "security_token"
    assert read(send(world, with_token(token))) == UNKNOWN_TOKEN
    user.change(password=PASSWORD + "!")
    assert read(send(world, signed(pair, more={"X-Security-Token": token}))) == UPDATE
    assert status(world, user.signed()) == 200


def kept_refusal(world, send_refused):
    """The answer to a refused request and how it stands in the list: sent until it does, as a worker keeps five a second."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        answer = send_refused()
        for _ in range(15):
            time.sleep(0.2)
            if found := world.client.get(f"/refused-requests?request_id={answer['X-Request-Id']}").json["refused_requests"]:
                return answer, found[0]
    raise AssertionError("no refused request was kept")


def test_what_was_signed_along_is_not_kept_of_a_refused_request(world):
    """SDKs sign the security token, too, and cookies; whoever looks at refused requests reads neither."""
    user = User(world, "api_caller")
    pair, token = user.temporary()
    cookie = "session=nobody-else-may-have-this"
    more = {"X-Security-Token": token, "Cookie": cookie, "X-Plain": "seen"}
    answer, kept = kept_refusal(world, lambda: send(world, signed((pair[0], "not the secret"), more=more)))
    assert read(answer)[:2] == (401, "APIG.0301") and f"x-security-token:{token}" in read(answer)[2], "who sent it reads it"
    text = kept["string_to_sign"]
    assert "\ncookie:***\n" in text and "\nx-security-token:***\n" in text and "\nx-plain:seen\n" in text
    client = text.replace("cookie:***", f"cookie:{cookie}").replace("x-security-token:***", f"x-security-token:{token}")
    for given, differs in ((client, None), (client.replace("x-plain:seen", "x-plain:other"), "x-plain:other")):
        said = world.client.post("/signature-debugger", {"request_id": answer["X-Request-Id"], "string_to_sign": given})
        assert said.status == 200 and (said.json["difference"] or {}).get("client_line") == differs
        assert token not in json.dumps(said.json) and cookie not in json.dumps(said.json)


def test_roles_say_who_may_call(world):
    admin = world.client.admin
    here, instance = {"project_id": admin["project_id"]}, {"project_id": admin["project_id"], "instance_id": admin["instance_id"]}
    made = asked(world.client, "POST", "/v3/projects", {"project": {"name": "region_elsewhere", "domain_id": admin["domain_id"]}})
    assert made.status == 201, made
    elsewhere = {"project_id": made.json["project"]["id"]}
    for role in ("administrator", "operator", "api_owner", "api_caller"):
        for place in ({}, here, instance):
            assert status(world, User(world, {"role": role, **place}, token=False).signed()) == 200
    for roles in ((), ("auditor",), ("app_owner",), ({"role": "api_caller", **elsewhere},), ({"role": "administrator", **elsewhere},)):
        assert read(send(world, User(world, *roles, token=False).signed())) == NOT_AUTHORISED
    assert read(send(world, with_token(User(world, "auditor").token))) == NOT_AUTHORISED
    everywhere = User(world, "api_caller", scope={"project": {"id": elsewhere["project_id"]}})
    assert read(send(world, with_token(everywhere.token))) == NOT_AUTHORISED
    assert read(send(world, with_token(everywhere.new_token({"domain": {"name": "countersign"}})))) == NOT_AUTHORISED
    assert status(world, with_token(everywhere.new_token())) == 200


def test_who_calls_apis_manages_nothing(world):
    user = User(world, "api_caller")
    for path in ("/apis", "/apps", "/envs"):
        answer = world.client.send("GET", world.client.base + path, headers={"X-Auth-Token": user.token})
        assert answer.status == 403, answer
    assert world.client.send("GET", world.client.project, headers={"X-Auth-Token": user.token}).status == 403


def test_kinds_of_callers_are_kept_apart(world):
    app, user = world.app("not_a_user"), User(world, "administrator")
    unknown = read(send(world, signed((app.key, app.secret))))
    assert unknown == (401, "APIG.0301", f"Incorrect IAM authentication information: ak {app.key} not exist")
    on_app_api = read(send(world, signed(user.pair, "/orders")))
    assert on_app_api == (401, "APIG.0303", f"Incorrect app authentication information: app not found, appkey {user.pair[0]}")
    assert read(send(world, with_token(user.token, "/orders")))[:2] == (401, "APIG.0303")


def test_changes_hold_at_the_next_request_on_every_worker(world):
    connections = world.connections()

    def everywhere(message):
        answers = {read(answer) if answer.status != 200 else 200 for answer in on_every_worker(connections, message)}
        assert len(answers) == 1, answers
        return answers.pop()

    user = User(world, "api_caller")
    assert everywhere(user.signed()) == 200 and everywhere(with_token(user.token)) == 200
    user.change(enabled=False)
    assert everywhere(user.signed()) == (401, "APIG.0301", "Incorrect IAM authentication information: the user is disabled")
    assert everywhere(with_token(user.token)) == UPDATE
    user.change(enabled=True)
    assert everywhere(user.signed()) == 200 and everywhere(with_token(user.token)) == UPDATE
    fresh = user.new_token()
    assert everywhere(with_token(fresh)) == 200
    user.change(roles=[{"role": "auditor"}])
    assert everywhere(user.signed()) == NOT_AUTHORISED and everywhere(with_token(fresh)) == UPDATE
    user.change(roles=[{"role": "api_owner"}])
    fresh = user.new_token()
    assert everywhere(user.signed()) == 200 and everywhere(with_token(fresh)) == 200
    user.change(password=PASSWORD + "?")
    assert everywhere(user.signed()) == 200 and everywhere(with_token(fresh)) == UPDATE
    fresh = user.new_token(password=PASSWORD + "?")
    assert everywhere(with_token(fresh)) == 200
    assert world.client.send("DELETE", "/v3/auth/tokens", headers={"X-Auth-Token": fresh, "X-Subject-Token": fresh}).status == 204
    assert everywhere(with_token(fresh)) == UNKNOWN_TOKEN
    keys = project_path(world.client, f"/users/{user.id}/access-keys/{user.pair[0]}")
    assert asked(world.client, "PUT", keys, {"enabled": False}).status == 200
    assert everywhere(user.signed()) == (401, "APIG.0301", "Incorrect IAM authentication information: the key is disabled")
    assert asked(world.client, "PUT", keys, {"enabled": True}).status == 200
    assert everywhere(user.signed()) == 200
    fresh = user.new_token(password=PASSWORD + "?")
    assert asked(world.client, "DELETE", project_path(world.client, f"/users/{user.id}")).status == 204
    assert everywhere(user.signed()) == (401, "APIG.0301", f"Incorrect IAM authentication information: ak {user.pair[0]} not exist")
    assert everywhere(with_token(fresh)) == UNKNOWN_TOKEN


def test_a_rebuild_of_the_edge_keeps_them(world):
    user = User(world, "api_caller")
    pair, token = user.temporary()
    ended = subprocess.run([program("countersign"), "edge", "rebuild", "--data", world.folder / "data"], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended
    assert status(world, user.signed()) == 200 and status(world, with_token(user.token)) == 200
    assert status(world, signed(pair, more={"X-Security-Token": token})) == 200


def test_a_definition_names_signatures_of_access_keys_only(world):
    answer = world.client.post("/apis", {
        "name": "unfit", "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/unfit", "auth_type": "IAM",
        "backend_type": "MOCK", "mock_info": {"result_content": "x"}, "countersign": {"signature_schemes": ["aliyun-ca"]}})
    assert answer.status == 400 and "countersign.signature_schemes" in answer.message
