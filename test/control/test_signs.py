"""Signature keys (huawei.md 3.1, 4.6)."""
import re

import pytest

from api_bodies import assert_refused, make_api, make_group, publish, unique
from harness.stored import changes_since, everything, revision, rows

NOBODY = "0" * 32
CHANGE_PUBLICATION, CHANGE_SIGNATURE_KEY = 3, 7
KEY, SECRET = "signature_key1", "signature_secret1"


def body(**more):
    return {"name": unique("sign_"), "sign_type": "hmac", "sign_key": KEY, "sign_secret": SECRET, **more}


@pytest.fixture
def sign(client):
    made = client.made("/signs", body())
    yield made
    client.delete(f"/signs/{made['id']}", unbind="true")


def shown(client, sign):
    return client.get("/signs", id=sign["id"]).json["signs"]


def test_create_read_change_delete(client):
    wanted = body()
    made = client.made("/signs", wanted)
    assert made.items() >= wanted.items(), "the secret is answered this once"
    assert (made["sign_algorithm"], made["bind_num"], made["ldapi_bind_num"]) == ("", 0, 0)
    secret = made.pop("sign_secret")
    assert shown(client, made) == [made]
    changed = client.put(f"/signs/{made['id']}", {"name": made["name"] + "b", "sign_key": "another_key", "sign_secret": secret + "2"})
    assert changed.status == 200 and "sign_secret" not in changed.json
    assert (changed.json["name"], changed.json["sign_key"]) == (made["name"] + "b", "another_key")
    kept = client.put(f"/signs/{made['id']}", {"name": made["name"], "sign_secret": secret}).json
    assert (kept["sign_key"], kept["sign_type"]) == ("another_key", "hmac"), "what a PUT leaves out stays"
    answer = client.delete(f"/signs/{made['id']}")
    assert (answer.status, answer.text) == (204, "")
    answer = client.delete(f"/signs/{made['id']}")
    assert (answer.status, answer.code, answer.message) == (404, "APIG.3017", f"Signature key {made['id']} does not exist")


@pytest.mark.parametrize("missing", [{}, {"sign_key": ""}, {"sign_secret": None}])
def test_key_and_secret_are_made_when_they_are_not_given(client, missing):
    made = client.made("/signs", {"name": unique("sign_"), **missing})
    assert made["sign_type"] == "hmac"
    assert re.fullmatch("[A-Za-z0-9]{32}", made["sign_key"]) and re.fullmatch("[A-Za-z0-9]{64}", made["sign_secret"])
    client.delete(f"/signs/{made['id']}")


@pytest.mark.parametrize("change, field, rule", [
    ({"name": "ab"}, "name", "3 to 64"), ({"name": "1abc"}, "name", "first a letter"), ({"name": "a-bc"}, "name", "letters, digits and _"),
    ({"name": "a" * 65}, "name", "3 to 64"),
    ({"sign_type": "rsa"}, "sign_type", "one of hmac basic aes public_key bce aliyun"),
    ({"sign_algorithm": "aes-128-cfb"}, "sign_algorithm", "unless sign_type is aes"),
    ({"sign_algorithm": "des"}, "sign_algorithm", "one of aes-128-cfb aes-256-cfb"),
    ({"sign_key": "a" * 7}, "sign_key", "8 to 32"), ({"sign_key": "a" * 33}, "sign_key", "8 to 32"),
    ({"sign_key": "_abcdefgh"}, "sign_key", "first a letter or digit"), ({"sign_key": "abcdefgh!"}, "sign_key", "letters, digits, _ and -"),
    ({"sign_secret": "a" * 15}, "sign_secret", "16 to 64"), ({"sign_secret": "a" * 65}, "sign_secret", "16 to 64"),
    ({"sign_secret": "!" + "a" * 16}, "sign_secret", "first a letter or digit"), ({"sign_secret": "a" * 16 + "/"}, "sign_secret", "_-!@#$%"),
])
def test_a_bad_value_names_field_and_rule(client, sign, change, field, rule):
    total = client.get("/signs").json["total"]
    assert_refused(client.post("/signs", body(**change)), field, rule)
    assert client.get("/signs").json["total"] == total
    before = shown(client, sign)
    assert_refused(client.put(f"/signs/{sign['id']}", body(**change)), field, rule)
    assert shown(client, sign) == before


@pytest.mark.parametrize("change", [
    {"sign_key": "a2345678", "sign_secret": "a" * 16}, {"sign_key": "1-_" + "a" * 29, "sign_secret": "0_-!@#$%" + "a" * 56},
])
def test_the_widest_and_narrowest(client, change):
    made = client.made("/signs", body(**change))
    assert made.items() >= change.items()
    client.delete(f"/signs/{made['id']}")


def test_public_keys_are_switched_off(client, sign):
    for answer in (client.post("/signs", body(sign_type="public_key", sign_key="M" * 392)),
                   client.put(f"/signs/{sign['id']}", body(sign_type="public_key"))):
        assert (answer.status, answer.code) == (412, "APIG.3548")
        assert answer.message == f"sign_type=public_key not supported by instance {client.admin['instance_id']}"


