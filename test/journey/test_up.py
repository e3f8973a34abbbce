"""A newcomer's first minutes: `countersign up`, the request that it prints, Ctrl-C."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from harness.tree import TREE, free_port, program
from harness.up import Up, descendants


@pytest.fixture(scope="module")
def up():
    world = Up().start()
    yield world
    world.remove()


@pytest.fixture
def own():
    """One that the test stops itself."""
    world = Up()
    yield world
    world.remove()


def shell(command):
    """(status, body) of a printed curl command, run as a newcomer would."""
    done = subprocess.run(["bash", "-c", command + " -s -w '\\n%{http_code}'"], capture_output=True, text=True, timeout=20)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def lives(pid):
    """A process that was killed a moment ago may still be on its way out."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        if state == "Z":
            return False
        time.sleep(0.01)
    return True


def test_printed_request_is_admitted_and_countersigned(up):
    status, body = shell(up.commands()[0])
    answer = json.loads(body)
    assert status == 200
    assert (answer["verified"], answer["caller_kind"], answer["path"]) == (True, "app", "/hello")
    assert re.fullmatch("[0-9a-f]{32}", answer["caller"])


def test_every_printed_request_is_admitted(up):
    for command in up.commands():
        status, body = shell(command)
        assert (status, json.loads(body)["verified"]) == (200, True), command
    assert json.loads(body)["caller_kind"] == "consumer"


@pytest.mark.parametrize("scheme", ["sdk-hmac-sha256", "aliyun-ca"])
def test_printed_way_to_sign_the_next_one(up, scheme):
    command = re.search(r"^  (\S+/countersign sign .* \| sh)$", up.text.replace("\\\n", " "), re.M)[1]
    done = subprocess.run(["sh", "-c", command.replace("sdk-hmac-sha256", scheme)], capture_output=True, text=True, timeout=20)
    assert json.loads(done.stdout)["verified"] is True


@pytest.mark.parametrize("change", [
    lambda c: c.replace("/hello", "/hello/other", 1),
    lambda c: c.replace("/hello", "/hello?a=1", 1),
    lambda c: c + " -X PUT",
    lambda c: c + " -d body",
    lambda c: re.sub(r"Signature=(.)", lambda m: "Signature=" + ("0" if m[1] != "0" else "1"), c),
    lambda c: re.sub(r"X-Sdk-Date: \d{4}", "X-Sdk-Date: 2001", c),
    lambda c: re.sub(r"Access=\w+", "Access=nobody", c),
    lambda c: re.sub(r"-H 'Authorization[^']*'", "", c),
], ids=["path", "query", "method", "body", "signature", "date", "key", "unsigned"])
def test_changed_request_is_refused(up, change):
    command = up.commands()[0]
    changed = change(command)
    assert changed != command
    status, body = shell(changed)
    assert (status, json.loads(body)["error_code"]) == (401, "APIG.0303")


def test_backend_refuses_who_does_not_come_through_the_gateway(up):
    connection = http.client.HTTPConnection("127.0.0.1", up.backend_port, timeout=10)
    connection.request("GET", "/hello", headers={"X-Countersign-App": "0" * 32})
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["verified"]) == (401, False)


def test_printed_console_is_served(up):
    address = re.search(r"^  console +http://127\.0\.0\.1:(\d+)(/console/) ", up.text, re.M)
    connection = http.client.HTTPConnection("127.0.0.1", int(address[1]), timeout=10)
    connection.request("GET", address[2])
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_secrets_are_for_the_owner_only(up):
    for name in ("admin.json", "demo.json", "app.secret", "backend.secret", "log/countersignd.log"):
        assert (up.folder / "data" / name).stat().st_mode & 0o077 == 0, name


def test_listens_on_loopback_only(up):
    ports = {up.port, up.management_port, up.backend_port}
    listening = subprocess.run(["python3", "-c", "print(open('/proc/net/tcp').read() + open('/proc/net/tcp6').read())"], capture_output=True,
                               text=True, check=True).stdout
    found = {(int(m[2], 16), m[1]) for m in re.finditer(r"^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ 0A", listening, re.M)}
    assert {address for port, address in found if port in ports} == {"0100007F"}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stop_leaves_no_process_and_a_second_start_goes_on(own, how):
    own.start()
    first, command = own.admin(), own.commands()[0]
    below = descendants(own.process.pid)
    assert len(below) >= 4  # daemon, backend, nginx and its workers
    status, errors = own.stop(how)
    assert (status, errors) == (0, "")
    assert [pid for pid in below if lives(pid)] == []

    own.start()
    assert own.admin() == first
    key = re.compile(r"Access=\w+")
    assert key.findall(own.commands()[0]) == key.findall(command)
    assert shell(own.commands()[0])[0] == 200


def test_another_backend_port_at_the_next_start_is_followed(own):
    own.start()
    own.stop()
    own.backend_port = free_port()
    own.start()
    assert shell(own.commands()[0])[0] == 200


