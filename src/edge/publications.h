/* Decoded publications, kept by the worker and shared by its requests by reference count: a warm request decodes nothing. */
#ifndef COUNTERSIGN_EDGE_PUBLICATIONS_H
#define COUNTERSIGN_EDGE_PUBLICATIONS_H

#include "edge/edge.h"

#define PUBLICATION_SLOTS 4096 /* a power of two */

struct kept_publication;

struct publications {
    uint64_t seed;
    uint64_t last_serial;
    struct kept_publication *slots[PUBLICATION_SLOTS];
    struct kept_publication *retired; /* replaced within this transaction; its callers may still look at them */
};

struct publication_name {
    struct bytes instance;
    struct bytes api_id;
    struct bytes environment_id;
};

/* One that was checked in this very transaction, or NULL. */
const struct publication *publications_find(struct publications *publications, const struct publication_name *name, uint64_t transaction);
/* The decoded form of `value` (the kept one when the bytes are the same), stamped with `transaction`. NULL: it does not decode, is of
 * another name, or there is no memory. */
const struct publication *publications_keep(struct publications *publications, const struct publication_name *name, uint64_t transaction,
                                            struct bytes value);
/* The transaction ended: what was replaced goes, unless it is held. */
void publications_settle(struct publications *publications);
void publications_forget(struct publications *publications);

#endif
