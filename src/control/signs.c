#include "control/signs.h"

#include "base/date.h"
#include "control/apis.h"
#include "control/bindings.h"
#include "control/charsets.h"
#include "control/listing.h"
#include "control/pass_through.h"
#include "control/policy_bindings.h"
#include "control/quotas.h"
#include "control/resources.h"
#include "control/secrets.h"
#include "control/sign_types.h"
#include "crypto/secret.h"

/* Wide enough for every type; what a type demands stands in sign_types.c. */
static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = SIGN_ID},
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = SIGN_NAME,
     .minimum = 3,
     .maximum = 64,
     .charset = &charset_name},
    {.name = "sign_type",
     .type = FIELD_STRING,
     .flags = FIELD_STORED,
     .column = SIGN_TYPE,
     .choices = sign_type_names,
     .preset = "\"hmac\""},
    {.name = "sign_key", .type = FIELD_STRING, .flags = FIELD_STORED, .column = SIGN_KEY, .minimum = 1, .maximum = 512},
    {.name = "sign_secret", .type = FIELD_STRING, .flags = FIELD_SECRET, .minimum = 1, .maximum = 2048},
    {.name = "sign_algorithm", .type = FIELD_STRING, .flags = FIELD_STORED, .column = SIGN_ALGORITHM, .choices = sign_type_algorithms},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = SIGN_CREATE_TIME},
    {.name = "update_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = SIGN_UPDATE_TIME},
    ANSWERED("next_sign_key", FIELD_STRING),
    ANSWERED("next_from", FIELD_TIME),
    ANSWERED("bind_num", FIELD_INTEGER),
    ANSWERED("ldapi_bind_num", FIELD_INTEGER),
};
static const struct fields sign_fields = FIELDS_OF(fields);

/* Of a key that has one to follow. */
static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    char memory[32];
    struct buffer text = buffer_over(memory, sizeof memory);
    struct bytes key = row[SIGN_NEXT_KEY].bytes;
    (void)call;
    if (!sign_has_next(row)) return true;
    date_format_rfc3339(&text, row[SIGN_NEXT_FROM].integer);
    return json_object_set_new(answer, "next_sign_key", json_stringn(key.length > 0 ? (const char *)key.data : "", key.length)) == 0 &&
           json_object_set_new(answer, "next_from", json_stringn(memory, text.length)) == 0;
}

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
    .derive = derive,
};

bool sign_open(struct call *call, const struct value *row, enum sign_turn turn, struct sign_pair *pair)
{
    struct seal *seal = store_keys_seal(call->daemon->keys);
    struct buffer memory = buffer_in(&call->arena, SIGN_PAIR_MAX);
    bool opens = seal != NULL && sign_pair_open(seal, row, turn, &memory, pair);
    seal_destroy(seal);
    return opens || call_fault(call, "the secret of a signature key does not open");
}

bool sign_seal(struct call *call, const struct sign_pair *now, const struct sign_pair *next, struct value *row)
{
    struct seal *seal = store_keys_seal(call->daemon->keys);
    row[SIGN_REVISION] = value_integer((int64_t)store_revision(call->session));
    bool done = seal != NULL && sign_pair_seal(seal, now, SIGN_NOW, &call->arena, row);
    if (next == NULL) row[SIGN_NEXT_KEY] = row[SIGN_NEXT_SECRET] = row[SIGN_NEXT_FROM] = value_null();
    if (next != NULL) done = done && sign_pair_seal(seal, next, SIGN_NEXT, &call->arena, row);
    seal_destroy(seal);
    return done || call_fault(call, "a secret could not be sealed");
}

static bool complete(struct call *call, json_t *item)
{
    struct store_filter filter = {BINDING_SIGN_ID, STORE_EQUAL, value_text(json_get_text(item, "id"))};
    int64_t count;
    if (!resource_count(call, &resource_binding, (struct where){&filter, 1}, &count)) return false;
    bool done = json_object_set_new(item, "bind_num", json_integer(count)) == 0 &&
                json_object_set_new(item, "ldapi_bind_num", json_integer(0)) == 0;
    return done ? secrets_put_sign(call, item) : call_fault(call, "no memory for the answer");
}

