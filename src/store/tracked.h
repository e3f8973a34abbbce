/* What the store keeps beside the rows of large tables, in the same transaction, so that lists stay cheap whatever their length: exact
 * counts (tallies.c) and names in pages (name_pages.c); of the audit counts in blocks (audit_blocks.c). They are put together in memory and
 * written before they are read and before the commit. */
#ifndef COUNTERSIGN_STORE_TRACKED_H
#define COUNTERSIGN_STORE_TRACKED_H

#include "store/store.h"

#define TRACKED_TEXT  72 /* ids are shorter, with a zero byte at the end */
#define TALLY_COLUMNS 4
#define TALLIES_HELD  16

/* What is kept of an entity. Counts are kept for each combination of `counted` columns; counts of the first `least` of them, or more, are
 * sums of those. */
struct tracked {
    const struct entity *entity;
    size_t counted[TALLY_COLUMNS];
    size_t counted_count;
    size_t least;
    bool named; /* names in pages: of an instance, in the order of time and id */
    size_t instance_column, name_column, time_column, state_column;
};
/* NULL: nothing. */
const struct tracked *tracked_of(const struct entity *entity);
/* Those whose names stand in pages; NULL behind the last. */
const struct tracked *tracked_named(size_t index);

/* A place in the order of a list. */
struct name_key {
    int64_t time;
    char id[TRACKED_TEXT];
};

/* Rows that came and went, of one combination. */
struct tally {
    const struct tracked *of;
    char parts[TALLY_COLUMNS][TRACKED_TEXT];
    int64_t by;
};

/* A row whose page is to be written anew. */
struct touched {
    const struct tracked *of;
    char instance[TRACKED_TEXT];
    struct name_key key;
};

/* Of a session, not yet written. */
struct tracking {
    struct tally tallies[TALLIES_HELD];
    size_t tally_count;
    struct touched *touched; /* from the heap */
    size_t touched_count, touched_room;
};

/* A row as it was before a change. */
struct tracked_row {
    const struct tracked *of; /* NULL: nothing is kept of it, or it is not there */
    struct tally tally;
    struct touched touched;
    char principal[TRACKED_TEXT]; /* of an authorisation */
    int64_t kind;
};
enum store_result tracked_look(struct session *session, const struct entity *entity, struct bytes id, struct tracked_row *before);
/* `before` NULL: a new row; `after` NULL: one that is gone. */
enum store_result tracked_changed(struct session *session, const struct entity *entity, const struct tracked_row *before,
                                  const struct value *after);
/* Writes what is not written yet. */
enum store_result tracked_flush(struct session *session);
/* What is not written yet goes with what was taken back. */
void tracked_forget(struct session *session);

/* Hands on rows of several lists until `each` has enough. */
struct handing {
    store_each each;
    void *context;
    bool stopped;
};
bool hand_each(void *context, const struct value *row);

/* The number of matches when a kept count tells it; *known says so. */
enum store_result tally_number(struct session *session, const struct entity *entity, const struct store_query *query, int64_t *number,
                               bool *known);
enum store_result tallies_write(struct session *session);

/* Writes the pages that hold these rows anew. */
enum store_result name_pages_write(struct session *session, struct touched *touched, size_t count);
/* Pages of rows that are older than the pages. */
enum store_result name_pages_fill(struct session *session);

/* SQL of the rows of one page, in rows.c. */
struct page_range {
    size_t time_column;
    const struct name_key *from, *to; /* `to` NULL: the last */
    store_each each;
    void *context;
};
enum store_result rows_list_within(struct session *session, const struct entity *entity, const struct store_query *query,
                                   const struct page_range *range);

#endif
