/* APIs (huawei.md 4.5): a front request, what it demands, and a backend. Nothing here reaches the edge: that is publishing
 * (api_publish.c). */
#include "control/apis.h"

#include "control/api_fields.h"
#include "control/api_rules.h"
#include "control/charsets.h"
#include "control/listing.h"
#include "control/pass_through.h"
#include "control/path_template.h"
#include "control/publications.h"
#include "control/quotas.h"
#include "control/resources.h"

#define ROUTE_KEY_MAX (PATH_TEMPLATE_MAX_LENGTH + 16)

static struct bytes route_key(struct call *call, struct bytes method, struct bytes path)
{
    struct buffer key = buffer_in(&call->arena, ROUTE_KEY_MAX);
    path_template_route_key(&key, method, path);
    return buffer_bytes(&key);
}

/* The checked body as text: what a publication will be a snapshot of. */
static bool lay_definition(struct call *call, struct value *row)
{
    size_t length = json_dumpb(call->body, NULL, 0, JSON_COMPACT);
    char *text = arena_take(&call->arena, length);
    if (text == NULL) return call_fault(call, "no memory for the definition");
    row[API_DEFINITION] = value_text(bytes_of(text, json_dumpb(call->body, text, length, JSON_COMPACT)));
    return true;
}

static bool lay_body(struct call *call, struct value *row)
{
    struct bytes key = route_key(call, call_text(call, "req_method"), call_text(call, "req_uri"));
    if (key.length == 0) return call_fault(call, "no memory for the route");
    row[API_ROUTE_KEY] = value_text(key);
    row[API_UPDATE_TIME] = value_integer(call->now);
    return resource_fill(call, &resource_api, row) && lay_definition(call, row);
}

static bool within_quota(struct call *call)
{
    struct store_filter filter = {API_GROUP_ID, STORE_EQUAL, value_text(call_text(call, "group_id"))};
    int64_t count;
    if (!resource_count(call, &resource_api, (struct where){&filter, 1}, &count)) return false;
    return quota_admits(call, QUOTA_APIS_IN_GROUP, count) && quota_admits_one(call, QUOTA_APIS, &resource_api);
}

static bool create(struct call *call)
{
    struct value row[API_COLUMNS];
    struct value group[GROUP_COLUMNS];
    row_clear(&entity_api, row);
    struct bytes id = call_new_id(call);
    if (id.length == 0 || !api_rules_hold(call)) return false;
    if (!resource_load(call, &resource_group, call_text(call, "group_id"), group) || !within_quota(call)) return false;
    row[API_ID] = value_text(id);
    row[API_INSTANCE_ID] = value_text(call->instance_id);
    row[API_REGISTER_TIME] = value_integer(call->now);
    return lay_body(call, row) && resource_insert(call, &resource_api, row) && api_answer(call, row, 201);
}

static bool show(struct call *call)
{
    struct value row[API_COLUMNS];
    return resource_load(call, &resource_api, call->params[0], row) && api_answer(call, row, 200);
}

/* An API stays in its group: its versions, domains and routes belong there. */
static bool stays_in_group(struct call *call, const struct value *row)
{
    if (bytes_equal(row[API_GROUP_ID].bytes, call_text(call, "group_id"))) return true;
    return call_refuse_rule(call, "group_id", "the group that the API is in");
}

/* What is published stays as it was until it is published again. */
static bool update(struct call *call)
{
    struct value before[API_COLUMNS];
    struct value after[API_COLUMNS];
    if (!resource_load(call, &resource_api, call->params[0], before) || !stays_in_group(call, before)) return false;
    if (!api_rules_hold(call)) return false;
    for (size_t i = 0; i < API_COLUMNS; i++) after[i] = before[i];
    return lay_body(call, after) && pass_through_admits_definition(call, after) && resource_update(call, &resource_api, before, after) &&
           api_answer(call, after, 200);
}

