/* Credentials of the picture: rows of the store, their principals, their secrets resealed by the edge's writer. */
#include "control/picture.h"

#include "base/text.h"
#include "control/token_rules.h"
#include "crypto/secret.h"
#include "scheme/scheme.h"

#define SECRET_MAX      1024
#define TOKEN_RULES_MAX 32768

/* The edge forgets secrets in clear as soon as they are sealed again; so do we. */
struct opened {
    uint8_t memory[CREDENTIAL_MAX_SECRETS][SECRET_MAX];
};

/* Enabled and by what name; a principal that is gone has no enabled credential. */
static bool read_app(struct picture *picture, struct principal *principal)
{
    struct value row[APP_COLUMNS], list[APP_ACL_COLUMNS];
    enum store_result result = store_get(picture->session, &entity_app, principal->id, picture->arena, row);
    if (result == STORE_NOTHING) return true;
    if (result != STORE_OK) return picture_store_failed(picture);
    principal->enabled = row[APP_STATUS].integer == 1;
    principal->name = row[APP_NAME].bytes;
    result = store_get(picture->session, &entity_app_acl, principal->id, picture->arena, list);
    principal->listed = result == STORE_OK;
    return result != STORE_FAULT || picture_store_failed(picture);
}

static bool read_consumer(struct picture *picture, struct principal *principal)
{
    struct value row[CONSUMER_COLUMNS];
    enum store_result result = store_get(picture->session, &entity_consumer, principal->id, picture->arena, row);
    if (result == STORE_NOTHING) return true;
    if (result != STORE_OK) return picture_store_failed(picture);
    principal->enabled = row[CONSUMER_ENABLED].integer == 1;
    principal->name = row[CONSUMER_NAME].bytes;
    return true;
}

static bool read_principal(struct picture *picture, const struct value *row, struct principal *principal)
{
    *principal = (struct principal){
        .kind = (enum principal_kind)row[CREDENTIAL_PRINCIPAL_KIND].integer, .id = row[CREDENTIAL_PRINCIPAL_ID].bytes, .name = BYTES("")};
    if (principal->kind == PRINCIPAL_APP) return read_app(picture, principal);
    if (principal->kind == PRINCIPAL_CONSUMER) return read_consumer(picture, principal);
    principal->enabled = true; /* of a user his own record says it */
    return true;
}

static bool read_credential(struct picture *picture, const struct value *row, const struct principal *known, struct credential *credential)
{
    *credential = (struct credential){
        .id = row[CREDENTIAL_ROW_ID].bytes,
        .kind = (enum credential_kind)row[CREDENTIAL_KIND].integer,
        .enabled = row[CREDENTIAL_ENABLED].integer == 1,
        .not_before = row[CREDENTIAL_NOT_BEFORE].integer,
        .not_after = row[CREDENTIAL_NOT_AFTER].integer,
        .revision = (uint64_t)row[CREDENTIAL_REVISION].integer,
        .schemes = (uint32_t)row[CREDENTIAL_SCHEMES].integer,
        .location = (enum place_location)row[CREDENTIAL_LOCATION].integer,
        .place_name = row[CREDENTIAL_PLACE_NAME].bytes,
        .place_prefix = row[CREDENTIAL_PLACE_PREFIX].bytes,
    };
    if (known == NULL) return read_principal(picture, row, &credential->principal);
    credential->principal = *known;
    return true;
}

/* One more secret, unless the column is open. False: it does not open, or is empty. */
static bool open_secret(struct picture *picture, const struct value *row, size_t column, struct credential *credential,
                        struct opened *opened)
{
    if (row[column].type == VALUE_NULL || row[column].bytes.length == 0) return true;
    struct buffer out = buffer_over(opened->memory[credential->secret_count], SECRET_MAX);
    if (!store_open_credential(picture->store_seal, row, column, &out) || out.length == 0) return false;
    /* The older of two ends when the operator said; the newer has no end of its own. */
    int64_t until = column == CREDENTIAL_SECRET && row[CREDENTIAL_NEXT_SECRET].bytes.length ? row[CREDENTIAL_SECRET_UNTIL].integer : 0;
    credential->secrets[credential->secret_count++] = (struct credential_secret){.value = buffer_bytes(&out), .until = until};
    return true;
}

