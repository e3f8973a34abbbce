/* Exact counts of rows, kept in the transaction that changes them: a list tells how many it holds without looking at them. */
#include "base/buffer.h"
#include "store/session.h"
#include "store/tracked.h"

static const char *const part_names[TALLY_COLUMNS] = {"part_1", "part_2", "part_3", "part_4"};

static void parameters_of(const struct tally *tally, struct value out[static 2 + TALLY_COLUMNS])
{
    out[0] = value_text(bytes_of_text(tally->of->entity->table));
    for (size_t i = 0; i < TALLY_COLUMNS; i++) out[1 + i] = value_text(bytes_of_text(tally->parts[i]));
    out[1 + TALLY_COLUMNS] = value_integer(tally->by);
}

static enum store_result tally_write(struct session *session, const struct tally *tally)
{
    struct value row[2 + TALLY_COLUMNS];
    struct command add = {"INSERT INTO row_count (entity, part_1, part_2, part_3, part_4, number) VALUES ($1, $2, $3, $4, $5, $6)"
                          " ON CONFLICT (entity, part_1, part_2, part_3, part_4) DO UPDATE SET number = row_count.number + excluded.number",
                          row, 2 + TALLY_COLUMNS};
    struct command tidy = {"DELETE FROM row_count WHERE entity = $1 AND part_1 = $2 AND part_2 = $3 AND part_3 = $4 AND part_4 = $5"
                           " AND number = 0",
                           row, 1 + TALLY_COLUMNS};
    parameters_of(tally, row);
    if (tally->by == 0) return STORE_OK;
    enum store_result result = session_run(session, &add, NULL);
    return result == STORE_OK && tally->by < 0 ? session_run(session, &tidy, NULL) : result;
}

enum store_result tallies_write(struct session *session)
{
    struct tracking *tracking = &session->tracking;
    enum store_result result = STORE_OK;
    for (size_t i = 0; result == STORE_OK && i < tracking->tally_count; i++) result = tally_write(session, &tracking->tallies[i]);
    tracking->tally_count = 0;
    return result;
}

enum store_result store_count_authorised(struct session *session, struct bytes instance_id, int64_t kind, int64_t *count)
{
    char digits[24];
    struct buffer digit = buffer_over(digits, sizeof digits);
    buffer_add_number(&digit, kind);
    const struct value parameters[] = {value_text(instance_id), value_text(buffer_bytes(&digit))};
    struct command command = {"SELECT CAST(coalesce(sum(number), 0) AS BIGINT) FROM row_count WHERE entity = 'authorised' AND part_1 = $1"
                              " AND part_2 = $2",
                              parameters, 2};
    enum store_result result = tallies_write(session);
    *count = 0;
    return result == STORE_OK ? session_number(session, &command, count) : result;
}

static bool is_same(const struct value *a, const struct value *b)
{
    return a->type == b->type && a->integer == b->integer && bytes_equal(a->bytes, b->bytes);
}

/* The value that all filters of this column ask for, and how many they are; false: they ask for several, or for something else. */
static bool column_value(const struct store_query *query, size_t column, const struct value **value, size_t *found)
{
    *value = NULL;
    for (size_t i = 0; i < query->filter_count; i++) {
        const struct store_filter *filter = &query->filters[i];
        if (filter->column != column) continue;
        if (filter->operator!= STORE_EQUAL || filter->value.type == VALUE_NULL) return false;
        if (*value != NULL && !is_same(*value, &filter->value)) return false;
        *value = &filter->value;
        ++*found;
    }
    return true;
}

/* Values of the first counted columns, in their order; false: it is no count that is kept. */
static bool query_sort(const struct tracked *tracked, const struct store_query *query, const struct value *sorted[TALLY_COLUMNS],
                       size_t *count)
{
    size_t found = 0;
    for (*count = 0; *count < tracked->counted_count; ++*count) {
        if (!column_value(query, tracked->counted[*count], &sorted[*count], &found)) return false;
        if (sorted[*count] == NULL) break;
    }
    return found == query->filter_count && *count >= tracked->least;
}

enum store_result tally_number(struct session *session, const struct entity *entity, const struct store_query *query, int64_t *number,
                               bool *known)
{
    const struct tracked *tracked = tracked_of(entity);
    const struct value *sorted[TALLY_COLUMNS];
    size_t count;
    *known = false;
    if (tracked == NULL || !query_sort(tracked, query, sorted, &count)) return STORE_OK;
    char memory[512], digits[TALLY_COLUMNS][24];
    struct buffer sql = buffer_over(memory, sizeof memory);
    struct value parameters[1 + TALLY_COLUMNS] = {value_text(bytes_of_text(entity->table))};
    buffer_add_text(&sql, "SELECT CAST(coalesce(sum(number), 0) AS BIGINT) FROM row_count WHERE entity = $1");
    for (size_t i = 0; i < count; i++) {
        struct buffer digit = buffer_over(digits[i], sizeof digits[i]);
        parameters[1 + i] = *sorted[i];
        if (sorted[i]->type == VALUE_INTEGER) {
            buffer_add_number(&digit, sorted[i]->integer);
            parameters[1 + i] = value_text(buffer_bytes(&digit));
        }
        buffer_add_text(&sql, " AND ");
        buffer_add_text(&sql, part_names[i]);
        buffer_add_text(&sql, " = $");
        buffer_add_number(&sql, (int64_t)i + 2);
    }
    buffer_add_byte(&sql, 0);
    *known = true;
    enum store_result result = tallies_write(session);
    if (result != STORE_OK) return result;
    return session_number(session, &(struct command){memory, parameters, 1 + count}, number);
}
