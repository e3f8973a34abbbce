"""What an operator changes through the management API, seen by callers and the backend: everything is made through the API, each change counts
on the very next request on every worker, also right after the edge was rebuilt, and nobody else's request is lost."""
import subprocess
import time

import pytest

from callers import assert_countersigned
from harness import signing
from harness.tree import program
from harness.world import HOST, PATH, RELEASE, Traffic, World, on_every_worker

WORKERS = 4
numbers = iter(range(1_000_000))


@pytest.fixture(scope="module")
def world():
    with World(workers=WORKERS) as world:
        yield world


@pytest.fixture(scope="module")
def connections(world):
    found = world.connections()
    assert len(found) == WORKERS >= 2
    return found


@pytest.fixture(scope="module")
def steady(world):
    """A caller whom no test touches."""
    return world.app("steady")


@pytest.fixture(autouse=True)
def nobody_else_notices(world, steady):
    with Traffic(world, steady) as traffic:
        yield
    assert traffic.lost == [] and traffic.answered > 0


def rebuild(world):
    done = subprocess.run([program("countersign"), "edge", "rebuild", "--data", str(world.daemon.data)], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(params=["as it is", "right after edge rebuild"])
def before_a_change(world, request):
    """Called before each change of a test."""
    return (lambda: None) if request.param == "as it is" else lambda: rebuild(world)


class Consumer:
    def __init__(self, world, **key):
        self.world = world
        answer = world.client.made("/consumers", {"name": f"consumer-{next(numbers)}", "api_key": key})
        self.id, self.name = answer["id"], answer["name"]
        self.key, self.credential = answer["credentials"][0]["value"], answer["credentials"][0]["id"]

    def authorise(self, **more):
        body = {"env_id": RELEASE, "consumer_ids": [self.id], "api_ids": [self.world.api], **more}
        auth = self.world.client.made("/consumer-auths", body)["auths"][0]
        assert auth["auth_result"]["status"] == "SUCCESS", auth
        return auth["id"]

    def add(self, **key):
        return self.world.client.made(f"/consumers/{self.id}/credentials", {"api_key": key})

    def request(self):
        return bearer(self.key)


def bearer(key, path=PATH):
    return signing.raw("GET", path, {"Host": HOST, "Authorization": f"Bearer {key}"})


def in_header(name, key):
    return signing.raw("GET", PATH, {"Host": HOST, name: key})


def statuses(connections, request):
    return {answer.status for answer in on_every_worker(connections, request)}


def changed(answer, status=200):
    assert answer.status == status, answer
    return answer


def backend_saw(world, path):
    """What reached the backend on this path since the last look; the steady caller has another one."""
    return [received for received in world.backend.take() if received.target == path]


def test_everything_is_made_through_the_api(world, connections):
    client = world.client
    group = client.made("/api-groups", {"name": "shop"})
    client.made(f"/api-groups/{group['id']}/domains", {"url_domain": "shop.example.com"})
    env = client.made("/envs", {"name": "Staging"})
    api = client.made("/apis", {
        "name": "lines", "group_id": group["id"], "type": 1, "req_protocol": "BOTH", "req_method": "GET", "req_uri": "/orders/{id}/lines",
        "auth_type": "APP", "backend_type": "HTTP", "req_params": [{"name": "id", "type": "STRING", "location": "PATH", "required": 1}],
        "backend_params": [{"origin": "REQUEST", "name": "id", "location": "PATH", "value": "id"}],
        "backend_api": {"url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/v2/lines/{id}",
                        "timeout": 5000}})
    app = client.made("/apps", {"name": "partner"})
    pair = app["app_key"], app["app_secret"]
    sign = client.made("/signs", {"name": "shop_key"})

    def request(stage):
        return signing.raw("GET", "/orders/4711/lines", signing.sdk_hmac_fields("GET", "shop.example.com", "/orders/4711/lines", pair,
                                                                              more={"X-Stage": stage} if stage else None))
    assert statuses(connections, request("Staging")) == {404}, "not published yet"
    published = client.made("/apis/action", {"action": "online", "env_id": env["id"], "api_id": api["id"]})
    assert statuses(connections, request("Staging")) == {403}, "not authorised yet"
    client.made("/app-auths", {"env_id": env["id"], "app_ids": [app["id"]], "api_ids": [api["id"]]})
    client.made("/sign-bindings", {"sign_id": sign["id"], "publish_ids": [published["publish_id"]]})
    world.backend.take()
    assert statuses(connections, request("Staging")) == {200}
    assert statuses(connections, request(None)) == {404}, "published in Staging only"
    received = backend_saw(world, "/v2/lines/4711")
    assert len(received) == WORKERS
    for one in received:
        assert_countersigned(one, (sign["sign_key"], sign["sign_secret"]), world.backend.authority)
        assert one["X-Countersign-App"] == app["id"]


def test_a_consumer_authorised_and_withdrawn(world, connections, before_a_change):
    consumer = Consumer(world)
    assert statuses(connections, consumer.request()) <= {401, 403}
    before_a_change()
    auth = consumer.authorise()
    assert statuses(connections, consumer.request()) == {200}
    before_a_change()
    changed(world.client.delete(f"/consumer-auths/{auth}"), 204)
    assert statuses(connections, consumer.request()) <= {401, 403}
    consumer.authorise()
    assert statuses(connections, consumer.request()) == {200}


def test_a_consumer_disabled_renamed_and_deleted(world, connections, before_a_change):
    consumer = Consumer(world)
    consumer.authorise()
    where = f"/consumers/{consumer.id}"
    before_a_change()
    changed(world.client.put(where, {"enabled": False}))
    assert statuses(connections, consumer.request()) == {401}
    before_a_change()
    changed(world.client.put(where, {"enabled": True}))
    assert statuses(connections, consumer.request()) == {200}
    before_a_change()
    changed(world.client.put(where, {"name": consumer.name + "-renamed"}))
    world.backend.take()
    assert statuses(connections, consumer.request()) == {200}
    told = [received["X-Mse-Consumer"] for received in world.backend.take() if received.all("X-Mse-Consumer")]
    assert told == [consumer.name + "-renamed"] * WORKERS
    before_a_change()
    changed(world.client.delete(where), 204)
    assert statuses(connections, consumer.request()) == {401}


def test_a_key_added_disabled_limited_and_deleted(world, connections, before_a_change):
    consumer = Consumer(world)
    consumer.authorise()
    before_a_change()
    added = consumer.add()
    where = f"/consumers/{consumer.id}/credentials/{added['id']}"
    assert statuses(connections, bearer(added["value"])) == {200}
    for state in ({"enabled": False}, {"start_time": "2040-01-01T00:00:00Z"}, {"end_time": "2001-01-01T00:00:00Z"}):
        before_a_change()
        changed(world.client.put(where, state))
        assert statuses(connections, bearer(added["value"])) == {401}, state
        changed(world.client.put(where, {}))
        assert statuses(connections, bearer(added["value"])) == {200}
    before_a_change()
    changed(world.client.delete(where), 204)
    assert statuses(connections, bearer(added["value"])) == {401}
    assert statuses(connections, consumer.request()) == {200}, "the other key of the same consumer"


def test_a_place_comes_and_goes(world, connections, before_a_change):
    consumer = Consumer(world)
    consumer.authorise()
    name = f"X-Key-{next(numbers)}"
    before_a_change()
    added = consumer.add(source="HEADER", name=name)
    assert statuses(connections, in_header(name, added["value"])) == {200}, "the plan has a new place"
    assert statuses(connections, bearer(added["value"])) == {401}, "and the key this one only"
    world.backend.take()
    assert statuses(connections, in_header(name, added["value"])) == {200}
    assert not any(received.all(name) for received in world.backend.take()), "the key is not forwarded"
    before_a_change()
    changed(world.client.delete(f"/consumers/{consumer.id}/credentials/{added['id']}"), 204)
    assert statuses(connections, in_header(name, added["value"])) == {401}


def test_an_authorisation_ends_by_itself(world, connections):
    consumer = Consumer(world)
    end = int(time.time()) + 3
    consumer.authorise(end_time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end)))
    seen = statuses(connections, consumer.request())
    assert seen == {200} or time.time() > end
    while time.time() <= end + 1:
        time.sleep(0.05)
    assert statuses(connections, consumer.request()) <= {401, 403}


