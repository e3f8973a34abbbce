"""One daemon, one gateway and one browser for all tests of the console; each test has a page of its own that must not say an error."""
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "harness"), str(TESTS / "console")]

import pytest  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from browsing import Console, launch  # noqa: E402
from failures import pytest_runtest_makereport  # noqa: E402, F401
from harness.certificates import Authority  # noqa: E402
from harness.key_server import KeyServer  # noqa: E402
from harness.tree import free_port  # noqa: E402
from harness.world import HOST, World  # noqa: E402


@pytest.fixture(scope="session")
def key_server(tmp_path_factory):
    """Where key sets can be fetched from."""
    return KeyServer(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def world(key_server, tmp_path_factory):
    """It listens with TLS as well, for APIs that take nothing else."""
    port = free_port()
    certificate, key = Authority(tmp_path_factory.mktemp("tls"), "authority").issue(HOST)
    server = f"listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};"
    with World(workers=2, arguments=key_server.daemon_options, server=server, tls_listener=[f"https://127.0.0.1:{port}"]) as world:
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
