#include "cli/relation.h"
#include "control/routes.h"

#include <stdlib.h>
#include <string.h>

#define RELEASE    "RELEASE"
#define RELEASE_ID "DEFAULT_ENVIRONMENT_RELEASE_ID"

const char *text_of(const json_t *item, const char *member)
{
    const char *text = json_string_value(json_object_get(item, member));
    return text != NULL ? text : "";
}

void copy_members(json_t *to, const json_t *from, const char *const *members)
{
    for (size_t i = 0; i < MEMBERS_MAX && members[i] != NULL; i++) {
        json_t *value = json_object_get(from, members[i]);
        if (value != NULL && !json_is_null(value)) json_object_set(to, members[i], value);
    }
}

/* --- names --- */

/* The item that has this id; NULL: none of this kind. */
static const json_t *item_of(const struct state *state, enum kind_place kind, const char *id)
{
    for (size_t i = 0; i < json_array_size(state->ids[kind]); i++)
        if (strcmp(json_string_value(json_array_get(state->ids[kind], i)), id) == 0) return json_array_get(state->items[kind], i);
    return NULL;
}

/* The name of what has this id, under this member. */
static void put_name(const struct state *state, json_t *item, const char *member, enum kind_place kind, const char *id)
{
    const json_t *named = item_of(state, kind, id);
    if (named != NULL) json_object_set_new(item, member, json_string(kind_name(&kinds[kind], named)));
}

static void put_env(const struct state *state, json_t *item, const json_t *raw)
{
    const char *id = text_of(raw, "env_id");
    if (strcmp(id, RELEASE_ID) == 0) json_object_set_new(item, "env_id", json_string(RELEASE));
    put_name(state, item, "env_id", KIND_ENV, id);
}

static void put_api(const struct state *state, json_t *item, const json_t *raw)
{
    const json_t *api = item_of(state, KIND_API, text_of(raw, "api_id"));
    put_name(state, item, "api_id", KIND_API, text_of(raw, "api_id"));
    json_object_set(item, "group_id", json_object_get(api, "group_id"));
}

const char *id_of(const struct state *state, enum kind_place kind, const json_t *item)
{
    static const char *const members[] = {
        [KIND_ENV] = "env_id",           [KIND_GROUP] = "group_id", [KIND_API] = "api_id",           [KIND_APP] = "app_id",
        [KIND_CONSUMER] = "consumer_id", [KIND_SIGN] = "sign_id",   [KIND_THROTTLE] = "throttle_id", [KIND_ACL] = "acl_id"};
    const char *name = text_of(item, members[kind]);
    if (kind == KIND_ENV && strcmp(name, RELEASE) == 0) return RELEASE_ID;
    for (size_t i = 0; i < json_array_size(state->items[kind]); i++) {
        const json_t *one = json_array_get(state->items[kind], i);
        bool here = strcmp(kind_name(&kinds[kind], one), name) == 0;
        if (kind == KIND_API) here = here && strcmp(text_of(one, "group_id"), text_of(item, "group_id")) == 0;
        if (here) return json_string_value(json_array_get(state->ids[kind], i));
    }
    return NULL;
}

/* --- one relation after the other --- */

static json_t *show_domain(const struct state *state, const json_t *raw)
{
    (void)state;
    return json_pack("{s:O, s:O*}", "url_domain", json_object_get(raw, "domain"), "min_ssl_version",
                     json_object_get(raw, "min_ssl_version"));
}

/* Tokens stand among them, too, and have a relation of their own. */
static json_t *show_key(const struct state *state, const json_t *raw)
{
    static const char *const members[MEMBERS_MAX] = {"kind",    "access_key", "source",     "name",
                                                     "display", "enabled",    "start_time", "end_time"};
    (void)state;
    if (strcmp(text_of(raw, "kind"), "JWT") == 0) return NULL;
    json_t *item = json_object();
    copy_members(item, raw, members);
    return item;
}

