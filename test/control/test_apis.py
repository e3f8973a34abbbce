"""APIs (huawei.md 4.5): fields, rules between fields, what is not served."""
import pytest

from api_bodies import RELEASE, api_body, assert_refused, make_api, make_env, make_group, publish, unique

NOBODY = "0" * 32


@pytest.fixture(scope="module")
def group(client):
    return make_group(client)


def body_in(group, /, **changes):
    return api_body(group["id"], **changes)


FULL = {
    "version": "V1.0",
    "remark": "all of it",
    "match_mode": "SWA",
    "auth_opt": {"app_code_auth_type": "HEADER"},
    "body_remark": "a body",
    "result_normal_sample": "{}",
    "result_failure_sample": "no",
    "tags": ["one", "two:2"],
    "content_type": "application/json",
    "backend_api": {"url_domain": "backend.example.com:8443", "req_protocol": "HTTPS", "req_method": "ANY", "req_uri": "/v1/{id}/x",
                    "timeout": 600000, "retry_count": "0", "remark": "theirs", "version": "2"},
    "req_params": [
        {"name": "id", "type": "STRING", "location": "PATH", "required": 1, "remark": "which"},
        {"name": "page", "type": "NUMBER", "location": "QUERY", "required": 2, "min_num": 1, "max_num": 9, "sample_value": "3"},
        {"name": "X-Trace", "type": "STRING", "location": "HEADER", "pass_through": 1},
    ],
    "backend_params": [
        {"origin": "REQUEST", "name": "id", "location": "PATH", "value": "id"},
        {"origin": "REQUEST", "name": "page", "location": "QUERY", "value": "page"},
    ],
    "countersign": {"disable_internet": True, "disable_internal": False, "hide_hint": True, "body_limit": 1024, "accept_repeated_names": True, "require_body_digest": True,
                    "accept_undated": True, "require_nonce": True, "accept_anonymous": True, "verify_certificate": False, "signature_schemes": ["bce-auth-v1"]},
}


def test_create_read_change_delete(client, group):
    body = body_in(group, req_uri="/full/{id}", **FULL)
    made = client.post("/apis", body)
    assert made.status == 201, made
    api = made.json
    for name, value in body.items():
        if name not in ("backend_api", "req_params", "countersign"):
            assert api[name] == value, name
    assert api["backend_api"].items() >= body["backend_api"].items()
    assert api["backend_api"]["vpc_channel_status"] == 2 and api["backend_api"]["enable_client_ssl"] is False
    assert [p["valid_enable"] for p in api["req_params"]] == [2, 2, 2], "the vendor's default"
    assert api["countersign"] == {**FULL["countersign"], "ca_certificates": ""}
    assert len(api["id"]) == 32 and (api["status"], api["arrange_necessary"]) == (1, 2)
    assert api["group_name"] == group["name"] and api["group_version"] == "V1"
    assert "publish_id" not in api and "run_env_id" not in api
    assert client.get(f"/apis/{api['id']}").json == api

    changed = client.put(f"/apis/{api['id']}", api_body(group["id"], name=api["name"], req_uri="/less", remark="less"))
    assert changed.status == 200
    assert changed.json["req_uri"] == "/less" and changed.json["remark"] == "less"
    assert "req_params" not in changed.json and "tags" not in changed.json, "a PUT states the whole API"
    assert changed.json["register_time"] == api["register_time"]
    assert client.get(f"/apis/{api['id']}").json == changed.json
    answer = client.delete(f"/apis/{api['id']}")
    assert (answer.status, answer.text) == (204, "")
    answer = client.get(f"/apis/{api['id']}")
    assert (answer.status, answer.code, answer.message) == (404, "APIG.3002", f"API {api['id']} does not exist")


def test_defaults_are_the_vendors(client, group):
    api = make_api(client, group["id"], req_protocol=None)
    assert (api["req_protocol"], api["match_mode"], api["cors"], api["remark"]) == ("HTTPS", "NORMAL", False, "")
    assert api["backend_api"]["retry_count"] == "-1"


@pytest.mark.parametrize("field", ["name", "group_id", "type", "req_method", "req_uri", "auth_type", "backend_type", "backend_api",
                                   "backend_api.url_domain", "backend_api.req_protocol", "backend_api.req_method", "backend_api.req_uri",
                                   "backend_api.timeout"])
