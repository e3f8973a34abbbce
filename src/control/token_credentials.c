/* JSON Web Tokens of consumers (alibaba.md 5; cloud-native consumers, "Create a consumer with JWT authentication"): the keys by which they
 * are checked, the claim that names the consumer, where they stand in a request, and what the backend is told. */

#include "base/text.h"
#include "control/apis.h"
#include "control/charsets.h"
#include "control/consumers.h"
#include "control/credential_states.h"
#include "control/key_pairs.h"
#include "control/key_sets.h"
#include "control/listing.h"
#include "control/places.h"
#include "control/resources.h"
#include "control/token_keys.h"
#include "control/token_places.h"
#include "control/token_rules.h"
#include "crypto/random.h"
#include "jwt/claims.h"

#define CLAIM_MAX      128
#define VALUE_MAX      256
#define ISSUER_MAX     512
#define AUDIENCES_MOST 16
#define HEADER_MAX     64
#define PREFIX_MAX     32

static const char *const key_types[] = {"SYMMETRIC", "ASYMMETRIC", "REMOTE", NULL};

static const struct field tell_items[] = {
    {.name = "claim", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = CLAIM_MAX, .charset = &charset_printable},
    {.name = "header", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = HEADER_MAX, .charset = &charset_printable},
};
static const struct fields tell_fields = FIELDS_OF(tell_items);

#define RULES                                                                                                                              \
    {.name = "key_type", .type = FIELD_STRING, .choices = key_types, .preset = "\"SYMMETRIC\""},                                           \
        {.name = "algorithm", .type = FIELD_STRING, .choices = token_mac_algorithms},                                                      \
        {.name = "jwks", .type = FIELD_STRING, .minimum = 1, .maximum = 65536},                                                            \
        {.name = "remote_jwks", .type = FIELD_STRING, .minimum = 1, .maximum = 1024, .charset = &charset_printable},                       \
        {.name = "token_location", .type = FIELD_STRING, .choices = token_locations, .preset = "\"HEADER\""},                              \
        {.name = "token_name", .type = FIELD_STRING, .minimum = 1, .maximum = HEADER_MAX, .charset = &charset_printable},                  \
        {.name = "token_prefix", .type = FIELD_STRING, .maximum = PREFIX_MAX, .charset = &charset_printable},                              \
        {.name = "pass_through", .type = FIELD_BOOLEAN, .preset = "false"},                                                                \
        {.name = "claim", .type = FIELD_STRING, .minimum = 1, .maximum = CLAIM_MAX, .charset = &charset_printable, .preset = "\"uid\""},   \
        {.name = "claim_value", .type = FIELD_STRING, .minimum = 1, .maximum = VALUE_MAX, .charset = &charset_printable},                  \
        {.name = "issuer", .type = FIELD_STRING, .maximum = ISSUER_MAX, .charset = &charset_printable, .preset = "\"\""},                  \
        {.name = "audiences",                                                                                                              \
         .type = FIELD_STRINGS,                                                                                                            \
         .minimum = 1,                                                                                                                     \
         .maximum = VALUE_MAX,                                                                                                             \
         .most_items = AUDIENCES_MOST,                                                                                                     \
         .charset = &charset_printable,                                                                                                    \
         .preset = "[]"},                                                                                                                  \
        {.name = "leeway", .type = FIELD_INTEGER, .minimum = 0, .maximum = TOKEN_MOST_LEEWAY, .preset = "60"},                             \
        {.name = "require_exp", .type = FIELD_BOOLEAN, .preset = "true"},                                                                  \
        {.name = "single_use", .type = FIELD_BOOLEAN, .preset = "false"},                                                                  \
    {                                                                                                                                      \
        .name = "claims_to_headers", .type = FIELD_OBJECTS, .most_items = TOKEN_MAX_TELLS, .members = &tell_fields, .preset = "[]"         \
    }

static const struct field make_items[] = {
    RULES,
    {.name = "enabled", .type = FIELD_BOOLEAN, .flags = FIELD_STORED, .column = CREDENTIAL_ENABLED, .preset = "true"},
    {.name = "start_time", .type = FIELD_TIME, .flags = FIELD_STORED, .column = CREDENTIAL_NOT_BEFORE},
    {.name = "end_time", .type = FIELD_TIME, .flags = FIELD_STORED, .column = CREDENTIAL_NOT_AFTER},
};
static const struct fields make_fields = FIELDS_OF(make_items);

