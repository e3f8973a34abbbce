"""Consumers with JSON Web Tokens: from the management call to the next request, on every worker."""
import json
import time

import pytest

from harness import tokens
from harness.tokens import Key, Secret, claims, jwks, token
from harness.world import HOST, PATH, RELEASE, World, on_every_worker
from harness.signing import raw
from wire import Wire


@pytest.fixture(scope="module")
def world():
    with World(workers=2) as world:
        yield world


class Consumer:
    count = 0

    def __init__(self, world, authorised=True, **rules):
        Consumer.count += 1
        self.world, self.name = world, f"token-consumer-{Consumer.count}"
        self.id = world.client.made("/consumers", {"name": self.name})["id"]
        self.path = f"/consumers/{self.id}/jwt-credentials"
        if authorised:
            world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [self.id], "api_ids": [world.api]})
        self.credential = world.client.made(self.path, rules)
        if "jwks" in self.credential and rules.get("key_type", "SYMMETRIC") == "SYMMETRIC":
            self.key = Secret(json.loads(self.credential["jwks"])["keys"][0])

    def claims(self, lifetime=60, **more):
        return claims(lifetime, **{self.credential["claim"]: self.credential["claim_value"]}, **more)

    def token(self, key=None, header=None, **more):
        return token(key or self.key, self.claims(**more), header)


def request(text, path=PATH, **fields):
    return raw("GET", path, {"Host": HOST, "Authorization": f"Bearer {text}", **fields})


def send(world, message):
    with Wire(world.nginx.port) as wire:
        wire.send(message)
        return wire.answer()


def ask(world, text, **more):
    return send(world, request(text, **more))


def seen(world):
    return world.backend.take()[-1]


def refused(answer, words=None):
    """401 in our words, with a challenge (RFC 6750)."""
    body = json.loads(answer.body)
    return (answer.status == 401 and body["error_code"] == "APIG.0303" and (words is None or words in body["error_msg"]) and
            answer["WWW-Authenticate"] == 'Bearer realm="countersign", error="invalid_token"')


def test_a_key_of_ones_own(world):
    consumer = Consumer(world)
    key = json.loads(consumer.credential["jwks"])["keys"][0]
    assert key["kty"] == "oct" and key["alg"] == "HS256" and len(tokens.unb64(key["k"])) == 32
    assert consumer.credential["claim"] == "uid" and len(consumer.credential["claim_value"]) == 32
    world.backend.take()
    assert ask(world, consumer.token()).status == 200
    told = seen(world)
    assert told.all("X-Mse-Consumer") == [consumer.name] and told.all("Authorization") == []
    other = Consumer(world)
    assert refused(ask(world, token(other.key, consumer.claims(), {"kid": None})))
    assert "jwks" not in world.client.get(f"{consumer.path}/{consumer.credential['id']}").json


@pytest.mark.parametrize("alg, size", [("HS256", 32), ("HS384", 48), ("HS512", 64)])
def test_symmetric_keys_are_of_one_algorithm(world, alg, size):
    """As long as the digest (RFC 7518, 3.2), and good for no other."""
    consumer = Consumer(world, algorithm=alg)
    key = json.loads(consumer.credential["jwks"])["keys"][0]
    assert consumer.credential["algorithm"] == key["alg"] == alg and len(tokens.unb64(key["k"])) == size
    for _ in range(2):
        assert ask(world, consumer.token()).status == 200
    for other in {"HS256", "HS384", "HS512"} - {alg}:
        assert refused(ask(world, consumer.token(Secret(key, other))))
        assert refused(ask(world, consumer.token(header={"alg": other})))
    shown = world.client.get(f"{consumer.path}/{consumer.credential['id']}").json
    assert shown["algorithm"] == alg and "jwks" not in shown and key["k"] not in json.dumps(shown)


def test_another_algorithm_is_another_key(world):
    consumer = Consumer(world, algorithm="HS512")
    path = f"{consumer.path}/{consumer.credential['id']}"
    rules = {"claim_value": consumer.credential["claim_value"]}
    assert "jwks" not in world.client.put(path, rules).json
    assert ask(world, consumer.token()).status == 200
    changed = world.client.put(path, {**rules, "algorithm": "HS384"}).json
    assert changed["algorithm"] == "HS384"
    assert refused(ask(world, consumer.token()))
    consumer.key = Secret(json.loads(changed["jwks"])["keys"][0])
    assert consumer.key.alg == "HS384" and ask(world, consumer.token()).status == 200


