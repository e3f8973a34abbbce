"""Users: their rules, roles and passwords, and that what they were given dies when they become less (issue of tokens: test_iam_tokens)."""
import itertools

import pytest

from harness.iam import asked, get_token, key_client, make_user, project_path, session_client, token_client
from harness.stored import everything, rows

PASSWORD = "a good long password"
numbers = itertools.count()


def fresh_user(client, roles=({"role": "operator"},), **more):
    return make_user(client, f"user_{next(numbers)}", roles, **more)


def change(client, user, **body):
    answer = asked(client, "PUT", project_path(client, "/users/" + user["id"]), body)
    assert answer.status == 200, answer
    return answer.json


def test_a_user_is_made_shown_listed_changed_and_removed(client):
    made = make_user(client, "anna", [{"role": "auditor"}, {"role": "api_owner", "project_id": client.admin["project_id"]}],
                     description="of the partners", email="anna@example.org", mobile="+4915112345", password=PASSWORD)
    assert made["enabled"] and made["domain_id"] == client.admin["domain_id"] and "password" not in made
    assert sorted(role["role"] for role in made["roles"]) == ["api_owner", "auditor"]
    assert asked(client, "GET", project_path(client, "/users/" + made["id"])).json == made
    page = asked(client, "GET", project_path(client, "/users?name=ann")).json
    assert page["total"] == 1 and page["users"] == [made]
    assert change(client, made, description="gone")["description"] == "gone"
    assert change(client, made, roles=[])["roles"] == []
    assert asked(client, "DELETE", project_path(client, "/users/" + made["id"])).status == 204
    assert asked(client, "GET", project_path(client, "/users/" + made["id"])).code == "APIG.3903"


@pytest.mark.parametrize("body, field", [
    ({}, "name"), ({"name": ""}, "name"), ({"name": "0x"}, "name"), ({"name": "a b"}, "name"), ({"name": "a" * 65}, "name"),
    ({"name": "ok", "password": "short"}, "password"), ({"name": "ok", "password": "p" * 129}, "password"), ({"name": "ok", "email": "no"}, "email"),
    ({"name": "ok", "mobile": "12x45"}, "mobile"), ({"name": "ok", "enabled": 1}, "enabled"), ({"name": "ok", "roles": [{}]}, "roles[0].role"),
    ({"name": "ok", "roles": [{"role": "root"}]}, "roles[0].role"), ({"name": "ok", "roles": [{"role": "auditor"}] * 65}, "roles"),
])
def test_a_value_that_breaks_a_rule(client, body, field):
    answer = asked(client, "POST", project_path(client, "/users"), body)
    assert answer.status == 400 and f"parameterName:{field}" in answer.message
    assert body.get("password", "nothing") not in answer.text


def test_roles_name_what_is_there(client):
    def refused(role):
        answer = asked(client, "POST", project_path(client, "/users"), {"name": "never", "roles": [role]})
        return answer.status, answer.code
    assert refused({"role": "operator", "project_id": "f" * 32}) == (404, "APIG.3904")
    assert refused({"role": "operator", "project_id": client.admin["project_id"], "instance_id": "f" * 32}) == (404, "APIG.3030")
    assert refused({"role": "operator", "instance_id": client.admin["instance_id"]})[0] == 400
    assert asked(client, "GET", project_path(client, "/users?name=never")).json["total"] == 0, "nothing half written"


def test_a_name_is_given_once(client):
    user = fresh_user(client)
    answer = asked(client, "POST", project_path(client, "/users"), {"name": user["name"]})
    assert (answer.status, answer.code) == (409, "APIG.3921")


