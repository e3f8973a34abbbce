"""Consumers and their API keys."""
import re

import pytest

from api_bodies import assert_refused, make_api, make_group, unique
from harness.stored import changes_since, everything, revision, rows

NOBODY = "0" * 32
CHANGE_API_KEY = 5


def make(client, **more):
    return client.made("/consumers", {"name": unique("consumer-"), "api_key": {}, **more})


def custom(value, source="BEARER", **more):
    return {"generate_mode": "CUSTOM", "value": value, "source": source, **more}


def credentials(client, consumer):
    return client.get(f"/consumers/{consumer['id']}").json["credentials"]


def test_create_read_change_delete(client):
    made = make(client, name="partner.one@example-1_x", description="a partner")
    assert (made["name"], made["description"], made["enabled"]) == ("partner.one@example-1_x", "a partner", True)
    key = made["credentials"][0]
    assert re.fullmatch("[A-Za-z0-9]{48}", key.pop("value"))
    assert (key["generate_mode"], key["source"], key["name"], key["enabled"]) == ("SYSTEM", "BEARER", "authorization", True)
    assert (key["start_time"], key["end_time"], key["consumer_id"]) == (None, None, made["id"])
    shown = client.get(f"/consumers/{made['id']}").json
    assert shown == made, "without its value, which is told once"
    changed = client.put(f"/consumers/{made['id']}", {"enabled": False})
    assert changed.status == 200
    assert changed.json == {**shown, "enabled": False, "update_time": changed.json["update_time"]}, "a PUT changes what it names"
    changed = client.put(f"/consumers/{made['id']}", {"name": "partner.two", "description": "", "enabled": True}).json
    assert (changed["name"], changed["description"], changed["enabled"]) == ("partner.two", "", True)
    answer = client.delete(f"/consumers/{made['id']}")
    assert (answer.status, answer.text) == (204, "")
    answer = client.get(f"/consumers/{made['id']}")
    assert (answer.status, answer.code, answer.message) == (404, "APIG.3901", f"Consumer {made['id']} does not exist")


def test_a_consumer_without_a_key(client):
    assert make(client, api_key=None)["credentials"] == []


@pytest.mark.parametrize("name, rule", [
    ("ab", "3 to 64 characters"), ("a" * 65, "3 to 64 characters"), ("-abc", "first a letter or digit"), ("a b", "letters, digits"),
    ("a\r\nX-Other: 1", "letters, digits"), ("größe", "letters, digits"), ("a,b", "letters, digits"), ("a\u0000b", ""), (17, "a string"),
])
def test_a_name_is_safe_in_a_header(client, name, rule):
    answer = client.post("/consumers", {"name": name})
    if name == "a\u0000b":
        assert (answer.status, answer.code) == (400, "APIG.2000")
    else:
        assert_refused(answer, "name", rule)
    made = make(client)
    assert client.put(f"/consumers/{made['id']}", {"name": name}).status == 400
    assert client.get(f"/consumers/{made['id']}").json["name"] == made["name"]


@pytest.mark.parametrize("body, field, rule", [
    ({"description": "x" * 256}, "description", "0 to 255"),
    ({"enabled": "yes"}, "enabled", "true or false"),
    ({"api_key": []}, "api_key", "an object"),
    ({"api_key": {"generate_mode": "MINE"}}, "api_key.generate_mode", "one of SYSTEM CUSTOM"),
    ({"api_key": {"source": "COOKIE"}}, "api_key.source", "one of BEARER HEADER QUERY"),
    ({"api_key": custom("short12")}, "api_key.value", "8 to 512"),
    ({"api_key": custom("x" * 513)}, "api_key.value", "8 to 512"),
    ({"api_key": custom("with blank")}, "api_key.value", "without blanks"),
    ({"api_key": custom("with\ttab")}, "api_key.value", "without blanks"),
    ({"api_key": custom("non-ascii-ß")}, "api_key.value", "printable ASCII"),
    ({"api_key": custom("aaaa.bbbb.cccc")}, "api_key.value", "at most one dot"),
    ({"api_key": custom("aaaa.bbbb.cccc.dddd")}, "api_key.value", "at most one dot"),
    ({"api_key": {"value": "given-but-generated"}}, "api_key.value", "unless generate_mode is CUSTOM"),
    ({"api_key": {"source": "BEARER", "name": "X-Key"}}, "api_key.name", "absent with source BEARER"),
    ({"api_key": {"source": "QUERY", "name": "a b"}}, "api_key.name", "letters, digits and -_."),
    ({"api_key": {"source": "QUERY", "name": "a&b"}}, "api_key.name", "letters, digits and -_."),
    ({"api_key": {"source": "HEADER", "name": "x" * 65}}, "api_key.name", "1 to 64"),
])
def test_a_bad_value_names_field_and_rule(client, body, field, rule):
    total = client.get("/consumers").json["total"]
    assert_refused(client.post("/consumers", {"name": unique("bad-"), **body}), field, rule)
    assert client.get("/consumers").json["total"] == total, "nothing half written"


