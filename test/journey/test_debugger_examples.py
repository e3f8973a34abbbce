"""The examples of the signature debugger: of every scheme, in every language, sent to the gateway as they are told."""
import base64
import json
import subprocess
import time
from dataclasses import dataclass

import pytest

import callers
from harness import tokens
from harness.examples import RUNNERS, run_examples
from harness.iam import asked, get_token, make_user, project_path
from harness.world import HOST, RELEASE, World

SCHEMES = ["aliyun-ca", "sdk-hmac-sha256", "bce-auth-v1", "sdk-hmac-sm3", "v11-hmac-sha256"]
LOCAL = "127.0.0.1"  # a domain of the group, so that examples need no name to be found
TEXT = 'it\'s "so" $HOME `id` \\ @body@ \\u0041 {0} é €'
NOTE = TEXT[:-4]
JSON = ('{"a":"' + TEXT + '",\t"b":1}\n').encode()
BINARY = "\x01\r\nþ\n".encode() * 3
FORM = b"x=1&y=%20z&e="


@pytest.fixture(scope="module")
def world():
    with World(workers=1) as world:
        client = world.client
        client.made(f"/api-groups/{world.group}/domains", {"url_domain": LOCAL})
        body = client.get(f"/apis/{world.api}").json
        assert client.put(f"/apis/{world.api}", {**body, "countersign": {"signature_schemes": SCHEMES}, "auth_opt": {"app_code_auth_type": "HEADER_QUERY"}}).status == 200
        client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": world.api})
        iam = client.made("/apis", {
            "name": "of-users", "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": "/of-users",
            "match_mode": "SWA", "auth_type": "IAM", "backend_type": "HTTP", "backend_api": {
                "url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": "/of-users", "timeout": 5000}})["id"]
        client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": iam})
        for feature in ("app_secret", "app_basic"):
            assert client.post("/features", {"name": feature, "enable": True}).status == 201
        yield world


@dataclass
class Wrong:
    """A request that is refused for its secret, and the right one."""
    fields: dict
    secret: str
    method: str = "GET"
    target: str = ""
    body: bytes = b""


def target(number, path="/orders/7"):
    return f"{path}?b=2&a=1%20x&c={number}"


def signed(key):
    """(case, fields of a target, more) of the signatures, each made with another secret than the key's."""
    wrong = (key, "another-secret")
    yield "aliyun-ca", lambda t: callers.aliyun("GET", t, HOST, wrong), {}
    yield "aliyun-ca json", lambda t: callers.aliyun("POST", t, HOST, wrong, JSON), {"method": "POST", "body": JSON}
    yield "aliyun-ca form", lambda t: callers.aliyun("POST", t, HOST, wrong, FORM, content_type="application/x-www-form-urlencoded"), {
        "method": "POST", "body": FORM}
    yield "aliyun-ca binary", lambda t: callers.aliyun("PUT", t, HOST, wrong, BINARY, content_type="application/octet-stream"), {
        "method": "PUT", "body": BINARY}
    yield "sdk", lambda t: callers.sdk("GET", t, HOST, wrong), {}
    yield "sdk json", lambda t: callers.sdk("POST", t, HOST, wrong, JSON, extra={"Content-Type": "application/json", "X-Note": NOTE}), {
        "method": "POST", "body": JSON}
    yield "sdk binary", lambda t: callers.sdk("PATCH", t, HOST, wrong, BINARY), {"method": "PATCH", "body": BINARY}
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    for name, algorithm in (("v11", f"V11-HMAC-SHA256 Credential={key}/{now[:8]}/r/s"), ("sm3", f"SDK-HMAC-SM3 Access={key}")):
        yield name, plain(X_Sdk_Date=now, Authorization=f"{algorithm}, SignedHeaders=host;x-sdk-date, Signature={'0' * 64}"), {}
    for carrier in ("Authorization", "X-Bce-Signature"):
        yield f"bce {carrier}", lambda t, carrier=carrier: callers.bce("GET", t, HOST, wrong, carrier=carrier), {}
        yield f"bce json {carrier}", lambda t, carrier=carrier: callers.bce("POST", t, HOST, wrong, JSON, carrier=carrier), {"method": "POST", "body": JSON}


