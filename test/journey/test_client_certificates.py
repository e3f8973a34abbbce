"""A backend that wants a client certificate of the gateway, from the management call to the handshake: over changes of all keys, and with nothing of the
certificate's private key in what the product keeps."""
import shutil
import ssl
import subprocess

import pytest

from backends import Backend
from certificates import Authority
from harness import signing
from harness.tree import program
from harness.up import open_folder
from harness.world import HOST, RELEASE, World
from test_rotation import admin, rotate_node_key
from wire import Wire


@pytest.fixture(scope="module")
def world():
    keys = open_folder()
    servers, clients = Authority(keys, "server-ca"), Authority(keys, "client-ca")
    backend = Backend(certificate=servers.issue("localhost"))
    backend.context.verify_mode = ssl.CERT_REQUIRED
    backend.context.load_verify_locations(clients.certificate)
    certificate, key = clients.issue("gateway.internal")
    with World(workers=2, backend=backend, server=f"countersign_client_certificate {certificate} {key} localhost;") as world:
        world.own_key = key
        for name, shows in {"shows": True, "hides": False}.items():
            publish(world, name, {"enable_client_ssl": shows}, servers.pem)
        yield world
    shutil.rmtree(keys)


def publish(world, name, backend, authorities):
    """An API at /NAME that anybody may call."""
    api = world.client.made("/apis", {
        "name": name, "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": f"/{name}", "match_mode": "SWA",
        "auth_type": "NONE", "backend_type": "HTTP", "countersign": {"ca_certificates": authorities},
        "backend_api": {"url_domain": f"localhost:{world.backend.port}", "req_protocol": "HTTPS", "req_method": "ANY", "req_uri": "/", "timeout": 5000, **backend}})
    world.client.made("/apis/action", {"action": "online", "env_id": RELEASE, "api_id": api["id"]})


def ask(world, name):
    with Wire(world.nginx.port) as wire:
        wire.send(signing.bare(HOST, f"/{name}"))
        return wire.answer().status


def assert_works(world):
    assert ask(world, "shows") == 200
    assert ask(world, "hides") == 502
    assert len(world.backend.take()) == 1


def test_it_is_shown_before_and_after_the_keys_of_store_and_node_change(world):
    assert_works(world)
    assert admin(world, "rotate-store-key").returncode == 0
    assert rotate_node_key(world).returncode == 0
    assert_works(world)
    assert subprocess.run([program("countersign"), "edge", "rebuild", "--data", world.daemon.data], capture_output=True, check=False).returncode == 0
    assert_works(world)


def test_nothing_that_the_product_keeps_or_tells_holds_its_key(world):
    secret = max(world.own_key.read_text().splitlines(), key=len).encode()
    backup = world.folder / "backup.db"
    for words in (["backup", "--data", world.daemon.data, "--to", backup], ["edge", "show", "--data", world.daemon.data], ["audit", "export", "--data", world.daemon.data]):
        told = subprocess.run([program("countersign"), *map(str, words)], capture_output=True, check=False)
        assert told.returncode == 0 and secret not in told.stdout + told.stderr, words
    kept = [path for path in world.folder.rglob("*") if path.is_file()]
    assert {"store.db", "backup.db", "data.mdb", "error.log"} <= {path.name for path in kept}
    assert [path for path in kept if secret in path.read_bytes()] == []


def test_no_call_takes_a_private_key(world):
    pem = world.own_key.read_text()
    body = {"name": "keyed", "group_id": world.group, "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/keyed", "match_mode": "SWA",
            "auth_type": "NONE", "backend_type": "HTTP", "countersign": {"ca_certificates": pem},
            "backend_api": {"url_domain": "localhost:1", "req_protocol": "HTTPS", "req_method": "GET", "req_uri": "/", "timeout": 5000}}
    answer = world.client.post("/apis", body)
    assert answer.status == 400 and "countersign.ca_certificates" in answer.message and pem.splitlines()[1] not in answer.text
