"""Edges for the benchmark: as many credentials as asked for, of each kind, all of them authorised. Filled through edge-load, without the
daemon."""
import json
import subprocess
import sys

from rig import TREE

sys.path.insert(0, str(TREE / "test/harness"))
from signature_keys import KEYS  # noqa: E402

INSTANCE, GROUP, ENVIRONMENT = "b" * 32, "bench", "DEFAULT_ENVIRONMENT_RELEASE_ID"
HOST = "bench.localhost"
CALLERS = 1000
APIS = {"app": "/app/orders", "key": "/key/orders", "signed": "/signed/orders"}
# APIs whose requests are signed in other ways than hmac, for the callers that are measured: name → (type, key, secret).
TYPED = {f"signed-{name}": KEYS[name] for name in ("basic", "aes-128", "aes-256", "rsa", "ecdsa", "bce", "aliyun")}
APIS |= {api: f"/{api}/orders" for api in TYPED}


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
        for record in settings(backend_port):
            loader.stdin.write(json.dumps(record) + "\n")
        for number in range(credentials):
            loader.stdin.write("".join(json.dumps(record) + "\n" for record in credentials_of(number)))
        for number in callers(credentials):
            loader.stdin.write("".join(json.dumps(record) + "\n" for record in authorised_typed(number)))
    if loader.returncode != 0:
        raise SystemExit("edge-load failed")
