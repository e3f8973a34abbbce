"""AppCodes of apps (huawei.md 4.7)."""
import json
import re
import subprocess

import pytest
from api_bodies import api_body, assert_refused, make_api, make_group, publish, unique
from harness.tree import program
from harness.stored import everything

CODE = "x" * 32


@pytest.fixture
def app(client):
    return client.made("/apps", {"name": unique("App")})


def add(client, app, code):
    return client.post(f"/apps/{app['id']}/app-codes", {"app_code": code})


def test_make_list_show_delete(client, daemon, app):
    path = f"/apps/{app['id']}/app-codes"
    code = unique("my/own+AppCode_!@#$%-=") + "0" * 64
    made = add(client, app, code)
    assert made.status == 201 and made.json["app_code"] == code and made.json["app_id"] == app["id"]
    drawn = client.put(path, b"")
    assert drawn.status == 201 and re.fullmatch("[A-Za-z0-9]{64}", drawn.json["app_code"])
    shown = {name: value for name, value in made.json.items() if name != "app_code"}
    assert shown["display"] == f"{code[:4]}...{code[-4:]}"
    listed = client.get(path).json
    assert (listed["total"], listed["size"]) == (2, 2) and shown in listed["app_codes"]
    assert client.get(f"{path}/{shown['id']}").json == shown
    for secret in (code, drawn.json["app_code"]):
        assert secret not in everything(daemon) and secret not in daemon.log.read_text() + str(listed)
    assert client.delete(f"{path}/{shown['id']}").status == 204
    for answer in (client.get(f"{path}/{shown['id']}"), client.delete(f"{path}/{shown['id']}")):
        assert (answer.status, answer.code) == (404, "APIG.3082")
    assert client.get(path).json["total"] == 1


def test_five_of_an_app(client, app):
    for _ in range(5):
        assert client.put(f"/apps/{app['id']}/app-codes", b"").status == 201
    for answer in (client.put(f"/apps/{app['id']}/app-codes", b""), add(client, app, unique(CODE))):
        assert (answer.status, answer.code) == (403, "APIG.3131")
    one = client.get(f"/apps/{app['id']}/app-codes").json["app_codes"][0]
    assert client.delete(f"/apps/{app['id']}/app-codes/{one['id']}").status == 204
    assert add(client, app, unique(CODE)).status == 201, "there is room again"


@pytest.mark.parametrize("code", ["x" * 31, "x" * 181, "_" + "x" * 64, "with a blank" + "x" * 64, "ä" * 64, 7, "x" * 64 + "\n"])
def test_a_bad_value(client, app, code):
    assert_refused(add(client, app, code), "app_code", "32 to 180 characters, letters, digits and +_!@#$%-/=")


def test_a_code_is_there_once_whoever_holds_it(client, app):
    other, code = client.made("/apps", {"name": unique("Other")}), unique(CODE)
    assert add(client, app, code).status == 201
    for answer in (add(client, app, code), add(client, other, code),
                   client.post("/consumers", {"name": unique("consumer"), "api_key": {"generate_mode": "CUSTOM", "value": code}})):
        assert (answer.status, answer.code) == (409, "APIG.3912")
    consumer, key = unique("consumer"), unique("an-API-key-that-could-be-an-AppCode")
    client.made("/consumers", {"name": consumer, "api_key": {"generate_mode": "CUSTOM", "value": key}})
    assert add(client, app, key).code == "APIG.3912"
    assert client.delete(f"/apps/{app['id']}").status == 204
    assert add(client, other, code).status == 201, "free again when its app is gone"


def test_unknown_apps_and_another_apps_code(client, app):
    other = client.made("/apps", {"name": unique("Other")})
    code = add(client, app, unique(CODE)).json
    for answer in (client.get(f"/apps/{other['id']}/app-codes/{code['id']}"), client.delete(f"/apps/{other['id']}/app-codes/{code['id']}")):
        assert (answer.status, answer.code) == (404, "APIG.3082")
    nowhere = f"/apps/{'0' * 32}/app-codes"
    for answer in (client.get(nowhere), add(client, {"id": "0" * 32}, CODE), client.put(nowhere, b""), client.delete(f"{nowhere}/{code['id']}")):
        assert (answer.status, answer.code) == (404, "APIG.3004")


def places_of(daemon, api):
    shown = subprocess.run([program("countersign"), "edge", "show", "--data", daemon.data, "--kind", "publication"], check=True,
                           capture_output=True, text=True).stdout
    record = next(one for one in map(json.loads, shown.splitlines()) if one["api"] == api["id"])
    return [place["location"] for place in record["places"] if place["scheme"] == "app-code"]


@pytest.mark.parametrize("choice, places", [("DISABLE", []), ("HEADER", ["header"] * 3), ("HEADER_QUERY", ["query"] + ["header"] * 3)])
def test_an_api_says_where_it_takes_them(client, daemon, choice, places):
    api = make_api(client, make_group(client)["id"], auth_opt={"app_code_auth_type": choice})
    publish(client, api)
    assert places_of(daemon, api) == places


def test_only_apis_for_apps_take_them(client):
    group = make_group(client)["id"]
    assert make_api(client, group, auth_type="NONE", auth_opt={"app_code_auth_type": "DISABLE"})
    assert_refused(client.post("/apis", api_body(group, auth_type="NONE", auth_opt={"app_code_auth_type": "HEADER"})),
                   "auth_opt.app_code_auth_type", "DISABLE, unless auth_type is APP")
    assert_refused(client.post("/apis", api_body(group, auth_opt={"app_code_auth_type": "QUERY"})), "auth_opt.app_code_auth_type", "HEADER_QUERY")
