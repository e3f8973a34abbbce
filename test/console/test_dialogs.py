"""Every page of details and every dialog: opened, left and found again by keyboard, and nothing serious for axe."""
import re

import pytest
from playwright.sync_api import TimeoutError as Late
from playwright.sync_api import expect

from browsing import assert_accessible, settle, visit
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
    assert_accessible(page)
    seen = []
    for name in openers(page):
        button = page.locator("main").get_by_role("button", name=name, exact=True).first
        if not opens(page, button):
            visit(page, address)  # it may have led elsewhere
            continue
        settle(page)
        page.wait_for_function(f"document.activeElement.closest('{ANY}') !== null")
        assert_accessible(page)
        page.keyboard.press("Escape")
        expect(page.locator(DIALOG)).to_have_count(0)
        expect(button).to_be_focused()
        seen.append(name)
    return seen


@pytest.mark.parametrize("address", ADDRESSES)
def test_by_keyboard_and_for_everybody(page, things, address):
    seen = dialogs_of(page, address.format(**things))
    assert seen or address in ("/apis/new", "/apis"), "a page without a dialog"
