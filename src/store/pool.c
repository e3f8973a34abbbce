#include "store/pool.h"

#include <stdio.h>
#include <string.h>

struct timespec deadline_in(unsigned ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_nsec -= 1000000000;
        at.tv_sec++;
    }
    return at;
}

unsigned ms_until(const struct timespec *deadline)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t ms = (int64_t)(deadline->tv_sec - now.tv_sec) * 1000 + (deadline->tv_nsec - now.tv_nsec) / 1000000;
    return ms > 0 ? (unsigned)ms : 0;
}

static void pool_note(struct store *store, const char *problem)
{
    snprintf(store->trouble, sizeof store->trouble, "%s", problem);
}

void pool_trouble(struct store *store, const char *problem)
{
    pthread_mutex_lock(&store->lock);
    pool_note(store, problem);
    pthread_mutex_unlock(&store->lock);
}

static bool pool_is_exhausted(const struct store *store, bool writes)
{
    return writes ? store->writing : !store->idle && store->readers >= POOL_READERS;
}

static struct connection *pool_claim(struct store *store, bool writes)
{
    struct connection *connection;
    if (writes) {
        store->writing = true;
        connection = store->idle_writer;
        store->idle_writer = NULL;
        return connection;
    }
    connection = store->idle;
    if (connection) {
        store->idle = connection->next;
    } else {
        store->readers++;
    }
    return connection;
}

bool pool_take(struct store *store, bool writes, struct connection **connection)
{
    struct timespec deadline = deadline_in(POOL_PATIENCE_MS);
    int status = 0;
    pthread_mutex_lock(&store->lock);
    while (pool_is_exhausted(store, writes) && status == 0) status = pthread_cond_timedwait(&store->freed, &store->lock, &deadline);
    bool taken = !pool_is_exhausted(store, writes);
    if (taken) {
        *connection = pool_claim(store, writes);
    } else {
        pool_note(store, writes ? "another write has held the store for 30 seconds" : "all connections are in use");
    }
    pthread_mutex_unlock(&store->lock);
    return taken;
}

void pool_give(struct store *store, bool writes, struct connection *connection)
{
    pthread_mutex_lock(&store->lock);
    if (writes) {
        store->writing = false;
        store->idle_writer = connection;
    } else if (connection) {
        connection->next = store->idle;
        store->idle = connection;
    } else {
        store->readers--;
    }
    pthread_cond_broadcast(&store->freed);
    pthread_mutex_unlock(&store->lock);
}

struct connection *pool_connect(struct store *store)
{
    char problem[STORE_PROBLEM_SIZE] = "out of memory";
    struct connection *connection = store->driver->connect(store->url, problem);
    if (!connection) pool_trouble(store, problem);
    return connection;
}

void pool_committed(struct store *store, uint64_t revision)
{
    pthread_mutex_lock(&store->lock);
    if (revision > store->committed) {
        store->committed = revision;
        pthread_cond_broadcast(&store->changed);
    }
    pthread_mutex_unlock(&store->lock);
}
