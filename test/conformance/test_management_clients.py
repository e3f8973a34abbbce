"""The management API as the vendor's clients of other languages drive it: ten calls each, over everything that stands between nothing and a
published API, and their typed errors."""
import json
import subprocess

from clients import run_node
from conftest import RELEASE, unique
from token_issuers import GO, GO_ENVIRONMENT, PROGRAM

JSON = {"content-type": "application/json"}


def endpoint(product):
    return {"endpoint": f"http://127.0.0.1:{product.ports.management}", "ak": product.admin.access, "sk": product.admin.secret,
            "projectId": product.admin.project_id}


def node(product, calls):
    return run_node("management.js", {**endpoint(product), "calls": calls})


def test_ten_calls_of_the_node_core_client(product):
    base = f"/v2/{product.admin.project_id}/apigw/instances/{product.admin.instance_id}"
    name = unique("node")

    def call(method, path, data=None, query=None):
        return {"method": method, "url": base + path, "queryParams": query or {}, "headers": JSON if data else {}, **({"data": data} if data else {})}
    api = {"name": name, "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/" + name, "auth_type": "APP", "backend_type": "HTTP", "group_id": "$0.id",
           "backend_api": {"url_domain": "127.0.0.1:9", "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 1000}}
    answers = node(product, [
        call("POST", "/api-groups", {"name": name, "remark": "made by the core client"}),
        call("POST", "/apis", api),
        call("POST", "/apis/action", {"action": "online", "env_id": RELEASE, "api_id": "$1.id"}),
        call("POST", "/apps", {"name": name}),
        call("POST", "/app-auths", {"env_id": RELEASE, "app_ids": ["$3.id"], "api_ids": ["$1.id"]}),
        call("GET", "/apis/$1.id"),
        call("GET", "/apps", query={"name": name, "precise_search": "name"}),
        call("PUT", "/api-groups/$0.id", {"name": name, "remark": "changed"}),
        call("DELETE", "/apis/$1.id"),
        call("POST", "/apis/action", {"action": "offline", "env_id": RELEASE, "api_id": "$1.id"}),
        call("DELETE", "/apps/$3.id"),
        call("DELETE", "/apis/$1.id"),
        call("GET", "/apis/$1.id"),
    ])
    assert [answer["status"] for answer in answers] == [201, 201, 201, 201, 201, 200, 200, 200, 403, 201, 204, 204, 404], answers
    group, made, _, app, auths, shown, listed, changed, refused, _, _, _, gone = answers
    assert auths["body"]["auths"][0]["auth_result"]["status"] == "SUCCESS" and shown["body"]["group_id"] == group["body"]["id"]
    assert {member: shown["body"][member] for member in api if member not in ("group_id", "backend_api")} == \
           {member: made["body"][member] for member in api if member not in ("group_id", "backend_api")}
    assert [one["id"] for one in listed["body"]["apps"]] == [app["body"]["id"]] and changed["body"]["remark"] == "changed"
    assert refused["error"]["code"] == "APIG.3416" and "has been published" in refused["error"]["message"]
    assert gone["error"]["code"] == "APIG.3002" and made["body"]["id"] in gone["error"]["message"]


def test_the_sdk_for_go(product):
    """More than ten calls of huaweicloud-sdk-go-v3, in one program."""
    name = unique("go")
    order = {"Endpoint": endpoint(product)["endpoint"], "Ak": product.admin.access, "Sk": product.admin.secret, "ProjectId": product.admin.project_id,
             "InstanceId": product.admin.instance_id, "Name": name}
    done = subprocess.run([PROGRAM, "run", "./management"], cwd=GO, input=json.dumps(order), capture_output=True, text=True, timeout=300, env=GO_ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    refused = {"DeleteApiV2 while published": (403, "APIG.3416", "has been published"), "ShowDetailsOfApiV2 when gone": (404, "APIG.3002", "does not exist")}
    assert len({result["call"] for result in results if result["ok"]}) >= 10
    for result in results:
        if result["call"] not in refused:
            assert result["ok"], result
            continue
        status, code, says = refused[result["call"]]
        assert (result["status"], result["code"]) == (status, code) and says in result["message"], result
    values = {result["call"]: result.get("value") for result in results}
    assert values["ShowDetailsOfApiV2"] == name and values["ListAppsV2"] == values["CreateAnAppV2"] and values["ListApiGroupsV2"] == values["CreateApiGroupV2"]
