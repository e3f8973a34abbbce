"""/openapi.json: the description that the daemon writes from its tables. That every answer agrees with it is checked on every call of every
test (harness/openapi.py); here stands what no answer shows."""
import json
import re

import pytest

from harness import openapi
from harness.management import routes


def test_served_to_anyone_and_as_printed(client):
    answer = client.send("GET", "/openapi.json")
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/json"
    assert answer.json == openapi.description()
    assert answer.json["openapi"].startswith("3.1.")


def test_every_route_is_described():
    described = {(method.upper(), path) for path, methods in openapi.description()["paths"].items() for method in methods}
    assert described == set(routes())


def operations():
    return [(path, method, operation) for path, methods in openapi.description()["paths"].items() for method, operation in methods.items()]


def test_operation_ids_are_distinct():
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids)) and all(re.fullmatch("[a-z][a-z0-9_]+", one) for one in ids)


@pytest.mark.parametrize("path, method, operation", operations(), ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_route_answers_is_described(path, method, operation):
    named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
    assert named == set(re.findall(r"\{(\w+)\}", path))
    success = [status for status in operation["responses"] if status.startswith("2")]
    assert len(success) == 1
    assert ("content" in operation["responses"][success[0]]) == (success != ["204"] and method != "head")
    assert method != "get" or success == ["200"]


def rules(schema, where=()):
    """(members and items down to the rule, schema) of every text, number and list that a body may hold."""
    for name, member in schema.get("properties", {}).items():
        yield (*where, name), member
        inner = member["items"] if "items" in member else member
        yield from rules(inner, (*where, name))


def test_patterns_are_regular_expressions_and_defaults_follow_their_rules():
    for _, _, operation in operations():
        if "requestBody" not in operation:
            continue
        for where, schema in rules(operation["requestBody"]["content"]["application/json"]["schema"]):
            default = schema.get("default")
            if "pattern" in schema:
                assert re.compile(schema["pattern"]) and (default is None or re.search(schema["pattern"], default)), where
            assert default is None or default in schema.get("enum", [default]), where
            assert not isinstance(default, int) or isinstance(default, bool) or schema["minimum"] <= default <= schema["maximum"], where


def broken(schema):
    """Values that a rule forbids, each with what the refusal has to say."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "string" in kinds:
        yield 5
        if "enum" in schema:
            yield "no such choice"
        if "maxLength" in schema:
            yield "a" * (schema["maxLength"] + 1)
        if "pattern" in schema:
            yield "a\x07\n" + "a" * schema.get("minLength", 0)
    if "integer" in kinds:
        yield from ("text", schema["minimum"] - 1, schema["maximum"] + 1, 1.5)
    if "boolean" in kinds:
        yield "text"
    if "array" in kinds:
        yield {}
        if "string" in (schema["items"]["type"] if isinstance(schema["items"]["type"], list) else [schema["items"]["type"]]):
            yield from ([value] for value in broken(schema["items"]))
            yield ["a"] * (schema["maxItems"] + 1)
    if kinds[0] == "object":
        yield []


def bodies():
    found = []
    for path, method, operation in operations():
        if "requestBody" in operation and path.startswith("/v2/"):
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            found.append(pytest.param(path, method.upper(), operation, schema, id=operation["operationId"]))
    return found


@pytest.mark.parametrize("path, method, operation, schema", bodies())
def test_every_rule_is_kept(client, path, method, operation, schema):
    """One member at a time breaks a rule of the description: the answer is 400 and names the member."""
    target = path.format(**{**{name: "0" * 32 for name in re.findall(r"\{(\w+)\}", path)}, "project_id": client.admin["project_id"],
                            "instance_id": client.admin["instance_id"]})
    query = "&".join(f"{p['name']}={p['schema'].get('enum', ['x'])[0]}" for p in operation["parameters"] if p["in"] == "query" and p["required"])
    for name, member in schema["properties"].items():
        for value in broken(member):
            # What stands before it in the table is asked for first.
            body = {other: sample(part) for other, part in schema["properties"].items() if other in schema.get("required", [])}
            body[name] = value
            answer = client.signed(method, target + ("?" + query if query else ""), json.dumps(body).encode())
            assert answer.status == 400, (name, value, answer.text)
            assert name in answer.message, (name, value, answer.text)


def sample(schema):
    """A value that follows the rules that a schema can tell."""
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    if kind == "string":
        text = schema.get("enum", ["2030-01-01T00:00:00Z" if schema.get("format") == "date-time" else "a" * max(1, schema.get("minLength", 1))])[0]
        return text
    if kind == "array":
        return [sample(schema["items"])]
    if kind == "object":
        return {name: sample(schema["properties"][name]) for name in schema.get("required", [])}
    return schema["minimum"] if kind == "integer" else True


def test_the_description_is_the_same_at_every_call(client):
    first, again = (client.send("GET", "/openapi.json") for _ in range(2))
    assert first.status == again.status == 200 and first.text == again.text and first.headers["Content-Type"] == "application/json"
