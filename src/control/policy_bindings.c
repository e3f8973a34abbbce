#include "control/policy_bindings.h"

#include "control/apis.h"
#include "control/listing.h"
#include "control/publications.h"

#include <string.h>

static const struct policy_kind *const kinds[] = {&policy_kind_throttle, &policy_kind_acl};

static bool find(struct call *call, const struct policy_kind *kind, const json_t *api, struct value *row, bool *found)
{
    struct store_filter filters[] = {{POLICY_BINDING_API_ID, STORE_EQUAL, value_text(json_get_text(api, "api_id"))},
                                     {POLICY_BINDING_ENV_ID, STORE_EQUAL, value_text(json_get_text(api, "env_id"))}};
    return resource_find(call, kind->binding, (struct where){filters, 2}, row, found);
}

static bool remove_binding(struct call *call, const struct policy_kind *kind, const struct value *row)
{
    return resource_remove(call, kind->binding, row) &&
           call_change(call, CHANGE_PUBLICATION, row[POLICY_BINDING_API_ID].bytes, row[POLICY_BINDING_ENV_ID].bytes);
}

/* One policy of a kind per API and environment. Another one is never replaced silently. */
static bool refuse_other(struct call *call, const struct policy_kind *kind, const struct value *binding)
{
    struct value policy[ENTITY_MAX_COLUMNS];
    return resource_load(call, kind->policy, binding[POLICY_BINDING_POLICY_ID].bytes, policy) &&
           call_refuse(call, kind->other, policy[kind->name_column].bytes);
}

static bool bind_new(struct call *call, const struct policy_kind *kind, const struct value *version, struct value *row)
{
    struct bytes id = call_new_id(call);
    if (id.length == 0) return false;
    row_clear(kind->binding->entity, row);
    row[POLICY_BINDING_ID] = value_text(id);
    row[POLICY_BINDING_INSTANCE_ID] = value_text(call->instance_id);
    row[POLICY_BINDING_POLICY_ID] = value_text(call_text(call, kind->body_id));
    row[POLICY_BINDING_API_ID] = version[VERSION_API_ID];
    row[POLICY_BINDING_ENV_ID] = version[VERSION_ENV_ID];
    row[POLICY_BINDING_PUBLISH_ID] = version[VERSION_PUBLISH_ID];
    row[POLICY_BINDING_TIME] = value_integer(call->now);
    return resource_insert(call, kind->binding, row) &&
           call_change(call, CHANGE_PUBLICATION, row[POLICY_BINDING_API_ID].bytes, row[POLICY_BINDING_ENV_ID].bytes);
}

/* A binding that is there already is answered as it is. */
static bool bind_one(struct call *call, const struct policy_kind *kind, struct bytes publish_id, json_t *bindings)
{
    struct value version[VERSION_COLUMNS], row[POLICY_BINDING_COLUMNS];
    bool found = false;
    if (!publication_load(call, publish_id, version)) return false;
    struct store_filter filters[] = {{POLICY_BINDING_API_ID, STORE_EQUAL, version[VERSION_API_ID]},
                                     {POLICY_BINDING_ENV_ID, STORE_EQUAL, version[VERSION_ENV_ID]}};
    if (!resource_find(call, kind->binding, (struct where){filters, 2}, row, &found)) return false;
    if (found && !bytes_equal(row[POLICY_BINDING_POLICY_ID].bytes, call_text(call, kind->body_id))) return refuse_other(call, kind, row);
    if (!found && !bind_new(call, kind, version, row)) return false;
    return json_array_append_new(bindings, resource_json(call, kind->binding, row, HIDE_SECRETS)) == 0 ||
           call_fault(call, "no memory for the answer");
}

/* All or none. */
static bool bind_all(struct call *call, const struct policy_kind *kind, json_t *bindings)
{
    const json_t *publish_ids = json_object_get(call->body, "publish_ids");
    for (size_t i = 0; i < json_array_size(publish_ids); i++) {
        size_t mark = call->arena.used;
        if (!bind_one(call, kind, json_text_at(publish_ids, i), bindings)) return false;
        arena_rewind(&call->arena, mark);
    }
    return true;
}

bool policy_bind(struct call *call, const struct policy_kind *kind)
{
    struct value policy[ENTITY_MAX_COLUMNS];
    if (!resource_load(call, kind->policy, call_text(call, kind->body_id), policy)) return false;
    json_t *bindings = json_array();
    if (bind_all(call, kind, bindings)) return call_answer(call, 201, json_pack("{s:o}", kind->bindings, bindings));
    json_decref(bindings);
    return false;
}

bool policy_unbind(struct call *call, const struct policy_kind *kind)
{
    struct value row[POLICY_BINDING_COLUMNS];
    return resource_load(call, kind->binding, call->params[0], row) && remove_binding(call, kind, row) && call_answer(call, 204, NULL);
}

