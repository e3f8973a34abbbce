"""The other algorithms of Huawei Cloud's SDK core (HttpConfig.signing_algorithm), as whole clients through the gateway: right, changed on the
way, and where an API does not take them."""
import pytest
from clients import huawei_python
from harness.tamper import TamperingProxy, set_length
from harness.world import RELEASE, World
from huaweicloudsdkcore.signer.algorithm import SigningAlgorithm

SISTERS = {SigningAlgorithm.HMAC_SM3: "sdk-hmac-sm3", SigningAlgorithm.ECDSA_P256_SHA256: "sdk-ecdsa-p256-sha256", SigningAlgorithm.SM2_SM3: "sdk-sm2-sm3"}
EVERY = pytest.mark.parametrize("algorithm", SISTERS, ids=lambda algorithm: algorithm.name)
JSON = {"Content-Type": "application/json"}
CALLS = {
    "get": dict(query=[("b", "2"), ("a", "ünï +&="), ("empty", ""), ("b", "1")]),
    "unicode path": dict(target="/hello/a b/中"),
    "json": dict(method="POST", body={"name": "中文"}, headers=JSON),
    "unsigned payload": dict(method="POST", body="a,b\n1,2\n", headers={"Content-Type": "text/csv"}),
    "delete": dict(method="DELETE"),
}


@pytest.fixture(scope="module")
def world():
    with World(workers=1) as world:
        world.client.made(f"/api-groups/{world.group}/domains", {"url_domain": "127.0.0.1"})
        world.caller = world.app("sisters")
        made = world.client.made("/apis", {
            "name": "sisters", "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": "/hello", "match_mode": "SWA",
            "auth_type": "APP", "backend_type": "HTTP", "countersign": {"signature_schemes": [*SISTERS.values()]},
            "backend_api": {"url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": "/hello", "timeout": 5000}})
        world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": made["id"]})
        world.client.made("/app-auths", {"env_id": RELEASE, "app_ids": [world.caller.id], "api_ids": [made["id"]]})
        yield world


def call(world, algorithm, port=None, secret=None, **more):
    return huawei_python(port or world.nginx.port, world.caller.key, secret or world.caller.secret, algorithm=algorithm, **more)


@EVERY
@pytest.mark.parametrize("name", CALLS)
def test_as_they_come(world, algorithm, name):
    assert call(world, algorithm, **CALLS[name])["status"] == 200


def replace(old, new):
    def change(head, body):
        assert old in head, head
        return head.replace(old, new, 1), body
    return change


CHANGES = {
    "method": replace(b"POST ", b"PUT "),
    "path": replace(b"/hello?", b"/hello/x?"),
    "query": replace(b"q=1", b"q=2"),
    "signed header": replace(b"seven", b"eight"),
    "body": lambda head, body: (set_length(head, b'{"a": 22}'), b'{"a": 22}'),
    "signature": replace(b"Signature=", b"Signature=00"),
    "name of the algorithm": replace(b"Authorization: SDK-", b"Authorization: SDK-HMAC-SHA256 SDK-"),
}


@EVERY
@pytest.mark.parametrize("name", CHANGES)
def test_changed_on_the_way(world, algorithm, name):
    world.backend.take()
    with TamperingProxy(("127.0.0.1", world.nginx.port), CHANGES[name]) as proxy:
        answer = call(world, algorithm, proxy.port, method="POST", query=[("q", "1")], body={"a": 1}, headers={**JSON, "X-Tenant": "seven"})
    assert (answer["status"], answer["error"]["code"]) == (401, "APIG.0303"), answer
    assert not world.backend.take()


@EVERY
def test_another_secret_and_an_api_that_does_not_take_it(world, algorithm):
    answer = call(world, algorithm, secret=world.caller.secret + "x")
    assert answer["status"] == 401 and "verify signature fail, canonicalRequest:GET|/hello/||" in answer["error"]["message"]
    answer = call(world, algorithm, target="/orders")
    assert answer["status"] == 401 and answer["error"]["code"] == "APIG.0303"
