"""app_token, a feature of a gateway: an app's key and secret exchanged for an access token (huawei.md 1.4; RFC 6749, 4.4 and 6)."""
import base64
import json
import time
from urllib.parse import urlencode

import pytest

from harness import signing
from harness.world import HOST, PATH, World, on_every_worker
from wire import Wire

ENDPOINT = "/v1/apigw/oauth2/token"
FORM = "application/x-www-form-urlencoded"
DEFAULTS = {"enable": "on", "app_token_expire_time": 3600, "app_token_uri": ENDPOINT, "refresh_token_expire_time": 7200}


@pytest.fixture(scope="module")
def world():
    with World(workers=2, http="countersign_lock failures=20;") as world:
        world.alice = world.app("alice")
        yield world


def switch(world, enable=True, **config):
    more = {"config": json.dumps({"enable": "on" if enable else "off", **config})} if config else {}
    return world.client.post("/features", {"name": "app_token", "enable": enable, **more})


@pytest.fixture
def on(world):
    assert switch(world).status == 201
    yield world
    assert switch(world, False).status == 201


def send(world, message):
    with Wire(world.nginx.port) as wire:
        wire.send(message)
        return wire.answer()


def ask(world, parameters, method="POST", target=ENDPOINT, content_type=FORM, host=HOST):
    body = parameters if isinstance(parameters, str) else urlencode(parameters)
    return send(world, signing.raw(method, target, {"Host": host, "Content-Type": content_type}, body.encode()))


def client(app, **more):
    return {"grant_type": "client_credentials", "client_id": app.key, "client_secret": app.secret, **more}


def tokens(world, parameters):
    answer = ask(world, parameters)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def use(token, **more):
    return signing.raw("GET", PATH, {"Host": HOST, "Authorization": f"Bearer {token}", **more})


def read(answer):
    body = json.loads(answer.body)
    return answer.status, body["error_code"], body["error_msg"]


def test_off_unless_switched_on_at_once_and_everywhere(world):
    assert ask(world, client(world.alice)).status == 404
    assert switch(world).json["config"] == json.dumps(DEFAULTS, separators=(",", ":"))
    message, connections = use(tokens(world, client(world.alice))["access_token"]), world.connections()
    assert {answer.status for answer in on_every_worker(connections, message)} == {200}
    assert switch(world, False).status == 201
    assert {answer.status for answer in on_every_worker(connections, message)} == {401}
    assert ask(world, client(world.alice)).status == 404


def test_a_token_says_who_calls_and_goes_no_further(on):
    on.backend.take()
    answer = ask(on, client(on.alice))
    made = json.loads(answer.body)
    assert (made["token_type"], made["expires_in"]) == ("Bearer", 3600) and set(made) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/json", "no-store") and len(answer["X-Request-Id"]) == 32
    called = send(on, use(made["access_token"]))
    assert called.status == 200
    received = on.backend.take()[-1]
    assert received.all("X-Countersign-App") == [on.alice.id] and received.all("Authorization") == []
    line = on.nginx.logged(called["X-Request-Id"])
    assert line["scheme"] == "app-token" and line["principal_id"] == on.alice.id
    logs = "".join((on.nginx.folder / "logs" / name).read_text(errors="replace") for name in ("access.log", "error.log"))
    assert on.alice.secret not in logs and made["access_token"] not in logs and made["refresh_token"] not in logs


def test_a_refresh_token_gives_others_and_opens_nothing(on):
    made = tokens(on, client(on.alice))
    again = tokens(on, {**client(on.alice), "grant_type": "refresh_token", "refresh_token": made["refresh_token"]})
    assert send(on, use(again["access_token"])).status == 200
    assert send(on, use(made["refresh_token"])).status == 401
    swapped = made["refresh_token"].replace("csrt1-", "csat1-")
    assert read(send(on, use(swapped))) == (400, "APIG.2203", "Access token is invalid")


OTHERS = {"grant_type": ("APIG.2210", "Lack of grant_type"), "client_id": ("APIG.2211", "Lack of client_id"),
          "client_secret": ("APIG.2212", "Lack of client_secret")}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_missing_is_named(on, name):
    for parameters in ({key: value for key, value in client(on.alice).items() if key != name}, {**client(on.alice), name: ""}):
        assert read(ask(on, parameters)) == (400, *OTHERS[name])


def test_what_the_endpoint_refuses(on):
    app, other = on.alice, on.app("other")
    whole = client(app)
    refresh = {**whole, "grant_type": "refresh_token"}
    assert read(ask(on, {**whole, "grant_type": "password"})) == (400, "APIG.2209", "The value of grant_type is not in enum List")
    assert read(ask(on, refresh)) == (400, "APIG.2213", "Lack of refresh_token")
    assert read(ask(on, {**refresh, "refresh_token": "csrt1-none"})) == (400, "APIG.2202", "Refresh token is invalid")
    made, others = tokens(on, whole), tokens(on, client(other))
    assert read(ask(on, {**refresh, "refresh_token": made["access_token"]})) == (400, "APIG.2202", "Refresh token is invalid")
    assert read(ask(on, {**refresh, "refresh_token": others["refresh_token"]})) == (401, "APIG.1003", "App not match refresh token")
    for wrong in ({"client_secret": app.secret + "x"}, {"client_secret": other.secret}, {"client_id": "nobody"}):
        assert read(ask(on, {**whole, **wrong})) == (400, "APIG.2201", "Appkey or SecretKey is invalid")
    assert read(ask(on, whole, content_type="application/json")) == (400, "APIG.2204", "ContentType invalid")
    assert read(ask(on, "")) == (400, "APIG.2210", "Lack of grant_type")
    assert read(ask(on, urlencode(whole) + "&client_id=" + app.key)) == (400, "APIG.2205", "Auth parameter invalid")
    assert read(ask(on, "grant_type=%zz")) == (400, "APIG.2205", "Auth parameter invalid")
    assert read(ask(on, whole, method="PUT")) == (400, "APIG.2206", "Auth method invalid")
    assert read(send(on, signing.raw("GET", ENDPOINT, {"Host": HOST}))) == (400, "APIG.2206", "Auth method invalid")
    assert ask(on, "x=" + "y" * 9000).status == 413
    assert tokens(on, {**whole, "scope": "any", "more": "of it"})["token_type"] == "Bearer"
    refused = on.nginx.logged(ask(on, {**whole, "client_secret": "wrong"})["X-Request-Id"])
    assert (refused["outcome"], refused["refusal"], refused["scheme"]) == ("refused", "signature_mismatch", "app-secret")


