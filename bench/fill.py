"""Edges for the benchmark: as many credentials as asked for, of each kind, all of them authorised. Filled through edge-load, without the
daemon."""
import functools
import json
import subprocess
import sys

from rig import TREE

sys.path[:0] = [str(TREE / "test/harness"), str(TREE / "test")]
from harness.tokens import Key, Secret, b64, claims, jwks, token  # noqa: E402
from signature_keys import KEYS  # noqa: E402

INSTANCE, GROUP, ENVIRONMENT = "b" * 32, "bench", "DEFAULT_ENVIRONMENT_RELEASE_ID"
HOST = "bench.localhost"
CALLERS = 1000
APIS = {"app": "/app/orders", "key": "/key/orders", "signed": "/signed/orders"}
# APIs whose requests are signed in other ways than hmac, for the callers that are measured: name → (type, key, secret).
TYPED = {f"signed-{name}": KEYS[name] for name in ("basic", "aes-128", "aes-256", "rsa", "ecdsa", "bce", "aliyun")}
APIS |= {api: f"/{api}/orders" for api in TYPED}
# Tokens: a consumer for each algorithm, and for fresh ones more of them than a worker remembers, so that each is checked in full.
APIS |= {"jwt": "/jwt/orders", "iam": "/iam/orders"}
TOKEN_KEYS = {"hs256": Secret(bytes(range(32))), "rs256": Key("RS256", "bench"), "es256": Key("ES256", "bench")}
KNOWN_TOKENS, FRESH_TOKENS = 64, 8192
IAM_TOKEN, DOMAIN = "t" * 64, "d" * 32


@functools.cache
def tokens(alg, count):
    uid = f"bench-{alg}"
    return [token(TOKEN_KEYS[alg], claims(7200, uid=uid, iss="https://idp.example/", n=number)) for number in range(count)]


def pair(number):
    return f"app{number:029d}", f"secret-of-{number:022d}"


def app_code(number):
    return f"app-code-{number:055d}"


def api_key(number):
    return f"key-{number:040d}"


