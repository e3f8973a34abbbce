/* Authorising consumers for APIs: the consumers' side of app-auths (huawei.md 4.7, alibaba.md 5.1), with an end if one is wanted. */
#include "control/apis.h"
#include "control/authorisations.h"
#include "control/charsets.h"
#include "control/consumers.h"
#include "control/listing.h"
#include "control/places.h"
#include "control/related.h"
#include "control/resources.h"

#define MAX_IDS   100 /* of one kind in one call */
#define MAX_PAIRS 1000

static const struct field create_items[] = {
    {.name = "env_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64, .charset = &charset_id},
    {.name = "consumer_ids",
     .type = FIELD_STRINGS,
     .flags = FIELD_REQUIRED,
     .minimum = 1,
     .maximum = 64,
     .most_items = MAX_IDS,
     .charset = &charset_id},
    {.name = "api_ids",
     .type = FIELD_STRINGS,
     .flags = FIELD_REQUIRED,
     .minimum = 1,
     .maximum = 64,
     .most_items = MAX_IDS,
     .charset = &charset_id},
    {.name = "end_time", .type = FIELD_TIME},
};
static const struct fields create_fields = FIELDS_OF(create_items);

static const struct field result_answer_items[] = {
    ANSWERED("status", FIELD_STRING),     ANSWERED("api_name", FIELD_STRING),  ANSWERED("consumer_name", FIELD_STRING),
    ANSWERED("error_code", FIELD_STRING), ANSWERED("error_msg", FIELD_STRING),
};
static const struct fields result_fields = FIELDS_OF(result_answer_items);

static const struct field answer_items[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_ID},
    {.name = "api_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_API_ID},
    {.name = "env_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_ENV_ID},
    {.name = "consumer_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_PRINCIPAL_ID},
    {.name = "auth_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = AUTH_TIME},
    ANSWERED("end_time", FIELD_TIME),
    ANSWERED("consumer_name", FIELD_STRING),
    RELATED_API,
    RELATED_ENV,
    {.name = "auth_result", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &result_fields},
};
static const struct fields answer_fields = FIELDS_OF(answer_items);

static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call;
    return json_put_time(answer, "end_time", row[AUTH_NOT_AFTER].integer);
}

/* The same rows as resource_authorisation, in the words of this endpoint. */
static const struct resource resource_consumer_auth = {
    .name = "consumer_auth",
    .entity = &entity_authorisation,
    .fields = &answer_fields,
    .instance_column = AUTH_INSTANCE_ID,
    .unknown = ERROR_AUTH_UNKNOWN,
    .derive = derive,
};

static struct bytes text_at(const json_t *list, size_t index)
{
    const json_t *item = json_array_get(list, index);
    return bytes_of(json_string_value(item), json_string_length(item));
}

static bool put_consumer(struct call *call, json_t *item)
{
    struct value consumer[CONSUMER_COLUMNS];
    return resource_load(call, &resource_consumer, json_get_text(item, "consumer_id"), consumer) &&
           json_put(call, item, "consumer_name", consumer[CONSUMER_NAME].bytes);
}

static bool complete(struct call *call, json_t *item)
{
    size_t mark = call->arena.used;
    bool done = related_api(call, item) && related_env(call, item) && put_consumer(call, item);
    arena_rewind(&call->arena, mark);
    return done;
}

/* What becomes of one pair: a new row, another end, or nothing. False: refused or a fault; then nothing was written. */
static bool authorise(struct call *call, const struct authorised *who, struct value *row, bool *skipped)
{
    struct consumer_in_api consumer = {who->principal_id, who->api_id, who->env_id};
    bool existed;
    if (!authorisation_find(call, who, row, &existed)) return false;
    *skipped = existed && row[AUTH_NOT_AFTER].integer == who->not_after;
    if (*skipped) return true;
    if (!existed) return places_authorise(call, &consumer) && authorisation_add(call, who, row);
    bool done = authorisation_prolong(call, row, who->not_after);
    row[AUTH_NOT_AFTER] = value_integer(who->not_after);
    return done;
}

static bool put_refused(struct call *call, json_t *item, json_t *result, const struct authorised *who)
{
    return call_take_back(call, result) && json_put(call, result, "status", BYTES("FAILED")) &&
           json_put(call, item, "api_id", who->api_id) && json_put(call, item, "consumer_id", who->principal_id) &&
           json_put(call, item, "env_id", who->env_id);
}

static bool put_authorised(struct call *call, json_t *item, json_t *result, const struct value *row)
{
    json_t *json = resource_json(call, &resource_consumer_auth, row, HIDE_SECRETS);
    bool done = json != NULL && json_object_update(item, json) == 0;
    json_decref(json);
    return done ? complete(call, item) && json_put(call, result, "api_name", json_get_text(item, "api_name")) &&
                      json_put(call, result, "consumer_name", json_get_text(item, "consumer_name"))
                : call_fault(call, "no memory for the answer");
}

/* Pairs stand or fall alone: a plan that is full refuses its own only. */
static bool answer_pair(struct call *call, const struct authorised *who, json_t *auths)
{
    struct value row[AUTH_COLUMNS];
    json_t *item = json_object();
    json_t *result = json_object();
    bool skipped = false;
    bool made = json_array_append_new(auths, item) == 0 && json_object_set_new(item, "auth_result", result) == 0;
    if (!made) return call_fault(call, "no memory for the answer");
    if (!authorise(call, who, row, &skipped)) return put_refused(call, item, result, who);
    return put_authorised(call, item, result, row) && json_put(call, result, "status", skipped ? BYTES("SKIPPED") : BYTES("SUCCESS"));
}

static bool check_consumers(struct call *call, const json_t *ids)
{
    struct value consumer[CONSUMER_COLUMNS];
    size_t mark = call->arena.used;
    for (size_t i = 0; i < json_array_size(ids); i++, arena_rewind(&call->arena, mark)) {
        if (!resource_load(call, &resource_consumer, text_at(ids, i), consumer)) return false;
    }
    return true;
}

static bool check_apis(struct call *call, const json_t *ids)
{
    struct value api[API_COLUMNS];
    size_t mark = call->arena.used;
    for (size_t i = 0; i < json_array_size(ids); i++, arena_rewind(&call->arena, mark)) {
        if (!resource_load(call, &resource_api, text_at(ids, i), api)) return false;
    }
    return true;
}

/* Everything named must exist, or nothing is authorised. */
static bool check_ids(struct call *call, const json_t *consumer_ids, const json_t *api_ids)
{
    struct value env[ENV_COLUMNS];
    if (json_array_size(consumer_ids) * json_array_size(api_ids) > MAX_PAIRS) {
        return call_refuse_rule(call, "api_ids", "at most 1000 pairs of consumer and API");
    }
    return env_load(call, call_text(call, "env_id"), env) && check_consumers(call, consumer_ids) && check_apis(call, api_ids);
}

static bool authorise_all(struct call *call, const json_t *consumer_ids, const json_t *api_ids, json_t *auths)
{
    struct authorised who = {.kind = PRINCIPAL_CONSUMER, .env_id = call_text(call, "env_id")};
    if (!authorisation_read_end(call, &who.not_after)) return false;
    for (size_t i = 0; i < json_array_size(consumer_ids); i++) {
        who.principal_id = text_at(consumer_ids, i);
        for (size_t j = 0; j < json_array_size(api_ids); j++) {
            size_t mark = call->arena.used;
            who.api_id = text_at(api_ids, j);
            if (!answer_pair(call, &who, auths)) return false;
            arena_rewind(&call->arena, mark);
        }
    }
    return true;
}

static bool create(struct call *call)
{
    const json_t *consumer_ids = json_object_get(call->body, "consumer_ids");
    const json_t *api_ids = json_object_get(call->body, "api_ids");
    if (!check_ids(call, consumer_ids, api_ids)) return false;
    json_t *auths = json_array();
    if (authorise_all(call, consumer_ids, api_ids, auths)) return call_answer(call, 201, json_pack("{s:o}", "auths", auths));
    json_decref(auths);
    return false;
}

static bool destroy(struct call *call)
{
    struct value row[AUTH_COLUMNS];
    if (!resource_load(call, &resource_authorisation, call->params[0], row)) return false;
    if (row[AUTH_PRINCIPAL_KIND].integer != PRINCIPAL_CONSUMER) return call_refuse(call, ERROR_AUTH_UNKNOWN, call->params[0]);
    struct consumer_in_api who = {row[AUTH_PRINCIPAL_ID].bytes, row[AUTH_API_ID].bytes, row[AUTH_ENV_ID].bytes};
    return places_withdraw(call, &who) && authorisation_remove(call, row) && call_answer(call, 204, NULL);
}

static const struct list_filter list_filters[] = {
    {"consumer_id", FILTER_EXACT, AUTH_PRINCIPAL_ID},
    {"api_id", FILTER_EXACT, AUTH_API_ID},
    {"env_id", FILTER_EXACT, AUTH_ENV_ID},
};
static const struct listing listing = {.resource = &resource_consumer_auth,
                                       .items = "auths",
                                       .filters = list_filters,
                                       .filter_count = sizeof list_filters / sizeof *list_filters,
                                       .order_column = AUTH_TIME,
                                       .descending = true,
                                       .complete = complete};

static bool list(struct call *call)
{
    struct store_filter fixed = {AUTH_PRINCIPAL_KIND, STORE_EQUAL, value_integer(PRINCIPAL_CONSUMER)};
    return listing_answer_where(call, &listing, &fixed, 1);
}

static const struct field authorised_answer_items[] = {
    {.name = "auths", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &answer_fields},
};
static const struct fields authorised_fields = FIELDS_OF(authorised_answer_items);

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/consumer-auths", "authorise_consumers", RIGHT_WRITE_APPS, &create_fields, FILL_PRESETS, create,
     .answer = &authorised_fields},
    {"GET", IN_INSTANCE "/consumer-auths", "list_consumer_auths", RIGHT_READ, NULL, FILL_PRESETS, list, .listing = &listing},
    {"DELETE", IN_INSTANCE "/consumer-auths/{auth_id}", "withdraw_consumer", RIGHT_WRITE_APPS, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_consumer_auths = ROUTES_OF(routes);
