/* What is there, by name (huawei.md 4.2, 4.7): tags of APIs, features that can be switched. */
#include "control/apis.h"
#include "control/features.h"
#include "control/listing.h"
#include "control/resources.h"
#include "policy/publication.h"

#include <stdlib.h>

#define TAGS_READ_MOST 20000 /* APIs that are looked at */

static bool note_tags(void *context, const struct value *api)
{
    json_t *definition = api_definition(&api[API_DEFINITION]);
    const json_t *tags = json_object_get(definition, "tags");
    bool done = true;
    for (size_t i = 0; done && i < json_array_size(tags); i++) {
        done = json_object_set_new(context, json_string_value(json_array_get(tags, i)), json_true()) == 0;
    }
    json_decref(definition);
    return done;
}

static json_t *sorted_names(const json_t *set)
{
    char *text = json_dumps(set, JSON_SORT_KEYS);
    json_t *sorted = text != NULL ? json_loads(text, 0, NULL) : NULL;
    json_t *list = json_array();
    const char *name;
    json_t *unused;
    json_object_foreach(sorted, name, unused) json_array_append_new(list, json_string(name));
    json_decref(sorted);
    free(text);
    return list;
}

static bool list_tags(struct call *call)
{
    struct store_filter filter = {API_INSTANCE_ID, STORE_EQUAL, value_text(call->instance_id)};
    struct store_query query = {.filters = &filter, .filter_count = 1, .limit = TAGS_READ_MOST};
    json_t *set = json_object();
    bool done = call_store(call, store_list(call->session, &entity_api, &query, note_tags, set)) &&
                listing_answer_array(call, "tags", sorted_names(set));
    json_decref(set);
    return done;
}

static const char *const feature_names[] = {FEATURE_APP_BASIC,       FEATURE_APP_SECRET, FEATURE_APP_TOKEN,
                                            FEATURE_CONSUMER_HEADER, FEATURE_PUBLIC_KEY, NULL};

static bool list_feature_names(struct call *call)
{
    json_t *names = json_array();
    for (size_t i = 0; feature_names[i] != NULL; i++) json_array_append_new(names, json_string(feature_names[i]));
    return listing_answer_array(call, "features", names);
}

static const struct field tags_items[] = {
    ANSWERED("total", FIELD_INTEGER),
    ANSWERED("size", FIELD_INTEGER),
    ANSWERED("tags", FIELD_STRINGS),
};
static const struct fields tags_fields = FIELDS_OF(tags_items);
static const struct field names_items[] = {
    ANSWERED("total", FIELD_INTEGER),
    ANSWERED("size", FIELD_INTEGER),
    ANSWERED("features", FIELD_STRINGS),
};
static const struct fields names_fields = FIELDS_OF(names_items);
static const struct field page_items[] = {
    {.name = "offset", .type = FIELD_INTEGER, .minimum = INT32_MIN, .maximum = INT32_MAX},
    {.name = "limit", .type = FIELD_INTEGER, .minimum = INT32_MIN, .maximum = INT32_MAX},
};
static const struct fields page_query = FIELDS_OF(page_items);

static const struct route routes[] = {
    {"GET", IN_INSTANCE "/tags", "list_tags", RIGHT_READ, NULL, FILL_PRESETS, list_tags, .query = &page_query, .answer = &tags_fields},
    {"GET", IN_INSTANCE "/instance-features", "list_feature_names", RIGHT_READ, NULL, FILL_PRESETS, list_feature_names,
     .query = &page_query, .answer = &names_fields},
};
const struct routes routes_outlines = ROUTES_OF(routes);
