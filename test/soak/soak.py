"""Everything at once, for a long time: callers all the time, changes through the management API, rebuilds of the edge, and a daemon that is
killed now and then. Nothing may be lost, every answered change must hold on every worker, and memory must stay flat."""
import contextlib
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "harness")]
from harness.tree import program  # noqa: E402
from harness.world import Traffic, World, on_every_worker  # noqa: E402

CALLERS = 3
GROWTH_LIMIT = 8 * 1024  # kB that a worker may grow after its first rounds


def memory_kb(pid):
    return int(re.search(r"^VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)[1])


def expect(connections, app, status):
    answers = {answer.status for answer in on_every_worker(connections, app.request())}
    assert answers == {status}, f"{answers} instead of {status}"


def round_of_changes(world, connections, app):
    expect(connections, app, 200)
    assert world.client.delete(f"/app-auths/{app.authorisation}").status == 204
    expect(connections, app, 403)
    choice = random.random()
    if choice < 0.2:
        subprocess.run([program("countersign"), "edge", "rebuild", "--data", world.daemon.data], check=True, timeout=60, stdout=subprocess.DEVNULL)
        expect(connections, app, 403)
    elif choice < 0.3:
        world.daemon.stop(signal.SIGKILL)
        expect(connections, app, 403)
        world.daemon.start()
    app.authorisation = world.authorise(app)
    expect(connections, app, 200)


def soak(seconds):
    with World(workers=4) as world, contextlib.ExitStack() as stack:
        connections, app = world.connections(), world.app("changes")
        traffic = [stack.enter_context(Traffic(world, world.app(f"caller_{number}"))) for number in range(CALLERS)]
        rounds, first, end = 0, None, time.monotonic() + seconds
        while time.monotonic() < end:
            round_of_changes(world, connections, app)
            world.backend.take()
            rounds += 1
            memory = {pid: memory_kb(pid) for pid in connections}
            first = first or (memory if rounds == 50 else None)
            lost = [problem for caller in traffic for problem in caller.lost]
            assert not lost, lost
            assert first is None or all(memory[pid] - first[pid] < GROWTH_LIMIT for pid in memory), (first, memory)
        return rounds, sum(caller.answered for caller in traffic), first, memory


if __name__ == "__main__":
    rounds, answered, first, memory = soak(int(sys.argv[1]))
    print(f"{rounds} rounds of changes, {answered} requests answered, none lost; memory of the workers in kB: {first} -> {memory}")
    print("1 passed, 0 failed")
