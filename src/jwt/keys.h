/* Keys made ready, kept by their user (a worker): making one costs many times its use. Bounded; what makes room is wiped. */
#ifndef COUNTERSIGN_JWT_KEYS_H
#define COUNTERSIGN_JWT_KEYS_H

#include "jwt/jwk.h"

#define JWT_KEY_SETS 64 /* a power of two */
#define JWT_KEY_WAYS 4

#define JWT_KEY_NAME_MAX 512 /* with the longest kid there is room for 200 bytes of instance and set */

/* What a key is kept under: revision, algorithm, instance, set and kid in one run of bytes. */
struct jwt_key_id {
    uint64_t hash;
    uint16_t length; /* 0: it does not fit, and no key is found or made by it */
    uint8_t bytes[JWT_KEY_NAME_MAX];
};

struct jwt_kept_key {
    struct verify_key *key;
    uint64_t used;
    struct jwt_key_id id;
};

/* Zeroed at first; used by one thread at a time. */
struct jwt_keys {
    struct jwt_kept_key kept[JWT_KEY_SETS][JWT_KEY_WAYS];
    uint64_t uses;
};

/* Which key of which state of which set this token would have. */
struct jwt_key_name {
    struct bytes instance;
    struct bytes set;
    uint64_t revision; /* of the set */
    const struct jwt_token *token;
};
void jwt_key_id(const struct jwt_key_name *name, struct jwt_key_id *id);

struct verify_key *jwt_keys_find(struct jwt_keys *keys, const struct jwt_key_id *id); /* NULL: not kept */
/* Keeps it in place of the one that was used the longest ago. NULL: no such key, or out of memory. */
struct verify_key *jwt_keys_prepare(struct jwt_keys *keys, const struct jwt_key_id *id, const struct jwk *jwk);
void jwt_keys_destroy(struct jwt_keys *keys);

#endif
