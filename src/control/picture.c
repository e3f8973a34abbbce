#include "control/picture.h"

#include "control/log.h"
#include "control/sign_pair.h"
#include "crypto/secret.h"

#include <stdio.h>

bool picture_failed(struct picture *picture, const char *problem)
{
    snprintf(picture->problem, 256, "%.250s", problem);
    return false;
}

bool picture_store_failed(struct picture *picture)
{
    return picture_failed(picture, store_problem(picture->session));
}

bool picture_wrote(struct picture *picture, enum edge_result result)
{
    return result == EDGE_OK || picture_failed(picture, edge_writer_problem(picture->writer));
}

void picture_skipped(const char *what, struct bytes id, const char *why)
{
    const struct log_item items[] = {{"id", id}, {"problem", bytes_of_text(why)}};
    log_event(LOG_ERROR, what, items, sizeof items / sizeof *items);
}

/* The group that a host leads to: by a domain that was bound to it, or its own. Empty: none. */
static bool group_of_host(struct picture *picture, struct bytes instance, struct bytes host, struct bytes *group_id)
{
    struct value domain[DOMAIN_COLUMNS], group[GROUP_COLUMNS];
    struct store_filter by_domain[] = {{DOMAIN_INSTANCE_ID, STORE_EQUAL, value_text(instance)},
                                       {DOMAIN_URL_DOMAIN, STORE_EQUAL, value_text(host)}};
    struct store_filter by_group[] = {{GROUP_INSTANCE_ID, STORE_EQUAL, value_text(instance)},
                                      {GROUP_SL_DOMAIN, STORE_EQUAL, value_text(host)}};
    struct store_query domains = {.filters = by_domain, .filter_count = 2}, groups = {.filters = by_group, .filter_count = 2};
    enum store_result result = store_find(picture->session, &entity_domain, &domains, picture->arena, domain);
    if (result == STORE_OK) *group_id = domain[DOMAIN_GROUP_ID].bytes;
    if (result != STORE_NOTHING) return result == STORE_OK || picture_store_failed(picture);
    result = store_find(picture->session, &entity_group, &groups, picture->arena, group);
    *group_id = result == STORE_OK ? group[GROUP_ID].bytes : BYTES("");
    return result != STORE_FAULT || picture_store_failed(picture);
}

static bool look_at_host(struct picture *picture, const struct change *change)
{
    struct bytes group_id;
    if (!group_of_host(picture, change->instance_id, change->id, &group_id)) return false;
    return picture_wrote(picture, group_id.length ? edge_put_host(picture->writer, change->instance_id, change->id, group_id)
                                                  : edge_remove_host(picture->writer, change->instance_id, change->id));
}

/* "1:<principal>", "<api>@<environment>" */
static bool read_authorisation_id(const struct change *change, struct edge_authorisation *authorisation)
{
    size_t colon = bytes_find(change->id, ':'), at = bytes_find(change->second, '@');
    if (colon != 1 || at == change->second.length) return false;
    authorisation->kind = (enum principal_kind)(change->id.data[0] - '0');
    authorisation->principal_id = bytes_from(change->id, 2);
    authorisation->api_id = bytes_slice(change->second, 0, at);
    authorisation->environment_id = bytes_from(change->second, at + 1);
    return authorisation->kind == PRINCIPAL_APP || authorisation->kind == PRINCIPAL_CONSUMER || authorisation->kind == PRINCIPAL_USER;
}

static bool look_at_authorisation(struct picture *picture, const struct change *change)
{
    struct value row[AUTH_COLUMNS];
    struct edge_authorisation authorisation = {0};
    if (!read_authorisation_id(change, &authorisation)) {
        picture_skipped("change_not_understood", change->id, "no id of an authorisation");
        return true;
    }
    struct store_filter filters[] = {{AUTH_INSTANCE_ID, STORE_EQUAL, value_text(change->instance_id)},
                                     {AUTH_PRINCIPAL_KIND, STORE_EQUAL, value_integer(authorisation.kind)},
                                     {AUTH_PRINCIPAL_ID, STORE_EQUAL, value_text(authorisation.principal_id)},
                                     {AUTH_API_ID, STORE_EQUAL, value_text(authorisation.api_id)},
                                     {AUTH_ENV_ID, STORE_EQUAL, value_text(authorisation.environment_id)}};
    struct store_query query = {.filters = filters, .filter_count = 5};
    enum store_result result = store_find(picture->session, &entity_authorisation, &query, picture->arena, row);
    if (result == STORE_FAULT) return picture_store_failed(picture);
    if (result == STORE_NOTHING)
        return picture_wrote(picture, edge_remove_authorisation(picture->writer, change->instance_id, &authorisation));
    authorisation.not_after = row[AUTH_NOT_AFTER].integer;
    return picture_wrote(picture, edge_put_authorisation(picture->writer, change->instance_id, &authorisation));
}

