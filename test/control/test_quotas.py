"""Quotas: parameters of the instance, shown with their use, refused at the limit; instances; tags; and what is not served, which says so."""
import pytest
from api_bodies import make_api, make_group

from harness import openapi
from conftest import new_store
from harness.management import Client, Daemon

RESOURCES = [("API_GROUP_NUM_LIMIT", "/api-groups", "APIG.3101"), ("APP_NUM_LIMIT", "/apps", "APIG.3103"), ("ENVIRONMENT_NUM_LIMIT", "/envs", "APIG.3104"),
             ("SIGN_NUM_LIMIT", "/signs", "APIG.3105"), ("CONSUMER_NUM_LIMIT", "/consumers", "APIG.3940")]


def quotas(client):
    return {one["config_name"]: one for one in client.get("/project/configs", limit=500).json["configs"]}


def set_quota(client, name, value):
    answer = client.put("/project/configs", {"config_name": name, "config_value": value})
    assert answer.status == 200, answer.text
    return answer.json


def test_presets_are_shown(tmp_path):
    daemon = Daemon(tmp_path / "presets", new_store(), presets=True).start()
    try:
        check_presets(daemon.client)
    finally:
        daemon.stop()


def check_presets(client):
    shown = quotas(client)
    assert {name: one["config_value"] for name, one in shown.items()} == {
        "API_GROUP_NUM_LIMIT": "1500", "API_NUM_LIMIT": "0", "API_NUM_LIMIT_PER_GROUP": "1000", "APP_NUM_LIMIT": "50", "ENVIRONMENT_NUM_LIMIT": "10",
        "SIGN_NUM_LIMIT": "30", "APP_CODE_NUM_LIMIT": "5", "CONSUMER_NUM_LIMIT": "0", "THROTTLE_NUM_LIMIT": "300", "ACL_NUM_LIMIT": "100"}
    assert client.post("/envs", {"name": "STAGE"}).status == 201
    assert quotas(client)["ENVIRONMENT_NUM_LIMIT"]["used"] == 2 and "used" not in shown["APP_CODE_NUM_LIMIT"]


@pytest.mark.parametrize("name, path, code", RESOURCES)
def test_a_limit_is_kept_and_can_be_raised(client, name, path, code):
    used = quotas(client)[name]["used"]
    assert set_quota(client, name, used + 1)["config_value"] == str(used + 1)
    kept = client.post(path, {"name": f"Quota_{name}_1"[:60]})
    assert kept.status == 201, kept.text
    assert quotas(client)[name]["used"] == used + 1
    refused = client.post(path, {"name": f"Quota_{name}_2"[:60]})
    assert (refused.status, refused.code) == (403, code) and str(used + 1) in refused.message
    set_quota(client, name, 0)
    assert client.post(path, {"name": f"Quota_{name}_2"[:60]}).status == 201


def test_apis_of_a_group_and_of_all(client):
    group = make_group(client)["id"]
    make_api(client, group)
    for name, limit in (("API_NUM_LIMIT_PER_GROUP", 1), ("API_NUM_LIMIT", quotas(client)["API_NUM_LIMIT"]["used"])):
        set_quota(client, name, limit)
        with pytest.raises(AssertionError, match="APIG.3102"):
            make_api(client, group)
        set_quota(client, name, 0)
    make_api(client, group)


def test_app_codes_of_an_app(client):
    app = client.made("/apps", {"name": "Quota_codes"})["id"]
    set_quota(client, "APP_CODE_NUM_LIMIT", 1)
    assert client.put(f"/apps/{app}/app-codes").status == 201
    assert client.put(f"/apps/{app}/app-codes").code == "APIG.3131"
    set_quota(client, "APP_CODE_NUM_LIMIT", 5)
    assert client.put(f"/apps/{app}/app-codes").status == 201


@pytest.mark.parametrize("body", [{"config_name": "NO_LIMIT", "config_value": 1}, {"config_name": "APP_NUM_LIMIT", "config_value": -1}])
def test_a_quota_follows_its_rules(client, body):
    assert client.put("/project/configs", body).status == 400


def test_instances_are_made_listed_shown_and_renamed(client):
    made = client.signed("POST", client.project, b'{"instance_name":"second-gateway","description":"for partners","region":"north-1"}')
    assert made.status == 202, made.text
    second = Client(client.socket_path, {**client.admin, "instance_id": made.json["instance_id"]})
    shown = second.call("GET", "")
    assert (shown.json["instance_name"], shown.json["description"], shown.json["region"]) == ("second-gateway", "for partners", "north-1")
    listed = client.signed("GET", client.project).json["instances"]
    assert {client.admin["instance_id"], made.json["instance_id"]} <= {one["id"] for one in listed}
    for filters, found in (({"instance_name": "cond-GATE"}, True), ({"instance_name": "other"}, False), ({"status": "Running"}, True),
                           ({"status": "Creating"}, False), ({"instance_id": made.json["instance_id"], "instance_name": "second"}, True)):
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        listed = client.signed("GET", f"{client.project}?{query}").json["instances"]
        assert (made.json["instance_id"] in [one["id"] for one in listed]) is found, filters
    assert second.call("PUT", "", {"instance_name": "renamed"}).json["description"] == "for partners"
    assert second.call("GET", "").json["instance_name"] == "renamed"
    # It is a gateway of its own: RELEASE is there, and nothing of the first one.
    assert [env["name"] for env in second.get("/envs").json["envs"]] == ["RELEASE"]
    app = client.made("/apps", {"name": "Of_the_first"})
    assert second.get(f"/apps/{app['id']}").status == 404
    assert second.post("/apps", {"name": "Of_the_first"}).status == 201


