"""How often a request is sent, where to, and what differs from try to try."""
import threading
import time

import callers
import edges
import pytest
from backends import Backend
from scene import PAIR, SIGN_PAIR, SIGNED_HOST, api, bob
from tree import free_port


def publish(scene, name, backend, **publication):
    scene.edge.put(*api(name, f"{name}.example.com", backend, **publication))
    return f"{name}.example.com"


class Deaf(Backend):
    """Closes after each request, without an answer, `times` times; then answers."""

    def __init__(self, times):
        self.seen = []
        super().__init__(answer=lambda received: (self.seen.append(received), (None, {}, b"") if len(self.seen) <= times else (200, {}, b"ok"))[1])


@pytest.fixture
def deaf():
    made = []

    def make(times=99):
        made.append(Deaf(times))
        return made[-1]
    yield make
    for backend in made:
        backend.close()


@pytest.mark.parametrize("retries, times", [(-1, 2), (0, 1), (1, 2), (3, 4), (10, 11)])
@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD"])
def test_what_may_be_repeated_is_sent_as_often_as_the_api_says(gateway, deaf, method, retries, times):
    backend = deaf()
    host = publish(gateway, f"again-{method}{retries}".lower(), {"authority": backend.authority, "retries": retries})
    assert gateway.ask(method, "/a", bob(host)).status == 502
    assert len(backend.seen) == times


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_may_not_be_repeated_never_is(gateway, deaf, method):
    backend = deaf()
    host = publish(gateway, f"once-{method}".lower(), {"authority": backend.authority, "retries": 10}, signature_key="sign")
    assert gateway.ask(method, "/a", callers.sdk(method, "/a", host, PAIR, b"x"), b"x").status == 502
    assert len(backend.seen) == 1


def test_the_method_that_is_sent_decides(gateway, deaf):
    backend = deaf()
    host = publish(gateway, "becomes-post", {"authority": backend.authority, "retries": 10, "method": "POST"})
    assert gateway.ask("GET", "/a", bob(host)).status == 502
    assert [received.method for received in backend.seen] == ["POST"]


@pytest.mark.parametrize("method, body", [("GET", None), ("PUT", b"a body that is signed"), ("PUT", b"x" * 300000)], ids=["GET", "PUT", "PUT-from-a-file"])
def test_each_try_has_a_countersignature_of_its_own(gateway, deaf, method, body):
    backend = deaf(3)
    host = publish(gateway, f"fresh-{method}{len(body or '')}".lower(), {"authority": backend.authority, "retries": 4}, signature_key="sign")
    answer = gateway.ask(method, "/a?b=c", callers.sdk(method, "/a?b=c", host, PAIR, body or b""), body)
    assert (answer.status, answer.body) == (200, b"ok")
    assert len(backend.seen) == 4
    assert len({received["Authorization"] for received in backend.seen}) == 4
    assert [received.all("X-Countersign-Try") for received in backend.seen] == [[], ["2"], ["3"], ["4"]]
    assert len({received["X-Request-Id"] for received in backend.seen}) == 1
    for received in backend.seen:
        assert received.body == (body or b"") and received.target == "/a?b=c"
        callers.assert_countersigned(received, SIGN_PAIR, "backend.internal")


@pytest.mark.parametrize("kind, key, secret", [("aliyun", "key_of_aliyun", "secret_of_aliyun_0123"), ("bce", "key_of_bce_0123", "secret_of_bce_0123")])
def test_so_it_is_with_other_types_of_signature(gateway, deaf, kind, key, secret):
    backend = deaf(2)
    gateway.edge.put(edges.signature_key(f"sign-{kind}", key, secret, type=kind))
    host = publish(gateway, f"fresh-{kind}", {"authority": backend.authority, "retries": 2}, signature_key=f"sign-{kind}")
    assert gateway.ask("GET", "/a", bob(host)).status == 200
    carrier = {"aliyun": "X-Ca-Proxy-Signature", "bce": "X-Bce-Gateway-Auth"}[kind]
    assert len({received.all(carrier)[0] for received in backend.seen}) == 3


def test_a_key_that_is_gone_meanwhile_sends_nothing_twice(gateway, deaf):
    """It goes while the first try is under way: what cannot be signed anew is not sent."""
    backend = deaf()
    gateway.edge.put(edges.signature_key("sign-going", *SIGN_PAIR))
    host = publish(gateway, "going", {"authority": backend.authority, "retries": 3}, signature_key="sign-going")
    answer = backend.answer
    backend.answer = lambda received: (gateway.edge.remove(edges.signature_key("sign-going", *SIGN_PAIR)), answer(received))[1]
    assert gateway.ask("GET", "/a", bob(host)).status == 502
    assert len(backend.seen) == 1


def test_without_a_signature_the_bytes_are_the_same(gateway, deaf):
    backend = deaf(1)
    host = publish(gateway, "unsigned", {"authority": backend.authority})
    assert gateway.ask("GET", "/a", bob(host)).status == 200
    assert backend.seen[0].fields == backend.seen[1].fields


