/* Waiting for commits: of this process through a condition variable; of others by LISTEN (PostgreSQL) or by looking (SQLite). */
#include "store/pool.h"
#include "store/session.h"

#define WAIT_POLL_MS      250  /* SQLite: how soon a commit of another process is seen */
#define WAIT_RECONNECT_MS 1000 /* between attempts while the database is away */

static void watcher_drop(struct store *store)
{
    if (store->watcher) store->driver->disconnect(store->watcher);
    store->watcher = NULL;
}

/* The watcher is connected and subscribed before it reads the revision: a commit between the two wakes it, none falls in between. */
static bool watcher_ready(struct store *store)
{
    if (store->watcher) return true;
    store->watcher = pool_connect(store);
    if (!store->watcher) return false;
    if (!store->driver->listen || store->driver->listen(store->watcher)) return true;
    watcher_drop(store);
    return false;
}

/* Outside any transaction, so each call sees the newest. */
static bool watcher_look(struct store *store)
{
    int64_t revision;
    if (!watcher_ready(store)) return false;
    struct session session = {.store = store, .connection = store->watcher};
    if (session_number(&session, &(struct command){"SELECT value FROM revision", NULL, 0}, &revision) != STORE_OK) {
        watcher_drop(store);
        return false;
    }
    pool_committed(store, (uint64_t)revision);
    return true;
}

static uint64_t wait_committed(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    uint64_t committed = store->committed;
    pthread_mutex_unlock(&store->lock);
    return committed;
}

/* Until this process commits something behind `after`, at most `ms`. */
static void wait_here(struct store *store, uint64_t after, unsigned ms)
{
    struct timespec deadline = deadline_in(ms);
    int status = 0;
    pthread_mutex_lock(&store->lock);
    while (store->committed <= after && status == 0) status = pthread_cond_timedwait(&store->changed, &store->lock, &deadline);
    pthread_mutex_unlock(&store->lock);
}

static unsigned at_most(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static void wait_once(struct store *store, uint64_t after, unsigned ms)
{
    if (!store->watcher) {
        wait_here(store, after, at_most(ms, WAIT_RECONNECT_MS));
    } else if (!store->driver->await) {
        wait_here(store, after, at_most(ms, WAIT_POLL_MS));
    } else if (!store->driver->await(store->watcher, ms)) {
        watcher_drop(store);
    }
}

static void wait_watching(struct store *store, uint64_t after, const struct timespec *deadline)
{
    for (;;) {
        watcher_look(store);
        unsigned left = ms_until(deadline);
        if (wait_committed(store) > after || left == 0) return;
        wait_once(store, after, left);
    }
}

void store_wait(struct store *store, uint64_t after, unsigned timeout_ms)
{
    struct timespec deadline = deadline_in(timeout_ms);
    for (unsigned left = timeout_ms; wait_committed(store) <= after && left > 0; left = ms_until(&deadline)) {
        if (pthread_mutex_trylock(&store->watch) == 0) {
            wait_watching(store, after, &deadline);
            pthread_mutex_unlock(&store->watch);
            return;
        }
        wait_here(store, after, at_most(left, WAIT_POLL_MS)); /* somebody else watches, and what it sees wakes us */
    }
}
