"""The management API as the vendor's own SDK (huaweicloudsdkapig) drives it: every resource made, read back equal, changed and removed; errors
arrive typed, with our code and message."""
import pytest
from conftest import RELEASE, unique
from huaweicloudsdkapig.v2 import (ApiActionInfo, ApiCreate, ApiGroupCreate, AppCreate, AssociateDomainV2Request, BackendApiCreate, BaseSignature,
                                   CreateAnAppV2Request, CreateAppCodeAutoV2Request, CreateSignatureKeyV2Request, ListApiVersionDetailV2Request,
                                   ListApiVersionsV2Request, ListAppCodesV2Request, ListAppsBindedToApiV2Request, ListPluginsRequest,
                                   ShowDetailsOfApiGroupV2Request, ShowDetailsOfAppCodeV2Request, ShowDetailsOfInstanceV2Request, UpdateApiV2Request,
                                   UrlDomainCreate,
                                   CreateApiGroupV2Request, CreateApiV2Request, CreateEnvironmentV2Request,
                                   CreateOrDeletePublishRecordForApiV2Request, DeleteApiGroupV2Request, DeleteApiV2Request, DeleteAppV2Request,
                                   DeleteEnvironmentV2Request, DeleteSignatureKeyV2Request, EnvCreate, ListApiGroupsV2Request,
                                   ListApisBindedToAppV2Request, ListApisBindedToSignatureKeyV2Request, ListApisV2Request, ListAppsV2Request,
                                   ListEnvironmentsV2Request, ListSignatureKeysBindedToApiV2Request, ListSignatureKeysV2Request,
                                   ShowDetailsOfApiV2Request, ShowDetailsOfAppV2Request, UpdateApiGroupV2Request, UpdateAppV2Request,
                                   UpdateEnvironmentV2Request, UpdateSignatureKeyV2Request)
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException


def test_environments(product, apig):
    instance, name = product.admin.instance_id, unique("env")
    made = apig.create_environment_v2(CreateEnvironmentV2Request(instance, EnvCreate(name=name, remark="made by a test")))
    listed = apig.list_environments_v2(ListEnvironmentsV2Request(instance, name=name))
    assert (listed.total, listed.size) == (1, 1)
    assert listed.envs[0].to_dict() == {key: value for key, value in made.to_dict().items() if key in listed.envs[0].to_dict()}
    changed = apig.update_environment_v2(UpdateEnvironmentV2Request(instance, made.id, EnvCreate(name=name, remark="changed")))
    assert (changed.id, changed.remark) == (made.id, "changed")
    apig.delete_environment_v2(DeleteEnvironmentV2Request(instance, made.id))
    assert apig.list_environments_v2(ListEnvironmentsV2Request(instance, name=name)).total == 0


def test_release_is_always_there_and_stays(product, apig):
    instance = product.admin.instance_id
    assert RELEASE in [env.id for env in apig.list_environments_v2(ListEnvironmentsV2Request(instance)).envs]
    with pytest.raises(ClientRequestException) as refused:
        apig.delete_environment_v2(DeleteEnvironmentV2Request(instance, RELEASE))
    assert 400 <= refused.value.status_code < 500


def test_groups(product, apig):
    instance, name = product.admin.instance_id, unique("group")
    made = apig.create_api_group_v2(CreateApiGroupV2Request(instance, ApiGroupCreate(name=name, remark="r")))
    assert made.sl_domain.startswith(made.id)
    listed = apig.list_api_groups_v2(ListApiGroupsV2Request(instance, name=name, precise_search="name")).groups
    assert [group.id for group in listed] == [made.id]
    changed = apig.update_api_group_v2(UpdateApiGroupV2Request(instance, made.id, ApiGroupCreate(name=name, remark="s")))
    assert changed.remark == "s"
    apig.delete_api_group_v2(DeleteApiGroupV2Request(instance, made.id))
    assert apig.list_api_groups_v2(ListApiGroupsV2Request(instance, name=name)).total == 0


def api_of(group_id, name, path):
    return ApiCreate(name=name, type=1, req_protocol="BOTH", req_method="GET", req_uri=path, match_mode="NORMAL", auth_type="APP",
                     backend_type="HTTP", group_id=group_id, remark="made by a test",
                     backend_api=BackendApiCreate(url_domain="127.0.0.1:9", req_protocol="HTTP", req_method="GET", req_uri=path, timeout=1000))


