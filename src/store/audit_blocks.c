#include "store/audit_blocks.h"

#include "base/buffer.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "store/session.h"

#include <stdlib.h>
#include <string.h>

#define SORT_BYTES 16

/* What makes a sort, in the order of the columns of audit_block. */
static const size_t sort_columns[AUDIT_SORT_COLUMNS] = {AUDIT_INSTANCE_ID, AUDIT_PROJECT_ID, AUDIT_ACTOR,    AUDIT_ACTOR_NAME,
                                                        AUDIT_SOURCE,      AUDIT_ACTION,     AUDIT_RESOURCE, AUDIT_RESULT};

static bool is_of_sort(const struct audit_sort *sort, const struct value *row)
{
    for (size_t i = 0; i < AUDIT_SORT_COLUMNS; i++) {
        if (!bytes_equal(sort->texts[i], row[sort_columns[i]].bytes)) return false;
    }
    return true;
}

void audit_id_keep(char id[static AUDIT_ID_SIZE], struct bytes text)
{
    struct audit_point point;
    audit_point_set(&point, text, BYTES(""));
    memcpy(id, point.id, AUDIT_ID_SIZE);
}

static bool sort_begin(struct audit_sort *sort, const struct value *row)
{
    size_t length = 1;
    for (size_t i = 0; i < AUDIT_SORT_COLUMNS; i++) length += row[sort_columns[i]].bytes.length;
    *sort = (struct audit_sort){.memory = malloc(length), .from = row[AUDIT_TIME].integer, .to = row[AUDIT_TIME].integer};
    if (sort->memory == NULL) return false;
    struct buffer out = buffer_over(sort->memory, length);
    for (size_t i = 0; i < AUDIT_SORT_COLUMNS; i++) {
        size_t begin = out.length;
        buffer_add(&out, row[sort_columns[i]].bytes);
        sort->texts[i] = bytes_from(buffer_bytes(&out), begin);
    }
    return true;
}

static struct audit_sort *sort_of(struct audit_blocks *blocks, const struct value *row)
{
    for (size_t i = blocks->count; i-- > 0 && strcmp(blocks->held[i].first, blocks->first) == 0;) {
        if (is_of_sort(&blocks->held[i], row)) return &blocks->held[i];
    }
    struct audit_sort *sort = &blocks->held[blocks->count];
    if (!sort_begin(sort, row)) return NULL;
    memcpy(sort->first, blocks->first, AUDIT_ID_SIZE);
    blocks->count++;
    return sort;
}

enum store_result audit_blocks_note(struct session *session, const struct value row[static AUDIT_COLUMNS])
{
    struct audit_blocks *blocks = &session->blocks;
    if (blocks->count == AUDIT_SORTS_HELD && audit_blocks_write(session) != STORE_OK) return STORE_FAULT;
    if (blocks->held == NULL) blocks->held = calloc(AUDIT_SORTS_HELD, sizeof *blocks->held);
    if (blocks->rows == AUDIT_BLOCK_ROWS) blocks->rows = 0;
    if (blocks->rows == 0) audit_id_keep(blocks->first, row[AUDIT_ID].bytes);
    struct audit_sort *sort = blocks->held != NULL ? sort_of(blocks, row) : NULL;
    if (sort == NULL) return session_fault(session, "store: out of memory");
    int64_t time = row[AUDIT_TIME].integer;
    if (time < sort->from) sort->from = time;
    if (time > sort->to) sort->to = time;
    audit_id_keep(sort->last, row[AUDIT_ID].bytes);
    sort->number++;
    blocks->rows++;
    return STORE_OK;
}

void audit_blocks_forget(struct audit_blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++) free(blocks->held[i].memory);
    blocks->count = blocks->rows = 0;
}

void audit_blocks_free(struct audit_blocks *blocks)
{
    audit_blocks_forget(blocks);
    free(blocks->held);
}

struct last_block {
    char first[AUDIT_ID_SIZE];
    int64_t rows;
};

static bool last_each(void *context, const struct value *row)
{
    struct last_block *last = context;
    audit_id_keep(last->first, row[0].bytes);
    last->rows = row[1].integer;
    return false;
}

