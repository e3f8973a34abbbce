/* What all resources do alike: load, list, insert, change, remove, with audit and the conflict codes. A resource is a description
 * (below); its handlers are short compositions of these. All of them work in call->session, refuse or fault by themselves, and return
 * false then: `return false` from the handler. */
#ifndef COUNTERSIGN_CONTROL_RESOURCE_H
#define COUNTERSIGN_CONTROL_RESOURCE_H

#include "control/call.h"
#include "store/schema.h"

#define RESOURCE_MAX_FILTERS 16

/* A unique index of the entity, and what its violation means to the caller. */
struct conflict {
    const char *index; /* as store_conflict names it */
    enum error_code code;
    size_t column; /* whose value is the subject */
};

struct resource {
    const char *name; /* "env": in audit rows */
    const struct entity *entity;
    const struct fields *fields;
    size_t instance_column;
    enum error_code unknown; /* 404: no such row in this instance */
    const struct conflict *conflicts;
    size_t conflict_count;
    /* Adds what is answered but not stored (constants, parts of ids). May be NULL. No store access. */
    bool (*derive)(const struct call *call, const struct value *row, json_t *answer);
};

/* The row with this id in the call's instance; `row` has room for entity->column_count values. Refuses with `unknown`. */
bool resource_load(struct call *call, const struct resource *resource, struct bytes id, struct value *row);
/* The same where the caller knows the row by another id than its own (environments). */
bool resource_load_as(struct call *call, const struct resource *resource, struct bytes row_id, struct bytes shown_id, struct value *row);
/* All of these filters hold. */
struct where {
    const struct store_filter *filters;
    size_t count;
};
/* The first row of this instance; *found says whether there is one. False: a fault. */
bool resource_find(struct call *call, const struct resource *resource, struct where where, struct value *row, bool *found);

/* Insert with audit "create"; a violated index gives its code. */
bool resource_insert(struct call *call, const struct resource *resource, const struct value *row);
/* Write the row over `before` (the same id) with audit "update". */
bool resource_update(struct call *call, const struct resource *resource, const struct value *before, const struct value *after);
/* Remove the row with audit "delete". */
bool resource_remove(struct call *call, const struct resource *resource, const struct value *row);

/* Lays the checked body over `row`. */
bool resource_fill(struct call *call, const struct resource *resource, struct value *row);
/* The JSON of a row: stored fields, then derive. NULL: out of memory. */
json_t *resource_json(const struct call *call, const struct resource *resource, const struct value *row, enum field_showing showing);
/* call_answer with resource_json(HIDE_SECRETS). */
bool resource_answer(struct call *call, const struct resource *resource, const struct value *row, unsigned status);

/* Calls `each` for every row where `column` holds `value` (in this instance), rows copied first, so `each` may use the session. It
 * stops and returns false as soon as `each` does. */
typedef bool (*resource_each)(struct call *call, void *context, const struct value *row);
bool resource_for_each(struct call *call, const struct resource *resource, const struct store_filter *filter, resource_each each,
                       void *context);
/* How many rows match, in this instance. */
bool resource_count(struct call *call, const struct resource *resource, struct where where, int64_t *found);

#endif
