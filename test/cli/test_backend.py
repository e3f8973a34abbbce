"""countersign backend: it answers what the gateway has signed, and refuses everything else, saying why."""
import http.client
import json
import signal
import subprocess
import time

import pytest

from harness import signing
from harness.tree import free_port, program

PAIR = ("demo_sign_key", "demo_sign_secret_0123456789")
APP = {"X-Countersign-App": "0123456789abcdef0123456789abcdef"}


@pytest.fixture(scope="module")
def secret_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("backend") / "secret"
    path.write_text(PAIR[1] + "\n")
    return path


@pytest.fixture(scope="module")
def backend(secret_file):
    port = free_port()
    process = subprocess.Popen([program("countersign"), "backend", "--listen", f"127.0.0.1:{port}", "--key", PAIR[0], "--secret-file", secret_file],
                               stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == f"listening at http://127.0.0.1:{port}\n"
    yield port
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def ask(port, method, target, fields, body=b""):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in fields.items():
        connection.putheader(name, value)
    if body:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


def sign(method="GET", target="/hello", body=b"", more=None, now=None, pair=PAIR):
    return signing.sdk_hmac_fields(method, "backend.local", target, pair, body, {**APP, **(more or {})}, now)


def test_countersigned_request_is_answered_with_what_was_verified(backend):
    status, answer = ask(backend, "GET", "/hello?a=1&b=2", sign(target="/hello?a=1&b=2", more={"X-Request-Id": "r1"}))
    assert status == 200
    assert answer == {"verified": True, "caller_kind": "app", "caller": APP["X-Countersign-App"], "request_id": "r1", "method": "GET",
                      "path": "/hello", "query": "a=1&b=2", "body_bytes": 0}


def test_consumer_is_named(backend):
    fields = signing.sdk_hmac_fields("GET", "backend.local", "/hello", PAIR, more={"X-Mse-Consumer": "alice"})
    status, answer = ask(backend, "GET", "/hello", fields)
    assert (status, answer["caller_kind"], answer["caller"]) == (200, "consumer", "alice")


@pytest.mark.parametrize("size", [1, 1000, 300_000])
def test_body_is_verified(backend, size):
    body = b"x" * size
    status, answer = ask(backend, "POST", "/hello", sign("POST", body=body), body)
    assert (status, answer["verified"], answer["body_bytes"]) == (200, True, size)


@pytest.mark.parametrize("change", ["method", "path", "query", "host", "caller", "signature", "body"])
def test_changed_request_is_refused(backend, change):
    body = b"pay 1"
    fields, method, target = sign("POST", "/hello?a=1", body), "POST", "/hello?a=1"
    if change == "method":
        method = "PUT"
    elif change == "path":
        target = "/hallo?a=1"
    elif change == "query":
        target = "/hello?a=2"
    elif change == "host":
        fields["Host"] = "elsewhere.local"
    elif change == "caller":
        fields["X-Countersign-App"] = "f" * 32
    elif change == "signature":
        fields["Authorization"] = fields["Authorization"][:-1] + ("0" if fields["Authorization"][-1] != "0" else "1")
    else:
        body = b"pay 9"
    status, answer = ask(backend, method, target, fields, body)
    assert (status, answer) == (401, {"verified": False, "reason": "signature_mismatch"})


@pytest.mark.parametrize("offset", [-901, 901])
def test_request_of_another_time_is_refused(backend, offset):
    status, answer = ask(backend, "GET", "/hello", sign(now=time.time() + offset + (5 if offset > 0 else -5)))
    assert (status, answer["reason"]) == (401, "date_expired")


def test_request_of_another_key_is_refused(backend):
    status, answer = ask(backend, "GET", "/hello", sign(pair=("another_key", PAIR[1])))
    assert (status, answer["reason"]) == (401, "key_unknown")


def test_request_without_signature_is_refused(backend):
    status, answer = ask(backend, "GET", "/hello", {"Host": "backend.local", **APP})
    assert (status, answer["verified"]) == (401, False)
    assert "caller" not in answer


def test_caller_that_the_gateway_did_not_sign_is_refused(backend):
    fields = {**signing.sdk_hmac_fields("GET", "backend.local", "/hello", PAIR), **APP}
    status, answer = ask(backend, "GET", "/hello", fields)
    assert (status, answer["reason"]) == (401, "signed_field_missing")


def test_unreadable_target_is_refused(backend):
    status, answer = ask(backend, "GET", "/hello%zz", sign())
    assert (status, answer["reason"]) == (401, "target_malformed")


def test_requests_follow_each_other_on_one_connection(backend):
    connection = http.client.HTTPConnection("127.0.0.1", backend, timeout=10)
    for body in (b"one", b"", b"three"):
        connection.request("POST", "/hello", body=body, headers=sign("POST", body=body))
        assert json.loads(connection.getresponse().read())["body_bytes"] == len(body)
    connection.close()


@pytest.mark.parametrize("arguments, words", [
    ([], "--key is missing: the signature key's sign_key"),
    (["--key", "k"], "--secret-file is missing"),
    (["--key", "k", "--secret-file"], "lacks its value"),
    (["--sign-type", "des", "--key", "k"], "--sign-type is one of hmac, basic, aes, public_key, bce and aliyun"),
    (["--sign-type", "aes"], "--key is missing: the signature key's id"),
    (["--sign-type", "aes", "--key", "k", "--secret-file", "SECRET"], "--key-file is missing: a file with the AES key"),
    (["--sign-type", "public_key", "--key", "k"], "--key-file is missing: a file with the public key"),
    (["--sign-type", "public_key", "--key", "k", "--key-file", "SECRET", "--secret-file", "SECRET"], "--secret-file is not wanted"),
    (["--key", "k", "--secret-file", "SECRET", "--key-file", "SECRET"], "--key-file is for the types aes and public_key only"),
    (["--key", "k", "--secret-file", "SECRET", "--listen", "nonsense"], "--listen wants ADDRESS:PORT"),
    (["--key", "k", "--secret-file", "SECRET", "--listen", "127.0.0.1:0"], "--listen wants ADDRESS:PORT"),
    (["--key", "k", "--secret-file", "SECRET", "--colour", "blue"], "an option is unknown"),
])
def test_wrong_call_says_what_is_wrong(secret_file, arguments, words):
    arguments = [str(secret_file) if word == "SECRET" else word for word in arguments]
    done = subprocess.run([program("countersign"), "backend", *arguments], capture_output=True, text=True, timeout=10)
    assert done.returncode == 2
    assert words in done.stderr


def test_missing_and_empty_secret_files_are_faults(tmp_path):
    empty = tmp_path / "empty"
    empty.write_text("\n")
    for path, words in ((empty, "the secret file is empty"), (tmp_path / "nowhere", "No such file")):
        done = subprocess.run([program("countersign"), "backend", "--key", "k", "--secret-file", path], capture_output=True, text=True, timeout=10)
        assert done.returncode == 3
        assert words in done.stderr


def test_port_in_use_is_a_fault(backend, secret_file):
    done = subprocess.run([program("countersign"), "backend", "--listen", f"127.0.0.1:{backend}", "--key", "k", "--secret-file", secret_file],
                          capture_output=True, text=True, timeout=10)
    assert done.returncode == 3
    assert "in use" in done.stderr
