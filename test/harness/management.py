"""A daemon of one's own and a client that signs: what tests of the management API are written with. Standard library only; the signer is
written from the vendor's documents, not from our C."""
import hashlib
import hmac
import http.client
import json
import pathlib
import signal
import socket
import subprocess
import time
import urllib.parse

from harness import openapi, stored
from harness.tree import program

DAEMON = pathlib.Path(program("countersignd"))
UNRESERVED = "-_.~"


def sdk_date(offset=0):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + offset))


def canonical_query(query):
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    encoded = [(urllib.parse.quote(k, safe=UNRESERVED), urllib.parse.quote(v, safe=UNRESERVED)) for k, v in sorted(pairs)]
    return "&".join(f"{k}={v}" for k, v in encoded)


def canonical_request(method, target, headers, signed, body):
    path, _, query = target.partition("?")
    path = urllib.parse.quote(urllib.parse.unquote(path), safe="/" + UNRESERVED)
    if not path.endswith("/"):
        path += "/"
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    lines = "".join(f"{name}:{lower[name]}\n" for name in signed)
    return "\n".join([method, path, canonical_query(query), lines, ";".join(signed),
                      lower.get("x-sdk-content-sha256", hashlib.sha256(body).hexdigest())])


def sign(method, target, headers, body, access, secret):
    """Adds X-Sdk-Date (unless given) and Authorization to `headers` (huawei.md 1.1)."""
    headers.setdefault("X-Sdk-Date", sdk_date())
    signed = sorted(name.lower() for name in headers)
    text = canonical_request(method, target, headers, signed, body)
    to_sign = "\n".join(["SDK-HMAC-SHA256", headers["X-Sdk-Date"], hashlib.sha256(text.encode()).hexdigest()])
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    headers["Authorization"] = f"SDK-HMAC-SHA256 Access={access}, SignedHeaders={';'.join(signed)}, Signature={signature}"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=30):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def _encode_request(self, request):
        return request.encode("latin-1")  # any byte may be tried in a target

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def code(self):
        return self.json.get("error_code") if self.text else None

    @property
    def message(self):
        return self.json.get("error_msg", "") if self.text else ""

    def __repr__(self):
        return f"<{self.status} {self.text!r}>"


class Client:
    """Calls under /v2/{project}/apigw/instances/{instance}, signed with the administrator's key pair."""

    def __init__(self, socket_path, admin):
        self.socket_path, self.admin = socket_path, admin

    @property
    def project(self):
        return f"/v2/{self.admin['project_id']}/apigw/instances"

    @property
    def base(self):
        return f"{self.project}/{self.admin['instance_id']}"

    def send(self, method, target, body=b"", headers=None):
        """One request exactly as given."""
        connection = UnixConnection(self.socket_path)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            headers = dict(headers or {})
            headers.setdefault("Host", "management.test")
            if body and "Transfer-Encoding" not in headers:
                headers.setdefault("Content-Length", str(len(body)))
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            if body:
                try:
                    connection.send(body)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # refused before the body was read: the answer is there all the same
            answer = connection.getresponse()
            answer = Answer(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            connection.close()
        openapi.check(method, target, answer.status, answer.text)
        return answer

    def signed(self, method, target, body=b"", headers=None):
        headers = {"Host": "management.test", **(headers or {})}
        if body:
            headers.setdefault("Content-Type", "application/json")
        sign(method, target, headers, body, self.admin["access"], self.admin["secret"])
        return self.send(method, target, body, headers)

    def call(self, method, path, body=None, query=None):
        """path is what stands behind the instance: "/envs"."""
        target = self.base + path
        if query:
            target += "?" + urllib.parse.urlencode(query)
        if body is None:
            text = b""
        else:
            text = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.signed(method, target, text)

    def get(self, path, **query):
        return self.call("GET", path, query=query)

    def post(self, path, body=None, **query):
        return self.call("POST", path, {} if body is None else body, query=query)

    def put(self, path, body=None, **query):
        return self.call("PUT", path, {} if body is None else body, query=query)

    def delete(self, path, **query):
        return self.call("DELETE", path, query=query)

    def made(self, path, body):
        """The JSON of a POST that must give 201."""
        answer = self.post(path, body)
        assert answer.status == 201, answer
        return answer.json


class Daemon:
    """countersignd on a data directory; started and stopped by its own process id."""

    def __init__(self, data, store=None, arguments=(), presets=False):
        """`presets`: with the quotas of a fresh start; tests make more apps and environments than those allow."""
        self.data, self.store, self.arguments = pathlib.Path(data), store, list(arguments)
        self.quotas_lifted = presets
        self.process = None
        self.log = self.data.parent / (self.data.name + ".log")

    @property
    def socket_path(self):
        return self.data / "countersignd.sock"

    def start(self):
        command = [str(DAEMON), "--data", str(self.data), *self.arguments]
        if self.store:
            command += ["--store", self.store]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        self.wait_until_ready()
        if not self.quotas_lifted:
            self.lift_quotas()
        return self

    def lift_quotas(self):
        """Past the daemon, so that no revision and no audit row tells of it."""
        self.quotas_lifted = True
        for name in ("APP_NUM_LIMIT", "ENVIRONMENT_NUM_LIMIT"):
            stored.change(self, "INSERT INTO quota (id, instance_id, config_name, config_value, config_time)"
                                f" SELECT '{name}', id, '{name}', 0, 0 FROM instance WHERE true ON CONFLICT DO NOTHING")

    def wait_until_ready(self, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the daemon ended with {self.process.returncode}: {self.log.read_text()}")
            try:
                UnixConnection(self.socket_path).connect()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("the daemon did not listen: " + self.log.read_text())

    def stop(self, how=signal.SIGTERM):
        """The exit status."""
        if self.process is None:
            return None
        self.process.send_signal(how)
        status = self.process.wait(timeout=30)
        self.process.stdout.close()
        self.process = None
        return status

    @property
    def admin(self):
        return json.loads((self.data / "admin.json").read_text())

    @property
    def client(self):
        return Client(self.socket_path, self.admin)

    def log_lines(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def routes():
    """(method, path pattern) of everything that is served, from the daemon's own table."""
    return [(method, path) for method, path, _ in routes_with_rights()]


def routes_with_rights():
    """The same with the right that each asks for."""
    text = subprocess.run([str(DAEMON), "--routes"], check=True, capture_output=True, text=True).stdout
    return [tuple(line.split(" ")) for line in text.splitlines()]
