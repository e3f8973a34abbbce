"""A browser in front of the console: pages that are signed in, what they must not say, and whether everybody can use them."""
import re
from pathlib import Path

from playwright.sync_api import expect

from harness.tree import TREE

CHROMIUM = "/usr/bin/chromium-headless-shell"
AXE = TREE / "console/node_modules/axe-core/axe.min.js"
PATIENCE_MS = 20000  # on a machine that does much else
expect.set_options(timeout=PATIENCE_MS)
# What Chromium itself says about an answer that is not 2xx: the page shows it, and the test looks at that.
ANSWERED = re.compile(r"^Failed to load resource: the server responded with a status of 4\d\d")
# Of the API. An answer like that to a file of the console is a fault.
API = re.compile(r"/(v2|v3|v3\.0|console/session)(/|$|\?)")


def launch(playwright):
    """Without windows, and with one process for all pages of an address in a context, so that what is compiled stays so."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--process-per-site"])


def is_fault(message):
    if message.type not in ("error", "warning"):
        return False
    return not (ANSWERED.match(message.text) and API.search(message.location.get("url", "")))


class Console:
    """`address` is the management server's; pages come signed in as the administrator, whose session is made once. A browser's context is
    used again when its page is done: it holds the console's files, read and compiled, and of the page before nothing else."""

    def __init__(self, world, browser):
        self.world, self.browser = world, browser
        self.address = f"http://127.0.0.1:{world.nginx.management_port}"
        self.state = None
        self.free = {}  # contexts whose page is done, by their options

    def sign_in(self, context, name=None, password=None):
        admin = self.world.client.admin
        answer = context.request.post(f"{self.address}/console/session", data={"name": name or admin["user_name"], "password": password or admin["password"]})
        assert answer.status == 201, answer.text()
        return answer.json()

    def storage(self):
        """Cookie and mark of a signed-in browser."""
        if self.state is None:
            context = self.browser.new_context()
            self.sign_in(context)
            self.state = {"cookies": context.storage_state()["cookies"], "origins": [
                {"origin": self.address, "localStorage": [{"name": "countersign.signed-in", "value": "1"}]}]}
            context.close()
        return self.state

    def context(self, options):
        """A context and what it is known by; its first page stays open, so that the process of this address lives as long."""
        options = {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, "timezone_id": "UTC", "reduced_motion": "reduce", **options}
        known_by = repr(sorted(options.items()))
        if self.free.get(known_by):
            return self.free[known_by].pop(), known_by
        made = self.browser.new_context(base_url=self.address, **options)
        made.set_default_timeout(PATIENCE_MS)
        made.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.address)
        made.new_page().goto("/console/assets/")  # nothing, but of this address
        return made, known_by

    def page(self, signed_in=True, state=None, **options):
        """A page in a context of its own; `state` is another user's storage."""
        context, known_by = self.context(options)
        state = state or self.storage()
        context.clear_cookies()
        context.pages[0].evaluate("stored => { localStorage.clear(); for (const { name, value } of stored) localStorage.setItem(name, value) }",
                                  state["origins"][0]["localStorage"] if signed_in else [])
        if signed_in:
            context.add_cookies(state["cookies"])
        page = context.new_page()
        page.known_by = known_by
        page.faults, page.pending = [], set()
        page.on("console", lambda message: page.faults.append(f"{message.type}: {message.text}") if is_fault(message) else None)
        page.on("response", lambda answer: self.note_answer(page, answer))
        page.on("pageerror", lambda error: page.faults.append(f"thrown: {error}"))
        page.on("request", lambda request: self.note(page, request))
        page.on("requestfinished", lambda request: page.pending.discard(request))
        page.on("requestfailed", lambda request: page.pending.discard(request))
        return page

    def note(self, page, request):
        page.pending.add(request)
        if self.is_foreign(request.url):
            page.faults.append(f"asked elsewhere: {request.url}")

    def note_answer(self, page, answer):
        """What a page asks for by itself is there, or it would not ask. 401: the session may have ended behind it. Whether there is an app of an
        id that somebody typed is a question."""
        asked = answer.request.method == "GET" and API.search(answer.url) and "/apps/validation/" not in answer.url
        if asked and 400 <= answer.status < 500 and answer.status != 401:
            page.faults.append(f"asked in vain: {answer.status} {answer.url}")

    def user_state(self, name, password):
        """The storage of another user, for page(state=...)."""
        context = self.browser.new_context()
        self.sign_in(context, name, password)
        cookies = context.storage_state()["cookies"]
        context.close()
        return {**self.storage(), "cookies": cookies}

    def is_foreign(self, url):
        return not url.startswith((self.address, "data:", "blob:", "about:"))

    def done(self, page, again=True):
        """`again`: false when something of the page stays in its context (a clock)."""
        context = page.context
        page.close()
        if again:
            self.free.setdefault(page.known_by, []).append(context)
        else:
            context.close()
        assert page.faults == [], page.faults


def visit(page, path):
    """Opens an address of the console, "/consumers", and waits until its page stands."""
    page.goto("/console" + path)
    page.locator("h1").first.wait_for()
    return page


def settle(page):
    """Until nothing that was asked for is outstanding."""
    while page.pending:
        page.wait_for_timeout(10)


DARK = "on => document.documentElement.classList.toggle('dark', on)"


def serious_faults(page, but, only, rules=None):
    settle(page)
    # A list is faded while it loads; and a button changes its colours a frame after it can be used.
    page.locator(".faded").first.wait_for(state="detached")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    # In the page's own world, past its content security policy, which lets no injected script in; once for a document.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("([where, rules]) => axe.run(where, {resultTypes: ['violations'], preload: false, ...rules})",
                          [{"exclude": [[selector] for selector in but], "include": [[selector] for selector in only]}, {"runOnly": rules} if rules else {}])
    return [f"{each['id']}: {each['help']}: " + "; ".join(" ".join(map(str, node["target"])) + " " + node.get("failureSummary", "")[:200] for node in each["nodes"][:3])
            for each in found["violations"] if each["impact"] in ("serious", "critical")]


def assert_accessible(page, but=(), only=("html",), rules=None):
    """axe-core finds nothing serious or critical. `but`: selectors that are not looked at; `only`: what is, where the
    rest was before. A list that began to load meanwhile is looked at again: what is wrong with a page stays wrong."""
    serious = serious_faults(page, but, only, rules)
    for _ in range(2):
        serious = serious and serious_faults(page, but, only, rules)
    assert serious == [], "\n".join(serious)


def assert_accessible_in_both_looks(page, only=("html",)):
    """The look changes colours alone, so what has to do with them is looked at again."""
    assert_accessible(page, only=only)
    page.evaluate(DARK, True)
    assert_accessible(page, only=only, rules=["color-contrast", "link-in-text-block"])
    page.evaluate(DARK, False)


def field(page, label):
    """The input of a label, exactly."""
    return page.get_by_label(label, exact=True)


def secret_of(page, name):
    """A value that is shown once, by the API's name of it."""
    return page.locator(f"[data-secret='{name}']").inner_text()


def shots_folder():
    folder = Path(TREE / "build/console-shots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
