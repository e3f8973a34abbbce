#include "control/access_keys.h"

#include "control/apis.h"
#include "control/callers.h"
#include "control/charsets.h"
#include "control/iam_users.h"
#include "control/key_pairs.h"
#include "control/listing.h"
#include "control/related.h"
#include "control/resources.h"
#include "crypto/random.h"
#include "policy/publication.h"
#include "store/sealing.h"

#define QUOTA           2
#define DESCRIPTION_MAX 255

static const struct field fields[] = {
    {.name = "access", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_LOOKUP},
    {.name = "user_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_PRINCIPAL_ID},
    {.name = "description",
     .type = FIELD_STRING,
     .flags = FIELD_STORED,
     .column = CREDENTIAL_DISPLAY,
     .maximum = DESCRIPTION_MAX,
     .preset = "\"\""},
    {.name = "enabled", .type = FIELD_BOOLEAN, .flags = FIELD_STORED, .column = CREDENTIAL_ENABLED, .preset = "true"},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = CREDENTIAL_CREATE_TIME},
    ANSWERED("status", FIELD_STRING),
    ANSWERED("secret", FIELD_STRING), /* once, of a new key */
};
static const struct fields key_fields = FIELDS_OF(fields);

/* The vendor's word for the state. */
static bool derive(const struct call *call, const struct value *row, json_t *answer)
{
    (void)call;
    return json_object_set_new(answer, "status", json_string(row[CREDENTIAL_ENABLED].integer != 0 ? "active" : "inactive")) == 0;
}

static const struct resource resource_access_key = {
    .name = "access_key",
    .entity = &entity_credential,
    .fields = &key_fields,
    .instance_column = CREDENTIAL_INSTANCE_ID,
    .unknown = ERROR_CREDENTIAL_UNKNOWN,
    .derive = derive,
};

bool access_draw(char access[static ACCESS_LENGTH + 1])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t count = 0;
    while (count < ACCESS_LENGTH) {
        uint8_t byte;
        if (!random_bytes(&byte, 1)) return false;
        if (byte < 252) access[count++] = alphabet[byte % 36]; /* 252 = 7 * 36: every character is as likely */
    }
    access[count] = '\0';
    return true;
}

static bool draw(struct call *call, struct bytes *access, struct bytes *secret)
{
    char text[ACCESS_LENGTH + 1];
    struct buffer out = buffer_in(&call->arena, SECRET_LENGTH);
    if (!access_draw(text) || !random_text(&out, SECRET_LENGTH)) return call_fault(call, "no randomness for an access key");
    *access = arena_copy(&call->arena, bytes_of(text, ACCESS_LENGTH));
    *secret = buffer_bytes(&out);
    return true;
}

static bool seal(struct call *call, struct bytes secret, struct value *row)
{
    struct seal *context = store_keys_seal(call->daemon->keys);
    struct buffer sealed = buffer_in(&call->arena, secret.length + SEAL_OVERHEAD);
    bool done = context != NULL && store_seal_credential(context, row, CREDENTIAL_SECRET, secret, &sealed);
    seal_destroy(context);
    row[CREDENTIAL_SECRET] = value_blob(buffer_bytes(&sealed));
    return done || call_fault(call, "a secret could not be sealed");
}

static bool changed(struct call *call, const struct value *row)
{
    return call_change_of_users(call, CHANGE_KEY_PAIR, row[CREDENTIAL_LOOKUP].bytes);
}

static bool remove_key(struct call *call, const struct value *row)
{
    return resource_remove(call, &resource_access_key, row) && changed(call, row);
}

bool access_key_make(struct call *call, const struct access_order *order, struct value *row, struct bytes *secret)
{
    struct bytes access;
    struct bytes id = call_new_id(call);
    if (id.length == 0 || !draw(call, &access, secret)) return false;
    row_clear(&entity_credential, row);
    row[CREDENTIAL_ROW_ID] = value_text(id);
    row[CREDENTIAL_KIND] = value_integer(CREDENTIAL_KEY_PAIR);
    row[CREDENTIAL_PRINCIPAL_KIND] = value_integer(PRINCIPAL_USER);
    row[CREDENTIAL_PRINCIPAL_ID] = value_text(order->user_id);
    row[CREDENTIAL_LOOKUP] = value_text(access);
    row[CREDENTIAL_DISPLAY] = value_text(order->description);
    row[CREDENTIAL_ENABLED] = row[CREDENTIAL_GENERATED] = value_integer(1);
    row[CREDENTIAL_NOT_AFTER] = value_integer(order->not_after);
    row[CREDENTIAL_SCHEMES] = value_integer(1 << SCHEME_SDK_HMAC_SHA256);
    row[CREDENTIAL_REVISION] = value_integer((int64_t)store_revision(call->session));
    row[CREDENTIAL_CREATE_TIME] = value_integer(call->now);
    return seal(call, *secret, row) && resource_insert(call, &resource_access_key, row) && changed(call, row);
}

