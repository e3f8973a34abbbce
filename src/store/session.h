/* A session from the inside: what rows.c, changes.c and audit.c need. */
#ifndef COUNTERSIGN_STORE_SESSION_H
#define COUNTERSIGN_STORE_SESSION_H

#include "base/buffer.h"
#include "store/audit.h"
#include "store/audit_blocks.h"
#include "store/driver.h"
#include "store/tracked.h"

/* Rows that wait to be written together (store/bulk.h), table by table in the order in which they first came. */
#define BULK_TABLES 8
struct bulk_table {
    const struct entity *entity;
    struct buffer rows; /* from the heap, as the driver's copy wants them */
};
struct bulk {
    struct bulk_table tables[BULK_TABLES];
    size_t table_count;
    bool gathering;
    bool pending;
    bool conflicted;
};

struct session {
    struct store *store;
    struct connection *connection;
    bool writes;
    bool aside; /* a write that is none of the revision's */
    bool gone;  /* a fault happened: nothing of this transaction will be written */
    uint64_t revision;
    int64_t changes; /* rows written by store_change and store_audit: their place in the transaction */
    int64_t audits;
    struct audit_point end; /* of the audit, as far as this transaction has come */
    struct tracking tracking;
    struct audit_blocks blocks;
    struct bulk bulk;
};

/* The transaction is lost; `what` NULL keeps the driver's own words. */
enum store_result session_fault(struct session *session, const char *what);

/* PostgreSQL's text holds neither NUL nor bytes that are not UTF-8; SQLite's would. What one refuses, both refuse. */
bool text_is_storable(struct bytes text);

/* One SQL text with its parameters. */
struct command {
    const char *sql;
    const struct value *parameters;
    size_t count;
};
/* Runs a command that yields no rows; `affected` may be NULL. Conflicts are the driver's: after one the transaction is over on a database
 * where conflict_ends_transaction, see session_run_guarded. */
enum store_result session_run(struct session *session, const struct command *command, int64_t *affected);
/* The same behind a savepoint where the database needs one, so that the session outlives a conflict. */
enum store_result session_run_guarded(struct session *session, const struct command *command, int64_t *affected);

/* Gathers the row, which must be sound; *taken false: it is to be inserted as ever. */
enum store_result bulk_add(struct session *session, const struct entity *entity, const struct value *row, bool *taken);
enum store_result bulk_write(struct session *session);
void bulk_free(struct bulk *bulk);

/* Before a write's commit: what store_audit wrote is the end of the chain now. */
enum store_result audit_end(struct session *session);

/* Calls `each` for every row; `columns` values a row. */
typedef bool (*row_each)(void *context, const struct value *row);
struct row_reader {
    row_each each;
    void *context;
};
struct selection {
    struct command command;
    size_t columns;
    bool stream; /* many rows may come */
};
enum store_result session_select(struct session *session, const struct selection *selection, row_each each, void *context);
/* Matches of the query's filters by the values of one column, its highest first, in rows.c: `each` gets the values of the selection's
 * columns, which are expressions over the rows of a value, or that column. */
struct grouping {
    size_t column;
    const char *selected;
    size_t columns;
};
enum store_result rows_grouped(struct session *session, const struct entity *entity, const struct store_query *query,
                               const struct grouping *grouping, struct row_reader reader);
/* The single integer that `sql` yields. */
enum store_result session_number(struct session *session, const struct command *command, int64_t *number);

#endif
