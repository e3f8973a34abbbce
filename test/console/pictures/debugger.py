"""A refused request explained, traffic in the overview, and a change in the audit."""
from harness.world import HOST, PATH
import callers
import wire


def explained(text):
    def arrange(page):
        page.locator("#request").fill(text)
        page.locator("form button[type=submit]").click()
        page.locator(".verdict").wait_for()
    return arrange


def first_details(page):
    page.locator("tbody button").first.click()
    page.locator(".members").wait_for()


def pictures(world):
    app = world.app("shown")
    for _ in range(30):
        world.call(app)
    fields = {**callers.aliyun("GET", PATH + "?b=2&a=1", HOST, (app.key, app.secret)), "Accept": "*/*"}
    wire.ask(world.nginx.port, "GET", PATH + "?b=2&a=1", fields)
    headers = " \\\n  ".join(f"-H '{name}: {value}'" for name, value in fields.items() if name != "Host")
    return {
        "debugger-explained": ("/debugger", explained(f"curl 'http://{HOST}{PATH}?b=2&a=1' \\\n  {headers}")),
        "overview-traffic": ("/overview", lambda page: page.wait_for_timeout(3000)),
        "audit-details": ("/audit", first_details),
    }
