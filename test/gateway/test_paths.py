"""The path that was decided upon is the path that is sent, byte for byte; what cannot be decided upon is refused."""
import callers
import edges
import pytest
import wire
from nginx import HOST
from scene import PAIR, PLACES, SIGN_PAIR, SIGNED_HOST, bob

SAME = ["/", "//", "//b", "/a//b/", "/a;x=1/b;y", "/a%2Fb", "/a%2fb/", "/%7Euser", "/a+b", "/a%20b", "/a%252e%252e/b", "/a\\b", "/a'b\"c",
        "/a?", "/a?x", "/a?x=&&y", "/a?x=%2F%3F&x=1", "/a?q=a+b&q=%2B", "/a?/../b", "/%E4%BD%A0?%E5%A5%BD=1", "/a?x=y?z", "/:@!$&'()*,=-_.~",
        "/" + "long/" * 2000]


@pytest.mark.parametrize("target", SAME, ids=lambda target: target[:30])
@pytest.mark.parametrize("host", [HOST, SIGNED_HOST])
def test_sent_as_decided(gateway, target, host):
    assert gateway.ask("GET", target, bob(host)).status == 200
    assert gateway.backend.only().target == target
    answer = gateway.ask("GET", target, callers.sdk("GET", target, host, PAIR))
    assert answer.status == 200, answer.body
    received = gateway.backend.only()
    assert received.target == target
    if host == SIGNED_HOST:
        callers.assert_countersigned(received, SIGN_PAIR, "backend.internal")


REFUSED = ["/a#b", "/a%", "/a%2", "/a%zz", "/%00", "/a%00b", "/a?x=%00", "/a?%", "*", "a", "/a\x01b", "/a\x7fb", "/a?x=%u0041"]


@pytest.mark.parametrize("target", REFUSED, ids=repr)
def test_malformed_targets(gateway, target):
    with gateway.wire() as connection:
        connection.send(wire.request("GET", target, bob()))
        answer = connection.answer()
    assert answer.status in (400, 404), answer.status
    assert not gateway.backend.take()


@pytest.mark.parametrize("climbs, target", [
    (False, "/a/../b"), (False, "/a/%2E./b"), (False, "/a/.."), (True, "/../b"), (True, "/%2e%2e/b"), (True, "/a/../../b"), (True, "/.%2E"),
    (True, "/a/%2e%2E/..%2Fb"), (True, "/..;x/b"), (True, "/a/..;/../b"), (True, "/..\\b"), (True, "/..%5Cb"), (True, "/./.."),
])
def test_steps_up_never_lead_out_of_the_prefix(gateway, climbs, target):
    """Those that stay inside are sent as they came; the backend's path is /inside/ and what it does not hold is out of reach."""
    guard = {"authority": gateway.backend.authority, "path": "/inside/"}
    gateway.edge.put(edges.host("prefix.example.com", "group-prefix"), edges.routes("group-prefix", ("ANY", "/pub", "prefix", True)),
                     edges.publication("prefix", guard, auth_type="NONE", places=[]))
    answer = gateway.ask("GET", f"/pub{target}", {"Host": "prefix.example.com"})
    reached = [received.target for received in gateway.backend.take()]
    if climbs:
        assert answer.status in (404, 400) and not reached
    else:
        assert answer.status == 200 and reached == [f"/inside{target}"]


@pytest.mark.parametrize("target", [
    "/a/%61dmin", "/a//admin", "/a/./admin", "/a/x/../admin", "/a/x%2f..%2fadmin", "/a/admin;v=1", "/a/admin/", "/a/\\admin", "/a/.;/admin",
    "/a/caf%c3%a9", "/a/caf\u00e9", "/u/%6de", "/u/x%2F..%2Fme"])