def test_a_key_made_by_a_change_is_told_too(world):
    consumer = Consumer(world, key_type="ASYMMETRIC", jwks=jwks(Key("ES256", "k1")))
    path = f"{consumer.path}/{consumer.credential['id']}"
    changed = world.client.put(path, {"key_type": "SYMMETRIC", "claim_value": consumer.credential["claim_value"]}).json
    consumer.key = Secret(json.loads(changed["jwks"])["keys"][0])
    assert ask(world, consumer.token()).status == 200


@pytest.mark.parametrize("rules", [{"algorithm": "RS256"}, {"algorithm": "none"}, {"key_type": "ASYMMETRIC", "algorithm": "HS512"},
                                   {"key_type": "REMOTE", "algorithm": "HS256", "remote_jwks": "https://idp.example/jwks"}])
def test_an_algorithm_that_is_not_the_keys(world, rules):
    given = {"jwks": jwks(Key("ES256", "k1"))} if rules.get("key_type") == "ASYMMETRIC" else {}
    consumer = world.client.made("/consumers", {"name": f"wrong-{rules['algorithm']}-{rules.get('key_type')}"})
    answer = world.client.post(f"/consumers/{consumer['id']}/jwt-credentials", {**rules, **given})
    assert answer.status == 400 and "algorithm" in answer.json["error_msg"]


@pytest.mark.parametrize("alg", tokens.ALGORITHMS)
def test_every_algorithm(world, alg):
    key = Key(alg, "k1", 3072 if alg == "PS256" else 4096 if alg == "RS512" else 2048)
    consumer = Consumer(world, key_type="ASYMMETRIC", jwks=jwks(key))
    for _ in range(3):
        assert ask(world, consumer.token(key)).status == 200
    head, body, signature = consumer.token(key).split(".")
    raw_signature = tokens.unb64(signature)
    for wrong in (b"", raw_signature[:-1], raw_signature + b"\0", bytes(len(raw_signature)), b"x" * 21830 if alg == "ES256" else b"x"):
        assert refused(ask(world, f"{head}.{body}.{tokens.b64(wrong)}")), len(wrong)
    for name in ("none", "None", "nOnE", "HS256", *tokens.ALGORITHMS):
        if name != alg:
            assert refused(ask(world, consumer.token(key, header={"alg": name}))), name


def test_a_public_key_is_no_secret(world):
    """CVE-2015-9235 and its followers: a MAC with the text of the public key."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    key = Key("RS256", "k1")
    consumer = Consumer(world, key_type="ASYMMETRIC", jwks=jwks(key))
    public = key.private.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for secret in (pem, pem.strip(), public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), jwks(key).encode(), b""):
        assert refused(ask(world, token(Secret(secret), consumer.claims(), {"kid": "k1"})))
    assert ask(world, consumer.token(key)).status == 200


def test_alg_none_leaves_no_door_open(world):
    """kjdev 0.14.1: one alg=none switched the check off in that worker."""
    key = Key("RS256")
    consumer = Consumer(world, key_type="ASYMMETRIC", jwks=jwks(key))
    with Wire(world.nginx.port) as wire:
        for text in (token(key, consumer.claims(), {"alg": "none"}).rsplit(".", 1)[0] + ".", token(Key("RS256"), consumer.claims())):
            wire.send(request(text))
            assert refused(wire.answer())


def test_embedded_keys_open_nothing(world):
    """CVE-2018-0114: the attacker's own key comes along with the token."""
    key, own = Key("ES256", "k1"), Key("ES256", "k1")
    consumer = Consumer(world, key_type="ASYMMETRIC", jwks=jwks(key))
    for header in ({"jwk": own.jwk()}, {"jku": f"http://127.0.0.1:{world.backend.port}/jwks"}, {"x5u": f"http://127.0.0.1:{world.backend.port}/x"},
                   {"x5c": ["MIIB"]}):
        world.backend.take()
        assert refused(ask(world, consumer.token(own, header=header)), "asks for what is not done here")
        assert refused(ask(world, consumer.token(key, header=header)))
        assert world.backend.take() == []


