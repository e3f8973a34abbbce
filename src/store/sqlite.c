/* SQLite, for one node. WAL: readers see snapshots and never wait for the writer; synchronous=FULL: an answered commit outlives a crash of
 * the machine. */
#include "store/driver.h"

#include <sqlite3.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SQLITE_BUSY_MS 30000

/* Pages of the log. Moving them to the main file takes as long as many commits, so SQLite does not do it within one of them: it is done
 * beside the writers. While they go on, the log never comes to its end and grows; from LOG_MOST on it is made to begin anew. */
#define LOG_PIECE  16000
#define LOG_MOST   48000
#define RESTART_MS 200 /* for readers to leave the log */

struct sqlite_connection {
    struct connection base;
    sqlite3 *handle;
    int log;    /* pages, after the last commit of this connection */
    int tidied; /* as many as there were when it was last found untidy */
};

struct sqlite_statement {
    struct statement base;
    sqlite3_stmt *handle;
};

static sqlite3 *sqlite_handle(const struct connection *connection)
{
    return ((const struct sqlite_connection *)connection)->handle;
}

static sqlite3_stmt *sqlite_prepared(const struct statement *statement)
{
    return ((const struct sqlite_statement *)statement)->handle;
}

static enum step sqlite_fault(struct connection *connection)
{
    connection_problem(connection, "sqlite", sqlite3_errmsg(sqlite_handle(connection)));
    return STEP_FAULT;
}

static enum step sqlite_exec(struct connection *connection, const char *sql)
{
    if (sqlite3_exec(sqlite_handle(connection), sql, NULL, NULL, NULL) == SQLITE_OK) return STEP_DONE;
    return sqlite_fault(connection);
}

static void sqlite_disconnect(struct connection *connection)
{
    statements_drop(connection);
    sqlite3_close(sqlite_handle(connection));
    free(connection);
}

/* SQLite would make the file readable by all; its -wal and -shm files get the mode of the file. O_EXCL matters: closing a descriptor of a
 * file that another connection of this process has open would drop that connection's POSIX locks. */
static bool sqlite_create_private(const char *path, char problem[static STORE_PROBLEM_SIZE])
{
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && errno == EEXIST) return true;
    if (file < 0) {
        snprintf(problem, STORE_PROBLEM_SIZE, "sqlite: cannot open %.180s", path);
        return false;
    }
    close(file);
    return true;
}

/* Two processes that both turn a new file to WAL collide without SQLite's busy handler being asked, so ask again. */
static bool sqlite_turn_to_wal(struct connection *connection)
{
    for (int attempt = 0; attempt < 200; attempt++) {
        int status = sqlite3_exec(sqlite_handle(connection), "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if (status == SQLITE_OK) return true;
        if (status != SQLITE_BUSY && status != SQLITE_LOCKED) break;
        nanosleep(&(struct timespec){.tv_nsec = 25 * 1000 * 1000}, NULL);
    }
    sqlite_fault(connection);
    return false;
}

static int sqlite_note_log(void *context, sqlite3 *handle, const char *name, int pages)
{
    struct sqlite_connection *connection = context;
    (void)handle;
    (void)name;
    connection->log = pages;
    return SQLITE_OK;
}

static bool sqlite_set_up(struct connection *connection)
{
    sqlite3 *handle = sqlite_handle(connection);
    sqlite3_busy_timeout(handle, SQLITE_BUSY_MS);
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_wal_hook(handle, sqlite_note_log, connection);
    return sqlite_turn_to_wal(connection) &&
           sqlite_exec(connection, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
                                   "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;"
                                   "PRAGMA journal_size_limit = 67108864;") == STEP_DONE;
}

static struct connection *sqlite_connect(const char *url, char problem[static STORE_PROBLEM_SIZE])
{
    const char *path = url + strlen(driver_sqlite.scheme);
    if (!*path) {
        snprintf(problem, STORE_PROBLEM_SIZE, "sqlite: the URL names no file");
        return NULL;
    }
    if (!sqlite_create_private(path, problem)) return NULL;
    struct sqlite_connection *connection = calloc(1, sizeof *connection);
    if (!connection) return NULL;
    connection->base.driver = &driver_sqlite;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &connection->handle, flags, NULL) == SQLITE_OK && sqlite_set_up(&connection->base)) return &connection->base;
    if (!connection->base.problem[0]) sqlite_fault(&connection->base);
    memcpy(problem, connection->base.problem, STORE_PROBLEM_SIZE);
    sqlite_disconnect(&connection->base);
    return NULL;
}

static struct statement *sqlite_prepare(struct connection *connection, const char *sql, bool stream)
{
    struct sqlite_statement *statement = calloc(1, sizeof *statement);
    if (!statement) return NULL;
    if (sqlite3_prepare_v3(sqlite_handle(connection), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->handle, NULL) != SQLITE_OK) {
        sqlite_fault(connection);
        free(statement);
        return NULL;
    }
    statement->base.connection = connection;
    statement->base.sql = strdup(sql);
    if (!statement->base.sql) {
        sqlite3_finalize(statement->handle);
        free(statement);
        return NULL;
    }
    statement->base.stream = stream;
    return &statement->base;
}

static void sqlite_finalise(struct statement *statement)
{
    sqlite3_finalize(sqlite_prepared(statement));
    free(statement->sql);
    free(statement);
}

static int sqlite_bind_one(sqlite3_stmt *handle, int index, const struct value *value)
{
    const char *data = value->bytes.length ? (const char *)value->bytes.data : ""; /* NULL would bind SQL's NULL */
    switch (value->type) {
    case VALUE_INTEGER:
        return sqlite3_bind_int64(handle, index, value->integer);
    case VALUE_TEXT:
        return sqlite3_bind_text64(handle, index, data, value->bytes.length, SQLITE_STATIC, SQLITE_UTF8);
    case VALUE_BLOB:
        return sqlite3_bind_blob64(handle, index, data, value->bytes.length, SQLITE_STATIC);
    case VALUE_NULL:
        return sqlite3_bind_null(handle, index);
    }
    return SQLITE_MISUSE;
}

