"""A list of a hundred thousand: what the browser asks for and shows is a page, wherever in the list, and never more."""
import json

import pytest
from playwright.sync_api import expect

from browsing import Console, assert_accessible, field, settle, visit
from harness.filling import fill
from harness.world import World

COUNT, PAGE = 100_000, 20
MOST_BYTES = 20_000  # of all answers of a step


@pytest.fixture(scope="module")
def long_list(browser):
    with World(workers=1) as world:
        fill(world, "consumers", COUNT)
        yield Console(world, browser)


@pytest.fixture
def page(long_list):
    page = long_list.page()
    yield page
    long_list.done(page)


class Counted:
    """What of the API is asked for within a step: how often, and how long the answers are."""

    def __init__(self, page, most=1):
        self.page, self.most, self.answers = page, most, []

    def __enter__(self):
        self.page.on("response", self.note)
        return self

    def note(self, answer):
        if "/v2/" in answer.url:
            self.answers.append(answer)

    def __exit__(self, *problem):
        settle(self.page)
        self.page.remove_listener("response", self.note)
        if problem == (None, None, None):
            bodies = [answer.body() for answer in self.answers]
            assert 1 <= len(bodies) <= self.most and sum(map(len, bodies)) <= MOST_BYTES, [(answer.url, answer.status) for answer in self.answers]
            lists = [json.loads(body) for body in bodies if b'"consumers"' in body]
            assert len(lists) == 1 and len(lists[0]["consumers"]) <= PAGE, "one page of the list, asked for once"


def names(page):
    return page.locator("tbody tr td:first-of-type a, tbody tr th a").all_inner_texts()


def expect_rows(page, count):
    expect(page.locator("tbody tr")).to_have_count(count)
    page.locator(".faded").first.wait_for(state="detached")


def go(page, number):
    box = page.get_by_label("Page", exact=True)
    with Counted(page):
        with page.expect_response(lambda answer: f"offset={(number - 1) * PAGE}" in answer.url):
            box.fill(str(number))
            box.press("Enter")
        expect_rows(page, PAGE)
    return set(names(page))


def test_a_page_at_a_time_and_a_search(page, long_list):
    with Counted(page, most=3) as counted:  # whose session it is, and which gateways there are
        visit(page, "/consumers")
        expect_rows(page, PAGE)
    first = set(names(page))
    assert len(first) == PAGE and any(json.loads(answer.body())["total"] == COUNT for answer in counted.answers if "consumers" in answer.url)
    expect(page.get_by_text(f"of {COUNT // PAGE}")).to_be_visible()
    middle, last = go(page, COUNT // PAGE // 2), go(page, COUNT // PAGE)
    assert len(first | middle | last) == 3 * PAGE, "other pages hold others"
    expect(page.get_by_role("button", name="Next page")).to_be_disabled()
    wanted = min(middle)
    with Counted(page), page.expect_response(lambda answer: f"name={wanted}" in answer.url):
        field(page, "Search by name").fill(wanted)
    expect_rows(page, 1)
    assert names(page) == [wanted]
    with Counted(page), page.expect_response(lambda answer: f"name={wanted[-3:]}" in answer.url):
        field(page, "Search by name").fill(wanted[-3:])
    expect_rows(page, PAGE)
    assert all(wanted[-3:] in name for name in names(page))
    assert_accessible(page)
    with Counted(page), page.expect_response(lambda answer: "name=nobody" in answer.url):
        field(page, "Search by name").fill("nobody-is-called-so")
    expect(page.locator("tbody a")).to_have_count(0)


def test_one_of_them_is_found_and_changed(page, long_list):
    consumer = long_list.world.client.get("/consumers", name="bench_0054321").json["consumers"][0]
    visit(page, "/consumers")
    field(page, "Search by name").fill("bench_0054321")
    page.get_by_role("link", name="bench_0054321").click()
    page.get_by_role("heading", name="bench_0054321", level=1).wait_for()
    page.locator("main").get_by_role("button", name="Disable", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="Disable bench_0054321?")
    dialog.get_by_role("button", name="Disable").click()
    expect(dialog).to_be_hidden()
    assert long_list.world.client.get(f"/consumers/{consumer['id']}").json["enabled"] is False