def test_what_is_no_compact_signature(world):
    consumer = Consumer(world)
    head, body, signature = consumer.token().split(".")
    flattened = json.dumps({"protected": head, "payload": body, "signature": signature})
    for text in (f"{head}.{body}.{signature}.x.y", flattened, json.dumps({"payload": body, "signatures": [{"protected": head, "signature": signature}]}),
                 f"{head}.{body}", f"{head}.{body}.", f"..{signature}", "." * 7000, f"{head}=.{body}.{signature}"):
        answer = ask(world, text)
        assert answer.status == 401, text[:60]
    for header in ({"crit": ["x"], "x": 1}, {"crit": []}, {"b64": False, "crit": ["b64"]}, {"enc": "A128GCM"}):
        assert refused(ask(world, consumer.token(header=header)))
    assert ask(world, consumer.token()).status == 200


@pytest.mark.parametrize("kid", ["../../dev/null", "' or 1=1", "\0", "x" * 300, 7, None, ["k1"]])
def test_hostile_kids(world, kid):
    key = Key("ES256", "k1")
    consumer = Consumer(world, key_type="ASYMMETRIC", jwks=jwks(key, Key("ES256", "k2")))
    assert refused(ask(world, consumer.token(key, header={"kid": kid})))


def test_members_twice(world):
    consumer = Consumer(world)
    value = consumer.credential["claim_value"].encode()
    for payload in (b'{"uid":"x","uid":"' + value + b'","exp":9999999999}', b'{"u\\u0069d":"x","uid":"' + value + b'","exp":9999999999}'):
        assert refused(ask(world, token(consumer.key, payload)), "malformed")


def test_exp_passes_between_two_requests(world):
    consumer = Consumer(world, leeway=0)
    text = consumer.token(lifetime=2)
    with Wire(world.nginx.port) as wire:
        wire.send(request(text))
        assert wire.answer().status == 200
        wire.send(request(text))
        assert wire.answer().status == 200
        time.sleep(2.5)
        wire.send(request(text))
        assert refused(wire.answer(), "expired")


def test_times_and_their_types(world):
    consumer = Consumer(world)
    now = int(time.time())
    base = {"uid": consumer.credential["claim_value"]}
    good = [{"exp": now + 10}, {"exp": now - 30}, {"exp": now + 10, "nbf": now + 30}, {"exp": now + 10, "iat": now}]
    bad = [{}, {"exp": now - 90}, {"exp": str(now + 10)}, {"exp": -1}, {"exp": now + 10.5}, {"exp": None}, {"exp": now + 10, "nbf": now + 90},
           {"exp": now + 10, "iat": now + 90}, {"exp": now + 10, "nbf": "x"}]
    for more in good:
        assert ask(world, token(consumer.key, {**base, **more})).status == 200, more
    for more in bad:
        assert refused(ask(world, token(consumer.key, {**base, **more}))), more
    assert refused(ask(world, token(consumer.key, json.dumps(base)[:-1].encode() + b',"exp":1e400}')))
    lax = Consumer(world, require_exp=False)
    assert ask(world, token(lax.key, {"uid": lax.credential["claim_value"]})).status == 200


def test_a_jti_of_a_consumer_counts_once(world):
    """On whichever worker; and what another key signed burns none."""
    consumer = Consumer(world, single_use=True)
    assert refused(ask(world, consumer.token()), "jti")
    text = consumer.token(jti="j1")
    assert ask(world, text).status == 200
    for _ in range(8):
        assert ask(world, text).status == 401
    assert ask(world, consumer.token(Secret(bytes(32)), jti="j2")).status == 401
    assert ask(world, consumer.token(jti="j2")).status == 200
    other = Consumer(world, single_use=True)
    assert ask(world, other.token(jti="j1")).status == 200, "a jti is of one consumer"
    answer = world.client.post(consumer.path, {"single_use": True, "require_exp": False})
    assert answer.status == 400 and "parameterName:single_use." in answer.message


