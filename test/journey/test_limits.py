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
