"""docs/reference/sdk-calls.md tells of every call of the vendor's SDK, from the SDK and the daemon themselves; and calls that had no test yet."""
import importlib.util
import json
import pathlib
import subprocess

import pytest
from conftest import unique
from huaweicloudsdkapig.v2 import (AppCreate, CreateAnAppV2Request, CreateAppCodeAutoV2Request, DeleteAppCodeV2Request, DeleteAppV2Request,
                                   InstanceModReq, ListApiGroupsQuantitiesV2Request, ListApiQuantitiesV2Request, ListAppCodesV2Request, ListAppQuantitiesV2Request, ListInstanceFeaturesRequest, ListPluginsRequest, ListProjectCofigsV2Request,
                                   ListTagsV2Request, ShowDetailsOfInstanceV2Request, UpdateInstanceV2Request)
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException

from harness.tree import program

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_page_is_true():
    spec = importlib.util.spec_from_file_location("sdk_calls", ROOT / "tools/sdk-calls.py")
    sdk_calls = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sdk_calls)
    description = json.loads(subprocess.run([program("countersignd"), "--openapi"], check=True, capture_output=True, text=True).stdout)
    written = sdk_calls.page(description)
    committed = (ROOT / "docs/reference/sdk-calls.md").read_text(encoding="utf-8")
    assert written == committed, "run: build/venv/bin/python tools/sdk-calls.py build/bin/countersignd > docs/reference/sdk-calls.md"


def test_what_is_not_served_is_a_typed_error(product, apig):
    with pytest.raises(ClientRequestException) as refused:
        apig.list_plugins(ListPluginsRequest(product.admin.instance_id))
    assert (refused.value.status_code, refused.value.error_code) == (404, "APIG.3941")
    assert "there are no plug-ins" in refused.value.error_msg


def test_quotas_tags_and_features(product, apig):
    instance = product.admin.instance_id
    configs = {one.config_name: one for one in apig.list_project_cofigs_v2(ListProjectCofigsV2Request(instance, limit=500)).configs}
    assert configs["SIGN_NUM_LIMIT"].config_value == "30" and configs["SIGN_NUM_LIMIT"].used >= 1
    assert apig.list_tags_v2(ListTagsV2Request(instance)).total >= 0
    assert apig.list_instance_features(ListInstanceFeaturesRequest(instance)).features == ["app_basic", "app_secret", "app_token", "consumer_header", "public_key"]


def test_counts_of_what_is_there(product, apig, published):
    instance = product.admin.instance_id
    groups, apis = apig.list_api_groups_quantities_v2(ListApiGroupsQuantitiesV2Request(instance)), apig.list_api_quantities_v2(ListApiQuantitiesV2Request(instance))
    assert groups.onsell_nums >= 1 and apis.nums_on_release >= 1 and apis.instance_num == apis.nums_on_release + apis.nums_off_release
    assert apig.list_app_quantities_v2(ListAppQuantitiesV2Request(instance)).authed_nums >= 1


def test_an_instance_is_renamed_and_reads_back(product, apig):
    instance = product.admin.instance_id
    before = apig.show_details_of_instance_v2(ShowDetailsOfInstanceV2Request(instance))
    apig.update_instance_v2(UpdateInstanceV2Request(instance, InstanceModReq(description="renamed by a test", instance_name="renamed-gateway")))
    after = apig.show_details_of_instance_v2(ShowDetailsOfInstanceV2Request(instance))
    assert (after.id, after.instance_name, after.description) == (instance, "renamed-gateway", "renamed by a test")
    apig.update_instance_v2(UpdateInstanceV2Request(instance, InstanceModReq(instance_name=before.instance_name)))


def test_app_codes(product, apig):
    instance = product.admin.instance_id
    app = apig.create_an_app_v2(CreateAnAppV2Request(instance, AppCreate(name=unique("codes"))))
    made = apig.create_app_code_auto_v2(CreateAppCodeAutoV2Request(instance, app.id))
    listed = apig.list_app_codes_v2(ListAppCodesV2Request(instance, app.id))
    assert listed.total == 1 and listed.app_codes[0].id == made.id
    apig.delete_app_code_v2(DeleteAppCodeV2Request(instance, app.id, made.id))
    assert apig.list_app_codes_v2(ListAppCodesV2Request(instance, app.id)).total == 0
    apig.delete_app_v2(DeleteAppV2Request(instance, app.id))
