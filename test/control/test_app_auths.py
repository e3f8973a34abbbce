"""Authorising apps for APIs (huawei.md 4.7), and what must not be deleted while it is in use."""
import pytest

from harness.iam import asked, key_client, make_user
from harness.management import Client

RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
NOBODY = "0" * 32


def api_body(group, name, uri, **more):
    return {"name": name, "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": uri, "auth_type": "APP", "group_id": group["id"],
            "backend_type": "HTTP", "backend_api": {"url_domain": "backend.example.com:8080", "req_protocol": "HTTP", "req_method": "GET",
                                                    "req_uri": uri, "timeout": 5000}, **more}


@pytest.fixture(scope="module")
def group(client):
    return client.made("/api-groups", {"name": "Authorised"})


@pytest.fixture(scope="module")
def apis(client, group):
    return [client.made("/apis", api_body(group, f"api_{i}", f"/auth/{i}")) for i in range(3)]


@pytest.fixture(scope="module")
def apps(client):
    return [client.made("/apps", {"name": f"Caller_{i}"}) for i in range(3)]


def publish(client, api, env_id=RELEASE, action="online"):
    answer = client.post("/apis/action", {"action": action, "env_id": env_id, "api_id": api["id"]})
    assert answer.status == 201, answer
    return answer.json


def authorise(client, apps, apis, env_id=RELEASE):
    return client.post("/app-auths", {"env_id": env_id, "app_ids": [a["id"] for a in apps], "api_ids": [a["id"] for a in apis]})


def test_authorise_list_cancel(client, group, apis, apps):
    published = publish(client, apis[0])
    answer = authorise(client, apps[:2], apis[:1])
    assert answer.status == 201
    auths = answer.json["auths"]
    assert [(a["app_id"], a["api_id"], a["auth_result"]["status"]) for a in auths] == [(app["id"], apis[0]["id"], "SUCCESS") for app in apps[:2]]
    assert auths[0]["auth_result"] == {"status": "SUCCESS", "api_name": "api_0", "app_name": "Caller_0"}
    assert (auths[0]["auth_role"], auths[0]["auth_tunnel"]) == ("PROVIDER", "NORMAL")

    again = authorise(client, apps[:1], apis[:2]).json["auths"]
    assert [a["auth_result"]["status"] for a in again] == ["SKIPPED", "SUCCESS"] and again[0]["id"] == auths[0]["id"]

    of_app = client.get("/app-auths/binded-apis", app_id=apps[0]["id"]).json
    assert of_app["total"] == of_app["size"] == 2
    shown = next(a for a in of_app["auths"] if a["api_id"] == apis[0]["id"])
    assert (shown["api_name"], shown["group_name"], shown["group_id"]) == ("api_0", "Authorised", group["id"])
    assert (shown["env_name"], shown["publish_id"], shown["app_name"]) == ("RELEASE", published["publish_id"], "Caller_0")
    assert client.get("/app-auths/binded-apis", app_id=apps[0]["id"], api_id=apis[1]["id"]).json["total"] == 1
    assert client.get("/app-auths/binded-apis", app_id=apps[0]["id"], env_id=NOBODY).json["total"] == 0
    assert {a["app_id"] for a in client.get("/app-auths/binded-apps", api_id=apis[0]["id"]).json["auths"]} == {a["id"] for a in apps[:2]}
    assert next(a for a in client.get("/apps", name="Caller_").json["apps"] if a["id"] == apps[0]["id"])["bind_num"] == 2

    assert client.delete(f"/app-auths/{auths[0]['id']}").status == 204
    answer = client.delete(f"/app-auths/{auths[0]['id']}")
    assert (answer.status, answer.code) == (404, "APIG.3009")
    assert [a["api_id"] for a in client.get("/app-auths/binded-apis", app_id=apps[0]["id"]).json["auths"]] == [apis[1]["id"]]


def test_what_an_app_is_not_authorised_for(client, group, apps):
    open_api = client.made("/apis", api_body(group, "open_to_all", "/open", auth_type="NONE"))
    one = client.made("/apis", api_body(group, "unbound_1", "/unbound/1"))
    two = client.made("/apis", api_body(group, "unbound_2", "/unbound/2"))
    hidden = client.made("/apis", api_body(group, "unpublished", "/unpublished"))
    for api in (open_api, one, two):
        publish(client, api)
    assert authorise(client, apps[2:], [one]).status == 201
    listed = client.get("/app-auths/unbinded-apis", app_id=apps[2]["id"], env_id=RELEASE, limit=500).json["apis"]
    ids = {item["id"] for item in listed}
    assert two["id"] in ids and not ids & {one["id"], open_api["id"], hidden["id"]}
    item = next(i for i in listed if i["id"] == two["id"])
    assert (item["name"], item["auth_type"], item["run_env_name"], item["req_uri"], item["group_name"]) == \
        ("unbound_2", "APP", "RELEASE", "/unbound/2", "Authorised")


@pytest.mark.parametrize("change, code", [
    ({"app_ids": [NOBODY]}, "APIG.3004"), ({"api_ids": [NOBODY]}, "APIG.3002"), ({"env_id": NOBODY}, "APIG.3003"),
])
def test_everything_named_must_exist(client, apis, apps, change, code):
    known = {"env_id": RELEASE, "app_ids": [apps[2]["id"]], "api_ids": [apis[2]["id"]]}
    for name, value in change.items():
        known[name] = known[name] + value if isinstance(value, list) else value
    answer = client.post("/app-auths", known)
    assert (answer.status, answer.code) == (404, code)
    assert client.get("/app-auths/binded-apps", api_id=apis[2]["id"]).json["total"] == 0, "nothing is half authorised"


