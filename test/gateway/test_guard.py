"""From where an API may be called: lists of addresses of APIs and apps, and the internal and the external side."""
import itertools
import json
import re
import socket

import callers
import edges
import pytest
import wire
from nginx import HOST
from scene import ALICE, ALICE_CODE, PAIR, PLACES, Scene, api, bob
from tree import free_port

INSIDE, BOTH, SOCKET = free_port(), free_port(), "unix.sock"
numbers = itertools.count()


def internal_server(text, listen=f"127.0.0.1:{INSIDE}"):
    """The gateway's server once more, on the internal side."""
    begin = text.index("server {")
    end = text.index("\n    }\n", begin) + len("\n    }\n")
    inside = re.sub(r"listen [^;]*;", "", text[begin:end]).replace("server {", f"server {{ listen {listen}; countersign_listener internal;", 1)
    return text[:end] + inside + text[end:]


@pytest.fixture(scope="module")
def scene():
    made = Scene(workers=2, edit=internal_server, server=lambda scene: f"listen [::ffff:127.0.0.1]:{BOTH} ipv6only=off; listen unix:{scene.folder}/{SOCKET};")
    yield made
    made.close()


@pytest.fixture
def guarded(scene):
    """An API of its own: guarded("127.0.0.1-127.0.0.9") gives its host."""
    def make(*ranges, deny=False, name=None, **publication):
        name = name or f"g{next(numbers)}"
        acl = {"acl": name} if ranges else {}
        scene.edge.put(edges.address_list(name, *ranges, deny=deny),
                       *api(name, f"{name}.example.com", {"authority": scene.backend.authority}, **acl, **publication))
        return f"{name}.example.com"
    return make


def ask(scene, host, fields=None, source="127.0.0.1", port=None, method="GET", body=None, unix=None):
    connection = wire.Wire.__new__(wire.Wire)
    if unix:
        connection.socket = socket.socket(socket.AF_UNIX)
        connection.socket.connect(str(unix))
    else:
        connection.socket = socket.create_connection(("127.0.0.1", port or scene.port), 20, (source, 0))
    connection.received = b""
    with connection:
        connection.send(wire.request(method, "/a", fields or bob(host), body))
        return connection.answer(method)


def code(answer):
    return answer.status, json.loads(answer.body)["error_code"]


def test_only_who_is_in_the_list(scene, guarded):
    host = guarded("127.0.0.1-127.0.0.3", "127.0.0.9-127.0.0.9")
    seen = [ask(scene, host, source=f"127.0.0.{last}").status for last in (1, 3, 4, 8, 9, 10)]
    assert seen == [200, 200, 403, 403, 200, 403]
    scene.backend.take()
    answer = ask(scene, host, source="127.0.0.4")
    assert code(answer) == (403, "APIG.0402") and b"The IP address is not authorized to access the API." in answer.body
    assert scene.nginx.logged(answer["X-Request-Id"])["refusal"] == "address_denied"
    assert not scene.backend.take()
    answer = ask(scene, host, callers.aliyun("GET", "/a", host, PAIR), "127.0.0.4")
    assert (answer.status, answer["X-Ca-Error-Code"], answer["X-Ca-Error-Message"]) == (403, "A403IP", "Access denied by IP Control Policy")
    answer = ask(scene, host, callers.bce("GET", "/a", host, PAIR), "127.0.0.4")
    assert (answer.status, answer["X-Bce-Error-Code"]) == (403, "AccessDenied")


def test_all_but_who_is_in_the_list(scene, guarded):
    host = guarded("127.0.0.4-127.0.0.5", deny=True)
    assert [ask(scene, host, source=f"127.0.0.{last}").status for last in (3, 4, 5, 6)] == [200, 403, 403, 200]


def test_nothing_that_is_proved_is_looked_at_before(scene, guarded):
    """A stranger from elsewhere learns nothing about keys, and burns no nonce."""
    host = guarded("127.0.0.1-127.0.0.1")
    wrong = {"Host": host, "Authorization": "Bearer nobody has this"}
    assert (ask(scene, host, wrong).status, code(ask(scene, host, wrong, "127.0.0.2"))) == (401, (403, "APIG.0402"))
    fields = callers.aliyun("GET", "/a", host, PAIR)
    assert ask(scene, host, fields, "127.0.0.2").status == 403
    assert ask(scene, host, fields).status == 200
    assert ask(scene, host, {"Host": host}, "127.0.0.2").status == 403


def test_no_header_moves_a_caller(scene, guarded):
    host = guarded("127.0.0.1-127.0.0.1")
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP"):
        assert ask(scene, host, {**bob(host), name: "for=127.0.0.1" if name == "Forwarded" else "127.0.0.1"}, "127.0.0.2").status == 403


def test_an_ipv4_caller_on_a_socket_for_both(scene, guarded):
    host = guarded("127.0.0.1-127.0.0.1")
    assert ask(scene, host, port=BOTH).status == 200
    assert ask(scene, host, port=BOTH, source="127.0.0.2").status == 403


def test_without_an_address_nobody_passes_a_list(scene, guarded):
    path = scene.folder / SOCKET
    assert ask(scene, HOST, unix=path).status == 200
    for deny in (False, True):
        answer = ask(scene, guarded("127.0.0.4-127.0.0.4", deny=deny), {"Host": f"g{next(numbers) - 1}.example.com"}, unix=path)
        assert code(answer) == (403, "APIG.0401") and b"Unknown client IP address." in answer.body


