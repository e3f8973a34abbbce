"""How the SDKs of C, C++, C# and PHP are built and run: under build/sdk/, never in their own folders."""
import os
import socket
import subprocess
import time
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent.parent
BUILD = TREE / "build/sdk"
VECTORS = TREE / "vectors"


class Language:
    """`build`: the command that makes it, if any; `runner` and `sample`: the commands, without their argument."""

    def __init__(self, runner, sample, build=None):
        self.runner, self.sample, self.build = runner, sample, build

    def prepare(self):
        if self.build:
            BUILD.mkdir(parents=True, exist_ok=True)
            made = subprocess.run(self.build, capture_output=True, text=True, check=False, timeout=300)
            assert made.returncode == 0, made.stdout + made.stderr


LANGUAGES = {
    "c": Language([str(BUILD / "c/run-vectors")], [str(BUILD / "c/sample")], ["make", "-s", "-C", str(TREE / "sdk/c"), f"BUILD={BUILD}/c"]),
    # The same again, watching its own memory.
    "c_sanitized": Language([str(BUILD / "c/sanitized/run-vectors")], [str(BUILD / "c/sanitized/sample")],
                            ["make", "-s", "-C", str(TREE / "sdk/c"), f"BUILD={BUILD}/c", "sanitized"]),
    "cpp": Language([str(BUILD / "cpp/run-vectors")], [str(BUILD / "cpp/sample")], ["make", "-s", "-C", str(TREE / "sdk/cpp"), f"BUILD={BUILD}/cpp"]),
    "php": Language(["php", str(TREE / "sdk/php/run-vectors.php")], ["php", str(TREE / "sdk/php/sample.php")]),
}


def run_vectors(language, folder):
    """(lines of failed cases, last line, exit status)"""
    run = subprocess.run([*language.runner, str(folder)], capture_output=True, text=True, check=False, timeout=120, errors="replace")
    lines = run.stdout.splitlines() or [""]
    assert not run.stderr, run.stderr
    return [line for line in lines if line.startswith("FAIL ")], lines[-1], run.returncode


def environment_of(key):
    known = {"TYPE": key["type"], "ID": key["id"], "SECRET": key.get("secret", ""), "KEY": key.get("key") or key.get("public_key", ""),
             "ALGORITHM": key.get("algorithm", "")}
    return {**os.environ, **{f"COUNTERSIGN_{name}": value for name, value in known.items()}}


class Sample:
    """A running sample backend that holds `key`; `with` gives its port."""

    def __init__(self, command, key):
        # Port 0: one that is free, which the sample tells.
        self.process = subprocess.Popen([*command, "0"], env=environment_of(key), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        line = self.process.stdout.readline()
        if not line.startswith("listening at http://127.0.0.1:"):
            self.process.kill()
            raise AssertionError(line + self.process.communicate()[1])
        return int(line.rsplit(":", 1)[1])

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


class Served:
    """A server of the language's own on `port`, which says nothing of itself."""

    def __init__(self, command, key, port):
        self.process = subprocess.Popen(command, env=environment_of(key), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.port = port

    def __enter__(self):
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.02)
        raise AssertionError("no server came up")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
