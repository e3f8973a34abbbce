/* Consumers (alibaba.md 5.1 in the style of huawei.md 4): who calls with an API key or a key pair of his own. A consumer's name is told to
 * backends, so it is made of what a header may hold. */
#include "control/consumers.h"

#include "control/apis.h"
#include "control/authorisations.h"
#include "control/charsets.h"
#include "control/key_pairs.h"
#include "control/listing.h"
#include "control/places.h"
#include "control/quotas.h"
#include "control/resources.h"
#include "control/throttles.h"

#define NAME_MIN        3
#define NAME_MAX        64
#define DESCRIPTION_MAX 255

static const struct charset charset_consumer = {"A-Za-z0-9", "A-Za-z0-9_.@-", false, "letters, digits and -_.@, first a letter or digit"};

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CONSUMER_ID},
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_STORED,
     .column = CONSUMER_NAME,
     .minimum = NAME_MIN,
     .maximum = NAME_MAX,
     .charset = &charset_consumer},
    {.name = "description",
     .type = FIELD_STRING,
     .flags = FIELD_STORED,
     .column = CONSUMER_DESCRIPTION,
     .maximum = DESCRIPTION_MAX,
     .preset = "\"\""},
    {.name = "enabled", .type = FIELD_BOOLEAN, .flags = FIELD_STORED, .column = CONSUMER_ENABLED, .preset = "true"},
    {.name = "api_key", .type = FIELD_OBJECT, .members = &api_key_fields},
    {.name = "hmac", .type = FIELD_OBJECT, .members = &consumer_pair_fields},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CONSUMER_CREATE_TIME},
    {.name = "update_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CONSUMER_UPDATE_TIME},
    {.name = "credentials", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &consumer_credential_fields},
};
const struct fields consumer_fields = FIELDS_OF(fields);

/* A PUT changes what it names. */
static const struct field change_items[] = {
    {.name = "name",
     .type = FIELD_STRING,
     .flags = FIELD_STORED,
     .column = CONSUMER_NAME,
     .minimum = NAME_MIN,
     .maximum = NAME_MAX,
     .charset = &charset_consumer},
    {.name = "description", .type = FIELD_STRING, .flags = FIELD_STORED, .column = CONSUMER_DESCRIPTION, .maximum = DESCRIPTION_MAX},
    {.name = "enabled", .type = FIELD_BOOLEAN, .flags = FIELD_STORED, .column = CONSUMER_ENABLED},
};
static const struct fields change_fields = FIELDS_OF(change_items);

static const struct conflict conflicts[] = {
    {"consumer_name", ERROR_CONSUMER_EXISTS, CONSUMER_NAME},
};

const struct resource resource_consumer = {
    .name = "consumer",
    .entity = &entity_consumer,
    .fields = &consumer_fields,
    .instance_column = CONSUMER_INSTANCE_ID,
    .unknown = ERROR_CONSUMER_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
};

/* Adds the credentials, as far as they are shown. */
static bool complete(struct call *call, json_t *item)
{
    json_t *keys = json_array();
    const json_t *id = json_object_get(item, "id");
    if (keys == NULL || json_object_set_new(item, "credentials", keys) != 0) return call_fault(call, "no memory for the answer");
    return consumer_credentials_put(call, bytes_of(json_string_value(id), json_string_length(id)), keys);
}

static bool answer_consumer(struct call *call, const struct value *row, unsigned status)
{
    json_t *json = resource_json(call, &resource_consumer, row, HIDE_SECRETS);
    if (json == NULL) return call_fault(call, "no memory for the answer");
    if (complete(call, json)) return call_answer(call, status, json);
    json_decref(json);
    return false;
}

/* A new consumer: the only answer with its secrets. */
static json_t *describe_made(struct call *call, const struct value *row)
{
    json_t *json = resource_json(call, &resource_consumer, row, HIDE_SECRETS);
    json_t *made = json_array();
    bool kept = json != NULL && json_object_set_new(json, "credentials", made) == 0;
    if (kept && consumer_credentials_make(call, &(struct holder){row[CONSUMER_ID].bytes, true}, made)) return json;
    json_decref(json);
    if (!kept) call_fault(call, "no memory for the answer");
    return NULL;
}

json_t *consumer_make(struct call *call)
{
    struct value row[CONSUMER_COLUMNS];
    row_clear(&entity_consumer, row);
    struct bytes id = call_new_id(call);
    if (id.length == 0 || !resource_fill(call, &resource_consumer, row)) return NULL;
    row[CONSUMER_ID] = value_text(id);
    row[CONSUMER_INSTANCE_ID] = value_text(call->instance_id);
    row[CONSUMER_CREATE_TIME] = row[CONSUMER_UPDATE_TIME] = value_integer(call->now);
    return resource_insert(call, &resource_consumer, row) ? describe_made(call, row) : NULL;
}

