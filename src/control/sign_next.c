/* The key that follows: stored beside the one that signs, with the moment from which the gateway takes it. Backends are given both before,
 * and drop the old one after. PUT /signs/{id} with the next secret makes it the key. The vendor has no such call. */
#include "control/apis.h"
#include "control/charsets.h"
#include "control/resources.h"
#include "control/sign_types.h"
#include "control/signs.h"
#include "crypto/secret.h"

static const struct field items[] = {
    {.name = "sign_key", .type = FIELD_STRING, .minimum = 1, .maximum = 512},
    {.name = "sign_secret", .type = FIELD_STRING, .flags = FIELD_SECRET, .minimum = 1, .maximum = 2048},
    {.name = "next_from", .type = FIELD_TIME, .flags = FIELD_REQUIRED | FIELD_STORED, .column = SIGN_NEXT_FROM},
};
static const struct fields next_fields = FIELDS_OF(items);

/* This once. */
static bool answer(struct call *call, const struct value *row, const struct sign_pair *next)
{
    json_t *json = resource_json(call, &resource_sign, row, HIDE_SECRETS);
    if (json == NULL) return call_fault(call, "no memory for the answer");
    if (json_put(call, json, "next_sign_key", next->key) && json_put(call, json, "next_sign_secret", next->secret)) {
        return call_answer(call, 200, json);
    }
    json_decref(json);
    return false;
}

static bool find_next(struct call *call, const struct value *row, const struct sign_pair *now, struct sign_pair *next)
{
    const struct sign_type *type = sign_type_of(call, row[SIGN_TYPE].bytes, row[SIGN_ALGORITHM].bytes);
    *next = (struct sign_pair){call_text(call, "sign_key"), call_text(call, "sign_secret")};
    if (type == NULL) return false;
    if (next->key.length == 0 && sign_type_keeps_name(type)) next->key = now->key;
    if (!sign_type_complete(call, type, next) || !sign_type_check(call, type, next)) return false;
    bool same = secret_equal(next->secret, now->secret) && secret_equal(next->key, now->key);
    return !same || call_refuse_rule(call, "sign_secret", "another one than that which signs now");
}

static bool write(struct call *call, const struct value *before, const struct sign_pair *now, const struct sign_pair *next,
                  struct value *after)
{
    for (size_t i = 0; i < SIGN_COLUMNS; i++)
        if (i != SIGN_NEXT_FROM) after[i] = before[i];
    after[SIGN_UPDATE_TIME] = value_integer(call->now);
    return sign_seal(call, now, next, after) && resource_update(call, &resource_sign, before, after) &&
           call_change(call, CHANGE_SIGNATURE_KEY, after[SIGN_ID].bytes, BYTES(""));
}

static bool set(struct call *call)
{
    struct value before[SIGN_COLUMNS], after[SIGN_COLUMNS] = {0};
    struct sign_pair now, next;
    if (!resource_load(call, &resource_sign, call->params[0], before)) return false;
    if (!fields_to_row(&next_fields, call->body, &call->arena, after)) return call_fault(call, "no memory for the row");
    if (after[SIGN_NEXT_FROM].integer <= 0) return call_refuse_rule(call, "next_from", "a time after 1970-01-01T00:00:00Z");
    return sign_open(call, before, SIGN_NOW, &now) && find_next(call, before, &now, &next) && write(call, before, &now, &next, after) &&
           answer(call, after, &next);
}

static bool drop(struct call *call)
{
    struct value before[SIGN_COLUMNS], after[SIGN_COLUMNS] = {0};
    struct sign_pair now;
    return resource_load(call, &resource_sign, call->params[0], before) && sign_open(call, before, SIGN_NOW, &now) &&
           write(call, before, &now, NULL, after) && call_answer(call, 204, NULL);
}

static const struct field shown_answer_items[] = {
    ANSWERED("id", FIELD_STRING),
    ANSWERED("name", FIELD_STRING),
    ANSWERED("sign_type", FIELD_STRING),
    ANSWERED("sign_key", FIELD_STRING),
    ANSWERED("sign_algorithm", FIELD_STRING),
    ANSWERED("create_time", FIELD_TIME),
    ANSWERED("update_time", FIELD_TIME),
    ANSWERED("next_from", FIELD_TIME),
    ANSWERED("next_sign_key", FIELD_STRING),
    {.name = "next_sign_secret", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_SECRET},
};
static const struct fields shown_fields = FIELDS_OF(shown_answer_items);

static const struct route routes[] = {
    {"PUT", IN_INSTANCE "/signs/{sign_id}/next", "set_next_sign", RIGHT_WRITE_APIS, &next_fields, FILL_PRESETS, set,
     .answer = &shown_fields},
    {"DELETE", IN_INSTANCE "/signs/{sign_id}/next", "drop_next_sign", RIGHT_WRITE_APIS, NULL, FILL_PRESETS, drop},
};
const struct routes routes_sign_next = ROUTES_OF(routes);
