"""Apps (huawei.md 4.7)."""
import re

import pytest


def make(client, name, **more):
    return client.made("/apps", {"name": name, **more})


def test_create_read_change_delete(client):
    app = make(client, "Shop", remark="the shop")
    assert re.fullmatch("[0-9a-f]{32}", app["app_key"]) and re.fullmatch("[A-Za-z0-9]{64}", app["app_secret"])
    assert (app["status"], app["creator"], app["app_type"]) == (1, "USER", "apig")
    kept = {name: value for name, value in app.items() if name != "app_secret"}
    assert client.get(f"/apps/{app['id']}").json == kept
    changed = client.put(f"/apps/{app['id']}", {"name": "Shop2"})
    assert (changed.status, changed.json["name"], changed.json["remark"]) == (200, "Shop2", "the shop")
    assert client.get("/apps", id=app["id"]).json["apps"] == [{**changed.json, "bind_num": 0}]
    valid = client.get(f"/apps/validation/{app['id']}")
    assert valid.json == {"id": app["id"], "name": "Shop2", "remark": "the shop"}
    assert client.delete(f"/apps/{app['id']}").status == 204
    for answer in (client.get(f"/apps/{app['id']}"), client.delete(f"/apps/{app['id']}"), client.get(f"/apps/validation/{app['id']}")):
        assert (answer.status, answer.code) == (404, "APIG.3004")
        assert answer.message == f"App {app['id']} does not exist"


def test_own_key_and_secret(client):
    app = make(client, "Own_keys", app_key="my-own_key_1", app_secret="s3cret_-!@#$%")
    assert (app["app_key"], app["app_secret"]) == ("my-own_key_1", "s3cret_-!@#$%")


def test_empty_key_and_secret_are_drawn(client):
    app = make(client, "Empty_keys", app_key="", app_secret="")
    assert len(app["app_key"]) == 32 and len(app["app_secret"]) == 64


@pytest.mark.parametrize("more, field", [
    ({"app_key": "short"}, "app_key"), ({"app_key": "x" * 201}, "app_key"), ({"app_key": "with blank"}, "app_key"),
    ({"app_secret": "short"}, "app_secret"), ({"app_secret": "x" * 129}, "app_secret"), ({"app_secret": "with blank in"}, "app_secret"),
    ({"app_secret": "ümlaut-in-it"}, "app_secret"), ({"status": 0}, "status"), ({"status": 3}, "status"), ({"status": "1"}, "status"),
    ({"status": 1.0}, "status"), ({"remark": "x" * 256}, "remark"), ({"name": "a"}, "name"),
])
def test_a_bad_value_names_its_field(client, more, field):
    answer = client.post("/apps", {"name": "Bad_values", **more})
    assert (answer.status, answer.code) == (400, "APIG.2012")
    assert f"parameterName:{field}." in answer.message and "The rule:" in answer.message
    assert client.get("/apps", name="Bad_values").json["total"] == 0


def test_name_and_key_are_taken_once(client):
    app = make(client, "First", app_key="first-key-1")
    other = make(client, "Second", app_key="second-key-1")
    for body, code in (({"name": "First"}, "APIG.3203"), ({"name": "Third", "app_key": "first-key-1"}, "APIG.3310")):
        answer = client.post("/apps", body)
        assert (answer.status, answer.code) == (400, code)
        answer = client.put(f"/apps/{other['id']}", {"remark": "must not be written", **body})
        assert (answer.status, answer.code) == (400, code)
    assert client.get("/apps", name="Third").json["total"] == 0, "a refused app leaves nothing behind"
    assert client.get(f"/apps/{other['id']}").json["remark"] == ""
    assert client.delete(f"/apps/{app['id']}").status == 204
    assert make(client, "First", app_key="first-key-1")["id"] != app["id"], "both are free again"


def test_a_secret_is_told_once(client, daemon):
    app = make(client, "Secretive", app_secret="told-only-once-1")
    new = client.put(f"/apps/secret/{app['id']}", {"app_secret": "told-only-once-2"})
    assert (new.status, new.json["app_secret"]) == (200, "told-only-once-2")
    drawn = client.put(f"/apps/secret/{app['id']}", {})
    assert drawn.status == 200 and re.fullmatch("[A-Za-z0-9]{64}", drawn.json["app_secret"])
    assert client.put(f"/apps/secret/{app['id']}", b"").status == 200, "SDKs leave an empty object out"
    silent = client.put(f"/apps/{app['id']}", {"name": "Secretive", "app_secret": "told-only-once-3"})
    assert silent.status == 200 and "app_secret" not in silent.json
    for answer in (client.get(f"/apps/{app['id']}"), client.get("/apps", name="Secretive")):
        assert "secret" not in answer.text
    for secret in ("told-only-once-1", "told-only-once-2", "told-only-once-3", drawn.json["app_secret"]):
        for file in [daemon.log, *daemon.data.glob("store.db*")]:
            assert secret.encode() not in file.read_bytes(), file


def test_a_bad_secret_changes_nothing(client):
    app = make(client, "Steady")
    answer = client.put(f"/apps/secret/{app['id']}", {"app_secret": "bad"})
    assert (answer.status, answer.code) == (400, "APIG.2012")
    assert "parameterName:app_secret." in answer.message
    assert client.put("/apps/secret/" + "0" * 32, {}).code == "APIG.3004"


def test_status_and_filters(client):
    app = make(client, "Filtered", app_key="filter-key-1")
    assert client.put(f"/apps/{app['id']}", {"name": "Filtered", "status": 2}).json["status"] == 2
    assert client.get("/apps", app_key="filter-key-1").json["apps"][0]["id"] == app["id"]
    assert [a["id"] for a in client.get("/apps", status=2).json["apps"]] == [app["id"]]
    assert client.get("/apps", creator="MARKET").json["total"] == 0
    answer = client.get("/apps", status="two")
    assert (answer.status, answer.code) == (400, "APIG.2012")
    assert "parameterName:status." in answer.message
