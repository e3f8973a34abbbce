#include "cli/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cli/print.h"

#define PAGE 500

const struct kind kinds[KIND_COUNT] = {
    [KIND_ENV] = {.list = "environments", .resource = "env", .fixed = "DEFAULT_ENVIRONMENT_RELEASE_ID"},
    [KIND_GROUP] = {.list = "api_groups", .resource = "api-group"},
    [KIND_API] = {.list = "apis", .resource = "api", .published = true},
    [KIND_APP] = {.list = "apps", .resource = "app", .omitted = "app_key"},
    [KIND_CONSUMER] = {.list = "consumers", .resource = "consumer"},
    [KIND_SIGN] = {.list = "signature_keys", .resource = "sign", .omitted = "sign_key"},
    [KIND_THROTTLE] = {.list = "throttles", .resource = "throttle"},
    [KIND_ACL] = {.list = "acls", .resource = "acl", .named = "acl_name"},
    [KIND_USER] = {.list = "users", .resource = "user", .apart = true},
};

const char *kind_name(const struct kind *kind, const json_t *item)
{
    return json_string_value(json_object_get(item, kind->named != NULL ? kind->named : "name"));
}

bool kind_operation(const struct kind *kind, const char *verb, struct operation *operation)
{
    return operation_find(kind->resource, verb, operation);
}

static json_t *keep_writable(const struct fields *fields, const json_t *raw);

static json_t *keep_list(const struct field *field, const json_t *value)
{
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(value); i++)
        json_array_append_new(list, keep_writable(field->members, json_array_get(value, i)));
    return list;
}

/* What a body may hold of an answer, and what is no secret. */
static json_t *keep_writable(const struct fields *fields, const json_t *raw)
{
    json_t *kept = json_object();
    for (size_t i = 0; i < fields->count; i++) {
        const struct field *field = &fields->items[i];
        json_t *value = json_object_get(raw, field->name);
        if ((field->flags & (FIELD_READ_ONLY | FIELD_SECRET)) != 0 || value == NULL || json_is_null(value)) continue;
        if (field->members != NULL && json_is_object(value)) {
            json_object_set_new(kept, field->name, keep_writable(field->members, value));
        } else if (field->members != NULL && json_is_array(value)) {
            json_object_set_new(kept, field->name, keep_list(field, value));
        } else {
            json_object_set(kept, field->name, value);
        }
    }
    return kept;
}

/* "STAGE|RELEASE" as a sorted list: two documents of one state are the same. */
static json_t *published_of(const json_t *raw)
{
    json_t *list = json_array();
    const json_t *names = json_object_get(raw, "run_env_name");
    struct bytes rest = bytes_of(json_string_value(names), json_string_length(names)), part;
    while (bytes_next_part(&rest, '|', &part)) {
        size_t place = 0;
        json_t *name = json_stringn((const char *)part.data, part.length);
        while (place < json_array_size(list) && strcmp(json_string_value(json_array_get(list, place)), json_string_value(name)) < 0)
            place++;
        json_array_insert_new(list, place, name);
    }
    return list;
}

/* The name of what was read before under this id; NULL: nothing was. */
static json_t *name_in(const struct state *state, const char *id)
{
    for (size_t kind = 0; kind < KIND_COUNT && id != NULL; kind++) {
        for (size_t i = 0; i < json_array_size(state->ids[kind]); i++) {
            if (strcmp(json_string_value(json_array_get(state->ids[kind], i)), id) != 0) continue;
            return json_object_get(json_array_get(state->items[kind], i), kinds[kind].named != NULL ? kinds[kind].named : "name");
        }
    }
    return NULL;
}

/* The place before which `text` stands in a sorted list. */
static size_t place_of(const json_t *list, const char *text)
{
    size_t place = 0;
    for (bool before = true; before && place < json_array_size(list); place += before) {
        char *other = json_dumps(json_array_get(list, place), JSON_SORT_KEYS);
        before = other != NULL && strcmp(other, text) < 0;
        free(other);
    }
    return place;
}

void state_put_in_order(json_t *item)
{
    json_t *roles = json_object_get(item, "roles"), *sorted = json_array();
    for (size_t i = 0; i < json_array_size(roles); i++) {
        json_t *role = json_array_get(roles, i);
        char *text = json_dumps(role, JSON_SORT_KEYS);
        if (text != NULL) json_array_insert(sorted, place_of(sorted, text), role);
        free(text);
    }
    if (roles != NULL) json_object_set(item, "roles", sorted);
    json_decref(sorted);
}