static bool unbind_all(struct call *call, const struct policy_kind *kind, json_t *failure, json_int_t *success)
{
    const json_t *ids = json_object_get(call->body, kind->batch);
    for (size_t i = 0; i < json_array_size(ids); i++) {
        struct value row[POLICY_BINDING_COLUMNS];
        size_t mark = call->arena.used;
        bool found = resource_load(call, kind->binding, json_text_at(ids, i), row);
        if (found ? !remove_binding(call, kind, row) : !batch_note_failure(call, failure, json_text_at(ids, i))) return false;
        *success += found;
        arena_rewind(&call->arena, mark);
    }
    return true;
}

bool policy_unbind_batch(struct call *call, const struct policy_kind *kind)
{
    json_int_t success = 0;
    json_t *failure = json_array();
    if (unbind_all(call, kind, failure, &success))
        return call_answer(call, 200, json_pack("{s:I, s:o}", "success_count", success, "failure", failure));
    json_decref(failure);
    return false;
}

/* Of a list that is being made: what it is about, and where it goes. */
struct list {
    const struct policy_kind *kind;
    json_t *items;
    struct bytes policy_name;
};

static bool put_binding(struct call *call, const struct policy_kind *kind, json_t *item, const struct value *binding)
{
    return json_put(call, item, "api_id", binding[POLICY_BINDING_API_ID].bytes) &&
           json_put(call, item, "env_id", binding[POLICY_BINDING_ENV_ID].bytes) &&
           json_put(call, item, "publish_id", binding[POLICY_BINDING_PUBLISH_ID].bytes) &&
           json_put(call, item, kind->bind_id, binding[POLICY_BINDING_ID].bytes) &&
           json_put_time(item, kind->bind_time, binding[POLICY_BINDING_TIME].integer);
}

static bool add_bound_api(struct call *call, void *context, const struct value *binding)
{
    const struct list *list = context;
    size_t mark = call->arena.used;
    bool wanted = false;
    json_t *item = json_object();
    bool done = put_binding(call, list->kind, item, binding) && bound_api_put(call, item) &&
                json_put(call, item, list->kind->policy_name, list->policy_name) && bound_api_is_wanted(call, item, &wanted) &&
                (!wanted || json_array_append(list->items, item) == 0);
    json_decref(item);
    arena_rewind(&call->arena, mark);
    return done;
}

bool policy_list_bound_apis(struct call *call, const struct policy_kind *kind)
{
    struct value policy[ENTITY_MAX_COLUMNS];
    struct bytes id = call_query(call, kind->query_id);
    if (!resource_load(call, kind->policy, id, policy)) return false;
    struct store_filter filter = {POLICY_BINDING_POLICY_ID, STORE_EQUAL, value_text(id)};
    struct list list = {kind, json_array(), policy[kind->name_column].bytes};
    if (resource_for_each(call, kind->binding, &filter, add_bound_api, &list)) return listing_answer_array(call, "apis", list.items);
    json_decref(list.items);
    return false;
}

/* Not bound to this policy. Bound to another one, it is listed with that one's name. */
static bool is_unbound(struct call *call, const struct policy_kind *kind, json_t *item, bool *unbound)
{
    struct value binding[POLICY_BINDING_COLUMNS], policy[ENTITY_MAX_COLUMNS];
    bool found;
    if (!find(call, kind, item, binding, &found)) return false;
    *unbound = !found || !bytes_equal(binding[POLICY_BINDING_POLICY_ID].bytes, call_query(call, kind->query_id));
    if (!*unbound) return true;
    if (!found) return json_put(call, item, kind->policy_name, BYTES(""));
    return resource_load(call, kind->policy, binding[POLICY_BINDING_POLICY_ID].bytes, policy) &&
           json_put(call, item, kind->policy_name, policy[kind->name_column].bytes);
}

/* Backwards, since what is not wanted goes. */
static bool select_unbound(struct call *call, const struct policy_kind *kind, json_t *apis)
{
    for (size_t i = json_array_size(apis); i-- > 0;) {
        json_t *item = json_array_get(apis, i);
        size_t mark = call->arena.used;
        bool unbound, wanted = false;
        if (!is_unbound(call, kind, item, &unbound)) return false;
        if (unbound && (!bound_api_put(call, item) || !bound_api_is_wanted(call, item, &wanted))) return false;
        if (!wanted) json_array_remove(apis, i);
        arena_rewind(&call->arena, mark);
    }
    return true;
}

bool policy_list_unbound_apis(struct call *call, const struct policy_kind *kind)
{
    struct value policy[ENTITY_MAX_COLUMNS];
    if (!resource_load(call, kind->policy, call_query(call, kind->query_id), policy)) return false;
    json_t *apis = json_array();
    if (bound_apis_published(call, apis) && select_unbound(call, kind, apis)) return listing_answer_array(call, "apis", apis);
    json_decref(apis);
    return false;
}