def test_what_must_be_given(client, group, field):
    answer = client.post("/apis", body_in(group, **{field: None}))
    assert (answer.status, answer.code) == (400, "APIG.2001")
    assert f"parameterName:{field}." in answer.message


@pytest.mark.parametrize("field, value, rule", [
    ("name", "ab", "3 to 255"),
    ("name", "-abc", "first a letter or digit"),
    ("type", 3, "1 to 2"),
    ("req_protocol", "FTP", "one of HTTP HTTPS BOTH"),
    ("req_method", "get", "one of GET POST"),
    ("req_uri", "/" + "a" * 512, "512"),
    ("auth_type", "BASIC", "one of NONE APP"),
    ("match_mode", "REGEX", "one of NORMAL SWA"),
    ("backend_type", "TCP", "one of HTTP"),
    ("remark", "x" * 256, "255"),
    ("body_remark", "x" * 20481, "20480"),
    ("tags", ["x"] * 11, "at most 10"),
    ("content_type", "image/png", "one of application/json"),
    ("version", "x" * 17, "16"),
    ("backend_api", "http://x", "an object"),
    ("backend_api.timeout", 0, "1 to 600000"),
    ("backend_api.timeout", 600001, "1 to 600000"),
    ("backend_api.timeout", "5000", "an integer"),
    ("backend_api.req_method", "TRACE", "one of GET"),
    ("countersign.body_limit", -1, "0 to"),
    ("countersign.hide_hint", "yes", "true or false"),
])
def test_a_bad_value_names_field_and_rule(client, group, field, value, rule):
    assert_refused(client.post("/apis", body_in(group, **{field: value})), field, rule)


def test_a_bad_item_names_its_place(client, group):
    answer = client.post("/apis", body_in(group, tags=["good", "1bad"]))
    assert_refused(answer, "tags[1]", "first a letter")
    good = {"name": "a", "type": "STRING", "location": "QUERY"}
    answer = client.post("/apis", body_in(group, req_params=[good, {**good, "name": "9"}]))
    assert_refused(answer, "req_params[1].name", "first a letter")


@pytest.mark.parametrize("path, rule", [
    ("a", "begins with /"), ("//", "empty segment"), ("/a/../b", ". or .."), ("/*", "SWA"), ("/a b", "letters"), ("/a%2fb", "%2F"),
    ("/a%zz", "hex"), ("/{a", "whole segment"), ("/x{a}", "whole segment"), ("/{a}/{a}", "once"), ("/{}", "1 to 32"), ("/a?b=c", "letters"),
])
@pytest.mark.parametrize("field", ["req_uri", "backend_api.req_uri"])
def test_paths_are_well_formed(client, group, field, path, rule):
    assert_refused(client.post("/apis", body_in(group, **{field: path})), field, rule)


@pytest.mark.parametrize("authority, rule", [
    ("169.254.169.254:80", "link-local"), ("[fe80::1]:80", "link-local"), ("[::ffff:169.254.1.1]", "link-local"), ("2852039166", "four numbers"),
    ("http://backend", "port"), ("a b", "host:port"), ("backend:0", "port"), ("backend:65536", "port"), ("0.0.0.0", "link-local"),
    ("100.100.100.200", "metadata"), ("[fd00:ec2::254]:80", "metadata"), ("[::]", "link-local"), ("0x7f000001", "four numbers"), ("127.1", "four numbers"),
])
def test_backends_are_where_they_may_be(client, group, authority, rule):
    assert_refused(client.post("/apis", body_in(group, **{"backend_api.url_domain": authority})), "backend_api.url_domain", rule)


