/* The credentials of a consumer: one table of kinds, the routes that make, change and remove them. */
#include "control/apis.h"
#include "control/consumers.h"
#include "control/credential_states.h"
#include "control/resources.h"
#include "credential/credential.h"

/* A kind of credential: the member of a body that asks for one, and what is done with it. */
struct kind {
    const char *member;
    enum credential_kind kind;
    const struct resource *resource;
    json_t *(*make)(struct call *call, const struct holder *holder, const json_t *wanted);
    bool (*change)(struct call *call, const struct value *before, struct value *after);
    bool (*remove)(struct call *call, const struct value *row);
};
static const struct kind kinds[] = {
    {"api_key", CREDENTIAL_API_KEY, &resource_api_key, api_key_make, api_key_change, api_key_remove},
    {"hmac", CREDENTIAL_KEY_PAIR, &resource_consumer_pair, consumer_pair_make, consumer_pair_change, consumer_pair_remove},
};
#define KINDS (sizeof kinds / sizeof *kinds)

static const struct field more_items[] = {
    {.name = "api_key", .type = FIELD_OBJECT, .members = &api_key_fields},
    {.name = "hmac", .type = FIELD_OBJECT, .members = &consumer_pair_fields},
};
static const struct fields more_fields = FIELDS_OF(more_items);

/* Of each kind what it has. */
static const struct field answer_items[] = {
    ANSWERED("id", FIELD_STRING),
    ANSWERED("consumer_id", FIELD_STRING),
    ANSWERED("kind", FIELD_STRING),
    ANSWERED("enabled", FIELD_BOOLEAN),
    ANSWERED("create_time", FIELD_TIME),
    ANSWERED("last_used", FIELD_TIME),
    ANSWERED("generate_mode", FIELD_STRING),
    ANSWERED("start_time", FIELD_TIME),
    ANSWERED("end_time", FIELD_TIME),
    ANSWERED("display", FIELD_STRING),
    ANSWERED("source", FIELD_STRING),
    ANSWERED("name", FIELD_STRING),
    {.name = "value", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_SECRET},
    ANSWERED("access_key", FIELD_STRING),
    {.name = "secret_key", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_SECRET},
    ANSWERED("former_secret_until", FIELD_TIME),
};
const struct fields consumer_credential_fields = FIELDS_OF(answer_items);

static const struct kind *kind_of(const struct value *row)
{
    for (size_t i = 0; i < KINDS; i++)
        if (row[CREDENTIAL_KIND].integer == (int64_t)kinds[i].kind) return &kinds[i];
    return NULL;
}

bool consumer_each_credential(struct call *call, struct bytes consumer_id, resource_each each, void *context)
{
    struct store_filter filter = {CREDENTIAL_PRINCIPAL_ID, STORE_EQUAL, value_text(consumer_id)};
    return resource_for_each(call, &resource_api_key, &filter, each, context);
}

static bool within_quota(struct call *call, struct bytes consumer_id)
{
    struct store_filter filter = {CREDENTIAL_PRINCIPAL_ID, STORE_EQUAL, value_text(consumer_id)};
    int64_t count;
    if (!resource_count(call, &resource_api_key, (struct where){&filter, 1}, &count)) return false;
    return count < CONSUMER_MAX_KEYS || call_refuse(call, ERROR_KEY_QUOTA, BYTES("20"));
}

bool consumer_credentials_make(struct call *call, const struct holder *holder, json_t *made)
{
    for (size_t i = 0; i < KINDS; i++) {
        const json_t *wanted = json_object_get(call->body, kinds[i].member);
        if (wanted == NULL) continue;
        if (!holder->is_new && !within_quota(call, holder->id)) return false;
        json_t *one = kinds[i].make(call, holder, wanted);
        if (one == NULL) return false;
        /* Nobody has used what is new: this is not asked of the store. */
        if (!json_put_time(one, "last_used", 0) || json_array_append_new(made, one) != 0)
            return call_fault(call, "no memory for the answer");
    }
    return true;
}

/* Of JSON Web Tokens the state: their rules are another resource (token_credentials.c). */
static const struct field token_items[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ROW_ID},
    {.name = "consumer_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_PRINCIPAL_ID},
    {.name = "enabled", .type = FIELD_BOOLEAN, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ENABLED},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_CREATE_TIME},
};
static const struct fields token_fields = FIELDS_OF(token_items);

