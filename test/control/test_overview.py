"""What an overview shows beside the series: how far the node is, and the credentials that want attention."""
import time

import pytest

from harness.management import Client
from harness.stored import change, rows


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


def test_every_node_of_the_store_is_shown(client, daemon):
    """Another node told 20 seconds ago how far it is; one that is gone for a day is forgotten."""
    [own] = client.get("/overview").json["nodes"]
    deadline = time.monotonic() + 20
    while not rows(daemon, f"SELECT id FROM node WHERE id = '{own['id']}'"):  # every node tells so of itself
        assert time.monotonic() < deadline
        time.sleep(0.2)
    now = int(time.time())
    change(daemon, f"INSERT INTO node VALUES ('b', 'second', {now - 20}, 1, 'the edge is full', {now - 900}, 1, 2)")
    change(daemon, f"INSERT INTO node VALUES ('c', 'gone', {now - 90000}, 7, '', 0, 1, 2)")
    nodes = {node["id"]: node for node in client.get("/overview").json["nodes"]}
    other = nodes["b"]
    assert (other["name"], other["edge_revision"], other["problem"]) == ("second", 1, "the edge is full") and other["store_revision"] > 1
    assert nodes[own["id"]]["edge_revision"] == nodes[own["id"]]["store_revision"]
    deadline = time.monotonic() + 20
    while "c" in {node["id"] for node in client.get("/overview").json["nodes"]}:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    change(daemon, "DELETE FROM node WHERE id = 'b'")


def test_who_was_refused_why(client, daemon):
    consumer, now = client.made("/consumers", {"name": "refused_often"})["id"], int(time.time())
    instance, minute = client.admin["instance_id"], now - now % 60
    for number, (principal, refusal, requests, age) in enumerate([(consumer, "signature_mismatch", 190, 0), (consumer, "signature_mismatch", 10, 60), (consumer, "expired", 3, 120), ("", "key_unknown", 5, 0),
                                                                  ("*", "key_unknown", 4, 0), (consumer, "signature_mismatch", 1, 7200), (consumer, "signature_mismatch", 1000, 90000)]):
        change(daemon, f"INSERT INTO refused_count VALUES ('over{number}', '{instance}', {minute - age}, '{principal}', '{refusal}', {requests}, {minute - age + 7})")

    def found(**query):
        return [(one["principal_name"], one["principal_kind"], one["refusal"], one["requests"]) for one in client.get("/overview", **query).json["refused_principals"]]
    others = [("", "", "key_unknown", 5), ("", "others", "key_unknown", 4), ("refused_often", "consumer", "expired", 3)]
    assert found() == [("refused_often", "consumer", "signature_mismatch", 201), *others]
    assert found(**{"from": stamp(-3600)}) == [("refused_often", "consumer", "signature_mismatch", 200), *others]
    assert found(**{"from": stamp(3600)}) == []
    assert client.get("/overview", **{"from": "yesterday"}).status == 400
    first = client.get("/overview").json["refused_principals"][0]
    assert (first["principal_id"], first["last_time"]) == (consumer, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(minute + 7)))


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
