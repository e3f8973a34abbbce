/* Binding signature keys to APIs (huawei.md 3.1, 4.6): effective at once, without publishing again; bound to API and environment, so the
 * binding outlives offline and online. The vendor's answers hold the secret; ours never do. */
#include "control/apis.h"
#include "control/bindings.h"
#include "control/charsets.h"
#include "control/listing.h"
#include "control/pass_through.h"
#include "control/policy_bindings.h"
#include "control/publications.h"
#include "control/resources.h"
#include "control/signs.h"

static const struct field bind_items[] = {
    {.name = "sign_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64, .charset = &charset_id},
    POLICY_PUBLISH_IDS,
};
static const struct fields bind_fields = FIELDS_OF(bind_items);

static const struct field unbind_items[] = {
    POLICY_BATCH("sign_bindings"),
};
static const struct fields unbind_fields = FIELDS_OF(unbind_items);

static bool put_sign(struct call *call, json_t *item)
{
    struct value sign[SIGN_COLUMNS];
    return resource_load(call, &resource_sign, json_get_text(item, "sign_id"), sign) &&
           json_put(call, item, "sign_name", sign[SIGN_NAME].bytes) && json_put(call, item, "sign_type", sign[SIGN_TYPE].bytes) &&
           json_put(call, item, "sign_key", sign[SIGN_KEY].bytes);
}

static bool complete(struct call *call, json_t *item)
{
    size_t mark = call->arena.used;
    bool done = related_api(call, item) && related_env(call, item) && put_sign(call, item);
    arena_rewind(&call->arena, mark);
    return done;
}

/* As `complete`, without what tells a key's user what the key is. */
static bool complete_api(struct call *call, json_t *item)
{
    bool done = complete(call, item);
    json_object_del(item, "sign_key");
    json_object_del(item, "sign_type");
    return done;
}

static bool append_binding(struct call *call, json_t *bindings, const struct value *row, bool (*fill)(struct call *call, json_t *item))
{
    json_t *item = resource_json(call, &resource_binding, row, HIDE_SECRETS);
    return json_array_append_new(bindings, item) == 0 ? fill(call, item) : call_fault(call, "no memory for the answer");
}

/* One key per API and environment. Another one is never replaced silently: a backend that checks the old key would refuse everything. */
static bool refuse_other(struct call *call, const struct value *binding)
{
    struct value sign[SIGN_COLUMNS];
    return resource_load(call, &resource_sign, binding[BINDING_SIGN_ID].bytes, sign) &&
           call_refuse(call, ERROR_API_SIGNED, sign[SIGN_NAME].bytes);
}

static bool bind_new(struct call *call, const struct value *sign, const struct value *version, struct value *row)
{
    struct bytes id = call_new_id(call);
    if (id.length == 0 || !pass_through_admits_key(call, version, sign)) return false;
    row_clear(&entity_binding, row);
    row[BINDING_ID] = value_text(id);
    row[BINDING_INSTANCE_ID] = value_text(call->instance_id);
    row[BINDING_SIGN_ID] = sign[SIGN_ID];
    row[BINDING_API_ID] = version[VERSION_API_ID];
    row[BINDING_ENV_ID] = version[VERSION_ENV_ID];
    row[BINDING_PUBLISH_ID] = version[VERSION_PUBLISH_ID];
    row[BINDING_TIME] = value_integer(call->now);
    return resource_insert(call, &resource_binding, row) &&
           call_change(call, CHANGE_PUBLICATION, row[BINDING_API_ID].bytes, row[BINDING_ENV_ID].bytes);
}

/* A binding that is there already is answered as it is. */
static bool bind_one(struct call *call, const struct value *sign, struct bytes publish_id, json_t *bindings)
{
    struct value version[VERSION_COLUMNS];
    struct value row[BINDING_COLUMNS];
    bool found;
    if (!publication_load(call, publish_id, version)) return false;
    if (!binding_find(call, version[VERSION_API_ID].bytes, version[VERSION_ENV_ID].bytes, row, &found)) return false;
    if (found && !bytes_equal(row[BINDING_SIGN_ID].bytes, sign[SIGN_ID].bytes)) return refuse_other(call, row);
    return (found || bind_new(call, sign, version, row)) && append_binding(call, bindings, row, complete);
}

/* All or none. */
static bool bind_all(struct call *call, const struct value *sign, json_t *bindings)
{
    const json_t *publish_ids = json_object_get(call->body, "publish_ids");
    for (size_t i = 0; i < json_array_size(publish_ids); i++) {
        size_t mark = call->arena.used;
        if (!bind_one(call, sign, json_text_at(publish_ids, i), bindings)) return false;
        arena_rewind(&call->arena, mark);
    }
    return true;
}

static bool create(struct call *call)
{
    struct value sign[SIGN_COLUMNS];
    if (!resource_load(call, &resource_sign, call_text(call, "sign_id"), sign)) return false;
    json_t *bindings = json_array();
    if (bind_all(call, sign, bindings)) return call_answer(call, 201, json_pack("{s:o}", "bindings", bindings));
    json_decref(bindings);
    return false;
}

static bool destroy(struct call *call)
{
    struct value row[BINDING_COLUMNS];
    return resource_load(call, &resource_binding, call->params[0], row) && binding_remove(call, row) && call_answer(call, 204, NULL);
}

static bool unbind_all(struct call *call, json_t *failure, json_int_t *success)
{
    const json_t *ids = json_object_get(call->body, "sign_bindings");
    for (size_t i = 0; i < json_array_size(ids); i++) {
        struct value row[BINDING_COLUMNS];
        size_t mark = call->arena.used;
        bool found = resource_load(call, &resource_binding, json_text_at(ids, i), row);
        if (found ? !binding_remove(call, row) : !batch_note_failure(call, failure, json_text_at(ids, i))) return false;
        *success += found;
        arena_rewind(&call->arena, mark);
    }
    return true;
}

/* The vendor has no batch for signature keys; this is that of its other policies (huawei.md 4.6). */
static bool unbind_batch(struct call *call)
{
    json_int_t success = 0;
    json_t *failure = json_array();
    if (unbind_all(call, failure, &success)) {
        return call_answer(call, 200, json_pack("{s:I, s:o}", "success_count", success, "failure", failure));
    }
    json_decref(failure);
    return false;
}

/* The last one stays when the query asks for it. */
static bool keep_wanted(struct call *call, json_t *items, bool (*is_wanted)(struct call *call, const json_t *item))
{
    size_t last = json_array_size(items) - 1;
    const json_t *item = json_array_get(items, last);
    bool wanted;
    if (!bound_api_is_wanted(call, item, &wanted)) return false;
    if (!wanted || (is_wanted != NULL && !is_wanted(call, item))) json_array_remove(items, last);
    return true;
}

static bool is_wanted_sign(struct call *call, const json_t *item)
{
    return query_matches(call, "sign_id", json_get_text(item, "sign_id")) &&
           query_contains(call, "sign_name", json_get_text(item, "sign_name"));
}

static bool add_bound_api(struct call *call, void *context, const struct value *row)
{
    return append_binding(call, context, row, complete_api) && keep_wanted(call, context, NULL);
}

static bool add_bound_sign(struct call *call, void *context, const struct value *row)
{
    return append_binding(call, context, row, complete) && keep_wanted(call, context, is_wanted_sign);
}

static bool list_bound(struct call *call, const struct store_filter *filter, resource_each each)
{
    json_t *bindings = json_array();
    if (resource_for_each(call, &resource_binding, filter, each, bindings)) return listing_answer_array(call, "bindings", bindings);
    json_decref(bindings);
    return false;
}

static bool list_apis(struct call *call)
{
    struct value sign[SIGN_COLUMNS];
    struct bytes id = call_query(call, "sign_id");
    if (!resource_load(call, &resource_sign, id, sign)) return false;
    struct store_filter filter = {BINDING_SIGN_ID, STORE_EQUAL, value_text(id)};
    return list_bound(call, &filter, add_bound_api);
}

static bool list_signs(struct call *call)
{
    struct value api[API_COLUMNS];
    struct bytes id = call_query(call, "api_id");
    if (!resource_load(call, &resource_api, id, api)) return false;
    struct store_filter filter = {BINDING_API_ID, STORE_EQUAL, value_text(id)};
    return list_bound(call, &filter, add_bound_sign);
}

/* Not bound to this key. Bound to another one, it is listed with that key's name. */
static bool is_unbound(struct call *call, json_t *item, struct bytes sign_id, bool *unbound)
{
    struct value binding[BINDING_COLUMNS], sign[SIGN_COLUMNS];
    bool found;
    if (!binding_find(call, json_get_text(item, "api_id"), json_get_text(item, "env_id"), binding, &found)) return false;
    *unbound = !found || !bytes_equal(binding[BINDING_SIGN_ID].bytes, sign_id);
    if (!*unbound) return true;
    if (!found) return json_put(call, item, "signature_name", BYTES(""));
    return resource_load(call, &resource_sign, binding[BINDING_SIGN_ID].bytes, sign) &&
           json_put(call, item, "signature_name", sign[SIGN_NAME].bytes);
}

/* Backwards, since what is not wanted goes. */
static bool select_unbound(struct call *call, json_t *apis, struct bytes sign_id)
{
    for (size_t i = json_array_size(apis); i-- > 0;) {
        json_t *item = json_array_get(apis, i);
        size_t mark = call->arena.used;
        bool unbound, wanted = false;
        if (!is_unbound(call, item, sign_id, &unbound)) return false;
        if (unbound && (!bound_api_put(call, item) || !bound_api_is_wanted(call, item, &wanted))) return false;
        if (!wanted) json_array_remove(apis, i);
        arena_rewind(&call->arena, mark);
    }
    return true;
}

static bool list_unbound(struct call *call)
{
    struct value sign[SIGN_COLUMNS];
    struct bytes id = call_query(call, "sign_id");
    if (!resource_load(call, &resource_sign, id, sign)) return false;
    json_t *apis = json_array();
    if (bound_apis_published(call, apis) && select_unbound(call, apis, id)) {
        return listing_answer_array(call, "apis", apis);
    }
    json_decref(apis);
    return false;
}

static const struct field of_sign_query_items[] = {
    {.name = "sign_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 255},
    BOUND_API_QUERY,
};
static const struct fields of_sign_query = FIELDS_OF(of_sign_query_items);

static const struct field of_api_query_items[] = {
    {.name = "api_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 255},
    {.name = "sign_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "sign_name", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "env_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "group_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "tags", .type = FIELD_STRING, .minimum = 1, .maximum = 2048},
    {.name = "api_name", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
};
static const struct fields of_api_query = FIELDS_OF(of_api_query_items);

static const struct field binding_of_sign_answer_items[] = {
    ANSWERED("id", FIELD_STRING),
    ANSWERED("sign_id", FIELD_STRING),
    ANSWERED("api_id", FIELD_STRING),
    ANSWERED("env_id", FIELD_STRING),
    ANSWERED("publish_id", FIELD_STRING),
    ANSWERED("binding_time", FIELD_TIME),
    ANSWERED("sign_name", FIELD_STRING),
    RELATED_API,
    RELATED_ENV,
};
static const struct fields binding_of_sign_fields = FIELDS_OF(binding_of_sign_answer_items);

static const struct field binding_answer_items[] = {
    ANSWERED("id", FIELD_STRING),
    ANSWERED("sign_id", FIELD_STRING),
    ANSWERED("api_id", FIELD_STRING),
    ANSWERED("env_id", FIELD_STRING),
    ANSWERED("publish_id", FIELD_STRING),
    ANSWERED("binding_time", FIELD_TIME),
    ANSWERED("sign_name", FIELD_STRING),
    ANSWERED("sign_key", FIELD_STRING),
    ANSWERED("sign_type", FIELD_STRING),
    RELATED_API,
    RELATED_ENV,
};
static const struct fields binding_fields = FIELDS_OF(binding_answer_items);

static const struct field bound_answer_items[] = {
    {.name = "bindings", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &binding_fields},
};
static const struct fields bound_fields = FIELDS_OF(bound_answer_items);

static const struct field unbound_answer_items[] = {
    BOUND_API_ANSWER,
    ANSWERED("signature_name", FIELD_STRING),
};
static const struct fields unbound_fields = FIELDS_OF(unbound_answer_items);

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/sign-bindings", "bind_sign", RIGHT_WRITE_APIS, &bind_fields, FILL_PRESETS, create, .answer = &bound_fields},
    {"PUT", IN_INSTANCE "/sign-bindings", "unbind_signs", RIGHT_WRITE_APIS, &unbind_fields, FILL_PRESETS, unbind_batch,
     .query = &policy_batch_query, .answer = &policy_batch_answer},
    {"GET", IN_INSTANCE "/sign-bindings/binded-apis", "list_apis_of_sign", RIGHT_READ, NULL, FILL_PRESETS, list_apis,
     .query = &of_sign_query, .items = "bindings", .answer = &binding_of_sign_fields},
    {"GET", IN_INSTANCE "/sign-bindings/unbinded-apis", "list_apis_without_sign", RIGHT_READ, NULL, FILL_PRESETS, list_unbound,
     .query = &of_sign_query, .items = "apis", .answer = &unbound_fields},
    {"GET", IN_INSTANCE "/sign-bindings/binded-signs", "list_signs_of_api", RIGHT_READ, NULL, FILL_PRESETS, list_signs,
     .query = &of_api_query, .items = "bindings", .answer = &binding_fields},
    {"DELETE", IN_INSTANCE "/sign-bindings/{binding_id}", "unbind_sign", RIGHT_WRITE_APIS, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_sign_bindings = ROUTES_OF(routes);
