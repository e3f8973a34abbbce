"""Consumers from their creation to their end, each step seen in a request through the gateway."""
import base64
import json
import time

import pytest
from playwright.sync_api import expect

from browsing import assert_accessible, field, secret_of, visit
from harness import signing
from harness.world import HOST, PATH
from tokens import Key, Secret, claims, jwks, token
from wire import Wire


def ask(world, fields=None, target=PATH):
    with Wire(world.nginx.port) as wire:
        wire.send(signing.raw("GET", target, {"Host": HOST, **(fields or {})}))
        return wire.answer().status


def open_panel(page, path="/consumers", button="Create a consumer"):
    visit(page, path)
    page.get_by_role("button", name=button).click()
    panel = page.get_by_role("dialog", name=button)
    expect(panel).to_be_visible()
    return panel


def finish(page, panel, name):
    """Creates, and returns what is shown once."""
    panel.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Shown only once").or_(page.get_by_role("dialog", name=f"The credential of {name}"))).to_be_visible()
    values = {each.get_attribute("data-secret"): each.inner_text() for each in page.locator("[data-secret]").all()}
    page.get_by_role("button", name="I have saved it").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    return values


def authorise(page, end=None):
    page.get_by_role("button", name="Authorise for APIs").click()
    panel = page.get_by_role("dialog", name="Authorise for APIs")
    field(panel, "Search APIs by name").fill("orders")
    panel.get_by_label("Select orders").check()
    panel.get_by_role("button", name="Authorise", exact=True).click()
    expect(panel).to_be_hidden()
    expect(page.get_by_role("cell", name="orders")).to_be_visible()


def test_an_api_key_from_creation_to_deletion(page, world):
    panel = open_panel(page)
    expect(panel.get_by_text("Quick to integrate; less secure than JWT or signed requests.")).to_be_visible()
    assert_accessible(page)
    field(panel, "Consumer name").fill("partner-key")
    panel.get_by_label("Custom HTTP header").check()
    field(panel, "Header name").fill("X-API-Key")
    key = finish(page, panel, "partner-key")["api_key"]
    assert len(key) == 48
    assert ask(world, {"X-API-Key": key}) == 401, "not authorised yet"
    authorise(page)
    assert_accessible(page)
    assert ask(world, {"X-API-Key": key}) == 200

    page.get_by_role("link", name="Consumers").first.click()
    row = page.get_by_role("row").filter(has_text="partner-key")
    expect(row).to_contain_text("API key")
    deadline = time.monotonic() + 20
    while "ago" not in row.inner_text() and "now" not in row.inner_text():  # the daemon takes what workers tell every few seconds
        assert time.monotonic() < deadline, "last used"
        page.get_by_role("button", name="Reload").click()
        page.wait_for_timeout(300)
    page.get_by_label("State", exact=True).select_option(label="Disabled")
    expect(row).to_be_hidden()
    page.get_by_label("State", exact=True).select_option(label="Enabled")
    field(page, "Search by name").fill("partner-k")
    expect(page.get_by_text("1 in all")).to_be_visible()
    page.get_by_label("State", exact=True).select_option(label="Any state")
    row.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog", name="Disable partner-key?").get_by_role("button", name="Disable").click()
    expect(row).to_contain_text("Disabled")
    assert ask(world, {"X-API-Key": key}) == 401
    row.get_by_role("button", name="Enable").click()
    page.get_by_role("dialog").get_by_role("button", name="Enable").click()
    expect(row).to_contain_text("Enabled")
    assert ask(world, {"X-API-Key": key}) == 200

    row.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete partner-key?")
    field(dialog, "Type partner-key to confirm.").fill("partner-ke")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    field(dialog, "Type partner-key to confirm.").fill("partner-key")
    dialog.get_by_role("button", name="Delete").click()
    expect(row).to_be_hidden()
    assert ask(world, {"X-API-Key": key}) == 401


