/* API groups (huawei.md 4.4): a group owns domains and APIs. Its own subdomain is <group id>.apic.<region>. */
#include "control/charsets.h"
#include "control/domains.h"
#include "control/listing.h"
#include "control/quotas.h"
#include "control/resources.h"

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = GROUP_ID},
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = GROUP_NAME,
     .minimum = 3,
     .maximum = 255,
     .charset = &charset_group_name},
    {.name = "remark", .type = FIELD_STRING, .flags = FIELD_STORED, .column = GROUP_REMARK, .maximum = 1000, .preset = "\"\""},
    {.name = "sl_domain", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = GROUP_SL_DOMAIN},
    {.name = "register_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = GROUP_REGISTER_TIME},
    {.name = "update_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = GROUP_UPDATE_TIME},
    ANSWERED("status", FIELD_INTEGER),
    ANSWERED("on_sell_status", FIELD_INTEGER),
    ANSWERED("is_default", FIELD_INTEGER),
    ANSWERED("version", FIELD_STRING),
    ANSWERED("sl_domain_access_enabled", FIELD_BOOLEAN),
    ANSWERED("sl_domains", FIELD_STRINGS),
    {.name = "url_domains", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &domain_of_group_fields},
};
static const struct fields group_fields = FIELDS_OF(fields);

static const struct field check_fields_list[] = {
    {.name = "group_name", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 3, .maximum = 255, .charset = &charset_group_name},
    {.name = "group_id", .type = FIELD_STRING, .minimum = 1, .maximum = 64, .charset = &charset_id},
};
static const struct fields check_fields = FIELDS_OF(check_fields_list);

static const struct conflict conflicts[] = {
    {"group_name", ERROR_GROUP_EXISTS, GROUP_NAME},
};

/* What a group always is here: effective, not on sale, not the default one, of version V1. */
static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call;
    struct bytes domain = row[GROUP_SL_DOMAIN].bytes;
    json_t *constants = json_pack("{s:i, s:i, s:i, s:s, s:b, s:[s%]}", "status", 1, "on_sell_status", 2, "is_default", 2, "version", "V1",
                                  "sl_domain_access_enabled", 1, "sl_domains", (const char *)domain.data, domain.length);
    bool added = constants != NULL && json_object_update(answer, constants) == 0;
    json_decref(constants);
    return added;
}

const struct resource resource_group = {
    .name = "api_group",
    .entity = &entity_group,
    .fields = &group_fields,
    .instance_column = GROUP_INSTANCE_ID,
    .unknown = ERROR_GROUP_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
    .derive = derive,
};

static bool answer_group(struct call *call, const struct value *row, unsigned status)
{
    json_t *json = resource_json(call, &resource_group, row, HIDE_SECRETS);
    if (json == NULL) return call_fault(call, "no memory for the answer");
    if (domains_add_to_group(call, json)) return call_answer(call, status, json);
    json_decref(json);
    return false;
}

static struct bytes subdomain_of(struct call *call, struct bytes id)
{
    struct bytes region = bytes_of_text(call->daemon->region);
    struct buffer domain = buffer_in(&call->arena, id.length + 6 + region.length);
    buffer_add(&domain, id);
    buffer_add_text(&domain, ".apic.");
    buffer_add_lower(&domain, region);
    if (domain.overflow) call_fault(call, "no memory for the subdomain");
    return buffer_bytes(&domain);
}

static bool create(struct call *call)
{
    struct value row[GROUP_COLUMNS];
    row_clear(&entity_group, row);
    struct bytes id = call_new_id(call);
    struct bytes domain = subdomain_of(call, id);
    if (id.length == 0 || domain.length == 0 || !resource_fill(call, &resource_group, row)) return false;
    if (!quota_admits_one(call, QUOTA_GROUPS, &resource_group)) return false;
    row[GROUP_ID] = value_text(id);
    row[GROUP_INSTANCE_ID] = value_text(call->instance_id);
    row[GROUP_SL_DOMAIN] = value_text(domain);
    row[GROUP_REGISTER_TIME] = row[GROUP_UPDATE_TIME] = value_integer(call->now);
    return resource_insert(call, &resource_group, row) && call_change(call, CHANGE_HOST, domain, BYTES("")) && answer_group(call, row, 201);
}

