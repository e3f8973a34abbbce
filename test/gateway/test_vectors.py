"""Every vector of the signature schemes, and every tampered one, through the real gateway under the vectors' own clock."""
import base64
import json
import time
from pathlib import Path

import edges
import pytest
import wire
from scene import Scene
from tree import SANITIZED, TREE, nginx_environment

CASES = TREE / "vectors/cases"
FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
CALLER = edges.app("vector")
LOOKED_UP = {"api-key": edges.api_key, "app-code": edges.app_code}  # tokens of IAM users need users: test/journey/test_iam_callers.py
SCHEMES = (*edges.SCHEMES, "app-secret", "app-basic", "app-token", "jwt", *LOOKED_UP)
BEARER = edges.consumer("bearer")


def load(name):
    return [json.loads(line) for line in (CASES / name).read_text(encoding="utf-8").splitlines()]


# A proof of bce-auth-v1 counts in whatever header it was made for; the vendor's gateway puts one of its own on requests to backends.
PLACES = [edges.place("aliyun-ca", name="x-ca-key", prefix=""), edges.place("sdk-hmac-sha256", prefix="SDK-HMAC-SHA256"), edges.place("sdk-hmac-sm3", prefix="SDK-HMAC-SM3"),
          edges.place("v11-hmac-sha256", prefix="V11-HMAC-SHA256"), edges.place("sdk-ecdsa-p256-sha256", prefix="SDK-ECDSA-P256-SHA256"),
          edges.place("sdk-sm2-sm3", prefix="SDK-SM2-SM3"), *edges.bce_places(),
          edges.place("app-secret", name="x-hw-id", prefix=""), edges.place("app-basic", prefix="Basic "), {"scheme": "app-token"},
          *edges.app_code_places(), edges.place("api-key"), {"scheme": "jwt"},
          edges.place("bce-auth-v1", name="x-bce-gateway-auth", prefix="bce-auth-v")]
STAGES = ("RELEASE", "TEST", "PRE", "test")


def lacks_body(vector):
    """The vendor's published examples tell a length, but not the body: `countersign check-vectors` checks their signatures."""
    lengths = [int(value) for name, value in vector["request"]["headers"] if name.lower() == "content-length" and value.isdigit()]
    return bool(lengths) and lengths[0] != len(base64.b64decode(vector["request"]["body_base64"]))


VECTORS = [vector for name in ("aliyun-ca.jsonl", "sdk-hmac.jsonl", "sdk-ecdsa.jsonl", "bce-auth-v1.jsonl", "tampered.jsonl", "secrets.jsonl", "jwt.jsonl")
           for vector in load(name) if vector["scheme"] in SCHEMES and not lacks_body(vector)]


class Clock:
    """nginx's clock, moved while it runs."""

    def __init__(self, folder):
        self.file = folder / "clock"
        self.set(1_000_000_000)  # not 0: nginx would take its empty cache of time strings for current, and crash at its first log line
        self.file.chmod(0o644)

    def set(self, now):
        moved = self.file.with_suffix(".new")
        moved.write_text(time.strftime("%Y-%m-%d %H:%M:%S\n", time.gmtime(now)))
        moved.chmod(0o644)
        moved.rename(self.file)

    def environment(self):
        before = nginx_environment()
        # libfaketime looks for the real clock when it starts and would wait there for a sanitizer that came before it.
        return {"LD_PRELOAD": " ".join(filter(None, [str(FAKETIME), before.get("LD_PRELOAD")])),
                "ASAN_OPTIONS": before.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0", "FAKETIME_TIMESTAMP_FILE": str(self.file), "TZ": "UTC",
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def host_of(vector):
    value = next((value for name, value in vector["request"]["headers"] if name.lower() == "host"), "")
    return value.rpartition(":")[0] or value if ":" in value else value


@pytest.fixture(scope="module")
def scene():
    assert FAKETIME, "the Debian package libfaketime is missing"
    made = {}

    def environment(whole):
        made["clock"] = Clock(whole.folder)
        return made["clock"].environment()
    scene = Scene(environment=environment, main="env FAKETIME_TIMESTAMP_FILE; env FAKETIME_NO_CACHE; env FAKETIME_DONT_FAKE_MONOTONIC;")
    scene.clock = made["clock"]
    hosts = {host_of(vector).lower() for vector in VECTORS}
    scene.edge.put(*[edges.host(host, "vectors") for host in hosts],
                   *[edges.routes("vectors", ("ANY", "/", "vector", True), environment_name=name) for name in STAGES], edges.authorisation("vector", CALLER), edges.authorisation("vector", BEARER), publication(scene, False))
    scene.undated, scene.credentials = False, 0
    yield scene
    scene.close()


def publication(scene, undated):
    return edges.publication("vector", {"authority": scene.backend.authority}, places=PLACES, accept_undated=undated, accept_repeated_names=True)


def credential_of(vector, more):
    made = LOOKED_UP.get(vector["scheme"])
    if made:
        return [made(vector["secret"], CALLER, **more)]
    if vector["scheme"] == "jwt":
        return [edges.key_set("vector", vector["secret"], more["revision"]), edges.token(vector["key_id"], "vector", BEARER, **more)]
    return [edges.key_pair(vector["key_id"], vector["secret"], CALLER, **more)]


def prepare(scene, vector):
    scene.clock.set(vector["now"] or 1_700_000_000)  # 0: the request carries no time, any will do
    records = []
    if vector["secret"]:  # a credential of its own each time: many vectors were made with one nonce
        scene.credentials += 1
        more = {"id": f"credential-{scene.credentials}", "revision": scene.credentials}
        records += credential_of(vector, more)
    undated = not vector.get("time_required", True)
    if undated != scene.undated:
        records.append(publication(scene, undated))
        scene.undated = undated
    if records:
        scene.edge.put(*records)


def raw(vector):
    request = vector["request"]
    body = base64.b64decode(request["body_base64"])
    told = {name.lower() for name, _ in request["headers"]}
    return wire.request(request["method"], request["target"], request["headers"], body if body else None,
                        length="content-length" not in told)


def verdict(scene, vector):
    prepare(scene, vector)
    scene.backend.take()
    with wire.Wire(scene.port) as connection:
        connection.send(raw(vector))
        answer = connection.answer(vector["request"]["method"])
    reached = scene.backend.take()
    if answer.status == 200 and len(reached) == 1:
        assert reached[0].target == vector["request"]["target"].encode().decode("latin-1"), "another target than the one that was signed"
        return "accept"
    assert 400 <= answer.status < 500 and not reached, (answer.status, answer.fields, answer.body)
    return "refuse"


@pytest.mark.parametrize("kind", ["accept", "refuse"])
def test_vectors(scene, kind):
    vectors = [vector for vector in VECTORS if vector["expect"] == kind]
    vectors.sort(key=lambda vector: (vector["now"], vector.get("time_required", True), vector["key_id"]))
    if SANITIZED and kind == "refuse":
        vectors = vectors[::4]
    wrong = [vector["id"] for vector in vectors if verdict(scene, vector) != kind]
    assert len(vectors) > 80 and wrong == []


def test_fifteen_minutes_are_counted_to_the_second(scene):
    vector = next(vector for vector in VECTORS if vector["id"] == "doc-vpcs")
    for distance, kind in ((900, "accept"), (-900, "accept"), (901, "refuse"), (-901, "refuse")):
        assert verdict(scene, {**vector, "now": 1573789015 + distance}) == kind, distance
