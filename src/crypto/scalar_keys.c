#include "crypto/scalar_keys.h"

_Static_assert((SCALAR_KEY_SETS & (SCALAR_KEY_SETS - 1)) == 0 && SCALAR_KEY_SETS <= 256, "sets are found with a mask over one byte");

static struct digest_value id_of(enum scalar_curve curve, const uint8_t scalar[static SCALAR_SIZE])
{
    struct digest digest;
    const uint8_t kind = (uint8_t)curve;
    digest_start(&digest, DIGEST_SHA256);
    digest_add(&digest, bytes_of(&kind, 1));
    digest_add(&digest, bytes_of(scalar, SCALAR_SIZE));
    return digest_finish(&digest);
}

static struct scalar_kept_key *set_of(struct scalar_keys *keys, const struct digest_value *id)
{
    return keys->kept[id->data[0] & (SCALAR_KEY_SETS - 1)];
}

static struct scalar_key *find(struct scalar_keys *keys, const struct digest_value *id)
{
    struct scalar_kept_key *set = set_of(keys, id);
    for (size_t way = 0; way < SCALAR_KEY_WAYS; way++) {
        if (set[way].key == NULL || !bytes_equal(digest_bytes(&set[way].id), digest_bytes(id))) continue;
        set[way].used = ++keys->uses;
        return set[way].key;
    }
    return NULL;
}

static void keep(struct scalar_keys *keys, const struct digest_value *id, struct scalar_key *key)
{
    struct scalar_kept_key *set = set_of(keys, id), *oldest = set;
    for (size_t way = 1; way < SCALAR_KEY_WAYS; way++)
        if (set[way].used < oldest->used) oldest = &set[way];
    scalar_key_destroy(oldest->key);
    *oldest = (struct scalar_kept_key){*id, key, ++keys->uses};
}

bool scalar_keys_check(struct scalar_keys *keys, enum scalar_curve curve, const uint8_t scalar[static SCALAR_SIZE],
                       const struct scalar_question *question)
{
    struct digest_value id = id_of(curve, scalar);
    struct scalar_key *kept = keys != NULL ? find(keys, &id) : NULL;
    if (kept != NULL && scalar_key_check(kept, question)) return true;
    /* Not kept; or kept and wrong, and then the key is made for nothing: a quick refusal would tell who has called lately. */
    struct scalar_key *fresh = scalar_key_prepare(curve, scalar);
    bool right = kept == NULL && fresh != NULL && scalar_key_check(fresh, question);
    if (right && keys != NULL) {
        keep(keys, &id, fresh);
    } else {
        scalar_key_destroy(fresh);
    }
    return right;
}

void scalar_keys_destroy(struct scalar_keys *keys)
{
    for (size_t i = 0; i < SCALAR_KEY_SETS; i++)
        for (size_t way = 0; way < SCALAR_KEY_WAYS; way++) scalar_key_destroy(keys->kept[i][way].key);
    *keys = (struct scalar_keys){.uses = 0};
}
