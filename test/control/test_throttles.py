"""Request throttling policies, callers with limits of their own, and binding both to APIs (huawei.md 4.8)."""
import policies
import pytest

from api_bodies import RELEASE, assert_refused, make_api, make_group, publish, unique
from harness.stored import changes_since, revision
from policies import THROTTLE, bound, maker

NOBODY = "0" * 32
CHANGE_PUBLICATION, CHANGE_THROTTLE = 3, 14


def body(**changes):
    return policies.body(THROTTLE, **changes)


@pytest.fixture(scope="module")
def group(client):
    return make_group(client)


@pytest.fixture
def api(client, group):
    return make_api(client, group["id"])


@pytest.fixture
def make(client):
    yield from maker(client, THROTTLE)


def test_made_read_back_changed_and_removed(client, daemon, make):
    before = revision(daemon)
    made = make(remark="r", type=2, user_call_limits=90, app_call_limits=80, consumer_call_limits=70, ip_call_limits=60)
    assert changes_since(daemon, before) == [(CHANGE_THROTTLE, made["id"], "")]
    wanted = {"name": made["name"], "remark": "r", "type": 2, "time_unit": "MINUTE", "time_interval": 1, "api_call_limits": 100,
              "user_call_limits": 90, "app_call_limits": 80, "consumer_call_limits": 70, "ip_call_limits": 60, "bind_num": 0,
              "is_inclu_special_throttle": 2, "enable_adaptive_control": "FALSE"}
    assert {name: made[name] for name in made if name not in ("id", "create_time")} == wanted
    assert client.get(f"/throttles/{made['id']}").json == made
    assert client.get("/throttles", name=made["name"], precise_search="name").json == {"total": 1, "size": 1, "throttles": [made]}
    before = revision(daemon)
    changed = client.put(f"/throttles/{made['id']}", body(name=made["name"], time_unit="DAY", app_call_limits=5))
    assert changed.status == 200 and changes_since(daemon, before) == [(CHANGE_THROTTLE, made["id"], "")]
    assert changed.json == {**made, "remark": "", "type": 1, "time_unit": "DAY", "user_call_limits": 0, "app_call_limits": 5,
                            "consumer_call_limits": 0, "ip_call_limits": 0}, "a limit that is left out is none"
    assert client.delete(f"/throttles/{made['id']}").status == 204
    for answer in (client.get(f"/throttles/{made['id']}"), client.put(f"/throttles/{made['id']}", body()), client.delete(f"/throttles/{made['id']}")):
        assert (answer.status, answer.code) == (404, "APIG.3005")


@pytest.mark.parametrize("changes, field, rule", [
    ({"time_unit": "WEEK"}, "time_unit", "SECOND MINUTE HOUR DAY"), ({"time_interval": 0}, "time_interval", "1 to"),
    ({"api_call_limits": 0}, "api_call_limits", "1 to 2147483647"), ({"api_call_limits": 2**31}, "api_call_limits", "2147483647"),
    ({"app_call_limits": -1}, "app_call_limits", "0 to"), ({"type": 3}, "type", "1 to 2"), ({"name": "1st"}, "name", "first a letter"),
    ({"user_call_limits": 101}, "user_call_limits", "at most api_call_limits"),
    ({"app_call_limits": 101}, "app_call_limits", "at most api_call_limits"),
    ({"user_call_limits": 50, "app_call_limits": 51}, "app_call_limits", "at most user_call_limits"),
    ({"user_call_limits": 50, "consumer_call_limits": 51}, "consumer_call_limits", "at most user_call_limits"),
    ({"consumer_call_limits": 101}, "consumer_call_limits", "at most api_call_limits"),
    ({"ip_call_limits": 101}, "ip_call_limits", "at most api_call_limits"),
    ({"time_unit": "DAY", "time_interval": 91}, "time_interval", "at most 90 days"),
    ({"enable_adaptive_control": "TRUE"}, "enable_adaptive_control", "FALSE"),
])
def test_rules(client, make, changes, field, rule):
    assert_refused(client.post("/throttles", body(**changes)), field, rule)
    made = make()
    assert_refused(client.put(f"/throttles/{made['id']}", body(**changes)), field, rule)
    assert client.get(f"/throttles/{made['id']}").json == made


