/* Requests by minute, of the last day: what a console's overview draws. Summed up over whatever is not asked for. */
#include "base/date.h"
#include "control/resources.h"
#include "credential/credential.h"
#include "feedback/feedback.h"
#include "scheme/scheme.h"
#include "store/traffic.h"

#define DEFAULT_SPAN 3600
#define MOST_GROUPS  64 /* of one minute; the rest goes together */

enum group_by { BY_NOTHING, BY_OUTCOME, BY_REFUSAL, BY_API, BY_SCHEME, BY_PRINCIPAL_KIND, BY_STATUS };
static const char *const group_names[] = {"none", "outcome", "refusal", "api", "scheme", "principal_kind", "status", NULL};

struct sum {
    char group[FEEDBACK_ID + 1];
    uint64_t requests, milliseconds, buckets[TRAFFIC_BUCKETS];
};

struct reading {
    enum group_by by;
    int64_t minute;
    struct sum sums[MOST_GROUPS];
    size_t count;
    json_t *series;
};

static const char *scheme_word(int64_t id)
{
    const struct scheme *scheme = scheme_by_id((enum scheme_id)id);
    return scheme == NULL ? "none" : scheme->name;
}

static struct bytes group_of(enum group_by by, const struct value *row, char number[static 8])
{
    switch (by) {
    case BY_NOTHING:
        break;
    case BY_OUTCOME:
        return row[TRAFFIC_OUTCOME].bytes;
    case BY_REFUSAL:
        return row[TRAFFIC_REFUSAL].bytes;
    case BY_API:
        return row[TRAFFIC_API_ID].bytes;
    case BY_SCHEME:
        return bytes_of_text(scheme_word(row[TRAFFIC_SCHEME].integer));
    case BY_PRINCIPAL_KIND:
        return bytes_of_text(principal_kind_name((enum principal_kind)row[TRAFFIC_PRINCIPAL_KIND].integer));
    case BY_STATUS:
        number[0] = (char)('0' + row[TRAFFIC_STATUS_CLASS].integer % 10);
        return bytes_of(number, 3);
    }
    return BYTES("");
}

static struct sum *sum_of(struct reading *reading, struct bytes group)
{
    group = bytes_slice(group, 0, FEEDBACK_ID);
    for (size_t i = 0; i < reading->count; i++)
        if (bytes_equal(bytes_of_text(reading->sums[i].group), group)) return &reading->sums[i];
    if (reading->count == MOST_GROUPS) return &reading->sums[MOST_GROUPS - 1];
    struct sum *sum = &reading->sums[reading->count++];
    *sum = (struct sum){0};
    if (group.length > 0) memcpy(sum->group, group.data, group.length);
    return sum;
}

/* The bound of the bucket in which that part of the requests ends; above all bounds, the last one. */
static json_t *percentile(const struct sum *sum, uint64_t percent)
{
    uint64_t wanted = (sum->requests * percent + 99) / 100, passed = 0;
    size_t bucket = 0;
    for (; bucket < FEEDBACK_BUCKETS - 1; bucket++) {
        passed += sum->buckets[bucket];
        if (passed >= wanted) break;
    }
    return json_integer(feedback_bounds[bucket < FEEDBACK_BUCKETS - 1 ? bucket : FEEDBACK_BUCKETS - 2]);
}

static json_t *point_of(const struct sum *sum, int64_t minute)
{
    char text[32] = "";
    struct buffer time = buffer_over(text, sizeof text - 1);
    date_format_rfc3339(&time, minute);
    return json_pack("{s:s, s:s, s:I, s:I, s:o, s:o, s:o}", "minute", text, "group", sum->group, "requests", (json_int_t)sum->requests,
                     "milliseconds", (json_int_t)sum->milliseconds, "p50_ms", percentile(sum, 50), "p95_ms", percentile(sum, 95), "p99_ms",
                     percentile(sum, 99));
}

static void finish_minute(struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) json_array_append_new(reading->series, point_of(&reading->sums[i], reading->minute));
    reading->count = 0;
}

