"""The daemon's own description, held against every answer that a test gets: nothing may be answered that it does not tell, and no parameter
may work that it does not name. Standard library only."""
import functools
import json
import re
import subprocess
import urllib.parse

from harness.tree import program

TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "null": type(None)}


@functools.cache
def description():
    return json.loads(subprocess.run([program("countersignd"), "--openapi"], check=True, capture_output=True, text=True).stdout)


@functools.cache
def operations():
    """[(METHOD, pattern, how many names are in the path, operation)], plain segments before {parameters}."""
    found = []
    for path, methods in description()["paths"].items():
        pattern = re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", path)) + r"\Z")
        found += [(method.upper(), pattern, path.count("{"), operation) for method, operation in methods.items()]
    return sorted(found, key=lambda one: one[2])


def operation_of(method, target):
    path = urllib.parse.urlsplit(target).path
    return next((operation for name, pattern, _, operation in operations() if name == method and pattern.match(path)), None)


def is_of_type(value, name):
    return isinstance(value, TYPES[name]) and not (name == "integer" and isinstance(value, bool))


def problem_of(value, schema, where):
    """What is wrong with an answered value, or None. Members that the schema does not name are wrong."""
    if "$ref" in schema:
        return problem_of(value, description()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], where)
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(is_of_type(value, name) for name in names):
        return f"{where} is {value!r}, which is none of {names}"
    if isinstance(value, list):
        return next(filter(None, (problem_of(item, schema["items"], f"{where}[{i}]") for i, item in enumerate(value))), None)
    return problem_of_members(value, schema, where) if isinstance(value, dict) else None


def problem_of_members(value, schema, where):
    for name in schema.get("required", []):
        if name not in value:
            return f"{where}.{name} is missing"
    if not schema["properties"]:
        return None
    for name, member in value.items():
        if name not in schema["properties"]:
            return f"{where}.{name} is not described"
        problem = problem_of(member, schema["properties"][name], f"{where}.{name}")
        if problem:
            return problem
    return None


def problem_of_success(operation, status, query, body):
    described = operation["responses"].get(str(status))
    if described is None:
        return f"the status {status} is not described"
    named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"}
    unnamed = [name for name, _ in urllib.parse.parse_qsl(query) if name not in named]
    if unnamed:
        return f"parameters that are not described were taken: {unnamed}"
    if "content" not in described:
        return f"a body where none is described: {body!r}" if body else None
    if "application/json" not in described["content"]:
        return None
    return problem_of(json.loads(body), described["content"]["application/json"]["schema"], "answer")


def check(method, target, status, text):
    operation = operation_of(method, target)
    if operation is None or status >= 500 or method == "HEAD":
        return
    if status >= 400:
        problem = problem_of(json.loads(text), operation["responses"]["4XX"]["content"]["application/json"]["schema"], "answer")
    else:
        problem = problem_of_success(operation, status, urllib.parse.urlsplit(target).query, text)
    assert problem is None, f"{operation['operationId']}: {problem}"
