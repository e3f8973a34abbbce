"""/v3/auth/tokens and X-Auth-Token (huawei.md 5): a password for a token, and what a token opens until when."""
import datetime
import json

import pytest

from harness.iam import TokenClient, get_token, token_body, token_client
from harness.stored import change, everything, rows


@pytest.fixture(scope="module")
def token(client):
    return token_client(client)


def project_scope(client):
    return {"project": {"name": client.admin["region"]}}


def test_the_body_of_a_token(client):
    answer = get_token(client, "administrator", client.admin["password"], project_scope(client))
    assert answer.status == 201 and len(answer.headers["X-Subject-Token"]) >= 32
    token = answer.json["token"]
    assert token["methods"] == ["password"] and token["roles"] == [{"id": "0", "name": "administrator"}]
    assert token["user"]["name"] == "administrator" and token["user"]["domain"]["name"] == "countersign"
    assert token["project"]["id"] == client.admin["project_id"] and token["project"]["domain"] == token["user"]["domain"]
    assert "domain" not in token and {service["type"] for service in token["catalog"]} == {"apig", "identity"}
    issued, ends = (datetime.datetime.fromisoformat(token[name].replace("Z", "+00:00")) for name in ("issued_at", "expires_at"))
    assert ends - issued == datetime.timedelta(hours=24)
    assert answer.headers["X-Subject-Token"] not in answer.text


def test_no_catalogue_when_it_is_not_wanted(client):
    body = json.dumps(token_body("administrator", client.admin["password"], None, project_scope(client))).encode()
    answer = client.send("POST", "/v3/auth/tokens?nocatalog=true", body)
    assert answer.status == 201 and "catalog" not in answer.json["token"]


def test_a_token_opens_what_its_user_may_do(token):
    made = token.post("/envs", {"name": "By_token"})
    assert made.status == 201 and token.get("/envs", name="By_token").json["total"] == 1
    assert token.delete("/envs/" + made.json["id"]).status == 204


def test_scope(client):
    password = client.admin["password"]
    of_domain = get_token(client, "administrator", password, {"domain": {"name": "countersign"}})
    assert of_domain.status == 201 and "project" not in of_domain.json["token"]
    assert of_domain.json["token"]["domain"]["id"] == client.admin["domain_id"]
    answer = TokenClient(client.socket_path, client.admin, of_domain.headers["X-Subject-Token"]).get("/envs")
    assert answer.status == 403, "a token of the domain is for no project"
    both = get_token(client, "administrator", password, {"domain": {"name": "countersign"}, **project_scope(client)})
    assert both.json["token"]["project"]["id"] == client.admin["project_id"], "the project wins"
    assert get_token(client, "administrator", password).json["token"]["domain"]["name"] == "countersign"


@pytest.mark.parametrize("scope", [{"project": {"name": "elsewhere"}}, {"project": {"id": "f" * 32}}, {"domain": {"name": "other"}}])
def test_a_scope_that_is_not_his(client, scope):
    answer = get_token(client, "administrator", client.admin["password"], scope)
    assert answer.status == 401 and "Could not find" in answer.message and "X-Subject-Token" not in answer.headers


def test_wrong_password_wrong_name_wrong_domain_read_alike(client):
    password = client.admin["password"]
    answers = [get_token(client, "administrator", "not" + password, source="10.1.0.1"), get_token(client, "nobody", password, source="10.1.0.2"),
               get_token(client, "administrator", password, domain="other", source="10.1.0.3")]
    for answer in answers:
        assert answer.status == 401 and answer.json["error"] == {"code": 401, "message": "The username or password is wrong.",
                                                                 "title": "Unauthorized"}
        assert answer.code == "IAM.0062" and answer.message == answer.json["error"]["message"]


def test_guessing_locks_the_guesser_out_and_nobody_else(client):
    for _ in range(5):
        assert get_token(client, "administrator", "guess-guess", source="10.2.0.1").code == "IAM.0062"
    locked = get_token(client, "administrator", client.admin["password"], source="10.2.0.1")
    assert (locked.status, locked.code, locked.message) == (401, "IAM.0061", "Account locked.")
    assert get_token(client, "administrator", client.admin["password"], source="10.2.0.2").status == 201
    answers = [get_token(client, "administrator", "guess-guess", source="10.2.0.1") for _ in range(60)]
    assert answers[0].status == 401 and (answers[-1].status, answers[-1].code) == (429, "IAM.0904")
    assert get_token(client, "nobody", "guess-guess", source="10.2.0.1").status == 429, "whatever the name"


