"""Key sets from elsewhere (JWKS URLs, OpenID discovery): who holds them, what is fetched, and what is refused."""
import json
import shutil

import pytest

from conftest import POSTGRES, new_store
from harness.key_server import KeyServer, wait_until
from harness.management import Daemon
from harness.tokens import Key, Secret, jwks

KEY = Key("RS256", "k1")
PUBLIC = jwks(KEY)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = KeyServer(tmp_path_factory.mktemp("server"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def daemon(server, tmp_path_factory):
    daemon = Daemon(tmp_path_factory.mktemp("daemon") / "data", new_store(), server.daemon_options).start()
    yield daemon
    daemon.stop()


def consumer(client, name, url, **more):
    """(consumer id, credential) of a consumer whose tokens are checked by the set of this URL."""
    made = client.made("/consumers", {"name": name})["id"]
    return made, client.made(f"/consumers/{made}/jwt-credentials", {"key_type": "REMOTE", "remote_jwks": url, **more})


def key_set(client, url):
    found = client.get("/key-sets", url=url).json["key_sets"]
    return found[0] if found else None


def fetched(client, url):
    return wait_until(lambda: (key_set(client, url) or {}).get("attempt_time") and (key_set(client, url)["problem"] or key_set(client, url)["keys"])
                      and key_set(client, url), url)


def test_a_set_is_fetched_and_shown(client, server):
    server.give("/jwks", PUBLIC, "Cache-Control: public, max-age=120")
    url = server.url("/jwks")
    _, credential = consumer(client, "remote", url)
    assert (credential["key_type"], credential["remote_jwks"]) == ("REMOTE", url) and "jwks" not in credential
    shown = fetched(client, url)
    assert (shown["keys"], shown["problem"], shown["attempts"]) == (1, "", 1)
    one = client.get(f"/key-sets/{shown['id']}").json
    key = json.loads(one["jwks"])["keys"][0]
    assert key == {name: KEY.jwk()[name] for name in key} and {"kty", "kid", "alg", "n", "e"} == set(key)
    assert one["expire_time"] == one["next_time"] > one["fetch_time"] >= one["attempt_time"]
    assert server.requests["/jwks"] == 1
    audits = client.get("/audits", resource="key_set").json["audits"]
    assert {audit["action"] for audit in audits} >= {"create_jwt_credential", "fetch_key_set"}


def test_a_set_lives_as_long_as_somebody_holds_it(client, server):
    server.give("/shared", PUBLIC)
    url = server.url("/shared")
    (first, credential), (second, _) = consumer(client, "holds-1", url), consumer(client, "holds-2", url, claim_value="2")
    fetched(client, url)
    assert client.delete(f"/consumers/{first}").status == 204 and key_set(client, url) is not None
    other = {"key_type": "ASYMMETRIC", "jwks": PUBLIC, "claim_value": "2"}
    path = f"/consumers/{second}/jwt-credentials"
    kept = client.get(path).json["jwt_credentials"][0]["id"]
    assert client.put(f"{path}/{kept}", other).status == 200 and key_set(client, url) is None
    assert client.put(f"{path}/{kept}", {"key_type": "REMOTE", "remote_jwks": url, "claim_value": "2"}).status == 200
    assert key_set(client, url) is not None
    assert client.delete(f"{path}/{kept}").status == 204 and key_set(client, url) is None
    assert server.requests["/shared"] == 1, "who lets go and takes again does not make the daemon fetch again at once"
    assert client.get(f"/key-sets/{32 * 'a'}").code == "APIG.3908"


def test_openid_discovery(client, server):
    server.give("/keys-of-idp", PUBLIC)
    path = "/idp/.well-known/openid-configuration"
    server.give(path, json.dumps({"issuer": "x", "jwks_uri": server.url("/keys-of-idp")}))
    consumer(client, "discovers", server.url(path))
    assert fetched(client, server.url(path))["keys"] == 1 and server.requests[path] == server.requests["/keys-of-idp"] == 1
    for number, uri in enumerate((None, 7, "http://localhost/x", "https://127.0.0.1/x", "https://localhost", "file:///etc/passwd")):
        bad = f"/{number}{path}"
        server.give(bad, json.dumps({"jwks_uri": uri} if uri else {}))
        assert "jwks_uri" in client.post("/key-sets/test", {"url": server.url(bad)}).json["problem"], uri


def test_only_keys_that_are_of_use_stay(client, server):
    """Sets of others hold what is nothing to us; what is secret is never taken from elsewhere."""
    private = {**KEY.jwk(), "kid": "p", "d": "AQAB"}
    mixed = [KEY.jwk(), {"kty": "oct", "k": 43 * "A", "kid": "s"}, private, {**KEY.jwk(), "kid": "e", "use": "enc"}, {"kty": "XX"}]
    server.give("/mixed", jwks(*mixed))
    consumer(client, "mixed", server.url("/mixed"))
    assert fetched(client, server.url("/mixed"))["keys"] == 1


BAD_ANSWERS = {
    "/none": (lambda s: s.give("/none", jwks({"kty": "oct", "k": 43 * "A"})), "no public key"),
    "/text": (lambda s: s.give("/text", "hello"), "JSON"),
    "/deep": (lambda s: s.give("/deep", '{"keys":' + 10000 * "[" + 10000 * "]" + "}"), "JSON"),
    "/500": (lambda s: s.give("/500", PUBLIC, status="500 No"), "its status is 500"),
    "/absent": (lambda s: None, "its status is 404"),
    "/long": (lambda s: s.flood("/long"), "longer than 64 KiB"),
    "/endless": (lambda s: s.flood("/endless", announced=False), "longer than 64 KiB"),
    "/hang": (lambda s: s.hang_up("/hang"), "returned nothing"),
    "/private": (lambda s: s.redirect("/private", "https://localhost:1/"), "redirects are not followed: status 302"),
    "/metadata": (lambda s: s.redirect("/metadata", "http://169.254.169.254/latest"), "redirects are not followed: status 302"),
    "/drip": (lambda s: s.drip("/drip"), "Timeout"),
}


@pytest.mark.parametrize("path", BAD_ANSWERS)
def test_what_a_server_may_not_do(client, server, path):
    behave, words = BAD_ANSWERS[path]
    behave(server)
    answer = client.post("/key-sets/test", {"url": server.url(path, "#timeout=700")})
    assert answer.status == 200 and answer.json["fetched"] is False and answer.json["keys"] == 0 and answer.json["jwks"] == ""
    assert words.lower() in answer.json["problem"].lower(), answer.json


def test_a_test_is_bounded_and_keeps_nothing(client, server):
    server.give("/try", PUBLIC, "Cache-Control: max-age=5")
    answer = client.post("/key-sets/test", {"url": server.url("/try")})
    assert answer.json["fetched"] is True and answer.json["keys"] == 1 and json.loads(answer.json["jwks"])["keys"][0]["kid"] == "k1"
    assert answer.json["cache_seconds"] == 30 and key_set(client, server.url("/try")) is None
    again = client.post("/key-sets/test", {"url": server.url("/try")})
    assert (again.status, again.code) == (429, "APIG.3943") and server.requests["/try"] == 1


def test_what_a_test_has_found_counts_when_it_is_saved(client, server):
    """Not fetched again, which would have to wait: the server is gone by then."""
    server.give("/tried", PUBLIC, "Cache-Control: max-age=900")
    url = server.url("/tried")
    assert client.post("/key-sets/test", {"url": url}).json["keys"] == 1
    server.hang_up("/tried")
    consumer(client, "tried", url)
    shown = fetched(client, url)
    assert (shown["keys"], shown["problem"], server.requests["/tried"]) == (1, "", 1)


@pytest.mark.parametrize("control, seconds", [("no-store", 30), ("private, max-age=900", 900), ("max-age=99999999", 604800), ("max-age=x", 700),
                                              ("max-age=-5", 700), ("public", 700), ("NO-CACHE", 30)])
def test_cache_control(client, server, control, seconds):
    path = f"/cache-{control.encode().hex()}"
    server.give(path, PUBLIC, f"Cache-Control: {control}")
    assert client.post("/key-sets/test", {"url": server.url(path, "#cache=700")}).json["cache_seconds"] == seconds


def test_addresses_are_checked_after_resolution(server, tmp_path):
    """The name is fine, what it resolves to is not: unless the operator says so, for this name."""
    shut = Daemon(tmp_path / "data", new_store(), ["--key-set-ca", str(server.authority.certificate), "--key-set-hosts", "idp.internal,other"]).start()
    try:
        server.give("/shut", PUBLIC)
        answer = shut.client.post("/key-sets/test", {"url": server.url("/shut")}).json
        assert answer["fetched"] is False and "private, loopback or link-local" in answer["problem"] and "/shut" not in server.requests
        consumer(shut.client, "shut", server.url("/shut2"))
        assert "private" in fetched(shut.client, server.url("/shut2"))["problem"] and "/shut2" not in server.requests
    finally:
        shut.stop()


def test_a_server_without_the_right_certificate(client, tmp_path, server):
    for folder, name in (("stranger", "localhost"), ("misnamed", "elsewhere")):
        other = KeyServer(tmp_path / folder, name)
        if name != "localhost":
            other.context.load_cert_chain(*server.authority.issue(name))
        other.give("/", PUBLIC)
        answer = client.post("/key-sets/test", {"url": other.url("/")}).json
        assert answer["fetched"] is False and "certificate" in answer["problem"] and other.requests == {}
        other.close()


URLS = ["http://a.example/jwks", "https://127.0.0.1/jwks", "https://[::1]/jwks", "https://2130706433/x", "https://0x7f000001/", "https://127.1/x",
        "https://a.example", "https://u:p@a.example/", "https://a.example:0/", "https://a.example:99999/", "ftp://a.example/", "file:///etc/passwd",
        "https://a.example./x", "https://a..example/x", "https://a.example/x#timeout=99", "https://a.example/x#timeout=10001",
        "https://a.example/x#cache=29", "https://a.example/x#cache=604801", "https://a.example/x#else=1", "https://a.example/ x", "//a.example/x",
        "https://a.example/x\\y", "https://a.example/" + 1100 * "x"]


@pytest.mark.parametrize("url", URLS)
def test_urls_that_are_refused(client, url):
    assert client.post("/key-sets/test", {"url": url}).code == "APIG.2012"
    made = client.post("/consumers", {"name": f"url-{URLS.index(url)}"}).json["id"]
    answer = client.post(f"/consumers/{made}/jwt-credentials", {"key_type": "REMOTE", "remote_jwks": url})
    assert answer.code == "APIG.2012" and "remote_jwks" in answer.message, answer


@pytest.mark.skipif(POSTGRES is not None, reason="two hundred of them take their time, and the count is the same")
def test_sets_of_an_instance_are_so_many(client, server):
    made = client.made("/consumers", {"name": "many"})["id"]
    owners = [client.made("/consumers", {"name": f"many-{i}"})["id"] for i in range(11)]
    used = client.get("/key-sets").json["total"]
    answers = [client.post(f"/consumers/{owners[i // 20]}/jwt-credentials", {"key_type": "REMOTE", "remote_jwks": server.url(f"/many/{i}")})
               for i in range(201 - used)]
    assert {answer.status for answer in answers[:-1]} == {201} and (answers[-1].status, answers[-1].code) == (403, "APIG.3942")
    for owner in (made, *owners):
        assert client.delete(f"/consumers/{owner}").status == 204
    assert client.get("/key-sets").json["total"] == used


def test_members_that_exclude_each_other(client, server):
    made = client.made("/consumers", {"name": "excludes"})["id"]
    path, url = f"/consumers/{made}/jwt-credentials", server.url("/excluded")
    for body, words in (({"key_type": "REMOTE", "remote_jwks": url, "jwks": PUBLIC}, "jwks"), ({"key_type": "REMOTE"}, "remote_jwks"),
                        ({"key_type": "ASYMMETRIC", "jwks": PUBLIC, "remote_jwks": url}, "remote_jwks")):
        answer = client.post(path, body)
        assert answer.status == 400 and words in answer.message
    assert key_set(client, url) is None


def test_a_set_outlives_its_server_and_the_daemon(server, tmp_path):
    own = KeyServer(tmp_path / "own")
    own.give("/kept", PUBLIC)
    daemon = Daemon(tmp_path / "data", new_store(), own.daemon_options).start()
    try:
        consumer(daemon.client, "kept", own.url("/kept"))
        before = fetched(daemon.client, own.url("/kept"))
        own.close()
        daemon.stop()
        daemon.start()
        after = key_set(daemon.client, own.url("/kept"))
        assert (after["keys"], after["jwks"], after["fetch_time"]) == (1, before["jwks"], before["fetch_time"])
    finally:
        daemon.stop()


@pytest.mark.skipif(POSTGRES is None, reason="several nodes share a store in PostgreSQL only")
def test_of_several_nodes_one_fetches(server, tmp_path):
    store = new_store()
    nodes = [Daemon(tmp_path / "node-1" / "data", store, server.daemon_options)]
    nodes[0].data.parent.mkdir()
    nodes[0].start()
    try:
        for number in (2, 3):
            data = tmp_path / f"node-{number}" / "data"
            (data / "keys").mkdir(parents=True, mode=0o700)
            for name in ("store.key", "pepper.key"):
                shutil.copy(nodes[0].data / "keys" / name, data / "keys" / name)
            nodes.append(Daemon(data, store, server.daemon_options).start())
        client = nodes[0].client
        for number in range(20):
            server.give(f"/node/{number}", PUBLIC)
            consumer(client, f"node-{number}", server.url(f"/node/{number}"))
        for number in range(20):
            assert fetched(client, server.url(f"/node/{number}"))["keys"] == 1
        assert {path: count for path, count in server.requests.items() if path.startswith("/node/")} == {f"/node/{n}": 1 for n in range(20)}
    finally:
        for node in nodes:
            node.stop()