static bool derive_token(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call;
    return json_object_set_new(answer, "kind", json_string("JWT")) == 0 &&
           json_put_time(answer, "start_time", row[CREDENTIAL_NOT_BEFORE].integer) &&
           json_put_time(answer, "end_time", row[CREDENTIAL_NOT_AFTER].integer);
}

static const struct resource resource_token_state = {
    .name = "consumer_credential",
    .entity = &entity_credential,
    .fields = &token_fields,
    .instance_column = CREDENTIAL_INSTANCE_ID,
    .unknown = ERROR_CREDENTIAL_UNKNOWN,
    .derive = derive_token,
};

static bool append_shown(struct call *call, void *context, const struct value *row)
{
    const struct kind *kind = kind_of(row);
    json_t *item = credential_json(call, kind != NULL ? kind->resource : &resource_token_state, row);
    return item != NULL && (json_array_append_new(context, item) == 0 || call_fault(call, "no memory for the answer"));
}

bool consumer_credentials_put(struct call *call, struct bytes consumer_id, json_t *shown)
{
    return consumer_each_credential(call, consumer_id, append_shown, shown);
}

/* One call, one credential: its answer is the credential itself. */
static bool add(struct call *call)
{
    struct value row[CONSUMER_COLUMNS];
    if (!resource_load(call, &resource_consumer, call->params[0], row)) return false;
    if (json_object_size(call->body) == 0) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("api_key or hmac"));
    if (json_object_size(call->body) > 1) return call_refuse_rule(call, "hmac", "absent beside api_key: one credential in a call");
    json_t *made = json_array();
    bool done = consumer_credentials_make(call, &(struct holder){row[CONSUMER_ID].bytes, false}, made);
    json_t *one = done ? json_incref(json_array_get(made, 0)) : NULL;
    json_decref(made);
    return done && call_answer(call, 201, one);
}

/* A credential of this consumer; others' count as unknown. */
static bool load(struct call *call, struct value *row, const struct kind **kind)
{
    struct value consumer[CONSUMER_COLUMNS];
    if (!resource_load(call, &resource_consumer, call->params[0], consumer)) return false;
    if (!resource_load(call, &resource_api_key, call->params[1], row)) return false;
    *kind = kind_of(row);
    if (*kind != NULL && bytes_equal(row[CREDENTIAL_PRINCIPAL_ID].bytes, consumer[CONSUMER_ID].bytes)) return true;
    return call_refuse(call, ERROR_CREDENTIAL_UNKNOWN, call->params[1]);
}

static bool update(struct call *call)
{
    struct value before[CREDENTIAL_COLUMNS];
    struct value after[CREDENTIAL_COLUMNS];
    const struct kind *kind;
    if (!load(call, before, &kind)) return false;
    for (size_t i = 0; i < CREDENTIAL_COLUMNS; i++) after[i] = before[i];
    return credential_lay_state(call, after) && kind->change(call, before, after) && credential_answer(call, kind->resource, after, 200);
}

static bool reset(struct call *call)
{
    struct value row[CREDENTIAL_COLUMNS];
    const struct kind *kind;
    if (!load(call, row, &kind)) return false;
    if (kind->kind != CREDENTIAL_KEY_PAIR) return call_refuse(call, ERROR_CREDENTIAL_UNKNOWN, call->params[1]);
    return consumer_pair_reset(call, row);
}

static bool destroy(struct call *call)
{
    struct value row[CREDENTIAL_COLUMNS];
    const struct kind *kind;
    return load(call, row, &kind) && kind->remove(call, row) && call_answer(call, 204, NULL);
}

#define CREDENTIALS IN_INSTANCE "/consumers/{consumer_id}/credentials"

static const struct route routes[] = {
    {"POST", CREDENTIALS, "create_consumer_key", RIGHT_WRITE_APPS, &more_fields, FILL_PRESETS, add, .answer = &consumer_credential_fields},
    {"PUT", CREDENTIALS "/{credential_id}", "update_consumer_key", RIGHT_WRITE_APPS, &credential_state_fields, FILL_PRESETS, update,
     .answer = &consumer_credential_fields},
    {"PUT", CREDENTIALS "/{credential_id}/secret", "reset_consumer_secret", RIGHT_WRITE_APPS, &consumer_pair_reset_fields, FILL_PRESETS,
     reset, .answer = &consumer_credential_fields},
    {"DELETE", CREDENTIALS "/{credential_id}", "delete_consumer_key", RIGHT_WRITE_APPS, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_consumer_credentials = ROUTES_OF(routes);
