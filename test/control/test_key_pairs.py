"""Key pairs: several of an app, those of consumers, states, and another secret with an overlap."""
import re
import time

import pytest
from api_bodies import RELEASE, assert_refused, make_api, make_group, unique
from harness.stored import everything, rows

LATER = "2040-01-01T00:00:00Z"


@pytest.fixture
def app(client):
    return client.made("/apps", {"name": unique("App")})


def consumer_with(client, **hmac):
    return client.made("/consumers", {"name": unique("consumer-"), "hmac": hmac})


def test_an_app_has_several(client, daemon, app):
    path = f"/apps/{app['id']}/key-pairs"
    first = client.get(path).json["key_pairs"]
    assert [pair["app_key"] for pair in first] == [app["app_key"]] and "app_secret" not in str(first)
    own = client.made(path, {"app_key": unique("second-key-"), "app_secret": "the-second-secret"})
    drawn = client.made(path, {})
    assert own["app_secret"] == "the-second-secret" and re.fullmatch("[0-9a-f]{32}", drawn["app_key"])
    assert re.fullmatch("[A-Za-z0-9]{64}", drawn["app_secret"]) and (own["generate_mode"], drawn["generate_mode"]) == ("CUSTOM", "SYSTEM")
    assert {pair["app_key"] for pair in client.get(path).json["key_pairs"]} == {app["app_key"], own["app_key"], drawn["app_key"]}
    changed = client.put(f"{path}/{own['id']}", {"enabled": False, "end_time": LATER})
    assert (changed.status, changed.json["enabled"], changed.json["end_time"]) == (200, False, LATER)
    assert client.delete(f"{path}/{own['id']}").status == 204
    assert (client.delete(f"{path}/{own['id']}").code, client.get(path).json["total"]) == ("APIG.3902", 2)
    for secret in (drawn["app_secret"], "the-second-secret"):
        assert secret not in everything(daemon) + daemon.log.read_text()


def test_the_apps_own_pair_stays(client, app):
    path = f"/apps/{app['id']}/key-pairs"
    one = client.get(path).json["key_pairs"][0]
    refused = client.delete(f"{path}/{one['id']}")
    assert (refused.status, refused.code) == (409, "APIG.3917") and app["app_key"] in refused.message
    other = client.made(path, {})
    assert client.put(f"/apps/{app['id']}", {"name": app["name"], "app_key": unique("renamed-key-")}).status == 200
    assert {pair["id"] for pair in client.get(path).json["key_pairs"]} == {one["id"], other["id"]}, "the right one was renamed"
    assert client.delete(f"{path}/{one['id']}").code == "APIG.3917" and client.delete(f"{path}/{other['id']}").status == 204


def test_a_key_is_taken_once_among_apps_and_consumers(client, app):
    consumer = consumer_with(client, generate_mode="CUSTOM", access_key=unique("an-access-key-"), secret_key="0123456789abcdef")
    key = consumer["credentials"][0]["access_key"]
    for answer in (client.post(f"/apps/{app['id']}/key-pairs", {"app_key": key}), client.post("/apps", {"name": unique("App"), "app_key": key})):
        assert (answer.status, answer.code) == (400, "APIG.3310"), "the vendor's answer for apps"
    for taken in (key, app["app_key"]):
        answer = client.post("/consumers", {"name": unique("consumer-"), "hmac": {"generate_mode": "CUSTOM", "access_key": taken,
                                                                                    "secret_key": "0123456789abcdef"}})
        assert (answer.status, answer.code) == (409, "APIG.3912")
    assert client.get("/consumers", name=unique("consumer-")).json["total"] == 0


def test_twenty_pairs(client, app):
    for _ in range(19):
        client.made(f"/apps/{app['id']}/key-pairs", {})
    answer = client.post(f"/apps/{app['id']}/key-pairs", {})
    assert (answer.status, answer.code) == (403, "APIG.3916")


@pytest.mark.parametrize("path", ["/key-pairs", "/key-pairs/{pair}", "/key-pairs/{pair}/secret"])
def test_unknown_apps_and_pairs(client, app, path):
    other = client.made("/apps", {"name": unique("Other")})
    pair = client.get(f"/apps/{other['id']}/key-pairs").json["key_pairs"][0]["id"]
    method = "POST" if path == "/key-pairs" else "PUT"
    nowhere = client.call(method, f"/apps/{'0' * 32}" + path.format(pair=pair), {})
    assert (nowhere.status, nowhere.code) == (404, "APIG.3004")
    if method == "PUT":
        foreign = client.put(f"/apps/{app['id']}" + path.format(pair=pair), {})
        assert (foreign.status, foreign.code) == (404, "APIG.3902")


def test_pairs_of_a_consumer(client, daemon):
    made = consumer_with(client)
    pair = made["credentials"][0]
    assert pair["kind"] == "HMAC" and re.fullmatch("[A-Za-z0-9]{32}", pair["access_key"]) and re.fullmatch("[A-Za-z0-9]{64}", pair["secret_key"])
    secret = pair.pop("secret_key")
    assert client.get(f"/consumers/{made['id']}").json["credentials"] == [pair]
    assert secret not in everything(daemon) + daemon.log.read_text()
    path = f"/consumers/{made['id']}/credentials"
    own = client.made(path, {"hmac": {"generate_mode": "CUSTOM", "access_key": unique("my-access-key-"), "secret_key": "my-own-secret-123"}})
    key = client.made(path, {"api_key": {}})
    assert (own["generate_mode"], own["secret_key"], key["kind"]) == ("CUSTOM", "my-own-secret-123", "API_KEY")
    changed = client.put(f"{path}/{own['id']}", {"start_time": LATER, "enabled": False})
    assert (changed.status, changed.json["start_time"], changed.json["enabled"], changed.json["kind"]) == (200, LATER, False, "HMAC")
    assert client.delete(f"{path}/{own['id']}").status == 204
    assert [one["kind"] for one in client.get(f"/consumers/{made['id']}").json["credentials"]].count("HMAC") == 1


