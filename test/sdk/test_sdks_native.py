"""What C, C++, C# and PHP have beside the vectors, and what every sample does before it serves."""
import os
import re
import socket
import subprocess
import sys
import time

import pytest
import sdks
from tree import free_port

sys.path.insert(0, str(sdks.TREE / "tools/vectors"))

import behaviours  # noqa: E402
import signers  # noqa: E402
import texts  # noqa: E402

KEYS = sdks.TREE / "vectors/keys"
SANITIZED = sdks.OUTPUT / "c/sanitized"
HMAC = behaviours.keys_of("hmac", KEYS)[0]
ENVIRONMENT = {**os.environ, "COUNTERSIGN_TYPE": "hmac", "COUNTERSIGN_ID": HMAC["id"], "COUNTERSIGN_SECRET": HMAC["secret"]}


def countersigned():
    body = b'{"n":1}\n\n\x00\xff'
    headers = [("Host", "backend.example"), ("X-Countersign-App", "app-1"), ("Connection", "close"), ("Content-Length", str(len(body)))]
    unsigned = texts.Request("POST", "/caf%C3%A9/a%20b?x=1%2F2&b", headers, body)
    return signers.Sdk("hmac").sign(HMAC, unsigned, int(time.time()))[0]


def status_of(port, data):
    """The status of the answer to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return int(b"".join(iter(lambda: connection.recv(65536), b"")).split()[1])


def on_the_wire(request):
    return request.text().replace(b"\n", b"\r\n", len(request.headers) + 2)


def sanitized_build():
    command = ["make", "-s", f"BUILD={sdks.OUTPUT}/c", "sanitized"]
    done = subprocess.run(command, cwd=sdks.SDK / "c", capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_c_keeps_to_its_memory_in_every_case():
    sanitized_build()
    passed, failed, problems = sdks.check_vectors(sdks.Language("c", [SANITIZED / "run-vectors"], []), sdks.TREE / "vectors")
    assert failed == 0 and passed > 1000, problems[:10]


# Requests that end early, or are none.
SPOILT = (b"", b"\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n123",
          b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          b"GET /\0 HTTP/1.1\r\nHost: a\0b\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 150 + b"\r\n")


def test_c_keeps_to_its_memory_whatever_is_sent():
    """Spoilt requests, and a good one in which one byte after the other is changed."""
    sanitized_build()
    with subprocess.Popen([str(SANITIZED / "sample"), "0"], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as sample:
        port = int(sample.stdout.readline().rsplit(":", 1)[1])
        good = on_the_wire(countersigned())
        assert status_of(port, good) == 200
        assert {status_of(port, data) for data in SPOILT} == {400}
        refused = [status_of(port, good[:at] + bytes([good[at] ^ 0x80]) + good[at + 1:]) for at in range(0, len(good), 3)]
        # The version, a header that is not signed and the like may change unseen: every such request is answered all the same.
        assert set(refused) <= {200, 400, 401} and refused.count(401) > len(refused) / 3
        assert status_of(port, good) == 200 and sample.poll() is None
        sample.terminate()


CHECKS = {
    "c": [sdks.OUTPUT / "c/sanitized/check"],
    "cpp": [sdks.OUTPUT / "cpp/check"],
    "csharp": ["mono", sdks.OUTPUT / "csharp/check.exe"],
    "php": ["php", sdks.SDK / "php/check.php"],
}


@pytest.mark.parametrize("name", CHECKS)
def test_each_one_s_own_checks_hold(name):
    sdks.build(next(language for language in sdks.LANGUAGES if language.name == name))
    if name == "c":
        sanitized_build()
    done = subprocess.run([str(word) for word in CHECKS[name]], capture_output=True, text=True, timeout=60, check=False)
    assert re.fullmatch("[1-9][0-9]* passed, 0 failed\n", done.stdout) and done.returncode == 0, done.stdout + done.stderr


def wait_for(port):
    for _ in range(500):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise AssertionError("no server came up")


def test_a_page_of_php_verifies_what_its_server_hands_over():
    """Request::fromGlobals, which the sample uses when it does not run by itself."""
    port = free_port()
    command = ["php", "-S", f"127.0.0.1:{port}", str(sdks.SDK / "php/sample.php")]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        wait_for(port)
        signed = countersigned()
        assert status_of(port, on_the_wire(signed)) == 200
        assert status_of(port, on_the_wire(signed)[:-1] + b"!") == 401
        assert status_of(port, on_the_wire(signed.copy(target=signed.target + "1"))) == 401
        server.terminate()


@pytest.mark.parametrize("secret, kind", [("", "hmac"), ("secret", "unheard-of")])
def test_no_sample_starts_without_a_key(language, secret, kind):
    environment = {**ENVIRONMENT, **language.environment, "COUNTERSIGN_SECRET": secret, "COUNTERSIGN_TYPE": kind}
    done = subprocess.run([*map(str, language.sample), "0"], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0 and "listening" not in done.stdout
