"""Limits of requests and lists of addresses as the vendor's own SDK drives them, and what its users read."""
import pytest
import requests
from conftest import RELEASE, unique
from huaweicloudsdkapig.v2 import (AppCreate, AssociateRequestThrottlingPolicyV2Request, BatchDisassociateThrottlingPolicyV2Request,
                                   CreateAnAppV2Request, CreateRequestThrottlingPolicyV2Request, CreateSpecialThrottlingConfigurationV2Request,
                                   DeleteRequestThrottlingPolicyV2Request, DeleteSpecialThrottlingConfigurationV2Request,
                                   DisassociateRequestThrottlingPolicyV2Request, ListApisBindedToRequestThrottlingPolicyV2Request,
                                   ListApisUnbindedToRequestThrottlingPolicyV2Request,
                                   ListRequestThrottlingPoliciesBindedToApiV2Request, ListRequestThrottlingPolicyV2Request,
                                   ListSpecialThrottlingConfigurationsV2Request, ShowDetailsOfRequestThrottlingPolicyV2Request,
                                   ThrottleApiBindingCreate, ThrottleBaseInfo, ThrottleBindingBatchDelete, ThrottleSpecialCreate,
                                   ThrottleSpecialUpdate, UpdateRequestThrottlingPolicyV2Request, UpdateSpecialThrottlingConfigurationV2Request)
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException

from harness import signing


def policy(**limits):
    return ThrottleBaseInfo(name=unique("throttle_"), time_unit="DAY", time_interval=90, api_call_limits=1000, remark="made by a test", type=1, **limits)


@pytest.fixture
def throttle(product, apig):
    made = apig.create_request_throttling_policy_v2(CreateRequestThrottlingPolicyV2Request(product.admin.instance_id, policy(app_call_limits=10)))
    yield made
    apig.delete_request_throttling_policy_v2(DeleteRequestThrottlingPolicyV2Request(product.admin.instance_id, made.id))


def test_a_policy_is_made_read_back_changed_and_removed(product, apig, throttle):
    instance = product.admin.instance_id
    shown = apig.show_details_of_request_throttling_policy_v2(ShowDetailsOfRequestThrottlingPolicyV2Request(instance, throttle.id))
    assert {name: value for name, value in shown.to_dict().items() if name in throttle.to_dict()} == throttle.to_dict()
    listed = apig.list_request_throttling_policy_v2(ListRequestThrottlingPolicyV2Request(instance, name=throttle.name))
    assert (listed.total, listed.throttles[0].id, listed.throttles[0].bind_num) == (1, throttle.id, 0)
    changed = policy(app_call_limits=20, ip_call_limits=5)
    done = apig.update_request_throttling_policy_v2(UpdateRequestThrottlingPolicyV2Request(instance, throttle.id, changed))
    assert (done.id, done.name, done.app_call_limits, done.ip_call_limits) == (throttle.id, changed.name, 20, 5)
    with pytest.raises(ClientRequestException) as refused:
        apig.create_request_throttling_policy_v2(CreateRequestThrottlingPolicyV2Request(instance, changed))
    assert (refused.value.status_code, refused.value.error_code) == (400, "APIG.3204")


def test_an_app_has_a_limit_of_its_own(product, apig, throttle):
    instance = product.admin.instance_id
    app = apig.create_an_app_v2(CreateAnAppV2Request(instance, AppCreate(name=unique("app"))))
    made = apig.create_special_throttling_configuration_v2(CreateSpecialThrottlingConfigurationV2Request(
        instance, throttle.id, ThrottleSpecialCreate(call_limits=50, object_id=app.id, object_type="APP")))
    assert (made.object_name, made.call_limits, made.throttle_id, made.app_id) == (app.name, 50, throttle.id, app.id)
    changed = apig.update_special_throttling_configuration_v2(UpdateSpecialThrottlingConfigurationV2Request(
        instance, throttle.id, made.id, ThrottleSpecialUpdate(call_limits=60)))
    assert (changed.id, changed.call_limits) == (made.id, 60)
    listed = apig.list_special_throttling_configurations_v2(ListSpecialThrottlingConfigurationsV2Request(instance, throttle.id, object_type="APP"))
    assert [one.id for one in listed.throttle_specials] == [made.id]
    apig.delete_special_throttling_configuration_v2(DeleteSpecialThrottlingConfigurationV2Request(instance, throttle.id, made.id))
    assert apig.list_special_throttling_configurations_v2(ListSpecialThrottlingConfigurationsV2Request(instance, throttle.id)).total == 0


