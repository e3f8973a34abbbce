"""Every call of the vendor's SDK that is served and that no other test here makes; and its filters, which narrow and are not ignored."""
import secrets

import pytest
from conftest import RELEASE, unique
from huaweicloudsdkapig.v2 import (ApiActionInfo, ApiBatchPublish, ApiCheckInfoV2, ApiGroupCheck, ApiGroupCreate, ApiVersion, ApiAuthCreate, AppCodeCreate,
                                   AppCreate, AppResetCreate, AssociateDomainV2Request, BaseSignature, BatchPublishOrOfflineApiV2Request,
                                   CancelingAuthorizationV2Request, ChangeApiVersionV2Request, CheckApiGroupsV2Request, CheckApisV2Request, CheckAppV2Request,
                                   CreateAnAppV2Request, CreateApiGroupV2Request, CreateApiV2Request, CreateAppCodeV2Request, CreateAuthorizingAppsV2Request,
                                   CreateFeatureV2Request, CreateOrDeletePublishRecordForApiV2Request, CreateRequestThrottlingPolicyV2Request,
                                   CreateSignatureKeyV2Request, CreateSpecialThrottlingConfigurationV2Request, DeleteApiByVersionIdV2Request,
                                   DeleteApiGroupV2Request, DeleteApiV2Request, DeleteAppV2Request, DeleteRequestThrottlingPolicyV2Request,
                                   DeleteSignatureKeyV2Request, DisassociateDomainV2Request, DisassociateSignatureKeyV2Request, FeatureToggle,
                                   ListApiRuntimeDefinitionV2Request, ListApisBindedToAppV2Request, ListApisNotBoundWithSignatureKeyV2Request,
                                   ListApisUnbindedToAppV2Request, ListApisV2Request, ListApiVersionsV2Request, ListAppsBindedToApiV2Request,
                                   ListFeaturesV2Request, ListSpecialThrottlingConfigurationsV2Request, ResettingAppSecretV2Request, SignApiBinding,
                                   AssociateSignatureKeyV2Request, ThrottleBaseInfo, ThrottleSpecialCreate, UpdateDomainV2Request, UrlDomainCreate, UrlDomainModify)
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from test_management_sdk import api_of


@pytest.fixture(scope="module")
def things(product, apig):
    """Two published APIs of a group, with tags, and an app."""
    instance, name = product.admin.instance_id, unique("rest")
    group = apig.create_api_group_v2(CreateApiGroupV2Request(instance, ApiGroupCreate(name=name)))
    apis = []
    for which in ("first", "second"):
        body = api_of(group.id, f"{name}_{which}", f"/{name}/{which}")
        body.tags = ["all", which]
        apis.append(apig.create_api_v2(CreateApiV2Request(instance, body)))
    published = apig.batch_publish_or_offline_api_v2(BatchPublishOrOfflineApiV2Request(
        instance, action="online", body=ApiBatchPublish(env_id=RELEASE, group_id=group.id, remark="both")))
    assert {one.api_id for one in published.success} == {api.id for api in apis} and not published.failure
    app = apig.create_an_app_v2(CreateAnAppV2Request(instance, AppCreate(name=name)))
    yield instance, name, group, apis, app
    gone = apig.batch_publish_or_offline_api_v2(BatchPublishOrOfflineApiV2Request(
        instance, action="offline", body=ApiBatchPublish(env_id=RELEASE, apis=[api.id for api in apis])))
    assert len(gone.success) == 2
    for api in apis:
        apig.delete_api_v2(DeleteApiV2Request(instance, api.id))
    apig.delete_app_v2(DeleteAppV2Request(instance, app.id))
    apig.delete_api_group_v2(DeleteApiGroupV2Request(instance, group.id))


def code(call, request):
    with pytest.raises(ClientRequestException) as refused:
        call(request)
    return refused.value.error_code


def test_checks(apig, things):
    instance, name, group, apis, app = things
    apig.check_api_groups_v2(CheckApiGroupsV2Request(instance, ApiGroupCheck(group_name=unique("free"))))
    assert code(apig.check_api_groups_v2, CheckApiGroupsV2Request(instance, ApiGroupCheck(group_name=name))) == "APIG.3201"
    apig.check_apis_v2(CheckApisV2Request(instance, ApiCheckInfoV2(type="name", name=unique("free"), group_id=group.id)))
    assert code(apig.check_apis_v2, CheckApisV2Request(instance, ApiCheckInfoV2(type="path", req_method="GET", req_uri=f"/{name}/first", match_mode="NORMAL",
                                                                                group_id=group.id))) == "APIG.3301"
    assert apig.check_app_v2(CheckAppV2Request(instance, app.id)).name == name


