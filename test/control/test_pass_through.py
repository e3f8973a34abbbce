"""A credential that is passed through, and a signature key that writes the same header: refused from whichever side the second comes."""
import pytest

from api_bodies import RELEASE, api_body, make_env, make_group, publish, unique
from harness.tokens import Key, jwks

KEY = Key("ES256", "k1")
WRITERS = [{"sign_type": "hmac"}, {"sign_type": "basic"}, {"sign_type": "aes", "sign_algorithm": "aes-128-cfb"}, {"sign_type": "public_key"}]
OTHERS = [{"sign_type": "bce"}, {"sign_type": "aliyun"}]
ids = {"ids": lambda kind: kind["sign_type"]}


@pytest.fixture(scope="module")
def group(client):
    assert client.post("/features", {"name": "public_key", "enable": True}).status == 201
    yield make_group(client)["id"]
    assert client.post("/features", {"name": "public_key", "enable": False}).status == 201


@pytest.fixture
def sign(client, request):
    kind = getattr(request, "param", {"sign_type": "hmac"})
    made = client.made("/signs", {"name": unique("passing_"), **kind})
    yield made
    assert client.delete(f"/signs/{made['id']}", unbind="true").status == 204


def passing(parameter="Authorization", passes=True, location="header"):
    return {"jwt_policy": {"parameter": parameter, "parameter_location": location, "jwks": jwks(KEY), "pass_through": passes}}


def body(group, **policy):
    return api_body(group, auth_type="NONE", countersign=passing(**policy))


def bind(client, sign, publish_id):
    return client.post("/sign-bindings", {"sign_id": sign["id"], "publish_ids": [publish_id]})


def assert_conflict(answer, api, sign, field="countersign.jwt_policy.pass_through", header="Authorization", env_id=RELEASE):
    assert (answer.status, answer.code) == (409, "APIG.3925"), answer
    assert answer.message.endswith(f",api_name:{api['name']},env_id:{env_id},sign_name:{sign['name']},field:{field},header:{header}"), answer


@pytest.mark.parametrize("sign", WRITERS, indirect=True, **ids)
def test_a_key_is_not_bound_where_an_api_passes_its_header_through(client, group, sign):
    api = client.made("/apis", body(group))
    published = publish(client, api)["publish_id"]
    assert_conflict(bind(client, sign, published), api, sign)
    assert client.get("/sign-bindings/binded-signs", api_id=api["id"]).json["total"] == 0
    other = client.made("/apis", body(group, parameter="X-Token"))
    assert bind(client, sign, publish(client, other)["publish_id"]).status == 201


@pytest.mark.parametrize("sign", OTHERS, indirect=True, **ids)
def test_a_key_that_writes_other_headers_is_bound(client, group, sign):
    api = client.made("/apis", body(group))
    assert bind(client, sign, publish(client, api)["publish_id"]).status == 201
    assert client.put(f"/apis/{api['id']}", body(group, parameter="authorization") | {"name": api["name"], "req_uri": api["req_uri"]}).status == 200


@pytest.mark.parametrize("policy", [{"passes": False}, {"location": "query"}, {"location": "cookie"}], ids=str)
def test_a_token_that_goes_no_further_in_that_header_is_in_nobody_s_way(client, group, sign, policy):
    api = client.made("/apis", body(group, **policy))
    assert bind(client, sign, publish(client, api)["publish_id"]).status == 201


def test_an_api_does_not_begin_to_pass_it_through_under_a_key(client, group, sign):
    api = client.made("/apis", body(group, passes=False))
    publish_id = publish(client, api)["publish_id"]
    assert bind(client, sign, publish_id).status == 201
    wanted = {**body(group), "name": api["name"], "req_uri": api["req_uri"]}
    assert_conflict(client.put(f"/apis/{api['id']}", wanted), api, sign)
    assert client.get(f"/apis/{api['id']}").json["countersign"]["jwt_policy"]["pass_through"] is False
    assert_conflict(client.put(f"/apis/{api['id']}", {**wanted, "countersign": passing("AUTHORIZATION")}), api, sign, header="AUTHORIZATION")
    binding = client.get("/sign-bindings/binded-signs", api_id=api["id"]).json["bindings"][0]["id"]
    assert client.delete(f"/sign-bindings/{binding}").status == 204
    assert client.put(f"/apis/{api['id']}", wanted).status == 200


def test_what_was_defined_before_the_key_came_is_not_published_under_it(client, group, sign):
    api = client.made("/apis", body(group, passes=False))
    published = publish(client, api)
    assert client.put(f"/apis/{api['id']}", {**body(group), "name": api["name"], "req_uri": api["req_uri"]}).status == 200
    assert bind(client, sign, published["publish_id"]).status == 201
    online = {"action": "online", "env_id": RELEASE, "api_id": api["id"]}
    assert_conflict(client.post("/apis/action", online), api, sign)
    assert client.get(f"/apis/runtime/{api['id']}").json["version_id"] == published["version_id"], "what was in effect stays so"
    many = client.post("/apis/publish", {"env_id": RELEASE, "apis": [api["id"]]}, action="online").json
    assert many["success"] == [] and many["failure"][0]["error_code"] == "APIG.3925" and api["name"] in many["failure"][0]["error_msg"]
    env = make_env(client)["id"]
    assert client.post("/apis/action", {**online, "env_id": env}).status == 201, "elsewhere no key signs"


