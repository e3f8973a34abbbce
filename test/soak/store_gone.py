"""PostgreSQL goes away without a word and comes back, again and again: callers notice nothing, management calls are refused as faults of ours in
bounded time and go on by themselves, and what was answered is there and holds at the gateway."""
import os
import pwd
import subprocess
import time
from pathlib import Path

from bed import Bed, no_more_failed, none_wrong, told
from deaths import ask, verify_audit

POSTGRES = os.environ.get("COUNTERSIGN_TEST_POSTGRES")
PATIENCE = 35  # seconds in which a call is answered whatever the store does


def server(*arguments):
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))[-1]
    command = [binaries / "pg_ctl", "-D", f"{POSTGRES}/data", "-w", "-t", "60", *arguments]
    user = None
    if os.geteuid() == 0:
        user = next(name for name in ("postgres", "nobody") if name in {one.pw_name for one in pwd.getpwall()})
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd=POSTGRES)


def write(client, name):
    """(status or 0, seconds)"""
    began = time.monotonic()
    try:
        answer = client.post("/consumers", {"name": name, "api_key": {"generate_mode": "CUSTOM", "source": "BEARER", "value": f"key-of-{name}-0123456789"}})
        status = answer.status
    except OSError:
        status = 0
    return status, time.monotonic() - began


def probe_says(bed, text, seconds):
    """readyz, within these seconds; healthz says at all times that the daemon is there."""
    deadline = time.monotonic() + seconds
    while bed.world.client.send("GET", "/readyz").text != text:
        assert bed.world.client.send("GET", "/healthz").status == 200
        assert time.monotonic() < deadline, f"the probe does not say {text!r}"
        time.sleep(0.2)


def one_absence(bed, number):
    """(refused meanwhile, longest answer, seconds until writes went on)"""
    client, refused, longest = bed.world.client, 0, 0.0
    server("-m", "immediate", "stop")
    for turn in range(5):
        status, took = write(client, f"away{number}x{turn}")
        assert status >= 500, f"{status} while there is no store"
        assert took < PATIENCE, f"{took} s for an answer"
        refused, longest = refused + 1, max(longest, took)
    if number == 0:  # one that is long enough for the probe
        probe_says(bed, "no contact with the store\n", 45)
    server("-l", f"{POSTGRES}/log", "-o", f"-c listen_addresses= -c unix_socket_directories={POSTGRES} -c max_connections=200 -c shared_buffers=64MB", "start")
    back = time.monotonic()
    name = f"back{number}"
    while write(client, name)[0] not in (201, 409, 400):
        assert time.monotonic() < back + 40, "the store is back, and no write succeeds"
        time.sleep(0.1)
    found = ask(bed.world.nginx.port, f"key-of-{name}-0123456789")
    deadline = time.monotonic() + 10
    while found != 403 and time.monotonic() < deadline:  # 503 "not yet effective" may have been the answer before the one that counts
        time.sleep(0.1)
        found = ask(bed.world.nginx.port, f"key-of-{name}-0123456789")
    assert found == 403, f"{found}: what was written does not hold"
    probe_says(bed, "ready\n", 10)
    return refused, longest, time.monotonic() - back


def play(absences, store=None):
    with Bed(store=store) as bed:
        bed.add_keys()
        with bed.gateway_callers() as ours, bed.stock_callers() as stock:
            found = [one_absence(bed, number) for number in range(absences)]
        chain = verify_audit(bed.world.daemon)
    none_wrong(ours.account)
    no_more_failed(ours.account, stock.account)
    return {"times the store was gone": absences, "management calls refused": sum(one[0] for one in found),
            "longest answer, s": round(max(one[1] for one in found), 2), "until writes went on, s at most": round(max(one[2] for one in found), 2),
            "gateway": told(ours.account), "stock nginx": told(stock.account), "audit": chain}