static void name_ids(const struct state *state, json_t *item)
{
    const char *member;
    json_t *value;
    void *next;
    json_object_foreach_safe(item, next, member, value)
    {
        size_t length = strlen(member);
        json_t *name = length > 3 && strcmp(member + length - 3, "_id") == 0 ? name_in(state, json_string_value(value)) : NULL;
        if (name != NULL) json_object_set(item, member, name);
    }
}

json_t *state_item(const struct state *state, size_t kind, const json_t *raw)
{
    struct operation create;
    kind_operation(&kinds[kind], "create", &create);
    json_t *item = keep_writable(create.route->body, raw);
    name_ids(state, item);
    state_put_in_order(item);
    return item;
}

static enum connection_outcome keep_item(struct connection *connection, struct state *state, size_t kind, const json_t *listed)
{
    struct operation show;
    const char *id = json_string_value(json_object_get(listed, "id"));
    json_t *raw = NULL;
    if (id == NULL || (kinds[kind].fixed != NULL && strcmp(id, kinds[kind].fixed) == 0)) return CONNECTION_DONE;
    if (kind_operation(&kinds[kind], "show", &show)) {
        struct connection_call call = {.method = "GET", .path = show.route->path, .params = &id};
        enum connection_outcome outcome = connection_send(connection, &call, &raw);
        if (outcome != CONNECTION_DONE) return outcome;
    }
    const json_t *known = raw != NULL ? raw : listed;
    json_t *item = state_item(state, kind, known);
    if (kinds[kind].published) json_object_set_new(item, "published", published_of(known));
    json_array_append_new(state->items[kind], item);
    json_array_append_new(state->ids[kind], json_string(id));
    json_decref(raw);
    return CONNECTION_DONE;
}

/* One page; *count is what it held. */
static enum connection_outcome read_page(struct connection *connection, struct state *state, size_t kind, size_t offset, size_t *count)
{
    struct operation list;
    char query[QUERY_SIZE];
    json_t *answer;
    kind_operation(&kinds[kind], "list", &list);
    snprintf(query, sizeof query, "limit=%d&offset=%zu", PAGE, offset);
    struct connection_call call = {.method = "GET", .path = list.route->path, .query = query};
    enum connection_outcome outcome = connection_send(connection, &call, &answer);
    json_t *items = answer_items(answer);
    *count = json_array_size(items);
    for (size_t i = 0; outcome == CONNECTION_DONE && i < *count; i++) {
        outcome = keep_item(connection, state, kind, json_array_get(items, i));
    }
    json_decref(answer);
    return outcome;
}

enum connection_outcome state_read(struct connection *connection, struct state *state, bool apart)
{
    enum connection_outcome outcome = CONNECTION_DONE;
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        size_t count = kinds[kind].apart && !apart ? 0 : PAGE;
        state->items[kind] = json_array();
        state->ids[kind] = json_array();
        for (size_t offset = 0; outcome == CONNECTION_DONE && count == PAGE; offset += count) {
            outcome = read_page(connection, state, kind, offset, &count);
        }
    }
    return outcome;
}

json_t *state_without_keys(struct state *state, size_t kind)
{
    for (size_t i = 0; kinds[kind].omitted != NULL && i < json_array_size(state->items[kind]); i++)
        json_object_del(json_array_get(state->items[kind], i), kinds[kind].omitted);
    return state->items[kind];
}

void state_free(struct state *state)
{
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        json_decref(state->items[kind]);
        json_decref(state->ids[kind]);
    }
}

static bool same_member(const json_t *a, const json_t *b, const char *name)
{
    const json_t *left = json_object_get(a, name), *right = json_object_get(b, name);
    return (left == NULL && right == NULL) || json_equal(left, right);
}

int state_find(const struct state *state, size_t kind, const json_t *item)
{
    for (size_t i = 0; i < json_array_size(state->items[kind]); i++) {
        const json_t *current = json_array_get(state->items[kind], i);
        if (same_member(current, item, kinds[kind].named != NULL ? kinds[kind].named : "name") &&
            (!kinds[kind].published || same_member(current, item, "group_id")))
            return (int)i;
    }
    return -1;
}