def plain(**fields):
    return lambda _: {"Host": HOST, **{name.replace("_", "-"): value for name, value in fields.items()}}


def looked_up(world, app):
    """(case, fields, secret, more) of the secrets that are sent as they are; in place of each stands a wrong one."""
    client = world.client
    code = client.made(f"/apps/{app.id}/app-codes", {"app_code": "code+/=" + "c" * 60})["app_code"]
    for header, prefix in (("Authorization", "APPCODE "), ("X-Apig-AppCode", ""), ("X-Bce-Signature", "AppCode/")):
        yield f"app-code {header}", plain(**{header: prefix + code[:-1] + "x"}), code, {}
    yield "app-code query", plain(), code, {"query": "&AppCode=wrong-code-that-is-long-enough-for-one&z=9"}
    yield "app-secret", lambda _: plain_pair(app.key), app.secret, {}
    yield "app-secret json", plain(X_HW_ID=app.key, X_HW_AppKey="wrong", Content_Type="application/json"), app.secret, {"method": "POST", "body": JSON}
    yield "app-basic", lambda _: plain_basic(app.key), app.secret, {}
    for name, source in (("", {}), ("X-Our-Key", {"source": "HEADER", "name": "X-Our-Key"}), ("our_key", {"source": "QUERY", "name": "our_key"})):
        key = client.made("/consumers", {"name": f"keyed-{name or 'bearer'}", "api_key": {"generate_mode": "CUSTOM", "value": f"k&y%+=/for-{name}", **source}})
        authorise(world, key["id"])
        fields = plain(Authorization="Bearer wrong-key") if not name else plain(**{name: "wrong-key"}) if name[0] == "X" else plain()
        yield f"api-key {name}", fields, f"k&y%+=/for-{name}", {"query": "&our_key=wrong-key"} if name == "our_key" else {}
        if name == "our_key":
            yield "api-key query json", plain(Content_Type="application/json"), f"k&y%+=/for-{name}", {
                "query": "&our_key=wrong-key", "method": "POST", "body": JSON}


def plain_pair(key):
    return {"Host": HOST, "X-HW-ID": key, "X-HW-AppKey": "wrong"}


def plain_basic(key):
    return {"Host": HOST, "Authorization": "Basic " + base64.b64encode(f"{key}:wrong".encode()).decode()}


def bearers(world):
    for location, name, prefix in (("HEADER", "Authorization", "Bearer "), ("QUERY", "token", ""), ("COOKIE", "token", ""), ("HEADER", "X-Token", "")):
        consumer = world.client.made("/consumers", {"name": f"token-{location.lower()}-{name}"})["id"]
        authorise(world, consumer)
        made = world.client.made(f"/consumers/{consumer}/jwt-credentials", {"token_location": location, "token_name": name, "token_prefix": prefix})
        key = tokens.Secret(json.loads(made["jwks"])["keys"][0])
        text = tokens.token(key, tokens.claims(600, **{made["claim"]: made["claim_value"]}))
        wrong = text[:-6] + "AAAAAA"
        fields = {"HEADER": plain(**{name: prefix + wrong}), "COOKIE": plain(Cookie=f"token={wrong}"), "QUERY": plain()}[location]
        yield f"jwt {location} {name}", fields, text, {"query": f"&token={wrong}"} if location == "QUERY" else {}


def of_users(world):
    client = world.client
    user = make_user(client, "caller", [{"role": "api_caller"}], password="correct horse battery")["id"]
    pair = asked(client, "POST", project_path(client, f"/users/{user}/access-keys"), {}).json
    token = get_token(client, "caller", "correct horse battery", {"project": {"id": client.admin["project_id"]}}).headers["X-Subject-Token"]
    yield "iam sdk", lambda t: callers.sdk("GET", t, HOST, (pair["access"], "wrong")), pair["secret"], {"path": "/of-users"}
    yield "iam token", plain(X_Auth_Token=token[:-1] + ("A" if token[-1] != "A" else "B")), token, {"path": "/of-users"}


