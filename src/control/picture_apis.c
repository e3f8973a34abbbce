/* APIs of the picture: versions in effect, with what binds to them, and the routes that lead there. */
#include "control/picture.h"

#include "admit/app_grant.h"
#include "control/features.h"
#include "control/jwt_policies.h"
#include "control/publications.h"
#include "credential/token_rules.h"
#include "scheme/app_token.h"

#include <stdlib.h>

#define TOLD_MAX 8192 /* bytes of the names of headers that claims fill at one API */

struct placing {
    struct arena *arena;
    struct proof_plan *plan;
    bool full;
    struct buffer told;
    struct publication *publication;
};

static bool add_told(struct placing *placing, struct bytes name)
{
    token_text_add(&placing->told, name);
    placing->full = placing->told.overflow;
    return !placing->full;
}

/* The row dies with the call, the place must live until the record is written. */
static bool add_place(void *context, const struct value *row)
{
    struct placing *placing = context;
    if (row[PLACE_USE_LOCATION].integer == PLACE_USE_TOLD) return add_told(placing, row[PLACE_USE_NAME].bytes);
    if (row[PLACE_USE_LOCATION].integer == PLACE_USE_PASSED) return true;
    struct place place = {.scheme = (enum scheme_id)row[PLACE_USE_SCHEME].integer,
                          .location = (enum place_location)row[PLACE_USE_LOCATION].integer,
                          .name = arena_copy(placing->arena, row[PLACE_USE_NAME].bytes),
                          .prefix = arena_copy(placing->arena, row[PLACE_USE_PREFIX].bytes),
                          .claim = arena_copy(placing->arena, row[PLACE_USE_CLAIM].bytes)};
    placing->full = !proof_plan_add(placing->plan, place);
    return !placing->full;
}

/* Where consumers that are authorised here present their keys. */
static bool add_key_places(struct picture *picture, struct publication *publication)
{
    struct placing placing = {.arena = picture->arena, .plan = &publication->plan, .told = buffer_in(picture->arena, TOLD_MAX)};
    struct store_filter filters[] = {{PLACE_USE_INSTANCE_ID, STORE_EQUAL, value_text(publication->instance_id)},
                                     {PLACE_USE_API_ID, STORE_EQUAL, value_text(publication->api_id)},
                                     {PLACE_USE_ENV_ID, STORE_EQUAL, value_text(publication->environment_id)}};
    struct store_query query = {.filters = filters, .filter_count = 3};
    if (publication->plan.auth_type != AUTH_TYPE_APP) return true;
    if (store_list(picture->session, &entity_place_use, &query, add_place, &placing) != STORE_OK) return picture_store_failed(picture);
    if (placing.full) picture_skipped("place_left_out", publication->api_id, "its proof plan is full");
    publication->told_headers = buffer_bytes(&placing.told);
    return true;
}

static bool add_app_token(struct placing *placing, struct bytes config)
{
    struct app_grant_settings settings;
    struct buffer digits = buffer_in(placing->arena, 20);
    if (!app_grant_settings_read(placing->arena, config, &settings)) return false;
    buffer_add_number(&digits, settings.lifetime);
    return proof_plan_add(&placing->publication->plan, app_token_place(APP_TOKEN_ACCESS, buffer_bytes(&digits)));
}

/* What is switched on for all APIs of the instance: ways in where they ask for apps, and what backends are told. */
static bool add_feature(void *context, const struct value *row)
{
    struct placing *placing = context;
    struct publication *publication = placing->publication;
    struct bytes name = row[FEATURE_NAME].bytes;
    bool of_apps = publication->plan.auth_type == AUTH_TYPE_APP, fits = true;
    if (of_apps && bytes_equal(name, BYTES(FEATURE_APP_SECRET)))
        fits = proof_plan_add(&publication->plan, scheme_default_place(SCHEME_APP_SECRET));
    if (of_apps && bytes_equal(name, BYTES(FEATURE_APP_BASIC)))
        fits = proof_plan_add(&publication->plan, scheme_default_place(SCHEME_APP_BASIC));
    if (of_apps && bytes_equal(name, BYTES(FEATURE_APP_TOKEN))) fits = add_app_token(placing, row[FEATURE_CONFIG].bytes);
    if (bytes_equal(name, BYTES(FEATURE_CONSUMER_HEADER)))
        publication->consumer_header = feature_consumer_header(placing->arena, row[FEATURE_CONFIG].bytes);
    placing->full = placing->full || !fits;
    return true;
}