static bool destroy(struct call *call)
{
    struct value row[API_COLUMNS];
    int64_t published;
    if (!resource_load(call, &resource_api, call->params[0], row)) return false;
    struct store_filter filters[] = {{VERSION_API_ID, STORE_EQUAL, row[API_ID]},
                                     {VERSION_STATUS, STORE_EQUAL, value_integer(VERSION_IN_EFFECT)}};
    if (!resource_count(call, &resource_version, (struct where){filters, 2}, &published)) return false;
    if (published > 0) return call_refuse(call, ERROR_API_IS_PUBLISHED, row[API_ID].bytes);
    return publications_forget_api(call, row[API_ID].bytes) && resource_remove(call, &resource_api, row) && call_answer(call, 204, NULL);
}

/* What no column holds: a tag that was asked for is there, and the API is published in the environment asked for. */
struct wanted {
    struct bytes tags; /* separated by ',' */
    json_t *in_env;    /* NULL: any; otherwise an object whose members are API ids */
};

static bool has_tag(const json_t *definition, struct bytes tag)
{
    const json_t *tags = json_object_get(definition, "tags");
    for (size_t i = 0; i < json_array_size(tags); i++) {
        const json_t *one = json_array_get(tags, i);
        if (bytes_equal(bytes_of(json_string_value(one), json_string_length(one)), tag)) return true;
    }
    return false;
}

/* Any of them will do, as the vendor's SDK says; "#no_tags#" asks for APIs without a tag. */
bool api_has_tags(const struct value *row, struct bytes tags)
{
    json_t *definition = tags.length > 0 ? api_definition(&row[API_DEFINITION]) : NULL;
    bool untagged = json_array_size(json_object_get(definition, "tags")) == 0;
    struct bytes tag;
    bool any = tags.length == 0;
    while (!any && bytes_next_part(&tags, ',', &tag)) any = has_tag(definition, tag) || (untagged && bytes_equal(tag, BYTES("#no_tags#")));
    json_decref(definition);
    return any;
}

static bool keeps(void *context, const struct value *row)
{
    const struct wanted *wanted = context;
    struct bytes id = row[API_ID].bytes;
    if (wanted->in_env != NULL && json_object_getn(wanted->in_env, (const char *)id.data, id.length) == NULL) return false;
    return api_has_tags(row, wanted->tags);
}

static bool note_api(void *context, const struct value *version)
{
    struct bytes id = version[VERSION_API_ID].bytes;
    return json_object_setn_new(context, (const char *)id.data, id.length, json_true()) == 0;
}

static const struct list_filter list_filters[] = {
    {"id", FILTER_EXACT, API_ID},
    {"name", FILTER_NAME, API_NAME},
    {"group_id", FILTER_EXACT, API_GROUP_ID},
    {"req_protocol", FILTER_EXACT, API_REQ_PROTOCOL},
    {"req_method", FILTER_EXACT, API_REQ_METHOD},
    {"req_uri", FILTER_NAME, API_REQ_URI},
    {"auth_type", FILTER_EXACT, API_AUTH_TYPE},
    {"type", FILTER_INTEGER, API_TYPE},
};
static const struct listing listing = {.resource = &resource_api,
                                       .items = "apis",
                                       .filters = list_filters,
                                       .filter_count = sizeof list_filters / sizeof *list_filters,
                                       .order_column = API_REGISTER_TIME,
                                       .descending = true,
                                       .complete = api_complete_item};

static bool list_wanted(struct call *call, struct wanted *wanted)
{
    struct listing narrowed = listing;
    bool narrow = wanted->tags.length > 0 || wanted->in_env != NULL;
    narrowed.keeps = narrow ? keeps : NULL;
    narrowed.context = wanted;
    return listing_answer(call, &narrowed);
}

static bool list(struct call *call)
{
    struct bytes env_id = call_query(call, "env_id");
    /* There are no such channels, so no API has the one that is asked for. */
    if (call_query(call, "vpc_channel_name").length > 0) return listing_answer_array(call, "apis", json_array());
    struct wanted wanted = {call_query(call, "tags"), env_id.length > 0 ? json_object() : NULL};
    struct store_filter filter = {VERSION_ENV_ID, STORE_EQUAL, value_text(env_id)};
    bool done = (env_id.length == 0 || publications_list(call, &filter, note_api, wanted.in_env)) && list_wanted(call, &wanted);
    json_decref(wanted.in_env);
    return done;
}

