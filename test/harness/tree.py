"""Where the build under test is, for every suite. COUNTERSIGN_BUILD names another one than build/, for instance build/asan (see
tools/run-tests.sh), whose programs watch their own memory."""
import os
import random
import shutil
import socket
import subprocess
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent.parent
BUILD = TREE / os.environ.get("COUNTERSIGN_BUILD", "build")
MODULE = BUILD / "modules/ngx_http_countersign_module.so"
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
SANITIZED = "asan" in BUILD.name
# What a sanitizer writes when it has found something. Of a worker it arrives in nginx's error log.
SANITIZER_REPORTS = (b"ERROR: AddressSanitizer", b"runtime error:", b"ERROR: LeakSanitizer")


def program(name):
    """The path of countersign, countersignd or edge-load."""
    return str(BUILD / "bin" / name)


def nginx_environment():
    """The environment in which the distribution's nginx can load the module: a sanitized one needs its run-time library loaded first."""
    if not SANITIZED:
        return dict(os.environ)
    libraries = [subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
                 for name in ("libasan.so", "libubsan.so")]
    return {**os.environ, "LD_PRELOAD": " ".join(libraries), "ASAN_OPTIONS": "detect_leaks=0", "UBSAN_OPTIONS": "print_stacktrace=1"}


def sanitizer_reports(log):
    """The lines of a log in which a sanitizer reports; a test that ran a sanitized nginx asserts that there are none."""
    return [line for line in Path(log).read_bytes().splitlines() if any(report in line for report in SANITIZER_REPORTS)]


_given = set()


def free_port():
    """A port of loopback that nobody used a moment ago and that was not given before: below the range from which the system takes the ports of
    outgoing connections, so that none of those takes it before its server is there."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port
