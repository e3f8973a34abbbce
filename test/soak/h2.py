"""h2spec, which asks a server what RFC 9113 and RFC 7541 demand, at the gateway and at stock nginx: what the gateway fails, stock nginx fails too.
`tools/setup.sh soak` builds it from its Go module."""
import shutil
import subprocess
import xml.etree.ElementTree as tree

from bed import Stock, free_port, open_folder
from scene import Scene, api
from harness.tree import TREE

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


def play(seconds):
    """`seconds` that a case may wait for its answer."""
    assert shutil.which("h2spec") or PROGRAM.exists(), "no h2spec: tools/setup.sh soak"
    port, folder = free_port(), open_folder()
    backend = Stock(folder / "backend")
    stock = Stock(folder / "stock", backend.authority, server=f"listen 127.0.0.1:{port} http2 reuseport;")
    scene = Scene(records=lambda scene: api("h2spec", "127.0.0.1", {"authority": backend.authority}, auth_type="NONE", places=[]))
    try:
        ours = cases(scene.nginx.http2_port, folder / "gateway.xml", seconds)
        theirs = cases(port, folder / "stock.xml", seconds)
    finally:
        for one in (scene, stock, backend):
            one.close()
        shutil.rmtree(folder)
    worse = sorted(name for name, passed in theirs.items() if passed and not ours.get(name))
    assert ours and not worse, f"stock nginx passes these: {worse}"
    return {"cases": len(ours), "gateway passes": sum(ours.values()), "stock nginx passes": sum(theirs.values()),
            "failed by both": sum(not ours[name] and not passed for name, passed in theirs.items())}
