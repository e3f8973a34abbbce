"""Changes and rebuilds of the edge while callers call: every answered change holds on every worker, no caller is lost, workers stay as large as
they were."""
import contextlib
import subprocess
import time

from bed import World, memory_kb
from harness.tree import program
from harness.world import Traffic, on_every_worker

CALLERS = 3
GROWTH_LIMIT = 8 * 1024  # kB that a worker may grow after its first rounds


def expect(connections, app, status):
    answers = {answer.status for answer in on_every_worker(connections, app.request())}
    assert answers == {status}, f"{answers} instead of {status}"


def round_of_changes(world, connections, app, number):
    expect(connections, app, 200)
    assert world.client.delete(f"/app-auths/{app.authorisation}").status == 204
    expect(connections, app, 403)
    if number % 5 == 4:
        subprocess.run([program("countersign"), "edge", "rebuild", "--data", world.daemon.data], check=True, timeout=60, stdout=subprocess.DEVNULL)
        expect(connections, app, 403)
    app.authorisation = world.authorise(app)
    expect(connections, app, 200)


def play(seconds):
    with World(workers=4, quiet=True) as world, contextlib.ExitStack() as stack:
        connections, app = world.connections(), world.app("changes")
        traffic = [stack.enter_context(Traffic(world, world.app(f"caller_{number}"))) for number in range(CALLERS)]
        rounds, first, end = 0, None, time.monotonic() + seconds
        while time.monotonic() < end:
            round_of_changes(world, connections, app, rounds)
            world.backend.take()
            rounds += 1
            memory = {pid: memory_kb(pid) for pid in connections}
            first = first or (memory if rounds == 50 else None)
            lost = [problem for caller in traffic for problem in caller.lost]
            assert not lost, lost
            assert first is None or all(memory[pid] - first[pid] < GROWTH_LIMIT for pid in memory), (first, memory)
        return {"rounds of changes": rounds, "requests answered": sum(caller.answered for caller in traffic), "lost": 0,
                "memory of the workers, kB": f"{first} → {memory}"}
