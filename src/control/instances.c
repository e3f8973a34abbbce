/* Instances (huawei.md 4.2): this gateway is one, made at the first start; it can be read, not made or removed. */
#include "control/listing.h"
#include "control/resources.h"

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = INSTANCE_ID},
    {.name = "project_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = INSTANCE_PROJECT_ID},
    {.name = "instance_name", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = INSTANCE_NAME},
    ANSWERED("status", FIELD_STRING),
    ANSWERED("instance_status", FIELD_INTEGER),
    ANSWERED("type", FIELD_STRING),
    ANSWERED("spec", FIELD_STRING),
    ANSWERED("create_time", FIELD_INTEGER),
    ANSWERED("region", FIELD_STRING),
};
static const struct fields instance_fields = FIELDS_OF(fields);

/* create_time counts milliseconds here, unlike anywhere else (huawei.md 4.1). */
static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    json_int_t created = row[INSTANCE_CREATE_TIME].integer * 1000;
    json_t *constants = json_pack("{s:s, s:i, s:s, s:s, s:I, s:s}", "status", "Running", "instance_status", 6, "type", "apig", "spec",
                                  "BASIC", "create_time", created, "region", call->daemon->region);
    bool added = constants != NULL && json_object_update(answer, constants) == 0;
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

static const struct route routes[] = {
    {"GET", IN_PROJECT, "list_instances", RIGHT_READ, NULL, FILL_PRESETS, list, .query = &list_query, .items = "instances",
     .answer = &instance_fields},
    {"GET", IN_INSTANCE, "show_instance", RIGHT_READ, NULL, FILL_PRESETS, show, .answer = &instance_fields},
};
const struct routes routes_instances = ROUTES_OF(routes);