static const struct field shown_items[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ROW_ID},
    {.name = "consumer_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_PRINCIPAL_ID},
    RULES,
    {.name = "enabled", .type = FIELD_BOOLEAN, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ENABLED},
    {.name = "start_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY},
    {.name = "end_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_CREATE_TIME},
    ANSWERED("last_used", FIELD_TIME),
};
static const struct fields shown_fields = FIELDS_OF(shown_items);

static struct bytes member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return bytes_of(json_string_value(value), json_string_length(value));
}

/* Rules from before there was a choice do not name it. */
static bool put_algorithm(json_t *answer)
{
    struct bytes name = token_mac_algorithm(answer);
    if (!bytes_equal(member(answer, "key_type"), BYTES("SYMMETRIC"))) return true;
    return json_object_set_new(answer, "algorithm", json_stringn((const char *)name.data, name.length)) == 0;
}

/* The rules stand in their column as they are told; the key of a symmetric set is no part of them. */
static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call;
    json_t *rules = token_rules_of_row(row);
    bool done = rules != NULL && json_object_update(answer, rules) == 0 && put_algorithm(answer) &&
                json_put_time(answer, "start_time", row[CREDENTIAL_NOT_BEFORE].integer) &&
                json_put_time(answer, "end_time", row[CREDENTIAL_NOT_AFTER].integer);
    json_decref(rules);
    return done;
}

static const struct conflict conflicts[] = {
    {"credential_lookup", ERROR_CLAIM_EXISTS, CREDENTIAL_DISPLAY},
};

static const struct resource resource_token = {
    .name = "jwt_credential",
    .entity = &entity_credential,
    .fields = &shown_fields,
    .instance_column = CREDENTIAL_INSTANCE_ID,
    .unknown = ERROR_CREDENTIAL_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
    .derive = derive,
};

/* A claim of this name and value names one consumer of the instance, so that its token is found at once, and means one. */
static bool lay_holder(struct call *call, const json_t *rules, struct value *row)
{
    struct digest_value name = jwt_holder_name(member(rules, "claim"), member(rules, "claim_value"));
    struct buffer lookup = buffer_in(&call->arena, 2 * DIGEST_MAX_SIZE);
    hex_encode(&lookup, digest_bytes(&name));
    row[CREDENTIAL_LOOKUP] = value_text(buffer_bytes(&lookup));
    row[CREDENTIAL_DISPLAY] = value_text(arena_copy(&call->arena, member(rules, "claim")));
    return !call->arena.exhausted || call_fault(call, "no memory for a credential");
}

static bool draw_value(struct call *call, json_t *rules)
{
    char drawn[33];
    if (json_object_get(rules, "claim_value") != NULL) return true;
    if (!random_id(drawn)) return call_fault(call, "no randomness for a claim");
    return json_object_set_new(rules, "claim_value", json_string(drawn)) == 0 || call_fault(call, "no memory for a claim");
}

static bool check_claim(struct call *call, const json_t *rules)
{
    struct bytes claim = member(rules, "claim");
    bool registered = bytes_equal(claim, BYTES("exp")) || bytes_equal(claim, BYTES("nbf")) || bytes_equal(claim, BYTES("iat")) ||
                      bytes_equal(claim, BYTES("jti"));
    if (registered) return call_refuse_rule(call, "claim", "a claim that says who is calling, not when");
    if (json_is_true(json_object_get(rules, "single_use")) && !json_is_true(json_object_get(rules, "require_exp")))
        return call_refuse_rule(call, "single_use", "with require_exp: a token that never expires would have to be remembered for ever");
    return true;
}

static bool lay_rules(struct call *call, const json_t *rules, struct value *row)
{
    char *text = json_dumps(rules, JSON_COMPACT | JSON_SORT_KEYS);
    if (text == NULL) return call_fault(call, "no memory for the rules");
    row[CREDENTIAL_RULES] = value_text(arena_copy(&call->arena, bytes_of_text(text)));
    free(text);
    return !call->arena.exhausted || call_fault(call, "no memory for the rules");
}