@pytest.mark.parametrize("field, value, rule", [
    ("backend_type", "FUNCTION", "not served yet"),
    ("backend_type", "GRPC", "not served yet"),
    ("auth_type", "AUTHORIZER", "not served yet"),
    ("authorizer_id", "0" * 32, "authorizers"),
    ("req_protocol", "GRPCS", "not served yet"),
    ("domain_name", "www.example.com", "absent"),
    ("response_id", "0" * 32, "gateway responses"),
    ("roma_app_id", "0" * 32, "absent"),
    ("trace_enabled", True, "tracing"),
    ("sampling_strategy", "RATE", "tracing"),
    ("sampling_param", "10", "tracing"),
    ("mock_info", {"result_content": "x"}, "MOCK"),
    ("func_info", {"function_urn": "x"}, "FUNCTION"),
    ("policy_https", [{"name": "policy"}], "policies"),
    ("policy_mocks", [{"name": "policy"}], "policies"),
    ("policy_functions", [{"name": "policy"}], "policies"),
    ("mock_info.authorizer_id", "0" * 32, "authorizers"),
    ("backend_api.vpc_channel_status", 1, "channels"),
    ("backend_api.req_protocol", "GRPCS", "GRPCS"),
    ("backend_api.enable_sm_channel", True, "not served"),
    ("backend_api.authorizer_id", "0" * 32, "authorizers"),
])
def test_what_is_not_served_is_refused_not_ignored(client, group, field, value, rule):
    total = client.get("/apis").json["total"]
    assert_refused(client.post("/apis", body_in(group, **{field: value})), field, rule)
    assert client.get("/apis").json["total"] == total


@pytest.mark.parametrize("field, value", [
    ("mock_info", []), ("policy_https", {}), ("cors", "no"), ("domain_name", 5),
])
def test_even_what_is_not_served_has_a_type(client, group, field, value):
    answer = client.post("/apis", body_in(group, **{field: value}))
    assert (answer.status, answer.code) == (400, "APIG.2012")
    assert f"parameterName:{field}." in answer.message


def test_what_asks_for_nothing_is_accepted(client, group):
    make_api(client, group["id"], authorizer_id="", domain_name="", policy_https=[], trace_enabled=False, response_id="",
             **{"backend_api.retry_count": "-1", "backend_api.vpc_channel_status": 2, "backend_api.authorizer_id": ""})


def param(name, location, **more):
    return {"name": name, "type": "STRING", "location": location, **more}


def mapping(name, location, origin="REQUEST", value=None):
    return {"name": name, "location": location, "origin": origin, "value": value or name}


ID = param("id", "PATH", required=1)


def number(**more):
    return {**param("q", "QUERY", **more), "type": "NUMBER"}


@pytest.mark.parametrize("items, field, rule", [
    ([param("q", "QUERY", orchestrations=["x"])], "req_params[0].orchestrations", "orchestration"),
    ([param("q", "QUERY", regular="^a$")], "req_params[0].regular", "use enumerations"),
    ([param("q", "QUERY", json_schema="{}")], "req_params[0].json_schema", "not served"),
    ([number(min_num=3, max_num=2)], "req_params[0].max_num", "at least min_num"),
    ([param("q", "QUERY", min_size=3, max_size=2)], "req_params[0].max_size", "at least min_size"),
    ([number(valid_enable=1, default_value="x")], "req_params[0].default_value", "since valid_enable is 1"),
    ([number(valid_enable=1, min_num=3, default_value="2")], "req_params[0].default_value", "since valid_enable is 1"),
    ([param("q", "QUERY", valid_enable=1, enumerations="a,b", default_value="c")], "req_params[0].default_value", "since valid_enable is 1"),
    ([param("q", "QUERY", default_value="a\nb")], "req_params[0].default_value", "control characters"),
    ([param("Host", "HEADER", default_value="other")], "req_params[0].default_value", "no definition writes this header"),
    ([param("X_Sdk.Date", "HEADER", default_value="other")], "req_params[0].default_value", "no definition writes this header"),
    ([param("X-Forwarded-For", "HEADER", default_value="::1")], "req_params[0].default_value", "no definition writes this header"),
    ([param("X-Sdk-Date", "HEADER", default_value="other")], "req_params[0].default_value", "no definition writes this header"),
    ([param("Content-Length", "HEADER", pass_through=2)], "req_params[0].pass_through", "no definition takes this header away"),
    ([param("q", "QUERY"), param("r", "QUERY"), param("q", "QUERY")], "req_params[2].name", "once per location"),
    ([param("id", "PATH")], "req_params[0].name", "a {parameter} of req_uri"),
    ([param("Authorization", "HEADER")], "req_params[0].name", "neither Authorization"),
    ([param("x-auth-token", "HEADER")], "req_params[0].name", "neither Authorization"),
])
def test_request_parameters_that_cannot_be(client, group, items, field, rule):
    assert_refused(client.post("/apis", body_in(group, req_params=items)), field, rule)


