"""apply and export of what hangs on other things: domains, credentials by reference, authorisations, bindings, users."""
import copy
import json
import os
import subprocess

import pytest

from harness.management import Daemon
from harness import tokens
from harness.tree import program
from test_apply import DOCUMENT as THINGS

COUNTERSIGN = program("countersign")
KEY = "a-key-of-the-partner-0123456789"
OTHER_API = {**THINGS["apis"][0], "name": "stock", "req_uri": "/stock", "published": ["RELEASE"]}
DOCUMENT = {
    **THINGS, "apis": [THINGS["apis"][0], OTHER_API],
    "domains": [{"group_id": "shop", "url_domain": "shop.example", "min_ssl_version": "TLSv1.2"}],
    "consumer_keys": [
        {"consumer_id": "partner", "kind": "API_KEY", "source": "HEADER", "name": "X-Partner", "value_from": "env:PARTNER_KEY", "end_time": "2999-01-01T00:00:00Z"},
        {"consumer_id": "partner", "kind": "HMAC", "access_key": "partner-access-key", "value_from": "file:{secret}", "enabled": True}],
    "jwt_credentials": [{"consumer_id": "partner", "claim": "sub", "claim_value": "partner", "issuer": "https://issuer.example", "key_type": "ASYMMETRIC",
                         "jwks": tokens.jwks(tokens.Key("ES256", "one")), "leeway": 30}],
    "app_auths": [{"group_id": "shop", "api_id": "orders", "env_id": "RELEASE", "app_id": "till", "end_time": "2999-01-01T00:00:00Z"},
                  {"group_id": "shop", "api_id": "orders", "env_id": "STAGE", "app_id": "till"}],
    "consumer_auths": [{"group_id": "shop", "api_id": "orders", "env_id": "RELEASE", "consumer_id": "partner"},
                       {"group_id": "shop", "api_id": "stock", "env_id": "RELEASE", "consumer_id": "partner"}],
    "signature_keys": [{"name": "backend", "sign_type": "hmac"}, {"name": "other_backend", "sign_type": "hmac"}],
    "sign_bindings": [{"group_id": "shop", "api_id": "orders", "env_id": "RELEASE", "sign_id": "backend"}],
    "throttles": [{"name": "slow", "time_unit": "SECOND", "time_interval": 1, "api_call_limits": 10},
                  {"name": "slower", "time_unit": "HOUR", "time_interval": 1, "api_call_limits": 10, "app_call_limits": 5}],
    "throttle_bindings": [{"group_id": "shop", "api_id": "orders", "env_id": "RELEASE", "throttle_id": "slow"}],
    "throttle_specials": [{"throttle_id": "slow", "object_type": "APP", "object_id": "till", "call_limits": 4},
                          {"throttle_id": "slow", "object_type": "CONSUMER", "object_id": "partner", "call_limits": 3},
                          {"throttle_id": "slow", "object_type": "USER", "object_id": "administrator", "call_limits": 2}],
    "acls": [{"acl_name": "inner", "acl_type": "PERMIT", "entity_type": "IP", "acl_value": "192.0.2.0/24"}],
    "acl_bindings": [{"group_id": "shop", "api_id": "orders", "env_id": "STAGE", "acl_id": "inner"}],
    "app_acls": [{"app_id": "till", "app_acl_type": "PERMIT", "app_acl_values": ["192.0.2.1", "2001:db8::/32"]}],
}
COUNT = sum(len(items) for items in DOCUMENT.values())


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    daemon = Daemon(tmp_path_factory.mktemp("relations") / "data").start()
    yield daemon
    daemon.stop()


@pytest.fixture
def document(tmp_path):
    (tmp_path / "secret").write_text("the-secret-of-the-partner\n")
    return json.loads(json.dumps(DOCUMENT).replace("{secret}", str(tmp_path / "secret")))


@pytest.fixture
def apply(daemon):
    """On an empty gateway."""
    def apply(document, *options):
        return subprocess.run([COUNTERSIGN, "apply", "-f", "-", "--data", daemon.data, *options], input=json.dumps(document), capture_output=True,
                              text=True, env={**os.environ, "PARTNER_KEY": KEY})
    emptied = apply({kind: [] for kind in DOCUMENT}, "--prune")
    assert emptied.returncode == 0, emptied
    return apply


def export(daemon, *options):
    ended = subprocess.run([COUNTERSIGN, "export", "--data", daemon.data, *options], capture_output=True, text=True)
    assert ended.returncode == 0, ended
    return json.loads(ended.stdout)