def test_a_streaming_body_is_sent_once(gateway, deaf):
    backend = deaf()
    host = publish(gateway, "streams", {"authority": backend.authority, "retries": 10})
    assert gateway.ask("PUT", "/a", bob(host), b"x" * 300000).status == 502
    assert len(backend.seen) == 1


def test_a_timeout_is_not_repeated(gateway):
    release, seen = threading.Event(), []
    slow = Backend(answer=lambda received: (seen.append(received), release.wait(20), (200, {}, b""))[2])
    host = publish(gateway, "slow-once", {"authority": slow.authority, "timeout_ms": 200, "retries": 5})
    assert gateway.ask("GET", "/a", bob(host)).status == 504
    assert len(seen) == 1
    release.set()
    slow.close()


def test_a_repeat_goes_to_another_address(gateway, deaf):
    backend, alive = deaf(), Backend()
    host = publish(gateway, "elsewhere", {"authority": "elsewhere.internal:1", "retries": 1, "addresses": [backend.authority, alive.authority]})
    for _ in range(4):
        assert gateway.ask("GET", "/a", bob(host)).status == 200
    assert len(alive.take()) == 4
    alive.close()


def test_members_take_their_shares(gateway):
    several = [Backend() for _ in range(3)]
    members = [{"authority": backend.authority, "weight": weight} for backend, weight in zip(several, (1, 3, 6))]
    records = [edges.addresses(backend.authority) for backend in several]
    host = publish(gateway, "shares", {"authority": "127.0.0.1:9", "members": members})
    gateway.edge.put(*records)
    for _ in range(100):
        assert gateway.ask("GET", "/a", bob(host)).status == 200
    counts = [len(backend.take()) for backend in several]
    # Two workers, each with shares that are right to within two requests.
    assert sum(counts) == 100 and all(abs(count - share) <= 5 for count, share in zip(counts, (10, 30, 60))), counts
    gateway.edge.put(edges.addresses(several[2].authority, several[0].authority))
    assert gateway.ask("GET", "/a", bob(host)).status == 200 and not several[2].take()
    for backend in several:
        backend.close()


def test_a_member_without_an_address_leaves_the_others(gateway):
    alive = Backend()
    host = publish(gateway, "left", {"authority": "127.0.0.1:9", "members": [{"authority": "unknown.internal:1", "weight": 100}, {"authority": alive.authority}]})
    gateway.edge.put(edges.addresses(alive.authority))
    assert gateway.ask("GET", "/a", bob(host)).status == 200
    host = publish(gateway, "left-alone", {"authority": "127.0.0.1:9", "members": [{"authority": "unknown.internal:1"}]})
    assert gateway.ask("GET", "/a", bob(host)).status == 502
    alive.close()


def rest(fail_timeout):
    return {"edit": lambda text: text.replace("timeout=55s;", f"timeout=55s max_fails=2 fail_timeout={fail_timeout};")}


def test_who_fails_is_left_in_peace_for_a_while(make_scene, deaf):
    scene = make_scene(**rest("2s"))
    backend, alive = deaf(), Backend()
    host = publish(scene, "sick", {"authority": "sick.internal:1", "retries": 1, "addresses": [backend.authority, alive.authority]})
    for _ in range(20):
        assert scene.ask("GET", "/a", bob(host)).status == 200
    assert len(backend.seen) == 2, "max_fails"
    time.sleep(2.2)
    for _ in range(20):
        assert scene.ask("GET", "/a", bob(host)).status == 200
    assert len(backend.seen) == 3, "one request tries again"
    backend.answer = lambda received: (backend.seen.append(received), (200, {}, b""))[1]
    time.sleep(2.2)
    for _ in range(20):
        assert scene.ask("GET", "/a", bob(host)).status == 200
    assert len(backend.seen) >= 10, "it works again, so it has its share again"
    alive.close()


def test_when_all_are_down_they_are_asked_all_the_same(make_scene, deaf):
    scene = make_scene(**rest("1h"))
    first, second = deaf(6), deaf(6)
    host = publish(scene, "all-sick", {"authority": "all-sick.internal:1", "retries": 1, "addresses": [first.authority, second.authority]})
    assert [scene.ask("GET", "/a", bob(host)).status for _ in range(6)] == [502] * 6
    assert scene.ask("GET", "/a", bob(host)).status == 200


def test_a_refused_connection_counts_as_a_failure_and_costs_nobody_an_answer(make_scene):
    scene = make_scene(**rest("1h"))
    alive = Backend()
    host = publish(scene, "half", {"authority": "half.internal:1", "retries": 0, "addresses": [f"127.0.0.1:{free_port()}", alive.authority]})
    for number in range(10):
        assert scene.ask("POST", "/a", bob(host), b"x").status == 200
    assert len(alive.take()) == 10
    upstreams = [line["upstream"] for line in scene.nginx.access_lines() if line["host"] == host]
    assert sum("," in addresses for addresses in upstreams) == 2, "after two failures only the living one is asked"
    alive.close()


def test_signed_by_the_default_scene_too(gateway):
    assert gateway.ask("GET", "/a", bob(SIGNED_HOST)).status == 200
    assert not gateway.backend.only().all("X-Countersign-Try")
