#include "control/key_pairs.h"

#include "control/key_sets.h"
#include "policy/publication.h"
#include "store/sealing.h"

/* Audit rows of a credential: which, whose, since when; neither secret nor the hash of an API key. */
static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ROW_ID},
    {.name = "kind", .type = FIELD_INTEGER, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_KIND},
    {.name = "principal_kind", .type = FIELD_INTEGER, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_PRINCIPAL_KIND},
    {.name = "principal_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_PRINCIPAL_ID},
    {.name = "enabled", .type = FIELD_BOOLEAN, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_ENABLED},
    {.name = "revision", .type = FIELD_INTEGER, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_REVISION},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_CREATE_TIME},
};
static const struct fields credential_fields = FIELDS_OF(fields);

static const struct conflict conflicts[] = {
    {"credential_lookup", ERROR_APP_KEY_EXISTS, CREDENTIAL_LOOKUP},
};

const struct resource resource_key_pair = {
    .name = "credential",
    .entity = &entity_credential,
    .fields = &credential_fields,
    .instance_column = CREDENTIAL_INSTANCE_ID,
    .unknown = ERROR_CREDENTIAL_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
};

/* A key pair is a key pair: the API says with which signatures it counts there. */
#define SIGNATURE_SCHEMES INT32_MAX

bool credential_seal_secret(struct call *call, struct bytes secret, size_t column, struct value *row)
{
    struct seal *seal = store_keys_seal(call->daemon->keys);
    struct buffer sealed = buffer_in(&call->arena, secret.length + SEAL_OVERHEAD);
    bool done = seal != NULL && store_seal_credential(seal, row, column, secret, &sealed);
    seal_destroy(seal);
    row[column] = value_blob(buffer_bytes(&sealed));
    return done || call_fault(call, "a secret could not be sealed");
}

bool credential_open_secret(struct call *call, const struct value *row, size_t column, struct bytes *secret)
{
    struct seal *seal = store_keys_seal(call->daemon->keys);
    struct buffer opened = buffer_in(&call->arena, row[column].bytes.length);
    bool done = seal != NULL && store_open_credential(seal, row, column, &opened);
    seal_destroy(seal);
    *secret = buffer_bytes(&opened);
    return done || call_fault(call, "a secret could not be opened");
}

static struct value this_revision(const struct call *call)
{
    return value_integer((int64_t)store_revision(call->session));
}

bool key_pair_add(struct call *call, const struct resource *words, const struct key_pair *pair, struct value *row)
{
    struct bytes id = call_new_id(call);
    if (id.length == 0) return false;
    row_clear(&entity_credential, row);
    row[CREDENTIAL_ROW_ID] = value_text(id);
    row[CREDENTIAL_INSTANCE_ID] = value_text(call->instance_id);
    row[CREDENTIAL_KIND] = value_integer(CREDENTIAL_KEY_PAIR);
    row[CREDENTIAL_PRINCIPAL_KIND] = value_integer(pair->kind);
    row[CREDENTIAL_PRINCIPAL_ID] = value_text(pair->principal_id);
    row[CREDENTIAL_LOOKUP] = value_text(pair->key);
    row[CREDENTIAL_ENABLED] = value_integer(1);
    row[CREDENTIAL_SCHEMES] = value_integer(SIGNATURE_SCHEMES);
    row[CREDENTIAL_GENERATED] = value_integer(pair->generated);
    row[CREDENTIAL_CREATE_TIME] = value_integer(call->now);
    row[CREDENTIAL_REVISION] = this_revision(call);
    return credential_seal_secret(call, pair->secret, CREDENTIAL_SECRET, row) && resource_insert(call, words, row) &&
           call_change(call, CHANGE_KEY_PAIR, pair->key, BYTES(""));
}

bool key_pair_load(struct call *call, const struct key_pair *pair, struct value *row)
{
    struct store_filter filters[] = {
        {CREDENTIAL_PRINCIPAL_ID, STORE_EQUAL, value_text(pair->principal_id)},
        {CREDENTIAL_PRINCIPAL_KIND, STORE_EQUAL, value_integer(pair->kind)},
        {CREDENTIAL_KIND, STORE_EQUAL, value_integer(CREDENTIAL_KEY_PAIR)},
        {CREDENTIAL_LOOKUP, STORE_EQUAL, value_text(pair->key)},
    };
    bool found;
    if (!resource_find(call, &resource_key_pair, (struct where){filters, sizeof filters / sizeof *filters}, row, &found)) return false;
    return found || call_fault(call, "a principal without its key pair");
}

/* Under another revision nothing that was sealed before would open. */
static bool seal_anew(struct call *call, const struct value *before, size_t column, struct value *after)
{
    struct bytes secret;
    if (before[column].bytes.length == 0) return true;
    return credential_open_secret(call, before, column, &secret) && credential_seal_secret(call, secret, column, after);
}