@pytest.mark.parametrize("body, field", [
    ({"api_key": {"generate_mode": "CUSTOM"}}, "api_key.value"),
    ({"api_key": {"source": "HEADER"}}, "api_key.name"),
    ({"api_key": {"source": "QUERY"}}, "api_key.name"),
    ({"name": None}, "name"),
])
def test_what_must_be_given(client, body, field):
    answer = client.post("/consumers", {"name": unique("missing-"), **body})
    assert (answer.status, answer.code) == (400, "APIG.2001")
    assert f"parameterName:{field}." in answer.message


@pytest.mark.parametrize("name", [
    "Authorization", "authorization", "Host", "Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Proxy-Connection",
    "Proxy-Authorization", "Content-Type", "Content-Length", "Content-MD5", "Date", "Cookie", "Expect", "Range", "User-Agent", "Forwarded",
    "X-Forwarded-For", "X-Real-IP", "X-Request-Id", "X-Mse-Consumer", "x-mse-consumer-group", "X-Countersign-App", "X-Countersign-Anything",
    "X-Ca-Key", "X-Ca-Signature", "X-Ca-Proxy-Signature", "X-Ca-Stage", "X-Sdk-Date", "X-Sdk-Content-Sha256", "X-Auth-Token", "X-Stage",
    "X-Bce-Gateway-Auth", "X-Bce-Date", "X-Apig-AppCode", "X-HW-ID", "X-Project-Id", "X-Security-Token", "Access-Control-Allow-Origin",
    "Sec-Fetch-Mode", "X_Key", "X.Key", "X Key", "X-Key:", "1-Key", "ключ",
])
def test_a_header_that_means_something_else(client, name):
    answer = client.post("/consumers", {"name": unique("taken-"), "api_key": {"source": "HEADER", "name": name}})
    assert_refused(answer, "api_key.name", "with source HEADER")


@pytest.mark.parametrize("source, name, shown", [
    ("HEADER", "X-API-Key", "x-api-key"), ("HEADER", "apikey", "apikey"), ("QUERY", "apiKey", "apiKey"), ("QUERY", "access_token", "access_token"),
    ("BEARER", "Authorization", "authorization"),
])
def test_where_a_key_is_presented(client, source, name, shown):
    key = make(client, api_key=custom(unique("presented-key-"), source, name=name))["credentials"][0]
    assert (key["source"], key["name"], key["generate_mode"]) == (source, shown, "CUSTOM")


def test_a_key_with_two_dots_is_fine_elsewhere(client):
    assert make(client, api_key=custom("eyJh.eyJz.c2ln", "HEADER", name="X-Key"))["credentials"][0]["value"] == "eyJh.eyJz.c2ln"


@pytest.mark.parametrize("key, shown", [
    ("abcd" + "x" * 20 + "wxyz", "abcd...wxyz"), ("abcdefghijklmnop", "abcd...mnop"), ("abcdefghijklmno", "..."), ("12345678", "..."),
])
def test_what_people_see_of_a_key(client, key, shown):
    made = make(client, api_key=custom(key))
    assert credentials(client, made)[0]["display"] == shown
    assert "value" not in credentials(client, made)[0]


