/* Counts beside the audit, so that its lists are cheap however long it is: the rows of an instance, in the order of their ids, fall into
 * blocks of some hundreds, and of each block it is kept how many rows there are of each sort: by whom, from where, what, and how it ended.
 * So a number of matches is a sum over blocks, and a page in the middle begins at its block instead of at the end of the audit. */
#ifndef COUNTERSIGN_STORE_AUDIT_BLOCKS_H
#define COUNTERSIGN_STORE_AUDIT_BLOCKS_H

#include "store/audit.h"

#define AUDIT_SORT_COLUMNS 8   /* instance, project, actor and his name, source, action, resource, result */
#define AUDIT_BLOCK_ROWS   512 /* a block that has fewer takes more; never twice as many */
#define AUDIT_SORTS_HELD   64

/* Rows of one sort that one transaction wrote, one after the other. */
struct audit_sort {
    char first[AUDIT_ID_SIZE]; /* of their run */
    char block[AUDIT_ID_SIZE]; /* that takes the run: the store's last one while it has room, else one that begins with the run */
    char last[AUDIT_ID_SIZE];
    int64_t from, to; /* times */
    int64_t number;
    struct bytes texts[AUDIT_SORT_COLUMNS];
    uint8_t *memory; /* of the texts, from the heap */
};
struct audit_blocks {
    struct audit_sort *held; /* from the heap, AUDIT_SORTS_HELD of them */
    size_t count;
    char first[AUDIT_ID_SIZE];
    size_t rows; /* of the run that began with `first` */
};

/* Keeps an id of the audit; one that is too long becomes one that no row has. */
void audit_id_keep(char id[static AUDIT_ID_SIZE], struct bytes text);

/* The row was written. */
enum store_result audit_blocks_note(struct session *session, const struct value row[static AUDIT_COLUMNS]);
/* Writes what is held. */
enum store_result audit_blocks_write(struct session *session);
/* What is held was taken back. */
void audit_blocks_forget(struct audit_blocks *blocks);
void audit_blocks_free(struct audit_blocks *blocks);
/* Rows that are older than the blocks. */
enum store_result audit_blocks_fill(struct session *session);

/* As store_search: the newest first, in the order of ids. */
enum store_result audit_search(struct session *session, const struct store_query *query, struct store_matches *matches);

#endif
