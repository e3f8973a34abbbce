/* What is there, by name (huawei.md 4.2, 4.7) and by number: tags of APIs, features that can be switched, counts of groups, APIs and apps.
 */
#include "control/apis.h"
#include "control/features.h"
#include "control/listing.h"
#include "control/publications.h"
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

/* --- counts ----------------------------------------------------------------------------------------------------------------------------
 */

static bool answer_numbers(struct call *call, json_t *numbers)
{
    return numbers != NULL ? call_answer(call, 200, numbers) : call_fault(call, "no memory for the answer");
}

/* There is no marketplace on which groups could be listed: all stand under the number that clients show. The vendor fills no other. */
static bool count_groups(struct call *call)
{
    int64_t count = 0;
    if (!resource_count(call, &resource_group, (struct where){NULL, 0}, &count)) return false;
    return answer_numbers(call, json_pack("{s:I, s:i}", "onsell_nums", (json_int_t)count, "offsell_nums", 0));
}

static bool count_apis(struct call *call)
{
    const struct store_filter released[] = {{VERSION_ENV_ID, STORE_EQUAL, value_text(BYTES(ENV_RELEASE_ID))},
                                            {VERSION_STATUS, STORE_EQUAL, value_integer(VERSION_IN_EFFECT)}};
    int64_t all = 0, on = 0;
    if (!resource_count(call, &resource_api, (struct where){NULL, 0}, &all) ||
        !resource_count(call, &resource_version, (struct where){released, 2}, &on))
        return false;
    return answer_numbers(call, json_pack("{s:I, s:I, s:I}", "instance_num", (json_int_t)all, "nums_on_release", (json_int_t)on,
                                          "nums_off_release", (json_int_t)(all - on)));
}

static bool count_apps(struct call *call)
{
    int64_t all = 0, authorised = 0;
    if (!resource_count(call, &resource_app, (struct where){NULL, 0}, &all) ||
        !call_store(call, store_count_authorised(call->session, call->instance_id, PRINCIPAL_APP, &authorised)))
        return false;
    return answer_numbers(call,
                          json_pack("{s:I, s:I}", "authed_nums", (json_int_t)authorised, "unauthed_nums", (json_int_t)(all - authorised)));
}

static const struct field group_counts_items[] = {ANSWERED("onsell_nums", FIELD_INTEGER), ANSWERED("offsell_nums", FIELD_INTEGER)};
static const struct fields group_counts = FIELDS_OF(group_counts_items);
static const struct field api_counts_items[] = {ANSWERED("instance_num", FIELD_INTEGER), ANSWERED("nums_on_release", FIELD_INTEGER),
                                                ANSWERED("nums_off_release", FIELD_INTEGER)};
static const struct fields api_counts = FIELDS_OF(api_counts_items);
static const struct field app_counts_items[] = {ANSWERED("authed_nums", FIELD_INTEGER), ANSWERED("unauthed_nums", FIELD_INTEGER)};
static const struct fields app_counts = FIELDS_OF(app_counts_items);

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
    {"GET", IN_INSTANCE "/resources/outline/groups", "count_api_groups", RIGHT_READ, NULL, FILL_PRESETS, count_groups,
     .answer = &group_counts},
    {"GET", IN_INSTANCE "/resources/outline/apis", "count_apis", RIGHT_READ, NULL, FILL_PRESETS, count_apis, .answer = &api_counts},
    {"GET", IN_INSTANCE "/resources/outline/apps", "count_apps", RIGHT_READ, NULL, FILL_PRESETS, count_apps, .answer = &app_counts},
};
const struct routes routes_outlines = ROUTES_OF(routes);
