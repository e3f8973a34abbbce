/* Publishing (huawei.md 4.5): online, offline, switch back, and what was published. */
#include "control/api_fields.h"
#include "control/apis.h"
#include "control/charsets.h"
#include "control/listing.h"
#include "control/publications.h"
#include "control/resources.h"

#define BATCH_MAX 1000

static const char *const actions[] = {"online", "offline", NULL};
static const struct field action_items[] = {
    {.name = "action", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = actions},
    {.name = "env_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64, .charset = &charset_id},
    {.name = "api_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64, .charset = &charset_id},
    {.name = "remark", .type = FIELD_STRING, .maximum = 255},
};
static const struct fields action_fields = FIELDS_OF(action_items);

static const struct field batch_items[] = {
    {.name = "apis", .type = FIELD_STRINGS, .minimum = 1, .maximum = 64, .most_items = BATCH_MAX, .charset = &charset_id},
    {.name = "group_id", .type = FIELD_STRING, .minimum = 1, .maximum = 64, .charset = &charset_id},
    {.name = "env_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64, .charset = &charset_id},
    {.name = "remark", .type = FIELD_STRING, .maximum = 255},
};
static const struct fields batch_fields = FIELDS_OF(batch_items);

static const struct field switch_items[] = {
    {.name = "version_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64, .charset = &charset_id},
};
static const struct fields switch_fields = FIELDS_OF(switch_items);

/* {publish_id, api_id, api_name, env_id, remark, publish_time, version_id}; NULL: out of memory. */
static json_t *published_json(struct call *call, const struct value *version, const struct value *api)
{
    json_t *json = resource_json(call, &resource_version, version, HIDE_SECRETS);
    if (json == NULL || !json_put(call, json, "api_name", api[API_NAME].bytes)) {
        json_decref(json);
        return NULL;
    }
    json_object_del(json, "status");
    json_object_del(json, "version_no");
    return json;
}

static bool act(struct call *call, bool online, const struct value *api, struct value *version)
{
    struct publishing publishing = {call_text(call, "env_id"), call_text(call, "remark")};
    return online ? publication_online(call, &publishing, api, version) : publication_offline(call, &publishing, api, version);
}

static bool act_on_one(struct call *call)
{
    struct value env[ENV_COLUMNS], api[API_COLUMNS], version[VERSION_COLUMNS];
    bool online = bytes_equal(call_text(call, "action"), BYTES("online"));
    return env_load(call, call_text(call, "env_id"), env) && resource_load(call, &resource_api, call_text(call, "api_id"), api) &&
           act(call, online, api, version) && call_answer(call, 201, published_json(call, version, api));
}

/* Items of a batch stand or fall alone. */
struct batch {
    bool online;
    json_t *success;
    json_t *failure;
};

static bool note_failure(struct call *call, struct batch *batch, struct bytes api_id, struct bytes api_name)
{
    json_t *item = json_object();
    bool done = item != NULL && call_take_back(call, item) && json_put(call, item, "api_id", api_id) &&
                json_put(call, item, "api_name", api_name) && json_array_append(batch->failure, item) == 0;
    json_decref(item);
    return done;
}

static bool note_success(struct call *call, struct batch *batch, const struct value *api, const struct value *version)
{
    return json_array_append_new(batch->success, published_json(call, version, api)) == 0 || call_fault(call, "no memory for the answer");
}

static bool act_on_id(struct call *call, struct batch *batch, struct bytes api_id)
{
    struct value api[API_COLUMNS], version[VERSION_COLUMNS];
    if (!resource_load(call, &resource_api, api_id, api)) return note_failure(call, batch, api_id, BYTES(""));
    if (!act(call, batch->online, api, version)) return note_failure(call, batch, api_id, api[API_NAME].bytes);
    return note_success(call, batch, api, version);
}

static bool act_on_list(struct call *call, struct batch *batch, const json_t *apis)
{
    for (size_t i = 0; i < json_array_size(apis); i++) {
        const json_t *id = json_array_get(apis, i);
        size_t mark = call->arena.used;
        if (!act_on_id(call, batch, bytes_of(json_string_value(id), json_string_length(id)))) return false;
        arena_rewind(&call->arena, mark);
    }
    return true;
}

/* Ids only: a thousand definitions need not be in memory at once. */
static bool note_id(void *context, const struct value *api)
{
    return json_array_append_new(context, json_stringn((const char *)api[API_ID].bytes.data, api[API_ID].bytes.length)) == 0;
}

static bool act_on_group(struct call *call, struct batch *batch)
{
    struct value group[GROUP_COLUMNS];
    struct store_filter filters[] = {{API_INSTANCE_ID, STORE_EQUAL, value_text(call->instance_id)},
                                     {API_GROUP_ID, STORE_EQUAL, value_text(call_text(call, "group_id"))}};
    struct store_query query = {.filters = filters, .filter_count = 2, .order_column = API_REGISTER_TIME};
    if (!resource_load(call, &resource_group, call_text(call, "group_id"), group)) return false;
    json_t *ids = json_array();
    bool done = call_store(call, store_list(call->session, &entity_api, &query, note_id, ids)) && act_on_list(call, batch, ids);
    json_decref(ids);
    return done;
}

static bool act_on_many(struct call *call)
{
    struct value env[ENV_COLUMNS];
    struct batch batch = {.online = bytes_equal(call_query(call, "action"), BYTES("online"))};
    bool by_group = call_has(call, "group_id");
    if (!env_load(call, call_text(call, "env_id"), env)) return false;
    if (!by_group && !call_has(call, "apis")) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("apis"));
    if (by_group && call_has(call, "apis")) return call_refuse_rule(call, "group_id", "either apis or group_id");
    json_t *answer = json_pack("{s:[], s:[]}", "success", "failure");
    batch.success = json_object_get(answer, "success");
    batch.failure = json_object_get(answer, "failure");
    if (by_group ? act_on_group(call, &batch) : act_on_list(call, &batch, json_object_get(call->body, "apis")))
        return call_answer(call, 200, answer);
    json_decref(answer);
    return false;
}

static bool complete_version(struct call *call, json_t *item)
{
    struct value env[ENV_COLUMNS];
    const json_t *id = json_object_get(item, "env_id");
    return env_load(call, bytes_of(json_string_value(id), json_string_length(id)), env) &&
           json_put(call, item, "env_name", env[ENV_NAME].bytes);
}

/* env_name as a filter: *none when there is no such environment, and so no version. */
static bool filter_by_env_name(struct call *call, struct store_filter *filters, size_t *count, bool *none)
{
    struct value env[ENV_COLUMNS];
    struct bytes name = call_query(call, "env_name");
    struct store_filter by_name = {ENV_NAME, STORE_EQUAL, value_text(name)};
    bool found = true;
    *none = false;
    if (name.length == 0) return true;
    if (!resource_find(call, &resource_env, (struct where){&by_name, 1}, env, &found)) return false;
    *none = !found;
    if (found) {
        struct bytes id = bytes_from(env[ENV_ID].bytes, call->instance_id.length + 1);
        filters[(*count)++] = (struct store_filter){VERSION_ENV_ID, STORE_EQUAL, value_text(id)};
    }
    return true;
}

static const struct list_filter by_env[] = {{"env_id", FILTER_EXACT, VERSION_ENV_ID}};
static const struct listing listing = {.resource = &resource_version,
                                       .items = "api_versions",
                                       .filters = by_env,
                                       .filter_count = 1,
                                       .order_column = VERSION_VERSION_NO,
                                       .descending = true,
                                       .complete = complete_version};

static bool list_versions(struct call *call)
{
    struct value api[API_COLUMNS];
    struct store_filter filters[2] = {{VERSION_API_ID, STORE_EQUAL, value_text(call->params[0])}};
    size_t count = 1;
    bool none;
    if (!resource_load(call, &resource_api, call->params[0], api) || !filter_by_env_name(call, filters, &count, &none)) return false;
    return none ? listing_answer_array(call, "api_versions", json_array()) : listing_answer_where(call, &listing, filters, count);
}

static bool switch_version(struct call *call)
{
    struct value api[API_COLUMNS], version[VERSION_COLUMNS];
    struct bytes version_id = call_text(call, "version_id");
    if (!resource_load(call, &resource_api, call->params[0], api) || !resource_load(call, &resource_version, version_id, version)) {
        return false;
    }
    if (!bytes_equal(version[VERSION_API_ID].bytes, api[API_ID].bytes)) return call_refuse(call, ERROR_VERSION_UNKNOWN, version_id);
    return publication_switch(call, version) && call_answer(call, 200, published_json(call, version, api));
}

static bool withdraw_version(struct call *call)
{
    struct value version[VERSION_COLUMNS];
    if (!resource_load(call, &resource_version, call->params[0], version)) return false;
    if (version[VERSION_STATUS].integer != VERSION_IN_EFFECT) {
        return call_refuse(call, ERROR_ALREADY_DONE, BYTES("the version is not in effect"));
    }
    return publication_withdraw(call, version) && call_answer(call, 204, NULL);
}

/* The definition as it was published, with what is known of API and version. */
static json_t *snapshot_json(struct call *call, const struct value *version, const struct value *api)
{
    json_t *json = resource_json(call, &resource_version, version, HIDE_SECRETS);
    json_t *definition = api_definition(&version[VERSION_DEFINITION]);
    bool done = json != NULL && definition != NULL && json_object_del(json, "remark") == 0 && json_object_del(json, "status") == 0 &&
                json_object_update(json, definition) == 0 && json_put(call, json, "id", api[API_ID].bytes);
    json_decref(definition);
    if (done) return json;
    json_decref(json);
    return NULL;
}

static bool answer_snapshot(struct call *call, const struct value *version, const struct value *api)
{
    struct value group[GROUP_COLUMNS], env[ENV_COLUMNS];
    json_t *json = snapshot_json(call, version, api);
    if (json == NULL) return call_fault(call, "no memory for the answer");
    if (resource_load(call, &resource_group, version[VERSION_GROUP_ID].bytes, group) &&
        env_load(call, version[VERSION_ENV_ID].bytes, env) && json_put(call, json, "group_name", group[GROUP_NAME].bytes) &&
        json_put(call, json, "run_env_id", version[VERSION_ENV_ID].bytes) && json_put(call, json, "run_env_name", env[ENV_NAME].bytes)) {
        return call_answer(call, 200, json);
    }
    json_decref(json);
    return false;
}

static bool show_version(struct call *call)
{
    struct value version[VERSION_COLUMNS], api[API_COLUMNS];
    return resource_load(call, &resource_version, call->params[0], version) &&
           resource_load(call, &resource_api, version[VERSION_API_ID].bytes, api) && answer_snapshot(call, version, api);
}

static bool show_runtime(struct call *call)
{
    struct value version[VERSION_COLUMNS], api[API_COLUMNS];
    struct bytes env_id = call_query(call, "env_id");
    bool found;
    if (env_id.length == 0) env_id = BYTES(ENV_RELEASE_ID);
    if (!resource_load(call, &resource_api, call->params[0], api)) return false;
    if (!publication_find(call, api[API_ID].bytes, env_id, version, &found)) return false;
    return found ? answer_snapshot(call, version, api) : call_refuse(call, ERROR_PUBLICATION_UNKNOWN, api[API_ID].bytes);
}

static const struct field action_query_items[] = {
    {.name = "action", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = actions, .code = ERROR_FIELD_INVALID},
};
static const struct fields action_query = FIELDS_OF(action_query_items);

static const struct field versions_query_items[] = {
    {.name = "env_name", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
};
static const struct fields versions_query = FIELDS_OF(versions_query_items);

static const struct field runtime_query_items[] = {
    {.name = "env_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
};
static const struct fields runtime_query = FIELDS_OF(runtime_query_items);

static const struct field published_answer_items[] = {
    ANSWERED("publish_id", FIELD_STRING), ANSWERED("api_id", FIELD_STRING), ANSWERED("api_name", FIELD_STRING),
    ANSWERED("env_id", FIELD_STRING),     ANSWERED("remark", FIELD_STRING), ANSWERED("publish_time", FIELD_TIME),
    ANSWERED("version_id", FIELD_STRING),
};
static const struct fields published_fields = FIELDS_OF(published_answer_items);

static const struct field failure_answer_items[] = {
    ANSWERED("api_id", FIELD_STRING),
    ANSWERED("api_name", FIELD_STRING),
    ANSWERED("error_code", FIELD_STRING),
    ANSWERED("error_msg", FIELD_STRING),
};
static const struct fields failure_fields = FIELDS_OF(failure_answer_items);

static const struct field batch_answer_answer_items[] = {
    {.name = "success", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &published_fields},
    {.name = "failure", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &failure_fields},
};
static const struct fields batch_answer_fields = FIELDS_OF(batch_answer_answer_items);

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/apis/action", "publish_api", RIGHT_WRITE_APIS, &action_fields, FILL_PRESETS, act_on_one,
     .answer = &published_fields},
    {"POST", IN_INSTANCE "/apis/publish", "publish_apis", RIGHT_WRITE_APIS, &batch_fields, FILL_PRESETS, act_on_many,
     .query = &action_query, .answer = &batch_answer_fields, .status = 200},
    {"GET", IN_INSTANCE "/apis/publish/{api_id}", "list_api_versions", RIGHT_READ, NULL, FILL_PRESETS, list_versions, .listing = &listing,
     .query = &versions_query},
    {"PUT", IN_INSTANCE "/apis/publish/{api_id}", "switch_api_version", RIGHT_WRITE_APIS, &switch_fields, FILL_PRESETS, switch_version,
     .answer = &published_fields},
    {"DELETE", IN_INSTANCE "/apis/versions/{version_id}", "withdraw_api_version", RIGHT_WRITE_APIS, NULL, FILL_PRESETS, withdraw_version},
    {"GET", IN_INSTANCE "/apis/versions/{version_id}", "show_api_version", RIGHT_READ, NULL, FILL_PRESETS, show_version,
     .answer = &api_fields},
    {"GET", IN_INSTANCE "/apis/runtime/{api_id}", "show_published_api", RIGHT_READ, NULL, FILL_PRESETS, show_runtime,
     .query = &runtime_query, .answer = &api_fields},
};
const struct routes routes_api_publish = ROUTES_OF(routes);
