"""/console/session: what a browser holds instead of a password, and what a page of another address cannot do with it."""
import json

import pytest

from harness.iam import SessionClient, session_client
from harness.stored import change, everything


@pytest.fixture(scope="module")
def session(client):
    return session_client(client)


def sign_in(client, headers=None, **body):
    body = {"name": "administrator", "password": client.admin["password"], **body}
    return client.send("POST", "/console/session", json.dumps(body).encode(), headers)


def test_the_cookie(client):
    answer = sign_in(client)
    assert answer.status == 201
    parts = [part.strip() for part in answer.headers["Set-Cookie"].split(";")]
    assert parts[0].startswith("countersign_session=") and set(parts[1:]) == {"Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=43200"}
    assert parts[0].split("=")[1] not in answer.text
    assert answer.json["user"]["name"] == "administrator" and answer.json["user"]["roles"][0]["role"] == "administrator"
    assert answer.json["idle_seconds"] == 1800 and len(answer.json["csrf_token"]) == 64
    over_tls = sign_in(client, {"X-Forwarded-Proto": "https"})
    assert "Secure" in over_tls.headers["Set-Cookie"]


def test_a_session_opens_what_its_user_may_do(session):
    made = session.post("/envs", {"name": "By_session"})
    assert made.status == 201 and session.get("/envs", name="By_session").json["total"] == 1
    assert session.delete("/envs/" + made.json["id"]).status == 204


def test_the_session_tells_its_csrf_token_again(client, session):
    answer = session.signed("GET", "/console/session", headers={"X-CSRF-Token": None})
    assert answer.status == 200 and answer.json["csrf_token"] == session.csrf
    assert answer.json["user"]["id"] == client.admin["user_id"]


@pytest.mark.parametrize("csrf", [None, "", "0" * 64, "x"])
@pytest.mark.parametrize("method, path", [("POST", "/envs"), ("PUT", "/envs/x"), ("DELETE", "/envs/x")])
def test_no_write_without_the_csrf_token(session, method, path, csrf):
    answer = session.signed(method, session.base + path, b'{"name":"Csrf"}', {"X-CSRF-Token": csrf})
    assert (answer.status, answer.code) == (403, "APIG.3933")
    assert session.get("/envs", name="Csrf").json["total"] == 0


def test_the_csrf_token_is_of_this_session(client, session):
    other = session_client(client)
    mixed = SessionClient(client.socket_path, client.admin, session.cookie, other.csrf)
    assert mixed.post("/envs", {"name": "Mixed"}).status == 403
    assert mixed.get("/envs").status == 200


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.test"}, {"Origin": "null"}, {"Origin": "https://management.test"},
                                     {"Origin": "http://management.test.evil.test"}, {"Origin": "http://management.test:81"},
                                     {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_a_page_of_another_address(client, session, headers):
    for method in ("GET", "POST", "DELETE"):
        answer = session.signed(method, session.base + "/envs", b"{}" if method == "POST" else b"", headers)
        assert (answer.status, answer.code) in ((403, "APIG.3932"), (404, "APIG.0101")), answer
    assert session.signed("GET", session.base + "/envs", headers=headers).status == 403
    answer = sign_in(client, {"Host": "management.test", **headers})
    assert (answer.status, answer.code) == (403, "APIG.3932") and "Set-Cookie" not in answer.headers
    assert answer.message.endswith(f"not for {headers.get('Origin', 'another')}")


def test_signing_out(client):
    session = session_client(client)
    answer = session.signed("DELETE", "/console/session")
    assert answer.status == 204 and "Max-Age=0" in answer.headers["Set-Cookie"]
    assert session.get("/envs").status == 401


def test_the_routes_are_about_a_session(client):
    assert client.signed("GET", "/console/session").status == 401
    assert client.signed("DELETE", "/console/session").status == 401


@pytest.mark.parametrize("change_of", [{"password": "wrong-password"}, {"name": "nobody"}, {"domain": "other"}])
def test_who_does_not_prove_himself(client, change_of):
    answer = sign_in(client, {"X-Forwarded-For": "10.9.0.1"}, **change_of)
    assert (answer.status, answer.code) == (401, "IAM.0062") and "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("body", [{}, {"name": "administrator"}, {"name": "administrator", "password": ""}, {"name": "", "password": "x"},
                                  {"name": "a" * 65, "password": "x"}, {"name": "administrator", "password": ["x"]}])
def test_a_body_that_asks_for_nothing(client, body):
    assert client.send("POST", "/console/session", json.dumps(body).encode()).status == 400


def test_idle_and_absolute_end(daemon, client):
    session = session_client(client)
    change(daemon, "UPDATE iam_token SET last_used = last_used - 1700 WHERE kind = 2")
    assert session.get("/envs").status == 200, "and now it was used just now"
    change(daemon, "UPDATE iam_token SET last_used = last_used - 1700 WHERE kind = 2")
    assert session.get("/envs").status == 200
    change(daemon, "UPDATE iam_token SET last_used = last_used - 1801 WHERE kind = 2")
    answer = session.get("/envs")
    assert (answer.status, answer.code) == (401, "APIG.1001")
    session = session_client(client)
    change(daemon, "UPDATE iam_token SET issued = issued - 43201, expires = expires - 43201 WHERE kind = 2")
    assert session.get("/envs").status == 401


def test_a_session_is_no_token(client, session):
    assert client.send("GET", client.base + "/envs", headers={"X-Auth-Token": session_client(client).cookie}).status == 401


def test_one_proof_at_a_time(client):
    session = session_client(client)
    answer = client.signed("GET", client.base + "/envs", headers={"Cookie": f"countersign_session={session.cookie}"})
    assert (answer.status, answer.code) == (401, "APIG.3931")


def test_the_store_holds_no_session(daemon, client):
    session = session_client(client)
    kept = everything(daemon) + daemon.log.read_text()
    assert session.cookie not in kept and session.csrf not in kept