static bool add_features(struct picture *picture, struct publication *publication)
{
    struct placing placing = {.arena = picture->arena, .publication = publication};
    struct store_filter filters[] = {{FEATURE_INSTANCE_ID, STORE_EQUAL, value_text(publication->instance_id)},
                                     {FEATURE_ENABLE, STORE_EQUAL, value_integer(1)}};
    struct store_query query = {.filters = filters, .filter_count = 2};
    if (store_list(picture->session, &entity_feature, &query, add_feature, &placing) != STORE_OK) return picture_store_failed(picture);
    if (placing.full) picture_skipped("place_left_out", publication->api_id, "its proof plan is full");
    return true;
}

static bool add_signature(struct picture *picture, struct publication *publication)
{
    struct value row[BINDING_COLUMNS];
    struct store_filter filters[] = {{BINDING_INSTANCE_ID, STORE_EQUAL, value_text(publication->instance_id)},
                                     {BINDING_API_ID, STORE_EQUAL, value_text(publication->api_id)},
                                     {BINDING_ENV_ID, STORE_EQUAL, value_text(publication->environment_id)}};
    struct store_query query = {.filters = filters, .filter_count = 3};
    enum store_result result = store_find(picture->session, &entity_binding, &query, picture->arena, row);
    if (result == STORE_OK) publication->signature_key_id = row[BINDING_SIGN_ID].bytes;
    return result == STORE_OK || result == STORE_NOTHING || picture_store_failed(picture);
}

/* Environments are stored under "<instance>/<id>". Empty: there is none any more. */
static bool read_environment_name(struct picture *picture, struct bytes instance, struct bytes environment_id, struct bytes *name)
{
    struct value row[ENV_COLUMNS];
    struct buffer id = buffer_in(picture->arena, instance.length + 1 + environment_id.length);
    buffer_add(&id, instance);
    buffer_add_byte(&id, '/');
    buffer_add(&id, environment_id);
    enum store_result result = store_get(picture->session, &entity_env, buffer_bytes(&id), picture->arena, row);
    *name = result == STORE_OK ? row[ENV_NAME].bytes : BYTES("");
    return result == STORE_OK || result == STORE_NOTHING || picture_store_failed(picture);
}

static bool put_addresses_of(struct picture *picture, struct bytes authority)
{
    struct edge_addresses addresses;
    if (!resolver_want(picture->resolver, authority, &addresses)) return true;
    return picture_wrote(picture, edge_put_backend_addresses(picture->writer, authority, &addresses));
}

static bool put_addresses(struct picture *picture, const struct backend *backend)
{
    if (backend->kind == BACKEND_MOCK) return true;
    if (backend->member_count == 0) return put_addresses_of(picture, backend->authority);
    for (size_t i = 0; i < backend->member_count; i++) {
        if (!put_addresses_of(picture, backend->members[i].authority)) return false;
    }
    return true;
}

static bool remove_publication(struct picture *picture, struct bytes instance, struct bytes api_id, struct bytes environment_id)
{
    struct bytes keys = jwt_policy_key_set(picture->arena, api_id, environment_id);
    return picture_wrote(picture, edge_remove_key_set(picture->writer, instance, keys)) &&
           picture_wrote(picture, edge_remove_publication(picture->writer, instance, api_id, environment_id));
}

/* The keys of its JWT policy, beside it; those from elsewhere are rows of their own. */
static bool put_keys(struct picture *picture, const struct value *version, const struct publication *publication)
{
    struct bytes name = jwt_policy_key_set(picture->arena, publication->api_id, publication->environment_id);
    struct edge_key_set set = {.revision = publication->revision};
    if (publication->token_policy.length > 0) set.text = jwt_policy_keys(picture->arena, version[VERSION_DEFINITION].bytes);
    if (set.text.length == 0) return picture_wrote(picture, edge_remove_key_set(picture->writer, publication->instance_id, name));
    return picture_wrote(picture, edge_put_key_set(picture->writer, publication->instance_id, name, &set));
}

