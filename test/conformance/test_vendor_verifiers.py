"""What the gateway sends to a backend, as it arrives there, is accepted by the verifiers that the vendors give to backends, and refused by them after
any one byte of what the signature covers was changed."""
import callers
import pytest
import verifiers
import wire
from harness.world import HOST, RELEASE, World
from verifiers import Seen

VERIFIERS = {"hmac": verifiers.huawei, "bce": verifiers.baidu, "aliyun": verifiers.alibaba}
FORM = "application/x-www-form-urlencoded"
CALLS = {
    "get": ("GET", "/7"),
    "post": ("POST", "", '{"number":7,"name":"服"}'.encode(), "application/json"),
    "put": ("PUT", "/7", b"plain text", "text/plain"),
    "delete": ("DELETE", "/7"),
    "query": ("GET", "?b=%2B%26&a=%20x&e=&~t=1&%E6%9C%8D=%2F&B=2&a.b=*"),
    "unicode path": ("GET", "/%E6%9C%8D%20x/caf%C3%A9"),
    "form": ("POST", "?q=1", b"name=%E6%9C%8D+x&empty=&a=1%2B1", FORM),
}


class Forwarded:
    """For each type a key, bound to an API that keeps the path and to one that rewrites it; and what a call of them sends to the backend."""

    def __init__(self, world):
        self.world, self.keys, self.apis = world, {}, {}
        self.app = world.app("verified", authorised=False)
        for kind in VERIFIERS:
            self.keys[kind] = world.client.made("/signs", {"name": "key_" + kind, "sign_type": kind})
            published = [self.publish(f"/{kind}", f"/{kind}"), self.publish(f"/moved-{kind}", "/inner%20shop/v2")]
            world.client.made("/sign-bindings", {"sign_id": self.keys[kind]["id"], "publish_ids": published})

    def publish(self, front, back):
        client, address = self.world.client, self.world.backend.authority
        api = client.made("/apis", {
            "name": front[1:], "group_id": self.world.group, "type": 1, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": front,
            "match_mode": "SWA", "auth_type": "APP", "backend_type": "HTTP",
            "backend_api": {"url_domain": address, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": back, "timeout": 5000}})["id"]
        self.apis[front] = api
        client.made("/app-auths", {"env_id": RELEASE, "app_ids": [self.app.id], "api_ids": [api]})
        return client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api})["publish_id"]

    def call(self, prefix, method, rest, body=b"", content_type=None):
        """As it arrives. The caller's own signature covers the body, so that the gateway reads it, whatever the type of the key."""
        more = {"Content-Type": content_type} if content_type else {}
        fields = callers.sdk(method, prefix + rest, HOST, (self.app.key, self.app.secret), body, extra=more)
        self.world.backend.take()
        answer = wire.ask(self.world.nginx.port, method, prefix + rest, fields, body or None)
        assert answer.status == 200, answer.body
        return Seen.of(self.world.backend.only())


@pytest.fixture(scope="module")
def forwarded():
    with World(workers=1) as world:
        yield Forwarded(world)


@pytest.mark.parametrize("kind", VERIFIERS)
def test_the_vendor_s_verifier_accepts_what_arrives(forwarded, kind):
    arrived = [forwarded.call(f"/{kind}", *call) for call in CALLS.values()]
    moved = [forwarded.call(f"/moved-{kind}", *call) for call in CALLS.values()]
    assert all(seen.target.startswith("/inner%20shop/v2") for seen in moved)
    names = [*CALLS, *("moved " + name for name in CALLS)]
    assert dict(zip(names, VERIFIERS[kind](forwarded.keys[kind], arrived + moved))) == dict.fromkeys(names, True)


def other(character):
    """One that is read as something else, whatever stands around it."""
    return "y" if character == "x" else "2" if character == "1" else "1" if character.isdigit() else "x"


def each_changed(text):
    return [text[:i] + other(text[i]) + text[i + 1:] for i in range(len(text))]


def covered_names(kind, seen):
    """The headers of which no byte may change: those that are listed as signed, and those that carry the proof."""
    carriers = [name for name in seen.headers if name in ("authorization", "x-bce-gateway-auth") or name.startswith("x-ca-")]
    listed = {"hmac": lambda: seen.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";"),
              "bce": lambda: seen.headers["x-bce-gateway-auth"].split("/")[4].split(";"),
              "aliyun": lambda: seen.headers["x-ca-proxy-signature-headers"].split(",")}[kind]()
    assert {"x-countersign-app", "x-request-id"} < set(listed)
    return [*listed, *carriers]


def with_one_byte_changed(kind, seen):
    found = [("method", seen.changed(method=method)) for method in ("PUT", "GET")]
    found += [("target", seen.changed(target="/" + rest)) for rest in each_changed(seen.target[1:])]
    found += [("body", seen.changed(body=seen.body[:i] + bytes([seen.body[i] ^ 1]) + seen.body[i + 1:])) for i in range(len(seen.body))]
    for name in covered_names(kind, seen):
        found += [(name, seen.changed(headers={**seen.headers, name: value})) for value in each_changed(seen.headers[name])]
    return found


@pytest.mark.parametrize("kind", VERIFIERS)
def test_the_vendor_s_verifier_refuses_whatever_byte_is_changed(forwarded, kind):
    seen = forwarded.call(f"/moved-{kind}", "POST", "/%E6%9C%8D?b=%2B&a=7", b'{"number":7}', "application/json")
    changed = with_one_byte_changed(kind, seen)
    verdicts = VERIFIERS[kind](forwarded.keys[kind], [seen] + [one for _, one in changed])
    assert verdicts[0] and len(changed) > 250
    assert [(part, vars(one)) for (part, one), accepted in zip(changed, verdicts[1:]) if accepted] == []


def test_a_body_that_streams_is_told_to_huawei_s_verifier(forwarded):
    """Nobody's signature needs the body, so it streams, and the signed header says so: the verifier hashes nothing."""
    consumer = forwarded.world.client.made("/consumers", {"name": "streaming", "api_key": {}})
    forwarded.world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [consumer["id"]], "api_ids": [forwarded.apis["/hmac"]]})
    fields = {"Host": HOST, "Authorization": f"Bearer {consumer['credentials'][0]['value']}"}
    forwarded.world.backend.take()
    assert wire.ask(forwarded.world.nginx.port, "POST", "/hmac", fields, b"a stream").status == 200
    seen = Seen.of(forwarded.world.backend.only())
    assert seen.headers["x-sdk-content-sha256"] == "UNSIGNED-PAYLOAD"
    key = forwarded.keys["hmac"]
    assert verifiers.huawei(key, [seen, seen.changed(headers={**seen.headers, "x-sdk-content-sha256": "x"})]) == [True, False]


def test_the_steps_of_alibaba_s_demonstration_give_its_own_value():
    headers = {"content-type": FORM, "x-ca-proxy-signature-headers": "HeaderKey1,HeaderKey2", "headerkey1": "HeaderValue1", "headerkey2": "HeaderValue2",
               "x-ca-proxy-signature-secret-key": "DemoKey1", "x-ca-proxy-signature": "C7Lqfn8Spz0DxQTfUJq0NrkEbwNUuTNtC9p3SzRWgv0="}
    demo = Seen("POST", "/demo/uri?QueryKey1=QueryValue1&QueryKey2=QueryValue2", headers, b"FormKey1=FormValue1&FormKey2=FormValue2")
    key = {"sign_key": "DemoKey1", "sign_secret": "DemoSecret1"}
    assert verifiers.alibaba(key, [demo, demo.changed(method="PUT")]) == [True, False]
