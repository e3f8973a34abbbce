/* The worker's memory of secrets that it has opened lately. A secret is known by where it stands, sealed, in the map, in the transaction in
 * which it was opened: while the latest transaction has that id it cannot be another one (docs/decisions/0005). Fixed in size; a secret
 * that makes room is wiped. */
#ifndef COUNTERSIGN_EDGE_OPENED_H
#define COUNTERSIGN_EDGE_OPENED_H

#include "crypto/hmac.h"

#define OPENED_SLOTS 8192 /* a power of two */
#define OPENED_WAYS  2    /* slots among which one secret may stand; another power of two */
#define OPENED_MAX   80   /* longer secrets (private keys) are opened each time */

/* Beside the secret stands what every HMAC with it begins with. A usual secret fills two lines of the cache. */
struct opened_secret {
    const uint8_t *sealed;
    uint64_t stamp; /* transaction id + 1; 0 = empty */
    struct hmac_key hmac;
    uint8_t length;
    uint8_t secret[OPENED_MAX];
} __attribute__((aligned(64)));

struct opened {
    struct opened_secret slots[OPENED_SLOTS];
};

/* The secret that stands sealed at `sealed`, borrowed until the next opened_keep; NULL when it is not known in this transaction. */
const struct opened_secret *opened_find(const struct opened *opened, const uint8_t *sealed, uint64_t transaction);
void opened_keep(struct opened *opened, const uint8_t *sealed, uint64_t transaction, struct bytes secret);
/* All of it, wiped: the map moved, or the process ends. */
void opened_forget(struct opened *opened);

#endif
