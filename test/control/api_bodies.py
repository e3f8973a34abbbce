"""Bodies that several test files start from: the smallest that is accepted, to be changed in one place per test."""
import copy
import itertools

RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
_numbers = itertools.count(1)


def unique(prefix):
    return f"{prefix}{next(_numbers)}"


def api_body(group_id, /, **changes):
    """An API body; `changes` by member name, "backend_api.timeout" reaches inwards, None takes a member away."""
    name = unique("api")
    body = {
        "name": name,
        "group_id": group_id,
        "type": 1,
        "req_protocol": "BOTH",
        "req_method": "GET",
        "req_uri": f"/{name}",
        "auth_type": "APP",
        "backend_type": "HTTP",
        "backend_api": {"url_domain": "127.0.0.1:9000", "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 5000},
    }
    for path, value in changes.items():
        put(body, path, value)
    return body


def put(body, path, value):
    *parents, last = path.split(".")
    for parent in parents:
        body = body.setdefault(parent, {})
    if value is None:
        body.pop(last, None)
    else:
        body[last] = copy.deepcopy(value)


def make_group(client):
    return client.made("/api-groups", {"name": unique("group")})


def make_env(client):
    return client.made("/envs", {"name": unique("Env")})


def make_api(client, group_id, /, **changes):
    return client.made("/apis", api_body(group_id, **changes))


def publish(client, api, env_id=RELEASE, action="online", **more):
    answer = client.post("/apis/action", {"action": action, "env_id": env_id, "api_id": api["id"], **more})
    assert answer.status == 201, answer
    return answer.json


def assert_refused(answer, field, rule, status=400, code="APIG.2012"):
    assert (answer.status, answer.code) == (status, code), answer
    assert f"parameterName:{field}. Please refer to the support documentation. The rule: " in answer.message, answer
    assert rule in answer.message, answer
