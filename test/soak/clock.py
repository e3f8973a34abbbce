"""The clock of the machine jumps, forwards and back, by seconds and by hours, under the workers and the daemon (libfaketime): callers with a key
notice nothing, signatures count by the clock as it is, and no copy of a request with a nonce passes, whatever the clock did in between."""
import contextlib
import os
import time
from pathlib import Path

import callers
from bed import HOST, PATH, Bed, no_more_failed, none_wrong, told
from harness import signing
from harness.management import sdk_date
from wire import Wire

LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
JUMPS = [30, -30, 3600, -3600, 14 * 60, 16 * 60, 0, 86400, -86400, 0]  # seconds away from the right time


class Clock:
    def __init__(self, path):
        self.path, self.offset, self.furthest = Path(path), 0, 0
        self.set(0)

    def set(self, offset):
        self.offset, self.furthest = offset, max(offset, self.furthest)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(f"{offset:+d}s\n")
        fresh.chmod(0o644)
        fresh.rename(self.path)

    def environment(self):
        return {"LD_PRELOAD": LIBRARY, "FAKETIME_TIMESTAMP_FILE": str(self.path), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "FAKETIME_DISABLE_SHM": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0"}


@contextlib.contextmanager
def environment(values):
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def status_of(bed, request):
    with Wire(bed.world.nginx.port) as wire:
        wire.send(request)
        return wire.answer().status


def signed(app, offset):
    """By a caller whose clock is `offset` seconds away from the right time."""
    fields = signing.sdk_hmac_fields("GET", HOST, PATH, (app.key, app.secret), now=time.time() + offset)
    return signing.raw("GET", PATH, fields)


def with_nonce(app, offset):
    """As aliyun-ca has it, by the same clock."""
    fields = callers.aliyun("GET", PATH, HOST, (app.key, app.secret), now=time.time() + offset)
    return signing.raw("GET", PATH, fields)


def judge(bed, app, offset):
    assert status_of(bed, signed(app, offset)) == 200, f"a signature of now is refused after a jump to {offset}"
    for wrong in (offset - 3600, offset + 3600):
        assert status_of(bed, signed(app, wrong)) == 401, f"a signature of {wrong} counts at {offset}"
    answer = bed.world.client.signed("GET", bed.world.client.base + "/envs", headers={"X-Sdk-Date": sdk_date(offset)})
    assert answer.status == 200, (offset, answer)


def jump(bed, clock, app, offset, copies):
    """Every copy that was sent before stays refused. How many new requests were: after a clock that came back from far ahead, those of a
    quarter of an hour (docs/operate/replay.md); never otherwise."""
    back_from_ahead = clock.furthest - offset > 15 * 60
    clock.set(offset)
    time.sleep(0.3)
    judge(bed, app, offset)
    refused = 0
    for _ in range(20):
        request = with_nonce(app, offset)
        status = status_of(bed, request)
        assert status == 200 or (status == 503 and back_from_ahead), f"{status} for a new request at {offset}"
        copies += [(offset, request)] if status == 200 else []
        refused += status != 200
    passed = [made for made, copy in copies if status_of(bed, copy) == 200]
    assert not passed, f"copies of requests made at {passed} passed after a jump to {offset}"
    return refused


def play(rounds):
    assert Path(LIBRARY).exists(), "libfaketime is not installed (package faketime)"
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"countersign-clock-{os.getpid()}"
    clock = Clock(folder)
    kept = "".join(f"env {name};" for name in clock.environment())  # nginx takes away what it is not told to keep
    with environment(clock.environment()), Bed(main=kept) as bed:
        bed.add_keys()
        app, copies, jumps, refused = bed.world.app("clockwork"), [], 0, 0
        with bed.gateway_callers() as ours, bed.stock_callers() as stock:
            for number in range(rounds):
                offset = JUMPS[number % len(JUMPS)]
                refused += jump(bed, clock, app, offset, copies)
                jumps += 1
            clock.set(0)
    folder.unlink()
    none_wrong(ours.account)
    no_more_failed(ours.account, stock.account)
    return {"jumps": jumps, "requests with a nonce": len(copies), "copies that passed": 0,
            "new ones refused after a clock that came back": refused, "gateway": told(ours.account), "stock nginx": told(stock.account)}
