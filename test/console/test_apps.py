"""Apps from their creation to their end, each step seen in a request through the gateway."""
import time

from playwright.sync_api import expect

from browsing import assert_accessible, field, secret_of, visit
from harness import signing
from harness.world import HOST, PATH, RELEASE
from wire import Wire

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def ask(world, fields, target=PATH):
    with Wire(world.nginx.port) as wire:
        wire.send(signing.raw("GET", target, {"Host": HOST, **fields}))
        return wire.answer().status


def signed(pair):
    return signing.sdk_hmac_fields("GET", HOST, PATH, pair)


def shown_pair(page):
    page.locator("[data-secret=app_secret]").wait_for()
    pair = secret_of(page, "app_key"), secret_of(page, "app_secret")
    page.get_by_role("button", name="I have saved it").click()
    expect(page.locator("[data-secret]")).to_have_count(0)
    return pair


def create(page, name, remark="", own=None):
    visit(page, "/apps")
    page.get_by_role("button", name="Create app").click()
    panel = page.get_by_role("dialog", name="Create app")
    field(panel, "Name").fill(name)
    field(panel, "Description").fill(remark)
    if own:
        panel.locator("input[name=app-generation][value=CUSTOM]").check()
        field(panel, "AppKey").fill(own[0])
        field(panel, "AppSecret").fill(own[1])
    panel.get_by_role("button", name="Create", exact=True).click()
    return panel


def authorise(page, name="orders", end=None):
    page.get_by_role("button", name="Authorise for APIs").click()
    panel = page.get_by_role("dialog", name="Authorise for APIs")
    if end:
        field(panel, "Ends").fill(end)
    panel.get_by_role("cell").first.wait_for()
    assert_accessible(page)
    field(panel, "Search APIs by name").fill(name)
    panel.get_by_label(f"Select {name}", exact=True).check()
    panel.get_by_role("button", name="Authorise", exact=True).click()
    expect(panel).to_be_hidden()


def test_an_app_from_creation_to_deletion(page, world):
    panel = create(page, "1wrong")
    expect(panel.get_by_role("alert")).to_contain_text("first a letter")
    assert_accessible(page)
    create(page, "console_app", HOSTILE)
    pair = shown_pair(page)
    expect(page.get_by_role("heading", name="console_app", level=1, exact=True)).to_be_visible()
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    assert ask(world, signed(pair)) == 403, "not authorised yet"
    authorise(page, end=time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + 86400)))
    row = page.get_by_role("row").filter(has_text="orders")
    expect(row).to_contain_text(time.strftime("%Y", time.gmtime(time.time() + 86400)))
    assert_accessible(page)
    assert ask(world, signed(pair)) == 200

    page.get_by_role("button", name="Disable").first.click()
    page.get_by_role("dialog", name="Disable console_app?").get_by_role("button", name="Disable").click()
    expect(page.get_by_role("button", name="Enable").first).to_be_visible()
    assert ask(world, signed(pair)) == 401
    page.get_by_role("button", name="Enable").first.click()
    page.get_by_role("dialog", name="Enable console_app?").get_by_role("button", name="Enable").click()
    expect(page.get_by_role("button", name="Enable")).to_have_count(0)
    assert ask(world, signed(pair)) == 200
    row.get_by_role("button", name="Withdraw").click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(row).to_be_hidden()
    assert ask(world, signed(pair)) == 403

    page.get_by_role("button", name="Delete", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="Delete console_app?")
    field(dialog, "Type console_app to confirm.").fill("console_app")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Apps", level=1)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="console_app")).to_be_hidden()


def test_key_pairs_and_another_secret_with_an_overlap(page, world):
    create(page, "pairs_app", own=("console-own-key", "console-own-secret-1"))
    first = shown_pair(page)
    assert first == ("console-own-key", "console-own-secret-1")
    authorise(page)
    page.get_by_role("button", name="New secret").click()
    panel = page.get_by_role("dialog", name="A new secret for console-own-key")
    field(panel, "The old secret counts for another").select_option(label="hour")
    panel.get_by_role("button", name="New secret").click()
    second = shown_pair(page)
    assert second[1] != first[1]
    expect(page.get_by_text("The former secret counts until")).to_be_visible()
    assert [ask(world, signed(pair)) for pair in (first, second)] == [200, 200], "both, for an hour"

    page.get_by_role("button", name="Add a key pair").click()
    page.get_by_role("dialog", name="Add a key pair?").get_by_role("button", name="Create").click()
    third = shown_pair(page)
    assert ask(world, signed(third)) == 200
    row = page.get_by_role("row").filter(has_text=third[0])
    row.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(row).to_contain_text("Disabled")
    assert [ask(world, signed(pair)) for pair in (second, third)] == [200, 401]
    row.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row).to_be_hidden()


