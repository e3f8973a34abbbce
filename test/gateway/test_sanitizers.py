"""The canary of the sanitized runs: a mistake that a worker makes on purpose is found, or the silence of the others would mean nothing."""
import os
import subprocess

import pytest
from edges import Edge
from nginx import Nginx
from scene import folder

CANARY = """
#include <pthread.h>
#include <stdlib.h>
static volatile int bits = 40;
static void sing(void) { volatile int shifted = 1 << bits; volatile char *held = malloc(8); held[bits - 32] = (char)shifted; }
__attribute__((constructor)) static void listen_for_forks(void) { pthread_atfork(NULL, NULL, sing); }
"""


def library(name):
    return subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()


def test_a_workers_mistakes_are_found():
    import shutil
    place = folder()
    (place / "canary.c").write_text(CANARY)
    subprocess.run(["gcc", "-shared", "-fPIC", "-w", "-fsanitize=address,undefined", "-fsanitize-recover=address", "-o", place / "canary.so",
                    place / "canary.c", "-lpthread"], check=True)
    Edge(place / "data").open().close()
    preload = " ".join([library("libasan.so"), library("libubsan.so"), str(place / "canary.so")])
    nginx = Nginx(place / "nginx", place / "data", main="env ASAN_OPTIONS;",
                  environment={"LD_PRELOAD": preload, "ASAN_OPTIONS": "detect_leaks=0:halt_on_error=0"}).start()
    with pytest.raises(AssertionError) as found:
        nginx.stop()
    assert "runtime error: shift exponent" in str(found.value) and "heap-buffer-overflow" in str(found.value)
    assert nginx.process is None and not os.path.exists(nginx.folder / "logs/nginx.pid")
    shutil.rmtree(place)
