"""Binding signature keys to APIs (huawei.md 3.1, 4.6)."""
import pytest

from api_bodies import RELEASE, assert_refused, make_api, make_env, make_group, publish, unique
from harness.stored import changes_since, revision, rows

NOBODY = "0" * 32
CHANGE_PUBLICATION = 3


@pytest.fixture(scope="module")
def group(client):
    return make_group(client)


@pytest.fixture
def api(client, group):
    return make_api(client, group["id"])


@pytest.fixture
def sign(client):
    made = client.made("/signs", {"name": unique("sign_")})
    yield made
    assert client.delete(f"/signs/{made['id']}", unbind="true").status == 204


@pytest.fixture
def other_sign(client):
    made = client.made("/signs", {"name": unique("sign_")})
    yield made
    assert client.delete(f"/signs/{made['id']}", unbind="true").status == 204


def bind(client, sign, *publish_ids):
    return client.post("/sign-bindings", {"sign_id": sign["id"], "publish_ids": list(publish_ids)})


def bound(client, sign, *publish_ids):
    answer = bind(client, sign, *publish_ids)
    assert answer.status == 201, answer
    return answer.json["bindings"]


def test_bind_list_unbind(client, group, api, sign):
    published = publish(client, api)
    binding = bound(client, sign, published["publish_id"])[0]
    wanted = {"publish_id": published["publish_id"], "api_id": api["id"], "api_name": api["name"], "api_type": 1, "api_remark": "",
              "req_method": "GET", "group_name": group["name"], "group_id": group["id"], "env_id": RELEASE, "env_name": "RELEASE",
              "sign_id": sign["id"], "sign_name": sign["name"], "sign_type": "hmac", "sign_key": sign["sign_key"]}
    assert {k: v for k, v in binding.items() if k not in ("id", "binding_time")} == wanted
    assert client.get("/sign-bindings/binded-signs", api_id=api["id"]).json == {"total": 1, "size": 1, "bindings": [binding]}
    of_sign = client.get("/sign-bindings/binded-apis", sign_id=sign["id"]).json["bindings"]
    assert of_sign == [{k: v for k, v in binding.items() if k not in ("sign_key", "sign_type")}]
    assert client.get("/signs", id=sign["id"]).json["signs"][0]["bind_num"] == 1
    answer = client.delete(f"/sign-bindings/{binding['id']}")
    assert (answer.status, answer.text) == (204, "")
    answer = client.delete(f"/sign-bindings/{binding['id']}")
    assert (answer.status, answer.code) == (404, "APIG.3018")
    assert client.get("/sign-bindings/binded-apis", sign_id=sign["id"]).json["total"] == 0


def test_it_takes_a_published_api(client, api, sign):
    answer = bind(client, sign, NOBODY)
    assert (answer.status, answer.code) == (404, "APIG.3015")
    published = publish(client, api)["publish_id"]
    publish(client, api, action="offline")
    assert bind(client, sign, published).code == "APIG.3015"
    assert bind(client, {"id": NOBODY}, published).code == "APIG.3017"


def test_all_or_none(client, api, sign):
    published = publish(client, api)["publish_id"]
    assert bind(client, sign, published, NOBODY).code == "APIG.3015"
    assert client.get("/sign-bindings/binded-signs", api_id=api["id"]).json["total"] == 0


def test_another_key_is_not_replaced(client, api, sign, other_sign):
    published = publish(client, api)["publish_id"]
    binding = bound(client, sign, published)[0]
    answer = bind(client, other_sign, published)
    assert (answer.status, answer.code) == (409, "APIG.3915")
    assert answer.message.endswith(f"sign_name:{sign['name']}")
    assert bound(client, sign, published) == [binding], "the same key again is no change"
    client.delete(f"/sign-bindings/{binding['id']}")
    assert bound(client, other_sign, published)[0]["sign_id"] == other_sign["id"]


def test_one_key_per_environment(client, api, sign, other_sign):
    env = make_env(client)
    bound(client, sign, publish(client, api)["publish_id"])
    bound(client, other_sign, publish(client, api, env["id"])["publish_id"])
    signs = client.get("/sign-bindings/binded-signs", api_id=api["id"]).json["bindings"]
    assert {(b["env_id"], b["sign_id"]) for b in signs} == {(RELEASE, sign["id"]), (env["id"], other_sign["id"])}


