"""What holds for every endpoint: paging, bodies, targets, answers (huawei.md 4.1)."""

import pathlib
import subprocess

import pytest

from harness.management import DAEMON, routes, sign

LIMIT = 12 * 1024 * 1024


@pytest.fixture(scope="module")
def many(client):
    for i in range(45):
        client.made("/apps", {"name": f"Page_{i:02}"})
    client.made("/apps", {"name": "page_x"})
    return client


@pytest.mark.parametrize("query, size, first", [
    ({}, 20, 0), ({"limit": 5}, 5, 0), ({"limit": 5, "offset": 3}, 5, 3), ({"limit": 0}, 20, 0), ({"limit": -1}, 20, 0),
    ({"offset": -7}, 20, 0), ({"limit": 500}, 45, 0), ({"limit": 100000}, 45, 0), ({"offset": 40}, 5, 40), ({"offset": 45}, 0, 45),
    ({"offset": 10 ** 12}, 0, 10 ** 12),
])
def test_pages(many, query, size, first):
    everything = [a["id"] for a in many.get("/apps", name="Page_", limit=500).json["apps"] if a["name"] != "page_x"]
    page = many.get("/apps", name="Page_", **query).json
    assert page["total"] == 46, "a name filter folds case"
    got = [a["id"] for a in page["apps"] if a["name"] != "page_x"]
    assert page["size"] == len(page["apps"]) and page["size"] in (size, size + 1)
    assert set(got) <= set(everything)


def test_pages_join_to_the_whole(many):
    whole = [a["id"] for a in many.get("/apps", name="Page_", limit=500).json["apps"]]
    joined = []
    for offset in range(0, 46, 7):
        joined += [a["id"] for a in many.get("/apps", name="Page_", limit=7, offset=offset).json["apps"]]
    assert joined == whole and len(set(whole)) == 46


@pytest.mark.parametrize("name", ["limit", "offset"])
@pytest.mark.parametrize("value", ["x", "1x", "1.5", "9" * 30, "--1", "-"])
def test_a_page_that_is_no_number(client, name, value):
    answer = client.get("/apps", **{name: value})
    assert (answer.status, answer.code) == (400, "APIG.2012")
    assert f"parameterName:{name}." in answer.message and "an integer" in answer.message


def test_a_name_filter_is_a_literal(many):
    for wild in ("Page%", "P_ge", "%", "_____", "*"):
        assert many.get("/apps", name=wild).json["total"] == 0 or "_" in wild
    assert many.get("/apps", name="Pa_e").json["total"] == 0
    assert many.get("/apps", name="Page_0", precise_search="name").json["total"] == 0
    assert many.get("/apps", name="Page_00", precise_search="name").json["total"] == 1
    assert many.get("/apps", name="page_00", precise_search="name").json["total"] == 0


@pytest.mark.parametrize("text, why", [
    (b"", "unexpected end of JSON input"), (b"{", "APIG.2000"), (b"[]", "one JSON object"), (b'"name"', "APIG.2000"), (b"null", "APIG.2000"),
    (b'{"name":"Twice","name":"Twice"}', "duplicate"), (b'{"name":"Behind"} x', "APIG.2000"), (b'{"name":"a\\u0000bc"}', "APIG.2000"),
    (b'{"name":"a\x00bc"}', "APIG.2000"), (b'{"name":"a\xffbc"}', "APIG.2000"), (b'{"name":"\\ud800abc"}', "APIG.2000"),
    (b"{" + b'"a":{' * 5000, "APIG.2000"), (b"\xef\xbb\xbf{}", "APIG.2000"), (b'{"name":NaN}', "APIG.2000"),
])
def test_a_body_that_is_no_json_object(client, text, why):
    answer = client.post("/envs", text)
    assert (answer.status, answer.code) == (400, "APIG.2000")
    assert answer.message.startswith("Parameter error: Serialization error: ")
    assert why in answer.message or why in answer.code


def test_unknown_members_are_ignored(client):
    answer = client.post("/envs", {"name": "Tolerant", "id": "0" * 32, "create_time": "never", "newer_field": [1]})
    assert answer.status == 201
    assert answer.json["id"] != "0" * 32 and "newer_field" not in answer.json


