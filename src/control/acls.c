#include "control/acls.h"

#include "control/apis.h"
#include "control/charsets.h"
#include "control/listing.h"
#include "control/policy_bindings.h"
#include "control/quotas.h"
#include "control/resources.h"

#define VALUE_MOST 8192

const char *const acl_types[] = {"PERMIT", "DENY", NULL};
/* The vendor knows accounts as well (DOMAIN, DOMAIN_ID); all callers here are of one. */
static const char *const entity_types[] = {"IP", NULL};
static const struct charset charset_policy_name = {"A-Za-z", "A-Za-z0-9_", true, "letters, digits and _, first a letter"};

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = ACL_ID},
    {.name = "acl_name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = ACL_NAME,
     .minimum = 3,
     .maximum = 64,
     .charset = &charset_policy_name},
    {.name = "acl_type", .type = FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_STORED, .column = ACL_TYPE, .choices = acl_types},
    {.name = "entity_type",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = ACL_ENTITY_TYPE,
     .choices = entity_types},
    {.name = "acl_value",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = ACL_VALUE,
     .minimum = 1,
     .maximum = VALUE_MOST,
     .charset = &charset_printable},
    {.name = "update_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = ACL_UPDATE_TIME},
    ANSWERED("bind_num", FIELD_INTEGER),
    ANSWERED("acl_id", FIELD_STRING),
    POLICY_OF_API,
};
static const struct fields acl_fields = FIELDS_OF(fields);

static const struct conflict conflicts[] = {
    {"acl_name", ERROR_ACL_EXISTS, ACL_NAME},
};

const struct resource resource_acl = {
    .name = "acl",
    .entity = &entity_acl,
    .fields = &acl_fields,
    .instance_column = ACL_INSTANCE_ID,
    .unknown = ERROR_ACL_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
};

/* "a,b,c": one more than there may be when there are too many. */
static size_t split(struct bytes value, struct bytes items[static ADDRESS_RANGES_MOST + 1])
{
    size_t count = 0;
    struct bytes item;
    while (count <= ADDRESS_RANGES_MOST && bytes_next_part(&value, ',', &item)) items[count++] = bytes_trim(item);
    return count;
}

static bool check_value(struct call *call, const struct value *row)
{
    struct bytes items[ADDRESS_RANGES_MOST + 1];
    size_t count = split(row[ACL_VALUE].bytes, items);
    if (count > ADDRESS_RANGES_MOST) return call_refuse_rule(call, "acl_value", "at most 100 addresses or ranges");
    for (size_t i = 0; i < count; i++) {
        const char *broken = address_range_check(items[i]);
        if (broken != NULL) return call_refuse_rule(call, "acl_value", broken);
    }
    return true;
}

bool acl_compile(struct arena *arena, const struct value *row, struct address_list *list)
{
    struct bytes items[ADDRESS_RANGES_MOST + 1];
    size_t count = split(row[ACL_VALUE].bytes, items);
    list->deny = bytes_equal(row[ACL_TYPE].bytes, BYTES("DENY"));
    return address_ranges_compile(arena, items, count, list);
}

static bool put_bind_num(struct call *call, json_t *item)
{
    return policy_put_bind_num(call, &policy_kind_acl, item);
}

static bool answer_acl(struct call *call, const struct value *row, unsigned status)
{
    json_t *json = resource_json(call, &resource_acl, row, HIDE_SECRETS);
    if (json == NULL) return call_fault(call, "no memory for the answer");
    if (put_bind_num(call, json)) return call_answer(call, status, json);
    json_decref(json);
    return false;
}

static bool create(struct call *call)
{
    struct value row[ACL_COLUMNS];
    row_clear(&entity_acl, row);
    struct bytes id = call_new_id(call);
    if (id.length == 0 || !resource_fill(call, &resource_acl, row) || !check_value(call, row)) return false;
    if (!quota_admits_one(call, QUOTA_ACLS, &resource_acl)) return false;
    row[ACL_ID] = value_text(id);
    row[ACL_INSTANCE_ID] = value_text(call->instance_id);
    row[ACL_UPDATE_TIME] = value_integer(call->now);
    return resource_insert(call, &resource_acl, row) && call_change(call, CHANGE_ADDRESS_LIST, id, BYTES("")) && answer_acl(call, row, 201);
}

static bool show(struct call *call)
{
    struct value row[ACL_COLUMNS];
    return resource_load(call, &resource_acl, call->params[0], row) && answer_acl(call, row, 200);
}

