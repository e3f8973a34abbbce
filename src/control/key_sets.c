#include "control/key_sets.h"

#include "base/text.h"
#include "control/apis.h"
#include "control/key_fetcher.h"
#include "control/listing.h"
#include "control/remote_url.h"
#include "control/resources.h"
#include "control/token_rules.h"
#include "jwt/jwk.h"

#define SHOWN(member, kind, column_)                                                                                                       \
    {                                                                                                                                      \
        .name = (member), .type = (kind), .flags = FIELD_READ_ONLY | FIELD_STORED, .column = (column_)                                     \
    }

static const struct field items[] = {
    SHOWN("id", FIELD_STRING, KEY_SET_ID),
    SHOWN("url", FIELD_STRING, KEY_SET_URL),
    SHOWN("keys", FIELD_INTEGER, KEY_SET_KEYS),
    SHOWN("jwks", FIELD_STRING, KEY_SET_JWKS),
    ANSWERED("fetch_time", FIELD_TIME),
    ANSWERED("expire_time", FIELD_TIME),
    ANSWERED("attempt_time", FIELD_TIME),
    ANSWERED("next_time", FIELD_TIME),
    SHOWN("attempts", FIELD_INTEGER, KEY_SET_ATTEMPTS),
    SHOWN("problem", FIELD_STRING, KEY_SET_PROBLEM),
};
static const struct fields key_set_fields = FIELDS_OF(items);

static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call;
    return json_put_time(answer, "fetch_time", row[KEY_SET_FETCH_TIME].integer) &&
           json_put_time(answer, "expire_time", row[KEY_SET_EXPIRE_TIME].integer) &&
           json_put_time(answer, "attempt_time", row[KEY_SET_ATTEMPT_TIME].integer) &&
           json_put_time(answer, "next_time", row[KEY_SET_NEXT_TIME].integer);
}

static const struct resource resource_key_set = {
    .name = "key_set",
    .entity = &entity_key_set,
    .fields = &key_set_fields,
    .instance_column = KEY_SET_INSTANCE_ID,
    .unknown = ERROR_KEY_SET_UNKNOWN,
    .derive = derive,
};

static const struct resource resource_use = {
    .name = "key_set_use",
    .entity = &entity_key_set_use,
    .instance_column = KEY_SET_USE_INSTANCE_ID,
};

/* --- holding ---------------------------------------------------------------------------------------------------------------------------
 */

static bool find_set(struct call *call, struct bytes name, struct value *row, bool *found)
{
    struct store_filter filter = {KEY_SET_NAME, STORE_EQUAL, value_text(name)};
    return resource_find(call, &resource_key_set, (struct where){&filter, 1}, row, found);
}

static bool within_quota(struct call *call)
{
    int64_t count;
    if (!resource_count(call, &resource_key_set, (struct where){NULL, 0}, &count)) return false;
    return count < KEY_SETS_MOST || call_refuse(call, ERROR_KEY_SET_QUOTA, BYTES("200"));
}

/* What another instance has of the same URL is good here too: it was fetched for all. */
static bool take_over_from_others(struct call *call, struct value *row)
{
    struct value other[KEY_SET_COLUMNS];
    struct store_filter filter = {KEY_SET_NAME, STORE_EQUAL, row[KEY_SET_NAME]};
    struct store_query query = {.filters = &filter, .filter_count = 1};
    enum store_result result = store_find(call->session, &entity_key_set, &query, &call->arena, other);
    if (result == STORE_NOTHING) return true;
    for (size_t i = KEY_SET_JWKS; result == STORE_OK && i < KEY_SET_COLUMNS; i++) row[i] = other[i];
    return call_store(call, result);
}

static bool add_set(struct call *call, struct bytes name, struct bytes url)
{
    struct value row[KEY_SET_COLUMNS];
    row_clear(&entity_key_set, row);
    row[KEY_SET_ID] = value_text(call_new_id(call));
    row[KEY_SET_INSTANCE_ID] = value_text(call->instance_id);
    row[KEY_SET_NAME] = value_text(name);
    row[KEY_SET_URL] = value_text(url);
    row[KEY_SET_NEXT_TIME] = value_integer(call->now);
    call->fetches = true;
    return row[KEY_SET_ID].bytes.length > 0 && within_quota(call) && take_over_from_others(call, row) &&
           resource_insert(call, &resource_key_set, row) && call_change(call, CHANGE_KEY_SET, name, BYTES(""));
}

static bool provide_set(struct call *call, struct bytes url, struct bytes name)
{
    struct value row[KEY_SET_COLUMNS];
    bool found;
    return find_set(call, name, row, &found) && (found || add_set(call, name, url));
}

/* With the last who held it. */
static bool drop_set(struct call *call, struct bytes name)
{
    struct value row[KEY_SET_COLUMNS];
    struct store_filter filter = {KEY_SET_USE_NAME, STORE_EQUAL, value_text(name)};
    int64_t uses;
    bool found;
    if (!resource_count(call, &resource_use, (struct where){&filter, 1}, &uses)) return false;
    if (uses > 0) return true;
    if (!find_set(call, name, row, &found)) return false;
    return !found || (resource_remove(call, &resource_key_set, row) && call_change(call, CHANGE_KEY_SET, name, BYTES("")));
}

