#include "control/directory.h"

#include "policy/publication.h"
#include "store/sealing.h"

static enum found found_of(enum store_result result)
{
    switch (result) {
    case STORE_OK:
        return FOUND;
    case STORE_NOTHING:
        return FOUND_NOTHING;
    case STORE_CONFLICT:
    case STORE_FAULT:
        return FOUND_FAULT;
    }
    return FOUND_FAULT;
}

/* IAM access keys belong to no instance. */
static enum found find_key(struct session *session, struct bytes key_id, struct arena *arena, struct value *row)
{
    struct store_filter filters[] = {
        {CREDENTIAL_INSTANCE_ID, STORE_EQUAL, value_text(BYTES(""))},
        {CREDENTIAL_KIND, STORE_EQUAL, value_integer(CREDENTIAL_KEY_PAIR)},
        {CREDENTIAL_LOOKUP, STORE_EQUAL, value_text(key_id)},
        {CREDENTIAL_PRINCIPAL_KIND, STORE_EQUAL, value_integer(PRINCIPAL_USER)},
    };
    struct store_query query = {.filters = filters, .filter_count = sizeof filters / sizeof *filters, .limit = 1};
    return found_of(store_find(session, &entity_credential, &query, arena, row));
}

static enum found open_secret(const struct daemon *daemon, const struct value *row, struct arena *arena, struct bytes *secret)
{
    struct seal *seal = store_keys_seal(daemon->keys);
    struct buffer out = buffer_in(arena, row[CREDENTIAL_SECRET].bytes.length);
    bool opened = seal != NULL && store_open_credential(seal, row, CREDENTIAL_SECRET, &out);
    seal_destroy(seal);
    *secret = buffer_bytes(&out);
    return opened ? FOUND : FOUND_FAULT;
}

static void describe(const struct value *key, const struct value *user, struct credential *credential)
{
    *credential = (struct credential){
        .id = key[CREDENTIAL_ROW_ID].bytes,
        .kind = CREDENTIAL_KEY_PAIR,
        .principal = {PRINCIPAL_USER, user[USER_ENABLED].integer != 0, user[USER_ID].bytes, user[USER_NAME].bytes},
        .enabled = key[CREDENTIAL_ENABLED].integer != 0,
        .not_before = key[CREDENTIAL_NOT_BEFORE].integer,
        .not_after = key[CREDENTIAL_NOT_AFTER].integer,
        .revision = (uint64_t)key[CREDENTIAL_REVISION].integer,
        .schemes = 1u << SCHEME_SDK_HMAC_SHA256,
        .secret_count = 1,
    };
}

static enum found look_up(struct user_directory *users, struct session *session, struct bytes key_id, struct arena *arena,
                          struct credential *credential)
{
    struct value key[CREDENTIAL_COLUMNS];
    struct value *user = users->user;
    enum found found = find_key(session, key_id, arena, key);
    if (found != FOUND) return found;
    found = found_of(store_get(session, &entity_user, key[CREDENTIAL_PRINCIPAL_ID].bytes, arena, user));
    if (found != FOUND) return found;
    describe(key, user, credential);
    users->temporary = key[CREDENTIAL_NOT_AFTER].integer != 0;
    return open_secret(users->daemon, key, arena, &credential->secrets[0].value);
}

static enum found key_pair(void *context, struct bytes key_id, struct arena *arena, struct credential *credential)
{
    struct user_directory *users = context;
    if (users->session != NULL) return look_up(users, users->session, key_id, arena, credential);
    struct session *session = store_read(users->daemon->store);
    if (session == NULL) return FOUND_FAULT;
    enum found found = look_up(users, session, key_id, arena, credential);
    store_abort(session);
    return found;
}

static enum found api_key(void *context, struct bytes secret, struct arena *arena, struct credential *credential)
{
    (void)context, (void)secret, (void)arena, (void)credential;
    return FOUND_NOTHING;
}

static enum found authorisation(void *context, const struct credential *caller, const struct publication *publication, int64_t *not_after)
{
    (void)context, (void)caller, (void)publication, (void)not_after;
    return FOUND_NOTHING;
}

struct directory user_directory_of(struct user_directory *users)
{
    return (struct directory){.context = users, .key_pair = key_pair, .api_key = api_key, .authorisation = authorisation};
}
