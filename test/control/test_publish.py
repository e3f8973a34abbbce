"""Publishing (huawei.md 4.5): versions in effect, offline, switching back, batches."""
import pytest

from api_bodies import RELEASE, api_body, assert_refused, make_api, make_env, make_group, publish, unique

NOBODY = "0" * 32


@pytest.fixture(scope="module")
def group(client):
    return make_group(client)


@pytest.fixture
def api(client, group):
    return make_api(client, group["id"])


def versions(client, api, **query):
    answer = client.get(f"/apis/publish/{api['id']}", **query)
    assert answer.status == 200, answer
    assert answer.json["total"] == len(answer.json["api_versions"])
    return answer.json["api_versions"]


def test_online_and_offline(client, api):
    first = publish(client, api, remark="first")
    assert first.items() >= {"api_id": api["id"], "api_name": api["name"], "env_id": RELEASE, "remark": "first"}.items()
    assert set(first) == {"publish_id", "api_id", "api_name", "env_id", "remark", "publish_time", "version_id"}
    shown = client.get(f"/apis/{api['id']}").json
    assert (shown["run_env_id"], shown["run_env_name"]) == (RELEASE, "RELEASE")
    assert (shown["publish_id"], shown["publish_time"]) == (first["publish_id"], first["publish_time"])
    assert versions(client, api) == [{**{k: first[k] for k in ("version_id", "api_id", "env_id", "remark", "publish_time", "publish_id")},
                                      "env_name": "RELEASE", "status": 1, "version_no": versions(client, api)[0]["version_no"]}]
    assert len(versions(client, api)[0]["version_no"]) == 14
    gone = publish(client, api, action="offline")
    assert gone["version_id"] == first["version_id"]
    assert "publish_id" not in client.get(f"/apis/{api['id']}").json
    assert [v["status"] for v in versions(client, api)] == [2]


def test_what_is_published_is_a_snapshot(client, group, api):
    publish(client, api)
    changed = client.put(f"/apis/{api['id']}", api_body(group["id"], name=api["name"], req_uri=api["req_uri"], remark="edited")).json
    runtime = client.get(f"/apis/runtime/{api['id']}", env_id=RELEASE).json
    assert runtime["remark"] == "" and runtime["id"] == api["id"] and runtime["group_name"] == group["name"]
    assert runtime["backend_api"] == api["backend_api"]
    assert (runtime["run_env_id"], runtime["run_env_name"]) == (RELEASE, "RELEASE")
    again = publish(client, changed)
    assert client.get(f"/apis/runtime/{api['id']}").json["remark"] == "edited", "without env_id: RELEASE"
    old, new = versions(client, api)[::-1]
    assert (old["status"], new["status"]) == (2, 1) and new["version_id"] == again["version_id"]
    assert client.get(f"/apis/versions/{old['version_id']}").json["remark"] == ""
    assert client.get(f"/apis/versions/{new['version_id']}").json["remark"] == "edited"


def test_the_publish_id_belongs_to_api_and_environment(client, api):
    first = publish(client, api)
    assert publish(client, api)["publish_id"] == first["publish_id"]
    publish(client, api, action="offline")
    assert publish(client, api)["publish_id"] == first["publish_id"]
    assert publish(client, api, make_env(client)["id"])["publish_id"] != first["publish_id"]


def test_one_value_per_environment(client, api):
    env = make_env(client)
    there, release = publish(client, api, env["id"]), publish(client, api)
    shown = client.get(f"/apis/{api['id']}").json
    by_env = dict(zip(shown["run_env_id"].split("|"), shown["publish_id"].split("|")))
    assert by_env == {env["id"]: there["publish_id"], RELEASE: release["publish_id"]}
    assert set(shown["run_env_name"].split("|")) == {env["name"], "RELEASE"}
    assert [v["env_name"] for v in versions(client, api, env_id=env["id"])] == [env["name"]]
    assert [v["env_id"] for v in versions(client, api, env_name="RELEASE")] == [RELEASE]
    assert versions(client, api, env_name="nowhere") == []


