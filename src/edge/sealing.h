/* Secrets inside records: sealed with the node key and bound to instance, kind, key, field and revision, so that a sealed secret
 * moved to another record, or put back from an older one, does not open. */
#ifndef COUNTERSIGN_EDGE_SEALING_H
#define COUNTERSIGN_EDGE_SEALING_H

#include "edge/keys.h"

struct sealed_place {
    struct bytes instance;
    enum edge_kind kind;
    struct bytes key; /* public key id, sign id */
    uint8_t field;    /* which secret of the record */
    uint64_t revision;
};

#define SEALED_MAX_SECRET 8192 /* a private RSA key in text is the longest */

/* Fields of a signature key. */
enum { SEALED_SECRET = 0, SEALED_KEY = 1, SEALED_NEXT_SECRET = 2, SEALED_NEXT_KEY = 3 };
/* Of AES the "key" is the key itself; of all others it is a name, or public. */
static inline bool signature_key_is_secret(const struct signature_key *key)
{
    return key->type == SIGNATURE_AES;
}

/* Draws a nonce. False: no randomness, empty (anybody could compute its MACs), too long, or no room in `out`. */
bool secret_seal(struct seal *seal, const struct sealed_place *place, struct bytes secret, struct buffer *out);
/* Into the arena. False: not sealed by this key for this place, or the arena is full. */
bool secret_unseal(struct seal *seal, const struct sealed_place *place, struct arena *arena, struct bytes *secret);

#endif
