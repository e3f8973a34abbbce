"""Settings: of the gateway, of its parameters and quotas, and of the account."""
import json

from playwright.sync_api import expect

from browsing import assert_accessible, field, visit
from harness import signing
from harness.iam import asked, project_path
from harness.world import HOST, PATH
from wire import Wire


def told_key(world, key):
    with Wire(world.nginx.port) as wire:
        wire.send(signing.raw("GET", f"/apigw/authadv/v2/public-key/{key}", {"Host": HOST}))
        return wire.answer().status


def test_public_keys_are_told_once_the_parameter_is_on(page, world):
    visit(page, "/settings")
    assert_accessible(page)
    assert world.client.post("/signs", {"name": "early", "sign_type": "public_key"}).status == 412
    page.get_by_role("button", name="Switch on: public_key_enable").click()
    expect(page.get_by_role("button", name="Switch off: public_key_enable")).to_be_visible()
    key = world.client.made("/signs", {"name": "with_public_key", "sign_type": "public_key"})
    world.client.made("/sign-bindings", {"sign_id": key["id"], "publish_ids": [world.publication]})
    assert told_key(world, key["id"]) == 200
    page.get_by_role("button", name="Switch off: public_key_enable").click()
    expect(page.get_by_role("button", name="Switch on: public_key_enable")).to_be_visible()
    assert world.client.post("/signs", {"name": "late", "sign_type": "public_key"}).status == 412


def test_apps_may_call_with_their_secret_once_the_parameter_is_on(page, world):
    app = world.app("plain_secret")

    def ask():
        with Wire(world.nginx.port) as wire:
            wire.send(signing.raw("GET", PATH, {"Host": HOST, "X-HW-ID": app.key, "X-HW-AppKey": app.secret}))
            return wire.answer().status

    visit(page, "/settings")
    assert ask() == 401
    page.get_by_role("button", name="Switch on: app_secret").click()
    page.get_by_role("button", name="Switch off: app_secret").click()
    expect(page.get_by_role("button", name="Switch on: app_secret")).to_be_visible()
    assert ask() == 401
    page.get_by_role("button", name="Switch on: app_secret").click()
    expect(page.get_by_role("button", name="Switch off: app_secret")).to_be_visible()
    assert ask() == 200


def test_the_gateway_gets_another_name(page, world):
    visit(page, "/settings")
    field(page, "Name").fill("x")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("alert")).to_contain_text("3 to 64 characters")
    field(page, "Name").fill("renamed")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved")).to_be_visible()
    expect(page.get_by_role("combobox", name="Gateway").locator("option:checked")).to_have_text("renamed")
    world.client.signed("PUT", world.client.base, json.dumps({"instance_name": "countersign"}).encode())


def test_a_quota_holds(page, world):
    visit(page, "/settings")
    used = world.client.get("/apps").json["total"]
    row = page.get_by_role("row").filter(has=page.get_by_label("Limit of Apps", exact=True))
    row.get_by_label("Limit of Apps").fill(str(used + 1))
    row.get_by_role("button", name="Save").click()
    expect(row.get_by_role("button", name="Save")).to_be_disabled()
    assert [world.client.post("/apps", {"name": f"counted_{number}"}).status for number in range(2)] == [201, 403]
    row.get_by_label("Limit of Apps").fill("0")
    row.get_by_role("button", name="Save").click()
    expect(row.get_by_role("button", name="Save")).to_be_disabled()
    assert world.client.post("/apps", {"name": "counted_again"}).status == 201


def test_security_settings(page, world):
    visit(page, "/settings")
    section = page.get_by_role("region", name="Security of the account")
    field(section, "A session ends when unused for (seconds)").fill("10")
    section.get_by_role("button", name="Save").click()
    expect(section.get_by_role("alert")).to_contain_text("60 to 86400")
    field(section, "A session ends when unused for (seconds)").fill("3600")
    field(section, "Secrets of apps and signature keys").select_option("never")
    section.get_by_role("button", name="Save").click()
    expect(section.get_by_text("Saved")).to_be_visible()
    app = world.client.made("/apps", {"name": "hidden"})
    assert world.client.post(f"/apps/{app['id']}/secret").code == "APIG.3963"
    asked(world.client, "PUT", project_path(world.client, "/security-settings"), {"session_idle_seconds": 1800, "show_secrets": "step_up"})
