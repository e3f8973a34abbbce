"""What a request leaves behind: metrics, minutes, samples of what was refused, last use."""
import json
import os
import re
import signal
import struct
import time

import callers
import pytest
import wire
from harness.tree import TREE
from harness.world import HOST, PATH, World

DASHBOARD = TREE / "packaging/grafana/countersign.json"
SECRET_QUERY = "apikey-in-the-query-0123456789"


@pytest.fixture(scope="module")
def world():
    with World(workers=2) as world:
        yield world


def scrape(world, path="/metrics", source=None):
    """(status, text, content type): as Prometheus on this machine asks, through nginx or at the socket itself."""
    if source == "nginx":
        answer = wire.ask(world.nginx.management_port, "GET", path, {"Host": "localhost"})
        return answer.status, answer.body.decode(), answer["Content-Type"]
    answer = world.client.send("GET", path, headers={"X-Forwarded-For": source} if source else {})
    return answer.status, answer.text, answer.headers["Content-Type"]


def samples(text):
    """{(name, labels): value} of the text format."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
            found[name, tuple(sorted(re.findall(r'(\w+)="([^"]*)"', labels or "")))] = float(value)
    return found


def metrics(world):
    status, text, content_type = scrape(world)
    assert status == 200 and content_type.startswith("text/plain; version=0.0.4")
    return samples(text)


def total(found, name, **labels):
    return sum(value for (this, those), value in found.items() if this == name and set(labels.items()) <= set(those))


def eventually(what, seconds=20):
    deadline = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline
        time.sleep(0.2)


def refused(world, **query):
    return world.client.get("/refused-requests", **query).json["refused_requests"]


def series(world, **query):
    return world.client.get("/metrics-series", **query).json["series"]


def test_requests_are_counted_by_what_became_of_them(world):
    app = world.app("counted")
    before = metrics(world)
    for _ in range(3):
        assert world.call(app).status == 200
    app.secret = "not the secret"
    assert world.call(app).status == 401
    assert wire.ask(world.nginx.port, "GET", "/", {"Host": "nobody.example.com"}).status == 404

    def grown(name="countersign_requests_total", **labels):
        return total(metrics(world), name, **labels) - total(before, name, **labels)
    # Each worker tells for itself, so what came last may be known first.
    eventually(lambda: grown(outcome="refused", refusal="signature_mismatch", api=world.api, scheme="sdk-hmac-sha256", status="4xx") == 1)
    eventually(lambda: grown(outcome="accepted", refusal="", api=world.api, principal_kind="app", status="2xx") == 3)
    eventually(lambda: grown(refusal="api_not_found", api="", principal_kind="none", scheme="none") == 1)
    name = "countersign_request_duration_seconds"
    assert grown(f"{name}_count", api=world.api) == 4 == grown(f"{name}_bucket", api=world.api, le="+Inf")
    assert grown(f"{name}_sum", api=world.api) >= 0
    eventually(lambda: total(metrics(world), "countersign_workers") == 2)


def test_a_refused_request_can_be_looked_at(world):
    app = world.app("debugged")
    key, app.secret = app.key, "not the secret"
    answer = world.call(app, path=f"{PATH}/7?apikey={SECRET_QUERY}&page=2")
    found = eventually(lambda: refused(world, key_id=key))[0]
    assert found["request_id"] == answer["X-Request-Id"] and found["status"] == 401 and found["refusal"] == "signature_mismatch"
    assert (found["method"], found["host"], found["api_id"], found["environment"]) == ("GET", HOST, world.api, "RELEASE")
    assert (found["scheme"], found["principal_id"], found["client"]) == ("sdk-hmac-sha256", app.id, "127.0.0.1")
    assert found["target"].startswith(f"{PATH}/7?") and "host" in found["signed_names"]
    assert found["string_to_sign"].startswith(f"GET\n{PATH}/7/\n")
    assert "secret" not in json.dumps(found).replace("not-a-secret", "")
    assert refused(world, key_id=key, refusal="key_unknown") == []


def test_what_an_api_hides_from_callers_is_not_kept(world):
    api, _ = world.publish("hiding", "/hiding")
    definition = world.client.get(f"/apis/{api}").json
    changed = world.client.put(f"/apis/{api}", {**definition, "countersign": {"hide_hint": True}})
    assert changed.status == 200, changed
    world.client.made("/apis/action", {"action": "online", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": api})
    app = world.app("hidden")
    app.secret = "not the secret"
    answer = world.call(app, path="/hiding/a")
    found = eventually(lambda: refused(world, request_id=answer["X-Request-Id"]))[0]
    assert found["refusal"] == "signature_mismatch" and found["string_to_sign"] == ""


def test_minutes_of_the_last_day(world):
    app = world.app("minutes")
    before = sum(point["requests"] for point in series(world, api_id=world.api))
    for _ in range(4):
        assert world.call(app).status == 200
    eventually(lambda: sum(point["requests"] for point in series(world, api_id=world.api)) == before + 4)
    points = series(world, group_by="outcome", api_id=world.api)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00Z", point["minute"]) for point in points)
    assert {point["group"] for point in points} <= {"accepted", "refused", "fault", "answered", "none"}
    assert all(point["p50_ms"] <= point["p95_ms"] <= point["p99_ms"] for point in points)
    assert {point["group"] for point in series(world, group_by="api")} >= {world.api}
    assert {point["group"] for point in series(world, group_by="status", api_id=world.api)} >= {"2xx"}
    for group_by, group in {"scheme": "sdk-hmac-sha256", "principal_kind": "app", "refusal": "", "outcome": "accepted"}.items():
        of_group = [point for point in series(world, group_by=group_by, api_id=world.api) if point["group"] == group]
        assert sum(point["requests"] for point in of_group) >= 4 and all(point["p99_ms"] >= 1 for point in of_group), group_by
    assert series(world, to="2001-01-01T00:00:00Z") == []
    assert world.client.get("/metrics-series", group_by="colour").status == 400


def test_credentials_say_when_they_were_used_last(world):
    app = world.app("used")

    def last_used():
        return [pair["last_used"] for pair in world.client.get(f"/apps/{app.id}/key-pairs").json["key_pairs"]]
    assert last_used() == [None]
    assert world.call(app).status == 200
    eventually(lambda: last_used() != [None])
    seen = time.mktime(time.strptime(last_used()[0] + "UTC", "%Y-%m-%dT%H:%M:%SZ%Z")) - time.timezone
    assert abs(time.time() - seen) < 120
    consumer = world.client.made("/consumers", {"name": "used-consumer", "api_key": {}})
    shown = world.client.get(f"/consumers/{consumer['id']}").json["credentials"]
    assert [credential["last_used"] for credential in shown] == [None]


def test_answers_about_one_credential_say_it_too(world):
    app = world.app("used_alone")
    assert world.call(app).status == 200
    pairs = f"/apps/{app.id}/key-pairs"
    eventually(lambda: world.client.get(pairs).json["key_pairs"][0]["last_used"] is not None)
    pair = world.client.get(pairs).json["key_pairs"][0]
    changed = world.client.put(f"{pairs}/{pair['id']}", {"enabled": True})
    assert changed.json["last_used"] == pair["last_used"]
    assert world.client.made(pairs, {})["last_used"] is None
    assert world.client.made(f"/apps/{app.id}/app-codes", {"app_code": "a" * 64})["last_used"] is None
    consumer = world.client.made("/consumers", {"name": "used-alone-consumer", "api_key": {}, "hmac": {}})
    assert [credential["last_used"] for credential in consumer["credentials"]] == [None, None]


def test_the_node_tells_how_it_is(world):
    app = world.app("nonces")
    found = metrics(world)
    assert total(found, "countersign_edge_lag_revisions") == 0 and total(found, "countersign_edge_revision") > 0
    assert 0 < total(found, "countersign_edge_used_bytes") < 2**20 and total(found, "countersign_edge_size_bytes") == 2**36
    assert total(found, "countersign_replay_capacity") > 100_000 and total(found, "countersign_replay_alarm") == 0
    assert total(found, "countersign_store_contact_age_seconds") < 10 and total(found, "countersign_feedback_lost_total") == 0
    for number in range(3):
        fields = callers.aliyun("GET", f"{PATH}/{number}", HOST, (app.key, app.secret))
        assert wire.ask(world.nginx.port, "GET", f"{PATH}/{number}", fields).status == 200
    eventually(lambda: total(metrics(world), "countersign_replay_nonces") >= 3, 60)


def test_probes(world):
    for source in (None, "nginx", "192.0.2.1"):
        assert scrape(world, "/healthz", source)[:2] == (200, "ok\n")
        assert scrape(world, "/readyz", source)[:2] == (200, "ready\n")
    assert scrape(world, source="nginx")[0] == 200
    assert scrape(world, source="192.0.2.1")[0] == 404, "the numbers are for this machine"


def test_the_dashboard_uses_what_there_is(world):
    text = scrape(world)[1]
    names = set(re.findall(r"^# TYPE (\w+) ", text, re.M))
    names |= {name + suffix for name in names for suffix in ("_bucket", "_sum", "_count") if f"# TYPE {name} histogram" in text}
    dashboard = json.loads(DASHBOARD.read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    used = {name for expression in expressions for name in re.findall(r"\bcountersign_\w+", expression)}
    assert len(expressions) >= 8 and used <= names, used - names
    labels = {label for expression in expressions for label in re.findall(r"by \(([^)]*)\)", expression)}
    known = {label for _, those in samples(text) for label, _ in those} | {"le"}
    assert {label.strip() for group in labels for label in group.split(",")} <= known


def test_what_is_told_survives_the_daemon(world):
    """Counters are the workers': a daemon that starts anew goes on with them."""
    app = world.app("survivor")
    assert world.call(app).status == 200
    before = eventually(lambda: total(metrics(world), "countersign_requests_total", outcome="accepted"))
    world.daemon.stop()
    assert world.call(app).status == 200
    world.daemon.start()
    eventually(lambda: total(metrics(world), "countersign_requests_total", outcome="accepted") == before + 1)


