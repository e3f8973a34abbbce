/* Keys made ready, kept by their user (a worker): making one costs many times its use. Bounded; what makes room is wiped. */
#ifndef COUNTERSIGN_JWT_KEYS_H
#define COUNTERSIGN_JWT_KEYS_H

#include "crypto/digest.h"
#include "jwt/jwk.h"

#define JWT_KEY_SETS 64 /* a power of two */
#define JWT_KEY_WAYS 4

struct jwt_kept_key {
    struct digest_value id;
    struct verify_key *key;
    uint64_t used;
};

/* Zeroed at first; used by one thread at a time. */
struct jwt_keys {
    struct jwt_kept_key kept[JWT_KEY_SETS][JWT_KEY_WAYS];
    uint64_t uses;
};

/* Which key of which state of which set this token would have: what it is kept under. */
struct jwt_key_name {
    struct bytes instance;
    struct bytes set;
    uint64_t revision; /* of the set */
    const struct jwt_token *token;
};
struct digest_value jwt_key_id(const struct jwt_key_name *name);

struct verify_key *jwt_keys_find(struct jwt_keys *keys, const struct digest_value *id); /* NULL: not kept */
/* Keeps it in place of the one that was used the longest ago. NULL: no such key, or out of memory. */
struct verify_key *jwt_keys_prepare(struct jwt_keys *keys, const struct digest_value *id, const struct jwk *jwk);
void jwt_keys_destroy(struct jwt_keys *keys);

#endif