def test_all_of_it_from_nothing_and_back(daemon, apply, document):
    plan = apply(document, "--plan")
    assert plan.returncode == 1 and f"{COUNT} to do, 0 unchanged" in plan.stdout, plan
    done = apply(document)
    assert done.returncode == 0 and f"{COUNT} done" in done.stdout, done
    again = apply(document, "--plan", "--prune")
    assert again.returncode == 0 and f"0 to do, {COUNT} unchanged" in again.stdout, again
    exported = export(daemon)
    assert exported["domains"] == document["domains"] and exported["sign_bindings"] == document["sign_bindings"]
    assert len(exported["app_auths"]) == 2 and all(auth in exported["app_auths"] for auth in document["app_auths"])
    for policy in ("throttle_bindings", "acls", "acl_bindings", "app_acls"):
        assert exported[policy] == document[policy]
    assert len(exported["throttle_specials"]) == 3 and all(special in exported["throttle_specials"] for special in document["throttle_specials"])
    assert len(exported["consumer_keys"]) == 2 and len(exported["jwt_credentials"]) == 1
    for secret in (KEY, "the-secret-of-the-partner"):
        assert secret not in json.dumps(exported)
    assert apply(exported, "--plan", "--prune").returncode == 0, "what was exported is what is there"


@pytest.mark.parametrize("path, value, says", [
    (("domains", 0, "min_ssl_version"), "TLSv1.1", "~ domain shop shop.example: min_ssl_version"),
    (("consumer_keys", 0, "end_time"), "2998-01-01T00:00:00Z", "~ consumer-key partner API_KEY HEADER X-Partner: end_time"),
    (("consumer_keys", 1, "enabled"), False, "~ consumer-key partner HMAC partner-access-key: enabled"),
    (("jwt_credentials", 0, "leeway"), 90, "~ jwt-credential partner sub partner https://issuer.example: leeway"),
    (("app_auths", 1, "end_time"), "2999-01-01T00:00:00Z", "~ app-auth shop orders STAGE till: end_time"),
    (("app_auths", 0, "end_time"), None, "~ app-auth shop orders RELEASE till: end_time"),
    (("sign_bindings", 0, "sign_id"), "other_backend", "~ sign-binding shop orders RELEASE: sign_id"),
    (("throttles", 0, "api_call_limits"), 11, "~ throttle slow: api_call_limits"),
    (("throttle_bindings", 0, "throttle_id"), "slower", "~ throttle-binding shop orders RELEASE: throttle_id"),
    (("throttle_specials", 2, "call_limits"), 7, "~ throttle-special slow USER administrator: call_limits"),
    (("acls", 0, "acl_value"), "192.0.2.0/25", "~ acl inner: acl_value"),
    (("app_acls", 0, "app_acl_values"), ["192.0.2.2"], "~ app-acl till: app_acl_values"),
])
def test_drift_is_found_and_mended(daemon, apply, document, path, value, says):
    assert apply(document).returncode == 0
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    plan = apply(document, "--plan")
    assert plan.returncode == 1 and says in plan.stdout and "1 to do" in plan.stdout, plan
    assert apply(document).returncode == 0
    assert apply(document, "--plan").returncode == 0


def test_prune_takes_authorisations_and_credentials_away(daemon, apply, document):
    assert apply(document).returncode == 0
    fewer = {kind: document[kind][:1] for kind in ("app_auths", "consumer_auths", "consumer_keys")} | {"sign_bindings": [], "domains": [], "app_acls": [], "acl_bindings": [], "throttle_bindings": []} | {
        "throttle_specials": document["throttle_specials"][1:]}
    plan = apply(fewer, "--plan", "--prune")
    assert plan.returncode == 1 and "9 to do" in plan.stdout, plan
    for line in ("- throttle-special slow APP till", "- acl-binding shop orders STAGE", "- app-acl till", "- app-auth shop orders STAGE till", "- consumer-auth shop stock RELEASE partner", "- consumer-key partner HMAC partner-access-key",
                 "- sign-binding shop orders RELEASE", "- domain shop shop.example"):
        assert line in plan.stdout
    assert apply(fewer, "--prune").returncode == 0 and apply(fewer, "--plan", "--prune").returncode == 0
    assert len(export(daemon)["jwt_credentials"]) == 1, "a list that is not named stays"


def test_users_come_only_when_asked_for_and_without_passwords(daemon, apply):
    assert "users" not in export(daemon)
    users = {"users": [{"name": "operator_one", "email": "one@example.com", "roles": [{"role": "operator", "project_id": "", "instance_id": ""},
                                                                                       {"role": "auditor", "project_id": "", "instance_id": ""}]}]}
    assert apply(users).returncode == 0
    assert apply(users, "--plan").returncode == 0, "whatever the order of roles"
    assert apply({"users": [{**users["users"][0], "enabled": False}]}, "--plan").returncode == 1
    exported = export(daemon, "--users")["users"]
    assert {u["name"] for u in exported} == {"administrator", "operator_one"} and "password" not in json.dumps(exported)
    refused = apply({"users": []}, "--prune")
    assert refused.returncode == 1 and "nobody deletes himself" in refused.stderr
    kept = apply({"users": [u for u in exported if u["name"] == "administrator"]}, "--prune")
    assert kept.returncode == 0 and "- user operator_one" in kept.stdout, kept