/* Keys belong to no instance: resource.c keeps to the scope, which is none while it looks at them. */
static struct bytes leave_scope(struct call *call)
{
    struct bytes scope = call->scope_id;
    call->scope_id = BYTES("");
    return scope;
}

static bool remove_each(struct call *call, void *context, const struct value *row)
{
    (void)context;
    return remove_key(call, row);
}

bool access_keys_remove_of(struct call *call, struct bytes user_id)
{
    struct store_filter of_user = {CREDENTIAL_PRINCIPAL_ID, STORE_EQUAL, value_text(user_id)};
    struct bytes scope = leave_scope(call);
    bool done = resource_for_each(call, &resource_access_key, &of_user, remove_each, NULL);
    call->scope_id = scope;
    return done;
}

/* Permanent ones of one user: what all lists and counts are about. */
#define KEY_FILTERS 4
static void of_user(struct bytes user_id, struct store_filter filters[static KEY_FILTERS])
{
    filters[0] = (struct store_filter){CREDENTIAL_PRINCIPAL_ID, STORE_EQUAL, value_text(user_id)};
    filters[1] = (struct store_filter){CREDENTIAL_INSTANCE_ID, STORE_EQUAL, value_text(BYTES(""))};
    filters[2] = (struct store_filter){CREDENTIAL_PRINCIPAL_KIND, STORE_EQUAL, value_integer(PRINCIPAL_USER)};
    filters[3] = (struct store_filter){CREDENTIAL_NOT_AFTER, STORE_AT_MOST, value_integer(0)};
}

static bool check_quota(struct call *call, struct bytes user_id)
{
    struct store_filter filters[KEY_FILTERS];
    struct store_query query = {.filters = filters, .filter_count = KEY_FILTERS};
    int64_t count;
    of_user(user_id, filters);
    if (!call_store(call, store_count(call->session, &entity_credential, &query, &count))) return false;
    return count < QUOTA || call_refuse(call, ERROR_ACCESS_KEY_QUOTA, BYTES("2"));
}

/* A permanent key from a temporary one would outlive what it was given for. */
static bool check_proof(struct call *call)
{
    return call->caller.proof != CALLER_TEMPORARY_KEY || call_refuse(call, ERROR_FORBIDDEN, BYTES(""));
}

/* Nor may it reach further than the token it was made with: a key has all roles of its user, in every project (docs/decisions/0015). */
static bool check_reach(struct call *call, struct bytes user_id)
{
    struct bytes project = call->caller.token_project_id;
    if (project.length == 0) return true;
    json_t *roles = roles_of(call, call->session, user_id);
    if (roles == NULL) return false;
    bool within = true;
    for (size_t i = 0; i < json_array_size(roles); i++)
        within = within && bytes_equal(json_get_text(json_array_get(roles, i), "project_id"), project);
    json_decref(roles);
    return within || call_refuse(call, ERROR_KEY_OF_TOKEN, BYTES(""));
}

/* The key in full: only here, once. NULL: refused or a fault. */
static json_t *make(struct call *call, struct bytes user_id, struct bytes description)
{
    struct value user[USER_COLUMNS];
    struct value row[CREDENTIAL_COLUMNS];
    struct access_order order = {.user_id = user_id, .description = description};
    struct bytes secret;
    if (!check_proof(call) || !user_load_own(call, user_id, user) || !check_reach(call, user_id) || !check_quota(call, user_id))
        return NULL;
    if (!access_key_make(call, &order, row, &secret)) return NULL;
    json_t *json = resource_json(call, &resource_access_key, row, HIDE_SECRETS);
    if (json != NULL && json_put(call, json, "secret", secret)) return json;
    json_decref(json);
    call_fault(call, "no memory for the answer");
    return NULL;
}

