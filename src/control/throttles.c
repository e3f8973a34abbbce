#include "control/throttles.h"

#include "control/charsets.h"
#include "control/listing.h"
#include "control/policy_bindings.h"
#include "control/quotas.h"
#include "control/resources.h"

#define MOST_REMARK 255

static const char *const time_units[] = {"SECOND", "MINUTE", "HOUR", "DAY", NULL};
/* The vendor's limits adapt to nothing yet, so none is asked for. */
static const char *const adaptive_controls[] = {"FALSE", NULL};
static const struct charset charset_policy_name = {"A-Za-z", "A-Za-z0-9_", true, "letters, digits and _, first a letter"};

#define LIMIT(member, where)                                                                                                               \
    {                                                                                                                                      \
        .name = (member), .type = FIELD_INTEGER, .flags = FIELD_STORED, .column = (where), .minimum = 0, .maximum = THROTTLE_MOST_CALLS,   \
        .rule = "0: no such limit", .preset = "0"                                                                                          \
    }

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = THROTTLE_ROW_ID},
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = THROTTLE_ROW_NAME,
     .minimum = 3,
     .maximum = 64,
     .charset = &charset_policy_name},
    {.name = "remark",
     .type = FIELD_STRING,
     .flags = FIELD_STORED,
     .column = THROTTLE_ROW_REMARK,
     .maximum = MOST_REMARK,
     .preset = "\"\""},
    {.name = "type", .type = FIELD_INTEGER, .flags = FIELD_STORED, .column = THROTTLE_ROW_TYPE, .minimum = 1, .maximum = 2, .preset = "1"},
    {.name = "time_interval",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = THROTTLE_ROW_TIME_INTERVAL,
     .minimum = 1,
     .maximum = THROTTLE_MOST_SECONDS},
    {.name = "time_unit",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = THROTTLE_ROW_TIME_UNIT,
     .choices = time_units},
    {.name = "api_call_limits",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = THROTTLE_ROW_API_LIMITS,
     .minimum = 1,
     .maximum = THROTTLE_MOST_CALLS},
    LIMIT("user_call_limits", THROTTLE_ROW_USER_LIMITS),
    LIMIT("app_call_limits", THROTTLE_ROW_APP_LIMITS),
    LIMIT("consumer_call_limits", THROTTLE_ROW_CONSUMER_LIMITS),
    LIMIT("ip_call_limits", THROTTLE_ROW_IP_LIMITS),
    {.name = "enable_adaptive_control", .type = FIELD_STRING, .choices = adaptive_controls},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = THROTTLE_ROW_CREATE_TIME},
    ANSWERED("bind_num", FIELD_INTEGER),
    ANSWERED("is_inclu_special_throttle", FIELD_INTEGER),
    POLICY_OF_API,
};
static const struct fields throttle_fields = FIELDS_OF(fields);

static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call, (void)row;
    return json_object_set_new(answer, "enable_adaptive_control", json_string("FALSE")) == 0;
}

static const struct conflict conflicts[] = {
    {"throttle_name", ERROR_THROTTLE_EXISTS, THROTTLE_ROW_NAME},
};

const struct resource resource_throttle = {
    .name = "throttle",
    .entity = &entity_throttle,
    .fields = &throttle_fields,
    .instance_column = THROTTLE_ROW_INSTANCE_ID,
    .unknown = ERROR_THROTTLE_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
    .derive = derive,
};

int64_t throttle_seconds(const struct value *row)
{
    static const int64_t seconds[] = {1, 60, 3600, 24 * 3600};
    for (size_t i = 0; time_units[i] != NULL; i++)
        if (bytes_equal(row[THROTTLE_ROW_TIME_UNIT].bytes, bytes_of_text(time_units[i])))
            return row[THROTTLE_ROW_TIME_INTERVAL].integer * seconds[i];
    return 0;
}

