"""sign, verify and explain: what one writes the other reads, also after curl has sent it."""
import base64
import json
import os
import pathlib
import socket
import subprocess
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLI = ROOT / os.environ.get("BUILD", "build") / "bin" / "countersign"
VECTORS = ROOT / "vectors/cases"
SCHEMES = ("sdk-hmac-sha256", "aliyun-ca", "sdk-hmac-sm3", "v11-hmac-sha256", "sdk-ecdsa-p256-sha256", "sdk-sm2-sm3")
KEY = ["--key", "app-key", "--now", "1573789015"]
MORE = {"v11-hmac-sha256": ["--scope", "region/service"]}  # what else signing needs


def run(*arguments, data=b"", secret="app-secret"):
    environment = dict(os.environ)
    environment.pop("COUNTERSIGN_SECRET", None)
    if secret is not None:
        environment["COUNTERSIGN_SECRET"] = secret
    return subprocess.run([CLI, *map(str, arguments)], input=data, capture_output=True, timeout=30, env=environment)


def signed(scheme, *more, url="http://gw.example.com/a%20b?y=2&x="):
    done = run("sign", "--raw", "--scheme", scheme, *KEY, *MORE.get(scheme, ()), *more, url)
    assert done.returncode == 0, done.stderr
    return done.stdout


def verify(scheme, raw, *more, secret="app-secret"):
    return run("verify", "--scheme", scheme, *KEY, *more, data=raw, secret=secret)


@pytest.fixture(name="body")
def body_file(tmp_path):
    path = tmp_path / "it's a body"
    path.write_bytes(b'{"a":1}')
    return path


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_signed_is_verified(scheme, body):
    for more in ([], ["-H", "X-A: 1"], ["--body-file", body, "-H", "Content-Type: application/json"], ["--method", "DELETE"]):
        done = verify(scheme, signed(scheme, *more))
        assert done.returncode == 0, done.stdout
        assert done.stdout.startswith(b"accepted: " + scheme.encode())
        assert b"key: app-key" in done.stdout


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_change_is_refused_with_word_and_answer(scheme, body):
    raw = signed(scheme, "-H", "X-A: 1", "--body-file", body, "-H", "Content-Type: application/json")
    for old, new in ((b"POST", b"PUT"), (b"/a%20b", b"/b"), (b"y=2", b"y=3"), (b"x=", b"x=&z=1"), (b"X-A: 1", b"X-A: 2")):
        assert old in raw
        done = verify(scheme, raw.replace(old, new, 1))
        assert done.returncode == 1
        assert done.stdout.startswith(b"refused: signature_mismatch\n")
        assert b"StringToSign" in done.stdout or b"canonicalRequest" in done.stdout
    done = verify(scheme, raw.replace(b'{"a":1}', b'{"a":2}'))
    assert done.returncode == 1
    assert done.stdout.startswith((b"refused: signature_mismatch\n", b"refused: body_digest_mismatch\nfield: Content-MD5\n"))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_key_secret_and_clock_count(scheme):
    raw = signed(scheme)
    assert b"refused: signature_mismatch" in verify(scheme, raw, secret="other").stdout
    assert b"refused: key_unknown" in verify(scheme, raw, "--key", "other").stdout
    assert verify(scheme, raw, "--now", "1573789915").returncode == 0
    assert b"refused: date_expired" in verify(scheme, raw, "--now", "1573789916").stdout


def test_rules_can_be_set():
    raw = signed("aliyun-ca", url="http://h/?a=1&a=2")
    assert b"refused: name_repeated\nfield: a\n" in verify("aliyun-ca", raw).stdout
    assert verify("aliyun-ca", raw, "--accept-repeated-names").returncode == 0


def test_the_secret_comes_from_a_file_before_the_variable(tmp_path):
    path = tmp_path / "secret"
    path.write_text("from-file\n")
    raw = signed("sdk-hmac-sha256", "--secret-file", path)
    assert verify("sdk-hmac-sha256", raw, secret="from-file").returncode == 0
    assert verify("sdk-hmac-sha256", raw, "--secret-file", path, secret=None).returncode == 0
    path.write_text("\n")
    assert verify("sdk-hmac-sha256", raw, "--secret-file", path).returncode == 2


def test_an_api_key_is_judged_too():
    raw = b"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer the-key\r\n\r\n"
    assert run("verify", "--scheme", "api-key", data=raw, secret="the-key").returncode == 0
    done = run("verify", "--scheme", "api-key", data=raw, secret="other-key")
    assert done.returncode == 1
    assert b"refused: key_unknown" in done.stdout
    assert b"the-key" not in done.stdout


def test_a_request_that_cannot_be_read_is_refused():
    for raw in (b"", b"GET /\r\n\r\n", b"GET /%zz HTTP/1.1\r\n\r\n", b"GET /%00 HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nA b: c\r\n\r\n"):
        done = verify("aliyun-ca", raw)
        assert done.returncode == 1
        assert b"cannot be read" in done.stdout


