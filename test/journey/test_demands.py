"""What an API demands of request parameters (huawei.md 4.5, req_params): required, checked, filled in, left out."""
import itertools
import json

import pytest

import wire
from harness.world import HOST, RELEASE, World
from signature_keys import sdk_key, verify

numbers = itertools.count()


@pytest.fixture(scope="module")
def world():
    with World(workers=1) as world:
        yield world


def param(name, location, kind="STRING", **more):
    return {"name": name, "type": kind, "location": location, **more}


def taken(origin, name, location, value):
    return {"origin": origin, "name": name, "location": location, "value": value}


class Demanding:
    """An API whose front path ends with /{id}, and whose request parameters are these."""

    def __init__(self, world, req_params, backend_params=(), path_param=None, auth_type="NONE", **changes):
        self.world, self.path = world, f"/demands-{next(numbers)}"
        definition = {
            "name": self.path[1:], "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": self.path + "/{id}",
            "auth_type": auth_type, "backend_type": "HTTP", "req_params": [path_param or param("id", "PATH"), *req_params],
            "backend_params": list(backend_params),
            "backend_api": {"url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": "/back/{id}",
                            "timeout": 5000}}
        definition.update(changes)
        self.api = world.client.made("/apis", {name: value for name, value in definition.items() if value is not None})
        self.publication = world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": self.api["id"]})["publish_id"]

    def answer(self, query="", segment="7", fields=()):
        with wire.Wire(self.world.nginx.port) as connection:
            connection.send(wire.request("GET", f"{self.path}/{segment}{query}", [("Host", HOST), *fields]))
            return connection.answer()

    def received(self, query="", segment="7", fields=()):
        self.world.backend.take()
        answer = self.answer(query, segment, fields)
        assert answer.status == 200, answer.body
        received, = self.world.backend.take()
        return received

    def refuses(self, name, word, *request, **more):
        self.world.backend.take()
        answer = self.answer(*request, **more)
        assert (answer.status, json.loads(answer.body)["error_code"]) == (400, "APIG.0201"), answer.body
        assert json.loads(answer.body)["error_msg"] == f"API request error: parameter {name} {word}", answer.body
        assert self.world.backend.take() == []
        return True


MISSING, INVALID = "is missing", "has a value that the API does not allow"


def test_required_parameters_have_to_be_there(world):
    api = Demanding(world, [param("page", "QUERY", required=1), param("X-Tenant", "HEADER", required=1), param("size", "QUERY", required=2)])
    tenant = [("x-tenant", "a")]
    assert api.received("?page=1", fields=tenant).target == "/back/7?page=1"
    assert api.received("?p%61ge=", fields=tenant).target == "/back/7?p%61ge=", "empty is not missing"
    assert api.refuses("page", MISSING, fields=tenant) and api.refuses("page", MISSING, "?Page=1&pages=2&=page", fields=tenant)
    assert api.refuses("X-Tenant", MISSING, "?page=1") and api.refuses("X-Tenant", MISSING, "?page=1", fields=[("X-Tenants", "a"), ("X_Tenant", "a")])


def test_values_are_checked_where_valid_enable_says_so(world):
    api = Demanding(world, [param("page", "QUERY", "NUMBER", valid_enable=1, min_num=1, max_num=100),
                            param("q", "QUERY", valid_enable=1, min_size=2, max_size=3),
                            param("colour", "QUERY", valid_enable=1, enumerations="red,light green"),
                            param("X-Level", "HEADER", "NUMBER", valid_enable=1, min_num=-1, max_num=0),
                            param("free", "QUERY", "NUMBER", valid_enable=2, min_num=1, max_num=2)])
    for query in ("", "?page=1", "?page=%31%30%30.0", "?q=%c3%a9%c3%a9", "?q=a+b", "?colour=light+green", "?colour=light%20green", "?free=x", "?other=x"):
        assert api.received(query).target == "/back/7" + query
    assert api.received(fields=[("x-level", "-0.5")])["X-Level"] == "-0.5"
    for query, name in (("?page=0", "page"), ("?page=101", "page"), ("?page=1e1", "page"), ("?page=", "page"), ("?page", "page"), ("?page=one", "page"),
                        ("?q=a", "q"), ("?q=abcd", "q"), ("?q=%ff%ff", "q"), ("?colour=blue", "colour"), ("?colour=red,light%20green", "colour")):
        assert api.refuses(name, INVALID, query)
    assert api.refuses("X-Level", INVALID, fields=[("X-Level", "1")])


