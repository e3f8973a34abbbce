/* PostgreSQL, for several nodes. Parameters and results travel in binary form, so no value is ever quoted or escaped. Writers run READ
 * COMMITTED, which is enough because each takes the revision row before anything else and so sees all that committed before it; readers run
 * REPEATABLE READ, one snapshot for the whole session. */
#include "base/buffer.h"
#include "store/driver.h"

#include <libpq-fe.h>

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FETCH_ROWS 500
/* Types of PostgreSQL's catalogue (pg_type.dat): their numbers never change. */
enum { OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25 };

struct postgres_connection {
    struct connection base;
    PGconn *handle; /* NULL while the connection is being given up */
    unsigned serial;
};

struct postgres_statement {
    struct statement base;
    unsigned number; /* s<number> on the server, or the cursor c<number> */
    PGresult *result;
    int row;
    bool cursor_open;
    int count;
    const char *values[STATEMENT_MAX_PARAMETERS];
    int lengths[STATEMENT_MAX_PARAMETERS];
    uint8_t integers[STATEMENT_MAX_PARAMETERS][8];
};

static struct postgres_connection *postgres_of(struct connection *connection)
{
    return (struct postgres_connection *)connection;
}

static PGconn *postgres_handle(const struct statement *statement)
{
    return postgres_of(statement->connection)->handle;
}

static enum step postgres_fault(struct connection *connection)
{
    PGconn *handle = postgres_of(connection)->handle;
    connection_problem(connection, "postgresql", PQerrorMessage(handle));
    if (PQstatus(handle) == CONNECTION_BAD) connection->lost = true;
    return STEP_FAULT;
}

/* SQLSTATE 23505: unique_violation (PostgreSQL, appendix A). */
static enum step postgres_refused(struct connection *connection, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *name = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    if (!state || !name || strcmp(state, "23505") != 0) return postgres_fault(connection);
    snprintf(connection->conflict, sizeof connection->conflict, "%s", name);
    return STEP_CONFLICT;
}

static enum step postgres_outcome(struct connection *connection, const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK) return STEP_ROW;
    if (status == PGRES_COMMAND_OK) return STEP_DONE;
    return postgres_refused(connection, result);
}

/* COMMIT of a transaction that had failed answers "ROLLBACK" without an error: nobody may take that for a commit. */
static bool postgres_rolled_back_instead(const char *sql, PGresult *result)
{
    return strcmp(PQcmdStatus(result), "ROLLBACK") == 0 && strncmp(sql, "ROLLBACK", strlen("ROLLBACK")) != 0;
}

static enum step postgres_exec(struct connection *connection, const char *sql)
{
    PGresult *result = PQexec(postgres_of(connection)->handle, sql);
    enum step step = postgres_outcome(connection, result);
    if (step != STEP_FAULT && postgres_rolled_back_instead(sql, result)) {
        connection_problem(connection, "postgresql", "the transaction was rolled back");
        step = STEP_FAULT;
    }
    PQclear(result);
    return step == STEP_ROW ? STEP_DONE : step;
}

static void postgres_disconnect(struct connection *connection)
{
    PQfinish(postgres_of(connection)->handle);
    postgres_of(connection)->handle = NULL;
    statements_drop(connection);
    free(connection);
}

static void postgres_keep_quiet(void *context, const PGresult *result)
{
    (void)context, (void)result;
}

/* What the operator's URL says wins over what stands before dbname; nothing wins over the encoding. Of several hosts the one that takes
 * writes is wanted. */
static PGconn *postgres_dial(const char *url)
{
    static const char *const names[] = {"connect_timeout",      "keepalives_idle",
                                        "keepalives_interval",  "keepalives_count",
                                        "tcp_user_timeout",     "fallback_application_name",
                                        "target_session_attrs", "dbname",
                                        "client_encoding",      NULL};
    const char *const values[] = {"5", "30", "10", "3", "30000", "countersign", "read-write", url, "UTF8", NULL};
    return PQconnectdbParams(names, values, 1);
}

/* A node that dies in the middle of a write must not hold the revision row for long, and whoever waits for it must not wait for ever. An
 * answered commit outlives a crash whatever the server's default is. */
static bool postgres_set_up(struct connection *connection)
{
    PGconn *handle = postgres_of(connection)->handle;
    if (PQstatus(handle) != CONNECTION_OK) {
        postgres_fault(connection);
        return false;
    }
    PQsetNoticeReceiver(handle, postgres_keep_quiet, NULL);
    const char *encoding = PQparameterStatus(handle, "server_encoding");
    if (!encoding || strcmp(encoding, "UTF8") != 0) {
        connection_problem(connection, "postgresql", "the database must be encoded in UTF8");
        return false;
    }
    return postgres_exec(connection, "SET standard_conforming_strings = on; SET lock_timeout = '30s';"
                                     "SET idle_in_transaction_session_timeout = '60s'; SET jit = off;"
                                     "SELECT set_config('synchronous_commit', 'on', false)"
                                     " WHERE current_setting('synchronous_commit') = 'off'") == STEP_DONE;
}

