#include "store/bulk.h"

#include "base/buffer.h"
#include "store/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_FIRST ((size_t)64 * 1024)
#define TABLE_MOST  ((size_t)16 * 1024 * 1024) /* then it is written */

/* PostgreSQL's binary COPY: a signature, flags, the length of an extension; each row a count and lengths; an end. */
static const uint8_t copy_head[19] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
static const uint8_t copy_end[2] = {0xff, 0xff};

void store_bulk(struct session *session)
{
    session->bulk.gathering = session->connection->driver->copy != NULL;
}

bool store_bulk_conflicted(const struct session *session)
{
    return session->bulk.conflicted;
}

static struct bulk_table *table_of(struct bulk *bulk, const struct entity *entity)
{
    for (size_t i = 0; i < bulk->table_count; i++) {
        if (bulk->tables[i].entity == entity) return &bulk->tables[i];
    }
    if (bulk->table_count == BULK_TABLES) return NULL;
    bulk->tables[bulk->table_count] = (struct bulk_table){.entity = entity};
    return &bulk->tables[bulk->table_count++];
}

static size_t row_size(const struct entity *entity, const struct value *row)
{
    size_t size = 2;
    for (size_t i = 0; i < entity->column_count; i++) size += 4 + 8 + row[i].bytes.length;
    return size;
}

static bool table_has_room(struct bulk_table *table, size_t size)
{
    size_t capacity = table->rows.capacity > 0 ? table->rows.capacity : TABLE_FIRST;
    if (table->rows.data != NULL && table->rows.capacity - table->rows.length >= size) return true;
    while (capacity - table->rows.length < size) capacity *= 2;
    uint8_t *memory = realloc(table->rows.data, capacity);
    if (memory == NULL) return false;
    table->rows.data = memory;
    table->rows.capacity = capacity;
    return true;
}

static void value_add(struct buffer *out, const struct value *value)
{
    switch (value->type) {
    case VALUE_NULL:
        buffer_add_u32(out, UINT32_MAX);
        return;
    case VALUE_INTEGER:
        buffer_add_u32(out, 8);
        buffer_add_u64(out, (uint64_t)value->integer);
        return;
    case VALUE_TEXT:
    case VALUE_BLOB:
        break;
    }
    buffer_add_u32(out, (uint32_t)value->bytes.length);
    buffer_add(out, value->bytes);
}

enum store_result bulk_add(struct session *session, const struct entity *entity, const struct value *row, bool *taken)
{
    struct bulk *bulk = &session->bulk;
    *taken = false;
    if (!bulk->gathering || session->gone) return STORE_OK;
    struct bulk_table *table = table_of(bulk, entity);
    size_t size = row_size(entity, row) + sizeof copy_head + sizeof copy_end;
    if (table == NULL || size > TABLE_MOST) return STORE_OK;
    if (table->rows.length + size > TABLE_MOST && bulk_write(session) != STORE_OK) return STORE_FAULT;
    if (!table_has_room(table, size)) return session_fault(session, "store: out of memory");
    if (table->rows.length == 0) buffer_add(&table->rows, bytes_of(copy_head, sizeof copy_head));
    buffer_add_u16(&table->rows, (uint16_t)entity->column_count);
    for (size_t i = 0; i < entity->column_count; i++) value_add(&table->rows, &row[i]);
    bulk->pending = *taken = true;
    return STORE_OK;
}

static enum store_result table_write(struct session *session, struct bulk_table *table)
{
    const struct entity *entity = table->entity;
    char sql[2048];
    struct buffer text = buffer_over(sql, sizeof sql);
    if (table->rows.length == 0) return STORE_OK;
    buffer_add_text(&text, "COPY ");
    buffer_add_text(&text, entity->table);
    for (size_t i = 0; i < entity->column_count; i++) {
        buffer_add_text(&text, i == 0 ? " (" : ", ");
        buffer_add_text(&text, entity->columns[i].name);
    }
    buffer_add_text(&text, ") FROM STDIN (FORMAT binary)");
    buffer_add_byte(&text, 0);
    buffer_add(&table->rows, bytes_of(copy_end, sizeof copy_end));
    if (text.overflow || table->rows.overflow) return session_fault(session, "store: too many columns");
    enum step step = session->connection->driver->copy(session->connection, sql, buffer_bytes(&table->rows));
    table->rows.length = 0;
    if (step == STEP_DONE) return STORE_OK;
    session->bulk.conflicted = step == STEP_CONFLICT;
    return session_fault(session, step == STEP_CONFLICT ? "store: one of many rows is there already" : NULL);
}

enum store_result bulk_write(struct session *session)
{
    struct bulk *bulk = &session->bulk;
    enum store_result result = STORE_OK;
    bulk->pending = false;
    for (size_t i = 0; result == STORE_OK && i < bulk->table_count; i++) result = table_write(session, &bulk->tables[i]);
    return result;
}

enum store_result store_bulk_end(struct session *session)
{
    enum store_result result = session->bulk.pending ? bulk_write(session) : STORE_OK;
    session->bulk.gathering = false;
    return session->bulk.conflicted ? STORE_CONFLICT : result;
}

void bulk_free(struct bulk *bulk)
{
    for (size_t i = 0; i < bulk->table_count; i++) free(bulk->tables[i].rows.data);
    bulk->table_count = 0;
}
