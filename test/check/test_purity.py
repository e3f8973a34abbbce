"""tools/purity.sh finds each kind of impurity, and nothing in a pure object."""
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

PURE = """
#include <string.h>
static const char *const names[] = {"a", "b"};
unsigned long pure(int i) { return strlen(names[i & 1]); }
"""

IMPURE = {
    "calls malloc": "#include <stdlib.h>\nvoid *f(void) { return malloc(1); }",
    "calls time": "#include <time.h>\nlong f(void) { return (long)time(NULL); }",
    "calls getenv": "#include <stdlib.h>\nchar *f(void) { return getenv(\"A\"); }",
    "calls RAND_bytes": "int RAND_bytes(unsigned char *, int);\nint f(unsigned char *p) { return RAND_bytes(p, 1); }",
    "calls printf": "#include <stdio.h>\nvoid f(int i) { printf(\"%d\", i); }",
    "calls EVP_Digest": "int EVP_Digest(void *);\nint f(void *p) { return EVP_Digest(p); }",
    "has the variable count": "int count;\nint f(void) { return count++; }",
    "has the variable started": "int f(void) { static int started = 3; return started++; }",
    "has the variable mine": "static _Thread_local int mine;\nint f(void) { return mine++; }",
    "f takes memory with EVP_MD_CTX_new": "void *EVP_MD_CTX_new(void);\nvoid *f(void) { return EVP_MD_CTX_new(); }",
    "f gives memory back with EVP_MD_CTX_free": "void EVP_MD_CTX_free(void *);\nvoid f(void *p) { EVP_MD_CTX_free(p); }",
}


def purity(tmp_path, source):
    """The exit status and the lines that purity.sh prints for an archive of `source`."""
    (tmp_path / "sample.c").write_text(source)
    subprocess.run(["gcc", "-O2", "-fPIC", "-c", "sample.c", "-o", "sample.o"], cwd=tmp_path, check=True)
    subprocess.run(["ar", "rcs", "sample.a", "sample.o"], cwd=tmp_path, check=True)
    done = subprocess.run([ROOT / "tools/purity.sh", tmp_path / "sample.a"], cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_a_pure_object_passes(tmp_path):
    assert purity(tmp_path, PURE) == (0, "")


@pytest.mark.parametrize("violation", IMPURE)
def test_an_impure_object_is_named(tmp_path, violation):
    status, printed = purity(tmp_path, IMPURE[violation])
    assert status == 1
    assert "sample.o" in printed and violation in printed