def test_apis(product, apig):
    instance = product.admin.instance_id
    group = apig.create_api_group_v2(CreateApiGroupV2Request(instance, ApiGroupCreate(name=unique("group"))))
    name = unique("api")
    made = apig.create_api_v2(CreateApiV2Request(instance, api_of(group.id, name, "/" + name)))
    shown = apig.show_details_of_api_v2(ShowDetailsOfApiV2Request(instance, made.id))
    made_fields, shown_fields = made.to_dict(), shown.to_dict()
    assert {key: shown_fields[key] for key in made_fields if made_fields[key] is not None and key in shown_fields} == \
           {key: made_fields[key] for key in made_fields if made_fields[key] is not None and key in shown_fields}
    published = apig.create_or_delete_publish_record_for_api_v2(CreateOrDeletePublishRecordForApiV2Request(
        instance, ApiActionInfo(action="online", env_id=RELEASE, api_id=made.id)))
    assert published.publish_id and published.version_id
    listed = apig.list_apis_v2(ListApisV2Request(instance, name=name, precise_search="name")).apis
    assert [(api.id, api.publish_id, api.run_env_id) for api in listed] == [(made.id, published.publish_id, RELEASE)]
    with pytest.raises(ClientRequestException) as refused:
        apig.delete_api_v2(DeleteApiV2Request(instance, made.id))
    assert refused.value.error_code == "APIG.3416"
    apig.create_or_delete_publish_record_for_api_v2(CreateOrDeletePublishRecordForApiV2Request(
        instance, ApiActionInfo(action="offline", env_id=RELEASE, api_id=made.id)))
    apig.delete_api_v2(DeleteApiV2Request(instance, made.id))
    with pytest.raises(ClientRequestException) as gone:
        apig.show_details_of_api_v2(ShowDetailsOfApiV2Request(instance, made.id))
    assert (gone.value.status_code, gone.value.error_code) == (404, "APIG.3002")
    apig.delete_api_group_v2(DeleteApiGroupV2Request(instance, group.id))


def test_same_method_and_path_in_a_group_is_refused(product, apig, published):
    instance, group, path = product.admin.instance_id, published.group.id, "/" + unique("twice")
    first = apig.create_api_v2(CreateApiV2Request(instance, api_of(group, unique("a"), path)))
    with pytest.raises(ClientRequestException) as refused:
        apig.create_api_v2(CreateApiV2Request(instance, api_of(group, unique("b"), path)))
    assert (refused.value.status_code, refused.value.error_code) == (400, "APIG.3301")
    apig.delete_api_v2(DeleteApiV2Request(instance, first.id))


def test_apps(product, apig):
    instance, name = product.admin.instance_id, unique("app")
    made = apig.create_an_app_v2(CreateAnAppV2Request(instance, AppCreate(name=name, remark="r")))
    assert made.app_key and made.app_secret
    shown = apig.show_details_of_app_v2(ShowDetailsOfAppV2Request(instance, made.id))
    assert (shown.id, shown.name, shown.app_key) == (made.id, name, made.app_key)
    assert not shown.app_secret, "a secret comes back once, at creation"
    changed = apig.update_app_v2(UpdateAppV2Request(instance, made.id, AppCreate(name=name, remark="s")))
    assert changed.remark == "s"
    assert [app.id for app in apig.list_apps_v2(ListAppsV2Request(instance, app_key=made.app_key)).apps] == [made.id]
    apig.delete_app_v2(DeleteAppV2Request(instance, made.id))
    with pytest.raises(ClientRequestException) as gone:
        apig.show_details_of_app_v2(ShowDetailsOfAppV2Request(instance, made.id))
    assert gone.value.status_code == 404


def test_authorisations_are_listed(product, apig, published):
    bound = apig.list_apis_binded_to_app_v2(ListApisBindedToAppV2Request(product.admin.instance_id, app_id=published.app.id)).auths
    assert [(auth.api_id, auth.env_id, auth.id) for auth in bound] == [(published.api.id, RELEASE, published.auth.id)]


def test_signature_keys(product, apig, signature_key):
    instance = product.admin.instance_id
    listed = apig.list_signature_keys_v2(ListSignatureKeysV2Request(instance, name=signature_key.name, precise_search="name")).signs
    assert [(key.id, key.sign_key, key.sign_type) for key in listed] == [(signature_key.id, signature_key.sign_key, "hmac")]
    changed = apig.update_signature_key_v2(UpdateSignatureKeyV2Request(instance, signature_key.id, BaseSignature(
        name=signature_key.name + "2", sign_type="hmac", sign_key=signature_key.sign_key, sign_secret="a-new-secret-of-24-chars")))
    assert changed.name == signature_key.name + "2"
    apig.delete_signature_key_v2(DeleteSignatureKeyV2Request(instance, signature_key.id))
    with pytest.raises(ClientRequestException) as gone:
        apig.delete_signature_key_v2(DeleteSignatureKeyV2Request(instance, signature_key.id))
    assert (gone.value.status_code, gone.value.error_code) == (404, "APIG.3017")