@pytest.mark.parametrize("less", [{"enabled": False}, {"password": "another good password"}, {"roles": [{"role": "auditor"}]}])
def test_what_was_given_dies_when_the_user_becomes_less(client, less):
    user = fresh_user(client, password=PASSWORD)
    token = token_client(client, user["name"], PASSWORD)
    session = session_client(client, user["name"], PASSWORD)
    temporary = asked(token, "POST", "/v3.0/OS-CREDENTIAL/securitytokens", {"auth": {"identity": {"methods": ["token"]}}}).json["credential"]
    permanent = key_client(client, user["id"])

    def with_temporary():
        holder = type(client)(client.socket_path, {**client.admin, "access": temporary["access"], "secret": temporary["secret"]})
        return holder.signed("GET", holder.base + "/envs", headers={"X-Security-Token": temporary["securitytoken"]})
    assert {c.get("/envs").status for c in (token, session, permanent)} == {200} and with_temporary().status == 200
    change(client, user, **less)
    assert [c.get("/envs").status for c in (token, session)] == [401, 401] and with_temporary().status == 401
    if "enabled" in less:
        assert permanent.get("/envs").status == 401
        assert get_token(client, user["name"], PASSWORD).status == 401
        change(client, user, enabled=True)
        assert token.get("/envs").status == 401, "what is dead stays dead"
        assert permanent.get("/envs").status == 200
    if "roles" in less:
        assert permanent.get("/envs").status == 200 and permanent.post("/envs", {"name": "No_more"}).status == 403
    if "password" in less:
        assert get_token(client, user["name"], PASSWORD).status == 401
        assert get_token(client, user["name"], less["password"], source="10.3.0.1").status == 201


def test_a_change_of_description_kills_nothing(client):
    user = fresh_user(client, password=PASSWORD)
    token = token_client(client, user["name"], PASSWORD)
    change(client, user, description="still the same")
    assert token.get("/envs").status == 200


def test_nobody_shuts_the_door_behind_himself(client):
    own = {"id": client.admin["user_id"]}
    for body in ({"enabled": False}, {"roles": []}, {"roles": [{"role": "administrator", "project_id": client.admin["project_id"]}]}):
        assert asked(client, "PUT", project_path(client, "/users/" + own["id"]), body).status == 400
    assert asked(client, "DELETE", project_path(client, "/users/" + own["id"])).status == 400
    assert client.get("/envs").status == 200


def own_password(client, user_id, **user):
    return asked(client, "POST", f"/v3/users/{user_id}/password", {"user": user})


def test_ones_own_password(client):
    user = fresh_user(client, password=PASSWORD)
    token = token_client(client, user["name"], PASSWORD)
    assert own_password(token, user["id"], password="my own new one", original_password="not the old one").status == 401
    assert own_password(token, client.admin["user_id"], password="my own new one", original_password=PASSWORD).status == 403
    assert own_password(token, user["id"], password="short", original_password=PASSWORD).status == 400
    assert own_password(token, user["id"], password="my own new one", original_password=PASSWORD).status == 204
    assert token.get("/envs").status == 401
    assert get_token(client, user["name"], "my own new one", source="10.3.0.2").status == 201


def test_a_user_sees_himself_and_nobody_else(client):
    user, other = fresh_user(client), fresh_user(client)
    own = key_client(client, user["id"])
    assert asked(own, "GET", project_path(client, "/users/" + user["id"])).status == 200
    assert asked(own, "GET", project_path(client, "/users/" + other["id"])).status == 403
    assert asked(own, "GET", project_path(client, "/users")).status == 403
    assert asked(own, "GET", project_path(client, "/users/" + "f" * 32)).status == 403, "nor whether there is another"


def test_a_removed_user_leaves_nothing(daemon, client):
    user = fresh_user(client, password=PASSWORD)
    token, key = token_client(client, user["name"], PASSWORD), key_client(client, user["id"])
    asked(token, "POST", "/v3.0/OS-CREDENTIAL/securitytokens", {"auth": {"identity": {"methods": ["token"]}}})
    assert asked(client, "DELETE", project_path(client, "/users/" + user["id"])).status == 204
    assert token.get("/envs").status == 401 and key.get("/envs").status == 401
    for table, column in (("iam_token", "user_id"), ("iam_role", "user_id"), ("credential", "principal_id")):
        assert rows(daemon, f"SELECT id FROM {table} WHERE {column} = '{user['id']}'") == []


def test_no_password_is_kept_or_logged(daemon, client):
    user = fresh_user(client, password="never to be seen 1")
    change(client, user, password="never to be seen 2")
    assert "never to be seen" not in everything(daemon) + daemon.log.read_text()
