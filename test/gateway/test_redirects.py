"""Internal redirects, subrequests and error pages: one verdict, made once, good for one proxied request; without one no connection."""
import callers
import pytest
from backends import Backend
from nginx import HOST
from scene import PAIR, bob

PROXY = """proxy_pass http://countersign_backend; proxy_http_version 1.1; proxy_set_header Host $countersign_host;
           proxy_set_header Connection $countersign_connection; proxy_set_header Upgrade $countersign_upgrade;"""


def test_x_accel_redirect_of_a_backend_is_ignored(make_scene):
    loop = Backend(answer=lambda received: (200, {"X-Accel-Redirect": "/again"}, b"mine"))
    scene = make_scene(backend=loop)
    answer = scene.ask("GET", "/a", bob())
    assert (answer.status, answer.body) == (200, b"mine") and len(loop.take()) == 1


def test_x_accel_redirect_that_is_obeyed_proxies_once(make_scene):
    loop = Backend(answer=lambda received: (200, {"X-Accel-Redirect": "/again"}, b"mine"))
    scene = make_scene(backend=loop, edit=lambda text: text.replace("proxy_ignore_headers X-Accel-Redirect", "proxy_ignore_headers"))
    answer = scene.ask("GET", "/a", bob())
    assert answer.status == 500 and len(loop.take()) == 1
    assert "one verdict is good for one proxied request" in scene.nginx.error_log()
    assert scene.nginx.logged(answer["X-Request-Id"])["outcome"] == "accepted"


def test_error_page_does_not_replace_our_refusals(make_scene):
    scene = make_scene(location="error_page 401 403 404 413 503 /custom.html;",
                       server="location = /custom.html { return 200 'custom'; }")
    for fields, status in (({"Host": HOST}, 401), ({"Host": "nowhere"}, 404)):
        answer = scene.ask("GET", "/a", fields)
        assert answer.status == status and b"custom" not in answer.body


def test_error_page_may_take_over_what_the_backend_could_not(make_scene):
    scene = make_scene(location="error_page 502 = @fallback;", server="location @fallback { return 200 'sorry $countersign_principal'; }")
    scene.backend.answer = lambda received: (None, {}, b"")
    answer = scene.ask("GET", "/a", bob())
    assert (answer.status, answer.body) == (200, b"sorry bob")
    assert scene.nginx.logged(answer["X-Request-Id"])["principal"] == "bob"


def test_a_fallback_that_proxies_through_us_is_refused(make_scene):
    scene = make_scene(location="error_page 502 = @fallback;", server="location @fallback { countersign on; " + PROXY + " }")
    scene.backend.answer = lambda received: (None, {}, b"")
    answer = scene.ask("POST", "/a", bob(), b"x")
    assert answer.status == 500 and len(scene.backend.take()) == 1


def test_locations_without_a_verdict_reach_no_backend(make_scene):
    scene = make_scene(server="location /open { " + PROXY + " } location /asks { auth_request /open; return 204; }"
                              "location /guarded { auth_request /open/sub; root /nowhere; }")
    assert scene.ask("GET", "/open", bob()).status == 500
    assert scene.ask("GET", "/guarded", bob()).status == 500
    assert not scene.backend.take()
    assert scene.nginx.error_log().count("no verdict for this request") == 2


def test_subrequests_and_mirrors_have_no_verdict_of_their_own(make_scene):
    scene = make_scene(location="mirror /mirror;", server="location = /mirror { internal; countersign on; " + PROXY + " }")
    assert scene.ask("GET", "/a", bob()).status == 200
    assert [received.target for received in scene.backend.take()] == ["/a"]
    assert "no verdict for this request" in scene.nginx.error_log()


def test_another_access_module_beside_ours(make_scene):
    scene = make_scene(location="auth_request /ask;", server="location = /ask { internal; return 204; }")
    assert scene.ask("GET", "/a", bob()).status == 200
    assert scene.ask("POST", "/a", callers.sdk("POST", "/a", HOST, PAIR, b"body"), b"body").status == 200
    assert scene.ask("GET", "/a", {"Host": HOST}).status == 401
    assert [received.body for received in scene.backend.take()] == [b"", b"body"]


def test_static_files_are_protected(make_scene):
    scene = make_scene(server="location /files { countersign on; root @ROOT@; }", edit=None)
    assert scene.ask("GET", "/files/a.txt", {"Host": HOST}).status == 401
    assert scene.ask("GET", "/files/a.txt", bob()).body == b"guarded"
    assert not scene.backend.take()


@pytest.fixture
def make_scene(make_scene):
    """`server` may name @ROOT@, a folder with files/a.txt."""
    def make(**settings):
        server = settings.get("server", "")
        if "@ROOT@" in server:
            def with_root(scene):
                folder = scene.folder / "root/files"
                folder.mkdir(parents=True)
                (folder / "a.txt").write_text("guarded")
                return server.replace("@ROOT@", str(folder.parent))
            settings["server"] = with_root
            settings.pop("edit")
        return make_scene(**settings)
    return make


def test_a_rewrite_in_the_location_changes_nothing(make_scene):
    scene = make_scene(location="rewrite ^ /other?x=1 break;")
    assert scene.ask("GET", "/a/../b?y=%20", bob()).status == 200
    assert scene.backend.only().target == "/a/../b?y=%20"
