"""Users for the pictures."""
from harness.iam import make_user


def pictures(world):
    user = make_user(world.client, "builder", [{"role": "api_owner"}], description="Publishes what the teams ask for", password="a good long password")
    make_user(world.client, "accounting", [{"role": "auditor"}], enabled=False)
    return {
        "user": (f"/users/{user['id']}", lambda page: None),
        "user-create": ("/users", lambda page: page.locator(".list-actions button").click()),
        "account": ("/account", lambda page: None),
    }
