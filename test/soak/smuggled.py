"""Smuggling by chance for some seconds, with seeds that are printed when one fails. Every request at the backend was authorised, once."""
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "harness"))
import smuggling  # noqa: E402
from scene import Scene  # noqa: E402


def main(seconds):
    reached = cases = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        scene = Scene(workers=2)  # anew, so that the log stays short
        try:
            for _ in range(5):
                some, all_of_them = smuggling.play(scene, random.randrange(1 << 32), 500)
                reached, cases = reached + some, cases + all_of_them
        finally:
            scene.close()
    print(f"smuggling: {cases} cases in {seconds} s, {reached} reached the backend, each authorised and once")


main(int(sys.argv[1]))
