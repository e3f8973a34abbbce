"""Signature keys for the pictures: their list, one that is bound and has a next secret, and the panels."""


def custom(page):
    page.locator(".list-actions button").click()
    page.locator("input[name=sign-type][value=aes]").check()
    page.locator("input[name=key-generation][value=CUSTOM]").check()


def pictures(world):
    client = world.client
    client.made("/signs", {"name": "baidu_backends", "sign_type": "bce"})
    orders = client.made("/signs", {"name": "order_backends"})
    client.made("/sign-bindings", {"sign_id": orders["id"], "publish_ids": [world.publication]})
    free = client.made("/signs", {"name": "unused_key", "sign_type": "aliyun"})
    rotated = client.put(f"/signs/{orders['id']}/next", {"next_from": "2030-01-01T00:00:00Z"})
    assert rotated.status == 200, rotated
    details = f"/signature-keys/{orders['id']}"
    return {
        "signature-key": (details, lambda page: page.get_by_role("cell").first.wait_for()),
        "signature-key-next": (details, lambda page: page.locator(".page-head button").nth(1).click()),
        "signature-key-bound": (details, lambda page: page.locator(".page-head button").nth(2).click()),
        "signature-key-create": ("/signature-keys", custom),
        "signature-key-bind": (f"/signature-keys/{free['id']}", lambda page: page.locator(".list-actions button").nth(1).click()),
    }
