/* How many requests are admitted in a period: of an API, and of each of its callers (request throttling policies). Periods begin where
 * Unix time is a multiple of them. */
#ifndef COUNTERSIGN_POLICY_THROTTLE_H
#define COUNTERSIGN_POLICY_THROTTLE_H

#include "base/buffer.h"
#include "credential/credential.h"

/* Whose requests a limit counts. Stored in the edge: never renumber. */
enum throttle_kind {
    THROTTLE_API = 0,
    THROTTLE_USER = 1, /* of an API of type IAM: the user; else the account, that is all apps and consumers together */
    THROTTLE_APP = 2,
    THROTTLE_CONSUMER = 3,
    THROTTLE_IP = 4,
    THROTTLE_KINDS
};

#define THROTTLE_MOST_CALLS    2147483647
#define THROTTLE_MOST_SECONDS  (90 * 24 * 3600)
#define THROTTLE_MOST_SPECIALS 60
#define THROTTLE_MAX_ID        255

struct throttle {
    struct bytes id;
    bool shared;                     /* all APIs that are bound to it count together, otherwise each for itself */
    uint32_t seconds;                /* 1 to THROTTLE_MOST_SECONDS */
    uint32_t limits[THROTTLE_KINDS]; /* 0: none of this kind */
    struct bytes specials;           /* a run of throttle_special_add */
};

/* A caller with a limit of his own. */
struct throttle_special {
    enum throttle_kind kind; /* user, app or consumer */
    uint32_t limit;          /* in place of the policy's; 1 or more */
    struct bytes id;         /* of the principal, at most THROTTLE_MAX_ID bytes */
};
void throttle_special_add(struct buffer *out, const struct throttle_special *special);
/* The next of the run; false at its end, or where it is damaged: *rest is empty after the former only. */
bool throttle_special_next(struct bytes *rest, struct throttle_special *special);

/* Kind of the limit that counts this principal's requests by himself: THROTTLE_KINDS for none. */
enum throttle_kind throttle_kind_of(enum principal_kind kind);
/* The limit of a kind for a principal: his special one, otherwise the policy's. 0: none. */
uint32_t throttle_limit(const struct throttle *throttle, enum throttle_kind kind, struct bytes principal_id);

const char *throttle_kind_name(enum throttle_kind kind); /* "api", "user", "app", "consumer", "ip" */

#endif
