"""Forms whose values come from the server: not shown before these are there, since what is typed earlier would be overwritten."""
import threading

import pytest
from playwright.sync_api import expect

from browsing import field, visit


@pytest.fixture(scope="module")
def things(world):
    """What the forms are about."""
    client = world.client
    consumer = client.made("/consumers", {"name": "of-forms"})["id"]
    key = client.made("/signs", {"name": "of_forms", "sign_type": "hmac"})["id"]
    app = world.app("of_forms", authorised=False).id
    return {"api": world.api, "consumer": consumer, "key": key, "app": app}


def press(name):
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


# Where the form is, how it is opened, which answer it waits for, and a field of it.
FORMS = {
    "API": ("/apis/{api}/edit", None, "**/apigw/instances/*/apis/*", "Description"),
    "publish": ("/apis/{api}", press("Publish"), "**/envs?*", "Remark"),
    "consumer's APIs": ("/consumers/{consumer}", press("Authorise for APIs"), "**/envs?*", "Ends"),
    "app's APIs": ("/apps/{app}", press("Authorise for APIs"), "**/envs?*", "Ends"),
    "bind": ("/signature-keys/{key}", press("Bind APIs"), "**/envs?*", "Tags"),
    "gateway": ("/settings", None, "**/apigw/instances/*", "Description"),
    "security": ("/settings", None, "**/security-settings", "A session ends when unused for (seconds)"),
}


@pytest.mark.parametrize("form", FORMS)
def test_nothing_can_be_typed_before_the_values_are_there(page, things, form):
    address, open_form, awaited, label = FORMS[form]
    held, release = [], threading.Event()

    def hold(route):
        if route.request.method != "GET" or release.is_set():
            route.continue_()
        else:
            held.append(route)
    page.route(awaited, hold)
    visit(page, address.format(**things))
    if open_form:
        open_form(page)
    deadline = 200
    while not held and deadline > 0:
        page.wait_for_timeout(50)
        deadline -= 1
    assert held, "the form asks for its values"
    expect(field(page, label)).to_have_count(0)
    release.set()
    for route in held:
        route.continue_()
    value = "2030-01-01T00:00" if label == "Ends" else "1234"
    field(page, label).fill(value)
    page.wait_for_load_state("networkidle")
    expect(field(page, label)).to_have_value(value)
