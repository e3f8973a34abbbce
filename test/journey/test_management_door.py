"""The management API as callers reach it: through nginx, from everywhere, and before they have shown who they are."""
import shutil
from pathlib import Path

import pytest

import wire
from harness.management import Daemon, sign
from harness.up import Up, descendants, open_folder
from nginx import Nginx

WORKERS = 8


@pytest.fixture(scope="module")
def door():
    folder = open_folder()
    daemon = Daemon(folder / "data", arguments=["--group", "nogroup"]).start()
    nginx = Nginx(folder / "nginx", folder / "data", workers=WORKERS, instance=daemon.admin["instance_id"],
                  edit=lambda text: text.replace(f"listen 127.0.0.1:{nginx_port(text)};", f"listen 127.0.0.1:{nginx_port(text)} reuseport;"))
    nginx.start()
    yield nginx, daemon
    nginx.stop()
    daemon.stop()
    shutil.rmtree(folder)


def nginx_port(text):
    """The management server's port: the last one that listens."""
    return text.rsplit("listen 127.0.0.1:", 1)[1].split(";")[0].split(" ")[0]


def signed(daemon, path, **more):
    admin = daemon.admin
    target = f"/v2/{admin['project_id']}/apigw/instances/{admin['instance_id']}{path}"
    fields = {"Host": "management.test", **more}
    sign("GET", target, fields, b"", admin["access"], admin["secret"])
    return target, fields


def test_strangers_on_every_worker_do_not_lock_the_administrator_out(door):
    """Each worker's connections to the daemon end with their calls: idle ones of some would be missing to the others for a minute. Never
    more calls at once than the daemon serves: it refuses those beyond its limit, which is another matter."""
    nginx, daemon = door
    target, fields = signed(daemon, "/envs")

    wires = [wire.Wire(nginx.management_port) for _ in range(40 * WORKERS)]
    for some in (wires[at:at + 16] for at in range(0, len(wires), 16)):
        for each in some:
            each.send(wire.request("GET", target, {"Host": "x"}))
        assert {each.answer().status for each in some} == {401}
    assert [wire.ask(nginx.management_port, "GET", target, fields).status for _ in range(8 * WORKERS)] == [200] * 8 * WORKERS
    for each in wires:
        each.socket.close()


LARGE = 60 * 1000 * 1000


def head_only(nginx, method, target, fields):
    """The answer to a request whose body does not come."""
    with wire.Wire(nginx.management_port, timeout=10) as each:
        each.send(wire.request(method, target, {**fields, "Content-Length": str(LARGE)}))
        return each.answer().status


@pytest.mark.parametrize("proof", [{}, {"X-Auth-Token": "invented"}, {"Cookie": "countersign_session=invented"},
                                   {"Authorization": "SDK-HMAC-SHA256 Access=INVENTED, SignedHeaders=host;x-sdk-date, Signature=" + "0" * 64}])
def test_strangers_are_refused_before_a_large_body_is_read(door, proof):
    nginx, daemon = door
    target, fields = signed(daemon, "/envs")
    assert head_only(nginx, "POST", target, {"Host": fields["Host"], "X-Sdk-Date": fields["X-Sdk-Date"], **proof}) == 401
    assert head_only(nginx, "POST", "/v3/auth/tokens", {"Host": "x"}) == 413
    assert head_only(nginx, "POST", "/management-stream", {"Host": "x", **proof}) == 404


@pytest.mark.parametrize("length", [999_999, 1_000_000, 3_000_000])
def test_a_body_of_any_size_is_bound_to_its_target(door, length):
    """What is streamed takes another way through nginx; the daemon sees the same."""
    nginx, daemon = door
    target, fields = signed(daemon, "/envs")
    body = b'{"name":"Large%d"}' % length
    body += b" " * (length - len(body))
    fields = {"Host": "management.test"}
    sign("POST", target, fields, body, daemon.admin["access"], daemon.admin["secret"])
    assert wire.ask(nginx.management_port, "POST", target + "?x=1", fields, body).status == 401
    assert wire.ask(nginx.management_port, "POST", target.replace("/envs", "/%65nvs"), fields, body).status in (401, 404)
    assert wire.ask(nginx.management_port, "POST", target, fields, body).status == 201
    unframed = wire.request("POST", target, [*fields.items(), ("Transfer-Encoding", "chunked")], wire.chunked(b" " * 1_100_000, 100_000), length=False)
    with wire.Wire(nginx.management_port) as each:
        each.send(unframed)
        assert each.answer().status == 413, "a body of which nobody says how long it is has to be a small one"


