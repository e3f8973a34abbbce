"""IAM as the vendor's own SDK core drives it: a project that is found by its region, a domain that is found by itself, temporary keys."""
import json
import urllib.request

import pytest
from huaweicloudsdkapig.v2 import ApigClient, ListEnvironmentsV2Request
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.region.region import Region


def call(product, path, body, token=None):
    request = urllib.request.Request(f"http://127.0.0.1:{product.ports.management}{path}", json.dumps(body).encode(),
                                     {"Content-Type": "application/json", **({"X-Auth-Token": token} if token else {})})
    with urllib.request.urlopen(request) as answer:
        return answer.headers, json.loads(answer.read())


@pytest.fixture(scope="module")
def token(product):
    admin = product.admin
    user = {"name": admin.user_name, "password": admin.password, "domain": {"name": admin.domain_name}}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": {"project": {"name": admin.region}}}}
    headers, answer = call(product, "/v3/auth/tokens", body)
    assert answer["token"]["project"]["id"] == admin.project_id
    return headers["X-Subject-Token"]


def client(product, credentials):
    return ApigClient.new_builder().with_credentials(credentials).with_endpoint(f"http://127.0.0.1:{product.ports.management}").build()


def test_the_project_is_found_by_its_region(product):
    """GET /v3/projects?name=<region>, signed, and exactly one project (huawei.md 6)."""
    endpoint = f"http://127.0.0.1:{product.ports.management}"
    credentials = BasicCredentials(product.admin.access, product.admin.secret).with_iam_endpoint(endpoint)
    apig = ApigClient.new_builder().with_credentials(credentials).with_region(Region(product.admin.region, endpoint)).build()
    assert apig.list_environments_v2(ListEnvironmentsV2Request(product.admin.instance_id)).total >= 1


def test_a_temporary_key_with_its_security_token(product, token):
    _, answer = call(product, "/v3.0/OS-CREDENTIAL/securitytokens", {"auth": {"identity": {"methods": ["token"]}}}, token)
    made = answer["credential"]
    credentials = BasicCredentials(made["access"], made["secret"], product.admin.project_id)
    with pytest.raises(ClientRequestException) as refused:
        client(product, credentials).list_environments_v2(ListEnvironmentsV2Request(product.admin.instance_id))
    assert (refused.value.status_code, refused.value.error_code) == (401, "APIG.3934")
    credentials = BasicCredentials(made["access"], made["secret"], product.admin.project_id).with_security_token(made["securitytoken"])
    assert client(product, credentials).list_environments_v2(ListEnvironmentsV2Request(product.admin.instance_id)).total >= 1
