"""A store with a hundred thousand principals in a few seconds: written past the daemon, which is stopped meanwhile."""
import subprocess
import time

from harness.tree import BUILD


def fill(world, kind, count):
    """`kind`: consumers or apps, named bench_0000000 and on, authorised for the world's API."""
    world.daemon.stop()
    subprocess.run([BUILD / "bench/populate", "--data", world.daemon.data, "--kind", kind, "--count", str(count), "--instance", world.client.admin["instance_id"],
                    "--api", world.api, "--sample", "10", "--credentials", world.folder / kind], check=True, stdout=subprocess.DEVNULL)
    world.daemon.start()
    deadline = time.monotonic() + 600
    while world.client.post("/envs", {"name": f"filled_{kind}_{int(time.monotonic() * 10)}"}).status != 201:  # until the edge has all of them
        assert time.monotonic() < deadline
        time.sleep(0.2)