@pytest.mark.parametrize("missing", ["name", "sign_secret"])
def test_a_change_asks_for_name_and_secret(client, sign, missing):
    change = body()
    del change[missing]
    answer = client.put(f"/signs/{sign['id']}", change)
    assert (answer.status, answer.code) == (400, "APIG.2001") and f"parameterName:{missing}." in answer.message
    assert client.post("/signs", {}).code == "APIG.2001"


def test_a_name_is_taken_once(client, sign):
    answer = client.post("/signs", body(name=sign["name"]))
    assert (answer.status, answer.code) == (400, "APIG.3207") and answer.message.endswith(f"sign_name:{sign['name']}")
    other = client.made("/signs", body())
    assert client.put(f"/signs/{other['id']}", body(name=sign["name"])).code == "APIG.3207"
    assert shown(client, other)[0]["name"] == other["name"]
    client.delete(f"/signs/{other['id']}")


def test_thirty_keys_and_no_more(fresh):
    client = fresh.client
    made = [client.made("/signs", {"name": f"sign_{i}"}) for i in range(30)]
    answer = client.post("/signs", {"name": "one_more"})
    assert (answer.status, answer.code, answer.message) == (403, "APIG.3105", "The number of signature keys exceeds the quota of 30")
    client.delete(f"/signs/{made[0]['id']}")
    client.made("/signs", {"name": "one_more"})


def test_the_secret_is_told_once(daemon, client):
    secret = "told_once-never_again"
    made = client.made("/signs", body(sign_secret=secret))
    api = make_api(client, make_group(client)["id"])
    bound = client.post("/sign-bindings", {"sign_id": made["id"], "publish_ids": [publish(client, api)["publish_id"]]})
    changed = client.put(f"/signs/{made['id']}", body(name=made["name"], sign_secret=secret))
    for place in (everything(daemon), daemon.log.read_text(), bound.text, changed.text, client.get("/signs", id=made["id"]).text,
                  client.get("/sign-bindings/binded-signs", api_id=api["id"]).text,
                  client.get("/sign-bindings/binded-apis", sign_id=made["id"]).text):
        assert secret not in place and secret.encode().hex() not in place
    assert client.delete(f"/signs/{made['id']}", unbind="true").status == 204


def test_list_and_filters(client):
    one, two = client.made("/signs", body(name=unique("Listed_A"))), client.made("/signs", body(name=unique("listed_b")))

    def names(**query):
        return sorted(s["name"] for s in client.get("/signs", **query).json["signs"])
    assert names(name="LISTED_") == sorted([one["name"], two["name"]])
    assert names(name=one["name"], precise_search="name") == [one["name"]]
    assert names(name="listed_", precise_search="name") == []
    assert names(id=two["id"]) == [two["name"]]
    for sign in (one, two):
        client.delete(f"/signs/{sign['id']}")


def test_a_bound_key_is_not_deleted_unless_asked(daemon, client, sign):
    group = make_group(client)
    apis = [make_api(client, group["id"]) for _ in range(2)]
    publish_ids = [publish(client, api)["publish_id"] for api in apis]
    assert client.post("/sign-bindings", {"sign_id": sign["id"], "publish_ids": publish_ids}).status == 201
    for query in ({}, {"unbind": "false"}, {"unbind": "1"}):
        answer = client.delete(f"/signs/{sign['id']}", **query)
        assert (answer.status, answer.code) == (409, "APIG.3914")
        assert all(api["name"] in answer.message for api in apis)
    assert shown(client, sign)[0]["bind_num"] == 2
    start = revision(daemon)
    assert client.delete(f"/signs/{sign['id']}", unbind="true").status == 204
    assert set(changes_since(daemon, start)) == {(CHANGE_SIGNATURE_KEY, sign["id"], "")} | {
        (CHANGE_PUBLICATION, api["id"], "DEFAULT_ENVIRONMENT_RELEASE_ID") for api in apis}
    assert client.get("/sign-bindings/binded-signs", api_id=apis[0]["id"]).json["total"] == 0


def test_an_api_with_a_very_long_name_counts_too(client, sign):
    api = make_api(client, make_group(client)["id"], name="界" * 255)
    client.post("/sign-bindings", {"sign_id": sign["id"], "publish_ids": [publish(client, api)["publish_id"]]})
    assert client.delete(f"/signs/{sign['id']}").code == "APIG.3914"


def test_every_change_is_audited_and_followed(daemon, client):
    start = revision(daemon)
    made = client.made("/signs", body())
    client.put(f"/signs/{made['id']}", body(name=made["name"]))
    client.delete(f"/signs/{made['id']}")
    assert changes_since(daemon, start) == [(CHANGE_SIGNATURE_KEY, made["id"], "")] * 3
    found = rows(daemon, f"SELECT action, resource FROM audit WHERE resource_id = '{made['id']}' ORDER BY id")
    assert found == [("create_sign", "sign"), ("update_sign", "sign"), ("delete_sign", "sign")]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_unknown_key(client, method):
    answer = client.call(method, f"/signs/{NOBODY}", body() if method == "PUT" else None)
    assert (answer.status, answer.code) == (404, "APIG.3017")
