/* The signature of a token: which key, and does it hold. */
#ifndef COUNTERSIGN_JWT_VERIFY_H
#define COUNTERSIGN_JWT_VERIFY_H

#include "jwt/keys.h"

/* A set as its keeper gives it. */
struct jwt_key_source {
    struct bytes instance; /* whose it is */
    struct bytes name;
    uint64_t revision; /* another one means that the set may be another */
    /* The set's text; only asked when the key is not kept. */
    enum jwt_verdict (*text)(void *context, struct arena *arena, struct bytes *text);
    void *context;
};

/* `keys` keeps what was made ready. The key decides by which algorithm (RFC 8725, 3.1), so the token's own word only picks among keys. */
enum jwt_verdict jwt_verify(struct arena *arena, const struct jwt_token *token, const struct jwt_key_source *source, struct jwt_keys *keys);

#endif