def test_what_is_demanded_of_parameters_is_kept(client, group):
    items = [{**param("page", "QUERY", required=1, valid_enable=1, min_num=1, max_num=100, default_value="1"), "type": "NUMBER"},
             param("X-Kind", "HEADER", required=2, valid_enable=1, enumerations="a,b", default_value="a"),
             param("X-Inner", "HEADER", pass_through=2), param("q", "QUERY", valid_enable=1, min_size=0, max_size=0, regular="")]
    made = client.made("/apis", body_in(group, req_params=items))
    read = client.get(f"/apis/{made['id']}").json["req_params"]
    assert read == made["req_params"]
    assert [{name: got.get(name) for name in item} for got, item in zip(read, items)] == items


def test_a_path_parameter_is_always_required(client, group):
    for member in ("required", "pass_through"):
        answer = client.post("/apis", body_in(group, req_uri="/required/{id}", req_params=[param("id", "PATH", **{member: 2})]))
        assert_refused(answer, f"req_params[0].{member}", "1, since location is PATH")


def test_a_path_parameter_must_be_in_req_params(client, group):
    answer = client.post("/apis", body_in(group, req_uri="/things/{id}/{part}", req_params=[ID]))
    assert (answer.status, answer.code) == (400, "APIG.2026")
    assert answer.message.endswith("parameterName:part")


def test_a_backend_path_parameter_must_be_defined(client, group):
    answer = client.post("/apis", body_in(group, req_uri="/things/{id}", req_params=[ID], **{"backend_api.req_uri": "/{id}/{part}"}))
    assert (answer.status, answer.code) == (400, "APIG.2027")
    assert answer.message.endswith("parameterName:part")


def test_a_mapped_parameter_must_be_in_req_params(client, group):
    answer = client.post("/apis", body_in(group, backend_params=[mapping("page", "QUERY")]))
    assert (answer.status, answer.code) == (400, "APIG.2028")
    assert answer.message.endswith("parameterName:page")


@pytest.mark.parametrize("item, member, rule", [
    (mapping("part", "PATH", "SYSTEM", "stage"), "origin", "REQUEST or CONSTANT"),
    (mapping("part", "PATH", value="page"), "value", "a parameter of the request's path"),
    (mapping("ip", "HEADER", "SYSTEM", "$context.authorizer.frontend.user"), "value", "one of sourceIp"),
    (mapping("Authorization", "HEADER", "CONSTANT", "Basic eDp5"), "name", "no header that the gateway writes"),
    (mapping("Transfer-Encoding", "HEADER", "CONSTANT", "chunked"), "name", "no header that the gateway writes"),
    (mapping("lines", "HEADER", "CONSTANT", "a\r\nX-Mse-Consumer: me"), "value", "control characters"),
    (mapping("id", "PATH"), "name", "a {parameter} of backend_api.req_uri"),
    (mapping("X-Apig-Id", "HEADER", value="page"), "name", "x-apig-"),
    (mapping("x-sdk-date", "HEADER", value="page"), "name", "x-sdk-"),
    (mapping("X_Sdk.Date", "HEADER", value="page"), "name", "x-sdk-"),
    (mapping("x_sdk_content_sha256", "QUERY", value="page"), "name", "x-sdk-"),
    (mapping("X-Stage", "HEADER", value="page"), "name", "x-stage"),
])
def test_backend_parameters_follow_their_rules(client, group, item, member, rule):
    body = body_in(group, req_uri="/mapped/{id}", req_params=[ID, param("page", "QUERY")], backend_params=[item],
                   **{"backend_api.req_uri": "/{part}" if item["name"] == "part" else "/"})
    assert_refused(client.post("/apis", body), f"backend_params[0].{member}", rule)


# What a signature covers, who called, and by which connection: no definition may write these, and no caller through one.
OF_THE_GATEWAY = ["X-Ca-Timestamp", "X-Ca-Proxy-Signature", "X-Ca-Proxy-Signature-Headers", "X-Ca-Key", "X-Ca-Nonce", "X-Bce-Gateway-Auth",
                  "X-Bce-Content-Sha256", "X-Bce-Date", "X-HW-ID", "X-Security-Token", "X-Countersign-App", "X-Countersign-User",
                  "X-Countersign-Hops", "X-Mse-Consumer", "X-Request-Id", "Content-MD5", "Proxy-Authorization", "Host"]