def test_versions(apig, things):
    instance, _, _, apis, _ = things
    api = apis[0].id
    apig.create_or_delete_publish_record_for_api_v2(CreateOrDeletePublishRecordForApiV2Request(
        instance, ApiActionInfo(action="online", env_id=RELEASE, api_id=api, remark="again")))
    versions = apig.list_api_versions_v2(ListApiVersionsV2Request(instance, api_id=api)).api_versions
    former = [version for version in versions if version.status == 2][-1].version_id
    assert apig.change_api_version_v2(ChangeApiVersionV2Request(instance, api, ApiVersion(version_id=former))).version_id == former
    runtime = apig.list_api_runtime_definition_v2(ListApiRuntimeDefinitionV2Request(instance, api, env_id=RELEASE))
    assert (runtime.id, runtime.name, runtime.run_env_name) == (api, apis[0].name, "RELEASE") and runtime.req_method == "GET"
    apig.delete_api_by_version_id_v2(DeleteApiByVersionIdV2Request(instance, former))
    assert code(apig.list_api_runtime_definition_v2, ListApiRuntimeDefinitionV2Request(instance, api, env_id=RELEASE)) == "APIG.3015"
    apig.create_or_delete_publish_record_for_api_v2(CreateOrDeletePublishRecordForApiV2Request(
        instance, ApiActionInfo(action="online", env_id=RELEASE, api_id=api)))


def test_authorisations_and_their_filters(apig, things):
    instance, name, group, apis, app = things
    free = ListApisUnbindedToAppV2Request(instance, app_id=app.id, env_id=RELEASE, group_id=group.id)
    assert {api.id for api in apig.list_apis_unbinded_to_app_v2(free).apis} == {api.id for api in apis}
    for narrowed in (dict(api_name="SECOND"), dict(tags="second"), dict(api_id=apis[1].id)):
        found = apig.list_apis_unbinded_to_app_v2(ListApisUnbindedToAppV2Request(instance, app_id=app.id, env_id=RELEASE, **{"group_id": group.id, **narrowed}))
        assert [api.id for api in found.apis] == [apis[1].id], narrowed
    auths = apig.create_authorizing_apps_v2(CreateAuthorizingAppsV2Request(instance, ApiAuthCreate(
        env_id=RELEASE, app_ids=[app.id], api_ids=[api.id for api in apis]))).auths
    for narrowed in (dict(api_name="second"), dict(tags="second"), dict(api_id=apis[1].id), dict(group_name=name, api_name="econd")):
        found = apig.list_apis_binded_to_app_v2(ListApisBindedToAppV2Request(instance, app_id=app.id, **narrowed))
        assert (found.total, [auth.api_id for auth in found.auths]) == (1, [apis[1].id]), narrowed
    assert apig.list_apis_binded_to_app_v2(ListApisBindedToAppV2Request(instance, app_id=app.id, group_id=group.id)).total == 2
    assert apig.list_apis_binded_to_app_v2(ListApisBindedToAppV2Request(instance, app_id=app.id, group_name="of nobody")).total == 0
    by_name = apig.list_apps_binded_to_api_v2(ListAppsBindedToApiV2Request(instance, api_id=apis[0].id, app_name=name.upper()))
    assert [(auth.app_id, auth.api_name, auth.env_name) for auth in by_name.auths] == [(app.id, apis[0].name, "RELEASE")]
    assert apig.list_apps_binded_to_api_v2(ListAppsBindedToApiV2Request(instance, api_id=apis[0].id, app_name="nobody")).total == 0
    assert apig.list_apis_v2(ListApisV2Request(instance, group_id=group.id, vpc_channel_name="any")).total == 0, "there are no channels"
    for auth in auths:
        apig.canceling_authorization_v2(CancelingAuthorizationV2Request(instance, auth.id))
    assert code(apig.canceling_authorization_v2, CancelingAuthorizationV2Request(instance, auths[0].id)) == "APIG.3009"


def test_secrets_of_an_app(apig, things):
    instance, _, _, _, app = things
    given = "b" + secrets.token_hex(40)
    assert apig.create_app_code_v2(CreateAppCodeV2Request(instance, app.id, AppCodeCreate(app_code=given))).app_code == given
    secret = "c" + secrets.token_hex(20)
    assert apig.resetting_app_secret_v2(ResettingAppSecretV2Request(instance, app.id, AppResetCreate(app_secret=secret))).app_secret == secret