@pytest.mark.parametrize("hmac, field, rule", [
    ({"access_key": "my-access-key"}, "hmac.access_key", "absent, unless generate_mode is CUSTOM"),
    ({"generate_mode": "CUSTOM", "access_key": "short", "secret_key": "0123456789abcdef"}, "hmac.access_key", "8 to 200 characters"),
    ({"generate_mode": "CUSTOM", "access_key": "with/slash", "secret_key": "0123456789abcdef"}, "hmac.access_key", "letters, digits, _ and -"),
    ({"generate_mode": "CUSTOM", "access_key": "my-access-key", "secret_key": "0123456789abcde"}, "hmac.secret_key", "16 to 128 characters"),
    ({"generate_mode": "RANDOM"}, "hmac.generate_mode", "SYSTEM CUSTOM"),
])
def test_a_bad_pair(client, hmac, field, rule):
    name = unique("consumer-")
    assert_refused(client.post("/consumers", {"name": name, "hmac": hmac}), field, rule)
    assert client.get("/consumers", name=name).json["total"] == 0


def test_a_pair_needs_both_halves_and_a_call_makes_one(client):
    answer = client.post("/consumers", {"name": unique("consumer-"), "hmac": {"generate_mode": "CUSTOM", "access_key": "my-access-key"}})
    assert (answer.status, answer.code) == (400, "APIG.2001") and "hmac.secret_key" in answer.message
    made = consumer_with(client)
    none = client.post(f"/consumers/{made['id']}/credentials", {})
    assert (none.status, none.code) == (400, "APIG.2001")
    assert_refused(client.post(f"/consumers/{made['id']}/credentials", {"hmac": {}, "api_key": {}}), "hmac", "one credential in a call")


def test_pairs_take_no_place_of_keys(client, daemon):
    api = make_api(client, make_group(client)["id"])
    made = consumer_with(client)
    auth = client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [made["id"]], "api_ids": [api["id"]]})["auths"][0]
    assert auth["auth_result"]["status"] == "SUCCESS"
    assert rows(daemon, f"SELECT * FROM place_use WHERE api_id = '{api['id']}'") == []
    client.made(f"/consumers/{made['id']}/credentials", {"hmac": {}})
    assert client.delete(f"/consumers/{made['id']}").status == 204
    assert rows(daemon, f"SELECT * FROM credential WHERE principal_id = '{made['id']}'") == []
    assert rows(daemon, f"SELECT action FROM audit WHERE resource_id = '{made['id']}' ORDER BY revision") == [
        ("create_consumer",), ("delete_consumer",)], "the audit stays"


@pytest.mark.parametrize("overlap, rule", [(-1, "0 to 2592000"), (2592001, "0 to 2592000"), ("60", "an integer")])
def test_an_overlap_has_bounds(client, app, overlap, rule):
    assert_refused(client.put(f"/apps/secret/{app['id']}", {"overlap_seconds": overlap}), "overlap_seconds", rule)


def test_an_overlap_is_told(client, app):
    path = f"/apps/{app['id']}/key-pairs"
    pair = client.get(path).json["key_pairs"][0]
    assert pair["former_secret_until"] is None
    began = int(time.time())
    answer = client.put(f"{path}/{pair['id']}/secret", {"overlap_seconds": 3600})
    assert answer.status == 200 and len(answer.json["app_secret"]) == 64
    until = time.strptime(client.get(path).json["key_pairs"][0]["former_secret_until"], "%Y-%m-%dT%H:%M:%SZ")
    assert began + 3600 <= time.mktime(until) - time.timezone <= time.time() + 3600
    assert client.put(f"/apps/secret/{app['id']}", {}).status == 200
    assert client.get(path).json["key_pairs"][0]["former_secret_until"] is None, "without an overlap nothing of before counts"
    made = consumer_with(client)
    pair = made["credentials"][0]
    answer = client.put(f"/consumers/{made['id']}/credentials/{pair['id']}/secret", {"secret_key": "another-secret-17", "overlap_seconds": 60})
    assert (answer.status, answer.json["secret_key"], answer.json["generate_mode"]) == (200, "another-secret-17", "CUSTOM")
    assert answer.json["former_secret_until"]
    key = client.made(f"/consumers/{made['id']}/credentials", {"api_key": {}})
    answer = client.put(f"/consumers/{made['id']}/credentials/{key['id']}/secret", {})
    assert (answer.status, answer.code) == (404, "APIG.3902"), "an API key has no secret to set anew"


def test_an_authorisation_of_an_app_ends(client, app):
    api = make_api(client, make_group(client)["id"])
    body = {"env_id": RELEASE, "app_ids": [app["id"]], "api_ids": [api["id"]]}
    one = client.made("/app-auths", {**body, "end_time": LATER})["auths"][0]
    assert (one["end_time"], one["auth_result"]["status"]) == (LATER, "SUCCESS")
    assert client.made("/app-auths", {**body, "end_time": LATER})["auths"][0]["auth_result"]["status"] == "SKIPPED"
    moved = client.made("/app-auths", body)["auths"][0]
    assert (moved["id"], moved["end_time"], moved["auth_result"]["status"]) == (one["id"], None, "SUCCESS")
    assert client.get("/app-auths/binded-apis", app_id=app["id"]).json["auths"][0]["end_time"] is None
    for end, rule in (("2001-01-01T00:00:00Z", "a time to come"), ("tomorrow", "a time as in")):
        assert_refused(client.post("/app-auths", {**body, "end_time": end}), "end_time", rule)
