/* Prepared statements, kept per connection. The set of SQL texts is small but depends on which filters callers combine, so the cache is
 * bounded and the statement that was idle longest goes first. */
#include "store/driver.h"

#include <stdio.h>
#include <string.h>

static bool statement_fits(const struct statement *statement, const char *sql, bool stream)
{
    return !statement->busy && statement->stream == stream && strcmp(statement->sql, sql) == 0;
}

static struct statement *statement_take(struct statement *statement)
{
    statement->busy = true;
    statement->last_use = ++statement->connection->uses;
    return statement;
}

/* Index of the statement idle longest; cached when all are busy. */
static size_t statement_oldest(const struct connection *connection)
{
    size_t oldest = connection->cached;
    for (size_t i = 0; i < connection->cached; i++) {
        if (connection->cache[i]->busy) continue;
        if (oldest == connection->cached || connection->cache[i]->last_use < connection->cache[oldest]->last_use) oldest = i;
    }
    return oldest;
}

static void statement_keep(struct connection *connection, struct statement *statement)
{
    if (connection->cached < STATEMENTS_CACHED) {
        connection->cache[connection->cached++] = statement;
        return;
    }
    size_t oldest = statement_oldest(connection);
    if (oldest == connection->cached) return; /* it goes when it is put back */
    connection->driver->finalise(connection->cache[oldest]);
    connection->cache[oldest] = statement;
}

struct statement *statement_get(struct connection *connection, const char *sql, bool stream)
{
    for (size_t i = 0; i < connection->cached; i++) {
        if (statement_fits(connection->cache[i], sql, stream)) return statement_take(connection->cache[i]);
    }
    struct statement *statement = connection->driver->prepare(connection, sql, stream);
    if (!statement) return NULL;
    statement_keep(connection, statement);
    return statement_take(statement);
}

static bool statement_is_kept(const struct statement *statement)
{
    const struct connection *connection = statement->connection;
    for (size_t i = 0; i < connection->cached; i++) {
        if (connection->cache[i] == statement) return true;
    }
    return false;
}

void statement_put(struct statement *statement)
{
    if (!statement) return;
    statement->connection->driver->reset(statement);
    statement->busy = false;
    if (!statement_is_kept(statement)) statement->connection->driver->finalise(statement);
}

void statements_drop(struct connection *connection)
{
    for (size_t i = 0; i < connection->cached; i++) connection->driver->finalise(connection->cache[i]);
    connection->cached = 0;
}

void connection_problem(struct connection *connection, const char *what, const char *detail)
{
    snprintf(connection->problem, sizeof connection->problem, "%s: %s", what, detail && *detail ? detail : "no detail");
    char *end = connection->problem + strlen(connection->problem);
    while (end[-1] == '\n') *--end = 0;
    for (char *c = connection->problem; c < end; c++) {
        if (*c == '\n') *c = ' '; /* PostgreSQL's reports have lines; a log entry has one */
    }
}
