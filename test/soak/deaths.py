"""Workers and the daemon die without a word, at random, while callers call and the configuration is written. Whatever a management call has
answered holds at the very next request; nobody is admitted who should not be; what a caller loses, stock nginx loses when its worker dies."""
import os
import random
import signal
import subprocess
import threading
import time

from bed import HOST, PATH, Bed, no_more_failed, none_wrong, serving, told
from harness import signing
from harness.tree import program
from wire import Wire

RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"


def ask(port, key):
    """The status of one request; a worker that dies takes connections with it, so it is asked again."""
    for _ in range(50):
        try:
            with Wire(port) as wire:
                wire.send(signing.api_key(HOST, PATH, key))
                return wire.answer().status
        except (OSError, AssertionError):
            time.sleep(0.02)
    raise AssertionError("nobody answers")


class Writer(threading.Thread):
    """Makes consumers, lets them in, shuts them out, removes them. What the daemon did not answer, because it was dead, binds it to nothing."""

    def __init__(self, bed, number):
        super().__init__(daemon=True)
        self.bed, self.number, self.running, self.problem, self.judged, self.unanswered = bed, number, True, None, 0, 0

    def run(self):
        turn = 0
        try:
            while self.running:
                turn += 1
                if not self.round(f"d{self.number}x{turn}"):
                    self.unanswered += 1
                    time.sleep(0.1)
        except AssertionError as problem:
            self.problem = problem

    def write(self, method, path, body=None):
        """The answer, or None when the daemon died or could not yet make it effective."""
        try:
            answer = self.bed.world.client.call(method, path, body)
        except (OSError, ValueError):
            return None
        assert answer.status < 500 or answer.status == 503, answer
        return answer if answer.status < 300 else None

    def judge(self, key, status, after):
        found = ask(self.bed.world.nginx.port, key)
        assert found == status, f"{found} instead of {status} after {after}"
        self.judged += 1

    def round(self, name):
        key = f"{name}-{os.urandom(16).hex()}"
        made = self.write("POST", "/consumers", {"name": name, "api_key": {"generate_mode": "CUSTOM", "source": "BEARER", "value": key}})
        if made is None:
            return False
        self.judge(key, 403, "a consumer without an authorisation was made")
        consumer = f"/consumers/{made.json['id']}"
        steps = [("POST", "/consumer-auths", {"env_id": RELEASE, "consumer_ids": [made.json["id"]], "api_ids": [self.bed.world.api]}, 200),
                 ("PUT", consumer, {"enabled": False}, 401), ("PUT", consumer, {"enabled": True}, 200), ("DELETE", consumer, None, 401)]
        for method, path, body, status in steps:
            if self.write(method, path, body) is None:
                return False
            self.judge(key, status, f"{method} {path} {body}")
        return True


def kill_workers(bed, chance):
    """One of the gateway's and one of stock nginx's, at the same moment."""
    for master in bed.masters:
        pids = serving(master)
        if pids:
            os.kill(chance.choice(pids), signal.SIGKILL)


def kill_daemon(bed, chance):
    bed.world.daemon.stop(signal.SIGKILL)
    time.sleep(chance.uniform(0, 1.5))
    bed.world.daemon.start()


def die(bed, writers, seconds):
    chance, end, deaths = random.Random(), time.monotonic() + seconds, {"workers": 0, "daemon": 0}
    while time.monotonic() < end:
        time.sleep(chance.uniform(0.2, 1.5))
        if chance.random() < 0.25:
            kill_daemon(bed, chance)
            deaths["daemon"] += 1
        else:
            kill_workers(bed, chance)
            deaths["workers"] += 1
        problems = [writer.problem for writer in writers if writer.problem]
        assert not problems, problems
    return deaths


def verify_audit(daemon):
    store = ["--store", daemon.store] if daemon.store else []
    done = subprocess.run([program("countersign"), "audit", "verify", "--data", daemon.data, *store], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    return done.stdout.strip()


def play(seconds, store=None):
    with Bed(store=store) as bed:
        bed.add_keys()
        writers = [Writer(bed, number) for number in range(3)]
        with bed.gateway_callers() as ours, bed.stock_callers() as stock:
            for writer in writers:
                writer.start()
            deaths = die(bed, writers, seconds)
            for writer in writers:
                writer.running = False
            for writer in writers:
                writer.join(60)
        chain = verify_audit(bed.world.daemon)
    assert not any(writer.problem for writer in writers), [writer.problem for writer in writers]
    none_wrong(ours.account)
    no_more_failed(ours.account, stock.account)
    return {"seconds": seconds, "killed": deaths, "changes judged at the next request": sum(writer.judged for writer in writers),
            "rounds the daemon's death ended": sum(writer.unanswered for writer in writers), "gateway": told(ours.account),
            "stock nginx": told(stock.account), "audit": chain}
