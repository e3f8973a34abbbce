"""Authorising consumers for APIs, and the places that proof plans are made of."""
import pytest

from api_bodies import RELEASE, assert_refused, make_api, make_env, make_group, publish, unique
from harness.stored import changes_since, places, revision, rows

NOBODY = "0" * 32
HEADER, QUERY = 1, 2
BEARER = (HEADER, "authorization", "Bearer ")
CHANGE_PUBLICATION, CHANGE_AUTHORISATION = 3, 6
KEYS_AT_MOST = 14  # of the 16 places of a plan two are for signatures


@pytest.fixture(scope="module")
def group(client):
    return make_group(client)


@pytest.fixture
def api(client, group):
    return make_api(client, group["id"])


def make(client, *keys):
    consumer = client.made("/consumers", {"name": unique("consumer-")})
    for key in keys:
        add_key(client, consumer, **key)
    return consumer


def add_key(client, consumer, **key):
    answer = client.post(f"/consumers/{consumer['id']}/credentials", {"api_key": key})
    assert answer.status == 201, answer
    return answer.json


def header(name):
    return {"source": "HEADER", "name": name}


def authorise(client, consumers, apis, env_id=RELEASE, **more):
    body = {"env_id": env_id, "consumer_ids": [c["id"] for c in consumers], "api_ids": [a["id"] for a in apis], **more}
    return client.post("/consumer-auths", body)


def authorised(client, consumers, apis, env_id=RELEASE, **more):
    answer = authorise(client, consumers, apis, env_id, **more)
    assert answer.status == 201, answer
    return answer.json["auths"]


def test_authorise_list_cancel(client, group, api):
    one, two = make(client, {}), make(client, {})
    other = make_api(client, group["id"])
    auths = authorised(client, [one, two], [api, other])
    assert [(a["consumer_id"], a["api_id"]) for a in auths] == [(c["id"], a["id"]) for c in (one, two) for a in (api, other)]
    first = auths[0]
    assert first["auth_result"] == {"status": "SUCCESS", "api_name": api["name"], "consumer_name": one["name"]}
    assert first.items() >= {"env_id": RELEASE, "env_name": "RELEASE", "group_name": group["name"], "end_time": None}.items()
    of_consumer = client.get("/consumer-auths", consumer_id=one["id"]).json
    assert of_consumer["total"] == 2 and {a["api_id"] for a in of_consumer["auths"]} == {api["id"], other["id"]}
    shown = client.get("/consumer-auths", consumer_id=one["id"], api_id=api["id"]).json["auths"]
    assert shown == [{k: v for k, v in first.items() if k != "auth_result"}]
    assert client.get("/consumer-auths", api_id=api["id"], env_id=NOBODY).json["total"] == 0
    answer = client.delete(f"/consumer-auths/{first['id']}")
    assert (answer.status, answer.text) == (204, "")
    answer = client.delete(f"/consumer-auths/{first['id']}")
    assert (answer.status, answer.code) == (404, "APIG.3009")
    assert [a["consumer_id"] for a in client.get("/consumer-auths", api_id=api["id"]).json["auths"]] == [two["id"]]


def test_an_end_can_be_set_and_moved(client, api):
    consumer = make(client, {})
    first = authorised(client, [consumer], [api], end_time="2040-01-01T00:00:00Z")[0]
    assert first["end_time"] == "2040-01-01T00:00:00Z"
    again = authorised(client, [consumer], [api], end_time="2040-01-01T00:00:00Z")[0]
    assert (again["id"], again["auth_result"]["status"]) == (first["id"], "SKIPPED")
    moved = authorised(client, [consumer], [api])[0]
    assert (moved["id"], moved["auth_result"]["status"], moved["end_time"]) == (first["id"], "SUCCESS", None)
    assert client.get("/consumer-auths", consumer_id=consumer["id"]).json["auths"][0]["end_time"] is None


@pytest.mark.parametrize("end, rule", [("2001-01-01T00:00:00Z", "a time to come"), ("soon", "a time as in"), (5, "a time as in")])
def test_a_bad_end(client, api, end, rule):
    consumer = make(client, {})
    assert_refused(authorise(client, [consumer], [api], end_time=end), "end_time", rule)
    assert client.get("/consumer-auths", consumer_id=consumer["id"]).json["total"] == 0


