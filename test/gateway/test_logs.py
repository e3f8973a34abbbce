"""Credentials stand in no log; a line of the access log is JSON whatever a caller sends."""
import json

import callers
import pytest
from nginx import HOST
from scene import ALICE, BOB_KEY, CAROL_KEY, DAVE_KEY, PAIR, bob
from tree import free_port

SECRETS = (BOB_KEY, CAROL_KEY, DAVE_KEY, PAIR[1])


def logs(scene):
    return "".join((scene.nginx.folder / "logs" / name).read_text(errors="replace") for name in ("access.log", "error.log"))


def test_an_accepted_request(make_scene):
    scene = make_scene()
    answer = scene.ask("GET", f"/a?x=1&apikey={DAVE_KEY}&api%6Bey&y=%C3%A9", {"Host": HOST})
    line = scene.nginx.logged(answer["X-Request-Id"])
    assert answer.status == 401 and line["refusal"] == "proof_ambiguous"
    assert line["target"] == "/a?x=1&apikey=***&api%6Bey&y=%C3%A9"
    answer = scene.ask("GET", f"/a?x=1&apikey={DAVE_KEY}", {"Host": HOST})
    line = scene.nginx.logged(answer["X-Request-Id"])
    expected = {"method": "GET", "host": HOST, "target": "/a?x=1&apikey=***", "status": "200", "outcome": "accepted", "refusal": "",
                "scheme": "api-key", "principal_kind": "consumer", "principal_id": "id-of-dave", "principal": "dave",
                "credential": "credential-of-id-of-dave", "api": "plain", "environment": "RELEASE", "client": "127.0.0.1",
                "upstream": scene.backend.authority, "upstream_status": "200"}
    assert {name: line[name] for name in expected} == expected
    answer = scene.ask("GET", "/a", callers.sdk("GET", "/a", HOST, PAIR))
    line = scene.nginx.logged(answer["X-Request-Id"])
    assert (line["scheme"], line["principal_kind"], line["principal_id"]) == ("sdk-hmac-sha256", "app", ALICE["id"])
    assert not [secret for secret in SECRETS if secret in logs(scene)]


def test_before_the_api_is_known_all_values_are_masked(make_scene):
    scene = make_scene()
    answer = scene.ask("GET", f"/a?apikey={DAVE_KEY}&token=abc&flag", {"Host": "nowhere.example.com"})
    line = scene.nginx.logged(answer["X-Request-Id"])
    assert (line["status"], line["target"], line["refusal"]) == ("404", "/a?apikey=***&token=***&flag", "api_not_found")


@pytest.mark.parametrize("name", ["APIKEY", "ApiKey", "%61pikey", "%61piKEY", "apikey%20", "+apikey", "apikey%5B%5D", "user.apikey"])
def test_a_misspelled_name_hides_its_value_too(gateway, name):
    """Refused for it or not: what stands behind it is the caller's credential."""
    answer = gateway.ask("GET", f"/a?x=1&{name}={DAVE_KEY}", {"Host": HOST})
    assert answer.status == (200 if name == "%61pikey" else 401)
    assert gateway.nginx.logged(answer["X-Request-Id"])["target"] == f"/a?x=1&{name}=***"


def test_requests_that_nginx_refuses_itself(make_scene):
    """Bad fields, two hosts, a body that breaks off: before the API is known, or without an answer at all."""
    scene = make_scene()
    for more in ("Bad Name: x\r\n", "Host: other\r\n", f"X: {'v' * 40000}\r\n", "Content-Length: x\r\n", "Transfer-Encoding: identity\r\n"):
        with scene.wire() as connection:
            connection.send(f"GET /a?apikey={DAVE_KEY} HTTP/1.1\r\nHost: {HOST}\r\n{more}\r\n".encode())
            assert connection.answer().status in (400, 501)
    with scene.wire() as connection:
        connection.send(f"POST /a?apikey={DAVE_KEY} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 10\r\n\r\nabc".encode())
    with scene.wire() as connection:
        connection.send(f"GET /a?apikey={DAVE_KEY} HT".encode())
    scene.ask("GET", "/a", bob())
    scene.nginx.stop()
    assert len(scene.nginx.access_lines()) >= 7
    assert not [secret for secret in SECRETS if secret in logs(scene)]


def test_error_log(make_scene):
    """nginx prints the request of every message: of a dead backend, of limits before us, of a refused upstream."""
    import edges
    from scene import DAVE, PLACES
    scene = make_scene(http="limit_req_zone $binary_remote_addr zone=one:1m rate=1r/m;", server="location /limited { limit_req zone=one; root /nowhere; }")
    authority = f"127.0.0.1:{free_port()}"
    scene.edge.put(edges.host("dead.example.com", "group-dead"), edges.routes("group-dead", ("ANY", "/", "dead", True)),
                   edges.addresses(authority), edges.publication("dead", {"authority": authority}, places=PLACES), edges.authorisation("dead", DAVE))
    answer = scene.ask("GET", f"/a?apikey={DAVE_KEY}", {"Host": "dead.example.com", "Referer": f"http://x/?apikey={DAVE_KEY}"})
    assert answer.status == 502
    for _ in range(2):
        scene.ask("GET", f"/limited?apikey={DAVE_KEY}", {"Host": HOST})
    log = scene.nginx.error_log()
    assert "connect() failed" in log and "limiting requests" in log
    assert f'id: {answer["X-Request-Id"]}, request: "GET /a?apikey=***"' in log
    assert not [secret for secret in SECRETS if secret in logs(scene)]


def test_lines_stay_json(make_scene):
    scene = make_scene()
    hostile = [b'GET /a"b\\c?x="\xff\xfe" HTTP/1.1\r\nHost: gw.example.com\r\nX-Api-Key: "\xff\r\n\r\n',
               b"GET /a HTTP/1.1\r\nHost: \xff\xfe.example.com\r\n\r\n", b"GET /\xc3\x28 HTTP/1.1\r\nHost: gw.example.com\r\n\r\n",
               b"GET /a%0d%0aX: y HTTP/1.1\r\nHost: gw.example.com\r\n\r\n", b"\x16\x03\x01\x02\x00\r\n\r\n",
               b"GET http://gw.example.com/a%22?%22 HTTP/1.1\r\nHost: x\r\n\r\n"]
    for raw in hostile:
        with scene.wire() as connection:
            connection.send(raw)
            assert 400 <= connection.answer().status < 500
    assert scene.ask("GET", "/end", bob()).status == 200
    scene.nginx.stop()
    lines = (scene.nginx.folder / "logs/access.log").read_bytes().splitlines()
    assert len(lines) == len(hostile) + 1
    for line in lines:
        json.loads(line.decode("utf-8"))


def test_a_failing_edge_says_so_once_for_each_reason(make_scene):
    scene = make_scene()
    assert scene.nginx.error_log().count("cannot be read") == 0
