#include "control/places.h"

#include "control/authorisations.h"
#include "control/consumers.h"

static const struct fields no_fields = {NULL, 0};
static const struct resource resource_place = {
    .name = "place", .entity = &entity_place_use, .fields = &no_fields, .instance_column = PLACE_USE_INSTANCE_ID, .unknown = ERROR_FAULT};

/* A key's place in one API and environment. */
struct spot {
    struct bytes api_id;
    struct bytes env_id;
    const struct value *credential;
};

static bool find_use(struct call *call, const struct spot *spot, struct value *row, bool *found)
{
    struct store_filter filters[] = {{PLACE_USE_API_ID, STORE_EQUAL, value_text(spot->api_id)},
                                     {PLACE_USE_ENV_ID, STORE_EQUAL, value_text(spot->env_id)},
                                     {PLACE_USE_LOCATION, STORE_EQUAL, spot->credential[CREDENTIAL_LOCATION]},
                                     {PLACE_USE_NAME, STORE_EQUAL, spot->credential[CREDENTIAL_PLACE_NAME]},
                                     {PLACE_USE_PREFIX, STORE_EQUAL, spot->credential[CREDENTIAL_PLACE_PREFIX]}};
    return resource_find(call, &resource_place, (struct where){filters, sizeof filters / sizeof *filters}, row, found);
}

static bool count_uses(struct call *call, const struct spot *spot, int64_t *count)
{
    struct store_filter filters[] = {{PLACE_USE_API_ID, STORE_EQUAL, value_text(spot->api_id)},
                                     {PLACE_USE_ENV_ID, STORE_EQUAL, value_text(spot->env_id)}};
    return resource_count(call, &resource_place, (struct where){filters, 2}, count);
}

static bool refuse_full(struct call *call, const struct spot *spot)
{
    return call_refuse(call, ERROR_PLACES_EXHAUSTED, spot->api_id);
}

/* The plan of the publication changes only when a place appears or disappears. */
static bool tell_edge(struct call *call, const struct spot *spot)
{
    return call_change(call, CHANGE_PUBLICATION, spot->api_id, spot->env_id);
}

static bool appear(struct call *call, const struct spot *spot)
{
    struct value row[PLACE_USE_COLUMNS];
    int64_t count;
    struct bytes id = call_new_id(call);
    if (id.length == 0 || !count_uses(call, spot, &count)) return false;
    if (count >= PLACES_FOR_KEYS) return refuse_full(call, spot);
    row_clear(&entity_place_use, row);
    row[PLACE_USE_ID] = value_text(id);
    row[PLACE_USE_INSTANCE_ID] = value_text(call->instance_id);
    row[PLACE_USE_API_ID] = value_text(spot->api_id);
    row[PLACE_USE_ENV_ID] = value_text(spot->env_id);
    row[PLACE_USE_LOCATION] = spot->credential[CREDENTIAL_LOCATION];
    row[PLACE_USE_NAME] = spot->credential[CREDENTIAL_PLACE_NAME];
    row[PLACE_USE_PREFIX] = spot->credential[CREDENTIAL_PLACE_PREFIX];
    row[PLACE_USE_COUNT] = value_integer(1);
    return call_store(call, store_insert(call->session, &entity_place_use, row)) && tell_edge(call, spot);
}

static bool use(struct call *call, const struct spot *spot)
{
    struct value row[PLACE_USE_COLUMNS];
    bool found;
    if (!find_use(call, spot, row, &found)) return false;
    if (!found) return appear(call, spot);
    row[PLACE_USE_COUNT] = value_integer(row[PLACE_USE_COUNT].integer + 1);
    return call_store(call, store_update(call->session, &entity_place_use, row));
}

static bool disuse(struct call *call, const struct spot *spot)
{
    struct value row[PLACE_USE_COLUMNS];
    bool found;
    if (!find_use(call, spot, row, &found)) return false;
    if (!found) return call_fault(call, "a key was not counted in its place");
    row[PLACE_USE_COUNT] = value_integer(row[PLACE_USE_COUNT].integer - 1);
    if (row[PLACE_USE_COUNT].integer > 0) return call_store(call, store_update(call->session, &entity_place_use, row));
    return call_store(call, store_remove(call->session, &entity_place_use, row[PLACE_USE_ID].bytes)) && tell_edge(call, spot);
}