def authorise(world, consumer):
    world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [consumer], "api_ids": [world.api]})


def raw(wrong, host):
    fields = {**wrong.fields, "Host": host, **({"Content-Length": str(len(wrong.body))} if wrong.body else {})}
    return "\r\n".join([f"{wrong.method} {wrong.target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]) + "\r\n\r\n"


@pytest.fixture(scope="module")
def answers(world):
    """{case: (Wrong, examples by language)}: what the debugger tells of each, pasted as a request to this gateway's own address."""
    app, found = world.app("alice"), {}
    app.authorisation = world.authorise(app)
    cases = [(name, make, app.secret, more) for name, make, more in signed(app.key)]
    for number, (name, make, secret, more) in enumerate([*cases, *looked_up(world, app), *bearers(world), *of_users(world)]):
        more = dict(more)
        aim = target(number, more.pop("path", "/orders/7")) + more.pop("query", "")
        wrong = Wrong(make(aim), secret, target=aim, **more)
        found[name] = (wrong, examples(world, wrong))
    return found


def examples(world, wrong):
    host = f"{LOCAL}:{world.nginx.port}"
    text = raw(wrong, host) + wrong.body.decode()
    answer = world.client.post("/signature-debugger", {"request": text})
    assert answer.status == 200 and answer.json["outcome"] == "refused", answer
    assert wrong.secret not in str(answer.json), answer
    return {one["language"]: one["code"] for one in answer.json["examples"]}


@pytest.mark.parametrize("language", RUNNERS)
def test_every_example_is_let_in(world, answers, language, tmp_path):
    assert all(language in found for _, found in answers.values()), [name for name, (_, found) in answers.items() if language not in found]
    seen = len(world.backend.requests)
    printed = run_examples(language, [(found[language], wrong.secret) for wrong, found in answers.values()], tmp_path, BINARY)
    refused = {name: (text, answers[name][1][language]) for name, text in zip(answers, printed) if "200" not in text.split()}
    assert refused == {}, "\n".join("\n".join((name, *pair)) for name, pair in refused.items())
    for (wrong, _), received in zip(answers.values(), world.backend.requests[seen:], strict=True):
        assert (received.method, received.body) == (wrong.method, wrong.body) and wrong.target.split("?")[0] == received.target.split("?")[0]


def test_fetch_has_no_body_with_get(world):
    """So there is an example in every language but that."""
    fields = {"Host": HOST, "X-HW-ID": "somebody", "X-HW-AppKey": "wrong", "Content-Type": "application/json"}
    found = examples(world, Wrong(fields, "no-secret", target="/orders/7", body=JSON))
    assert list(found) == [language for language in RUNNERS if language != "javascript"]


HOSTILE = "$(touch${IFS}owned)`touch${IFS}owned`\";touch${IFS}owned;'touch${IFS}owned'\\"


@pytest.mark.parametrize("make", [*(lambda key, sign=sign: sign("GET", "/orders", HOST, (key, "x")) for sign in (callers.aliyun, callers.sdk, callers.bce)),
                                  plain_pair, plain_basic], ids=["aliyun-ca", "sdk-hmac-sha256", "bce-auth-v1", "app-secret", "app-basic"])
def test_what_a_stranger_wrote_is_never_run(world, tmp_path, make):
    """A refused request is anybody's, and whoever looks into it runs the example in his shell."""
    code = examples(world, Wrong(make(HOSTILE), "no-secret", target="/orders"))["curl"]
    assert code.count("touch") >= 4
    done = subprocess.run(["sh", "-c", code.replace("curl ", "curl -s -w '%{http_code}' ")], cwd=tmp_path, capture_output=True, timeout=30, check=False)
    assert done.stdout[-3:] in (b"400", b"401", b"403") and list(tmp_path.iterdir()) == [], (code, done)


def test_a_key_that_is_missing_is_to_be_filled_in(world):
    found = examples(world, Wrong({"Host": HOST, "X-Ca-Signature": "AAAA", "X-Ca-Key": ""}, "no-secret", target="/orders"))
    assert len(found) == len(RUNNERS) and all("<APP_KEY>" in code for code in found.values())
