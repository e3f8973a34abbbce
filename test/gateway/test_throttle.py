"""Requests are counted against the policy that is bound to their API, by all workers together."""
import itertools
import json
import os
import signal
import socket
import threading
import time

import callers
import edges
import pytest
import wire
from nginx import HOST
from scene import ALICE_CODE, BOB, CAROL, CAROL_KEY, MALLORY, MALLORY_PAIR, PAIR, PLACES, Scene, api, bob

WORKERS = 3
REACHED = "The throttling threshold has been reached: policy {} over ratelimit,limit:{},time:{}"
numbers = itertools.count()


@pytest.fixture(scope="module")
def scene():
    made = Scene(workers=WORKERS, location="add_header X-Worker $pid always;")
    made.edge.put(edges.authorisation("plain", MALLORY))
    yield made
    made.close()


@pytest.fixture
def throttled(scene):
    """An API of its own: throttled(api=5) gives its host."""
    def make(name=None, publication=None, **limits):
        name = name or f"t{next(numbers)}"
        scene.edge.put(edges.throttle(name, **limits),
                       *api(name, f"{name}.example.com", {"authority": scene.backend.authority}, throttle=name, **(publication or {})),
                       edges.authorisation(name, MALLORY))
        return f"{name}.example.com"
    return make


def ask(scene, host, fields=None, source="127.0.0.1", method="GET", body=None):
    connection = wire.Wire.__new__(wire.Wire)
    connection.socket, connection.received = socket.create_connection(("127.0.0.1", scene.port), 20, (source, 0)), b""
    with connection:
        connection.send(wire.request(method, "/a", fields or bob(host), body))
        return connection.answer()


def statuses(scene, host, times, fields=None, **more):
    return [ask(scene, host, fields, **more).status for _ in range(times)]


def carol(host):
    return {"Host": host, "x-api-key": CAROL_KEY}


def alice(host):
    return {"Host": host, "Authorization": f"APPCODE {ALICE_CODE}"}


def test_so_many_and_not_one_more(scene, throttled):
    host = throttled(api=5)
    scene.backend.take()
    assert statuses(scene, host, 7) == [200] * 5 + [429] * 2
    assert len(scene.backend.take()) == 5
    assert ask(scene, HOST).status == 200, "other APIs are not counted"