def test_app_codes(page, world):
    client = world.client
    api = client.made("/apis", {
        "name": "simple_orders", "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/simple", "match_mode": "NORMAL",
        "auth_type": "APP", "auth_opt": {"app_code_auth_type": "HEADER"}, "backend_type": "HTTP",
        "backend_api": {"url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 5000}})["id"]
    client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api})
    app = client.made("/apps", {"name": "codes_app"})
    visit(page, f"/apps/{app['id']}")
    authorise(page, "simple_orders")
    own = "console-own-app-code-0123456789abcdef"
    codes = []
    for value in (None, own):
        page.get_by_role("button", name="Add an AppCode").click()
        panel = page.get_by_role("dialog", name="Add an AppCode")
        if value:
            panel.locator("input[name=code-generation][value=CUSTOM]").check()
            field(panel, "AppCode").fill("short")
            panel.get_by_role("button", name="Create").click()
            expect(panel.get_by_role("alert")).to_contain_text("32 to 180")
            field(panel, "AppCode").fill(value)
        panel.get_by_role("button", name="Create").click()
        page.locator("[data-secret=app_code]").wait_for()
        codes.append(secret_of(page, "app_code"))
        page.get_by_role("button", name="I have saved it").click()
    assert codes[1] == own
    assert [ask(world, {"X-Apig-AppCode": code}, "/simple") for code in codes] == [200, 200]
    section = page.get_by_role("region", name="AppCodes").first
    for left in (1, 0):
        section.get_by_role("button", name="Delete").first.click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(section.get_by_role("button", name="Delete")).to_have_count(left)
    assert [ask(world, {"X-Apig-AppCode": code}, "/simple") for code in codes] == [401, 401]


def test_many_apps_are_authorised_from_the_list_or_by_id(page, world):
    apps = [world.app(f"listed_{number}", authorised=False) for number in range(3)]
    visit(page, "/apps")
    page.get_by_role("button", name="Authorise apps for APIs").click()
    panel = page.get_by_role("dialog", name="Authorise apps for APIs")
    panel.get_by_role("button", name="Authorise", exact=True).click()
    expect(panel.get_by_role("alert")).to_contain_text("at least one app")
    assert_accessible(page)
    field(panel, "Search apps by name").fill("listed_")
    panel.get_by_label("Select listed_0").check()
    panel.get_by_label("Select listed_1").check()
    field(panel, "Search APIs by name").fill("orders")
    panel.get_by_label("Select orders", exact=True).check()
    panel.get_by_role("button", name="Authorise", exact=True).click()
    expect(panel).to_be_hidden()
    assert [world.call(app).status for app in apps] == [200, 200, 403]

    page.get_by_role("button", name="Authorise apps for APIs").click()
    panel.locator("input[name=whose][value=OTHER]").check()
    field(panel, "Id of the app").fill("0" * 32)
    panel.get_by_role("button", name="Add", exact=True).click()
    expect(panel.get_by_role("alert")).to_contain_text("does not exist")
    for app in (apps[0], apps[2]):
        field(panel, "Id of the app").fill(app.id)
        field(panel, "Id of the app").press("Enter")
        expect(panel.get_by_role("listitem").filter(has_text=app.id)).to_be_visible()
    panel.get_by_label("Select orders", exact=True).check()
    panel.get_by_role("button", name="Authorise", exact=True).click()
    expect(panel.get_by_text("listed_2: orders")).to_be_visible()
    assert world.call(apps[2]).status == 200


def test_in_chinese_and_on_a_phone(phone, world):
    app = world.app("phone_app")
    phone.add_init_script("localStorage.setItem('countersign.language', 'zh-CN')")
    visit(phone, "/apps")
    expect(phone.get_by_role("heading", name="应用", level=1)).to_be_visible()
    visit(phone, f"/apps/{app.id}")
    expect(phone.get_by_role("heading", name="密钥对")).to_be_visible()
    assert_accessible(phone)