def test_an_app_disabled_and_its_secret_set_anew(world, connections, before_a_change):
    app = world.app(f"app_{next(numbers)}")
    old = app.request()
    assert statuses(connections, old) == {200}
    before_a_change()
    app.secret = changed(world.client.put(f"/apps/secret/{app.id}", {})).json["app_secret"]
    assert statuses(connections, old) == {401}
    assert statuses(connections, app.request()) == {200}
    before_a_change()
    changed(world.client.put(f"/apps/{app.id}", {"name": f"app_{next(numbers)}", "status": 2}))
    assert statuses(connections, app.request()) == {401}


@pytest.fixture
def signed(world):
    """A path that the steady caller does not use: (API id, publish id, request)."""
    path = f"/signed-{next(numbers)}"
    api, publication = world.publish(path[1:], path)
    consumer = Consumer(world)
    world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [consumer.id], "api_ids": [api]})
    return api, publication, path, bearer(consumer.key, path)


def assert_signed(world, connections, path, request, pair):
    world.backend.take()
    assert statuses(connections, request) == {200}
    received = backend_saw(world, path)
    assert len(received) == WORKERS
    for one in received:
        if pair is None:
            assert not one.all("Authorization")
        else:
            assert_countersigned(one, pair, world.backend.authority)


def test_a_signature_key_bound_changed_and_unbound(world, connections, signed, before_a_change):
    api, publication, path, request = signed
    name = f"key_{next(numbers)}"
    sign = world.client.made("/signs", {"name": name})
    assert_signed(world, connections, path, request, None)
    before_a_change()
    binding = world.client.made("/sign-bindings", {"sign_id": sign["id"], "publish_ids": [publication]})["bindings"][0]
    assert_signed(world, connections, path, request, (sign["sign_key"], sign["sign_secret"]))
    before_a_change()
    changed(world.client.put(f"/signs/{sign['id']}", {"name": name, "sign_key": "another_key_1", "sign_secret": "another_secret_12"}))
    assert_signed(world, connections, path, request, ("another_key_1", "another_secret_12"))
    for action in ("offline", "online"):
        world.client.made("/apis/action", {"action": action, "env_id": RELEASE, "api_id": api})
    assert_signed(world, connections, path, request, ("another_key_1", "another_secret_12"))
    before_a_change()
    changed(world.client.delete(f"/sign-bindings/{binding['id']}"), 204)
    assert_signed(world, connections, path, request, None)
    world.client.made("/sign-bindings", {"sign_id": sign["id"], "publish_ids": [publication]})
    before_a_change()
    changed(world.client.delete(f"/signs/{sign['id']}", unbind="true"), 204)
    assert_signed(world, connections, path, request, None)


