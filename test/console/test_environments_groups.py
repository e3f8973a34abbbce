"""Environments and API groups with their domains, each seen in a request through the gateway."""
from playwright.sync_api import expect

from browsing import assert_accessible, field, visit
from harness import signing
from wire import Wire


def ask(world, host, path="/from-the-console", **fields):
    with Wire(world.nginx.port) as wire:
        wire.send(signing.raw("GET", path, {"Host": host, **fields}))
        return wire.answer()


def open_api(world, group, environment):
    """An API without a caller's proof, published in the environment."""
    api = world.client.made("/apis", {
        "name": f"open_{environment}", "group_id": group, "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/from-the-console",
        "match_mode": "NORMAL", "auth_type": "NONE", "backend_type": "HTTP",
        "backend_api": {"url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 5000}})["id"]
    environments = world.client.get("/envs", name=environment, precise_search="name").json["envs"]
    world.client.made("/apis/action", {"action": "online", "env_id": environments[0]["id"], "api_id": api})


def test_an_environment_from_its_creation_to_its_end(page, world):
    visit(page, "/environments")
    page.get_by_role("button", name="Create environment").click()
    panel = page.get_by_role("dialog", name="Create environment")
    field(panel, "Name").fill("1")
    panel.get_by_role("button", name="Create").click()
    expect(panel.get_by_role("alert")).to_contain_text("3 to 64 characters")
    assert_accessible(page)
    field(panel, "Name").fill("staging")
    panel.get_by_role("button", name="Create").click()
    expect(panel).to_be_hidden()
    row = page.get_by_role("row").filter(has_text="staging")
    expect(row).to_be_visible()
    row.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete staging?")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    field(dialog, "Type staging to confirm.").fill("staging")
    dialog.get_by_role("button", name="Delete").click()
    expect(row).to_be_hidden()


def test_a_group_its_domain_and_a_request_to_it(page, world):
    visit(page, "/groups")
    page.get_by_role("button", name="Create group").click()
    panel = page.get_by_role("dialog", name="Create group")
    field(panel, "Name").fill("made_in_the_console")
    panel.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="made_in_the_console")).to_be_visible()
    field(page, "Domain").fill("not a host")
    page.get_by_role("button", name="Add domain").click()
    expect(page.get_by_role("alert")).to_be_visible()
    field(page, "Domain").fill("console.example.com")
    page.get_by_role("button", name="Add domain").click()
    expect(page.get_by_role("listitem").filter(has_text="console.example.com")).to_be_visible()
    assert_accessible(page)

    open_api(world, page.url.rsplit("/", 1)[1], "RELEASE")
    assert ask(world, "console.example.com").status == 200
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No domain yet")).to_be_visible()
    assert ask(world, "console.example.com").status == 404


def test_lists_search_and_page_on_the_server(page, world):
    for number in range(45):
        world.client.made("/api-groups", {"name": f"paged_{number:02}"})
    visit(page, "/groups")
    field(page, "Search by name").fill("paged_")
    expect(page.get_by_text("45 in all")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(21)
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_label("Page", exact=True)).to_have_value("2")
    page.get_by_label("Page", exact=True).fill("3")
    page.get_by_label("Page", exact=True).press("Enter")
    expect(page.get_by_role("row")).to_have_count(6)
    field(page, "Search by name").fill("paged_07")
    expect(page.get_by_role("row")).to_have_count(2)