@pytest.mark.parametrize("source, label, name", [("BEARER", "Authorization: Bearer", None), ("QUERY", "Custom query parameter", "apikey")])
def test_a_key_of_ones_own_in_another_place(page, world, source, label, name):
    value = f"my-own-key-of-{source.lower()}"
    panel = open_panel(page)
    field(panel, "Consumer name").fill(f"own-{source.lower()}")
    panel.get_by_label("Custom", exact=False).nth(0).check()
    field(panel, "Credential").fill("short")
    panel.get_by_label(label).check()
    if name:
        field(panel, "Parameter name").fill(name)
    panel.get_by_role("button", name="Create").click()
    expect(panel.get_by_role("alert")).to_contain_text("8 to 512 characters")
    field(panel, "Credential").fill(value)
    assert finish(page, panel, f"own-{source.lower()}")["api_key"] == value
    authorise(page)
    fields, target = ({"Authorization": f"Bearer {value}"}, PATH) if source == "BEARER" else ({}, f"{PATH}?{name}={value}")
    assert ask(world, fields, target) == 200


def signed(pair):
    return signing.sdk_hmac_fields("GET", HOST, PATH, pair)


def test_a_signing_pair_and_its_next_secret(page, world):
    panel = open_panel(page)
    field(panel, "Consumer name").fill("signer")
    panel.get_by_label("Signed requests (HMAC)").check()
    made = finish(page, panel, "signer")
    pair = (made["access_key"], made["secret_key"])
    authorise(page)
    assert ask(world, signed(pair)) == 200

    page.get_by_role("button", name="New secret").click()
    panel = page.get_by_role("dialog", name="new secret")
    field(panel, "The old secret counts for another").select_option(label="hour")
    panel.get_by_role("button", name="New secret").click()
    page.locator("[data-secret=secret_key]").wait_for()
    second = secret_of(page, "secret_key")
    page.get_by_role("button", name="I have saved it").click()
    assert second != pair[1]
    assert [ask(world, signed((pair[0], secret))) for secret in (pair[1], second)] == [200, 200], "both, for an hour"

    page.get_by_role("button", name="Disable", exact=True).last.click()
    page.get_by_role("dialog", name="Disable this credential?").get_by_role("button", name="Disable").click()
    expect(page.get_by_role("listitem").filter(has_text="HMAC")).to_contain_text("Disabled")
    assert ask(world, signed((pair[0], second))) == 401


def test_a_signing_pair_of_ones_own(page, world):
    panel = open_panel(page)
    field(panel, "Consumer name").fill("own-pair")
    panel.get_by_label("Signed requests (HMAC)").check()
    panel.get_by_label("Custom", exact=False).check()
    field(panel, "Access key (AK)").fill("console-own-access-key")
    field(panel, "Secret key (SK)").fill("short")
    panel.get_by_role("button", name="Create").click()
    expect(panel.get_by_role("alert")).to_contain_text("16 to 128")
    assert_accessible(page, only=["[role=dialog]"])
    field(panel, "Secret key (SK)").fill("console-own-secret-key-1")
    made = finish(page, panel, "own-pair")
    assert made == {"access_key": "console-own-access-key", "secret_key": "console-own-secret-key-1"}
    authorise(page)
    assert ask(world, signed(("console-own-access-key", "console-own-secret-key-1"))) == 200
    assert ask(world, signed(("console-own-access-key", "console-own-secret-key-2"))) == 401


def bearer(key, **more):
    return {"Authorization": f"Bearer {token(key, claims(**more))}"}


def test_tokens_with_a_symmetric_key(page, world):
    panel = open_panel(page)
    field(panel, "Consumer name").fill("tokens-symmetric")
    panel.get_by_label("JSON Web Token (JWT)").check()
    field(panel, "Value").fill("11215ac069234abcb8944232b79ae711")
    expect(panel.locator("pre")).to_contain_text('"uid": "11215ac069234abcb8944232b79ae711"')
    assert_accessible(page)
    made = finish(page, panel, "tokens-symmetric")
    key = Secret(json.loads(made["jwks"])["keys"][0])
    assert json.loads(made["payload"])["uid"] == "11215ac069234abcb8944232b79ae711"
    authorise(page)
    assert ask(world, bearer(key, uid="11215ac069234abcb8944232b79ae711")) == 200
    assert ask(world, bearer(key, uid="somebody-else")) == 401
    visit(page, "/consumers")
    expect(page.get_by_role("row").filter(has_text="tokens-symmetric")).to_contain_text("JWT")


