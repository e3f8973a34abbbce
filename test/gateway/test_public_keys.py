"""The public halves of signature keys, told to anybody; and keys that follow each other by the clock alone."""
import json
import time

import edges
import pytest
from cryptography.hazmat.primitives import serialization
from scene import Scene, api, bob
from signature_keys import KEYS, public_key, sdk_key, verify
from countersign import Key

PREFIX = "/apigw/authadv/v2/public-key/"
NEXT_RSA = public_key("rsa-next-private.pem")
FOLLOWING = {
    "hmac": ("types_hmac_key", "another_hmac_secret_0123"), "basic": ("types_user", "another_password"),
    "aes-128": ("another_aes_key1", "another_vector_1"), "aes-256": ("another_aes_key_of_32_characters", "another_vector_1"),
    "rsa": NEXT_RSA, "ecdsa": public_key("ecdsa-next-private.pem"), "bce": ("types_bce_key", "another_bce_secret_0123"),
    "aliyun": ("another_name", "another_aliyun_secret"),
}


def key(name, next_from=0):
    kind, sign_key, secret = KEYS[name]
    following = {"next_from": next_from, "next_key": FOLLOWING[name][0], "next_secret": FOLLOWING[name][1]} if next_from else {}
    return edges.signature_key(f"sign-{name}", sign_key, secret, type=kind, **following)


def records(scene):
    found = [edges.feature("public_key")]
    for name in KEYS:
        found += [key(name), *api(name, f"{name}.example.com", {"authority": scene.backend.authority}, signature_key=f"sign-{name}")]
    return found


@pytest.fixture(scope="module")
def scene():
    scene = Scene(records=records)
    yield scene
    scene.close()


def blocks(answer):
    """The keys of an answer as base64 on one line, in order."""
    assert (answer.status, answer["Content-Type"]) == (200, "application/x-pem-file")
    return ["".join(part.split("\n")[1:-1]) for part in answer.body.decode().split("-----END PUBLIC KEY-----\n")[:-1]]


@pytest.mark.parametrize("name", ["rsa", "ecdsa"])
def test_anybody_may_ask_for_a_public_key(scene, name):
    scene.edge.put(key(name))
    for host in ("nobody.example.com", f"{name}.example.com"):
        answer = scene.ask("GET", PREFIX + f"sign-{name}", {"Host": host})
        assert blocks(answer) == [KEYS[name][1]] and answer["Cache-Control"] == "no-cache" and len(answer["X-Request-Id"]) == 32
        serialization.load_pem_public_key(answer.body)
    assert scene.nginx.logged(answer["X-Request-Id"])["outcome"] == "answered"
    scene.ask("GET", "/a", bob(f"{name}.example.com"))
    text = answer.body.decode()
    assert not isinstance(verify(Key.public_key(f"sign-{name}", text), scene.backend.only()), str), "an SDK takes it as it is"


def test_head(scene):
    answer = scene.ask("HEAD", PREFIX + "sign-rsa", {"Host": "nobody.example.com"})
    assert answer.status == 200 and int(answer["Content-Length"]) > 400 and answer.body == b""


@pytest.mark.parametrize("unknown", ["", "nobody", "sign-hmac", "sign-aes-128", "sign-bce", "sign-rsa/", "sign%2Drsa", "a" * 600])
def test_no_public_key(scene, unknown):
    answer = scene.ask("GET", PREFIX + unknown, {"Host": "nobody.example.com"})
    assert (answer.status, answer["Content-Type"]) == (400, "application/json")
    assert json.loads(answer.body) == {"error_msg": "PublicKey is null", "error_code": "APIG.2102", "request_id": answer["X-Request-Id"]}
    for name in KEYS:
        assert KEYS[name][2] not in answer.body.decode()


def test_only_get_and_only_there(scene):
    for method, target in (("POST", PREFIX + "sign-rsa"), ("GET", PREFIX[:-1]), ("GET", PREFIX.upper() + "sign-rsa"), ("GET", "/." + PREFIX)):
        assert scene.ask(method, target, {"Host": "nobody.example.com"}, b"" if method == "POST" else None).status == 404
    assert not scene.backend.take()


def test_switched_off_it_is_a_path_like_any_other(scene):
    scene.edge.remove(edges.feature("public_key"))
    try:
        assert scene.ask("GET", PREFIX + "sign-rsa", {"Host": "nobody.example.com"}).status == 404
        assert scene.ask("GET", PREFIX + "sign-rsa", {"Host": "rsa.example.com"}).status == 401
        assert scene.ask("GET", PREFIX + "sign-rsa", bob("rsa.example.com")).status == 200
        assert scene.backend.only().target == PREFIX + "sign-rsa"
    finally:
        scene.edge.put(edges.feature("public_key"))


def keys_of(name):
    kind, sign_key, secret = KEYS[name]
    return sdk_key(kind, f"sign-{name}", sign_key, secret), sdk_key(kind, f"sign-{name}", *FOLLOWING[name])


@pytest.mark.parametrize("name", KEYS)
def test_the_next_key_signs_when_its_time_has_come(scene, name):
    """Nothing is written at that moment: a worker sees it by the clock. A backend that knows both sees no gap."""
    old, new = keys_of(name)
    moment = int(time.time()) + 2
    scene.edge.put(key(name, moment))
    signed_by_new = []
    while time.time() < moment + 1:
        sent = time.time()
        assert scene.ask("GET", "/a", bob(f"{name}.example.com")).status == 200
        answered = time.time()
        received = scene.backend.only()
        assert not isinstance(verify([old, new], received), str)
        by_new = not isinstance(verify(new, received), str)
        assert by_new != (not isinstance(verify(old, received), str))
        if answered < moment:
            assert not by_new
        elif sent > moment + 0.1:
            assert by_new
        signed_by_new.append(by_new)
        time.sleep(0.05)
    assert signed_by_new == sorted(signed_by_new) and set(signed_by_new) == {False, True}
    scene.edge.put(key(name))


def test_both_public_keys_are_told_the_one_that_signs_first(scene):
    for next_from, first in ((int(time.time()) + 1000, KEYS["rsa"][1]), (int(time.time()) - 1000, NEXT_RSA[0])):
        scene.edge.put(key("rsa", next_from))
        told = blocks(scene.ask("GET", PREFIX + "sign-rsa", {"Host": "nobody.example.com"}))
        assert told[0] == first and set(told) == {KEYS["rsa"][1], NEXT_RSA[0]}
    scene.edge.put(key("rsa"))
