"""Access keys of users: permanent ones, at most two, and temporary ones with their security token (huawei.md 5)."""
import datetime
import json

import pytest

from harness.iam import asked, key_client, make_user, project_path, token_client
from harness.management import Client
from harness.stored import change, everything

VENDOR = "/v3.0/OS-CREDENTIAL/credentials"


@pytest.fixture(scope="module")
def user(client):
    return make_user(client, "keeper", [{"role": "operator"}])


@pytest.fixture(scope="module")
def token(client):
    return token_client(client)


def temporary(client, seconds=None, **identity):
    token = {} if seconds is None else {"token": {"duration_seconds": seconds}}
    return asked(client, "POST", "/v3.0/OS-CREDENTIAL/securitytokens", {"auth": {"identity": {"methods": ["token"], **token, **identity}}})


def holder(client, credential, **admin):
    return Client(client.socket_path, {**client.admin, "access": credential["access"], "secret": credential["secret"], **admin})


def test_a_pair_is_shown_once_and_opens(client):
    one = make_user(client, "one_key", [{"role": "operator"}])
    keys = project_path(client, f"/users/{one['id']}/access-keys")
    made = asked(client, "POST", keys, {"description": "for the pipeline"}).json
    assert len(made["access"]) == 20 and len(made["secret"]) == 40 and made["status"] == "active" and made["user_id"] == one["id"]
    assert holder(client, made).get("/envs").status == 200
    listed = asked(client, "GET", keys).json
    assert listed["total"] == 1 and listed["access_keys"][0]["description"] == "for the pipeline" and made["secret"] not in str(listed)
    assert asked(client, "PUT", f"{keys}/{made['access']}", {"enabled": False}).json["status"] == "inactive"
    assert holder(client, made).get("/envs").status == 401
    assert asked(client, "PUT", f"{keys}/{made['access']}", {"enabled": True}).json["description"] == "for the pipeline"
    assert holder(client, made).get("/envs").status == 200
    assert asked(client, "DELETE", f"{keys}/{made['access']}").status == 204
    assert holder(client, made).get("/envs").status == 401
    assert asked(client, "DELETE", f"{keys}/{made['access']}").status == 404


def test_two_and_no_more(client):
    two = make_user(client, "two_keys", [{"role": "operator"}])
    key_client(client, two["id"])
    key_client(client, two["id"])
    answer = asked(client, "POST", VENDOR, {"credential": {"user_id": two["id"]}})
    assert answer.status == 400 and answer.json["error"]["message"].startswith("akSkNumExceed")


def test_the_vendors_way(client):
    own = make_user(client, "vendor_way", [{"role": "operator"}])
    made = asked(client, "POST", VENDOR, {"credential": {"user_id": own["id"], "description": "d"}})
    assert made.status == 201
    credential = made.json["credential"]
    assert set(credential) >= {"access", "secret", "status", "user_id", "description", "create_time"} and credential["status"] == "active"
    shown = asked(client, "GET", f"{VENDOR}/{credential['access']}").json["credential"]
    assert "secret" not in shown and shown["access"] == credential["access"]
    assert [c["access"] for c in asked(client, "GET", f"{VENDOR}?user_id={own['id']}").json["credentials"]] == [credential["access"]]
    changed = asked(client, "PUT", f"{VENDOR}/{credential['access']}", {"credential": {"status": "inactive"}}).json["credential"]
    assert changed["status"] == "inactive" and changed["description"] == "d"
    assert holder(client, credential).get("/envs").status == 401
    assert asked(client, "DELETE", f"{VENDOR}/{credential['access']}").status == 204
    assert asked(client, "GET", f"{VENDOR}/{credential['access']}").status == 404


def test_others_keys_are_not_ones_own(client, user):
    stranger = key_client(client, make_user(client, "stranger", [{"role": "operator"}])["id"])
    theirs = asked(client, "POST", VENDOR, {"credential": {"user_id": user["id"]}}).json["credential"]["access"]
    for method, target, body in (("GET", f"{VENDOR}/{theirs}", None), ("DELETE", f"{VENDOR}/{theirs}", None),
                                 ("PUT", f"{VENDOR}/{theirs}", {"credential": {"status": "inactive"}}),
                                 ("POST", VENDOR, {"credential": {"user_id": user["id"]}}), ("GET", f"{VENDOR}?user_id={user['id']}", None),
                                 ("GET", project_path(client, f"/users/{user['id']}/access-keys"), None)):
        assert asked(stranger, method, target, body).status == 403
    own = asked(stranger, "GET", VENDOR).json["credentials"]
    assert [key["access"] for key in own] == [stranger.admin["access"]]
    path = project_path(client, f"/users/{stranger.admin['user_id']}/access-keys/{theirs}")
    assert asked(client, "DELETE", path).status == 404, "of another user than the path says"


def test_a_temporary_key_counts_with_its_token_only(client, token):
    credential = temporary(token).json["credential"]
    ends = datetime.datetime.fromisoformat(credential["expires_at"].replace("Z", "+00:00"))
    left = ends - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(seconds=800) < left <= datetime.timedelta(seconds=900)
    other = temporary(token, 86400).json["credential"]
    one = holder(client, credential)

    def status(security_token):
        headers = {} if security_token is None else {"X-Security-Token": security_token}
        return one.signed("GET", one.base + "/envs", headers=headers).status
    assert status(credential["securitytoken"]) == 200
    assert [status(text) for text in (None, "", "x", other["securitytoken"], token.token)] == [401] * 5
    assert client.signed("GET", client.base + "/envs", headers={"X-Security-Token": "whatever"}).status == 200, "a permanent key needs none"
    wrong = holder(client, {**credential, "secret": other["secret"]})
    assert wrong.signed("GET", wrong.base + "/envs", headers={"X-Security-Token": credential["securitytoken"]}).status == 401