static bool create(struct call *call)
{
    json_t *json = quota_admits_one(call, QUOTA_CONSUMERS, &resource_consumer) ? consumer_make(call) : NULL;
    return json != NULL && call_answer(call, 201, json);
}

static size_t read_enabled(struct call *call, struct store_filter *filter)
{
    struct bytes text = call_query(call, "enabled");
    bool yes = bytes_equal(text, BYTES("true")) || bytes_equal(text, BYTES("1"));
    *filter = (struct store_filter){CONSUMER_ENABLED, STORE_EQUAL, value_integer(yes)};
    return text.length > 0;
}

static const struct list_filter list_filters[] = {{"id", FILTER_EXACT, CONSUMER_ID}, {"name", FILTER_NAME, CONSUMER_NAME}};
static const struct listing listing = {.resource = &resource_consumer,
                                       .items = "consumers",
                                       .filters = list_filters,
                                       .filter_count = sizeof list_filters / sizeof *list_filters,
                                       .order_column = CONSUMER_CREATE_TIME,
                                       .descending = true,
                                       .complete = complete};

static bool list(struct call *call)
{
    struct store_filter enabled;
    size_t count = read_enabled(call, &enabled);
    return listing_answer_where(call, &listing, &enabled, count);
}

static bool show(struct call *call)
{
    struct value row[CONSUMER_COLUMNS];
    return resource_load(call, &resource_consumer, call->params[0], row) && answer_consumer(call, row, 200);
}

/* Name and state stand in the edge's record of each key. */
static bool update(struct call *call)
{
    struct value before[CONSUMER_COLUMNS];
    struct value after[CONSUMER_COLUMNS];
    if (!resource_load(call, &resource_consumer, call->params[0], before)) return false;
    for (size_t i = 0; i < CONSUMER_COLUMNS; i++) after[i] = before[i];
    after[CONSUMER_UPDATE_TIME] = value_integer(call->now);
    return resource_fill(call, &resource_consumer, after) && resource_update(call, &resource_consumer, before, after) &&
           credentials_touch(call, PRINCIPAL_CONSUMER, after[CONSUMER_ID].bytes) && answer_consumer(call, after, 200);
}

static bool withdraw(struct call *call, void *context, const struct value *row)
{
    (void)context;
    struct consumer_in_api who = {row[AUTH_PRINCIPAL_ID].bytes, row[AUTH_API_ID].bytes, row[AUTH_ENV_ID].bytes};
    return places_withdraw(call, &who) && authorisation_remove(call, row);
}

/* Authorisations first, while the keys are still there to be counted down. */
static bool destroy(struct call *call)
{
    struct value row[CONSUMER_COLUMNS];
    struct bytes id = call->params[0];
    struct store_filter of_consumer = {AUTH_PRINCIPAL_ID, STORE_EQUAL, value_text(id)};
    struct store_filter specials = {SPECIAL_OBJECT_ID, STORE_EQUAL, value_text(id)};
    return resource_load(call, &resource_consumer, id, row) &&
           resource_for_each(call, &resource_authorisation, &of_consumer, withdraw, NULL) && specials_remove_where(call, &specials) &&
           credentials_remove(call, PRINCIPAL_CONSUMER, id) && resource_remove(call, &resource_consumer, row) &&
           call_answer(call, 204, NULL);
}

static const struct field list_query_items[] = {
    {.name = "enabled", .type = FIELD_BOOLEAN},
};
static const struct fields list_query = FIELDS_OF(list_query_items);

static const struct route routes[] = {
    {"POST", IN_INSTANCE "/consumers", "create_consumer", RIGHT_WRITE_APPS, &consumer_fields, FILL_PRESETS, create,
     .answer = &consumer_fields},
    {"GET", IN_INSTANCE "/consumers", "list_consumers", RIGHT_READ, NULL, FILL_PRESETS, list, .listing = &listing, .query = &list_query},
    {"GET", IN_INSTANCE "/consumers/{consumer_id}", "show_consumer", RIGHT_READ, NULL, FILL_PRESETS, show, .answer = &consumer_fields},
    {"PUT", IN_INSTANCE "/consumers/{consumer_id}", "update_consumer", RIGHT_WRITE_APPS, &change_fields, LEAVE_ABSENT, update,
     .answer = &consumer_fields},
    {"DELETE", IN_INSTANCE "/consumers/{consumer_id}", "delete_consumer", RIGHT_WRITE_APPS, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_consumers = ROUTES_OF(routes);