static const char *const token_members[MEMBERS_MAX] = {
    "key_type", "jwks",        "remote_jwks", "token_location",    "token_name", "token_prefix", "pass_through", "audiences",
    "leeway",   "require_exp", "single_use",  "claims_to_headers", "enabled",    "start_time",   "end_time"};
static const char *const token_keys[MEMBERS_MAX] = {"claim", "claim_value", "issuer"};

static json_t *show_token(const struct state *state, const json_t *raw)
{
    json_t *item = json_object();
    (void)state;
    copy_members(item, raw, token_keys);
    copy_members(item, raw, token_members);
    return item;
}

static json_t *show_api_pair(const struct state *state, const json_t *raw)
{
    static const char *const members[MEMBERS_MAX] = {"end_time"};
    json_t *item = json_object();
    put_api(state, item, raw);
    put_env(state, item, raw);
    put_name(state, item, "app_id", KIND_APP, text_of(raw, "app_id"));
    put_name(state, item, "consumer_id", KIND_CONSUMER, text_of(raw, "consumer_id"));
    put_name(state, item, "sign_id", KIND_SIGN, text_of(raw, "sign_id"));
    copy_members(item, raw, members);
    return item;
}

/* What is bound is shown itself, with the binding's id and environment. */
static json_t *show_bound_throttle(const struct state *state, const json_t *raw)
{
    json_t *item = json_object();
    put_api(state, item, raw);
    put_env(state, item, raw);
    put_name(state, item, "throttle_id", KIND_THROTTLE, text_of(raw, "id"));
    return item;
}

static json_t *show_bound_acl(const struct state *state, const json_t *raw)
{
    json_t *item = json_object();
    put_api(state, item, raw);
    put_env(state, item, raw);
    put_name(state, item, "acl_id", KIND_ACL, text_of(raw, "id"));
    return item;
}

static json_t *show_special(const struct state *state, const json_t *raw)
{
    static const char *const members[MEMBERS_MAX] = {"object_type", "object_id", "call_limits"};
    json_t *item = json_object(), *name = json_object_get(raw, "object_name");
    (void)state;
    copy_members(item, raw, members);
    if (name != NULL) json_object_set(item, "object_id", name);
    return item;
}

static const char *const acl_members[MEMBERS_MAX] = {"app_acl_type", "app_acl_values"};

static json_t *show_app_acl(const struct state *state, const json_t *raw)
{
    (void)state;
    if (json_object_get(raw, "app_acl_type") == NULL) return NULL;
    json_t *item = json_object();
    copy_members(item, raw, acl_members);
    return item;
}

static json_t *show_feature(const struct state *state, const json_t *raw)
{
    static const char *const members[MEMBERS_MAX] = {"name", "enable", "config"};
    json_t *item = json_object();
    (void)state;
    copy_members(item, raw, members);
    return item;
}

/* Presets are no wish of anybody. The API answers the number as text. */
static json_t *show_quota(const struct state *state, const json_t *raw)
{
    (void)state;
    if (!json_is_string(json_object_get(raw, "config_time"))) return NULL;
    return json_pack("{s:O, s:I}", "config_name", json_object_get(raw, "config_name"), "config_value",
                     (json_int_t)strtoll(text_of(raw, "config_value"), NULL, 10));
}

static json_t *write_all(const json_t *item)
{
    json_t *body = json_deep_copy(item);
    json_object_del(body, "throttle_id");
    json_object_del(body, "app_id");
    return body;
}

static json_t *write_domain(const json_t *item)
{
    static const char *const members[MEMBERS_MAX] = {"url_domain", "min_ssl_version"};
    json_t *body = json_object();
    copy_members(body, item, members);
    return body;
}

static json_t *write_key(const json_t *item)
{
    bool is_pair = strcmp(text_of(item, "kind"), "HMAC") == 0;
    const char *const members[MEMBERS_MAX] = {is_pair ? "access_key" : "source", is_pair ? NULL : "name"};
    json_t *inner = json_pack("{s:s}", "generate_mode", "CUSTOM");
    copy_members(inner, item, members);
    json_object_set(inner, is_pair ? "secret_key" : "value", json_object_get(item, "value"));
    return json_pack("{s:o}", is_pair ? "hmac" : "api_key", inner);
}

