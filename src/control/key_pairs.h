/* The key pair of a principal in the credential table: its secret sealed, its public half the look-up of the edge. */
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

/* A new credential, usable with every signature scheme. A key that another principal has gives APIG.3310. */
bool key_pair_add(struct call *call, const struct key_pair *pair);
/* Gives the principal's key pair another key (empty: as it is) or another secret (empty: as it is). */
bool key_pair_change(struct call *call, const struct key_pair *pair);
/* Tells the edge to look at every credential of the principal again (enabled or disabled). */
bool credentials_touch(struct call *call, enum principal_kind kind, struct bytes principal_id);
/* Removes every credential of the principal. */
bool credentials_remove(struct call *call, enum principal_kind kind, struct bytes principal_id);

#endif
