#include "directory/users.h"

#include "directory/directory.h"

#define TOKEN_MAX 512 /* characters */

/* Their keys and tokens are of no instance. */
static struct edge_view of_users(const struct users *users)
{
    return (struct edge_view){users->view->reader, BYTES("")};
}

/* What the record says of its holder is who he is; whether he is enabled stands with him. */
static enum found complete(struct users *users, struct arena *arena, struct credential *credential)
{
    struct principal *principal = &credential->principal;
    if (principal->kind != PRINCIPAL_USER) return FOUND_FAULT;
    enum found found = found_of(edge_user(users->view, principal->id, &users->user));
    if (found != FOUND) return found;
    principal->enabled = users->user.enabled;
    principal->name = arena_copy(arena, users->user.name);
    return FOUND;
}

/* Filed as the daemon files it: behind a word, so that no API key of the same text has the same hash. */
static enum found find_token(const struct users *users, struct bytes text, struct arena *arena, struct credential *credential)
{
    static const char word[] = "token ";
    uint8_t memory[sizeof word + TOKEN_MAX];
    struct buffer filed = buffer_over(memory, sizeof memory);
    struct edge_view view = of_users(users);
    buffer_add_text(&filed, word);
    buffer_add(&filed, text);
    if (filed.overflow) return FOUND_NOTHING;
    return found_of(edge_api_key(&view, buffer_bytes(&filed), arena, credential));
}

static enum found find_auth_token(void *context, struct bytes text, struct arena *arena, struct credential *credential)
{
    struct users *users = context;
    enum found found = find_token(users, text, arena, credential);
    if (found == FOUND) found = complete(users, arena, credential);
    if (found != FOUND) return found;
    users->limit = credential->limit;
    if (credential->revision != users->user.stamp) credential->flaw = CREDENTIAL_FLAW_STALE;
    return FOUND;
}

/* A temporary key counts with its security token only (huawei.md 1.1), whether that is signed or not: SDKs differ. */
static enum found find_companion(struct users *users, struct arena *arena, struct credential *credential)
{
    struct credential token;
    const struct http_field *field = http_field_find(users->request, BYTES("x-security-token"));
    credential->flaw = CREDENTIAL_FLAW_UNACCOMPANIED;
    if (field == NULL || http_field_count(users->request, BYTES("x-security-token")) != 1) return FOUND;
    enum found found = find_token(users, field->value, arena, &token);
    if (found != FOUND) return found == FOUND_NOTHING ? FOUND : found;
    if (!bytes_equal(token.id, credential->id)) return FOUND;
    credential->flaw = token.revision == users->user.stamp ? CREDENTIAL_FLAWLESS : CREDENTIAL_FLAW_STALE;
    users->limit = token.limit;
    return FOUND;
}

static enum found find_key_pair(void *context, struct bytes key_id, struct arena *arena, struct credential *credential)
{
    struct users *users = context;
    struct edge_view view = of_users(users);
    enum found found = found_of(edge_key_pair(&view, key_id, arena, credential));
    if (found == FOUND) found = complete(users, arena, credential);
    if (found != FOUND) return found;
    users->limit = BYTES("");
    return credential->not_after == 0 ? FOUND : find_companion(users, arena, credential);
}

/* Not API by API: his roles say where he may call. */
static enum found find_authorisation(void *context, const struct credential *caller, const struct publication *publication,
                                     int64_t *not_after)
{
    const struct users *users = context;
    struct instance_owner owner;
    (void)caller;
    *not_after = 0;
    enum found found = found_of(edge_instance_owner(users->view, &owner));
    if (found != FOUND) return found;
    return user_may_call(&users->user, users->limit, &owner, publication->instance_id) ? FOUND : FOUND_NOTHING;
}

struct directory users_over(struct users *users, struct edge_view *view, const struct http_request *request)
{
    *users = (struct users){.view = view, .request = request};
    return (struct directory){.context = users, .key_pair = find_key_pair, .api_key = find_auth_token, .authorisation = find_authorisation};
}
