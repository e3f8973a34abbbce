/* From where an app may call: one list for each app. */
#include "control/acls.h"
#include "control/charsets.h"
#include "control/key_pairs.h"
#include "control/resources.h"

static const struct field fields[] = {
    {.name = "app_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = APP_ACL_ID},
    {.name = "app_acl_type", .type = FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_STORED, .column = APP_ACL_TYPE, .choices = acl_types},
    {.name = "app_acl_values",
     .type = FIELD_STRINGS,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = APP_ACL_VALUES,
     .minimum = 1,
     .maximum = 100,
     .most_items = ADDRESS_RANGES_MOST,
     .charset = &charset_printable},
};
static const struct fields app_acl_fields = FIELDS_OF(fields);

static const struct resource resource_app_acl = {
    .name = "app_acl",
    .entity = &entity_app_acl,
    .fields = &app_acl_fields,
    .instance_column = APP_ACL_INSTANCE_ID,
    .unknown = ERROR_APP_UNKNOWN,
};

bool app_acl_compile(struct arena *arena, const struct value *row, struct address_list *list)
{
    struct bytes items[ADDRESS_RANGES_MOST];
    struct bytes text = row[APP_ACL_VALUES].bytes;
    json_t *values = json_loadb((const char *)text.data, text.length, 0, NULL);
    size_t count = json_array_size(values);
    for (size_t i = 0; i < count && i < ADDRESS_RANGES_MOST; i++) {
        const json_t *item = json_array_get(values, i);
        items[i] = arena_copy(arena, bytes_of(json_string_value(item), json_string_length(item)));
    }
    json_decref(values);
    list->deny = bytes_equal(row[APP_ACL_TYPE].bytes, BYTES("DENY"));
    return address_ranges_compile(arena, items, count, list);
}

static bool find(struct call *call, struct bytes app_id, struct value *row, bool *found)
{
    struct store_filter filter = {APP_ACL_ID, STORE_EQUAL, value_text(app_id)};
    return resource_find(call, &resource_app_acl, (struct where){&filter, 1}, row, found);
}

/* The list, and the credentials that say there is one. */
static bool follow(struct call *call, struct bytes app_id)
{
    return call_change(call, CHANGE_ADDRESS_LIST, app_id, BYTES("")) && credentials_touch(call, PRINCIPAL_APP, app_id);
}

static bool check_values(struct call *call)
{
    const json_t *values = json_object_get(call->body, "app_acl_values"), *item;
    size_t i;
    json_array_foreach(values, i, item)
    {
        const char *broken = address_range_check(bytes_of(json_string_value(item), json_string_length(item)));
        if (broken != NULL) return call_refuse_rule(call, "app_acl_values", broken);
    }
    return true;
}

static bool set(struct call *call)
{
    struct value app[APP_COLUMNS], before[APP_ACL_COLUMNS], row[APP_ACL_COLUMNS];
    bool found = false;
    row_clear(&entity_app_acl, row);
    if (!resource_load(call, &resource_app, call->params[0], app) || !check_values(call) || !find(call, app[APP_ID].bytes, before, &found))
        return false;
    row[APP_ACL_ID] = app[APP_ID];
    row[APP_ACL_INSTANCE_ID] = value_text(call->instance_id);
    row[APP_ACL_UPDATE_TIME] = value_integer(call->now);
    if (!resource_fill(call, &resource_app_acl, row)) return false;
    bool written = found ? resource_update(call, &resource_app_acl, before, row) : resource_insert(call, &resource_app_acl, row);
    return written && follow(call, app[APP_ID].bytes) && resource_answer(call, &resource_app_acl, row, 201);
}

/* An app without a list has its id, and nothing else to show. */
static bool show(struct call *call)
{
    struct value app[APP_COLUMNS], row[APP_ACL_COLUMNS];
    bool found;
    if (!resource_load(call, &resource_app, call->params[0], app) || !find(call, app[APP_ID].bytes, row, &found)) return false;
    if (found) return resource_answer(call, &resource_app_acl, row, 200);
    struct bytes id = app[APP_ID].bytes;
    return call_answer(call, 200, json_pack("{s:s%}", "app_id", (const char *)id.data, id.length));
}

bool app_acl_remove(struct call *call, struct bytes app_id)
{
    struct value row[APP_ACL_COLUMNS];
    bool found;
    if (!find(call, app_id, row, &found)) return false;
    return !found || (resource_remove(call, &resource_app_acl, row) && follow(call, app_id));
}

static bool destroy(struct call *call)
{
    struct value app[APP_COLUMNS];
    return resource_load(call, &resource_app, call->params[0], app) && app_acl_remove(call, app[APP_ID].bytes) &&
           call_answer(call, 204, NULL);
}

#define APP_ACL IN_INSTANCE "/apps/{app_id}/app-acl"
static const struct route routes[] = {
    {"PUT", APP_ACL, "set_app_acl", RIGHT_WRITE_APPS, &app_acl_fields, FILL_PRESETS, set, .answer = &app_acl_fields, .status = 201},
    {"GET", APP_ACL, "show_app_acl", RIGHT_READ, NULL, FILL_PRESETS, show, .answer = &app_acl_fields},
    {"DELETE", APP_ACL, "delete_app_acl", RIGHT_WRITE_APPS, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_app_acls = ROUTES_OF(routes);
