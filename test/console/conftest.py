"""One daemon, one gateway and one browser for all tests of the console; each test has a page of its own that must not say an error."""
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "harness"), str(TESTS / "console")]

import pytest  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from browsing import Console, launch  # noqa: E402
from harness.key_server import KeyServer  # noqa: E402
from harness.world import World  # noqa: E402


@pytest.fixture(scope="session")
def key_server(tmp_path_factory):
    """Where key sets can be fetched from."""
    return KeyServer(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def world(key_server):
    with World(workers=2, arguments=key_server.daemon_options) as world:
        yield world


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def console(world, browser):
    return Console(world, browser)


@pytest.fixture
def page(console):
    """A page of the administrator's, signed in."""
    page = console.page()
    yield page
    console.done(page)


@pytest.fixture
def stranger(console):
    """A page of a browser that never signed in."""
    page = console.page(signed_in=False)
    yield page
    console.done(page)


@pytest.fixture
def phone(console):
    page = console.page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    yield page
    console.done(page)
