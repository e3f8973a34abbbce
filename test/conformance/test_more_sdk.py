"""Calls of the vendor's own SDK that are not walked elsewhere: lists of addresses, gateways and their configs, an API with all that its parameters
may demand. What is read is equal to what was made, as the SDK itself sees it (to_dict)."""
import pytest
from conftest import unique
from huaweicloudsdkapig.v2 import (AclApiBindingCreate, AclBatchDelete, AclBindingBatchDelete, ApiAclCreate, ApiCreate, ApiGroupCreate, AppAclCreate,
                                   AppCreate, BackendApiCreate, BackendParamBase, BatchDeleteAclV2Request, BatchDeleteApiAclBindingV2Request,
                                   CreateAclStrategyV2Request, CreateAnAppV2Request, CreateApiAclBindingV2Request, CreateApiGroupV2Request,
                                   CreateApiV2Request, CreateInstanceV2Request, DeleteAclV2Request, DeleteApiAclBindingV2Request, DeleteApiGroupV2Request,
                                   DeleteApiV2Request, DeleteAppAclRequest, DeleteAppV2Request, DeleteInstancesV2Request, InstanceCreateReqV2,
                                   ListAclPolicyBindedToApiV2Request, ListAclStrategiesV2Request, ListApisBindedToAclPolicyV2Request,
                                   ListApisUnbindedToAclPolicyV2Request, ListAppQuotasRequest, ListEnvironmentsV2Request, ListInstanceConfigsV2Request,
                                   ListInstancesV2Request, ReqParamBase, ShowDetailsOfAclPolicyV2Request, ShowDetailsOfApiV2Request,
                                   ShowDetailsOfAppAclRequest, ShowDetailsOfInstanceV2Request, UpdateAclStrategyV2Request, UpdateAppAclRequest)
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException


def shared(made, read):
    """The members that both models have."""
    made, read = made.to_dict(), read.to_dict()
    names = [name for name in made if name in read]
    assert names
    return {name: made[name] for name in names}, {name: read[name] for name in names}


def policy(**changes):
    return ApiAclCreate(**{"acl_name": unique("acl"), "acl_type": "DENY", "entity_type": "IP", "acl_value": "192.0.2.1,198.51.100.0/24", **changes})


@pytest.fixture
def acl(product, apig):
    return apig.create_acl_strategy_v2(CreateAclStrategyV2Request(product.admin.instance_id, policy()))


def test_a_list_of_addresses_is_made_read_back_changed_and_removed(product, apig, acl):
    instance = product.admin.instance_id
    made, read = shared(acl, apig.show_details_of_acl_policy_v2(ShowDetailsOfAclPolicyV2Request(instance, acl.id)))
    assert made == read
    listed = apig.list_acl_strategies_v2(ListAclStrategiesV2Request(instance, name=acl.acl_name, precise_search="name"))
    made, read = shared(acl, listed.acls[0])
    assert (listed.total, listed.acls[0].bind_num) == (1, 0) and made == read
    changed = policy(acl_type="PERMIT", acl_value="127.0.0.1")
    done = apig.update_acl_strategy_v2(UpdateAclStrategyV2Request(instance, acl.id, changed))
    assert (done.id, done.acl_name, done.acl_type, done.acl_value) == (acl.id, changed.acl_name, "PERMIT", "127.0.0.1")
    for bad, code in ((policy(acl_value="300.1.1.1"), "APIG.2012"), (policy(entity_type="DOMAIN"), "APIG.2012"), (changed, "APIG.3206")):
        with pytest.raises(ClientRequestException) as refused:
            apig.create_acl_strategy_v2(CreateAclStrategyV2Request(instance, bad))
        assert (refused.value.status_code, refused.value.error_code) == (400, code)
    apig.delete_acl_v2(DeleteAclV2Request(instance, acl.id))
    with pytest.raises(ClientRequestException) as gone:
        apig.show_details_of_acl_policy_v2(ShowDetailsOfAclPolicyV2Request(instance, acl.id))
    assert (gone.value.status_code, gone.value.error_code) == (404, "APIG.3006")


def test_a_list_of_addresses_is_bound_listed_and_unbound(apig, published, acl):
    instance, api, publication = published.instance, published.api.id, published.publication.publish_id
    assert publication in [one.publish_id for one in
                           apig.list_apis_unbinded_to_acl_policy_v2(ListApisUnbindedToAclPolicyV2Request(instance, acl_id=acl.id, limit=500)).apis]
    for unbind in ("one", "batch"):
        bound, = apig.create_api_acl_binding_v2(CreateApiAclBindingV2Request(
            instance, AclApiBindingCreate(acl_id=acl.id, publish_ids=[publication]))).acl_bindings
        assert (bound.acl_id, bound.api_id) == (acl.id, api)
        by_acl, = apig.list_apis_binded_to_acl_policy_v2(ListApisBindedToAclPolicyV2Request(instance, acl_id=acl.id)).apis
        by_api, = apig.list_acl_policy_binded_to_api_v2(ListAclPolicyBindedToApiV2Request(instance, api_id=api)).acls
        assert (by_acl.api_id, by_acl.bind_id) == (api, bound.id) and (by_api.acl_id, by_api.bind_id) == (acl.id, bound.id)
        if unbind == "one":
            apig.delete_api_acl_binding_v2(DeleteApiAclBindingV2Request(instance, bound.id))
        else:
            done = apig.batch_delete_api_acl_binding_v2(BatchDeleteApiAclBindingV2Request(
                instance, action="delete", body=AclBindingBatchDelete(acl_bindings=[bound.id, "0" * 32])))
            assert (done.success_count, [one.bind_id for one in done.failure]) == (1, ["0" * 32])
        assert apig.list_acl_policy_binded_to_api_v2(ListAclPolicyBindedToApiV2Request(instance, api_id=api)).total == 0
    done = apig.batch_delete_acl_v2(BatchDeleteAclV2Request(instance, action="delete", body=AclBatchDelete(acls=[acl.id])))
    assert done.success_count == 1


