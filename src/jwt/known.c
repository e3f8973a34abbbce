#include "jwt/known.h"

#include "base/hash.h"
#include "crypto/secret.h"

_Static_assert((JWT_KNOWN_SETS & (JWT_KNOWN_SETS - 1)) == 0, "sets are found with a mask");

struct jwt_known_name jwt_known_name(const struct jwt_known *known, struct bytes scope, struct bytes token)
{
    return (struct jwt_known_name){scope, token, hash_of(hash_of(known->seed, scope), token) | 1};
}

static size_t set_of(uint64_t hash)
{
    return (size_t)(hash >> 32) & (JWT_KNOWN_SETS - 1);
}

static bool is_named(const struct jwt_known_token *kept, const struct jwt_known_name *name)
{
    return bytes_equal(bytes_of(kept->scope, kept->scope_length), name->scope) &&
           secret_equal(bytes_of(kept->bytes, kept->token_length), name->token);
}

const struct jwt_known_token *jwt_known_find(const struct jwt_known *known, const struct jwt_known_name *name)
{
    size_t set = set_of(name->hash);
    for (size_t way = 0; way < JWT_KNOWN_WAYS; way++) {
        if (known->hashes[set][way] == name->hash && is_named(&known->kept[set][way], name)) return &known->kept[set][way];
    }
    return NULL;
}

/* Its own place, an empty one, or the next in turn. */
static size_t way_for(struct jwt_known *known, size_t set, uint64_t hash)
{
    for (size_t way = 0; way < JWT_KNOWN_WAYS; way++)
        if (known->hashes[set][way] == hash || known->hashes[set][way] == 0) return way;
    return (size_t)known->turn++ % JWT_KNOWN_WAYS;
}

void jwt_known_keep(struct jwt_known *known, const struct jwt_fact *fact)
{
    struct bytes scope = fact->name.scope, token = fact->name.token;
    if (token.length + fact->told.length > JWT_KNOWN_BYTES || scope.length > JWT_KNOWN_SCOPE) return;
    uint64_t hash = fact->name.hash;
    size_t set = set_of(hash), way = way_for(known, set, hash);
    struct jwt_known_token *kept = &known->kept[set][way];
    secret_wipe(kept->bytes, (size_t)kept->token_length + kept->told_length);
    known->hashes[set][way] = hash;
    kept->times = fact->times;
    kept->rules = fact->rules;
    kept->keys = fact->keys;
    kept->holder = fact->holder;
    kept->scope_length = (uint8_t)scope.length;
    kept->token_length = (uint16_t)token.length;
    kept->told_length = (uint16_t)fact->told.length;
    memcpy(kept->scope, scope.data, scope.length);
    memcpy(kept->bytes, token.data, token.length);
    if (fact->told.length > 0) memcpy(kept->bytes + token.length, fact->told.data, fact->told.length);
}

void jwt_memory_destroy(struct jwt_memory *memory)
{
    jwt_keys_destroy(&memory->keys);
    secret_wipe(&memory->known, sizeof memory->known);
}
