"""The edge follows the store: what a call has answered stands in the edge, and a rebuild from the store gives the same picture. Seen through
`countersign edge`, which is tested along the way."""
import json
import os
import subprocess
import threading

import pytest

from api_bodies import RELEASE, make_api, make_env, make_group, publish, unique
from harness.tree import program


def edge(daemon, *arguments):
    return subprocess.run([program("countersign"), "edge", *arguments, "--data", str(daemon.data)], capture_output=True, text=True)


def show(daemon, kind=None, **members):
    """The records of a kind that have these members."""
    ended = edge(daemon, "show", *(["--kind", kind] if kind else []))
    assert ended.returncode == 0, ended.stderr
    records = [json.loads(line) for line in ended.stdout.splitlines()]
    return [record for record in records if members.items() <= record.items()]


def rebuild(daemon, *arguments):
    return edge(daemon, "rebuild", *(["--store", daemon.store] if daemon.store else []), *arguments)


def picture(daemon):
    """All but what a rebuild is allowed to change."""
    records = [record for record in show(daemon) if record["kind"] != "meta"]
    return [{k: v for k, v in record.items() if not (k == "revision" and record["kind"] == "publication")} for record in records]


def one(records):
    assert len(records) == 1, records
    return records[0]


@pytest.fixture
def group(client):
    return make_group(client)


@pytest.fixture
def api(client, group):
    return make_api(client, group["id"])


def online(client, api, env_id=RELEASE, **more):
    answer = client.post("/apis/action", {"action": "online", "env_id": env_id, "api_id": api["id"], **more})
    assert answer.status == 201, answer
    return answer.json


def test_a_publication_is_there_when_the_call_answers_and_gone_after_offline(daemon, client, group, api):
    assert show(daemon, "publication", api=api["id"]) == []
    published = online(client, api)
    found = one(show(daemon, "publication", api=api["id"]))
    assert found["id"] == published["publish_id"] and found["environment_name"] == "RELEASE" and found["auth_type"] == "APP"
    assert [(place["scheme"], place["name"]) for place in found["places"]] == [
        ("aliyun-ca", "x-ca-key"), ("sdk-hmac-sha256", "authorization"), ("bce-auth-v1", "x-bce-signature"), ("bce-auth-v1", "authorization")]
    assert found["backend"]["authority"] == "127.0.0.1:9000" and found["backend"]["kind"] == "http" and found["backend"]["timeout_ms"] == 5000
    assert one(show(daemon, "addresses", authority="127.0.0.1:9000"))["addresses"] == ["127.0.0.1:9000"]
    assert one(show(daemon, "routes", group=group["id"]))["environment"] == RELEASE
    publish(client, api, action="offline")
    assert show(daemon, "publication", api=api["id"]) == [] and show(daemon, "routes", group=group["id"]) == []


def test_own_fields_reach_the_edge(daemon, client, group):
    own = {"hide_hint": True, "body_limit": 4096, "accept_repeated_names": True, "require_body_digest": True, "accept_undated": True,
           "require_nonce": True, "verify_certificate": False}
    api = make_api(client, group["id"], countersign=own, match_mode="SWA", auth_type="NONE",
                   **{"backend_api.req_protocol": "HTTPS", "backend_api.url_domain": "LOCALHOST", "backend_api.req_method": "ANY"})
    online(client, api)
    found = one(show(daemon, "publication", api=api["id"]))
    assert {name: found[name] for name in own if name != "verify_certificate"} == {k: v for k, v in own.items() if k != "verify_certificate"}
    assert found["auth_type"] == "NONE" and found["places"] == [] and found["cors"] is False
    open_api = make_api(client, group["id"], cors=True)
    online(client, open_api)
    assert one(show(daemon, "publication", api=open_api["id"]))["cors"] is True
    backend = found["backend"]
    assert (backend["kind"], backend["authority"], backend["host"], backend["method"]) == ("https", "localhost:443", "LOCALHOST", "")
    assert backend["verify_certificate"] is False


def test_a_backend_name_is_resolved(daemon, client, group):
    online(client, make_api(client, group["id"], **{"backend_api.url_domain": "localhost:9471"}))
    assert "127.0.0.1:9471" in one(show(daemon, "addresses", authority="localhost:9471"))["addresses"]


def test_a_name_that_does_not_resolve_holds_nothing_back(daemon, client, group):
    api = make_api(client, group["id"], **{"backend_api.url_domain": "no-such-host.invalid:80"})
    online(client, api)
    assert one(show(daemon, "publication", api=api["id"])) and show(daemon, "addresses", authority="no-such-host.invalid:80") == []


def test_hosts(daemon, client, group):
    assert one(show(daemon, "host", group=group["id"]))["host"] == group["sl_domain"].lower()
    domain = client.made(f"/api-groups/{group['id']}/domains", {"url_domain": "Shop.Example.com"})
    assert one(show(daemon, "host", host="shop.example.com"))["group"] == group["id"]
    assert client.delete(f"/api-groups/{group['id']}/domains/{domain['id']}").status == 204
    assert show(daemon, "host", host="shop.example.com") == []
    assert client.delete(f"/api-groups/{group['id']}").status == 204
    assert show(daemon, "host", group=group["id"]) == []


