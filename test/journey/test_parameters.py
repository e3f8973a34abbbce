"""Backend parameters (huawei.md 4.5): moved, renamed, constants, what the gateway knows; written into the request before it is countersigned,
and never over what a caller sends under their names."""
import re

import pytest

import wire
from harness.world import HOST, RELEASE, World
from signature_keys import sdk_key, verify

numbers = iter(range(1_000_000))


@pytest.fixture(scope="module")
def world():
    with World(workers=1) as world:
        yield world


def param(name, location):
    return {"name": name, "type": "STRING", "location": location, "required": 1 if location == "PATH" else 2}


def mapped(origin, name, location, value):
    return {"origin": origin, "name": name, "location": location, "value": value}


class Mapped:
    """An API without proof whose backend parameters are these; its front path ends with /{id}."""

    def __init__(self, world, backend_params, req_params=(), backend_path="/back/{id}", auth_type="NONE"):
        self.world, self.path = world, f"/mapped-{next(numbers)}"
        self.api = world.client.made("/apis", {
            "name": self.path[1:], "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": self.path + "/{id}",
            "auth_type": auth_type, "backend_type": "HTTP", "req_params": [param("id", "PATH"), *req_params], "backend_params": backend_params,
            "backend_api": {"url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": backend_path,
                            "timeout": 5000}})
        self.publication = world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": self.api["id"]})["publish_id"]

    def answer(self, query="", segment="7", **fields):
        with wire.Wire(self.world.nginx.port) as connection:
            connection.send(wire.request("GET", f"{self.path}/{segment}{query}", {"Host": HOST, **fields}))
            return connection.answer()

    def received(self, query="", segment="7", **fields):
        self.world.backend.take()
        answer = self.answer(query, segment, **fields)
        assert answer.status == 200, answer.body
        received, = self.world.backend.take()
        return received


def test_constants_are_written_over_what_a_caller_sends(world):
    api = Mapped(world, [mapped("CONSTANT", "tenant", "QUERY", "a b&c"), mapped("CONSTANT", "X-Tenant", "HEADER", "a b&c")])
    for query, fields in (("", {}), ("?tenant=me&x=1", {"X-Tenant": "me"}), ("?%74enant=me&x=1", {"x_tenant": "me"})):
        received = api.received(query, **fields)
        assert received.target == "/back/7?" + ("x=1&" if query else "") + "tenant=a%20b%26c"
        assert received.all("X-Tenant") == ["a b&c"]


def test_parameters_move_and_take_another_name(world):
    api = Mapped(world, [mapped("REQUEST", "p", "QUERY", "page"), mapped("REQUEST", "X-Size", "HEADER", "size"),
                         mapped("REQUEST", "lang", "QUERY", "X-Lang"), mapped("REQUEST", "X-Number", "HEADER", "id")],
                 [param("page", "QUERY"), param("size", "QUERY"), param("X-Lang", "HEADER")])
    received = api.received("?page=%2b1&keep=k&size=1%200+0", segment="a+b%20c", **{"X-Lang": "d e"})
    assert received.target == "/back/a+b%20c?keep=k&p=%2b1&lang=d%20e"
    assert (received["X-Size"], received["X-Number"], received.all("X-Lang")) == ("1 0 0", "a+b c", [])
    # What is not sent is not made up, and what would pass for it does not get through.
    received = api.received("?p=forged", **{"X-Size": "forged"})
    assert received.target == "/back/7" and received.all("X-Size") == []


def test_the_path_takes_parameters_under_other_names_and_constants(world):
    api = Mapped(world, [mapped("REQUEST", "number", "PATH", "id"), mapped("CONSTANT", "kind", "PATH", "a/b c")],
                 backend_path="/{kind}/x/{number}")
    assert api.received(segment="n%20o").target == "/a%2Fb%20c/x/n%20o"


