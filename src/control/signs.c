#include "control/signs.h"

#include "control/apis.h"
#include "control/bindings.h"
#include "control/charsets.h"
#include "control/listing.h"
#include "control/related.h"
#include "control/resources.h"
#include "crypto/random.h"
#include "store/sealing.h"

#define TEXT_OF(number)  TEXT_OF_(number)
#define TEXT_OF_(number) #number

#define KEY_LENGTH    32 /* of what is made here: the customer's numbers (backend key management) */
#define SECRET_LENGTH 64

static const char *const sign_types[] = {"hmac", "basic", "aes", "public_key", NULL};
static const char *const algorithms[] = {"aes-128-cfb", "aes-256-cfb", NULL};

/* Wide enough for every type; what a type demands stands in its own table below. */
static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = SIGN_ID},
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = SIGN_NAME,
     .minimum = 3,
     .maximum = 64,
     .charset = &charset_name},
    {.name = "sign_type", .type = FIELD_STRING, .flags = FIELD_STORED, .column = SIGN_TYPE, .choices = sign_types, .preset = "\"hmac\""},
    {.name = "sign_key", .type = FIELD_STRING, .flags = FIELD_STORED, .column = SIGN_KEY, .minimum = 1, .maximum = 512},
    {.name = "sign_secret", .type = FIELD_STRING, .flags = FIELD_SECRET, .minimum = 1, .maximum = 2048},
    {.name = "sign_algorithm", .type = FIELD_STRING, .flags = FIELD_STORED, .column = SIGN_ALGORITHM, .choices = algorithms},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = SIGN_CREATE_TIME},
    {.name = "update_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = SIGN_UPDATE_TIME},
};
static const struct fields sign_fields = FIELDS_OF(fields);

static const struct field hmac_key = {.name = "sign_key", .type = FIELD_STRING, .minimum = 8, .maximum = 32, .charset = &charset_key};
static const struct field hmac_secret = {
    .name = "sign_secret", .type = FIELD_STRING, .minimum = 16, .maximum = 64, .charset = &charset_secret};

static const struct conflict conflicts[] = {
    {"sign_name", ERROR_SIGN_EXISTS, SIGN_NAME},
};

const struct resource resource_sign = {
    .name = "sign",
    .entity = &entity_sign,
    .fields = &sign_fields,
    .instance_column = SIGN_INSTANCE_ID,
    .unknown = ERROR_SIGN_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
};

static bool refuse_public_key(struct call *call)
{
    char memory[128];
    struct buffer text = buffer_over(memory, sizeof memory);
    buffer_add_text(&text, "sign_type=public_key not supported by instance ");
    buffer_add(&text, call->instance_id);
    return call_refuse(call, ERROR_SIGN_TYPE_OFF, buffer_bytes(&text));
}

static bool is_served(struct call *call)
{
    struct bytes type = call_text(call, "sign_type");
    if (bytes_equal(type, BYTES("public_key"))) return refuse_public_key(call);
    if (type.length > 0 && !bytes_equal(type, BYTES("hmac"))) {
        return call_refuse_rule(call, "sign_type", "hmac (basic, aes and public_key are not offered yet)");
    }
    return !call_has(call, "sign_algorithm") || call_refuse_rule(call, "sign_algorithm", "absent, unless sign_type is aes");
}

static bool follows(struct call *call, const struct field *field)
{
    struct field_problem problem;
    struct bytes text = call_text(call, field->name);
    return text.length == 0 || field_check_text(field, text, &problem) || call_refuse_field(call, &problem);
}

static bool rules_hold(struct call *call)
{
    return is_served(call) && follows(call, &hmac_key) && follows(call, &hmac_secret);
}

/* The body's text, or a drawn one. Empty: a fault. */
static struct bytes given_or_drawn(struct call *call, const char *name, size_t length)
{
    struct bytes given = call_text(call, name);
    if (given.length > 0) return given;
    struct buffer drawn = buffer_in(&call->arena, length);
    if (!random_text(&drawn, length)) call_fault(call, "no randomness for a signature key");
    return buffer_bytes(&drawn);
}

/* Seals for the revision of this write, to which the seal is bound. */
static bool seal_secret(struct call *call, struct bytes secret, struct value *row)
{
    row[SIGN_REVISION] = value_integer((int64_t)store_revision(call->session));
    struct seal *seal = store_keys_seal(call->daemon->keys);
    struct buffer sealed = buffer_in(&call->arena, secret.length + SEAL_OVERHEAD);
    bool done = seal != NULL && store_seal_signature_key(seal, row, secret, &sealed);
    seal_destroy(seal);
    row[SIGN_SECRET] = value_blob(buffer_bytes(&sealed));
    return done || call_fault(call, "a secret could not be sealed");
}

static bool put_bind_num(struct call *call, json_t *item)
{
    struct store_filter filter = {BINDING_SIGN_ID, STORE_EQUAL, value_text(json_get_text(item, "id"))};
    int64_t count;
    if (!resource_count(call, &resource_binding, (struct where){&filter, 1}, &count)) return false;
    return (json_object_set_new(item, "bind_num", json_integer(count)) == 0 &&
            json_object_set_new(item, "ldapi_bind_num", json_integer(0)) == 0) ||
           call_fault(call, "no memory for the answer");
}

