#include "control/api_params.h"

#include "control/compile_mapping.h"
#include "policy/mapping.h"
#include "policy/tells.h"

#include <string.h>

#define YES 1 /* the vendor's yes; no is 2 */

/* An item of a list in the body. */
struct param {
    const char *list;
    size_t index;
    const json_t *json;
};

static struct bytes text_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return bytes_of(json_string_value(value), json_string_length(value));
}

static bool text_is(const json_t *object, const char *name, const char *expected)
{
    return bytes_equal(text_of(object, name), bytes_of_text(expected));
}

static bool integer_is(const json_t *object, const char *name, json_int_t expected)
{
    const json_t *value = json_object_get(object, name);
    return value != NULL && json_integer_value(value) == expected;
}

/* "req_params[2].required" and its rule. */
static bool refuse(struct call *call, const struct param *param, const char *member, const char *rule)
{
    char name[128];
    struct buffer out = buffer_over(name, sizeof name - 1);
    buffer_add_text(&out, param->list);
    buffer_add_byte(&out, '[');
    buffer_add_number(&out, (int64_t)param->index);
    buffer_add_text(&out, "].");
    buffer_add_text(&out, member);
    name[out.length] = '\0';
    return call_refuse_rule(call, name, rule);
}

/* The req_params item of this name and location, or of any location (""). */
static const json_t *find_request_param(const struct call *call, struct bytes name, struct bytes location)
{
    const json_t *list = json_object_get(call->body, "req_params");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        bool here = location.length == 0 || bytes_equal(text_of(item, "location"), location);
        if (here && bytes_equal(text_of(item, "name"), name)) return item;
    }
    return NULL;
}

static bool is_credential_header(struct bytes name)
{
    return bytes_equal_folded(name, BYTES("Authorization")) || bytes_equal_folded(name, BYTES("X-Auth-Token"));
}

/* Whatever stands between its words: a backend may read X_Sdk.Date as X-Sdk-Date. */
static bool begins_with_one_of(struct bytes name, const char *const *prefixes)
{
    for (; *prefixes != NULL; prefixes++) {
        struct bytes prefix = bytes_of_text(*prefixes);
        if (name.length >= prefix.length && http_name_is_alias(bytes_slice(name, 0, prefix.length), prefix)) return true;
    }
    return false;
}

static bool is_one_of(struct bytes name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (http_name_is_alias(name, bytes_of_text(*names))) return true;
    }
    return false;
}

static bool is_reserved(struct bytes name)
{
    static const char *const prefixes[] = {"x-apig-", "x-sdk-", "x-stage", NULL};
    return begins_with_one_of(name, prefixes);
}

/* What nginx or the gateway writes itself, what belongs to a signature, or what would let a definition speak as somebody else. */
static bool is_own_header(struct bytes name)
{
    static const char *const own[] = {
        "Host",   "Connection",    "Content-Length", "Transfer-Encoding", "Keep-Alive",   "TE",     "Trailer",          "Upgrade",
        "Expect", "Authorization", "X-Auth-Token",   "Content-MD5",       "Content-Type", "Cookie", "X-Security-Token", NULL};
    static const char *const prefixes[] = {"x-ca-", "x-bce-", "x-hw-", "proxy-", NULL};
    return is_one_of(name, own) || begins_with_one_of(name, prefixes) || tells_reserve(name);
}

/* By which a backend may learn the caller's address, so that no word but the gateway's own may stand there. */
static bool is_address_header(struct bytes name)
{
    static const char *const names[] = {"Forwarded", "Via", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", NULL};
    static const char *const prefixes[] = {"x-forwarded-", NULL};
    return is_one_of(name, names) || begins_with_one_of(name, prefixes);
}

static bool is_header_text(struct bytes value)
{
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] < 0x20 || value.data[i] == 0x7f) return false;
    }
    return true;
}

