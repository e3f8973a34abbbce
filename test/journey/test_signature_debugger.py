"""The signature debugger: what is wrong with a request, found by the daemon, by trying. Its examples: test_debugger_examples.py."""
import hashlib
import json
import time

import callers
import pytest
import wire
from harness import tokens
from harness.iam import key_client, make_user
from harness.world import HOST, PATH, RELEASE, World

TARGET = PATH + "/7?b=2&a=1%20x"


@pytest.fixture(scope="module")
def world():
    with World(workers=1) as world:
        yield world


@pytest.fixture(scope="module")
def app(world):
    return world.app("alice")


@pytest.fixture(scope="module")
def pair(app):
    return app.key, app.secret


def raw(method, target, fields, body=b""):
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines) + "\r\n\r\n" + body.decode()


def curl(method, target, fields, body=b""):
    """As people paste it: no -X for GET, headers in single quotes, the body with -d."""
    words = ["curl", *(["-X", method] if method not in ("GET", "POST") else [])]
    words += [f"-H '{name}: {value}'" for name, value in fields.items() if name != "Host"]
    words += [f"-d '{body.decode()}'"] if body else []
    return " \\\n  ".join([*words, f"'http://{fields['Host']}{target}'"])


def ask(client, request=None, **more):
    answer = client.post("/signature-debugger", {**({"request": request} if request else {}), **more})
    assert answer.status == 200, answer
    return answer.json


def causes(answer):
    return [cause["cause"] for cause in answer["causes"]]


def sent(world, method, target, fields, body=b""):
    return wire.ask(world.nginx.port, method, target, fields, body or None)


SIGNERS = {
    "aliyun-ca": callers.aliyun,
    "sdk-hmac-sha256": lambda *a, **k: callers.sdk(*a, extra={"Accept": "application/json", "Content-Type": "application/json"}, **k),
    "bce-auth-v1": lambda *a, **k: callers.bce(*a, extra={"Content-Type": "application/json", "Accept": "application/json"}, **k),
}


@pytest.mark.parametrize("scheme", SIGNERS)
@pytest.mark.parametrize("form", [raw, curl])
def test_a_good_request_is_good(world, pair, scheme, form):
    fields = SIGNERS[scheme]("GET", TARGET, HOST, pair)
    answer = ask(world.client, form("GET", TARGET, fields))
    assert (answer["outcome"], answer["refusal"], answer["proof"], answer["scheme"]) == ("accepted", "", "holds", scheme)
    assert (answer["principal_name"], answer["api_name"], answer["environment"]) == ("alice", "orders", "RELEASE")
    assert answer["causes"] == [] and answer["difference"] is None
    assert answer["client_text"] == answer["gateway_text"] != "" and answer["client_text_source"] == "deduced"
    assert pair[1] not in str(answer)
    assert sent(world, "GET", TARGET, fields).status == 200


def changed(fields, **values):
    fields = {**fields, **{name.replace("_", "-"): value for name, value in values.items()}}
    return {name: value for name, value in fields.items() if value is not None}


ALIYUN, SDK, BCE = SIGNERS.values()
BODY = b'{"a":1}'


def sdk_signing(secret="", end="", **more):
    """Signs another text, or with another secret, than it should."""
    def sign(pair):
        fields = callers.sdk("GET", TARGET, HOST, (pair[0], pair[1] + secret), **more)
        return "GET", TARGET, fields, b""
    return sign


