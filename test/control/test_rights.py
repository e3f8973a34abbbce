"""Every route of the table with no role, too little, and enough; and that no id of another project or instance works anywhere."""
import json

import pytest

from harness.iam import asked, key_client, make_user
from harness.management import Client, routes_with_rights
from harness.stored import change, rows
from test_authentication import OPEN

# Which right each role gives (src/control/rights.c); rights on users count only for the whole domain.
GIVEN = {
    "administrator": {"read", "write", "write_apis", "write_apps", "read_audit", "read_users", "write_users", "call"},
    "operator": {"read", "write", "write_apis", "write_apps", "call"},
    "auditor": {"read", "read_audit", "read_users"},
    "api_owner": {"read", "write_apis", "call"},
    "app_owner": {"read", "write_apps"},
    "api_caller": {"call"},
}
SELF = {"read_self", "write_self", "anyone"}
FORBIDDEN = {"APIG.1020", "IAM.0003"}
TABLE = routes_with_rights()
OTHER_PROJECT, OTHER_INSTANCE = "a" * 31 + "1", "a" * 31 + "2"


def call(client, method, pattern, other="0" * 32):
    known = {"{project_id}": client.admin["project_id"], "{instance_id}": client.admin["instance_id"]}
    target = "/".join(known.get(part, other) if part.startswith("{") else part for part in pattern.split("/"))
    return client.signed(method, target, b"{}" if method in ("POST", "PUT", "PATCH") else b"")


def outcome(client, method, pattern):
    answer = call(client, method, pattern)
    assert answer.status < 500, (method, pattern, answer)
    if method == "HEAD":
        return "let in" if answer.status != 403 else "forbidden"
    return answer.code if answer.status in (401, 403) else "let in"


@pytest.fixture(scope="module")
def people(client):
    """A client per role, of the whole domain."""
    return {role: key_client(client, make_user(client, "the_" + role, [{"role": role}])["id"]) for role in GIVEN}


@pytest.mark.parametrize("role", GIVEN)
def test_each_role_may_what_the_table_says(people, role):
    wrong = []
    for method, pattern, right in TABLE:
        if right in SELF:
            continue
        got = outcome(people[role], method, pattern)
        if (got in FORBIDDEN) != (right not in GIVEN[role]):
            wrong.append((method, pattern, right, got))
    assert wrong == []


def test_nobody_may_nothing(client):
    nobody = key_client(client, make_user(client, "nobody", [])["id"])
    for method, pattern, right in TABLE:
        if right in SELF and "{project_id}" not in pattern:
            continue
        got = outcome(nobody, method, pattern)
        assert got in FORBIDDEN | {"APIG.1005"}, (method, pattern, got)
    assert asked(nobody, "GET", "/v3/auth/projects").json["projects"] == []


def test_an_administrator_of_a_project_manages_no_users(client):
    role = {"role": "administrator", "project_id": client.admin["project_id"]}
    one = key_client(client, make_user(client, "of_project", [role])["id"])
    for method, pattern, right in TABLE:
        if right not in SELF:
            assert (outcome(one, method, pattern) in FORBIDDEN) == (right in {"read_users", "write_users"}), (method, pattern)


def test_every_route_names_a_right():
    assert {right for _, _, right in TABLE} <= set().union(*GIVEN.values()) | SELF
    assert {(method, path) for method, path, right in TABLE if right == "anyone"} == OPEN
    assert all(right.startswith("read") or right == "anyone" for method, _, right in TABLE if method in ("GET", "HEAD"))


@pytest.fixture(scope="module")
def world(daemon, client):
    """Beside the first project another one with an instance, each with one of everything: (own, foreign), each a client and its ids."""
    change(daemon, f"INSERT INTO iam_project (id, domain_id, name, description, create_time) VALUES ('{OTHER_PROJECT}', "
                   f"'{client.admin['domain_id']}', 'other', '', 1)")
    names = "SELECT name FROM pragma_table_info('instance')" if daemon.store is None else \
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'instance'"
    columns = [row[0] for row in rows(daemon, names)]
    copied = [{"id": f"'{OTHER_INSTANCE}'", "project_id": f"'{OTHER_PROJECT}'"}.get(name, name) for name in columns]
    change(daemon, f"INSERT INTO instance ({', '.join(columns)}) SELECT {', '.join(copied)} FROM instance "
                   f"WHERE id = '{client.admin['instance_id']}'")
    change(daemon, f"INSERT INTO env (id, instance_id, name, remark, create_time) VALUES "
                   f"('{OTHER_INSTANCE}/DEFAULT_ENVIRONMENT_RELEASE_ID', '{OTHER_INSTANCE}', 'RELEASE', '', 1)")
    place = {"project_id": OTHER_PROJECT, "instance_id": OTHER_INSTANCE}
    own = key_client(client, make_user(client, "own", [{"role": "administrator", "project_id": client.admin["project_id"]}])["id"])
    foreign = key_client(client, make_user(client, "foreign", [{"role": "administrator", "project_id": OTHER_PROJECT}])["id"], **place)
    return own, furnish(foreign)


