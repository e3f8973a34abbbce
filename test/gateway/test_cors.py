"""Browsers: preflights without a proof, and answers that a page of another origin may read, where the API is open to them."""
import pytest
from nginx import HOST
from scene import BOB_KEY, Scene, api

OPEN = "browsers.example.com"
ORIGIN = {"Origin": "https://page.example"}


@pytest.fixture(scope="module")
def scene():
    made = Scene(records=lambda whole: api("browsers", OPEN, {"authority": whole.backend.authority}, prefix="/orders", cors=True))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def nothing_waits(scene):
    scene.backend.take()


def preflight(scene, host, target="/orders/1", method="PUT", **more):
    return scene.ask("OPTIONS", target, {"Host": host, **ORIGIN, "Access-Control-Request-Method": method, **more})


def names(answer, field):
    return {name.strip().lower() for name in answer[field].split(",")}


def test_a_preflight_needs_no_proof_and_reaches_no_backend(scene):
    answer = preflight(scene, OPEN, **{"Access-Control-Request-Headers": "authorization,x-tenant"})
    assert (answer.status, answer["Access-Control-Allow-Origin"], answer["Access-Control-Allow-Methods"]) == (204, "*", "PUT")
    assert answer["Access-Control-Max-Age"] == "600" and answer.body == b""
    allowed = names(answer, "Access-Control-Allow-Headers")
    assert allowed >= {"authorization", "x-sdk-date", "x-sdk-content-sha256", "x-apig-appcode", "x-ca-key", "x-ca-signature", "x-ca-nonce",
                       "x-ca-timestamp", "x-ca-signature-headers", "x-bce-signature", "content-type", "x-tenant"}
    assert not answer.all("Access-Control-Allow-Credentials") and not scene.backend.take()


@pytest.mark.parametrize("headers", ["x-a\x01b", "x-a; x-b", "x" * 1025, "x-a:b"])
def test_a_list_that_is_none_is_not_repeated(scene, headers):
    if "\x01" in headers:
        headers = "x-a\tx-b"
    answer = preflight(scene, OPEN, **{"Access-Control-Request-Headers": headers})
    assert answer.status == 204 and "x-a" not in answer["Access-Control-Allow-Headers"] and len(answer["Access-Control-Allow-Headers"]) < 1000


@pytest.mark.parametrize("host, target, more", [
    (HOST, "/orders/1", {}), (OPEN, "/elsewhere", {}), ("nobody.example.com", "/orders/1", {}),
    (OPEN, "/orders/1", {"Origin": None}), (OPEN, "/orders/1", {"Access-Control-Request-Method": None}),
    (OPEN, "/orders/1", {"Access-Control-Request-Method": "PUT\tX"}),
])
def test_what_is_no_preflight_for_an_open_api_needs_a_proof(scene, host, target, more):
    fields = {"Host": host, **ORIGIN, "Access-Control-Request-Method": "PUT", **more}
    answer = scene.ask("OPTIONS", target, {name: value for name, value in fields.items() if value is not None})
    assert answer.status in (401, 404) and not answer.all("Access-Control-Allow-Methods") and not scene.backend.take()


def test_other_methods_are_no_preflight(scene):
    answer = scene.ask("GET", "/orders/1", {"Host": OPEN, **ORIGIN, "Access-Control-Request-Method": "PUT"})
    assert answer.status == 401 and not scene.backend.take()


def test_a_page_may_read_answers_and_refusals(scene):
    fields = {"Host": OPEN, **ORIGIN}
    for given, status in ((fields, 401), ({**fields, "Authorization": f"Bearer {BOB_KEY}"}, 200)):
        answer = scene.ask("GET", "/orders/1", given)
        assert (answer.status, answer.all("Access-Control-Allow-Origin")) == (status, ["*"])
        assert {"x-request-id", "x-ca-error-code", "x-bce-error-code"} <= names(answer, "Access-Control-Expose-Headers")
    plain = scene.ask("GET", "/a", {"Host": HOST, **ORIGIN, "Authorization": f"Bearer {BOB_KEY}"})
    assert plain.status == 200 and not plain.all("Access-Control-Allow-Origin")


def test_a_backend_keeps_its_own_policy(scene, monkeypatch):
    monkeypatch.setattr(scene.backend, "answer", lambda _: (200, {"Access-Control-Allow-Origin": "https://page.example"}, b"{}"))
    answer = scene.ask("GET", "/orders/1", {"Host": OPEN, **ORIGIN, "Authorization": f"Bearer {BOB_KEY}"})
    assert answer.all("Access-Control-Allow-Origin") == ["https://page.example"]
