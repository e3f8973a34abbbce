/* An API as it is shown: the definition, what its columns hold, and what other rows know of it. */
#include "base/date.h"
#include "control/api_fields.h"
#include "control/apis.h"
#include "control/publications.h"
#include "control/resources.h"

#define MAX_JOINED 2048

json_t *api_definition(const struct value *definition)
{
    return json_loadb((const char *)definition->bytes.data, definition->bytes.length, 0, NULL);
}

static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call;
    json_t *definition = api_definition(&row[API_DEFINITION]);
    bool done = definition != NULL && json_object_update_missing(answer, definition) == 0 &&
                json_object_set_new(answer, "status", json_integer(1)) == 0 &&
                json_object_set_new(answer, "arrange_necessary", json_integer(2)) == 0;
    json_decref(definition);
    return done;
}

static const struct conflict conflicts[] = {
    {"api_name", ERROR_API_NAME_EXISTS, API_NAME},
    {"api_route", ERROR_API_EXISTS, API_REQ_URI},
};

const struct resource resource_api = {
    .name = "api",
    .entity = &entity_api,
    .fields = &api_fields,
    .instance_column = API_INSTANCE_ID,
    .unknown = ERROR_API_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
    .derive = derive,
};

static struct bytes member_text(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return bytes_of(json_string_value(value), json_string_length(value));
}

bool json_put(struct call *call, json_t *object, const char *name, struct bytes text)
{
    json_t *value = text.length == 0 ? json_string("") : json_stringn((const char *)text.data, text.length);
    return json_object_set_new(object, name, value) == 0 || call_fault(call, "no memory for the answer");
}

bool json_put_time(json_t *object, const char *name, int64_t seconds)
{
    char memory[32];
    struct buffer text = buffer_over(memory, sizeof memory);
    if (seconds == 0) return json_object_set_new(object, name, json_null()) == 0;
    date_format_rfc3339(&text, seconds);
    return json_object_set_new(object, name, json_stringn(memory, buffer_bytes(&text).length)) == 0;
}

/* Where an API is published: one value per environment, joined by '|' (huawei.md 4.5). */
struct published {
    struct buffer env_id, env_name, publish_id, publish_time;
};

static void join(struct buffer *out, struct bytes text)
{
    if (out->length > 0) buffer_add_byte(out, '|');
    buffer_add(out, text);
}

static bool join_version(void *context, const struct value *version)
{
    struct published *published = context;
    char memory[32];
    struct buffer time = buffer_over(memory, sizeof memory);
    date_format_rfc3339(&time, version[VERSION_PUBLISH_TIME].integer);
    join(&published->env_id, version[VERSION_ENV_ID].bytes);
    join(&published->publish_id, version[VERSION_PUBLISH_ID].bytes);
    join(&published->publish_time, buffer_bytes(&time));
    return true;
}

static bool join_env_names(struct call *call, struct published *published)
{
    struct bytes rest = buffer_bytes(&published->env_id);
    struct bytes env_id;
    while (bytes_next_part(&rest, '|', &env_id)) {
        struct value env[ENV_COLUMNS];
        if (!env_load(call, env_id, env)) return false;
        join(&published->env_name, env[ENV_NAME].bytes);
    }
    return true;
}

static bool put_published(struct call *call, json_t *item, struct published *published)
{
    if (published->env_id.length == 0) return true;
    return join_env_names(call, published) && json_put(call, item, "run_env_id", buffer_bytes(&published->env_id)) &&
           json_put(call, item, "run_env_name", buffer_bytes(&published->env_name)) &&
           json_put(call, item, "publish_id", buffer_bytes(&published->publish_id)) &&
           json_put(call, item, "publish_time", buffer_bytes(&published->publish_time));
}

static bool put_group(struct call *call, json_t *item)
{
    struct value group[GROUP_COLUMNS];
    return resource_load(call, &resource_group, member_text(item, "group_id"), group) &&
           json_put(call, item, "group_name", group[GROUP_NAME].bytes) && json_put(call, item, "group_version", BYTES("V1"));
}

bool api_complete(struct call *call, json_t *item)
{
    size_t mark = call->arena.used;
    struct arena *arena = &call->arena;
    struct published published = {buffer_in(arena, MAX_JOINED), buffer_in(arena, MAX_JOINED), buffer_in(arena, MAX_JOINED),
                                  buffer_in(arena, MAX_JOINED)};
    struct store_filter filter = {VERSION_API_ID, STORE_EQUAL, value_text(member_text(item, "id"))};
    bool done =
        put_group(call, item) && publications_list(call, &filter, join_version, &published) && put_published(call, item, &published);
    arena_rewind(arena, mark);
    return done;
}

static bool asks_for(struct call *call, const char *mode)
{
    struct bytes modes = call_query(call, "return_data_mode");
    struct bytes one;
    while (bytes_next_part(&modes, ',', &one)) {
        if (bytes_equal(one, bytes_of_text(mode))) return true;
    }
    return false;
}

bool api_complete_item(struct call *call, json_t *item)
{
    static const char *const details[] = {"backend_api", "mock_info", "req_params", "backend_params", "countersign", NULL};
    bool whole = asks_for(call, "include_group_backend");
    for (size_t i = 0; !whole && details[i] != NULL; i++) json_object_del(item, details[i]);
    return api_complete(call, item);
}

bool api_answer(struct call *call, const struct value *row, unsigned status)
{
    json_t *json = resource_json(call, &resource_api, row, HIDE_SECRETS);
    if (json == NULL) return call_fault(call, "no memory for the answer");
    if (api_complete(call, json)) return call_answer(call, status, json);
    json_decref(json);
    return false;
}
