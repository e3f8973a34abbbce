#include "store/store.h"

#include "store/bulk.h"
#include "store/migrations.h"
#include "store/pool.h"
#include "store/session.h"
#include "store/tracked.h"
#include "store/traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct driver *driver_of(const char *url)
{
    static const struct driver *const drivers[] = {&driver_sqlite, &driver_postgres};
    for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++) {
        if (bytes_start_with(bytes_of_text(url), bytes_of_text(drivers[i]->scheme))) return drivers[i];
    }
    return NULL;
}

static void cond_monotonic(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
}

static struct store *store_create(const struct driver *driver, const char *url)
{
    struct store *store = calloc(1, sizeof *store);
    char *copy = strdup(url);
    if (!store || !copy) {
        free(store);
        free(copy);
        return NULL;
    }
    store->driver = driver;
    store->url = copy;
    pthread_mutex_init(&store->lock, NULL);
    pthread_mutex_init(&store->watch, NULL);
    cond_monotonic(&store->freed);
    cond_monotonic(&store->changed);
    return store;
}

static bool store_migrate(struct store *store)
{
    struct connection *connection = pool_connect(store);
    if (!connection) return false;
    if (migrations_apply(connection)) {
        store->idle_writer = connection;
        return true;
    }
    pool_trouble(store, connection->problem);
    store->driver->disconnect(connection);
    return false;
}

/* Rows that are older than the pages of their names and the blocks of the audit. */
static bool store_fill(struct store *store)
{
    struct session *session = store_write_aside(store);
    if (session == NULL) return false;
    if (name_pages_fill(session) == STORE_OK && audit_blocks_fill(session) == STORE_OK) return store_commit(session) == STORE_OK;
    pool_trouble(store, session->connection->problem);
    store_abort(session);
    return false;
}

struct store *store_open(const char *url, char problem[static 256])
{
    const struct driver *driver = driver_of(url);
    if (!driver) {
        snprintf(problem, 256, "store: the URL must begin with sqlite: or postgresql:");
        return NULL;
    }
    struct store *store = store_create(driver, url);
    if (!store) {
        snprintf(problem, 256, "store: out of memory");
        return NULL;
    }
    if (store_migrate(store) && store_fill(store)) return store;
    store_trouble(store, problem);
    store_close(store);
    return NULL;
}

void store_close(struct store *store)
{
    if (!store) return;
    while (store->idle) {
        struct connection *connection = store->idle;
        store->idle = connection->next;
        store->driver->disconnect(connection);
    }
    if (store->idle_writer) store->driver->disconnect(store->idle_writer);
    if (store->watcher) store->driver->disconnect(store->watcher);
    pthread_cond_destroy(&store->changed);
    pthread_cond_destroy(&store->freed);
    pthread_mutex_destroy(&store->watch);
    pthread_mutex_destroy(&store->lock);
    free(store->url);
    free(store);
}

void store_trouble(struct store *store, char problem[static 256])
{
    pthread_mutex_lock(&store->lock);
    memcpy(problem, store->trouble, STORE_PROBLEM_SIZE);
    pthread_mutex_unlock(&store->lock);
}

static bool keep_revision(void *context, const struct value *row)
{
    struct session *session = context;
    session->revision = (uint64_t)row[0].integer;
    audit_point_set(&session->end, row[1].bytes, row[2].bytes);
    return false;
}

/* The first statement of every session: it fixes a reader's snapshot, and takes the row all writers queue for. */
static bool session_take_revision(struct session *session)
{
    static const char read[] = "SELECT value, audit_id, audit_chain FROM revision";
    static const char write[] = "UPDATE revision SET value = value + 1 RETURNING value, audit_id, audit_chain";
    static const char aside[] = "UPDATE revision SET value = value + 0 RETURNING value, audit_id, audit_chain";
    const char *sql = !session->writes ? read : session->aside ? aside : write;
    struct selection selection = {{sql, NULL, 0}, 3, false};
    return session_select(session, &selection, keep_revision, session) == STORE_OK;
}

