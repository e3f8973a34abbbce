"""Signature keys from their creation to their end: a backend's own verifier says whether what reaches it is countersigned."""
import time

import pytest
from playwright.sync_api import expect

from browsing import assert_accessible, field, secret_of, visit
from harness import signing
from harness.iam import Authenticator, make_user, session_client
from harness.signature_keys import public_key, sdk_key, verify
from harness.stored import change
from harness.world import HOST, RELEASE
from wire import Wire

PASSWORD = "a good long password"
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def publish(world, name, tags=(), group=None):
    """An API that anybody may call, published; its path is /name."""
    client = world.client
    api = client.made("/apis", {
        "name": name, "group_id": group or world.group, "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": f"/{name}", "match_mode": "NORMAL",
        "auth_type": "NONE", "backend_type": "HTTP", "tags": list(tags), "remark": HOSTILE,
        "backend_api": {"url_domain": world.backend.authority, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 5000}})["id"]
    client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api})
    return api


def received(world, name):
    """What reaches the backend of a call."""
    world.backend.take()
    with Wire(world.nginx.port) as wire:
        wire.send(signing.raw("GET", f"/{name}", {"Host": HOST}))
        assert wire.answer().status == 200
    return world.backend.only()


def key_of(made, kind, sign_id):
    return sdk_key(kind, sign_id, made["sign_key"], made["sign_secret"])


def is_signed(world, name, key):
    return not isinstance(verify(key, received(world, name)), str)


def open_panel(page):
    visit(page, "/signature-keys")
    page.get_by_role("button", name="Create signature key").click()
    return page.get_by_role("dialog", name="Create signature key")


def create(page, panel, name):
    """Creates, and returns (key and secret, id)."""
    panel.get_by_role("button", name="Create", exact=True).click()
    page.locator("[data-secret=sign_key]").wait_for()
    made = {each: secret_of(page, each) for each in ("sign_key", "sign_secret")}
    page.get_by_role("button", name="I have saved it").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    return made, page.url.rsplit("/", 1)[1]


def bind(page, *names):
    page.get_by_role("button", name="Bind APIs").first.click()
    panel = page.get_by_role("dialog", name="Bind APIs to")
    for name in names:
        field(panel, "Search APIs by name").fill(name)
        panel.get_by_label(f"Select {name}", exact=True).check()
    panel.get_by_role("button", name="Bind", exact=True).click()
    expect(panel).to_be_hidden()


def test_a_key_from_creation_to_deletion(page, world):
    publish(world, "signed_first")
    panel = open_panel(page)
    assert_accessible(page)
    field(panel, "Name").fill("1wrong")
    panel.get_by_role("button", name="Create", exact=True).click()
    expect(panel.get_by_role("alert")).to_contain_text("first a letter")
    field(panel, "Name").fill("console_key")
    made, key_id = create(page, panel, "console_key")
    assert (len(made["sign_key"]), len(made["sign_secret"])) == (32, 64)
    key = key_of(made, "hmac", key_id)
    assert not is_signed(world, "signed_first", key), "not bound yet"
    bind(page, "signed_first")
    row = page.get_by_role("row").filter(has_text="signed_first")
    expect(row).to_contain_text(HOSTILE)
    assert_accessible(page)
    assert is_signed(world, "signed_first", key)

    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog", name="console_key cannot be deleted")
    expect(dialog).to_contain_text("signed_first (journey, RELEASE)")
    assert_accessible(page)
    dialog.get_by_role("button", name="Close", exact=True).click()
    row.get_by_role("button", name="Unbind").click()
    page.get_by_role("dialog", name="Unbind signed_first").get_by_role("button", name="Unbind").click()
    expect(page.get_by_text("1 done, 0 failed")).to_be_visible()
    expect(row).to_be_hidden()
    assert not is_signed(world, "signed_first", key)
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog", name="Delete console_key?")
    field(dialog, "Type console_key to confirm.").fill("console_key")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Signature keys", level=1)).to_be_visible()
    field(page, "Search by name").fill("console_key")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()


CUSTOM = {
    "HMAC": ("hmac", "console_hmac_key", "Key", "Secret", "console-hmac-secret-0123456789", "64 characters"),
    "BCE": ("bce", "console_bce", "Key", "Secret", "console-bce-secret-0123456789", "128 characters"),
    "Aliyun": ("aliyun", "console_aliyun", "Key", "Secret", "console_aliyun_secret@", "30 characters"),
    "Basic": ("basic", "console_user", "Key", "Secret", "console_password_012", "64 characters"),
    "AES": ("aes", "console_aes_16ch", "AES key", "AES vector", "console_vector16", "16 characters"),
}