/* What the vendor has words for and nobody acts upon, at the vendor either but for the last. */
static bool asks_for_nothing_unserved(struct call *call, const struct param *param)
{
    if (text_of(param->json, "regular").length > 0) return refuse(call, param, "regular", "absent or empty (not served; use enumerations)");
    if (text_of(param->json, "json_schema").length > 0) return refuse(call, param, "json_schema", "absent or empty (not served)");
    if (json_array_size(json_object_get(param->json, "orchestrations")) > 0) {
        return refuse(call, param, "orchestrations", "absent or empty (orchestration is not served)");
    }
    return true;
}

/* A rule that some value can meet, the default among them. */
static bool check_demands(struct call *call, const struct param *param)
{
    struct parameter_rule rule;
    struct bytes preset = text_of(param->json, "default_value");
    compile_parameter(param->json, &rule);
    if (rule.has_least && rule.has_most && rule.most < rule.least) {
        return refuse(call, param, rule.number ? "max_num" : "max_size", rule.number ? "at least min_num" : "at least min_size");
    }
    if (!rule.checked || preset.length == 0 || parameter_admits(&rule, preset)) return true;
    return refuse(call, param, "default_value", "a value that type, bounds and enumerations allow, since valid_enable is 1");
}

/* The gateway, or nobody, says what stands in such a header. */
static bool is_spoken_for(const struct param *param)
{
    struct bytes name = text_of(param->json, "name");
    return text_is(param->json, "location", "HEADER") && (is_own_header(name) || is_reserved(name) || is_address_header(name));
}

/* What becomes of it when no backend parameter takes it: it is left out, or its default is written. */
static bool check_way(struct call *call, const struct param *param)
{
    struct bytes preset = text_of(param->json, "default_value");
    if (!is_header_text(preset)) return refuse(call, param, "default_value", "without control characters");
    if (preset.length > 0 && is_spoken_for(param))
        return refuse(call, param, "default_value", "absent, since no definition writes this header");
    if (!integer_is(param->json, "pass_through", 2)) return true;
    if (text_is(param->json, "location", "PATH")) return refuse(call, param, "pass_through", "1, since location is PATH");
    return !is_spoken_for(param) || refuse(call, param, "pass_through", "1, since no definition takes this header away");
}

static bool check_request_param(struct call *call, const struct param *param, const struct path_template *front)
{
    struct bytes name = text_of(param->json, "name");
    struct bytes location = text_of(param->json, "location");
    bool in_path = bytes_equal(location, BYTES("PATH"));
    if (find_request_param(call, name, location) != param->json) return refuse(call, param, "name", "each name once per location");
    if (in_path && !path_template_has(front, name)) return refuse(call, param, "name", "a {parameter} of req_uri, since location is PATH");
    if (in_path && integer_is(param->json, "required", 2)) return refuse(call, param, "required", "1, since location is PATH");
    if (bytes_equal(location, BYTES("HEADER")) && is_credential_header(name)) {
        return refuse(call, param, "name", "neither Authorization nor X-Auth-Token");
    }
    return asks_for_nothing_unserved(call, param) && check_demands(call, param) && check_way(call, param);
}

static bool check_request_params(struct call *call, const struct path_template *front)
{
    const json_t *list = json_object_get(call->body, "req_params");
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct param param = {"req_params", i, json_array_get(list, i)};
        if (!check_request_param(call, &param, front)) return false;
    }
    for (size_t i = 0; i < front->count; i++) {
        if (find_request_param(call, front->params[i], BYTES("PATH")) == NULL) {
            return call_refuse(call, ERROR_PATH_PARAM_UNDEFINED, front->params[i]);
        }
    }
    return true;
}

static bool is_system_word(struct bytes value)
{
    if (bytes_start_with(value, BYTES("$context."))) value = bytes_from(value, strlen("$context."));
    for (size_t i = 0; mapping_system_words[i] != NULL; i++) {
        if (bytes_equal(value, bytes_of_text(mapping_system_words[i]))) return true;
    }
    return false;
}