static struct connection *postgres_connect(const char *url, char problem[static STORE_PROBLEM_SIZE])
{
    struct postgres_connection *connection = calloc(1, sizeof *connection);
    if (!connection) return NULL;
    connection->base.driver = &driver_postgres;
    connection->handle = postgres_dial(url);
    if (postgres_set_up(&connection->base)) return &connection->base;
    memcpy(problem, connection->base.problem, STORE_PROBLEM_SIZE);
    postgres_disconnect(&connection->base);
    return NULL;
}

static void statement_name(const struct postgres_statement *statement, char name[static 16])
{
    snprintf(name, 16, "%c%u", statement->base.stream ? 'c' : 's', statement->number);
}

static struct statement *postgres_prepare(struct connection *connection, const char *sql, bool stream)
{
    struct postgres_statement *statement = calloc(1, sizeof *statement);
    if (!statement) return NULL;
    statement->base.connection = connection;
    statement->base.stream = stream;
    statement->base.sql = strdup(sql);
    statement->number = ++postgres_of(connection)->serial;
    if (!statement->base.sql) {
        free(statement);
        return NULL;
    }
    if (stream) return &statement->base; /* a cursor is declared anew each time */
    char name[16];
    statement_name(statement, name);
    PGresult *result = PQprepare(postgres_of(connection)->handle, name, sql, 0, NULL);
    bool prepared = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (prepared) return &statement->base;
    postgres_fault(connection);
    free(statement->base.sql);
    free(statement);
    return NULL;
}

static void postgres_finalise(struct statement *base)
{
    struct postgres_statement *statement = (struct postgres_statement *)base;
    if (postgres_handle(base) && !base->stream) {
        char sql[32] = "DEALLOCATE ";
        statement_name(statement, sql + strlen(sql));
        PQclear(PQexec(postgres_handle(base), sql));
    }
    PQclear(statement->result);
    free(base->sql);
    free(statement);
}

static void encode_integer(uint8_t out[static 8], int64_t integer)
{
    struct buffer buffer = buffer_over(out, 8);
    buffer_add_u64(&buffer, (uint64_t)integer);
}

static int64_t decode_integer(const char *data)
{
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++) number = number << 8 | (uint8_t)data[i];
    return (int64_t)number;
}

static void postgres_bind_one(struct postgres_statement *statement, size_t index, const struct value *value)
{
    switch (value->type) {
    case VALUE_INTEGER:
        encode_integer(statement->integers[index], value->integer);
        statement->values[index] = (const char *)statement->integers[index];
        statement->lengths[index] = 8;
        return;
    case VALUE_TEXT:
    case VALUE_BLOB:
        statement->values[index] = value->bytes.length ? (const char *)value->bytes.data : "";
        statement->lengths[index] = (int)value->bytes.length;
        return;
    case VALUE_NULL:
        break;
    }
    statement->values[index] = NULL;
    statement->lengths[index] = 0;
}

static bool postgres_bind(struct statement *base, const struct value *parameters, size_t count)
{
    struct postgres_statement *statement = (struct postgres_statement *)base;
    for (size_t i = 0; i < count; i++) {
        if (parameters[i].bytes.length > INT_MAX) {
            connection_problem(base->connection, "postgresql", "a value is too long");
            return false;
        }
        postgres_bind_one(statement, i, &parameters[i]);
    }
    statement->count = (int)count;
    return true;
}

static PGresult *postgres_execute(struct postgres_statement *statement)
{
    static const int formats[STATEMENT_MAX_PARAMETERS] = {[0 ... STATEMENT_MAX_PARAMETERS - 1] = 1};
    PGconn *handle = postgres_handle(&statement->base);
    char name[16], declare[4608];
    statement_name(statement, name);
    if (!statement->base.stream) return PQexecPrepared(handle, name, statement->count, statement->values, statement->lengths, formats, 1);
    int length = snprintf(declare, sizeof declare, "DECLARE %s NO SCROLL CURSOR FOR %s", name, statement->base.sql);
    if (length < 0 || (size_t)length >= sizeof declare) return NULL;
    return PQexecParams(handle, declare, statement->count, NULL, statement->values, statement->lengths, formats, 1);
}

static PGresult *postgres_fetch(struct postgres_statement *statement)
{
    char fetch[64], name[16];
    statement_name(statement, name);
    snprintf(fetch, sizeof fetch, "FETCH FORWARD %d FROM %s", FETCH_ROWS, name);
    return PQexecParams(postgres_handle(&statement->base), fetch, 0, NULL, NULL, NULL, NULL, 1);
}

/* Takes `result` as the statement's current one. */
static enum step postgres_accept(struct postgres_statement *statement, PGresult *result)
{
    PQclear(statement->result);
    statement->result = result;
    statement->row = -1;
    return postgres_outcome(statement->base.connection, result);
}