/* A limit that another one makes pointless is a mistake, as the vendor's rules say. */
static bool check_limits(struct call *call, const struct value *row)
{
    static const struct {
        size_t small, large;
        const char *field, *rule;
    } rules[] = {
        {THROTTLE_ROW_USER_LIMITS, THROTTLE_ROW_API_LIMITS, "user_call_limits", "at most api_call_limits"},
        {THROTTLE_ROW_APP_LIMITS, THROTTLE_ROW_USER_LIMITS, "app_call_limits", "at most user_call_limits"},
        {THROTTLE_ROW_APP_LIMITS, THROTTLE_ROW_API_LIMITS, "app_call_limits", "at most api_call_limits"},
        {THROTTLE_ROW_CONSUMER_LIMITS, THROTTLE_ROW_USER_LIMITS, "consumer_call_limits", "at most user_call_limits"},
        {THROTTLE_ROW_CONSUMER_LIMITS, THROTTLE_ROW_API_LIMITS, "consumer_call_limits", "at most api_call_limits"},
        {THROTTLE_ROW_IP_LIMITS, THROTTLE_ROW_API_LIMITS, "ip_call_limits", "at most api_call_limits"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        int64_t large = row[rules[i].large].integer;
        if (large != 0 && row[rules[i].small].integer > large) return call_refuse_rule(call, rules[i].field, rules[i].rule);
    }
    if (throttle_seconds(row) <= THROTTLE_MOST_SECONDS) return true;
    return call_refuse_rule(call, "time_interval", "with its time_unit at most 90 days");
}

static bool complete(struct call *call, json_t *item)
{
    return policy_put_bind_num(call, &policy_kind_throttle, item) && special_put_presence(call, item);
}

static bool answer_throttle(struct call *call, const struct value *row, unsigned status)
{
    json_t *json = resource_json(call, &resource_throttle, row, HIDE_SECRETS);
    if (json == NULL) return call_fault(call, "no memory for the answer");
    if (complete(call, json)) return call_answer(call, status, json);
    json_decref(json);
    return false;
}

static bool create(struct call *call)
{
    struct value row[THROTTLE_ROW_COLUMNS];
    row_clear(&entity_throttle, row);
    struct bytes id = call_new_id(call);
    if (id.length == 0 || !resource_fill(call, &resource_throttle, row) || !check_limits(call, row)) return false;
    if (!quota_admits_one(call, QUOTA_THROTTLES, &resource_throttle)) return false;
    row[THROTTLE_ROW_ID] = value_text(id);
    row[THROTTLE_ROW_INSTANCE_ID] = value_text(call->instance_id);
    row[THROTTLE_ROW_CREATE_TIME] = value_integer(call->now);
    return resource_insert(call, &resource_throttle, row) && call_change(call, CHANGE_THROTTLE, id, BYTES("")) &&
           answer_throttle(call, row, 201);
}

static bool show(struct call *call)
{
    struct value row[THROTTLE_ROW_COLUMNS];
    return resource_load(call, &resource_throttle, call->params[0], row) && answer_throttle(call, row, 200);
}

/* The body is the whole policy, as it is the vendor's: a limit that it leaves out is none. */
static bool update(struct call *call)
{
    struct value before[THROTTLE_ROW_COLUMNS], after[THROTTLE_ROW_COLUMNS];
    if (!resource_load(call, &resource_throttle, call->params[0], before)) return false;
    for (size_t i = 0; i < THROTTLE_ROW_COLUMNS; i++) after[i] = before[i];
    return resource_fill(call, &resource_throttle, after) && check_limits(call, after) &&
           resource_update(call, &resource_throttle, before, after) &&
           call_change(call, CHANGE_THROTTLE, after[THROTTLE_ROW_ID].bytes, BYTES("")) && answer_throttle(call, after, 200);
}

static bool destroy(struct call *call)
{
    struct value row[THROTTLE_ROW_COLUMNS];
    if (!resource_load(call, &resource_throttle, call->params[0], row)) return false;
    struct store_filter specials = {SPECIAL_THROTTLE_ID, STORE_EQUAL, row[THROTTLE_ROW_ID]};
    return policy_release(call, &policy_kind_throttle, row[THROTTLE_ROW_ID].bytes) && specials_remove_where(call, &specials) &&
           resource_remove(call, &resource_throttle, row) && call_change(call, CHANGE_THROTTLE, row[THROTTLE_ROW_ID].bytes, BYTES("")) &&
           call_answer(call, 204, NULL);
}

static const struct list_filter list_filters[] = {{"id", FILTER_EXACT, THROTTLE_ROW_ID}, {"name", FILTER_NAME, THROTTLE_ROW_NAME}};
static const struct listing listing = {.resource = &resource_throttle,
                                       .items = "throttles",
                                       .filters = list_filters,
                                       .filter_count = sizeof list_filters / sizeof *list_filters,
                                       .order_column = THROTTLE_ROW_CREATE_TIME,
                                       .descending = true,
                                       .complete = complete};

static const struct field binding_items[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = POLICY_BINDING_ID},
    {.name = "strategy_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = POLICY_BINDING_POLICY_ID},
    {.name = "publish_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = POLICY_BINDING_PUBLISH_ID},
    {.name = "api_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = POLICY_BINDING_API_ID},
    {.name = "env_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = POLICY_BINDING_ENV_ID},
    {.name = "apply_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = POLICY_BINDING_TIME},
    ANSWERED("scope", FIELD_INTEGER),
};
static const struct fields binding_fields = FIELDS_OF(binding_items);

/* The vendor knows other scopes, and serves this one. */
static bool derive_binding(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call, (void)row;
    return json_object_set_new(answer, "scope", json_integer(1)) == 0;
}

static const struct resource resource_throttle_binding = {
    .name = "throttle_binding",
    .entity = &entity_throttle_binding,
    .fields = &binding_fields,
    .instance_column = POLICY_BINDING_INSTANCE_ID,
    .unknown = ERROR_THROTTLE_BINDING_UNKNOWN,
    .derive = derive_binding,
};

const struct policy_kind policy_kind_throttle = {
    .policy = &resource_throttle,
    .name_column = THROTTLE_ROW_NAME,
    .binding = &resource_throttle_binding,
    .body_id = "strategy_id",
    .query_id = "throttle_id",
    .query_name = "throttle_name",
    .batch = "throttle_bindings",
    .bindings = "throttle_applys",
    .policies = "throttles",
    .policy_name = "throttle_name",
    .bind_id = "throttle_apply_id",
    .bind_time = "apply_time",
    .other = ERROR_API_THROTTLED,
    .in_use = ERROR_THROTTLE_IN_USE,
    .complete = complete,
};

static bool bind(struct call *call)
{
    return policy_bind(call, &policy_kind_throttle);
}

static bool unbind(struct call *call)
{
    return policy_unbind(call, &policy_kind_throttle);
}

static bool unbind_batch(struct call *call)
{
    return policy_unbind_batch(call, &policy_kind_throttle);
}

static bool list_bound(struct call *call)
{
    return policy_list_bound_apis(call, &policy_kind_throttle);
}

static bool list_unbound(struct call *call)
{
    return policy_list_unbound_apis(call, &policy_kind_throttle);
}

static bool list_of_api(struct call *call)
{
    return policy_list_of_api(call, &policy_kind_throttle);
}

static const struct field bind_items[] = {
    {.name = "strategy_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64, .charset = &charset_id},
    POLICY_PUBLISH_IDS,
};
static const struct fields bind_fields = FIELDS_OF(bind_items);

static const struct field bound_items[] = {
    {.name = "throttle_applys", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &binding_fields},
};
static const struct fields bound_fields = FIELDS_OF(bound_items);

static const struct field batch_items[] = {
    POLICY_BATCH("throttle_bindings"),
};
static const struct fields batch_fields = FIELDS_OF(batch_items);

static const struct field apis_query_items[] = {
    {.name = "throttle_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 255},
    BOUND_API_QUERY,
};
static const struct fields apis_query = FIELDS_OF(apis_query_items);

static const struct field of_api_query_items[] = {
    {.name = "api_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 255},
    {.name = "throttle_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "throttle_name", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "env_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "env_name", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
};
static const struct fields of_api_query = FIELDS_OF(of_api_query_items);

static const struct field api_answer_items[] = {
    BOUND_API_ANSWER,
    ANSWERED("throttle_name", FIELD_STRING),
    ANSWERED("throttle_apply_id", FIELD_STRING),
    ANSWERED("apply_time", FIELD_TIME),
};
static const struct fields api_answer = FIELDS_OF(api_answer_items);

#define THROTTLES IN_INSTANCE "/throttles"
#define BINDINGS  IN_INSTANCE "/throttle-bindings"
static const struct route routes[] = {
    {"POST", THROTTLES, "create_throttle", RIGHT_WRITE_APIS, &throttle_fields, FILL_PRESETS, create, .answer = &throttle_fields},
    {"GET", THROTTLES, "list_throttles", RIGHT_READ, NULL, FILL_PRESETS, listing_handle, .listing = &listing},
    {"GET", THROTTLES "/{throttle_id}", "show_throttle", RIGHT_READ, NULL, FILL_PRESETS, show, .answer = &throttle_fields},
    {"PUT", THROTTLES "/{throttle_id}", "update_throttle", RIGHT_WRITE_APIS, &throttle_fields, FILL_PRESETS, update,
     .answer = &throttle_fields},
    {"DELETE", THROTTLES "/{throttle_id}", "delete_throttle", RIGHT_WRITE_APIS, NULL, FILL_PRESETS, destroy, .query = &policy_delete_query},
    {"POST", BINDINGS, "bind_throttle", RIGHT_WRITE_APIS, &bind_fields, FILL_PRESETS, bind, .answer = &bound_fields},
    {"PUT", BINDINGS, "unbind_throttles", RIGHT_WRITE_APIS, &batch_fields, FILL_PRESETS, unbind_batch, .query = &policy_batch_query,
     .answer = &policy_batch_answer},
    {"GET", BINDINGS "/binded-apis", "list_apis_of_throttle", RIGHT_READ, NULL, FILL_PRESETS, list_bound, .query = &apis_query,
     .items = "apis", .answer = &api_answer},
    {"GET", BINDINGS "/unbinded-apis", "list_apis_without_throttle", RIGHT_READ, NULL, FILL_PRESETS, list_unbound, .query = &apis_query,
     .items = "apis", .answer = &api_answer},
    {"GET", BINDINGS "/binded-throttles", "list_throttles_of_api", RIGHT_READ, NULL, FILL_PRESETS, list_of_api, .query = &of_api_query,
     .items = "throttles", .answer = &throttle_fields},
    {"DELETE", BINDINGS "/{throttle_binding_id}", "unbind_throttle", RIGHT_WRITE_APIS, NULL, FILL_PRESETS, unbind},
};
const struct routes routes_throttles = ROUTES_OF(routes);
