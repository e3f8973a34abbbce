"""The module of the benchmark that rows are held against (bench/primitive_module.c): it does what it is measured for."""
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import primitive  # noqa: E402
import rig  # noqa: E402

TOKENS = [row for row, (kind, _, _) in primitive.ROWS.items() if kind != "sign"]
SIGNED = [row for row, (kind, _, _) in primitive.ROWS.items() if kind == "sign"]


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    subprocess.run(["make", "-s", str(primitive.MODULE.relative_to(ROOT))], cwd=ROOT, check=True)
    nginx = rig.start_backend(tmp_path_factory.mktemp("backend"), core=None)
    yield nginx
    nginx.stop()


@pytest.fixture
def ask(backend, tmp_path):
    """ask(row, call, texts, times): (statuses, the last signature) of so many requests."""
    def answer_of(port):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
                return answer.status, answer.headers["X-Signature"]
        except urllib.error.HTTPError as error:
            return error.code, None

    def answers(row, call, texts, times):
        main, location = primitive.nginx_with(tmp_path, row, call, texts)
        nginx = rig.start_plain(tmp_path, backend, main=main, location=location + "add_header X-Signature $primitive_signature;", core=None)
        try:
            found = [answer_of(nginx.port) for _ in range(times)]
        finally:
            nginx.stop()
        return [status for status, _ in found], found[-1][1]
    return answers


def changed(token):
    """With another first character of its claims."""
    head, claims, signature = token.split(".")
    return f"{head}.{'f' if claims[0] == 'e' else 'e'}{claims[1:]}.{signature}"


@pytest.mark.parametrize("call", primitive.CALLS)
@pytest.mark.parametrize("row", TOKENS)
def test_a_token_that_was_changed_is_seen_in_its_turn(ask, row, call):
    good = primitive.texts_of(row, 2)
    assert ask(row, call, [good[0], changed(good[1]), good[1]], 6)[0] == [200, 500, 200] * 2


@pytest.mark.parametrize("call", primitive.CALLS)
@pytest.mark.parametrize("row", SIGNED)
def test_what_it_signs_holds(ask, row, call):
    texts = primitive.texts_of(row)
    statuses, signature = ask(row, call, texts, 2)
    pem = (ROOT / "vectors/keys" / primitive.ROWS[row][1]).read_bytes()
    public = serialization.load_pem_private_key(pem, None).public_key()
    how = [padding.PKCS1v15(), hashes.SHA256()] if row == "countersign_rsa" else [ec.ECDSA(hashes.SHA256())]
    public.verify(bytes.fromhex(signature), texts[0].encode(), *how)
    assert statuses == [200, 200]