/* The first result, or the next batch of a cursor. STEP_ROW: a result that may hold rows. */
static enum step postgres_advance(struct postgres_statement *statement)
{
    if (!statement->result) {
        enum step step = postgres_accept(statement, postgres_execute(statement));
        if (!statement->base.stream || step != STEP_DONE) return step;
        statement->cursor_open = true;
        return postgres_accept(statement, postgres_fetch(statement));
    }
    if (!statement->cursor_open || PQntuples(statement->result) < FETCH_ROWS) return STEP_DONE;
    return postgres_accept(statement, postgres_fetch(statement));
}

static enum step postgres_step(struct statement *base)
{
    struct postgres_statement *statement = (struct postgres_statement *)base;
    if (statement->result && ++statement->row < PQntuples(statement->result)) return STEP_ROW;
    enum step step = postgres_advance(statement);
    if (step != STEP_ROW) return step;
    return ++statement->row < PQntuples(statement->result) ? STEP_ROW : STEP_DONE;
}

static struct value postgres_column(struct statement *base, size_t index)
{
    struct postgres_statement *statement = (struct postgres_statement *)base;
    int column = (int)index;
    if (PQgetisnull(statement->result, statement->row, column)) return value_null();
    const char *data = PQgetvalue(statement->result, statement->row, column);
    struct bytes bytes = bytes_of(data, (size_t)PQgetlength(statement->result, statement->row, column));
    switch (PQftype(statement->result, column)) {
    case OID_INT8:
        return value_integer(decode_integer(data));
    case OID_BYTEA:
        return value_blob(bytes);
    default:
        return value_text(bytes);
    }
}

static int64_t postgres_affected(struct statement *base)
{
    struct postgres_statement *statement = (struct postgres_statement *)base;
    return strtoll(PQcmdTuples(statement->result), NULL, 10);
}

static void postgres_reset(struct statement *base)
{
    struct postgres_statement *statement = (struct postgres_statement *)base;
    PQclear(statement->result);
    statement->result = NULL;
    if (!statement->cursor_open) return;
    statement->cursor_open = false;
    char sql[32] = "CLOSE ";
    statement_name(statement, sql + strlen(sql));
    if (PQtransactionStatus(postgres_handle(base)) == PQTRANS_INTRANS) PQclear(PQexec(postgres_handle(base), sql));
}

static enum step postgres_copy(struct connection *connection, const char *sql, struct bytes rows)
{
    PGconn *handle = postgres_of(connection)->handle;
    PGresult *result = PQexec(handle, sql);
    bool ready = PQresultStatus(result) == PGRES_COPY_IN;
    for (size_t at = 0; ready && at < rows.length;) {
        size_t length = rows.length - at < INT_MAX / 2 ? rows.length - at : INT_MAX / 2;
        if (PQputCopyData(handle, (const char *)rows.data + at, (int)length) != 1) break;
        at += length;
    }
    if (ready) {
        PQclear(result);
        PQputCopyEnd(handle, NULL);
        result = PQgetResult(handle);
    }
    enum step step = postgres_outcome(connection, result);
    PQclear(result);
    while (ready && (result = PQgetResult(handle)) != NULL) PQclear(result);
    return step;
}

static bool postgres_listen(struct connection *connection)
{
    return postgres_exec(connection, "LISTEN countersign") == STEP_DONE;
}

static bool postgres_was_notified(PGconn *handle)
{
    bool notified = false;
    for (PGnotify *notify; (notify = PQnotifies(handle)); notified = true) PQfreemem(notify);
    return notified;
}

static bool postgres_await(struct connection *connection, unsigned timeout_ms)
{
    PGconn *handle = postgres_of(connection)->handle;
    if (postgres_was_notified(handle)) return true; /* arrived together with the last answer */
    struct pollfd socket = {.fd = PQsocket(handle), .events = POLLIN};
    if (poll(&socket, 1, timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms) <= 0) return true;
    if (PQconsumeInput(handle)) {
        postgres_was_notified(handle);
        return true;
    }
    connection->lost = true;
    return false;
}

const struct driver driver_postgres = {
    .scheme = "postgresql:",
    .dialect = {.text = "TEXT COLLATE \"C\"", .integer = "BIGINT", .blob = "BYTEA", .table = ""},
    .begin_migration = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    .lock_migration = "SELECT pg_advisory_xact_lock(4846391)",
    .begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    .begin_write = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    .commit = "NOTIFY countersign; COMMIT",
    .distant = true,
    .conflict_ends_transaction = true,
    .connect = postgres_connect,
    .disconnect = postgres_disconnect,
    .exec = postgres_exec,
    .prepare = postgres_prepare,
    .finalise = postgres_finalise,
    .bind = postgres_bind,
    .step = postgres_step,
    .column = postgres_column,
    .affected = postgres_affected,
    .reset = postgres_reset,
    .copy = postgres_copy,
    .listen = postgres_listen,
    .await = postgres_await,
};