def test_ten_versions_are_kept(client, api):
    made = [publish(client, api, remark=str(i))["version_id"] for i in range(12)]
    kept = versions(client, api)
    assert [v["version_id"] for v in kept] == made[:1:-1]
    assert [v["status"] for v in kept] == [1] + [2] * 9
    assert sorted((v["version_no"] for v in kept), reverse=True) == [v["version_no"] for v in kept]
    assert client.get(f"/apis/versions/{made[0]}").code == "APIG.3022"


def test_the_version_in_effect_is_kept_however_old(client, api):
    oldest = publish(client, api)
    for _ in range(9):
        publish(client, api)
    assert client.put(f"/apis/publish/{api['id']}", {"version_id": oldest["version_id"]}).status == 200
    client.post("/apis/action", {"action": "offline", "env_id": RELEASE, "api_id": api["id"]})
    assert client.put(f"/apis/publish/{api['id']}", {"version_id": oldest["version_id"]}).status == 200
    kept = {v["version_id"]: v["status"] for v in versions(client, api)}
    assert len(kept) == 10 and kept[oldest["version_id"]] == 1


def test_switching_back(client, group, api):
    first = publish(client, api)
    client.put(f"/apis/{api['id']}", api_body(group["id"], name=api["name"], req_uri=api["req_uri"], remark="edited"))
    second = publish(client, api)
    answer = client.put(f"/apis/publish/{api['id']}", {"version_id": first["version_id"]})
    assert (answer.status, answer.json) == (200, first)
    assert client.get(f"/apis/runtime/{api['id']}").json["remark"] == ""
    assert {v["version_id"]: v["status"] for v in versions(client, api)} == {first["version_id"]: 1, second["version_id"]: 2}
    assert client.put(f"/apis/publish/{api['id']}", {"version_id": first["version_id"]}).status == 200, "it is in effect already"


def test_taking_a_version_off(client, api):
    version = publish(client, api)["version_id"]
    assert client.delete(f"/apis/versions/{version}").status == 204
    assert client.get(f"/apis/runtime/{api['id']}").code == "APIG.3015"
    answer = client.delete(f"/apis/versions/{version}")
    assert (answer.status, answer.code) == (400, "APIG.3309")


def test_two_apis_never_stand_on_one_route(client, group):
    first = make_api(client, group["id"])
    moved = unique("/moved")
    publish(client, first)
    client.put(f"/apis/{first['id']}", api_body(group["id"], name=first["name"], req_uri=moved))
    second = make_api(client, group["id"], req_uri=first["req_uri"])
    answer = client.post("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": second["id"]})
    assert (answer.status, answer.code) == (400, "APIG.3301"), "the first is still published on this path"
    assert versions(client, second) == []
    old = versions(client, first)[0]["version_id"]
    publish(client, first)
    publish(client, second)
    answer = client.put(f"/apis/publish/{first['id']}", {"version_id": old})
    assert (answer.status, answer.code) == (400, "APIG.3301"), "now the second is"
    assert client.get(f"/apis/runtime/{first['id']}").json["req_uri"] == moved
    publish(client, first, make_env(client)["id"])


@pytest.mark.parametrize("body, code", [
    ({"action": "online", "env_id": NOBODY}, "APIG.3003"),
    ({"action": "online", "env_id": RELEASE, "api_id": NOBODY}, "APIG.3002"),
    ({"action": "offline", "env_id": RELEASE}, "APIG.3015"),
])
def test_what_is_not_there(client, api, body, code):
    answer = client.post("/apis/action", {"api_id": api["id"], **body})
    assert (answer.status, answer.code) == (404, code)


@pytest.mark.parametrize("missing", ["action", "env_id", "api_id"])
def test_what_must_be_given(client, api, missing):
    body = {"action": "online", "env_id": RELEASE, "api_id": api["id"]}
    del body[missing]
    answer = client.post("/apis/action", body)
    assert (answer.status, answer.code) == (400, "APIG.2001")
    assert f"parameterName:{missing}." in answer.message