/* A segment cannot be missing, so nothing but parameters of the path and constants go there. */
static bool check_path_param(struct call *call, const struct param *param, const struct path_template *back)
{
    struct bytes name = text_of(param->json, "name"), value = text_of(param->json, "value");
    if (!path_template_has(back, name)) return refuse(call, param, "name", "a {parameter} of backend_api.req_uri, since location is PATH");
    if (text_is(param->json, "origin", "CONSTANT")) return true;
    if (text_is(param->json, "origin", "SYSTEM")) return refuse(call, param, "origin", "REQUEST or CONSTANT, since location is PATH");
    if (find_request_param(call, value, BYTES("PATH")) != NULL) return true;
    return refuse(call, param, "value", "a parameter of the request's path, since location is PATH");
}

static bool check_value(struct call *call, const struct param *param)
{
    struct bytes value = text_of(param->json, "value");
    if (text_is(param->json, "origin", "REQUEST") && find_request_param(call, value, BYTES("")) == NULL) {
        return call_refuse(call, ERROR_REQUEST_PARAM_UNDEFINED, value);
    }
    if (text_is(param->json, "origin", "SYSTEM") && !is_system_word(value)) {
        return refuse(
            call, param, "value",
            "one of sourceIp stage apiId apiName appId appName requestId serverAddr serverName handleTime, with or without $context. "
            "before it");
    }
    return is_header_text(value) || refuse(call, param, "value", "without control characters");
}

/* Once per place at the backend, whatever the spelling. */
static bool is_named_before(const struct call *call, const struct param *param)
{
    const json_t *list = json_object_get(call->body, param->list);
    for (size_t i = 0; i < param->index; i++) {
        const json_t *item = json_array_get(list, i);
        bool same_place = bytes_equal(text_of(item, "location"), text_of(param->json, "location"));
        if (same_place && http_name_is_alias(text_of(item, "name"), text_of(param->json, "name"))) return true;
    }
    return false;
}

static bool check_backend_param(struct call *call, const struct param *param, const struct path_template *back)
{
    struct bytes name = text_of(param->json, "name");
    if (is_reserved(name)) return refuse(call, param, "name", "not beginning with x-apig-, x-sdk- or x-stage");
    if (is_named_before(call, param)) return refuse(call, param, "name", "each name once per location");
    if (!check_value(call, param)) return false;
    if (text_is(param->json, "location", "PATH")) return check_path_param(call, param, back);
    if (!text_is(param->json, "location", "HEADER")) return true;
    if (is_own_header(name)) return refuse(call, param, "name", "no header that the gateway writes or that carries a proof or a signature");
    bool told = text_is(param->json, "origin", "SYSTEM");
    return told || !is_address_header(name) ||
           refuse(call, param, "name", "no header that says where a request came from, unless origin is SYSTEM");
}

static bool check_backend_params(struct call *call, const struct path_template *back)
{
    const json_t *list = json_object_get(call->body, "backend_params");
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct param param = {"backend_params", i, json_array_get(list, i)};
        if (!check_backend_param(call, &param, back)) return false;
    }
    return true;
}

/* A {parameter} of the backend's path that a backend parameter fills. */
static bool is_path_param(const struct call *call, struct bytes name)
{
    const json_t *list = json_object_get(call->body, "backend_params");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        if (text_is(item, "location", "PATH") && bytes_equal(text_of(item, "name"), name)) return true;
    }
    return false;
}

bool api_params_agree(struct call *call, const struct path_template *front, const struct path_template *back)
{
    if (!check_request_params(call, front) || !check_backend_params(call, back)) return false;
    for (size_t i = 0; i < back->count; i++) {
        bool given = path_template_has(front, back->params[i]) || is_path_param(call, back->params[i]);
        if (!given) return call_refuse(call, ERROR_BACKEND_PARAM_UNDEFINED, back->params[i]);
    }
    return true;
}
