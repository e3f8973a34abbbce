/* API keys of consumers: made or taken once, kept as a keyed hash, shown as a few characters. */
#include "control/apis.h"
#include "control/charsets.h"
#include "control/consumers.h"
#include "control/key_places.h"
#include "control/looked_up.h"
#include "control/places.h"

#define GENERATED_LENGTH 48
#define CUSTOM_MIN       8
#define CUSTOM_MAX       512
#define NAME_MAX_LENGTH  64

static const char *const modes[] = {"SYSTEM", "CUSTOM", NULL};
static const struct charset charset_api_key = {NULL, "!-~", false, "printable ASCII without blanks"};
static const struct field make_items[] = {
    {.name = "generate_mode", .type = FIELD_STRING, .choices = modes, .preset = "\"SYSTEM\""},
    {.name = "value",
     .type = FIELD_STRING,
     .flags = FIELD_SECRET,
     .minimum = CUSTOM_MIN,
     .maximum = CUSTOM_MAX,
     .charset = &charset_api_key},
    {.name = "source", .type = FIELD_STRING, .choices = key_sources, .preset = "\"BEARER\""},
    {.name = "name", .type = FIELD_STRING, .minimum = 1, .maximum = NAME_MAX_LENGTH},
};
const struct fields api_key_fields = FIELDS_OF(make_items);

static const struct field state_items[] = {
    {.name = "enabled", .type = FIELD_BOOLEAN, .flags = FIELD_STORED, .column = CREDENTIAL_ENABLED, .preset = "true"},
    {.name = "start_time", .type = FIELD_TIME, .flags = FIELD_STORED, .column = CREDENTIAL_NOT_BEFORE},
    {.name = "end_time", .type = FIELD_TIME, .flags = FIELD_STORED, .column = CREDENTIAL_NOT_AFTER},
};
const struct fields api_key_state_fields = FIELDS_OF(state_items);

static const struct field shown_items[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ROW_ID},
    {.name = "consumer_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_PRINCIPAL_ID},
    {.name = "display", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_DISPLAY},
    {.name = "enabled", .type = FIELD_BOOLEAN, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ENABLED},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_CREATE_TIME},
    ANSWERED("generate_mode", FIELD_STRING),
    ANSWERED("source", FIELD_STRING),
    ANSWERED("name", FIELD_STRING),
    ANSWERED("start_time", FIELD_TIME),
    ANSWERED("end_time", FIELD_TIME),
    {.name = "value", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_SECRET},
};
const struct fields api_key_shown_fields = FIELDS_OF(shown_items);

/* What stands in the columns in the gateway's words, in those of the API. */
static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call;
    struct bytes name = row[CREDENTIAL_PLACE_NAME].bytes;
    const char *mode = modes[row[CREDENTIAL_GENERATED].integer != 0 ? 0 : 1];
    return json_object_set_new(answer, "generate_mode", json_string(mode)) == 0 &&
           json_object_set_new(answer, "source", json_string(key_source_of(row))) == 0 &&
           json_object_set_new(answer, "name", json_stringn((const char *)name.data, name.length)) == 0 &&
           json_put_time(answer, "start_time", row[CREDENTIAL_NOT_BEFORE].integer) &&
           json_put_time(answer, "end_time", row[CREDENTIAL_NOT_AFTER].integer);
}

static const struct conflict conflicts[] = {
    {"credential_lookup", ERROR_KEY_EXISTS, CREDENTIAL_DISPLAY},
};

const struct resource resource_api_key = {
    .name = "api_key",
    .entity = &entity_credential,
    .fields = &api_key_shown_fields,
    .instance_column = CREDENTIAL_INSTANCE_ID,
    .unknown = ERROR_CREDENTIAL_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
    .derive = derive,
};

bool consumer_each_key(struct call *call, struct bytes consumer_id, resource_each each, void *context)
{
    struct store_filter filter = {CREDENTIAL_PRINCIPAL_ID, STORE_EQUAL, value_text(consumer_id)};
    return resource_for_each(call, &resource_api_key, &filter, each, context);
}

static struct bytes member_text(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return bytes_of(json_string_value(value), json_string_length(value));
}

/* The key itself. Empty: refused or a fault. */
static struct bytes draw_or_take(struct call *call, const json_t *wanted)
{
    struct bytes given = member_text(wanted, "value");
    bool custom = bytes_equal(member_text(wanted, "generate_mode"), BYTES("CUSTOM"));
    if (custom) {
        if (given.length == 0) call_refuse(call, ERROR_FIELD_MISSING, BYTES("api_key.value"));
        return given;
    }
    if (given.length > 0) {
        call_refuse_rule(call, "api_key.value", "absent, unless generate_mode is CUSTOM");
        return BYTES("");
    }
    return looked_up_draw(call, GENERATED_LENGTH);
}

static bool lay_key(struct call *call, struct bytes consumer_id, struct bytes key, struct value *row)
{
    if (!looked_up_lay(call, key, row)) return false;
    row[CREDENTIAL_PRINCIPAL_KIND] = value_integer(PRINCIPAL_CONSUMER);
    row[CREDENTIAL_PRINCIPAL_ID] = value_text(consumer_id);
    row[CREDENTIAL_SCHEMES] = value_integer(1u << SCHEME_API_KEY);
    return true;
}

static bool within_quota(struct call *call, struct bytes consumer_id)
{
    struct store_filter filter = {CREDENTIAL_PRINCIPAL_ID, STORE_EQUAL, value_text(consumer_id)};
    int64_t count;
    if (!resource_count(call, &resource_api_key, (struct where){&filter, 1}, &count)) return false;
    return count < CONSUMER_MAX_KEYS || call_refuse(call, ERROR_KEY_QUOTA, BYTES("20"));
}

json_t *api_key_make(struct call *call, struct bytes consumer_id, const json_t *wanted)
{
    struct value row[CREDENTIAL_COLUMNS];
    struct bytes key = draw_or_take(call, wanted);
    if (key.length == 0 || !within_quota(call, consumer_id) || !lay_key(call, consumer_id, key, row)) return NULL;
    row[CREDENTIAL_GENERATED] = value_integer(bytes_equal(member_text(wanted, "generate_mode"), BYTES("SYSTEM")));
    if (!key_place_read(call, wanted, key, row) || !resource_insert(call, &resource_api_key, row)) return NULL;
    if (!places_add_key(call, row) || !call_change(call, CHANGE_API_KEY, row[CREDENTIAL_LOOKUP].bytes, BYTES(""))) return NULL;
    json_t *json = resource_json(call, &resource_api_key, row, HIDE_SECRETS);
    if (json != NULL && json_object_set_new(json, "value", json_stringn((const char *)key.data, key.length)) == 0) return json;
    json_decref(json);
    call_fault(call, "no memory for the answer");
    return NULL;
}

bool api_key_remove(struct call *call, const struct value *row)
{
    return places_drop_key(call, row) && resource_remove(call, &resource_api_key, row) &&
           call_change(call, CHANGE_API_KEY, row[CREDENTIAL_LOOKUP].bytes, BYTES(""));
}
