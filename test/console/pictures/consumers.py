"""Consumers for the pictures: one of each kind, its details, and the panels that make one."""
import json


def panel(page, method):
    page.locator(".list-actions button").click()
    page.locator(f"input[name=method][value={method}]").check()


def custom_key(page):
    panel(page, "API_KEY")
    page.locator("input[name=key-source][value=HEADER]").check()


def remote_token(page):
    panel(page, "JWT")
    page.locator("input[name=creation][value=REMOTE]").check()


def local_token(page):
    panel(page, "JWT")
    page.locator("input[name=key-type][value=ASYMMETRIC]").check()
    page.locator("textarea").first.fill(json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}, indent=2))


def own_pair(page):
    panel(page, "HMAC")
    page.locator("input[name=pair-generation][value=CUSTOM]").check()


def more_rules(page):
    panel(page, "JWT")
    page.locator("form details summary").click()
    page.locator("form details input").last.scroll_into_view_if_needed()


def ask(button):
    def arrange(page):
        page.locator(".page-head button").nth(button).click()
        page.get_by_role("dialog").wait_for()
    return arrange


def new_key(page):
    page.locator(".section-head button").click()
    page.locator("button[type=submit][form=credential]").click()
    page.locator("[data-secret]").first.wait_for()


def pictures(world):
    client = world.client
    client.made("/consumers", {"name": "billing-service", "description": "The nightly run of the invoices", "hmac": {}})
    client.made("/consumers", {"name": "old-partner", "enabled": False, "api_key": {"source": "QUERY", "name": "apikey"}})
    shop = client.made("/consumers", {"name": "shop-frontend", "description": "Orders of the shop", "api_key": {"source": "HEADER", "name": "X-API-Key"}, "hmac": {}})
    client.made(f"/consumers/{shop['id']}/jwt-credentials", {"claim_value": "11215ac069234abcb8944232b79ae711"})
    client.made("/consumer-auths", {"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "consumer_ids": [shop["id"]], "api_ids": [world.api]})
    details = f"/consumers/{shop['id']}"
    return {
        "consumer": (details, lambda page: page.get_by_role("cell").first.wait_for()),
        "consumer-authorise": (details, lambda page: page.locator(".list-actions button").click()),
        "secret-once": (f"/consumers/{client.made('/consumers', {'name': 'new-partner'})['id']}", new_key),
        "consumer-create-key": ("/consumers", custom_key),
        "consumer-create-jwt": ("/consumers", local_token),
        "consumer-create-hmac": ("/consumers", own_pair),
        "consumer-create-rules": ("/consumers", more_rules),
        "consumer-disable": (details, ask(1)),
        "consumer-delete": (details, ask(2)),
        "consumer-create-remote": ("/consumers", remote_token),
    }