static bool put_version(struct picture *picture, const struct value *version)
{
    struct publication publication;
    struct route_entry route;
    const char *unfit = compile_version(picture->arena, version, &publication, &route);
    if (unfit != NULL) {
        picture_skipped("version_not_served", version[VERSION_ID].bytes, unfit);
        return remove_publication(picture, publication.instance_id, publication.api_id, publication.environment_id);
    }
    publication.revision = store_revision(picture->session);
    if (!read_environment_name(picture, publication.instance_id, publication.environment_id, &publication.environment_name) ||
        !add_key_places(picture, &publication) || !add_features(picture, &publication) || !add_signature(picture, &publication) ||
        !picture_add_policies(picture, &publication))
        return false;
    return put_addresses(picture, &publication.backend) && put_keys(picture, version, &publication) &&
           picture_wrote(picture, edge_put_publication(picture->writer, &publication));
}

bool picture_look_at_publication(struct picture *picture, const struct change *change)
{
    struct value row[VERSION_COLUMNS];
    struct store_filter filters[] = {{VERSION_INSTANCE_ID, STORE_EQUAL, value_text(change->instance_id)},
                                     {VERSION_API_ID, STORE_EQUAL, value_text(change->id)},
                                     {VERSION_ENV_ID, STORE_EQUAL, value_text(change->second)},
                                     {VERSION_STATUS, STORE_EQUAL, value_integer(VERSION_IN_EFFECT)}};
    struct store_query query = {.filters = filters, .filter_count = 4};
    enum store_result result = store_find(picture->session, &entity_version, &query, picture->arena, row);
    if (result == STORE_NOTHING) return remove_publication(picture, change->instance_id, change->id, change->second);
    return result == STORE_OK ? put_version(picture, row) : picture_store_failed(picture);
}

/* Entries of one group and environment, in memory of their own: there may be thousands. */
struct gathering {
    struct arena *arena;
    struct route_entry *entries;
    size_t count, room;
    bool no_memory;
};

static bool make_room(struct gathering *gathering)
{
    if (gathering->count < gathering->room) return true;
    size_t room = gathering->room ? 2 * gathering->room : 64;
    struct route_entry *entries = reallocarray(gathering->entries, room, sizeof *entries);
    gathering->no_memory = entries == NULL;
    if (entries == NULL) return false;
    gathering->entries = entries;
    gathering->room = room;
    return true;
}

/* Of what compiles; the text of one entry is all that stays of a row. */
static bool gather_route(void *context, const struct value *row)
{
    struct gathering *gathering = context;
    struct publication publication;
    struct route_entry route;
    size_t mark = gathering->arena->used;
    uint8_t memory[1024];
    struct arena kept = arena_over(memory, sizeof memory);
    if (!make_room(gathering)) return false;
    bool fit = compile_version(gathering->arena, row, &publication, &route) == NULL;
    struct route_entry copy = {arena_copy(&kept, route.method), arena_copy(&kept, route.path), route.prefix,
                               arena_copy(&kept, route.api_id)};
    arena_rewind(gathering->arena, mark);
    if (!fit || kept.exhausted) return true;
    gathering->entries[gathering->count++] =
        (struct route_entry){arena_copy(gathering->arena, copy.method), arena_copy(gathering->arena, copy.path), copy.prefix,
                             arena_copy(gathering->arena, copy.api_id)};
    gathering->no_memory = gathering->arena->exhausted;
    return !gathering->no_memory;
}

static bool put_routes(struct picture *picture, struct bytes instance, struct route_table *table)
{
    struct gathering gathering = {.arena = picture->arena};
    struct store_filter filters[] = {{VERSION_INSTANCE_ID, STORE_EQUAL, value_text(instance)},
                                     {VERSION_GROUP_ID, STORE_EQUAL, value_text(table->group_id)},
                                     {VERSION_ENV_ID, STORE_EQUAL, value_text(table->environment_id)},
                                     {VERSION_STATUS, STORE_EQUAL, value_integer(VERSION_IN_EFFECT)}};
    struct store_query query = {.filters = filters, .filter_count = 4};
    enum store_result result = store_list(picture->session, &entity_version, &query, gather_route, &gathering);
    bool done = result == STORE_OK ? !gathering.no_memory || picture_failed(picture, "no memory for the routes of a group")
                                   : picture_store_failed(picture);
    table->entries = gathering.entries;
    table->count = gathering.count;
    if (done) done = picture_wrote(picture, edge_put_routes(picture->writer, instance, table));
    free(gathering.entries);
    return done;
}