/* The key and what may follow it, opened. False: a secret does not open. */
static bool open_sign(struct picture *picture, const struct value *row, struct buffer memory[static 2], struct signature_key *key)
{
    struct sign_pair now, next;
    if (key->type == SIGNATURE_NONE || !sign_pair_open(picture->store_seal, row, SIGN_NOW, &memory[0], &now)) return false;
    key->key = now.key;
    key->secret = now.secret;
    if (!sign_has_next(row)) return true;
    if (!sign_pair_open(picture->store_seal, row, SIGN_NEXT, &memory[1], &next)) return false;
    key->next_from = row[SIGN_NEXT_FROM].integer;
    key->next_key = next.key;
    key->next_secret = next.secret;
    return true;
}

static bool put_sign(struct picture *picture, const struct value *row)
{
    uint8_t memory[2][SIGN_PAIR_MAX];
    struct buffer opened[2] = {buffer_over(memory[0], sizeof memory[0]), buffer_over(memory[1], sizeof memory[1])};
    struct bytes instance = row[SIGN_INSTANCE_ID].bytes;
    struct signature_key key = {
        .type = signature_type_named(row[SIGN_TYPE].bytes), .id = row[SIGN_ID].bytes, .revision = (uint64_t)row[SIGN_REVISION].integer};
    bool opens = open_sign(picture, row, opened, &key);
    enum edge_result result =
        opens ? edge_put_signature_key(picture->writer, instance, &key) : edge_remove_signature_key(picture->writer, instance, key.id);
    secret_wipe(memory, sizeof memory);
    if (!opens) picture_skipped("signature_key_not_served", row[SIGN_ID].bytes, "its type is unknown, or its secret does not open");
    return picture_wrote(picture, result);
}

static bool look_at_sign(struct picture *picture, const struct change *change)
{
    struct value row[SIGN_COLUMNS];
    enum store_result result = store_get(picture->session, &entity_sign, change->id, picture->arena, row);
    if (result == STORE_NOTHING) return picture_wrote(picture, edge_remove_signature_key(picture->writer, change->instance_id, change->id));
    return result == STORE_OK ? put_sign(picture, row) : picture_store_failed(picture);
}

static bool put_feature(struct picture *picture, const struct value *row)
{
    struct bytes instance = row[FEATURE_INSTANCE_ID].bytes, name = row[FEATURE_NAME].bytes;
    return picture_wrote(picture, row[FEATURE_ENABLE].integer == 1
                                      ? edge_put_feature(picture->writer, instance, name, row[FEATURE_CONFIG].bytes)
                                      : edge_remove_feature(picture->writer, instance, name));
}

static bool look_at_feature(struct picture *picture, const struct change *change)
{
    struct value row[FEATURE_COLUMNS];
    struct store_filter filters[] = {{FEATURE_INSTANCE_ID, STORE_EQUAL, value_text(change->instance_id)},
                                     {FEATURE_NAME, STORE_EQUAL, value_text(change->id)}};
    struct store_query query = {.filters = filters, .filter_count = 2};
    enum store_result result = store_find(picture->session, &entity_feature, &query, picture->arena, row);
    if (result == STORE_NOTHING) return picture_wrote(picture, edge_remove_feature(picture->writer, change->instance_id, change->id));
    return result == STORE_OK ? put_feature(picture, row) : picture_store_failed(picture);
}

/* One that was never fetched is not there: no key is known. */
static bool put_key_set(struct picture *picture, const struct value *row)
{
    const struct edge_key_set set = {.revision = (uint64_t)row[KEY_SET_REVISION].integer, .text = row[KEY_SET_JWKS].bytes};
    struct bytes instance = row[KEY_SET_INSTANCE_ID].bytes, name = row[KEY_SET_NAME].bytes;
    return picture_wrote(picture, set.text.length > 0 ? edge_put_key_set(picture->writer, instance, name, &set)
                                                      : edge_remove_key_set(picture->writer, instance, name));
}

static bool look_at_key_set(struct picture *picture, const struct change *change)
{
    struct value row[KEY_SET_COLUMNS];
    struct store_filter filters[] = {{KEY_SET_INSTANCE_ID, STORE_EQUAL, value_text(change->instance_id)},
                                     {KEY_SET_NAME, STORE_EQUAL, value_text(change->id)}};
    struct store_query query = {.filters = filters, .filter_count = 2};
    enum store_result result = store_find(picture->session, &entity_key_set, &query, picture->arena, row);
    if (result == STORE_NOTHING) return picture_wrote(picture, edge_remove_key_set(picture->writer, change->instance_id, change->id));
    return result == STORE_OK ? put_key_set(picture, row) : picture_store_failed(picture);
}

