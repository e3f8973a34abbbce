"""Why a partner's signature fails: each likely cause, told in words, and the example beside it let in by the gateway, in each language."""
import time

import pytest
from playwright.sync_api import expect

import callers
import wire
from browsing import assert_accessible, field, visit
from harness.examples import run_examples
from harness.world import PATH

LOCAL = "127.0.0.1"  # a domain of the group, so that examples need no name to be found
TARGET, BODY = PATH + "/7?b=2&a=1%20x", b'{"a":1}'
SECRET = "console-causes-secret-1"


@pytest.fixture(scope="module")
def partner(world):
    """(app, the gateway's own address)"""
    world.client.made(f"/api-groups/{world.group}/domains", {"url_domain": LOCAL})
    return world.app("partner"), f"{LOCAL}:{world.nginx.port}"


def changed(fields, **values):
    return {**fields, **{name.replace("_", "-"): value for name, value in values.items()}}


def curl(method, target, fields, body):
    words = ["curl", f"'http://{fields['Host']}{target}'", f"-X {method}", *(f"-H '{name}: {value}'" for name, value in fields.items() if name != "Host")]
    return " \\\n  ".join([*words, *([f"-d '{body.decode()}'"] if body else [])])


def raw(method, target, fields, body):
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines) + "\r\n\r\n" + body.decode()


# How the partner signs with (host, key and secret) and sends it: method, fields, body; and what he is told.
CAUSES = {
    "clock": (lambda host, pair: ("GET", callers.sdk("GET", TARGET, host, pair, now=time.time() - 2000), b""), "too far from the gateway's clock"),
    "Accept": (lambda host, pair: ("GET", changed(callers.aliyun("GET", TARGET, host, pair), Accept="*/*"), b""), "Another Accept was signed than was sent"),
    "charset": (lambda host, pair: ("POST", changed(callers.aliyun("POST", TARGET, host, pair, BODY), Content_Type="application/json; charset=utf-8"), BODY),
                "without, or with another, charset"),
    "encoding": (lambda host, pair: ("GET", callers.bce("GET", TARGET.replace("%", "%25"), host, pair), b""), "other percent-encoding"),
    "unsigned body": (lambda host, pair: ("POST", changed(callers.sdk("POST", TARGET, host, pair), X_Sdk_Content_Sha256="UNSIGNED-PAYLOAD"), BODY),
                      "The signature has to cover the body"),
    "another secret": (lambda host, pair: ("GET", callers.sdk("GET", TARGET, host, (pair[0], pair[1] + "x")), b""), "signed with the secret of another key"),
}


def explain(page, text):
    visit(page, "/debugger")
    field(page, "Request").fill(text)
    page.get_by_role("button", name="Explain", exact=True).first.click()
    return page.get_by_role("list", name="Causes")


def codes(page):
    """The examples, by language."""
    choice = page.locator("#example-language")
    found = {}
    for language in choice.locator("option").evaluate_all("all => all.map(one => one.value)"):
        choice.select_option(language)
        found[language] = page.locator("pre[aria-label=example]").inner_text()
    return found


def assert_let_in(language, code, secret, folder):
    folder.mkdir(exist_ok=True)
    [printed] = run_examples(language, [(code, secret)], folder, b"")
    assert "200" in printed.split(), (language, code, printed)


@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_in_words_and_the_right_request(page, world, partner, cause, tmp_path):
    app, host = partner
    make, words = CAUSES[cause]
    method, fields, body = make(host, (app.key, app.secret))
    assert wire.ask(world.nginx.port, method, TARGET, fields, body or None).status in (400, 401, 403)
    causes = explain(page, curl(method, TARGET, fields, body))
    expect(causes).to_contain_text(words)
    expect(page.get_by_role("heading", name="Refused:")).to_be_visible()
    assert app.secret not in page.content()
    assert_let_in("curl", codes(page)["curl"], app.secret, tmp_path / "curl")


def test_a_raw_request_and_the_right_one_in_each_language(page, world, partner, tmp_path):
    app, host = partner
    method, fields, body = CAUSES["charset"][0](host, (app.key, app.secret))
    expect(explain(page, raw(method, TARGET, fields, body))).to_contain_text(CAUSES["charset"][1])
    found = codes(page)
    assert list(found) == ["curl", "python", "java", "javascript", "go"]
    for language in ("curl", "python", "java", "javascript"):
        assert_let_in(language, found[language], app.secret, tmp_path / language)


def test_a_key_that_nobody_has(page, world, partner):
    _, host = partner
    fields = callers.sdk("GET", TARGET, host, ("nobody", SECRET))
    assert wire.ask(world.nginx.port, "GET", TARGET, fields).status == 401
    expect(explain(page, curl("GET", TARGET, fields, b""))).to_contain_text("Nobody has this key here")


def test_in_chinese(page, partner):
    app, host = partner
    page.add_init_script("localStorage.setItem('countersign.language', 'zh-CN')")
    method, fields, body = CAUSES["clock"][0](host, (app.key, app.secret))
    visit(page, "/debugger")
    page.locator("#request").fill(curl(method, TARGET, fields, body))
    page.get_by_role("button", name="分析", exact=True).first.click()
    expect(page.get_by_role("list", name="原因")).to_contain_text("签名时间与网关时钟相差过大")
    assert_accessible(page)
