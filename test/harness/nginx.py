"""The distribution's nginx with the module under test, from packaging/nginx/nginx.conf.in, in a folder of its own on free ports."""
import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import edges
from tree import MODULE, NGINX, SANITIZED, TREE, free_port, nginx_environment, sanitizer_reports

TEMPLATE = TREE / "packaging/nginx/nginx.conf.in"
HOST = "gw.example.com"
running = []  # what was started and is not stopped: their logs belong to a failure (failures.py)


def fill(template, values):
    """@NAME@ outside of comments becomes values["NAME"]."""
    def line(text):
        code, mark, comment = text.partition("#")
        return re.sub(r"@([A-Z]+)@", lambda found: values[found[1]], code) + mark + comment
    return "\n".join(line(text) for text in template.split("\n"))


class Nginx:
    """Settings: workers, instance, port, main, http, server, location (further directives), environment (variables), edit (a function over the text)."""

    def __init__(self, folder, data, **settings):
        self.folder = Path(folder)
        self.data = Path(data)
        self.port = settings.pop("port", None) or free_port()
        self.http2_port = free_port()
        self.management_port = free_port()
        self.environment = {**nginx_environment(), **settings.pop("environment", {})}
        self.configuration = self.configure(settings)
        self.process = None

    def configure(self, settings):
        logs, temp = self.folder / "logs", self.folder / "temp"
        for path in (self.folder, logs, temp, self.data):
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(0o755 if path != temp else 0o777)
        keep = "env ASAN_OPTIONS; env UBSAN_OPTIONS;" if SANITIZED else ""
        text = fill(TEMPLATE.read_text(), {
            "MODULE": str(MODULE), "USER": "user nobody nogroup;" if os.geteuid() == 0 else "", "LOGS": str(logs), "TEMP": str(temp),
            "WORKERS": str(settings.get("workers", 1)), "DATA": str(self.data), "INSTANCE": settings.get("instance", edges.INSTANCE),
            "GATEWAY": f"127.0.0.1:{self.port} reuseport", "MANAGEMENT": f"127.0.0.1:{self.management_port}",
            "SOCKET": str(self.data / "countersignd.sock"), "CONSOLE": str(settings.get("console", TREE / "build")), "MAIN": f"daemon off; {keep} {settings.get('main', '')}",
            "HTTP": settings.get("http", ""), "SERVER": f"listen 127.0.0.1:{self.http2_port} http2 reuseport; {settings.get('server', '')}",
            "LOCATION": settings.get("location", "")})
        path = self.folder / "nginx.conf"
        path.write_text(settings.get("edit", lambda whole: whole)(text))
        return path

    def command(self, *more):
        return [NGINX, "-p", str(self.folder), "-c", str(self.configuration), *more]

    def check(self):
        """nginx -t: (accepted, what it says)."""
        done = subprocess.run(self.command("-t"), env=self.environment, capture_output=True, text=True, check=False)
        log = self.folder / "logs/error.log"
        return done.returncode == 0, done.stderr + (log.read_text() if log.exists() else "")

    def start(self):
        """Ends when it has workers: before, its ports are open already, but a signal would end it without a word."""
        self.output = open(self.folder / "output", "ab")
        self.process = subprocess.Popen(self.command(), env=self.environment, stdout=self.output, stderr=self.output, start_new_session=True)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                if self.workers():
                    running.append(self)
                    return self
            except OSError:
                pass
            time.sleep(0.02)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        raise AssertionError(f"nginx does not start: {self.error_log()}{(self.folder / 'output').read_text()}")

    def stop(self):
        """Ends it, and asserts that no sanitizer had anything to say and that no worker died."""
        if self.process is None:
            return
        running.remove(self)
        self.process.send_signal(signal.SIGQUIT)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output.close()
        self.process = None
        for log in (self.folder / "logs/error.log", self.folder / "output"):
            reports = sanitizer_reports(log)
            assert not reports, reports
        died = [line for line in self.error_log().splitlines() if "exited on signal" in line and "exited on signal 9" not in line]
        assert not died, died

    def workers(self):
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False)
        return {int(pid) for pid in listed.stdout.split()}

    def reload(self):
        """The configuration read again; ends when the workers of before are gone."""
        before = self.workers()
        self.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 15
        while self.workers() & before or not self.workers():
            assert time.monotonic() < deadline, self.error_log()
            time.sleep(0.02)

    def error_log(self):
        log = self.folder / "logs/error.log"
        return log.read_text(errors="backslashreplace") if log.exists() else ""

    def access_lines(self):
        log = self.folder / "logs/access.log"
        return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []

    def logged(self, request_id):
        """The access line of a request; nginx writes it after the answer was sent."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for line in self.access_lines():
                if line["request_id"] == request_id:
                    return line
            time.sleep(0.01)
        raise AssertionError(f"no line of {request_id} in the access log")