@pytest.mark.parametrize("seconds", [899, 0, -1, 86401, "900"])
def test_a_life_out_of_range(token, seconds):
    answer = temporary(token, seconds)
    assert answer.status == 400 and "900 to 86400" in answer.message


def test_what_is_not_offered_is_refused(token):
    assert temporary(token, policy={"Version": "1.1", "Statement": []}).status == 400
    assert temporary(token, methods=["assume_role"]).status == 400


def test_a_temporary_key_makes_no_keys(client, token):
    credential = temporary(token).json["credential"]
    one = holder(client, credential)

    def call(method, target, body):
        return one.signed(method, target, json.dumps(body).encode(), {"X-Security-Token": credential["securitytoken"]}).status
    assert call("POST", VENDOR, {"credential": {}}) == 403
    assert call("POST", "/v3.0/OS-CREDENTIAL/securitytokens", {"auth": {"identity": {"methods": ["token"]}}}) == 403


def test_a_temporary_key_keeps_the_scope_of_its_token(client):
    of_domain = token_client(client, scope={"domain": {"name": "countersign"}})
    credential = temporary(of_domain).json["credential"]
    one = holder(client, credential)
    assert one.signed("GET", one.base + "/envs", headers={"X-Security-Token": credential["securitytoken"]}).status == 403
    assert one.signed("GET", "/v3/auth/domains", headers={"X-Security-Token": credential["securitytoken"]}).status == 200


def test_a_temporary_key_ends(daemon, client, token):
    credential = temporary(token).json["credential"]
    one = holder(client, credential)
    change(daemon, f"UPDATE credential SET not_after = 1000 WHERE lookup = '{credential['access']}'")
    assert one.signed("GET", one.base + "/envs", headers={"X-Security-Token": credential["securitytoken"]}).status == 401


def test_the_store_holds_no_secret_in_clear(daemon, client, token):
    credential = temporary(token).json["credential"]
    kept = everything(daemon) + daemon.log.read_text()
    assert credential["secret"] not in kept and credential["securitytoken"] not in kept


def test_the_way_of_sdks(client):
    region = client.admin["region"]
    projects = asked(client, "GET", f"/v3/projects?name={region}").json["projects"]
    assert [p["id"] for p in projects] == [client.admin["project_id"]] and projects[0]["domain_id"] == client.admin["domain_id"]
    assert asked(client, "GET", "/v3/projects?name=nowhere").json["projects"] == []
    assert asked(client, "GET", "/v3/auth/domains").json["domains"] == [{"id": client.admin["domain_id"], "name": "countersign", "enabled": True}]
    assert asked(client, "GET", "/v3/regions").json["regions"][0]["id"] == region
    assert asked(client, "GET", f"/v3/regions/{region}").json["region"]["id"] == region
    assert asked(client, "GET", "/v3/regions/nowhere").status == 404
    assert {s["type"] for s in asked(client, "GET", "/v3/auth/catalog").json["catalog"]} == {"apig", "identity"}
    assert asked(client, "GET", f"/v3/projects/{client.admin['project_id']}").json["project"]["name"] == region
    made = asked(client, "POST", "/v3/projects", {"project": {"name": "second"}})
    assert made.status == 201 and asked(client, "GET", "/v3/auth/projects?name=second").json["projects"][0]["id"] == made.json["project"]["id"]
    assert asked(client, "POST", "/v3/projects", {"project": {"name": "second"}}).status == 409
    beside = key_client(client, make_user(client, "beside", [{"role": "operator", "project_id": client.admin["project_id"]}])["id"])
    assert [p["name"] for p in asked(beside, "GET", "/v3/projects").json["projects"]] == [region]
    assert asked(beside, "GET", f"/v3/projects/{made.json['project']['id']}").status == 404
    assert asked(beside, "POST", "/v3/projects", {"project": {"name": "third"}}).status == 403


def test_a_token_of_one_project_makes_no_key_that_reaches_beyond_it(client, token):
    project = client.admin["project_id"]
    within = make_user(client, "within", [{"role": "operator", "project_id": project}], password="a good long password")
    beyond = make_user(client, "beyond", [{"role": "operator"}], password="a good long password")
    for user, status in ((within, 201), (beyond, 403)):
        own = token_client(client, user["name"], "a good long password")
        made = asked(own, "POST", project_path(client, f"/users/{user['id']}/access-keys"), {})
        assert made.status == status and (status == 201 or made.code == "APIG.3924"), made
        vendor = asked(own, "POST", VENDOR, {"credential": {"user_id": user["id"]}})
        assert vendor.status == status, vendor
    assert asked(token, "POST", project_path(client, f"/users/{beyond['id']}/access-keys"), {}).code == "APIG.3924", "whoever holds the token"
    of_domain = token_client(client, scope={"domain": {"name": "countersign"}})
    assert asked(of_domain, "POST", VENDOR, {"credential": {"user_id": beyond["id"]}}).status == 201