def test_bindings_are_listed(product, apig, published):
    instance = product.admin.instance_id
    bound = apig.list_apis_binded_to_signature_key_v2(ListApisBindedToSignatureKeyV2Request(instance, sign_id=published.sign_id)).bindings
    assert published.binding.id in [binding.id for binding in bound]
    keys = apig.list_signature_keys_binded_to_api_v2(ListSignatureKeysBindedToApiV2Request(instance, api_id=published.api.id)).bindings
    assert [key.sign_id for key in keys] == [published.sign_id]


def same(left, right, ignored=(), listed=False):
    """Are these models equal, member by member, but for members that one of them does not have? Not for those that come only once (secrets), and
    not for what items of a list leave out."""
    left, right = left.to_dict(), right.to_dict()
    shared = {name for name in set(left) & set(right) if not (listed and right[name] is None)} - set(ignored)
    assert shared, (left, right)
    return {name: left[name] for name in shared} == {name: right[name] for name in shared}


def test_every_resource_reads_back_as_it_was_made(product, apig, published):
    """to_dict() of what was made and of what is read, from lists and single calls."""
    instance, name = product.admin.instance_id, unique("same")
    env = apig.create_environment_v2(CreateEnvironmentV2Request(instance, EnvCreate(name=name, remark="r")))
    assert same(env, apig.list_environments_v2(ListEnvironmentsV2Request(instance, name=name)).envs[0])
    group = apig.create_api_group_v2(CreateApiGroupV2Request(instance, ApiGroupCreate(name=name, remark="r")))
    assert same(group, apig.list_api_groups_v2(ListApiGroupsV2Request(instance, name=name)).groups[0])
    assert same(group, apig.show_details_of_api_group_v2(ShowDetailsOfApiGroupV2Request(instance, group.id)))
    domain = apig.associate_domain_v2(AssociateDomainV2Request(instance, group.id, UrlDomainCreate(url_domain=name.replace("_", "-") + ".example", min_ssl_version="TLSv1.2")))
    shown = apig.show_details_of_api_group_v2(ShowDetailsOfApiGroupV2Request(instance, group.id)).url_domains[0]
    assert (shown.id, shown.domain, shown.min_ssl_version) == (domain.id, domain.url_domain, domain.min_ssl_version)
    api = apig.create_api_v2(CreateApiV2Request(instance, api_of(group.id, name, "/" + name)))
    assert same(api, apig.show_details_of_api_v2(ShowDetailsOfApiV2Request(instance, api.id)))
    assert same(api, apig.list_apis_v2(ListApisV2Request(instance, id=api.id)).apis[0], listed=True)
    changed = apig.update_api_v2(UpdateApiV2Request(instance, api.id, api_of(group.id, name + "2", "/" + name + "/{id}".replace("{id}", "x"))))
    assert same(changed, apig.show_details_of_api_v2(ShowDetailsOfApiV2Request(instance, api.id)))
    app = apig.create_an_app_v2(CreateAnAppV2Request(instance, AppCreate(name=name, remark="r")))
    once = ("app_secret", "bind_num")
    assert same(app, apig.show_details_of_app_v2(ShowDetailsOfAppV2Request(instance, app.id)), once)
    assert same(app, apig.list_apps_v2(ListAppsV2Request(instance, id=app.id)).apps[0], once)
    code = apig.create_app_code_auto_v2(CreateAppCodeAutoV2Request(instance, app.id))
    assert same(code, apig.show_details_of_app_code_v2(ShowDetailsOfAppCodeV2Request(instance, app.id, code.id)), ("app_code",))
    assert same(code, apig.list_app_codes_v2(ListAppCodesV2Request(instance, app.id)).app_codes[0], ("app_code",))
    sign = apig.create_signature_key_v2(CreateSignatureKeyV2Request(instance, BaseSignature(name=name, sign_type="hmac")))
    assert same(sign, apig.list_signature_keys_v2(ListSignatureKeysV2Request(instance, id=sign.id)).signs[0], ("sign_secret",))
    auths = apig.list_apps_binded_to_api_v2(ListAppsBindedToApiV2Request(instance, api_id=published.api.id)).auths
    bound = apig.list_apis_binded_to_app_v2(ListApisBindedToAppV2Request(instance, app_id=published.app.id)).auths
    assert same(auths[0], bound[0])
    keys = apig.list_signature_keys_binded_to_api_v2(ListSignatureKeysBindedToApiV2Request(instance, api_id=published.api.id)).bindings
    apis = apig.list_apis_binded_to_signature_key_v2(ListApisBindedToSignatureKeyV2Request(instance, sign_id=published.sign_id)).bindings
    assert same(keys[0], next(one for one in apis if one.id == keys[0].id)), "the binding by its API and by its key"
    assert same(published.binding, keys[0], ("sign_secret",))
    versions = apig.list_api_versions_v2(ListApiVersionsV2Request(instance, published.api.id, env_id=RELEASE)).api_versions
    assert (versions[0].version_id, versions[0].status) == (published.publication.version_id, 1)
    definition = apig.list_api_version_detail_v2(ListApiVersionDetailV2Request(instance, versions[0].version_id))
    assert (definition.id, definition.name, definition.req_uri) == (published.api.id, published.api.name, published.api.req_uri)
    first, again = (apig.show_details_of_instance_v2(ShowDetailsOfInstanceV2Request(instance)) for _ in range(2))
    assert first.to_dict() == again.to_dict() and first.id == instance
    for kind, request in ((apig.delete_app_v2, DeleteAppV2Request(instance, app.id)), (apig.delete_api_v2, DeleteApiV2Request(instance, api.id)),
                          (apig.delete_api_group_v2, DeleteApiGroupV2Request(instance, group.id)), (apig.delete_environment_v2, DeleteEnvironmentV2Request(instance, env.id)),
                          (apig.delete_signature_key_v2, DeleteSignatureKeyV2Request(instance, sign.id))):
        kind(request)


