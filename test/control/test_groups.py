"""API groups and their domains (huawei.md 4.4)."""
import pytest


def make(client, name, **more):
    return client.made("/api-groups", {"name": name, **more})


def test_create_read_change_delete(client):
    group = make(client, "Orders", remark="all about orders")
    assert group["sl_domain"] == f"{group['id']}.apic.local"
    assert group["sl_domains"] == [group["sl_domain"]]
    assert (group["status"], group["on_sell_status"], group["version"], group["url_domains"]) == (1, 2, "V1", [])
    assert client.get(f"/api-groups/{group['id']}").json == group
    changed = client.put(f"/api-groups/{group['id']}", {"name": "Orders_2"})
    assert changed.status == 200
    assert (changed.json["name"], changed.json["remark"]) == ("Orders_2", "all about orders")
    assert client.get("/api-groups", id=group["id"]).json["groups"] == [changed.json]
    assert client.delete(f"/api-groups/{group['id']}").status == 204
    answer = client.get(f"/api-groups/{group['id']}")
    assert (answer.status, answer.code) == (404, "APIG.3001")
    assert answer.message == f"API group {group['id']} does not exist"


@pytest.mark.parametrize("name", ["支付网关", "1st", "a-b_c./(d):"])
def test_names_that_are_allowed(client, name):
    group = make(client, name)
    assert group["name"] == name
    assert client.delete(f"/api-groups/{group['id']}").status == 204


@pytest.mark.parametrize("body, field", [
    ({"name": "ab"}, "name"), ({"name": "-abc"}, "name"), ({"name": "a b c"}, "name"), ({"name": "a\u0001bc"}, "name"),
    ({"name": "x" * 256}, "name"), ({"name": "Good", "remark": "x" * 1001}, "remark"), ({"name": "Good", "remark": 5}, "remark"),
])
def test_a_bad_value_names_its_field(client, body, field):
    answer = client.post("/api-groups", body)
    assert (answer.status, answer.code) == (400, "APIG.2012")
    assert f"parameterName:{field}." in answer.message and "The rule:" in answer.message


def test_a_name_is_taken_once(client):
    group = make(client, "Unique")
    for answer in (client.post("/api-groups", {"name": "Unique"}), client.post("/api-groups/check", {"group_name": "Unique"})):
        assert (answer.status, answer.code) == (400, "APIG.3201")
    assert client.post("/api-groups/check", {"group_name": "Unique", "group_id": group["id"]}).status == 204
    assert client.post("/api-groups/check", {"group_name": "Free"}).status == 204


def test_domains(client):
    group = make(client, "With_domains")
    path = f"/api-groups/{group['id']}/domains"
    domain = client.made(path, {"url_domain": "API.Example.com"})
    assert domain["url_domain"] == "api.example.com", "hosts are compared in lower case"
    assert domain["min_ssl_version"] == "TLSv1.2"
    shown = client.get(f"/api-groups/{group['id']}").json["url_domains"]
    assert [(d["id"], d["domain"]) for d in shown] == [(domain["id"], "api.example.com")]
    changed = client.put(f"{path}/{domain['id']}", {"min_ssl_version": "TLSv1.1"})
    assert (changed.status, changed.json["min_ssl_version"]) == (200, "TLSv1.1")
    assert client.delete(f"{path}/{domain['id']}").status == 204
    assert client.get(f"/api-groups/{group['id']}").json["url_domains"] == []
    answer = client.delete(f"{path}/{domain['id']}")
    assert (answer.status, answer.code) == (404, "APIG.3011")


@pytest.mark.parametrize("domain", ["", "-a.com", "a..com", "a.com.", "a.com:80", "a_b.com", "*.a.com", "a/b", "x" * 64 + ".com", "[::1]",
                                    "\u00e4.com", "http://a.com"])
def test_a_domain_is_a_host_name(client, domain):
    group = make(client, "For_bad_domains") if not client.get("/api-groups", name="For_bad_domains").json["total"] else \
        client.get("/api-groups", name="For_bad_domains").json["groups"][0]
    answer = client.post(f"/api-groups/{group['id']}/domains", {"url_domain": domain})
    assert (answer.status, answer.code) == (400, "APIG.2012")
    assert "parameterName:url_domain." in answer.message and "a host name without port" in answer.message


def test_a_domain_is_taken_once_and_no_subdomain(client):
    one, two = make(client, "Domain_one"), make(client, "Domain_two")
    client.made(f"/api-groups/{one['id']}/domains", {"url_domain": "taken.example.com"})
    for domain in ("taken.example.com", "TAKEN.example.com", one["sl_domain"], one["sl_domain"].upper()):
        answer = client.post(f"/api-groups/{two['id']}/domains", {"url_domain": domain})
        assert (answer.status, answer.code) == (400, "APIG.3305"), domain
    assert client.get(f"/api-groups/{two['id']}").json["url_domains"] == []


def test_a_domain_belongs_to_its_group(client):
    one, two = make(client, "Owner"), make(client, "Stranger")
    domain = client.made(f"/api-groups/{one['id']}/domains", {"url_domain": "owned.example.com"})
    for method, body in (("PUT", {"min_ssl_version": "TLSv1.1"}), ("DELETE", None)):
        answer = client.call(method, f"/api-groups/{two['id']}/domains/{domain['id']}", body)
        assert (answer.status, answer.code) == (404, "APIG.3011")
    assert client.get(f"/api-groups/{one['id']}").json["url_domains"][0]["min_ssl_version"] == "TLSv1.2"


def test_a_deleted_group_frees_its_domains(client):
    group = make(client, "Short_lived")
    client.made(f"/api-groups/{group['id']}/domains", {"url_domain": "freed.example.com"})
    assert client.delete(f"/api-groups/{group['id']}").status == 204
    other = make(client, "Next_owner")
    assert client.post(f"/api-groups/{other['id']}/domains", {"url_domain": "freed.example.com"}).status == 201