OF_ADDRESSES = ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Via", "X-Real-IP", "X-Client-IP", "True-Client-IP"]


@pytest.mark.parametrize("name", OF_THE_GATEWAY)
def test_no_backend_parameter_writes_a_header_of_the_gateway(client, group, name):
    for spelling in (name, name.lower().replace("-", "_"), name.upper().replace("-", ".")):
        for item in (mapping(spelling, "HEADER", value="page"), mapping(spelling, "HEADER", "CONSTANT", "1"), mapping(spelling, "HEADER", "SYSTEM", "stage")):
            body = body_in(group, req_params=[param("page", "QUERY")], backend_params=[item])
            assert_refused(client.post("/apis", body), "backend_params[0].name", "no header that the gateway writes")
    made = client.made("/apis", body_in(group, req_params=[param("page", "QUERY")], backend_params=[mapping(name, "QUERY", value="page")]))
    assert made["backend_params"][0]["name"] == name


@pytest.mark.parametrize("name", OF_ADDRESSES)
def test_where_a_request_came_from_is_said_by_the_gateway_alone(client, group, name):
    for spelling in (name, name.lower().replace("-", "_")):
        for item in (mapping(spelling, "HEADER", value="page"), mapping(spelling, "HEADER", "CONSTANT", "10.0.0.1")):
            body = body_in(group, req_params=[param("page", "QUERY")], backend_params=[item])
            assert_refused(client.post("/apis", body), "backend_params[0].name", "unless origin is SYSTEM")
    client.made("/apis", body_in(group, backend_params=[mapping(name, "HEADER", "SYSTEM", "sourceIp")]))


def test_a_backend_parameter_is_named_once(client, group):
    body = body_in(group, req_params=[param("page", "QUERY")], backend_params=[mapping("X-Page", "HEADER", value="page"),
                                                                               mapping("x_page", "HEADER", "CONSTANT", "1")])
    assert_refused(client.post("/apis", body), "backend_params[1].name", "once per location")


PEM = "-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("changes, rule", [
    ({"countersign.ca_certificates": PEM}, "unless backend_api.req_protocol is HTTPS"),
    ({"countersign.ca_certificates": PEM, "countersign.verify_certificate": False, "backend_api.req_protocol": "HTTPS"}, "verify_certificate is true"),
    ({"countersign.ca_certificates": "x", "backend_api.req_protocol": "HTTPS"}, "in PEM"),
    ({"countersign.ca_certificates": PEM + "x", "backend_api.req_protocol": "HTTPS"}, "in PEM"),
    ({"countersign.ca_certificates": PEM.replace("MAM", "M%M"), "backend_api.req_protocol": "HTTPS"}, "in PEM"),
    ({"countersign.ca_certificates": PEM.replace("CERTIFICATE", "PRIVATE KEY"), "backend_api.req_protocol": "HTTPS"}, "in PEM"),
])
def test_certificates_only_where_they_count(client, group, changes, rule):
    assert_refused(client.post("/apis", body_in(group, **changes)), "countersign.ca_certificates", rule)


@pytest.mark.parametrize("changes, field, rule", [
    ({"backend_api.enable_client_ssl": True}, "backend_api.enable_client_ssl", "unless backend_api.req_protocol is HTTPS"),
    ({"backend_api.retry_count": "11"}, "backend_api.retry_count", "one of -1 0 1"),
    ({"countersign.members": [{"authority": "a:1"}, {"authority": "169.254.169.254:80"}]}, "countersign.members[1].authority", "link-local"),
    ({"countersign.members": [{"authority": "a:1", "weight": 0}]}, "countersign.members[0].weight", "1"),
    ({"countersign.members": [{"authority": "a:1", "weight": 101}]}, "countersign.members[0].weight", "100"),
    ({"countersign.members": [{"weight": 1}]}, "countersign.members[0].authority", ""),
    ({"countersign.members": [{"authority": f"a:{port}"} for port in range(1, 18)]}, "countersign.members", "16"),
])
def test_how_a_backend_is_reached(client, group, changes, field, rule):
    answer = client.post("/apis", body_in(group, **changes))
    assert answer.status == 400 and field in answer.message and rule in answer.message, answer