def test_nothing_that_a_backend_may_read_goes_unchecked(world):
    api = Demanding(world, [param("page", "QUERY", "NUMBER", valid_enable=1), param("X-Level", "HEADER", "NUMBER", valid_enable=1)])
    for query in ("?page=1&page=x", "?page=x&page=1", "?page=1&p%61ge=x", "?page=1&&page=x"):
        assert api.refuses("page", INVALID, query)
    for fields in ([("X-Level", "1"), ("X-Level", "x")], [("x-LEVEL", "x")]):
        assert api.refuses("X-Level", INVALID, fields=fields)
    assert api.received(fields=[("X_Level", "x"), ("X.Level", "x")]).all("X_Level") == [], "nginx drops other spellings"


def test_parameters_of_the_path_are_checked_as_they_read(world):
    api = Demanding(world, [], path_param=param("id", "PATH", "NUMBER", valid_enable=1, min_num=1, max_num=9))
    assert api.received(segment="%37").target == "/back/%37"
    assert api.refuses("id", INVALID, segment="10") and api.refuses("id", INVALID, segment="x") and api.refuses("id", INVALID, segment="7%20")


def test_zeros_for_both_bounds_are_no_bounds(world):
    """Clients of the vendor send them for what was not set."""
    api = Demanding(world, [param("n", "QUERY", "NUMBER", valid_enable=1, min_num=0, max_num=0),
                            param("q", "QUERY", valid_enable=1, min_size=0, max_size=0),
                            param("up", "QUERY", "NUMBER", valid_enable=1, min_num=5, max_num=0)])
    assert api.received("?n=-40&q=abcdef&up=50").target == "/back/7?n=-40&q=abcdef&up=50"
    assert api.refuses("up", INVALID, "?up=4")


def test_defaults_reach_the_backend(world):
    api = Demanding(world, [param("page", "QUERY", default_value="1 &2"), param("X-Kind", "HEADER", default_value="plain"),
                            param("size", "QUERY", default_value="20"), param("X-From", "HEADER", default_value="nowhere"),
                            param("none", "QUERY", default_value="")],
                    [taken("REQUEST", "X-Size", "HEADER", "size"), taken("REQUEST", "from", "QUERY", "X-From")])
    received = api.received()
    assert received.target == "/back/7?from=nowhere&page=1%20%262"
    assert (received.all("X-Kind"), received.all("X-Size"), received.all("X-From")) == (["plain"], ["20"], [])
    received = api.received("?page=9&page=8&size=5", fields=[("X-Kind", "own"), ("X-From", "here")])
    assert received.target == "/back/7?page=9&page=8&from=here", "what is sent goes on as it came"
    assert (received.all("X-Kind"), received.all("X-Size")) == (["own"], ["5"])
    assert api.received("?page=").target == "/back/7?page=&from=nowhere", "empty is not missing"


def test_a_required_parameter_is_not_filled_in(world):
    api = Demanding(world, [param("page", "QUERY", required=1, default_value="1")])
    assert api.refuses("page", MISSING)


def test_what_does_not_pass_through_is_left_out_unless_it_is_taken(world):
    api = Demanding(world, [param("inner", "QUERY", pass_through=2, required=1), param("X-Inner", "HEADER", pass_through=2),
                            param("kept", "QUERY", pass_through=2)], [taken("REQUEST", "kept", "QUERY", "kept")])
    received = api.received("?inner=1&kept=2&%69nner=3&x=4", fields=[("X-Inner", "1"), ("X_Inner", "2")])
    assert (received.target, received.all("X-Inner"), received.all("X_Inner")) == ("/back/7?kept=2&x=4", [], [])


