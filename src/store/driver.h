/* What a database must do for the store. One const table per database; the rest of the store knows no other difference.
 * One SQL text serves both: parameters are $1, $2 … in the order in which they first appear. */
#ifndef COUNTERSIGN_STORE_DRIVER_H
#define COUNTERSIGN_STORE_DRIVER_H

#include "store/store.h"

#define STATEMENT_MAX_PARAMETERS 48
#define STATEMENTS_CACHED        96
#define STORE_PROBLEM_SIZE       256
#define STORE_NAME_SIZE          64

enum step {
    STEP_ROW,
    STEP_DONE,
    STEP_CONFLICT, /* a unique rule; its name is in connection->conflict */
    STEP_FAULT     /* anything else; connection->problem says what */
};

struct connection {
    const struct driver *driver;
    char problem[STORE_PROBLEM_SIZE];
    char conflict[STORE_NAME_SIZE];
    bool lost; /* of no use any more */
    struct statement *cache[STATEMENTS_CACHED];
    size_t cached;
    uint64_t uses; /* clock of the cache */
    struct connection *next;
};

struct statement {
    struct connection *connection;
    char *sql;
    bool stream; /* may yield more rows than memory should hold */
    bool busy;
    uint64_t last_use;
};

/* Words of the schema that differ: {text}, {integer}, {blob}, {table}. */
struct dialect {
    const char *text;
    const char *integer;
    const char *blob;
    const char *table; /* behind each CREATE TABLE (…) */
};

enum untidiness { TIDY, UNTIDY, VERY_UNTIDY /* then also alone */ };

struct driver {
    const char *scheme; /* how its URLs begin */
    struct dialect dialect;
    const char *begin_migration; /* until its end no other process migrates */
    const char *lock_migration;  /* NULL: begin_migration locks */
    const char *begin_read;
    const char *begin_write;
    const char *commit;
    bool distant;                   /* a command is a round trip: much is asked for at once */
    bool conflict_ends_transaction; /* so a statement that may conflict stands behind a savepoint */

    /* NULL with *problem in words. */
    struct connection *(*connect)(const char *url, char problem[static STORE_PROBLEM_SIZE]);
    void (*disconnect)(struct connection *connection);
    /* Without parameters and rows; may hold several commands, the last one counts. */
    enum step (*exec)(struct connection *connection, const char *sql);
    struct statement *(*prepare)(struct connection *connection, const char *sql, bool stream);
    void (*finalise)(struct statement *statement);
    /* `parameters` stay where they are until reset. */
    bool (*bind)(struct statement *statement, const struct value *parameters, size_t count);
    enum step (*step)(struct statement *statement);
    /* Valid until the next step or reset. */
    struct value (*column)(struct statement *statement, size_t index);
    /* Rows that the statement changed, after STEP_DONE. */
    int64_t (*affected)(struct statement *statement);
    void (*reset)(struct statement *statement);
    /* Many rows by one command, in PostgreSQL's binary form; a conflict ends the transaction. NULL: single inserts are as quick. */
    enum step (*copy)(struct connection *connection, const char *sql, struct bytes rows);
    /* For store_wait, both or neither: subscribe to commits of all processes; wait for one. False: the connection is lost. */
    /* A copy of one snapshot in a new file, while others go on writing; NULL: the database has a tool for it. */
    bool (*backup)(struct connection *connection, const char *path);
    /* What piles up with commits and need not hold up the next one; NULL: the database sees to it. After a commit, asked of the connection
     * that writes. `tidy` is for another one, while others write; with `alone` for the one that writes. */
    enum untidiness (*untidiness)(struct connection *writer);
    void (*tidy)(struct connection *connection, bool alone);
    bool (*listen)(struct connection *connection);
    bool (*await)(struct connection *connection, unsigned timeout_ms);
};

extern const struct driver driver_sqlite, driver_postgres;

/* A prepared statement from the connection's cache, taken until statement_put. NULL: a fault. */
struct statement *statement_get(struct connection *connection, const char *sql, bool stream);
void statement_put(struct statement *statement);
/* Before disconnecting. */
void statements_drop(struct connection *connection);

void connection_problem(struct connection *connection, const char *what, const char *detail);

#endif
