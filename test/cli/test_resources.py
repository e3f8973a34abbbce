"""Every call of the management API as a command: names, options by the tables, secrets, confirmations, output, exit codes."""
import json
import os
import pty
import subprocess
import sys

import pytest

from harness.management import Daemon
from harness.tree import program

COUNTERSIGN = program("countersign")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    daemon = Daemon(tmp_path_factory.mktemp("cli") / "data").start()
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def run(daemon):
    def run(*words, given="", where=("--data", str(daemon.data)), **environment):
        return subprocess.run([COUNTERSIGN, *words, *where], input=given, capture_output=True, text=True, env={**os.environ, **environment})
    return run


@pytest.fixture(scope="module")
def made(run):
    """The document of a command that must succeed."""
    def made(*words, **more):
        ended = run(*words, "--json", **more)
        assert ended.returncode == 0, ended
        return json.loads(ended.stdout) if ended.stdout else None
    return made


def test_a_resource_through_its_life(run, made):
    consumer = made("consumer", "create", "--name", "partner", "--description", "first")
    assert consumer["name"] == "partner" and len(consumer["id"]) == 32
    assert made("consumer", "show", consumer["id"])["description"] == "first"
    assert made("consumer", "show", "partner")["id"] == consumer["id"], "a name does as well as an id"
    assert made("consumer", "update", "partner", "--enabled", "false", "--name", "partner")["enabled"] is False
    assert [c["name"] for c in made("consumer", "list", "--name", "part")["consumers"]] == ["partner"]
    assert run("consumer", "delete", "partner", "--yes", "partner").returncode == 0
    gone = run("consumer", "show", consumer["id"])
    assert gone.returncode == 1 and "APIG.3901" in gone.stderr


def test_a_whole_gateway_by_commands(run, made):
    made("api-group", "create", "--name", "shop")
    made("env", "create", "--name", "STAGE")
    made("api", "create", "--name", "orders", "--group-id", "shop", "--type", "1", "--req-protocol", "HTTP", "--req-method", "GET", "--req-uri",
         "/orders", "--match-mode", "SWA", "--auth-type", "APP", "--backend-type", "HTTP", "--backend-api.url-domain", "127.0.0.1:9000",
         "--backend-api.req-protocol", "HTTP", "--backend-api.req-method", "GET", "--backend-api.req-uri", "/", "--backend-api.timeout", "5000")
    published = made("api", "publish", "--action", "online", "--env-id", "STAGE", "--api-id", "orders")
    made("app", "create", "--name", "till")
    granted = made("app", "authorize", "--env-id", "STAGE", "--app-ids", "till", "--api-ids", "orders")
    assert granted["auths"][0]["auth_result"]["status"] == "SUCCESS"
    made("sign", "create", "--name", "backend", "--sign-type", "hmac", "--ask", "sign-secret", given="a-secret-of-the-backend\n")
    made("sign", "bind", "--sign-id", "backend", "--publish-ids", published["publish_id"])
    assert [a["api_name"] for a in made("api", "list-of-sign", "--sign-id", made("sign", "list")["signs"][0]["id"])["bindings"]] == ["orders"]


def test_lists_for_people(run, made):
    for name in ("Listed_1", "Listed_2", "Listed_3"):
        made("app", "create", "--name", name)
    lines = run("app", "list", "--name", "Listed_", "--limit", "2").stdout.splitlines()
    assert lines[0].split()[:2] == ["id", "name"] and lines[-1] == "2 of 3" and len(lines) == 4
    shown = run("app", "show", "Listed_1").stdout
    assert "name: Listed_1\n" in shown


def test_a_refusal_names_field_and_rule(run):
    ended = run("app", "create", "--name", "x")
    assert ended.returncode == 1 and ended.stdout == ""
    assert "APIG.2012" in ended.stderr and "parameterName:name." in ended.stderr


