"""make console-shots: every page of the navigation, and what the areas show beside (pictures/<area>.py), in both languages and looks, on a
laptop, a small one and a phone. A picture is for eyes; what must hold is in the tests."""
import importlib
from pathlib import Path

import pytest

from browsing import shots_folder, visit

LOOKS = [("en", "light"), ("en", "dark"), ("zh-CN", "light"), ("zh-CN", "dark")]
SIZES = {"small": {"viewport": {"width": 1024, "height": 640}}, "laptop": {"viewport": {"width": 1280, "height": 800}},
         "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}}
AREAS = sorted(path.stem for path in (Path(__file__).parent / "pictures").glob("*.py"))


@pytest.fixture(scope="module")
def pictures(world):
    """Name → (address, what to do there): pictures/<area>.py has a function pictures(world) that makes what is to be seen and returns them."""
    found = {}
    for area in AREAS:
        found |= importlib.import_module(f"pictures.{area}").pictures(world)
    return found


def take(page, name, language, look, size):
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(250)
    page.screenshot(path=shots_folder() / f"{name}-{language}-{look}-{size}.png", full_page=True)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language, look", LOOKS)
def test_pictures(console, pictures, language, look, size):
    start = f"localStorage.setItem('countersign.language', '{language}'); localStorage.setItem('countersign.look', '{look}')"
    stranger = console.page(signed_in=False, **SIZES[size])
    stranger.add_init_script(start)
    take(visit(stranger, "/sign-in"), "sign-in", language, look, size)
    console.done(stranger)
    page = console.page(**SIZES[size])
    page.add_init_script(start)
    visit(page, "/")
    for address in page.eval_on_selector_all("#navigation a", "links => links.map(link => link.getAttribute('href'))"):
        take(visit(page, address.removeprefix("/console")), address.rsplit("/", 1)[1], language, look, size)
    for name, (address, arrange) in pictures.items():
        arrange(visit(page, address))
        take(page, name, language, look, size)
    console.done(page)
