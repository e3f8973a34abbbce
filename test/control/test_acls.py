"""Access control by address: policies that are bound to APIs, lists of apps, and APIs that are closed to one side (huawei.md 4.8)."""
import policies
import pytest

from api_bodies import RELEASE, assert_refused, make_api, make_group, publish, unique
from harness.stored import changes_since, revision, rows
from policies import ACL, bind, bound, maker

NOBODY = "0" * 32
CHANGE_PUBLICATION, CHANGE_KEY_PAIR, CHANGE_ADDRESS_LIST = 3, 4, 15


def body(value="192.0.2.1", **changes):
    return policies.body(ACL, acl_value=value, **changes)


@pytest.fixture(scope="module")
def group(client):
    return make_group(client)


@pytest.fixture
def api(client, group):
    return make_api(client, group["id"])


@pytest.fixture
def make(client):
    yield from maker(client, ACL)


def test_made_read_back_changed_and_removed(client, daemon, make):
    before = revision(daemon)
    made = make(acl_value="192.0.2.1,192.0.2.8-192.0.2.9, 198.51.100.0/24,2001:db8::/32")
    assert changes_since(daemon, before) == [(CHANGE_ADDRESS_LIST, made["id"], "")]
    assert client.get(f"/acls/{made['id']}").json == made and made["bind_num"] == 0
    assert client.get("/acls", name=made["acl_name"], acl_type="PERMIT", entity_type="IP").json == {"total": 1, "size": 1, "acls": [made]}
    before = revision(daemon)
    changed = client.put(f"/acls/{made['id']}", body(acl_name=made["acl_name"], acl_type="DENY", value="203.0.113.7"))
    assert changed.status == 200 and changes_since(daemon, before) == [(CHANGE_ADDRESS_LIST, made["id"], "")]
    assert (changed.json["acl_type"], changed.json["acl_value"], changed.json["id"]) == ("DENY", "203.0.113.7", made["id"])
    assert client.delete(f"/acls/{made['id']}").status == 204
    for answer in (client.get(f"/acls/{made['id']}"), client.put(f"/acls/{made['id']}", body()), client.delete(f"/acls/{made['id']}")):
        assert (answer.status, answer.code) == (404, "APIG.3006")


FORM = "an address, first-last, or address/bits, of IPv4 or IPv6"


@pytest.mark.parametrize("value, rule", [
    ("192.0.2", FORM), ("192.0.2.256", FORM), ("192.0.2.1,,192.0.2.2", FORM), ("192.0.2.1/33", FORM), ("192.0.2.1/-1", FORM),
    ("2001:db8::/129", FORM), ("192.0.2.1-2001:db8::1", FORM), ("example.com", FORM), ("192.0.2.1-", FORM), ("192.0.2.1/", FORM),
    ("0x7f.1", FORM), ("192.0.2.9-192.0.2.1", "its first address before its last"), ("::ffff:192.0.2.1", "write it as IPv4"),
    ("::ffff:0:0/96", "write it as IPv4"), (",".join(["192.0.2.1"] * 101), "at most 100 addresses or ranges"),
])
def test_addresses(client, make, value, rule):
    assert_refused(client.post("/acls", body(value)), "acl_value", rule)
    made = make()
    assert_refused(client.put(f"/acls/{made['id']}", body(value)), "acl_value", rule)
    assert client.get(f"/acls/{made['id']}").json == made


@pytest.mark.parametrize("changes, field, rule", [
    ({"entity_type": "DOMAIN"}, "entity_type", "IP"), ({"acl_type": "ALLOW"}, "acl_type", "PERMIT DENY"), ({"acl_name": "1st"}, "acl_name", "first a letter"),
])
def test_rules(client, changes, field, rule):
    assert_refused(client.post("/acls", body(**changes)), field, rule)


def test_a_hundred_ranges_fit(make):
    assert make(acl_value=",".join(f"2001:db8:ffff:ffff:ffff:ffff:{n:x}:1-2001:db8:ffff:ffff:ffff:ffff:{n:x}:2" for n in range(0x1000, 0x1000 + 100)))["bind_num"] == 0


