/* Instances (huawei.md 4.2): a gateway each, of one project. The first comes from the first start; which of them an nginx serves, its
 * configuration says (countersign_instance). One that holds nothing can be removed. */
#include "control/charsets.h"
#include "control/listing.h"
#include "control/resources.h"

#define RUNNING "Running" /* what is there runs */

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = INSTANCE_ID},
    {.name = "project_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = INSTANCE_PROJECT_ID},
    {.name = "instance_name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = INSTANCE_NAME,
     .minimum = 3,
     .maximum = 64,
     .charset = &charset_key},
    {.name = "description", .type = FIELD_STRING, .flags = FIELD_STORED, .column = INSTANCE_DESCRIPTION, .maximum = 255, .preset = "\"\""},
    {.name = "region", .type = FIELD_STRING, .flags = FIELD_STORED, .column = INSTANCE_REGION, .maximum = 64, .charset = &charset_id},
    ANSWERED("status", FIELD_STRING),
    ANSWERED("instance_status", FIELD_INTEGER),
    ANSWERED("type", FIELD_STRING),
    ANSWERED("spec", FIELD_STRING),
    ANSWERED("create_time", FIELD_INTEGER),
};
static const struct fields instance_fields = FIELDS_OF(fields);

/* create_time counts milliseconds here, unlike anywhere else (huawei.md 4.1). */
static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    json_int_t created = row[INSTANCE_CREATE_TIME].integer * 1000;
    json_t *constants = json_pack("{s:s, s:i, s:s, s:s, s:I}", "status", RUNNING, "instance_status", 6, "type", "apig", "spec", "BASIC",
                                  "create_time", created);
    bool added = constants != NULL && json_object_update(answer, constants) == 0;
    if (row[INSTANCE_REGION].bytes.length == 0) json_object_set_new(answer, "region", json_string(call->daemon->region));
    json_decref(constants);
    return added;
}

static const struct resource resource_instance = {
    .name = "instance",
    .entity = &entity_instance,
    .fields = &instance_fields,
    .instance_column = INSTANCE_ID,
    .unknown = ERROR_INSTANCE_UNKNOWN,
    .derive = derive,
};

static bool show(struct call *call)
{
    struct value row[INSTANCE_COLUMNS];
    return resource_load(call, &resource_instance, call->instance_id, row) && resource_answer(call, &resource_instance, row, 200);
}

/* RELEASE is there from the beginning. */
static bool insert_release(struct call *call)
{
    struct value env[ENV_COLUMNS];
    row_clear(&entity_env, env);
    env[ENV_ID] = value_text(env_row_id(call, BYTES(ENV_RELEASE_ID)));
    env[ENV_INSTANCE_ID] = value_text(call->instance_id);
    env[ENV_NAME] = value_text(BYTES(ENV_RELEASE_NAME));
    env[ENV_CREATE_TIME] = value_integer(call->now);
    return resource_insert(call, &resource_env, env);
}

static bool create(struct call *call)
{
    struct value row[INSTANCE_COLUMNS];
    row_clear(&entity_instance, row);
    struct bytes id = call_new_id(call);
    if (id.length == 0 || !resource_fill(call, &resource_instance, row)) return false;
    call->instance_id = id;
    row[INSTANCE_ID] = value_text(id);
    row[INSTANCE_PROJECT_ID] = value_text(call->project_id);
    row[INSTANCE_CREATE_TIME] = value_integer(call->now);
    return resource_insert(call, &resource_instance, row) && insert_release(call) && call_change(call, CHANGE_INSTANCE, id, BYTES("")) &&
           call_answer(call, 202,
                       json_pack("{s:s%, s:s, s:s}", "instance_id", (const char *)id.data, id.length, "message", "Creating finished",
                                 "job_id", ""));
}

