#include "control/api_rules.h"

#include "control/api_demands.h"
#include "control/api_params.h"
#include "control/authority.h"
#include "control/certificates.h"
#include "control/jwt_policies.h"
#include "scheme/scheme.h"

#include <stdio.h>

static struct bytes member_text(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return bytes_of(json_string_value(value), json_string_length(value));
}

static bool read_template(struct call *call, const char *field, struct bytes path, struct path_template *found)
{
    const char *broken = path_template_read(path, found);
    return broken == NULL || call_refuse_rule(call, field, broken);
}

static bool check_backend(struct call *call, const json_t *backend)
{
    struct authority authority;
    struct bytes url_domain = member_text(backend, "url_domain");
    if (backend == NULL) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("backend_api"));
    if (url_domain.length == 0) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("backend_api.url_domain"));
    const char *broken = authority_read(url_domain, &authority);
    return broken == NULL || call_refuse_rule(call, "backend_api.url_domain", broken);
}

static bool check_members(struct call *call)
{
    size_t i;
    const json_t *member, *members = json_object_get(json_object_get(call->body, "countersign"), "members");
    json_array_foreach(members, i, member)
    {
        struct authority authority;
        const char *broken = authority_read(member_text(member, "authority"), &authority);
        char name[64];
        snprintf(name, sizeof name, "countersign.members[%zu].authority", i);
        if (broken != NULL) return call_refuse_rule(call, name, broken);
    }
    return true;
}

/* Over plain HTTP nobody asks for a certificate: who wants one shown means HTTPS. */
static bool check_client_certificate(struct call *call, const json_t *backend)
{
    if (!json_is_true(json_object_get(backend, "enable_client_ssl")) || bytes_equal(member_text(backend, "req_protocol"), BYTES("HTTPS")))
        return true;
    return call_refuse_rule(call, "backend_api.enable_client_ssl", "false, unless backend_api.req_protocol is HTTPS");
}

static bool check_certificates(struct call *call, const json_t *backend)
{
    const json_t *own = json_object_get(call->body, "countersign");
    struct bytes certificates = member_text(own, "ca_certificates");
    if (certificates.length == 0) return true;
    if (!bytes_equal(member_text(backend, "req_protocol"), BYTES("HTTPS")) || json_is_false(json_object_get(own, "verify_certificate"))) {
        return call_refuse_rule(call, "countersign.ca_certificates",
                                "absent, unless backend_api.req_protocol is HTTPS and verify_certificate is true");
    }
    size_t mark = call->arena.used;
    bool right = certificates_are_pem(&call->arena, certificates);
    arena_rewind(&call->arena, mark);
    return right || call_refuse_rule(call, "countersign.ca_certificates", "one or more certificates in PEM, nothing else");
}

/* As at the vendors: an AppCode is an app's. */
static bool check_app_codes(struct call *call)
{
    struct bytes wanted = member_text(json_object_get(call->body, "auth_opt"), "app_code_auth_type");
    if (wanted.length == 0 || bytes_equal(wanted, BYTES("DISABLE")) || bytes_equal(call_text(call, "auth_type"), BYTES("APP"))) return true;
    return call_refuse_rule(call, "auth_opt.app_code_auth_type", "DISABLE, unless auth_type is APP");
}

/* Users of IAM have access keys, which sign as the vendor's SDKs do. */
static bool check_signatures(struct call *call)
{
    size_t i;
    const json_t *item, *wanted = json_object_get(json_object_get(call->body, "countersign"), "signature_schemes");
    if (!bytes_equal(call_text(call, "auth_type"), BYTES("IAM"))) return true;
    json_array_foreach(wanted, i, item)
    {
        const struct scheme *scheme = scheme_by_name(bytes_of(json_string_value(item), json_string_length(item)));
        if (scheme == NULL || (scheme_sdk_family() >> scheme->id & 1) == 0)
            return call_refuse_rule(call, "countersign.signature_schemes", "of those that access keys sign with, since auth_type is IAM");
    }
    return true;
}

/* Nothing is sent anywhere, so nothing may say how. */
static bool check_mock(struct call *call, const struct path_template *front)
{
    const struct path_template none = {.count = 0};
    if (call_has(call, "backend_api")) return call_refuse_rule(call, "backend_api", "absent, since backend_type is MOCK");
    if (json_array_size(json_object_get(call->body, "backend_params")) > 0) {
        return call_refuse_rule(call, "backend_params", "absent or empty, since backend_type is MOCK");
    }
    if (!call_has(call, "mock_info")) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("mock_info"));
    return api_params_agree(call, front, &none);
}

static bool check_http(struct call *call, const struct path_template *front)
{
    const json_t *backend = json_object_get(call->body, "backend_api");
    struct path_template back;
    if (call_has(call, "mock_info")) return call_refuse_rule(call, "mock_info", "absent, unless backend_type is MOCK");
    return check_backend(call, backend) && read_template(call, "backend_api.req_uri", member_text(backend, "req_uri"), &back) &&
           api_params_agree(call, front, &back) && check_members(call) && check_client_certificate(call, backend) &&
           check_certificates(call, backend);
}

bool api_rules_hold(struct call *call)
{
    struct path_template front;
    bool mock = bytes_equal(call_text(call, "backend_type"), BYTES("MOCK"));
    return api_demands_are_served(call) && check_app_codes(call) && check_signatures(call) &&
           read_template(call, "req_uri", call_text(call, "req_uri"), &front) &&
           (mock ? check_mock(call, &front) : check_http(call, &front)) && jwt_policy_holds(call);
}