def test_members_retries_and_client_certificates_are_kept(client, group):
    members = [{"authority": "10.0.0.1:8080", "weight": 3}, {"authority": "[2001:db8::1]", "weight": 1}]
    api = make_api(client, group["id"], **{"countersign.members": members, "backend_api.retry_count": "3", "backend_api.req_protocol": "HTTPS",
                                          "backend_api.enable_client_ssl": True})
    assert api["countersign"]["members"] == members
    assert (api["backend_api"]["retry_count"], api["backend_api"]["enable_client_ssl"]) == ("3", True)


def test_certificates_of_a_private_authority(client, group):
    api = make_api(client, group["id"], **{"countersign.ca_certificates": PEM + PEM, "backend_api.req_protocol": "HTTPS"})
    assert api["countersign"]["ca_certificates"] == PEM + PEM
    assert api["countersign"]["verify_certificate"] is True


def test_the_group_must_be_there_and_stays(client, group):
    answer = client.post("/apis", api_body(NOBODY))
    assert (answer.status, answer.code, answer.message) == (404, "APIG.3001", f"API group {NOBODY} does not exist")
    api = make_api(client, group["id"])
    other = make_group(client)
    assert_refused(client.put(f"/apis/{api['id']}", api_body(other["id"])), "group_id", "the group that the API is in")
    assert client.get(f"/apis/{api['id']}").json == api


def test_a_name_is_taken_once_in_a_group(client, group):
    api = make_api(client, group["id"])
    answer = client.post("/apis", body_in(group, name=api["name"]))
    assert (answer.status, answer.code, answer.message) == (400, "APIG.3202", f"The API name already exists, api_name:{api['name']}")
    other = make_api(client, group["id"])
    answer = client.put(f"/apis/{other['id']}", body_in(group, name=api["name"]))
    assert (answer.status, answer.code) == (400, "APIG.3202")
    assert client.get(f"/apis/{other['id']}").json == other
    make_api(client, make_group(client)["id"], name=api["name"])


def test_method_and_path_are_taken_once_in_a_group(client, group):
    path = "/" + unique("taken")
    make_api(client, group["id"], req_uri=path + "/{id}", req_params=[ID])
    same = {"req_uri": path + "/{name}", "req_params": [param("name", "PATH", required=1)]}
    answer = client.post("/apis", body_in(group, **same))
    assert (answer.status, answer.code) == (400, "APIG.3301"), "the names of parameters tell no request apart"
    assert answer.message.endswith(f"req_uri:{path}/{{name}}")
    make_api(client, group["id"], req_method="POST", **same)
    make_api(client, group["id"], req_method="ANY", **same)
    make_api(client, make_group(client)["id"], **same)


def test_a_published_api_cannot_be_deleted(client, group):
    api = make_api(client, group["id"])
    publish(client, api)
    answer = client.delete(f"/apis/{api['id']}")
    assert (answer.status, answer.code, answer.message) == (403, "APIG.3416", f"The API {api['id']} has been published")
    publish(client, api, action="offline")
    assert client.delete(f"/apis/{api['id']}").status == 204, "its versions go with it"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_api(client, group, method):
    answer = client.call(method, f"/apis/{NOBODY}", body_in(group) if method == "PUT" else None)
    assert (answer.status, answer.code) == (404, "APIG.3002")


def names(answer):
    assert answer.status == 200, answer
    return sorted(api["name"] for api in answer.json["apis"])


