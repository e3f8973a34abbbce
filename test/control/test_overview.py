"""What an overview shows beside the series: how far the node is, and the credentials that want attention."""
import time

import pytest

from harness.management import Client
from harness.stored import change


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


@pytest.fixture(scope="module")
def consumer(client):
    return client.made("/consumers", {"name": "overseen"})["id"]


def credential(client, consumer, **fields):
    made = client.made(f"/consumers/{consumer}/credentials", {"api_key": {}})
    changed = client.put(f"/consumers/{consumer}/credentials/{made['id']}", fields)
    assert changed.status == 200, changed
    return {**made, **changed.json}


def listed(client, name):
    answer = client.get("/overview")
    assert answer.status == 200, answer
    return {one["id"]: one for one in answer.json[name]}


def test_the_node_is_as_far_as_the_store(client):
    client.made("/envs", {"name": "Moves_on"})
    [node] = client.get("/overview").json["nodes"]
    assert node["edge_revision"] == node["store_revision"] > 0 and (node["problem"], node["problem_since"]) == ("", None)
    assert node["name"] and node["store_seen"] and node["nonce_capacity"] > 0


def test_ends_that_come_and_ends_that_came(client, consumer):
    soon, late, never = (credential(client, consumer, **fields) for fields in ({"end_time": stamp(86400)}, {"end_time": stamp(86400 * 30)}, {}))
    gone = credential(client, consumer, start_time=stamp(-100), end_time=stamp(-50))
    expiring, expired = listed(client, "expiring_credentials"), listed(client, "expired_credentials")
    assert soon["id"] in expiring and not {late["id"], never["id"], gone["id"]} & set(expiring)
    assert gone["id"] in expired and not {soon["id"], late["id"], never["id"]} & set(expired)
    one = expiring[soon["id"]]
    assert (one["kind"], one["principal_kind"], one["principal_name"], one["end_time"]) == ("api_key", "consumer", "overseen", soon["end_time"])
    assert soon["value"] not in str(one) and one["display"]


def test_old_and_never_used(client, daemon, consumer):
    old, used, young = (credential(client, consumer) for _ in range(3))
    for one in (old, used):
        change(daemon, "UPDATE credential SET create_time = 1600000000 WHERE id = '" + one["id"] + "'")
    change(daemon, "INSERT INTO credential_use (id, last_used) VALUES ('" + used["id"] + "', 1700000000)")
    unused = listed(client, "unused_credentials")
    assert old["id"] in unused and not {used["id"], young["id"]} & set(unused)


def test_another_instance_is_not_seen(client):
    other = Client(client.socket_path, {**client.admin, "instance_id": "e" * 32})
    assert other.get("/overview").status in (403, 404)
