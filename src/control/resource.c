#include "control/resource.h"

#include "control/audit.h"

#include <string.h>

#define BATCH 100

bool resource_load_as(struct call *call, const struct resource *resource, struct bytes row_id, struct bytes shown_id, struct value *row)
{
    enum store_result result = store_get(call->session, resource->entity, row_id, &call->arena, row);
    if (result == STORE_NOTHING) return call_refuse(call, resource->unknown, shown_id);
    if (!call_store(call, result)) return false;
    if (bytes_equal(row[resource->instance_column].bytes, call->scope_id)) return true;
    return call_refuse(call, resource->unknown, shown_id);
}

bool resource_load(struct call *call, const struct resource *resource, struct bytes id, struct value *row)
{
    return resource_load_as(call, resource, id, id, row);
}

/* The filters given, and the instance. False: too many (a fault of ours). */
static bool within_instance(struct call *call, const struct resource *resource, struct store_query *query,
                            struct store_filter memory[static RESOURCE_MAX_FILTERS])
{
    if (query->filter_count >= RESOURCE_MAX_FILTERS) return call_fault(call, "too many filters");
    memory[0] = (struct store_filter){resource->instance_column, STORE_EQUAL, value_text(call->scope_id)};
    if (query->filter_count > 0) memcpy(&memory[1], query->filters, query->filter_count * sizeof *memory);
    query->filters = memory;
    query->filter_count++;
    return true;
}

bool resource_find(struct call *call, const struct resource *resource, struct where where, struct value *row, bool *found)
{
    struct store_filter memory[RESOURCE_MAX_FILTERS];
    struct store_query query = {.filters = where.filters, .filter_count = where.count};
    *found = false;
    if (!within_instance(call, resource, &query, memory)) return false;
    enum store_result result = store_find(call->session, resource->entity, &query, &call->arena, row);
    if (result == STORE_NOTHING) return true;
    *found = result == STORE_OK;
    return call_store(call, result);
}

bool resource_count(struct call *call, const struct resource *resource, struct where where, int64_t *found)
{
    struct store_filter memory[RESOURCE_MAX_FILTERS];
    struct store_query query = {.filters = where.filters, .filter_count = where.count};
    return within_instance(call, resource, &query, memory) && call_store(call, store_count(call->session, resource->entity, &query, found));
}

static bool refuse_conflict(struct call *call, const struct resource *resource, const struct value *row)
{
    const char *index = store_conflict(call->session);
    for (size_t i = 0; i < resource->conflict_count; i++) {
        const struct conflict *conflict = &resource->conflicts[i];
        if (strcmp(conflict->index, index) == 0) return call_refuse(call, conflict->code, row[conflict->column].bytes);
    }
    return call_fault(call, index);
}

bool resource_insert(struct call *call, const struct resource *resource, const struct value *row)
{
    enum store_result result = store_insert(call->session, resource->entity, row);
    if (result == STORE_CONFLICT) return refuse_conflict(call, resource, row);
    return call_store(call, result) && audit_change(call, resource, NULL, row);
}

bool resource_update(struct call *call, const struct resource *resource, const struct value *before, const struct value *after)
{
    enum store_result result = store_update(call->session, resource->entity, after);
    if (result == STORE_CONFLICT) return refuse_conflict(call, resource, after);
    return call_store(call, result) && audit_change(call, resource, before, after);
}

bool resource_remove(struct call *call, const struct resource *resource, const struct value *row)
{
    return call_store(call, store_remove(call->session, resource->entity, row[0].bytes)) && audit_change(call, resource, row, NULL);
}

bool resource_fill(struct call *call, const struct resource *resource, struct value *row)
{
    return fields_to_row(resource->fields, call->body, &call->arena, row) || call_fault(call, "no memory for the row");
}

json_t *resource_json(const struct call *call, const struct resource *resource, const struct value *row, enum field_showing showing)
{
    json_t *json = fields_from_row(resource->fields, row, showing);
    if (json == NULL || resource->derive == NULL || resource->derive(call, row, json)) return json;
    json_decref(json);
    return NULL;
}

bool resource_answer(struct call *call, const struct resource *resource, const struct value *row, unsigned status)
{
    return call_answer(call, status, resource_json(call, resource, row, HIDE_SECRETS));
}

/* One batch of rows, copied out of the list call so that the session is free again. */
struct batch {
    struct call *call;
    size_t columns;
    struct bytes last; /* the id behind which to go on */
    struct value *rows;
    size_t count;
    bool exhausted;
};

static bool copy_row(struct arena *arena, const struct value *from, size_t columns, struct value *to)
{
    for (size_t i = 0; i < columns; i++) {
        to[i] = from[i];
        to[i].bytes = arena_copy(arena, from[i].bytes);
    }
    return !arena->exhausted;
}

static bool keep_row(void *context, const struct value *row)
{
    struct batch *batch = context;
    if (bytes_equal(row[0].bytes, batch->last)) return true; /* AT_LEAST gives the last one again */
    batch->exhausted = !copy_row(&batch->call->arena, row, batch->columns, &batch->rows[batch->count * batch->columns]);
    batch->count += !batch->exhausted;
    return !batch->exhausted;
}

/* Steps by id, so that rows which `each` removes do not shift the rest. */
static bool read_batch(struct call *call, const struct resource *resource, const struct store_filter *filter, struct batch *batch)
{
    struct store_filter filters[] = {*filter, {0, STORE_AT_LEAST, value_text(batch->last)}};
    struct store_filter memory[RESOURCE_MAX_FILTERS];
    struct store_query query = {.filters = filters, .filter_count = batch->last.length > 0 ? 2 : 1, .limit = BATCH + 1};
    batch->count = 0;
    batch->rows = arena_take_array(&call->arena, BATCH + 1, batch->columns * sizeof(struct value));
    if (batch->rows == NULL || !within_instance(call, resource, &query, memory)) return call_fault(call, "no memory for rows");
    if (!call_store(call, store_list(call->session, resource->entity, &query, keep_row, batch))) return false;
    return !batch->exhausted || call_fault(call, "no memory for rows");
}

bool resource_for_each(struct call *call, const struct resource *resource, const struct store_filter *filter, resource_each each,
                       void *context)
{
    char last[256];
    struct batch batch = {.call = call, .columns = resource->entity->column_count, .last = {(const uint8_t *)last, 0}};
    size_t mark = call->arena.used;
    do {
        if (!read_batch(call, resource, filter, &batch)) return false;
        for (size_t i = 0; i < batch.count; i++) {
            if (!each(call, context, &batch.rows[i * batch.columns])) return false;
        }
        if (batch.count > 0) {
            struct bytes id = batch.rows[(batch.count - 1) * batch.columns].bytes;
            if (id.length > sizeof last) return call_fault(call, "an id that is too long");
            memcpy(last, id.data, id.length);
            batch.last.length = id.length;
        }
        arena_rewind(&call->arena, mark);
    } while (batch.count > 0);
    return true;
}