def test_list_and_filters(client):
    group = make_group(client)
    first = make_api(client, group["id"], name=unique("ListedA"), req_method="POST", auth_type="NONE", tags=["red", "blue"])
    second = make_api(client, group["id"], name=unique("listedB"), req_protocol="HTTP", type=2, tags=["red"])
    third = make_api(client, group["id"], name=unique("Other"))
    env = make_env(client)
    publish(client, second, env["id"])
    in_group = {"group_id": group["id"]}
    one, two, three = first["name"], second["name"], third["name"]
    assert names(client.get("/apis", **in_group)) == sorted([one, two, three])
    assert names(client.get("/apis", name="LISTED", **in_group)) == [one, two], "part of the name, case folded"
    assert names(client.get("/apis", name="listed", precise_search="name", **in_group)) == []
    assert names(client.get("/apis", name=one, precise_search="name", **in_group)) == [one]
    assert names(client.get("/apis", id=third["id"])) == [three]
    assert names(client.get("/apis", req_method="POST", **in_group)) == [one]
    assert names(client.get("/apis", req_protocol="HTTP", **in_group)) == [two]
    assert names(client.get("/apis", auth_type="NONE", **in_group)) == [one]
    assert names(client.get("/apis", type="2", **in_group)) == [two]
    assert names(client.get("/apis", req_uri=third["req_uri"], **in_group)) == [three]
    assert names(client.get("/apis", tags="red", **in_group)) == [one, two]
    assert names(client.get("/apis", tags="blue", **in_group)) == [one] and names(client.get("/apis", tags="none,blue", **in_group)) == [one]
    assert names(client.get("/apis", tags="#no_tags#", **in_group)) == [three]
    assert names(client.get("/apis", tags="re", **in_group)) == [], "a tag is a whole word"
    assert names(client.get("/apis", env_id=env["id"])) == [two]
    for filters, total in (({"tags": "red"}, 2), ({}, 3)):
        seen = []
        for offset in range(total):
            page = client.get("/apis", offset=offset, limit=1, **filters, **in_group).json
            assert (page["total"], page["size"]) == (total, 1)
            seen.append(page["apis"][0]["name"])
        assert seen == [a["name"] for a in client.get("/apis", **filters, **in_group).json["apis"]], "pages are cut of one order"
        assert client.get("/apis", offset=total, **filters, **in_group).json["size"] == 0
    assert client.get("/apis", type="x").code == "APIG.2012"


def test_a_list_item_is_short_unless_asked(client):
    group = make_group(client)
    api = make_api(client, group["id"], req_uri="/short/{id}", req_params=[ID])
    item = client.get("/apis", group_id=group["id"]).json["apis"][0]
    assert not {"backend_api", "req_params", "backend_params", "countersign"} & item.keys()
    assert item["group_name"] == group["name"]
    whole = client.get("/apis", group_id=group["id"], return_data_mode="include_group,include_group_backend").json["apis"][0]
    assert whole == api


def test_check_names_and_paths(client, group):
    api = make_api(client, group["id"])
    check = {"group_id": group["id"]}
    assert client.post("/apis/check", {"type": "name", "name": unique("free"), **check}).status == 204
    answer = client.post("/apis/check", {"type": "name", "name": api["name"], **check})
    assert (answer.status, answer.code) == (400, "APIG.3202")
    assert client.post("/apis/check", {"type": "name", "name": api["name"], "api_id": api["id"], **check}).status == 204
    path = {"type": "path", "req_method": "GET", "req_uri": api["req_uri"]}
    answer = client.post("/apis/check", {**path, **check})
    assert (answer.status, answer.code) == (400, "APIG.3301")
    assert client.post("/apis/check", path).code == "APIG.3301", "without a group: in any"
    assert client.post("/apis/check", {**path, "api_id": api["id"], **check}).status == 204
    assert client.post("/apis/check", {**path, "req_method": "PUT", **check}).status == 204
    assert_refused(client.post("/apis/check", {**path, "req_uri": "/a//b"}), "req_uri", "empty segment")
    for missing in ("req_method", "req_uri"):
        answer = client.post("/apis/check", {k: v for k, v in path.items() if k != missing})
        assert (answer.code, f"parameterName:{missing}." in answer.message) == ("APIG.2001", True)
    assert client.post("/apis/check", {"type": "name"}).code == "APIG.2001"


def test_a_thousand_apis_in_a_group_and_no_more(fresh):
    client = fresh.client
    group = make_group(client)
    for _ in range(1000):
        make_api(client, group["id"])
    answer = client.post("/apis", api_body(group["id"]))
    assert (answer.status, answer.code) == (403, "APIG.3102")
    answer = client.post("/apis/publish", {"group_id": group["id"], "env_id": RELEASE}, action="online")
    assert answer.status == 200 and len(answer.json["success"]) == 1000 and answer.json["failure"] == []