@pytest.mark.parametrize("body, code", [
    ({}, "IAM.0072"), ({"auth": {}}, "IAM.0072"), ({"auth": {"identity": {"methods": ["saml"], "password": {"user": {"password": "x"}}}}}, "IAM.0007"),
    ({"auth": {"identity": {"methods": ["password"], "password": {"user": {"password": "x"}}}}}, "IAM.0072"),
    ({"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "x"}}}}}, "IAM.0072"),
    ({"auth": "x"}, "IAM.0007"), (b"{", "IAM.0011"),
])
def test_a_body_that_asks_for_nothing(client, body, code):
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = client.send("POST", "/v3/auth/tokens", text)
    assert (answer.status, answer.code) == (400, code) and answer.json["error"]["code"] == 400


def test_a_stranger_sends_little(client):
    answer = client.send("POST", "/v3/auth/tokens", b" " * (64 * 1024 + 1))
    assert answer.status == 413


def subject(client, method, who, token):
    return client.send(method, "/v3/auth/tokens", headers={"X-Auth-Token": who, "X-Subject-Token": token})


def test_a_token_is_shown_checked_and_revoked(client, token):
    one = token_client(client)
    shown = subject(client, "GET", token.token, one.token)
    assert shown.status == 200 and shown.headers["X-Subject-Token"] == one.token
    assert shown.json["token"]["user"]["id"] == client.admin["user_id"]
    head = subject(client, "HEAD", token.token, one.token)
    assert head.status == 200 and head.text == "" and head.headers["X-Subject-Token"] == one.token
    assert subject(client, "DELETE", token.token, one.token).status == 204
    assert one.get("/envs").status == 401 and one.get("/envs").code == "APIG.1002"
    assert subject(client, "GET", token.token, one.token).status == 404
    assert subject(client, "DELETE", one.token, token.token).status == 401, "a revoked one proves nothing"
    assert token.get("/envs").status == 200


def test_no_subject(client, token):
    answer = client.send("GET", "/v3/auth/tokens", headers={"X-Auth-Token": token.token})
    assert (answer.status, answer.code) == (400, "IAM.0009")


@pytest.mark.parametrize("text", ["x", "a" * 64, "a" * 4000, "%00", "é".encode().decode("latin-1")])
def test_what_is_no_token(client, text):
    answer = client.send("GET", client.base + "/envs", headers={"X-Auth-Token": text})
    assert (answer.status, answer.code) == (401, "APIG.1002")


def test_one_proof_at_a_time(client, token):
    answer = client.signed("GET", client.base + "/envs", headers={"X-Auth-Token": token.token})
    assert (answer.status, answer.code) == (401, "APIG.3931")


def test_a_token_is_for_its_project(client, token):
    foreign = TokenClient(client.socket_path, {**client.admin, "project_id": "f" * 32}, token.token)
    assert foreign.get("/envs").status == 403


def test_a_token_ends(daemon, client):
    ended = token_client(client)
    change(daemon, "UPDATE iam_token SET expires = 1000 WHERE kind = 1")
    answer = ended.get("/envs")
    assert (answer.status, answer.code, answer.message) == (401, "APIG.1001", "Session expired")
    token_client(client)
    assert len(rows(daemon, "SELECT id FROM iam_token WHERE expires = 1000")) == 0, "what has ended is swept out"


def test_large_bodies_pass_with_a_token(client):
    fresh = token_client(client)
    body = b'{"name":"Over_the_limit"}' + b" " * (12 * 1024 * 1024)
    refused = client.post("/envs", body)
    assert refused.status == 413 and "Use a token (X-Auth-Token)" in refused.message
    assert fresh.post("/envs", body).status == 201
    assert fresh.post("/envs", b" " * (64 * 1024 * 1024 + 1)).status == 413


def test_the_store_holds_no_token_and_no_password(daemon, client):
    fresh = token_client(client)
    kept = everything(daemon)
    assert fresh.token not in kept and client.admin["password"] not in kept and "scrypt$" in kept
    assert fresh.token not in daemon.log.read_text() and client.admin["password"] not in daemon.log.read_text()
