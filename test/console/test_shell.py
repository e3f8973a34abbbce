"""What surrounds every page: navigation, region and gateway, keyboard, phone."""
import re

from playwright.sync_api import expect

from browsing import assert_accessible, assert_accessible_in_both_looks, field, settle, visit
from harness.iam import make_user
from harness.tree import TREE

PASSWORD = "a good long password"


def test_every_page_of_the_navigation_stands_and_is_accessible(page):
    visit(page, "/")
    links = page.get_by_role("navigation", name="Main navigation").get_by_role("link")
    titles = [links.nth(at).inner_text().strip() for at in range(links.count())]
    assert {"API groups", "Environments"} <= set(titles)
    for title in titles:
        page.get_by_role("navigation", name="Main navigation").get_by_role("link", name=title, exact=True).click()
        expect(page.locator("h1")).to_have_text(title)
        settle(page)
        assert_accessible_in_both_looks(page)


def test_keyboard_alone(page):
    visit(page, "/environments")
    page.locator("body").press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.get_by_role("button", name="Create environment").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Create environment")
    expect(dialog).to_be_visible()
    for _ in range(12):  # the focus stays in the panel
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('[role=dialog]') !== null")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Create environment")).to_be_focused()


def test_gateway_selector_changes_what_is_shown(page, world):
    client = world.client
    other = client.signed("POST", client.project, b'{"instance_name": "second"}').json["instance_id"]
    client.made("/envs", {"name": "only_in_the_first"})
    visit(page, "/environments")
    expect(page.get_by_text("only_in_the_first")).to_be_visible()
    page.get_by_label("Gateway").select_option(other)
    expect(page.get_by_text("only_in_the_first")).to_be_hidden()
    page.reload()
    expect(page.get_by_label("Gateway")).to_have_value(other)


def test_region_selector_changes_gateways_and_what_is_shown(page, world):
    client = world.client
    made = client.signed("POST", "/v3/projects", b'{"project": {"name": "far_away"}}')
    assert made.status == 201, made
    project = made.json["project"]["id"]
    client.made("/envs", {"name": "only_nearby"})
    visit(page, "/environments")
    expect(page.get_by_text("only_nearby")).to_be_visible()
    page.get_by_label("Region").select_option("far_away")
    expect(page.get_by_text("There is no gateway here that a role of yours reaches.")).to_be_visible()
    assert client.signed("POST", f"/v2/{project}/apigw/instances", b'{"instance_name": "far_gateway"}').status == 202
    page.reload()
    expect(page.get_by_label("Gateway")).to_have_text("far_gateway")
    expect(page.get_by_text("RELEASE", exact=True)).to_be_visible()
    expect(page.get_by_text("only_nearby")).to_be_hidden()
    page.get_by_label("Region").select_option(client.admin.get("region", "local"))
    expect(page.get_by_text("only_nearby")).to_be_visible()
    assert_accessible(page)


def test_a_reader_is_offered_nothing_that_the_server_refuses(console, world):
    make_user(world.client, "reader", [{"role": "auditor"}], password=PASSWORD)
    page = console.page(state=console.user_state("reader", PASSWORD))
    visit(page, "/environments")
    expect(page.get_by_text("RELEASE", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Create environment")).to_be_hidden()
    console.done(page)


def test_phone(phone):
    visit(phone, "/environments")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "no scrolling sideways"
    phone.get_by_role("button", name="Menu").click()
    phone.get_by_role("navigation", name="Main navigation").get_by_role("link", name="API groups").click()
    expect(phone.get_by_role("heading", name="API groups")).to_be_visible()
    expect(phone.get_by_role("navigation", name="Main navigation")).to_be_hidden()
    assert_accessible(phone)


def test_on_a_small_laptop_no_list_hides_its_actions(console):
    """They stand in the last column. The audit's rows are the widest: whoever signs in and runs these tests is in them."""
    page = console.page(viewport={"width": 1024, "height": 640})
    for path in ("/groups", "/apis", "/environments", "/signature-keys", "/apps", "/consumers", "/users", "/audit", "/debugger"):
        visit(page, path)
        expect(page.locator(".list-scroll").first).to_be_visible()
        settle(page)
        beyond = page.evaluate("[...document.querySelectorAll('.list-scroll')].map(list => list.scrollWidth - list.clientWidth)")
        assert beyond and max(beyond) <= 0, (path, beyond)
    console.done(page)


def test_the_rights_that_the_console_offers_by_are_the_servers():
    """console/src/session/rights.ts repeats the table of src/control/rights.c."""
    server = dict(re.findall(r"\[ROLE_(\w+)\] = ((?:BIT\(\w+\)[\s|]*)+)", (TREE / "src/control/rights.c").read_text()))
    offered = dict(re.findall(r"^  (\w+): \[(.*)\],$", (TREE / "console/src/session/rights.ts").read_text(), re.M))
    assert len(server) >= 6
    assert {role.lower(): set(re.findall(r"RIGHT_(\w+)", text)) for role, text in server.items()} == {
        role: {right.upper() for right in re.findall(r"'(\w+)'", text)} for role, text in offered.items()}


def tab_to(page, name):
    """By the Tab key, as far as it takes: what has this label, or reads so."""
    told = "(one => (one.getAttribute('aria-label') || one.labels?.[0]?.innerText || one.innerText || '').trim())(document.activeElement)"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(told).startswith(name):
            return
    raise AssertionError(f"no way to {name}")


def test_by_keyboard_from_the_sign_in_to_an_api(stranger, world):
    """Never a lost focus: it is at the title of whatever page one comes to, loaded late or not. A new API asks its backend as it is asked."""
    page, admin = stranger, world.client.admin
    title = page.locator("#page-title")
    visit(page, "/")
    for text, key in ((admin["user_name"], "Tab"), (admin["password"], "Enter")):
        page.keyboard.type(text)
        page.keyboard.press(key)
    expect(title).to_have_text("Overview")
    expect(title).to_be_focused()
    page.keyboard.press("Shift+Tab")  # back into what stands before it
    tab_to(page, "API groups")
    page.keyboard.press("Enter")
    expect(title).to_have_text("API groups")
    expect(title).to_be_focused()
    tab_to(page, "Create group")
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="Create group").wait_for()
    tab_to(page, "Name")
    page.keyboard.type("by_keyboard")
    page.keyboard.press("Enter")
    expect(title).to_have_text("by_keyboard")
    expect(title).to_be_focused()
    visit(page, "/apis/new")
    tab_to(page, "Name")
    page.keyboard.type("by_keyboard")
    field(page, "Group").select_option("by_keyboard")
    field(page, "Method").first.select_option("POST")
    tab_to(page, "Path")
    page.keyboard.press("Control+A")
    page.keyboard.type("/by/{name}")
    steps = page.get_by_role("navigation", name="Steps")
    steps.get_by_role("button", name="Backend").press("Enter")
    expect(page.get_by_role("heading", name="Backend")).to_be_focused()
    tab_to(page, "Address")
    page.keyboard.type(world.backend.authority)
    for _ in range(2):
        tab_to(page, "Next")
        page.keyboard.press("Enter")
    tab_to(page, "Publish in")
    page.keyboard.type("RELEASE")
    tab_to(page, "Save and publish")
    page.keyboard.press("Enter")
    expect(title).to_have_text("by_keyboard")
    expect(title).to_be_focused()
    [made] = world.client.get("/apis", name="by_keyboard").json["apis"]
    backend = world.client.get(f"/apis/{made['id']}").json["backend_api"]
    assert (backend["req_method"], backend["req_uri"]) == ("POST", "/by/{name}") == (made["req_method"], made["req_uri"])
