/* Rows of any entity: the SQL is made from the entity's columns, so every entity behaves alike. */
#include "base/text.h"
#include "store/bulk.h"
#include "store/session.h"

#include <stdio.h>
#include <stdlib.h>

#define SQL_SIZE 4096
/* SQLite refuses patterns over 50 000 bytes; a needle may double when it is escaped. */
#define NEEDLE_MAX 16384

struct value value_null(void)
{
    return (struct value){.type = VALUE_NULL};
}

struct value value_integer(int64_t integer)
{
    return (struct value){.type = VALUE_INTEGER, .integer = integer};
}

struct value value_text(struct bytes text)
{
    return (struct value){.type = VALUE_TEXT, .bytes = text};
}

struct value value_blob(struct bytes blob)
{
    return (struct value){.type = VALUE_BLOB, .bytes = blob};
}

/* The SQL of one call, with its parameters in order. */
struct statement_text {
    char sql[SQL_SIZE];
    struct buffer text;
    struct value parameters[STATEMENT_MAX_PARAMETERS];
    size_t count;
    uint8_t *needles; /* escaped CONTAINS patterns; freed by text_done */
    bool impossible;  /* no row can match */
};

static void text_start(struct statement_text *text)
{
    text->text = buffer_over(text->sql, sizeof text->sql);
    text->count = 0;
    text->needles = NULL;
    text->impossible = false;
}

static void text_add(struct statement_text *text, const char *sql)
{
    buffer_add_text(&text->text, sql);
}

static void text_add_parameter(struct statement_text *text, struct value value)
{
    if (text->count == STATEMENT_MAX_PARAMETERS) {
        text->text.overflow = true;
        return;
    }
    text->parameters[text->count++] = value;
    buffer_add_byte(&text->text, '$');
    buffer_add_number(&text->text, (int64_t)text->count);
}

static void text_add_columns(struct statement_text *text, const struct entity *entity)
{
    for (size_t i = 0; i < entity->column_count; i++) {
        if (i > 0) text_add(text, ", ");
        text_add(text, entity->columns[i].name);
    }
}

static void text_done(struct statement_text *text)
{
    free(text->needles);
}

/* False after a fault: the text did not fit, which only a filter list of absurd length causes. */
static bool text_command(struct session *session, struct statement_text *text, struct command *command)
{
    buffer_add_byte(&text->text, 0);
    if (text->text.overflow) {
        session_fault(session, "store: too many columns or filters");
        return false;
    }
    *command = (struct command){text->sql, text->parameters, text->count};
    return true;
}

bool text_is_storable(struct bytes text)
{
    return bytes_find(text, 0) == text.length && utf8_is_valid(text);
}

static bool row_is_sound(struct session *session, const struct entity *entity, const struct value *row)
{
    for (size_t i = 0; i < entity->column_count; i++) {
        bool typed = row[i].type == VALUE_NULL || row[i].type == entity->columns[i].type;
        if (typed && (row[i].type != VALUE_TEXT || text_is_storable(row[i].bytes))) continue;
        char what[STORE_PROBLEM_SIZE];
        snprintf(what, sizeof what, "store: %s.%s: %s", entity->table, entity->columns[i].name,
                 typed ? "not UTF-8, or holds NUL" : "a value of another type");
        session_fault(session, what);
        return false;
    }
    return true;
}

static void insert_text(struct statement_text *text, const struct entity *entity, const struct value *row, const char *end)
{
    text_start(text);
    text_add(text, "INSERT INTO ");
    text_add(text, entity->table);
    text_add(text, " (");
    text_add_columns(text, entity);
    text_add(text, ") VALUES (");
    for (size_t i = 0; i < entity->column_count; i++) {
        if (i > 0) text_add(text, ", ");
        text_add_parameter(text, row[i]);
    }
    text_add(text, end);
}

/* With DO NOTHING a conflict costs no savepoint; only when there was one is the statement repeated without it, to learn its name. */
enum store_result store_insert(struct session *session, const struct entity *entity, const struct value *row)
{
    struct statement_text text;
    struct command command;
    int64_t inserted;
    bool taken;
    if (!row_is_sound(session, entity, row) || bulk_add(session, entity, row, &taken) != STORE_OK) return STORE_FAULT;
    if (taken) return tracked_changed(session, entity, NULL, row);
    insert_text(&text, entity, row, ") ON CONFLICT DO NOTHING");
    if (!text_command(session, &text, &command)) return STORE_FAULT;
    enum store_result result = session_run(session, &command, &inserted);
    if (result == STORE_OK && inserted != 1) {
        insert_text(&text, entity, row, ")");
        if (!text_command(session, &text, &command)) return STORE_FAULT;
        result = session_run_guarded(session, &command, NULL);
    }
    return result == STORE_OK ? tracked_changed(session, entity, NULL, row) : result;
}

