/* Environments (huawei.md 4.3): where an API is published. RELEASE always exists. */
#include "control/charsets.h"
#include "control/listing.h"
#include "control/publications.h"
#include "control/quotas.h"
#include "control/resources.h"

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY},
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = ENV_NAME,
     .minimum = 3,
     .maximum = 64,
     .charset = &charset_name},
    {.name = "remark", .type = FIELD_STRING, .flags = FIELD_STORED, .column = ENV_REMARK, .maximum = 255, .preset = "\"\""},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = ENV_CREATE_TIME},
};
static const struct fields env_fields = FIELDS_OF(fields);

static const struct conflict conflicts[] = {
    {"env_name", ERROR_ENV_EXISTS, ENV_NAME},
};

/* The public id is what stands behind the instance in the row's id. */
static struct bytes public_id(const struct value *row)
{
    return bytes_from(row[ENV_ID].bytes, row[ENV_INSTANCE_ID].bytes.length + 1);
}

static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call;
    struct bytes id = public_id(row);
    return json_object_set_new(answer, "id", json_stringn((const char *)id.data, id.length)) == 0;
}

const struct resource resource_env = {
    .name = "env",
    .entity = &entity_env,
    .fields = &env_fields,
    .instance_column = ENV_INSTANCE_ID,
    .unknown = ERROR_ENV_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
    .derive = derive,
};

struct bytes env_row_id(struct call *call, struct bytes env_id)
{
    struct buffer id = buffer_in(&call->arena, call->instance_id.length + 1 + env_id.length);
    buffer_add(&id, call->instance_id);
    buffer_add_byte(&id, '/');
    buffer_add(&id, env_id);
    if (id.overflow) call_fault(call, "no memory for an id");
    return buffer_bytes(&id);
}

bool env_load(struct call *call, struct bytes env_id, struct value *row)
{
    struct bytes row_id = env_row_id(call, env_id);
    return row_id.length > 0 && resource_load_as(call, &resource_env, row_id, env_id, row);
}

static bool create(struct call *call)
{
    struct value row[ENV_COLUMNS];
    row_clear(&entity_env, row);
    struct bytes id = call_new_id(call);
    if (id.length == 0 || !resource_fill(call, &resource_env, row)) return false;
    if (!quota_admits_one(call, QUOTA_ENVS, &resource_env)) return false;
    row[ENV_ID] = value_text(env_row_id(call, id));
    row[ENV_INSTANCE_ID] = value_text(call->instance_id);
    row[ENV_CREATE_TIME] = value_integer(call->now);
    return resource_insert(call, &resource_env, row) && resource_answer(call, &resource_env, row, 201);
}

static const struct list_filter list_filters[] = {{"name", FILTER_NAME, ENV_NAME}};
static const struct listing listing = {
    .resource = &resource_env, .items = "envs", .filters = list_filters, .filter_count = 1, .order_column = ENV_CREATE_TIME};

static bool refuse_fixed(struct call *call)
{
    if (!bytes_equal(call->params[0], BYTES(ENV_RELEASE_ID))) return true;
    return call_refuse(call, ERROR_ENV_FIXED, BYTES(""));
}

/* Publications in effect in this environment. */
static bool count_published(struct call *call, struct bytes env_id, int64_t *count)
{
    struct store_filter filters[] = {
        {VERSION_INSTANCE_ID, STORE_EQUAL, value_text(call->instance_id)},
        {VERSION_ENV_ID, STORE_EQUAL, value_text(env_id)},
        {VERSION_STATUS, STORE_EQUAL, value_integer(VERSION_IN_EFFECT)},
    };
    struct store_query query = {.filters = filters, .filter_count = 3};
    return call_store(call, store_count(call->session, &entity_version, &query, count));
}

/* The name is part of every route of the environment and cannot be told apart from an older one: a renamed environment in use means a
 * rebuild of the edge. */
static bool follow_rename(struct call *call, const struct value *before, const struct value *after)
{
    int64_t published;
    if (bytes_equal(before[ENV_NAME].bytes, after[ENV_NAME].bytes)) return true;
    if (!count_published(call, call->params[0], &published)) return false;
    return published == 0 || call_change(call, CHANGE_EVERYTHING, BYTES(""), BYTES(""));
}

static bool update(struct call *call)
{
    struct value before[ENV_COLUMNS];
    struct value after[ENV_COLUMNS];
    if (!env_load(call, call->params[0], before) || !refuse_fixed(call)) return false;
    for (size_t i = 0; i < ENV_COLUMNS; i++) after[i] = before[i];
    return resource_fill(call, &resource_env, after) && resource_update(call, &resource_env, before, after) &&
           follow_rename(call, before, after) && resource_answer(call, &resource_env, after, 200);
}

static bool destroy(struct call *call)
{
    struct value row[ENV_COLUMNS];
    int64_t published;
    if (!env_load(call, call->params[0], row) || !refuse_fixed(call)) return false;
    if (!count_published(call, call->params[0], &published)) return false;
    if (published > 0) return call_refuse(call, ERROR_ENV_HAS_APIS, call->params[0]);
    return publications_forget_env(call, call->params[0]) && resource_remove(call, &resource_env, row) && call_answer(call, 204, NULL);
}

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/envs", "create_env", RIGHT_WRITE, &env_fields, FILL_PRESETS, create, .answer = &env_fields},
    {"GET", IN_INSTANCE "/envs", "list_envs", RIGHT_READ, NULL, FILL_PRESETS, listing_handle, .listing = &listing},
    {"PUT", IN_INSTANCE "/envs/{env_id}", "update_env", RIGHT_WRITE, &env_fields, LEAVE_ABSENT, update, .answer = &env_fields},
    {"DELETE", IN_INSTANCE "/envs/{env_id}", "delete_env", RIGHT_WRITE, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_envs = ROUTES_OF(routes);
