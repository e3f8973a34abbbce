"""What pages of other addresses, names full of markup and frames cannot do."""
import http.server
import threading

import pytest
from playwright.sync_api import expect

import callers
import wire
from browsing import field, visit
from harness.world import HOST, PATH

MARKUP = ["<script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>", "{{constructor.constructor('window.pwned=1')()}}", "javascript:window.pwned=1"]


@pytest.fixture(scope="module")
def foreign(console):
    """A page of another address (another port of the same host: even its cookies are sent along) that tries what the test says."""
    pages = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(pages.get(self.path, "").encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield pages, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_foreign_page_changes_nothing_and_reads_nothing(console, world, foreign):
    pages, address = foreign
    target = console.address + world.client.base + "/envs"
    pages["/post"] = f"""<form id=f method=post action="{target}" enctype="text/plain"><input name='{{"name":"forged","remark":"' value='"}}'></form>
        <script>
        const tries = [
          fetch("{target}", {{method: "POST", mode: "no-cors", credentials: "include", body: '{{"name":"forged"}}'}}),
          fetch("{target}", {{method: "POST", credentials: "include", headers: {{"X-CSRF-Token": "x", "Content-Type": "application/json"}}, body: '{{"name":"forged"}}'}}),
          fetch("{target}", {{credentials: "include"}}).then(answer => answer.text()).then(text => {{ window.read = text }}),
        ];
        Promise.allSettled(tries).then(() => {{ window.tried = true; document.getElementById("f").submit() }});
        </script>"""
    page = console.page()  # closed without console.done: what this page says is not the console's fault
    with page.expect_navigation(url="**/envs"):
        page.goto(address + "/post")
        page.wait_for_function("window.tried || location.href.endsWith('/envs')")
    assert "APIG.3932" in page.content(), "the form is answered: of another address"
    page.context.close()
    assert world.client.get("/envs", name="forged").json["total"] == 0


def test_the_console_cannot_be_framed(console, foreign):
    pages, address = foreign
    pages["/frame"] = f'<iframe src="{console.address}/console/" width=800 height=600></iframe>'
    page = console.page()  # closed without console.done: what this page says is not the console's fault
    page.goto(address + "/frame")
    page.wait_for_timeout(500)
    assert [frame.url for frame in page.frames[1:]] == ["chrome-error://chromewebdata/"]
    assert any("frame-ancestors" in fault for fault in page.faults), page.faults
    page.context.close()


def test_markup_in_names_is_text(page, world):
    client = world.client
    for number, markup in enumerate(MARKUP):
        client.made("/api-groups", {"name": f"marked_{number}", "remark": markup})
        client.made("/envs", {"name": f"marked_{number}", "remark": markup})
        client.made("/consumers", {"name": f"marked-{number}", "description": markup, "api_key": {}})
    for address in ("/groups", "/environments", "/consumers"):
        visit(page, address)
        for markup in MARKUP:
            expect(page.get_by_text(markup).first).to_be_visible()
    page.get_by_role("link", name="marked-1").click()
    expect(page.get_by_text(MARKUP[1])).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("window.pwned") is None
    assert page.locator("img[src=x]").count() == 0


def test_markup_of_strangers_in_refused_requests_is_text(page, world):
    """Key, headers and path of a request are anybody's: in the list of those refused, and in the debugger with its examples."""
    markup = "<img/src=x/onerror=window.pwned=1>"
    target = PATH + "/%3Cscript%3Ewindow.pwned=1%3C%2Fscript%3E?q=%3Cimg%20src=x%20onerror=window.pwned=1%3E"
    visit(page, "/debugger")
    field(page, "Key, exactly").fill(markup)
    row = page.get_by_role("row").filter(has_text=markup).first
    for _ in range(40):  # a worker keeps a few a second, and the daemon takes them every few seconds
        fields = callers.aliyun("GET", target, HOST, (markup, "x"), extra={"X-Note": markup})
        assert wire.ask(world.nginx.port, "GET", target, fields).status in (400, 401, 403)
        page.wait_for_timeout(500)
        page.get_by_role("button", name="Reload").click()
        if row.is_visible():
            break
    row.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("heading", name="Refused: key_unknown")).to_be_visible()
    expect(page.locator("pre[aria-label=example]")).to_contain_text(markup)
    assert page.evaluate("window.pwned") is None and page.locator("main img, main script").count() == 0


def test_no_inline_script_runs_even_if_it_got_in(console):
    page = console.page()
    visit(page, "/environments")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.pwned=1\">')")
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None
    assert any("Content Security Policy" in fault for fault in page.faults), page.faults
    page.context.close()


def test_sign_in_goes_to_no_other_address(stranger, world):
    visit(stranger, "/sign-in?to=//evil.example.com/")
    stranger.get_by_label("User name").fill(world.client.admin["user_name"])
    stranger.get_by_label("Password").fill(world.client.admin["password"])
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("navigation", name="Main navigation")).to_be_visible()
    assert "evil" not in stranger.url
