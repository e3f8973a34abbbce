"""The vendors' own signers call through the gateway: as they come they get 200 from a backend that checks the countersignature; changed
on the way, in any place, they get the documented refusal."""
import base64

import pytest
from clients import aliyun, huawei_node, huawei_python
from harness.tamper import TamperingProxy, set_length

NODE_CALLS = {
    "get": dict(method="GET", target="/hello"),
    "get with query": dict(method="GET", target="/hello", query={"b": "2", "a": "ünï cödé +&=", "empty": ""}),
    "post json": dict(method="POST", target="/hello", data={"name": "中文", "n": 1}),
    "post form": dict(method="POST", target="/hello?q=1", data={"z": "last", "a": "ä b+c", "e": ""},
                      headers={"content-type": "application/x-www-form-urlencoded"}),
    "post octets": dict(method="POST", target="/hello", dataBase64=base64.b64encode(bytes(range(256))).decode(),
                        headers={"content-type": "application/octet-stream"}),
    "put": dict(method="PUT", target="/hello", data={"name": "x"}),
    "delete": dict(method="DELETE", target="/hello"),
    "signed header": dict(method="GET", target="/hello", signHeaders={"X-Tenant": "seven"}),
    "stage in lower case": dict(method="GET", target="/hello", stage="release"),
}


@pytest.mark.parametrize("name", NODE_CALLS)
def test_aliyun_signer(product, published, name):
    answer = aliyun(product.ports.gateway, published.app.app_key, published.app.app_secret, **NODE_CALLS[name])
    assert answer["status"] == 200, answer
    assert answer["body"]["verified"] is True


HUAWEI_CALLS = {
    "get": dict(method="GET", target="/hello"),
    "get with query": dict(method="GET", target="/hello", query=[("b", "2"), ("a", "ünï +&="), ("empty", ""), ("b", "1")]),
    "get unicode path": dict(method="GET", target="/héllo/a b/中"),
    "post json": dict(method="POST", target="/hello", body={"name": "中文"}, headers={"Content-Type": "application/json"}),
    "put json": dict(method="PUT", target="/hello/1", body={"a": [1, 2]}, headers={"Content-Type": "application/json"}),
    "delete": dict(method="DELETE", target="/hello/1"),
    "unsigned payload": dict(method="POST", target="/hello", body="a,b\n1,2\n", headers={"Content-Type": "text/csv"}),
}


@pytest.mark.parametrize("name", HUAWEI_CALLS)
def test_huawei_python_signer(product, published, name):
    answer = huawei_python(product.ports.gateway, published.app.app_key, published.app.app_secret, **HUAWEI_CALLS[name])
    assert answer["status"] == 200, answer
    assert answer["body"]["verified"] is True


NODE_CORE_CALLS = {
    "get": dict(method="GET", target="/hello", contentType="application/json"),
    "get with query": dict(method="GET", target="/hello", queryParams={"b": "2", "a": "ünï &="}, contentType="application/json"),
    "post json": dict(method="POST", target="/hello", data={"name": "中文"}, contentType="application/json"),
    "put json": dict(method="PUT", target="/hello", data={"a": 1}, contentType="application/json;charset=UTF-8"),
    "delete": dict(method="DELETE", target="/hello", contentType="application/json"),
}


@pytest.mark.parametrize("name", NODE_CORE_CALLS)
def test_huawei_node_signer(product, published, name):
    answer = huawei_node(product.ports.gateway, published.app.app_key, published.app.app_secret, **NODE_CORE_CALLS[name])
    assert answer["status"] == 200, answer
    assert answer["body"]["verified"] is True


def replace(old, new):
    """Changes the first occurrence in the head, and insists that there is one: a change that changes nothing proves nothing."""
    def change(head, body):
        assert old in head, head
        return head.replace(old, new, 1), body
    return change


def new_body(body):
    return lambda head, _: (set_length(head, body), body)


def other_value(name):
    """Another value for a header field: its last alphanumeric character is changed."""
    def change(head, body):
        lines = head.split(b"\r\n")
        index = next(i for i, line in enumerate(lines) if line.lower().startswith(name + b":"))
        last = max(i for i, byte in enumerate(lines[index]) if chr(byte).isalnum() and i > len(name))
        swapped = b"1" if lines[index][last:last + 1] != b"1" else b"2"
        lines[index] = lines[index][:last] + swapped + lines[index][last + 1:]
        return b"\r\n".join(lines), body
    return change


