#include "jwt/keys.h"

#include "base/buffer.h"
#include "base/hash.h"

_Static_assert((JWT_KEY_SETS & (JWT_KEY_SETS - 1)) == 0, "sets are found with a mask");

static void add_part(struct buffer *out, struct bytes part)
{
    buffer_add_u16(out, (uint16_t)part.length);
    buffer_add(out, part);
}

/* Names are compared in full; the hash only finds them, so whoever can choose one gains nothing but a slower look-up of his own. */
void jwt_key_id(const struct jwt_key_name *name, struct jwt_key_id *id)
{
    struct buffer out = buffer_over(id->bytes, sizeof id->bytes);
    buffer_add_u64(&out, name->revision);
    buffer_add_byte(&out, (uint8_t)(name->token->algorithm << 1 | name->token->has_kid));
    add_part(&out, name->instance);
    add_part(&out, name->set);
    add_part(&out, name->token->kid);
    struct bytes written = buffer_bytes(&out);
    id->length = (uint16_t)written.length;
    id->hash = hash_of(0, written);
}

static struct jwt_kept_key *set_of(struct jwt_keys *keys, const struct jwt_key_id *id)
{
    return keys->kept[id->hash >> 32 & (JWT_KEY_SETS - 1)];
}

static bool is_named(const struct jwt_kept_key *kept, const struct jwt_key_id *id)
{
    return kept->key != NULL && kept->id.hash == id->hash &&
           bytes_equal(bytes_of(kept->id.bytes, kept->id.length), bytes_of(id->bytes, id->length));
}

struct verify_key *jwt_keys_find(struct jwt_keys *keys, const struct jwt_key_id *id)
{
    struct jwt_kept_key *set = set_of(keys, id);
    for (size_t way = 0; way < JWT_KEY_WAYS; way++) {
        if (!is_named(&set[way], id)) continue;
        set[way].used = ++keys->uses;
        return set[way].key;
    }
    return NULL;
}

struct verify_key *jwt_keys_prepare(struct jwt_keys *keys, const struct jwt_key_id *id, const struct jwk *jwk)
{
    struct verify_key *key = id->length > 0 ? verify_key_prepare(jwk->algorithm, &jwk->material) : NULL;
    struct jwt_kept_key *set = set_of(keys, id), *oldest = set;
    if (key == NULL) return NULL;
    for (size_t way = 1; way < JWT_KEY_WAYS; way++)
        if (set[way].used < oldest->used) oldest = &set[way];
    verify_key_destroy(oldest->key);
    *oldest = (struct jwt_kept_key){.key = key, .used = ++keys->uses, .id = *id};
    return key;
}

void jwt_keys_destroy(struct jwt_keys *keys)
{
    for (size_t i = 0; i < JWT_KEY_SETS; i++)
        for (size_t way = 0; way < JWT_KEY_WAYS; way++) verify_key_destroy(keys->kept[i][way].key);
    *keys = (struct jwt_keys){.uses = 0};
}