def test_what_a_new_instance_may_hold(client):
    shown = client.signed("GET", client.project.replace("/instances", "/instance/configs") + "?limit=500").json
    assert shown["total"] == shown["size"] == len(shown["configs"])
    values = {one["config_name"]: one["config_value"] for one in shown["configs"]}
    assert (values["SIGN_NUM_LIMIT"], values["APP_NUM_LIMIT"], values["ENVIRONMENT_NUM_LIMIT"], values["APP_CODE_NUM_LIMIT"]) == ("30", "50", "10", "5")
    assert set(values) == {one["config_name"] for one in client.get("/project/configs", limit=500).json["configs"]}


def test_tags_of_all_apis(client):
    group = make_group(client)["id"]
    make_api(client, group, tags=["blue", "amber"])
    make_api(client, group, tags=["blue", "cyan"])
    assert client.get("/tags").json == {"total": 3, "size": 3, "tags": ["amber", "blue", "cyan"]}
    assert client.get("/tags", offset=1, limit=1).json == {"total": 3, "size": 1, "tags": ["blue"]}
    assert client.get("/instance-features").json["features"] == ["app_basic", "app_secret", "app_token", "consumer_header", "public_key"]


def test_counts_of_what_is_there(fresh):
    client = fresh.client
    group = make_group(client)["id"]
    make_group(client)
    api, other = make_api(client, group), make_api(client, group)
    client.made("/apis/action", {"action": "online", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": api["id"]})
    stage = client.made("/envs", {"name": "STAGE"})["id"]
    client.made("/apis/action", {"action": "online", "env_id": stage, "api_id": other["id"]})
    apps = [client.made("/apps", {"name": f"App_{i}"})["id"] for i in range(3)]
    client.made("/app-auths", {"env_id": stage, "app_ids": apps[:2], "api_ids": [api["id"], other["id"]]})
    assert client.get("/resources/outline/groups").json == {"onsell_nums": 2, "offsell_nums": 0}
    assert client.get("/resources/outline/apis").json == {"instance_num": 2, "nums_on_release": 1, "nums_off_release": 1}
    assert client.get("/resources/outline/apps").json == {"authed_nums": 2, "unauthed_nums": 1}


@pytest.mark.parametrize("row", openapi.description()["x-not-served"], ids=lambda row: f"{row['first']}-{row['second']}")
def test_what_is_not_served_says_so(client, row):
    if row["first"] == "instances":
        answer = client.call("DELETE", "")
    else:
        answer = client.post(f"/{row['first']}" + (f"/some-id/{row['second']}" if row["second"] else "/some-id/more"))
    assert (answer.status, answer.code) == (404, "APIG.3941") and row["why"] in answer.message


def test_an_instance_that_holds_nothing_is_removed(client):
    made = client.signed("POST", client.project, b'{"instance_name": "short-lived"}').json["instance_id"]
    other = Client(client.socket_path, {**client.admin, "instance_id": made})
    app, env = other.made("/apps", {"name": "Kept"}), other.made("/envs", {"name": "STAGE"})
    set_quota(other, "APP_NUM_LIMIT", 7)
    for path, words in ((f"/apps/{app['id']}", "apps"), (f"/envs/{env['id']}", "environments")):
        refused = other.delete("")
        assert (refused.status, refused.code) == (409, "APIG.3981") and words in refused.message
        assert other.delete(path).status == 204
    assert other.delete("").status == 204
    assert other.get("").code == other.get("/apps").code == other.delete("").code == "APIG.3030"
    listed = [one["id"] for one in client.signed("GET", client.project).json["instances"]]
    assert made not in listed and client.admin["instance_id"] in listed


def test_the_last_instance_stays(fresh):
    refused = fresh.client.delete("")
    assert (refused.status, refused.code) == (409, "APIG.3982") and fresh.client.get("/envs").status == 200


def test_certificates_of_domains_are_not_offered(client):
    group = make_group(client)["id"]
    domain = client.made(f"/api-groups/{group}/domains", {"url_domain": "certified.example"})["id"]
    refused = client.post(f"/api-groups/{group}/domains/{domain}/certificate", {"name": "x", "cert_content": "x", "private_key": "x"})
    assert (refused.status, refused.code) == (404, "APIG.3941") and "certificates are not managed here" in refused.message
