"""The sample backend of the command line, and its verify, behind the gateway: every type, and what was changed on the way."""
import subprocess

import pytest
import scene
from test_live import BODY, CHANGES, OFFERED, TARGET, live  # noqa: F401 (a fixture)
from tree import free_port, program

WORDS = {"missing": "proof_missing", "body_mismatch": "body_digest_mismatch"}


def options(environment, tmp_path):
    """What the samples of the SDKs are told in their environment, as options."""
    found = ["--sign-type", environment["COUNTERSIGN_TYPE"], "--key", environment["COUNTERSIGN_ID"]]
    for name, option in (("COUNTERSIGN_SECRET", "--secret-file"), ("COUNTERSIGN_KEY", "--key-file")):
        if name in environment:
            (tmp_path / name).write_text(environment[name] + "\n")
            found += [option, tmp_path / name]
    return found


@pytest.fixture
def backend(tmp_path):
    processes = []

    def start(environment):
        port = free_port()
        command = [program("countersign"), "backend", "--listen", f"127.0.0.1:{port}", *options(environment, tmp_path)]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert processes[-1].stdout.readline() == f"listening at http://127.0.0.1:{port}\n"
        return port
    yield start
    for process in processes:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()


@pytest.mark.parametrize("name", OFFERED)
def test_what_the_gateway_signed_is_answered_and_what_was_changed_is_refused(live, backend, tmp_path, name):  # noqa: F811
    record, environment = OFFERED[name]
    host = live.offer(name, backend(environment))
    seen = []

    def keep(head, body):
        seen.append(head + body)
        return head, body
    status, answer = live.ask(host, keep)
    assert (status, answer["verified"]) == (200, True), answer
    path, _, query = TARGET.partition("?")
    assert (answer["caller"], answer["method"], answer["path"], answer["query"], answer["body_bytes"]) == (scene.ALICE["id"], "POST", path, query, len(BODY))
    command = [program("countersign"), "verify", *options(environment, tmp_path)]
    done = subprocess.run(command, input=seen[0], capture_output=True, timeout=30)
    assert done.returncode == 0 and done.stdout.startswith(b"accepted: " + record["type"].encode()), (done, seen)
    for change, reason, unseen in CHANGES.values():
        if record["type"] in unseen:
            continue
        status, answer = live.ask(host, change)
        assert (status, answer["verified"]) == (401, False), (change, answer)
        assert answer["reason"] in [WORDS.get(word, word) for word in ([reason] if isinstance(reason, str) else reason)], answer
