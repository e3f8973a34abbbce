"""The disk of the data folder is full, again and again: callers notice nothing, writes are refused as faults of ours and go on by themselves
when there is room, and what was answered is there. The disk is a tmpfs of its own; who may not mount one cannot play this."""
import contextlib
import os
import subprocess
import threading
import time

from bed import Bed, no_more_failed, none_wrong, open_folder, told
from deaths import verify_audit

SIZE_MB = 192


@contextlib.contextmanager
def small_disk():
    folder = open_folder()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0755", "tmpfs", folder], check=True)
    try:
        (folder / "world").mkdir()
        yield folder / "world"
    finally:
        subprocess.run(["umount", "-l", folder], check=False)
        folder.rmdir()


class Writer(threading.Thread):
    def __init__(self, world):
        super().__init__(daemon=True)
        self.client, self.running, self.made, self.refused, self.problem = world.client, True, [], 0, None
        self.last_made = 0.0

    def run(self):
        turn = 0
        while self.running:
            turn += 1
            try:
                answer = self.client.post("/consumers", {"name": f"disk{turn}", "api_key": {}})
            except OSError as problem:
                self.problem = problem
                return
            if answer.status == 201:
                self.made.append(answer.json["id"])
                self.last_made = time.monotonic()
            else:
                self.refused += 1
                if answer.status < 500:
                    self.problem = answer
                time.sleep(0.02)


def fill(path):
    """Every byte that is left."""
    with open(path, "wb", buffering=0) as ballast:
        size = 1 << 20
        while size:
            try:
                ballast.write(b"x" * size)
            except OSError:
                size //= 2
    return path


def one_flood(bed, writer, ballast):
    refused = writer.refused
    fill(ballast)
    deadline = time.monotonic() + 30  # a call may wait for its effect before it is refused
    while writer.refused <= refused + 1:
        assert time.monotonic() < deadline and not writer.problem, f"the disk is full, and writes go on: {writer.problem}"
        time.sleep(0.1)
    os.unlink(ballast)
    freed = time.monotonic()
    while writer.last_made < freed:
        assert time.monotonic() < freed + 20 and not writer.problem, f"room again, and no write succeeds: {writer.problem}"
        time.sleep(0.05)
    return time.monotonic() - freed


def play(floods):
    with small_disk() as folder, Bed(folder=folder) as bed:
        bed.add_keys()
        writer, waits = Writer(bed.world), []
        with bed.gateway_callers() as ours, bed.stock_callers() as stock:
            writer.start()
            for _ in range(floods):
                time.sleep(0.5)
                waits.append(one_flood(bed, writer, folder / "ballast"))
            writer.running = False
            writer.join(30)
        assert writer.problem is None, writer.problem
        missing = [one for one in writer.made if bed.world.client.get(f"/consumers/{one}").status != 200]
        assert not missing, f"answered and lost: {missing[:5]}"
        bed.world.daemon.stop()
        bed.world.daemon.start()
        chain = verify_audit(bed.world.daemon)
    none_wrong(ours.account)
    no_more_failed(ours.account, stock.account)
    return {"times the disk was full": floods, "written and there": len(writer.made), "refused": writer.refused,
            "seconds until writes went on, at most": round(max(waits), 2), "gateway": told(ours.account), "stock nginx": told(stock.account), "audit": chain}