def callers(credentials):
    """The numbers of the callers that are measured: spread evenly over all credentials."""
    return [index * credentials // CALLERS for index in range(CALLERS)]


def publication(api, backend_port):
    record = {
        "kind": "publication", "instance": INSTANCE, "api": api, "environment": ENVIRONMENT, "environment_name": "RELEASE", "id": f"publish-{api}",
        "group": GROUP, "revision": 1, "auth_type": "APP",
        "places": [{"scheme": "aliyun-ca"}, {"scheme": "sdk-hmac-sha256"}, {"scheme": "bce-auth-v1"}, {"scheme": "app-code"},
                   {"scheme": "api-key", "location": "header", "name": "authorization", "prefix": "Bearer "}],
        "backend": {"kind": "http", "authority": f"127.0.0.1:{backend_port}", "host": HOST, "path": APIS[api]},
    }
    if api == "jwt":
        return {**record, "places": [*record["places"], {"scheme": "jwt"}]}
    if api == "iam":
        return {**record, "auth_type": "IAM", "places": [{"scheme": "auth-token"}]}
    if api in TYPED:
        return {**record, "signature_key": api}
    return {**record, "signature_key": "sign"} if api == "signed" else record


def settings(backend_port):
    yield {"kind": "clear"}
    yield {"kind": "host", "instance": INSTANCE, "host": HOST, "group": GROUP}
    yield {"kind": "routes", "instance": INSTANCE, "group": GROUP, "environment": ENVIRONMENT, "environment_name": "RELEASE",
           "entries": [{"method": "ANY", "path": path, "api": api} for api, path in APIS.items()]}
    yield {"kind": "addresses", "authority": f"127.0.0.1:{backend_port}", "addresses": [f"127.0.0.1:{backend_port}"]}
    yield {"kind": "signature_key", "instance": INSTANCE, "id": "sign", "key": "bench_sign_key", "secret": "bench_sign_secret_0123456789", "revision": 1}
    for api, (kind, key, secret) in TYPED.items():
        yield {"kind": "signature_key", "instance": INSTANCE, "id": api, "type": kind, "key": key, "secret": secret, "revision": 1}
    for api in APIS:
        yield publication(api, backend_port)


def authorisation(api, kind, principal):
    return {"kind": "authorisation", "instance": INSTANCE, "api": api, "environment": ENVIRONMENT, "principal": {"kind": kind, "id": principal}}


def set_of(alg):
    return json.dumps({"keys": [{"kty": "oct", "alg": "HS256", "k": b64(bytes(range(32)))}]}) if alg == "hs256" else jwks(TOKEN_KEYS[alg])


def token_holders():
    """Consumers with tokens, and an IAM user with one."""
    for index, alg in enumerate(TOKEN_KEYS):
        consumer = f"e{index:031x}"
        yield {"kind": "key_set", "instance": INSTANCE, "name": f"set-{alg}", "jwks": set_of(alg), "secret": alg == "hs256"}
        yield {"kind": "token", "instance": INSTANCE, "claim_value": f"bench-{alg}", "key_set": f"set-{alg}", "id": f"4{index:031x}",
               "principal": {"kind": "consumer", "id": consumer, "name": f"tokens_{alg}"}}
        yield authorisation("jwt", "consumer", consumer)
    yield {"kind": "owner", "instance": INSTANCE, "project": "p" * 32, "domain": DOMAIN}
    yield {"kind": "user", "id": "f" * 32, "name": "bench", "domain": DOMAIN}
    yield {"kind": "api_key", "api_key": f"token {IAM_TOKEN}", "place_name": "x-auth-token", "schemes": ["auth-token"], "id": "5" * 32,
           "principal": {"kind": "user", "id": "f" * 32}}


def credentials_of(number):
    app, consumer = f"a{number:031x}", f"c{number:031x}"
    key, secret = pair(number)
    yield {"kind": "key_pair", "instance": INSTANCE, "key_id": key, "secrets": [{"value": secret}], "id": f"1{number:031x}", "revision": 1,
           "principal": {"kind": "app", "id": app, "name": f"app_{number}"}}
    yield {"kind": "api_key", "instance": INSTANCE, "api_key": app_code(number), "location": "header", "place_name": "authorization",
           "place_prefix": "APPCODE ", "schemes": ["app-code"], "id": f"3{number:031x}", "revision": 1,
           "principal": {"kind": "app", "id": app, "name": f"app_{number}"}}
    yield authorisation("app", "app", app)
    yield {"kind": "api_key", "instance": INSTANCE, "api_key": api_key(number), "location": "header", "place_name": "authorization",
           "place_prefix": "Bearer ", "id": f"2{number:031x}", "revision": 1,
           "principal": {"kind": "consumer", "id": consumer, "name": f"consumer_{number}"}}
    yield authorisation("key", "consumer", consumer)
    yield authorisation("signed", "consumer", consumer)


def authorised_typed(number):
    for api in TYPED:
        yield authorisation(api, "consumer", f"c{number:031x}")


def fill(data, credentials, backend_port):
    """Makes <data>/keys and <data>/edge."""
    for name in ("keys", "edge"):
        (data / name).mkdir(parents=True, exist_ok=True)
    (data / "keys").chmod(0o700)
    command = [TREE / "build/bin/edge-load", "--edge", data / "edge", "--keys", data / "keys", "--create-keys", "--group", "nogroup"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as loader:
        for record in (*settings(backend_port), *token_holders()):
            loader.stdin.write(json.dumps(record) + "\n")
        for number in range(credentials):
            loader.stdin.write("".join(json.dumps(record) + "\n" for record in credentials_of(number)))
        for number in callers(credentials):
            loader.stdin.write("".join(json.dumps(record) + "\n" for record in authorised_typed(number)))
    if loader.returncode != 0:
        raise SystemExit("edge-load failed")
