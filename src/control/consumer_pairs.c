/* Key pairs of consumers (cloud-native consumers, HMAC): AK and SK drawn or given, the SK told once. */
#include "control/apis.h"
#include "control/charsets.h"
#include "control/consumers.h"
#include "control/credential_states.h"
#include "control/key_pairs.h"
#include "control/looked_up.h"
#include "control/related.h"

#define KEY_LENGTH    32
#define SECRET_LENGTH 64

#define SECRET_RULE .type = FIELD_STRING, .flags = FIELD_SECRET, .minimum = 16, .maximum = 128, .charset = &charset_secret

static const struct field make_items[] = {
    {.name = "generate_mode", .type = FIELD_STRING, .choices = generate_modes, .preset = "\"SYSTEM\""},
    {.name = "access_key", .type = FIELD_STRING, .minimum = 8, .maximum = 200, .charset = &charset_id},
    {.name = "secret_key", SECRET_RULE},
};
const struct fields consumer_pair_fields = FIELDS_OF(make_items);

static const struct field reset_items[] = {
    {.name = "secret_key", SECRET_RULE},
    {.name = "overlap_seconds", .type = FIELD_INTEGER, .minimum = 0, .maximum = OVERLAP_MOST, .preset = "0"},
};
const struct fields consumer_pair_reset_fields = FIELDS_OF(reset_items);

static const struct field shown_items[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ROW_ID},
    {.name = "consumer_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_PRINCIPAL_ID},
    {.name = "access_key", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_LOOKUP},
    {.name = "enabled", .type = FIELD_BOOLEAN, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ENABLED},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_CREATE_TIME},
};
static const struct fields shown_fields = FIELDS_OF(shown_items);

static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call;
    return credential_put_state(row, answer) && json_object_set_new(answer, "kind", json_string("HMAC")) == 0 &&
           json_put_time(answer, "former_secret_until", row[CREDENTIAL_SECRET_UNTIL].integer);
}

static const struct conflict conflicts[] = {
    {"credential_lookup", ERROR_KEY_EXISTS, CREDENTIAL_LOOKUP},
};

const struct resource resource_consumer_pair = {
    .name = "hmac_key",
    .entity = &entity_credential,
    .fields = &shown_fields,
    .instance_column = CREDENTIAL_INSTANCE_ID,
    .unknown = ERROR_CREDENTIAL_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
    .derive = derive,
};

/* With the secret, for this one time. NULL: a fault. */
static json_t *with_secret(struct call *call, const struct value *row, struct bytes secret)
{
    json_t *json = resource_json(call, &resource_consumer_pair, row, HIDE_SECRETS);
    json_t *text = json_stringn((const char *)secret.data, secret.length);
    if (json != NULL && json_object_set_new(json, "secret_key", text) == 0) return json;
    json_decref(json);
    call_fault(call, "no memory for the answer");
    return NULL;
}

json_t *consumer_pair_make(struct call *call, const struct holder *holder, const json_t *wanted)
{
    struct value row[CREDENTIAL_COLUMNS];
    const struct wanted_text key_text = {wanted, "access_key", "hmac.access_key", KEY_LENGTH};
    const struct wanted_text secret_text = {wanted, "secret_key", "hmac.secret_key", SECRET_LENGTH};
    struct key_pair pair = {.kind = PRINCIPAL_CONSUMER, .principal_id = holder->id};
    pair.generated = bytes_equal(json_get_text(wanted, "generate_mode"), BYTES("SYSTEM"));
    pair.key = credential_draw_or_take(call, &key_text);
    if (pair.key.length == 0) return NULL;
    pair.secret = credential_draw_or_take(call, &secret_text);
    if (pair.secret.length == 0 || !key_pair_add(call, &resource_consumer_pair, &pair, row)) return NULL;
    return with_secret(call, row, pair.secret);
}

bool consumer_pair_change(struct call *call, const struct value *before, struct value *after)
{
    return key_pair_update(call, &resource_consumer_pair, before, after);
}

bool consumer_pair_remove(struct call *call, const struct value *row)
{
    return key_pair_remove(call, &resource_consumer_pair, row);
}

bool consumer_pair_reset(struct call *call, const struct value *row)
{
    struct value after[CREDENTIAL_COLUMNS];
    struct bytes given = call_text(call, "secret_key");
    struct new_secret new = {.secret = given.length > 0 ? given : looked_up_draw(call, SECRET_LENGTH),
                             .generated = given.length == 0,
                             .overlap_seconds = call_integer(call, "overlap_seconds", 0)};
    if (new.secret.length == 0 || !key_pair_reset(call, &resource_consumer_pair, row, &new)) return false;
    if (!resource_load(call, &resource_consumer_pair, row[CREDENTIAL_ROW_ID].bytes, after)) return false;
    json_t *json = with_secret(call, after, new.secret);
    if (json == NULL || credential_put_last_use(call, json)) return json != NULL && call_answer(call, 200, json);
    json_decref(json);
    return false;
}