@pytest.mark.parametrize("change, code", [
    ({"env_id": NOBODY}, "APIG.3003"), ({"consumer_ids": [NOBODY]}, "APIG.3901"), ({"api_ids": [NOBODY]}, "APIG.3002"),
])
def test_everything_named_must_exist(client, api, change, code):
    consumer = make(client, {})
    body = {"env_id": RELEASE, "consumer_ids": [consumer["id"]], "api_ids": [api["id"]]}
    body.update({k: body[k] + v if isinstance(v, list) else v for k, v in change.items()})
    answer = client.post("/consumer-auths", body)
    assert (answer.status, answer.code) == (404, code)
    assert client.get("/consumer-auths", consumer_id=consumer["id"]).json["total"] == 0, "nothing half written"


@pytest.mark.parametrize("missing", ["env_id", "consumer_ids", "api_ids"])
def test_what_must_be_given(client, missing):
    body = {"env_id": RELEASE, "consumer_ids": [NOBODY], "api_ids": [NOBODY]}
    del body[missing]
    answer = client.post("/consumer-auths", body)
    assert (answer.status, answer.code) == (400, "APIG.2001") and f"parameterName:{missing}." in answer.message


def test_bounds(client):
    body = {"env_id": RELEASE, "consumer_ids": [NOBODY], "api_ids": [NOBODY]}
    assert_refused(client.post("/consumer-auths", {**body, "api_ids": [NOBODY] * 101}), "api_ids", "at most 100")
    assert_refused(client.post("/consumer-auths", {**body, "consumer_ids": [NOBODY] * 101}), "consumer_ids", "at most 100")
    assert_refused(client.post("/consumer-auths", {**body, "consumer_ids": [NOBODY] * 11, "api_ids": [NOBODY] * 100}), "api_ids", "1000 pairs")


def test_an_apps_authorisation_is_not_removed_here(client, api):
    app = client.made("/apps", {"name": unique("App_")})
    auth = client.post("/app-auths", {"env_id": RELEASE, "app_ids": [app["id"]], "api_ids": [api["id"]]}).json["auths"][0]
    assert client.delete(f"/consumer-auths/{auth['id']}").code == "APIG.3009"
    assert client.get("/consumer-auths", api_id=api["id"]).json["total"] == 0
    consumer = make(client, {})
    own = authorised(client, [consumer], [api])[0]
    assert client.delete(f"/app-auths/{own['id']}").code == "APIG.3009"
    assert client.get("/consumer-auths", api_id=api["id"]).json["total"] == 1


def test_places_are_counted(daemon, client, api):
    one, two = make(client, {}, header("X-Key")), make(client, {}, {"source": "QUERY", "name": "key"})
    assert places(daemon, api["id"]) == {}
    first, second = authorised(client, [one, two], [api])
    assert places(daemon, api["id"]) == {BEARER: 2, (HEADER, "x-key", ""): 1, (QUERY, "key", ""): 1}
    authorised(client, [one], [api])
    assert places(daemon, api["id"])[BEARER] == 2, "authorised once"
    more = add_key(client, one, **header("x-KEY"))
    assert places(daemon, api["id"])[(HEADER, "x-key", "")] == 2, "header names know no case"
    client.delete(f"/consumers/{one['id']}/credentials/{more['id']}")
    client.put(f"/consumers/{two['id']}", {"enabled": False})
    assert places(daemon, api["id"]) == {BEARER: 2, (HEADER, "x-key", ""): 1, (QUERY, "key", ""): 1}
    client.delete(f"/consumer-auths/{first['id']}")
    assert places(daemon, api["id"]) == {BEARER: 1, (QUERY, "key", ""): 1}
    client.delete(f"/consumers/{two['id']}")
    assert places(daemon, api["id"]) == {}
    assert client.get("/consumer-auths", api_id=api["id"]).json["total"] == 0


