"""Environments and groups for the pictures."""


def open_menu(page):
    if page.locator(".burger").is_visible():
        page.locator(".burger").click()


def pictures(world):
    client = world.client
    for name in ("stage", "preview"):
        client.made("/envs", {"name": name, "remark": "Before a release"})
    group = client.made("/api-groups", {"name": "shop", "remark": "Orders and what belongs to them"})["id"]
    for name in ("shop.example.com", "api.partner.example.org"):
        client.made(f"/api-groups/{group}/domains", {"url_domain": name})
    return {
        "menu": ("/environments", open_menu),
        "group": (f"/groups/{group}", lambda page: None),
        "environment-create": ("/environments", lambda page: page.locator(".list-actions button").click()),
    }
