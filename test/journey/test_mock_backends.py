"""Mock backends (huawei.md 4.5): answered by the gateway itself, to whoever is admitted and to nobody else."""
import pytest

import wire
from harness.world import HOST, RELEASE, World


@pytest.fixture(scope="module")
def world():
    with World(workers=1) as world:
        yield world


def make(world, name, content, auth_type="NONE"):
    api = world.client.made("/apis", {
        "name": name, "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": "/" + name, "auth_type": auth_type,
        "backend_type": "MOCK", "mock_info": {"result_content": content, "remark": "until there is a backend"}})
    assert api["mock_info"]["result_content"] == content
    world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api["id"]})
    return api


def call(world, method, path, body=b"", **fields):
    with wire.Wire(world.nginx.port) as connection:
        for _ in range(2):  # a body that nobody reads does not become the next request
            connection.send(wire.request(method, path, {"Host": HOST, **fields}, body))
            answer = connection.answer(method) if method == "HEAD" else connection.answer()
    return answer


@pytest.mark.parametrize("content, kind", [('{"orders":[]}', "application/json"), ("[1]", "application/json"), ("plain words", "text/plain"),
                                           ("", "text/plain")])
def test_the_definition_is_the_answer(world, content, kind):
    api = make(world, f"mock_{len(content)}", content)
    for method, body in (("GET", b""), ("POST", b"x" * 100000)):
        answer = call(world, method, f"/{api['name']}", body)
        assert (answer.status, answer.body.decode()) == (200, content)
        assert answer["Content-Type"].startswith(kind) and len(answer["X-Request-Id"]) == 32
    assert world.backend.take() == []


def test_only_the_admitted_are_answered(world):
    api = make(world, "mock_guarded", '{"secret":1}', "APP")
    app = world.app("Mock_caller", authorised=False)
    refused = world.call(app, path="/mock_guarded")
    assert refused.status == 403 and b"secret" not in refused.body
    world.client.made("/app-auths", {"env_id": RELEASE, "app_ids": [app.id], "api_ids": [api["id"]]})
    for body in (b"", b"signed"):
        answer = world.call(app, method="POST" if body else "GET", path="/mock_guarded", body=body)
        assert (answer.status, answer.body) == (200, b'{"secret":1}')


def test_a_mock_becomes_a_real_backend_and_back(world):
    api = make(world, "mock_turned", "mocked")
    real = {"name": "mock_turned", "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": "/mock_turned",
            "auth_type": "NONE", "backend_type": "HTTP", "backend_api": {"url_domain": world.backend.authority, "req_protocol": "HTTP",
                                                                         "req_method": "ANY", "req_uri": "/real", "timeout": 5000}}
    assert world.client.put(f"/apis/{api['id']}", real).status == 200
    assert call(world, "GET", "/mock_turned").body == b"mocked", "published as it was"
    world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api["id"]})
    assert b"/real" in call(world, "GET", "/mock_turned").body
    versions = world.client.get(f"/apis/publish/{api['id']}").json["api_versions"]
    assert world.client.put(f"/apis/publish/{api['id']}", {"version_id": versions[1]["version_id"]}).status == 200
    assert call(world, "GET", "/mock_turned").body == b"mocked"


@pytest.mark.parametrize("change, field", [
    ({"mock_info": None}, "mock_info"), ({"mock_info": {"result_content": "a" * 2049}}, "mock_info.result_content"),
    ({"mock_info": {"authorizer_id": "x"}}, "mock_info.authorizer_id"),
    ({"backend_params": [{"origin": "CONSTANT", "name": "a", "location": "QUERY", "value": "b"}]}, "backend_params"),
    ({"backend_api": {"url_domain": "a.example", "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 1}}, "backend_api"),
    ({"backend_type": "FUNCTION"}, "backend_type"), ({"backend_type": "GRPC"}, "backend_type"),
])
def test_what_a_mock_may_not_say(world, change, field):
    body = {"name": "mock_wrong", "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": "/mock_wrong",
            "auth_type": "NONE", "backend_type": "MOCK", "mock_info": {"result_content": "x"}, **change}
    answer = world.client.post("/apis", body)
    assert answer.status == 400 and f"parameterName:{field}" in answer.message.replace("Name: ", "Name:")
