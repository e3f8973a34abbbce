"""The JWT policy of an API (alibaba.md 3): a token is demanded of whoever calls, and names nobody."""
import json
import time

import pytest

from harness import tokens
from harness.signing import raw
from harness.tokens import Key, claims, jwks, token
from harness.world import HOST, RELEASE, World
from wire import Wire

KEY = Key("RS256", "k1")


@pytest.fixture(scope="module")
def world():
    with World(workers=1) as world:
        yield world


def definition(world, name, auth_type="NONE", params=None, **own):
    return {**(params or {}),
            "name": name, "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": f"/{name}", "auth_type": auth_type,
            "backend_type": "HTTP", "countersign": own,
            "backend_api": {"url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "GET", "req_uri": f"/{name}", "timeout": 5000}}


def policy(key=KEY, **more):
    return {"parameter": "X-Token", "jwks": jwks(key), **more}


class Api:
    count = 0

    def __init__(self, world, auth_type="NONE", **own):
        Api.count += 1
        self.world, self.name = world, f"policy_{Api.count}"
        self.id = world.client.made("/apis", definition(world, self.name, auth_type, **own))["id"]
        online = {"action": "online", "env_id": RELEASE, "api_id": self.id}
        self.publication = world.client.made("/apis/action", online)["publish_id"]

    def ask(self, query="", **fields):
        self.world.backend.take()
        with Wire(self.world.nginx.port) as wire:
            wire.send(raw("GET", f"/{self.name}{query}", {"Host": HOST, **fields}))
            return wire.answer()

    def token(self, text):
        return self.ask(**{"X-Token": text})


def test_a_token_is_demanded(world):
    api = Api(world, jwt_policy=policy())
    for _ in range(2):
        assert api.token(token(KEY, claims())).status == 200
    told = world.backend.take()[-1]
    assert told.all("X-Token") == [] and told.all("X-Mse-Consumer") == []
    missing = api.ask()
    assert missing.status == 401 and missing["WWW-Authenticate"] == 'Bearer realm="countersign"'
    for text in ("x", "a.b.c", token(Key("RS256", "k1"), claims()), token(KEY, claims(-90)), token(KEY, {}), token(KEY, claims(), {"kid": "k2"})):
        refused = api.token(text)
        assert refused.status == 401 and refused["WWW-Authenticate"] == 'Bearer realm="countersign", error="invalid_token"'


def test_a_token_of_one_api_is_none_of_another(world):
    """CVE-2021-32701: what was known at one API is looked at anew at the next."""
    text = token(KEY, claims(iss="a", aud="one"))
    one, two = Api(world, jwt_policy=policy(issuer="a", audience="one")), Api(world, jwt_policy=policy(issuer="a", audience="two"))
    assert [one.token(text).status, one.token(text).status, two.token(text).status] == [200, 200, 401]
    other = Api(world, jwt_policy=policy(Key("RS256", "k1")))
    assert other.token(text).status == 401


def test_claims_go_where_the_policy_says(world):
    parameters = [{"claim_name": "sub", "parameter_name": "X-Sub", "location": "header"}, {"claim_name": "userId", "parameter_name": "userId", "location": "query"}]
    api = Api(world, jwt_policy=policy(claim_parameters=parameters))
    text = token(KEY, claims(sub="alice", userId="a&b=c d"))
    for _ in range(2):
        assert api.ask("?userId=mallory&x=1&user%49d=mallory", **{"X-Token": text, "X-Sub": "mallory"}).status == 200
        told = world.backend.take()[-1]
        assert told.all("X-Sub") == ["alice"] and told.target == f"/{api.name}?x=1&userId=a%26b%3Dc%20d"
    assert api.ask("?userId=mallory", **{"X-Token": token(KEY, claims()), "X-Sub": "mallory"}).status == 200
    told = world.backend.take()[-1]
    assert told.all("X-Sub") == [] and told.target == f"/{api.name}"


def test_no_mapping_speaks_for_a_claim(world):
    """A parameter of the caller that the backend gets under the name of a claim, or a cookie with the token in it under another name."""
    names = (("uid", "QUERY"), ("Cookie", "HEADER"))
    params = {"req_params": [{"name": name, "type": "STRING", "location": where, "required": 2} for name, where in names],
              "backend_params": [{"origin": "REQUEST", "name": "X_Sub", "location": "HEADER", "value": "uid"},
                                 {"origin": "REQUEST", "name": "X-Crumbs", "location": "HEADER", "value": "Cookie"},
                                 {"origin": "REQUEST", "name": "userId", "location": "QUERY", "value": "uid"}]}
    claim_parameters = [{"claim_name": "sub", "parameter_name": "X-Sub", "location": "header"}, {"claim_name": "userId", "parameter_name": "userId", "location": "query"}]
    api = Api(world, params=params, jwt_policy={**policy(claim_parameters=claim_parameters), "parameter": "tok", "parameter_location": "cookie"})
    text = token(KEY, claims(sub="alice"))
    assert api.ask("?uid=mallory", Cookie=f"tok={text}").status == 200
    told = world.backend.take()[-1]
    assert told.all("X-Sub") == ["alice"] and told.all("X-Crumbs") == [] and told.target == f"/{api.name}"


@pytest.mark.parametrize("kind", ["bce", "aliyun", "hmac"])
def test_long_claims_are_countersigned(world, kind):
    api = Api(world, jwt_policy=policy(claim_parameters=[{"claim_name": "sub", "parameter_name": "who", "location": "query"}]))
    sign = world.client.made("/signs", {"name": f"long_{kind}", "sign_type": kind})
    world.client.made("/sign-bindings", {"sign_id": sign["id"], "publish_ids": [api.publication]})
    for length in (100, 300, 600, 1000, 1500, 2500, 4000):
        assert api.token(token(KEY, claims(sub=length * "%&"))).status == 200, length
        assert world.backend.take()[-1].target == f"/{api.name}?who=" + length * "%25%26"


def test_bypass_of_the_empty_token(world):
    """CVE-2026-49230, CVE-2026-44087: silence passes, garbage does not, and nobody's word stands for a claim."""
    api = Api(world, jwt_policy=policy(bypass_empty_token=True, claim_parameters=[{"claim_name": "sub", "parameter_name": "X-Sub", "location": "header"}]))
    assert api.ask(**{"X-Sub": "mallory"}).status == 200
    assert world.backend.take()[-1].all("X-Sub") == []
    for text in ("", "x", "a.b.c", token(Key("RS256", "k1"), claims())):
        assert api.token(text).status == 401, text
    assert api.token(token(KEY, claims(sub="a"))).status == 200


def test_expiration_that_is_not_looked_at(world):
    api = Api(world, jwt_policy=policy(ignore_expiration_check=True))
    assert api.token(token(KEY, claims(-1000))).status == 200
    assert api.token(token(KEY, {})).status == 200
    assert api.token(token(KEY, {"nbf": int(time.time()) + 1000})).status == 401


def test_a_jti_counts_once(world):
    api = Api(world, jwt_policy=policy(prevent_jti_replay=True))
    assert "jti" in json.loads(api.token(token(KEY, claims())).body)["error_msg"]
    text = token(KEY, claims(jti="j1"))
    assert [api.token(text).status for _ in range(3)] == [200, 401, 401]
    assert api.token(token(KEY, claims(jti="j2"))).status == 200
    assert api.token(token(Key("RS256", "k1"), claims(jti="j3"))).status == 401  # burns no jti
    assert api.token(token(KEY, claims(jti="j3"))).status == 200


@pytest.mark.parametrize("location", ["query", "cookie", "bearer"])
def test_other_places(world, location):
    name = "Authorization" if location == "bearer" else "tok"
    api = Api(world, jwt_policy={**policy(), "parameter": name, "parameter_location": "header" if location == "bearer" else location})
    text = token(KEY, claims())
    answer = {"query": lambda: api.ask(f"?a=1&tok={text}"), "cookie": lambda: api.ask(Cookie=f"tok={text}; a=1"),
              "bearer": lambda: api.ask(Authorization=f"bearer {text}")}[location]()
    assert answer.status == 200
    told = world.backend.take()[-1]
    assert text not in told.target and all(text not in value for value in told.all("Cookie") + told.all("Authorization"))


def test_another_version_has_other_keys(world):
    api = Api(world, jwt_policy=policy())
    text, other = token(KEY, claims()), Key("ES256", "k1")
    assert api.token(text).status == 200
    changed = definition(world, api.name, jwt_policy=policy(other))
    assert world.client.put(f"/apis/{api.id}", changed).status == 200
    assert api.token(text).status == 200  # what is published stands
    world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api.id})
    assert api.token(text).status == 401 and api.token(token(other, claims())).status == 200
    assert world.client.put(f"/apis/{api.id}", definition(world, api.name)).status == 200
    world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api.id})
    assert api.ask().status == 200