def test_the_longest_period(make):
    assert make(time_unit="DAY", time_interval=90)["time_interval"] == 90


def test_callers_with_limits_of_their_own(client, daemon, make):
    throttle, app = make(), client.made("/apps", {"name": unique("app_")})
    consumer = client.made("/consumers", {"name": unique("consumer")})
    path, before = f"/throttles/{throttle['id']}/throttle-specials", revision(daemon)
    special = client.made(path, {"object_type": "APP", "object_id": app["id"], "call_limits": 7})
    assert changes_since(daemon, before) == [(CHANGE_THROTTLE, throttle["id"], "")]
    wanted = {"throttle_id": throttle["id"], "object_type": "APP", "object_id": app["id"], "object_name": app["name"], "app_id": app["id"],
              "app_name": app["name"], "call_limits": 7}
    assert {name: special[name] for name in special if name not in ("id", "apply_time")} == wanted
    other = client.made(path, {"object_type": "CONSUMER", "object_id": consumer["id"], "call_limits": 200})
    user = client.made(path, {"object_type": "USER", "object_id": daemon.admin["user_id"], "call_limits": 1})
    assert other["object_name"] == consumer["name"] and user["object_name"]
    assert client.get(path, object_type="APP").json == {"total": 1, "size": 1, "throttle_specials": [special]}
    assert client.get(path).json["total"] == 3
    assert client.get(f"/throttles/{throttle['id']}").json["is_inclu_special_throttle"] == 1
    changed = client.put(f"{path}/{special['id']}", {"call_limits": 9})
    assert (changed.status, changed.json) == (200, {**special, "call_limits": 9})
    answer = client.post(path, {"object_type": "APP", "object_id": app["id"], "call_limits": 8})
    assert (answer.status, answer.code) == (400, "APIG.3308")
    assert client.delete(f"{path}/{user['id']}").status == 204
    before = revision(daemon)
    assert client.delete(f"/apps/{app['id']}").status == 204 and client.delete(f"/consumers/{consumer['id']}").status == 204
    assert [change for change in changes_since(daemon, before) if change[0] == CHANGE_THROTTLE] == [(CHANGE_THROTTLE, throttle["id"], "")] * 2
    assert client.get(path).json["total"] == 0, "they go with whom they are for"


def test_special_limits_are_for_somebody(client, make):
    throttle, other = make(), make()
    path = f"/throttles/{throttle['id']}/throttle-specials"
    for kind, code in (("APP", "APIG.3004"), ("CONSUMER", "APIG.3901"), ("USER", "APIG.3903")):
        answer = client.post(path, {"object_type": kind, "object_id": NOBODY, "call_limits": 1})
        assert (answer.status, answer.code) == (404, code)
    assert_refused(client.post(path, {"object_type": "GROUP", "object_id": NOBODY, "call_limits": 1}), "object_type", "APP USER CONSUMER")
    app = client.made("/apps", {"name": unique("app_")})
    assert_refused(client.post(path, {"object_type": "APP", "object_id": app["id"], "call_limits": 0}), "call_limits", "1 to")
    special = client.made(path, {"object_type": "APP", "object_id": app["id"], "call_limits": 1})
    elsewhere = f"/throttles/{other['id']}/throttle-specials/{special['id']}"
    for answer in (client.put(elsewhere, {"call_limits": 2}), client.delete(elsewhere), client.delete(f"{path}/{NOBODY}")):
        assert (answer.status, answer.code) == (404, "APIG.3013")
    assert client.get(f"/throttles/{NOBODY}/throttle-specials").code == "APIG.3005"


