"""`countersign up` as a test's world: its own folder and ports, stopped by its own process id."""
import json
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from harness.tree import free_port, program


def open_folder():
    """A folder that nginx's workers (nobody, when root starts them) can reach; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="countersign-"))
    folder.chmod(0o755)
    return folder


def descendants(pid):
    """All processes below `pid` that live now."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        for child in (task / "children").read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


class Up:
    def __init__(self, folder=None, ports=None):
        self.folder = folder or open_folder()
        self.port, self.management_port, self.backend_port = ports or (free_port(), free_port(), free_port())
        self.process, self.text = None, ""

    def spawn(self):
        self.process = subprocess.Popen([program("countersign"), "up", "--data", self.folder / "data", "--port", str(self.port),
                                         "--management-port", str(self.management_port), "--backend-port", str(self.backend_port)],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return self

    def start(self):
        """Starts, and reads what it prints once everything runs, up to the line on how to stop it."""
        self.spawn()
        self.text = ""
        for line in self.process.stdout:
            self.text += line
            if line.startswith("Ctrl-C"):
                return self
        raise AssertionError(f"it ended with {self.process.wait()}: {self.text}{self.process.stderr.read()}")

    def commands(self):
        """The curl commands that it printed, each as one line."""
        return re.findall(r"^  (curl .*)$", self.text.replace("\\\n", " "), re.M)

    def admin(self):
        return json.loads((self.folder / "data/admin.json").read_text())

    def child(self, name):
        """The pid of the child whose command line has this word."""
        for pid in descendants(self.process.pid):
            if name in Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " "):
                return pid
        raise AssertionError(f"no child {name}")

    def stop(self, how=signal.SIGINT):
        """(exit status, what it said on standard error)"""
        self.process.send_signal(how)
        return self.ended()

    def ended(self):
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors

    def remove(self):
        if self.process is not None and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder)