def test_a_key_pair_and_its_authorisation(daemon, client, group, api):
    online(client, api)
    app = client.made("/apps", {"name": unique("app_")})
    found = one(show(daemon, "key_pair", key_id=app["app_key"]))
    assert found["principal"] == {"kind": "app", "id": app["id"], "name": app["name"], "enabled": True, "listed": False} and found["enabled"] is True
    assert [secret["until"] for secret in found["secrets"]] == [0] and found["secrets"][0]["value"].startswith("sealed, ")
    auth = client.made("/app-auths", {"env_id": RELEASE, "app_ids": [app["id"]], "api_ids": [api["id"]]})["auths"][0]
    assert one(show(daemon, "authorisation", principal=app["id"])).items() >= {"api": api["id"], "environment": RELEASE}.items()
    assert client.delete(f"/app-auths/{auth['id']}").status == 204
    assert show(daemon, "authorisation", principal=app["id"]) == []
    renamed = client.put(f"/apps/{app['id']}", {"name": unique("app_"), "app_key": unique("changed_key_")}).json
    assert show(daemon, "key_pair", key_id=app["app_key"]) == []
    assert one(show(daemon, "key_pair", key_id=renamed["app_key"]))["principal"]["name"] == renamed["name"]
    assert client.delete(f"/apps/{app['id']}").status == 204
    assert show(daemon, "key_pair", key_id=renamed["app_key"]) == []


def test_an_api_key_and_its_place(daemon, client, group, api):
    online(client, api)
    consumer = client.made("/consumers", {"name": unique("consumer-")})
    key = client.post(f"/consumers/{consumer['id']}/credentials", {"api_key": {"source": "HEADER", "name": "X-Shop-Key"}})
    assert key.status == 201, key
    found = [record for record in show(daemon, "api_key") if record["principal"]["id"] == consumer["id"]]
    assert one(found)["place_name"].lower() == "x-shop-key" and len(found[0]["keyed_hash"]) == 64
    client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [consumer["id"]], "api_ids": [api["id"]]})
    places = one(show(daemon, "publication", api=api["id"]))["places"]
    assert [place["name"].lower() for place in places if place["scheme"] == "api-key"] == ["x-shop-key"]
    assert client.delete(f"/consumers/{consumer['id']}").status == 204
    assert [record for record in show(daemon, "api_key") if record["principal"]["id"] == consumer["id"]] == []
    places = one(show(daemon, "publication", api=api["id"]))["places"]
    assert [place for place in places if place["scheme"] == "api-key"] == []


def test_a_signature_key_and_its_binding(daemon, client, group, api):
    published = online(client, api)
    secret = "SignatureSecret_" + unique("x")
    sign = client.made("/signs", {"name": unique("sign_"), "sign_type": "hmac", "sign_key": "signkey_0001", "sign_secret": secret})
    found = one(show(daemon, "signature_key", id=sign["id"]))
    assert found["key"] == "signkey_0001" and found["secret"].startswith("sealed, ")
    binding = client.made("/sign-bindings", {"sign_id": sign["id"], "publish_ids": [published["publish_id"]]})["bindings"][0]
    assert one(show(daemon, "publication", api=api["id"]))["signature_key"] == sign["id"]
    assert client.delete(f"/sign-bindings/{binding['id']}").status == 204
    assert one(show(daemon, "publication", api=api["id"]))["signature_key"] == ""
    assert client.delete(f"/signs/{sign['id']}").status == 204
    assert show(daemon, "signature_key", id=sign["id"]) == []


def fill(client):
    """Something of every kind; returns all secrets."""
    group, env = make_group(client), make_env(client)
    secrets = []
    for number in range(3):
        api = make_api(client, group["id"])
        for env_id in (RELEASE, env["id"]):
            published = online(client, api, env_id)
        app = client.made("/apps", {"name": unique("app_"), "app_secret": f"app_secret_of_number_{number}"})
        consumer = client.made("/consumers", {"name": unique("consumer-")})
        key = client.post(f"/consumers/{consumer['id']}/credentials", {"api_key": {"source": "QUERY", "name": f"key{number}"}})
        assert key.status == 201, key
        client.made("/app-auths", {"env_id": env["id"], "app_ids": [app["id"]], "api_ids": [api["id"]]})
        client.made("/consumer-auths", {"env_id": RELEASE, "consumer_ids": [consumer["id"]], "api_ids": [api["id"]]})
        secrets += [app["app_secret"], key.json["value"]]
    sign_secret = "signature_secret_number_1"
    sign = client.made("/signs", {"name": unique("sign_"), "sign_type": "hmac", "sign_key": "signkey_0002", "sign_secret": sign_secret})
    client.made("/sign-bindings", {"sign_id": sign["id"], "publish_ids": [published["publish_id"]]})
    client.made(f"/api-groups/{group['id']}/domains", {"url_domain": unique("domain") + ".example.com"})
    return group, secrets + [sign_secret]


