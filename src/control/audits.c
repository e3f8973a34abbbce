/* The audit: who changed what, and who was refused. Lists of one instance, and of what is of no instance (signing in, rebuilds); export. */
#include "base/date.h"
#include "base/text.h"
#include "control/listing.h"
#include "control/resources.h"
#include "store/audit.h"

#define EXPORT_SIZE          (2u * 1024 * 1024)
#define EXPORT_DEFAULT_LIMIT 1000
#define EXPORT_MAX_LIMIT     10000
#define MAX_FIXED            3

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_ID},
    {.name = "time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_TIME},
    {.name = "user_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_ACTOR},
    {.name = "user_name", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_ACTOR_NAME},
    {.name = "source", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_SOURCE},
    {.name = "action", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_ACTION},
    {.name = "result", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_RESULT},
    {.name = "resource", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_RESOURCE},
    {.name = "resource_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_RESOURCE_ID},
    {.name = "instance_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_INSTANCE_ID},
    {.name = "project_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_PROJECT_ID},
    {.name = "request_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_REQUEST_ID},
    {.name = "before", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_BEFORE},
    {.name = "after", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_AFTER},
    {.name = "chain", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUDIT_CHAIN},
};
static const struct fields audit_fields = FIELDS_OF(fields);

static const struct resource resource_audit = {
    .name = "audit",
    .entity = &entity_audit,
    .fields = &audit_fields,
    .instance_column = AUDIT_INSTANCE_ID,
    .unknown = ERROR_ROUTE_UNKNOWN,
};

/* `from` and `to`, both included. */
static void read_time(struct call *call, const char *name, struct store_filter filter, struct store_filter *filters, size_t *count)
{
    int64_t seconds;
    if (!date_parse_rfc3339(call_query(call, name), &seconds)) return;
    filter.value = value_integer(seconds);
    filters[(*count)++] = filter;
}

/* What is of no instance belongs to a project still. */
static void read_fixed(struct call *call, struct store_filter filters[static MAX_FIXED], size_t *count)
{
    *count = 0;
    if (call->instance_id.length == 0) {
        call->scope_id = BYTES("");
        filters[(*count)++] = (struct store_filter){AUDIT_PROJECT_ID, STORE_EQUAL, value_text(call->project_id)};
    }
    read_time(call, "from", (struct store_filter){AUDIT_TIME, STORE_AT_LEAST, value_null()}, filters, count);
    read_time(call, "to", (struct store_filter){AUDIT_TIME, STORE_AT_MOST, value_null()}, filters, count);
}

static const struct list_filter list_filters[] = {
    {"id", FILTER_EXACT, AUDIT_ID},
    {"user_id", FILTER_EXACT, AUDIT_ACTOR},
    {"user_name", FILTER_NAME, AUDIT_ACTOR_NAME},
    {"source", FILTER_EXACT, AUDIT_SOURCE},
    {"action", FILTER_EXACT, AUDIT_ACTION},
    {"result", FILTER_EXACT, AUDIT_RESULT},
    {"resource", FILTER_EXACT, AUDIT_RESOURCE},
    {"resource_id", FILTER_EXACT, AUDIT_RESOURCE_ID},
    {"request_id", FILTER_EXACT, AUDIT_REQUEST_ID},
};
static const struct listing listing = {.resource = &resource_audit,
                                       .items = "audits",
                                       .filters = list_filters,
                                       .filter_count = sizeof list_filters / sizeof *list_filters,
                                       .order_column = AUDIT_ID,
                                       .descending = true};

static bool list(struct call *call)
{
    struct store_filter fixed[MAX_FIXED];
    size_t count;
    read_fixed(call, fixed, &count);
    return listing_answer_where(call, &listing, fixed, count);
}

struct export
{
    struct buffer out;
    struct bytes after;
    bool full;
};

static bool export_row(void *context, const struct value *row)
{
    struct export *export = context;
    if (bytes_equal(row[AUDIT_ID].bytes, export->after)) return true; /* AT_LEAST gives it again */
    export->full = !audit_write_line(&export->out, row);
    return !export->full;
}

static int64_t read_limit(struct call *call)
{
    int64_t limit = EXPORT_DEFAULT_LIMIT;
    number_parse(call_query(call, "limit"), &limit); /* the table has accepted it */
    return limit;
}

/* Lines in the order of the chain, from behind the id `after`; the last line's id is the next `after`, an empty answer the end. */
static bool export(struct call *call)
{
    struct store_filter filters[MAX_FIXED + 2] = {{AUDIT_INSTANCE_ID, STORE_EQUAL, value_text(call->instance_id)}};
    struct export export = {.after = call_query(call, "after")};
    size_t count;
    read_fixed(call, &filters[2], &count);
    filters[1] = (struct store_filter){AUDIT_ID, STORE_AT_LEAST, value_text(export.after)};
    export.out = buffer_in(&call->arena, EXPORT_SIZE);
    struct store_query query = {.filters = filters,
                                .filter_count = count + 2,
                                .order_column = AUDIT_ID,
                                .limit = (size_t)read_limit(call) + (export.after.length > 0)};
    if (!call_store(call, store_list(call->session, &entity_audit, &query, export_row, &export))) return false;
    call->answer_text = buffer_bytes(&export.out);
    call->answer_type = "application/x-ndjson";
    call->status = 200;
    return call->answer_text.length > 0 || !export.full || call_fault(call, "an audit row that is too long");
}

static const struct field list_query_items[] = {
    {.name = "from", .type = FIELD_TIME},
    {.name = "to", .type = FIELD_TIME},
};
static const struct fields list_query = FIELDS_OF(list_query_items);

static const struct field export_query_items[] = {
    {.name = "from", .type = FIELD_TIME},
    {.name = "to", .type = FIELD_TIME},
    {.name = "after", .type = FIELD_STRING, .minimum = 1, .maximum = 255},
    {.name = "limit", .type = FIELD_INTEGER, .minimum = 1, .maximum = EXPORT_MAX_LIMIT},
};
static const struct fields export_query = FIELDS_OF(export_query_items);

static const struct route routes[] = {
    {"GET", IN_INSTANCE "/audits", "list_audits", RIGHT_READ_AUDIT, NULL, FILL_PRESETS, list, .listing = &listing, .query = &list_query},
    {"GET", IN_INSTANCE "/audits/export", "export_audits", RIGHT_READ_AUDIT, NULL, FILL_PRESETS, export, .query = &export_query,
     .text = "application/x-ndjson"},
    {"GET", "/v2/{project_id}/apigw/audits", "list_project_audits", RIGHT_READ_AUDIT, NULL, FILL_PRESETS, list, .listing = &listing,
     .query = &list_query},
    {"GET", "/v2/{project_id}/apigw/audits/export", "export_project_audits", RIGHT_READ_AUDIT, NULL, FILL_PRESETS, export,
     .query = &export_query, .text = "application/x-ndjson"},
};
const struct routes routes_audits = ROUTES_OF(routes);
