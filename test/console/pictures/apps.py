"""Apps for the pictures: one with keys, AppCodes and an authorisation, and the panels."""


def by_id(page):
    page.locator(".list-actions button").first.click()
    page.locator("input[name=whose][value=OTHER]").check()


def custom(page):
    page.locator(".list-actions button").nth(1).click()
    page.locator("input[name=app-generation][value=CUSTOM]").check()


def pictures(world):
    client = world.client
    client.made("/apps", {"name": "old_shop", "status": 2})
    app = world.app("web_shop")
    client.made(f"/apps/{app.id}/key-pairs", {})
    client.made(f"/apps/{app.id}/app-codes", {"app_code": "0123456789abcdef0123456789abcdef"})
    changed = client.put(f"/apps/secret/{app.id}", {"overlap_seconds": 86400})
    assert changed.status == 200, changed
    return {
        "app": (f"/apps/{app.id}", lambda page: page.get_by_role("cell").first.wait_for()),
        "app-authorise": ("/apps", by_id),
        "app-create": ("/apps", custom),
    }