def test_settings_come_first_and_stay(tmp_path):
    """A quota that holds the rest up is raised before it, a feature switched on; --prune leaves both. The same file makes the same gateway elsewhere."""
    first, second = Daemon(tmp_path / "first", presets=True).start(), Daemon(tmp_path / "second", presets=True).start()
    document = {"quotas": [{"config_name": "ENVIRONMENT_NUM_LIMIT", "config_value": 12}], "environments": [{"name": f"Env_{i}"} for i in range(11)],
                "features": [{"name": "app_basic", "enable": True, "config": "on"}]}

    def run(daemon, words, text=""):
        return subprocess.run([COUNTERSIGN, *words, "--data", daemon.data], input=text, capture_output=True, text=True)

    try:
        assert "13 done" in run(first, ["apply", "-f", "-"], json.dumps(document)).stdout
        kept = run(first, ["apply", "-f", "-", "--prune"], json.dumps({"quotas": [], "features": []}))
        assert kept.returncode == 0 and "0 done" in kept.stdout
        exported = run(first, ["export"]).stdout
        assert json.loads(exported)["quotas"] == document["quotas"] and json.loads(exported)["features"] == document["features"]
        assert run(second, ["apply", "-f", "-"], exported).returncode == 0
        assert run(second, ["export"]).stdout == exported
    finally:
        first.stop()
        second.stop()


@pytest.mark.parametrize("change, status, says", [
    ({"domains": [{"url_domain": "x.example"}]}, 3, "does not say of what it is"),
    ({"consumer_keys": [{"consumer_id": "partner", "kind": "API_KEY", "value": KEY}]}, 3, "say value_from instead"),
    ({"consumer_keys": [{"consumer_id": "partner", "kind": "HMAC", "secret_key": KEY}]}, 3, "say value_from instead"),
    ({"consumer_keys": [{"consumer_id": "partner", "kind": "API_KEY", "value_from": "KEY"}]}, 3, "neither by env:NAME nor by file:PATH"),
    ({"consumer_keys": [{"consumer_id": "partner", "kind": "API_KEY"}]}, 1, "cannot be made without its secret"),
    ({"consumer_keys": [{"consumer_id": "partner", "kind": "API_KEY", "value_from": "env:NO_SUCH_VARIABLE"}]}, 1, "has no variable NO_SUCH_VARIABLE"),
    ({"consumer_keys": [{"consumer_id": "partner", "kind": "API_KEY", "value_from": "file:/no/such/file"}]}, 1, "no secret can be read from /no/such/file"),
    ({"consumer_keys": [{"consumer_id": "nobody", "kind": "API_KEY", "value_from": "env:PARTNER_KEY"}]}, 1, "is not there"),
    ({"app_auths": [{"group_id": "shop", "api_id": "none", "env_id": "RELEASE", "app_id": "till"}]}, 1, "no such API: none"),
    ({"app_auths": [{"group_id": "shop", "api_id": "orders", "env_id": "NONE", "app_id": "till"}]}, 1, "no such environment: NONE"),
    ({"app_auths": [{"group_id": "shop", "api_id": "orders", "env_id": "RELEASE", "app_id": "none"}]}, 1, "nothing has this name: none"),
    ({"sign_bindings": [{"group_id": "shop", "api_id": "orders", "env_id": "RELEASE"}]}, 3, "does not say of what it is"),
    ({"sign_bindings": [{"group_id": "shop", "api_id": "stock", "env_id": "STAGE", "sign_id": "backend"}]}, 1, "must be published"),
    ({"jwt_credentials": [{"consumer_id": "partner", "claim": "sub", "claim_value": "x", "key_type": "SYMMETRIC"}]}, 1, "jwt-credential create"),
    ({"users": [{"name": "x", "password": "in clear in a file"}]}, 3, "users holds a secret"),
    ({"domains": [{"group_id": "shop", "url_domain": "x.example", "min_ssl": "TLSv1.3"}]}, 3, "domains holds a member that there is not"),
])
def test_what_cannot_be_applied(daemon, apply, document, change, status, says):
    things = {kind: copy.deepcopy(document[kind]) for kind in document if kind in (*THINGS, "apis")}
    assert apply(things).returncode == 0
    ended = apply(change)
    assert ended.returncode == status and says in ended.stderr, ended