def tampered(token):
    raw = bytearray(base64.urlsafe_b64decode(token[6:] + "=" * (-len(token[6:]) % 4)))
    for at in (0, 7, 9, len(raw) - 33, len(raw) - 1):
        changed = bytearray(raw)
        changed[at] ^= 1
        yield at, "csat1-" + base64.urlsafe_b64encode(bytes(changed)).decode().rstrip("=")


def test_a_token_cannot_be_changed(on):
    token = tokens(on, client(on.alice))["access_token"]
    for at, changed in tampered(token):
        answer = send(on, use(changed))
        assert answer.status in (400, 401) and read(answer)[1] in ("APIG.2203", "APIG.1002", "APIG.1004"), (at, answer.body)
    for broken in (token[:-1], token + "A", "csat1-", "csat1-!!!!", token + ".a.b", "csat1-" + "A" * 3000):
        assert 400 <= send(on, use(broken)).status <= 401, broken
    answer = send(on, use("csat1-" + "A" * 80))
    assert read(answer)[1] in ("APIG.2203", "APIG.1002")
    assert send(on, signing.raw("GET", PATH + f"?access_token={token}", {"Host": HOST})).status == 401
    twice = f"GET {PATH} HTTP/1.1\r\nHost: {HOST}\r\n" + f"Authorization: Bearer {token}\r\n" * 2 + "\r\n"
    assert send(on, twice.encode()).status in (400, 401)


def test_how_long_it_lasts_is_said_by_the_feature(world):
    assert switch(world, app_token_expire_time=1, refresh_token_expire_time=1).status == 201
    made = tokens(world, client(world.alice))
    assert made["expires_in"] == 1 and send(world, use(made["access_token"])).status == 200
    time.sleep(2.5)
    answer = send(world, use(made["access_token"]))
    assert read(answer) == (401, "APIG.1002", "Access token is expired") and answer["WWW-Authenticate"].startswith("Bearer")
    refresh = {**client(world.alice), "grant_type": "refresh_token", "refresh_token": made["refresh_token"]}
    assert read(ask(world, refresh)) == (401, "APIG.1001", "Refresh token is expired")
    assert switch(world, app_token_expire_time=72000).status == 201
    assert send(world, use(made["access_token"])).status == 200, "longer from now on, for those that are out as well"
    assert switch(world, False).status == 201


def test_it_ends_with_the_secret_the_authorisation_and_the_app(on):
    app, stranger = on.app("ends"), on.app("not_authorised", authorised=False)
    token = tokens(on, client(app))["access_token"]
    assert read(send(on, use(tokens(on, client(stranger))["access_token"]))) == (403, "APIG.0304", "The app is not authorized to access the API.")
    assert on.client.put(f"/apps/secret/{app.id}", {}).status == 200
    assert read(send(on, use(token))) == (400, "APIG.2203", "Access token is invalid")
    assert on.client.delete(f"/apps/{app.id}").status == 204
    assert read(send(on, use(token))) == (401, "APIG.1004", "App not exist")


def test_a_consumers_key_pair_gets_none(on):
    pair = on.client.made("/consumers", {"name": "signs-only", "hmac": {}})["credentials"][0]
    parameters = {"grant_type": "client_credentials", "client_id": pair["access_key"], "client_secret": pair["secret_key"]}
    assert read(ask(on, parameters)) == (400, "APIG.2201", "Appkey or SecretKey is invalid")


def test_guessing_locks_the_key(on):
    app = on.app("guessed")
    for _ in range(20):
        assert ask(on, {**client(app), "client_secret": "guess"}).status == 400
    answer = ask(on, client(app))
    assert answer.status == 401 and "failed to reach the limit" in read(answer)[2]


def test_another_path_where_no_api_is(world):
    assert switch(world, app_token_uri="/oauth/token").status == 201
    assert ask(world, client(world.alice)).status == 404
    assert ask(world, client(world.alice), target="/oauth/token").status == 200
    assert ask(world, client(world.alice), target="/oauth/token/").status == 404
    assert ask(world, client(world.alice), target="/oauth/token", host="another.example.com").status == 200
    assert switch(world, False).status == 201


def test_a_config_is_what_it_may_be(world):
    for config in ("on", "[]", '{"enable":"off"}', '{"app_token_key":"x"}', '{"app_token_expire_time":0}', '{"app_token_expire_time":72001}',
                   '{"refresh_token_expire_time":"1"}', '{"app_token_uri":"x"}', '{"app_token_uri":"/"}', '{"app_token_uri":"/a?b"}', '{"app_token_uri":1}'):
        answer = world.client.post("/features", {"name": "app_token", "enable": True, "config": config})
        assert (answer.status, answer.code) == (400, "APIG.2012") and "config" in answer.message, config
    refused = world.client.post("/consumers", {"name": "looks-like-a-token", "api_key": {"value": "csat1-" + "a" * 40, "source": "BEARER"}})
    assert refused.status == 400 and "api_key.value" in refused.message
