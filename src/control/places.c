#include "control/places.h"

#include "control/authorisations.h"
#include "control/consumers.h"
#include "control/pass_through.h"
#include "control/token_rules.h"

static const struct fields no_fields = {NULL, 0};
static const struct resource resource_place = {
    .name = "place", .entity = &entity_place_use, .fields = &no_fields, .instance_column = PLACE_USE_INSTANCE_ID, .unknown = ERROR_FAULT};

/* A credential's place in one API and environment. */
struct spot {
    struct bytes api_id;
    struct bytes env_id;
    int64_t scheme;
    struct token_spot place;
};

static bool find_use(struct call *call, const struct spot *spot, struct value *row, bool *found)
{
    struct store_filter filters[] = {{PLACE_USE_API_ID, STORE_EQUAL, value_text(spot->api_id)},
                                     {PLACE_USE_ENV_ID, STORE_EQUAL, value_text(spot->env_id)},
                                     {PLACE_USE_LOCATION, STORE_EQUAL, value_integer(spot->place.location)},
                                     {PLACE_USE_NAME, STORE_EQUAL, value_text(spot->place.name)},
                                     {PLACE_USE_PREFIX, STORE_EQUAL, value_text(spot->place.prefix)},
                                     {PLACE_USE_SCHEME, STORE_EQUAL, value_integer(spot->scheme)},
                                     {PLACE_USE_CLAIM, STORE_EQUAL, value_text(spot->place.claim)}};
    return resource_find(call, &resource_place, (struct where){filters, sizeof filters / sizeof *filters}, row, found);
}

/* Headers that claims fill are no places of proofs: the two are counted apart. */
static bool is_told(const struct spot *spot)
{
    return spot->place.location == PLACE_USE_TOLD;
}

/* Nor is what passes a token through: it must not meet a key that writes the same header. */
static bool is_passed(const struct spot *spot)
{
    return spot->place.location == PLACE_USE_PASSED;
}

static bool may_pass(struct call *call, const struct spot *spot)
{
    return !is_passed(spot) || pass_through_admits_tokens(call, spot->api_id, spot->env_id, spot->place.name);
}

static size_t most_of(bool told)
{
    return told ? PLACES_FOR_TOLD : PLACES_FOR_KEYS;
}

