"""What a newcomer comes for, in one go: publish an API, let a partner call it, sign it to the backend, and find out why the partner's
signature fails."""
from playwright.sync_api import expect

import callers
import wire
from browsing import field, secret_of, visit
from harness.signature_keys import sdk_key, verify
from test_consumers import finish
from test_debugger import curl, run

DOMAIN, TARGET = "story.example.com", "/story?b=2&a=1"


def make_group(page):
    visit(page, "/groups")
    page.get_by_role("button", name="Create group").click()
    panel = page.get_by_role("dialog", name="Create group")
    field(panel, "Name").fill("story")
    panel.get_by_role("button", name="Create", exact=True).click()
    field(page, "Domain").fill(DOMAIN)
    page.get_by_role("button", name="Add domain").click()
    expect(page.get_by_text(DOMAIN)).to_be_visible()


def publish_api(page, backend):
    visit(page, "/apis")
    page.get_by_role("button", name="Create API").click()
    field(page, "Name").fill("story_orders")
    field(page, "Group").select_option("story")
    field(page, "Path").first.fill("/story")
    steps = page.get_by_role("navigation", name="Steps")
    steps.get_by_role("button", name="Backend").click()
    field(page, "Address").fill(backend)
    steps.get_by_role("button", name="Publish and try").click()
    field(page, "Publish in").select_option("RELEASE")
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_role("heading", name="story_orders", level=1, exact=True)).to_be_visible()


def make_partner(page):
    """(access key, secret) of a consumer that is authorised for the API."""
    visit(page, "/consumers")
    page.get_by_role("button", name="Create a consumer").click()
    panel = page.get_by_role("dialog", name="Create a consumer")
    field(panel, "Consumer name").fill("story-partner")
    panel.get_by_label("Signed requests (HMAC)").check()
    made = finish(page, panel, "story-partner")
    page.get_by_role("button", name="Authorise for APIs").click()
    panel = page.get_by_role("dialog", name="Authorise for APIs")
    field(panel, "Search APIs by name").fill("story_orders")
    panel.get_by_label("Select story_orders").check()
    panel.get_by_role("button", name="Authorise", exact=True).click()
    expect(panel).to_be_hidden()
    expect(page.get_by_role("cell", name="story_orders")).to_be_visible()
    return made["access_key"], made["secret_key"]


def bind_key(page):
    """What a backend verifies with."""
    visit(page, "/signature-keys")
    page.get_by_role("button", name="Create signature key").click()
    panel = page.get_by_role("dialog", name="Create signature key")
    field(panel, "Name").fill("story_key")
    panel.get_by_role("button", name="Create", exact=True).click()
    page.locator("[data-secret=sign_key]").wait_for()
    key, secret = secret_of(page, "sign_key"), secret_of(page, "sign_secret")
    page.get_by_role("button", name="I have saved it").click()
    page.get_by_role("button", name="Bind APIs").first.click()
    panel = page.get_by_role("dialog", name="Bind APIs to")
    field(panel, "Search APIs by name").fill("story_orders")
    panel.get_by_label("Select story_orders", exact=True).check()
    panel.get_by_role("button", name="Bind", exact=True).click()
    expect(panel).to_be_hidden()
    expect(page.get_by_role("row").filter(has_text="story_orders")).to_be_visible()
    return sdk_key("hmac", page.url.rsplit("/", 1)[1], key, secret)


def why(page, fields):
    """What the debugger says of a request as the partner sent it, and the command that it gives."""
    visit(page, "/debugger")
    field(page, "Request").fill(curl(fields, TARGET))
    page.get_by_role("button", name="Explain", exact=True).first.click()
    return page.get_by_role("list", name="Causes"), page.locator("pre[aria-label=example]")


def test_the_first_ten_minutes(page, world):
    make_group(page)
    publish_api(page, world.backend.authority)
    pair = make_partner(page)
    key = bind_key(page)
    world.backend.take()
    assert wire.ask(world.nginx.port, "GET", TARGET, callers.aliyun("GET", TARGET, DOMAIN, pair)).status == 200
    assert not isinstance(verify(key, world.backend.only()), str), "the backend knows that it came through the gateway"

    wrong = {**callers.aliyun("GET", TARGET, DOMAIN, pair), "Accept": "*/*"}
    assert wire.ask(world.nginx.port, "GET", TARGET, wrong).status == 403
    causes, example = why(page, wrong)
    expect(causes).to_contain_text("Another Accept was signed than was sent")
    assert run(world, example.inner_text(), pair[1], DOMAIN) == "200"