@pytest.mark.parametrize("label", CUSTOM)
def test_keys_of_ones_own(page, world, label):
    kind, key, key_label, secret_label, secret, rule = CUSTOM[label]
    publish(world, f"signed_{kind}")
    panel = open_panel(page)
    field(panel, "Name").fill(f"own_{kind}")
    panel.locator(f"input[name=sign-type][value={kind}]").check()
    if kind == "aes":
        field(panel, "AES algorithm").select_option("aes-128-cfb")
    panel.locator("input[name=key-generation][value=CUSTOM]").check()
    field(panel, key_label).fill(key)
    field(panel, secret_label).fill(secret)
    field(panel, f"Confirm: {secret_label}").fill(secret + "x")
    panel.get_by_role("button", name="Create", exact=True).click()
    expect(panel.get_by_role("alert")).to_contain_text("not the same")
    for box in (secret_label, f"Confirm: {secret_label}"):
        field(panel, box).fill("a b")
    panel.get_by_role("button", name="Create", exact=True).click()
    expect(panel.get_by_role("alert")).to_contain_text(rule)
    for box in (secret_label, f"Confirm: {secret_label}"):
        field(panel, box).fill(secret)
    made, key_id = create(page, panel, f"own_{kind}")
    assert made == {"sign_key": key, "sign_secret": secret}
    bind(page, f"signed_{kind}")
    expect(page.get_by_role("row").filter(has_text=f"signed_{kind}")).to_be_visible()
    assert is_signed(world, f"signed_{kind}", key_of(made, kind, key_id))


def test_public_keys_only_where_they_are_switched_on(page, world):
    publish(world, "signed_public")
    world.client.made("/features", {"name": "public_key", "enable": False})
    panel = open_panel(page)
    choice = panel.locator("input[name=sign-type][value=public_key]")
    expect(choice).to_be_disabled()
    expect(panel.get_by_text("Switched off for this gateway")).to_be_visible()
    world.client.made("/features", {"name": "public_key", "enable": True})
    panel = open_panel(page)
    choice.check()
    field(panel, "Name").fill("own_public")
    panel.locator("input[name=key-generation][value=CUSTOM]").check()
    public, private = public_key("rsa-private.pem")
    for box in ("Private key (PKCS#8)", "Confirm: Private key (PKCS#8)"):
        field(panel, box).fill(private)
    made, key_id = create(page, panel, "own_public")
    assert made["sign_key"] == public, "derived"
    bind(page, "signed_public")
    assert is_signed(world, "signed_public", key_of(made, "public_key", key_id))


def test_many_are_bound_and_unbound_at_once(page, world):
    group = world.client.made("/api-groups", {"name": "bound_group"})["id"]
    for number in range(3):
        api = publish(world, f"many_{number}", tags=["shop", f"number-{number}"], group=group)
        if number == 0:
            stage = world.client.made("/envs", {"name": "bound_stage"})["id"]
            world.client.made("/apis/action", {"action": "online", "env_id": stage, "api_id": api})
    other = world.client.made("/signs", {"name": "other_key"})
    taken = world.client.get("/sign-bindings/unbinded-apis", sign_id=other["id"], api_name="many_2").json["apis"][0]["publish_id"]
    world.client.made("/sign-bindings", {"sign_id": other["id"], "publish_ids": [taken]})
    key = world.client.made("/signs", {"name": "many_key"})

    visit(page, "/signature-keys")
    page.get_by_role("row").filter(has_text="many_key").get_by_role("button", name="Bind APIs").click()
    panel = page.get_by_role("dialog", name="Bind APIs to many_key")
    panel.get_by_role("button", name="Bind", exact=True).click()
    expect(panel.get_by_role("alert")).to_contain_text("at least one")
    field(panel, "Group").select_option("bound_group")
    expect(panel.get_by_text("3 in all")).to_be_visible()
    field(panel, "Environment").select_option("bound_stage")
    expect(panel.get_by_text("1 in all")).to_be_visible()
    expect(panel.get_by_role("cell", name="many_0", exact=True)).to_be_visible()
    field(panel, "Environment").select_option("RELEASE")
    expect(panel.get_by_text("3 in all")).to_be_visible()
    field(panel, "Tags").fill("nobody,number-1")
    field(panel, "Tags").press("Tab")
    expect(panel.get_by_text("1 in all")).to_be_visible()
    field(panel, "Tags").fill("shop")
    field(panel, "Tags").press("Tab")
    expect(panel.get_by_text("3 in all")).to_be_visible()
    assert_accessible(page)
    panel.get_by_label("Select all on this page").check()
    panel.get_by_role("button", name="Bind", exact=True).click()
    expect(panel.get_by_text("2 done, 0 failed, 1 skipped")).to_be_visible()
    expect(panel.get_by_text("Signed by other_key already")).to_be_visible()
    page.keyboard.press("Escape")

    visit(page, f"/signature-keys/{key['id']}")
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_label("Select all on this page").check()
    gone = world.client.get("/sign-bindings/binded-apis", sign_id=key["id"], api_name="many_0").json["bindings"][0]["id"]
    assert world.client.delete(f"/sign-bindings/{gone}").status == 204
    page.get_by_role("button", name="Unbind selected").click()
    page.get_by_role("dialog", name="Unbind 2 APIs?").get_by_role("button", name="Unbind").click()
    expect(page.get_by_text("1 done, 1 failed")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="many_0")).to_contain_text("does not exist")
    expect(page.get_by_text("this key signs nothing yet")).to_be_visible()