static bool rebuild(struct picture *picture, const struct change *change)
{
    (void)change;
    return picture_rebuild(picture);
}

/* What each kind of change has us look at. */
static bool (*const looks[])(struct picture *picture, const struct change *change) = {
    [CHANGE_EVERYTHING] = rebuild,
    [CHANGE_HOST] = look_at_host,
    [CHANGE_ROUTES] = picture_look_at_routes,
    [CHANGE_PUBLICATION] = picture_look_at_publication,
    [CHANGE_KEY_PAIR] = picture_gather_credential,
    [CHANGE_API_KEY] = picture_gather_credential,
    [CHANGE_AUTHORISATION] = look_at_authorisation,
    [CHANGE_SIGNATURE_KEY] = look_at_sign,
    [CHANGE_FEATURE] = look_at_feature,
    [CHANGE_TOKEN] = picture_look_at_credential,
    [CHANGE_KEY_SET] = look_at_key_set,
    [CHANGE_USER] = picture_look_at_user,
    [CHANGE_USER_TOKEN] = picture_look_at_user_token,
    [CHANGE_INSTANCE] = picture_look_at_instance,
    [CHANGE_THROTTLE] = picture_look_at_throttle,
    [CHANGE_PLANS] = picture_look_at_plans,
    [CHANGE_ADDRESS_LIST] = picture_look_at_address_list,
};

bool picture_apply(struct picture *picture, const struct change *change)
{
    size_t mark = picture->arena->used;
    if ((size_t)change->kind >= sizeof looks / sizeof *looks || looks[change->kind] == NULL)
        return picture_failed(picture, "a change of an unknown kind");
    bool done = looks[change->kind](picture, change);
    arena_rewind(picture->arena, mark);
    return done;
}

struct putting {
    struct picture *picture;
    bool (*put)(struct picture *picture, const struct value *row);
    bool good;
};

static bool put_each(void *context, const struct value *row)
{
    struct putting *putting = context;
    putting->good = putting->put(putting->picture, row);
    return putting->good;
}

bool picture_put_all(struct picture *picture, const struct entity *entity, bool (*put)(struct picture *picture, const struct value *row))
{
    struct putting putting = {picture, put, true};
    struct store_query everything = {0};
    enum store_result result = store_list(picture->session, entity, &everything, put_each, &putting);
    return result == STORE_OK ? putting.good : picture_store_failed(picture);
}

static bool put_group_host(struct picture *picture, const struct value *row)
{
    if (row[GROUP_SL_DOMAIN].bytes.length == 0) return true;
    return picture_wrote(picture,
                         edge_put_host(picture->writer, row[GROUP_INSTANCE_ID].bytes, row[GROUP_SL_DOMAIN].bytes, row[GROUP_ID].bytes));
}

static bool put_domain(struct picture *picture, const struct value *row)
{
    return picture_wrote(
        picture, edge_put_host(picture->writer, row[DOMAIN_INSTANCE_ID].bytes, row[DOMAIN_URL_DOMAIN].bytes, row[DOMAIN_GROUP_ID].bytes));
}

static bool put_authorisation(struct picture *picture, const struct value *row)
{
    struct edge_authorisation authorisation = {(enum principal_kind)row[AUTH_PRINCIPAL_KIND].integer, row[AUTH_PRINCIPAL_ID].bytes,
                                               row[AUTH_API_ID].bytes, row[AUTH_ENV_ID].bytes, row[AUTH_NOT_AFTER].integer};
    return picture_wrote(picture, edge_put_authorisation(picture->writer, row[AUTH_INSTANCE_ID].bytes, &authorisation));
}

bool picture_rebuild(struct picture *picture)
{
    if (!picture_wrote(picture, edge_write_clear(picture->writer))) return false;
    bool done = picture_put_all(picture, &entity_group, put_group_host) && picture_put_all(picture, &entity_domain, put_domain) &&
                picture_put_all(picture, &entity_sign, put_sign) && picture_put_all(picture, &entity_feature, put_feature) &&
                picture_put_all(picture, &entity_authorisation, put_authorisation) &&
                picture_put_all(picture, &entity_key_set, put_key_set) && picture_put_all_policies(picture) &&
                picture_put_all_apis(picture) && picture_put_all_credentials(picture) && picture_put_all_users(picture);
    if (done) resolver_sweep(picture->resolver);
    return done;
}
