"""A change is effective on the next request, on every worker, without a reload and without a lost request."""
import pytest

from harness import signing
from harness.world import HOST, PATH, World, on_every_worker, Traffic


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
        assert world.client.post("/apis/action", {"action": "offline", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": api}).status == 201
        assert statuses(connections, request) == {404}
        assert world.client.post("/apis/action", {"action": "online", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": api}).status == 201


def test_domain_removed(world, connections):
    domain = world.client.made(f"/api-groups/{world.group}/domains", {"url_domain": "second.example.com"})["id"]
    request = signing.bare("second.example.com", PATH)
    assert statuses(connections, request) == {401}
    assert world.client.delete(f"/api-groups/{world.group}/domains/{domain}").status == 204
    assert statuses(connections, request) == {404}