/* `secret` is empty but for a key that was just made. */
static bool answer_sign(struct call *call, const struct value *row, struct bytes secret, unsigned status)
{
    json_t *json = resource_json(call, &resource_sign, row, HIDE_SECRETS);
    if (json == NULL) return call_fault(call, "no memory for the answer");
    if ((secret.length == 0 || json_put(call, json, "sign_secret", secret)) && put_bind_num(call, json)) {
        return call_answer(call, status, json);
    }
    json_decref(json);
    return false;
}

static bool within_quota(struct call *call)
{
    int64_t count;
    if (!resource_count(call, &resource_sign, (struct where){NULL, 0}, &count)) return false;
    return count < SIGN_QUOTA || call_refuse(call, ERROR_SIGN_QUOTA, BYTES(TEXT_OF(SIGN_QUOTA)));
}

static bool create(struct call *call)
{
    struct value row[SIGN_COLUMNS];
    row_clear(&entity_sign, row);
    if (!rules_hold(call) || !within_quota(call)) return false;
    struct bytes id = call_new_id(call);
    struct bytes key = given_or_drawn(call, "sign_key", KEY_LENGTH);
    struct bytes secret = given_or_drawn(call, "sign_secret", SECRET_LENGTH);
    if (id.length == 0 || key.length == 0 || secret.length == 0 || !resource_fill(call, &resource_sign, row)) return false;
    row[SIGN_ID] = value_text(id);
    row[SIGN_INSTANCE_ID] = value_text(call->instance_id);
    row[SIGN_KEY] = value_text(key);
    row[SIGN_CREATE_TIME] = row[SIGN_UPDATE_TIME] = value_integer(call->now);
    return seal_secret(call, secret, row) && resource_insert(call, &resource_sign, row) &&
           call_change(call, CHANGE_SIGNATURE_KEY, id, BYTES("")) && answer_sign(call, row, secret, 201);
}

static bool list(struct call *call)
{
    static const struct list_filter filters[] = {{"id", FILTER_EXACT, SIGN_ID}, {"name", FILTER_NAME, SIGN_NAME}};
    static const struct listing listing = {.resource = &resource_sign,
                                           .items = "signs",
                                           .filters = filters,
                                           .filter_count = sizeof filters / sizeof *filters,
                                           .order_column = SIGN_CREATE_TIME,
                                           .descending = true,
                                           .complete = put_bind_num};
    return listing_answer(call, &listing);
}

/* The secret is asked for again (backend key management: "When editing, you will be asked to re-enter the secret"). */
static bool update(struct call *call)
{
    struct value before[SIGN_COLUMNS];
    struct value after[SIGN_COLUMNS];
    if (!resource_load(call, &resource_sign, call->params[0], before) || !rules_hold(call)) return false;
    if (!call_has(call, "sign_secret")) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("sign_secret"));
    for (size_t i = 0; i < SIGN_COLUMNS; i++) after[i] = before[i];
    after[SIGN_UPDATE_TIME] = value_integer(call->now);
    return resource_fill(call, &resource_sign, after) && seal_secret(call, call_text(call, "sign_secret"), after) &&
           resource_update(call, &resource_sign, before, after) &&
           call_change(call, CHANGE_SIGNATURE_KEY, after[SIGN_ID].bytes, BYTES("")) && answer_sign(call, after, BYTES(""), 200);
}

/* The names of the APIs a key is bound to, as many as fit into a refusal. */
static bool join_api(struct call *call, void *context, const struct value *binding)
{
    struct buffer *names = context;
    struct value api[API_COLUMNS];
    if (!resource_load(call, &resource_api, binding[BINDING_API_ID].bytes, api)) return false;
    struct bytes name = api[API_NAME].bytes;
    if (names->length + name.length + 5 > names->capacity) return true;
    if (names->length > 0) buffer_add_byte(names, ',');
    buffer_add(names, name);
    return true;
}

/* The requirements refuse ("make sure that the current backend key does not have an API bound to it"), the vendor's API unbinds: so does
 * ours when it is asked to. */
static bool release(struct call *call, struct bytes sign_id)
{
    struct store_filter filter = {BINDING_SIGN_ID, STORE_EQUAL, value_text(sign_id)};
    char memory[CALL_MAX_SUBJECT];
    struct buffer names = buffer_over(memory, sizeof memory);
    int64_t count;
    if (bytes_equal(call_query(call, "unbind"), BYTES("true"))) return bindings_remove_where(call, &filter);
    if (!resource_count(call, &resource_binding, (struct where){&filter, 1}, &count)) return false;
    if (!resource_for_each(call, &resource_binding, &filter, join_api, &names)) return false;
    return count == 0 || call_refuse(call, ERROR_SIGN_IN_USE, buffer_bytes(&names));
}

static bool destroy(struct call *call)
{
    struct value row[SIGN_COLUMNS];
    return resource_load(call, &resource_sign, call->params[0], row) && release(call, row[SIGN_ID].bytes) &&
           resource_remove(call, &resource_sign, row) && call_change(call, CHANGE_SIGNATURE_KEY, row[SIGN_ID].bytes, BYTES("")) &&
           call_answer(call, 204, NULL);
}

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/signs", "create_sign", RIGHT_WRITE, &sign_fields, FILL_PRESETS, create},
    {"GET", IN_INSTANCE "/signs", "list_signs", RIGHT_READ, NULL, FILL_PRESETS, list},
    {"PUT", IN_INSTANCE "/signs/{sign_id}", "update_sign", RIGHT_WRITE, &sign_fields, LEAVE_ABSENT, update},
    {"DELETE", IN_INSTANCE "/signs/{sign_id}", "delete_sign", RIGHT_WRITE, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_signs = ROUTES_OF(routes);