static bool put_key_pair(struct picture *picture, const struct value *row, struct credential *credential)
{
    struct opened opened;
    struct bytes instance = row[CREDENTIAL_INSTANCE_ID].bytes, key_id = row[CREDENTIAL_LOOKUP].bytes;
    bool opens = open_secret(picture, row, CREDENTIAL_SECRET, credential, &opened) &&
                 open_secret(picture, row, CREDENTIAL_NEXT_SECRET, credential, &opened) && credential->secret_count > 0;
    enum edge_result result =
        opens ? edge_put_key_pair(picture->writer, instance, key_id, credential) : edge_remove_key_pair(picture->writer, instance, key_id);
    secret_wipe(&opened, sizeof opened);
    if (!opens) picture_skipped("credential_without_secret", row[CREDENTIAL_ROW_ID].bytes, "its secret does not open");
    return picture_wrote(picture, result);
}

/* The keyed hash as bytes. False: no such hash is ever filed. */
static bool hash_of(struct bytes lookup, struct buffer *hash)
{
    return hex_decode(hash, lookup) && hash->length == DIGEST_MAX_SIZE;
}

static bool is_place(const struct credential *credential)
{
    bool cookie = credential->location == PLACE_COOKIE && credential->kind == CREDENTIAL_TOKEN;
    return (cookie || credential->location == PLACE_HEADER || credential->location == PLACE_QUERY) && credential->place_name.length > 0;
}

static bool put_api_key(struct picture *picture, const struct value *row, const struct credential *credential)
{
    uint8_t memory[DIGEST_MAX_SIZE];
    struct buffer hash = buffer_over(memory, sizeof memory);
    if (!hash_of(row[CREDENTIAL_LOOKUP].bytes, &hash) || !is_place(credential)) {
        picture_skipped("api_key_damaged", row[CREDENTIAL_ROW_ID].bytes, "its hash or its place");
        return true;
    }
    return picture_wrote(picture, edge_put_api_key(picture->writer, row[CREDENTIAL_INSTANCE_ID].bytes, buffer_bytes(&hash), credential));
}

/* The keys of a token credential: in its rules when they are public, sealed when they are not; those from elsewhere are rows of their own.
 */
static bool put_key_set(struct picture *picture, const struct value *row, const json_t *rules, const struct token_rules *compiled)
{
    uint8_t memory[SECRET_MAX];
    struct buffer opened = buffer_over(memory, sizeof memory);
    struct bytes instance = row[CREDENTIAL_INSTANCE_ID].bytes, name = row[CREDENTIAL_ROW_ID].bytes;
    const json_t *jwks = json_object_get(rules, "jwks");
    struct edge_key_set set = {.revision = (uint64_t)row[CREDENTIAL_REVISION].integer, .secret = jwks == NULL};
    if (compiled->remote) return picture_wrote(picture, edge_remove_key_set(picture->writer, instance, name));
    set.text = bytes_of(json_string_value(jwks), json_string_length(jwks));
    if (set.secret && store_open_credential(picture->store_seal, row, CREDENTIAL_SECRET, &opened)) set.text = buffer_bytes(&opened);
    bool there = set.text.length > 0;
    if (!there) picture_skipped("token_without_keys", name, "its key set does not open");
    bool done = picture_wrote(picture, there ? edge_put_key_set(picture->writer, instance, name, &set)
                                             : edge_remove_key_set(picture->writer, instance, name));
    secret_wipe(memory, sizeof memory);
    return done;
}

static bool put_holder(struct picture *picture, const struct value *row, struct credential *credential, struct token_rules *rules)
{
    uint8_t memory[DIGEST_MAX_SIZE];
    struct buffer holder = buffer_over(memory, sizeof memory);
    struct buffer run = buffer_in(picture->arena, TOKEN_RULES_MAX);
    if (!rules->remote) rules->key_set = row[CREDENTIAL_ROW_ID].bytes;
    token_rules_write(&run, rules);
    credential->token_rules = buffer_bytes(&run);
    if (!hash_of(row[CREDENTIAL_LOOKUP].bytes, &holder) || !is_place(credential) || credential->token_rules.length == 0) {
        picture_skipped("token_damaged", row[CREDENTIAL_ROW_ID].bytes, "its claim, its place or its rules");
        return true;
    }
    return picture_wrote(picture, edge_put_token(picture->writer, row[CREDENTIAL_INSTANCE_ID].bytes, buffer_bytes(&holder), credential));
}