def test_the_secret_is_shown_after_a_step_up_(console, world):
    publish(world, "signed_shown")
    made = world.client.made("/signs", {"name": "shown_key"})
    make_user(world.client, "keeper", [{"role": "operator"}], password=PASSWORD)
    page = console.page(state=console.user_state("keeper", PASSWORD))
    address = f"/signature-keys/{made['id']}"
    visit(page, address)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_contain_text("factor")
    factor = Authenticator(session_client(world.client, "keeper", PASSWORD), PASSWORD, lambda: change(world.daemon, "UPDATE iam_factor SET last_step = 0"))
    page.reload()
    page.get_by_role("button", name="Show").click()
    dialog = page.get_by_role("dialog", name="Prove that it is you")
    expect(dialog).to_contain_text("show_sign_secret")
    field(dialog, "Code of the second factor").fill(factor.code())
    dialog.get_by_role("button", name="Confirm").click()
    page.locator("[data-secret=sign_secret]").wait_for()
    shown = {name: secret_of(page, name) for name in ("sign_key", "sign_secret")}
    assert_accessible(page)
    page.get_by_role("button", name="Hide").click()
    expect(page.locator("[data-secret]")).to_have_count(0)
    bind(page, "signed_shown")
    assert is_signed(world, "signed_shown", key_of(shown, "hmac", made["id"]))
    console.done(page)


def test_an_edit_asks_for_the_secret_again(page, world):
    publish(world, "signed_edited")
    made = world.client.made("/signs", {"name": "edited_key"})
    visit(page, f"/signature-keys/{made['id']}")
    bind(page, "signed_edited")
    page.get_by_role("button", name="Edit").click()
    panel = page.get_by_role("dialog", name="Edit edited_key")
    field(panel, "Name").fill("renamed_key")
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_role("alert")).to_contain_text("Enter the secret again")
    assert_accessible(page)
    for box in ("Secret", "Confirm: Secret"):
        field(panel, box).fill("another_secret_0123456789")
    panel.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="renamed_key", exact=True)).to_be_visible()
    assert not is_signed(world, "signed_edited", key_of(made, "hmac", made["id"]))
    assert is_signed(world, "signed_edited", key_of({**made, "sign_secret": "another_secret_0123456789"}, "hmac", made["id"]))


def test_the_next_secret_from_its_moment_on(page, world):
    publish(world, "signed_next")
    made = world.client.made("/signs", {"name": "rotated_key"})
    visit(page, f"/signature-keys/{made['id']}")
    bind(page, "signed_next")
    page.get_by_role("button", name="Change the secret").click()
    panel = page.get_by_role("dialog", name="The next secret of rotated_key")
    assert_accessible(page)
    panel.get_by_role("button", name="Store the next secret").click()
    page.locator("[data-secret=sign_secret]").wait_for()
    page.get_by_role("button", name="I have saved it").click()
    expect(page.get_by_role("heading", name="The next secret signs from")).to_be_visible()
    old = key_of(made, "hmac", made["id"])
    assert is_signed(world, "signed_next", old), "not before its moment"
    page.get_by_role("button", name="Take the next secret back").click()
    page.get_by_role("dialog", name="Take the next secret back?").get_by_role("button", name="Take the next secret back").click()
    expect(page.get_by_role("heading", name="The next secret signs from")).to_be_hidden()

    page.get_by_role("button", name="Change the secret").click()
    field(panel, "Signs from").fill(time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() - 60)))
    panel.get_by_role("button", name="Store the next secret").click()
    page.locator("[data-secret=sign_secret]").wait_for()
    after = key_of({**made, "sign_secret": secret_of(page, "sign_secret")}, "hmac", made["id"])
    page.get_by_role("button", name="I have saved it").click()
    assert [is_signed(world, "signed_next", each) for each in (old, after)] == [False, True]


def test_in_chinese_and_on_a_phone(phone, world):
    world.client.made("/signs", {"name": "phone_key"})
    phone.add_init_script("localStorage.setItem('countersign.language', 'zh-CN')")
    visit(phone, "/signature-keys")
    expect(phone.get_by_role("heading", name="签名密钥", level=1)).to_be_visible()
    phone.get_by_role("link", name="phone_key").click()
    expect(phone.get_by_text("未绑定：该密钥尚未对任何请求签名。")).to_be_visible()
    assert_accessible(phone)
