"""Tokens that the common libraries issue, through the gateway: right ones pass, tampered ones do not."""
import base64
import json
import time

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from harness import tokens
from harness.signing import raw
from harness.tokens import Key, jwks, unb64
from harness.world import HOST, PATH, RELEASE, World
from token_issuers import ISSUERS
from wire import Wire

MACS = ["HS256", "HS384", "HS512"]
ALGORITHMS = [*MACS, *tokens.ALGORITHMS]


class Consumer:
    """One for each algorithm; symmetric keys are made by the gateway, of the others only the public half is there."""

    def __init__(self, world, alg):
        self.alg = alg
        self.id = world.client.made("/consumers", {"name": f"issues-{alg}"})["id"]
        world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [self.id], "api_ids": [world.api]})
        key = None if alg in MACS else Key(alg, f"kid-{alg}")
        rules = {"key_type": "SYMMETRIC", "algorithm": alg} if key is None else {"key_type": "ASYMMETRIC", "jwks": jwks(key)}
        credential = world.client.made(f"/consumers/{self.id}/jwt-credentials", {**rules, "issuer": "https://idp.example/", "audiences": ["orders"]})
        self.claims = {"iss": "https://idp.example/", "aud": ["orders", "else"], credential["claim"]: credential["claim_value"]}
        self.key = key_texts(key, credential)

    def wish(self, key=None, **claims):
        now = int(time.time())
        payload = {**self.claims, "iat": now, "nbf": now, "exp": now + 600, **claims}
        return {"alg": self.alg, **(key or self.key), "claims": {name: value for name, value in payload.items() if value is not None}}


def key_texts(key, credential):
    if key is None:
        own = json.loads(credential["jwks"])["keys"][0]
        return {"kid": own["kid"], "secret": base64.b64encode(unb64(own["k"])).decode()}
    return {"kid": key.kid, "pem": key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()}


def another_key(consumer):
    if consumer.alg in MACS:
        return {**consumer.key, "secret": base64.b64encode(64 * b"x").decode()}
    return key_texts(Key(consumer.alg, f"kid-{consumer.alg}"), None)


@pytest.fixture(scope="module")
def world():
    with World(workers=1) as world:
        yield world


@pytest.fixture(scope="module")
def consumers(world):
    return {alg: Consumer(world, alg) for alg in ALGORITHMS}


def ask(world, text):
    with Wire(world.nginx.port) as wire:
        wire.send(raw("GET", PATH, {"Host": HOST, "Authorization": f"Bearer {text}"}))
        return wire.answer().status


def tampered(text):
    """Every part changed, and parts of two tokens mixed."""
    head, body, signature = text.split(".")
    flipped = tokens.b64(bytes([unb64(signature)[0] ^ 1]) + unb64(signature)[1:])
    claims = json.loads(unb64(body))
    other = tokens.b64(json.dumps({**claims, "admin": True}).encode())
    none = tokens.b64(json.dumps({**json.loads(unb64(head)), "alg": "none"}).encode())
    return [f"{head}.{body}.{flipped}", f"{head}.{other}.{signature}", f"{none}.{body}.{signature}", f"{none}.{body}.", f"{head}.{body}", f"{head}.{body}.{signature}.x"]


@pytest.mark.parametrize("issuer", ISSUERS)
def test_tokens_of(world, consumers, issuer):
    good = [consumer.wish() for consumer in consumers.values()]
    bad = [wish for consumer in consumers.values() for wish in (
        consumer.wish(exp=int(time.time()) - 3600), consumer.wish(exp=None), consumer.wish(nbf=int(time.time()) + 3600), consumer.wish(iss="https://other/"),
        consumer.wish(aud="else"), consumer.wish(uid="nobody"), consumer.wish(another_key(consumer)))]
    made = ISSUERS[issuer](good + bad)
    for wish, text in zip(good, made):
        assert [ask(world, text), ask(world, text)] == [200, 200], wish["alg"]
        for changed in tampered(text):
            assert ask(world, changed) == 401, (wish["alg"], changed)
    for wish, text in zip(bad, made[len(good):]):
        assert ask(world, text) == 401, (wish["alg"], wish["claims"])
