"""The two documents of the vendors that the ways in come from, sentence by sentence, as a user walks them: `countersign up` and the command line.
"consumers": Cloud-native API Gateway, consumers. "overview": API Gateway, overview of authentication methods."""
import http.client
import json
import subprocess

import callers
import pytest
from backends import Backend
from harness.tokens import Key, Secret, claims, jwks, token
from harness.tree import program
from harness.up import Up

HOST = "walk.localhost"


class Walk:
    def __init__(self):
        self.up, self.backend, self.count = Up().start(), Backend(), 0
        self.group = self.run("api-group", "create", "--name", "walk")["id"]
        self.run("domain", "create", "walk", "--url-domain", HOST)

    def call(self, words, given):
        return subprocess.run([program("countersign"), *words, "--data", str(self.up.folder / "data"), "--json"], input=given, capture_output=True,
                              text=True, timeout=30)

    def run(self, *words, given=""):
        done = self.call(words, given)
        assert done.returncode == 0, (words, done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refused(self, *words, given=""):
        done = self.call(words, given)
        assert done.returncode == 1, (words, done.stdout)
        return done.stderr

    def api(self, name, auth_type="APP", **more):
        body = {"name": name, "group_id": self.group, "type": 1, "req_protocol": "BOTH", "req_method": "ANY", "req_uri": f"/{name}", "auth_type": auth_type,
                "backend_type": "HTTP", "backend_api": {"url_domain": self.backend.authority, "req_protocol": "HTTP", "req_method": "ANY",
                                                        "req_uri": f"/{name}", "timeout": 5000}, **more}
        self.run("api", "create", "--body", "-", given=json.dumps(body))
        self.run("api", "publish", "--action", "online", "--env-id", "RELEASE", "--api-id", name)
        return name

    def consumer(self, **more):
        """A new one, authorised for /orders; what the answer to its making says."""
        self.count += 1
        name = f"walker-{self.count}"
        made = self.run("consumer", "create", "--body", "-", given=json.dumps({"name": name, **more}))
        self.run("consumer", "authorise", "--env-id", "RELEASE", "--consumer-ids", name, "--api-ids", "orders")
        return made

    def ask(self, target, fields=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.up.port, timeout=10)
        try:
            connection.request("GET", target, headers={"Host": HOST, **(fields or {})})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def told(self, target, fields=None):
        """What the backend is told of a request that passes."""
        self.backend.take()
        assert self.ask(target, fields) == 200
        return self.backend.only()


@pytest.fixture(scope="module")
def walk():
    walk = Walk()
    walk.api("orders")
    yield walk
    walk.backend.close()
    walk.up.remove()


def value_of(made):
    return made["credentials"][0]["value"]


# --- consumers -------------------------------------------------------------------------------------------------------------------------------------


def test_consumer_with_an_api_key_system_generated(walk):
    """The system automatically generates an API key for you. Authorization: Bearer <token> (Standard token format)."""
    made = walk.consumer(api_key={"generate_mode": "SYSTEM"})
    told = walk.told("/orders", {"Authorization": f"Bearer {value_of(made)}"})
    assert told.all("X-Mse-Consumer") == [made["name"]] and told.all("Authorization") == []
    assert walk.ask("/orders", {"Authorization": f"Bearer {value_of(made)}x"}) == walk.ask("/orders") == 401


def test_consumer_with_an_api_key_custom(walk):
    """Specify a custom API key and its source: header (such as X-API-Key: your-key), query parameter (such as ?apikey=your-key)."""
    walk.consumer(api_key={"generate_mode": "CUSTOM", "value": "your-key-0123456789", "source": "HEADER", "name": "X-API-Key"})
    walk.consumer(api_key={"generate_mode": "CUSTOM", "value": "your-key-9876543210", "source": "QUERY", "name": "apikey"})
    walk.consumer(api_key={"generate_mode": "CUSTOM", "value": "your-key-standard-1"})
    assert walk.told("/orders", {"X-API-Key": "your-key-0123456789"}).all("X-API-Key") == []
    assert walk.told("/orders?a=1&apikey=your-key-9876543210").target == "/orders?a=1"
    assert walk.ask("/orders", {"Authorization": "Bearer your-key-standard-1"}) == 200
    assert walk.ask("/orders", {"X-API-Key": "your-key-9876543210"}) == walk.ask("/orders?apikey=your-key-0123456789") == 401
    assert "APIG.3912" in walk.refused("consumer", "create", "--body", "-",
                                       given=json.dumps({"name": "thief", "api_key": {"generate_mode": "CUSTOM", "value": "your-key-0123456789"}}))


def jwt_credential(walk, made, **rules):
    return walk.run("jwt-credential", "create", made["name"], "--body", "-", given=json.dumps(rules))


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


def test_consumer_with_jwt_local_symmetric(walk):
    """Generates a default JWKS configuration unique to each consumer, containing the key for token encryption and decryption. Defaults to the
    Authorization header with the Bearer prefix. Consumer ID in JWT payload: defaults to `uid` with a random string value."""
    consumers = [walk.consumer() for _ in range(2)]
    given = [jwt_credential(walk, made) for made in consumers]
    keys = [Secret(json.loads(one["jwks"])["keys"][0]) for one in given]
    assert keys[0].secret != keys[1].secret and given[0]["claim_value"] != given[1]["claim_value"]
    assert {(one["claim"], one["token_location"], one["token_name"].lower(), one["token_prefix"]) for one in given} == {
        ("uid", "HEADER", "authorization", "Bearer ")}
    told = walk.told("/orders", bearer(token(keys[0], claims(uid=given[0]["claim_value"]))))
    assert told.all("X-Mse-Consumer") == [consumers[0]["name"]] and told.all("Authorization") == []
    assert walk.ask("/orders", bearer(token(keys[1], claims(uid=given[0]["claim_value"])))) == 401


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
def test_consumer_with_jwt_local_asymmetric(walk, alg):
    """Provide a complete JWKS configuration and use a private key to encrypt the token. The gateway decrypts with the public key."""
    key, made = Key(alg, "k1"), walk.consumer()
    jwt_credential(walk, made, key_type="ASYMMETRIC", jwks=jwks(key), claim_value=f"11215ac069234abcb8944232b79ae711-{alg}")
    assert walk.ask("/orders", bearer(token(key, claims(uid=f"11215ac069234abcb8944232b79ae711-{alg}")))) == 200
    assert walk.ask("/orders", bearer(token(Key(alg, "k1"), claims(uid=f"11215ac069234abcb8944232b79ae711-{alg}")))) == 401


def test_consumer_with_jwt_token_configuration(walk):
    """Type, Key, Prefix, Enable Passthrough. Customizable claim."""
    key = Key("ES256", "k1")
    places = [({"token_location": "HEADER", "token_name": "X-Token", "token_prefix": "Jwt "}, lambda text: ("/orders", {"X-Token": f"Jwt {text}"})),
              ({"token_location": "QUERY", "token_name": "access_token"}, lambda text: (f"/orders?access_token={text}", {})),
              ({"token_location": "COOKIE", "token_name": "session"}, lambda text: ("/orders", {"Cookie": f"a=b; session={text}"}))]
    for number, (place, put) in enumerate(places):
        for passes in (False, True):
            value = f"user-{number}-{passes}"
            jwt_credential(walk, walk.consumer(), key_type="ASYMMETRIC", jwks=jwks(key), claim="/account/name", claim_value=value, pass_through=passes, **place)
            text = token(key, claims(account={"name": value}))
            told = walk.told(*put(text))
            arrived = text in told.target or any(text in field for name in ("X-Token", "Cookie") for field in told.all(name))
            assert arrived is passes, (place, passes)


@pytest.mark.parametrize("url, word", [("https://192.0.2.1/jwks", "domain name"), ("https://[::1]/jwks", "domain name"), ("https://0x7f000001/jwks", "domain name"),
                                       ("http://idp.example/jwks", "https")])
def test_consumer_with_jwt_remote_must_be_a_domain_name(walk, url, word):
    """The URL must be a domain name, not an IP address."""
    said = walk.refused("jwt-credential", "create", walk.consumer()["name"], "--key-type", "REMOTE", "--remote-jwks", url)
    assert "remote_jwks" in said and word in said


def test_consumer_with_jwt_remote(walk):
    """Enter the URL: the system automatically parses the port number, timeout period, and cache duration from it. Its state can be looked at."""
    url = "https://idp.invalid:8443/jwks#timeout=200&cache=60"
    jwt_credential(walk, walk.consumer(), key_type="REMOTE", remote_jwks=url)
    sets = walk.run("key-set", "list", "--url", url)["key_sets"]
    assert len(sets) == 1 and sets[0]["keys"] == 0
    assert walk.ask("/orders", bearer(token(Key("ES256", "k1"), claims(uid="x")))) == 401


@pytest.mark.parametrize("sign", [callers.sdk, callers.aliyun, callers.bce])
def test_consumer_with_hmac(walk, sign):
    """System generated: AK and SK; custom: specify a custom AK and SK. The client signs the request content with the HMAC algorithm."""
    custom = {"generate_mode": "CUSTOM", "access_key": f"custom-ak-{sign.__name__}", "secret_key": "custom-secret-0123456789"}
    for given in ({"generate_mode": "SYSTEM"}, custom):
        made = walk.consumer(hmac=given)
        one = made["credentials"][0]
        pair = (one["access_key"], one.get("secret_key") or custom["secret_key"])
        assert walk.told("/orders", sign("GET", "/orders", HOST, pair)).all("X-Mse-Consumer") == [made["name"]]
        assert walk.ask("/orders", sign("GET", "/orders", HOST, (pair[0], "another-secret-0123456789"))) in (400, 401, 403)


def test_deactivate_a_consumer(walk):
    """Find the target consumer, click Disable; here: from the next request on, and Enable gives it back."""
    made = walk.consumer(api_key={"generate_mode": "SYSTEM"})
    key = bearer(value_of(made))
    for enabled, status in (("false", 401), ("true", 200)):
        walk.run("consumer", "update", made["name"], "--enabled", enabled)
        assert (walk.ask("/orders", key) == 200) == (status == 200)


def test_delete_a_consumer(walk):
    """In the confirmation dialog box, enter the consumer name, and click Delete."""
    made = walk.consumer(api_key={"generate_mode": "SYSTEM"})
    walk.refused("consumer", "delete", made["name"], given="another name\n")
    assert walk.ask("/orders", bearer(value_of(made))) == 200
    walk.run("consumer", "delete", made["name"], given=f"{made['name']}\n")
    assert walk.ask("/orders", bearer(value_of(made))) == 401
    audits = walk.run("audit", "list", "--resource", "consumer")["audits"]
    assert any(audit["action"] == "delete_consumer" for audit in audits)


# --- overview --------------------------------------------------------------------------------------------------------------------------------------


def test_no_authentication(walk):
    """Clients call APIs without credentials."""
    walk.api("open", "NONE")
    assert walk.ask("/open") == 200


def test_app_code(walk):
    """Clients include a valid AppCode in the request header or as a query parameter. API Gateway validates it."""
    walk.api("coded", auth_opt={"app_code_auth_type": "HEADER_QUERY"})
    walk.run("app", "create", "--name", "coder")
    code = walk.run("app-code", "generate", "coder")["app_code"]
    assert walk.ask("/coded", {"Authorization": f"APPCODE {code}"}) == 403  # nobody is authorised yet
    walk.run("app", "authorize", "--env-id", "RELEASE", "--app-ids", "coder", "--api-ids", "coded")
    for target, fields in (("/coded", {"Authorization": f"APPCODE {code}"}), (f"/coded?AppCode={code}", {}), (f"/coded?appcode={code}", {})):
        told = walk.told(target, fields)
        assert told.target == "/coded" and told.all("Authorization") == []
    assert walk.ask("/coded", {"Authorization": f"APPCODE {code}x"}) == 400  # A400AC, as there


def test_digest_authentication_and_app_authorization(walk):
    """You must authorize an app before it can call that API. Each app has an AppKey and AppSecret key pair: the AppKey is in the request
    header, the AppSecret generates a signature. You can authorize apps by specifying their app IDs."""
    app = walk.run("app", "create", "--name", "digester")
    pair = (app["app_key"], app["app_secret"])

    def statuses():
        return [walk.ask("/orders", sign("GET", "/orders", HOST, pair)) for sign in (callers.aliyun, callers.sdk, callers.bce)]
    assert 200 not in statuses()
    walk.run("app", "authorize", "--env-id", "RELEASE", "--app-ids", app["id"], "--api-ids", "orders")
    assert statuses() == [200, 200, 200]


def test_json_web_token_plug_in(walk):
    """Clients authenticate using a JWT plug-in."""
    key = Key("RS256", "k1")
    policy = {"parameter": "X-Token", "parameter_location": "header", "jwks": jwks(key),
              "claim_parameters": [{"claim_name": "sub", "parameter_name": "X-User", "location": "header"}]}
    walk.api("plugged", "NONE", countersign={"jwt_policy": policy})
    assert walk.told("/plugged", {"X-Token": token(key, claims(sub="me"))}).all("X-User") == ["me"]
    assert walk.ask("/plugged") == walk.ask("/plugged", {"X-Token": token(Key("RS256", "k1"), claims(sub="me"))}) == 401


def test_network_environments(walk):
    """Clients can call APIs over the Internet or over a Virtual Private Cloud: an API can be closed to either. `up` declares its listener
    nothing else than external."""
    walk.api("inside", "NONE", countersign={"disable_internet": True})
    walk.api("outside", "NONE", countersign={"disable_internal": True})
    assert walk.ask("/outside") == 200 and walk.ask("/inside") != 200