def test_what_the_gateway_knows(world):
    words = ["sourceIp", "stage", "apiId", "$context.apiName", "requestId", "serverName", "serverAddr", "handleTime", "appId", "$context.appName"]
    api = Mapped(world, [mapped("SYSTEM", f"X-Know-{i}", "HEADER", word) for i, word in enumerate(words)] + [mapped("SYSTEM", "who", "QUERY", "sourceIp")])
    received = api.received("?who=me", **{"X-Know-8": "forged"})
    know = [received.all(f"X-Know-{i}") for i in range(len(words))]
    assert know[:6] == [["127.0.0.1"], ["RELEASE"], [api.api["id"]], [api.path[1:]], [received["X-Request-Id"]], [HOST]]
    assert know[6] == ["127.0.0.1"] and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", know[7][0])
    assert know[8:] == [[], []], "nobody proved who he is"
    assert received.target == "/back/7?who=127.0.0.1"


def test_an_app_is_known_by_id_and_name(world):
    api = Mapped(world, [mapped("SYSTEM", "X-App", "HEADER", "appId"), mapped("SYSTEM", "app", "QUERY", "appName")], auth_type="APP")
    app = world.app("Known_caller", authorised=False)
    world.client.made("/app-auths", {"env_id": RELEASE, "app_ids": [app.id], "api_ids": [api.api["id"]]})
    world.backend.take()
    assert world.call(app, path=api.path + "/7").status == 200
    received, = world.backend.take()
    assert (received["X-App"], received.target) == (app.id, "/back/7?app=Known_caller")


def test_a_credential_does_not_reach_the_backend_under_another_name(world):
    api = Mapped(world, [mapped("REQUEST", "X-Copy", "HEADER", "X-Api-Key"), mapped("REQUEST", "copy", "QUERY", "X-Api-Key")],
                 [param("X-Api-Key", "HEADER")], auth_type="APP")
    consumer = world.client.made("/consumers", {"name": "copied", "api_key": {"source": "HEADER", "name": "X-Api-Key"}})
    world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [consumer["id"]], "api_ids": [api.api["id"]]})
    received = api.received(**{"X-Api-Key": consumer["credentials"][0]["value"]})
    assert (received.target, received.all("X-Copy"), received.all("X-Api-Key")) == ("/back/7", [], [])


def test_a_value_that_no_header_can_hold_is_refused(world):
    api = Mapped(world, [mapped("REQUEST", "X-Page", "HEADER", "page")], [param("page", "QUERY")])
    world.backend.take()
    for value in ("%0d%0aX-Mse-Consumer:%20me", "%7f", "%01"):
        assert api.answer(f"?page={value}").status == 400
    assert world.backend.take() == []


def test_the_countersignature_covers_what_was_written(world):
    api = Mapped(world, [mapped("CONSTANT", "tenant", "QUERY", "t 1"), mapped("CONSTANT", "X-Tenant", "HEADER", "t 1")])
    sign = world.client.made("/signs", {"name": f"mapped_{next(numbers)}", "sign_type": "hmac"})
    world.client.made("/sign-bindings", {"sign_id": sign["id"], "publish_ids": [api.publication]})
    received = api.received("?x=1")
    backend = sdk_key("hmac", sign["id"], sign["sign_key"], sign["sign_secret"])
    assert received.target == "/back/7?x=1&tenant=t%201"
    assert not isinstance(verify(backend, received), str)
    assert isinstance(verify(backend, received, target="/back/7?x=1"), str)


def test_many_long_values_fit(world):
    items = [mapped("CONSTANT", f"c{i}", "QUERY" if i % 2 else "HEADER", "é" * 250) for i in range(20)]
    items += [mapped("REQUEST", f"r{i}", "QUERY", "page") for i in range(25)]
    api = Mapped(world, items, [param("page", "QUERY")])
    sign = world.client.made("/signs", {"name": f"mapped_{next(numbers)}", "sign_type": "hmac"})
    world.client.made("/sign-bindings", {"sign_id": sign["id"], "publish_ids": [api.publication]})
    received = api.received("?page=" + "%20" * 150)
    assert received.target.count("%C3%A9") == 10 * 250 and received.target.count("%20") == 25 * 150
    assert not isinstance(verify(sdk_key("hmac", sign["id"], sign["sign_key"], sign["sign_secret"]), received), str)