static bool sqlite_bind(struct statement *statement, const struct value *parameters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sqlite_bind_one(sqlite_prepared(statement), (int)i + 1, &parameters[i]) != SQLITE_OK) {
            sqlite_fault(statement->connection);
            return false;
        }
    }
    return true;
}

/* "UNIQUE constraint failed: app.instance_id, app.name" → the index with these columns. */
static void sqlite_name_index(struct connection *connection, const char *columns)
{
    static const char sql[] = "SELECT il.name FROM (SELECT ?1 AS failed, substr(?1, 1, instr(?1, '.') - 1) AS tab) f,"
                              " pragma_index_list(f.tab) il WHERE il.\"unique\" AND f.failed ="
                              " (SELECT group_concat(f.tab || '.' || ii.name, ', ') FROM pragma_index_info(il.name) ii)";
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(sqlite_handle(connection), sql, -1, &statement, NULL) != SQLITE_OK) return;
    sqlite3_bind_text(statement, 1, columns, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        snprintf(connection->conflict, sizeof connection->conflict, "%s", (const char *)sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
}

static enum step sqlite_conflict(struct connection *connection, int status)
{
    char failed[256];
    const char *colon = strchr(sqlite3_errmsg(sqlite_handle(connection)), ':');
    snprintf(failed, sizeof failed, "%s", colon ? colon + 2 : "");
    connection->conflict[0] = 0;
    if (status == SQLITE_CONSTRAINT_PRIMARYKEY) {
        snprintf(connection->conflict, sizeof connection->conflict, "%.*s_pkey", (int)strcspn(failed, "."), failed);
    } else {
        sqlite_name_index(connection, failed);
    }
    return STEP_CONFLICT;
}

static enum step sqlite_step(struct statement *statement)
{
    int status = sqlite3_step(sqlite_prepared(statement));
    switch (status) {
    case SQLITE_ROW:
        return STEP_ROW;
    case SQLITE_DONE:
        return STEP_DONE;
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
        return sqlite_conflict(statement->connection, status);
    default:
        return sqlite_fault(statement->connection);
    }
}

static struct value sqlite_column(struct statement *statement, size_t index)
{
    sqlite3_stmt *handle = sqlite_prepared(statement);
    int column = (int)index;
    switch (sqlite3_column_type(handle, column)) {
    case SQLITE_INTEGER:
        return value_integer(sqlite3_column_int64(handle, column));
    case SQLITE_TEXT: {
        const void *text = sqlite3_column_text(handle, column);
        return value_text(bytes_of(text, (size_t)sqlite3_column_bytes(handle, column)));
    }
    case SQLITE_BLOB: {
        const void *blob = sqlite3_column_blob(handle, column);
        return value_blob(bytes_of(blob, (size_t)sqlite3_column_bytes(handle, column)));
    }
    default:
        return value_null();
    }
}

static int64_t sqlite_affected(struct statement *statement)
{
    return sqlite3_changes64(sqlite_handle(statement->connection));
}

/* VACUUM INTO reads one snapshot, as a reader does; what comes out is one file, without a log beside it. */
static bool sqlite_backup(struct connection *connection, const char *path)
{
    char *sql = sqlite3_mprintf("VACUUM INTO %Q", path);
    bool done = sql != NULL && sqlite_exec(connection, sql) == STEP_DONE;
    sqlite3_free(sql);
    return done;
}

static enum untidiness sqlite_untidiness(struct connection *base)
{
    struct sqlite_connection *connection = (struct sqlite_connection *)base;
    if (connection->log < connection->tidied) connection->tidied = 0; /* it began anew */
    if (connection->log - connection->tidied < LOG_PIECE) return TIDY;
    connection->tidied = connection->log;
    return connection->log < LOG_MOST ? UNTIDY : VERY_UNTIDY;
}

/* Alone there is little left to move. A reader that stays (a backup, an export) keeps the log: then it goes on to grow by a piece. */
static void sqlite_tidy(struct connection *connection, bool alone)
{
    sqlite3 *handle = sqlite_handle(connection);
    int mode = alone ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
    sqlite3_busy_timeout(handle, RESTART_MS);
    sqlite3_wal_checkpoint_v2(handle, NULL, mode, NULL, NULL);
    sqlite3_busy_timeout(handle, SQLITE_BUSY_MS);
}

static void sqlite_reset(struct statement *statement)
{
    sqlite3_reset(sqlite_prepared(statement));
    sqlite3_clear_bindings(sqlite_prepared(statement));
}

const struct driver driver_sqlite = {
    .scheme = "sqlite:",
    .dialect = {.text = "TEXT", .integer = "INTEGER", .blob = "BLOB", .table = " STRICT"},
    .begin_migration = "BEGIN IMMEDIATE",
    .begin_read = "BEGIN",
    /* Only one connection writes, and it alone pays for a cache of 128 MiB: what a large transaction changed spills more than once else. */
    .begin_write = "PRAGMA cache_size = -131072; BEGIN IMMEDIATE",
    .commit = "COMMIT",
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .exec = sqlite_exec,
    .prepare = sqlite_prepare,
    .finalise = sqlite_finalise,
    .bind = sqlite_bind,
    .step = sqlite_step,
    .column = sqlite_column,
    .affected = sqlite_affected,
    .reset = sqlite_reset,
    .backup = sqlite_backup,
    .untidiness = sqlite_untidiness,
    .tidy = sqlite_tidy,
};
