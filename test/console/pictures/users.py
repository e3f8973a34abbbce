"""Users for the pictures."""
from harness.iam import make_user


def second_factor(password):
    def arrange(page):
        page.locator(".state button").click()
        page.locator("[role=dialog] input").fill(password)
        page.locator("button[form=factor]").click()
        page.locator("[data-secret=uri]").wait_for()
    return arrange


def step_up(page):
    """As it stands before a code was typed, whoever is asked."""
    page.route("**/step-ups", lambda route: route.fulfill(status=201, json={"id": "0" * 32, "method": "totp", "destination": ""}))
    page.route("**/access-keys", lambda route: route.continue_() if route.request.method == "GET" else route.fulfill(status=403, json={
        "error_code": "APIG.3961", "error_msg": "Step-up required: prove again who you are for create_access_key", "request_id": "0" * 32}))
    page.locator(".list-actions button").click()
    page.locator("button[form=access-key]").click()
    page.locator("#step-up-code").wait_for()


def pictures(world):
    user = make_user(world.client, "builder", [{"role": "api_owner"}], description="Publishes what the teams ask for", password="a good long password")
    make_user(world.client, "accounting", [{"role": "auditor"}], enabled=False)
    return {
        "user": (f"/users/{user['id']}", lambda page: None),
        "user-create": ("/users", lambda page: page.locator(".list-actions button").click()),
        "account": ("/account", lambda page: None),
        "account-factor": ("/account", second_factor(world.client.admin["password"])),
        "account-step-up": ("/account", step_up),
    }