def test_bind_list_unbind(client, daemon, group, api, make):
    acl, other, published, before = make(), make(), publish(client, api), revision(daemon)
    binding = bound(client, ACL, acl, published["publish_id"])[0]
    assert changes_since(daemon, before) == [(CHANGE_PUBLICATION, api["id"], RELEASE)]
    wanted = {"acl_id": acl["id"], "publish_id": published["publish_id"], "api_id": api["id"], "env_id": RELEASE}
    assert {k: v for k, v in binding.items() if k not in ("id", "create_time")} == wanted
    item = client.get("/acl-bindings/binded-apis", acl_id=acl["id"]).json["apis"][0]
    assert (item["api_id"], item["api_name"], item["bind_id"], item["group_name"]) == (api["id"], api["name"], binding["id"], group["name"])
    of_api = client.get("/acl-bindings/binded-acls", api_id=api["id"], env_name="RELEASE").json["acls"]
    assert [(one["acl_id"], one["acl_name"], one["acl_value"], one["bind_id"]) for one in of_api] == [(acl["id"], acl["acl_name"], "192.0.2.1", binding["id"])]
    unbound = client.get("/acl-bindings/unbinded-apis", acl_id=other["id"], api_id=api["id"]).json["apis"]
    assert [(one["id"], one["acl_name"]) for one in unbound] == [(api["id"], acl["acl_name"])]
    answer = bind(client, ACL, other, published["publish_id"])
    assert (answer.status, answer.code) == (409, "APIG.3920") and answer.message.endswith(f"acl_name:{acl['acl_name']}")
    answer = client.delete(f"/acls/{acl['id']}")
    assert (answer.status, answer.code) == (403, "APIG.3447") and answer.message.endswith(f"api_names:{api['name']}")
    assert client.delete(f"/acl-bindings/{binding['id']}").status == 204
    answer = client.delete(f"/acl-bindings/{binding['id']}")
    assert (answer.status, answer.code) == (404, "APIG.3010")


def test_batches(client, api, make):
    one, two, kept = make(), make(), make()
    binding = bound(client, ACL, kept, publish(client, api)["publish_id"])[0]
    answer = client.put("/acls", {"acls": [one["id"], NOBODY, kept["id"], two["id"]]}, action="delete")
    assert answer.status == 200 and answer.json["success_count"] == 2
    assert [(f["acl_id"], f["error_code"]) for f in answer.json["failure"]] == [(NOBODY, "APIG.3006"), (kept["id"], "APIG.3447")]
    answer = client.put("/acl-bindings", {"acl_bindings": [binding["id"], NOBODY]}, action="delete")
    assert answer.json["success_count"] == 1 and [f["error_code"] for f in answer.json["failure"]] == ["APIG.3010"]
    assert client.put("/acls", {"acls": [NOBODY]}).code == "APIG.2001"


def test_a_list_of_an_app(client, daemon):
    app = client.made("/apps", {"name": unique("app_")})
    path, before = f"/apps/{app['id']}/app-acl", revision(daemon)
    assert client.get(path).json == {"app_id": app["id"]}
    given = {"app_acl_type": "PERMIT", "app_acl_values": ["192.168.0.1", "192.168.0.5-192.168.0.10", "192.168.0.100/28"]}
    answer = client.put(path, given)
    assert (answer.status, answer.json) == (201, {"app_id": app["id"], **given}) and client.get(path).json == answer.json
    assert changes_since(daemon, before) == [(CHANGE_ADDRESS_LIST, app["id"], ""), (CHANGE_KEY_PAIR, app["app_key"], "")]
    answer = client.put(path, {"app_acl_type": "DENY", "app_acl_values": ["2001:db8::1"]})
    assert (answer.status, answer.json["app_acl_type"]) == (201, "DENY")
    assert_refused(client.put(path, {"app_acl_type": "DENY", "app_acl_values": ["192.168.0.300"]}), "app_acl_values", FORM)
    assert_refused(client.put(path, {"app_acl_type": "DENY", "app_acl_values": ["192.168.0.1"] * 101}), "app_acl_values", "at most 100")
    assert client.put(path, {"app_acl_type": "DENY"}).code == client.put(path, {"app_acl_values": ["::1"]}).code == "APIG.2001"
    before = revision(daemon)
    assert client.delete(path).status == 204 and client.get(path).json == {"app_id": app["id"]}
    assert changes_since(daemon, before) == [(CHANGE_ADDRESS_LIST, app["id"], ""), (CHANGE_KEY_PAIR, app["app_key"], "")]
    client.put(path, given)
    assert client.delete(f"/apps/{app['id']}").status == 204
    assert rows(daemon, f"SELECT * FROM app_acl WHERE id = '{app['id']}'") == []
    for answer in (client.get(path), client.put(path, given), client.delete(path)):
        assert (answer.status, answer.code) == (404, "APIG.3004")


def test_an_api_says_which_side_it_is_closed_to(client, group):
    api = make_api(client, group["id"], **{"countersign.disable_internet": True})
    own = client.get(f"/apis/{api['id']}").json["countersign"]
    assert (own["disable_internet"], own["disable_internal"]) == (True, False)
