#include "control/publications.h"

#include "base/date.h"
#include "base/text.h"
#include "control/charsets.h"
#include "control/jwt_policies.h"
#include "control/key_sets.h"
#include "control/pass_through.h"

#define VERSION_NO_LENGTH 14

static const struct field fields[] = {
    {.name = "version_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = VERSION_ID},
    {.name = "version_no", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = VERSION_VERSION_NO},
    {.name = "publish_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = VERSION_PUBLISH_ID},
    {.name = "api_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = VERSION_API_ID},
    {.name = "env_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = VERSION_ENV_ID},
    {.name = "remark", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = VERSION_REMARK},
    {.name = "publish_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = VERSION_PUBLISH_TIME},
    {.name = "status", .type = FIELD_INTEGER, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = VERSION_STATUS},
    ANSWERED("env_name", FIELD_STRING),
};
static const struct fields version_fields = FIELDS_OF(fields);

const struct resource resource_version = {
    .name = "publication",
    .entity = &entity_version,
    .fields = &version_fields,
    .instance_column = VERSION_INSTANCE_ID,
    .unknown = ERROR_VERSION_UNKNOWN,
};

bool publications_list(struct call *call, const struct store_filter *filter, store_each each, void *context)
{
    struct store_filter filters[] = {*filter,
                                     {VERSION_INSTANCE_ID, STORE_EQUAL, value_text(call->instance_id)},
                                     {VERSION_STATUS, STORE_EQUAL, value_integer(VERSION_IN_EFFECT)}};
    struct store_query query = {.filters = filters, .filter_count = 3, .order_column = VERSION_ENV_ID};
    return call_store(call, store_list(call->session, &entity_version, &query, each, context));
}

bool publication_find(struct call *call, struct bytes api_id, struct bytes env_id, struct value *version, bool *found)
{
    struct store_filter filters[] = {{VERSION_API_ID, STORE_EQUAL, value_text(api_id)},
                                     {VERSION_ENV_ID, STORE_EQUAL, value_text(env_id)},
                                     {VERSION_STATUS, STORE_EQUAL, value_integer(VERSION_IN_EFFECT)}};
    return resource_find(call, &resource_version, (struct where){filters, 3}, version, found);
}

bool publication_load(struct call *call, struct bytes publish_id, struct value *version)
{
    bool found;
    struct store_filter filters[] = {{VERSION_PUBLISH_ID, STORE_EQUAL, value_text(publish_id)},
                                     {VERSION_STATUS, STORE_EQUAL, value_integer(VERSION_IN_EFFECT)}};
    if (!resource_find(call, &resource_version, (struct where){filters, 2}, version, &found)) return false;
    return found || call_refuse(call, ERROR_PUBLICATION_UNKNOWN, publish_id);
}

/* Two APIs of a group never answer the same request in one environment, whatever was edited since they were published. */
static bool route_is_free(struct call *call, const struct value *version, struct bytes shown)
{
    struct value other[VERSION_COLUMNS];
    bool found;
    struct store_filter filters[] = {{VERSION_GROUP_ID, STORE_EQUAL, version[VERSION_GROUP_ID]},
                                     {VERSION_ENV_ID, STORE_EQUAL, version[VERSION_ENV_ID]},
                                     {VERSION_ROUTE_KEY, STORE_EQUAL, version[VERSION_ROUTE_KEY]},
                                     {VERSION_STATUS, STORE_EQUAL, value_integer(VERSION_IN_EFFECT)}};
    if (!resource_find(call, &resource_version, (struct where){filters, 4}, other, &found)) return false;
    if (!found || bytes_equal(other[VERSION_API_ID].bytes, version[VERSION_API_ID].bytes)) return true;
    return call_refuse(call, ERROR_API_EXISTS, shown);
}

/* The first or last kept version of an API in an environment, by number. */
static bool find_extreme(struct call *call, const struct value *version, bool newest, struct value *row, bool *found)
{
    struct store_filter filters[] = {{VERSION_API_ID, STORE_EQUAL, version[VERSION_API_ID]},
                                     {VERSION_ENV_ID, STORE_EQUAL, version[VERSION_ENV_ID]},
                                     {VERSION_STATUS, STORE_EQUAL, value_integer(VERSION_NOT_IN_EFFECT)}};
    struct store_query query = {
        .filters = filters, .filter_count = newest ? 2 : 3, .order_column = VERSION_VERSION_NO, .descending = newest, .limit = 1};
    enum store_result result = store_find(call->session, &entity_version, &query, &call->arena, row);
    *found = result == STORE_OK;
    return result == STORE_NOTHING || call_store(call, result);
}

/* 20200803093600: the time, or one more than the last number when that is not past yet, so that numbers always grow. */
static bool number_version(struct call *call, const struct value *last, struct value *version)
{
    char memory[32];
    struct buffer time = buffer_over(memory, sizeof memory);
    struct buffer digits = buffer_in(&call->arena, 2 * VERSION_NO_LENGTH);
    int64_t now, before = 0;
    date_format_basic(&time, call->now);
    buffer_add(&digits, bytes_slice(buffer_bytes(&time), 0, 8));
    buffer_add(&digits, bytes_slice(buffer_bytes(&time), 9, 6));
    if (!number_parse(buffer_bytes(&digits), &now)) return call_fault(call, "no number for the version");
    if (last != NULL) number_parse(last[VERSION_VERSION_NO].bytes, &before);
    buffer_clear(&digits);
    buffer_add_number(&digits, now > before ? now : before + 1);
    version[VERSION_VERSION_NO] = value_text(buffer_bytes(&digits));
    return true;
}

static bool remove_oldest(struct call *call, const struct value *version)
{
    struct value oldest[VERSION_COLUMNS];
    struct store_filter filters[] = {{VERSION_API_ID, STORE_EQUAL, version[VERSION_API_ID]},
                                     {VERSION_ENV_ID, STORE_EQUAL, version[VERSION_ENV_ID]}};
    int64_t kept;
    bool found = true;
    if (!resource_count(call, &resource_version, (struct where){filters, 2}, &kept)) return false;
    for (; kept > VERSIONS_KEPT && found; kept--) {
        if (!find_extreme(call, version, false, oldest, &found)) return false;
        if (found && !call_store(call, store_remove(call->session, &entity_version, oldest[VERSION_ID].bytes))) return false;
    }
    return true;
}

/* The keys of its JWT policy come from elsewhere while it is in effect. */
static bool hold_set(struct call *call, const struct value *version)
{
    bool effective = version[VERSION_STATUS].integer == VERSION_IN_EFFECT;
    struct bytes holder = jwt_policy_key_set(&call->arena, version[VERSION_API_ID].bytes, version[VERSION_ENV_ID].bytes);
    struct bytes url = effective ? jwt_policy_url(&call->arena, version[VERSION_DEFINITION].bytes) : BYTES("");
    return key_set_hold(call, holder, url);
}

static bool tell_edge(struct call *call, const struct value *version)
{
    return hold_set(call, version) && call_change(call, CHANGE_PUBLICATION, version[VERSION_API_ID].bytes, version[VERSION_ENV_ID].bytes) &&
           call_change(call, CHANGE_ROUTES, version[VERSION_GROUP_ID].bytes, version[VERSION_ENV_ID].bytes);
}

static bool set_status(struct call *call, struct value *version, int64_t status)
{
    struct value after[VERSION_COLUMNS];
    for (size_t i = 0; i < VERSION_COLUMNS; i++) after[i] = version[i];
    after[VERSION_STATUS] = value_integer(status);
    if (!resource_update(call, &resource_version, version, after)) return false;
    version[VERSION_STATUS] = after[VERSION_STATUS];
    return true;
}

/* What is in effect now makes room. */
static bool retire(struct call *call, const struct value *version)
{
    struct value old[VERSION_COLUMNS];
    bool found;
    if (!publication_find(call, version[VERSION_API_ID].bytes, version[VERSION_ENV_ID].bytes, old, &found)) return false;
    return !found || set_status(call, old, VERSION_NOT_IN_EFFECT);
}

static bool snapshot(struct call *call, const struct publishing *publishing, const struct value *api, struct value *version)
{
    struct value last[VERSION_COLUMNS];
    bool found;
    row_clear(&entity_version, version);
    version[VERSION_INSTANCE_ID] = value_text(call->instance_id);
    version[VERSION_API_ID] = api[API_ID];
    version[VERSION_GROUP_ID] = api[API_GROUP_ID];
    version[VERSION_ENV_ID] = value_text(publishing->env_id);
    version[VERSION_STATUS] = value_integer(VERSION_IN_EFFECT);
    version[VERSION_REMARK] = value_text(publishing->remark);
    version[VERSION_ROUTE_KEY] = api[API_ROUTE_KEY];
    version[VERSION_DEFINITION] = api[API_DEFINITION];
    version[VERSION_PUBLISH_TIME] = value_integer(call->now);
    if (!find_extreme(call, version, true, last, &found)) return false;
    version[VERSION_ID] = value_text(call_new_id(call));
    version[VERSION_PUBLISH_ID] = found ? last[VERSION_PUBLISH_ID] : value_text(call_new_id(call));
    if (version[VERSION_ID].bytes.length == 0 || version[VERSION_PUBLISH_ID].bytes.length == 0) return false;
    return number_version(call, found ? last : NULL, version);
}

bool publication_online(struct call *call, const struct publishing *publishing, const struct value *api, struct value *version)
{
    return snapshot(call, publishing, api, version) && route_is_free(call, version, api[API_REQ_URI].bytes) &&
           pass_through_admits_version(call, version) && retire(call, version) && resource_insert(call, &resource_version, version) &&
           remove_oldest(call, version) && tell_edge(call, version);
}

bool publication_withdraw(struct call *call, struct value *version)
{
    return set_status(call, version, VERSION_NOT_IN_EFFECT) && tell_edge(call, version);
}

bool publication_offline(struct call *call, const struct publishing *publishing, const struct value *api, struct value *version)
{
    bool found;
    if (!publication_find(call, api[API_ID].bytes, publishing->env_id, version, &found)) return false;
    if (!found) return call_refuse(call, ERROR_PUBLICATION_UNKNOWN, api[API_ID].bytes);
    return publication_withdraw(call, version);
}

bool publication_switch(struct call *call, struct value *version)
{
    if (version[VERSION_STATUS].integer == VERSION_IN_EFFECT) return true;
    return route_is_free(call, version, version[VERSION_ROUTE_KEY].bytes) && pass_through_admits_version(call, version) &&
           retire(call, version) && set_status(call, version, VERSION_IN_EFFECT) && tell_edge(call, version);
}
