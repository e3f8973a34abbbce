#include "control/routes.h"

#include "control/charsets.h"
#include "control/listing.h"
#include "control/resources.h"

#include <string.h>

#define PARAM_MAX_LENGTH 64

/* To serve a new resource: its table of routes goes here. */
static const struct routes *const tables[] = {
    /* One a line, since many come here. */
    /* clang-format off */
    &routes_openapi,
    &routes_envs,
    &routes_groups,
    &routes_domains,
    &routes_apps,
    &routes_app_auths,
    &routes_instances,
    &routes_features,
    &routes_apis,
    &routes_api_publish,
    &routes_consumers,
    &routes_consumer_import,
    &routes_token_credentials,
    &routes_key_sets,
    &routes_consumer_auths,
    &routes_signs,
    &routes_sign_next,
    &routes_sign_bindings,
    &routes_throttles,
    &routes_throttle_specials,
    &routes_acls,
    &routes_app_acls,
    &routes_audits,
    &routes_outlines,
    &routes_quotas,
    &routes_refused_requests,
    &routes_metrics_series,
    &routes_signature_debugger,
    &routes_overview,
    &routes_try_api,
    &routes_probes,
    &routes_app_codes,
    &routes_app_key_pairs,
    &routes_consumer_credentials,
    &routes_iam_tokens,
    &routes_console_session,
    &routes_users,
    &routes_access_keys,
    &routes_security_tokens,
    &routes_iam_projects,
    &routes_security,
    &routes_factors,
    &routes_step_up,
    &routes_code_webhook,
    &routes_secrets,
    /* clang-format on */
};
#define TABLE_COUNT (sizeof tables / sizeof *tables)

const struct route *route_at(size_t index)
{
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        if (index < tables[i]->count) return &tables[i]->items[index];
        index -= tables[i]->count;
    }
    return NULL;
}

unsigned route_status(const struct route *route)
{
    if (route->status != 0) return route->status;
    if (route->answer == NULL && route->listing == NULL && route->text == NULL) return 204;
    return strcmp(route->method, "POST") == 0 ? 201 : 200;
}

static bool is_one_of(const char *const *names, const char *name)
{
    for (; *names != NULL; names++) {
        if (strcmp(*names, name) == 0) return true;
    }
    return false;
}

static bool listing_reads(const struct listing *listing, const char *parameter)
{
    for (size_t i = 0; i < listing->filter_count; i++) {
        if (strcmp(listing->filters[i].parameter, parameter) == 0) return true;
    }
    return false;
}

bool route_reads(const struct route *route, const char *parameter)
{
    static const char *const of_lists[] = {"offset", "limit", "precise_search", NULL};
    if (route->query != NULL && fields_find(route->query, parameter) != NULL) return true;
    if (route->listing == NULL && route->items == NULL) return false;
    return is_one_of(of_lists, parameter) || (route->listing != NULL && listing_reads(route->listing, parameter));
}

static bool keep_param(struct call *call, struct bytes name, struct bytes value, size_t *count)
{
    if (value.length == 0 || value.length > PARAM_MAX_LENGTH || !charset_allows(&charset_id, value)) return false;
    if (bytes_equal(name, BYTES("{project_id}"))) {
        call->project_id = value;
    } else if (bytes_equal(name, BYTES("{instance_id}"))) {
        call->instance_id = value;
    } else if (*count < CALL_MAX_PARAMS) {
        call->params[(*count)++] = value;
    } else {
        return false;
    }
    return true;
}

static bool segment_matches(struct call *call, struct bytes pattern, struct bytes segment, size_t *count)
{
    if (bytes_start_with(pattern, BYTES("{"))) return keep_param(call, pattern, segment, count);
    return bytes_equal(pattern, segment);
}

static bool path_matches(struct call *call, const char *pattern, struct bytes path)
{
    struct bytes rest = bytes_of_text(pattern);
    struct bytes part, segment;
    size_t count = 0;
    while (bytes_next_part(&rest, '/', &part)) {
        if (!bytes_next_part(&path, '/', &segment) || !segment_matches(call, part, segment, &count)) return false;
    }
    return !bytes_next_part(&path, '/', &segment);
}

const struct route *route_find(struct call *call, struct bytes method, struct bytes path)
{
    const struct route *route;
    /* "a/" would be read as "a" with nothing behind it: a path that ends with '/' names no route. */
    if (path.length == 0 || path.data[path.length - 1] == '/') return NULL;
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        if (bytes_equal(bytes_of_text(route->method), method) && path_matches(call, route->path, path)) return route;
    }
    return NULL;
}