def test_bad_values(client, api):
    good = {"action": "online", "env_id": RELEASE, "api_id": api["id"]}
    assert_refused(client.post("/apis/action", {**good, "action": "up"}), "action", "one of online offline")
    assert_refused(client.post("/apis/action", {**good, "remark": "x" * 256}), "remark", "255")
    assert_refused(client.post("/apis/publish", {"apis": [""], "env_id": RELEASE}, action="online"), "apis[0]", "1 to 64")
    assert_refused(client.post("/apis/publish", {"apis": ["x"] * 1001, "env_id": RELEASE}, action="online"), "apis", "at most 1000")


@pytest.mark.parametrize("query, code, words", [({}, "APIG.2001", "action"), ({"action": ""}, "APIG.2001", "action"),
                                                ({"action": "up"}, "APIG.2011", "action. "), ({"action": "up"}, "APIG.2011", "one of online offline")])
def test_a_batch_needs_its_action(client, api, query, code, words):
    answer = client.post("/apis/publish", {"apis": [api["id"]], "env_id": RELEASE}, **query)
    assert (answer.status, answer.code) == (400, code)
    assert words in answer.message


def test_a_batch_answers_for_each_item(client, group):
    first, second = make_api(client, group["id"]), make_api(client, group["id"])
    publish(client, first)
    client.put(f"/apis/{first['id']}", api_body(group["id"], name=first["name"], req_uri=unique("/away")))
    blocked = make_api(client, group["id"], req_uri=first["req_uri"])
    answer = client.post("/apis/publish", {"apis": [second["id"], NOBODY, blocked["id"]], "env_id": RELEASE, "remark": "all"}, action="online")
    assert answer.status == 200, "the vendor's status for this one POST"
    assert [(i["api_id"], i["api_name"], i["remark"]) for i in answer.json["success"]] == [(second["id"], second["name"], "all")]
    assert [(i["api_id"], i["api_name"], i["error_code"]) for i in answer.json["failure"]] == [
        (NOBODY, "", "APIG.3002"), (blocked["id"], blocked["name"], "APIG.3301")]
    assert [v["status"] for v in versions(client, second)] == [1]
    assert versions(client, blocked) == []
    answer = client.post("/apis/publish", {"apis": [second["id"], second["id"]], "env_id": RELEASE}, action="offline")
    assert len(answer.json["success"]) == 1
    assert [i["error_code"] for i in answer.json["failure"]] == ["APIG.3015"]


def test_a_batch_by_group(client):
    group = make_group(client)
    apis = {make_api(client, group["id"])["id"] for _ in range(3)}
    answer = client.post("/apis/publish", {"group_id": group["id"], "env_id": RELEASE}, action="online")
    assert {i["api_id"] for i in answer.json["success"]} == apis
    assert client.get("/apis", env_id=RELEASE, group_id=group["id"]).json["total"] == 3
    assert client.post("/apis/publish", {"group_id": NOBODY, "env_id": RELEASE}, action="online").code == "APIG.3001"
    assert client.post("/apis/publish", {"env_id": RELEASE}, action="online").code == "APIG.2001"
    both = {"group_id": group["id"], "apis": list(apis), "env_id": RELEASE}
    assert_refused(client.post("/apis/publish", both, action="online"), "group_id", "either apis or group_id")


def test_unknown_versions(client, group, api):
    other = make_api(client, group["id"])
    version = publish(client, other)["version_id"]
    for version_id in (NOBODY, version):
        answer = client.put(f"/apis/publish/{api['id']}", {"version_id": version_id})
        assert (answer.status, answer.code) == (404, "APIG.3022"), "of another API counts as unknown"
    for method in ("GET", "DELETE"):
        assert client.call(method, f"/apis/versions/{NOBODY}").code == "APIG.3022"
    assert client.get(f"/apis/publish/{NOBODY}").code == "APIG.3002"
    assert client.get(f"/apis/runtime/{api['id']}", env_id=RELEASE).code == "APIG.3015"
    assert client.get(f"/apis/runtime/{NOBODY}").code == "APIG.3002"


def test_an_environment_goes_with_what_was_published_in_it(client, api):
    env = make_env(client)
    publish(client, api, env["id"])
    assert client.delete(f"/envs/{env['id']}").code == "APIG.3418"
    publish(client, api, env["id"], action="offline")
    assert client.delete(f"/envs/{env['id']}").status == 204
    assert versions(client, api) == []
