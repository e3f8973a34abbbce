/* The audit as rows, for lists; and as a chain, for those who doubt it. Kept for ever.
 *
 * Rows are written in the order of revisions, since every write holds the revision row. The `chain` of a row is the SHA-256, in hex, over
 * the chain of the row before it (empty before the first) and all its other columns in the order below, each written "<bytes>:<text>,". So
 * whoever changes, inserts or removes a row has to write every later one anew, and the end of the chain, kept elsewhere, shows it. */
#ifndef COUNTERSIGN_STORE_AUDIT_H
#define COUNTERSIGN_STORE_AUDIT_H

#include "store/store.h"

/* Read only, written by store_audit. Ids sort by time: "<revision, 16 hex digits>.<place in its transaction, 4 hex digits>". */
enum {
    AUDIT_ID,
    AUDIT_ACTOR,
    AUDIT_ACTOR_NAME,
    AUDIT_SOURCE,
    AUDIT_ACTION,
    AUDIT_RESOURCE,
    AUDIT_RESOURCE_ID,
    AUDIT_INSTANCE_ID,
    AUDIT_BEFORE,
    AUDIT_AFTER,
    AUDIT_TIME,
    AUDIT_REVISION,
    AUDIT_PROJECT_ID,
    AUDIT_REQUEST_ID,
    AUDIT_RESULT,
    AUDIT_CHAIN,
    AUDIT_COLUMNS
};

extern const struct entity entity_audit;

#define AUDIT_MAX_ROWS   0xffff /* of one transaction */
#define AUDIT_ID_SIZE    22
#define AUDIT_CHAIN_SIZE 65

/* A row of the chain: enough to tell whether it is still there and as it was. Both texts are empty before the first row. */
struct audit_point {
    char id[AUDIT_ID_SIZE];
    char chain[AUDIT_CHAIN_SIZE];
};
/* Texts that are too long to be of a chain give a point that no row has. */
void audit_point_set(struct audit_point *point, struct bytes id, struct bytes chain);

/* The end of the chain: as the session sees it, with what it wrote itself. */
struct audit_point store_audit_point(const struct session *session);

/* The chain of `row` (whose own AUDIT_CHAIN does not count) behind a row with the chain `previous`. */
void audit_chain(const char *previous, const struct value row[static AUDIT_COLUMNS], char chain[static AUDIT_CHAIN_SIZE]);

/* A row as a line of JSON, with all columns by their names and in their order, so that the chain can be computed from it. False, with
 * nothing added: it does not fit. */
struct buffer;
bool audit_write_line(struct buffer *out, const struct value row[static AUDIT_COLUMNS]);
/* The row of such a line (with or without its end); texts that were escaped live in the arena. False: it is none. */
bool audit_read_line(struct arena *arena, struct bytes line, struct value row[static AUDIT_COLUMNS]);

enum audit_finding {
    AUDIT_WHOLE,
    AUDIT_ROW_DIFFERS,   /* the first row whose chain is not what it should be: it was changed, or one before it was removed */
    AUDIT_END_DIFFERS,   /* rows were cut off, or added, and the store's own note of the end was not */
    AUDIT_POINT_MISSING, /* a row that was anchored is not there */
    AUDIT_POINT_DIFFERS  /* it is there with another chain: the audit was written anew up to here */
};
struct audit_verdict {
    enum audit_finding finding;
    struct audit_point point; /* the row it is about */
    int64_t rows;             /* that hold together */
    int64_t unchained;        /* older than the chain */
};
/* Rows one after the other, as the store or an export has them. Begin with a zeroed checker. False: the chain is broken, see verdict. */
struct audit_checker {
    struct audit_verdict verdict;
    struct audit_point last;
};
bool audit_check_row(struct audit_checker *checker, const struct value row[static AUDIT_COLUMNS]);
/* Reads the whole audit and compares its end with the store's note. */
enum store_result store_audit_verify(struct session *session, struct audit_verdict *verdict);
/* Is this point in the audit? Sets verdict->finding when not. */
enum store_result store_audit_verify_point(struct session *session, const struct audit_point *point, struct audit_verdict *verdict);

#endif