def test_a_rebuild_gives_the_same_picture(daemon, client):
    group, _ = fill(client)
    publish(client, client.get("/apis", group_id=group["id"]).json["apis"][0], action="offline")
    before = picture(daemon)
    assert {record["kind"] for record in before} == {"host", "routes", "publication", "key_pair", "api_key", "authorisation", "signature_key",
                                                     "addresses", "instance_owner", "user"}
    ended = rebuild(daemon)
    assert ended.returncode == 0 and ended.stdout.startswith("rebuilt, revision "), ended
    wanted = {record["authority"] for record in before if record["kind"] == "addresses"}
    after = picture(daemon)
    in_use = {record["backend"]["authority"] for record in after if record["kind"] == "publication"}
    # Addresses that nothing refers to any more go with a rebuild; all else is the same to the byte.
    assert [r for r in after if r["kind"] != "addresses"] == [r for r in before if r["kind"] != "addresses"]
    assert {record["authority"] for record in after if record["kind"] == "addresses"} == wanted & in_use


def test_show_tells_no_secret(daemon, client):
    _, secrets = fill(client)
    text = edge(daemon, "show").stdout
    assert secrets and text
    for secret in secrets:
        assert secret not in text and secret.encode().hex() not in text


def test_limit_and_wrong_usage(daemon, client):
    make_group(client)
    assert len(edge(daemon, "show", "--limit", "1").stdout.splitlines()) == 1
    for arguments in (["show", "--kind", "secret"], ["show", "--limit", "x"], ["destroy"], [], ["show", "more"], ["show", "--nope"]):
        ended = edge(daemon, *arguments)
        assert ended.returncode == 2 and "usage" in ended.stderr, (arguments, ended)
    ended = subprocess.run([program("countersign"), "edge", "show"], capture_output=True, text=True)
    assert ended.returncode == 2 and "--data is missing" in ended.stderr


def test_no_edge_is_a_fault(tmp_path):
    ended = subprocess.run([program("countersign"), "edge", "show", "--data", str(tmp_path)], capture_output=True, text=True)
    assert ended.returncode == 3 and "node.key" in ended.stderr


def test_rebuild_without_a_daemon(fresh):
    fill(fresh.client)
    before = picture(fresh)
    fresh.stop()
    assert picture(fresh) == before  # the gateway goes on with it
    ended = rebuild(fresh)
    assert ended.returncode == 0, ended
    assert picture(fresh) == before
    fresh.start()
    assert picture(fresh) == before


def test_an_edge_that_was_lost_comes_back(fresh):
    fill(fresh.client)
    before = picture(fresh)
    fresh.stop()
    for name in ("data.mdb", "lock.mdb", "boot"):
        os.unlink(fresh.data / "edge" / name)
    fresh.start()
    assert rebuild(fresh).returncode == 0
    assert picture(fresh) == before


def test_a_new_node_key_seals_everything_anew(fresh):
    fill(fresh.client)
    before = picture(fresh)
    fresh.stop()
    (fresh.data / "keys/node.key").unlink()
    fresh.start()
    assert rebuild(fresh).returncode == 0
    assert picture(fresh) == before


def test_a_restored_store_replaces_a_picture_of_the_future(fresh):
    """The edge is ahead of the store (an older backup was restored): it is made anew, not kept."""
    if fresh.store:
        pytest.skip("the embedded store is one file that can be put back")
    fill(fresh.client)
    fresh.stop()
    saved = {path.name: path.read_bytes() for path in fresh.data.glob("store.db*")}
    fresh.start()
    before = picture(fresh)
    app = fresh.client.made("/apps", {"name": unique("app_")})
    assert show(fresh, "key_pair", key_id=app["app_key"])
    fresh.stop()
    for path in fresh.data.glob("store.db*"):
        path.unlink()
    for name, content in saved.items():
        (fresh.data / name).write_bytes(content)
    fresh.start()
    fresh.client.made("/envs", {"name": unique("Env")})  # answered only when the edge has it
    assert picture(fresh) == before


def test_many_callers_at_once(fresh):
    """Every answered change is in the edge, whoever else changes something."""
    missing = []

    def work():
        for _ in range(10):
            app = fresh.client.made("/apps", {"name": unique("app_")})
            if not show(fresh, "key_pair", key_id=app["app_key"]):
                missing.append(app["id"])

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert missing == [] and len(show(fresh, "key_pair")) >= 40


def test_a_killed_daemon_catches_up(fresh):
    fill(fresh.client)
    for _ in range(3):
        app = fresh.client.made("/apps", {"name": unique("app_")})
        fresh.stop(how=9)
        assert show(fresh, "key_pair", key_id=app["app_key"])
        fresh.start()
        assert fresh.client.delete(f"/apps/{app['id']}").status == 204
        assert show(fresh, "key_pair", key_id=app["app_key"]) == []
