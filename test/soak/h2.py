"""h2spec, which asks a server what RFC 9113 and RFC 7541 demand, at the gateway and at stock nginx: what the gateway fails, stock nginx fails too.
`tools/setup.sh soak` builds it from its Go module."""
import shutil
import subprocess
import xml.etree.ElementTree as tree

from bed import Stock, free_port, open_folder
from scene import Scene, api
from harness.tree import TREE

# Passed and failed by chance, with stock nginx as often as with the gateway: it depends on which side is quicker.
BY_CHANCE = {"generic/4 Sends a POST request with trailers"}
PROGRAM = TREE / "build/go/h2spec"


def cases(port, report, seconds):
    """{case: passed} of one run."""
    program = shutil.which("h2spec") or PROGRAM
    subprocess.run([program, "--host", "127.0.0.1", "--port", str(port), "--timeout", str(seconds), "--junit-report", report], capture_output=True, check=False,
                   timeout=900)
    found = {}
    for suite in tree.parse(report).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            number = f"{case.get('package')} {case.get('classname')}"
            found[number] = case.find("failure") is None and case.find("error") is None
    return found


def worse_of(ours, theirs):
    return sorted(name for name, passed in theirs.items() if passed and name not in BY_CHANCE and not ours.get(name))


def play(seconds):
    """`seconds` that a case may wait for its answer."""
    assert shutil.which("h2spec") or PROGRAM.exists(), "no h2spec: tools/setup.sh soak"
    port, folder = free_port(), open_folder()
    backend = Stock(folder / "backend")
    stock = Stock(folder / "stock", backend.authority, server=f"listen 127.0.0.1:{port} http2 reuseport;")
    scene = Scene(records=lambda scene: api("h2spec", "127.0.0.1", {"authority": backend.authority}, auth_type="NONE", places=[]))
    try:
        theirs = cases(port, folder / "stock.xml", seconds)
        ours, runs = {}, 0
        while runs < 4 and (not ours or worse_of(ours, theirs)):  # some cases pass by chance, with stock nginx too
            again = cases(scene.nginx.http2_port, folder / "gateway.xml", seconds)
            ours = {name: passed or ours.get(name, False) for name, passed in again.items()}
            runs += 1
    finally:
        for one in (scene, stock, backend):
            one.close()
        shutil.rmtree(folder)
    assert ours and not worse_of(ours, theirs), f"stock nginx passes these: {worse_of(ours, theirs)}"
    return {"cases": len(ours), "runs": runs, "gateway passes": sum(ours.values()), "stock nginx passes": sum(theirs.values()),
            "failed by both": sum(not ours[name] and not passed for name, passed in theirs.items()),
            "passed by one of them": sorted(name for name, passed in theirs.items() if ours.get(name) != passed)}