enum store_result store_update(struct session *session, const struct entity *entity, const struct value *row)
{
    struct statement_text text;
    struct command command;
    struct tracked_row before;
    int64_t updated;
    if (!row_is_sound(session, entity, row) || tracked_look(session, entity, row[0].bytes, &before) != STORE_OK) return STORE_FAULT;
    text_start(&text);
    text_add(&text, "UPDATE ");
    text_add(&text, entity->table);
    for (size_t i = 1; i < entity->column_count; i++) {
        text_add(&text, i == 1 ? " SET " : ", ");
        text_add(&text, entity->columns[i].name);
        text_add(&text, " = ");
        text_add_parameter(&text, row[i]);
    }
    text_add(&text, " WHERE id = ");
    text_add_parameter(&text, row[0]);
    if (!text_command(session, &text, &command)) return STORE_FAULT;
    enum store_result result = session_run_guarded(session, &command, &updated);
    if (result == STORE_OK && updated == 0) return STORE_NOTHING;
    return result == STORE_OK ? tracked_changed(session, entity, &before, row) : result;
}

enum store_result store_remove(struct session *session, const struct entity *entity, struct bytes id)
{
    struct statement_text text;
    struct command command;
    struct tracked_row before;
    int64_t removed;
    if (!text_is_storable(id)) return STORE_NOTHING;
    if (tracked_look(session, entity, id, &before) != STORE_OK) return STORE_FAULT;
    text_start(&text);
    text_add(&text, "DELETE FROM ");
    text_add(&text, entity->table);
    text_add(&text, " WHERE id = ");
    text_add_parameter(&text, value_text(id));
    if (!text_command(session, &text, &command)) return STORE_FAULT;
    enum store_result result = session_run(session, &command, &removed);
    if (result == STORE_OK && removed == 0) return STORE_NOTHING;
    return result == STORE_OK ? tracked_changed(session, entity, &before, NULL) : result;
}

/* The LIKE pattern of a literal, folded: %needle% with its own wildcards escaped. */
static void text_add_needle(struct statement_text *text, struct bytes needle, uint8_t **memory)
{
    struct buffer pattern = buffer_over(*memory, needle.length * 2 + 2);
    buffer_add_byte(&pattern, '%');
    for (size_t i = 0; i < needle.length; i++) {
        uint8_t byte = byte_to_lower(needle.data[i]);
        if (byte == '%' || byte == '_' || byte == '!') buffer_add_byte(&pattern, '!');
        buffer_add_byte(&pattern, byte);
    }
    buffer_add_byte(&pattern, '%');
    *memory += pattern.length;
    text_add_parameter(text, value_text(buffer_bytes(&pattern)));
}

static const char *operator_text(enum store_operator operator)
{
    switch (operator) {
    case STORE_EQUAL:
        return " = ";
    case STORE_AT_LEAST:
        return " >= ";
    case STORE_AT_MOST:
        return " <= ";
    case STORE_CONTAINS:
        break;
    }
    return " LIKE ";
}

static void text_add_filter(struct statement_text *text, const struct entity *entity, const struct store_filter *filter, uint8_t **memory)
{
    const char *column = entity->columns[filter->column].name;
    if (filter->operator==
        STORE_CONTAINS) { /* both databases fold ASCII only: SQLite always, PostgreSQL under the column's collation "C" */
        text_add(text, "lower(");
        text_add(text, column);
        text_add(text, ") LIKE ");
        text_add_needle(text, filter->value.bytes, memory);
        text_add(text, " ESCAPE '!'");
        return;
    }
    text_add(text, column);
    if (filter->value.type == VALUE_NULL) {
        text_add(text, " IS NULL");
        return;
    }
    text_add(text, operator_text(filter->operator));
    text_add_parameter(text, filter->value);
}

static bool filter_is_impossible(const struct entity *entity, const struct store_filter *filter)
{
    if (filter->value.type != VALUE_NULL && filter->value.type != entity->columns[filter->column].type) return true;
    if (filter->operator== STORE_CONTAINS && filter->value.bytes.length> NEEDLE_MAX) return true;
    return filter->value.type == VALUE_TEXT && !text_is_storable(filter->value.bytes);
}

