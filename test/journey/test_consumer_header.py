"""The header in which backends are told who the consumer is has the name that the operator gave it."""
import pytest

from harness import signing
from harness.world import HOST, PATH, RELEASE, World, on_every_worker
from wire import Wire


@pytest.fixture(scope="module")
def world():
    with World(workers=2) as world:
        made = world.client.made("/consumers", {"name": "carla", "api_key": {}})
        world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [made["id"]], "api_ids": [world.api]})
        world.key = made["credentials"][0]["value"]
        yield world


def name_it(world, name, **more):
    config = None if name is None else '{"name":"%s"}' % name
    return world.client.post("/features", {"name": "consumer_header", "enable": name is not None, **({"config": config} if config else {}), **more})


def seen(world, **fields):
    world.backend.take()
    with Wire(world.nginx.port) as wire:
        wire.send(signing.raw("GET", PATH, {"Host": HOST, "Authorization": f"Bearer {world.key}", **fields}))
        assert wire.answer().status == 200
    return world.backend.take()[-1]


def test_named_and_back_at_once_on_every_worker(world):
    connections = world.connections()
    message = signing.raw("GET", PATH, {"Host": HOST, "Authorization": f"Bearer {world.key}", "X-Mse-Consumer": "forged", "X-Who-Calls": "forged"})

    def told():
        world.backend.take()
        assert {answer.status for answer in on_every_worker(connections, message)} == {200}
        return [(received.all("X-Mse-Consumer"), received.all("X-Who-Calls")) for received in world.backend.take()]
    assert told() == [(["carla"], ["forged"])] * 2
    assert name_it(world, "X-Who-Calls").status == 201
    assert told() == [([], ["carla"])] * 2
    assert name_it(world, None).status == 201
    assert told() == [(["carla"], ["forged"])] * 2


def test_no_spelling_of_it_comes_through(world):
    assert name_it(world, "X-Who-Calls").status == 201
    received = seen(world, **{"X_Who_Calls": "forged", "x.who.calls": "forged", "X-WHO-CALLS": "forged", "X-Mse-Consumer": "forged"})
    assert received.all("X-Who-Calls") == ["carla"] and received.all("X-Mse-Consumer") == []


def test_no_parameter_fills_it_and_countersignatures_cover_it(world):
    assert name_it(world, "X-Who-Calls").status == 201
    key, _ = world.sign_key("told_key")
    received = seen(world)
    assert "x-who-calls" in received["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    api = world.client.get(f"/apis/{world.api}").json
    body = {name: value for name, value in api.items() if name not in ("id", "register_time", "update_time", "status")}
    mapped = {"name": "X-Who-Calls", "origin": "CONSTANT", "location": "HEADER", "value": "forged"}
    assert world.client.put(f"/apis/{world.api}", {**body, "backend_params": [mapped]}).status == 200
    world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": world.api})
    assert seen(world).all("X-Who-Calls") == ["carla"]


def test_an_open_api_takes_nobodys_word(world):
    assert name_it(world, "X-Who-Calls").status == 201
    api = world.client.made("/apis", {
        "name": "open", "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": "/open", "match_mode": "SWA",
        "auth_type": "NONE", "backend_type": "HTTP",
        "backend_api": {"url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": "/open", "timeout": 5000}})["id"]
    world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api})
    world.backend.take()
    with Wire(world.nginx.port) as wire:
        wire.send(signing.raw("GET", "/open", {"Host": HOST, "X-Who-Calls": "forged"}))
        assert wire.answer().status == 200
    assert world.backend.take()[-1].all("X-Who-Calls") == []


@pytest.mark.parametrize("name", ["", "Connection", "keep-alive", "Transfer-Encoding", "Proxy-Authorization", "Host", "Content-Length", "Authorization",
                                  "Cookie", "X-Request-Id", "X-Countersign-App", "x_mse_consumer", "X-Mse-Consumer", "X-Ca-Key", "X-Sdk-Date",
                                  "X-Forwarded-For", "X Who", "1-Who", "X-Who:", "X" * 65])
def test_names_that_are_somebody_elses(world, name):
    answer = name_it(world, name)
    assert (answer.status, answer.code) == (400, "APIG.2012") and "config" in answer.message


def test_without_a_name_it_is_refused(world):
    for config in (None, "on", "{}", '{"name":7}', '{"name":"X-Who","other":1}', '{"enable":"off","name":"X-Who"}'):
        answer = world.client.post("/features", {"name": "consumer_header", "enable": True, **({"config": config} if config else {})})
        assert (answer.status, answer.code) == (400, "APIG.2012"), config