/* `pair` is NULL but for a key that was just made: key and secret are answered this once. */
static bool answer_sign(struct call *call, const struct value *row, const struct sign_pair *pair, unsigned status)
{
    json_t *json = resource_json(call, &resource_sign, row, HIDE_SECRETS);
    if (json == NULL) return call_fault(call, "no memory for the answer");
    bool told = pair == NULL || (json_put(call, json, "sign_key", pair->key) && json_put(call, json, "sign_secret", pair->secret));
    if (told && complete(call, json)) return call_answer(call, status, json);
    json_decref(json);
    return false;
}

static bool create(struct call *call)
{
    struct value row[SIGN_COLUMNS];
    struct sign_pair pair = {call_text(call, "sign_key"), call_text(call, "sign_secret")};
    row_clear(&entity_sign, row);
    if (!resource_fill(call, &resource_sign, row)) return false;
    const struct sign_type *type = sign_type_of(call, row[SIGN_TYPE].bytes, row[SIGN_ALGORITHM].bytes);
    if (type == NULL || !sign_type_complete(call, type, &pair) || !sign_type_check(call, type, &pair) ||
        !quota_admits_one(call, QUOTA_SIGNS, &resource_sign)) {
        return false;
    }
    struct bytes id = call_new_id(call);
    if (id.length == 0) return false;
    row[SIGN_ID] = value_text(id);
    row[SIGN_INSTANCE_ID] = value_text(call->instance_id);
    row[SIGN_CREATE_TIME] = row[SIGN_UPDATE_TIME] = value_integer(call->now);
    return sign_seal(call, &pair, NULL, row) && resource_insert(call, &resource_sign, row) &&
           call_change(call, CHANGE_SIGNATURE_KEY, id, BYTES("")) && answer_sign(call, row, &pair, 201);
}

static const struct list_filter list_filters[] = {{"id", FILTER_EXACT, SIGN_ID}, {"name", FILTER_NAME, SIGN_NAME}};
static const struct listing listing = {.resource = &resource_sign,
                                       .items = "signs",
                                       .filters = list_filters,
                                       .filter_count = sizeof list_filters / sizeof *list_filters,
                                       .order_column = SIGN_CREATE_TIME,
                                       .descending = true,
                                       .complete = complete};

/* What a change makes of a key: the pair that signs from now on, and the one that follows still. */
struct turns {
    struct sign_pair now;
    struct sign_pair next;
    bool has_next;
};

/* Whoever gives the secret that was to follow ends the change of keys; so does another secret altogether. The one that signs: nothing
 * changes, the next one still follows. */
static bool take_turns(struct call *call, const struct value *before, struct turns *turns)
{
    struct bytes key = call_text(call, "sign_key"), secret = call_text(call, "sign_secret");
    if (!sign_open(call, before, SIGN_NOW, &turns->now)) return false;
    turns->has_next = sign_has_next(before);
    if (turns->has_next && !sign_open(call, before, SIGN_NEXT, &turns->next)) return false;
    bool stays = secret_equal(secret, turns->now.secret) && (key.length == 0 || secret_equal(key, turns->now.key));
    bool follows = turns->has_next && secret_equal(secret, turns->next.secret) && (key.length == 0 || secret_equal(key, turns->next.key));
    if (stays) return true;
    if (follows) turns->now = turns->next;
    turns->has_next = false;
    if (key.length > 0) turns->now.key = key;
    turns->now.secret = secret;
    return true;
}

/* Of another type, the old key means something else, or was a secret. */
static bool changes_type(struct call *call, const struct value *before, struct value *after)
{
    bool changed = !bytes_equal(before[SIGN_TYPE].bytes, after[SIGN_TYPE].bytes);
    if (changed && !call_has(call, "sign_algorithm")) after[SIGN_ALGORITHM] = value_text(BYTES(""));
    return changed || !bytes_equal(before[SIGN_ALGORITHM].bytes, after[SIGN_ALGORITHM].bytes);
}