def furnish(client, name="Foreign"):
    ids = {"group": client.made("/api-groups", {"name": name})["id"], "env": client.made("/envs", {"name": name})["id"],
           "app": client.made("/apps", {"name": name})["id"], "consumer": client.made("/consumers", {"name": name})["id"],
           "sign": client.made("/signs", {"name": name})["id"]}
    body = {"name": name, "type": 1, "group_id": ids["group"], "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/f",
            "auth_type": "APP", "backend_type": "HTTP",
            "backend_api": {"url_domain": "127.0.0.1:9", "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/f", "timeout": 1000}}
    ids["api"] = client.made("/apis", body)["id"]
    published = client.made("/apis/action", {"action": "online", "env_id": ids["env"], "api_id": ids["api"]})
    ids["publication"], ids["version"] = published["publish_id"], published["version_id"]
    ids["auth"] = client.made("/app-auths", {"env_id": ids["env"], "app_ids": [ids["app"]], "api_ids": [ids["api"]]})["auths"][0]["id"]
    ids["throttle"] = client.made("/throttles", {"name": name, "time_unit": "SECOND", "time_interval": 1, "api_call_limits": 9})["id"]
    ids["acl"] = client.made("/acls", {"acl_name": name, "acl_type": "DENY", "entity_type": "IP", "acl_value": "192.0.2.1"})["id"]
    ids["throttle_binding"] = client.made("/throttle-bindings", {"strategy_id": ids["throttle"], "publish_ids": [ids["publication"]]})["throttle_applys"][0]["id"]
    ids["acl_binding"] = client.made("/acl-bindings", {"acl_id": ids["acl"], "publish_ids": [ids["publication"]]})["acl_bindings"][0]["id"]
    ids["binding"] = client.made("/sign-bindings", {"sign_id": ids["sign"], "publish_ids": [ids["publication"]]})["bindings"][0]["id"]
    return client, ids


def test_another_project_is_not_there(world):
    own, (foreign, _) = world
    theirs = Client(own.socket_path, {**own.admin, "project_id": OTHER_PROJECT, "instance_id": OTHER_INSTANCE})
    assert theirs.get("/envs").code == "APIG.1005"
    mixed = Client(own.socket_path, {**own.admin, "instance_id": OTHER_INSTANCE})
    assert mixed.get("/envs").code == "APIG.3030"
    listed = asked(own, "GET", own.project).json["instances"]
    assert [instance["id"] for instance in listed] == [own.admin["instance_id"]]


def test_no_foreign_id_in_a_path(world):
    """Every route with an id behind the instance, with every foreign id in its place: nothing is found, and nothing changes."""
    own, (foreign, ids) = world
    before = {name: foreign.get(path).text for name, path in (("apps", "/apps"), ("apis", "/apis"), ("signs", "/signs"), ("envs", "/envs"))}
    under = "/v2/{project_id}/apigw/instances/{instance_id}/"
    for method, pattern, right in TABLE:
        if right in SELF or not pattern.startswith(under) or "{" not in pattern.removeprefix(under):
            continue
        for name, other in ids.items():
            answer = call(own, method, pattern, other)
            empty = answer.status == 200 and answer.json.get("total") == 0
            assert answer.status in (400, 404, 412) or empty or answer.code == "APIG.3962", (method, pattern, name, answer)
            assert "Foreign" not in answer.text
    assert {name: foreign.get("/" + name).text for name in before} == before


@pytest.mark.parametrize("path, query", [
    ("/apps", {"id": "app"}), ("/api-groups", {"id": "group"}), ("/apis", {"group_id": "group"}), ("/apis", {"id": "api"}),
    ("/signs", {"id": "sign"}), ("/sign-bindings/binded-apis", {"sign_id": "sign"}), ("/sign-bindings/binded-signs", {"api_id": "api"}),
    ("/sign-bindings/unbinded-apis", {"sign_id": "sign"}), ("/app-auths/binded-apis", {"app_id": "app"}),
    ("/throttles", {"id": "throttle"}), ("/throttle-bindings/binded-apis", {"throttle_id": "throttle"}), ("/throttle-bindings/binded-throttles", {"api_id": "api"}),
    ("/acls", {"id": "acl"}), ("/acl-bindings/binded-apis", {"acl_id": "acl"}), ("/acl-bindings/binded-acls", {"api_id": "api"}),
    ("/consumer-auths", {"api_id": "api"}), ("/consumer-auths", {"consumer_id": "consumer"}), ("/refused-requests", {"api_id": "api"}),
    ("/app-auths/binded-apps", {"api_id": "api"}), ("/app-auths/unbinded-apis", {"app_id": "app", "env_id": "env"}),
])
def test_no_foreign_id_in_a_query(world, path, query):
    own, (_, ids) = world
    answer = own.get(path, **{name: ids[of] for name, of in query.items()})
    assert answer.status in (400, 404) or answer.json["total"] == 0, answer
    assert "Foreign" not in answer.text


