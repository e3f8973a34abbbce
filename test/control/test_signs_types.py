"""Signature keys of every type (huawei.md 3.1, baidu.md 2.3, alibaba.md 4.4): rules, what is drawn, what is told, and what reaches the edge."""
import base64
import json
import re

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from api_bodies import assert_refused, make_api, make_group, publish, unique
from harness.stored import changes_since, everything, revision, rows
from test_edge import one, picture, rebuild, show

CHANGE_SIGNATURE_KEY, CHANGE_FEATURE = 7, 8
PREFIX = "/apigw/authadv/v2/public-key/"


def texts(private):
    """(sign_key, sign_secret) of a key pair."""
    der = serialization.Encoding.DER
    secret = private.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = private.public_key().public_bytes(der, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(public).decode(), base64.b64encode(secret).decode()


RSA, OTHER_RSA = (texts(rsa.generate_private_key(65537, 2048)) for _ in range(2))
EC = texts(ec.generate_private_key(ec.SECP256R1()))
SMALL = texts(rsa.generate_private_key(65537, 1024))
P384 = texts(ec.generate_private_key(ec.SECP384R1()))
EDWARDS = texts(ed25519.Ed25519PrivateKey.generate())

GOOD = {
    "hmac": {"sign_type": "hmac", "sign_key": "types_key_1", "sign_secret": "types_secret_of_hmac"},
    "basic": {"sign_type": "basic", "sign_key": "user", "sign_secret": "pass-word"},
    "aes-128": {"sign_type": "aes", "sign_algorithm": "aes-128-cfb", "sign_key": "+es_key_of_16_ch", "sign_secret": "/ector_of_16_cha"},
    "aes-256": {"sign_type": "aes", "sign_algorithm": "aes-256-cfb", "sign_key": "aes_key_of_32_characters_!@#$%=/", "sign_secret": "0" * 16},
    "bce": {"sign_type": "bce", "sign_key": "b", "sign_secret": "bce~secret/with:marks"},
    "aliyun": {"sign_type": "aliyun", "sign_key": "Ali_key", "sign_secret": "_@#!*1"},
    "rsa": {"sign_type": "public_key", "sign_key": RSA[0], "sign_secret": RSA[1]},
    "ecdsa": {"sign_type": "public_key", "sign_key": EC[0], "sign_secret": EC[1]},
}


@pytest.fixture(scope="module", autouse=True)
def public_keys(client):
    client.made("/features", {"name": "public_key", "enable": True})


def body(name, **more):
    return {"name": unique("typed_"), **GOOD[name], **more}


@pytest.fixture(params=GOOD)
def sign(client, request):
    wanted = body(request.param)
    made = client.made("/signs", wanted)
    assert made.items() >= wanted.items(), "key and secret are answered this once"
    yield {**wanted, "id": made["id"]}
    client.delete(f"/signs/{made['id']}", unbind="true")


def shown(client, sign):
    return one(client.get("/signs", id=sign["id"]).json["signs"])


def test_what_is_told_and_what_is_kept(daemon, client, sign):
    """The secret is never told again, and of aes the key is one, too. Nothing of it stands anywhere in clear."""
    api = make_api(client, make_group(client)["id"])
    bound = client.post("/sign-bindings", {"sign_id": sign["id"], "publish_ids": [publish(client, api)["publish_id"]]})
    changed = client.put(f"/signs/{sign['id']}", {"name": sign["name"], "sign_secret": sign["sign_secret"]})
    assert (bound.status, changed.status) == (201, 200)
    secrets = [sign["sign_secret"]] + ([sign["sign_key"]] if sign["sign_type"] == "aes" else [])
    assert shown(client, sign)["sign_key"] == ("" if sign["sign_type"] == "aes" else sign["sign_key"])
    places = (everything(daemon), daemon.log.read_text(), bound.text, changed.text, client.get("/signs", id=sign["id"]).text,
              client.get("/sign-bindings/binded-signs", api_id=api["id"]).text)
    for secret in secrets:
        for place in places:
            if len(secret) >= 15:
                assert secret not in place and secret.encode().hex() not in place


def test_the_edge_has_it_and_a_rebuild_makes_the_same(daemon, client, sign):
    record = one(show(daemon, "signature_key", id=sign["id"]))
    assert (record["type"], record["next_from"]) == (sign["sign_type"], 0) and record["secret"].startswith("sealed, ")
    assert record["key"].startswith("sealed, ") if sign["sign_type"] == "aes" else record["key"] == sign["sign_key"]
    if daemon.store is None:
        before = picture(daemon)
        assert rebuild(daemon).returncode == 0
        assert picture(daemon) == before


@pytest.mark.parametrize("kind, algorithm, key, secret", [
    ("basic", None, "[A-Za-z][A-Za-z0-9]{31}", "[A-Za-z0-9]{64}"), ("aes", "aes-128-cfb", "[A-Za-z0-9]{16}", "[A-Za-z0-9]{16}"),
    ("aes", "aes-256-cfb", "[A-Za-z0-9]{32}", "[A-Za-z0-9]{16}"), ("bce", None, "[A-Za-z0-9]{32}", "[A-Za-z0-9]{64}"),
    ("aliyun", None, "[A-Za-z][A-Za-z0-9]{19}", "[A-Za-z0-9]{30}"), ("hmac", None, "[A-Za-z0-9]{32}", "[A-Za-z0-9]{64}")])
def test_what_is_not_given_is_drawn(client, kind, algorithm, key, secret):
    wanted = {"name": unique("drawn_"), "sign_type": kind, **({"sign_algorithm": algorithm} if algorithm else {})}
    made = client.made("/signs", wanted)
    assert re.fullmatch(key, made["sign_key"]) and re.fullmatch(secret, made["sign_secret"])
    client.delete(f"/signs/{made['id']}")


def test_a_key_pair_is_made(client):
    made = client.made("/signs", {"name": unique("pair_"), "sign_type": "public_key"})
    private = serialization.load_der_private_key(base64.b64decode(made["sign_secret"]), None)
    assert private.key_size == 2048 and texts(private) == (made["sign_key"], made["sign_secret"])
    assert len(made["sign_key"]) <= 512 and len(made["sign_secret"]) <= 2048
    derived = client.made("/signs", {"name": unique("pair_"), "sign_type": "public_key", "sign_secret": EC[1]})
    assert derived["sign_key"] == EC[0]
    answer = client.post("/signs", {"name": unique("pair_"), "sign_type": "public_key", "sign_key": RSA[0]})
    assert (answer.status, answer.code) == (400, "APIG.2001") and "parameterName:sign_secret" in answer.message
    for sign in (made, derived):
        client.delete(f"/signs/{sign['id']}")


@pytest.mark.parametrize("name, change, field, rule", [
    ("basic", {"sign_key": "abc"}, "sign_key", "4 to 32"), ("basic", {"sign_key": "a" * 33}, "sign_key", "4 to 32"),
    ("basic", {"sign_key": "1abc"}, "sign_key", "first a letter"), ("basic", {"sign_key": "ab:cd"}, "sign_key", "letters, digits, _ and -"),
    ("basic", {"sign_secret": "a" * 7}, "sign_secret", "8 to 64"), ("basic", {"sign_secret": "a" * 65}, "sign_secret", "8 to 64"),
    ("basic", {"sign_secret": "!" * 8}, "sign_secret", "first a letter or digit"),
    ("basic", {"sign_algorithm": "aes-128-cfb"}, "sign_algorithm", "absent, unless sign_type is aes"),
    ("aes-128", {"sign_key": "a" * 15}, "sign_key", "16"), ("aes-128", {"sign_key": "a" * 32}, "sign_key", "16"),
    ("aes-128", {"sign_key": "_" + "a" * 15}, "sign_key", "first a letter, digit, + or /"),
    ("aes-128", {"sign_key": "a" * 15 + "*"}, "sign_key", "_-!@#$%+/="), ("aes-128", {"sign_secret": "a" * 17}, "sign_secret", "16"),
    ("aes-256", {"sign_key": "a" * 16}, "sign_key", "32"), ("aes-256", {"sign_secret": "a" * 32}, "sign_secret", "16"),
    ("bce", {"sign_key": "a/b"}, "sign_key", "letters, digits, _ and -"), ("bce", {"sign_key": "a" * 65}, "sign_key", "1 to 64"),
    ("bce", {"sign_secret": "a" * 15}, "sign_secret", "16 to 128"), ("bce", {"sign_secret": "a" * 129}, "sign_secret", "16 to 128"),
    ("bce", {"sign_secret": "a" * 16 + " "}, "sign_secret", "printable ASCII"),
    ("aliyun", {"sign_key": "abcde"}, "sign_key", "6 to 20"), ("aliyun", {"sign_key": "a" * 21}, "sign_key", "6 to 20"),
    ("aliyun", {"sign_key": "1abcdef"}, "sign_key", "first a letter"), ("aliyun", {"sign_secret": "abcde"}, "sign_secret", "6 to 30"),
    ("aliyun", {"sign_secret": "a" * 31}, "sign_secret", "6 to 30"), ("aliyun", {"sign_secret": "abcdef-"}, "sign_secret", "_@#!*"),
    ("rsa", {"sign_key": "M" * 513}, "sign_key", "512"), ("rsa", {"sign_secret": "M" * 2049}, "sign_secret", "2048"),
    ("rsa", {"sign_key": "-----BEGIN"}, "sign_key", "base64 on one line"),
    ("rsa", {"sign_key": "AAAAAAAA"}, "sign_key", "RSA of 2048 bits and more"), ("rsa", {"sign_secret": "A" * 16}, "sign_secret", "PKCS#8"),
    ("rsa", {"sign_key": RSA[1][:500]}, "sign_key", "SubjectPublicKeyInfo"), ("rsa", {"sign_secret": RSA[0]}, "sign_secret", "PKCS#8"),
    ("rsa", {"sign_key": OTHER_RSA[0]}, "sign_secret", "belongs to the public key"),
    ("rsa", {"sign_key": EC[0]}, "sign_secret", "belongs to the public key"),
    ("rsa", {"sign_secret": OTHER_RSA[1]}, "sign_secret", "belongs to the public key"),
    ("ecdsa", {"sign_key": SMALL[0], "sign_secret": SMALL[1]}, "sign_key", "RSA of 2048 bits"),
    ("ecdsa", {"sign_key": P384[0], "sign_secret": P384[1]}, "sign_key", "P-256"),
    ("ecdsa", {"sign_key": EDWARDS[0], "sign_secret": EDWARDS[1]}, "sign_key", "P-256"),
])
def test_a_bad_value_names_field_and_rule(client, name, change, field, rule):
    total = client.get("/signs").json["total"]
    assert_refused(client.post("/signs", body(name, **change)), field, rule)
    assert client.get("/signs").json["total"] == total
    made = client.made("/signs", body(name))
    before = shown(client, made)
    assert_refused(client.put(f"/signs/{made['id']}", body(name, **change)), field, rule)
    assert_refused(client.put(f"/signs/{made['id']}/next", {"next_from": "2030-01-01T00:00:00Z", **GOOD[name], **change}), field, rule) \
        if field != "sign_algorithm" else None
    assert shown(client, made) == before
    client.delete(f"/signs/{made['id']}")


def test_aes_needs_its_algorithm(client):
    for change in ({"sign_type": "aes"}, {"sign_type": "aes", "sign_algorithm": ""}):
        answer = client.post("/signs", {"name": unique("typed_"), **change})
        assert (answer.status, answer.code) == (400, "APIG.2001") and "parameterName:sign_algorithm" in answer.message


def test_another_type_needs_another_key(client):
    made = client.made("/signs", body("aes-128"))
    change = {"name": made["name"], "sign_type": "hmac", "sign_secret": "a" * 16}
    answer = client.put(f"/signs/{made['id']}", change)
    assert (answer.status, answer.code) == (400, "APIG.2001") and "parameterName:sign_key" in answer.message
    changed = client.put(f"/signs/{made['id']}", {**change, "sign_key": "hmac_key_1"})
    assert changed.status == 200 and (changed.json["sign_type"], changed.json["sign_algorithm"]) == ("hmac", "")
    answer = client.put(f"/signs/{made['id']}", {**change, "sign_type": "aes", "sign_key": "a" * 16})
    assert "parameterName:sign_algorithm" in answer.message
    for algorithm, length in (("aes-128-cfb", 16), ("aes-256-cfb", 32)):
        changed = client.put(f"/signs/{made['id']}", {**change, "sign_type": "aes", "sign_algorithm": algorithm, "sign_key": "k" * length})
        assert changed.status == 200 and changed.json["sign_algorithm"] == algorithm and changed.json["sign_key"] == ""
    kept = client.put(f"/signs/{made['id']}", {"name": made["name"], "sign_secret": "another_vector_1"})
    assert kept.status == 200 and kept.json["sign_algorithm"] == "aes-256-cfb", "what a PUT leaves out stays"
    client.delete(f"/signs/{made['id']}")


def next_of(daemon, sign):
    record = one(show(daemon, "signature_key", id=sign["id"]))
    return record["next_from"]


def test_a_next_key_is_drawn_shown_once_and_promoted(daemon, client, sign):
    start = revision(daemon)
    answer = client.put(f"/signs/{sign['id']}/next", {"next_from": "2030-01-02T03:04:05Z"})
    assert answer.status == 200, answer
    following = answer.json
    assert following["next_from"] == "2030-01-02T03:04:05Z" and "sign_secret" not in following
    assert following["next_sign_secret"] not in ("", sign["sign_secret"])
    named = sign["sign_type"] not in ("aes", "public_key")
    assert (following["next_sign_key"] == sign["sign_key"]) == named, "a name stays, a key is made anew"
    listed = shown(client, sign)
    assert listed["next_from"] == "2030-01-02T03:04:05Z" and "next_sign_secret" not in listed
    assert listed["next_sign_key"] == ("" if sign["sign_type"] == "aes" else following["next_sign_key"])
    assert following["next_sign_secret"] not in everything(daemon) + daemon.log.read_text()
    assert next_of(daemon, sign) == 1893553445
    kept = client.put(f"/signs/{sign['id']}", {"name": sign["name"], "sign_secret": sign["sign_secret"]})
    assert kept.json["next_from"] == "2030-01-02T03:04:05Z", "the secret that signs is confirmed: nothing changes"
    promoted = client.put(f"/signs/{sign['id']}", {"name": sign["name"], "sign_secret": following["next_sign_secret"]})
    assert promoted.status == 200 and "next_from" not in promoted.json
    assert promoted.json["sign_key"] == ("" if sign["sign_type"] == "aes" else following["next_sign_key"])
    assert next_of(daemon, sign) == 0
    assert changes_since(daemon, start) == [(CHANGE_SIGNATURE_KEY, sign["id"], "")] * 3
    assert [action for action, in rows(daemon, f"SELECT action FROM audit WHERE resource_id = '{sign['id']}' ORDER BY id")][1] == "set_next_sign"


def test_a_next_key_can_be_given_replaced_and_dropped(daemon, client):
    made = client.made("/signs", body("hmac"))
    path = f"/signs/{made['id']}/next"
    for secret in ("the_first_that_follows", "the_second_that_follows"):
        answer = client.put(path, {"sign_secret": secret, "sign_key": "other_key_1", "next_from": "2026-01-01T00:00:00Z"})
        assert (answer.json["next_sign_secret"], answer.json["next_sign_key"]) == (secret, "other_key_1")
    assert client.delete(path).status == 204 and "next_from" not in shown(client, made) and next_of(daemon, made) == 0
    assert client.delete(path).status == 204
    client.put(path, {"next_from": "2030-01-01T00:00:00Z"})
    changed = client.put(f"/signs/{made['id']}", {"name": made["name"], "sign_secret": "altogether_another_one"})
    assert "next_from" not in changed.json, "another secret altogether ends the change"
    client.delete(f"/signs/{made['id']}")


@pytest.mark.parametrize("change, field, rule", [
    ({"next_from": "tomorrow"}, "next_from", "a time as in"), ({"next_from": 5}, "next_from", "a time as in"),
    ({"next_from": "1970-01-01T00:00:00Z"}, "next_from", "after 1970"), ({"sign_secret": "short"}, "sign_secret", "16 to 64"),
    ({"sign_secret": GOOD["hmac"]["sign_secret"]}, "sign_secret", "another one than that which signs now"),
    ({"sign_key": "a b"}, "sign_key", "8 to 32"),
])
def test_a_bad_next_key_names_field_and_rule(client, change, field, rule):
    made = client.made("/signs", body("hmac"))
    answer = client.put(f"/signs/{made['id']}/next", {"next_from": "2030-01-01T00:00:00Z", **change})
    assert_refused(answer, field, rule)
    answer = client.put(f"/signs/{made['id']}/next", {})
    assert (answer.status, answer.code) == (400, "APIG.2001") and "parameterName:next_from" in answer.message
    assert "next_from" not in shown(client, made)
    client.delete(f"/signs/{made['id']}")


def test_a_next_key_of_no_key(client):
    for method in ("PUT", "DELETE"):
        answer = client.call(method, f"/signs/{'0' * 32}/next", {"next_from": "2030-01-01T00:00:00Z"} if method == "PUT" else None)
        assert (answer.status, answer.code) == (404, "APIG.3017")


def test_the_feature_is_switched_on_and_off(daemon, fresh):
    client = fresh.client
    wanted = {"name": unique("typed_"), "sign_type": "public_key"}
    assert client.get("/features").json == {"total": 0, "size": 0, "features": []}
    assert show(fresh, "feature") == []

    def refused(answer):
        assert (answer.status, answer.code) == (412, "APIG.3548")
        assert answer.message == f"sign_type=public_key not supported by instance {client.admin['instance_id']}"
    refused(client.post("/signs", wanted))
    start = revision(fresh)
    answer = client.post("/features", {"name": "public_key", "enable": True})
    assert answer.status == 201 and answer.json.items() >= {"name": "public_key", "enable": True}.items()
    assert json.loads(answer.json["config"]) == {"enable": "on", "public_key_uri_prefix": PREFIX}
    assert one(show(fresh, "feature"))["name"] == "public_key"
    assert one(client.get("/features").json["features"]) == answer.json
    sign = client.made("/signs", wanted)
    off = client.post("/features", {"name": "public_key", "enable": False, "config": json.dumps({"enable": "off"})})
    assert off.status == 201 and (off.json["enable"], off.json["id"]) == (False, answer.json["id"])
    assert show(fresh, "feature") == [] and show(fresh, "signature_key", id=sign["id"]), "what signs goes on signing"
    refused(client.post("/signs", {**wanted, "name": unique("typed_")}))
    refused(client.put(f"/signs/{sign['id']}", {"name": sign["name"], "sign_secret": sign["sign_secret"]}))
    refused(client.put(f"/signs/{sign['id']}/next", {"next_from": "2030-01-01T00:00:00Z"}))
    assert [change for change in changes_since(fresh, start) if change[0] == CHANGE_FEATURE] == [(CHANGE_FEATURE, "public_key", "")] * 2
    assert client.post("/features", {"name": "public_key", "enable": True}).status == 201
    if fresh.store is None:
        before = picture(fresh)
        assert rebuild(fresh).returncode == 0 and picture(fresh) == before and show(fresh, "feature")


@pytest.mark.parametrize("name", ["app-api-key", "sign_basic", "PUBLIC_KEY"])
def test_an_unknown_feature(client, name):
    answer = client.post("/features", {"name": name, "enable": True})
    assert (answer.status, answer.code) == (400, "APIG.2000") and answer.message.endswith(f"unrecognized feature {name}")


@pytest.mark.parametrize("change, field, rule", [
    ({"name": "a" * 65}, "name", "1 to 64"), ({"enable": "on"}, "enable", "true or false"), ({"config": "on"}, "config", "JSON text"),
    ({"config": "[]"}, "config", "JSON text"), ({"config": '{"enable":"off"}'}, "config", "as the member enable says"),
    ({"config": '{"public_key_uri_prefix":"/other/"}'}, "config", PREFIX), ({"config": '{"more":1}'}, "config", "JSON text"),
    ({"config": '{"enable":1}'}, "config", "JSON text"), ({"config": "x" * 2049}, "config", "2048"),
])
def test_a_bad_feature_names_field_and_rule(client, change, field, rule):
    assert_refused(client.post("/features", {"name": "public_key", "enable": True, **change}), field, rule)


@pytest.mark.parametrize("missing", ["name", "enable"])
def test_what_a_feature_needs(client, missing):
    wanted = {"name": "public_key", "enable": True}
    del wanted[missing]
    answer = client.post("/features", wanted)
    assert (answer.status, answer.code) == (400, "APIG.2001") and f"parameterName:{missing}" in answer.message