/* The different places of a consumer's keys that an API does not know yet. */
struct newcomers {
    const struct consumer_in_api *who;
    struct value places[PLACES_FOR_KEYS + 1][CREDENTIAL_COLUMNS];
    size_t count;
};

static bool same_place(const struct value *a, const struct value *b)
{
    return a[CREDENTIAL_LOCATION].integer == b[CREDENTIAL_LOCATION].integer &&
           bytes_equal(a[CREDENTIAL_PLACE_NAME].bytes, b[CREDENTIAL_PLACE_NAME].bytes) &&
           bytes_equal(a[CREDENTIAL_PLACE_PREFIX].bytes, b[CREDENTIAL_PLACE_PREFIX].bytes);
}

static bool note_newcomer(struct call *call, void *context, const struct value *credential)
{
    struct newcomers *newcomers = context;
    struct spot spot = {newcomers->who->api_id, newcomers->who->env_id, credential};
    struct value row[PLACE_USE_COLUMNS];
    bool found;
    for (size_t i = 0; i < newcomers->count; i++) {
        if (same_place(newcomers->places[i], credential)) return true;
    }
    if (!find_use(call, &spot, row, &found)) return false;
    if (found) return true;
    if (newcomers->count > PLACES_FOR_KEYS) return refuse_full(call, &spot);
    for (size_t i = 0; i < CREDENTIAL_COLUMNS; i++) newcomers->places[newcomers->count][i] = credential[i];
    newcomers->count++;
    return true;
}

static bool have_room(struct call *call, const struct consumer_in_api *who)
{
    struct newcomers newcomers = {.who = who, .count = 0};
    struct spot spot = {who->api_id, who->env_id, NULL};
    int64_t count;
    if (!consumer_each_key(call, who->consumer_id, note_newcomer, &newcomers) || !count_uses(call, &spot, &count)) return false;
    return (size_t)count + newcomers.count <= PLACES_FOR_KEYS || refuse_full(call, &spot);
}

static bool use_key(struct call *call, void *context, const struct value *credential)
{
    const struct consumer_in_api *who = context;
    struct spot spot = {who->api_id, who->env_id, credential};
    return use(call, &spot);
}

static bool disuse_key(struct call *call, void *context, const struct value *credential)
{
    const struct consumer_in_api *who = context;
    struct spot spot = {who->api_id, who->env_id, credential};
    return disuse(call, &spot);
}

bool places_authorise(struct call *call, const struct consumer_in_api *who)
{
    struct consumer_in_api copy = *who;
    return have_room(call, who) && consumer_each_key(call, who->consumer_id, use_key, &copy);
}

bool places_withdraw(struct call *call, const struct consumer_in_api *who)
{
    struct consumer_in_api copy = *who;
    return consumer_each_key(call, who->consumer_id, disuse_key, &copy);
}

struct key_change {
    const struct value *credential;
    bool (*apply)(struct call *call, const struct spot *spot);
};

static bool apply_in_api(struct call *call, void *context, const struct value *authorisation)
{
    const struct key_change *change = context;
    struct spot spot = {authorisation[AUTH_API_ID].bytes, authorisation[AUTH_ENV_ID].bytes, change->credential};
    return change->apply(call, &spot);
}

static bool apply_everywhere(struct call *call, struct key_change *change)
{
    struct store_filter filter = {AUTH_PRINCIPAL_ID, STORE_EQUAL, change->credential[CREDENTIAL_PRINCIPAL_ID]};
    return resource_for_each(call, &resource_authorisation, &filter, apply_in_api, change);
}

bool places_add_key(struct call *call, const struct value *credential)
{
    struct key_change change = {credential, use};
    return apply_everywhere(call, &change);
}

bool places_drop_key(struct call *call, const struct value *credential)
{
    struct key_change change = {credential, disuse};
    return apply_everywhere(call, &change);
}

static bool remove_place(struct call *call, void *context, const struct value *row)
{
    (void)context;
    return call_store(call, store_remove(call->session, &entity_place_use, row[PLACE_USE_ID].bytes));
}

bool places_remove_where(struct call *call, const struct store_filter *filter)
{
    return resource_for_each(call, &resource_place, filter, remove_place, NULL);
}
