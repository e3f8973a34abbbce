/* Users of the picture: where they may call, what was issued to them, and whose the instances are. */
#include "control/picture.h"

#include "base/text.h"
#include "control/rights.h"
#include "control/tokens.h"
#include "scheme/scheme.h"

#define SCOPES_MAX (GRANTS_MAX * 2 * 68) /* bytes: two ids behind their lengths, each */

/* --- users --------------------------------------------------------------------------------------------------------------------------- */

/* Of his roles, those with which he may call APIs. */
static bool add_scope(void *context, const struct value *row)
{
    enum role role;
    if (!role_of_name(row[ROLE_ROW_ROLE].bytes, &role) || !role_may_call(role)) return true;
    const struct user_scope scope = {row[ROLE_ROW_PROJECT_ID].bytes, row[ROLE_ROW_INSTANCE_ID].bytes};
    user_scope_add(context, &scope);
    return true;
}

static bool put_user(struct picture *picture, const struct value *row)
{
    struct buffer scopes = buffer_in(picture->arena, SCOPES_MAX);
    struct store_filter filter = {ROLE_ROW_USER_ID, STORE_EQUAL, row[USER_ID]};
    struct store_query query = {.filters = &filter, .filter_count = 1, .limit = GRANTS_MAX};
    if (store_list(picture->session, &entity_role, &query, add_scope, &scopes) != STORE_OK) return picture_store_failed(picture);
    if (scopes.overflow) return picture_failed(picture, "no memory for the roles of a user");
    const struct user user = {.enabled = row[USER_ENABLED].integer != 0,
                              .name = row[USER_NAME].bytes,
                              .domain_id = row[USER_DOMAIN_ID].bytes,
                              .stamp = (uint64_t)row[USER_STAMP].integer,
                              .scopes = buffer_bytes(&scopes)};
    return picture_wrote(picture, edge_put_user(picture->writer, row[USER_ID].bytes, &user));
}

bool picture_look_at_user(struct picture *picture, const struct change *change)
{
    struct value row[USER_COLUMNS];
    enum store_result result = store_get(picture->session, &entity_user, change->id, picture->arena, row);
    if (result == STORE_NOTHING) return picture_wrote(picture, edge_remove_user(picture->writer, change->id));
    return result == STORE_OK ? put_user(picture, row) : picture_store_failed(picture);
}

/* --- their tokens -------------------------------------------------------------------------------------------------------------------- */

/* One of a key says which key pair it makes count, and opens nothing by itself. One of the domain counts for no project: its limit is the
 * domain's id, which is no project's. */
static struct credential credential_of(const struct value *row)
{
    struct place place = scheme_default_place(SCHEME_AUTH_TOKEN);
    bool of_domain = row[TOKEN_DOMAIN_ID].bytes.length > 0;
    return (struct credential){
        .id = row[TOKEN_ID].bytes,
        .kind = CREDENTIAL_API_KEY,
        .principal = {.kind = PRINCIPAL_USER, .enabled = true, .id = row[TOKEN_USER_ID].bytes, .name = BYTES("")},
        .enabled = true,
        .not_after = row[TOKEN_EXPIRES].integer - 1, /* the last second in which it counts */
        .revision = (uint64_t)row[TOKEN_STAMP].integer,
        .schemes = row[TOKEN_KIND].integer == TOKEN_OF_USER ? 1u << SCHEME_AUTH_TOKEN : 0,
        .location = place.location,
        .place_name = place.name,
        .place_prefix = BYTES(""),
        .limit = of_domain ? row[TOKEN_DOMAIN_ID].bytes : row[TOKEN_PROJECT_ID].bytes,
    };
}

static bool hash_of(struct bytes lookup, struct buffer *hash)
{
    return hex_decode(hash, lookup) && hash->length == DIGEST_MAX_SIZE;
}

static bool put_token(struct picture *picture, const struct value *row)
{
    uint8_t memory[DIGEST_MAX_SIZE];
    struct buffer hash = buffer_over(memory, sizeof memory);
    struct credential credential = credential_of(row);
    if (row[TOKEN_KIND].integer == TOKEN_OF_SESSION) return true;
    if (!hash_of(row[TOKEN_LOOKUP].bytes, &hash)) {
        picture_skipped("user_token_damaged", row[TOKEN_ID].bytes, "its hash");
        return true;
    }
    return picture_wrote(picture, edge_put_api_key(picture->writer, BYTES(""), buffer_bytes(&hash), &credential));
}

bool picture_look_at_user_token(struct picture *picture, const struct change *change)
{
    uint8_t memory[DIGEST_MAX_SIZE];
    struct buffer hash = buffer_over(memory, sizeof memory);
    struct value row[TOKEN_COLUMNS];
    struct store_filter filter = {TOKEN_LOOKUP, STORE_EQUAL, value_text(change->id)};
    struct store_query query = {.filters = &filter, .filter_count = 1, .limit = 1};
    enum store_result result = store_find(picture->session, &entity_token, &query, picture->arena, row);
    if (result == STORE_OK) return put_token(picture, row);
    if (result != STORE_NOTHING) return picture_store_failed(picture);
    return !hash_of(change->id, &hash) || picture_wrote(picture, edge_remove_api_key(picture->writer, BYTES(""), buffer_bytes(&hash)));
}

/* --- instances ----------------------------------------------------------------------------------------------------------------------- */

static bool put_owner(struct picture *picture, const struct value *row)
{
    struct value project[PROJECT_COLUMNS];
    struct instance_owner owner = {.project_id = row[INSTANCE_PROJECT_ID].bytes, .domain_id = BYTES("")};
    enum store_result result = store_get(picture->session, &entity_project, owner.project_id, picture->arena, project);
    if (result == STORE_FAULT) return picture_store_failed(picture);
    if (result == STORE_OK) owner.domain_id = project[PROJECT_DOMAIN_ID].bytes;
    return picture_wrote(picture, edge_put_instance_owner(picture->writer, row[INSTANCE_ID].bytes, &owner));
}

bool picture_look_at_instance(struct picture *picture, const struct change *change)
{
    struct value row[INSTANCE_COLUMNS];
    enum store_result result = store_get(picture->session, &entity_instance, change->id, picture->arena, row);
    if (result == STORE_NOTHING) return true;
    return result == STORE_OK ? put_owner(picture, row) : picture_store_failed(picture);
}

/* --- all of them --------------------------------------------------------------------------------------------------------------------- */

struct putting {
    struct picture *picture;
    bool (*put)(struct picture *picture, const struct value *row);
    bool good;
};

static bool put_each(void *context, const struct value *row)
{
    struct putting *putting = context;
    size_t mark = putting->picture->arena->used;
    putting->good = putting->put(putting->picture, row);
    arena_rewind(putting->picture->arena, mark);
    return putting->good;
}

static bool put_all(struct picture *picture, const struct entity *entity, bool (*put)(struct picture *picture, const struct value *row))
{
    struct putting putting = {picture, put, true};
    struct store_query everything = {0};
    enum store_result result = store_list(picture->session, entity, &everything, put_each, &putting);
    return result == STORE_OK ? putting.good : picture_store_failed(picture);
}

bool picture_put_all_users(struct picture *picture)
{
    return put_all(picture, &entity_instance, put_owner) && put_all(picture, &entity_user, put_user) &&
           put_all(picture, &entity_token, put_token);
}