def test_every_answer_has_a_request_id(client):
    good, bad = client.get("/envs"), client.get("/apps/" + "0" * 32)
    assert len({good.headers["X-Request-Id"], bad.headers["X-Request-Id"]}) == 2
    assert bad.json["request_id"] == bad.headers["X-Request-Id"] and len(bad.json["request_id"]) == 32
    assert good.headers["Content-Type"] == bad.headers["Content-Type"] == "application/json"
    assert "request_id" not in good.json


def test_a_body_of_the_limit_and_one_more(client):
    padding = b" " * (LIMIT - len(b'{"name":"Large"}'))
    assert client.post("/envs", b'{"name":"Large"}' + padding).status == 201
    answer = client.post("/envs", b'{"name":"Larger"}' + padding)
    assert (answer.status, answer.code) == (413, "APIG.0201") and "Use a token" in answer.message
    assert client.get("/envs", name="Larger").json["total"] == 0


def test_a_chunked_body_over_the_limit(client):
    headers = {"Host": "management.test", "Transfer-Encoding": "chunked"}
    body = b'{"name":"Chunked"}' + b" " * LIMIT
    sign("POST", client.base + "/envs", headers, body, client.admin["access"], client.admin["secret"])
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[i:i + 65536] for i in range(0, len(body), 65536)))
    answer = client.send("POST", client.base + "/envs", chunks + b"0\r\n\r\n", headers)
    assert (answer.status, answer.code) == (413, "APIG.0201")


@pytest.mark.parametrize("tail", ["/envs%2Fx", "/envs%00", "/env%73", "/envs/", "//envs", "/./envs", "/../envs", "/envs/a%20b", "/envs/é",
                                  "/envs/a.b", "/envs/" + "a" * 65, "/nothing", "/envs/x/y"])
def test_a_target_that_is_no_route(client, tail):
    answer = client.send("PUT", client.base + tail.encode().decode("latin-1"))
    assert answer.status in (400, 404) and answer.code in ("APIG.0201", "APIG.0101"), answer


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "TRACE", "DELETE", "FOO"])
def test_a_method_that_no_route_has(client, method):
    answer = client.signed(method, client.base + "/envs")
    assert (answer.status, answer.code, answer.message) == (404, "APIG.0101", "The API does not exist.")


@pytest.mark.parametrize("query", ["name=%zz", "name=%00", "name=%ff", "name=%c3%28", "x=%"])
def test_a_query_that_does_not_decode(client, query):
    answer = client.send("GET", client.base + "/envs?" + query)
    assert (answer.status, answer.code) == (400, "APIG.0201")


def test_parallel_writes_do_not_lose_each_other(client):
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: client.post("/apps", {"name": f"Parallel_{i // 2}"}), range(40)))
    assert sorted(a.status for a in answers) == [201] * 20 + [400] * 20
    assert {a.code for a in answers if a.status == 400} == {"APIG.3203"}
    assert client.get("/apps", name="Parallel_").json["total"] == 20


def test_routes_are_well_formed():
    table = routes()
    assert len(table) == len(set(table)) and len(table) > 10
    assert all(path.startswith(("/v", "/console/session", "/openapi.json", "/healthz", "/readyz", "/metrics")) for _, path in table)
    assert {method for method, _ in table} <= {"GET", "POST", "PUT", "DELETE", "HEAD"}


def test_the_reference_is_written_from_the_tables():
    written = subprocess.run([DAEMON, "--reference"], check=True, capture_output=True, text=True).stdout
    committed = pathlib.Path(__file__).resolve().parents[2] / "docs/reference/management-fields.md"
    assert written == committed.read_text(), "run: countersignd --reference > docs/reference/management-fields.md"


def test_pages_from_either_end_are_those_of_one_list(client):
    """The second half is read from its end: the order is the same, also among rows of one second."""
    for number in range(9):
        client.made("/apps", {"name": f"paged_{number}"})
    for size in (1, 2, 4, 7):
        whole = client.get("/apps", limit=500, name="paged_").json["apps"]
        pages = [client.get("/apps", limit=size, offset=offset, name="paged_").json["apps"] for offset in range(0, 12, size)]
        assert [app["id"] for page in pages for app in page] == [app["id"] for app in whole] and len(whole) == 9