def test_issuer_and_audience(world):
    consumer = Consumer(world, issuer="https://idp.example.com", audiences=["orders", "all"])
    good = {"iss": "https://idp.example.com", "aud": ["x", "all"]}
    assert ask(world, consumer.token(**good)).status == 200
    for more in ({}, {**good, "iss": "https://idp.example.com/"}, {**good, "aud": "order"}, {**good, "aud": 7}, {**good, "aud": None}, {**good, "aud": [["all"]]},
                 {"aud": "all"}, {"iss": "https://idp.example.com"}):
        assert refused(ask(world, consumer.token(**more))), more


def test_a_nested_claim_and_a_custom_value(world):
    consumer = Consumer(world, claim="/realm/user~1id", claim_value="4711")
    assert ask(world, token(consumer.key, claims(realm={"user/id": "4711"}))).status == 200
    assert ask(world, token(consumer.key, claims(realm={"user/id": 4711}))).status == 200
    assert refused(ask(world, token(consumer.key, claims(realm={"user/id": "4712"}))))
    answer = world.client.post(Consumer(world).path, {"claim": "/realm/user~1id", "claim_value": "4711"})
    assert answer.status == 409 and answer.json["error_code"] == "APIG.3919"


def test_query_cookie_and_other_headers(world):
    query = Consumer(world, token_location="QUERY", token_name="access_token")
    cookie = Consumer(world, token_location="COOKIE", token_name="session")
    header = Consumer(world, token_name="X-Token", token_prefix="JWT ")
    world.backend.take()
    assert send(world, raw("GET", f"{PATH}?a=1&access%5Ftoken={query.token()}&b=2", {"Host": HOST})).status == 200
    assert seen(world).target == f"{PATH}?a=1&b=2"
    assert send(world, raw("GET", PATH, {"Host": HOST, "Cookie": f"a=1; session={cookie.token()}; b=2"})).status == 200
    assert seen(world).all("Cookie") == ["a=1; b=2"]
    assert send(world, raw("GET", PATH, {"Host": HOST, "Cookie": f"session={cookie.token()}"})).status == 200
    assert seen(world).all("Cookie") == []
    assert send(world, raw("GET", PATH, {"Host": HOST, "X-Token": f"jwt {header.token()}"})).status == 200
    assert seen(world).all("X-Token") == []
    # Each counts in its own place only, and two places at once say two things.
    assert ask(world, query.token()).status == 401
    assert send(world, raw("GET", f"{PATH}?access_token={cookie.token()}", {"Host": HOST})).status == 401
    both = raw("GET", f"{PATH}?access_token={query.token()}", {"Host": HOST, "Cookie": f"session={cookie.token()}"})
    assert "more than one" in json.loads(send(world, both).body)["error_msg"]


def test_pass_through(world):
    consumer = Consumer(world, pass_through=True)
    text = consumer.token()
    world.backend.take()
    assert ask(world, text).status == 200
    assert seen(world).all("Authorization") == [f"Bearer {text}"]


def test_claims_become_headers_and_nobody_else_may_send_them(world):
    consumer = Consumer(world, claims_to_headers=[{"claim": "sub", "header": "X-User"}, {"claim": "/a/roles", "header": "X-Roles"}])
    world.backend.take()
    for _ in range(2):  # checked, then known
        assert ask(world, consumer.token(sub="alice", a={"roles": ["r1", "r2"]}), **{"X_User": "mallory", "x-roles": "admin"}).status == 200
        told = seen(world)
        assert told.all("X-User") == ["alice"] and told.all("X-Roles") == ['["r1","r2"]']
    assert ask(world, consumer.token(), **{"X-User": "mallory"}).status == 200
    assert seen(world).all("X-User") == []
    other = Consumer(world)  # APISIX CVE-2026-44087: another way in leaves the caller's word standing
    assert ask(world, other.token(), **{"X-User": "mallory", "X.Roles": "admin"}).status == 200
    told = seen(world)
    assert told.all("X-User") == [] and told.all("X.Roles") == []
    for value in ("a\r\nX-Admin: 1", "a\nb", "\x7f"):
        assert refused(ask(world, consumer.token(sub=value)), "claim sub")
    answer = ask(world, consumer.token(sub="a\0b"))
    assert refused(answer), "no text of JSON holds a NUL here"
    assert ask(world, consumer.token(sub="Zoë")).status == 200