/* The rules of the body, checked further than a table can, in a new object: state and times stand in columns of their own. */
static json_t *rules_of_body(struct call *call)
{
    json_t *rules = json_deep_copy(call->body);
    if (rules == NULL) {
        call_fault(call, "no memory for the rules");
        return NULL;
    }
    json_object_del(rules, "enabled");
    json_object_del(rules, "start_time");
    json_object_del(rules, "end_time");
    if (check_claim(call, rules) && draw_value(call, rules) && token_place_check(call, rules)) return rules;
    json_decref(rules);
    return NULL;
}

static bool lay_state(struct call *call, struct value *row)
{
    row[CREDENTIAL_NOT_BEFORE] = row[CREDENTIAL_NOT_AFTER] = value_integer(0);
    if (!fields_to_row(&make_fields, call->body, &call->arena, row)) return call_fault(call, "no memory for the row");
    int64_t end = row[CREDENTIAL_NOT_AFTER].integer;
    if (end == 0 || end >= row[CREDENTIAL_NOT_BEFORE].integer) return true;
    return call_refuse_rule(call, "end_time", "not before start_time");
}

static bool within_quota(struct call *call, struct bytes consumer_id)
{
    struct store_filter filter = {CREDENTIAL_PRINCIPAL_ID, STORE_EQUAL, value_text(consumer_id)};
    int64_t count;
    if (!resource_count(call, &resource_token, (struct where){&filter, 1}, &count)) return false;
    return count < CONSUMER_MAX_KEYS || call_refuse(call, ERROR_KEY_QUOTA, BYTES("20"));
}

static bool lay_new(struct call *call, struct bytes consumer_id, struct value *row)
{
    row_clear(&entity_credential, row);
    row[CREDENTIAL_ROW_ID] = value_text(call_new_id(call));
    row[CREDENTIAL_INSTANCE_ID] = value_text(call->instance_id);
    row[CREDENTIAL_KIND] = value_integer(CREDENTIAL_TOKEN);
    row[CREDENTIAL_PRINCIPAL_KIND] = value_integer(PRINCIPAL_CONSUMER);
    row[CREDENTIAL_PRINCIPAL_ID] = value_text(consumer_id);
    row[CREDENTIAL_SCHEMES] = value_integer(1u << SCHEME_JWT);
    row[CREDENTIAL_REVISION] = value_integer((int64_t)store_revision(call->session));
    row[CREDENTIAL_CREATE_TIME] = value_integer(call->now);
    return row[CREDENTIAL_ROW_ID].bytes.length > 0 && within_quota(call, consumer_id);
}

/* What it says of a set from elsewhere; empty: its keys are its own. */
static bool hold_set(struct call *call, const json_t *rules, const struct value *row)
{
    return key_set_hold(call, row[CREDENTIAL_ROW_ID].bytes, member(rules, "remote_jwks"));
}

/* `before` NULL: a new one. */
static bool lay_all(struct call *call, json_t *rules, const struct value *before, struct value *row, struct token_secret *secret)
{
    if (!lay_state(call, row) || !token_keys_check(call, rules, before, secret)) return false;
    token_place_lay(rules, &call->arena, row);
    if (!lay_holder(call, rules, row) || !lay_rules(call, rules, row) || !hold_set(call, rules, row)) return false;
    row[CREDENTIAL_SECRET] = value_null();
    return secret->set.length == 0 || credential_seal_secret(call, secret->set, CREDENTIAL_SECRET, row);
}

static bool tell_edge(struct call *call, const struct value *row)
{
    return call_change(call, CHANGE_TOKEN, row[CREDENTIAL_LOOKUP].bytes, row[CREDENTIAL_ROW_ID].bytes);
}

/* A key that was made here is told this once. */
static bool answer_token(struct call *call, const struct value *row, const struct token_secret *secret, unsigned status)
{
    json_t *json = credential_json(call, &resource_token, row);
    if (json == NULL) return false;
    struct bytes set = secret->set;
    bool told = !secret->is_new || json_object_set_new(json, "jwks", json_stringn((const char *)set.data, set.length)) == 0;
    if (told) return call_answer(call, status, json);
    json_decref(json);
    return call_fault(call, "no memory for the answer");
}