def test_an_app_may_have_its_own_addresses(scene, guarded):
    host = guarded()
    code_of_alice = {"Host": host, "Authorization": f"APPCODE {ALICE_CODE}"}
    listed = {**ALICE, "listed": True}
    scene.edge.put(edges.address_list(ALICE["id"], "127.0.0.1-127.0.0.1"), edges.key_pair(*PAIR, listed), edges.app_code(ALICE_CODE, listed))
    try:
        assert ask(scene, host, callers.sdk("GET", "/a", host, PAIR)).status == 200 == ask(scene, host, code_of_alice).status
        answer = ask(scene, host, callers.sdk("GET", "/a", host, PAIR), "127.0.0.2")
        assert code(answer) == (403, "APIG.0405") and b"not accessed from a trusted IP address" in answer.body
        assert ask(scene, host, code_of_alice, "127.0.0.2")["X-Ca-Error-Code"] == "A403IP"
        wrong = callers.sdk("GET", "/a", host, (PAIR[0], "not the secret"))
        assert b"verify signature fail" in ask(scene, host, wrong, "127.0.0.2").body, "who does not hold the secret learns nothing of the list"
        body = b"x" * 5000
        answer = ask(scene, host, {**callers.sdk("POST", "/a", host, PAIR, body), "Expect": "100-continue"}, "127.0.0.2", method="POST", body=body)
        assert answer.status == 401 and b"app not found" in answer.body, "before the body proves anything, no more is said"
        assert scene.nginx.logged(answer["X-Request-Id"])["refusal"] == "app_address_denied"
        assert ask(scene, host, source="127.0.0.2").status == 200, "others are none of its business"
        scene.edge.remove(edges.address_list(ALICE["id"]))
        assert ask(scene, host, code_of_alice).status == 503
    finally:
        scene.edge.put(edges.key_pair(*PAIR, ALICE), edges.app_code(ALICE_CODE, ALICE))


def test_an_api_may_be_closed_to_the_internet_or_to_the_inside(scene, guarded):
    inner, outer, both = guarded(disable_internet=True), guarded(disable_internal=True), guarded()
    assert [ask(scene, host, port=INSIDE).status for host in (inner, outer, both)] == [200, 403, 200]
    assert [ask(scene, host).status for host in (inner, outer, both)] == [403, 200, 200]
    answer = ask(scene, inner)
    assert code(answer) == (403, "APIG.0306") and scene.nginx.logged(answer["X-Request-Id"])["refusal"] == "internet_closed"
    answer = ask(scene, inner, callers.aliyun("GET", "/a", inner, PAIR))
    assert (answer["X-Ca-Error-Code"], answer["X-Ca-Error-Message"]) == ("A403IN", "Access from internet is disabled")
    answer = ask(scene, outer, callers.aliyun("GET", "/a", outer, PAIR), port=INSIDE)
    assert (answer["X-Ca-Error-Code"], answer["X-Ca-Error-Message"]) == ("A403VN", "Access from invalid VPC is disabled")
    answer = ask(scene, outer, port=INSIDE)
    assert code(answer) == (403, "APIG.0306") and scene.nginx.logged(answer["X-Request-Id"])["refusal"] == "internal_closed"


def test_a_preflight_is_answered_to_whom_the_request_would_be(scene, guarded):
    host = guarded("127.0.0.1-127.0.0.1", cors=True)
    fields = {"Host": host, "Origin": "https://page.example.com", "Access-Control-Request-Method": "GET"}
    assert ask(scene, host, fields, method="OPTIONS").status == 204
    assert ask(scene, host, fields, "127.0.0.2", method="OPTIONS").status == 403


def test_changes_hold_at_the_next_request(scene, guarded):
    host = guarded("127.0.0.1-127.0.0.1", name="moves")
    assert ask(scene, host, source="127.0.0.2").status == 403
    scene.edge.put(edges.address_list("moves", "127.0.0.2-127.0.0.2"))
    assert [ask(scene, host, source=f"127.0.0.{last}").status for last in (1, 2)] == [403, 200]
    scene.edge.remove(edges.address_list("moves"))
    assert ask(scene, host, source="127.0.0.2").status == 503, "a list that is not there admits nobody"
    scene.edge.put(edges.publication("moves", {"authority": scene.backend.authority}, places=PLACES))
    assert ask(scene, host).status == 200


def test_what_changes_while_a_body_comes_in_counts(scene, guarded):
    host, body = guarded("127.0.0.1-127.0.0.1", name="shuts"), b"x" * 20_000
    fields = {**callers.sdk("POST", "/a", host, PAIR, body), "Content-Length": str(len(body))}
    with scene.wire() as connection:
        connection.send(wire.request("POST", "/a", fields) + body[:10_000])
        scene.backend.take()
        scene.edge.put(edges.address_list("shuts", "127.0.0.2-127.0.0.2"))
        connection.send(body[10_000:])
        assert connection.answer().status == 403
    assert not scene.backend.take()


def test_one_socket_has_one_side(make_scene):
    """Else a caller would choose his side with the Host header."""
    with pytest.raises(AssertionError, match='servers that are "countersign_listener internal" and others listen on'):
        make_scene(server=f"listen 127.0.0.1:{(port := free_port())};", edit=lambda text: internal_server(text, f"127.0.0.1:{port}"))


@pytest.mark.parametrize("directives, problem", [("countersign_listener inside;", 'takes "internal" or "external"'),
                                                 ("countersign_listener external; countersign_listener external;", "is duplicate")])
def test_the_directive(make_scene, directives, problem):
    with pytest.raises(AssertionError, match=problem):
        make_scene(server=directives)