static bool update(struct call *call)
{
    struct value before[INSTANCE_COLUMNS], after[INSTANCE_COLUMNS];
    if (!resource_load(call, &resource_instance, call->instance_id, before)) return false;
    for (size_t i = 0; i < INSTANCE_COLUMNS; i++) after[i] = before[i];
    return resource_fill(call, &resource_instance, after) && resource_update(call, &resource_instance, before, after) &&
           resource_answer(call, &resource_instance, after, 200);
}

/* What has to be gone before, in words for the refusal; RELEASE alone may be left. */
static const struct {
    const struct entity *entity;
    size_t instance_column;
    int64_t most;
    const char *words;
} contents[] = {
    {&entity_group, GROUP_INSTANCE_ID, 0, "API groups"},         {&entity_app, APP_INSTANCE_ID, 0, "apps"},
    {&entity_consumer, CONSUMER_INSTANCE_ID, 0, "consumers"},    {&entity_sign, SIGN_INSTANCE_ID, 0, "signature keys"},
    {&entity_throttle, THROTTLE_ROW_INSTANCE_ID, 0, "policies"}, {&entity_acl, ACL_INSTANCE_ID, 0, "access control policies"},
    {&entity_env, ENV_INSTANCE_ID, 1, "environments"},
};

/* What goes with it. */
static const struct {
    const struct entity *entity;
    size_t instance_column;
} belongings[] = {
    {&entity_env, ENV_INSTANCE_ID},         {&entity_quota, QUOTA_ROW_INSTANCE_ID},
    {&entity_feature, FEATURE_INSTANCE_ID}, {&entity_key_set_use, KEY_SET_USE_INSTANCE_ID},
    {&entity_key_set, KEY_SET_INSTANCE_ID}, {&entity_role, ROLE_ROW_INSTANCE_ID},
};

static bool count_of(struct call *call, const struct entity *entity, size_t column, struct bytes id, int64_t *count)
{
    struct store_filter filter = {column, STORE_EQUAL, value_text(id)};
    struct store_query query = {.filters = &filter, .filter_count = 1};
    return call_store(call, store_count(call->session, entity, &query, count));
}

static bool check_empty(struct call *call)
{
    int64_t count;
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        if (!count_of(call, contents[i].entity, contents[i].instance_column, call->instance_id, &count)) return false;
        if (count > contents[i].most) return call_refuse(call, ERROR_INSTANCE_IN_USE, bytes_of_text(contents[i].words));
    }
    if (!count_of(call, &entity_instance, INSTANCE_PROJECT_ID, call->project_id, &count)) return false;
    return count > 1 || call_refuse(call, ERROR_INSTANCE_LAST, BYTES(""));
}

#define BATCH 32
struct ids {
    struct arena *arena;
    struct bytes items[BATCH];
    size_t count;
};

static bool keep_id(void *context, const struct value *row)
{
    struct ids *ids = context;
    ids->items[ids->count++] = arena_copy(ids->arena, row[0].bytes);
    return ids->count < BATCH;
}

static bool remove_belongings(struct call *call, const struct entity *entity, size_t column)
{
    struct store_filter filter = {column, STORE_EQUAL, value_text(call->instance_id)};
    struct store_query query = {.filters = &filter, .filter_count = 1, .limit = BATCH};
    struct ids ids;
    do {
        ids = (struct ids){.arena = &call->arena};
        if (!call_store(call, store_list(call->session, entity, &query, keep_id, &ids))) return false;
        for (size_t i = 0; i < ids.count; i++)
            if (!call_store(call, store_remove(call->session, entity, ids.items[i]))) return false;
    } while (ids.count == BATCH);
    return true;
}

static bool destroy(struct call *call)
{
    struct value row[INSTANCE_COLUMNS];
    if (!resource_load(call, &resource_instance, call->instance_id, row) || !check_empty(call)) return false;
    for (size_t i = 0; i < sizeof belongings / sizeof *belongings; i++)
        if (!remove_belongings(call, belongings[i].entity, belongings[i].instance_column)) return false;
    return resource_remove(call, &resource_instance, row) && call_change(call, CHANGE_INSTANCE, call->instance_id, BYTES("")) &&
           call_answer(call, 204, NULL);
}