def test_a_token_in_a_header_of_its_own_reaches_the_backend(page, world):
    panel = open_panel(page)
    field(panel, "Consumer name").fill("tokens-passed")
    panel.get_by_label("JSON Web Token (JWT)").check()
    field(panel, "Algorithm").select_option("HS384")
    field(panel, "Token key").fill("X-Token")
    field(panel, "Token prefix").fill("JWT ")
    panel.get_by_text("Pass the token through to the backend").click()
    expect(field(panel, "Claim")).to_have_value("uid")
    made = finish(page, panel, "tokens-passed")
    key, payload = Secret(json.loads(made["jwks"])["keys"][0]), json.loads(made["payload"])
    assert payload["uid"], "drawn"
    authorise(page)
    text = "JWT " + token(key, claims(uid=payload["uid"]))
    world.backend.take()
    assert ask(world, {"X-Token": text}) == 200
    assert world.backend.only()["X-Token"] == text
    assert ask(world, {"Authorization": text.replace("JWT", "Bearer")}) == 401, "not where it was said"
    page.get_by_role("listitem").filter(has_text="JWT").get_by_role("button", name="Edit").click()
    panel = page.get_by_role("dialog", name="Edit JSON Web Token (JWT)")
    panel.get_by_text("Pass the token through to the backend").click()
    panel.get_by_role("button", name="Save").click()
    expect(panel).to_be_hidden()
    world.backend.take()
    assert ask(world, {"X-Token": text}) == 200
    assert world.backend.only().all("X-Token") == []


def test_tokens_with_public_keys_elsewhere_in_the_request(page, world):
    key = Key("ES256", kid="one")
    panel = open_panel(page)
    field(panel, "Consumer name").fill("tokens-asymmetric")
    panel.get_by_label("JSON Web Token (JWT)").check()
    panel.get_by_label("Asymmetric key").check()
    editor = field(panel, "JWKS")
    editor.fill("{")
    expect(panel.get_by_text("This is not JSON")).to_be_visible()
    editor.fill(json.dumps({"keys": [{**key.jwk(), "d": base64.urlsafe_b64encode(b"x" * 32).decode()}]}))
    expect(panel.get_by_text("has private members (d)")).to_be_visible()
    editor.fill(jwks(key))
    expect(panel.get_by_text("Keys: 1. Good as far as can be seen here")).to_be_visible()
    field(panel, "Token type").select_option(label="Query parameter")
    field(panel, "Token key").fill("jwt")
    field(panel, "Claim").fill("/realm/user")
    field(panel, "Value").fill("partner")
    expect(panel.locator("pre")).to_contain_text('"realm"')
    panel.get_by_text("More rules for tokens").click()
    field(panel, "Issuer (iss)").fill("https://issuer.example.com")
    panel.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="tokens-asymmetric", level=1)).to_be_visible()
    authorise(page)
    good = token(key, claims(realm={"user": "partner"}, iss="https://issuer.example.com"))
    assert ask(world, target=f"{PATH}?jwt={good}") == 200
    assert ask(world, target=f"{PATH}?jwt={token(key, claims(realm={'user': 'partner'}, iss='https://other.example.com'))}") == 401

    page.get_by_role("listitem").filter(has_text="JWT").get_by_role("button", name="Edit").click()
    panel = page.get_by_role("dialog", name="Edit JSON Web Token (JWT)")
    panel.get_by_text("More rules for tokens").click()
    expect(field(panel, "Issuer (iss)")).to_have_value("https://issuer.example.com")
    field(panel, "Issuer (iss)").fill("https://other.example.com")
    panel.get_by_role("button", name="Save").click()
    expect(panel).to_be_hidden()
    assert ask(world, target=f"{PATH}?jwt={good}") == 401


