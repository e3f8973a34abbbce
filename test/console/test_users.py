"""Users, their roles and access keys; one's own account. Each step is seen in a call that it makes possible or stops."""
import re
import time

import zxingcpp
from playwright.sync_api import expect

from browsing import assert_accessible, field, secret_of, visit
from harness.iam import make_user, session_client, totp
from harness.management import Client
from harness.stored import change

PASSWORD = "a good long password"


def test_a_user_a_role_and_an_access_key(page, console, world):
    visit(page, "/users")
    page.get_by_role("button", name="Create user").click()
    panel = page.get_by_role("dialog", name="Create user")
    field(panel, "Name").fill("1wrong")
    panel.get_by_role("button", name="Create").click()
    expect(panel.get_by_role("alert")).to_contain_text("first a letter")
    field(panel, "Name").fill("builder")
    field(panel, "Password").fill(PASSWORD)
    panel.get_by_role("button", name="Add a role").click()
    field(panel, "Role").select_option("api_owner")
    assert_accessible(page)
    panel.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="builder")).to_be_visible()
    expect(page.get_by_text("API owner")).to_be_visible()
    builder = session_client(world.client, "builder", PASSWORD)
    assert builder.post("/api-groups", {"name": "of_the_builder"}).status == 201
    assert builder.post("/consumers", {"name": "not-for-me"}).status == 403

    page.get_by_role("button", name="Create access key").click()
    panel = page.get_by_role("dialog", name="Create an access key")
    field(panel, "What it is for").fill("pipeline")
    panel.get_by_role("button", name="Create").click()
    page.locator("[data-secret=secret]").wait_for()
    program = Client(world.client.socket_path, {**world.client.admin, "access": secret_of(page, "access"), "secret": secret_of(page, "secret")})
    page.get_by_role("button", name="I have saved it").click()
    assert_accessible(page)
    assert program.get("/api-groups").status == 200
    row = page.get_by_role("row").filter(has_text="pipeline")
    row.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog", name="Disable the access key?").get_by_role("button", name="Disable").click()
    expect(row).to_contain_text("Disabled")
    assert program.get("/api-groups").status == 401

    page.get_by_role("button", name="Edit").click()
    panel = page.get_by_role("dialog", name="Edit builder")
    field(panel, "Role").select_option("app_owner")
    field(panel, "Region").select_option(label=world.client.admin.get("region", "local"))
    panel.get_by_role("button", name="Save").click()
    expect(page.get_by_text("App owner (local)")).to_be_visible()
    builder = session_client(world.client, "builder", PASSWORD)
    assert [builder.post("/api-groups", {"name": "of_nobody"}).status, builder.post("/consumers", {"name": "for-me"}).status] == [403, 201]

    page.get_by_role("button", name="Disable", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="Disable builder?")
    dialog.get_by_role("button", name="Disable").click()
    expect(dialog).to_be_hidden()
    assert builder.get("/api-groups").status == 401
    page.get_by_role("button", name="Delete", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="Delete builder?")
    field(dialog, "Type builder to confirm.").fill("builder")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Users and access keys")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="builder")).to_be_hidden()


def scanned(picture):
    """What a camera reads in a QR code, of which the path names the dark squares."""
    size = int(picture.get_attribute("viewBox").split()[2])
    pixels = bytearray(b"\xff" * (size * size * 16))
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", picture.locator("path").get_attribute("d")):
        for line in range(4):
            at = (int(y) * 4 + line) * size * 4 + int(x) * 4
            pixels[at:at + 4] = b"\0\0\0\0"
    return zxingcpp.read_barcode(memoryview(pixels).cast("B", (size * 4, size * 4))).text


def own_page(console, world, name):
    make_user(world.client, name, [{"role": "operator"}], password=PASSWORD)
    return console.page(state=console.user_state(name, PASSWORD))


def test_ones_own_password(console, world):
    page = own_page(console, world, "changing")
    visit(page, "/account")
    field(page, "Password until now").fill("wrong password")
    field(page, "New password").fill("another good password")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    field(page, "Password until now").fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    assert session_client(world.client, "changing", "another good password").get("/envs").status == 200
    console.done(page)


def test_a_second_factor_and_the_step_up_before_an_access_key(console, world):
    page = own_page(console, world, "factored")
    visit(page, "/account")
    assert_accessible(page)
    page.get_by_role("button", name="Set up an app").click()
    panel = page.get_by_role("dialog", name="Set up an app")
    field(panel, "Password until now").fill(PASSWORD)
    panel.get_by_role("button", name="Go on").click()
    secret, step = secret_of(panel, "factor"), int(time.time()) // 30
    assert scanned(panel.get_by_role("img", name="QR code of the address")) == secret_of(panel, "uri") and secret in secret_of(panel, "uri")
    assert_accessible(page)
    field(panel, "A code").fill(totp(secret, step - 1))
    field(panel, "The next code").fill(totp(secret, step))
    panel.get_by_role("button", name="Confirm").click()
    expect(page.locator("[data-secret^=recovery_code]")).to_have_count(10)
    page.get_by_role("button", name="I have saved it").click()
    expect(page.get_by_text("Recovery codes left: 10")).to_be_visible()

    page.get_by_role("button", name="Create access key").click()
    page.get_by_role("dialog", name="Create an access key").get_by_role("button", name="Create").click()
    dialog = page.get_by_role("dialog", name="Prove that it is you")
    expect(dialog).to_contain_text("create_access_key")
    assert_accessible(page)
    field(dialog, "Code of the second factor").fill("000000")
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog.get_by_role("alert")).to_contain_text("wrong or was used already")
    change(world.daemon, "UPDATE iam_factor SET last_step = 0")
    field(dialog, "Code of the second factor").fill(totp(secret, int(time.time()) // 30))
    dialog.get_by_role("button", name="Confirm").click()
    page.locator("[data-secret=secret]").wait_for()
    program = Client(world.client.socket_path, {**world.client.admin, "access": secret_of(page, "access"), "secret": secret_of(page, "secret")})
    assert program.get("/envs").status == 200
    page.get_by_role("button", name="I have saved it").click()

    page.get_by_role("button", name="Take it away").click()
    page.get_by_role("dialog", name="Take the second factor away?").get_by_role("button", name="Take it away").click()
    dialog = page.get_by_role("dialog", name="Prove that it is you")
    expect(dialog.locator(":focus")).to_have_count(1)  # before that, Escape is the question's behind it
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("Recovery codes left")).to_be_visible()
    console.done(page)