@pytest.mark.parametrize("length", [200_000, 999_999, 3_000_000])
def test_who_is_refused_by_his_head_hears_why(door, length):
    """The daemon answers before the body has come, and nginx must not find the connection closed while it is still sending."""
    nginx, daemon = door
    target, fields = signed(daemon, "/envs")
    body = b" " * length
    assert {wire.ask(nginx.management_port, "POST", target.replace("/envs", "/%65nvs"), fields, body).status for _ in range(40)} == {404}
    assert {wire.ask(nginx.management_port, "POST", target, {"Host": "x"}, body).status for _ in range(40)} == {401}


def test_large_bodies_that_do_not_come_leave_room_for_others(door):
    """Whoever knows the id of an access key, which is no secret, is waited for: his signature may be of the body."""
    nginx, daemon = door
    target, fields = signed(daemon, "/envs")
    claims = {**fields, "Authorization": fields["Authorization"][:-64] + "0" * 64, "Content-Length": "2000000"}
    wires = [wire.Wire(nginx.management_port) for _ in range(300)]
    for each in wires:
        each.send(wire.request("POST", target, claims))
    assert [wire.ask(nginx.management_port, "GET", target, fields).status for _ in range(20)] == [200] * 20
    for each in wires:
        each.socket.close()


@pytest.mark.parametrize("change", [lambda t: t.replace("/envs", "//envs"), lambda t: t.replace("/envs", "/./envs"), lambda t: t.replace("/envs", "/%65nvs"),
                                    lambda t: t.replace("/v2", "/V2"), lambda t: t + "/", lambda t: t.replace("/envs", "%2Fenvs"),
                                    lambda t: t + "?x=1", lambda t: t.replace("/envs", "/apps/../envs"), lambda t: "//host" + t])
def test_a_signature_opens_no_other_spelling(door, change):
    nginx, daemon = door
    target, fields = signed(daemon, "/envs")
    assert wire.ask(nginx.management_port, "GET", change(target), fields).status in (400, 401, 404)


def test_the_source_is_the_address_that_came(door):
    """It stands in log and audit; a caller's own word for it does not."""
    nginx, daemon = door
    target, fields = signed(daemon, "/envs")
    lies = [("X-Forwarded-For", "6.6.6.6"), ("x-forwarded-for", "6.6.6.6"), ("X_Forwarded_For", "6.6.6.6"), ("Forwarded", "for=6.6.6.6"),
            ("X-Real-IP", "6.6.6.6")]
    assert wire.ask(nginx.management_port, "GET", target, [*fields.items(), *lies]).status == 200
    lines = [line for line in daemon.log_lines() if line["event"] == "call" and line["status"] == "200"]
    assert lines[-1]["source"] == "127.0.0.1" and "6.6.6.6" not in daemon.log.read_text()


@pytest.mark.parametrize("twice", ["Authorization", "X-Sdk-Date", "Host"])
def test_a_field_twice_is_refused(door, twice):
    nginx, daemon = door
    target, fields = signed(daemon, "/envs")
    for second in (fields[twice], "other"):
        assert wire.ask(nginx.management_port, "GET", target, [*fields.items(), (twice, second)]).status in (400, 401)
        assert wire.ask(nginx.management_port, "GET", target, [(twice, second), *fields.items()]).status in (400, 401)


def test_no_secret_stands_in_a_log_or_a_command_line():
    up = Up().start()
    try:
        data = up.folder / "data"
        secrets = [up.admin()["secret"], *((data / name).read_text().strip() for name in ("app.secret", "backend.secret"))]
        secrets += [(data / "keys" / name).read_text().strip() for name in ("node.key", "pepper.key", "store.key")]
        texts = {path.name: path.read_text(errors="replace") for path in (data / "log").iterdir()}
        for pid in [up.process.pid, *descendants(up.process.pid)]:
            texts[pid] = Path(f"/proc/{pid}/cmdline").read_text(errors="replace") + Path(f"/proc/{pid}/environ").read_text(errors="replace")
        assert "countersignd.log" in texts and not [name for name, text in texts.items() if any(secret in text for secret in secrets)]
        workers = [pid for pid in descendants(up.process.pid) if "worker process" in Path(f"/proc/{pid}/cmdline").read_text()]
        assert workers and all("Max core file size        0                    0 " in Path(f"/proc/{pid}/limits").read_text() for pid in workers)
    finally:
        up.remove()