bool picture_look_at_routes(struct picture *picture, const struct change *change)
{
    struct route_table table = {.group_id = change->id, .environment_id = change->second};
    if (!read_environment_name(picture, change->instance_id, change->second, &table.environment_name)) return false;
    /* An environment goes only after its publications, or with a rebuild. */
    return table.environment_name.length == 0 || put_routes(picture, change->instance_id, &table);
}

/* What a walk over the rows of a list does with each, and whether it went well. */
struct walk {
    struct picture *picture;
    bool (*visit)(struct picture *picture, const struct value *row);
    struct bytes group_id;
    bool good;
};

static bool step(void *context, const struct value *row)
{
    struct walk *walk = context;
    size_t mark = walk->picture->arena->used;
    walk->good = walk->visit(walk->picture, row);
    arena_rewind(walk->picture->arena, mark);
    return walk->good;
}

static bool want_name(struct picture *picture, const struct value *row)
{
    struct publication publication;
    struct route_entry route;
    struct edge_addresses addresses;
    const struct backend *backend = &publication.backend;
    if (compile_version(picture->arena, row, &publication, &route) != NULL || backend->kind == BACKEND_MOCK) return true;
    if (backend->member_count == 0) resolver_want(picture->resolver, backend->authority, &addresses);
    for (size_t i = 0; i < backend->member_count; i++) resolver_want(picture->resolver, backend->members[i].authority, &addresses);
    return true;
}

static bool walk_versions(struct picture *picture, bool (*visit)(struct picture *picture, const struct value *row))
{
    struct walk walk = {.picture = picture, .visit = visit, .good = true};
    struct store_filter filter = {VERSION_STATUS, STORE_EQUAL, value_integer(VERSION_IN_EFFECT)};
    struct store_query query = {.filters = &filter, .filter_count = 1};
    enum store_result result = store_list(picture->session, &entity_version, &query, step, &walk);
    return result == STORE_OK ? walk.good : picture_store_failed(picture);
}

/* One environment of a group's instance. */
static bool put_routes_of_env(void *context, const struct value *env)
{
    struct walk *walk = context;
    size_t mark = walk->picture->arena->used;
    struct bytes instance = env[ENV_INSTANCE_ID].bytes;
    struct route_table table = {.group_id = walk->group_id,
                                .environment_name = env[ENV_NAME].bytes,
                                .environment_id = bytes_from(env[ENV_ID].bytes, instance.length + 1)};
    walk->good = put_routes(walk->picture, instance, &table);
    arena_rewind(walk->picture->arena, mark);
    return walk->good;
}

static bool put_routes_of_group(struct picture *picture, const struct value *group)
{
    struct walk walk = {.picture = picture, .group_id = group[GROUP_ID].bytes, .good = true};
    struct store_filter filter = {ENV_INSTANCE_ID, STORE_EQUAL, group[GROUP_INSTANCE_ID]};
    struct store_query query = {.filters = &filter, .filter_count = 1};
    enum store_result result = store_list(picture->session, &entity_env, &query, put_routes_of_env, &walk);
    return result == STORE_OK ? walk.good : picture_store_failed(picture);
}

bool picture_look_at_plans(struct picture *picture, const struct change *change)
{
    struct walk walk = {.picture = picture, .visit = put_version, .good = true};
    struct store_filter filters[] = {{VERSION_INSTANCE_ID, STORE_EQUAL, value_text(change->instance_id)},
                                     {VERSION_STATUS, STORE_EQUAL, value_integer(VERSION_IN_EFFECT)}};
    struct store_query query = {.filters = filters, .filter_count = 2};
    enum store_result result = store_list(picture->session, &entity_version, &query, step, &walk);
    return result == STORE_OK ? walk.good : picture_store_failed(picture);
}

bool picture_put_all_apis(struct picture *picture)
{
    struct walk walk = {.picture = picture, .visit = put_routes_of_group, .good = true};
    struct store_query everything = {0};
    if (!walk_versions(picture, put_version)) return false;
    enum store_result result = store_list(picture->session, &entity_group, &everything, step, &walk);
    return result == STORE_OK ? walk.good : picture_store_failed(picture);
}

bool picture_want_names(struct picture *picture)
{
    return walk_versions(picture, want_name);
}
