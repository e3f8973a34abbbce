"""Who may call the management API: nobody without a signature of a user's access key, on any route."""
import json
import time

import pytest

from harness.management import Client, UnixConnection, routes, sdk_date, sign


# What can be asked for without proof, since it is about proving oneself, or tells nothing of this gateway.
OPEN = {("POST", "/v3/auth/tokens"), ("POST", "/console/session"), ("GET", "/openapi.json"), ("GET", "/healthz"),
        ("GET", "/readyz"), ("GET", "/metrics")}
GUARDED = [route for route in routes() if route not in OPEN]


def test_what_is_open_is_served():
    assert OPEN < set(routes())


def concrete(client, pattern):
    known = {"project_id": client.admin["project_id"], "instance_id": client.admin["instance_id"]}
    return "/".join(known.get(part[1:-1], "0" * 32) if part.startswith("{") else part for part in pattern.split("/"))


@pytest.mark.parametrize("method, pattern", GUARDED)
def test_every_route_refuses_without_credentials(client, method, pattern):
    body = b"{}" if method in ("POST", "PUT") else b""
    answer = client.send(method, concrete(client, pattern), body)
    assert answer.status == 401
    if method != "HEAD":
        assert answer.code == ("IAM.0001" if pattern.startswith("/v3") else "APIG.1000")


@pytest.mark.parametrize("method, pattern", GUARDED)
def test_every_route_refuses_a_wrong_secret(client, method, pattern):
    stranger = Client(client.socket_path, {**client.admin, "secret": "x" * 40})
    answer = stranger.signed(method, concrete(client, pattern), b"{}" if method in ("POST", "PUT") else b"")
    assert answer.status == 401
    if method != "HEAD":
        assert answer.code == "APIG.0301" and "verify aksk signature fail" in answer.message


def signed_headers(client, method="GET", tail="/envs", body=b"", **headers):
    headers = {"Host": "management.test", **headers}
    sign(method, client.base + tail, headers, body, client.admin["access"], client.admin["secret"])
    return headers


def test_the_hint_shows_what_was_read(client):
    headers = signed_headers(client)
    headers["Authorization"] = headers["Authorization"][:-1] + ("0" if headers["Authorization"][-1] != "0" else "1")
    answer = client.send("GET", client.base + "/envs", headers=headers)
    expected = f"canonicalRequest:GET|{client.base}/envs/||host:management.test|x-sdk-date:{headers['X-Sdk-Date']}||host;x-sdk-date|"
    assert answer.status == 401 and expected in answer.message
    assert client.admin["secret"] not in answer.text


def test_a_body_that_is_not_signed_is_refused(client):
    """UNSIGNED-PAYLOAD lets anybody on the way write another body; without a body it is as good as any."""
    unsigned = {"X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD"}
    body = b'{"name":"Not_signed"}'
    answer = client.send("POST", client.base + "/envs", body, headers=signed_headers(client, "POST", "/envs", body, **unsigned))
    assert (answer.status, answer.code) == (401, "APIG.0301")
    assert "X-Sdk-Content-Sha256" in answer.message
    assert client.get("/envs?name=Not_signed").json["total"] == 0
    assert client.send("GET", client.base + "/envs", headers=signed_headers(client, **unsigned)).status == 200


@pytest.mark.parametrize("change", ["method", "path", "query", "host", "body", "date"])
def test_a_changed_request_is_refused(client, change):
    body = b'{"name":"Signed_once"}'
    headers = signed_headers(client, "POST", "/envs", body)
    method, target = "POST", client.base + "/envs"
    if change == "method":
        method = "GET"
    elif change == "path":
        target = client.base + "/apps"
    elif change == "query":
        target += "?x=1"
    elif change == "host":
        headers["Host"] = "other.test"
    elif change == "body":
        body = b'{"name":"Signed_twic"}'
    else:
        headers["X-Sdk-Date"] = sdk_date(-1)
    answer = client.send(method, target, body, headers)
    assert (answer.status, answer.code) == (401, "APIG.0301")
    assert client.get("/envs", name="Signed_").json["total"] == 0