ALIYUN_CHANGES = {
    "method": (replace(b"POST ", b"PUT "), 403, "A403IS"),
    "path": (replace(b"/hello?", b"/hellO?"), 403, "A403IS"),
    "query value": (replace(b"q=1", b"q=2"), 403, "A403IS"),
    "added query name": (replace(b"q=1", b"q=1&r=2"), 403, "A403IS"),
    "signed header": (other_value(b"x-tenant"), 403, "A403IS"),
    "signature": (other_value(b"x-ca-signature"), 403, "A403IS"),
    "body": (new_body(b'{"a":2}'), 400, "I400I5"),
    "key": (replace(b"x-ca-key: ", b"x-ca-key: x"), 400, "A400IK"),
    "a repeated query name": (replace(b"q=1", b"q=1&q=2"), 400, None),
}


@pytest.mark.parametrize("name", ALIYUN_CHANGES)
def test_aliyun_signer_changed_on_the_way(product, published, name):
    change, status, code = ALIYUN_CHANGES[name]
    with TamperingProxy(("127.0.0.1", product.ports.gateway), change) as proxy:
        answer = aliyun(proxy.port, published.app.app_key, published.app.app_secret, method="POST", target="/hello?q=1", data={"a": 1},
                        signHeaders={"X-Tenant": "seven"})
    assert answer["status"] == status, answer
    if code:
        assert answer["headers"]["x-ca-error-code"] == code, answer
    assert len(answer["headers"]["x-ca-request-id"]) == 32


def test_aliyun_mismatch_shows_the_string_to_sign_of_the_server(product, published):
    """The signer strips this very prefix and prints the rest beside its own string (alibaba.md 1.8)."""
    answer = aliyun(product.ports.gateway, published.app.app_key, published.app.app_secret + "x", method="GET", target="/hello?a=1")
    assert answer["status"] == 403
    message = answer["headers"]["x-ca-error-message"]
    assert message.startswith("Invalid Signature, Server StringToSign:`GET#application/json####x-ca-key:"), message
    assert message.endswith("#/hello?a=1`"), message


def test_aliyun_date_changed_on_the_way(product, published):
    """A timestamp from another hour, which the signature covers, is refused before anything else is told."""
    change = lambda head, body: (head.replace(b"x-ca-timestamp: 1", b"x-ca-timestamp: 2", 1), body)
    with TamperingProxy(("127.0.0.1", product.ports.gateway), change) as proxy:
        answer = aliyun(proxy.port, published.app.app_key, published.app.app_secret)
    assert answer["status"] in (400, 403), answer
    assert "verified" not in str(answer)


HUAWEI_CHANGES = {
    "method": replace(b"POST ", b"PUT "),
    "path": replace(b"/hello?", b"/hellO?"),
    "query value": replace(b"q=1", b"q=2"),
    "added query name": replace(b"q=1", b"q=1&r=2"),
    "signed header": other_value(b"x-tenant"),
    "signature": replace(b"Signature=", b"Signature=0"),
    "body": new_body(b'{"a": 2}'),
    "date": other_value(b"x-sdk-date"),
}


@pytest.mark.parametrize("name", HUAWEI_CHANGES)
def test_huawei_signer_changed_on_the_way(product, published, name):
    with TamperingProxy(("127.0.0.1", product.ports.gateway), HUAWEI_CHANGES[name]) as proxy:
        answer = huawei_python(proxy.port, published.app.app_key, published.app.app_secret, method="POST", target="/hello", query=[("q", "1")],
                               body={"a": 1}, headers={"Content-Type": "application/json", "X-Tenant": "seven"})
    assert answer["status"] == 401, answer
    assert answer["error"]["code"] == "APIG.0303", answer
    assert len(answer["error"]["requestId"]) == 32


def test_huawei_mismatch_shows_the_canonical_request(product, published):
    answer = huawei_python(product.ports.gateway, published.app.app_key, published.app.app_secret + "x", target="/hello")
    assert answer["status"] == 401
    message = answer["error"]["message"]
    assert message.startswith("Incorrect app authentication information: verify signature fail, canonicalRequest:GET|/hello/||"), message


def test_unknown_keys(product, published):
    answer = huawei_python(product.ports.gateway, "nobody", "secret-of-nobody")
    assert (answer["status"], answer["error"]["code"]) == (401, "APIG.0303")
    assert "app not found" in answer["error"]["message"]
    answer = aliyun(product.ports.gateway, "nobody", "secret-of-nobody")
    assert (answer["status"], answer["headers"]["x-ca-error-code"]) == (400, "A400IK")