def test_a_key_is_never_stored(daemon, client):
    made = make(client)
    key = made["credentials"][0]["value"]
    mine = custom("a-custom-key-of-the-operator")
    more = client.post(f"/consumers/{made['id']}/credentials", {"api_key": mine})
    assert more.status == 201 and more.json["value"] == mine["value"]
    for place in (everything(daemon), daemon.log.read_text(), client.get("/consumers", id=made["id"]).text,
                  client.get(f"/consumers/{made['id']}").text):
        assert key not in place and mine["value"] not in place
    stored = rows(daemon, f"SELECT lookup, secret FROM credential WHERE principal_id = '{made['id']}'")
    assert all(re.fullmatch("[0-9a-f]{64}", lookup) for lookup, _ in stored)
    assert not any(lookup in client.get(f"/consumers/{made['id']}").text for lookup, _ in stored)
    assert all(secret in ("", "b''", "\\x") for _, secret in stored), stored


def test_a_name_is_taken_once(client):
    first = make(client)
    answer = client.post("/consumers", {"name": first["name"]})
    assert (answer.status, answer.code) == (409, "APIG.3911")
    assert answer.message.endswith(f"consumer_name:{first['name']}")
    other = make(client)
    assert client.put(f"/consumers/{other['id']}", {"name": first["name"]}).code == "APIG.3911"
    assert client.get(f"/consumers/{other['id']}").json["name"] == other["name"]


def test_a_key_is_taken_once_wherever_it_is_presented(client):
    key = "the-same-key-for-two"
    first = make(client, api_key=custom(key))
    total = client.get("/consumers").json["total"]
    for again in (custom(key), custom(key, "HEADER", name="X-Key"), custom(key, "QUERY", name="key")):
        answer = client.post("/consumers", {"name": unique("twice-"), "api_key": again})
        assert (answer.status, answer.code) == (409, "APIG.3912")
        assert key not in answer.text
        assert client.post(f"/consumers/{first['id']}/credentials", {"api_key": again}).status == 409
    assert client.get("/consumers").json["total"] == total, "no consumer is left without its key"
    client.delete(f"/consumers/{first['id']}")
    make(client, api_key=custom(key))


def test_further_keys(client):
    made = make(client)
    second = client.post(f"/consumers/{made['id']}/credentials", {"api_key": {"source": "QUERY", "name": "key"}}).json
    assert second["value"] and [c["id"] for c in sorted(credentials(client, made), key=lambda c: c["source"])] == [
        made["credentials"][0]["id"], second["id"]]
    where = f"/consumers/{made['id']}/credentials/{second['id']}"
    answer = client.put(where, {"enabled": False, "start_time": "2030-01-01T00:00:00Z", "end_time": "2031-01-01T00:00:00Z"})
    assert answer.status == 200
    assert (answer.json["enabled"], answer.json["start_time"], answer.json["end_time"]) == (
        False, "2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z")
    answer = client.put(where, {"end_time": "2031-01-01T00:00:00Z"}).json
    assert (answer["enabled"], answer["start_time"], answer["end_time"]) == (True, None, "2031-01-01T00:00:00Z"), "a PUT states all three"
    assert client.delete(where).status == 204
    assert [c["id"] for c in credentials(client, made)] == [made["credentials"][0]["id"]]
    answer = client.delete(where)
    assert (answer.status, answer.code) == (404, "APIG.3902")


@pytest.mark.parametrize("body, field, rule", [
    ({"start_time": "tomorrow"}, "start_time", "a time as in"),
    ({"end_time": 17}, "end_time", "a time as in"),
    ({"enabled": 1}, "enabled", "true or false"),
    ({"start_time": "2031-01-01T00:00:00Z", "end_time": "2030-01-01T00:00:00Z"}, "end_time", "not before start_time"),
])
def test_bad_states_of_a_key(client, body, field, rule):
    made = make(client)
    assert_refused(client.put(f"/consumers/{made['id']}/credentials/{made['credentials'][0]['id']}", body), field, rule)
    assert credentials(client, made)[0]["enabled"] is True


def test_another_consumers_key_counts_as_unknown(client):
    one, other = make(client), make(client)
    where = f"/consumers/{one['id']}/credentials/{other['credentials'][0]['id']}"
    assert client.put(where, {"enabled": False}).code == "APIG.3902"
    assert client.delete(where).code == "APIG.3902"
    assert len(credentials(client, other)) == 1
    app = client.made("/apps", {"name": unique("App_")})
    found = f"/consumers/{app['id']}/credentials/{other['credentials'][0]['id']}"
    assert client.delete(found).code == "APIG.3901"


