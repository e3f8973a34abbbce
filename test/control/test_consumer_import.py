"""Many consumers in one call, on either database: written together when nothing stands against it, line by line otherwise, and never by half."""
import json
import subprocess

import pytest

from harness.tree import program


def bring(client, *lines):
    answer = client.post("/consumers/import", {"lines": [line if isinstance(line, str) else json.dumps(line) for line in lines]})
    assert answer.status == 200, answer
    return answer.json


def verified(daemon):
    command = [program("countersign"), "audit", "verify", "--data", daemon.data]
    return subprocess.run([*command, *(["--store", daemon.store] if daemon.store else [])], capture_output=True, text=True)


@pytest.fixture
def client(fresh):
    return fresh.client


def test_all_at_once(fresh, client):
    answer = bring(client, *({"name": f"one_{i}", "api_key": {}} for i in range(300)), *({"name": f"pair_{i}", "hmac": {}} for i in range(20)))
    assert answer["imported"] == 320 and [r["name"] for r in answer["results"][:300]] == [f"one_{i}" for i in range(300)]
    assert client.get("/consumers").json["total"] == 320
    assert client.get("/consumers", name="ONE_2").json["total"] == 111, "2, 20 to 29, 200 to 299"
    assert client.get("/audits", action="import_consumers").json["total"] == 640
    shown = client.get(f"/consumers/{answer['results'][7]['id']}").json
    assert shown["name"] == "one_7" and len(shown["credentials"]) == 1
    assert verified(fresh).returncode == 0


def test_a_line_that_conflicts_is_refused_alone(fresh, client):
    client.made("/consumers", {"name": "there_already", "api_key": {"generate_mode": "CUSTOM", "value": "taken-key-1"}})
    answer = bring(client, {"name": "good_1", "api_key": {}}, {"name": "there_already", "api_key": {}},
                   {"name": "loses", "api_key": {"generate_mode": "CUSTOM", "value": "taken-key-1"}}, "{]", {"name": "good_2", "api_key": {}})
    assert [r.get("error_code") for r in answer["results"]] == [None, "APIG.3911", "APIG.3912", "APIG.2000", None]
    assert answer["imported"] == 2 and client.get("/consumers").json["total"] == 3
    assert client.get("/consumers", name="loses").json["total"] == 0 and verified(fresh).returncode == 0


def test_a_name_twice_in_one_call(client):
    answer = bring(client, {"name": "twice", "api_key": {}}, {"name": "twice", "api_key": {}}, {"name": "once", "api_key": {}})
    assert [r.get("error_code") for r in answer["results"]] == [None, "APIG.3911", None]
    assert client.get("/consumers").json["total"] == 2


def test_up_to_the_quota(client):
    names = [{"name": f"limited_{i}", "api_key": {}} for i in range(5)]
    put = client.put("/project/configs", {"config_name": "CONSUMER_NUM_LIMIT", "config_value": 3})
    assert put.status == 200, put
    answer = bring(client, *names)
    assert [r.get("error_code") is None for r in answer["results"]] == [True, True, True, False, False]
    assert answer["imported"] == 3 and client.get("/consumers").json["total"] == 3