def test_wrong_usage_says_what_is_wrong():
    cases = (
        (["sign"], b"name one URL"),
        (["sign", "http://h/"], b"--scheme is missing"),
        (["sign", "--scheme", "none", "http://h/"], b"there is no scheme"),
        (["sign", "--scheme", "api-key", "http://h/"], b"nothing is signed"),
        (["sign", "--scheme", "aliyun-ca", "http://h/"], b"--key is missing"),
        (["sign", "--scheme", "aliyun-ca", "--key", "k", "ftp://h/"], b"http://"),
        (["sign", "--scheme", "aliyun-ca", "--key", "k", "http://u:p@h/"], b"without user"),
        (["sign", "--scheme", "aliyun-ca", "--key", "k", "http://h/#f"], b"fragment"),
        (["sign", "--scheme", "aliyun-ca", "--key", "k", "-H", "X: a\nb", "http://h/"], b"control character"),
        (["sign", "--scheme", "aliyun-ca", "--key", "a b", "http://h/"], b"cannot be written"),
        (["sign", "--scheme", "aliyun-ca", "--key", "k", "--now", "x", "http://h/"], b"--now is no number"),
        (["sign", "--scheme", "v11-hmac-sha256", "--key", "k", "http://h/"], b"--scope region/service is missing"),
        (["sign", "--scheme", "v11-hmac-sha256", "--key", "k", "--scope", "region", "http://h/"], b"--scope: write it as region/service"),
        (["sign", "--scheme", "v11-hmac-sha256", "--key", "k", "--scope", "a/b/c", "http://h/"], b"--scope: write it as region/service"),
        (["verify", "--bogus"], b"unknown"),
        (["verify", "a", "b"], b"one file"),
        (["explain", "a", "b"], b"one file"),
    )
    for arguments, words in cases:
        done = run(*arguments)
        assert done.returncode == 2, arguments
        assert words in done.stderr and b"usage:" in done.stderr
    assert run("sign", "--scheme", "aliyun-ca", "--key", "k", "http://h/", secret=None).returncode == 2
    assert run("verify", "--scheme", "aliyun-ca", "--key", "k", "/none").returncode == 3


def test_explain_shows_the_claim_and_every_form():
    raw = signed("aliyun-ca")
    done = run("explain", "--now", "1573789015", data=raw)
    assert done.returncode == 0
    for line in (b"scheme: aliyun-ca", b"key: app-key", b"time: 1573789015000 (signed), 0 s behind the clock",
                 b"form 0, gives the signature:", b"form 1:", b"form 3:", b"|/a%20b?x&y=2", b"|/a%20b?x=&y=2", b"|/a b?x&y=2"):
        assert line in done.stdout, done.stdout.decode()
    assert b"gives the signature" not in run("explain", data=raw, secret=None).stdout


def test_explain_finds_the_first_difference(tmp_path):
    raw = signed("sdk-hmac-sha256", "-H", "X-A: 1")
    shown = run("explain", data=raw).stdout.decode()
    text = "\n".join(line.split("|", 1)[1] for line in shown.splitlines() if line[:5].strip().endswith("|") or "|" in line[:6])
    client = tmp_path / "client"
    for content in (text, text + "\n"):
        client.write_text(content)
        done = run("explain", "--client-string", client, data=raw)
        assert done.returncode == 0, done.stdout.decode()
        assert b"is the client's text" in done.stdout
    client.write_text(text.replace("x-a:1", "x-a:2"))
    done = run("explain", "--client-string", client, data=raw)
    assert done.returncode == 1
    assert b"first in line 5, byte 5 of the line" in done.stdout
    assert b"here '1' (0x31)" in done.stdout and b"here '2' (0x32)" in done.stdout
    client.write_text(text[:10])
    assert b"<- ends here" in run("explain", "--client-string", client, data=raw).stdout


