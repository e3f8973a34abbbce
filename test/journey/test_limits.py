"""Limits of requests as they are managed: effective at the next request on every worker."""
import pytest

from harness.world import PATH, RELEASE, World, on_every_worker

WORKERS = 2


@pytest.fixture(scope="module")
def world():
    with World(workers=WORKERS) as world:
        yield world


@pytest.fixture(scope="module")
def connections(world):
    return world.connections()


@pytest.fixture
def throttle(world):
    """throttle(app=3) gives the id of a policy that is bound to the world's API; gone afterwards."""
    made = []

    def make(bound=True, **limits):
        body = {"name": f"limits_{len(made)}_{id(made)}", "time_unit": "DAY", "time_interval": 90, "api_call_limits": 2_000_000, **limits}
        made.append(world.client.made("/throttles", body)["id"])
        if bound:
            world.client.made("/throttle-bindings", {"strategy_id": made[-1], "publish_ids": [world.publication]})
        return made[-1]
    yield make
    for one in made:
        assert world.client.delete(f"/throttles/{one}", unbind="true").status == 204


def statuses(connections, request, rounds=1):
    return sorted(answer.status for _ in range(rounds) for answer in on_every_worker(connections, request))


def change(world, throttle, **limits):
    body = {"name": "changed", "time_unit": "DAY", "time_interval": 90, "api_call_limits": 2_000_000, **limits}
    assert world.client.put(f"/throttles/{throttle}", body).status == 200


def test_bound_changed_and_unbound(world, connections, throttle):
    app = world.app("limited")
    policy = throttle(bound=False, app_call_limits=3)
    assert statuses(connections, app.request(), 3) == [200] * 6
    binding = world.client.made("/throttle-bindings", {"strategy_id": policy, "publish_ids": [world.publication]})["throttle_applys"][0]["id"]
    assert statuses(connections, app.request(), 3) == [200] * 3 + [429] * 3
    change(world, policy, app_call_limits=4)
    assert statuses(connections, app.request()) == [200, 429]
    assert world.client.delete(f"/throttle-bindings/{binding}").status == 204
    assert statuses(connections, app.request(), 2) == [200] * 4


def test_a_limit_of_ones_own(world, connections, throttle):
    one, other = world.app("special"), world.app("plain")
    policy = throttle(app_call_limits=1)
    specials = f"/throttles/{policy}/throttle-specials"
    made = world.client.made(specials, {"object_type": "APP", "object_id": one.id, "call_limits": 3})["id"]
    assert statuses(connections, one.request(), 2) == [200] * 3 + [429]
    assert statuses(connections, other.request()) == [200, 429]
    assert world.client.put(f"{specials}/{made}", {"call_limits": 4}).status == 200
    assert statuses(connections, one.request()) == [200, 429]
    assert world.client.delete(f"{specials}/{made}").status == 204
    assert statuses(connections, one.request()) == [429] * WORKERS


def test_one_policy_for_two_apis(world, throttle):
    app = world.app("roams")
    path = "/more" + PATH
    api, publication = world.publish("more", path)
    world.client.made("/app-auths", {"env_id": RELEASE, "app_ids": [app.id], "api_ids": [api]})
    policy = throttle(type=2, app_call_limits=3)
    world.client.made("/throttle-bindings", {"strategy_id": policy, "publish_ids": [publication]})
    seen = [world.call(app).status for _ in range(2)] + [world.call(app, path=path).status for _ in range(2)]
    assert seen == [200, 200, 200, 429]


def test_a_rebuilt_edge_has_the_policies(world, connections, throttle):
    import subprocess

    from harness.tree import program
    app = world.app("rebuilt")
    policy = throttle(app_call_limits=2)
    assert statuses(connections, app.request()) == [200, 200]
    subprocess.run([program("countersign"), "edge", "rebuild", "--data", world.daemon.data], check=True, capture_output=True)
    assert statuses(connections, app.request()) == [429] * WORKERS
    change(world, policy, app_call_limits=3)
    assert statuses(connections, app.request()) == [200, 429]


@pytest.fixture
def acl(world):
    made = []

    def make(value, **more):
        body = {"acl_name": f"acl_{len(made)}_{id(made)}", "acl_type": "PERMIT", "entity_type": "IP", "acl_value": value, **more}
        made.append(world.client.made("/acls", body)["id"])
        world.client.made("/acl-bindings", {"acl_id": made[-1], "publish_ids": [world.publication]})
        return made[-1]
    yield make
    for one in made:
        assert world.client.delete(f"/acls/{one}", unbind="true").status in (204, 404)


def test_addresses_of_an_api(world, connections, acl):
    app = world.app("somewhere")
    policy = acl("192.0.2.1, 127.0.0.0/30,2001:db8::/32")
    assert statuses(connections, app.request()) == [200] * WORKERS
    for value, kind, wanted in (("192.0.2.1", "PERMIT", 403), ("127.0.0.1", "DENY", 403), ("192.0.2.0/24", "DENY", 200), ("0.0.0.0/0", "PERMIT", 200),
                                ("::/0", "PERMIT", 403)):
        body = {"acl_name": "changed", "acl_type": kind, "entity_type": "IP", "acl_value": value}
        assert world.client.put(f"/acls/{policy}", body).status == 200
        assert statuses(connections, app.request()) == [wanted] * WORKERS, value
    assert world.client.delete(f"/acls/{policy}", unbind="true").status == 204
    acl("127.0.0.1-127.0.0.1")
    assert statuses(connections, app.request()) == [200] * WORKERS


def test_addresses_of_an_app(world, connections):
    app, other = world.app("bound_to_places"), world.app("free")
    path = f"/apps/{app.id}/app-acl"
    assert world.client.put(path, {"app_acl_type": "PERMIT", "app_acl_values": ["192.0.2.0/24"]}).status == 201
    assert statuses(connections, app.request()) == [403] * WORKERS
    assert statuses(connections, other.request()) == [200] * WORKERS
    assert world.client.put(path, {"app_acl_type": "PERMIT", "app_acl_values": ["127.0.0.1"]}).status == 201
    assert statuses(connections, app.request()) == [200] * WORKERS
    assert world.client.put(path, {"app_acl_type": "DENY", "app_acl_values": ["127.0.0.1"]}).status == 201
    assert statuses(connections, app.request()) == [403] * WORKERS
    assert world.client.delete(path).status == 204
    assert statuses(connections, app.request()) == [200] * WORKERS


def test_an_api_that_is_closed_to_the_internet(world, connections):
    app = world.app("outside")
    api = world.client.get(f"/apis/{world.api}").json
    for own, wanted in (({"disable_internet": True}, 403), ({"disable_internal": True}, 200), ({}, 200)):
        assert world.client.put(f"/apis/{world.api}", {**api, "countersign": own}).status == 200
        world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": world.api})
        assert statuses(connections, app.request()) == [wanted] * WORKERS