def refusals_of(world, app):
    """{refusal: requests}, as the overview counts them of an app."""
    return {one["refusal"]: one["requests"] for one in world.client.get("/overview").json["refused_principals"] if one["principal_id"] == app.id}


def flood(world, app, count):
    """So many refused requests, as fast as one connection takes them: far more than are kept as samples."""
    request = app.request()
    with wire.Wire(world.nginx.port) as connection:
        for _ in range(count):
            connection.send(request)
            assert connection.answer().status == 401


def test_every_refused_request_is_counted_by_principal(world):
    """Many more than the samples of a second; a store that does not take them and a daemon that dies make none of them two."""
    app = world.app("flooding")
    app.secret = "not the secret"
    flood(world, app, 200)
    eventually(lambda: refusals_of(world, app) == {"signature_mismatch": 200})
    assert len(refused(world, principal_id=app.id)) < 200
    world.daemon.stop(signal.SIGKILL)
    world.daemon.start()
    flood(world, app, 3)
    eventually(lambda: refusals_of(world, app) == {"signature_mismatch": 203})
    time.sleep(2.5)  # another flush, with nothing new
    assert refusals_of(world, app) == {"signature_mismatch": 203}
    assert total(metrics(world), "countersign_feedback_lost_total") == 0
    assert sum(point["requests"] for point in series(world, api_id=world.api, group_by="refusal") if point["group"] == "signature_mismatch") >= 203


def all_parts(world, owner):
    """As if 32 other workers had started (owner: a process that lives), or ended (0)."""
    with open(world.daemon.data / "edge/feedback.map", "r+b") as file:
        part = (os.fstat(file.fileno()).st_size - 4096) // 32
        for number in range(32):
            file.seek(4096 + number * part)
            file.write(struct.pack("<Q", owner))


def test_a_worker_without_a_part_takes_one_when_it_is_free(world):
    """A reload with more than 16 workers: those of before have the parts still, but not for ever."""
    app = world.app("late")
    all_parts(world, os.getpid())
    world.nginx.reload()
    accepted = total(metrics(world), "countersign_requests_total", outcome="accepted")
    assert world.call(app).status == 200
    eventually(lambda: world.nginx.error_log().count("more workers than the feedback has parts") == 2)
    all_parts(world, 0)
    eventually(lambda: total(metrics(world), "countersign_workers") == 2)
    assert world.call(app).status == 200
    eventually(lambda: total(metrics(world), "countersign_requests_total", outcome="accepted") == accepted + 1)
    assert world.nginx.error_log().count("more workers than the feedback has parts") == 2, "said once"