def test_a_binding_outlives_offline_and_new_versions(client, api, sign):
    binding = bound(client, sign, publish(client, api)["publish_id"])[0]
    publish(client, api)
    publish(client, api, action="offline")
    assert client.get("/sign-bindings/binded-signs", api_id=api["id"]).json["bindings"] == [binding]
    assert publish(client, api)["publish_id"] == binding["publish_id"]
    assert client.get("/sign-bindings/binded-signs", api_id=api["id"]).json["bindings"] == [binding]


def test_a_binding_goes_with_its_api_and_environment(client, group, sign):
    env = make_env(client)
    api, other = make_api(client, group["id"]), make_api(client, group["id"])
    for one in (api, other):
        bound(client, sign, publish(client, one, env["id"])["publish_id"])
        publish(client, one, env["id"], action="offline")
    assert client.delete(f"/apis/{api['id']}").status == 204
    assert [b["api_id"] for b in client.get("/sign-bindings/binded-apis", sign_id=sign["id"]).json["bindings"]] == [other["id"]]
    assert client.delete(f"/envs/{env['id']}").status == 204
    assert client.get("/sign-bindings/binded-apis", sign_id=sign["id"]).json["total"] == 0


def test_unbind_many(client, group, sign):
    apis = [make_api(client, group["id"]) for _ in range(3)]
    ids = [b["id"] for b in bound(client, sign, *(publish(client, api)["publish_id"] for api in apis))]
    answer = client.put("/sign-bindings", {"sign_bindings": [ids[0], NOBODY, ids[2], ids[0]]}, action="delete")
    assert answer.status == 200 and answer.json["success_count"] == 2
    assert [(f["bind_id"], f["error_code"]) for f in answer.json["failure"]] == [(NOBODY, "APIG.3018"), (ids[0], "APIG.3018")]
    assert [b["id"] for b in client.get("/sign-bindings/binded-apis", sign_id=sign["id"]).json["bindings"]] == [ids[1]]
    for query, code in (({}, "APIG.2001"), ({"action": "remove"}, "APIG.2011")):
        answer = client.put("/sign-bindings", {"sign_bindings": ids}, **query)
        assert (answer.status, answer.code) == (400, code) and "action" in answer.message
    assert_refused(client.put("/sign-bindings", {"sign_bindings": [NOBODY] * 1001}, action="delete"), "sign_bindings", "at most 1000")
    answer = client.put("/sign-bindings", {"sign_bindings": [NOBODY] * 1000}, action="delete")
    assert answer.status == 200 and len(answer.json["failure"]) == 1000


@pytest.mark.parametrize("missing", ["sign_id", "publish_ids"])
def test_what_must_be_given(client, missing):
    body = {"sign_id": NOBODY, "publish_ids": [NOBODY]}
    del body[missing]
    answer = client.post("/sign-bindings", body)
    assert (answer.status, answer.code) == (400, "APIG.2001") and f"parameterName:{missing}." in answer.message


def test_nothing_can_be_neither_bound_nor_unbound(client, sign):
    for answer, field in ((client.post("/sign-bindings", {"sign_id": sign["id"], "publish_ids": []}), "publish_ids"),
                          (client.put("/sign-bindings", {"sign_bindings": []}, action="delete"), "sign_bindings")):
        assert (answer.status, answer.code) == (400, "APIG.2001") and f"parameterName:{field}." in answer.message


@pytest.mark.parametrize("path, parameter, code", [
    ("binded-apis", "sign_id", "APIG.3017"), ("unbinded-apis", "sign_id", "APIG.3017"), ("binded-signs", "api_id", "APIG.3002"),
])
def test_lists_say_of_what(client, path, parameter, code):
    answer = client.get(f"/sign-bindings/{path}")
    assert (answer.status, answer.code) == (400, "APIG.2001") and f"parameterName:{parameter}." in answer.message
    answer = client.get(f"/sign-bindings/{path}", **{parameter: NOBODY})
    assert (answer.status, answer.code) == (404, code)