static bool store_change_of(struct call *call, const struct resource *words, const struct value *before, const struct value *after)
{
    return resource_update(call, words, before, after) && call_change(call, CHANGE_KEY_PAIR, before[CREDENTIAL_LOOKUP].bytes, BYTES("")) &&
           call_change(call, CHANGE_KEY_PAIR, after[CREDENTIAL_LOOKUP].bytes, BYTES(""));
}

bool key_pair_update(struct call *call, const struct resource *words, const struct value *before, struct value *after)
{
    after[CREDENTIAL_REVISION] = this_revision(call);
    return seal_anew(call, before, CREDENTIAL_SECRET, after) && seal_anew(call, before, CREDENTIAL_NEXT_SECRET, after) &&
           store_change_of(call, words, before, after);
}

/* The one that signs now: the newer of two. */
static size_t current_secret(const struct value *row)
{
    return row[CREDENTIAL_NEXT_SECRET].bytes.length > 0 ? CREDENTIAL_NEXT_SECRET : CREDENTIAL_SECRET;
}

bool key_pair_reset(struct call *call, const struct resource *words, const struct value *before, const struct new_secret *new)
{
    struct value after[CREDENTIAL_COLUMNS];
    struct bytes old;
    for (size_t i = 0; i < CREDENTIAL_COLUMNS; i++) after[i] = before[i];
    after[CREDENTIAL_REVISION] = this_revision(call);
    after[CREDENTIAL_GENERATED] = value_integer(new->generated);
    after[CREDENTIAL_NEXT_SECRET] = value_blob(BYTES(""));
    after[CREDENTIAL_SECRET_UNTIL] = value_integer(0);
    if (new->overlap_seconds == 0) {
        return credential_seal_secret(call, new->secret, CREDENTIAL_SECRET, after) && store_change_of(call, words, before, after);
    }
    after[CREDENTIAL_SECRET_UNTIL] = value_integer(call->now + new->overlap_seconds);
    return credential_open_secret(call, before, current_secret(before), &old) &&
           credential_seal_secret(call, old, CREDENTIAL_SECRET, after) &&
           credential_seal_secret(call, new->secret, CREDENTIAL_NEXT_SECRET, after) && store_change_of(call, words, before, after);
}

bool key_pair_open(struct call *call, const struct value *row, struct bytes *secret)
{
    return credential_open_secret(call, row, current_secret(row), secret);
}

bool key_pair_remove(struct call *call, const struct resource *words, const struct value *row)
{
    return resource_remove(call, words, row) && call_change(call, CHANGE_KEY_PAIR, row[CREDENTIAL_LOOKUP].bytes, BYTES(""));
}

static bool touch(struct call *call, void *context, const struct value *row)
{
    (void)context;
    struct bytes lookup = row[CREDENTIAL_LOOKUP].bytes;
    if (row[CREDENTIAL_KIND].integer == CREDENTIAL_TOKEN) return call_change(call, CHANGE_TOKEN, lookup, row[CREDENTIAL_ROW_ID].bytes);
    return call_change(call, row[CREDENTIAL_KIND].integer == CREDENTIAL_API_KEY ? CHANGE_API_KEY : CHANGE_KEY_PAIR, lookup, BYTES(""));
}

static bool remove_each(struct call *call, void *context, const struct value *row)
{
    bool token = row[CREDENTIAL_KIND].integer == CREDENTIAL_TOKEN;
    if (token && !key_set_hold(call, row[CREDENTIAL_ROW_ID].bytes, BYTES(""))) return false;
    return resource_remove(call, &resource_key_pair, row) && touch(call, context, row);
}

/* Ids of principals are drawn at random, so the id alone names one; the kind is checked all the same. */
struct of_kind {
    enum principal_kind kind;
    resource_each each;
};

static bool each_of_kind(struct call *call, void *context, const struct value *row)
{
    const struct of_kind *of_kind = context;
    if (row[CREDENTIAL_PRINCIPAL_KIND].integer != (int64_t)of_kind->kind) return true;
    return of_kind->each(call, NULL, row);
}

static bool each_credential(struct call *call, enum principal_kind kind, struct bytes principal_id, resource_each each)
{
    struct of_kind context = {kind, each};
    struct store_filter filter = {CREDENTIAL_PRINCIPAL_ID, STORE_EQUAL, value_text(principal_id)};
    return resource_for_each(call, &resource_key_pair, &filter, each_of_kind, &context);
}

bool credentials_touch(struct call *call, enum principal_kind kind, struct bytes principal_id)
{
    return each_credential(call, kind, principal_id, touch);
}

bool credentials_remove(struct call *call, enum principal_kind kind, struct bytes principal_id)
{
    return each_credential(call, kind, principal_id, remove_each);
}