static const struct list_filter list_filters[] = {{"id", FILTER_EXACT, GROUP_ID}, {"name", FILTER_NAME, GROUP_NAME}};
static const struct listing listing = {.resource = &resource_group,
                                       .items = "groups",
                                       .filters = list_filters,
                                       .filter_count = 2,
                                       .order_column = GROUP_REGISTER_TIME,
                                       .descending = true,
                                       .complete = domains_add_to_group};

static bool show(struct call *call)
{
    struct value row[GROUP_COLUMNS];
    return resource_load(call, &resource_group, call->params[0], row) && answer_group(call, row, 200);
}

static bool update(struct call *call)
{
    struct value before[GROUP_COLUMNS];
    struct value after[GROUP_COLUMNS];
    if (!resource_load(call, &resource_group, call->params[0], before)) return false;
    for (size_t i = 0; i < GROUP_COLUMNS; i++) after[i] = before[i];
    after[GROUP_UPDATE_TIME] = value_integer(call->now);
    return resource_fill(call, &resource_group, after) && resource_update(call, &resource_group, before, after) &&
           answer_group(call, after, 200);
}

static bool refuse_with_apis(struct call *call, struct bytes group_id)
{
    int64_t count;
    struct store_filter filters[] = {{API_INSTANCE_ID, STORE_EQUAL, value_text(call->instance_id)},
                                     {API_GROUP_ID, STORE_EQUAL, value_text(group_id)}};
    struct store_query query = {.filters = filters, .filter_count = 2};
    if (!call_store(call, store_count(call->session, &entity_api, &query, &count))) return false;
    return count == 0 || call_refuse(call, ERROR_GROUP_HAS_APIS, group_id);
}

static bool destroy(struct call *call)
{
    struct value row[GROUP_COLUMNS];
    struct bytes id = call->params[0];
    return resource_load(call, &resource_group, id, row) && refuse_with_apis(call, id) && domains_remove_of_group(call, id) &&
           resource_remove(call, &resource_group, row) && call_change(call, CHANGE_HOST, row[GROUP_SL_DOMAIN].bytes, BYTES("")) &&
           call_answer(call, 204, NULL);
}

/* Is the name free? With group_id: for this group. */
static bool check(struct call *call)
{
    struct value row[GROUP_COLUMNS];
    bool found;
    struct bytes name = call_text(call, "group_name");
    struct store_filter filter = {GROUP_NAME, STORE_EQUAL, value_text(name)};
    if (!resource_find(call, &resource_group, (struct where){&filter, 1}, row, &found)) return false;
    if (found && !bytes_equal(row[GROUP_ID].bytes, call_text(call, "group_id"))) return call_refuse(call, ERROR_GROUP_EXISTS, name);
    return call_answer(call, 204, NULL);
}

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/api-groups", "create_api_group", RIGHT_WRITE_APIS, &group_fields, FILL_PRESETS, create, .answer = &group_fields},
    {"POST", IN_INSTANCE "/api-groups/check", "check_api_group", RIGHT_READ, &check_fields, FILL_PRESETS, check},
    {"GET", IN_INSTANCE "/api-groups", "list_api_groups", RIGHT_READ, NULL, FILL_PRESETS, listing_handle, .listing = &listing},
    {"GET", IN_INSTANCE "/api-groups/{group_id}", "show_api_group", RIGHT_READ, NULL, FILL_PRESETS, show, .answer = &group_fields},
    {"PUT", IN_INSTANCE "/api-groups/{group_id}", "update_api_group", RIGHT_WRITE_APIS, &group_fields, LEAVE_ABSENT, update,
     .answer = &group_fields},
    {"DELETE", IN_INSTANCE "/api-groups/{group_id}", "delete_api_group", RIGHT_WRITE_APIS, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_groups = ROUTES_OF(routes);