static bool count_uses(struct call *call, const struct spot *spot, bool told, size_t *count)
{
    int64_t found = 0;
    struct store_filter filters[] = {
        {PLACE_USE_API_ID, STORE_EQUAL, value_text(spot->api_id)},
        {PLACE_USE_ENV_ID, STORE_EQUAL, value_text(spot->env_id)},
        {PLACE_USE_LOCATION, told ? STORE_EQUAL : STORE_AT_MOST, value_integer(told ? PLACE_USE_TOLD : PLACE_USE_TOLD - 1)}};
    bool counted = resource_count(call, &resource_place, (struct where){filters, sizeof filters / sizeof *filters}, &found);
    *count = (size_t)found;
    return counted;
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
    size_t count;
    struct bytes id = call_new_id(call);
    if (id.length == 0 || !may_pass(call, spot) || !count_uses(call, spot, is_told(spot), &count)) return false;
    if (!is_passed(spot) && count >= most_of(is_told(spot))) return refuse_full(call, spot);
    row_clear(&entity_place_use, row);
    row[PLACE_USE_ID] = value_text(id);
    row[PLACE_USE_INSTANCE_ID] = value_text(call->instance_id);
    row[PLACE_USE_API_ID] = value_text(spot->api_id);
    row[PLACE_USE_ENV_ID] = value_text(spot->env_id);
    row[PLACE_USE_LOCATION] = value_integer(spot->place.location);
    row[PLACE_USE_NAME] = value_text(spot->place.name);
    row[PLACE_USE_PREFIX] = value_text(spot->place.prefix);
    row[PLACE_USE_SCHEME] = value_integer(spot->scheme);
    row[PLACE_USE_CLAIM] = value_text(spot->place.claim);
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

typedef bool (*spot_each)(struct call *call, void *context, const struct spot *spot);

bool places_pass(struct call *call, struct bytes api_id, struct bytes env_id, struct bytes header, bool *passed)
{
    const struct token_spot place = {PLACE_USE_PASSED, header, BYTES(""), BYTES("")};
    const struct spot spot = {api_id, env_id, SCHEME_JWT, place};
    struct value row[PLACE_USE_COLUMNS];
    return find_use(call, &spot, row, passed);
}

/* Every place of one credential; a key pair has none, since what it signs stands where its scheme says. */
static bool each_spot(struct call *call, struct spot spot, const struct value *credential, spot_each each, void *context)
{
    struct token_spot places[TOKEN_MAX_SPOTS];
    size_t count = 1;
    if (credential[CREDENTIAL_KIND].integer == CREDENTIAL_KEY_PAIR) return true;
    bool token = credential[CREDENTIAL_KIND].integer == CREDENTIAL_TOKEN;
    spot.scheme = token ? SCHEME_JWT : SCHEME_API_KEY;
    places[0] = (struct token_spot){credential[CREDENTIAL_LOCATION].integer, credential[CREDENTIAL_PLACE_NAME].bytes,
                                    credential[CREDENTIAL_PLACE_PREFIX].bytes, BYTES("")};
    if (token) count = token_spots(&call->arena, credential, places);
    if (count == 0) return call_fault(call, "the rules of a token credential are damaged");
    for (size_t i = 0; i < count; i++) {
        spot.place = places[i];
        if (!each(call, context, &spot)) return false;
    }
    return true;
}

/* The different places of a consumer's credentials that an API does not know yet. */
struct newcomers {
    const struct consumer_in_api *who;
    struct spot spots[PLACES_FOR_KEYS + PLACES_FOR_TOLD];
    size_t count;
    size_t told; /* of them */
};

static bool same_place(const struct spot *a, const struct spot *b)
{
    return a->scheme == b->scheme && a->place.location == b->place.location && bytes_equal(a->place.name, b->place.name) &&
           bytes_equal(a->place.prefix, b->place.prefix) && bytes_equal(a->place.claim, b->place.claim);
}

static bool note_spot(struct call *call, void *context, const struct spot *spot)
{
    struct newcomers *newcomers = context;
    struct value row[PLACE_USE_COLUMNS];
    bool found;
    for (size_t i = 0; i < newcomers->count; i++) {
        if (same_place(&newcomers->spots[i], spot)) return true;
    }
    if (!find_use(call, spot, row, &found)) return false;
    if (found) return true;
    if (is_passed(spot)) return may_pass(call, spot);
    size_t of_kind = is_told(spot) ? newcomers->told : newcomers->count - newcomers->told;
    if (of_kind >= most_of(is_told(spot))) return refuse_full(call, spot);
    newcomers->told += is_told(spot);
    newcomers->spots[newcomers->count++] = *spot;
    return true;
}

static struct spot spot_of(const struct consumer_in_api *who)
{
    return (struct spot){.api_id = who->api_id, .env_id = who->env_id};
}

static bool note_newcomer(struct call *call, void *context, const struct value *credential)
{
    const struct newcomers *newcomers = context;
    return each_spot(call, spot_of(newcomers->who), credential, note_spot, context);
}

static bool have_room(struct call *call, const struct consumer_in_api *who)
{
    struct newcomers newcomers = {.who = who, .count = 0, .told = 0};
    struct spot spot = spot_of(who);
    size_t keys, told;
    if (!consumer_each_credential(call, who->consumer_id, note_newcomer, &newcomers) || !count_uses(call, &spot, false, &keys) ||
        !count_uses(call, &spot, true, &told))
        return false;
    bool fits = keys + newcomers.count - newcomers.told <= PLACES_FOR_KEYS && told + newcomers.told <= PLACES_FOR_TOLD;
    return fits || refuse_full(call, &spot);
}

static bool use_spot(struct call *call, void *context, const struct spot *spot)
{
    (void)context;
    return use(call, spot);
}

static bool disuse_spot(struct call *call, void *context, const struct spot *spot)
{
    (void)context;
    return disuse(call, spot);
}

static bool use_key(struct call *call, void *context, const struct value *credential)
{
    return each_spot(call, spot_of(context), credential, use_spot, NULL);
}

static bool disuse_key(struct call *call, void *context, const struct value *credential)
{
    return each_spot(call, spot_of(context), credential, disuse_spot, NULL);
}

bool places_authorise(struct call *call, const struct consumer_in_api *who)
{
    struct consumer_in_api copy = *who;
    return have_room(call, who) && consumer_each_credential(call, who->consumer_id, use_key, &copy);
}

bool places_withdraw(struct call *call, const struct consumer_in_api *who)
{
    struct consumer_in_api copy = *who;
    return consumer_each_credential(call, who->consumer_id, disuse_key, &copy);
}

struct key_change {
    const struct value *credential;
    spot_each apply;
};

static bool apply_in_api(struct call *call, void *context, const struct value *authorisation)
{
    const struct key_change *change = context;
    struct spot spot = {.api_id = authorisation[AUTH_API_ID].bytes, .env_id = authorisation[AUTH_ENV_ID].bytes};
    return each_spot(call, spot, change->credential, change->apply, NULL);
}

static bool apply_everywhere(struct call *call, struct key_change *change)
{
    struct store_filter filter = {AUTH_PRINCIPAL_ID, STORE_EQUAL, change->credential[CREDENTIAL_PRINCIPAL_ID]};
    return resource_for_each(call, &resource_authorisation, &filter, apply_in_api, change);
}

bool places_add_key(struct call *call, const struct value *credential)
{
    struct key_change change = {credential, use_spot};
    return apply_everywhere(call, &change);
}

bool places_drop_key(struct call *call, const struct value *credential)
{
    struct key_change change = {credential, disuse_spot};
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
