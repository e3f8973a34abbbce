/* Callers with limits of their own (the vendor's excluded request throttling configurations). Consumers are ours. */
#include "control/apis.h"
#include "control/bound_apis.h"
#include "control/charsets.h"
#include "control/consumers.h"
#include "control/listing.h"
#include "control/related.h"
#include "control/resources.h"
#include "control/throttles.h"

const char *const special_object_types[] = {"APP", "USER", "CONSUMER", NULL};

enum throttle_kind special_kind_of(struct bytes object_type)
{
    static const enum throttle_kind of_types[] = {THROTTLE_APP, THROTTLE_USER, THROTTLE_CONSUMER};
    for (size_t i = 0; special_object_types[i] != NULL; i++)
        if (bytes_equal(object_type, bytes_of_text(special_object_types[i]))) return of_types[i];
    return THROTTLE_KINDS;
}

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = SPECIAL_ID},
    {.name = "throttle_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = SPECIAL_THROTTLE_ID},
    {.name = "object_type",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = SPECIAL_OBJECT_TYPE,
     .choices = special_object_types},
    {.name = "object_id",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = SPECIAL_OBJECT_ID,
     .minimum = 1,
     .maximum = 64,
     .charset = &charset_id},
    {.name = "call_limits",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = SPECIAL_CALL_LIMITS,
     .minimum = 1,
     .maximum = THROTTLE_MOST_CALLS},
    {.name = "apply_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = SPECIAL_APPLY_TIME},
    ANSWERED("object_name", FIELD_STRING),
    ANSWERED("app_id", FIELD_STRING),
    ANSWERED("app_name", FIELD_STRING),
};
static const struct fields special_fields = FIELDS_OF(fields);

static const struct field update_items[] = {
    {.name = "call_limits", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = THROTTLE_MOST_CALLS},
};
static const struct fields update_fields = FIELDS_OF(update_items);

static const struct conflict conflicts[] = {
    {"special_once", ERROR_SPECIAL_EXISTS, SPECIAL_OBJECT_ID},
};

const struct resource resource_special = {
    .name = "throttle_special",
    .entity = &entity_special,
    .fields = &special_fields,
    .instance_column = SPECIAL_INSTANCE_ID,
    .unknown = ERROR_SPECIAL_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
};

/* The name of the app, consumer or user; *found: there is such a one. Users are of the domain, not of the instance. */
static bool find_name(struct call *call, const struct value *special, struct bytes *name, bool *found)
{
    static const struct {
        const struct entity *entity;
        size_t instance, name;
    } objects[THROTTLE_KINDS] = {[THROTTLE_APP] = {&entity_app, APP_INSTANCE_ID, APP_NAME},
                                 [THROTTLE_CONSUMER] = {&entity_consumer, CONSUMER_INSTANCE_ID, CONSUMER_NAME},
                                 [THROTTLE_USER] = {&entity_user, USER_DOMAIN_ID, USER_NAME}};
    struct value row[ENTITY_MAX_COLUMNS];
    enum throttle_kind kind = special_kind_of(special[SPECIAL_OBJECT_TYPE].bytes);
    enum store_result result = store_get(call->session, objects[kind].entity, special[SPECIAL_OBJECT_ID].bytes, &call->arena, row);
    struct bytes owner = kind == THROTTLE_USER ? call->caller.domain_id : call->instance_id;
    *found = result == STORE_OK && bytes_equal(row[objects[kind].instance].bytes, owner);
    if (*found) *name = row[objects[kind].name].bytes;
    return result == STORE_NOTHING || call_store(call, result);
}

static bool put_names(struct call *call, const struct value *row, json_t *json)
{
    struct bytes name;
    bool found;
    if (!find_name(call, row, &name, &found)) return false;
    if (!found) return true;
    if (special_kind_of(row[SPECIAL_OBJECT_TYPE].bytes) == THROTTLE_APP &&
        (!json_put(call, json, "app_id", row[SPECIAL_OBJECT_ID].bytes) || !json_put(call, json, "app_name", name))) {
        return false;
    }
    return json_put(call, json, "object_name", name);
}

static bool answer_special(struct call *call, const struct value *row, unsigned status)
{
    json_t *json = resource_json(call, &resource_special, row, HIDE_SECRETS);
    if (json == NULL) return call_fault(call, "no memory for the answer");
    if (put_names(call, row, json)) return call_answer(call, status, json);
    json_decref(json);
    return false;
}

static bool count_specials(struct call *call, struct bytes throttle_id, int64_t *count)
{
    struct store_filter filter = {SPECIAL_THROTTLE_ID, STORE_EQUAL, value_text(throttle_id)};
    return resource_count(call, &resource_special, (struct where){&filter, 1}, count);
}

static bool admit_one_more(struct call *call, struct bytes throttle_id)
{
    char memory[16];
    struct buffer most = buffer_over(memory, sizeof memory);
    int64_t count;
    buffer_add_number(&most, THROTTLE_MOST_SPECIALS);
    return count_specials(call, throttle_id, &count) &&
           (count < THROTTLE_MOST_SPECIALS || call_refuse(call, ERROR_SPECIAL_QUOTA, buffer_bytes(&most)));
}

static bool know_object(struct call *call, const struct value *row)
{
    static const enum error_code unknown[THROTTLE_KINDS] = {
        [THROTTLE_APP] = ERROR_APP_UNKNOWN, [THROTTLE_CONSUMER] = ERROR_CONSUMER_UNKNOWN, [THROTTLE_USER] = ERROR_USER_UNKNOWN};
    struct bytes name;
    bool found;
    return find_name(call, row, &name, &found) &&
           (found || call_refuse(call, unknown[special_kind_of(row[SPECIAL_OBJECT_TYPE].bytes)], row[SPECIAL_OBJECT_ID].bytes));
}

static bool create(struct call *call)
{
    struct value policy[THROTTLE_ROW_COLUMNS], row[SPECIAL_COLUMNS];
    row_clear(&entity_special, row);
    struct bytes id = call_new_id(call);
    if (id.length == 0 || !resource_load(call, &resource_throttle, call->params[0], policy)) return false;
    row[SPECIAL_ID] = value_text(id);
    row[SPECIAL_INSTANCE_ID] = value_text(call->instance_id);
    row[SPECIAL_THROTTLE_ID] = policy[THROTTLE_ROW_ID];
    row[SPECIAL_APPLY_TIME] = value_integer(call->now);
    return resource_fill(call, &resource_special, row) && know_object(call, row) && admit_one_more(call, policy[THROTTLE_ROW_ID].bytes) &&
           resource_insert(call, &resource_special, row) && call_change(call, CHANGE_THROTTLE, policy[THROTTLE_ROW_ID].bytes, BYTES("")) &&
           answer_special(call, row, 201);
}

/* One of this policy. */
static bool load(struct call *call, struct value *row)
{
    struct value policy[THROTTLE_ROW_COLUMNS];
    return resource_load(call, &resource_throttle, call->params[0], policy) &&
           resource_load(call, &resource_special, call->params[1], row) &&
           (bytes_equal(row[SPECIAL_THROTTLE_ID].bytes, call->params[0]) || call_refuse(call, ERROR_SPECIAL_UNKNOWN, call->params[1]));
}

static bool update(struct call *call)
{
    struct value before[SPECIAL_COLUMNS], after[SPECIAL_COLUMNS];
    if (!load(call, before)) return false;
    for (size_t i = 0; i < SPECIAL_COLUMNS; i++) after[i] = before[i];
    after[SPECIAL_CALL_LIMITS] = value_integer(call_integer(call, "call_limits", 0));
    return resource_update(call, &resource_special, before, after) && call_change(call, CHANGE_THROTTLE, call->params[0], BYTES("")) &&
           answer_special(call, after, 200);
}

static bool remove_special(struct call *call, void *context, const struct value *row)
{
    (void)context;
    return resource_remove(call, &resource_special, row) && call_change(call, CHANGE_THROTTLE, row[SPECIAL_THROTTLE_ID].bytes, BYTES(""));
}

static bool destroy(struct call *call)
{
    struct value row[SPECIAL_COLUMNS];
    return load(call, row) && remove_special(call, NULL, row) && call_answer(call, 204, NULL);
}

bool specials_remove_where(struct call *call, const struct store_filter *filter)
{
    return resource_for_each(call, &resource_special, filter, remove_special, NULL);
}

bool special_put_presence(struct call *call, json_t *item)
{
    int64_t count;
    if (!count_specials(call, json_get_text(item, "id"), &count)) return false;
    return json_object_set_new(item, "is_inclu_special_throttle", json_integer(count > 0 ? 1 : 2)) == 0 ||
           call_fault(call, "no memory for the answer");
}

static bool complete(struct call *call, json_t *item)
{
    struct value row[SPECIAL_COLUMNS];
    row_clear(&entity_special, row);
    row[SPECIAL_OBJECT_TYPE] = value_text(json_get_text(item, "object_type"));
    row[SPECIAL_OBJECT_ID] = value_text(json_get_text(item, "object_id"));
    return put_names(call, row, item);
}

static const struct list_filter list_filters[] = {{"object_type", FILTER_EXACT, SPECIAL_OBJECT_TYPE}};
static const struct listing listing = {.resource = &resource_special,
                                       .items = "throttle_specials",
                                       .filters = list_filters,
                                       .filter_count = sizeof list_filters / sizeof *list_filters,
                                       .order_column = SPECIAL_APPLY_TIME,
                                       .descending = true,
                                       .complete = complete};

/* By the names of apps or users, which stand in other rows; a policy has few. */
static bool keep_named(struct call *call, void *context, const struct value *row)
{
    bool app = special_kind_of(row[SPECIAL_OBJECT_TYPE].bytes) == THROTTLE_APP,
         user = special_kind_of(row[SPECIAL_OBJECT_TYPE].bytes) == THROTTLE_USER;
    json_t *item = resource_json(call, &resource_special, row, HIDE_SECRETS);
    bool done = item != NULL && put_names(call, row, item);
    struct bytes name = done ? json_get_text(item, "object_name") : BYTES("");
    bool wanted = query_matches(call, "object_type", row[SPECIAL_OBJECT_TYPE].bytes) &&
                  (call_query(call, "app_name").length == 0 || (app && query_contains(call, "app_name", name))) &&
                  (call_query(call, "user").length == 0 || (user && query_contains(call, "user", name)));
    if (done && wanted) return json_array_insert_new(context, 0, item) == 0 || call_fault(call, "no memory for the list");
    json_decref(item);
    return done;
}

static bool list(struct call *call)
{
    struct value policy[THROTTLE_ROW_COLUMNS];
    if (!resource_load(call, &resource_throttle, call->params[0], policy)) return false;
    struct store_filter of_policy = {SPECIAL_THROTTLE_ID, STORE_EQUAL, policy[THROTTLE_ROW_ID]};
    if (call_query(call, "app_name").length == 0 && call_query(call, "user").length == 0)
        return listing_answer_where(call, &listing, &of_policy, 1);
    json_t *specials = json_array();
    if (resource_for_each(call, &resource_special, &of_policy, keep_named, specials))
        return listing_answer_array(call, "throttle_specials", specials);
    json_decref(specials);
    return false;
}

static const struct field list_query_items[] = {
    {.name = "app_name", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "user", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
};
static const struct fields list_query = FIELDS_OF(list_query_items);

#define SPECIALS IN_INSTANCE "/throttles/{throttle_id}/throttle-specials"
static const struct route routes[] = {
    {"POST", SPECIALS, "create_throttle_special", RIGHT_WRITE_APIS, &special_fields, FILL_PRESETS, create, .answer = &special_fields},
    {"GET", SPECIALS, "list_throttle_specials", RIGHT_READ, NULL, FILL_PRESETS, list, .listing = &listing, .query = &list_query},
    {"PUT", SPECIALS "/{special_id}", "update_throttle_special", RIGHT_WRITE_APIS, &update_fields, FILL_PRESETS, update,
     .answer = &special_fields},
    {"DELETE", SPECIALS "/{special_id}", "delete_throttle_special", RIGHT_WRITE_APIS, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_throttle_specials = ROUTES_OF(routes);
