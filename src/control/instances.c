/* Instances (huawei.md 4.2): a gateway each, of one project. The first comes from the first start; which of them an nginx serves, its
 * configuration says (countersign_instance). They are made and renamed here, never removed: too much hangs on one. */
#include "control/charsets.h"
#include "control/listing.h"
#include "control/resources.h"

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
    json_t *constants = json_pack("{s:s, s:i, s:s, s:s, s:I}", "status", "Running", "instance_status", 6, "type", "apig", "spec", "BASIC",
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
    struct store_filter filters[] = {
        {INSTANCE_PROJECT_ID, STORE_EQUAL, value_text(call->project_id)},
        {INSTANCE_ID, STORE_EQUAL, value_text(call_query(call, "instance_id"))},
    };
    struct store_query query = {.filters = filters, .filter_count = filters[1].value.bytes.length > 0 ? 2 : 1};
    bool listed = call_store(call, store_list(call->session, &entity_instance, &query, collect, &collection)) &&
                  (!collection.failed || call_fault(call, "no memory for the list"));
    if (listed) return listing_answer_array(call, "instances", collection.items);
    json_decref(collection.items);
    return false;
}

static const struct field list_query_items[] = {
    {.name = "instance_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
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
    {"GET", IN_INSTANCE, "show_instance", RIGHT_READ, NULL, FILL_PRESETS, show, .answer = &instance_fields},
};
const struct routes routes_instances = ROUTES_OF(routes);