@pytest.mark.parametrize("call, request_of, status, code, says", [
    ("show_details_of_api_v2", lambda i: ShowDetailsOfApiV2Request(i, "0" * 32), 404, "APIG.3002", "does not exist"),
    ("show_details_of_app_v2", lambda i: ShowDetailsOfAppV2Request(i, "0" * 32), 404, "APIG.3004", "does not exist"),
    ("show_details_of_api_group_v2", lambda i: ShowDetailsOfApiGroupV2Request(i, "0" * 32), 404, "APIG.3001", "does not exist"),
    ("delete_signature_key_v2", lambda i: DeleteSignatureKeyV2Request(i, "0" * 32), 404, "APIG.3017", "does not exist"),
    ("delete_environment_v2", lambda i: DeleteEnvironmentV2Request(i, "0" * 32), 404, "APIG.3003", "does not exist"),
    ("list_apps_v2", lambda i: ListAppsV2Request("0" * 32), 404, "APIG.3030", "does not exist"),
    ("create_an_app_v2", lambda i: CreateAnAppV2Request(i, AppCreate(name="x")), 400, "APIG.2012", "parameterName:name"),
    ("list_plugins", lambda i: ListPluginsRequest(i), 404, "APIG.3941", "no plug-ins"),
])
def test_errors_are_typed_with_our_code_and_message(product, apig, call, request_of, status, code, says):
    with pytest.raises(ClientRequestException) as refused:
        getattr(apig, call)(request_of(product.admin.instance_id))
    assert (refused.value.status_code, refused.value.error_code) == (status, code) and says in refused.value.error_msg
    assert len(refused.value.request_id) == 32


def test_a_bad_value_names_its_field(product, apig):
    with pytest.raises(ClientRequestException) as refused:
        apig.create_environment_v2(CreateEnvironmentV2Request(product.admin.instance_id, EnvCreate(name="1x")))
    assert refused.value.status_code == 400
    assert refused.value.error_code.startswith("APIG.20")
    assert "parameterName:name" in refused.value.error_msg


def test_a_wrong_secret_is_refused(product):
    from huaweicloudsdkapig.v2 import ApigClient
    from huaweicloudsdkcore.auth.credentials import BasicCredentials
    stranger = ApigClient.new_builder().with_credentials(BasicCredentials(product.admin.access, "not-the-secret", product.admin.project_id)) \
        .with_endpoint(f"http://127.0.0.1:{product.ports.management}").build()
    with pytest.raises(ClientRequestException) as refused:
        stranger.list_environments_v2(ListEnvironmentsV2Request(product.admin.instance_id))
    assert (refused.value.status_code, refused.value.error_code) == (401, "APIG.0301")
