"""AppCodes: where the three vendors' users put them, what the backend sees, and how each of them is refused."""
import urllib.parse

import callers
import edges
import pytest
from nginx import HOST
from scene import ALICE, ALICE_CODE, BOB_KEY, MALLORY_CODE, PAIR, PLACES, api

QUOTED = urllib.parse.quote(ALICE_CODE, safe="")
HEADERS = {"aliyun": ("Authorization", "APPCODE "), "huawei": ("X-Apig-AppCode", ""), "baidu": ("X-Bce-Signature", "AppCode/")}


def fields(vendor, code=ALICE_CODE):
    name, prefix = HEADERS[vendor]
    return {"Host": HOST, name: prefix + code}


@pytest.mark.parametrize("vendor", HEADERS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_header_of_each_vendor(gateway, vendor, method):
    answer = gateway.ask(method, "/a?x=1", fields(vendor), b"body" if method == "POST" else None)
    assert answer.status == 200
    received = gateway.backend.only()
    assert received["X-Countersign-App"] == ALICE["id"] and received.target == "/a?x=1"
    assert not {"authorization", "x-apig-appcode", "x-bce-signature"} & set(received.names())


@pytest.mark.parametrize("name", ["AppCode", "appcode", "APPCODE", "appCode", "app%43ode"])
def test_a_query_name_in_any_case(gateway, name):
    assert gateway.ask("GET", f"/a?x=1&{name}={QUOTED}&y=2", {"Host": HOST}).status == 200
    received = gateway.backend.only()
    assert received.target == "/a?x=1&y=2" and received["X-Countersign-App"] == ALICE["id"]


def test_the_log_does_not_hold_it(gateway):
    answer = gateway.ask("GET", f"/a?aPPcODE={QUOTED}", {"Host": HOST})
    assert answer.status == 200
    assert "***" in str(gateway.nginx.logged(answer["X-Request-Id"])) and QUOTED not in str(gateway.nginx.logged(answer["X-Request-Id"]))


ANSWERS = {
    # what is presented: the answers of aliyun, huawei, baidu
    "unknown": ("nobody-holds-this-AppCode", (400, "A400AC", "Invalid AppCode `not exists`"), (401, "APIG.0303", "app not found"),
                (400, "SignatureAppInvalid", "App authorization failed")),
    "empty": ("", (400, "A400AC", "Invalid AppCode `empty`"), (401, "APIG.0303", "empty"), (400, "SignatureInvalid", "is empty")),
    "an API key": (BOB_KEY, (400, "A400AC", "Invalid AppCode `not exists`"), (401, "APIG.0303", "app not found"),
                   (400, "SignatureAppInvalid", "App authorization failed")),
    "of an app without authorisation": (MALLORY_CODE, (403, "I403AA", "Unauthorized"), (403, "APIG.0304", "not authorized"),
                                        (400, "SignatureAppInvalid", "not authorized")),
}


def said(answer, vendor):
    if vendor == "aliyun":
        return answer["X-Ca-Error-Code"], answer["X-Ca-Error-Message"]
    body = answer.body.decode()
    return body, body


# HTTP takes the blank off "APPCODE ", and no proof is left.
@pytest.mark.parametrize("what, vendor", [(what, vendor) for what in ANSWERS for vendor in HEADERS if (what, vendor) != ("empty", "aliyun")])
def test_refused_in_the_vendors_words(gateway, what, vendor):
    code, *expected = ANSWERS[what]
    status, word, text = expected[list(HEADERS).index(vendor)]
    answer = gateway.ask("GET", "/a", fields(vendor, code))
    assert answer.status == status
    assert word in said(answer, vendor)[0] and text in said(answer, vendor)[1]
    assert answer.status != 401 or answer["WWW-Authenticate"]
    assert not code or code not in str(answer.fields) + answer.body.decode()
    assert not gateway.backend.take()


@pytest.mark.parametrize("target, more", [
    (f"/a?AppCode={QUOTED}", fields("huawei")), (f"/a?AppCode={QUOTED}&appcode={QUOTED}", {}),
    ("/a", {**fields("huawei"), "Authorization": f"APPCODE {ALICE_CODE}"}), ("/a", {**fields("baidu"), "Authorization": f"Bearer {BOB_KEY}"}),
    ("/a", {**fields("huawei"), **callers.sdk("GET", "/a", HOST, PAIR)}),
    ("/a", [("Host", HOST), *[("X-Apig-AppCode", ALICE_CODE)] * 2]),
])
def test_more_than_one_proof(gateway, target, more):
    answer = gateway.ask("GET", target, more if isinstance(more, list) else {"Host": HOST, **more})
    assert answer.status in (400, 401)
    assert gateway.nginx.logged(answer["X-Request-Id"])["refusal"] == "proof_ambiguous"
    assert not gateway.backend.take()


def test_an_app_code_is_no_api_key(gateway):
    for wrong in ({"Authorization": f"Bearer {ALICE_CODE}"}, {"X-Api-Key": ALICE_CODE}):
        assert gateway.ask("GET", "/a", {"Host": HOST, **wrong}).status == 401
    assert not gateway.backend.take()


def without(api_name, host, *, query):
    kept = [place for place in PLACES if place["scheme"] != "app-code"]
    return lambda scene: api(api_name, host, {"authority": scene.backend.authority}, places=kept + query)


def test_an_api_that_takes_none_or_headers_only(make_scene):
    records = lambda scene: (without("off", "off.example.com", query=[])(scene) +
                             without("headers", "headers.example.com", query=edges.app_code_places(query=False))(scene))
    scene = make_scene(records=records)
    for vendor in HEADERS:
        assert scene.ask("GET", "/a", {**fields(vendor), "Host": "headers.example.com"}).status == 200
        answer = scene.ask("GET", "/a", {**fields(vendor), "Host": "off.example.com"})
        assert answer.status == {"aliyun": 400, "huawei": 401, "baidu": 400}[vendor]
        assert scene.nginx.logged(answer["X-Request-Id"])["refusal"] == "proof_missing"
    for host in ("headers.example.com", "off.example.com"):
        assert scene.ask("GET", f"/a?AppCode={QUOTED}", {"Host": host}).status == 401
