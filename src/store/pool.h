/* The connections of a store. One writes (writers of this process queue for it here, those of other processes at the database), up to
 * POOL_READERS read, one watches for commits. A connection that met a fault is closed, never used again: what follows gets a fresh one, so
 * a transaction never goes on on another connection than it began on. */
#ifndef COUNTERSIGN_STORE_POOL_H
#define COUNTERSIGN_STORE_POOL_H

#include "store/driver.h"

#include <pthread.h>
#include <time.h>

#define POOL_READERS     16
#define POOL_PATIENCE_MS 30000

struct store {
    const struct driver *driver;
    char *url;
    pthread_mutex_t lock;
    pthread_cond_t freed;   /* a connection, or the right to write */
    pthread_cond_t changed; /* `committed` moved */
    struct connection *idle;
    struct connection *idle_writer;
    size_t readers; /* out or idle */
    bool writing;
    uint64_t committed;    /* the highest revision this process knows to be committed */
    pthread_mutex_t watch; /* held by the one thread that uses the watcher */
    struct connection *watcher;
    char trouble[STORE_PROBLEM_SIZE];
};

/* The right to read or to write, and an idle connection if there is one (else *connection is NULL: connect). False: none within
 * POOL_PATIENCE_MS. */
bool pool_take(struct store *store, bool writes, struct connection **connection);
/* Gives the right back, and the connection for reuse; NULL when it was closed. */
void pool_give(struct store *store, bool writes, struct connection *connection);
/* A fresh connection; NULL with store->trouble set. */
struct connection *pool_connect(struct store *store);
void pool_trouble(struct store *store, const char *problem);
/* A commit of `revision` is known: wakes store_wait. */
void pool_committed(struct store *store, uint64_t revision);

struct timespec deadline_in(unsigned ms);
unsigned ms_until(const struct timespec *deadline);

#endif
