#include "jwt/keys.h"

_Static_assert((JWT_KEY_SETS & (JWT_KEY_SETS - 1)) == 0 && JWT_KEY_SETS <= 256, "sets are found with a mask over one byte");

static void add_number(struct digest *digest, uint64_t number)
{
    digest_add(digest, bytes_of(&number, sizeof number));
}

struct digest_value jwt_key_id(const struct jwt_key_name *name)
{
    struct digest digest;
    digest_start(&digest, DIGEST_SHA256);
    add_number(&digest, name->revision);
    add_number(&digest, name->instance.length);
    digest_add(&digest, name->instance);
    add_number(&digest, name->set.length);
    digest_add(&digest, name->set);
    add_number(&digest, (uint64_t)name->token->algorithm << 1 | name->token->has_kid);
    digest_add(&digest, name->token->kid);
    return digest_finish(&digest);
}

static struct jwt_kept_key *set_of(struct jwt_keys *keys, const struct digest_value *id)
{
    return keys->kept[id->data[0] & (JWT_KEY_SETS - 1)];
}

struct verify_key *jwt_keys_find(struct jwt_keys *keys, const struct digest_value *id)
{
    struct jwt_kept_key *set = set_of(keys, id);
    for (size_t way = 0; way < JWT_KEY_WAYS; way++) {
        if (set[way].key == NULL || !bytes_equal(digest_bytes(&set[way].id), digest_bytes(id))) continue;
        set[way].used = ++keys->uses;
        return set[way].key;
    }
    return NULL;
}

struct verify_key *jwt_keys_prepare(struct jwt_keys *keys, const struct digest_value *id, const struct jwk *jwk)
{
    struct verify_key *key = verify_key_prepare(jwk->algorithm, &jwk->material);
    struct jwt_kept_key *set = set_of(keys, id), *oldest = set;
    if (key == NULL) return NULL;
    for (size_t way = 1; way < JWT_KEY_WAYS; way++)
        if (set[way].used < oldest->used) oldest = &set[way];
    verify_key_destroy(oldest->key);
    *oldest = (struct jwt_kept_key){*id, key, ++keys->uses};
    return key;
}

void jwt_keys_destroy(struct jwt_keys *keys)
{
    for (size_t i = 0; i < JWT_KEY_SETS; i++)
        for (size_t way = 0; way < JWT_KEY_WAYS; way++) verify_key_destroy(keys->kept[i][way].key);
    *keys = (struct jwt_keys){.uses = 0};
}
