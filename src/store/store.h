/* The truth: SQLite (embedded) or PostgreSQL (several nodes) behind one interface. Rows are arrays of values in the order of an
 * entity's columns (store/schema.h), whose names are those of SQL and JSON alike.
 *
 * A write transaction takes the single `revision` row first, so commit order is revision order on both databases; every write leaves
 * an audit row and one or more rows in `changes`, in the same transaction. */
#ifndef COUNTERSIGN_STORE_STORE_H
#define COUNTERSIGN_STORE_STORE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "store/change.h"

enum store_result {
    STORE_OK,
    STORE_NOTHING,  /* no such row */
    STORE_CONFLICT, /* a unique rule: see store_conflict; the session goes on */
    STORE_FAULT     /* the database, or a caller's mistake (type, foreign key): see store_problem; the transaction is gone */
};

enum value_type { VALUE_NULL = 0, VALUE_INTEGER, VALUE_TEXT, VALUE_BLOB };
struct value {
    enum value_type type;
    int64_t integer;
    struct bytes bytes;
};
struct value value_null(void);
struct value value_integer(int64_t integer);
struct value value_text(struct bytes text);
struct value value_blob(struct bytes blob);

struct column {
    const char *name;
    enum value_type type;
};

/* Column 0 is the id, the primary key. */
struct entity {
    const char *table;
    const struct column *columns;
    size_t column_count;
};
#define ENTITY_MAX_COLUMNS 40

/* A pool of connections; safe to share between threads. `url`: "sqlite:/path/to/file" or "postgresql://…". Creates and migrates the schema.
 * NULL with *problem in words. Close when all sessions have ended and nobody waits. */
struct store *store_open(const char *url, char problem[static 256]);
void store_close(struct store *store);
/* Why the last session could not begin or commit, in words, for logs. */
void store_trouble(struct store *store, char problem[static 256]);

/* One transaction, one thread. NULL: no connection to be had within 30 seconds, or the database refused (a fault: see store_trouble).
 * A read is a snapshot. A thread that holds a write must not begin another. */
struct session *store_read(struct store *store);
struct session *store_write(struct store *store); /* takes the revision row: writers queue */
/* The revision this write will have once committed; of a read, the revision it sees. */
uint64_t store_revision(const struct session *session);
/* Ends the session either way; the pointer is gone. STORE_FAULT: nothing was written, or, only when the connection to PostgreSQL broke
 * during COMMIT itself, it is not known whether it was: read before writing again. */
enum store_result store_commit(struct session *session);
void store_abort(struct session *session); /* NULL is fine */

/* In words, for logs, after STORE_FAULT; the name of the violated unique index after STORE_CONFLICT ("<table>_pkey" for the id). */
const char *store_problem(const struct session *session);
const char *store_conflict(const struct session *session);

enum store_result store_insert(struct session *session, const struct entity *entity, const struct value *row);
/* Writes all columns of the row whose id is row[0]. */
enum store_result store_update(struct session *session, const struct entity *entity, const struct value *row);
enum store_result store_remove(struct session *session, const struct entity *entity, struct bytes id);

/* column <operator> value; all of a list must hold. EQUAL to value_null(): the column is open. CONTAINS is a literal substring, ASCII
 * letters folded. A value of another type than the column's, a text that is not UTF-8 or holds NUL: matches nothing (written, a fault). */
enum store_operator { STORE_EQUAL, STORE_CONTAINS, STORE_AT_LEAST, STORE_AT_MOST };
struct store_filter {
    size_t column;
    enum store_operator operator;
    struct value value;
};
struct store_query {
    const struct store_filter *filters;
    size_t filter_count;
    size_t order_column; /* byte order, then by id */
    bool descending;     /* both */
    size_t offset;
    size_t limit; /* 0 = all */
};
/* The first match, into `row` (entity->column_count values, bytes in the arena). */
enum store_result store_find(struct session *session, const struct entity *entity, const struct store_query *query, struct arena *arena,
                             struct value *row);
enum store_result store_get(struct session *session, const struct entity *entity, struct bytes id, struct arena *arena, struct value *row);
enum store_result store_count(struct session *session, const struct entity *entity, const struct store_query *query, int64_t *count);
/* Principals of this kind in an instance that may call some API. */
enum store_result store_count_authorised(struct session *session, struct bytes instance_id, int64_t kind, int64_t *count);
/* Calls `each` for every match, values living until it returns, until it returns false; it may use the session for reading. STORE_OK also
 * when nothing matched. */
typedef bool (*store_each)(void *context, const struct value *row);
enum store_result store_list(struct session *session, const struct entity *entity, const struct store_query *query, store_each each,
                             void *context);
/* Count and list at once, for parts of names of rows that are many (store/name_pages.c): `total` is the number of all matches, `each` gets
 * those of the query's offset and limit. STORE_NOTHING: the query is none of these; store_count and store_list answer it. */
struct store_matches {
    int64_t total;
    store_each each;
    void *context;
};
enum store_result store_search(struct session *session, const struct entity *entity, const struct store_query *query,
                               struct store_matches *matches);

enum store_result store_change(struct session *session, enum change_kind kind, struct bytes instance, struct bytes id, struct bytes second);

typedef bool (*change_each)(void *context, const struct change *change);
/* Changes with revision > after, in order; and the store's revision as of this session. When changes behind `after` were forgotten, or
 * `after` is not of this store's past (a restored backup), there is one CHANGE_EVERYTHING instead. */
enum store_result store_changes(struct session *session, uint64_t after, change_each each, void *context, uint64_t *revision);
/* Forget changes up to `revision` (kept for a while for nodes that were away). */
enum store_result store_forget_changes(struct session *session, uint64_t revision);
/* Blocks until the store may have changed or `timeout_ms` passed: LISTEN/NOTIFY on PostgreSQL, a condition variable on SQLite. */
void store_wait(struct store *store, uint64_t after, unsigned timeout_ms);

/* The store's own id, drawn when it was created; 32 hex digits. */
enum store_result store_id(struct session *session, char id[static 33]);

/* One audit row; `before` and `after` are JSON without any secret, or empty. The rows are a chain in the order of revisions: each holds a
 * digest of itself and of the row before it (store/audit.h). */
struct audit {
    struct bytes actor; /* user id */
    struct bytes actor_name;
    struct bytes source;   /* client address */
    struct bytes action;   /* "create_app" */
    struct bytes resource; /* "app" */
    struct bytes resource_id;
    struct bytes instance_id; /* empty: of the node or the project */
    struct bytes project_id;
    struct bytes request_id;
    struct bytes result; /* "ok", or the code of the refusal: "APIG.0301" */
    struct bytes before;
    struct bytes after;
    int64_t time; /* Unix seconds */
};
enum store_result store_audit(struct session *session, const struct audit *audit);

#endif