@pytest.mark.parametrize("body, code, field", [
    ({}, "APIG.2001", "env_id"), ({"env_id": RELEASE}, "APIG.2001", "app_ids"), ({"env_id": RELEASE, "app_ids": ["x"]}, "APIG.2001", "api_ids"),
    ({"env_id": RELEASE, "app_ids": "x", "api_ids": []}, "APIG.2012", "app_ids"),
    ({"env_id": RELEASE, "app_ids": ["a", ""], "api_ids": []}, "APIG.2012", "app_ids[1]"),
    ({"env_id": RELEASE, "app_ids": ["a", 5], "api_ids": []}, "APIG.2012", "app_ids[1]"),
    ({"env_id": RELEASE, "app_ids": ["x"] * 1001, "api_ids": []}, "APIG.2012", "app_ids"),
    ({"env_id": RELEASE, "app_ids": ["x"] * 101, "api_ids": ["x"] * 100}, "APIG.2012", "api_ids"),
])
def test_a_bad_body_names_its_field(client, body, code, field):
    answer = client.post("/app-auths", body)
    assert (answer.status, answer.code) == (400, code)
    assert f"parameterName:{field}." in answer.message


@pytest.mark.parametrize("path, query, code", [
    ("/app-auths/binded-apis", {}, "APIG.2001"), ("/app-auths/binded-apps", {}, "APIG.2001"), ("/app-auths/unbinded-apis", {}, "APIG.2001"),
    ("/app-auths/unbinded-apis", {"app_id": NOBODY}, "APIG.2001"), ("/app-auths/binded-apis", {"app_id": NOBODY}, "APIG.3004"),
    ("/app-auths/binded-apps", {"api_id": NOBODY}, "APIG.3002"),
])
def test_lists_of_nothing(client, path, query, code):
    assert client.get(path, **query).code == code


def test_a_deleted_app_takes_its_authorisations_along(client, apis):
    app = client.made("/apps", {"name": "Leaving"})
    auth = authorise(client, [app], apis).json["auths"][0]
    assert client.delete(f"/apps/{app['id']}").status == 204
    assert client.delete(f"/app-auths/{auth['id']}").code == "APIG.3009"
    assert all(a["app_id"] != app["id"] for api in apis for a in client.get("/app-auths/binded-apps", api_id=api["id"]).json["auths"])


def test_a_group_with_apis_stays(client, group, apis):
    answer = client.delete(f"/api-groups/{group['id']}")
    assert (answer.status, answer.code) == (403, "APIG.3415")
    assert client.get(f"/api-groups/{group['id']}").status == 200


def test_an_environment_with_published_apis_stays(client, apis, apps):
    env = client.made("/envs", {"name": "InUse"})
    publish(client, apis[1], env["id"])
    auth = authorise(client, apps[:1], apis[1:2], env["id"]).json["auths"][0]
    answer = client.delete(f"/envs/{env['id']}")
    assert (answer.status, answer.code) == (403, "APIG.3418")
    assert client.put(f"/envs/{env['id']}", {"name": "StillInUse"}).status == 200
    publish(client, apis[1], env["id"], "offline")
    assert client.delete(f"/envs/{env['id']}").status == 204
    assert client.delete(f"/app-auths/{auth['id']}").code == "APIG.3009", "its authorisations went with it"


def test_an_app_of_another_user_is_authorised_by_its_id(client, apis):
    owner = key_client(client, make_user(client, "has_the_app", [{"role": "app_owner"}])["id"])
    other = key_client(client, make_user(client, "has_the_api", [{"role": "operator"}])["id"])
    reader = key_client(client, make_user(client, "only_reads", [{"role": "auditor"}])["id"])
    app = owner.made("/apps", {"name": "Of_another_user"})
    refused = authorise(reader, [app], apis[:1])
    assert (refused.status, refused.code) == (403, "APIG.1020")
    made = authorise(other, [app], apis[:1]).json["auths"][0]
    assert made["auth_result"]["status"] == "SUCCESS"
    assert [auth["id"] for auth in owner.get("/app-auths/binded-apis", app_id=app["id"]).json["auths"]] == [made["id"]]
    assert owner.delete(f"/app-auths/{made['id']}").status == 204


def test_an_app_of_another_project_is_not_there(client, apis, apps):
    project = asked(client, "POST", "/v3/projects", {"project": {"name": "region_of_others", "domain_id": client.admin["domain_id"]}}).json["project"]["id"]
    made = asked(client, "POST", f"/v2/{project}/apigw/instances", {"instance_name": "of_others"})
    assert made.status == 202, made
    there = Client(client.socket_path, {**client.admin, "project_id": project, "instance_id": made.json["instance_id"]})
    foreign = there.made("/apps", {"name": "Foreign"})
    api = there.made("/apis", api_body(there.made("/api-groups", {"name": "Foreign"}), "foreign", "/foreign"))
    for here, app, its_api, code in ((client, foreign, apis[0], "APIG.3004"), (there, apps[0], api, "APIG.3004"), (client, apps[0], api, "APIG.3002")):
        answer = authorise(here, [app], [its_api])
        assert (answer.status, answer.code) == (404, code)
    assert authorise(there, [foreign], [api]).json["auths"][0]["auth_result"]["status"] == "SUCCESS"
