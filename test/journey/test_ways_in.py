"""An AppCode from the management API to every worker, and a key pair in a vendor's third scheme."""
import time

import callers
import pytest
from harness import signing
from harness.world import HOST, PATH, RELEASE, World, on_every_worker


@pytest.fixture(scope="module")
def world():
    with World(workers=2) as world:
        api = world.client.get(f"/apis/{world.api}").json
        body = {name: value for name, value in api.items() if name not in ("id", "register_time", "update_time", "status")}
        assert world.client.put(f"/apis/{world.api}", {**body, "auth_opt": {"app_code_auth_type": "HEADER_QUERY"}}).status == 200
        world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": world.api})
        yield world


def test_an_app_code_counts_until_it_or_its_app_goes(world):
    app, connections = world.app("coded"), world.connections()
    path = f"/apps/{app.id}/app-codes"
    one, other = (world.client.put(path, b"").json for _ in range(2))

    def statuses(code):
        return [answer.status for answer in on_every_worker(connections, signing.raw("GET", PATH, {"Host": HOST, "X-Apig-AppCode": code}))]
    assert statuses(one["app_code"]) == statuses(other["app_code"]) == [200] * 2
    assert [answer.status for answer in on_every_worker(connections, signing.bare(HOST, f"{PATH}?APPCODE={one['app_code']}"))] == [200] * 2
    assert world.backend.take()[-1].target == PATH
    assert world.client.delete(f"{path}/{one['id']}").status == 204
    assert (statuses(one["app_code"]), statuses(other["app_code"])) == ([401] * 2, [200] * 2)
    assert world.client.put(f"/apps/{app.id}", {"name": "coded", "status": 2}).status == 200
    assert statuses(other["app_code"]) == [401] * 2
    assert world.client.put(f"/apps/{app.id}", {"name": "coded", "status": 1}).status == 200
    assert statuses(other["app_code"]) == [200] * 2
    assert world.client.delete(f"/apps/{app.id}").status == 204
    assert statuses(other["app_code"]) == [401] * 2


def test_one_key_pair_signs_in_every_scheme_that_the_api_takes(world):
    app, connections = world.app("polyglot"), world.connections()
    pair = (app.key, app.secret)
    for signer in (*SIGNERS, lambda *request: callers.bce(*request, carrier="Authorization")):
        assert [ask({one: connections[one]}, pair, signer) for one in connections] == [200] * 2, "each with a nonce of its own"


def consumer_pair(world, name, authorised=True):
    """(consumer's path, credential's path, pair) of a consumer who signs."""
    made = world.client.made("/consumers", {"name": name, "hmac": {}})
    one, path = made["credentials"][0], f"/consumers/{made['id']}"
    if authorised:
        world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [made["id"]], "api_ids": [world.api]})
    return path, f"{path}/credentials/{one['id']}", (one["access_key"], one["secret_key"])


SIGNERS = [callers.sdk, callers.aliyun, callers.bce]


def ask(connections, pair, signer=callers.sdk):
    """The one status that every worker answers."""
    found = {answer.status for answer in on_every_worker(connections, signing.raw("GET", PATH, signer("GET", PATH, HOST, pair)))}
    assert len(found) == 1, found
    return found.pop()


@pytest.mark.parametrize("signer", SIGNERS)
def test_a_consumer_signs(world, signer):
    connections = world.connections()
    path, credential, pair = consumer_pair(world, f"signs-{signer.__name__}")
    world.backend.take()
    assert [ask({one: connections[one]}, pair, signer) for one in connections] == [200] * 2, "each with a nonce of its own"
    assert {received["X-Mse-Consumer"] for received in world.backend.take()} == {f"signs-{signer.__name__}"}
    assert ask(connections, (pair[0], pair[1] + "x"), signer) in (400, 401, 403), "a wrong signature burns no nonce"


def test_a_consumers_pair_is_limited_disabled_and_goes(world):
    connections = world.connections()
    path, credential, pair = consumer_pair(world, "limited")
    stranger = consumer_pair(world, "stranger", authorised=False)[2]
    assert (ask(connections, pair), ask(connections, stranger)) == (200, 403)
    assert ask(connections, (pair[0], stranger[1])) == 401, "one's secret under another's key"
    for state in ({"enabled": False}, {"start_time": "2040-01-01T00:00:00Z"}, {"end_time": "2001-01-01T00:00:00Z"}):
        assert world.client.put(credential, state).status == 200 and ask(connections, pair) == 401, state
        assert world.client.put(credential, {}).status == 200 and ask(connections, pair) == 200
    assert world.client.put(path, {"enabled": False}).status == 200 and ask(connections, pair) == 401
    assert world.client.put(path, {"enabled": True}).status == 200 and ask(connections, pair) == 200
    assert world.client.delete(path).status == 204 and ask(connections, pair) == 401


def test_nobody_authorised_nobody_admitted(world):
    api, _ = world.publish("nobody", "/nobody")
    connections, pair = world.connections(), consumer_pair(world, "elsewhere")[2]
    for fields in ({"Host": HOST}, callers.sdk("GET", "/nobody", HOST, pair), {"Host": HOST, "Authorization": "Bearer any"}):
        assert {answer.status for answer in on_every_worker(connections, signing.raw("GET", "/nobody", fields))} <= {401, 403}


def wait_until(moment):
    while time.time() <= moment:
        time.sleep(0.05)


def test_two_secrets_overlap_as_long_as_the_operator_says(world):
    connections, app = world.connections(), world.app("overlap")
    old = (app.key, app.secret)
    new = (app.key, world.client.put(f"/apps/secret/{app.id}", {"overlap_seconds": 3}).json["app_secret"])
    until = time.time() + 3
    assert ask(connections, new) == 200 and (ask(connections, old) == 200 or time.time() > until)
    wait_until(int(until) + 1)
    assert (ask(connections, old), ask(connections, new)) == (401, 200)
    third = (app.key, world.client.put(f"/apps/secret/{app.id}", {"overlap_seconds": 3600}).json["app_secret"])
    assert (ask(connections, old), ask(connections, new), ask(connections, third)) == (401, 200, 200)
    world.client.put(f"/apps/{app.id}", {"name": "overlap", "status": 2})
    assert (ask(connections, new), ask(connections, third)) == (401, 401)
    world.client.put(f"/apps/{app.id}", {"name": "overlap", "status": 1})
    assert (ask(connections, new), ask(connections, third)) == (200, 200)
    fourth = (app.key, world.client.put(f"/apps/secret/{app.id}", {}).json["app_secret"])
    assert (ask(connections, new), ask(connections, third), ask(connections, fourth)) == (401, 401, 200)


def test_several_pairs_of_an_app_and_an_authorisation_with_an_end(world):
    connections, app = world.connections(), world.app("several", authorised=False)
    end = int(time.time()) + 3
    world.client.made("/app-auths", {"env_id": RELEASE, "app_ids": [app.id], "api_ids": [world.api],
                                     "end_time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))})
    other = world.client.made(f"/apps/{app.id}/key-pairs", {})
    pairs = [(app.key, app.secret), (other["app_key"], other["app_secret"])]
    assert [ask(connections, pair) for pair in pairs] == [200, 200] or time.time() > end
    assert world.client.put(f"/apps/{app.id}/key-pairs/{other['id']}", {"enabled": False}).status == 200
    assert ask(connections, pairs[1]) == 401
    wait_until(end + 1)
    assert ask(connections, pairs[0]) == 403
    world.authorise(app)
    assert ask(connections, pairs[0]) == 200