/* A symmetric key is drawn and told once: nobody would hear it here. */
static json_t *write_token(const json_t *item)
{
    if (strcmp(text_of(item, "key_type"), "ASYMMETRIC") != 0 && strcmp(text_of(item, "key_type"), "REMOTE") != 0) return NULL;
    json_t *body = json_object();
    copy_members(body, item, token_keys);
    copy_members(body, item, token_members);
    return body;
}

static json_t *write_times(const json_t *item)
{
    static const char *const members[MEMBERS_MAX] = {"end_time"};
    json_t *body = json_object();
    copy_members(body, item, members);
    return body;
}

const struct relation relation_table[RELATION_COUNT] = {
    {.list = "features",
     .noun = "feature",
     .parent = KIND_COUNT,
     .path = IN_INSTANCE "/features",
     .answered = "features",
     .keys = {"name"},
     .members = {"enable", "config"},
     .show = show_feature,
     .write = write_all,
     .create = IN_INSTANCE "/features",
     .id = "name"},
    {.list = "quotas",
     .noun = "quota",
     .parent = KIND_COUNT,
     .path = IN_INSTANCE "/project/configs",
     .answered = "configs",
     .keys = {"config_name"},
     .members = {"config_value"},
     .show = show_quota,
     .write = write_all,
     .create = IN_INSTANCE "/project/configs",
     .method = "PUT",
     .id = "config_name"},
    {.list = "domains",
     .noun = "domain",
     .parent = KIND_GROUP,
     .path = IN_INSTANCE "/api-groups/{group_id}",
     .answered = "url_domains",
     .keys = {"group_id", "url_domain"},
     .members = {"min_ssl_version"},
     .show = show_domain,
     .write = write_domain,
     .create = IN_INSTANCE "/api-groups/{group_id}/domains",
     .update = IN_INSTANCE "/api-groups/{group_id}/domains/{domain_id}",
     .remove = IN_INSTANCE "/api-groups/{group_id}/domains/{domain_id}",
     .nested = true},
    {.list = "consumer_keys",
     .noun = "consumer-key",
     .parent = KIND_CONSUMER,
     .path = IN_INSTANCE "/consumers/{consumer_id}",
     .answered = "credentials",
     .keys = {"consumer_id", "kind", "access_key", "source", "name", "display"},
     .members = {"enabled", "start_time", "end_time"},
     .show = show_key,
     .write = write_key,
     .create = IN_INSTANCE "/consumers/{consumer_id}/credentials",
     .update = IN_INSTANCE "/consumers/{consumer_id}/credentials/{credential_id}",
     .remove = IN_INSTANCE "/consumers/{consumer_id}/credentials/{credential_id}",
     .nested = true,
     .secret = "value"},
    {.list = "jwt_credentials",
     .noun = "jwt-credential",
     .parent = KIND_CONSUMER,
     .path = IN_INSTANCE "/consumers/{consumer_id}/jwt-credentials",
     .paged = true,
     .answered = "jwt_credentials",
     .keys = {"consumer_id", "claim", "claim_value", "issuer"},
     .members = {"key_type", "jwks", "remote_jwks", "token_location", "token_name", "token_prefix", "pass_through", "audiences", "leeway",
                 "require_exp", "single_use", "claims_to_headers", "enabled", "start_time", "end_time"},
     .show = show_token,
     .write = write_token,
     .create = IN_INSTANCE "/consumers/{consumer_id}/jwt-credentials",
     .update = IN_INSTANCE "/consumers/{consumer_id}/jwt-credentials/{credential_id}",
     .remove = IN_INSTANCE "/consumers/{consumer_id}/jwt-credentials/{credential_id}",
     .nested = true},
    {.list = "app_auths",
     .noun = "app-auth",
     .parent = KIND_API,
     .path = IN_INSTANCE "/app-auths/binded-apps",
     .query = "api_id",
     .answered = "auths",
     .keys = {"group_id", "api_id", "env_id", "app_id"},
     .members = {"end_time"},
     .show = show_api_pair,
     .write = write_times,
     .create = IN_INSTANCE "/app-auths",
     .remove = IN_INSTANCE "/app-auths/{auth_id}",
     .strict = true},
    {.list = "consumer_auths",
     .noun = "consumer-auth",
     .parent = KIND_API,
     .path = IN_INSTANCE "/consumer-auths",
     .query = "api_id",
     .answered = "auths",
     .keys = {"group_id", "api_id", "env_id", "consumer_id"},
     .members = {"end_time"},
     .show = show_api_pair,
     .write = write_times,
     .create = IN_INSTANCE "/consumer-auths",
     .remove = IN_INSTANCE "/consumer-auths/{auth_id}",
     .strict = true},
    {.list = "sign_bindings",
     .noun = "sign-binding",
     .parent = KIND_API,
     .path = IN_INSTANCE "/sign-bindings/binded-signs",
     .query = "api_id",
     .answered = "bindings",
     .keys = {"group_id", "api_id", "env_id"},
     .members = {"sign_id"},
     .show = show_api_pair,
     .write = write_times,
     .create = IN_INSTANCE "/sign-bindings",
     .remove = IN_INSTANCE "/sign-bindings/{binding_id}",
     .strict = true,
     .once = true},
    {.list = "throttle_bindings",
     .noun = "throttle-binding",
     .parent = KIND_API,
     .path = IN_INSTANCE "/throttle-bindings/binded-throttles",
     .query = "api_id",
     .answered = "throttles",
     .keys = {"group_id", "api_id", "env_id"},
     .members = {"throttle_id"},
     .show = show_bound_throttle,
     .write = write_times,
     .create = IN_INSTANCE "/throttle-bindings",
     .remove = IN_INSTANCE "/throttle-bindings/{throttle_binding_id}",
     .id = "bind_id",
     .strict = true,
     .once = true},
    {.list = "throttle_specials",
     .noun = "throttle-special",
     .parent = KIND_THROTTLE,
     .path = IN_INSTANCE "/throttles/{throttle_id}/throttle-specials",
     .paged = true,
     .answered = "throttle_specials",
     .keys = {"throttle_id", "object_type", "object_id"},
     .members = {"call_limits"},
     .show = show_special,
     .write = write_all,
     .create = IN_INSTANCE "/throttles/{throttle_id}/throttle-specials",
     .update = IN_INSTANCE "/throttles/{throttle_id}/throttle-specials/{special_id}",
     .remove = IN_INSTANCE "/throttles/{throttle_id}/throttle-specials/{special_id}",
     .nested = true},
    {.list = "acl_bindings",
     .noun = "acl-binding",
     .parent = KIND_API,
     .path = IN_INSTANCE "/acl-bindings/binded-acls",
     .query = "api_id",
     .answered = "acls",
     .keys = {"group_id", "api_id", "env_id"},
     .members = {"acl_id"},
     .show = show_bound_acl,
     .write = write_times,
     .create = IN_INSTANCE "/acl-bindings",
     .remove = IN_INSTANCE "/acl-bindings/{acl_binding_id}",
     .id = "bind_id",
     .strict = true,
     .once = true},
    {.list = "app_acls",
     .noun = "app-acl",
     .parent = KIND_APP,
     .path = IN_INSTANCE "/apps/{app_id}/app-acl",
     .keys = {"app_id"},
     .members = {"app_acl_type", "app_acl_values"},
     .show = show_app_acl,
     .write = write_all,
     .create = IN_INSTANCE "/apps/{app_id}/app-acl",
     .method = "PUT",
     .remove = IN_INSTANCE "/apps/{app_id}/app-acl",
     .id = "app_id",
     .nested = true},
};