/* The key of this access id; others' keys are there for administrators only, temporary ones for nobody. */
static bool load(struct call *call, struct bytes access, struct value *row)
{
    struct value user[USER_COLUMNS];
    struct store_filter filters[] = {
        {CREDENTIAL_LOOKUP, STORE_EQUAL, value_text(access)},
        {CREDENTIAL_KIND, STORE_EQUAL, value_integer(CREDENTIAL_KEY_PAIR)},
        {CREDENTIAL_PRINCIPAL_KIND, STORE_EQUAL, value_integer(PRINCIPAL_USER)},
        {CREDENTIAL_NOT_AFTER, STORE_AT_MOST, value_integer(0)},
    };
    struct bytes scope = leave_scope(call);
    bool found;
    bool read = resource_find(call, &resource_access_key, (struct where){filters, sizeof filters / sizeof *filters}, row, &found);
    call->scope_id = scope;
    if (!read) return false;
    if (!found) return call_refuse(call, ERROR_CREDENTIAL_UNKNOWN, access);
    return user_load_own(call, row[CREDENTIAL_PRINCIPAL_ID].bytes, user);
}

static bool change(struct call *call, const struct value *before, struct value *after)
{
    return resource_update(call, &resource_access_key, before, after) && changed(call, after);
}

/* In the style of the management API: /v2/{project_id}/apigw/users/{user_id}/access-keys */

static bool create(struct call *call)
{
    json_t *key = make(call, call->params[0], call_text(call, "description"));
    return key != NULL && call_answer(call, 201, key);
}

static const struct listing listing = {.resource = &resource_access_key, .items = "access_keys", .order_column = CREDENTIAL_CREATE_TIME};

static bool list(struct call *call)
{
    struct value user[USER_COLUMNS];
    struct store_filter filters[KEY_FILTERS];
    if (!user_load_own(call, call->params[0], user)) return false;
    of_user(call->params[0], filters);
    leave_scope(call);
    return listing_answer_where(call, &listing, filters, KEY_FILTERS);
}

/* Of this user; others' count as unknown. */
static bool load_of(struct call *call, struct value *row)
{
    if (!load(call, call->params[1], row)) return false;
    return bytes_equal(row[CREDENTIAL_PRINCIPAL_ID].bytes, call->params[0]) || call_refuse(call, ERROR_CREDENTIAL_UNKNOWN, call->params[1]);
}

static bool update(struct call *call)
{
    struct value before[CREDENTIAL_COLUMNS];
    struct value after[CREDENTIAL_COLUMNS];
    if (!check_proof(call) || !load_of(call, before)) return false;
    for (size_t i = 0; i < CREDENTIAL_COLUMNS; i++) after[i] = before[i];
    return resource_fill(call, &resource_access_key, after) && change(call, before, after) &&
           resource_answer(call, &resource_access_key, after, 200);
}

static bool destroy(struct call *call)
{
    struct value row[CREDENTIAL_COLUMNS];
    return load_of(call, row) && remove_key(call, row) && call_answer(call, 204, NULL);
}

/* As the vendor has it: /v3.0/OS-CREDENTIAL/credentials (huawei.md 5), everything within "credential". */

static const char *const statuses[] = {"active", "inactive", NULL};
static const struct field vendor_items[] = {
    {.name = "user_id", .type = FIELD_STRING, .minimum = 1, .maximum = 64},
    {.name = "description", .type = FIELD_STRING, .maximum = DESCRIPTION_MAX},
    {.name = "status", .type = FIELD_STRING, .choices = statuses},
};
static const struct fields vendor_fields = FIELDS_OF(vendor_items);
static const struct field wrapped_items[] = {
    {.name = "credential", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .members = &vendor_fields},
};
static const struct fields wrapped_fields = FIELDS_OF(wrapped_items);

static bool answer_wrapped(struct call *call, unsigned status, const char *name, json_t *inner)
{
    if (inner == NULL) return call_fault(call, "no memory for the answer");
    return call_answer(call, status, json_pack("{s:o}", name, inner));
}

static bool create_wrapped(struct call *call)
{
    const json_t *given = json_object_get(call->body, "credential");
    struct bytes user_id = json_get_text(given, "user_id");
    json_t *key = make(call, user_id.length > 0 ? user_id : call->actor_id, json_get_text(given, "description"));
    return key != NULL && answer_wrapped(call, 201, "credential", key);
}

struct collection {
    struct call *call;
    json_t *items;
};

static bool collect(void *context, const struct value *row)
{
    struct collection *collection = context;
    return json_array_append_new(collection->items, resource_json(collection->call, &resource_access_key, row, HIDE_SECRETS)) == 0;
}