def test_no_foreign_id_in_a_body(world):
    own, (_, ids) = world
    app = own.made("/apps", {"name": "Own"})["id"]
    sign = own.made("/signs", {"name": "Own"})["id"]
    _, mine = furnish(own, "Mine")
    release = "DEFAULT_ENVIRONMENT_RELEASE_ID"
    attempts = [
        ("POST", "/apis/action", {"action": "online", "env_id": release, "api_id": ids["api"]}),
        ("POST", "/apis/publish?action=online", {"env_id": release, "group_id": ids["group"]}),
        ("POST", "/apis/publish?action=online", {"env_id": release, "apis": [ids["api"]]}),
        ("POST", "/app-auths", {"env_id": release, "app_ids": [app], "api_ids": [ids["api"]]}),
        ("POST", "/app-auths", {"env_id": release, "app_ids": [ids["app"]], "api_ids": [ids["api"]]}),
        ("POST", "/app-auths", {"env_id": ids["env"], "app_ids": [app], "api_ids": [ids["api"]]}),
        ("POST", "/sign-bindings", {"sign_id": sign, "publish_ids": [ids["publication"]]}),
        ("POST", "/sign-bindings", {"sign_id": ids["sign"], "publish_ids": [ids["publication"]]}),
        ("PUT", "/sign-bindings?action=delete", {"sign_bindings": [ids["binding"]]}),
        ("POST", "/consumer-auths", {"env_id": release, "consumer_ids": [ids["consumer"]], "api_ids": [mine["api"]]}),
        ("POST", "/consumer-auths", {"env_id": release, "consumer_ids": [mine["consumer"]], "api_ids": [ids["api"]]}),
        ("POST", "/throttle-bindings", {"strategy_id": mine["throttle"], "publish_ids": [ids["publication"]]}),
        ("POST", "/throttle-bindings", {"strategy_id": ids["throttle"], "publish_ids": [mine["publication"]]}),
        ("PUT", "/throttle-bindings?action=delete", {"throttle_bindings": [ids["throttle_binding"]]}),
        ("POST", f"/throttles/{mine['throttle']}/throttle-specials", {"object_type": "APP", "object_id": ids["app"], "call_limits": 1}),
        ("POST", f"/throttles/{mine['throttle']}/throttle-specials", {"object_type": "CONSUMER", "object_id": ids["consumer"], "call_limits": 1}),
        ("POST", "/acl-bindings", {"acl_id": mine["acl"], "publish_ids": [ids["publication"]]}),
        ("POST", "/acl-bindings", {"acl_id": ids["acl"], "publish_ids": [mine["publication"]]}),
        ("PUT", "/acl-bindings?action=delete", {"acl_bindings": [ids["acl_binding"]]}),
        ("PUT", "/acls?action=delete", {"acls": [ids["acl"]]}),
        ("PUT", f"/apis/publish/{mine['api']}", {"version_id": ids["version"]}),
        ("POST", f"/apis/{mine['api']}/try", {"env_id": ids["env"]}),
    ]
    for method, path, body in attempts:
        answer = own.signed(method, own.base + path, json.dumps(body).encode())
        nothing = answer.status < 300 and not answer.json.get("success") and not answer.json.get("success_count") and \
            all(item["auth_result"]["status"] == "FAILED" for item in answer.json.get("auths", []))
        assert answer.status in (400, 404) or nothing, (method, path, body, answer)
    assert own.get("/sign-bindings/binded-apis", sign_id=sign).json["total"] == 0


def test_a_role_in_one_instance(client, world):
    role = {"role": "operator", "project_id": client.admin["project_id"], "instance_id": client.admin["instance_id"]}
    one = key_client(client, make_user(client, "of_instance", [role])["id"])
    assert one.post("/envs", {"name": "Instance_role"}).status == 201
    assert [instance["id"] for instance in asked(one, "GET", one.project).json["instances"]] == [client.admin["instance_id"]]
    assert one.signed("GET", f"/v2/{client.admin['project_id']}/apigw/audits").status == 403, "what is of the whole project is not his"
    elsewhere = {"role": "operator", "project_id": OTHER_PROJECT, "instance_id": OTHER_INSTANCE}
    other = key_client(client, make_user(client, "of_other", [elsewhere])["id"], project_id=OTHER_PROJECT, instance_id=OTHER_INSTANCE)
    assert other.get("/envs").status == 200
    beside = {"role": "operator", "project_id": client.admin["project_id"], "instance_id": client.admin["instance_id"]}
    assert asked(client, "POST", f"/v2/{client.admin['project_id']}/apigw/users",
                 {"name": "mixed", "roles": [{**beside, "instance_id": OTHER_INSTANCE}]}).code == "APIG.3030"
    assert Client(client.socket_path, {**other.admin, "project_id": client.admin["project_id"]}).get("/envs").code == "APIG.1005"