def test_who_may_not_call_learns_nothing_of_the_demands(world):
    api = Demanding(world, [param("page", "QUERY", required=1)], auth_type="APP")
    app = world.app("Demanded", authorised=False)
    answer = api.answer()
    assert (answer.status, json.loads(answer.body)["error_code"]) == (401, "APIG.0303")
    world.client.made("/app-auths", {"env_id": RELEASE, "app_ids": [app.id], "api_ids": [api.api["id"]]})
    assert world.call(app, path=api.path + "/7").status == 400
    assert world.call(app, path=api.path + "/7?page=1").status == 200


def test_refused_requests_are_not_counted(world):
    api = Demanding(world, [param("page", "QUERY", required=1)])
    throttle = world.client.made("/throttles", {"name": f"Demands_{next(numbers)}", "type": 1, "time_interval": 1, "time_unit": "HOUR", "api_call_limits": 1})
    world.client.made("/throttle-bindings", {"strategy_id": throttle["id"], "publish_ids": [api.publication]})
    assert [api.answer().status for _ in range(3)] == [400, 400, 400]
    assert [api.answer("?page=1").status for _ in range(2)] == [200, 429]


def test_a_mock_demands_as_well(world):
    api = Demanding(world, [param("page", "QUERY", required=1)], backend_type="MOCK", backend_api=None, backend_params=[],
                    mock_info={"result_content": "here"})
    assert api.answer("?page=1").body == b"here" and api.answer().status == 400


def test_the_countersignature_covers_defaults(world):
    api = Demanding(world, [param("page", "QUERY", default_value="1"), param("X-Kind", "HEADER", default_value="plain")])
    sign = world.client.made("/signs", {"name": f"demands_{next(numbers)}", "sign_type": "hmac"})
    world.client.made("/sign-bindings", {"sign_id": sign["id"], "publish_ids": [api.publication]})
    received = api.received("?x=1")
    key = sdk_key("hmac", sign["id"], sign["sign_key"], sign["sign_secret"])
    assert received.target == "/back/7?x=1&page=1" and not isinstance(verify(key, received), str)
    assert isinstance(verify(key, received, target="/back/7?x=1"), str)


def test_fifty_parameters_at_their_longest(world):
    params = [param(f"q{i}" + "q" * 29, "QUERY", valid_enable=1, enumerations="é" * 255, default_value="é" * 255) for i in range(10, 50)]
    params += [param("X" + "-x" * 15, "HEADER", valid_enable=1, enumerations="é" * 512)]
    constants = [taken("CONSTANT", f"c{i}" + "c" * 29, "QUERY", "中" * 255) for i in range(10, 50)]
    api = Demanding(world, params[:40], constants)
    received = api.received()
    assert received.target.count("%C3%A9") == 40 * 255 and received.target.count("%E4%B8%AD") == 40 * 255
    many = "&".join(f"n{i}=1" for i in range(400))
    assert api.refuses(params[3]["name"], INVALID, f"?{many}&{params[3]['name']}=e")


def test_a_parameter_may_stand_in_the_backend_path_several_times(world):
    names = [f"p{i}" for i in range(8)]
    api = Demanding(world, [], [taken("REQUEST", name, "PATH", "id") for name in names],
                    backend_api={"url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "ANY",
                                 "req_uri": "/" + "/".join(f"{{{name}}}" for name in names), "timeout": 5000})
    segment = "s" * 700
    assert api.received(segment=segment).target == ("/" + segment) * 8
    sign = world.client.made("/signs", {"name": f"demands_{next(numbers)}", "sign_type": "hmac"})
    world.client.made("/sign-bindings", {"sign_id": sign["id"], "publish_ids": [api.publication]})
    received = api.received(segment="%c3%a9" * 300)
    assert not isinstance(verify(sdk_key("hmac", sign["id"], sign["sign_key"], sign["sign_secret"]), received), str)
