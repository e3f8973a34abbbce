#!/usr/bin/env python3
"""sdk-calls.py COUNTERSIGND: docs/reference/sdk-calls.md from the vendor's own SDK (huaweicloudsdkapig) and the daemon's own description."""
import inspect
import json
import re
import subprocess
import sys

from huaweicloudsdkapig.v2 import ApigClient

HEAD = """# Every call of huaweicloudsdkapig, and what becomes of it here

Written by `tools/sdk-calls.py` from the SDK's client class (version 3.1.219) and from the description that the daemon gives of itself; a test compares.
Paths stand behind `/v2/{project_id}/apigw/instances/{instance_id}` where they begin with `…`. What is not served answers 404 `APIG.3941` with the
words of the last column.

The same calls are made by the SDK for Go (`huaweicloud-sdk-go-v3`) and by the core client for Node.js (`@huaweicloud/huaweicloud-sdk-core`): more than ten of each stand in
`test/conformance/test_management_clients.py`, with the typed errors that they make of refusals.

"""
CALL = re.compile(r'def _(\w+)_http_info\(cls, request\):.*?"method": "(\w+)",\s*"resource_path": "([^"]+)"', re.S)
INSTANCE = "/v2/{project_id}/apigw/instances/{instance_id}"


def sdk_calls():
    """[(name of the method, HTTP method, path)] of the client class."""
    return sorted(CALL.findall(inspect.getsource(ApigClient)))


def shape(path):
    return re.sub(r"\{[^}]*\}", "{}", path)


def served(description):
    return {(method.upper(), shape(path)): operation["operationId"] for path, methods in description["paths"].items()
            for method, operation in methods.items()}


def why_not(description, path):
    parts = path.replace(INSTANCE, "").replace("/v2/{project_id}/apigw", "").strip("/").split("/")
    first = parts[0] or "instances"
    for row in description["x-not-served"]:
        if row["first"] == first and (row["second"] is None or row["second"] in parts[1:]):
            return row["why"]
    raise SystemExit(f"{path} is neither served nor in the table of what is not")


def page(description):
    known = served(description)
    rows = []
    for name, method, path in sdk_calls():
        action = known.get((method, shape(path)))
        rows.append((name, f"{method} {path.replace(INSTANCE, '…')}", f"yes, `{action}`" if action else "no", "" if action else why_not(description, path)))
    count = sum(row[2] != "no" for row in rows)
    table = "".join(f"| `{name}` | `{call}` | {state} | {why} |\n" for name, call, state, why in rows)
    return f"{HEAD}{count} of {len(rows)} calls are served.\n\n| call | request | served | why not |\n|---|---|---|---|\n{table}"


if __name__ == "__main__":
    sys.stdout.write(page(json.loads(subprocess.run([sys.argv[1], "--openapi"], check=True, capture_output=True, text=True).stdout)))