static bool update(struct call *call)
{
    struct value before[ACL_COLUMNS], after[ACL_COLUMNS];
    if (!resource_load(call, &resource_acl, call->params[0], before)) return false;
    for (size_t i = 0; i < ACL_COLUMNS; i++) after[i] = before[i];
    after[ACL_UPDATE_TIME] = value_integer(call->now);
    return resource_fill(call, &resource_acl, after) && check_value(call, after) && resource_update(call, &resource_acl, before, after) &&
           call_change(call, CHANGE_ADDRESS_LIST, after[ACL_ID].bytes, BYTES("")) && answer_acl(call, after, 200);
}

static bool remove_acl(struct call *call, struct bytes id)
{
    struct value row[ACL_COLUMNS];
    return resource_load(call, &resource_acl, id, row) && policy_release(call, &policy_kind_acl, id) &&
           resource_remove(call, &resource_acl, row) && call_change(call, CHANGE_ADDRESS_LIST, id, BYTES(""));
}

static bool destroy(struct call *call)
{
    return remove_acl(call, call->params[0]) && call_answer(call, 204, NULL);
}

static bool note_failure(struct call *call, json_t *failure, struct bytes id)
{
    json_t *item = json_object();
    if (json_array_append_new(failure, item) != 0) return call_fault(call, "no memory for the answer");
    return call_take_back(call, item) && json_put(call, item, "acl_id", id);
}

static bool remove_batch(struct call *call)
{
    const json_t *ids = json_object_get(call->body, "acls");
    json_int_t success = 0;
    json_t *failure = json_array();
    for (size_t i = 0; i < json_array_size(ids); i++) {
        size_t mark = call->arena.used;
        bool removed = remove_acl(call, json_text_at(ids, i));
        if (!removed && !note_failure(call, failure, json_text_at(ids, i))) {
            json_decref(failure);
            return false;
        }
        success += removed;
        arena_rewind(&call->arena, mark);
    }
    return call_answer(call, 200, json_pack("{s:I, s:o}", "success_count", success, "failure", failure));
}

static const struct list_filter list_filters[] = {{"id", FILTER_EXACT, ACL_ID},
                                                  {"name", FILTER_NAME, ACL_NAME},
                                                  {"acl_type", FILTER_EXACT, ACL_TYPE},
                                                  {"entity_type", FILTER_EXACT, ACL_ENTITY_TYPE}};
static const struct listing listing = {.resource = &resource_acl,
                                       .items = "acls",
                                       .filters = list_filters,
                                       .filter_count = sizeof list_filters / sizeof *list_filters,
                                       .order_column = ACL_UPDATE_TIME,
                                       .descending = true,
                                       .complete = put_bind_num};

