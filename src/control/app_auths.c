/* Authorising apps for APIs (huawei.md 4.7): without a row for app, API and environment a call is refused. */
#include "control/apis.h"
#include "control/authorisations.h"
#include "control/bound_apis.h"
#include "control/charsets.h"
#include "control/listing.h"
#include "control/publications.h"
#include "control/related.h"
#include "control/resources.h"

#define MAX_IDS   1000 /* of one kind in one call */
#define MAX_PAIRS 10000

static const struct field create_list[] = {
    {.name = "env_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64, .charset = &charset_id},
    {.name = "app_ids",
     .type = FIELD_STRINGS,
     .flags = FIELD_REQUIRED,
     .minimum = 1,
     .maximum = 64,
     .most_items = MAX_IDS,
     .charset = &charset_id},
    {.name = "api_ids",
     .type = FIELD_STRINGS,
     .flags = FIELD_REQUIRED,
     .minimum = 1,
     .maximum = 64,
     .most_items = MAX_IDS,
     .charset = &charset_id},
    {.name = "end_time", .type = FIELD_TIME},
};
static const struct fields create_fields = FIELDS_OF(create_list);

static const struct field result_answer_items[] = {
    ANSWERED("status", FIELD_STRING),
    ANSWERED("api_name", FIELD_STRING),
    ANSWERED("app_name", FIELD_STRING),
};
static const struct fields result_fields = FIELDS_OF(result_answer_items);

static const struct field answer_list[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_ID},
    {.name = "api_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_API_ID},
    {.name = "env_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_ENV_ID},
    {.name = "app_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_PRINCIPAL_ID},
    {.name = "auth_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_TIME},
    ANSWERED("auth_role", FIELD_STRING),
    ANSWERED("auth_tunnel", FIELD_STRING),
    ANSWERED("app_type", FIELD_STRING),
    ANSWERED("end_time", FIELD_TIME),
    RELATED_API,
    RELATED_ENV,
    RELATED_PUBLICATION,
    RELATED_APP,
    {.name = "auth_result", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &result_fields},
};
static const struct fields answer_fields = FIELDS_OF(answer_list);

static const struct field authorised_answer_items[] = {
    {.name = "auths", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &answer_fields},
};
static const struct fields authorised_fields = FIELDS_OF(authorised_answer_items);

static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call;
    json_t *constants = json_pack("{s:s, s:s, s:s}", "auth_role", "PROVIDER", "auth_tunnel", "NORMAL", "app_type", "apig");
    bool added = constants != NULL && json_object_update(answer, constants) == 0;
    json_decref(constants);
    return added && json_put_time(answer, "end_time", row[AUTH_NOT_AFTER].integer);
}

/* The same rows as resource_authorisation, in the words of this endpoint. */
static const struct resource resource_app_auth = {
    .name = "app_auth",
    .entity = &entity_authorisation,
    .fields = &answer_fields,
    .instance_column = AUTH_INSTANCE_ID,
    .unknown = ERROR_AUTH_UNKNOWN,
    .derive = derive,
};

static struct bytes text_at(const json_t *list, size_t index)
{
    const json_t *item = json_array_get(list, index);
    return bytes_of(json_string_value(item), json_string_length(item));
}

/* The answer of one pair: SKIPPED when it was authorised already. */
static bool answer_pair(struct call *call, json_t *auths, const struct value *row, bool existed)
{
    json_t *item = resource_json(call, &resource_app_auth, row, HIDE_SECRETS);
    json_t *result = json_object();
    bool done = item != NULL && json_array_append_new(auths, item) == 0 && json_object_set_new(item, "auth_result", result) == 0 &&
                related_api(call, item) && related_app(call, item);
    if (!done) return call_fault(call, "no memory for the answer");
    return json_put(call, result, "status", existed ? BYTES("SKIPPED") : BYTES("SUCCESS")) &&
           json_put(call, result, "api_name", json_get_text(item, "api_name")) &&
           json_put(call, result, "app_name", json_get_text(item, "app_name"));
}

/* A new row, or another end of one that is there; SKIPPED when it is like that already. */
static bool authorise(struct call *call, const struct authorised *who, json_t *auths)
{
    struct value row[AUTH_COLUMNS];
    bool existed;
    size_t mark = call->arena.used;
    if (!authorisation_find(call, who, row, &existed)) return false;
    bool skipped = existed && row[AUTH_NOT_AFTER].integer == who->not_after;
    bool done = skipped || (existed ? authorisation_prolong(call, row, who->not_after) : authorisation_add(call, who, row));
    row[AUTH_NOT_AFTER] = value_integer(who->not_after);
    done = done && answer_pair(call, auths, row, skipped);
    arena_rewind(&call->arena, mark);
    return done;
}

/* Everything named must exist, or nothing is authorised. */
static bool check_ids(struct call *call, const json_t *app_ids, const json_t *api_ids)
{
    struct value env[ENV_COLUMNS];
    struct value app[APP_COLUMNS];
    struct value api[API_COLUMNS];
    if (json_array_size(app_ids) * json_array_size(api_ids) > MAX_PAIRS) {
        return call_refuse_rule(call, "api_ids", "at most 10000 pairs of app and API");
    }
    if (!env_load(call, call_text(call, "env_id"), env)) return false;
    size_t mark = call->arena.used;
    for (size_t i = 0; i < json_array_size(app_ids); i++, arena_rewind(&call->arena, mark)) {
        if (!resource_load(call, &resource_app, text_at(app_ids, i), app)) return false;
    }
    for (size_t i = 0; i < json_array_size(api_ids); i++, arena_rewind(&call->arena, mark)) {
        if (!resource_load(call, &resource_api, text_at(api_ids, i), api)) return false;
    }
    return true;
}

static bool create(struct call *call)
{
    const json_t *app_ids = json_object_get(call->body, "app_ids");
    const json_t *api_ids = json_object_get(call->body, "api_ids");
    struct authorised who = {.kind = PRINCIPAL_APP, .env_id = call_text(call, "env_id")};
    if (!check_ids(call, app_ids, api_ids) || !authorisation_read_end(call, &who.not_after)) return false;
    json_t *auths = json_array();
    bool done = auths != NULL || call_fault(call, "no memory for the answer");
    for (size_t i = 0; done && i < json_array_size(app_ids); i++) {
        who.principal_id = text_at(app_ids, i);
        for (size_t j = 0; done && j < json_array_size(api_ids); j++) {
            who.api_id = text_at(api_ids, j);
            done = authorise(call, &who, auths);
        }
    }
    if (done) return call_answer(call, 201, json_pack("{s:o}", "auths", auths));
    json_decref(auths);
    return false;
}

static bool destroy(struct call *call)
{
    struct value row[AUTH_COLUMNS];
    if (!resource_load(call, &resource_authorisation, call->params[0], row)) return false;
    /* A consumer's authorisation counts its places and is removed where it was made. */
    if (row[AUTH_PRINCIPAL_KIND].integer != PRINCIPAL_APP) return call_refuse(call, ERROR_AUTH_UNKNOWN, call->params[0]);
    return authorisation_remove(call, row) && call_answer(call, 204, NULL);
}

static bool complete(struct call *call, json_t *item)
{
    size_t mark = call->arena.used;
    bool done = related_api(call, item) && related_env(call, item) && related_publication(call, item) && related_app(call, item);
    arena_rewind(&call->arena, mark);
    return done;
}

static const struct list_filter list_filters[] = {
    {"env_id", FILTER_EXACT, AUTH_ENV_ID},
    {"api_id", FILTER_EXACT, AUTH_API_ID},
    {"app_id", FILTER_EXACT, AUTH_PRINCIPAL_ID},
};
static const struct listing listing = {.resource = &resource_app_auth,
                                       .items = "auths",
                                       .filters = list_filters,
                                       .filter_count = sizeof list_filters / sizeof *list_filters,
                                       .order_column = AUTH_TIME,
                                       .descending = true,
                                       .complete = complete};

static bool list_of(struct call *call, size_t column, struct bytes id)
{
    struct store_filter fixed[] = {{AUTH_PRINCIPAL_KIND, STORE_EQUAL, value_integer(PRINCIPAL_APP)}, {column, STORE_EQUAL, value_text(id)}};
    return listing_answer_where(call, &listing, fixed, sizeof fixed / sizeof *fixed);
}

/* Names and tags of APIs stand in other rows: with such a filter all of an app's authorisations are looked at. */
static bool narrows_by_api(struct call *call)
{
    static const char *const parameters[] = {"api_name", "group_id", "group_name", "tags"};
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        if (call_query(call, parameters[i]).length > 0) return true;
    return false;
}

static bool keep_wanted(struct call *call, void *context, const struct value *row)
{
    json_t *item = resource_json(call, &resource_app_auth, row, HIDE_SECRETS);
    bool wanted = row[AUTH_PRINCIPAL_KIND].integer == PRINCIPAL_APP;
    bool done = item != NULL && (!wanted || (complete(call, item) && bound_api_is_wanted(call, item, &wanted)));
    if (done && wanted && query_contains(call, "group_name", json_get_text(item, "group_name"))) {
        return json_array_insert_new(context, 0, item) == 0 || call_fault(call, "no memory for the list");
    }
    json_decref(item);
    return done;
}

static bool list_narrowed(struct call *call, struct bytes app_id)
{
    struct store_filter of_app = {AUTH_PRINCIPAL_ID, STORE_EQUAL, value_text(app_id)};
    json_t *auths = json_array();
    if (resource_for_each(call, &resource_app_auth, &of_app, keep_wanted, auths)) return listing_answer_array(call, "auths", auths);
    json_decref(auths);
    return false;
}

static bool list_apis_of_app(struct call *call)
{
    struct value app[APP_COLUMNS];
    struct bytes id = call_query(call, "app_id");
    if (!resource_load(call, &resource_app, id, app)) return false;
    return narrows_by_api(call) ? list_narrowed(call, id) : list_of(call, AUTH_PRINCIPAL_ID, id);
}

struct named_apps {
    struct call *call;
    struct bytes api_id;
    json_t *auths;
    bool good;
};

static bool add_auth(void *context, const struct value *row)
{
    struct named_apps *named = context;
    bool wanted =
        query_matches(named->call, "env_id", row[AUTH_ENV_ID].bytes) && query_matches(named->call, "app_id", row[AUTH_PRINCIPAL_ID].bytes);
    json_t *item = wanted ? resource_json(named->call, &resource_app_auth, row, HIDE_SECRETS) : NULL;
    named->good = !wanted || json_array_append_new(named->auths, item) == 0;
    return named->good;
}

static bool add_auths_of(void *context, const struct value *app)
{
    struct named_apps *named = context;
    struct store_filter filters[] = {{AUTH_PRINCIPAL_ID, STORE_EQUAL, value_text(app[APP_ID].bytes)},
                                     {AUTH_PRINCIPAL_KIND, STORE_EQUAL, value_integer(PRINCIPAL_APP)},
                                     {AUTH_API_ID, STORE_EQUAL, value_text(named->api_id)}};
    struct store_query query = {.filters = filters, .filter_count = 3};
    named->good = named->good && call_store(named->call, store_list(named->call->session, &entity_authorisation, &query, add_auth, named));
    return named->good && json_array_size(named->auths) < MAX_PAIRS;
}

/* Apps by a part of their name, and of each what it is authorised for: that many, newest first. */
static bool list_named_apps(struct call *call, struct bytes api_id)
{
    struct store_filter filters[] = {{APP_INSTANCE_ID, STORE_EQUAL, value_text(call->instance_id)},
                                     {APP_NAME, STORE_CONTAINS, value_text(call_query(call, "app_name"))}};
    struct store_query query = {.filters = filters, .filter_count = 2, .order_column = APP_REGISTER_TIME, .descending = true};
    struct named_apps named = {call, api_id, json_array(), true};
    bool done = call_store(call, store_list(call->session, &entity_app, &query, add_auths_of, &named)) && named.good;
    for (size_t i = 0; done && i < json_array_size(named.auths); i++) done = complete(call, json_array_get(named.auths, i));
    if (done) return listing_answer_array(call, "auths", named.auths);
    json_decref(named.auths);
    return false;
}

static bool list_apps_of_api(struct call *call)
{
    struct value api[API_COLUMNS];
    struct bytes id = call_query(call, "api_id");
    if (!resource_load(call, &resource_api, id, api)) return false;
    return call_query(call, "app_name").length > 0 ? list_named_apps(call, id) : list_of(call, AUTH_API_ID, id);
}

/* What app_id could still be authorised for: published in env_id, of auth_type APP, not authorised yet. */
struct unbound {
    struct bytes app_id;
    struct bytes env_id;
    json_t *apis;
};

static bool put_row(struct call *call, json_t *item, const struct value *version, const struct value *api)
{
    return json_put(call, item, "id", api[API_ID].bytes) && json_put(call, item, "api_id", api[API_ID].bytes) &&
           json_put(call, item, "name", api[API_NAME].bytes) && json_put(call, item, "remark", api[API_REMARK].bytes) &&
           json_put(call, item, "auth_type", api[API_AUTH_TYPE].bytes) && json_put(call, item, "req_uri", api[API_REQ_URI].bytes) &&
           json_put(call, item, "publish_id", version[VERSION_PUBLISH_ID].bytes) &&
           json_put(call, item, "env_id", version[VERSION_ENV_ID].bytes) &&
           json_put(call, item, "run_env_id", version[VERSION_ENV_ID].bytes);
}

static bool put_api(struct call *call, json_t *apis, const struct value *version, const struct value *api)
{
    json_t *item = json_object();
    bool wanted = false;
    bool done = put_row(call, item, version, api) && related_api(call, item) && related_env(call, item) &&
                json_put(call, item, "run_env_name", json_get_text(item, "env_name")) && bound_api_is_wanted(call, item, &wanted);
    if (done && wanted) return json_array_append_new(apis, item) == 0 || call_fault(call, "no memory for the answer");
    json_decref(item);
    return done;
}

static bool add_unbound(struct call *call, void *context, const struct value *version)
{
    struct unbound *unbound = context;
    struct value api[API_COLUMNS];
    struct value row[AUTH_COLUMNS];
    bool authorised;
    struct bytes api_id = version[VERSION_API_ID].bytes;
    struct authorised who = {.kind = PRINCIPAL_APP, .principal_id = unbound->app_id, .api_id = api_id, .env_id = unbound->env_id};
    if (version[VERSION_STATUS].integer != VERSION_IN_EFFECT) return true;
    if (!authorisation_find(call, &who, row, &authorised) || !resource_load(call, &resource_api, api_id, api)) return false;
    if (authorised || !bytes_equal(api[API_AUTH_TYPE].bytes, BYTES("APP"))) return true;
    return put_api(call, unbound->apis, version, api);
}

static bool list_unbound(struct call *call)
{
    struct value app[APP_COLUMNS];
    struct value env[ENV_COLUMNS];
    struct unbound unbound = {.app_id = call_query(call, "app_id"), .env_id = call_query(call, "env_id")};
    if (!resource_load(call, &resource_app, unbound.app_id, app) || !env_load(call, unbound.env_id, env)) return false;
    struct store_filter in_env = {VERSION_ENV_ID, STORE_EQUAL, value_text(unbound.env_id)};
    unbound.apis = json_array();
    if (resource_for_each(call, &resource_version, &in_env, add_unbound, &unbound)) return listing_answer_array(call, "apis", unbound.apis);
    json_decref(unbound.apis);
    return false;
}

static const struct field of_app_query_items[] = {
    {.name = "app_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 255},
    {.name = "group_name", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    BOUND_API_QUERY,
};
static const struct fields of_app_query = FIELDS_OF(of_app_query_items);

static const struct field of_api_query_items[] = {
    {.name = "api_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 255},
    {.name = "app_name", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
};
static const struct fields of_api_query = FIELDS_OF(of_api_query_items);

static const struct field unbound_query_items[] = {
    {.name = "app_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 255},
    {.name = "env_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 255},
    {.name = "api_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "api_name", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "group_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "tags", .type = FIELD_STRING, .minimum = 1, .maximum = 2048},
};
static const struct fields unbound_query = FIELDS_OF(unbound_query_items);

static const struct field unbound_answer_items[] = {
    ANSWERED("id", FIELD_STRING),
    ANSWERED("api_id", FIELD_STRING),
    ANSWERED("name", FIELD_STRING),
    ANSWERED("remark", FIELD_STRING),
    ANSWERED("auth_type", FIELD_STRING),
    ANSWERED("req_uri", FIELD_STRING),
    ANSWERED("publish_id", FIELD_STRING),
    ANSWERED("env_id", FIELD_STRING),
    ANSWERED("run_env_id", FIELD_STRING),
    ANSWERED("run_env_name", FIELD_STRING),
    RELATED_API,
    RELATED_ENV,
};
static const struct fields unbound_fields = FIELDS_OF(unbound_answer_items);

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/app-auths", "authorize_apps", RIGHT_WRITE_APPS, &create_fields, FILL_PRESETS, create,
     .answer = &authorised_fields},
    {"DELETE", IN_INSTANCE "/app-auths/{auth_id}", "cancel_app_authorization", RIGHT_WRITE_APPS, NULL, FILL_PRESETS, destroy},
    {"GET", IN_INSTANCE "/app-auths/binded-apis", "list_apis_of_app", RIGHT_READ, NULL, FILL_PRESETS, list_apis_of_app, .listing = &listing,
     .query = &of_app_query},
    {"GET", IN_INSTANCE "/app-auths/binded-apps", "list_apps_of_api", RIGHT_READ, NULL, FILL_PRESETS, list_apps_of_api, .listing = &listing,
     .query = &of_api_query},
    {"GET", IN_INSTANCE "/app-auths/unbinded-apis", "list_apis_without_app", RIGHT_READ, NULL, FILL_PRESETS, list_unbound,
     .query = &unbound_query, .items = "apis", .answer = &unbound_fields},
};
const struct routes routes_app_auths = ROUTES_OF(routes);
