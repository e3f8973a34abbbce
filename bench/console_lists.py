"""What lists of 100 000 consumers and apps cost in the browser: the first page, the last, one by its number, a search. From the click until the
rows stand, for whom it is fast or slow. Prints Markdown (docs/reference/performance.md)."""
import statistics
import sys
import time
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TREE / "test"), str(TREE / "test/harness"), str(TREE / "test/console")]

from playwright.sync_api import expect, sync_playwright  # noqa: E402

from browsing import Console, field, launch, visit  # noqa: E402
from harness.filling import fill  # noqa: E402
from harness.world import World  # noqa: E402

COUNT = 100_000
ROUNDS = 5


def clocked(step):
    began = time.perf_counter()
    step()
    return (time.perf_counter() - began) * 1000


def shown(page):
    page.locator(".faded").first.wait_for(state="detached")
    page.locator("tbody tr").first.wait_for()


def measure(page, kind):
    """Milliseconds of each step; every round begins with the list as it is opened."""
    def go(number):
        box = page.get_by_label("Page", exact=True)
        box.fill(str(number))
        with page.expect_response(lambda answer: "offset=" in answer.url):
            box.press("Enter")
        expect(box).to_have_value(str(number))
        shown(page)

    def search(text, rows):
        with page.expect_response(lambda answer: f"name={text}" in answer.url):
            field(page, "Search by name").fill(text)
        shown(page)
        assert page.locator("tbody tr").count() == rows, text

    last = COUNT // 20
    found = {name: [] for name in ("open", "next page", "page in the middle", "last page", "search for one", "search for many")}
    for _ in range(ROUNDS):
        found["open"].append(clocked(lambda: (visit(page, f"/{kind}"), shown(page))))
        one = page.locator("tbody tr").nth(3).locator("a").first.inner_text()
        found["next page"].append(clocked(lambda: go(2)))
        found["page in the middle"].append(clocked(lambda: go(last // 2)))
        found["last page"].append(clocked(lambda: go(last)))
        found["search for one"].append(clocked(lambda: search(one, 1)))
        found["search for many"].append(clocked(lambda: search(one[:-2], 20)))
    return found


def main():
    with World(workers=1) as world, sync_playwright() as playwright:
        for kind in ("consumers", "apps"):
            fill(world, kind, COUNT)
        browser = launch(playwright)
        console = Console(world, browser)
        page = console.page()
        print(f"| {COUNT} each, milliseconds: median (slowest) | consumers | apps |\n|---|---|---|")
        columns = [measure(page, kind) for kind in ("consumers", "apps")]
        for name in columns[0]:
            print(f"| {name} | " + " | ".join(f"{statistics.median(column[name]):.0f} ({max(column[name]):.0f})" for column in columns) + " |")
        console.done(page)
        browser.close()


if __name__ == "__main__":
    main()