def test_policies_that_cannot_be(world):
    secret = {"kty": "oct", "k": tokens.b64(bytes(32))}
    private = {**KEY.jwk(), "d": "AQAB"}
    wrong = [(policy(secret), "symmetric"), (policy(private), "private"), (policy(Key("RS256", bits=1024)), "2048"), ({**policy(), "jwks": "{}"}, "jwks"),
             ({**policy(), "parameter": "Host"}, "parameter"), ({**policy(), "parameter": "X-Ca-Key"}, "parameter"),
             (policy(prevent_jti_replay=True, ignore_expiration_check=True), "prevent_jti_replay"),
             (policy(claim_parameters=[{"claim_name": "a", "parameter_name": "X-Token", "location": "header"}]), "claim_parameters"),
             (policy(claim_parameters=[{"claim_name": "a", "parameter_name": "X-Mse-Consumer", "location": "header"}]), "claim_parameters")]
    for number, (one, word) in enumerate(wrong):
        answer = world.client.post("/apis", definition(world, f"wrong_{number}", jwt_policy=one))
        assert answer.status == 400 and word in answer.json["error_msg"], (word, answer.json)
    answer = world.client.post("/apis", definition(world, "wrong_app", "APP", jwt_policy=policy()))
    assert answer.status == 400 and "auth_type NONE" in answer.json["error_msg"]


def test_nobody_may_call_an_api_for_consumers_where_it_says_so(world):
    api = Api(world, "APP", accept_anonymous=True)
    assert api.ask(**{"X-Mse-Consumer": "mallory"}).status == 200
    assert world.backend.take()[-1].all("X-Mse-Consumer") == []
    for fields in ({"X-Ca-Key": "x"}, {"Authorization": "SDK-HMAC-SHA256 x"}):
        assert api.ask(**fields).status in (400, 401), fields
    closed = Api(world, "APP")
    assert closed.ask().status == 401