/* " WHERE …"; false after a fault. */
static bool text_add_filters(struct session *session, struct statement_text *text, const struct entity *entity,
                             const struct store_query *query)
{
    size_t size = 0;
    for (size_t i = 0; i < query->filter_count; i++) {
        if (filter_is_impossible(entity, &query->filters[i])) text->impossible = true;
        if (query->filters[i].operator== STORE_CONTAINS) size += query->filters[i].value.bytes.length * 2 + 2;
    }
    if (text->impossible) return true;
    text->needles = size ? malloc(size) : NULL;
    if (size && !text->needles) {
        session_fault(session, "store: out of memory");
        return false;
    }
    uint8_t *memory = text->needles;
    for (size_t i = 0; i < query->filter_count; i++) {
        text_add(text, i == 0 ? " WHERE " : " AND ");
        text_add_filter(text, entity, &query->filters[i], &memory);
    }
    return true;
}

static void text_add_order(struct statement_text *text, const struct entity *entity, const struct store_query *query)
{
    const char *direction = query->descending ? " DESC" : "";
    text_add(text, " ORDER BY ");
    if (query->order_column > 0) {
        text_add(text, entity->columns[query->order_column].name);
        text_add(text, direction);
        text_add(text, ", ");
    }
    text_add(text, "id");
    text_add(text, direction);
}

static void text_add_bound(struct statement_text *text, const struct column *time, const char *operator, const struct name_key * key)
{
    text_add(text, " AND (");
    text_add(text, time->name);
    text_add(text, ", id) ");
    text_add(text, operator);
    text_add(text, " (");
    text_add_parameter(text, value_integer(key->time));
    text_add(text, ", ");
    text_add_parameter(text, value_text(bytes_of_text(key->id)));
    text_add(text, ")");
}

static void text_add_range(struct statement_text *text, const struct entity *entity, const struct page_range *range)
{
    const struct column *time = &entity->columns[range->time_column];
    if (range->from != NULL) text_add_bound(text, time, ">=", range->from);
    if (range->to != NULL) text_add_bound(text, time, "<", range->to);
}

static void text_add_window(struct statement_text *text, const struct store_query *query)
{
    if (query->limit == 0 && query->offset == 0) return;
    text_add(text, " LIMIT ");
    text_add_parameter(text, value_integer(query->limit ? (int64_t)query->limit : INT64_MAX));
    text_add(text, " OFFSET ");
    text_add_parameter(text, value_integer((int64_t)query->offset));
}

#define STREAM_FROM 500 /* from so many rows on they are streamed */

enum store_result rows_list_within(struct session *session, const struct entity *entity, const struct store_query *query,
                                   const struct page_range *range)
{
    struct statement_text text;
    struct selection selection = {.columns = entity->column_count, .stream = query->limit == 0 || query->limit > STREAM_FROM};
    text_start(&text);
    text_add(&text, "SELECT ");
    text_add_columns(&text, entity);
    text_add(&text, " FROM ");
    text_add(&text, entity->table);
    if (!text_add_filters(session, &text, entity, query)) return STORE_FAULT;
    if (text.impossible) return session->gone ? STORE_FAULT : STORE_OK;
    text_add_range(&text, entity, range);
    text_add_order(&text, entity, query);
    text_add_window(&text, query);
    enum store_result result = STORE_FAULT;
    if (text_command(session, &text, &selection.command)) result = session_select(session, &selection, range->each, range->context);
    text_done(&text);
    return result;
}

enum store_result store_list(struct session *session, const struct entity *entity, const struct store_query *query, store_each each,
                             void *context)
{
    return rows_list_within(session, entity, query, &(struct page_range){.each = each, .context = context});
}

/* "SELECT … WHERE column = " */
static void text_add_rows_with(struct statement_text *text, const struct entity *entity, size_t column)
{
    text_add(text, "SELECT ");
    text_add_columns(text, entity);
    text_add(text, " FROM ");
    text_add(text, entity->table);
    text_add(text, " WHERE ");
    text_add(text, entity->columns[column].name);
    text_add(text, " = ");
}

static enum store_result list_each_of(struct session *session, const struct entity *entity, const struct store_any *any,
                                      struct handing *handing)
{
    enum store_result result = STORE_OK;
    for (size_t i = 0; i < any->count && result == STORE_OK && !handing->stopped; i++) {
        struct statement_text text;
        struct selection selection = {.columns = entity->column_count};
        if (!text_is_storable(any->values[i].bytes)) continue;
        text_start(&text);
        text_add_rows_with(&text, entity, any->column);
        text_add_parameter(&text, any->values[i]);
        if (!text_command(session, &text, &selection.command)) return STORE_FAULT;
        result = session_select(session, &selection, hand_each, handing);
    }
    return result;
}

/* All in one parameter, a line each. False: they are no lines. */
static bool join_lines(const struct store_any *any, struct buffer *out)
{
    size_t size = 0;
    for (size_t i = 0; i < any->count; i++) size += any->values[i].bytes.length + 1;
    uint8_t *memory = malloc(size);
    if (memory == NULL) return false;
    *out = buffer_over(memory, size);
    for (size_t i = 0; i < any->count; i++) {
        struct bytes line = any->values[i].bytes;
        if (i > 0) buffer_add_byte(out, '\n');
        buffer_add(out, line);
        if (text_is_storable(line) && bytes_find(line, '\n') == line.length) continue;
        free(memory);
        return false;
    }
    return true;
}