static bool create(struct call *call)
{
    struct value consumer[CONSUMER_COLUMNS], row[CREDENTIAL_COLUMNS];
    struct token_secret secret;
    if (!resource_load(call, &resource_consumer, call->params[0], consumer)) return false;
    if (!lay_new(call, consumer[CONSUMER_ID].bytes, row)) return false;
    json_t *rules = rules_of_body(call);
    bool laid = rules != NULL && lay_all(call, rules, NULL, row, &secret);
    json_decref(rules);
    return laid && resource_insert(call, &resource_token, row) && places_add_key(call, row) && tell_edge(call, row) &&
           answer_token(call, row, &secret, 201);
}

/* A token credential of this consumer; others' count as unknown. */
static bool load(struct call *call, struct value *row)
{
    struct value consumer[CONSUMER_COLUMNS];
    if (!resource_load(call, &resource_consumer, call->params[0], consumer)) return false;
    if (!resource_load(call, &resource_token, call->params[1], row)) return false;
    bool own = bytes_equal(row[CREDENTIAL_PRINCIPAL_ID].bytes, consumer[CONSUMER_ID].bytes);
    return (own && row[CREDENTIAL_KIND].integer == CREDENTIAL_TOKEN) || call_refuse(call, ERROR_CREDENTIAL_UNKNOWN, call->params[1]);
}

static bool show(struct call *call)
{
    struct value row[CREDENTIAL_COLUMNS];
    return load(call, row) && credential_answer(call, &resource_token, row, 200);
}

/* Everything is stated anew; the key of a symmetric one stays, unless it is to be of another algorithm. What the old place and the old
 * claim opened, ends. */
static bool update(struct call *call)
{
    struct value before[CREDENTIAL_COLUMNS], after[CREDENTIAL_COLUMNS];
    struct token_secret secret;
    if (!load(call, before)) return false;
    for (size_t i = 0; i < CREDENTIAL_COLUMNS; i++) after[i] = before[i];
    after[CREDENTIAL_REVISION] = value_integer((int64_t)store_revision(call->session));
    json_t *rules = rules_of_body(call);
    bool laid = rules != NULL && lay_all(call, rules, before, after, &secret);
    json_decref(rules);
    return laid && places_drop_key(call, before) && resource_update(call, &resource_token, before, after) && places_add_key(call, after) &&
           tell_edge(call, before) && tell_edge(call, after) && answer_token(call, after, &secret, 200);
}

static bool destroy(struct call *call)
{
    struct value row[CREDENTIAL_COLUMNS];
    return load(call, row) && places_drop_key(call, row) && resource_remove(call, &resource_token, row) &&
           key_set_hold(call, row[CREDENTIAL_ROW_ID].bytes, BYTES("")) && tell_edge(call, row) && call_answer(call, 204, NULL);
}

static bool append(struct call *call, void *context, const struct value *row)
{
    if (row[CREDENTIAL_KIND].integer != CREDENTIAL_TOKEN) return true;
    json_t *item = credential_json(call, &resource_token, row);
    return item != NULL && (json_array_append_new(context, item) == 0 || call_fault(call, "no memory for the answer"));
}

static bool list(struct call *call)
{
    struct value consumer[CONSUMER_COLUMNS];
    if (!resource_load(call, &resource_consumer, call->params[0], consumer)) return false;
    json_t *items = json_array();
    if (consumer_each_credential(call, consumer[CONSUMER_ID].bytes, append, items))
        return listing_answer_array(call, "jwt_credentials", items);
    json_decref(items);
    return false;
}

#define OF_CONSUMER IN_INSTANCE "/consumers/{consumer_id}/jwt-credentials"
static const struct route routes[] = {
    {"POST", OF_CONSUMER, "create_jwt_credential", RIGHT_WRITE_APPS, &make_fields, FILL_PRESETS, create, .answer = &shown_fields},
    {"GET", OF_CONSUMER, "list_jwt_credentials", RIGHT_READ, NULL, FILL_PRESETS, list, .answer = &shown_fields, .items = "jwt_credentials"},
    {"GET", OF_CONSUMER "/{credential_id}", "show_jwt_credential", RIGHT_READ, NULL, FILL_PRESETS, show, .answer = &shown_fields},
    {"PUT", OF_CONSUMER "/{credential_id}", "update_jwt_credential", RIGHT_WRITE_APPS, &make_fields, FILL_PRESETS, update,
     .answer = &shown_fields},
    {"DELETE", OF_CONSUMER "/{credential_id}", "delete_jwt_credential", RIGHT_WRITE_APPS, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_token_credentials = ROUTES_OF(routes);
