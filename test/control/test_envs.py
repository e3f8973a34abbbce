"""Environments (huawei.md 4.3)."""
import pytest

RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"


def make(client, name, **more):
    return client.made("/envs", {"name": name, **more})


def test_release_is_there_from_the_first_day(fresh):
    answer = fresh.client.get("/envs")
    assert answer.status == 200
    assert answer.json["total"] == answer.json["size"] == 1
    assert answer.json["envs"][0]["id"] == RELEASE
    assert answer.json["envs"][0]["name"] == "RELEASE"


def test_create_read_change_delete(client):
    env = make(client, "Staging", remark="before production")
    assert len(env["id"]) == 32 and env["name"] == "Staging" and env["remark"] == "before production"
    assert env["create_time"].endswith("Z")
    changed = client.put(f"/envs/{env['id']}", {"name": "Staging2"})
    assert changed.status == 200
    assert changed.json == {**env, "name": "Staging2"}, "a field that a PUT does not name stays as it is"
    assert client.get("/envs", name="Staging2", precise_search="name").json["envs"] == [changed.json]
    answer = client.delete(f"/envs/{env['id']}")
    assert (answer.status, answer.text) == (204, "")
    assert client.get("/envs", name="Staging2").json["total"] == 0


@pytest.mark.parametrize("body, field, rule", [
    ({"name": "ab"}, "name", "3 to 64 characters"),
    ({"name": "a" * 65}, "name", "3 to 64 characters"),
    ({"name": "1abc"}, "name", "first a letter"),
    ({"name": "ab-c"}, "name", "letters, digits and _"),
    ({"name": "äbc"}, "name", "letters, digits and _"),
    ({"name": 123}, "name", "a string"),
    ({"name": ["abc"]}, "name", "a string"),
    ({"name": "Good", "remark": "x" * 256}, "remark", "0 to 255 characters"),
    ({"name": "Good", "remark": {}}, "remark", "a string"),
])
def test_a_bad_value_names_field_and_rule(client, body, field, rule):
    answer = client.post("/envs", body)
    assert (answer.status, answer.code) == (400, "APIG.2012")
    assert answer.message.startswith(f"Invalid parameter value,parameterName:{field}. Please refer to the support documentation")
    assert rule in answer.message


@pytest.mark.parametrize("body", [{}, {"name": None}, {"remark": "x"}])
def test_the_name_must_be_given(client, body):
    answer = client.post("/envs", body)
    assert (answer.status, answer.code) == (400, "APIG.2001")
    assert "parameterName:name." in answer.message


def test_remark_counts_characters_not_bytes(client):
    assert make(client, "Characters", remark="ü" * 255)["remark"] == "ü" * 255


def test_a_name_is_taken_once(client):
    first = make(client, "Taken")
    answer = client.post("/envs", {"name": "Taken"})
    assert (answer.status, answer.code) == (400, "APIG.3205")
    other = make(client, "Other")
    answer = client.put(f"/envs/{other['id']}", {"name": "Taken", "remark": "must not be written"})
    assert (answer.status, answer.code) == (400, "APIG.3205")
    assert client.get("/envs", name="Other").json["envs"] == [other]
    assert client.get("/envs", name="Taken").json["envs"] == [first]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_unknown_environment(client, method):
    answer = client.call(method, "/envs/" + "0" * 32, {"name": "Nobody"} if method == "PUT" else None)
    assert (answer.status, answer.code) == (404, "APIG.3003")
    assert "0" * 32 in answer.message


@pytest.mark.parametrize("method, body", [("PUT", {"name": "Production"}), ("DELETE", None)])
def test_release_cannot_be_renamed_or_deleted(client, method, body):
    answer = client.call(method, f"/envs/{RELEASE}", body)
    assert (answer.status, answer.code) == (403, "APIG.3401")
    assert client.get("/envs", name="RELEASE", precise_search="name").json["total"] == 1
