/* Lists of the audit by its blocks: how many rows match, and which of them stand on one page. */
#include "store/audit_blocks.h"

#include "base/buffer.h"
#include "store/session.h"

#include <stdlib.h>
#include <string.h>

#define MOST_FILTERS 16

enum {
    BLOCK_INSTANCE_ID,
    BLOCK_FIRST_ID,
    BLOCK_PROJECT_ID,
    BLOCK_ACTOR,
    BLOCK_ACTOR_NAME,
    BLOCK_SOURCE,
    BLOCK_ACTION,
    BLOCK_RESOURCE,
    BLOCK_RESULT,
    BLOCK_FROM_TIME,
    BLOCK_TO_TIME,
    BLOCK_COLUMNS
};
static const struct column block_columns[BLOCK_COLUMNS] = {
    {"instance_id", VALUE_TEXT}, {"first_id", VALUE_TEXT},     {"project_id", VALUE_TEXT}, {"actor", VALUE_TEXT},
    {"actor_name", VALUE_TEXT},  {"source", VALUE_TEXT},       {"action", VALUE_TEXT},     {"resource", VALUE_TEXT},
    {"result", VALUE_TEXT},      {"from_time", VALUE_INTEGER}, {"to_time", VALUE_INTEGER}};
static const struct entity entity_audit_block = {"audit_block", block_columns, BLOCK_COLUMNS};

/* Which column of a block a column of the audit became; times and ids are looked at apart. */
static const size_t block_of[AUDIT_COLUMNS] = {
    [AUDIT_INSTANCE_ID] = BLOCK_INSTANCE_ID, [AUDIT_PROJECT_ID] = BLOCK_PROJECT_ID, [AUDIT_ACTOR] = BLOCK_ACTOR,
    [AUDIT_ACTOR_NAME] = BLOCK_ACTOR_NAME,   [AUDIT_SOURCE] = BLOCK_SOURCE,         [AUDIT_ACTION] = BLOCK_ACTION,
    [AUDIT_RESOURCE] = BLOCK_RESOURCE,       [AUDIT_RESULT] = BLOCK_RESULT,
};

struct hit {
    char first[AUDIT_ID_SIZE], last[AUDIT_ID_SIZE];
    size_t skip, take;
};

struct search {
    struct session *session;
    const struct store_query *query;
    struct store_filter blocks[MOST_FILTERS]; /* of blocks that may hold matches */
    int64_t from, to;                         /* times that are asked for, both included */
    size_t skip, left;                        /* of the page */
    int64_t total;
    struct hit *hits;
    size_t hit_count;
    enum store_result result;
};

/* The filter as one of blocks. False: blocks do not tell. */
static bool filter_take(struct search *search, const struct store_filter *filter, struct store_filter *block)
{
    *block = *filter;
    block->column = block_of[filter->column];
    if (filter->column != AUDIT_TIME)
        return (filter->column == AUDIT_INSTANCE_ID || block->column != BLOCK_INSTANCE_ID) && filter->value.type == VALUE_TEXT;
    if (filter->value.type != VALUE_INTEGER) return false;
    block->column = filter->operator== STORE_AT_LEAST ? BLOCK_TO_TIME : BLOCK_FROM_TIME;
    if (filter->operator== STORE_AT_LEAST && filter->value.integer> search->from) search->from = filter->value.integer;
    if (filter->operator== STORE_AT_MOST && filter->value.integer<search->to) search->to = filter->value.integer;
    return filter->operator== STORE_AT_LEAST || filter->operator== STORE_AT_MOST;
}

static bool query_take(struct search *search, const struct store_query *query)
{
    bool of_instance = false;
    if (!query->descending || query->limit == 0 || query->order_column != AUDIT_ID || query->filter_count > MOST_FILTERS - 2) return false;
    for (size_t i = 0; i < query->filter_count; i++) {
        const struct store_filter *filter = &query->filters[i];
        if (!filter_take(search, filter, &search->blocks[i])) return false;
        of_instance = of_instance || (filter->column == AUDIT_INSTANCE_ID && filter->operator== STORE_EQUAL);
    }
    return of_instance;
}

/* The query within the rows of a block. */
static struct store_query query_within(const struct store_query *query, const struct hit *hit,
                                       struct store_filter memory[static MOST_FILTERS])
{
    struct store_query part = *query;
    memcpy(memory, query->filters, query->filter_count * sizeof *memory);
    memory[part.filter_count++] = (struct store_filter){AUDIT_ID, STORE_AT_LEAST, value_text(bytes_of_text(hit->first))};
    memory[part.filter_count++] = (struct store_filter){AUDIT_ID, STORE_AT_MOST, value_text(bytes_of_text(hit->last))};
    part.filters = memory;
    return part;
}

/* Notes which of the block's matches are on the page. */
static void hit_note(struct search *search, struct hit *hit, size_t matches)
{
    hit->skip = search->skip < matches ? search->skip : matches;
    hit->take = matches - hit->skip < search->left ? matches - hit->skip : search->left;
    search->total += (int64_t)matches;
    search->skip -= hit->skip;
    search->left -= hit->take;
    if (hit->take > 0) search->hits[search->hit_count++] = *hit;
}

/* A block of which a part only lies within the times is counted itself: there are two of these, or a few when clocks went back. */
static bool block_each(void *context, const struct value *row)
{
    struct search *search = context;
    struct store_filter memory[MOST_FILTERS];
    struct hit hit = {.skip = 0};
    int64_t matches = row[2].integer;
    audit_id_keep(hit.first, row[0].bytes);
    audit_id_keep(hit.last, row[1].bytes);
    if (row[3].integer < search->from || row[4].integer > search->to) {
        struct store_query part = query_within(search->query, &hit, memory);
        search->result = store_count(search->session, &entity_audit, &part, &matches);
    }
    hit_note(search, &hit, (size_t)matches);
    return search->result == STORE_OK;
}

static enum store_result hits_read(const struct search *search, struct handing *handing)
{
    enum store_result result = STORE_OK;
    for (size_t i = 0; result == STORE_OK && !handing->stopped && i < search->hit_count; i++) {
        struct store_filter memory[MOST_FILTERS];
        struct store_query part = query_within(search->query, &search->hits[i], memory);
        part.offset = search->hits[i].skip;
        part.limit = search->hits[i].take;
        result = store_list(search->session, &entity_audit, &part, hand_each, handing);
    }
    return result;
}

enum store_result audit_search(struct session *session, const struct store_query *query, struct store_matches *matches)
{
    static const struct grouping by_block = {BLOCK_FIRST_ID,
                                             "first_id, max(last_id), CAST(sum(number) AS BIGINT), min(from_time), max(to_time)", 5};
    struct search search = {.session = session,
                            .query = query,
                            .from = INT64_MIN,
                            .to = INT64_MAX,
                            .skip = query->offset,
                            .left = query->limit,
                            .result = STORE_OK};
    if (!query_take(&search, query)) return STORE_NOTHING;
    const struct store_query blocks = {.filters = search.blocks, .filter_count = query->filter_count};
    struct handing handing = {matches->each, matches->context, false};
    search.hits = malloc(query->limit * sizeof *search.hits);
    if (search.hits == NULL) return session_fault(session, "store: out of memory");
    enum store_result result = tracked_flush(session);
    if (result == STORE_OK)
        result = rows_grouped(session, &entity_audit_block, &blocks, &by_block, (struct row_reader){block_each, &search});
    if (result == STORE_OK) result = search.result;
    if (result == STORE_OK) result = hits_read(&search, &handing);
    matches->total = search.total;
    free(search.hits);
    return result;
}