/* The row as the body wants it; *other_type: the old key is of no use for it. */
static bool lay_over(struct call *call, const struct value *before, struct value *after, bool *other_type)
{
    if (!call_has(call, "sign_secret")) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("sign_secret"));
    for (size_t i = 0; i < SIGN_COLUMNS; i++) after[i] = before[i];
    after[SIGN_UPDATE_TIME] = value_integer(call->now);
    if (!resource_fill(call, &resource_sign, after)) return false;
    *other_type = changes_type(call, before, after);
    if (!*other_type) return true;
    return call_has(call, "sign_key") ? pass_through_admits_change(call, after) : call_refuse(call, ERROR_FIELD_MISSING, BYTES("sign_key"));
}

/* The secret is asked for again (backend key management: "When editing, you will be asked to re-enter the secret"). */
static bool update(struct call *call)
{
    struct value before[SIGN_COLUMNS], after[SIGN_COLUMNS];
    struct turns turns;
    bool other_type = false;
    if (!resource_load(call, &resource_sign, call->params[0], before) || !lay_over(call, before, after, &other_type)) return false;
    const struct sign_type *type = sign_type_of(call, after[SIGN_TYPE].bytes, after[SIGN_ALGORITHM].bytes);
    if (type == NULL || !take_turns(call, before, &turns) || !sign_type_check(call, type, &turns.now)) return false;
    return sign_seal(call, &turns.now, turns.has_next && !other_type ? &turns.next : NULL, after) &&
           resource_update(call, &resource_sign, before, after) &&
           call_change(call, CHANGE_SIGNATURE_KEY, after[SIGN_ID].bytes, BYTES("")) && answer_sign(call, after, NULL, 200);
}

/* The requirements refuse ("make sure that the current backend key does not have an API bound to it"), the vendor's API unbinds: so does
 * ours when it is asked to. */
static bool release(struct call *call, struct bytes sign_id)
{
    struct store_filter filter = {BINDING_SIGN_ID, STORE_EQUAL, value_text(sign_id)};
    char memory[CALL_MAX_SUBJECT];
    struct buffer names = buffer_over(memory, sizeof memory);
    struct joined_apis joined = {&names, BINDING_API_ID, 0};
    if (bytes_equal(call_query(call, "unbind"), BYTES("true"))) return bindings_remove_where(call, &filter);
    if (!resource_for_each(call, &resource_binding, &filter, bound_api_join, &joined)) return false;
    return joined.count == 0 || call_refuse(call, ERROR_SIGN_IN_USE, buffer_bytes(&names));
}

static bool destroy(struct call *call)
{
    struct value row[SIGN_COLUMNS];
    return resource_load(call, &resource_sign, call->params[0], row) && release(call, row[SIGN_ID].bytes) &&
           resource_remove(call, &resource_sign, row) && call_change(call, CHANGE_SIGNATURE_KEY, row[SIGN_ID].bytes, BYTES("")) &&
           call_answer(call, 204, NULL);
}

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/signs", "create_sign", RIGHT_WRITE_APIS, &sign_fields, FILL_PRESETS, create, .answer = &sign_fields},
    {"GET", IN_INSTANCE "/signs", "list_signs", RIGHT_READ, NULL, FILL_PRESETS, listing_handle, .listing = &listing},
    {"PUT", IN_INSTANCE "/signs/{sign_id}", "update_sign", RIGHT_WRITE_APIS, &sign_fields, LEAVE_ABSENT, update, .answer = &sign_fields},
    {"DELETE", IN_INSTANCE "/signs/{sign_id}", "delete_sign", RIGHT_WRITE_APIS, NULL, FILL_PRESETS, destroy, .query = &policy_delete_query},
};
const struct routes routes_signs = ROUTES_OF(routes);