def test_tokens_whose_keys_are_fetched(page, world, key_server):
    key = Key("ES256", kid="far")
    key_server.give("/jwks", jwks(key))
    panel = open_panel(page)
    field(panel, "Consumer name").fill("tokens-remote")
    panel.get_by_label("JSON Web Token (JWT)").check()
    panel.get_by_label("Remote fetch").check()
    expect(panel.get_by_label("Symmetric key")).to_be_hidden()
    field(panel, "URL of the keys").fill(key_server.url("/nothing"))
    panel.get_by_role("button", name="Test fetch").click()
    expect(panel.get_by_text("Nothing was fetched")).to_be_visible()
    field(panel, "URL of the keys").fill("https://192.0.2.1/jwks")
    panel.get_by_role("button", name="Test fetch").click()
    expect(panel.get_by_role("alert")).to_be_visible()
    field(panel, "URL of the keys").fill(key_server.url("/jwks"))
    panel.get_by_role("button", name="Test fetch").click()
    expect(panel.get_by_text("Fetched. Usable keys: 1, kept for 600 seconds.")).to_be_visible()
    assert_accessible(page)
    key_server.give("/saved", jwks(key))  # one that was tried a moment before would have to wait
    field(panel, "URL of the keys").fill(key_server.url("/saved"))
    field(panel, "Value").fill("remote")
    panel.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="tokens-remote", level=1)).to_be_visible()
    authorise(page)
    deadline = time.monotonic() + 30
    while ask(world, bearer(key, uid="remote")) != 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert ask(world, bearer(key, uid="remote")) == 200
    assert ask(world, bearer(Key("ES256", kid="far"), uid="remote")) == 401


def test_a_refused_credential_leaves_no_consumer(page, world):
    panel = open_panel(page)
    field(panel, "Consumer name").fill("half-made")
    panel.get_by_label("JSON Web Token (JWT)").check()
    panel.get_by_label("Asymmetric key").check()
    field(panel, "JWKS").fill('{"keys": [{"kty": "RSA", "kid": "a", "alg": "RS256", "n": "AQAB", "e": "AQAB"}]}')
    panel.get_by_role("button", name="Create").click()
    expect(panel.get_by_role("alert").first).to_be_visible()
    assert world.client.get("/consumers", name="half-made").json["total"] == 0


def test_a_second_credential_its_end_and_a_withdrawn_authorisation(page, world):
    consumer = world.client.made("/consumers", {"name": "many"})
    visit(page, f"/consumers/{consumer['id']}")
    expect(page.get_by_text("this consumer cannot prove itself")).to_be_visible()
    page.get_by_role("button", name="Add a credential").click()
    panel = page.get_by_role("dialog", name="Add a credential")
    panel.get_by_role("button", name="Create").click()
    page.locator("[data-secret=api_key]").wait_for()
    key = secret_of(page, "api_key")
    page.get_by_role("button", name="Copy API key").click()
    assert page.evaluate("navigator.clipboard.readText()") == key
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert json.loads(download.value.path().read_text()) == {"api_key": key}
    page.get_by_role("button", name="I have saved it").click()
    authorise(page)
    assert ask(world, {"Authorization": f"Bearer {key}"}) == 200

    page.get_by_role("button", name="Validity").click()
    panel = page.get_by_role("dialog", name="Validity of the credential")
    field(panel, "Counts until").fill(time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() - 3600)))
    panel.get_by_role("button", name="Save").click()
    expect(panel).to_be_hidden()
    assert ask(world, {"Authorization": f"Bearer {key}"}) == 401
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("cell", name="orders")).to_be_hidden()
    page.get_by_role("listitem").filter(has_text="API key").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog", name="Delete this credential?").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("this consumer cannot prove itself")).to_be_visible()


def test_a_secret_is_copied_where_browsers_give_no_clipboard(page, world):
    """Over plain HTTP from another machine there is no navigator.clipboard."""
    consumer = world.client.made("/consumers", {"name": "copied"})
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    visit(page, f"/consumers/{consumer['id']}")
    page.get_by_role("button", name="Add a credential").click()
    page.get_by_role("dialog", name="Add a credential").get_by_role("button", name="Create").click()
    page.locator("[data-secret=api_key]").wait_for()
    key = secret_of(page, "api_key")
    page.get_by_role("button", name="Copy API key").click()
    page.get_by_role("button", name="I have saved it").click()
    visit(page, "/consumers")
    field(page, "Search by name").focus()
    page.keyboard.press("Control+V")
    expect(field(page, "Search by name")).to_have_value(key)