static bool put_token(struct picture *picture, const struct value *row, struct credential *credential)
{
    struct token_rules compiled;
    json_t *rules = token_rules_of_row(row);
    if (rules == NULL || !token_rules_compile(picture->arena, rules, &compiled)) {
        json_decref(rules);
        picture_skipped("token_damaged", row[CREDENTIAL_ROW_ID].bytes, "its rules");
        return true;
    }
    bool done = put_key_set(picture, row, rules, &compiled) && put_holder(picture, row, credential, &compiled);
    json_decref(rules);
    return done;
}

/* Access keys of IAM users, and nothing else, stand under no instance. They sign in every dialect of the vendor's SDKs, if the API takes
 * it. */
static bool is_for_gateway(const struct value *row)
{
    bool of_user = row[CREDENTIAL_PRINCIPAL_KIND].integer == PRINCIPAL_USER;
    return (row[CREDENTIAL_INSTANCE_ID].bytes.length == 0) == of_user;
}

bool picture_put_credential(struct picture *picture, const struct value *row, const struct principal *known)
{
    struct credential credential;
    if (!is_for_gateway(row)) return true;
    if (!read_credential(picture, row, known, &credential)) return false;
    if (credential.principal.kind == PRINCIPAL_USER) credential.schemes |= scheme_sdk_family();
    if (credential.principal.kind != PRINCIPAL_APP) credential.schemes &= ~scheme_app_features();
    if (credential.kind == CREDENTIAL_KEY_PAIR) return put_key_pair(picture, row, &credential);
    if (credential.kind == CREDENTIAL_TOKEN) return put_token(picture, row, &credential);
    return credential.kind != CREDENTIAL_API_KEY || put_api_key(picture, row, &credential);
}

bool picture_remove_credential(struct picture *picture, const struct change *change)
{
    uint8_t memory[DIGEST_MAX_SIZE];
    struct buffer hash = buffer_over(memory, sizeof memory);
    if (change->kind == CHANGE_KEY_PAIR)
        return picture_wrote(picture, edge_remove_key_pair(picture->writer, change->instance_id, change->id));
    if (!hash_of(change->id, &hash)) return true;
    if (change->kind == CHANGE_TOKEN)
        return picture_wrote(picture, edge_remove_token(picture->writer, change->instance_id, buffer_bytes(&hash))) &&
               picture_wrote(picture, edge_remove_key_set(picture->writer, change->instance_id, change->second));
    return picture_wrote(picture, edge_remove_api_key(picture->writer, change->instance_id, buffer_bytes(&hash)));
}

enum credential_kind picture_kind_of(const struct change *change)
{
    return change->kind == CHANGE_KEY_PAIR ? CREDENTIAL_KEY_PAIR : change->kind == CHANGE_TOKEN ? CREDENTIAL_TOKEN : CREDENTIAL_API_KEY;
}

bool picture_look_at_credential(struct picture *picture, const struct change *change)
{
    struct value row[CREDENTIAL_COLUMNS];
    int64_t kind = picture_kind_of(change);
    struct store_filter filters[] = {{CREDENTIAL_INSTANCE_ID, STORE_EQUAL, value_text(change->instance_id)},
                                     {CREDENTIAL_KIND, STORE_EQUAL, value_integer(kind)},
                                     {CREDENTIAL_LOOKUP, STORE_EQUAL, value_text(change->id)}};
    struct store_query query = {.filters = filters, .filter_count = 3};
    enum store_result result = store_find(picture->session, &entity_credential, &query, picture->arena, row);
    if (result == STORE_NOTHING) return picture_remove_credential(picture, change);
    return result == STORE_OK ? picture_put_credential(picture, row, NULL) : picture_store_failed(picture);
}

struct putting {
    struct picture *picture;
    bool good;
};

static bool put_each(void *context, const struct value *row)
{
    struct putting *putting = context;
    size_t mark = putting->picture->arena->used;
    putting->good = picture_put_credential(putting->picture, row, NULL);
    arena_rewind(putting->picture->arena, mark);
    return putting->good;
}

bool picture_put_all_credentials(struct picture *picture)
{
    struct putting putting = {picture, true};
    struct store_query query = {.order_column = CREDENTIAL_ROW_ID};
    enum store_result result = store_list(picture->session, &entity_credential, &query, put_each, &putting);
    return result == STORE_OK ? putting.good : picture_store_failed(picture);
}