static const struct field binding_items[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = POLICY_BINDING_ID},
    {.name = "acl_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = POLICY_BINDING_POLICY_ID},
    {.name = "api_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = POLICY_BINDING_API_ID},
    {.name = "env_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = POLICY_BINDING_ENV_ID},
    {.name = "publish_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = POLICY_BINDING_PUBLISH_ID},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = POLICY_BINDING_TIME},
};
static const struct fields binding_fields = FIELDS_OF(binding_items);

static const struct resource resource_acl_binding = {
    .name = "acl_binding",
    .entity = &entity_acl_binding,
    .fields = &binding_fields,
    .instance_column = POLICY_BINDING_INSTANCE_ID,
    .unknown = ERROR_ACL_BINDING_UNKNOWN,
};

static bool complete(struct call *call, json_t *item)
{
    return json_put(call, item, "acl_id", json_get_text(item, "id")) && put_bind_num(call, item);
}

const struct policy_kind policy_kind_acl = {
    .policy = &resource_acl,
    .name_column = ACL_NAME,
    .binding = &resource_acl_binding,
    .body_id = "acl_id",
    .query_id = "acl_id",
    .query_name = "acl_name",
    .batch = "acl_bindings",
    .bindings = "acl_bindings",
    .policies = "acls",
    .policy_name = "acl_name",
    .bind_id = "bind_id",
    .bind_time = "bind_time",
    .other = ERROR_API_LISTED,
    .in_use = ERROR_ACL_IN_USE,
    .complete = complete,
};

static bool bind(struct call *call)
{
    return policy_bind(call, &policy_kind_acl);
}

static bool unbind(struct call *call)
{
    return policy_unbind(call, &policy_kind_acl);
}

static bool unbind_batch(struct call *call)
{
    return policy_unbind_batch(call, &policy_kind_acl);
}

static bool list_bound(struct call *call)
{
    return policy_list_bound_apis(call, &policy_kind_acl);
}

static bool list_unbound(struct call *call)
{
    return policy_list_unbound_apis(call, &policy_kind_acl);
}

static bool list_of_api(struct call *call)
{
    return policy_list_of_api(call, &policy_kind_acl);
}

static const struct field bind_items[] = {
    {.name = "acl_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64, .charset = &charset_id},
    POLICY_PUBLISH_IDS,
};
static const struct fields bind_fields = FIELDS_OF(bind_items);

static const struct field bound_items[] = {
    {.name = "acl_bindings", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &binding_fields},
};
static const struct fields bound_fields = FIELDS_OF(bound_items);

static const struct field batch_items[] = {
    POLICY_BATCH("acl_bindings"),
};
static const struct fields batch_fields = FIELDS_OF(batch_items);

static const struct field removal_items[] = {
    POLICY_BATCH("acls"),
};
static const struct fields removal_fields = FIELDS_OF(removal_items);

static const struct field failure_items[] = {
    ANSWERED("acl_id", FIELD_STRING),
    ANSWERED("error_code", FIELD_STRING),
    ANSWERED("error_msg", FIELD_STRING),
};
static const struct fields failure_fields = FIELDS_OF(failure_items);
static const struct field removal_answer_items[] = {
    ANSWERED("success_count", FIELD_INTEGER),
    {.name = "failure", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &failure_fields},
};
static const struct fields removal_answer = FIELDS_OF(removal_answer_items);

static const char *const removal_actions[] = {"delete", NULL};
static const struct field removal_query_items[] = {
    {.name = "action", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = removal_actions, .code = ERROR_FIELD_INVALID},
    {.name = "unbind", .type = FIELD_BOOLEAN},
};
static const struct fields removal_query = FIELDS_OF(removal_query_items);

static const struct field apis_query_items[] = {
    {.name = "acl_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 255},
    BOUND_API_QUERY,
};
static const struct fields apis_query = FIELDS_OF(apis_query_items);

static const struct field of_api_query_items[] = {
    {.name = "api_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 255},
    {.name = "acl_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "acl_name", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "env_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "env_name", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
};
static const struct fields of_api_query = FIELDS_OF(of_api_query_items);

static const struct field listed_api_items[] = {
    BOUND_API_ANSWER,
    ANSWERED("acl_name", FIELD_STRING),
    ANSWERED("bind_id", FIELD_STRING),
    ANSWERED("bind_time", FIELD_TIME),
};
static const struct fields listed_api = FIELDS_OF(listed_api_items);

#define ACLS     IN_INSTANCE "/acls"
#define BINDINGS IN_INSTANCE "/acl-bindings"
static const struct route routes[] = {
    {"POST", ACLS, "create_acl", RIGHT_WRITE_APIS, &acl_fields, FILL_PRESETS, create, .answer = &acl_fields},
    {"GET", ACLS, "list_acls", RIGHT_READ, NULL, FILL_PRESETS, listing_handle, .listing = &listing},
    {"PUT", ACLS, "delete_acls", RIGHT_WRITE_APIS, &removal_fields, FILL_PRESETS, remove_batch, .query = &removal_query,
     .answer = &removal_answer},
    {"GET", ACLS "/{acl_id}", "show_acl", RIGHT_READ, NULL, FILL_PRESETS, show, .answer = &acl_fields},
    {"PUT", ACLS "/{acl_id}", "update_acl", RIGHT_WRITE_APIS, &acl_fields, FILL_PRESETS, update, .answer = &acl_fields},
    {"DELETE", ACLS "/{acl_id}", "delete_acl", RIGHT_WRITE_APIS, NULL, FILL_PRESETS, destroy, .query = &policy_delete_query},
    {"POST", BINDINGS, "bind_acl", RIGHT_WRITE_APIS, &bind_fields, FILL_PRESETS, bind, .answer = &bound_fields},
    {"PUT", BINDINGS, "unbind_acls", RIGHT_WRITE_APIS, &batch_fields, FILL_PRESETS, unbind_batch, .query = &policy_batch_query,
     .answer = &policy_batch_answer},
    {"GET", BINDINGS "/binded-apis", "list_apis_of_acl", RIGHT_READ, NULL, FILL_PRESETS, list_bound, .query = &apis_query, .items = "apis",
     .answer = &listed_api},
    {"GET", BINDINGS "/unbinded-apis", "list_apis_without_acl", RIGHT_READ, NULL, FILL_PRESETS, list_unbound, .query = &apis_query,
     .items = "apis", .answer = &listed_api},
    {"GET", BINDINGS "/binded-acls", "list_acls_of_api", RIGHT_READ, NULL, FILL_PRESETS, list_of_api, .query = &of_api_query,
     .items = "acls", .answer = &acl_fields},
    {"DELETE", BINDINGS "/{acl_binding_id}", "unbind_acl", RIGHT_WRITE_APIS, NULL, FILL_PRESETS, unbind},
};
const struct routes routes_acls = ROUTES_OF(routes);
