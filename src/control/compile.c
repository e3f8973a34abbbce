#include "control/compile.h"

#include "base/text.h"
#include "control/authority.h"
#include "control/compile_mapping.h"
#include "control/jwt_policies.h"
#include "control/path_template.h"
#include "scheme/scheme.h"

#include <jansson.h>

/* What is read, and the first thing that is wrong. */
struct source {
    struct arena *arena;
    const json_t *api;
    const char *problem;
};

static void wrong(struct source *source, const char *problem)
{
    if (source->problem == NULL) source->problem = problem;
}

/* Copied, since the document goes before the publication does. */
static struct bytes text(struct source *source, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    struct bytes borrowed = bytes_of(json_string_value(value), json_string_length(value));
    struct bytes copy = arena_copy(source->arena, borrowed);
    if (copy.length != borrowed.length) wrong(source, "the definition is too large");
    return copy;
}

static bool is(struct bytes value, const char *word)
{
    return bytes_equal(value, bytes_of_text(word));
}

static bool flag(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

static enum auth_type auth_type(struct source *source)
{
    struct bytes written = text(source, source->api, "auth_type");
    if (is(written, "APP")) return AUTH_TYPE_APP;
    if (is(written, "IAM")) return AUTH_TYPE_IAM;
    if (!is(written, "NONE")) wrong(source, "auth_type is none of NONE, APP and IAM");
    return AUTH_TYPE_NONE;
}

static const json_t *own_member(const struct source *source, const char *name)
{
    return json_object_get(json_object_get(source->api, "countersign"), name);
}

/* With which signatures a key pair counts here: all of the presets, unless the operator says less. */
static void compile_signatures(struct source *source, struct proof_plan *plan)
{
    const json_t *wanted = own_member(source, "signature_schemes"), *item;
    size_t i;
    static const enum scheme_id presets[] = {SCHEME_ALIYUN_CA, SCHEME_SDK_HMAC_SHA256, SCHEME_BCE_AUTH_V1};
    for (i = 0; wanted == NULL && i < sizeof presets / sizeof presets[0]; i++) scheme_signature_places(plan, presets[i]);
    json_array_foreach(wanted, i, item)
    {
        const struct scheme *scheme = scheme_by_name(bytes_of(json_string_value(item), json_string_length(item)));
        bool fits = scheme != NULL && scheme->proof_kind == PROOF_MAC && scheme_signature_places(plan, scheme->id);
        if (!fits) wrong(source, "countersign.signature_schemes names no scheme of signatures");
    }
}

/* Users of IAM bring a token, or sign with their access keys as the vendor's SDKs do. */
static void compile_users(struct source *source, struct proof_plan *plan)
{
    const json_t *wanted = own_member(source, "signature_schemes"), *item;
    size_t i;
    proof_plan_add(plan, scheme_default_place(SCHEME_AUTH_TOKEN));
    if (wanted == NULL) scheme_signature_places(plan, SCHEME_SDK_HMAC_SHA256);
    json_array_foreach(wanted, i, item)
    {
        const struct scheme *scheme = scheme_by_name(bytes_of(json_string_value(item), json_string_length(item)));
        bool fits = scheme != NULL && (scheme_sdk_family() >> scheme->id & 1) != 0 && scheme_signature_places(plan, scheme->id);
        if (!fits) wrong(source, "countersign.signature_schemes names a scheme that users of IAM do not sign with");
    }
}

static void compile_app_codes(struct source *source, struct proof_plan *plan)
{
    struct bytes wanted = text(source, json_object_get(source->api, "auth_opt"), "app_code_auth_type");
    if (wanted.length == 0 || is(wanted, "DISABLE")) return;
    bool in_query = is(wanted, "HEADER_QUERY");
    if (!in_query && !is(wanted, "HEADER")) wrong(source, "auth_opt.app_code_auth_type is none of its words");
    scheme_app_code_places(plan, in_query);
}

static void compile_plan(struct source *source, struct proof_plan *plan)
{
    plan->auth_type = auth_type(source);
    if (plan->auth_type == AUTH_TYPE_IAM) return compile_users(source, plan);
    if (plan->auth_type != AUTH_TYPE_APP) return;
    compile_signatures(source, plan);
    compile_app_codes(source, plan);
}

static void compile_rules(struct source *source, struct admission_rules *rules)
{
    const json_t *own = json_object_get(source->api, "countersign");
    json_int_t body_limit = json_integer_value(json_object_get(own, "body_limit"));
    if (body_limit < 0) wrong(source, "countersign.body_limit is negative");
    rules->body_limit = body_limit > 0 ? (uint64_t)body_limit : 0;
    rules->hide_hint = flag(own, "hide_hint");
    rules->accept_repeated_names = flag(own, "accept_repeated_names");
    rules->require_body_digest = flag(own, "require_body_digest");
    rules->accept_anonymous = flag(own, "accept_anonymous");
    rules->accept_undated = flag(own, "accept_undated");
    rules->require_nonce = flag(own, "require_nonce");
    rules->disable_internet = flag(own, "disable_internet");
    rules->disable_internal = flag(own, "disable_internal");
    rules->cors = flag(source->api, "cors");
    rules->https_only = is(text(source, source->api, "req_protocol"), "HTTPS");
}

static void compile_protocol(struct source *source, const json_t *api, struct backend *backend)
{
    struct bytes protocol = text(source, api, "req_protocol");
    backend->kind = is(protocol, "HTTPS") ? BACKEND_HTTPS : BACKEND_HTTP;
    if (backend->kind == BACKEND_HTTP && !is(protocol, "HTTP")) wrong(source, "backend_api.req_protocol is neither HTTP nor HTTPS");
}

static uint16_t implied_port(const struct backend *backend)
{
    return backend->kind == BACKEND_HTTPS ? 443 : 80;
}

/* As sent: without the port that the protocol implies (RFC 9110, 4.2.3). As looked up, and returned: always with it, in lower case, so that
 * one name has one set of addresses. Empty: it is none, or no backend may be there. */
static struct bytes full_authority(struct source *source, struct bytes written, uint16_t implied, struct bytes *sent)
{
    struct authority authority;
    if (written.length == 0 || authority_read(written, &authority) != NULL) return BYTES("");
    bool bracketed = written.data[0] == '[';
    struct bytes host = bytes_slice(written, 0, authority.host.length + (bracketed ? 2 : 0));
    *sent = authority.port == implied ? host : written;
    struct buffer out = buffer_in(source->arena, host.length + 6);
    buffer_add_lower(&out, host);
    buffer_add_byte(&out, ':');
    buffer_add_number(&out, authority.port != 0 ? authority.port : implied);
    return buffer_bytes(&out);
}

static void compile_authority(struct source *source, const json_t *api, struct backend *backend)
{
    struct bytes written = text(source, api, "url_domain");
    backend->authority = full_authority(source, written, implied_port(backend), &backend->host);
    if (backend->authority.length == 0) wrong(source, "backend_api.url_domain is no host:port, or one where no backend may be");
}

static void compile_members(struct source *source, const json_t *own, struct backend *backend)
{
    const json_t *members = json_object_get(own, "members");
    if (json_array_size(members) > BACKEND_MAX_MEMBERS) return wrong(source, "countersign.members are more than 16");
    for (size_t i = 0; i < json_array_size(members); i++) {
        struct backend_member *member = &backend->members[i];
        const json_t *item = json_array_get(members, i);
        json_int_t weight = json_integer_value(json_object_get(item, "weight"));
        struct bytes unused;
        member->authority = full_authority(source, text(source, item, "authority"), implied_port(backend), &unused);
        member->weight = (uint8_t)weight;
        if (member->authority.length == 0)
            wrong(source, "an authority of countersign.members is no host:port, or one where no backend may be");
        if (weight < 1 || weight > BACKEND_MAX_WEIGHT) wrong(source, "a weight of countersign.members is not from 1 to 100");
    }
    backend->member_count = json_array_size(members);
}

/* huawei.md 4.5: a text from "-1" to "10". Absent in what was published before there was a choice. */
static void compile_retries(struct source *source, const json_t *api, struct backend *backend)
{
    int64_t retries;
    struct bytes written = text(source, api, "retry_count");
    backend->retries = -1;
    if (written.length == 0 || is(written, "-1")) return;
    if (!number_parse(written, &retries) || retries < 0 || retries > BACKEND_MAX_RETRIES) return wrong(source, "backend_api.retry_count");
    backend->retries = (int8_t)retries;
}

static void compile_target(struct source *source, const json_t *api, struct backend *backend)
{
    struct path_template template;
    struct bytes method = text(source, api, "req_method");
    json_int_t timeout = json_integer_value(json_object_get(api, "timeout"));
    backend->method = is(method, "ANY") ? BYTES("") : method;
    backend->path = text(source, api, "req_uri");
    if (path_template_read(backend->path, &template) != NULL) wrong(source, "backend_api.req_uri is no path");
    backend->path = compile_path(source->arena, source->api, backend->path);
    if (backend->path.length == 0) wrong(source, "backend_api.req_uri does not fit with its parameters");
    if (timeout < 1 || timeout > UINT32_MAX) wrong(source, "backend_api.timeout is out of range");
    backend->timeout_ms = (uint32_t)timeout;
}

static void compile_backend(struct source *source, struct backend *backend)
{
    const json_t *api = json_object_get(source->api, "backend_api");
    const json_t *own = json_object_get(source->api, "countersign");
    if (is(text(source, source->api, "backend_type"), "MOCK")) {
        *backend = (struct backend){.kind = BACKEND_MOCK, .retries = -1};
        backend->mock_answer = text(source, json_object_get(source->api, "mock_info"), "result_content");
        return;
    }
    if (!is(text(source, source->api, "backend_type"), "HTTP") || !json_is_object(api)) {
        wrong(source, "backend_type is neither HTTP nor MOCK");
        return;
    }
    compile_protocol(source, api, backend);
    compile_authority(source, api, backend);
    compile_target(source, api, backend);
    compile_retries(source, api, backend);
    compile_members(source, own, backend);
    backend->client_certificate = flag(api, "enable_client_ssl");
    backend->verify_certificate = !json_is_false(json_object_get(own, "verify_certificate"));
    backend->ca_certificates = text(source, own, "ca_certificates");
}

static void compile_route(struct source *source, struct route_entry *route)
{
    struct path_template template;
    struct bytes mode = text(source, source->api, "match_mode");
    route->method = text(source, source->api, "req_method");
    route->path = text(source, source->api, "req_uri");
    route->prefix = is(mode, "SWA");
    if (!route->prefix && !is(mode, "NORMAL") && mode.length > 0) wrong(source, "match_mode is neither NORMAL nor SWA");
    if (path_template_read(route->path, &template) != NULL) wrong(source, "req_uri is no path");
}

const char *compile_version(struct arena *arena, const struct value *version, struct publication *publication, struct route_entry *route)
{
    struct bytes definition = version[VERSION_DEFINITION].bytes;
    json_t *api = json_loadb((const char *)definition.data, definition.length, JSON_REJECT_DUPLICATES, NULL);
    struct source source = {.arena = arena, .api = api};
    *publication = (struct publication){.id = version[VERSION_PUBLISH_ID].bytes,
                                        .instance_id = version[VERSION_INSTANCE_ID].bytes,
                                        .api_id = version[VERSION_API_ID].bytes,
                                        .group_id = version[VERSION_GROUP_ID].bytes,
                                        .environment_id = version[VERSION_ENV_ID].bytes};
    *route = (struct route_entry){.api_id = publication->api_id};
    if (!json_is_object(api)) {
        json_decref(api);
        return "the definition is no JSON object";
    }
    publication->api_name = text(&source, api, "name");
    compile_plan(&source, &publication->plan);
    compile_rules(&source, &publication->rules);
    compile_backend(&source, &publication->backend);
    compile_route(&source, route);
    publication->mapping = compile_mapping(source.arena, api, &publication->mapping_count);
    publication->parameters = compile_parameters(source.arena, api);
    if (arena->exhausted) wrong(&source, "the definition is too large");
    const char *unfit = jwt_policy_compile(arena, json_object_get(json_object_get(api, "countersign"), "jwt_policy"), publication);
    if (unfit != NULL) wrong(&source, unfit);
    json_decref(api);
    return source.problem;
}
