#include "control/quotas.h"

#include "control/acls.h"
#include "control/apis.h"
#include "control/consumers.h"
#include "control/listing.h"
#include "control/resources.h"
#include "control/signs.h"
#include "control/throttles.h"

#include <string.h>

#define LIMIT_MOST 1000000000

/* The vendor's numbers, which an operator raises or takes away (0); none for consumers, whom the vendor does not have, and for all APIs
 * together, since those of a group are bounded. */
static const struct {
    const char *name;
    int64_t preset; /* 0: no limit */
    enum error_code code;
    const struct resource *resource; /* counted in the instance; NULL: within another object */
    const char *remark;
} quotas[QUOTA_COUNT] = {
    [QUOTA_GROUPS] = {"API_GROUP_NUM_LIMIT", 1500, ERROR_GROUP_QUOTA, &resource_group, "API groups"},
    [QUOTA_APIS] = {"API_NUM_LIMIT", 0, ERROR_API_QUOTA, &resource_api, "APIs"},
    [QUOTA_APIS_IN_GROUP] = {"API_NUM_LIMIT_PER_GROUP", 1000, ERROR_API_QUOTA, NULL, "APIs of one group"},
    [QUOTA_APPS] = {"APP_NUM_LIMIT", 50, ERROR_APP_QUOTA, &resource_app, "apps"},
    [QUOTA_ENVS] = {"ENVIRONMENT_NUM_LIMIT", 10, ERROR_ENV_QUOTA, &resource_env, "environments"},
    [QUOTA_SIGNS] = {"SIGN_NUM_LIMIT", SIGN_QUOTA, ERROR_SIGN_QUOTA, &resource_sign, "signature keys"},
    [QUOTA_APP_CODES] = {"APP_CODE_NUM_LIMIT", 5, ERROR_APP_CODE_QUOTA, NULL, "AppCodes of one app"},
    [QUOTA_CONSUMERS] = {"CONSUMER_NUM_LIMIT", 0, ERROR_CONSUMER_QUOTA, &resource_consumer, "consumers"},
    [QUOTA_THROTTLES] = {"THROTTLE_NUM_LIMIT", 300, ERROR_THROTTLE_QUOTA, &resource_throttle, "request throttling policies"},
    [QUOTA_ACLS] = {"ACL_NUM_LIMIT", 100, ERROR_ACL_QUOTA, &resource_acl, "access control policies"},
};

static const char *const names[] = {"API_GROUP_NUM_LIMIT",
                                    "API_NUM_LIMIT",
                                    "API_NUM_LIMIT_PER_GROUP",
                                    "APP_NUM_LIMIT",
                                    "ENVIRONMENT_NUM_LIMIT",
                                    "SIGN_NUM_LIMIT",
                                    "APP_CODE_NUM_LIMIT",
                                    "CONSUMER_NUM_LIMIT",
                                    "THROTTLE_NUM_LIMIT",
                                    "ACL_NUM_LIMIT",
                                    NULL};