static bool session_begin(struct session *session)
{
    const struct driver *driver = session->connection->driver;
    session->gone = false;
    const char *begin = session->writes ? driver->begin_write : driver->begin_read;
    return driver->exec(session->connection, begin) == STEP_DONE && session_take_revision(session);
}

static void session_disconnect(struct session *session)
{
    if (!session->connection) return;
    session->connection->driver->disconnect(session->connection);
    session->connection = NULL;
}

/* An idle connection may have died since it was last used (the server was restarted): then, and only here, a fresh one takes its place. */
static bool session_connect(struct session *session)
{
    if (session->connection && session_begin(session)) return true;
    bool again = !session->connection || session->connection->lost;
    if (session->connection) pool_trouble(session->store, session->connection->problem);
    session_disconnect(session);
    if (!again) return false;
    session->connection = pool_connect(session->store);
    if (!session->connection) return false;
    if (session_begin(session)) return true;
    pool_trouble(session->store, session->connection->problem);
    session_disconnect(session);
    return false;
}

static struct session *session_open(struct store *store, bool writes, bool aside)
{
    struct session *session = calloc(1, sizeof *session);
    if (!session) return NULL;
    session->store = store;
    session->writes = writes;
    session->aside = aside;
    if (!pool_take(store, writes, &session->connection)) {
        free(session);
        return NULL;
    }
    if (session_connect(session)) return session;
    pool_give(store, writes, NULL);
    free(session);
    return NULL;
}

struct session *store_read(struct store *store)
{
    return session_open(store, false, false);
}

struct session *store_write(struct store *store)
{
    return session_open(store, true, false);
}

struct session *store_write_aside(struct store *store)
{
    return session_open(store, true, true);
}

uint64_t store_revision(const struct session *session)
{
    return session->revision;
}

/* Ends the transaction with `sql`; a connection that did not manage is closed, which rolls back. *untidiness: what a commit has left. */
static enum store_result session_end(struct session *session, const char *sql, enum untidiness *untidiness)
{
    struct store *store = session->store;
    enum store_result result = STORE_OK;
    if (session->gone || session->connection->driver->exec(session->connection, sql) != STEP_DONE) {
        pool_trouble(store, session->connection->problem);
        session_disconnect(session);
        result = STORE_FAULT;
    } else if (session->writes && store->driver->untidiness != NULL) {
        *untidiness = store->driver->untidiness(session->connection);
    }
    pool_give(store, session->writes, session->connection);
    bulk_free(&session->bulk);
    audit_blocks_free(&session->blocks);
    free(session->tracking.touched);
    free(session);
    return result;
}

static void tidy(struct store *store, bool alone)
{
    struct connection *connection;
    if (!pool_take(store, alone, &connection)) return;
    if (connection == NULL) connection = pool_connect(store);
    if (connection != NULL) store->driver->tidy(connection, alone);
    pool_give(store, alone, connection);
}

enum store_result store_commit(struct session *session)
{
    struct store *store = session->store;
    enum untidiness untidiness = TIDY;
    bool writes = session->writes;
    uint64_t revision = session->revision;
    /* A fault is the session's: it ends as one. */
    if (writes && store_bulk_end(session) == STORE_OK && tracked_flush(session) == STORE_OK) audit_end(session);
    enum store_result result = session_end(session, writes ? store->driver->commit : "COMMIT", &untidiness);
    if (result == STORE_OK && writes) pool_committed(store, revision);
    if (untidiness != TIDY) tidy(store, false);
    if (untidiness == VERY_UNTIDY) tidy(store, true);
    return result;
}

void store_abort(struct session *session)
{
    enum untidiness untidiness;
    if (session) session_end(session, "ROLLBACK", &untidiness);
}

const char *store_problem(const struct session *session)
{
    return session->connection->problem;
}

const char *store_conflict(const struct session *session)
{
    return session->connection->conflict;
}
