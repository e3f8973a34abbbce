"""What throttling policies and access control have in common (huawei.md 4.8): names, quotas, and how they are bound to published APIs."""
import pytest

from api_bodies import RELEASE, assert_refused, make_api, make_env, make_group, publish
from harness.stored import changes_since, revision, rows
from policies import ACL, THROTTLE, bind, body, bound, maker

NOBODY = "0" * 32
CHANGE_PUBLICATION = 3


@pytest.fixture(scope="module")
def group(client):
    return make_group(client)


@pytest.fixture
def api(client, group):
    return make_api(client, group["id"])


@pytest.fixture(params=[THROTTLE, ACL], ids=lambda kind: kind.plural)
def kind(request):
    return request.param


@pytest.fixture
def make(client, kind):
    yield from maker(client, kind)


def of_api(client, kind, api):
    return client.get(f"{kind.bindings}/{kind.of_api}", api_id=api["id"]).json


def test_a_name_is_taken_once(client, kind, make):
    made = make()
    answer = client.post(kind.path, body(kind, **{kind.name: made[kind.name]}))
    assert (answer.status, answer.code) == (400, kind.codes["taken"])


def test_what_must_be_given(client, kind):
    for missing in (kind.name, *kind.required):
        answer = client.post(kind.path, {name: value for name, value in body(kind).items() if name != missing})
        assert (answer.status, answer.code) == (400, "APIG.2001") and f"parameterName:{missing}." in answer.message


def test_as_many_as_the_quota_says(client, kind, make):
    name, usual = kind.quota

    def quota(value):
        return client.put("/project/configs", {"config_name": name, "config_value": value}).json
    used = quota(usual)["used"]
    quota(used + 1)
    make()
    answer = client.post(kind.path, body(kind))
    assert (answer.status, answer.code) == (403, kind.codes["quota"])
    quota(usual)


def test_one_policy_per_environment_and_none_is_replaced(client, kind, api, make):
    one, other, env = make(), make(), make_env(client)
    bound(client, kind, one, publish(client, api)["publish_id"])
    answer = bind(client, kind, other, publish(client, api)["publish_id"])
    assert (answer.status, answer.code) == (409, kind.codes["conflict"]) and answer.message.endswith(f"{kind.bound_name}:{one[kind.name]}")
    bound(client, kind, other, publish(client, api, env["id"])["publish_id"])
    assert of_api(client, kind, api)["total"] == 2


def test_all_or_none_and_only_what_is_published(client, kind, api, make):
    policy, published = make(), publish(client, api)["publish_id"]
    assert bind(client, kind, policy, published, NOBODY).code == "APIG.3015"
    assert bind(client, kind, {"id": NOBODY}, published).code == kind.codes["missing"]
    assert of_api(client, kind, api)["total"] == 0


def test_a_bound_policy_is_not_deleted_unless_asked(client, daemon, kind, api, make):
    policy = make()
    bound(client, kind, policy, publish(client, api)["publish_id"])
    answer = client.delete(f"{kind.path}/{policy['id']}")
    assert (answer.status, answer.code) == (403, kind.codes["bound"]) and answer.message.endswith(f"api_names:{api['name']}")
    before = revision(daemon)
    assert client.delete(f"{kind.path}/{policy['id']}", unbind="true").status == 204
    assert set(changes_since(daemon, before)) == {(CHANGE_PUBLICATION, api["id"], RELEASE), (kind.change, policy["id"], "")}


def test_unbind_one_and_many(client, kind, group, make):
    policy, apis = make(), [make_api(client, group["id"]) for _ in range(3)]
    ids = [one["id"] for one in bound(client, kind, policy, *(publish(client, api)["publish_id"] for api in apis))]
    answer = client.put(kind.bindings, {kind.batch_bindings: [ids[0], NOBODY]}, action="delete")
    assert answer.status == 200 and answer.json["success_count"] == 1
    assert [(f["bind_id"], f["error_code"]) for f in answer.json["failure"]] == [(NOBODY, kind.codes["binding"])]
    assert client.put(kind.bindings, {kind.batch_bindings: ids}).code == "APIG.2001"
    assert_refused(client.put(kind.bindings, {kind.batch_bindings: [NOBODY] * 1001}, action="delete"), kind.batch_bindings, "at most 1000")
    assert client.delete(f"{kind.bindings}/{ids[2]}").status == 204
    answer = client.delete(f"{kind.bindings}/{ids[2]}")
    assert (answer.status, answer.code) == (404, kind.codes["binding"])


def test_a_binding_outlives_offline_and_goes_with_api_and_environment(client, daemon, kind, group, make):
    policy, env = make(), make_env(client)
    api, other = make_api(client, group["id"]), make_api(client, group["id"])
    for one in (api, other):
        bound(client, kind, policy, publish(client, one, env["id"])["publish_id"])
        publish(client, one, env["id"], action="offline")
    assert client.get(f"{kind.path}/{policy['id']}").json["bind_num"] == 2
    assert client.delete(f"/apis/{api['id']}").status == 204
    assert client.get(f"{kind.path}/{policy['id']}").json["bind_num"] == 1
    assert client.delete(f"/envs/{env['id']}").status == 204
    table = "throttle_binding" if kind is THROTTLE else "acl_binding"
    assert rows(daemon, f"SELECT * FROM {table} WHERE policy_id = '{policy['id']}'") == []
