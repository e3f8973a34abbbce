"""Overview and audit: what requests and changes leave behind."""
import json
import time

from playwright.sync_api import expect

from browsing import assert_accessible, field, visit
from harness import signing
from harness.stored import change
from harness.world import HOST, PATH, RELEASE
import wire


def test_traffic_and_refusals(page, world):
    app = world.app("seen_in_the_overview")
    for _ in range(5):
        assert world.call(app).status == 200
    app.secret = "wrong"
    request = app.request()
    with wire.Wire(world.nginx.port) as connection:
        for _ in range(60):  # more than are kept as samples, so that a place among the twenty is sure
            connection.send(request)
            assert connection.answer().status == 401
    visit(page, "/overview")
    reasons = page.get_by_role("region", name="Refusals by reason")
    refused = page.get_by_role("region", name="Refusals by caller and reason").get_by_role("listitem").filter(has_text="seen_in_the_overview")
    deadline = time.monotonic() + 20
    while refused.locator(".count").all_inner_texts() != ["60"]:  # the daemon takes what workers tell every few seconds
        assert time.monotonic() < deadline
        page.wait_for_timeout(500)
        page.get_by_role("button", name="Reload").click()
        expect(page.get_by_role("button", name="Reload")).to_be_enabled()
    expect(reasons).to_contain_text("signature_mismatch")
    expect(page.get_by_role("region", name="Requests by API")).to_contain_text("orders")
    expect(page.get_by_role("region", name="Requests by kind of caller")).to_contain_text("Apps")
    expect(page.get_by_role("region", name="Nodes")).to_contain_text("Up to date")
    expect(refused).to_contain_text("signature_mismatch")
    expect(refused.get_by_role("link")).to_have_attribute("href", f"/console/apps/{app.id}")
    assert page.locator("svg rect[data-kind=accepted]").count() >= 1
    delays = page.get_by_role("figure").filter(has=page.get_by_role("heading", name="Latency"))
    delays.get_by_text("As a table").click()
    expect(delays.get_by_role("columnheader", name="95 % within (p95) (ms)")).to_be_visible()
    assert page.locator("svg rect[data-kind=p95]").count() >= 1
    chart = page.get_by_role("figure").filter(has=page.get_by_role("heading", name="Traffic"))
    chart.get_by_text("As a table").click()
    expect(chart.get_by_role("columnheader", name="Accepted")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Show").select_option("1440")
    expect(reasons).to_contain_text("signature_mismatch")
    expect(refused.locator(".count")).to_have_text("60")


def test_refusals_of_the_span_that_is_shown(page, world):
    """Of an hour ago and of this minute; and who is not told apart is called so."""
    now = int(time.time()) // 60 * 60
    for minute, principal in ((now, ""), (now - 7200, "*")):
        change(world.daemon, f"INSERT INTO refused_count VALUES ('{minute}', '{world.client.admin['instance_id']}', {minute}, '{principal}', 'expired', 12345, {minute})")
    visit(page, "/overview")
    refused = page.get_by_role("region", name="Refusals by caller and reason").get_by_role("listitem").filter(has_text="12,345")
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text("Nobody known")
    page.get_by_label("Show").select_option("1440")
    expect(refused).to_have_count(2)
    expect(refused.filter(has_text="Others, too many at once to tell apart")).to_have_count(1)
    assert_accessible(page)
    change(world.daemon, "DELETE FROM refused_count WHERE requests = 12345")


def test_credentials_that_want_attention(page, world):
    consumer = world.client.made("/consumers", {"name": "ends_soon"})["id"]
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400 * 3))
    key = world.client.made(f"/consumers/{consumer}/credentials", {"api_key": {}})["id"]
    assert world.client.put(f"/consumers/{consumer}/credentials/{key}", {"end_time": soon}).status == 200
    idle = world.client.made("/consumers", {"name": "never_used", "hmac": {}})
    change(world.daemon, f"UPDATE credential SET create_time = create_time - {86400 * 30} WHERE principal_id = '{idle['id']}'")
    visit(page, "/overview")
    expect(page.get_by_role("region", name="Credentials about to expire")).to_contain_text("ends_soon")
    unused = page.get_by_role("region", name="Credentials that nobody used")
    expect(unused).to_contain_text("key pair")
    assert_accessible(page)
    unused.get_by_role("link", name="never_used").click()
    expect(page.get_by_role("heading", name="never_used", level=1)).to_be_visible()
    pair = idle["credentials"][0]["access_key"], idle["credentials"][0]["secret_key"]
    world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [idle["id"]], "api_ids": [world.api]})
    assert wire.ask(world.nginx.port, "GET", PATH, signing.sdk_hmac_fields("GET", HOST, PATH, pair)).status == 200
    page.get_by_role("link", name="Overview").click()
    deadline = time.monotonic() + 20
    while unused.is_visible():
        assert time.monotonic() < deadline, "used now"
        page.wait_for_timeout(500)
        page.get_by_role("button", name="Reload").click()
        expect(page.get_by_role("button", name="Reload")).to_be_enabled()


def test_a_change_its_before_and_after_and_the_export(page, world):
    environment = world.client.made("/envs", {"name": "Audited", "remark": "first <img src=x onerror=alert(1)>"})
    assert world.client.put(f"/envs/{environment['id']}", {"name": "Audited", "remark": "second"}).status == 200
    visit(page, "/audit")
    field(page, "Action").fill("update_env")
    field(page, "Action").press("Enter")
    field(page, "Id").fill(f"{world.client.admin['instance_id']}/{environment['id']}")
    field(page, "Id").press("Enter")
    expect(page.get_by_role("row")).to_have_count(2)
    assert_accessible(page)
    page.get_by_role("row").nth(1).get_by_role("button", name="Details").click()
    panel = page.get_by_role("dialog", name="update_env")
    row = panel.get_by_role("row").filter(has_text="remark")
    expect(row).to_contain_text("changed")
    expect(row).to_contain_text("first <img src=x")
    expect(row).to_contain_text("second")
    assert panel.locator("img").count() == 0
    assert_accessible(page)
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    rows = [json.loads(line) for line in open(download.value.path(), encoding="utf-8")]
    assert any(row["action"] == "update_env" and "second" in json.dumps(row) for row in rows)
    assert [row["id"] for row in rows] == sorted({row["id"] for row in rows})
