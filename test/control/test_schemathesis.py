"""schemathesis (PyPI) against the daemon by its own description: whatever follows or breaks the schemas, the answer is one that is described,
and never a fault of ours. Drawn anew each time from a fixed seed, a few cases per operation; COUNTERSIGN_SCHEMATHESIS_CASES says how many."""
import json
import os
import socket
import threading

import hypothesis
import pytest
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from harness import openapi
from harness.management import routes, sign

CASES = int(os.environ.get("COUNTERSIGN_SCHEMATHESIS_CASES", "8"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Door:
    """A TCP port that leads to the daemon's Unix socket."""

    def __init__(self, path):
        self.path = str(path)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                outer, _ = self.listener.accept()
            except OSError:
                return
            inner = socket.socket(socket.AF_UNIX)
            inner.connect(self.path)
            for pair in ((outer, inner), (inner, outer)):
                threading.Thread(target=pump, args=pair, daemon=True).start()


class Signature(requests.auth.AuthBase):
    def __init__(self, admin):
        self.admin = admin

    def __call__(self, request):
        body = request.body or b""
        headers = {"Host": request.headers.get("Host") or request.url.split("/")[2]}
        sign(request.method, request.path_url, headers, body.encode() if isinstance(body, str) else body, self.admin["access"], self.admin["secret"])
        request.headers.update(headers)
        return request


@pytest.fixture(scope="module")
def door(daemon):
    door = Door(daemon.socket_path)
    yield door
    door.listener.close()


@pytest.fixture(scope="module")
def schema(client):
    """The description, with project and instance of this daemon as the only ones there are."""
    # A class of a million characters takes its reader seconds: two of them do.
    description = json.loads(json.dumps(openapi.description(), ensure_ascii=False).replace("\x80-\U0010ffff", "\u00e9\u4e2d"))
    for methods in description["paths"].values():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                if parameter["in"] == "path" and parameter["name"] in ("project_id", "instance_id"):
                    parameter["schema"] = {"type": "string", "enum": [client.admin[parameter["name"]]]}
    return schemathesis.openapi.from_dict(description)


@pytest.mark.parametrize("method, path", [one for one in routes() if one[0] != "HEAD"])
def test_keeps_to_its_description(schema, door, client, method, path):
    session = requests.Session()
    operation = schema[path][method]

    @hypothesis.seed(1)
    @hypothesis.settings(max_examples=CASES, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck),
                         phases=[hypothesis.Phase.generate])
    @hypothesis.given(case=operation.as_strategy())
    def probe(case):
        response = case.call(base_url=door.url, session=session, auth=Signature(client.admin))
        case.validate_response(response, checks=CHECKS)

    probe()