def test_so_many_special_limits_and_no_more(client, make):
    path = f"/throttles/{make()['id']}/throttle-specials"
    for number in range(61):
        app = client.made("/apps", {"name": unique("app_")})
        answer = client.post(path, {"object_type": "APP", "object_id": app["id"], "call_limits": 1})
        assert (answer.status, answer.code if number == 60 else None) == ((403, "APIG.3944") if number == 60 else (201, None))


def test_bind_list_unbind(client, daemon, group, api, make):
    throttle, other, published, before = make(), make(), publish(client, api), revision(daemon)
    binding = bound(client, THROTTLE, throttle, published["publish_id"])[0]
    assert changes_since(daemon, before) == [(CHANGE_PUBLICATION, api["id"], RELEASE)]
    wanted = {"strategy_id": throttle["id"], "publish_id": published["publish_id"], "scope": 1, "api_id": api["id"], "env_id": RELEASE}
    assert {k: v for k, v in binding.items() if k not in ("id", "apply_time")} == wanted
    shown = client.get("/throttle-bindings/binded-apis", throttle_id=throttle["id"]).json
    item = shown["apis"][0]
    assert shown["total"] == 1 and (item["id"], item["name"], item["throttle_apply_id"]) == (api["id"], api["name"], binding["id"])
    assert (item["throttle_name"], item["run_env_name"], item["group_name"]) == (throttle["name"], "RELEASE", group["name"])
    assert (item["publish_id"], item["apply_time"], item["req_method"], item["type"]) == (published["publish_id"], binding["apply_time"], "GET", 1)
    of_api = client.get("/throttle-bindings/binded-throttles", api_id=api["id"]).json["throttles"]
    assert [(one["id"], one["bind_id"], one["env_name"], one["bind_num"]) for one in of_api] == [(throttle["id"], binding["id"], "RELEASE", 1)]
    assert api["id"] not in [one["id"] for one in client.get("/throttle-bindings/unbinded-apis", throttle_id=throttle["id"], limit=500).json["apis"]]
    unbound = client.get("/throttle-bindings/unbinded-apis", throttle_id=other["id"], api_id=api["id"]).json["apis"]
    assert [(one["id"], one["throttle_name"]) for one in unbound] == [(api["id"], throttle["name"])]
    assert bound(client, THROTTLE, throttle, published["publish_id"]) == [binding], "the same again is no change"
    assert client.delete(f"/throttle-bindings/{binding['id']}").status == 204
    answer = client.delete(f"/throttle-bindings/{binding['id']}")
    assert (answer.status, answer.code) == (404, "APIG.3012")


def test_filters(client, group, make):
    throttle = make()
    tagged, plain = make_api(client, group["id"], tags=["gold"]), make_api(client, group["id"])
    bound(client, THROTTLE, throttle, *(publish(client, api)["publish_id"] for api in (tagged, plain)))

    def names(path="binded-apis", **query):
        return {one["name"] for one in client.get(f"/throttle-bindings/{path}", throttle_id=throttle["id"], **query).json["apis"]}
    assert names() == {tagged["name"], plain["name"]}
    assert names(tags="gold") == names(api_id=tagged["id"]) == names(api_name=tagged["name"].upper()) == {tagged["name"]}
    assert names(group_id=group["id"], env_id=RELEASE) == {tagged["name"], plain["name"]} and names(env_id=NOBODY) == set()
    of_api = "/throttle-bindings/binded-throttles"
    assert client.get(of_api, api_id=plain["id"], throttle_name=throttle["name"][2:]).json["total"] == 1
    assert client.get(of_api, api_id=plain["id"], throttle_id=NOBODY).json["total"] == 0
    for path, query, code in (("binded-apis", {"throttle_id": NOBODY}, "APIG.3005"), ("unbinded-apis", {"throttle_id": NOBODY}, "APIG.3005"),
                              ("binded-throttles", {"api_id": NOBODY}, "APIG.3002"), ("binded-apis", {}, "APIG.2001")):
        assert client.get(f"/throttle-bindings/{path}", **query).code == code