static const char *const check_types[] = {"path", "name", NULL};
static const char *const check_modes[] = {"NORMAL", "SWA", NULL};
static const struct field check_items[] = {
    {.name = "type", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = check_types},
    {.name = "name", .type = FIELD_STRING, .minimum = 3, .maximum = 255, .charset = &charset_group_name},
    {.name = "req_method", .type = FIELD_STRING, .choices = api_methods},
    {.name = "req_uri", .type = FIELD_STRING, .minimum = 1, .maximum = PATH_TEMPLATE_MAX_LENGTH},
    {.name = "match_mode", .type = FIELD_STRING, .choices = check_modes},
    {.name = "group_id", .type = FIELD_STRING, .minimum = 1, .maximum = 64, .charset = &charset_id},
    {.name = "api_id", .type = FIELD_STRING, .minimum = 1, .maximum = 64, .charset = &charset_id},
};
static const struct fields check_fields = FIELDS_OF(check_items);

/* Is there another API than api_id where `column` holds `value`, in the group if one is named? */
static bool is_free(struct call *call, size_t column, struct bytes value, enum error_code code)
{
    struct store_filter filters[3] = {{column, STORE_EQUAL, value_text(value)}};
    size_t count = 1;
    int64_t all, own = 0;
    if (call_has(call, "group_id")) {
        filters[count++] = (struct store_filter){API_GROUP_ID, STORE_EQUAL, value_text(call_text(call, "group_id"))};
    }
    if (!resource_count(call, &resource_api, (struct where){filters, count}, &all)) return false;
    filters[count++] = (struct store_filter){API_ID, STORE_EQUAL, value_text(call_text(call, "api_id"))};
    if (!resource_count(call, &resource_api, (struct where){filters, count}, &own)) return false;
    return all == own || call_refuse(call, code, column == API_NAME ? value : call_text(call, "req_uri"));
}

static bool check_name(struct call *call)
{
    if (!call_has(call, "name")) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("name"));
    return is_free(call, API_NAME, call_text(call, "name"), ERROR_API_NAME_EXISTS);
}

static bool check_path(struct call *call)
{
    struct path_template unused;
    struct bytes path = call_text(call, "req_uri");
    if (!call_has(call, "req_method")) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("req_method"));
    if (path.length == 0) return call_refuse(call, ERROR_FIELD_MISSING, BYTES("req_uri"));
    const char *broken = path_template_read(path, &unused);
    if (broken != NULL) return call_refuse_rule(call, "req_uri", broken);
    return is_free(call, API_ROUTE_KEY, route_key(call, call_text(call, "req_method"), path), ERROR_API_EXISTS);
}

static bool check(struct call *call)
{
    bool free = bytes_equal(call_text(call, "type"), BYTES("name")) ? check_name(call) : check_path(call);
    return free && call_answer(call, 204, NULL);
}

static const struct field list_query_items[] = {
    {.name = "env_id", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "tags", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "return_data_mode", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "vpc_channel_name", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
};
static const struct fields list_query = FIELDS_OF(list_query_items);

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/apis", "create_api", RIGHT_WRITE_APIS, &api_fields, FILL_PRESETS, create, .answer = &api_fields},
    {"GET", IN_INSTANCE "/apis", "list_apis", RIGHT_READ, NULL, FILL_PRESETS, list, .listing = &listing, .query = &list_query},
    {"POST", IN_INSTANCE "/apis/check", "check_api", RIGHT_READ, &check_fields, FILL_PRESETS, check},
    {"GET", IN_INSTANCE "/apis/{api_id}", "show_api", RIGHT_READ, NULL, FILL_PRESETS, show, .answer = &api_fields},
    {"PUT", IN_INSTANCE "/apis/{api_id}", "update_api", RIGHT_WRITE_APIS, &api_fields, FILL_PRESETS, update, .answer = &api_fields},
    {"DELETE", IN_INSTANCE "/apis/{api_id}", "delete_api", RIGHT_WRITE_APIS, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_apis = ROUTES_OF(routes);
