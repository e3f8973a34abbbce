"""The debugger: a request that the gateway refuses, why, and the corrected one let in."""
import subprocess
import time

from playwright.sync_api import expect

from browsing import assert_accessible, field, visit
from harness import signing
from harness.world import HOST, PATH
import callers
import wire


def refused(world, app, secret="not-the-secret", accept="application/json", target=PATH + "?b=2&a=1"):
    """Signed over another Accept, or with another secret, than is sent; the request's fields."""
    fields = callers.aliyun("GET", target, HOST, (app.key, secret))
    fields["Accept"] = accept
    assert wire.ask(world.nginx.port, "GET", target, fields).status == 403
    return fields


def curl(fields, target=PATH + "?b=2&a=1"):
    headers = " ".join(f"-H '{name}: {value}'" for name, value in fields.items() if name != "Host")
    return f"curl 'http://{fields['Host']}{target}' {headers}"


def run(world, code, secret, host=HOST):
    """What the example in curl is answered, sent to the gateway of this test."""
    code = code.replace("<APP_SECRET>", secret).replace(f"http://{host}", f"http://127.0.0.1:{world.nginx.port}")
    code = code.replace("curl ", f"curl -s -H 'Host: {host}' -o /dev/null -D /dev/stderr -w '%{{http_code}}' ")
    done = subprocess.run(["sh", "-c", code], capture_output=True, text=True, timeout=30, check=True)
    return done.stdout if done.stdout == "200" else code + done.stderr


def test_a_pasted_request_its_cause_and_the_right_one(page, world):
    app = world.app("debugged")
    fields = refused(world, app, app.secret, accept="*/*")
    visit(page, "/debugger")
    field(page, "Request").fill(curl(fields))
    page.get_by_role("button", name="Explain", exact=True).first.click()
    expect(page.get_by_role("heading", name="Refused: signature_mismatch")).to_be_visible()
    expect(page.get_by_role("list", name="Causes")).to_contain_text("Another Accept was signed than was sent")
    expect(page.get_by_role("list", name="Causes")).to_contain_text("Accept: application/json")
    expect(page.get_by_text("The first difference is in line 2, byte 1.")).to_be_visible()
    sides = page.get_by_role("region", name="What is signed").locator("li.differs")
    expect(sides.nth(0)).to_have_text("*/*")
    expect(sides.nth(1)).to_have_text("application/json")
    assert_accessible(page)
    page.get_by_label("Language", exact=True).last.select_option("python")
    expect(page.locator("pre[aria-label=example]")).to_contain_text("from countersign import Request, sign_aliyun_ca")
    page.get_by_label("Language", exact=True).last.select_option("curl")
    code = page.locator("pre[aria-label=example]").inner_text()
    assert app.secret not in page.content()
    assert run(world, code, app.secret) == "200"


def test_one_of_those_that_were_refused(page, world):
    app = world.app("refused_of_late")
    fields = refused(world, app)
    visit(page, "/debugger")
    field(page, "Key, exactly").fill(app.key)
    row = page.get_by_role("row").filter(has_text=app.key).first
    deadline = time.monotonic() + 20
    while not row.is_visible():  # the daemon takes what workers tell every few seconds
        assert time.monotonic() < deadline
        page.get_by_role("button", name="Reload").click()
        page.wait_for_timeout(500)
    row.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("heading", name="Refused: signature_mismatch")).to_be_visible()
    page.get_by_text("I know what the client signs").first.click()
    text = "\n".join(page.locator("[data-side=gateway] li").all_inner_texts())
    field(page, "Text that the client signs (string to sign, canonical request)").fill(text.replace("a=1&b=2", "b=2&a=1"))
    page.get_by_role("button", name="Explain", exact=True).first.click()
    expect(page.get_by_role("list", name="Causes")).to_contain_text("not sorted by name")
    code = page.locator("pre[aria-label=example]").inner_text().replace("https://", "http://")
    assert run(world, code, app.secret) == "200" and fields["X-Ca-Key"] == app.key


def test_what_cannot_be_read_is_said_at_the_field(page):
    visit(page, "/debugger")
    field(page, "Request").fill("curl --frobnicate http://h/")
    page.get_by_role("button", name="Explain", exact=True).first.click()
    expect(page.get_by_role("alert")).to_contain_text("--frobnicate")
    assert_accessible(page)


def test_markup_is_text(page, world):
    """In path, headers and names, as asked and as it was refused."""
    markup = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>"
    app = world.client.made("/apps", {"name": "markup_app"})
    path = "/%3Cimg%20src=x%20onerror=alert(1)%3E"
    wire.ask(world.nginx.port, "GET", path, {"Host": HOST, "X-Ca-Key": markup, "X-Ca-Signature": markup, "X-Ca-Timestamp": "1"})
    visit(page, "/debugger")
    text = signing.raw("GET", PATH, {"Host": HOST, "X-Ca-Key": app["app_key"], "X-Ca-Signature": "AAAA", "X-Ca-Signature-Headers": "X-Markup",
                                     "X-Markup": markup}).decode()
    field(page, "Request").fill(text)
    page.get_by_role("button", name="Explain", exact=True).first.click()
    expect(page.get_by_text("x-markup:", exact=False).or_(page.get_by_text("X-Markup:", exact=False)).first).to_contain_text("<img src=x")
    assert page.locator("main img, main script").count() == 0 and "owned" not in page.title()