def test_an_unknown_access_key(client):
    stranger = Client(client.socket_path, {**client.admin, "access": "A" * 20})
    answer = stranger.get("/envs")
    assert (answer.status, answer.code) == (401, "APIG.0301")
    assert "A" * 20 in answer.message and "not exist" in answer.message


@pytest.mark.parametrize("offset", [-950, 950])
def test_a_date_too_far_off(client, offset):
    headers = signed_headers(client, **{"X-Sdk-Date": sdk_date(offset)})
    answer = client.send("GET", client.base + "/envs", headers=headers)
    assert (answer.status, answer.code) == (401, "APIG.0301")
    assert "signature expired" in answer.message and headers["X-Sdk-Date"] in answer.message


@pytest.mark.parametrize("offset", [-850, 850])
def test_a_date_within_a_quarter_of_an_hour(client, offset):
    headers = signed_headers(client, **{"X-Sdk-Date": sdk_date(offset)})
    assert client.send("GET", client.base + "/envs", headers=headers).status == 200


def test_a_date_that_is_not_signed(client):
    headers = {"Host": "management.test"}
    sign("GET", client.base + "/envs", headers, b"", client.admin["access"], client.admin["secret"])
    headers["Authorization"] = headers["Authorization"].replace("host;x-sdk-date", "host")
    assert client.send("GET", client.base + "/envs", headers=headers).status == 401


@pytest.mark.parametrize("value", ["", "SDK-HMAC-SHA256", "SDK-HMAC-SHA256 ", "Basic YTpi", "Bearer x", "SDK-HMAC-SHA256 Access=, SignedHeaders=, "
                                   "Signature=", "AWS4-HMAC-SHA256 x", "SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=00"])
def test_an_authorization_that_proves_nothing(client, value):
    headers = {"Host": "management.test", "X-Sdk-Date": sdk_date(), "Authorization": value}
    answer = client.send("GET", client.base + "/envs", headers=headers)
    assert answer.status in (400, 401) and answer.code in ("APIG.1000", "APIG.0301", "APIG.0201"), answer


def test_an_app_is_no_user(client):
    """The key pair of an app opens APIs, not the management."""
    app = client.made("/apps", {"name": "Not_a_user"})
    stranger = Client(client.socket_path, {**client.admin, "access": app["app_key"], "secret": app["app_secret"]})
    answer = stranger.get("/envs")
    assert (answer.status, answer.code) == (401, "APIG.0301") and "not exist" in answer.message


def test_another_project_and_another_instance(client):
    foreign = Client(client.socket_path, {**client.admin, "project_id": "f" * 32})
    answer = foreign.get("/envs")
    assert answer.status == 403 and "f" * 32 in answer.message
    missing = Client(client.socket_path, {**client.admin, "instance_id": "e" * 32})
    answer = missing.get("/envs")
    assert (answer.status, answer.code) == (404, "APIG.3030")
    assert answer.message == f"The instance does not exist;id:{'e' * 32}"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "SDK-HMAC-SHA256 Access=AAAA, SignedHeaders=host;x-sdk-date, Signature=" + "0" * 64}])
def test_a_stranger_is_refused_before_his_body_is_read(client, headers):
    connection = UnixConnection(client.socket_path, timeout=10)
    connection.putrequest("POST", client.base + "/envs", skip_host=True)
    for name, value in {"Host": "management.test", "X-Sdk-Date": sdk_date(), "Content-Length": str(12 * 1024 * 1024), **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()  # and not one byte of the body
    began = time.monotonic()
    answer = connection.getresponse()
    assert answer.status == 401 and json.loads(answer.read())["error_code"] in ("APIG.1000", "APIG.0301")
    assert time.monotonic() - began < 9, "the answer did not wait for the body"
    connection.close()


def test_many_header_fields(client):
    fields = {f"X-Field-{i}": "x" for i in range(300)}
    answer = client.send("GET", client.base + "/envs", headers=fields)
    assert answer.status in (400, 431) and client.get("/envs").status == 200