static enum store_result find_block(struct session *session, struct audit_sort *sort)
{
    struct value instance = value_text(sort->texts[0]);
    struct last_block last = {.rows = AUDIT_BLOCK_ROWS};
    struct selection selection = {
        .command = {"SELECT first_id, CAST(sum(number) AS BIGINT) FROM audit_block WHERE instance_id = $1 AND first_id ="
                    " (SELECT max(first_id) FROM audit_block WHERE instance_id = $1) GROUP BY first_id",
                    &instance, 1},
        .columns = 2};
    enum store_result result = session_select(session, &selection, last_each, &last);
    memcpy(sort->block, last.rows < AUDIT_BLOCK_ROWS ? last.first : sort->first, AUDIT_ID_SIZE);
    return result;
}

/* A run of an instance goes into one block: blocks do not overlap. */
static enum store_result choose_block(struct session *session, size_t index)
{
    struct audit_sort *held = session->blocks.held, *sort = &held[index];
    for (size_t i = 0; i < index; i++) {
        if (strcmp(held[i].first, sort->first) != 0 || !bytes_equal(held[i].texts[0], sort->texts[0])) continue;
        memcpy(sort->block, held[i].block, AUDIT_ID_SIZE);
        return STORE_OK;
    }
    return find_block(session, sort);
}

/* A name of the sort that is short however long its texts are. */
static void sort_name(const struct audit_sort *sort, struct buffer *out)
{
    struct digest digest;
    digest_start(&digest, DIGEST_SHA256);
    for (size_t i = 0; i < AUDIT_SORT_COLUMNS; i++) {
        digest_add(&digest, bytes_of(&sort->texts[i].length, sizeof sort->texts[i].length));
        digest_add(&digest, sort->texts[i]);
    }
    struct digest_value value = digest_finish(&digest);
    hex_encode(out, bytes_slice(digest_bytes(&value), 0, SORT_BYTES));
}

static enum store_result sort_write(struct session *session, const struct audit_sort *sort)
{
    char memory[2 * SORT_BYTES];
    struct buffer name = buffer_over(memory, sizeof memory);
    struct value row[AUDIT_SORT_COLUMNS + 6];
    sort_name(sort, &name);
    for (size_t i = 0; i < AUDIT_SORT_COLUMNS; i++) row[i] = value_text(sort->texts[i]);
    struct value *more = &row[AUDIT_SORT_COLUMNS];
    more[0] = value_text(bytes_of_text(sort->block));
    more[1] = value_text(buffer_bytes(&name));
    more[2] = value_text(bytes_of_text(sort->last));
    more[3] = value_integer(sort->from);
    more[4] = value_integer(sort->to);
    more[5] = value_integer(sort->number);
    struct command command = {
        "INSERT INTO audit_block (instance_id, project_id, actor, actor_name, source, action, resource, result, first_id, sort, last_id,"
        " from_time, to_time, number) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        " ON CONFLICT (instance_id, first_id, sort) DO UPDATE SET last_id = excluded.last_id, number = audit_block.number + "
        "excluded.number,"
        " from_time = CASE WHEN excluded.from_time < audit_block.from_time THEN excluded.from_time ELSE audit_block.from_time END,"
        " to_time = CASE WHEN excluded.to_time > audit_block.to_time THEN excluded.to_time ELSE audit_block.to_time END",
        row, sizeof row / sizeof *row};
    return session_run(session, &command, NULL);
}

enum store_result audit_blocks_write(struct session *session)
{
    struct audit_blocks *blocks = &session->blocks;
    enum store_result result = STORE_OK;
    for (size_t i = 0; result == STORE_OK && i < blocks->count; i++) {
        result = choose_block(session, i);
        if (result == STORE_OK) result = sort_write(session, &blocks->held[i]);
    }
    audit_blocks_forget(blocks);
    return result;
}

struct filling {
    struct session *session;
    bool good;
};

static bool fill_each(void *context, const struct value *row)
{
    struct filling *filling = context;
    filling->good = audit_blocks_note(filling->session, row) == STORE_OK;
    return filling->good;
}

enum store_result audit_blocks_fill(struct session *session)
{
    int64_t known;
    struct filling filling = {session, true};
    struct command any = {"SELECT count(*) FROM (SELECT 1 AS one FROM audit_block LIMIT 1) AS found", NULL, 0};
    enum store_result result = session_number(session, &any, &known);
    if (result != STORE_OK || known > 0) return result;
    result = store_list(session, &entity_audit, &(struct store_query){.order_column = AUDIT_ID}, fill_each, &filling);
    if (result != STORE_OK || !filling.good) return STORE_FAULT;
    return audit_blocks_write(session);
}
