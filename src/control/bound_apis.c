#include "control/bound_apis.h"

#include "control/apis.h"
#include "control/publications.h"
#include "control/related.h"

struct bytes json_text_at(const json_t *list, size_t index)
{
    const json_t *item = json_array_get(list, index);
    return bytes_of(json_string_value(item), json_string_length(item));
}

/* An empty or absent parameter does not filter. */
bool query_matches(struct call *call, const char *parameter, struct bytes text)
{
    struct bytes wanted = call_query(call, parameter);
    return wanted.length == 0 || bytes_equal(wanted, text);
}

bool query_contains(struct call *call, const char *parameter, struct bytes text)
{
    struct bytes wanted = call_query(call, parameter);
    for (size_t i = 0; i + wanted.length <= text.length; i++) {
        if (bytes_equal_folded(bytes_slice(text, i, wanted.length), wanted)) return true;
    }
    return wanted.length == 0;
}

/* *wanted: the API of the item has a tag that is asked for, if any is. False: a fault. */
static bool select_tagged(struct call *call, const json_t *item, bool *wanted)
{
    struct value api[API_COLUMNS];
    struct bytes tags = call_query(call, "tags");
    size_t mark = call->arena.used;
    *wanted = true;
    if (tags.length == 0) return true;
    if (!resource_load(call, &resource_api, json_get_text(item, "api_id"), api)) return false;
    *wanted = api_has_tags(api, tags);
    arena_rewind(&call->arena, mark);
    return true;
}

static bool is_wanted_api(struct call *call, const json_t *item)
{
    return query_matches(call, "env_id", json_get_text(item, "env_id")) && query_matches(call, "api_id", json_get_text(item, "api_id")) &&
           query_matches(call, "group_id", json_get_text(item, "group_id")) &&
           query_contains(call, "api_name", json_get_text(item, "api_name"));
}

/* {api_id, env_id, publish_id} of what is in effect; the rest comes when the list call has ended. */
static bool note_published(void *context, const struct value *version)
{
    struct bytes api = version[VERSION_API_ID].bytes, env = version[VERSION_ENV_ID].bytes, id = version[VERSION_PUBLISH_ID].bytes;
    json_t *item = json_pack("{s:s%, s:s%, s:s%}", "api_id", (const char *)api.data, api.length, "env_id", (const char *)env.data,
                             env.length, "publish_id", (const char *)id.data, id.length);
    return json_array_append_new(context, item) == 0;
}

/* The vendor's names for what it shows of an API that is not bound. */
bool bound_api_put(struct call *call, json_t *item)
{
    struct value api[API_COLUMNS];
    if (!resource_load(call, &resource_api, json_get_text(item, "api_id"), api) || !related_api(call, item) || !related_env(call, item)) {
        return false;
    }
    return json_put(call, item, "id", api[API_ID].bytes) && json_put(call, item, "name", api[API_NAME].bytes) &&
           json_put(call, item, "remark", api[API_REMARK].bytes) && json_put(call, item, "auth_type", api[API_AUTH_TYPE].bytes) &&
           json_put(call, item, "req_uri", api[API_REQ_URI].bytes) && json_put(call, item, "run_env_id", json_get_text(item, "env_id")) &&
           json_put(call, item, "run_env_name", json_get_text(item, "env_name")) &&
           json_object_set_new(item, "type", json_integer(api[API_TYPE].integer)) == 0;
}

bool bound_api_is_wanted(struct call *call, const json_t *item, bool *wanted)
{
    if (!select_tagged(call, item, wanted)) return false;
    *wanted = *wanted && is_wanted_api(call, item);
    return true;
}

bool bound_apis_published(struct call *call, json_t *apis)
{
    struct store_filter any = {VERSION_API_ID, STORE_AT_LEAST, value_text(BYTES(""))};
    return publications_list(call, &any, note_published, apis);
}

bool batch_note_failure(struct call *call, json_t *failure, struct bytes id)
{
    json_t *item = json_object();
    if (json_array_append_new(failure, item) != 0) return call_fault(call, "no memory for the answer");
    return call_take_back(call, item) && json_put(call, item, "bind_id", id);
}

bool bound_api_join(struct call *call, void *context, const struct value *binding)
{
    struct joined_apis *joined = context;
    struct buffer *names = joined->names;
    struct value api[API_COLUMNS];
    joined->count++;
    if (!resource_load(call, &resource_api, binding[joined->api_column].bytes, api)) return false;
    struct bytes name = api[API_NAME].bytes;
    if (names->length + name.length + 5 > names->capacity) return true;
    if (names->length > 0) buffer_add_byte(names, ',');
    buffer_add(names, name);
    return true;
}