def test_the_edge_follows_places_that_come_and_go(daemon, client, api):
    one, two = make(client, header("X-Mine")), make(client, header("X-Mine"))
    plan = (CHANGE_PUBLICATION, api["id"], RELEASE)
    where = f"{api['id']}@{RELEASE}"

    def follow(change):
        start = revision(daemon)
        result = change()
        return result, [c for c in changes_since(daemon, start) if c[0] in (CHANGE_PUBLICATION, CHANGE_AUTHORISATION)]
    first, told = follow(lambda: authorised(client, [one], [api])[0])
    assert sorted(told) == [plan, (CHANGE_AUTHORISATION, f"2:{one['id']}", where)]
    second, told = follow(lambda: authorised(client, [two], [api])[0])
    assert told == [(CHANGE_AUTHORISATION, f"2:{two['id']}", where)], "the place was in the plan already"
    _, told = follow(lambda: client.delete(f"/consumer-auths/{first['id']}"))
    assert told == [(CHANGE_AUTHORISATION, f"2:{one['id']}", where)]
    _, told = follow(lambda: add_key(client, two, **header("X-Other")))
    assert told == [plan]
    _, told = follow(lambda: client.delete(f"/consumers/{two['id']}"))
    assert set(told) == {plan, (CHANGE_AUTHORISATION, f"2:{two['id']}", where)}


def test_a_plan_holds_fourteen_places_for_keys(daemon, client, group, api):
    full = make(client, *(header(f"X-Key-{i}") for i in range(KEYS_AT_MOST)))
    assert authorised(client, [full], [api])[0]["auth_result"]["status"] == "SUCCESS"
    assert len(places(daemon, api["id"])) == KEYS_AT_MOST

    fits, too_much = make(client, header("X-Key-3")), make(client, header("X-Key-1"), header("X-One-More"))
    other = make_api(client, group["id"])
    auths = authorised(client, [too_much, fits], [api, other])
    assert [a["auth_result"]["status"] for a in auths] == ["FAILED", "SUCCESS", "SUCCESS", "SUCCESS"]
    result = auths[0]["auth_result"]
    assert result["error_code"] == "APIG.3913" and "14 places" in result["error_msg"] and api["id"] in result["error_msg"]
    assert (auths[0]["consumer_id"], auths[0]["api_id"], auths[0].get("id")) == (too_much["id"], api["id"], None)
    assert len(places(daemon, api["id"])) == KEYS_AT_MOST and places(daemon, api["id"])[(HEADER, "x-key-1", "")] == 1, "nothing half written"
    assert client.get("/consumer-auths", consumer_id=too_much["id"]).json["total"] == 1

    answer = client.post(f"/consumers/{fits['id']}/credentials", {"api_key": {}})
    assert (answer.status, answer.code) == (409, "APIG.3913"), "a further key of an authorised consumer"
    assert len(client.get(f"/consumers/{fits['id']}").json["credentials"]) == 1
    assert BEARER not in places(daemon, other["id"]), "nor anywhere else"


def test_a_consumer_with_too_many_places_of_his_own(client, api):
    consumer = make(client, *(header(f"X-Own-{i}") for i in range(KEYS_AT_MOST + 2)))
    auth = authorised(client, [consumer], [api])[0]
    assert (auth["auth_result"]["status"], auth["auth_result"]["error_code"]) == ("FAILED", "APIG.3913")


def test_what_goes_with_an_api_and_an_environment(daemon, client, group):
    env = make_env(client)
    api, other = make_api(client, group["id"]), make_api(client, group["id"])
    consumer = make(client, {})
    authorised(client, [consumer], [api, other], env["id"])
    assert client.delete(f"/apis/{api['id']}").status == 204
    assert [a["api_id"] for a in client.get("/consumer-auths", consumer_id=consumer["id"]).json["auths"]] == [other["id"]]
    assert places(daemon, api["id"]) == {} and places(daemon, other["id"]) == {BEARER: 1}
    assert client.delete(f"/envs/{env['id']}").status == 204
    assert client.get("/consumer-auths", consumer_id=consumer["id"]).json["total"] == 0
    assert places(daemon, other["id"]) == {}
    assert client.delete(f"/consumers/{consumer['id']}").status == 204


def test_every_change_is_audited(daemon, client, api):
    consumer = make(client, {})
    auth = authorised(client, [consumer], [api])[0]
    authorised(client, [consumer], [api], end_time="2040-01-01T00:00:00Z")
    client.delete(f"/consumer-auths/{auth['id']}")
    found = rows(daemon, f"SELECT action FROM audit WHERE resource_id = '{auth['id']}' ORDER BY id")
    assert found == [("authorise_consumers",), ("authorise_consumers",), ("withdraw_consumer",)]


def test_publishing_does_not_matter(client, api):
    consumer = make(client, {})
    auth = authorised(client, [consumer], [api])[0]
    publish(client, api)
    publish(client, api, action="offline")
    assert client.get("/consumer-auths", api_id=api["id"]).json["auths"][0]["id"] == auth["id"]