@pytest.mark.parametrize("words, says", [
    (["app"], "say what to do"), (["app", "dance"], "say what to do"), (["app", "show"], "argument is missing"), (["app", "show", "a", "b"], "too many"),
    (["app", "create", "--colour", "red"], "no field"), (["app", "create", "--name"], "lacks its value"), (["app", "create", "--id", "x"], "no field"),
    (["api", "create", "--type", "one"], "an integer"), (["consumer", "create", "--enabled", "yes"], "true or false"),
    (["api", "create", "--backend-api", "{"], "JSON"), (["app", "list", "--query", "x"], "NAME=VALUE"),
    (["app", "list", "--colour", "red"], "no parameter"), (["app", "show", "--body", "x"], "no body"),
])
def test_wrong_usage(run, words, says):
    ended = run(*words, where=())
    assert ended.returncode == 2 and says in ended.stderr, ended


def test_a_name_that_nobody_has(run):
    ended = run("app", "show", "nobody-has-this")
    assert ended.returncode == 1 and "there is no app named nobody-has-this" in ended.stderr


def test_a_body_from_a_file(made, tmp_path):
    file = tmp_path / "app.json"
    file.write_text('{"name": "From_a_file", "remark": "file"}')
    app = made("app", "create", "--body", str(file), "--remark", "option")
    assert (app["name"], app["remark"]) == ("From_a_file", "option")
    assert made("app", "create", "--body", "-", given='{"name": "From_standard_input"}')["name"] == "From_standard_input"


def test_a_secret_never_stands_on_the_command_line(run, made, tmp_path):
    ended = run("app", "create", "--name", "Secretive", "--app-secret", "told-to-everybody")
    assert ended.returncode == 2 and "--ask" in ended.stderr
    file = tmp_path / "secret"
    file.write_text("out-of-a-file-1\n")
    assert made("app", "create", "--name", "Secretive", "--app-secret-file", str(file))["app_secret"] == "out-of-a-file-1"
    asked = made("app", "create", "--name", "Asked", "--ask", "app-secret", given="out-of-a-pipe-22\n")
    assert asked["app_secret"] == "out-of-a-pipe-22"