def test_filters(client, sign):
    group, other_group, env = make_group(client), make_group(client), make_env(client)
    one, two = make_api(client, group["id"], name=unique("BoundA"), tags=["red"]), make_api(client, other_group["id"], name=unique("boundB"), tags=["red", "blue"])
    bound(client, sign, publish(client, one)["publish_id"], publish(client, two, env["id"])["publish_id"])

    def names(**query):
        return sorted(b["api_name"] for b in client.get("/sign-bindings/binded-apis", sign_id=sign["id"], **query).json["bindings"])
    assert names() == names(api_name="BOUND") == sorted([one["name"], two["name"]])
    assert names(env_id=env["id"]) == names(group_id=other_group["id"]) == names(api_name=two["name"]) == [two["name"]]
    assert names(api_id=one["id"]) == [one["name"]]
    assert names(api_id=one["id"], env_id=env["id"]) == []
    page = client.get("/sign-bindings/binded-apis", sign_id=sign["id"], limit=1, offset=1).json
    assert (page["total"], page["size"]) == (2, 1)
    assert names(tags="red") == sorted([one["name"], two["name"]]) and names(tags="none,blue") == [two["name"]]
    assert names(tags="re") == names(tags="blue", api_id=one["id"]) == []
    signs = client.get("/sign-bindings/binded-signs", api_id=one["id"], sign_name=sign["name"].upper()).json
    assert signs["total"] == 1
    assert client.get("/sign-bindings/binded-signs", api_id=one["id"], sign_name="nobody").json["total"] == 0
    assert client.get("/sign-bindings/binded-signs", api_id=one["id"], env_id=env["id"]).json["total"] == 0


def test_what_could_still_be_bound(client, sign, other_sign):
    group = make_group(client)
    mine, free, others, hidden = (make_api(client, group["id"], tags=["tag" + name, "all"]) for name in ("mine", "free", "others", "hidden"))
    bound(client, sign, publish(client, mine)["publish_id"])
    bound(client, other_sign, publish(client, others)["publish_id"])
    published = publish(client, free)
    answer = client.get("/sign-bindings/unbinded-apis", sign_id=sign["id"], group_id=group["id"]).json
    assert {a["id"] for a in answer["apis"]} == {free["id"], others["id"]} and answer["total"] == 2, "published, not bound to this key"
    by_id = {a["id"]: a for a in answer["apis"]}
    assert by_id[free["id"]].items() >= {
        "publish_id": published["publish_id"], "name": free["name"], "auth_type": "APP", "run_env_id": RELEASE, "run_env_name": "RELEASE",
        "group_id": group["id"], "group_name": group["name"], "remark": "", "req_uri": free["req_uri"], "req_method": "GET", "type": 1,
        "signature_name": ""}.items()
    assert by_id[others["id"]]["signature_name"] == other_sign["name"]

    def ids(**query):
        return [a["id"] for a in client.get("/sign-bindings/unbinded-apis", sign_id=sign["id"], group_id=group["id"], **query).json["apis"]]
    assert ids(api_id=free["id"]) == ids(api_name=free["name"]) == [free["id"]]
    assert ids(env_id=NOBODY) == ids(tags="tagmine") == ids(tags="al") == []
    assert ids(tags="tagfree") == ids(tags="none,tagfree") == [free["id"]] and len(ids(tags="all")) == len(ids(tags="all,tagfree")) == 2
    assert hidden["id"] not in ids()
    bound(client, sign, published["publish_id"])
    assert ids() == [others["id"]], "what was bound has disappeared: Terraform waits for that"


def test_every_change_is_audited_and_followed(daemon, client, api, sign):
    published = publish(client, api)["publish_id"]
    start = revision(daemon)
    binding = bound(client, sign, published)[0]["id"]
    client.delete(f"/sign-bindings/{binding}")
    assert changes_since(daemon, start) == [(CHANGE_PUBLICATION, api["id"], RELEASE)] * 2
    assert rows(daemon, f"SELECT action FROM audit WHERE resource_id = '{binding}' ORDER BY id") == [("bind_sign",), ("unbind_sign",)]
