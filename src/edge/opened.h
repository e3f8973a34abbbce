/* The worker's memory of secrets that it has opened lately. A secret is known by where it stands, sealed, in the map, in the transaction in
 * which it was opened: while the latest transaction has that id it cannot be another one (docs/decisions/0005). Fixed in size; a secret
 * that makes room is wiped. */
#ifndef COUNTERSIGN_EDGE_OPENED_H
#define COUNTERSIGN_EDGE_OPENED_H

#include "crypto/hmac.h"

#define OPENED_SLOTS 8192 /* a power of two */
#define OPENED_WAYS  2    /* slots among which one secret may stand; another power of two */
#define OPENED_MAX   80   /* longer secrets (private keys) stand apart */

#define OPENED_LONG_SLOTS 32
#define OPENED_LONG_MAX   4096 /* RSA-4096 in PKCS#8 and base64; longer ones are opened each time */

/* Beside the secret stands what every HMAC with it begins with. A usual secret fills two lines of the cache. */
struct opened_secret {
    const uint8_t *sealed;
    uint64_t stamp; /* transaction id + 1; 0 = empty */
    struct hmac_key hmac;
    uint8_t length;
    uint8_t secret[OPENED_MAX];
} __attribute__((aligned(64)));

/* Whoever makes something of a long secret (a parsed key) knows it again by the number of its opening. */
struct opened_longer {
    const uint8_t *sealed[OPENED_LONG_SLOTS];
    uint64_t stamps[OPENED_LONG_SLOTS];
    uint64_t numbers[OPENED_LONG_SLOTS];
    size_t lengths[OPENED_LONG_SLOTS];
    uint8_t secrets[OPENED_LONG_SLOTS][OPENED_LONG_MAX];
};

struct opened {
    struct opened_secret slots[OPENED_SLOTS];
    struct opened_longer longer;
};

/* Where a secret is kept is up to who asks, as long as he asks for it there again: a number whose upper bits are spread evenly. This one is
 * for who knows nothing before he has the sealed secret. */
uint64_t opened_place_of(const uint8_t *sealed);
/* The place of one of the secrets of a record, whose first one is at `place`. */
uint64_t opened_place_beside(uint64_t place, unsigned number);
/* The secret that stands sealed at `sealed`, borrowed until the next opened_keep; NULL when it is not known in this transaction. */
const struct opened_secret *opened_find(const struct opened *opened, uint64_t place, const uint8_t *sealed, uint64_t transaction);
void opened_keep(struct opened *opened, uint64_t place, const uint8_t *sealed, uint64_t transaction, struct bytes secret);
/* opened_find will be asked about this place soon. */
void opened_fetch(const struct opened *opened, uint64_t place);
/* The same for secrets longer than OPENED_MAX. Both give the number of the opening, which no other in the life of the process has; 0: not
 * known, or not kept. */
uint64_t opened_find_long(const struct opened *opened, const uint8_t *sealed, uint64_t transaction, struct bytes *secret);
uint64_t opened_keep_long(struct opened *opened, const uint8_t *sealed, uint64_t transaction, struct bytes secret);
/* All of it, wiped: the map moved, or the process ends. */
void opened_forget(struct opened *opened);

#endif