def on_terminal(command, answers):
    """What a person sees: the command on a terminal of its own, each answer typed when it is asked for."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    seen = b""
    for question, answer in answers:
        while question not in seen.rsplit(b"\n", 1)[-1]:
            seen += os.read(terminal, 1000)
        os.write(terminal, answer + b"\n")
        seen += b"\n"
    try:
        while part := os.read(terminal, 1000):
            seen += part
    except OSError:
        pass
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode()


def test_a_secret_is_asked_twice_on_a_terminal(daemon):
    command = [COUNTERSIGN, "app", "create", "--data", str(daemon.data), "--name", "Typed", "--ask", "app-secret"]
    status, seen = on_terminal(command, [(b"app-secret: ", b"typed-secret-1"), (b"app-secret again: ", b"typed-secret-2")])
    assert status == 2 and "the two differ" in seen and "typed-secret" not in seen
    status, seen = on_terminal(command, [(b"app-secret: ", b"typed-secret-1"), (b"app-secret again: ", b"typed-secret-1")])
    assert status == 0 and seen.index("again") < seen.index("typed-secret-1"), "shown once, in the answer"


def test_the_secret_of_a_signature_key_is_confirmed(daemon, run, made):
    """When it is made and when it is edited."""
    def typed(first, second, *words):
        command = [COUNTERSIGN, "sign", *words, "--data", str(daemon.data), "--ask", "sign-secret"]
        return on_terminal(command, [(b"sign-secret: ", first), (b"sign-secret again: ", second)])

    create, update = ("create", "--name", "confirmed"), ("update", "confirmed", "--name", "confirmed")
    status, seen = typed(b"confirmed-secret-1", b"confirmed-secret-2", *create)
    assert status == 2 and "the two differ" in seen and "confirmed-secret" not in seen
    assert made("sign", "list", "--name", "confirmed")["total"] == 0
    status, seen = typed(b"confirmed-secret-1", b"confirmed-secret-1", *create)
    assert status == 0 and seen.index("again") < seen.index("confirmed-secret-1")
    before = made("sign", "list", "--name", "confirmed")["signs"]
    status, seen = typed(b"confirmed-secret-3", b"confirmed-secret-4", *update)
    assert status == 2 and "the two differ" in seen and made("sign", "list", "--name", "confirmed")["signs"] == before
    unasked = run("sign", *update)
    assert unasked.returncode == 1 and "sign_secret" in unasked.stderr, "editing asks for the secret again"
    status, seen = typed(b"confirmed-secret-3", b"confirmed-secret-3", *update)
    assert status == 0 and "confirmed-secret" not in seen, "and never shows it"
    long = made("sign", "create", "--name", "piped", "--sign-type", "bce", "--ask", "sign-secret", given="s" * 128 + "\n")
    assert long["sign_secret"] == "s" * 128
    refused = run("sign", "create", "--name", "longest", "--ask", "sign-secret", given="s" * 2048 + "\n")
    assert refused.returncode == 1 and "sign_secret" in refused.stderr, "the rule of the API answers, whatever a line holds"


def test_a_deletion_asks_for_the_name(daemon, run, made):
    made("consumer", "create", "--name", "precious")
    command = [COUNTERSIGN, "consumer", "delete", "precious", "--data", str(daemon.data)]
    status, seen = on_terminal(command, [(b"type its name: ", b"yes")])
    assert status == 1 and "nothing was deleted" in seen
    assert run("consumer", "delete", "precious").returncode == 1, "no terminal, no answer"
    assert run("consumer", "delete", "precious", "--yes", "other").returncode == 1
    assert made("consumer", "show", "precious")
    assert on_terminal(command, [(b"type its name: ", b"precious")])[0] == 0
    assert run("consumer", "show", "precious").returncode == 1


def test_names_that_are_called_otherwise(run, made):
    """What the vendor calls acl_name and instance_name are names as well: by them things are found, and asked for before they go."""
    acl = made("acl", "create", "--acl-name", "Inner", "--acl-type", "DENY", "--entity-type", "IP", "--acl-value", "192.0.2.1")
    assert made("acl", "show", "Inner")["id"] == acl["id"]
    assert "its name is Inner" in run("acl", "delete", acl["id"]).stderr
    assert run("acl", "delete", "Inner", "--yes", "Inner").returncode == 0
    gateway = made("instance", "create", "--instance-name", "Second")["instance_id"]
    refused = run("instance", "delete", "--instance", gateway)
    assert refused.returncode == 1 and "its name is Second" in refused.stderr
    assert run("instance", "delete", "--instance", gateway, "--yes", "Second").returncode == 0
    assert gateway not in run("instance", "list").stdout


def test_whoever_has_a_limit_of_his_own_is_named(run, made):
    made("throttle", "create", "--name", "slow", "--type", "1", "--time-interval", "1", "--time-unit", "MINUTE", "--api-call-limits", "9")
    for kind, resource in (("APP", "app"), ("CONSUMER", "consumer")):
        caller = made(resource, "create", "--name", "limited")
        special = made("throttle-special", "create", "slow", "--object-type", kind, "--object-id", "limited", "--call-limits", "3")
        assert special["object_id"] == caller["id"] and special["object_name"] == "limited", "the name of either is its own"
    assert made("throttle-special", "create", "slow", "--object-type", "USER", "--object-id", "administrator", "--call-limits", "3")["object_name"] == "administrator"
    refused = run("throttle-special", "create", "slow", "--object-type", "APP", "--object-id", "nobody", "--call-limits", "3")
    assert refused.returncode == 1 and "there is no app named nobody" in refused.stderr


def test_profiles(run, daemon, tmp_path):
    folder = tmp_path / "countersign"
    folder.mkdir()
    profile = folder / "default.json"
    profile.write_text(json.dumps({**daemon.admin, "endpoint": "http://127.0.0.1:1"}))
    profile.chmod(0o644)
    ended = run("app", "list", where=(), XDG_CONFIG_HOME=str(tmp_path))
    assert ended.returncode == 3 and "chmod 600" in ended.stderr
    profile.chmod(0o600)
    ended = run("app", "list", where=(), XDG_CONFIG_HOME=str(tmp_path))
    assert ended.returncode == 3 and "127.0.0.1" in ended.stderr, "nothing listens there"
    assert run("app", "list", where=("--profile", "other"), XDG_CONFIG_HOME=str(tmp_path)).returncode == 3
    assert run("app", "list", where=(), COUNTERSIGN_PROFILE=str(tmp_path / "none.json")).returncode == 3
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}")
    wrong.chmod(0o600)
    assert "secret or project_id is missing" in run("app", "list", where=("--profile", str(wrong))).stderr
    admin = {**daemon.admin, "secret": "not-the-secret"}
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "admin.json").write_text(json.dumps(admin))
    (folder / "admin.json").chmod(0o600)
    (folder / "countersignd.sock").symlink_to(daemon.socket_path)
    refused = run("app", "list", where=("--data", str(folder)))
    assert refused.returncode == 1 and "APIG.0301" in refused.stderr


def test_every_route_is_one_command():
    text = subprocess.run([COUNTERSIGN, "help", "--reference"], check=True, capture_output=True, text=True).stdout
    calls = [line for line in text.splitlines() if line.startswith("`countersign ")]
    routes = [f"{method} {path}" for method, path, *_ in map(str.split, subprocess.run(
        [program("countersignd"), "--routes"], check=True, capture_output=True, text=True).stdout.splitlines())]
    assert sorted(call.split("`")[3] for call in calls) == sorted(routes)
    names = [tuple(call.split("`")[1].split()[1:3]) for call in calls]
    assert len(set(names)) == len(names), "no two calls have one name"


def test_help(run):
    assert "api-group" in run("help", where=()).stdout
    assert "--req-uri" in run("api", "create", "--help", where=()).stdout
    assert "--name  a part of it" in run("app", "list", "--help", where=()).stdout
    assert "consumer delete <consumer-id>" in run("consumer", "--help", where=()).stdout


def test_no_secret_within_json_on_the_command_line(run, made):
    for words in (["--hmac", '{"generate_mode": "CUSTOM", "access_key": "access-of-nobody", "secret_key": "in-everybodys-sight"}'],
                  ["--api-key", '{"generate_mode": "CUSTOM", "value": "a-key-in-everybodys-sight"}']):
        refused = run("consumer", "create", "--name", "seen", *words)
        assert refused.returncode == 2 and "holds a secret" in refused.stderr and "sight" not in refused.stderr, refused
    consumer = made("consumer", "create", "--name", "unseen", "--body", "-", given='{"hmac": {"generate_mode": "CUSTOM", "access_key": "access-of-unseen", '
                    '"secret_key": "a-secret-on-standard-input"}}')
    assert consumer["credentials"][0]["secret_key"] == "a-secret-on-standard-input"
    asked = made("consumer", "create", "--name", "asked", "--hmac.generate-mode", "CUSTOM", "--hmac.access-key", "access-of-asked", "--ask",
                 "hmac.secret-key", given="a-secret-on-standard-input\n")
    assert asked["credentials"][0]["secret_key"] == "a-secret-on-standard-input"


@pytest.mark.parametrize("words", [["consumer"], ["consumer", "create"], ["jwt-credential", "create"]])
def test_help_in_either_order(words):
    def said(*given):
        return subprocess.run([program("countersign"), *given], capture_output=True, text=True, timeout=10)
    before, behind = said("help", *words), said(*words, "--help")
    assert (before.returncode, before.stdout) == (behind.returncode, behind.stdout) and before.returncode == 0 and words[-1] in before.stdout
    assert said("help", "nothing").returncode == 2
