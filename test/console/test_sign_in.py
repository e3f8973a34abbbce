"""The way in: password, second factor, the end of a session, and what a page of another address cannot do."""
import gzip

import pytest
from playwright.sync_api import expect

from browsing import assert_accessible, field, settle, visit
from harness.iam import Authenticator, make_user, session_client
from harness.tree import TREE
from harness.stored import change

PASSWORD = "a good long password"


def sign_in(page, name, password):
    field(page, "User name").fill(name)
    field(page, "Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_sign_in_leads_to_the_page_that_was_asked_for_and_sign_out_back(stranger, world):
    visit(stranger, "/environments")
    expect(stranger).to_have_title("Sign in – Countersign")
    assert_accessible(stranger)
    sign_in(stranger, "administrator", "wrong password")
    expect(stranger.get_by_role("alert")).to_contain_text("The username or password is wrong.")
    sign_in(stranger, world.client.admin["user_name"], world.client.admin["password"])
    expect(stranger.get_by_role("heading", name="Environments")).to_be_visible()
    assert stranger.url.endswith("/console/environments")
    stranger.get_by_role("button", name="Sign out").click()
    expect(stranger.get_by_text("You have signed out.")).to_be_visible()
    stranger.goto("/console/environments")
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()


def test_second_factor(stranger, world):
    make_user(world.client, "careful", [{"role": "operator"}], password=PASSWORD)
    authenticator = Authenticator(session_client(world.client, "careful", PASSWORD), PASSWORD, lambda: change(world.daemon, "UPDATE iam_factor SET last_step = 0"))
    visit(stranger, "/")
    sign_in(stranger, "careful", PASSWORD)
    field(stranger, "Code of the second factor").fill("000000")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("alert")).to_contain_text("wrong or was used already")
    field(stranger, "Code of the second factor").fill(authenticator.code())
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("navigation", name="Main navigation")).to_be_visible()


def test_a_session_that_ended_behind_the_page_leads_to_sign_in_with_the_reason(console, world):
    make_user(world.client, "ended", [{"role": "operator"}], password=PASSWORD)
    page = console.page(state=console.user_state("ended", PASSWORD))
    visit(page, "/environments")
    change(world.daemon, "UPDATE iam_token SET last_used = last_used - 7200 WHERE user_id = (SELECT id FROM iam_user WHERE name = 'ended')")
    page.get_by_role("link", name="API groups").click()
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    sign_in(page, "ended", PASSWORD)
    expect(page.get_by_role("heading", name="API groups")).to_be_visible()
    console.done(page)


def test_idle_end_is_announced_put_off_and_comes(console, world):
    make_user(world.client, "idle", [{"role": "operator"}], password=PASSWORD)
    page = console.page(state=console.user_state("idle", PASSWORD))
    page.clock.install()
    visit(page, "/environments")
    settle(page)  # the list's answer would be a use after the clock was put on
    page.clock.fast_forward(1690 * 1000)
    page.clock.run_for(1000)  # the dialog comes up with a transition, which has timers of its own
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()
    page.clock.fast_forward(1800 * 1000)
    expect(page.get_by_text("nothing was done for a while")).to_be_visible()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    console.done(page, again=False)


def test_languages_and_looks(stranger):
    visit(stranger, "/")
    stranger.get_by_label("Language").select_option("zh-CN")
    expect(stranger.get_by_role("heading", name="登录")).to_be_visible()
    assert stranger.evaluate("document.documentElement.lang") == "zh-CN"
    stranger.get_by_label("外观").select_option("dark")
    assert stranger.evaluate("document.documentElement.classList.contains('dark')")
    assert_accessible(stranger)
    stranger.reload()
    expect(stranger.get_by_role("heading", name="登录")).to_be_visible()


def test_sign_in_page_is_small(console):
    page, loaded = console.page(signed_in=False), []
    page.on("response", lambda answer: loaded.append(answer.url.removeprefix(console.address)))
    visit(page, "/")
    settle(page)
    console.done(page)
    files = [TREE / "build" / url.lstrip("/") for url in loaded if url.startswith("/console/assets/")]
    assert files
    size = sum(len(gzip.compress(file.read_bytes())) for file in files)
    assert size <= 300 * 1024, size


@pytest.mark.parametrize("path", ["/", "/sign-in", "/no/such/page"])
def test_what_nginx_says_about_every_page(console, path):
    answer = console.browser.new_context().request.get(f"{console.address}/console{path}")
    policy = answer.headers["content-security-policy"]
    assert answer.status == 200 and "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store" and answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY" and answer.headers["referrer-policy"] == "same-origin"


def test_assets_are_kept_for_ever_and_missing_ones_are_missing(console):
    request = console.browser.new_context().request
    page = request.get(f"{console.address}/console/").text()
    asset = page.split('src="')[1].split('"')[0]
    answer = request.get(console.address + asset)
    assert answer.status == 200 and answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript") and "content-security-policy" in answer.headers
    missing = request.get(f"{console.address}/console/assets/no-such-file.js")
    assert (missing.status, missing.headers["cache-control"]) == (404, "no-store")