static bool let_go(struct call *call, const struct value *use)
{
    return call_store(call, store_remove(call->session, &entity_key_set_use, use[KEY_SET_USE_HOLDER].bytes)) &&
           drop_set(call, use[KEY_SET_USE_NAME].bytes);
}

static bool take(struct call *call, struct bytes holder, struct bytes url, struct bytes name)
{
    const struct value use[KEY_SET_USE_COLUMNS] = {
        [KEY_SET_USE_HOLDER] = value_text(holder),
        [KEY_SET_USE_INSTANCE_ID] = value_text(call->instance_id),
        [KEY_SET_USE_NAME] = value_text(name),
    };
    return provide_set(call, url, name) && call_store(call, store_insert(call->session, &entity_key_set_use, use));
}

bool key_set_hold(struct call *call, struct bytes holder, struct bytes url)
{
    struct value use[KEY_SET_USE_COLUMNS];
    struct bytes name = url.length > 0 ? token_remote_name(&call->arena, url) : BYTES("");
    enum store_result result = store_get(call->session, &entity_key_set_use, holder, &call->arena, use);
    bool held = result == STORE_OK;
    if (result == STORE_FAULT) return call_store(call, result);
    if (held && bytes_equal(use[KEY_SET_USE_NAME].bytes, name)) return true;
    return (!held || let_go(call, use)) && (name.length == 0 || take(call, holder, url, name));
}

/* --- looking at them -------------------------------------------------------------------------------------------------------------------
 */

static const struct list_filter filters[] = {{"url", FILTER_EXACT, KEY_SET_URL}};
static const struct listing listing = {.resource = &resource_key_set,
                                       .items = "key_sets",
                                       .filters = filters,
                                       .filter_count = sizeof filters / sizeof *filters,
                                       .order_column = KEY_SET_URL};

static bool show(struct call *call)
{
    struct value row[KEY_SET_COLUMNS];
    return resource_load(call, &resource_key_set, call->params[0], row) && resource_answer(call, &resource_key_set, row, 200);
}

static bool is_url(struct bytes text)
{
    struct remote_url url;
    return remote_url_read(text, &url) == NULL;
}

static const struct field test_items[] = {
    {.name = "url",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED,
     .minimum = 1,
     .maximum = REMOTE_URL_MAX,
     .accepts = is_url,
     .rule = remote_url_rule},
};
static const struct fields test_fields = FIELDS_OF(test_items);

static const struct field found_items[] = {
    ANSWERED("fetched", FIELD_BOOLEAN), ANSWERED("problem", FIELD_STRING),        ANSWERED("keys", FIELD_INTEGER),
    ANSWERED("jwks", FIELD_STRING),     ANSWERED("cache_seconds", FIELD_INTEGER),
};
static const struct fields found_fields = FIELDS_OF(found_items);

static bool refuse_busy(struct call *call, unsigned seconds)
{
    struct buffer text = buffer_in(&call->arena, 16);
    buffer_add_number(&text, seconds);
    return call_refuse(call, ERROR_KEY_SET_BUSY, buffer_bytes(&text));
}

static bool answer_found(struct call *call, const struct key_fetched *fetched, bool good, int64_t cache)
{
    struct bytes set = good ? buffer_bytes(&fetched->set) : BYTES("");
    return call_answer(call, 200,
                       json_pack("{s:b, s:s, s:I, s:s%, s:I}", "fetched", good, "problem", fetched->problem, "keys",
                                 (json_int_t)fetched->keys, "jwks", (const char *)set.data, set.length, "cache_seconds",
                                 (json_int_t)(good ? cache : 0)));
}

/* The one call that waits for another server, as long as the URL says: at most ten seconds, with no session of the store, and only a few
 * at a time. Nothing is stored of what it finds. */
static bool test(struct call *call)
{
    struct remote_url url;
    struct bytes text = call_text(call, "url");
    struct key_fetched fetched = {.set = buffer_in(&call->arena, JWK_SET_MAX_LENGTH)};
    unsigned wait;
    call_let_go(call);
    if (call->daemon->fetcher == NULL || remote_url_read(text, &url) != NULL) return call_fault(call, "no fetcher of key sets");
    bool good = false;
    switch (key_fetcher_try(call->daemon->fetcher, text, &fetched, &wait)) {
    case KEY_FETCHER_GOOD:
        good = true;
        break;
    case KEY_FETCHER_FAILED:
        break;
    case KEY_FETCHER_BUSY:
        return refuse_busy(call, wait);
    }
    return answer_found(call, &fetched, good, key_fetcher_cache(&url, &fetched));
}

static const struct route routes[] = {
    {"GET", IN_INSTANCE "/key-sets", "list_key_sets", RIGHT_READ, NULL, FILL_PRESETS, listing_handle, .listing = &listing},
    {"GET", IN_INSTANCE "/key-sets/{key_set_id}", "show_key_set", RIGHT_READ, NULL, FILL_PRESETS, show, .answer = &key_set_fields},
    {"POST", IN_INSTANCE "/key-sets/test", "test_key_set", RIGHT_WRITE_APPS, &test_fields, FILL_PRESETS, test, .answer = &found_fields,
     .status = 200},
};
const struct routes routes_key_sets = ROUTES_OF(routes);