@pytest.mark.parametrize("name, who", [("countersignd", "countersignd"), ("backend", "the sample backend"), ("nginx: master", "nginx")])
def test_death_of_a_child_ends_all_and_says_which(own, name, who):
    own.start()
    below = descendants(own.process.pid)
    os.kill(own.child(name), signal.SIGKILL)
    status, errors = own.ended()
    assert status == 3
    assert f"{who} was killed by signal 9" in errors
    assert [pid for pid in below if lives(pid)] == []


@pytest.mark.parametrize("which, option", [("port", "--port"), ("management_port", "--management-port"), ("backend_port", "--backend-port")])
def test_port_in_use_is_named_with_its_option(own, which, option):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        setattr(own, which, port)
        status, errors = own.spawn().ended()
    assert status == 3
    assert f"127.0.0.1:{port}: Address already in use; choose another port with {option}" in errors


def test_folder_of_somebody_else_is_refused(own):
    if os.geteuid() != 0:
        pytest.skip("only root can make a folder of somebody else")
    (own.folder / "data").mkdir()
    os.chown(own.folder / "data", 65534, 65534)
    status, errors = own.spawn().ended()
    assert status == 3
    assert "belongs to another user" in errors


def test_folder_that_workers_cannot_reach_is_refused(own):
    if os.geteuid() != 0:
        pytest.skip("the workers of an ordinary user run as he")
    own.folder.chmod(0o700)
    status, errors = own.spawn().ended()
    assert status == 3
    assert f"cannot enter {own.folder}; choose another folder with --data" in errors


@pytest.mark.parametrize("arguments", [["--port"], ["--port", "0"], ["--port", "65536"], ["--port", "x"], ["--colour", "blue"], ["data"]])
def test_wrong_call_says_how_it_is_called(own, arguments):
    done = subprocess.run([program("countersign"), "up", *arguments], capture_output=True, text=True, timeout=10, cwd=own.folder)
    assert done.returncode == 2
    assert "usage: countersign up [--data DIR]" in done.stderr


def readme_lines():
    """What the README shows to type and to read: its indented lines, those with a backslash at the end joined."""
    text = (TREE / "README.md").read_text().replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.startswith("    ")]


def test_the_readme_s_request_is_answered_as_it_says(up):
    line, = (line for line in readme_lines() if line.startswith("curl "))
    shown, = (json.loads(line.replace("…", "x")) for line in readme_lines() if line.startswith("{"))
    printed = up.commands()[0]
    places = [rf"X-Sdk-Date: [0-9TZ]+", r"Access=[^,]+", r"Signature=[0-9a-f]{64}", r"demo\.localhost:\d+"]
    for place in places:
        there, = re.findall(place, printed)
        line, count = re.subn(place.replace("[0-9a-f]{64}", "…").replace("[^,]+", "…"), lambda _: there, line)
        assert count == 1, place
    assert line.split() == printed.split(), "the README shows what is printed"
    status, body = shell(line)
    answer = json.loads(body)
    assert status == 200 and list(answer) == list(shown)
    assert {name: answer[name] for name in shown if shown[name] != "x"} == {name: shown[name] for name in shown if shown[name] != "x"}
    assert shell(line.replace("/hello", "/hellO"))[0] in (401, 404)
    status, body = shell(re.sub("Signature=.", lambda match: "Signature=" + ("1" if match[0][-1] == "0" else "0"), line))
    assert status == 401 and "canonicalRequest:GET|/hello/|" in body
    assert shell(f"curl http://127.0.0.1:{up.backend_port}/hello")[0] == 401, "the backend itself"
    assert f"http://127.0.0.1:{up.management_port}/console/" in up.text


def test_the_readme_s_commands_are_there():
    typed = [line.split("  ")[0] for line in readme_lines() if line.startswith(("./run", "make"))]
    assert typed == ["./run", "./run tests"]
    for target, command in (("run", "./run"), ("test", "./run tests")):
        assert f"make {target} " in (TREE / "README.md").read_text()
        shown = subprocess.run(["make", "-n", target], cwd=TREE, capture_output=True, text=True, check=True).stdout
        assert command in shown.splitlines()
    told = subprocess.run(["./run", "help"], cwd=TREE, capture_output=True, text=True, check=True).stdout
    assert "./run [up]" in told and "./run tests" in told
    named = set(re.findall(r"`([a-z]+)`", re.search(r"`countersign`: (.*?), and a command", (TREE / "README.md").read_text())[1]))
    known = subprocess.run([program("countersign"), "help"], capture_output=True, text=True, check=True).stdout
    assert len(named) == 9 and all(re.search(rf"^ +{word}\b", known, re.M) for word in named), known
    for link in re.findall(r"\]\(([^)#]+)\)", (TREE / "README.md").read_text()):
        assert (TREE / link).exists(), link