def slashless(pair):
    fields = {"Host": HOST, "X-Sdk-Date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())}
    text = callers.sdk_canonical("GET", PATH, ["host", "x-sdk-date"], {"host": HOST, "x-sdk-date": fields["X-Sdk-Date"]},
                                 hashlib.sha256(b"").hexdigest()).replace(PATH + "/\n", PATH + "\n")
    signature = callers.sdk_signature(text, fields["X-Sdk-Date"], pair[1])
    return "GET", PATH, {**fields, "Authorization": f"SDK-HMAC-SHA256 Access={pair[0]}, SignedHeaders=host;x-sdk-date, Signature={signature}"}, b""


# What was signed, and what is sent: the causes that must be found, and the line and the byte where the texts part.
WRONG = {
    "Accept": (lambda p: ("GET", TARGET, changed(ALIYUN("GET", TARGET, HOST, p), Accept="*/*"), b""), ["accept"], (2, 1)),
    "no Accept": (lambda p: ("GET", TARGET, changed(ALIYUN("GET", TARGET, HOST, p), Accept=None), b""), ["accept"], (2, 1)),
    "charset": (lambda p: ("POST", TARGET, changed(ALIYUN("POST", TARGET, HOST, p, BODY), Content_Type="application/json; charset=utf-8"), BODY),
                ["charset"], (4, 17)),
    "type": (lambda p: ("POST", TARGET, changed(ALIYUN("POST", TARGET, HOST, p, BODY), Content_Type="text/xml"), BODY), ["content_type"], (4, 1)),
    "body": (lambda p: ("POST", TARGET, SDK("POST", TARGET, HOST, p), BODY), ["body"], (10, 1)),
    "method": (lambda p: ("PUT", TARGET, SDK("POST", TARGET, HOST, p), b""), ["method"], (1, 2)),
    "no query": (lambda p: ("GET", TARGET, SDK("GET", PATH + "/7", HOST, p), b""), ["query"], (3, 1)),
    "encoded twice": (lambda p: ("GET", TARGET, BCE("GET", TARGET.replace("%", "%25"), HOST, p), b""), ["encoding"], (3, 6)),
    "Host": (lambda p: ("GET", TARGET, changed(SDK("GET", TARGET, HOST, p), Host=HOST + ":8080"), b""), ["host"], (6, 25)),
    "slash": (slashless, ["path_slash"], (2, 8)),
    "secret with a line end": (sdk_signing("\n"), ["secret_spelling"], None),
    "another secret": (sdk_signing("x"), ["secret_or_text"], None),
    "Accept and charset": (lambda p: ("POST", TARGET, changed(ALIYUN("POST", TARGET, HOST, p, BODY), Accept="*/*",
                                                             Content_Type="application/json;charset=UTF-8"), BODY), ["accept", "charset"], (2, 1)),
    "clock": (sdk_signing(now=time.time() - 2000), ["clock"], None),
    "clock and method": (lambda p: ("PUT", TARGET, SDK("POST", TARGET, HOST, p, now=time.time() - 2000), b""), ["clock", "method"], (1, 2)),
    "unsigned body": (lambda p: ("POST", TARGET, changed(SDK("POST", TARGET, HOST, p), X_Sdk_Content_Sha256="UNSIGNED-PAYLOAD"), BODY),
                      ["body_unsigned"], None),
    "signed header missing": (lambda p: ("GET", TARGET, changed(SDK("GET", TARGET, HOST, p), Accept=None), b""), ["header_missing"], None),
    "time not signed": (lambda p: ("GET", TARGET, changed(ALIYUN("GET", TARGET, HOST, p), X_Ca_Signature_Headers="X-Ca-Key"), b""),
                        ["date_unsigned"], None),
    "nothing": (lambda p: ("GET", TARGET, {"Host": HOST}, b""), ["proof_missing"], None),
    "unknown key": (lambda p: ("GET", TARGET, SDK("GET", TARGET, HOST, ("nobody", p[1])), b""), ["key_unknown"], None),
    "two proofs": (lambda p: ("GET", TARGET, {**ALIYUN("GET", TARGET, HOST, p), **SDK("GET", TARGET, HOST, p)}, b""), ["proof_twice"], None),
    "no API": (lambda p: ("GET", "/elsewhere", SDK("GET", "/elsewhere", HOST, p), b""), ["route"], None),
    "no such environment": (lambda p: ("GET", TARGET, {**SDK("GET", TARGET, HOST, p), "X-Stage": "nowhere"}, b""), ["route"], None),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(world, pair, name):
    make, wanted, place = WRONG[name]
    method, target, fields, body = make(pair)
    answer = ask(world.client, raw(method, target, fields, body))
    assert causes(answer)[:len(wanted)] == wanted, answer
    if place is not None:
        assert (answer["difference"]["line"], answer["difference"]["byte"]) == place, answer
    assert pair[1] not in str(answer)
    status = sent(world, method, target, fields, body).status
    assert (status == 200) == (answer["outcome"] == "accepted"), answer


def test_the_clients_own_text(world, pair):
    """Without the right secret its text tells; with the same text only the secret can be wrong. On one line, as SDKs show it, too."""
    fields = callers.aliyun("GET", TARGET, HOST, (pair[0], "another-secret"))
    right = ask(world.client, raw("GET", TARGET, fields))["gateway_text"]
    answer = ask(world.client, raw("GET", TARGET, fields), string_to_sign=right)
    assert (causes(answer), answer["client_text_source"]) == (["secret"], "given")
    for text in (right.replace("a=1 x&b=2", "b=2&a=1 x"), right.replace("a=1 x&b=2", "b=2&a=1 x").replace("\n", "#")):
        answer = ask(world.client, raw("GET", TARGET, fields), string_to_sign=text)
        assert causes(answer) == ["query_order"] and not answer["causes"][0]["certain"]
        assert answer["difference"]["gateway_line"] == PATH + "/7?a=1 x&b=2" and answer["difference"]["line"] == len(right.splitlines())


def test_who_may_not_write_keys_learns_nothing_of_a_signature(world, app, pair):
    """Whoever only reads sees how the text is made, and nothing that depends on a secret: right or wrong, the answer is the same."""
    right = callers.sdk("GET", TARGET, HOST, pair)
    wrong = {**right, "Authorization": right["Authorization"][:-1] + ("0" if right["Authorization"][-1] != "0" else "1")}
    for role in ("auditor", "api_owner"):
        reader = key_client(world.client, make_user(world.client, f"debug_{role}", [{"role": role}])["id"])
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        answers = [ask(reader, raw("GET", TARGET, fields), time=now) for fields in (right, wrong)]
        assert answers[0] == answers[1]
        assert (answers[0]["proof"], answers[0]["outcome"], answers[0]["client_text_source"]) == ("not_told", "not_told", "none")
        assert answers[0]["gateway_text"].startswith("GET\n/orders/7/\n")
        unknown = ask(reader, raw("GET", TARGET, {**right, "Authorization": right["Authorization"].replace(pair[0], "nobody")}))
        assert causes(unknown) == ["key_unknown"], "key ids are no secret to whoever reads"
    writer = key_client(world.client, make_user(world.client, "debug_owner", [{"role": "app_owner"}])["id"])
    assert [ask(writer, raw("GET", TARGET, fields))["proof"] for fields in (right, wrong)] == ["holds", "does_not_hold"]


def test_secrets_that_are_looked_up_are_told_to_writers_only(world, app):
    body = world.client.get(f"/apis/{world.api}").json
    assert world.client.put(f"/apis/{world.api}", {**body, "auth_opt": {"app_code_auth_type": "HEADER"}}).status == 200
    world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": world.api})
    code = world.client.made(f"/apps/{app.id}/app-codes", {"app_code": "a-code-that-is-long-enough-" + "x" * 40})["app_code"]
    reader = key_client(world.client, make_user(world.client, "debug_codes", [{"role": "auditor"}])["id"])
    for value in (code, code[:-1] + "y"):
        request = raw("GET", TARGET, {"Host": HOST, "Authorization": f"APPCODE {value}"})
        told, hidden = ask(world.client, request), ask(reader, request)
        assert told["proof"] == ("holds" if value == code else "unknown_key")
        assert (hidden["proof"], hidden["causes"], hidden["principal_id"]) == ("not_told", [], "")
        assert code not in str(told["examples"]) and value not in str(told["causes"])


def test_a_refused_request_by_its_id(world, pair):
    """As the list of refused requests has it; the client's own text beside the one that was kept."""
    found = kept_refusal(world, pair[0])
    answer = ask(world.client, request_id=found["request_id"])
    assert (answer["source"], answer["refusal"], answer["scheme"]) == ("refused_request", "signature_mismatch", "aliyun-ca")
    assert answer["gateway_text"] == found["string_to_sign"] and causes(answer) == ["secret_or_text"]
    compared = ask(world.client, request_id=found["request_id"], string_to_sign=answer["gateway_text"].replace("application/json", "*/*", 1))
    assert causes(compared) == ["accept"] and compared["difference"]["line"] == 2
    assert [example["language"] for example in answer["examples"]] == ["curl", "python", "java", "javascript", "go"]
    assert world.client.post("/signature-debugger", {"request_id": "0" * 32}).code == "APIG.3909"


def kept_refusal(world, key):
    """A refused request that stands in the list: sent until it does, as a worker keeps five a second and the tests before send more."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        fields = callers.aliyun("GET", TARGET, HOST, (key, "another-secret"))
        assert sent(world, "GET", TARGET, fields).status == 403
        for _ in range(15):
            time.sleep(0.2)
            for one in world.client.get("/refused-requests", key_id=key, limit=100).json["refused_requests"]:
                if fields["X-Ca-Nonce"] in one["string_to_sign"]:
                    return one
    raise AssertionError("no refused request was kept")


def test_bodies_that_name_no_subject(world):
    for body in ({}, {"request": "curl h/", "request_id": "x"}, {"request": "curl --frobnicate h/"}, {"request": "curl -d @f h/"},
                 {"request": "x" * 65537}, {"string_to_sign": "x"}, {"request": "curl h/", "time": "yesterday"}):
        answer = world.client.post("/signature-debugger", body)
        assert (answer.status, answer.code) == (400, "APIG.2012"), (body, answer)
    assert "--frobnicate" in world.client.post("/signature-debugger", {"request": "curl --frobnicate h/"}).message


def test_other_projects_and_instances_see_nothing(world, pair):
    request = {"request": raw("GET", TARGET, callers.sdk("GET", TARGET, HOST, pair))}
    client = world.client
    other = client.call("POST", "/signature-debugger", request)
    assert other.status == 200
    for base in (client.base.replace(client.admin["instance_id"], "a" * 32), client.base.replace(client.admin["project_id"], "b" * 32)):
        answer = client.signed("POST", f"{base}/signature-debugger", b'{"request": "curl h/"}')
        assert answer.status in (403, 404), answer


def test_questions_are_audited_and_counted(world, pair):
    """The audit names key and verdict, not the request; after 60 in a minute there is an end to trying."""
    asker = key_client(world.client, make_user(world.client, "debug_often", [{"role": "operator"}])["id"])
    fields = callers.sdk("GET", TARGET, HOST, pair)
    ask(asker, raw("GET", TARGET, {**fields, "X-Private": "not-for-the-audit"}))
    [row] = world.client.get("/audits", action="debug_signature", user_name="debug_often").json["audits"]
    assert row["after"] == {"source": "raw", "scheme": "sdk-hmac-sha256", "key_id": pair[0], "refusal": "", "proof": "holds"}
    assert (row["resource"], row["resource_id"]) == ("signature", world.api)
    assert "not-for-the-audit" not in world.daemon.log.read_text()
    answers = [asker.post("/signature-debugger", {"request": "curl h/"}).status for _ in range(61)]
    assert answers[:50] == [200] * 50 and answers[-1] == 429


def test_markup_stays_text(world):
    """Names of headers, paths and keys come back as they are, in JSON: what shows them has to show text."""
    markup = "<script>alert(1)</script>"
    answer = ask(world.client, raw("GET", "/%3Cimg%20src=x%20onerror=alert(1)%3E", {"Host": HOST, "X-Ca-Key": markup, "X-Ca-Signature": markup,
                                                                                  "X-Ca-Timestamp": markup}))
    assert answer["key_id"] == markup or answer["refusal"] == "api_not_found"


# A token with these claims, signed by the wrong key or not, and the cause.
TOKENS = {"token_expired": {"exp": 1600000000}, "token_early": {"nbf": 4000000000}, "token_claim": {"iss": "somebody"}, "token_signature": {}, "": {}}


@pytest.mark.parametrize("cause", TOKENS)
def test_which_check_of_a_token_failed(world, cause):
    name = f"token_consumer_{cause}"
    consumer = world.client.made("/consumers", {"name": name})["id"]
    world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [consumer], "api_ids": [world.api]})
    made = world.client.made(f"/consumers/{consumer}/jwt-credentials", {"issuer": "me"})
    key = tokens.Secret(json.loads(made["jwks"])["keys"][0])
    if cause == "token_signature":
        key.secret = b"x" * 32
    text = tokens.token(key, {**tokens.claims(60, iss="me", **{made["claim"]: made["claim_value"]}), **TOKENS[cause]})
    answer = ask(world.client, f"curl http://{HOST}{PATH} -H 'Authorization: Bearer {text}'")
    assert (causes(answer), answer["scheme"]) == ([cause] if cause else [], "jwt"), answer
    assert (answer["proof"], answer["principal_name"]) == ("holds" if not cause else "does_not_hold", name)
    assert text not in str(answer)
