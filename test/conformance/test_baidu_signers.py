"""Baidu's own signers call through the gateway, in the header of their API gateway and in that of their cloud APIs; changed on the way they
get that gateway's documented refusals."""
import pytest
from clients import baidu_node, baidu_python
from harness.tamper import TamperingProxy, set_length

CALLS = {
    "get": dict(),
    "get with query": dict(params={"b": "2", "a": "ünï cödé +&=", "empty": ""}),
    "post json": dict(method="POST", body='{"name":"中文"}', headers={"Content-Type": "application/json"}),
    "put": dict(method="PUT", body="x"),
    "delete": dict(method="DELETE"),
    "stage": dict(headers={"X-Bce-Stage": "release"}),
}


@pytest.mark.parametrize("carrier", ["Authorization", "X-Bce-Signature"])
@pytest.mark.parametrize("name", CALLS)
def test_node(product, published, name, carrier):
    answer = baidu_node(product.ports.gateway, published.app.app_key, published.app.app_secret, carrier=carrier, **CALLS[name])
    assert answer["status"] == 200 and answer["body"]["verified"] is True, answer


def as_bytes(call):
    return {name: {key.encode(): value.encode() for key, value in given.items()} if isinstance(given, dict) else given
            for name, given in call.items()}


@pytest.mark.parametrize("signed", [None, [b"host"], [b"host", b"content-type", b"x-bce-date"]], ids=["default set", "host", "listed"])
@pytest.mark.parametrize("name", [name for name in CALLS if name != "stage"])
def test_python(product, published, name, signed):
    if signed == [b"host"]:
        signed = [b"host", b"x-bce-date"]  # it signs every x-bce header, whatever is listed
    answer = baidu_python(product.ports.gateway, published.app.app_key, published.app.app_secret, signed=signed, **as_bytes(CALLS[name]))
    assert answer["status"] == 200 and answer["body"]["verified"] is True, answer


def replace(old, new):
    def change(head, body):
        assert old in head, head
        return head.replace(old, new, 1), body
    return change


CHANGES = {
    "method": (replace(b"POST ", b"PUT "), "SignatureMismatch"),
    "path": (replace(b"/hello?", b"/hellO?"), "SignatureMismatch"),
    "query value": (replace(b"q=1", b"q=2"), "SignatureMismatch"),
    "added query name": (replace(b"q=1", b"q=1&r=2"), "SignatureMismatch"),
    "a signed header": (replace(b"x-bce-tenant: seven", b"x-bce-tenant: eight"), "SignatureMismatch"),
    "length of the body": (lambda head, body: (set_length(head, body + b" "), body + b" "), "SignatureMismatch"),
    "lifetime": (replace(b"/1800/", b"/1700/"), "SignatureMismatch"),
    "key": (replace(b"bce-auth-v1/", b"bce-auth-v1/x"), "SignatureAppInvalid"),
    "version": (replace(b"bce-auth-v1/", b"bce-auth-v2/"), "SignatureInvalid"),
    "a part more": (replace(b"bce-auth-v1/", b"bce-auth-v1/x/"), "SignatureInvalid"),
}


@pytest.mark.parametrize("client", [baidu_node, baidu_python], ids=["node", "python"])
@pytest.mark.parametrize("name", CHANGES)
def test_changed_on_the_way(product, published, name, client):
    change, code = CHANGES[name]
    call = dict(method="POST", params={"q": "1"}, headers={"x-bce-tenant": "seven"}, body='{"a":1}')
    with TamperingProxy(("127.0.0.1", product.ports.gateway), change) as proxy:
        answer = client(proxy.port, published.app.app_key, published.app.app_secret, **(as_bytes(call) if client is baidu_python else call))
    assert (answer["status"], answer["code"]) == (400, code), answer
    assert len(answer["requestId"]) == 32


def test_a_wrong_secret_is_told_with_the_text_that_was_signed(product, published):
    answer = baidu_node(product.ports.gateway, published.app.app_key, published.app.app_secret + "x")
    assert answer["code"] == "SignatureMismatch" and "canonicalRequest:GET|/hello||" in answer["message"], answer