@pytest.mark.parametrize("method, path, body", [
    ("GET", "", None), ("PUT", "", {"enabled": False}), ("DELETE", "", None), ("POST", "/credentials", {"api_key": {}}),
    ("PUT", f"/credentials/{NOBODY}", {}), ("DELETE", f"/credentials/{NOBODY}", None),
])
def test_an_unknown_consumer(client, method, path, body):
    answer = client.call(method, f"/consumers/{NOBODY}{path}", body)
    assert (answer.status, answer.code) == (404, "APIG.3901")


def test_a_consumer_has_at_most_twenty_keys(client):
    made = make(client)
    for _ in range(19):
        assert client.post(f"/consumers/{made['id']}/credentials", {"api_key": {}}).status == 201
    answer = client.post(f"/consumers/{made['id']}/credentials", {"api_key": {}})
    assert (answer.status, answer.code, answer.message) == (403, "APIG.3916", "The number of credentials exceeds the quota of 20")
    assert len(credentials(client, made)) == 20


def test_list_and_filters(client):
    one, two = make(client, name=unique("Listed-A")), make(client, name=unique("listed-b"), enabled=False)

    def names(**query):
        answer = client.get("/consumers", **query)
        assert answer.status == 200 and answer.json["size"] == len(answer.json["consumers"])
        return sorted(c["name"] for c in answer.json["consumers"])
    assert names(name="LISTED-") == sorted([one["name"], two["name"]])
    assert names(name=one["name"], precise_search="name") == [one["name"]]
    assert names(name="listed-", precise_search="name") == []
    assert names(name="listed-", enabled="false") == [two["name"]]
    assert names(name="listed-", enabled="1") == [one["name"]]
    assert names(id=two["id"]) == [two["name"]]
    assert client.get("/consumers", id=one["id"]).json["consumers"] == [client.get(f"/consumers/{one['id']}").json]
    assert_refused(client.get("/consumers", enabled="maybe"), "enabled", "true or false")


def test_the_edge_follows_every_key(daemon, client):
    start = revision(daemon)
    made = make(client)
    lookup = rows(daemon, f"SELECT lookup FROM credential WHERE principal_id = '{made['id']}'")[0][0]
    credential = f"/consumers/{made['id']}/credentials/{made['credentials'][0]['id']}"
    told = [(CHANGE_API_KEY, lookup, "")]
    assert changes_since(daemon, start) == told
    for change in (lambda: client.put(f"/consumers/{made['id']}", {"enabled": False}), lambda: client.put(credential, {"enabled": False}),
                   lambda: client.delete(credential)):
        start = revision(daemon)
        assert change().status in (200, 204)
        assert changes_since(daemon, start) == told
    again = client.post(f"/consumers/{made['id']}/credentials", {"api_key": {}})
    lookup = rows(daemon, f"SELECT lookup FROM credential WHERE principal_id = '{made['id']}'")[0][0]
    start = revision(daemon)
    assert again.status == 201 and client.delete(f"/consumers/{made['id']}").status == 204
    assert changes_since(daemon, start) == [(CHANGE_API_KEY, lookup, "")]


def test_every_change_is_audited(daemon, client):
    made = make(client)
    credential = made["credentials"][0]["id"]
    client.put(f"/consumers/{made['id']}", {"description": "audited"})
    client.put(f"/consumers/{made['id']}/credentials/{credential}", {"enabled": False})
    client.delete(f"/consumers/{made['id']}/credentials/{credential}")
    client.delete(f"/consumers/{made['id']}")
    found = rows(daemon, f"SELECT action, resource FROM audit WHERE resource_id IN ('{made['id']}', '{credential}') ORDER BY id")
    assert found == [("create_consumer", "consumer"), ("create_consumer", "api_key"), ("update_consumer", "consumer"),
                     ("update_consumer_key", "api_key"), ("delete_consumer_key", "api_key"), ("delete_consumer", "consumer")]
    after = rows(daemon, f"SELECT after_json FROM audit WHERE action = 'update_consumer' AND resource_id = '{made['id']}'")[0][0]
    assert '"description":"audited"' in after


def test_an_api_does_not_know_consumers_by_accident(client):
    group = make_group(client)
    api = make_api(client, group["id"])
    assert client.get("/consumer-auths", api_id=api["id"]).json == {"total": 0, "size": 0, "auths": []}