static const struct field fields[] = {
    {.name = "config_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = QUOTA_ROW_ID},
    {.name = "config_name", .type = FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_STORED, .column = QUOTA_ROW_NAME, .choices = names},
    {.name = "config_value",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = QUOTA_ROW_VALUE,
     .minimum = 0,
     .maximum = LIMIT_MOST},
    {.name = "config_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = QUOTA_ROW_TIME},
};
static const struct fields quota_fields = FIELDS_OF(fields);

/* The vendor answers the value as text. */
static const struct field shown_items[] = {
    ANSWERED("config_id", FIELD_STRING), ANSWERED("config_name", FIELD_STRING), ANSWERED("config_value", FIELD_STRING),
    ANSWERED("config_time", FIELD_TIME), ANSWERED("remark", FIELD_STRING),      ANSWERED("used", FIELD_INTEGER),
};
static const struct fields shown_fields = FIELDS_OF(shown_items);

static const struct resource resource_quota = {
    .name = "quota",
    .entity = &entity_quota,
    .fields = &quota_fields,
    .instance_column = QUOTA_ROW_INSTANCE_ID,
    .unknown = ERROR_FIELD_VALUE,
};

static bool find(struct call *call, enum quota quota, struct value *row, bool *found)
{
    struct store_filter filter = {QUOTA_ROW_NAME, STORE_EQUAL, value_text(bytes_of_text(quotas[quota].name))};
    return resource_find(call, &resource_quota, (struct where){&filter, 1}, row, found);
}

static bool read_limit(struct call *call, enum quota quota, int64_t *limit)
{
    struct value row[QUOTA_ROW_COLUMNS];
    size_t mark = call->arena.used;
    bool found;
    bool done = find(call, quota, row, &found);
    *limit = done && found ? row[QUOTA_ROW_VALUE].integer : quotas[quota].preset;
    arena_rewind(&call->arena, mark);
    return done;
}

static bool refuse(struct call *call, enum quota quota, int64_t limit)
{
    char memory[32];
    struct buffer number = buffer_over(memory, sizeof memory);
    buffer_add_number(&number, limit);
    return call_refuse(call, quotas[quota].code, buffer_bytes(&number));
}

bool quota_is_limited(struct call *call, enum quota quota, bool *limited)
{
    int64_t limit = 0;
    bool done = read_limit(call, quota, &limit);
    *limited = limit != 0;
    return done;
}

bool quota_admits(struct call *call, enum quota quota, int64_t used)
{
    int64_t limit;
    return read_limit(call, quota, &limit) && (limit == 0 || used < limit || refuse(call, quota, limit));
}

bool quota_admits_one(struct call *call, enum quota quota, const struct resource *resource)
{
    int64_t limit, used = 0;
    if (!read_limit(call, quota, &limit)) return false;
    if (limit == 0) return true;
    return resource_count(call, resource, (struct where){NULL, 0}, &used) && (used < limit || refuse(call, quota, limit));
}

/* {config_id, config_name, config_value, config_time, remark, used}; `used` is left out where it depends on another object. */
static json_t *quota_json(struct call *call, enum quota quota)
{
    struct value row[QUOTA_ROW_COLUMNS];
    char memory[32];
    struct buffer text = buffer_over(memory, sizeof memory - 1);
    bool found;
    int64_t used = 0;
    const struct resource *resource = quotas[quota].resource;
    if (!find(call, quota, row, &found)) return NULL;
    if (resource != NULL && !resource_count(call, resource, (struct where){NULL, 0}, &used)) return NULL;
    buffer_add_number(&text, found ? row[QUOTA_ROW_VALUE].integer : quotas[quota].preset);
    memory[text.length] = '\0';
    json_t *json = json_pack("{s:s, s:s%, s:s, s:o*}", "config_name", quotas[quota].name, "config_value", memory, text.length, "remark",
                             quotas[quota].remark, "used", resource != NULL ? json_integer(used) : NULL);
    struct bytes id = found ? row[QUOTA_ROW_ID].bytes : bytes_of_text(quotas[quota].name);
    if (json != NULL && json_put(call, json, "config_id", id) &&
        json_put_time(json, "config_time", found ? row[QUOTA_ROW_TIME].integer : 0)) {
        return json;
    }
    json_decref(json);
    call_fault(call, "no memory for the answer");
    return NULL;
}

static bool list(struct call *call)
{
    json_t *configs = json_array();
    for (unsigned i = 0; i < QUOTA_COUNT; i++) {
        json_t *json = quota_json(call, (enum quota)i);
        if (json == NULL) {
            json_decref(configs);
            return false;
        }
        json_array_append_new(configs, json);
    }
    return listing_answer_array(call, "configs", configs);
}

/* What a new instance is given; how many instances there are is not limited. */
static bool list_presets(struct call *call)
{
    json_t *configs = json_array();
    for (unsigned i = 0; i < QUOTA_COUNT; i++) {
        char value[32];
        struct buffer text = buffer_over(value, sizeof value - 1);
        buffer_add_number(&text, quotas[i].preset);
        json_t *json = json_pack("{s:s, s:s, s:s%, s:s}", "config_id", quotas[i].name, "config_name", quotas[i].name, "config_value", value,
                                 text.length, "remark", quotas[i].remark);
        json_array_append_new(configs, json);
    }
    return listing_answer_array(call, "configs", configs);
}

static enum quota named(struct bytes name)
{
    unsigned i = 0;
    while (i + 1 < QUOTA_COUNT && !bytes_equal(bytes_of_text(quotas[i].name), name)) i++;
    return (enum quota)i;
}

static bool write(struct call *call, const struct value *before, struct value *after, bool found)
{
    if (found) return resource_update(call, &resource_quota, before, after);
    struct bytes id = call_new_id(call);
    after[QUOTA_ROW_ID] = value_text(id);
    after[QUOTA_ROW_INSTANCE_ID] = value_text(call->instance_id);
    return id.length > 0 && resource_insert(call, &resource_quota, after);
}

/* Ours. What is there already stays, also above a lower limit. */
static bool set(struct call *call)
{
    struct value before[QUOTA_ROW_COLUMNS], after[QUOTA_ROW_COLUMNS];
    enum quota quota = named(call_text(call, "config_name"));
    bool found;
    row_clear(&entity_quota, after);
    if (!find(call, quota, before, &found)) return false;
    for (size_t i = 0; found && i < QUOTA_ROW_COLUMNS; i++) after[i] = before[i];
    after[QUOTA_ROW_TIME] = value_integer(call->now);
    if (!resource_fill(call, &resource_quota, after) || !write(call, before, after, found)) return false;
    json_t *json = quota_json(call, quota);
    return json != NULL && call_answer(call, 200, json);
}

static const struct field preset_items[] = {
    ANSWERED("config_id", FIELD_STRING),
    ANSWERED("config_name", FIELD_STRING),
    ANSWERED("config_value", FIELD_STRING),
    ANSWERED("remark", FIELD_STRING),
};
static const struct fields preset_fields = FIELDS_OF(preset_items);

static const struct route routes[] = {
    {"GET", "/v2/{project_id}/apigw/instance/configs", "list_preset_quotas", RIGHT_READ, NULL, FILL_PRESETS, list_presets,
     .items = "configs", .answer = &preset_fields},
    {"GET", IN_INSTANCE "/project/configs", "list_quotas", RIGHT_READ, NULL, FILL_PRESETS, list, .items = "configs",
     .answer = &shown_fields},
    {"PUT", IN_INSTANCE "/project/configs", "set_quota", RIGHT_WRITE, &quota_fields, FILL_PRESETS, set, .answer = &shown_fields},
};
const struct routes routes_quotas = ROUTES_OF(routes);