def test_workers_count_together_and_exactly(scene, throttled):
    """All ask at once, over connections to every worker."""
    host, most, rounds = throttled(api=100), 100, 25
    seen, workers = [], set()

    def client():
        with scene.wire() as connection:
            for _ in range(rounds):
                connection.send(wire.request("GET", "/a", bob(host)))
                answer = connection.answer()
                seen.append(answer.status)
                workers.add(answer["X-Worker"])
    threads = [threading.Thread(target=client) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [200] * most + [429] * (12 * rounds - most)
    assert len(workers) > 1


def test_what_the_caller_reads(scene, throttled):
    host = throttled(api=1, app=1, seconds=86400)
    assert ask(scene, host).status == 200
    left = 86400 - int(time.time()) % 86400
    answer = ask(scene, host)
    assert (answer.status, json.loads(answer.body)["error_code"]) == (429, "APIG.0308")
    assert json.loads(answer.body)["error_msg"] == REACHED.format("api", 1, "1 day")
    assert abs(int(answer["Retry-After"]) - left) <= 5 or left < 10
    assert scene.nginx.logged(answer["X-Request-Id"])["refusal"] == "throttled"
    answer = ask(scene, host, callers.aliyun("GET", "/a", host, PAIR))
    assert (answer.status, answer["X-Ca-Error-Code"], answer["X-Ca-Error-Message"]) == (429, "T429PA", "Throttled by API Flow Control")
    assert int(answer["Retry-After"]) > 0
    answer = ask(scene, host, callers.bce("GET", "/a", host, PAIR))
    assert (answer.status, answer["X-Bce-Error-Code"]) == (429, "OverRateLimit") and int(answer["Retry-After"]) > 0


def test_each_app_and_each_consumer_has_a_limit(scene, throttled):
    host = throttled(app=2, consumer=3)
    assert statuses(scene, host, 3, alice(host)) == [200, 200, 429]
    assert ask(scene, host, callers.sdk("GET", "/a", host, PAIR)).status == 429, "all credentials of an app together"
    assert ask(scene, host, callers.sdk("GET", "/a", host, MALLORY_PAIR)).status == 200
    assert statuses(scene, host, 4) == [200] * 3 + [429]
    assert b"policy consumer over ratelimit,limit:3,time:90 day" in ask(scene, host).body
    assert ask(scene, host, carol(host)).status == 200


def test_some_have_limits_of_their_own(scene, throttled):
    specials = [{"kind": "consumer", "id": CAROL["id"], "limit": 4}, {"kind": "app", "id": MALLORY["id"], "limit": 1},
                {"kind": "app", "id": BOB["id"], "limit": 1}]
    host = throttled(consumer=2, specials=specials)
    assert statuses(scene, host, 5, carol(host)) == [200] * 4 + [429]
    assert statuses(scene, host, 3) == [200] * 2 + [429], "one for an app of this id is not the consumer's"
    assert [ask(scene, host, callers.sdk("GET", "/a", host, MALLORY_PAIR)).status for _ in range(2)] == [200, 429]
    assert statuses(scene, host, 3, alice(host)) == [200] * 3, "apps have no other limit here"


def test_an_account_is_all_of_them(scene, throttled):
    host = throttled(user=3)
    assert [ask(scene, host, who).status for who in (alice(host), bob(host), carol(host), alice(host), bob(host))] == [200] * 3 + [429] * 2
    assert b"policy user over ratelimit" in ask(scene, host).body


def test_each_address_has_a_limit(scene, throttled):
    host = throttled(ip=2, publication={"auth_type": "NONE", "places": []})
    assert statuses(scene, host, 3, {"Host": host}, source="127.0.0.21") == [200, 200, 429]
    assert ask(scene, host, {"Host": host}, source="127.0.0.22").status == 200
    answer = ask(scene, host, {"Host": host, "X-Forwarded-For": "127.0.0.23", "X-Real-IP": "127.0.0.23"}, source="127.0.0.21")
    assert answer.status == 429 and b"policy ip over" in answer.body


def test_an_api_that_asks_nobody_counts_too(scene, throttled):
    host = throttled(api=2, app=1, consumer=1, user=1, publication={"auth_type": "NONE", "places": []})
    assert statuses(scene, host, 3, {"Host": host}) == [200, 200, 429]


def test_apis_may_share_a_policy(scene, throttled):
    one, other = throttled(name="together", api=3, shared=True), "beside.example.com"
    scene.edge.put(*api("beside", other, {"authority": scene.backend.authority}, throttle="together"))
    assert statuses(scene, one, 2) + statuses(scene, other, 2) == [200, 200, 200, 429]
    alone, else_where = throttled(name="apart", api=3), "far.example.com"
    scene.edge.put(*api("far", else_where, {"authority": scene.backend.authority}, throttle="apart"))
    assert statuses(scene, alone, 3) + statuses(scene, else_where, 3) == [200] * 6


def test_who_is_refused_is_not_counted(scene, throttled):
    host = throttled(api=4, consumer=2)
    wrong = {"Host": host, "Authorization": "Bearer nobody has this"}
    assert statuses(scene, host, 9, wrong) == [401] * 9
    assert statuses(scene, host, 9) == [200] * 2 + [429] * 7
    assert statuses(scene, host, 9, carol(host)) == [200] * 2 + [429] * 7, "what one limit refused the other one got back"


def test_a_body_that_was_waited_for_counts_once(scene, throttled):
    host, body = throttled(api=2), b"x" * 100_000
    seen = [ask(scene, host, callers.sdk("POST", "/a", host, PAIR, body), method="POST", body=body).status for _ in range(3)]
    assert seen == [200, 200, 429]


def test_a_large_request_counts_once(scene, throttled):
    """It is looked at twice: the first arena is too small for it."""
    host = throttled(api=2)
    extra = {f"X-Extra-{i}": "v" * 900 for i in range(24)}
    assert [ask(scene, host, callers.sdk("GET", "/a", host, PAIR, extra=extra)).status for _ in range(3)] == [200, 200, 429]


def test_changes_hold_at_the_next_request(scene, throttled):
    host = throttled(name="changing", api=1)
    assert statuses(scene, host, 2) == [200, 429]
    scene.edge.put(edges.throttle("changing", api=3))
    assert statuses(scene, host, 3) == [200, 200, 429]
    scene.edge.put(edges.publication("changing", {"authority": scene.backend.authority}, places=PLACES))
    assert ask(scene, host).status == 200
    scene.edge.put(edges.publication("changing", {"authority": scene.backend.authority}, places=PLACES, throttle="changing"))
    assert ask(scene, host).status == 429
    scene.edge.put(edges.throttle("changing", api=3, seconds=86400))
    assert ask(scene, host).status == 200, "another period has another count"


def test_a_policy_that_is_not_there_lets_nobody_pass(scene, throttled):
    host = throttled(name="gone", api=9)
    scene.edge.remove(edges.throttle("gone"))
    assert ask(scene, host).status == 503
    assert ask(scene, HOST).status == 200


def test_counts_outlive_a_reload(scene, throttled):
    host = throttled(api=2)
    assert statuses(scene, host, 3) == [200, 200, 429]
    old = ask(scene, HOST)["X-Worker"]
    scene.nginx.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 15
    while True:
        answer = ask(scene, host)
        assert answer.status == 429
        try:
            os.kill(int(old), 0)
        except ProcessLookupError:
            break
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_without_memory_of_limits_nobody_who_is_counted_passes(make_scene):
    scene = make_scene(workers=1)
    scene.nginx.stop()
    (scene.folder / "data/edge/limit.map").unlink()
    scene.nginx.start()
    scene.edge.put(edges.throttle("t", api=9), *api("t", "t.example.com", {"authority": scene.backend.authority}, throttle="t"))
    assert ask(scene, "t.example.com").status == 503
    assert ask(scene, HOST).status == 200
    assert "no memory of limits" in scene.nginx.error_log()