struct collection {
    struct call *call;
    json_t *items;
    bool failed;
};

static bool collect(void *context, const struct value *row)
{
    struct collection *collection = context;
    struct scope scope = {collection->call->project_id, row[INSTANCE_ID].bytes};
    if (!caller_reaches(&collection->call->caller, scope)) return true;
    json_t *item = resource_json(collection->call, &resource_instance, row, HIDE_SECRETS);
    collection->failed = json_array_append_new(collection->items, item) != 0;
    return !collection->failed;
}

/* Those of the project that a role of the caller reaches. */
static bool list(struct call *call)
{
    struct collection collection = {call, json_array(), false};
    struct bytes id = call_query(call, "instance_id"), name = call_query(call, "instance_name"), status = call_query(call, "status");
    struct store_filter filters[3] = {{INSTANCE_PROJECT_ID, STORE_EQUAL, value_text(call->project_id)}};
    struct store_query query = {.filters = filters, .filter_count = 1};
    if (id.length > 0) filters[query.filter_count++] = (struct store_filter){INSTANCE_ID, STORE_EQUAL, value_text(id)};
    if (name.length > 0) filters[query.filter_count++] = (struct store_filter){INSTANCE_NAME, STORE_CONTAINS, value_text(name)};
    bool none = status.length > 0 && !bytes_equal(status, BYTES(RUNNING));
    bool listed = none || (call_store(call, store_list(call->session, &entity_instance, &query, collect, &collection)) &&
                           (!collection.failed || call_fault(call, "no memory for the list")));
    if (listed) return listing_answer_array(call, "instances", collection.items);
    json_decref(collection.items);
    return false;
}

static const struct field list_query_items[] = {
    {.name = "instance_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "instance_name", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "status", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
};
static const struct fields list_query = FIELDS_OF(list_query_items);

static const struct field made_items[] = {
    ANSWERED("instance_id", FIELD_STRING),
    ANSWERED("message", FIELD_STRING),
    ANSWERED("job_id", FIELD_STRING),
};
static const struct fields made_fields = FIELDS_OF(made_items);

/* A PUT changes what it names. */
static const struct field change_items[] = {
    {.name = "instance_name",
     .type = FIELD_STRING,
     .flags = FIELD_STORED,
     .column = INSTANCE_NAME,
     .minimum = 3,
     .maximum = 64,
     .charset = &charset_key},
    {.name = "description", .type = FIELD_STRING, .flags = FIELD_STORED, .column = INSTANCE_DESCRIPTION, .maximum = 255},
    {.name = "region", .type = FIELD_STRING, .flags = FIELD_STORED, .column = INSTANCE_REGION, .maximum = 64, .charset = &charset_id},
};
static const struct fields change_fields = FIELDS_OF(change_items);

static const struct route routes[] = {
    {"POST", IN_PROJECT, "create_instance", RIGHT_WRITE, &instance_fields, FILL_PRESETS, create, .answer = &made_fields, .status = 202},
    {"PUT", IN_INSTANCE, "update_instance", RIGHT_WRITE, &change_fields, LEAVE_ABSENT, update, .answer = &instance_fields},
    {"GET", IN_PROJECT, "list_instances", RIGHT_READ, NULL, FILL_PRESETS, list, .query = &list_query, .items = "instances",
     .answer = &instance_fields},
    {"DELETE", IN_INSTANCE, "delete_instance", RIGHT_WRITE, NULL, FILL_PRESETS, destroy},
    {"GET", IN_INSTANCE, "show_instance", RIGHT_READ, NULL, FILL_PRESETS, show, .answer = &instance_fields},
};
const struct routes routes_instances = ROUTES_OF(routes);