def test_addresses_of_an_app(product, apig):
    instance = product.admin.instance_id
    app = apig.create_an_app_v2(CreateAnAppV2Request(instance, AppCreate(name=unique("listed"))))
    done = apig.update_app_acl(UpdateAppAclRequest(instance, app.id, AppAclCreate(app_acl_type="PERMIT", app_acl_values=["192.0.2.1", "2001:db8::/32"])))
    made, read = shared(done, apig.show_details_of_app_acl(ShowDetailsOfAppAclRequest(instance, app.id)))
    assert made == read and read["app_acl_values"] == ["192.0.2.1", "2001:db8::/32"]
    apig.delete_app_acl(DeleteAppAclRequest(instance, app.id))
    assert apig.show_details_of_app_acl(ShowDetailsOfAppAclRequest(instance, app.id)).app_acl_values in (None, [])
    apig.delete_app_v2(DeleteAppV2Request(instance, app.id))


def test_a_gateway_is_made_listed_shown_and_removed(product, apig):
    name = unique("gateway").replace("_", "-")
    made = apig.create_instance_v2(CreateInstanceV2Request(InstanceCreateReqV2(instance_name=name, description="made by a test", spec_id="BASIC")))
    assert len(made.instance_id) == 32 and made.job_id is not None
    listed = apig.list_instances_v2(ListInstancesV2Request(instance_name=name))
    assert (listed.total, [one.id for one in listed.instances]) == (1, [made.instance_id])
    assert apig.list_instances_v2(ListInstancesV2Request(instance_name=name, status="Creating")).total == 0
    shown = apig.show_details_of_instance_v2(ShowDetailsOfInstanceV2Request(made.instance_id))
    one, other = shared(listed.instances[0], shown)
    assert one == other and (shown.instance_name, shown.description, shown.status) == (name, "made by a test", "Running")
    assert [env.name for env in apig.list_environments_v2(ListEnvironmentsV2Request(made.instance_id)).envs] == ["RELEASE"]
    apig.delete_instances_v2(DeleteInstancesV2Request(made.instance_id))
    with pytest.raises(ClientRequestException) as gone:
        apig.show_details_of_instance_v2(ShowDetailsOfInstanceV2Request(made.instance_id))
    assert (gone.value.status_code, gone.value.error_code) == (404, "APIG.3030")
    configs = {one.config_name: one.config_value for one in apig.list_instance_configs_v2(ListInstanceConfigsV2Request(limit=500)).configs}
    assert (configs["APP_NUM_LIMIT"], configs["SIGN_NUM_LIMIT"]) == ("50", "30")


def test_quotas_of_apps_are_not_there_and_what_is(product, apig):
    with pytest.raises(ClientRequestException) as refused:
        apig.list_app_quotas(ListAppQuotasRequest(product.admin.instance_id))
    assert (refused.value.status_code, refused.value.error_code) == (404, "APIG.3941") and "throttle-specials" in refused.value.error_msg


def test_all_that_parameters_may_demand_reads_back(product, apig):
    instance, name = product.admin.instance_id, unique("demanding")
    group = apig.create_api_group_v2(CreateApiGroupV2Request(instance, ApiGroupCreate(name=name)))
    params = [ReqParamBase(name="id", type="NUMBER", location="PATH", required=1, valid_enable=1, min_num=1, max_num=99, pass_through=1),
              ReqParamBase(name="q", type="STRING", location="QUERY", required=2, valid_enable=1, min_size=1, max_size=9, enumerations="a,b",
                           default_value="a", sample_value="b", remark="r", pass_through=2),
              ReqParamBase(name="X-Who", type="STRING", location="HEADER", required=1, valid_enable=2)]
    api = apig.create_api_v2(CreateApiV2Request(instance, ApiCreate(
        name=name, type=1, req_protocol="BOTH", req_method="GET", req_uri=f"/{name}/{{id}}", match_mode="NORMAL", auth_type="APP", backend_type="HTTP",
        group_id=group.id, req_params=params, backend_params=[BackendParamBase(origin="REQUEST", name="query", location="QUERY", value="q")],
        backend_api=BackendApiCreate(url_domain="127.0.0.1:9", req_protocol="HTTP", req_method="GET", req_uri="/{id}", timeout=1000))))
    shown = apig.show_details_of_api_v2(ShowDetailsOfApiV2Request(instance, api.id))
    made, read = shared(api, shown)
    assert made == read
    for sent, got in zip(params, shown.req_params):
        got = got.to_dict()
        assert {key: got[key] for key, value in sent.to_dict().items() if value is not None} == \
               {key: value for key, value in sent.to_dict().items() if value is not None}
    apig.delete_api_v2(DeleteApiV2Request(instance, api.id))
    apig.delete_api_group_v2(DeleteApiGroupV2Request(instance, group.id))