static bool is_wanted_policy(struct call *call, const struct policy_kind *kind, const json_t *item, const struct value *policy)
{
    return query_matches(call, "env_id", json_get_text(item, "env_id")) &&
           query_matches(call, "env_name", json_get_text(item, "env_name")) && query_matches(call, kind->query_id, policy[0].bytes) &&
           query_contains(call, kind->query_name, policy[kind->name_column].bytes);
}

static bool add_policy(struct call *call, void *context, const struct value *binding)
{
    const struct list *list = context;
    struct value policy[ENTITY_MAX_COLUMNS];
    size_t mark = call->arena.used;
    if (!resource_load(call, list->kind->policy, binding[POLICY_BINDING_POLICY_ID].bytes, policy)) return false;
    json_t *item = resource_json(call, list->kind->policy, policy, HIDE_SECRETS);
    bool done = item != NULL && json_put(call, item, "env_id", binding[POLICY_BINDING_ENV_ID].bytes) && related_env(call, item) &&
                json_put(call, item, "bind_id", binding[POLICY_BINDING_ID].bytes) &&
                json_put_time(item, "bind_time", binding[POLICY_BINDING_TIME].integer) &&
                (list->kind->complete == NULL || list->kind->complete(call, item));
    if (done && is_wanted_policy(call, list->kind, item, policy)) done = json_array_append(list->items, item) == 0;
    json_decref(item);
    arena_rewind(&call->arena, mark);
    return done || call_fault(call, "no memory for the answer");
}

bool policy_list_of_api(struct call *call, const struct policy_kind *kind)
{
    struct value api[API_COLUMNS];
    struct bytes id = call_query(call, "api_id");
    if (!resource_load(call, &resource_api, id, api)) return false;
    struct store_filter filter = {POLICY_BINDING_API_ID, STORE_EQUAL, value_text(id)};
    struct list list = {kind, json_array(), BYTES("")};
    if (resource_for_each(call, kind->binding, &filter, add_policy, &list)) return listing_answer_array(call, kind->policies, list.items);
    json_decref(list.items);
    return false;
}

/* Of a walk over the bindings of a kind. */
struct removal {
    const struct policy_kind *kind;
};

static bool remove_each(struct call *call, void *context, const struct value *row)
{
    const struct removal *removal = context;
    return remove_binding(call, removal->kind, row);
}

bool policy_bindings_remove_where(struct call *call, const struct store_filter *filter)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct removal removal = {kinds[i]};
        if (!resource_for_each(call, kinds[i]->binding, filter, remove_each, &removal)) return false;
    }
    return true;
}

bool policy_release(struct call *call, const struct policy_kind *kind, struct bytes policy_id)
{
    struct store_filter filter = {POLICY_BINDING_POLICY_ID, STORE_EQUAL, value_text(policy_id)};
    char memory[CALL_MAX_SUBJECT];
    struct buffer names = buffer_over(memory, sizeof memory);
    struct removal removal = {kind};
    if (bytes_equal(call_query(call, "unbind"), BYTES("true")))
        return resource_for_each(call, kind->binding, &filter, remove_each, &removal);
    struct joined_apis joined = {&names, POLICY_BINDING_API_ID, 0};
    if (!resource_for_each(call, kind->binding, &filter, bound_api_join, &joined)) return false;
    return joined.count == 0 || call_refuse(call, kind->in_use, buffer_bytes(&names));
}

bool policy_put_bind_num(struct call *call, const struct policy_kind *kind, json_t *item)
{
    struct store_filter filter = {POLICY_BINDING_POLICY_ID, STORE_EQUAL, value_text(json_get_text(item, "id"))};
    int64_t count;
    if (!resource_count(call, kind->binding, (struct where){&filter, 1}, &count)) return false;
    return json_object_set_new(item, "bind_num", json_integer(count)) == 0 || call_fault(call, "no memory for the answer");
}

static const char *const batch_actions[] = {"delete", NULL};
static const struct field batch_query_items[] = {
    {.name = "action", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = batch_actions, .code = ERROR_FIELD_INVALID},
};
const struct fields policy_batch_query = FIELDS_OF(batch_query_items);

static const struct field failure_answer_items[] = {
    ANSWERED("bind_id", FIELD_STRING),
    ANSWERED("error_code", FIELD_STRING),
    ANSWERED("error_msg", FIELD_STRING),
};
static const struct fields failure_fields = FIELDS_OF(failure_answer_items);
static const struct field batch_answer_items[] = {
    ANSWERED("success_count", FIELD_INTEGER),
    {.name = "failure", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &failure_fields},
};
const struct fields policy_batch_answer = FIELDS_OF(batch_answer_items);

static const struct field delete_query_items[] = {
    {.name = "unbind", .type = FIELD_BOOLEAN},
};
const struct fields policy_delete_query = FIELDS_OF(delete_query_items);