static bool add_row(void *context, const struct value *row)
{
    struct reading *reading = context;
    char number[8] = "0xx";
    if (row[TRAFFIC_MINUTE].integer != reading->minute) finish_minute(reading);
    reading->minute = row[TRAFFIC_MINUTE].integer;
    struct sum *sum = sum_of(reading, group_of(reading->by, row, number));
    sum->requests += (uint64_t)row[TRAFFIC_REQUESTS].integer;
    sum->milliseconds += (uint64_t)row[TRAFFIC_MILLISECONDS].integer;
    for (size_t i = 0; i < TRAFFIC_BUCKETS; i++) sum->buckets[i] += (uint64_t)row[TRAFFIC_BUCKET + i].integer;
    return true;
}

static enum group_by read_group_by(struct call *call)
{
    struct bytes wanted = call_query(call, "group_by");
    for (size_t i = 0; group_names[i] != NULL; i++)
        if (bytes_equal(wanted, bytes_of_text(group_names[i]))) return (enum group_by)i;
    return BY_NOTHING;
}

static int64_t read_time(struct call *call, const char *name, int64_t otherwise)
{
    int64_t seconds = otherwise;
    return date_parse_rfc3339(call_query(call, name), &seconds) ? seconds : otherwise;
}

static bool show(struct call *call)
{
    struct reading *reading = arena_take(&call->arena, sizeof *reading);
    struct bytes api = call_query(call, "api_id");
    int64_t to = read_time(call, "to", call->now), from = read_time(call, "from", to - DEFAULT_SPAN);
    struct store_filter filters[] = {{TRAFFIC_INSTANCE_ID, STORE_EQUAL, value_text(call->instance_id)},
                                     {TRAFFIC_MINUTE, STORE_AT_LEAST, value_integer(from - from % 60)},
                                     {TRAFFIC_MINUTE, STORE_AT_MOST, value_integer(to)},
                                     {TRAFFIC_API_ID, STORE_EQUAL, value_text(api)}};
    struct store_query query = {.filters = filters, .filter_count = api.length > 0 ? 4 : 3, .order_column = TRAFFIC_MINUTE};
    if (reading == NULL) return call_fault(call, "no memory");
    reading->by = read_group_by(call);
    reading->series = json_array();
    enum store_result result = store_list(call->session, &entity_traffic, &query, add_row, reading);
    finish_minute(reading);
    json_t *answer = json_pack("{s:o}", "series", reading->series);
    if (call_store(call, result)) return call_answer(call, 200, answer);
    json_decref(answer);
    return false;
}

static const struct field query_items[] = {
    {.name = "from", .type = FIELD_TIME},
    {.name = "to", .type = FIELD_TIME},
    {.name = "api_id", .type = FIELD_STRING, .minimum = 1, .maximum = 64},
    {.name = "group_by", .type = FIELD_STRING, .choices = group_names},
};
static const struct fields query_fields = FIELDS_OF(query_items);

static const struct field point_items[] = {
    ANSWERED("minute", FIELD_TIME),          ANSWERED("group", FIELD_STRING),   ANSWERED("requests", FIELD_INTEGER),
    ANSWERED("milliseconds", FIELD_INTEGER), ANSWERED("p50_ms", FIELD_INTEGER), ANSWERED("p95_ms", FIELD_INTEGER),
    ANSWERED("p99_ms", FIELD_INTEGER),
};
static const struct fields point_fields = FIELDS_OF(point_items);

static const struct field answer_items[] = {
    {.name = "series", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &point_fields},
};
static const struct fields answer_fields = FIELDS_OF(answer_items);

static const struct route routes[] = {
    {"GET", IN_INSTANCE "/metrics-series", "show_metrics_series", RIGHT_READ, NULL, FILL_PRESETS, show, .query = &query_fields,
     .answer = &answer_fields},
};
const struct routes routes_metrics_series = ROUTES_OF(routes);