def test_no_older_version_comes_back_under_a_key(client, group, sign):
    api = client.made("/apis", body(group))
    old = publish(client, api)["version_id"]
    assert client.put(f"/apis/{api['id']}", {**body(group, passes=False), "name": api["name"], "req_uri": api["req_uri"]}).status == 200
    assert bind(client, sign, publish(client, api)["publish_id"]).status == 201
    assert_conflict(client.put(f"/apis/publish/{api['id']}", {"version_id": old}), api, sign)


@pytest.mark.parametrize("sign", OTHERS, indirect=True, **ids)
def test_a_bound_key_does_not_become_one_that_writes_the_header(client, group, sign):
    api = client.made("/apis", body(group))
    assert bind(client, sign, publish(client, api)["publish_id"]).status == 201
    change = {"name": sign["name"], "sign_type": "hmac", "sign_key": "hmac_key_0123", "sign_secret": "hmac_secret_0123456789"}
    assert_conflict(client.put(f"/signs/{sign['id']}", change), api, sign)
    assert client.get("/signs", id=sign["id"]).json["signs"][0]["sign_type"] == sign["sign_type"]
    publish(client, api, action="offline")
    assert client.put(f"/signs/{sign['id']}", change).status == 200, "offline nothing is passed through"
    assert_conflict(client.post("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api["id"]}), api, sign)


class Consumer:
    """One whose tokens are passed through, in Authorization unless it says otherwise."""

    def __init__(self, client, **rules):
        self.client, self.id = client, client.made("/consumers", {"name": unique("passing_")})["id"]
        self.tokens = f"/consumers/{self.id}/jwt-credentials"
        if rules:
            self.token = client.made(self.tokens, rules)["id"]

    def authorise(self, api):
        answer = self.client.post("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [self.id], "api_ids": [api["id"]]})
        assert answer.status == 201
        return answer.json["auths"][0]


OF_TOKENS = {"field": "jwt_credentials.pass_through", "header": "authorization"}


@pytest.fixture
def api(client, group):
    return client.made("/apis", api_body(group))


def test_a_key_is_not_bound_where_consumers_tokens_pass_through(client, api, sign):
    first, second = Consumer(client, pass_through=True), Consumer(client, pass_through=True)
    auths = [consumer.authorise(api) for consumer in (first, second)]
    published = publish(client, api)["publish_id"]
    assert_conflict(bind(client, sign, published), api, sign, **OF_TOKENS)
    assert client.delete(f"/consumer-auths/{auths[0]['id']}").status == 204
    assert_conflict(bind(client, sign, published), api, sign, **OF_TOKENS)
    assert client.put(f"{second.tokens}/{second.token}", {"pass_through": False}).status == 200
    assert bind(client, sign, published).status == 201


def test_no_consumer_whose_tokens_pass_through_is_authorised_under_a_key(client, api, sign):
    assert bind(client, sign, publish(client, api)["publish_id"]).status == 201
    refused = Consumer(client, pass_through=True).authorise(api)
    assert refused["auth_result"]["status"] == "FAILED" and refused["auth_result"]["error_code"] == "APIG.3925"
    assert f"api_name:{api['name']}" in refused["auth_result"]["error_msg"] and f"sign_name:{sign['name']}" in refused["auth_result"]["error_msg"]
    assert client.get("/consumer-auths", api_id=api["id"]).json["total"] == 0
    for rules in ({"pass_through": False}, {"pass_through": True, "token_name": "X-Token"}, {"pass_through": True, "token_location": "QUERY", "token_name": "t"}):
        assert Consumer(client, **rules).authorise(api)["auth_result"]["status"] == "SUCCESS"


def test_an_authorised_consumer_gets_no_such_token_under_a_key(client, api, sign):
    assert bind(client, sign, publish(client, api)["publish_id"]).status == 201
    consumer = Consumer(client, pass_through=False)
    assert consumer.authorise(api)["auth_result"]["status"] == "SUCCESS"
    assert_conflict(client.post(consumer.tokens, {"pass_through": True}), api, sign, **OF_TOKENS)
    assert_conflict(client.put(f"{consumer.tokens}/{consumer.token}", {"pass_through": True}), api, sign, **OF_TOKENS)
    assert client.get(f"{consumer.tokens}/{consumer.token}").json["pass_through"] is False
    assert client.put(f"{consumer.tokens}/{consumer.token}", {"pass_through": True, "token_name": "X-Token"}).status == 200


def test_a_bound_key_does_not_become_one_that_writes_over_consumers_tokens(client, api):
    sign = client.made("/signs", {"name": unique("passing_"), "sign_type": "bce"})
    assert bind(client, sign, publish(client, api)["publish_id"]).status == 201
    assert Consumer(client, pass_through=True).authorise(api)["auth_result"]["status"] == "SUCCESS"
    change = {"name": sign["name"], "sign_type": "basic", "sign_key": "user", "sign_secret": "a_password"}
    assert_conflict(client.put(f"/signs/{sign['id']}", change), api, sign, **OF_TOKENS)
    assert client.delete(f"/signs/{sign['id']}", unbind="true").status == 204
