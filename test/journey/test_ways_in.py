"""An AppCode from the management API to every worker, and a key pair in a vendor's third scheme."""
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
    for fields in (callers.sdk("GET", PATH, HOST, pair), callers.aliyun("GET", PATH, HOST, pair), callers.bce("GET", PATH, HOST, pair),
                   callers.bce("GET", PATH, HOST, pair, carrier="Authorization")):
        assert [answer.status for answer in on_every_worker(connections, signing.raw("GET", PATH, fields))] == [200] * 2
