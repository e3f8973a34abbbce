"""apply and export: plan, create, change, publish, prune; a second run finds nothing to do."""
import copy
import json
import subprocess

import pytest

from harness.management import Daemon
from harness.tree import program

COUNTERSIGN = program("countersign")
DOCUMENT = {
    "environments": [{"name": "STAGE", "remark": "before RELEASE"}],
    "api_groups": [{"name": "shop"}],
    "apis": [{"name": "orders", "group_id": "shop", "type": 1, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/orders",
              "match_mode": "SWA", "auth_type": "APP", "backend_type": "HTTP", "published": ["RELEASE", "STAGE"],
              "backend_api": {"url_domain": "127.0.0.1:9000", "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 5000}}],
    "apps": [{"name": "till", "remark": "at the door"}],
    "consumers": [{"name": "partner", "description": "first", "enabled": True}],
    "signature_keys": [{"name": "backend", "sign_type": "hmac"}],
}


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    daemon = Daemon(tmp_path_factory.mktemp("apply") / "data").start()
    yield daemon
    daemon.stop()


@pytest.fixture
def apply(daemon):
    """On an empty gateway."""
    def apply(document, *options):
        return subprocess.run([COUNTERSIGN, "apply", "-f", "-", "--data", daemon.data, *options], input=json.dumps(document),
                              capture_output=True, text=True)
    emptied = apply({kind: [] for kind in DOCUMENT}, "--prune")
    assert emptied.returncode == 0, emptied
    return apply


def export(daemon):
    ended = subprocess.run([COUNTERSIGN, "export", "--data", daemon.data], capture_output=True, text=True)
    assert ended.returncode == 0, ended
    return json.loads(ended.stdout)


def changed(path, value):
    document = copy.deepcopy(DOCUMENT)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


def test_from_nothing_to_the_document_and_back(daemon, apply):
    plan = apply(DOCUMENT, "--plan")
    assert plan.returncode == 1 and "6 to do, 0 unchanged" in plan.stdout, plan
    assert export(daemon)["apis"] == [], "a plan changes nothing"
    done = apply(DOCUMENT)
    assert done.returncode == 0 and "6 done" in done.stdout, done
    again = apply(DOCUMENT, "--plan", "--prune")
    assert again.returncode == 0 and "0 to do, 6 unchanged" in again.stdout, again
    exported = export(daemon)
    assert exported["apis"][0]["published"] == ["RELEASE", "STAGE"] and exported["apis"][0]["group_id"] == "shop"
    assert apply(exported, "--plan", "--prune").returncode == 0, "what was exported is what is there"
    assert "secret" not in json.dumps(exported).replace("app_secret_", "")


@pytest.mark.parametrize("path, value, says", [
    (("apps", 0, "remark"), "moved", "~ app till: remark"),
    (("consumers", 0, "enabled"), False, "~ consumer partner: enabled"),
    (("apis", 0, "backend_api", "timeout"), 7000, "~ api orders: backend_api"),
    (("apis", 0, "published"), ["RELEASE"], "~ api orders: published"),
    (("environments", 0, "remark"), "", "~ env STAGE: remark"),
])
def test_drift_is_found_and_mended(daemon, apply, path, value, says):
    assert apply(DOCUMENT).returncode == 0
    document = changed(path, value)
    plan = apply(document, "--plan")
    assert plan.returncode == 1 and says in plan.stdout and "1 to do, 5 unchanged" in plan.stdout, plan
    assert apply(document).returncode == 0
    assert apply(document, "--plan").returncode == 0
    assert apply(DOCUMENT, "--plan").returncode == 1


def test_a_changed_api_is_published_anew(daemon, apply):
    apply(DOCUMENT)
    api = daemon.client.get("/apis").json["apis"][0]["id"]
    before = daemon.client.get(f"/apis/publish/{api}").json["total"]
    apply(changed(("apis", 0, "backend_api", "timeout"), 7000))
    assert daemon.client.get(f"/apis/publish/{api}").json["total"] == before + 2


def test_an_older_form_that_is_served_is_drift(daemon, apply):
    """Edited and published, then edited back: the definition is that of the file, what callers get is not."""
    assert apply(DOCUMENT).returncode == 0
    client = daemon.client
    api = client.get("/apis", name="orders", precise_search="name").json["apis"][0]["id"]
    own = client.get("/apis/" + api).json
    assert client.put("/apis/" + api, {**own, "remark": "other"}).status == 200
    assert client.post("/apis/action", {"action": "online", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "api_id": api}).status == 201
    assert client.put("/apis/" + api, own).status == 200
    plan = apply(DOCUMENT, "--plan")
    assert plan.returncode == 1 and "~ api orders: published in an older form" in plan.stdout, plan
    assert apply(DOCUMENT).returncode == 0 and apply(DOCUMENT, "--plan").returncode == 0
    assert client.get("/apis/runtime/" + api, env_id="DEFAULT_ENVIRONMENT_RELEASE_ID").json["remark"] == ""


def test_prune_removes_what_is_not_named(daemon, apply):
    apply(DOCUMENT)
    daemon.client.made("/apps", {"name": "Forgotten"})
    kept = apply({"apps": DOCUMENT["apps"]})
    assert kept.returncode == 0 and "0 done" in kept.stdout
    plan = apply({"apps": DOCUMENT["apps"]}, "--prune", "--plan")
    assert plan.returncode == 1 and "- app Forgotten" in plan.stdout and "api" not in plan.stdout, "only kinds that are named"
    assert apply({"apps": DOCUMENT["apps"]}, "--prune").returncode == 0
    assert [a["name"] for a in export(daemon)["apps"]] == ["till"]
    everything = apply({kind: [] for kind in DOCUMENT}, "--prune")
    assert everything.returncode == 0 and "6 done" in everything.stdout, everything
    assert all(items == [] for items in export(daemon).values())


def test_several_files_are_one_document(daemon, apply, tmp_path):
    for name in ("api_groups", "apps"):
        (tmp_path / f"{name}.json").write_text(json.dumps({name: DOCUMENT[name]}))
    ended = subprocess.run([COUNTERSIGN, "apply", "-f", tmp_path / "api_groups.json", "-f", tmp_path / "apps.json", "--data", daemon.data],
                           capture_output=True, text=True)
    assert ended.returncode == 0 and "2 done" in ended.stdout


@pytest.mark.parametrize("document, status, says", [
    ({"things": []}, 3, "things is a list that there is not"), ({"apps": {}}, 3, "must be a list"), ({"apps": [{}]}, 3, "without a name"),
    ([], 3, "no JSON object"), ({"apps": [{"name": "till", "remrk": "at the door"}]}, 3, "apps holds a member that there is not: remrk"),
    ({"apps": [{"name": "till", "app_secret": "in-clear-in-a-file"}]}, 3, "apps holds a secret"), ({"apps": [{"name": "till", "id": "1"}]}, 3, "not: id"),
    ({"apis": [{**DOCUMENT["apis"][0], "backend_api": {"url": "x"}}]}, 3, "apis holds a member that there is not: url"),
    ({"apps": [{"name": "till"}, {"name": "till", "remark": "two"}]}, 3, "apps holds two items named till"), ({"apps": [{"name": "x"}]}, 1, "APIG.2012"), ({"apis": [{**DOCUMENT["apis"][0], "group_id": "none"}]}, 1, "no api-group named none"),
])
def test_what_cannot_be_applied(apply, document, status, says):
    ended = apply(document)
    assert ended.returncode == status and says in ended.stderr, ended


def test_the_key_of_an_app_is_compared_and_not_exported(daemon, apply):
    document = {"apps": [{"name": "till", "app_key": "the-till-at-the-door"}]}
    assert apply(document).returncode == 0
    assert apply(document, "--plan").returncode == 0, "a second run finds nothing to do"
    other = {"apps": [{"name": "till", "app_key": "the-till-at-the-gate"}]}
    assert "~ app till: app_key" in apply(other, "--plan").stdout
    assert apply(other).returncode == 0 and apply(other, "--plan").returncode == 0
    assert "app_key" not in json.dumps(export(daemon))


def test_wrong_usage():
    for words in (["apply"], ["apply", "-f"], ["apply", "--x", "y"], ["export", "--plan"], ["export", "-f", "x"]):
        assert subprocess.run([COUNTERSIGN, *words], capture_output=True).returncode == 2, words