def test_headers_that_claims_fill_are_so_many_and_no_more(world):
    """The gateway knows each of them: one that no longer fits into its list could be sent by anybody."""
    api, _ = world.publish("told", "/told")
    consumers = [Consumer(world, False, claims_to_headers=[{"claim": "sub", "header": f"X-{who:02}-{i:02}-".ljust(64, "x")} for i in range(16)])
                 for who in range(8)]
    auths = world.client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [one.id for one in consumers], "api_ids": [api]})["auths"]
    assert [auth["auth_result"]["status"] for auth in auths] == 7 * ["SUCCESS"] + ["FAILED"]
    assert auths[-1]["auth_result"]["error_code"] == "APIG.3913" and "120 headers" in auths[-1]["auth_result"]["error_msg"]
    forged = {f"X-{who:02}-{i:02}-".ljust(64, "x"): "mallory" for who in range(7) for i in range(16)}
    world.backend.take()
    assert ask(world, consumers[0].token(sub="alice"), path="/told", **forged).status == 200
    told = seen(world)
    assert [told.all(name) for name in forged] == 16 * [["alice"]] + 96 * [[]]


def test_changes_hold_at_the_next_request_on_every_worker(world):
    connections = world.connections()
    consumer = Consumer(world)
    text = consumer.token()
    one = f"{consumer.path}/{consumer.credential['id']}"

    def statuses():
        return {answer.status for answer in on_every_worker(connections, request(text))}

    for change, back in (({"enabled": False}, {"enabled": True}), ({"issuer": "x"}, {}), ({"claim_value": "another-value"}, {})):
        kept = {"claim_value": consumer.credential["claim_value"]}
        assert statuses() == {200}
        assert world.client.put(one, {**kept, **change}).status == 200
        assert statuses() == {401}
        assert world.client.put(one, {**kept, **back}).status == 200
    assert statuses() == {200}
    assert world.client.put(f"/consumers/{consumer.id}", {"enabled": False}).status == 200
    assert statuses() == {401}
    assert world.client.put(f"/consumers/{consumer.id}", {"enabled": True}).status == 200
    assert statuses() == {200}
    assert world.client.delete(one).status == 204
    assert statuses() == {401}
    made = world.client.made(consumer.path, {"claim_value": consumer.credential["claim_value"]})
    assert statuses() == {401}  # another key
    consumer.key, consumer.credential = Secret(json.loads(made["jwks"])["keys"][0]), made
    text = consumer.token()
    assert statuses() == {200}
    assert world.client.delete(f"/consumers/{consumer.id}").status == 204
    assert statuses() == {401}


def test_without_authorisation(world):
    consumer = Consumer(world, authorised=False)
    answer = ask(world, consumer.token())
    assert answer.status in (401, 403)
    Consumer(world)
    assert ask(world, consumer.token()).status == 403


def test_an_api_key_and_a_token_share_a_place(world):
    consumer = Consumer(world)
    key = world.client.made(f"/consumers/{consumer.id}/credentials", {"api_key": {}})["value"]
    assert ask(world, consumer.token()).status == 200
    assert ask(world, key).status == 200
    assert ask(world, "a.b.c").status == 401


def test_the_edge_is_made_anew(world):
    consumer, asymmetric = Consumer(world), Key("EdDSA")
    other = Consumer(world, key_type="ASYMMETRIC", jwks=jwks(asymmetric), claims_to_headers=[{"claim": "sub", "header": "X-Anew"}])
    from harness.tree import program
    import subprocess
    subprocess.run([program("countersign"), "edge", "rebuild", "--data", world.folder / "data"], check=True, capture_output=True)
    assert ask(world, consumer.token()).status == 200
    world.backend.take()
    assert ask(world, other.token(asymmetric, sub="x")).status == 200
    assert seen(world).all("X-Anew") == ["x"]


def test_no_token_in_logs(world):
    consumer = Consumer(world, token_location="QUERY", token_name="jwt")
    text = consumer.token()
    assert send(world, raw("GET", f"{PATH}?jwt={text}", {"Host": HOST})).status == 200
    assert send(world, raw("GET", f"{PATH}?jwt={text}x", {"Host": HOST})).status == 401
    for log in (world.folder / "nginx").rglob("*.log"):
        assert text[:60] not in log.read_text(errors="replace"), log
