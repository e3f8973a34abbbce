/* Key pairs in the credential table: the secret sealed, the public half the look-up of the edge. */
#ifndef COUNTERSIGN_CONTROL_KEY_PAIRS_H
#define COUNTERSIGN_CONTROL_KEY_PAIRS_H

#include "control/resource.h"
#include "credential/credential.h"

struct key_pair {
    enum principal_kind kind;
    struct bytes principal_id;
    struct bytes key;    /* the public half */
    struct bytes secret; /* in clear */
    bool generated;      /* the secret is ours, not the caller's choice */
};

struct new_secret {
    struct bytes secret;
    bool generated;
    int64_t overlap_seconds; /* how long the secret before goes on to count; 0: not a request longer */
};

/* For audit rows: which, whose, since when. A key that another principal has gives APIG.3310. */
extern const struct resource resource_key_pair;

/* In all of these `words` describes the resource as which the key pair is answered and audited.
 *
 * A new credential, usable with every signature scheme; fills `row`. */
bool key_pair_add(struct call *call, const struct resource *words, const struct key_pair *pair, struct value *row);
/* The principal's key pair of this key, which has to be there (otherwise a fault). */
bool key_pair_load(struct call *call, const struct key_pair *pair, struct value *row);
/* Writes the row over `before`: key or state may differ, the secrets stay what they are. */
bool key_pair_update(struct call *call, const struct resource *words, const struct value *before, struct value *after);
bool key_pair_reset(struct call *call, const struct resource *words, const struct value *before, const struct new_secret *new);
/* Its secret in clear, in the arena. */
bool key_pair_open(struct call *call, const struct value *row, struct bytes *secret);
bool key_pair_remove(struct call *call, const struct resource *words, const struct value *row);

/* Seals a secret into a column of a credential, for the revision that the row carries, which must be that of this write. False: a fault. */
bool credential_seal_secret(struct call *call, struct bytes secret, size_t column, struct value *row);
bool credential_open_secret(struct call *call, const struct value *row, size_t column, struct bytes *secret);
/* Tells the edge to look at every credential of the principal again (enabled or disabled). */
bool credentials_touch(struct call *call, enum principal_kind kind, struct bytes principal_id);
/* Removes every credential of the principal. */
bool credentials_remove(struct call *call, enum principal_kind kind, struct bytes principal_id);

#endif