/* OFFSET 0 keeps the inner command one of its own, which is planned for one value: by the index, whatever the statistics are. */
static enum store_result list_lines(struct session *session, const struct entity *entity, const struct store_any *any, struct bytes lines,
                                    struct handing *handing)
{
    struct statement_text text;
    struct selection selection = {.columns = entity->column_count};
    text_start(&text);
    text_add(&text, "SELECT found.* FROM unnest(string_to_array(");
    text_add_parameter(&text, value_text(lines));
    text_add(&text, ", chr(10))) AS wanted (value) CROSS JOIN LATERAL (");
    text_add_rows_with(&text, entity, any->column);
    text_add(&text, "wanted.value OFFSET 0) AS found");
    if (!text_command(session, &text, &selection.command)) return STORE_FAULT;
    return session_select(session, &selection, hand_each, handing);
}

bool store_is_distant(const struct session *session)
{
    return session->connection->driver->distant;
}

enum store_result store_list_any(struct session *session, const struct entity *entity, const struct store_any *any, store_each each,
                                 void *context)
{
    struct handing handing = {each, context, false};
    struct buffer lines;
    if (any->count == 0) return STORE_OK;
    if (!store_is_distant(session) || !join_lines(any, &lines)) return list_each_of(session, entity, any, &handing);
    enum store_result result = list_lines(session, entity, any, buffer_bytes(&lines), &handing);
    free(lines.data);
    return result;
}

enum store_result store_count(struct session *session, const struct entity *entity, const struct store_query *query, int64_t *count)
{
    struct statement_text text;
    struct command command;
    *count = 0;
    text_start(&text);
    text_add(&text, "SELECT count(*) FROM ");
    text_add(&text, entity->table);
    if (!text_add_filters(session, &text, entity, query)) return STORE_FAULT;
    if (text.impossible) return session->gone ? STORE_FAULT : STORE_OK;
    bool known;
    enum store_result result = tally_number(session, entity, query, count, &known);
    if (result == STORE_OK && !known) {
        result = text_command(session, &text, &command) ? session_number(session, &command, count) : STORE_FAULT;
    }
    text_done(&text);
    return result;
}

enum store_result rows_grouped(struct session *session, const struct entity *entity, const struct store_query *query,
                               const struct grouping *grouping, struct row_reader reader)
{
    struct statement_text text;
    struct selection selection = {.columns = grouping->columns, .stream = true};
    const char *column = entity->columns[grouping->column].name;
    const char *const parts[] = {" GROUP BY ", column, " ORDER BY ", column, " DESC"};
    text_start(&text);
    text_add(&text, "SELECT ");
    text_add(&text, grouping->selected);
    text_add(&text, " FROM ");
    text_add(&text, entity->table);
    if (!text_add_filters(session, &text, entity, query)) return STORE_FAULT;
    if (text.impossible) return session->gone ? STORE_FAULT : STORE_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) text_add(&text, parts[i]);
    enum store_result result = STORE_FAULT;
    if (text_command(session, &text, &selection.command)) result = session_select(session, &selection, reader.each, reader.context);
    text_done(&text);
    return result;
}

/* Where store_find puts the one row. */
struct found {
    struct arena *arena;
    struct value *row;
    size_t columns;
    size_t rows;
};

static bool found_each(void *context, const struct value *row)
{
    struct found *found = context;
    for (size_t i = 0; i < found->columns; i++) {
        found->row[i] = row[i];
        if (row[i].bytes.length) found->row[i].bytes = arena_copy(found->arena, row[i].bytes);
    }
    found->rows++;
    return false;
}

enum store_result store_find(struct session *session, const struct entity *entity, const struct store_query *query, struct arena *arena,
                             struct value *row)
{
    struct found found = {arena, row, entity->column_count, 0};
    struct store_query first = *query;
    first.limit = 1;
    enum store_result result = store_list(session, entity, &first, found_each, &found);
    if (result != STORE_OK) return result;
    if (arena->exhausted) return session_fault(session, "store: the caller's arena is full");
    return found.rows ? STORE_OK : STORE_NOTHING;
}

enum store_result store_get(struct session *session, const struct entity *entity, struct bytes id, struct arena *arena, struct value *row)
{
    struct store_filter filter = {0, STORE_EQUAL, value_text(id)};
    return store_find(session, entity, &(struct store_query){.filters = &filter, .filter_count = 1}, arena, row);
}
