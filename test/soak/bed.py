"""What the scenarios stand on: a backend that costs next to nothing, the whole product before it, and stock nginx before the same backend,
so that every fault meets both in the same moment."""
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "harness"), str(TESTS / "soak")]
from busy import Callers  # noqa: E402
from harness import signing  # noqa: E402
from harness.tree import NGINX, free_port  # noqa: E402
from harness.up import open_folder  # noqa: E402
from harness.world import HOST, PATH, World  # noqa: E402

TEXT = """
{user}
worker_processes {workers};
daemon off;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 15000; }}
http {{
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    access_log off;
    keepalive_timeout 75s;
    keepalive_requests 1000000000;
    client_max_body_size 0;
    {http}
}}
"""
FAST = 'server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ {answer} }} }}'
PROXY = """
    upstream backend {{ server {backend}; keepalive 256; }}
    server {{
        listen 127.0.0.1:{port} reuseport backlog=4096;
        {server}
        location / {{
            if ($http_authorization ~ "nobody-") {{ return 401 "refused\n"; }}
            proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
            proxy_request_buffering off; {location}
        }}
    }}
"""


def children(pid):
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def is_worker(pid):
    with contextlib.suppress(OSError):
        return b"worker process" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def workers_of(master):
    """The workers of an nginx, those that are leaving among them."""
    return [pid for pid in children(master) if is_worker(pid)]


def serving(master):
    with contextlib.suppress(OSError):
        return [pid for pid in workers_of(master) if b"shutting down" not in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return []


def memory_kb(pid):
    return int(re.search(r"^VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)[1])


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Stock:
    """nginx without our module: with `backend` a proxy, else the fast backend itself."""

    def __init__(self, folder, backend=None, workers=1, **settings):
        self.folder, self.port = Path(folder), free_port()
        self.folder.mkdir()
        self.folder.chmod(0o755)
        answer = settings.get("answer", 'return 200 "forty-two bytes are what the backend says..\\n";')
        http = (PROXY.format(port=self.port, backend=backend, server=settings.get("server", ""), location=settings.get("location", "")) if backend
                else FAST.format(port=self.port, answer=answer))
        user = "user nobody nogroup;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(settings.get("head", "") + TEXT.format(user=user, workers=workers, http=http + settings.get("http", "")))
        self.start()

    @property
    def authority(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        with open(self.folder / "output", "ab") as output:
            self.process = subprocess.Popen([NGINX, "-p", str(self.folder), "-e", "error.log", "-c", "nginx.conf"], stdout=output, stderr=output,
                                            start_new_session=True)
        deadline = time.monotonic() + 20
        while len(serving(self.process.pid)) == 0:
            assert self.process.poll() is None and time.monotonic() < deadline, (self.folder / "error.log").read_text()
            time.sleep(0.02)
        time.sleep(0.1)
        return self

    def take(self):
        return []

    def close(self):
        self.process.send_signal(signal.SIGQUIT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Bed:
    """world: daemon and gateway; stock: the other one. Callers of both send what is admitted and, to the gateway, what must not be."""

    def __init__(self, workers=2, store=None, stock_settings=None, backend=None, **more):
        self.stack, self.folder = contextlib.ExitStack(), open_folder()
        self.backend = backend or Stock(self.folder / "backend")
        self.stack.callback(self.backend.close)
        self.world = World(workers=workers, store=store, backend=self.backend, quiet=True, **more)
        self.stack.callback(self.world.close)
        self.stock = Stock(self.folder / "stock", self.backend.authority, workers, **(stock_settings or {}))
        self.stack.callback(self.stock.close)
        self.workers = workers
        self.keys = []

    @property
    def gateway_master(self):
        return self.world.nginx.process.pid

    @property
    def masters(self):
        return (self.gateway_master, self.stock.process.pid)

    def add_keys(self, count=20):
        """API keys of consumers that may call; and what they and strangers send, with the status that each must get."""
        for number in range(count):
            key = f"soak-key-{number:04d}-{os.urandom(8).hex()}"
            made = self.world.client.made("/consumers", {"name": f"soak{len(self.keys)}", "api_key": {"generate_mode": "CUSTOM", "source": "BEARER", "value": key}})
            self.world.client.made("/consumer-auths", {"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "consumer_ids": [made["id"]], "api_ids": [self.world.api]})
            self.keys.append(key)
        return self

    def admitted(self):
        return [(signing.api_key(HOST, PATH, key), 200) for key in self.keys]

    def refused(self):
        return [(signing.api_key(HOST, PATH, f"nobody-{number:04d}-has-this-key"), 401) for number in range(5)]

    def gateway_callers(self, connections=8, **more):
        return Callers(self.world.nginx.port, self.admitted() + self.refused(), connections, **more)

    def stock_callers(self, connections=8, **more):
        """The same requests; stock nginx refuses the same ones, so that both have the same to do."""
        return Callers(self.stock.port, self.admitted() + self.refused(), connections, **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()
        subprocess.run(["rm", "-rf", str(self.folder)], check=False)


def no_more_failed(ours, stock):
    """Failed requests are counts of rare events: ours may exceed stock's by what chance explains (three standard deviations)."""
    rate = stock.failed / max(stock.answered, 1)
    expected = rate * ours.answered
    slack = 3 * (expected + stock.failed + 4) ** 0.5
    assert ours.failed <= max(expected, stock.failed) + slack, f"{ours.counts} against stock nginx {stock.counts}"


def none_wrong(account, allowed=()):
    wrong = {name: count for name, count in account.wrong.items() if name not in allowed}
    assert not wrong, f"answers that must not be: {wrong}"


def told(account):
    """One line about an account."""
    others = "".join(f", {count} x {name}" for name, count in sorted(account.counts.items()) if name != "answered")
    return f"{account.answered} answered{others or ', none failed'}"