def test_versions_go_online_offline_and_back(world, connections, signed, before_a_change):
    api, _, path, request = signed
    definition = world.client.get(f"/apis/{api}").json
    first = world.client.get(f"/apis/publish/{api}").json["api_versions"][0]["version_id"]

    def lands_on(target):
        world.backend.take()
        assert statuses(connections, request) == {200}
        return len(backend_saw(world, target)) == WORKERS
    definition["backend_api"]["req_uri"] = path + "/new"
    changed(world.client.put(f"/apis/{api}", definition))
    assert lands_on(path), "an edit is not a publication"
    before_a_change()
    world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api})
    assert lands_on(path + "/new")
    before_a_change()
    changed(world.client.put(f"/apis/publish/{api}", {"version_id": first}))
    assert lands_on(path)
    before_a_change()
    changed(world.client.delete(f"/apis/versions/{first}"), 204)
    assert statuses(connections, request) == {404}
    before_a_change()
    changed(world.client.post("/apis/publish", {"apis": [api], "env_id": RELEASE}, action="online"))
    assert lands_on(path + "/new")


def test_an_api_opened_to_everybody(world, connections, signed, before_a_change):
    api, _, path, _ = signed
    stranger = signing.raw("GET", path, {"Host": HOST})
    definition = world.client.get(f"/apis/{api}").json
    assert statuses(connections, stranger) == {401}
    changed(world.client.put(f"/apis/{api}", {**definition, "auth_type": "NONE"}))
    assert statuses(connections, stranger) == {401}
    before_a_change()
    world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api})
    assert statuses(connections, stranger) == {200}
    changed(world.client.put(f"/apis/{api}", definition))
    before_a_change()
    world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api})
    assert statuses(connections, stranger) == {401}