static bool list_wrapped(struct call *call)
{
    struct value user[USER_COLUMNS];
    struct store_filter filters[KEY_FILTERS];
    struct store_query query = {.filters = filters, .filter_count = KEY_FILTERS, .order_column = CREDENTIAL_CREATE_TIME};
    struct bytes user_id = call_query(call, "user_id");
    if (user_id.length == 0) user_id = call->actor_id;
    if (!user_load_own(call, user_id, user)) return false;
    of_user(user_id, filters);
    struct collection collection = {call, json_array()};
    if (call_store(call, store_list(call->session, &entity_credential, &query, collect, &collection))) {
        return answer_wrapped(call, 200, "credentials", collection.items);
    }
    json_decref(collection.items);
    return false;
}

static bool show_wrapped(struct call *call)
{
    struct value row[CREDENTIAL_COLUMNS];
    return load(call, call->params[0], row) &&
           answer_wrapped(call, 200, "credential", resource_json(call, &resource_access_key, row, HIDE_SECRETS));
}

static bool update_wrapped(struct call *call)
{
    struct value before[CREDENTIAL_COLUMNS];
    struct value after[CREDENTIAL_COLUMNS];
    const json_t *given = json_object_get(call->body, "credential");
    if (!check_proof(call) || !load(call, call->params[0], before)) return false;
    for (size_t i = 0; i < CREDENTIAL_COLUMNS; i++) after[i] = before[i];
    if (json_object_get(given, "description") != NULL) after[CREDENTIAL_DISPLAY] = value_text(json_get_text(given, "description"));
    struct bytes status = json_get_text(given, "status");
    if (status.length > 0) after[CREDENTIAL_ENABLED] = value_integer(bytes_equal(status, BYTES("active")));
    return change(call, before, after) &&
           answer_wrapped(call, 200, "credential", resource_json(call, &resource_access_key, after, HIDE_SECRETS));
}

static bool destroy_wrapped(struct call *call)
{
    struct value row[CREDENTIAL_COLUMNS];
    return load(call, call->params[0], row) && remove_key(call, row) && call_answer(call, 204, NULL);
}

static const struct field answered_items[] = {
    {.name = "credential", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &key_fields},
};
static const struct fields answered_fields = FIELDS_OF(answered_items);
static const struct field many_items[] = {
    {.name = "credentials", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &key_fields},
};
static const struct fields many_fields = FIELDS_OF(many_items);
static const struct field list_query_items[] = {
    {.name = "user_id", .type = FIELD_STRING, .minimum = 1, .maximum = 64, .charset = &charset_id},
};
static const struct fields list_query = FIELDS_OF(list_query_items);

#define KEYS   "/v2/{project_id}/apigw/users/{user_id}/access-keys"
#define VENDOR "/v3.0/OS-CREDENTIAL/credentials"
static const struct route routes[] = {
    {"POST", KEYS, "create_access_key", RIGHT_WRITE_SELF, &key_fields, FILL_PRESETS, create, .answer = &key_fields},
    {"GET", KEYS, "list_access_keys", RIGHT_READ_SELF, NULL, FILL_PRESETS, list, .listing = &listing},
    {"PUT", KEYS "/{access}", "update_access_key", RIGHT_WRITE_SELF, &key_fields, LEAVE_ABSENT, update, .answer = &key_fields},
    {"DELETE", KEYS "/{access}", "delete_access_key", RIGHT_WRITE_SELF, NULL, FILL_PRESETS, destroy},
    {"POST", VENDOR, "create_permanent_access_key", RIGHT_WRITE_SELF, &wrapped_fields, LEAVE_ABSENT, create_wrapped,
     .answer = &answered_fields},
    {"GET", VENDOR, "list_permanent_access_keys", RIGHT_READ_SELF, NULL, FILL_PRESETS, list_wrapped, .query = &list_query,
     .answer = &many_fields},
    {"GET", VENDOR "/{access}", "show_permanent_access_key", RIGHT_READ_SELF, NULL, FILL_PRESETS, show_wrapped, .answer = &answered_fields},
    {"PUT", VENDOR "/{access}", "update_permanent_access_key", RIGHT_WRITE_SELF, &wrapped_fields, LEAVE_ABSENT, update_wrapped,
     .answer = &answered_fields},
    {"DELETE", VENDOR "/{access}", "delete_permanent_access_key", RIGHT_WRITE_SELF, NULL, FILL_PRESETS, destroy_wrapped},
};
const struct routes routes_access_keys = ROUTES_OF(routes);
