"""The test bed: nginx processes pinned to a core, and wrk on another. CPU per request is the run time of the one worker (schedstat) divided
by the requests it answered."""
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "test"))
from harness.tree import NGINX, TREE, free_port  # noqa: E402

GATEWAY_CORE, LOAD_CORE = 0, 1
CONNECTIONS = 32
SLICE = 0.3  # seconds: the speed of a shared host changes within one

PLAIN = """
{main}
{user}
worker_processes {workers};
daemon off;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    access_log off;
    keepalive_requests 1000000000;
    client_body_buffer_size 128k;
    client_max_body_size 0;
    large_client_header_buffers 4 32k;
    {http}
}}
"""
BACKEND = 'server {{ listen 127.0.0.1:{port}; location / {{ return 200 "forty-two bytes are what the backend says..\\n"; }} }}'
PROXY = """
    upstream backend {{ server 127.0.0.1:{backend}; keepalive 256; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
            {location}
        }}
    }}
"""


def user_line():
    return "user nobody nogroup;" if os.geteuid() == 0 else ""


def wait_for(port, process, what):
    for _ in range(500):
        if process.poll() is not None:
            raise SystemExit(f"{what} ended at once; see its error.log")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit(f"{what} does not answer on port {port}")


class Nginx:
    """One nginx in the foreground, its master and workers on `core` (None: all cores)."""

    def __init__(self, folder, configuration, port, core):
        self.folder, self.port = Path(folder), port
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        (self.folder / "nginx.conf").write_text(configuration)
        pin = ["taskset", "-c", str(core)] if core is not None else []
        log = open(self.folder / "error.log", "ab")
        self.process = subprocess.Popen([*pin, NGINX, "-p", str(self.folder), "-e", "error.log", "-c", "nginx.conf"], stderr=log,
                                        start_new_session=True)
        wait_for(port, self.process, f"nginx in {folder}")

    def workers(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children]

    def cpu_ns(self):
        return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in self.workers())

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def start_backend(folder, core=LOAD_CORE):
    port = free_port()
    text = PLAIN.format(main="", user=user_line(), workers=1, http=BACKEND.format(port=port))
    return Nginx(folder, text, port, core)


def start_plain(folder, backend, main="", location="", core=GATEWAY_CORE):
    """Stock nginx without our module: what everything is compared with."""
    port = free_port()
    http = PROXY.format(port=port, backend=backend.port, location=location)
    text = PLAIN.format(main=main, user=user_line(), workers=1, http=http)
    return Nginx(folder, text, port, core)


def start_gateway(folder, data, instance, workers=1, core=GATEWAY_CORE, socket_path="/nonexistent", management=None, http=""):
    """nginx with the module, from the configuration that we ship."""
    port, folder = free_port(), Path(folder)
    values = {
        "MODULE": TREE / "build/modules/ngx_http_countersign_module.so",
        "USER": user_line(),
        "WORKERS": workers,
        "LOGS": ".",
        "TEMP": ".",
        "DATA": data,
        "INSTANCE": instance,
        "GATEWAY": f"127.0.0.1:{port} reuseport" if workers > 1 else f"127.0.0.1:{port}",
        "MANAGEMENT": f"127.0.0.1:{management or free_port()}",
        "SOCKET": socket_path,
        "CONSOLE": ".",
        "MAIN": "daemon off;",
        "HTTP": "keepalive_requests 1000000000; add_header X-Worker $pid always;" if workers > 1 else f"keepalive_requests 1000000000; {http}",
        "SERVER": "access_log off;",
        "LOCATION": "",
    }
    text = (TREE / "packaging/nginx/nginx.conf.in").read_text()
    text = re.sub(r"keepalive_requests \d+;", "", text)
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return Nginx(folder, text, port, core)


def write_requests(path, requests):
    with open(path, "wb") as out:
        for request in requests:
            out.write(b"%d\n" % len(request))
            out.write(request)
    return path


class Load(NamedTuple):
    """What a worker did in one slice."""

    cpu_us: float  # per request
    rate: float  # requests per second
    bad: int
    count: int


def load(nginx, requests_file, seconds=SLICE, start=0, connections=CONNECTIONS):
    """One slice, from the `start`-th request of the file on. wrk takes whole seconds only, but reports as well when it is interrupted."""
    before = nginx.cpu_ns()
    out = subprocess.run(["timeout", "--preserve-status", "-s", "INT", str(seconds), "taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}",
                          "-d60s", "-s", str(TREE / "bench/cycle.lua"), f"http://127.0.0.1:{nginx.port}/", "--", str(requests_file), str(start)],
                         capture_output=True, text=True, check=True).stdout
    spent = nginx.cpu_ns() - before
    count, bad, took = map(int, re.search(r"requests (\d+) bad (\d+) microseconds (\d+)", out).groups())
    return Load(spent / 1000 / max(count, 1), count * 1e6 / took, bad, count)


def tmp_folder(name):
    """Below build/bench when nginx's workers can reach it there, else below /var/tmp."""
    folder = TREE / "build/bench" / name
    reachable = all(parent.stat().st_mode & 1 for parent in TREE.parents) and TREE.stat().st_mode & 1
    if os.geteuid() == 0 and not reachable:
        folder = Path("/var/tmp") / f"countersign-bench-{os.getpid()}" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder

