"""A change is effective on the next request, on every worker, without a reload and without a lost request."""
import subprocess

import pytest

from harness import signing
from harness.tree import program
from harness.world import HOST, PATH, RELEASE, Traffic, World, on_every_worker


@pytest.fixture(scope="module")
def world():
    with World(workers=4) as world:
        yield world


@pytest.fixture(scope="module")
def connections(world):
    return world.connections()


@pytest.fixture(scope="module")
def steady(world):
    """A caller whom no test touches."""
    return world.app("steady")


def statuses(connections, request):
    return {answer.status for answer in on_every_worker(connections, request)}


def signers(world):
    """With which keys the gateway signs to the backend: {Access=…} of what came since the last call; None: unsigned."""
    return {field.split("Access=")[1].split(",")[0] if (field := (request.all("Authorization") or [""])[0]) else None
            for request in world.backend.take()}


def test_authorisation_given_and_taken(world, connections, steady):
    app = world.app("comes_and_goes", authorised=False)
    with Traffic(world, steady) as traffic:
        for _ in range(20):
            assert statuses(connections, app.request()) == {403}
            authorisation = world.authorise(app)
            assert statuses(connections, app.request()) == {200}
            assert world.client.delete(f"/app-auths/{authorisation}").status == 204
    assert statuses(connections, app.request()) == {403}
    assert traffic.lost == [] and traffic.answered > 0


def test_secret_reset(world, connections, steady):
    app = world.app("resets")
    with Traffic(world, steady) as traffic:
        for round_ in range(10):
            old = app.request()
            assert statuses(connections, old) == {200}
            app.secret = f"another-secret-{round_}"
            assert world.client.put(f"/apps/secret/{app.id}", {"app_secret": app.secret}).status == 200
            assert statuses(connections, old) == {401}
            assert statuses(connections, app.request()) == {200}
    assert traffic.lost == [] and traffic.answered > 0


def test_app_removed(world, connections):
    app = world.app("goes")
    assert statuses(connections, app.request()) == {200}
    assert world.client.delete(f"/apps/{app.id}").status == 204
    assert statuses(connections, app.request()) == {401}


def test_signature_key_bound_changed_and_unbound(world, connections, steady):
    request = steady.request()
    world.backend.take()
    assert statuses(connections, request) == {200}
    assert signers(world) == {None}
    key, binding = world.sign_key("effect", sign_key="first_key_01", sign_secret="first_secret_0123456")
    assert statuses(connections, request) == {200}
    assert signers(world) == {"first_key_01"}
    changed = world.client.put(f"/signs/{key}", {"name": "effect", "sign_type": "hmac", "sign_key": "second_key_02", "sign_secret": "second_secret_012345"})
    assert changed.status == 200
    assert statuses(connections, request) == {200}
    assert signers(world) == {"second_key_02"}
    assert world.client.delete(f"/sign-bindings/{binding}").status == 204
    assert statuses(connections, request) == {200}
    assert signers(world) == {None}


def test_api_offline_and_online(world, connections):
    api, _ = world.publish("sometimes", "/sometimes")
    request = signing.bare(HOST, "/sometimes")
    for _ in range(5):
        assert statuses(connections, request) == {401}
        assert world.client.post("/apis/action", {"action": "offline", "env_id": RELEASE, "api_id": api}).status == 201
        assert statuses(connections, request) == {404}
        assert world.client.post("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api}).status == 201


def test_domain_removed(world, connections):
    domain = world.client.made(f"/api-groups/{world.group}/domains", {"url_domain": "second.example.com"})["id"]
    request = signing.bare("second.example.com", PATH)
    assert statuses(connections, request) == {401}
    assert world.client.delete(f"/api-groups/{world.group}/domains/{domain}").status == 204
    assert statuses(connections, request) == {404}


def rebuild(world):
    done = subprocess.run([program("countersign"), "edge", "rebuild", "--data", world.daemon.data], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_rebuild_of_the_edge_loses_nothing_and_later_changes_are_seen(world, connections, steady):
    app = world.app("before_and_after")
    with Traffic(world, steady) as traffic:
        for _ in range(10):
            rebuild(world)
            assert statuses(connections, app.request()) == {200}
            assert world.client.delete(f"/app-auths/{app.authorisation}").status == 204
            assert statuses(connections, app.request()) == {403}
            rebuild(world)
            assert statuses(connections, app.request()) == {403}
            app.authorisation = world.authorise(app)
            assert statuses(connections, app.request()) == {200}
    assert traffic.lost == [] and traffic.answered > 0


def test_rebuild_without_a_daemon_keeps_the_workers_on_the_new_picture(world, connections):
    """The files are never unlinked under the workers: what a later daemon changes is seen by workers that were there before."""
    app = world.app("outlives_the_daemon")
    world.daemon.stop()
    rebuild(world)
    assert statuses(connections, app.request()) == {200}
    world.daemon.start()
    assert world.client.delete(f"/app-auths/{app.authorisation}").status == 204
    assert statuses(connections, app.request()) == {403}


def test_consumer_disabled_and_enabled(world, connections, steady):
    consumer = world.client.made("/consumers", {"name": "switches", "api_key": {"generate_mode": "CUSTOM", "value": "key-that-switches"}})
    world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [consumer["id"]], "api_ids": [world.api]})
    request = signing.api_key(HOST, PATH, "key-that-switches")
    with Traffic(world, steady) as traffic:
        for _ in range(20):
            assert statuses(connections, request) == {200}
            assert world.client.put(f"/consumers/{consumer['id']}", {"enabled": False}).status == 200
            assert statuses(connections, request) == {401}
            assert world.client.put(f"/consumers/{consumer['id']}", {"enabled": True}).status == 200
    assert traffic.lost == [] and traffic.answered > 0
