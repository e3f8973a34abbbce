"""Every page of details and every dialog: opened, left and found again by keyboard, and nothing serious for axe."""
import re

import pytest
from playwright.sync_api import TimeoutError as Late
from playwright.sync_api import expect

from browsing import assert_accessible_in_both_looks, field, settle, visit
from harness.iam import make_user
from harness.world import RELEASE

# They act by themselves, or only move something on the page.
NO_DIALOG = re.compile(r"^(Reload|Copy|Show|Hide|Download|Previous|Next|Send|Explain|Switch|Try|Add parameter|\d\. )|^$")
ANY = "[role=dialog]"
DIALOG = ANY + ":visible"
ADDRESSES = ["/groups", "/groups/{group}", "/apis", "/apis/new", "/apis/{api}", "/environments", "/signature-keys", "/signature-keys/{key}", "/apps",
             "/apps/{app}", "/consumers", "/consumers/{consumer}", "/users", "/users/{user}", "/account"]


@pytest.fixture(scope="module")
def things(world):
    client = world.client
    consumer = client.made("/consumers", {"name": "of-dialogs", "api_key": {}, "hmac": {}})["id"]
    client.made(f"/consumers/{consumer}/jwt-credentials", {"issuer": "me"})
    client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [consumer], "api_ids": [world.api]})
    key = client.made("/signs", {"name": "of_dialogs", "sign_type": "hmac"})["id"]
    app = world.app("of_dialogs").id
    client.made(f"/apps/{app}/app-codes", {"app_code": "of-dialogs-" + "x" * 40})
    user = make_user(client, "of_dialogs", [{"role": "auditor"}])["id"]
    return {"group": world.group, "api": world.api, "key": key, "app": app, "consumer": consumer, "user": user}


def openers(page):
    """The buttons of the page that may open a dialog: one of each name."""
    names = page.locator("main button:not([type=submit]):visible:enabled").evaluate_all("all => all.map(one => one.getAttribute('aria-label') || one.innerText.trim())")
    return [name for name in dict.fromkeys(names) if not NO_DIALOG.match(name)]


def opens(page, button):
    """False: it leads to another page, or does something else."""
    before = page.url
    button.focus()
    page.keyboard.press("Enter")
    try:
        page.wait_for_function(f"before => location.href !== before || [...document.querySelectorAll('{ANY}')].some(one => one.checkVisibility())",
                               arg=before, timeout=3000)
    except Late:
        return False
    return page.url == before


def dialogs_of(page, address):
    """The names of the buttons whose dialogs were looked at."""
    visit(page, address)
    settle(page)
    assert_accessible_in_both_looks(page)
    seen = []
    for name in openers(page):
        button = page.locator("main").get_by_role("button", name=name, exact=True).first
        if not opens(page, button):
            visit(page, address)  # it may have led elsewhere
            continue
        settle(page)
        page.wait_for_function(f"document.activeElement.closest('{ANY}') !== null")
        assert_accessible_in_both_looks(page, only=[ANY])
        page.keyboard.press("Escape")
        expect(page.locator(DIALOG)).to_have_count(0)
        expect(button).to_be_focused()
        seen.append(name)
    return seen


@pytest.mark.parametrize("address", ADDRESSES)
def test_by_keyboard_and_for_everybody(page, things, address):
    seen = dialogs_of(page, address.format(**things))
    assert seen or address in ("/apis/new", "/apis"), "a page without a dialog"


class Held:
    """Answers that wait: what is asked of an address stands until it is let go."""

    def __init__(self, page, address):
        self.page, self.address, self.routes = page, address, []
        page.route(address, self.take)

    def take(self, route):
        if route.request.method == "GET":
            route.continue_()
        else:
            self.routes.append(route)

    def route(self):
        for _ in range(1000):
            if self.routes:
                break
            self.page.wait_for_timeout(10)
        return self.routes.pop(0)

    def ask_for_a_code(self):
        """As the server does before some actions."""
        self.route().fulfill(status=403, json={"error_code": "APIG.3961", "error_msg": "Step-up required: prove again who you are (POST step-ups, then X-Step-Up) for update_consumer",
                                               "request_id": "0" * 32})


def asked(page, things):
    """The question before a consumer is disabled, and its button."""
    if not page.url.endswith(things["consumer"]):
        visit(page, f"/consumers/{things['consumer']}")
    page.locator("main").get_by_role("button", name="Disable", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="Disable of-dialogs?")
    return dialog, dialog.get_by_role("button", name="Disable")


def expect_held(page, dialog):
    expect(dialog.get_by_role("button", name="Cancel")).to_be_disabled()
    for _ in range(2):
        page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Close this dialog").click()
    page.pending.clear()  # nobody waits for what is held
    assert_accessible_in_both_looks(page, only=[ANY])
    expect(dialog).to_be_visible()


def test_a_question_stays_until_it_is_answered(page, things, world):
    held = Held(page, f"**/consumers/{things['consumer']}")
    dialog, button = asked(page, things)
    button.press("Enter")
    route = held.route()
    expect_held(page, dialog)
    route.continue_()
    expect(dialog).to_be_hidden()
    assert world.client.get(f"/consumers/{things['consumer']}").json["enabled"] is False
    assert world.client.put(f"/consumers/{things['consumer']}", {"enabled": True}).status == 200


def test_a_refused_question_gives_the_focus_back(page, things):
    held = Held(page, f"**/consumers/{things['consumer']}")
    dialog, button = asked(page, things)
    button.press("Enter")
    held.route().fulfill(status=503, json={"error_code": "APIG.9999", "error_msg": "not now", "request_id": "0" * 32})
    expect(dialog.get_by_role("alert")).to_contain_text("not now")
    expect(button).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.faults = [fault for fault in page.faults if "503" not in fault]


def test_a_code_is_asked_for_in_front_of_the_question(page, things):
    """Escape meant the question, which was under way: nothing appears out of nowhere; given up, one is back at the question."""
    held = Held(page, f"**/consumers/{things['consumer']}")
    dialog, button = asked(page, things)
    button.press("Enter")
    expect_held(page, dialog)
    held.ask_for_a_code()
    code = page.get_by_role("dialog", name="Prove that it is you")
    expect(code).to_be_visible()
    page.wait_for_function("document.activeElement.closest('[role=dialog]') !== null")
    page.keyboard.press("Escape")
    expect(code).to_be_hidden()
    expect(dialog).to_be_visible()
    expect(dialog.locator(":focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_who_went_elsewhere_is_asked_for_no_code(page, things):
    visit(page, "/consumers")
    page.get_by_role("link", name="of-dialogs").click()
    page.get_by_role("heading", name="of-dialogs", level=1).wait_for()
    held = Held(page, f"**/consumers/{things['consumer']}")
    dialog, button = asked(page, things)
    button.press("Enter")
    route = held.route()
    page.go_back()
    page.get_by_role("heading", name="Consumers", level=1).wait_for()
    held.routes.append(route)
    with page.expect_response(f"**/consumers/{things['consumer']}"):
        held.ask_for_a_code()
    settle(page)
    expect(page.locator(DIALOG)).to_have_count(0)


def test_a_panel_stays_until_it_is_answered(page):
    held = Held(page, "**/envs")
    visit(page, "/environments")
    page.get_by_role("button", name="Create environment").click()
    panel = page.get_by_role("dialog", name="Create environment")
    field(panel, "Name").fill("Held_open")
    field(panel, "Name").press("Enter")
    route = held.route()
    expect_held(page, panel)
    route.continue_()
    expect(panel).to_be_hidden()
    expect(page.get_by_role("row").filter(has_text="Held_open")).to_be_visible()
