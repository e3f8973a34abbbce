#include "control/related.h"

#include "control/apis.h"
#include "control/publications.h"
#include "control/resources.h"

struct bytes json_get_text(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return bytes_of(json_string_value(value), json_string_length(value));
}

/* *found: there is such a row. False: a fault. */
static bool look_up(struct call *call, const struct entity *entity, struct bytes id, struct value *row, bool *found)
{
    enum store_result result = store_get(call->session, entity, id, &call->arena, row);
    *found = result == STORE_OK;
    return result == STORE_NOTHING || call_store(call, result);
}

static bool put_group(struct call *call, json_t *item, struct bytes group_id)
{
    struct value group[GROUP_COLUMNS];
    bool found;
    if (!look_up(call, &entity_group, group_id, group, &found)) return false;
    if (!found) return true;
    return json_put(call, item, "group_id", group_id) && json_put(call, item, "group_name", group[GROUP_NAME].bytes);
}

bool related_api(struct call *call, json_t *item)
{
    struct value api[API_COLUMNS];
    bool found;
    if (!look_up(call, &entity_api, json_get_text(item, "api_id"), api, &found)) return false;
    if (!found) return true;
    if (json_object_set_new(item, "api_type", json_integer(api[API_TYPE].integer)) != 0)
        return call_fault(call, "no memory for the answer");
    return json_put(call, item, "api_name", api[API_NAME].bytes) && json_put(call, item, "api_remark", api[API_REMARK].bytes) &&
           json_put(call, item, "req_method", api[API_REQ_METHOD].bytes) && put_group(call, item, api[API_GROUP_ID].bytes);
}

bool related_env(struct call *call, json_t *item)
{
    struct value env[ENV_COLUMNS];
    bool found;
    struct bytes row_id = env_row_id(call, json_get_text(item, "env_id"));
    if (row_id.length == 0 || !look_up(call, &entity_env, row_id, env, &found)) return false;
    return !found || json_put(call, item, "env_name", env[ENV_NAME].bytes);
}

bool related_publication(struct call *call, json_t *item)
{
    struct value version[VERSION_COLUMNS];
    bool found;
    if (!publication_find(call, json_get_text(item, "api_id"), json_get_text(item, "env_id"), version, &found)) return false;
    return !found || json_put(call, item, "publish_id", version[VERSION_PUBLISH_ID].bytes);
}

bool related_app(struct call *call, json_t *item)
{
    struct value app[APP_COLUMNS];
    bool found;
    if (!look_up(call, &entity_app, json_get_text(item, "app_id"), app, &found)) return false;
    if (!found) return true;
    return json_put(call, item, "app_name", app[APP_NAME].bytes) && json_put(call, item, "app_remark", app[APP_REMARK].bytes) &&
           json_put(call, item, "app_creator", app[APP_CREATOR].bytes);
}
