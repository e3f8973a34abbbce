#include "control/tokens.h"

#include "control/resource.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "store/sealing.h"

#include <stdio.h>

#define TOKEN_LENGTH 64
#define PRUNED       20 /* rows that have ended, with each new one: more than come */

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = TOKEN_ID},
    {.name = "kind", .type = FIELD_INTEGER, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = TOKEN_KIND},
    {.name = "user_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = TOKEN_USER_ID},
    {.name = "project_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = TOKEN_PROJECT_ID},
    {.name = "domain_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = TOKEN_DOMAIN_ID},
    {.name = "methods", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = TOKEN_METHODS},
    {.name = "expires", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = TOKEN_EXPIRES},
};
static const struct fields token_fields = FIELDS_OF(fields);

static const struct resource resource_token = {
    .name = "token",
    .entity = &entity_token,
    .fields = &token_fields,
    .instance_column = TOKEN_DOMAIN_ID,
    .unknown = ERROR_IAM_TOKEN_UNKNOWN,
};

/* Behind a prefix, so that no API key of the same text has the same hash. */
struct bytes token_hash(struct call *call, const char *prefix, struct bytes text)
{
    struct bytes start = bytes_of_text(prefix);
    struct buffer plain = buffer_in(&call->arena, start.length + text.length);
    struct buffer out = buffer_in(&call->arena, STORE_LOOKUP_SIZE);
    buffer_add(&plain, start);
    buffer_add(&plain, text);
    if (plain.overflow || out.overflow) return BYTES("");
    store_api_key_lookup(call->daemon->keys, buffer_bytes(&plain), &out);
    secret_wipe(plain.data, plain.length);
    return buffer_bytes(&out);
}

struct bytes token_companion(struct call *call, struct bytes text)
{
    return token_hash(call, "companion of ", text);
}

struct ended {
    struct arena *arena;
    struct bytes ids[PRUNED];
    struct bytes lookups[PRUNED];
    int64_t kinds[PRUNED];
    size_t count;
};

static bool keep_ended(void *context, const struct value *row)
{
    struct ended *ended = context;
    ended->kinds[ended->count] = row[TOKEN_KIND].integer;
    ended->lookups[ended->count] = arena_copy(ended->arena, row[TOKEN_LOOKUP].bytes);
    ended->ids[ended->count++] = arena_copy(ended->arena, row[TOKEN_ID].bytes);
    return ended->count < PRUNED;
}

/* The gateway knows all but sessions. */
static bool changed(struct call *call, int64_t kind, struct bytes lookup)
{
    return kind == TOKEN_OF_SESSION || call_change_of_users(call, CHANGE_USER_TOKEN, lookup);
}

static bool remove_key(struct call *call, struct bytes id)
{
    struct value row[CREDENTIAL_COLUMNS];
    enum store_result result = store_get(call->session, &entity_credential, id, &call->arena, row);
    if (result == STORE_NOTHING) return true;
    return call_store(call, result) && call_store(call, store_remove(call->session, &entity_credential, id)) &&
           call_change_of_users(call, CHANGE_KEY_PAIR, row[CREDENTIAL_LOOKUP].bytes);
}

/* What has ended by itself is removed without audit: nobody did it. A temporary key goes with its token. */
static bool prune(struct call *call)
{
    struct ended ended = {.arena = &call->arena};
    struct store_filter filter = {TOKEN_EXPIRES, STORE_AT_MOST, value_integer(call->now)};
    struct store_query query = {.filters = &filter, .filter_count = 1, .order_column = TOKEN_EXPIRES, .limit = PRUNED};
    if (!call_store(call, store_list(call->session, &entity_token, &query, keep_ended, &ended))) return false;
    for (size_t i = 0; i < ended.count; i++) {
        if (!call_store(call, store_remove(call->session, &entity_token, ended.ids[i]))) return false;
        if (!changed(call, ended.kinds[i], ended.lookups[i])) return false;
        if (ended.kinds[i] == TOKEN_OF_KEY && !remove_key(call, ended.ids[i])) return false;
    }
    return true;
}

static struct bytes draw(struct call *call)
{
    struct buffer out = buffer_in(&call->arena, TOKEN_LENGTH);
    if (random_text(&out, TOKEN_LENGTH)) return buffer_bytes(&out);
    call_fault(call, "no randomness for a token");
    return BYTES("");
}

bool token_issue(struct call *call, const struct token_order *order, const struct value *user, struct bytes *text, struct value *row)
{
    struct bytes id = order->id.length > 0 ? order->id : call_new_id(call);
    *text = draw(call);
    if (id.length == 0 || text->length == 0 || !prune(call)) return false;
    row_clear(&entity_token, row);
    row[TOKEN_ID] = value_text(id);
    row[TOKEN_KIND] = value_integer(order->kind);
    row[TOKEN_LOOKUP] = value_text(token_hash(call, "token ", *text));
    row[TOKEN_USER_ID] = value_text(user[USER_ID].bytes);
    row[TOKEN_PROJECT_ID] = value_text(order->project_id);
    row[TOKEN_DOMAIN_ID] = value_text(order->domain_id);
    row[TOKEN_METHODS] = value_text(order->methods);
    row[TOKEN_STAMP] = value_integer(user[USER_STAMP].integer);
    row[TOKEN_ISSUED] = row[TOKEN_LAST_USED] = value_integer(call->now);
    row[TOKEN_EXPIRES] = value_integer(call->now + order->seconds);
    if (row[TOKEN_LOOKUP].bytes.length == 0) return call_fault(call, "no memory for a token");
    return resource_insert(call, &resource_token, row) && changed(call, order->kind, row[TOKEN_LOOKUP].bytes);
}

bool token_revoke(struct call *call, const struct value *row)
{
    return resource_remove(call, &resource_token, row) && changed(call, row[TOKEN_KIND].integer, row[TOKEN_LOOKUP].bytes);
}

bool tokens_revoke_of(struct call *call, struct bytes user_id)
{
    struct store_filter filter = {TOKEN_USER_ID, STORE_EQUAL, value_text(user_id)};
    struct store_query query = {.filters = &filter, .filter_count = 1, .limit = PRUNED};
    struct ended ended;
    do {
        ended = (struct ended){.arena = &call->arena};
        size_t mark = call->arena.used;
        if (!call_store(call, store_list(call->session, &entity_token, &query, keep_ended, &ended))) return false;
        for (size_t i = 0; i < ended.count; i++) {
            if (!call_store(call, store_remove(call->session, &entity_token, ended.ids[i]))) return false;
            if (!changed(call, ended.kinds[i], ended.lookups[i])) return false;
        }
        arena_rewind(&call->arena, mark);
    } while (ended.count > 0);
    return true;
}

static enum token_finding finding_of(enum store_result result)
{
    if (result == STORE_OK) return TOKEN_GOOD;
    return result == STORE_NOTHING ? TOKEN_NOT_FOUND : TOKEN_FAULT;
}

/* Its user may use it still. */
static enum token_finding judge(struct call *call, struct session *session, struct token_found *found)
{
    const struct value *row = found->row;
    struct value *user = found->user;
    if (row[TOKEN_EXPIRES].integer <= call->now) return TOKEN_ENDED;
    enum token_finding finding = finding_of(store_get(session, &entity_user, row[TOKEN_USER_ID].bytes, &call->arena, user));
    if (finding != TOKEN_GOOD) return finding;
    bool same = user[USER_STAMP].integer == row[TOKEN_STAMP].integer && user[USER_ENABLED].integer != 0;
    return same ? TOKEN_GOOD : TOKEN_STALE;
}

enum token_finding token_find(struct call *call, struct session *session, enum token_kind kind, struct bytes text,
                              struct token_found *found)
{
    struct store_filter filters[] = {
        {TOKEN_LOOKUP, STORE_EQUAL, value_text(token_hash(call, "token ", text))},
        {TOKEN_KIND, STORE_EQUAL, value_integer(kind)},
    };
    struct store_query query = {.filters = filters, .filter_count = 2, .limit = 1};
    if (filters[0].value.bytes.length == 0) return TOKEN_FAULT;
    enum token_finding finding = finding_of(store_find(session, &entity_token, &query, &call->arena, found->row));
    return finding == TOKEN_GOOD ? judge(call, session, found) : finding;
}

void token_limit(struct call *call, const struct value *row)
{
    call->caller.token_project_id = row[TOKEN_PROJECT_ID].bytes;
    call->caller.token_of_domain = row[TOKEN_DOMAIN_ID].bytes.length > 0;
}

enum token_finding token_of_key(struct call *call, struct session *session, struct bytes credential_id, struct bytes text)
{
    struct token_found found;
    enum token_finding finding = token_find(call, session, TOKEN_OF_KEY, text, &found);
    if (finding == TOKEN_GOOD && !bytes_equal(found.row[TOKEN_ID].bytes, credential_id)) return TOKEN_NOT_FOUND;
    if (finding == TOKEN_GOOD) token_limit(call, found.row);
    return finding;
}
