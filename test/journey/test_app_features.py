"""app_secret and app_basic, features of a gateway: an app's key and secret as they are (huawei.md 1.4)."""
import base64
import json

import pytest

from harness import signing
from harness.world import HOST, PATH, World, on_every_worker
from wire import Wire


@pytest.fixture(scope="module")
def world():
    with World(workers=2) as world:
        world.alice = world.app("alice")
        yield world


def as_secret(key, secret, **more):
    return signing.raw("GET", PATH, {"Host": HOST, "X-HW-ID": key, "X-HW-AppKey": secret, **more})


def as_basic(key, secret, **more):
    return signing.raw("GET", PATH, {"Host": HOST, "Authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode(), **more})


def send(world, message):
    with Wire(world.nginx.port) as wire:
        wire.send(message)
        return wire.answer()


def switch(world, name, enable, **more):
    return world.client.post("/features", {"name": name, "enable": enable, **more})


WAYS = {"app_secret": as_secret, "app_basic": as_basic}


@pytest.mark.parametrize("feature", WAYS)
def test_off_unless_switched_on_at_once_and_everywhere(world, feature):
    message, connections = WAYS[feature](world.alice.key, world.alice.secret), world.connections()

    def statuses():
        return {answer.status for answer in on_every_worker(connections, message)}
    assert statuses() == {401}
    answer = switch(world, feature, True, config="on")
    assert (answer.status, answer.json["config"]) == (201, "on")
    assert statuses() == {200}
    assert switch(world, feature, False).json["config"] == "off"
    assert statuses() == {401}


@pytest.fixture
def both(world):
    for feature in WAYS:
        assert switch(world, feature, True).status == 201
    yield world
    for feature in WAYS:
        assert switch(world, feature, False).status == 201


def read(answer):
    body = json.loads(answer.body)
    return answer.status, body["error_code"], body["error_msg"]


@pytest.mark.parametrize("way", WAYS.values())
def test_who_calls_is_told_and_the_secret_is_not(both, way):
    app = both.alice
    both.backend.take()
    answer = send(both, way(app.key, app.secret))
    assert answer.status == 200
    received = both.backend.take()[-1]
    assert received.all("X-Countersign-App") == [app.id]
    for name in ("Authorization", "X-HW-ID", "X-HW-AppKey"):
        assert received.all(name) == []
    line = both.nginx.logged(answer["X-Request-Id"])
    assert line["scheme"] in ("app-secret", "app-basic") and line["principal_id"] == app.id
    logs = "".join((both.nginx.folder / "logs" / name).read_text(errors="replace") for name in ("access.log", "error.log"))
    assert app.secret not in logs and base64.b64encode(f"{app.key}:{app.secret}".encode()).decode() not in logs


@pytest.mark.parametrize("way", WAYS.values())
def test_what_is_refused(both, way):
    app, stranger = both.alice, both.app(f"stranger_{way.__name__}", authorised=False)
    prefix = "Incorrect app authentication information: "
    assert read(send(both, way(app.key, app.secret + "x"))) == (401, "APIG.0303", prefix + "verify signature fail")
    assert read(send(both, way(app.key, app.secret[:-1]))) == (401, "APIG.0303", prefix + "verify signature fail")
    assert read(send(both, way(app.key, stranger.secret))) == (401, "APIG.0303", prefix + "verify signature fail")
    assert read(send(both, way("nobody", app.secret))) == (401, "APIG.0303", prefix + "app not found, appkey nobody")
    assert read(send(both, way(stranger.key, stranger.secret))) == (403, "APIG.0304", "The app is not authorized to access the API.")


def test_two_proofs_are_one_too_many(both):
    app = both.alice
    signed = signing.sdk_hmac_fields("GET", HOST, PATH, (app.key, app.secret))
    answer = send(both, signing.raw("GET", PATH, {**signed, "X-HW-ID": app.key, "X-HW-AppKey": app.secret}))
    assert answer.status == 401 and "more than one proof" in read(answer)[2]
    basic = "Basic " + base64.b64encode(f"{app.key}:{app.secret}".encode()).decode()
    answer = send(both, signing.raw("GET", PATH, {"Host": HOST, "X-HW-ID": app.key, "X-HW-AppKey": app.secret, "Authorization": basic}))
    assert answer.status == 401 and "more than one proof" in read(answer)[2]
    nothing = send(both, signing.bare(HOST, PATH))
    assert nothing["WWW-Authenticate"] == 'SDK-HMAC-SHA256 realm="countersign", Basic realm="countersign"'


@pytest.mark.parametrize("way", WAYS.values())
def test_a_replaced_secret_ends(both, way):
    app = both.app(f"reset_{way.__name__}")
    assert send(both, way(app.key, app.secret)).status == 200
    answer = both.client.put(f"/apps/secret/{app.id}", {})
    assert answer.status == 200
    assert send(both, way(app.key, answer.json["app_secret"])).status == 200
    assert send(both, way(app.key, app.secret)).status == 401


def test_a_consumers_key_pair_is_for_signatures(both):
    made = both.client.made("/consumers", {"name": "signs-only", "hmac": {}})
    pair = made["credentials"][0]
    both.client.made("/consumer-auths", {"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "consumer_ids": [made["id"]], "api_ids": [both.api]})
    assert send(both, as_basic(pair["access_key"], pair["secret_key"])).status == 401


def test_a_config_says_what_is_so_anyway(world):
    for config in ("off", "{}", '{"enable":"on"}', "ON"):
        answer = switch(world, "app_basic", True, config=config)
        assert (answer.status, answer.code) == (400, "APIG.2012") and "config" in answer.message
    assert {"app_basic", "app_secret", "public_key"} <= set(world.client.get("/instance-features").json["features"])
