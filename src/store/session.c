#include "store/session.h"

#include <stdio.h>

enum store_result session_fault(struct session *session, const char *what)
{
    if (what) snprintf(session->connection->problem, sizeof session->connection->problem, "%s", what);
    session->gone = true;
    return STORE_FAULT;
}

/* Ends a step that yields no row. */
static enum store_result session_outcome(struct session *session, enum step step)
{
    switch (step) {
    case STEP_ROW:
    case STEP_DONE:
        return STORE_OK;
    case STEP_CONFLICT:
        return STORE_CONFLICT;
    case STEP_FAULT:
        break;
    }
    return session_fault(session, NULL);
}

/* A statement ready to step; NULL after a fault. */
static struct statement *session_start(struct session *session, const struct command *command, bool stream)
{
    if (session->bulk.pending) bulk_write(session);
    if (session->gone) return NULL;
    struct statement *statement = statement_get(session->connection, command->sql, stream);
    if (statement && session->connection->driver->bind(statement, command->parameters, command->count)) return statement;
    statement_put(statement);
    session_fault(session, NULL);
    return NULL;
}

enum store_result session_run(struct session *session, const struct command *command, int64_t *affected)
{
    struct statement *statement = session_start(session, command, false);
    if (!statement) return STORE_FAULT;
    const struct driver *driver = session->connection->driver;
    enum store_result result = session_outcome(session, driver->step(statement));
    if (affected) *affected = result == STORE_OK ? driver->affected(statement) : 0;
    statement_put(statement);
    return result;
}

static bool session_exec(struct session *session, const char *sql)
{
    if (session->bulk.pending && bulk_write(session) != STORE_OK) return false;
    if (session->connection->driver->exec(session->connection, sql) == STEP_DONE) return true;
    session_fault(session, NULL);
    return false;
}

enum store_result session_run_guarded(struct session *session, const struct command *command, int64_t *affected)
{
    if (!session->connection->driver->conflict_ends_transaction) return session_run(session, command, affected);
    if (session->gone || !session_exec(session, "SAVEPOINT guard")) return STORE_FAULT;
    enum store_result result = session_run(session, command, affected);
    if (result == STORE_FAULT) return result;
    const char *end = result == STORE_CONFLICT ? "ROLLBACK TO SAVEPOINT guard; RELEASE SAVEPOINT guard" : "RELEASE SAVEPOINT guard";
    return session_exec(session, end) ? result : STORE_FAULT;
}

enum store_result session_select(struct session *session, const struct selection *selection, row_each each, void *context)
{
    struct value row[ENTITY_MAX_COLUMNS];
    struct statement *statement = session_start(session, &selection->command, selection->stream);
    if (!statement) return STORE_FAULT;
    const struct driver *driver = session->connection->driver;
    enum step step;
    while ((step = driver->step(statement)) == STEP_ROW) {
        for (size_t i = 0; i < selection->columns; i++) row[i] = driver->column(statement, i);
        if (!each(context, row)) break;
    }
    enum store_result result = session_outcome(session, step);
    statement_put(statement);
    return session->gone ? STORE_FAULT : result; /* `each` may have met a fault of its own */
}

static bool number_each(void *context, const struct value *row)
{
    *(struct value *)context = row[0];
    return false;
}

enum store_result session_number(struct session *session, const struct command *command, int64_t *number)
{
    struct value found = value_null();
    enum store_result result = session_select(session, &(struct selection){*command, 1, false}, number_each, &found);
    if (result != STORE_OK) return result;
    if (found.type != VALUE_INTEGER) return session_fault(session, "a number was expected");
    *number = found.integer;
    return STORE_OK;
}
