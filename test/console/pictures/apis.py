"""APIs for the pictures: one with two versions, and the steps of the wizard."""


def step(number):
    return lambda page: page.locator("nav ol button").nth(number).click()


def backend(page):
    step(2)(page)
    page.locator("input[name=backend-type][value=MOCK]").check()


def described(page):
    step(3)(page)
    for button in range(2):
        page.locator("[data-step='3'] > button").nth(button).click()


def tried(page):
    page.locator("#proof").select_option("none")
    page.locator("section form button[type=submit]").click()
    page.locator("[data-try-status]").wait_for()


def pictures(world):
    client = world.client
    again = client.post("/apis/action", {"action": "online", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": world.api, "remark": "second"})
    assert again.status == 201, again
    client.made("/apis", {
        "name": "stock", "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/stock", "auth_type": "NONE",
        "backend_type": "MOCK", "mock_info": {"result_content": "{}"}, "tags": ["shop", "public"], "remark": "What is left in the stores"})
    return {
        "api": (f"/apis/{world.api}", lambda page: page.get_by_role("cell").first.wait_for()),
        "api-wizard-front": ("/apis/new", lambda page: page.locator("[data-step='0'] input").first.wait_for()),
        "api-wizard-backend": ("/apis/new", backend),
        "api-wizard-described": ("/apis/new", described),
        "api-wizard-publish": ("/apis/new", step(4)),
        "api-tried": (f"/apis/{world.api}", tried),
        "api-wizard-auth": ("/apis/new", step(1)),
        "api-wizard-parameters": (f"/apis/{world.api}/edit", step(3)),
        "api-publish": (f"/apis/{world.api}", lambda page: page.locator(".page-head button").first.click()),
    }
