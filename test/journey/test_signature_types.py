"""Signature keys of every type, made and bound through the management API: the next request on every worker is signed so that the SDK of the
backend accepts it, without publishing again."""
import time

import pytest

import wire
from harness import signing
from harness.world import HOST, RELEASE, World, on_every_worker
from signature_keys import KEYS, sdk_key, verify

WORKERS = 2
TYPES = {"hmac": {}, "basic": {}, "aes-128": {"sign_type": "aes", "sign_algorithm": "aes-128-cfb"},
         "aes-256": {"sign_type": "aes", "sign_algorithm": "aes-256-cfb"}, "public_key": {}, "bce": {}, "aliyun": {}}
BODY = b'{"number":7}'
numbers = iter(range(1_000_000))


@pytest.fixture(scope="module")
def world():
    with World(workers=WORKERS) as world:
        world.client.made("/features", {"name": "public_key", "enable": True})
        yield world


@pytest.fixture(scope="module")
def connections(world):
    return world.connections()


class Signed:
    """An API of its own with a consumer, and what its backend received."""

    def __init__(self, world, connections):
        self.world, self.connections = world, connections
        self.path = f"/typed-{next(numbers)}"
        api, self.publication = world.publish(self.path[1:], self.path)
        consumer = world.client.made("/consumers", {"name": self.path[1:], "api_key": {}})
        self.key = consumer["credentials"][0]["value"]
        world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [consumer["id"]], "api_ids": [api]})

    def make(self, name, **more):
        fields = {"name": f"typed_{next(numbers)}", "sign_type": name, **TYPES[name], **more}
        return self.world.client.made("/signs", fields)

    def bind(self, sign):
        self.world.client.made("/sign-bindings", {"sign_id": sign["id"], "publish_ids": [self.publication]})

    def received(self):
        """A GET and a POST, as they arrive from every worker."""
        fields = {"Host": HOST, "Authorization": f"Bearer {self.key}"}
        posted = wire.request("POST", self.path + "?a=%20b", {**fields, "Content-Type": "application/json"}, BODY)
        self.world.backend.take()
        for request in (signing.raw("GET", self.path, fields), posted):
            assert {answer.status for answer in on_every_worker(self.connections, request)} == {200}
        found = self.world.backend.take()
        assert len(found) == 2 * WORKERS
        return found

    def assert_signed_by(self, sign, key=None, secret=None):
        backend = sdk_key(sign["sign_type"], sign["id"], key or sign["sign_key"], secret or sign["sign_secret"])
        for received in self.received():
            verified = verify(backend, received)
            assert not isinstance(verified, str), (verified, received.fields)
            assert verified.type == sign["sign_type"]
            if sign["sign_type"] != "basic":
                assert isinstance(verify(backend, received, target=received.target + "&x=1"), str)


@pytest.fixture
def signed(world, connections):
    return Signed(world, connections)


@pytest.mark.parametrize("name", TYPES)
def test_each_type_is_effective_at_once_and_so_is_its_change(world, signed, name):
    sign = signed.make(name)
    assert all(not received.all("Authorization") for received in signed.received())
    signed.bind(sign)
    signed.assert_signed_by(sign)
    given = {"sign_key": sign["sign_key"], "sign_secret": sign["sign_secret"]}
    other = signed.make(name)
    for sign_key, secret in ((other["sign_key"], other["sign_secret"]), (given["sign_key"], given["sign_secret"])):
        answer = world.client.put(f"/signs/{sign['id']}", {"name": sign["name"], "sign_key": sign_key, "sign_secret": secret})
        assert answer.status == 200, answer
        signed.assert_signed_by(sign, sign_key, secret)
    assert world.client.delete(f"/signs/{sign['id']}", unbind="true").status == 204
    assert world.client.delete(f"/signs/{other['id']}").status == 204
    assert all(not received.all("Authorization") for received in signed.received())


def test_a_bound_key_becomes_one_of_every_other_type(world, signed):
    """What the gateway needs of a body changes with the type, at once and without publishing again."""
    sign = signed.make("hmac")
    signed.bind(sign)
    for name in ("aes-128", "aes-256", "rsa", "ecdsa", "bce", "basic", "aliyun", "hmac"):
        kind, key, secret = KEYS[name]
        change = {"name": sign["name"], "sign_type": kind, "sign_key": key, "sign_secret": secret, **TYPES.get(name, {})}
        assert world.client.put(f"/signs/{sign['id']}", change).status == 200
        signed.assert_signed_by({**change, "id": sign["id"]})
    assert world.client.delete(f"/signs/{sign['id']}", unbind="true").status == 204


@pytest.mark.parametrize("name", TYPES)
def test_keys_follow_each_other(world, signed, name):
    """The next one is stored, signs when its time has come, and becomes the key: no step needs the backend to stop."""
    sign = signed.make(name)
    signed.bind(sign)
    moment = int(time.time()) + 2
    text = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
    following = world.client.put(f"/signs/{sign['id']}/next", {"next_from": text}).json
    new = following["next_sign_key"], following["next_sign_secret"]
    old_and_new = [sdk_key(sign["sign_type"], sign["id"], sign["sign_key"], sign["sign_secret"]), sdk_key(sign["sign_type"], sign["id"], *new)]
    while time.time() < moment + 1.1:
        for received in signed.received():
            assert not isinstance(verify(old_and_new, received), str), received.fields
        time.sleep(0.1)
    signed.assert_signed_by(sign, *new)
    assert world.client.put(f"/signs/{sign['id']}", {"name": sign["name"], "sign_secret": new[1]}).status == 200
    signed.assert_signed_by(sign, *new)
    dropped = world.client.put(f"/signs/{sign['id']}/next", {"next_from": "2020-01-01T00:00:00Z"}).json
    signed.assert_signed_by(sign, dropped["next_sign_key"], dropped["next_sign_secret"])
    assert world.client.delete(f"/signs/{sign['id']}/next").status == 204
    signed.assert_signed_by(sign, *new)
    assert world.client.delete(f"/signs/{sign['id']}", unbind="true").status == 204


def test_a_backend_fetches_the_public_key(world, connections, signed):
    from countersign import Key
    sign = signed.make("public_key")
    signed.bind(sign)
    request = signing.raw("GET", f"/apigw/authadv/v2/public-key/{sign['id']}", {"Host": "anything.example.com"})
    told = on_every_worker(connections, request)
    assert {answer.status for answer in told} == {200}
    for received in signed.received():
        assert not isinstance(verify(Key.public_key(sign["id"], told[0].body.decode()), received), str)
    world.client.made("/features", {"name": "public_key", "enable": False})
    assert {answer.status for answer in on_every_worker(connections, request)} == {404}
    signed.assert_signed_by(sign)
    world.client.made("/features", {"name": "public_key", "enable": True})
    assert {answer.status for answer in on_every_worker(connections, request)} == {200}
    assert world.client.delete(f"/signs/{sign['id']}", unbind="true").status == 204
    assert {answer.status for answer in on_every_worker(connections, request)} == {400}
