/* API keys of consumers: made or taken once, kept as a keyed hash, shown as a few characters. */
#include "control/apis.h"
#include "control/charsets.h"
#include "control/consumers.h"
#include "control/credential_states.h"
#include "control/key_places.h"
#include "control/looked_up.h"
#include "control/places.h"
#include "control/related.h"

#define GENERATED_LENGTH 48
#define CUSTOM_MIN       8
#define CUSTOM_MAX       512
#define NAME_MAX_LENGTH  64

static const struct charset charset_api_key = {NULL, "!-~", false, "printable ASCII without blanks"};
static const struct field make_items[] = {
    {.name = "generate_mode", .type = FIELD_STRING, .choices = generate_modes, .preset = "\"SYSTEM\""},
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

static const struct field shown_items[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ROW_ID},
    {.name = "consumer_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_PRINCIPAL_ID},
    {.name = "display", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_DISPLAY},
    {.name = "enabled", .type = FIELD_BOOLEAN, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ENABLED},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_CREATE_TIME},
};
static const struct fields shown_fields = FIELDS_OF(shown_items);

/* What stands in the columns in the gateway's words, in those of the API. */
static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call;
    struct bytes name = row[CREDENTIAL_PLACE_NAME].bytes;
    return credential_put_state(row, answer) && json_object_set_new(answer, "kind", json_string("API_KEY")) == 0 &&
           json_object_set_new(answer, "source", json_string(key_source_of(row))) == 0 &&
           json_object_set_new(answer, "name", json_stringn((const char *)name.data, name.length)) == 0;
}

static const struct conflict conflicts[] = {
    {"credential_lookup", ERROR_KEY_EXISTS, CREDENTIAL_DISPLAY},
};

const struct resource resource_api_key = {
    .name = "api_key",
    .entity = &entity_credential,
    .fields = &shown_fields,
    .instance_column = CREDENTIAL_INSTANCE_ID,
    .unknown = ERROR_CREDENTIAL_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
    .derive = derive,
};

static bool lay_key(struct call *call, struct bytes consumer_id, struct bytes key, struct value *row)
{
    if (!looked_up_lay(call, key, row)) return false;
    row[CREDENTIAL_PRINCIPAL_KIND] = value_integer(PRINCIPAL_CONSUMER);
    row[CREDENTIAL_PRINCIPAL_ID] = value_text(consumer_id);
    row[CREDENTIAL_SCHEMES] = value_integer(1u << SCHEME_API_KEY);
    return true;
}

json_t *api_key_make(struct call *call, const struct holder *holder, const json_t *wanted)
{
    struct value row[CREDENTIAL_COLUMNS];
    struct wanted_text text = {wanted, "value", "api_key.value", GENERATED_LENGTH};
    struct bytes key = credential_draw_or_take(call, &text);
    if (key.length == 0 || !lay_key(call, holder->id, key, row)) return NULL;
    row[CREDENTIAL_GENERATED] = value_integer(bytes_equal(json_get_text(wanted, "generate_mode"), BYTES("SYSTEM")));
    if (!key_place_read(call, wanted, key, row) || !resource_insert(call, &resource_api_key, row)) return NULL;
    if (!holder->is_new && !places_add_key(call, row)) return NULL;
    if (!call_change(call, CHANGE_API_KEY, row[CREDENTIAL_LOOKUP].bytes, BYTES(""))) return NULL;
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

bool api_key_change(struct call *call, const struct value *before, struct value *after)
{
    return resource_update(call, &resource_api_key, before, after) &&
           call_change(call, CHANGE_API_KEY, after[CREDENTIAL_LOOKUP].bytes, BYTES(""));
}
