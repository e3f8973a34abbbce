/* Through these few functions admission learns what the world knows. edge/ and store/ implement them for real, a test with an array. */
#ifndef COUNTERSIGN_ADMIT_DIRECTORY_H
#define COUNTERSIGN_ADMIT_DIRECTORY_H

#include "base/arena.h"
#include "credential/credential.h"
#include "policy/publication.h"

enum found { FOUND, FOUND_NOTHING, FOUND_FAULT /* the directory itself failed: 503, fail closed */ };

enum nonce_answer {
    NONCE_UNSEEN, /* and from now on remembered: exactly one of any number of parallel callers is told so */
    NONCE_SEEN,
    NONCE_QUOTA, /* the principal has used up its share of the memory: refuse */
    NONCE_FULL,  /* there is no room, or `until` is further away than NONCE_MOST_SECONDS: refuse */
    NONCE_FAULT
};

#define NONCE_MOST_SECONDS (7 * 24 * 3600)

/* A nonce belongs to a credential of the directory's instance. */
struct nonce_use {
    const struct principal *principal;
    struct bytes credential_id;
    struct bytes key_id; /* what the caller presented; empty: a token */
    struct bytes nonce;
    int64_t until; /* last second (Unix) at which a copy of the request could be admitted */
    int64_t made;  /* when the request says it was made, and signed that; 0: at any time */
    int64_t now;
    uint64_t place[3]; /* what nonce_soon noted for nonce; all 0: nothing */
};

/* Keys that tokens are checked with. */
struct key_set {
    uint64_t revision; /* another one: the set may be another */
    struct bytes text; /* JWKS (RFC 7517, 5) */
};

struct directory {
    void *context;
    /* A key pair by its public key id, within the directory's instance. Secrets unsealed into the arena. */
    enum found (*key_pair)(void *context, struct bytes key_id, struct arena *arena, struct credential *credential);
    /* An API key by its keyed hash; the implementation applies the pepper. */
    enum found (*api_key)(void *context, struct bytes secret, struct arena *arena, struct credential *credential);
    /* A consumer's token credential, by what it is filed under (jwt_holder_name). */
    enum found (*token)(void *context, struct bytes name, struct arena *arena, struct credential *credential);
    /* A key set by its name; without arena only its revision. */
    enum found (*key_set)(void *context, struct bytes name, struct arena *arena, struct key_set *set);
    /* May the principal of this credential, as found by one of the above, call this API in its environment? *not_after: last second,
     * Unix; 0 = no end. */
    enum found (*authorisation)(void *context, const struct credential *caller, const struct publication *publication, int64_t *not_after);
    /* Has this nonce been used? Asked last of all, once per request: a nonce is remembered only for a request that is otherwise admitted.
     */
    enum nonce_answer (*nonce)(void *context, const struct nonce_use *use);
    /* Or NULL. A nonce of whoever presents this key id may be asked about soon: what is kept of him can be fetched. */
    void (*nonces_of)(void *context, struct bytes key_id);
    /* Or NULL. `nonce` will be asked about the same use without delay if the proof holds, so what it looks at can be fetched meanwhile. */
    void (*nonce_soon)(void *context, struct nonce_use *use);
};

#endif