def test_a_signature_key_is_unbound(apig, things):
    instance, _, _, apis, _ = things
    key = apig.create_signature_key_v2(CreateSignatureKeyV2Request(instance, BaseSignature(name=unique("key"), sign_type="hmac")))
    listed = apig.list_apis_not_bound_with_signature_key_v2(ListApisNotBoundWithSignatureKeyV2Request(instance, sign_id=key.id, api_id=apis[1].id)).apis
    bound = apig.associate_signature_key_v2(AssociateSignatureKeyV2Request(instance, SignApiBinding(sign_id=key.id, publish_ids=[listed[0].publish_id])))
    assert apig.list_apis_not_bound_with_signature_key_v2(ListApisNotBoundWithSignatureKeyV2Request(instance, sign_id=key.id, api_id=apis[1].id)).total == 0
    apig.disassociate_signature_key_v2(DisassociateSignatureKeyV2Request(instance, bound.bindings[0].id))
    assert code(apig.disassociate_signature_key_v2, DisassociateSignatureKeyV2Request(instance, bound.bindings[0].id)) == "APIG.3018"
    apig.delete_signature_key_v2(DeleteSignatureKeyV2Request(instance, key.id))


def test_domains(apig, things):
    """What nginx's configuration says is refused when it is asked for, not ignored."""
    instance, name, group, _, _ = things
    made = apig.associate_domain_v2(AssociateDomainV2Request(instance, group.id, UrlDomainCreate(url_domain=f"{name.replace('_', '-')}.example", min_ssl_version="TLSv1.2",
                                                                                                 is_http_redirect_to_https=False)))
    changed = apig.update_domain_v2(UpdateDomainV2Request(instance, group.id, made.id, UrlDomainModify(min_ssl_version="TLSv1.1", verified_client_certificate_enabled=False)))
    assert (changed.id, changed.min_ssl_version) == (made.id, "TLSv1.1")
    for asked in (dict(is_http_redirect_to_https=True), dict(verified_client_certificate_enabled=True), dict(ingress_http_port=-1), dict(ingress_https_port=8443)):
        with pytest.raises(ClientRequestException) as refused:
            apig.update_domain_v2(UpdateDomainV2Request(instance, group.id, made.id, UrlDomainModify(min_ssl_version="TLSv1.3", **asked)))
        assert (refused.value.status_code, refused.value.error_code) == (400, "APIG.2012") and list(asked)[0] in refused.value.error_msg
    assert code(apig.associate_domain_v2, AssociateDomainV2Request(instance, group.id, UrlDomainCreate(url_domain="x.example", is_http_redirect_to_https=True))) == "APIG.2012"
    apig.disassociate_domain_v2(DisassociateDomainV2Request(instance, group.id, made.id))


def test_features(product, apig):
    instance = product.admin.instance_id
    assert apig.create_feature_v2(CreateFeatureV2Request(instance, FeatureToggle(name="app_basic", enable=True, config="on"))).enable is True
    listed = {feature.name: feature.enable for feature in apig.list_features_v2(ListFeaturesV2Request(instance)).features}
    assert listed["app_basic"] is True
    apig.create_feature_v2(CreateFeatureV2Request(instance, FeatureToggle(name="app_basic", enable=False, config="off")))
    assert code(apig.create_feature_v2, CreateFeatureV2Request(instance, FeatureToggle(name="no_such", enable=True))) == "APIG.2000"


def test_special_limits_by_name(product, apig, things):
    instance, name, _, _, app = things
    policy = apig.create_request_throttling_policy_v2(CreateRequestThrottlingPolicyV2Request(instance, ThrottleBaseInfo(
        name=unique("policy"), api_call_limits=9, time_interval=1, time_unit="MINUTE", type=1)))
    for kind, object_id in (("APP", app.id), ("USER", product.admin.user_id)):
        apig.create_special_throttling_configuration_v2(CreateSpecialThrottlingConfigurationV2Request(instance, policy.id, ThrottleSpecialCreate(
            call_limits=3, object_id=object_id, object_type=kind)))

    def found(**narrowed):
        answer = apig.list_special_throttling_configurations_v2(ListSpecialThrottlingConfigurationsV2Request(instance, policy.id, **narrowed))
        return [special.object_type for special in answer.throttle_specials]
    assert sorted(found()) == ["APP", "USER"] and found(app_name=name) == ["APP"] and found(user="admin") == ["USER"]
    assert found(app_name="nobody") == [] and found(object_type="USER", app_name=name) == []
    apig.delete_request_throttling_policy_v2(DeleteRequestThrottlingPolicyV2Request(instance, policy.id))
