"""Secrets behind a code that is sent: the webhook set up in the settings, the code as it reaches the provider, the secret of an app shown."""
import json

import pytest
from playwright.sync_api import expect
from standardwebhooks.webhooks import Webhook

from browsing import assert_accessible, field, secret_of, visit
from harness import signing
from harness.iam import Authenticator, make_user, session_client
from harness.provider import Provider
from harness.stored import change
from harness.world import HOST, PATH
from wire import Wire

PASSWORD = "a good long password"


@pytest.fixture(scope="module")
def provider():
    provider = Provider()
    yield provider
    provider.close()


def call(world, pair):
    with Wire(world.nginx.port) as wire:
        wire.send(signing.raw("GET", PATH, signing.sdk_hmac_fields("GET", HOST, PATH, pair)))
        return wire.answer().status


def shown_pair(page, world, app):
    assert app.secret not in page.content()
    page.get_by_role("button", name="Show").first.click()
    return page.get_by_role("dialog", name="Prove that it is you")


def test_an_apps_secret_is_shown_after_a_step_up_and_hidden_again(console, world):
    app = world.app("shown_after_a_code")
    make_user(world.client, "app_keeper", [{"role": "app_owner"}], password=PASSWORD)
    page = console.page(state=console.user_state("app_keeper", PASSWORD))
    visit(page, f"/apps/{app.id}")
    page.get_by_role("button", name="Show").first.click()
    expect(page.get_by_role("alert")).to_contain_text("factor")
    factor = Authenticator(session_client(world.client, "app_keeper", PASSWORD), PASSWORD, lambda: change(world.daemon, "UPDATE iam_factor SET last_step = 0"))
    dialog = shown_pair(page, world, app)
    expect(dialog).to_contain_text("show_app_secret")
    field(dialog, "Code of the second factor").fill("000000")
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog.get_by_role("alert")).to_contain_text("wrong or was used already")
    expect(page.locator("[data-secret=app_secret]")).to_have_count(0)
    field(dialog, "Code of the second factor").fill(factor.code())
    dialog.get_by_role("button", name="Confirm").click()
    page.locator("[data-secret=app_secret]").wait_for()
    assert call(world, (app.key, secret_of(page, "app_secret"))) == 200
    assert_accessible(page)
    page.get_by_role("button", name="Hide").click()
    expect(page.locator("[data-secret=app_secret]")).to_have_count(0)
    assert app.secret not in page.content()
    console.done(page)


def test_a_code_by_sms_from_the_settings_to_the_secret(console, page, world, provider):
    visit(page, "/settings")
    section = page.get_by_role("region", name="Codes by SMS and e-mail")
    expect(section.get_by_text("Off: nobody is sent codes.")).to_be_visible()
    field(section, "Address").fill("http://10.0.0.1/codes")
    section.get_by_role("button", name="Save").click()
    expect(section.get_by_role("alert")).to_contain_text("https://HOST")
    field(section, "Address").fill(provider.url)
    section.get_by_role("button", name="Save").click()
    page.locator("[data-secret=webhook_secret]").wait_for()
    secret = secret_of(page, "webhook_secret")
    page.get_by_role("button", name="I have saved it").click()
    expect(section.get_by_text("On: users with a mobile number")).to_be_visible()
    assert_accessible(page)

    app = world.app("shown_after_an_sms")
    make_user(world.client, "texted", [{"role": "app_owner"}], password=PASSWORD, mobile="+4915112345621")
    other = console.page(state=console.user_state("texted", PASSWORD))
    visit(other, f"/apps/{app.id}")
    dialog = shown_pair(other, world, app)
    expect(dialog).to_contain_text("A code was sent to")
    assert "15112345621" not in dialog.inner_text(), "masked"
    _, fields, body = provider.letter()
    Webhook(secret).verify(body, {name.lower(): value for name, value in fields.items()})
    field(dialog, "Code of the second factor").fill(json.loads(body)["data"]["code"])
    dialog.get_by_role("button", name="Confirm").click()
    other.locator("[data-secret=app_secret]").wait_for()
    assert call(world, (app.key, secret_of(other, "app_secret"))) == 200
    console.done(other)

    section.get_by_role("button", name="Switch off").click()
    page.get_by_role("dialog", name="Switch codes by SMS and e-mail off?").get_by_role("button", name="Switch off").click()
    expect(section.get_by_text("Off: nobody is sent codes.")).to_be_visible()