def test_explain_without_a_proof():
    done = run("explain", data=b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert done.returncode == 1
    assert done.stdout == b"refused: proof_missing\n"
    done = run("explain", data=b"GET / HTTP/1.1\r\nX-Ca-Key: k\r\n\r\n")
    assert done.stdout == b"refused: signature_missing\nfield: X-Ca-Signature\n"


class Recorder:
    """Takes one connection and keeps the bytes of its request."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.received = b""
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        connection, _ = self.listener.accept()
        with connection:
            connection.settimeout(10)
            while not self.complete():
                self.received += connection.recv(65536)
            connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        self.listener.close()

    def complete(self):
        head, end, body = self.received.partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return bool(end) and len(body) >= (int(lengths[0].split(b":")[1]) if lengths else 0)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("with_body", [False, True])
def test_the_curl_command_sends_what_was_signed(scheme, with_body, body):
    recorder = Recorder()
    more = ["--body-file", body] if with_body else []
    url = f"http://127.0.0.1:{recorder.port}/a/../b%20c/[x]?q='1'&e="
    done = run("sign", "--scheme", scheme, *KEY, *MORE.get(scheme, ()), "-H", "X-Quote: it's", "-H", "X-Empty:", *more, url)
    assert done.returncode == 0, done.stderr
    command = done.stdout.decode().replace("curl ", "curl --silent --noproxy '*' --max-time 20 ", 1)
    subprocess.run(["sh", "-c", command], check=True, timeout=30)
    recorder.thread.join(10)
    done = verify(scheme, recorder.received)
    assert done.returncode == 0, (done.stdout, recorder.received)


def test_help_comes_from_the_table():
    overview = run("--help").stdout
    for name in (b"sign", b"verify", b"explain", b"check-vectors"):
        assert b"\n  " + name in overview
        done = run(name.decode(), "--help")
        assert done.returncode == 0
        assert b"usage: countersign " + name in done.stdout
    assert run().returncode == 2
    assert run("bogus").returncode == 2


@pytest.mark.parametrize("head, scheme, place", [
    (b"GET / HTTP/1.1\nAuthorization: APPCODE secret-code\n\n", "app-code", "in the header: authorization"),
    (b"GET / HTTP/1.1\nX-Apig-AppCode: secret-code\n\n", "app-code", "in the header: x-apig-appcode"),
    (b"GET / HTTP/1.1\nX-Bce-Signature: AppCode/secret-code\n\n", "app-code", "in the header: x-bce-signature"),
    (b"GET /?appcode=secret-code HTTP/1.1\n\n", "app-code", "in the query: AppCode"),
    (b"GET / HTTP/1.1\nAuthorization: Bearer secret-code\n\n", "api-key", "in the header: authorization"),
])
def test_explain_a_secret_that_is_looked_up(head, scheme, place):
    done = run("explain", data=head)
    assert done.returncode == 0
    assert done.stdout.decode().splitlines() == [f"scheme: {scheme}", place, "nothing is signed: the gateway looks the secret up"]
    twice = run("explain", data=head.replace(b"\n\n", b"\n" + head.split(b"\n")[1] + b"\n\n") if b"appcode=" not in head
                else head.replace(b"appcode=", b"AppCode=x&appcode="))
    assert b"refused: proof_ambiguous" in twice.stdout


@pytest.mark.parametrize("case, carrier", [("py-wire-08", None), ("v11-post", None), ("py-sm3-get", None), ("py-ecdsa-post-json", None), ("py-sm2-get", None), ("v1-min-get", "X-Bce-Signature"), ("v1-min-get", "Authorization")])
def test_explain_other_schemes_in_their_places(case, carrier):
    cases = [json.loads(line) for name in ("sdk-hmac", "sdk-ecdsa", "bce-auth-v1") for line in (VECTORS / f"{name}.jsonl").read_text().splitlines()]
    vector = next(one for one in cases if one["id"] == case)
    lines = "".join(f"{carrier if carrier and name.lower() == vector['carrier'] else name}: {value}\n" for name, value in vector["request"]["headers"])
    raw = f"{vector['request']['method']} {vector['request']['target']} HTTP/1.1\n{lines}\n".encode() + base64.b64decode(vector["request"]["body_base64"])
    shown = run("explain", "--now", str(vector["now"]), data=raw, secret=vector["secret"]).stdout.decode()
    assert f"scheme: {vector['scheme']}" in shown and "gives the signature" in shown, shown


@pytest.mark.parametrize("scheme, place", [("app-secret", "x-hw-id"), ("app-basic", "authorization")])
def test_a_secret_as_it_is_is_written_judged_and_explained(scheme, place):
    raw = signed(scheme)
    done = verify(scheme, raw)
    assert done.returncode == 0 and done.stdout.startswith(b"accepted: " + scheme.encode()) and b"key: app-key" in done.stdout
    assert verify(scheme, raw, secret="another-secret").stdout.startswith(b"refused: signature_mismatch\n")
    shown = run("explain", data=raw).stdout.decode()
    assert f"scheme: {scheme}\nin the header: {place}\nkey: app-key\n" in shown and "app-secret-" not in shown and "compares the secret" in shown


def test_an_access_token_is_written_judged_and_explained():
    raw = signed("app-token")
    assert b"Authorization: Bearer csat1-" in raw
    done = verify("app-token", raw)
    assert done.returncode == 0 and done.stdout.startswith(b"accepted: app-token") and b"key: app-key" in done.stdout
    assert verify("app-token", raw, secret="another-secret").stdout.startswith(b"refused: signature_mismatch\n")
    late = verify("app-token", raw, "--now", "1573792616").stdout
    assert late.startswith(b"refused: date_expired\n") and b"APIG.1002" in late
    shown = run("explain", data=raw).stdout.decode()
    assert "scheme: app-token\nin the header: authorization\nkey: app-key\n" in shown and "checks the token with the secret" in shown


def test_explain_a_user_s_token():
    shown = run("explain", data=b"GET / HTTP/1.1\nX-Auth-Token: the-token\n\n").stdout.decode()
    assert shown.splitlines() == ["scheme: auth-token", "in the header: x-auth-token", "nothing is signed: the gateway looks the secret up"]
    judged = run("verify", "--scheme", "auth-token", data=b"GET / HTTP/1.1\nX-Auth-Token: the-token\n\n", secret="the-token")
    assert judged.returncode == 0, judged
