"""Smuggling by chance for some seconds, with seeds that are told when one fails. Every request at the backend was authorised, once."""
import random
import time

import smuggling
from scene import Scene


def play(seconds):
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
    return {"cases": cases, "reached the backend, each authorised and once": reached}