def test_a_policy_is_bound_listed_and_unbound(apig, throttle, published):
    instance, api, publication = published.instance, published.api.id, published.publication.publish_id

    def bind():
        return apig.associate_request_throttling_policy_v2(AssociateRequestThrottlingPolicyV2Request(
            instance, ThrottleApiBindingCreate(strategy_id=throttle.id, publish_ids=[publication]))).throttle_applys[0]
    made = bind()
    assert (made.publish_id, made.strategy_id, made.scope) == (publication, throttle.id, 1)
    of_policy = apig.list_apis_binded_to_request_throttling_policy_v2(
        ListApisBindedToRequestThrottlingPolicyV2Request(instance, throttle_id=throttle.id)).apis
    assert [(one.id, one.throttle_apply_id, one.throttle_name, one.run_env_id) for one in of_policy] == [(api, made.id, throttle.name, RELEASE)]
    of_api = apig.list_request_throttling_policies_binded_to_api_v2(
        ListRequestThrottlingPoliciesBindedToApiV2Request(instance, api_id=api)).throttles
    assert [(one.id, one.bind_id, one.bind_num, one.env_name) for one in of_api] == [(throttle.id, made.id, 1, "RELEASE")]
    others = apig.list_apis_unbinded_to_request_throttling_policy_v2(
        ListApisUnbindedToRequestThrottlingPolicyV2Request(instance, throttle_id=throttle.id, limit=500)).apis
    assert api not in [one.id for one in others]
    apig.disassociate_request_throttling_policy_v2(DisassociateRequestThrottlingPolicyV2Request(instance, made.id))
    done = apig.batch_disassociate_throttling_policy_v2(BatchDisassociateThrottlingPolicyV2Request(
        instance, action="delete", body=ThrottleBindingBatchDelete(throttle_bindings=[bind().id, made.id])))
    assert (done.success_count, [(one.bind_id, one.error_code) for one in done.failure]) == (1, [(made.id, "APIG.3012")])


def test_whoever_is_too_many_reads_so(product, apig, published):
    instance, host = published.instance, f"127.0.0.1:{product.ports.gateway}"
    strict = ThrottleBaseInfo(name=unique("throttle_"), time_unit="DAY", time_interval=90, api_call_limits=1000, app_call_limits=1)
    made = apig.create_request_throttling_policy_v2(CreateRequestThrottlingPolicyV2Request(instance, strict))
    bound = apig.associate_request_throttling_policy_v2(AssociateRequestThrottlingPolicyV2Request(
        instance, ThrottleApiBindingCreate(strategy_id=made.id, publish_ids=[published.publication.publish_id]))).throttle_applys[0]
    try:
        fields = signing.sdk_hmac_fields("GET", host, "/limited", (published.app.app_key, published.app.app_secret))
        answers = [requests.get(f"http://{host}/limited", timeout=20, headers=dict(fields)) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 429]
        assert answers[1].json()["error_code"] == "APIG.0308" and int(answers[1].headers["Retry-After"]) > 0
    finally:
        apig.disassociate_request_throttling_policy_v2(DisassociateRequestThrottlingPolicyV2Request(instance, bound.id))
        apig.delete_request_throttling_policy_v2(DeleteRequestThrottlingPolicyV2Request(instance, made.id))
