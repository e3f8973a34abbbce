"""APIs from the wizard to their end, each step seen in a request through the gateway, or in the command that the page gives for one."""
import shlex
import subprocess

from playwright.sync_api import expect

from browsing import assert_accessible, field, visit
from harness import signing
from harness.world import HOST
from wire import Wire

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def ask(world, target):
    with Wire(world.nginx.port) as wire:
        wire.send(signing.raw("GET", target, {"Host": HOST}))
        return wire.answer()


def tried(page, world):
    """The answer of the command that the page gives, sent to the gateway of the test."""
    command = shlex.split(page.locator("[data-command]").text_content())
    done = subprocess.run([*command, "-sS", "--connect-to", f"::127.0.0.1:{world.nginx.port}"], capture_output=True, text=True, timeout=20, check=True)
    return done.stdout


def wizard(page, name, path):
    visit(page, "/apis")
    page.get_by_role("button", name="Create API").click()
    field(page, "Name").fill(name)
    field(page, "Group").select_option("journey")
    field(page, "Path").first.fill(path)


def go_to(page, step):
    page.get_by_role("navigation", name="Steps").get_by_role("button", name=step).click()


def open_to_all(page):
    go_to(page, "Authentication")
    page.locator("input[name=auth-type][value=NONE]").check()


def publish(page, environment="RELEASE"):
    go_to(page, "Publish and try")
    field(page, "Publish in").select_option(environment)
    page.get_by_role("button", name="Save and publish").click()


def test_the_wizard_from_the_first_step_to_a_request(page, world):
    wizard(page, "wizard_orders", "/wizard/{number}")
    field(page, "Description").first.fill(HOSTILE)
    field(page, "Tags").fill("shop, wizard")
    assert_accessible(page)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Authentication", level=2)).to_be_visible()
    open_to_all(page)
    go_to(page, "Backend")
    field(page, "Address").fill("169.254.169.254")
    page.locator("[id='backend_api.req_uri']").fill("/inner/{number}")
    assert_accessible(page)
    go_to(page, "Parameters")
    page.get_by_role("button", name="Add a backend parameter").click()
    field(page, "Value").fill("from-the-wizard")
    field(page, "Name at the backend").fill("X-Wizard")
    assert_accessible(page)
    publish(page)
    expect(page.get_by_role("heading", name="Backend", level=2)).to_be_visible()
    expect(page.get_by_role("alert").first).to_be_visible()
    field(page, "Address").fill(world.backend.authority)
    publish(page)
    expect(page.get_by_role("heading", name="wizard_orders", level=1, exact=True)).to_be_visible()
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    assert_accessible(page)

    field(page, "Domain").select_option(HOST)
    field(page, "number").fill("a'7")
    world.backend.take()
    assert tried(page, world).startswith("HTTP/1.1 200")
    received = world.backend.only()
    assert (received.target, received["X-Wizard"]) == ("/inner/a'7", "from-the-wizard")


def test_versions_are_published_switched_and_taken_offline(page, world):
    wizard(page, "versioned_mock", "/versioned")
    open_to_all(page)
    go_to(page, "Backend")
    page.locator("input[name=backend-type][value=MOCK]").check()
    field(page, "Answer").fill("first")
    publish(page)
    expect(page.get_by_role("heading", name="versioned_mock", level=1, exact=True)).to_be_visible()
    assert ask(world, "/versioned").body == b"first"
    page.get_by_role("button", name="Edit").click()
    go_to(page, "Backend")
    expect(field(page, "Answer")).to_have_value("first")
    field(page, "Answer").fill("second")
    go_to(page, "Publish and try")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Versions")).to_be_visible()
    assert ask(world, "/versioned").body == b"first", "not published again"
    page.get_by_role("button", name="Publish", exact=True).click()
    panel = page.get_by_role("dialog", name="Publish")
    field(panel, "Remark").fill("the second")
    assert_accessible(page)
    panel.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="the second")).to_contain_text("In effect")
    assert ask(world, "/versioned").body == b"second"
    page.get_by_role("button", name="Switch to it").click()
    page.get_by_role("dialog", name="Switch RELEASE").get_by_role("button", name="Switch to it").click()
    expect(page.get_by_role("row").filter(has_text="the second")).to_contain_text("Kept")
    assert ask(world, "/versioned").body == b"first"

    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog", name="Delete versioned_mock?")
    field(dialog, "Type versioned_mock to confirm.").fill("versioned_mock")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Take offline").click()
    page.get_by_role("dialog", name="Take offline").get_by_role("button", name="Take offline").click()
    expect(page.get_by_text("In effect")).to_have_count(0)
    assert ask(world, "/versioned").status == 404
    page.get_by_role("button", name="Delete", exact=True).click()
    field(dialog, "Type versioned_mock to confirm.").fill("versioned_mock")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="APIs", level=1)).to_be_visible()


def test_an_edit_keeps_what_the_wizard_does_not_ask_for(page, world):
    body = {"name": "kept", "group_id": world.group, "type": 2, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/kept", "auth_type": "NONE",
            "backend_type": "HTTP", "countersign": {"hide_hint": True}, "result_normal_sample": "{}",
            "backend_api": {"url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 700, "retry_count": "2"}}
    api = world.client.made("/apis", body)["id"]
    before = world.client.get(f"/apis/{api}").json
    visit(page, f"/apis/{api}/edit")
    expect(field(page, "Name")).to_have_value("kept")
    field(page, "Description").first.fill("changed")
    go_to(page, "Publish and try")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="kept", level=1, exact=True)).to_be_visible()
    after = world.client.get(f"/apis/{api}").json
    ignored = {"update_time", "remark", "tags", "req_params", "backend_params"}
    assert after["remark"] == "changed"
    assert {name: value for name, value in after.items() if name not in ignored} == {name: value for name, value in before.items() if name not in ignored}


def test_the_list_by_tag_and_many_at_once(page, world):
    for number in range(2):
        world.client.made("/apis", {
            "name": f"listed_{number}", "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": f"/listed/{number}",
            "auth_type": "NONE", "backend_type": "MOCK", "mock_info": {"result_content": "here"}, "tags": ["listed"]})
    visit(page, "/apis")
    page.get_by_role("combobox", name="Tag", exact=True).select_option("listed")
    expect(page.get_by_text("2 in all")).to_be_visible()
    for button, title, status in (("Publish selected", "Publish", 200), ("Take selected offline", "Take offline", 404)):
        page.get_by_label("Select all on this page").check()
        page.get_by_role("button", name=button).click()
        panel = page.get_by_role("dialog", name=title)
        panel.get_by_role("button", name=title, exact=True).click()
        expect(panel).to_be_hidden()
        assert [ask(world, f"/listed/{number}").status for number in range(2)] == [status, status]
    assert_accessible(page)


def test_in_chinese_and_on_a_phone(phone, world):
    phone.add_init_script("localStorage.setItem('countersign.language', 'zh-CN')")
    visit(phone, f"/apis/{world.api}")
    expect(phone.get_by_role("heading", name="版本")).to_be_visible()
    assert_accessible(phone)
    visit(phone, "/apis/new")
    expect(phone.get_by_role("heading", name="前端请求")).to_be_visible()
    assert_accessible(phone)