def test_no_spelling_makes_a_guarded_api_an_open_one(gateway, target):
    """Backends decode, merge and resolve; an open prefix or {parameter} must not carry them to what another API guards."""
    backend = {"authority": gateway.backend.authority}
    gateway.edge.put(
        edges.host("mixed.example.com", "group-mixed"),
        edges.routes("group-mixed", ("ANY", "/a", "open-a", True), ("GET", "/a/admin", "guarded-a"), ("GET", "/a/caf%C3%A9", "guarded-c"),
                     ("GET", "/u/{id}", "open-u"), ("GET", "/u/me", "guarded-u")),
        *[edges.publication(f"open-{api}", {**backend, "path": path}, auth_type="NONE", places=[]) for api, path in (("a", "/a/"), ("u", "/u/{id}"))],
        *[edges.publication(f"guarded-{api}", backend, places=PLACES) for api in "acu"])
    fields = {"Host": "mixed.example.com"}
    assert [gateway.ask("GET", plain, fields).status for plain in ("/a/admin", "/u/me", "/a/other//x/", "/u/%6dy")] == [401, 401, 200, 200]
    gateway.backend.take()
    assert gateway.ask("GET", target, fields).status == 404
    assert not gateway.backend.take()


@pytest.mark.parametrize("target, text", [("/a?x=%ff", b"query"), ("/%ff", b"path")])
def test_signed_text_that_is_no_utf8_is_refused_by_name(gateway, target, text):
    answer = gateway.ask("GET", target, callers.sdk("GET", target, HOST, PAIR))
    assert answer.status == 400 and b"the " + text + b" of the request is malformed" in answer.body
    assert not gateway.backend.take()


def routed(gateway):
    backend = {"authority": gateway.backend.authority}
    gateway.edge.put(
        edges.host("routes.example.com", "group-routes"),
        edges.routes("group-routes", ("GET", "/users/{id}", "one"), ("GET", "/users/me", "me"), ("ANY", "/users/{id}", "any"),
                     ("POST", "/files", "files", True), ("GET", "/v1/{a}/x/{b}", "swap")),
        *[edges.publication(api, {**backend, **more}, auth_type="NONE", places=[]) for api, more in {
            "one": {"path": "/internal/user/{id}/full"}, "me": {"path": "/self"}, "any": {"path": "/other/{id}", "method": "POST"},
            "files": {"path": "/store/"}, "swap": {"path": "/{b}/{a}"}}.items()])


@pytest.mark.parametrize("method, target, line", [
    ("GET", "/users/42", "GET /internal/user/42/full"),
    ("GET", "/users/4%2F2?x=1", "GET /internal/user/4%2F2/full?x=1"),
    ("GET", "/users/me?x", "GET /self?x"),
    ("DELETE", "/users/42", "POST /other/42"),
    ("POST", "/files/a/b%20c?d", "POST /store/a/b%20c?d"),
    ("POST", "/files", "POST /store/"),
    ("GET", "/v1/left/x/right", "GET /right/left"),
    ("GET", "/users/42/more", None), ("GET", "/users/", None), ("GET", "/filesystem", None), ("GET", "/files", None),
])
def test_routes_and_rewriting(gateway, method, target, line):
    routed(gateway)
    answer = gateway.ask(method, target, {"Host": "ROUTES.example.com:8080"})
    if line is None:
        assert answer.status == 404 and not gateway.backend.take()
    else:
        assert answer.status == 200 and gateway.backend.only().line == line + " HTTP/1.1"


def test_a_head_towards_the_backend_answers_a_get(gateway):
    gateway.edge.put(edges.host("head.example.com", "group-head"), edges.routes("group-head", ("ANY", "/", "head", True)),
                     edges.publication("head", {"authority": gateway.backend.authority, "method": "HEAD"}, auth_type="NONE", places=[]))
    with gateway.wire() as connection:
        for _ in range(2):
            connection.send(wire.request("GET", "/a", {"Host": "head.example.com"}))
            answer = connection.answer()
            assert (answer.status, answer.body) == (200, b"")
    assert [received.method for received in gateway.backend.take()] == ["HEAD"] * 2


def test_nul_and_control_bytes_on_the_wire(gateway):
    for raw in (b"GET /a\x00b HTTP/1.1\r\nHost: gw.example.com\r\n\r\n", b"GET /a HTTP/1.1\r\nHost: gw.example.com\r\nX: a\x00b\r\n\r\n",
                b"\x00\x01\x02\r\n\r\n", b"GET /\xff\xfe HTTP/1.1\r\nHost: gw.example.com\r\n\r\n"):
        with gateway.wire() as connection:
            connection.send(raw)
            assert 400 <= connection.answer().status < 500
    assert not gateway.backend.take()
    assert gateway.ask("GET", "/alive", bob()).status == 200
