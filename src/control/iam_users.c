/* The users of a domain, their roles and passwords. Whatever makes a user less than he was changes his stamp, and what was issued before
 * is dead. */
#include "control/iam_users.h"

#include "control/access_keys.h"
#include "control/apis.h"
#include "control/callers.h"
#include "control/charsets.h"
#include "control/factors.h"
#include "control/iam_roles.h"
#include "control/listing.h"
#include "control/related.h"
#include "control/resources.h"
#include "control/sign_in.h"
#include "control/step_up.h"
#include "control/step_up_codes.h"
#include "control/tokens.h"
#include "crypto/password.h"

#define PASSWORD_MIN 8
#define PASSWORD_MAX 128

static const struct charset charset_user = {"A-Za-z", "A-Za-z0-9_.@-", false, "letters, digits and -_.@, first a letter"};
static const struct charset charset_mobile = {"+0-9", "0-9", false, "digits, first a + or a digit"};

static bool is_email(struct bytes text)
{
    size_t at = bytes_find(text, '@');
    return at > 0 && at + 1 < text.length && bytes_find(text, ' ') == text.length;
}

#define NAME(extra)                                                                                                                        \
    {                                                                                                                                      \
        .name = "name", .type = FIELD_STRING, .flags = FIELD_STORED | (extra), .column = USER_NAME, .minimum = 1, .maximum = 64,           \
        .charset = &charset_user                                                                                                           \
    }
#define DESCRIPTION(value)                                                                                                                 \
    {                                                                                                                                      \
        .name = "description", .type = FIELD_STRING, .flags = FIELD_STORED, .column = USER_DESCRIPTION, .maximum = 255, .preset = value    \
    }
#define EMAIL                                                                                                                              \
    {                                                                                                                                      \
        .name = "email", .type = FIELD_STRING, .flags = FIELD_STORED, .column = USER_EMAIL, .minimum = 3, .maximum = 255,                  \
        .charset = &charset_printable, .accepts = is_email, .rule = "an address with an @"                                                 \
    }
#define MOBILE                                                                                                                             \
    {                                                                                                                                      \
        .name = "mobile", .type = FIELD_STRING, .flags = FIELD_STORED, .column = USER_MOBILE, .minimum = 5, .maximum = 32,                 \
        .charset = &charset_mobile                                                                                                         \
    }
#define ENABLED(value)                                                                                                                     \
    {                                                                                                                                      \
        .name = "enabled", .type = FIELD_BOOLEAN, .flags = FIELD_STORED, .column = USER_ENABLED, .preset = value                           \
    }
#define PASSWORD                                                                                                                           \
    {                                                                                                                                      \
        .name = "password", .type = FIELD_STRING, .flags = FIELD_SECRET, .minimum = PASSWORD_MIN, .maximum = PASSWORD_MAX,                 \
        .charset = &charset_printable                                                                                                      \
    }
#define ROLES                                                                                                                              \
    {                                                                                                                                      \
        .name = "roles", .type = FIELD_OBJECTS, .most_items = GRANTS_MAX, .members = &role_fields                                          \
    }

static const struct field fields[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = USER_ID},
    NAME(FIELD_REQUIRED),
    DESCRIPTION("\"\""),
    EMAIL,
    MOBILE,
    ENABLED("true"),
    PASSWORD,
    ROLES,
    {.name = "domain_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = USER_DOMAIN_ID},
    {.name = "project_id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = USER_PROJECT_ID},
    {.name = "create_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = USER_CREATE_TIME},
    {.name = "password_time", .type = FIELD_TIME, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = USER_PASSWORD_TIME},
};
static const struct fields user_fields = FIELDS_OF(fields);

/* A PUT changes what it names. */
static const struct field change_items[] = {NAME(0), DESCRIPTION(NULL), EMAIL, MOBILE, ENABLED(NULL), PASSWORD, ROLES};
static const struct fields change_fields = FIELDS_OF(change_items);

static const struct field new_password_items[] = {
    {.name = "password",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_SECRET,
     .minimum = PASSWORD_MIN,
     .maximum = PASSWORD_MAX,
     .charset = &charset_printable},
    {.name = "original_password",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_SECRET,
     .minimum = 1,
     .maximum = PASSWORD_MAX,
     .charset = &charset_printable},
};
static const struct fields new_password_fields = FIELDS_OF(new_password_items);
static const struct field own_password_items[] = {
    {.name = "user", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .members = &new_password_fields},
};
static const struct fields own_password_fields = FIELDS_OF(own_password_items);

static const struct conflict conflicts[] = {{"user_name", ERROR_USER_EXISTS, USER_NAME}};

const struct resource resource_user = {
    .name = "user",
    .entity = &entity_user,
    .fields = &user_fields,
    .instance_column = USER_DOMAIN_ID,
    .unknown = ERROR_USER_UNKNOWN,
    .conflicts = conflicts,
    .conflict_count = sizeof conflicts / sizeof *conflicts,
};

bool user_load(struct call *call, struct bytes id, struct value *row)
{
    enum store_result result = store_get(call->session, &entity_user, id, &call->arena, row);
    if (result == STORE_OK && bytes_equal(row[USER_DOMAIN_ID].bytes, call->caller.domain_id)) return true;
    if (result == STORE_OK || result == STORE_NOTHING) return call_refuse(call, ERROR_USER_UNKNOWN, id);
    return call_store(call, result);
}

bool user_load_own(struct call *call, struct bytes id, struct value *row)
{
    bool own = bytes_equal(id, call->actor_id);
    enum right right = right_writes(call->route->right) ? RIGHT_WRITE_USERS : RIGHT_READ_USERS;
    if (!own && !caller_may(&call->caller, right, (struct scope){BYTES(""), BYTES("")}))
        return call_refuse(call, ERROR_FORBIDDEN, BYTES(""));
    return user_load(call, id, row);
}

/* Adds the roles. */
static bool complete(struct call *call, json_t *item)
{
    json_t *roles = roles_of(call, call->session, json_get_text(item, "id"));
    return roles != NULL && (json_object_set_new(item, "roles", roles) == 0 || call_fault(call, "no memory for the answer"));
}

static bool answer_user(struct call *call, const struct value *row, unsigned status)
{
    json_t *json = resource_json(call, &resource_user, row, HIDE_SECRETS);
    if (json == NULL) return call_fault(call, "no memory for the answer");
    if (complete(call, json)) return call_answer(call, status, json);
    json_decref(json);
    return false;
}

/* The hash takes long: meanwhile others may write. Nothing of this call is written yet. */
static bool lay_password(struct call *call, struct bytes password, struct value *row)
{
    struct buffer kept = buffer_in(&call->arena, PASSWORD_KEPT_MAX);
    call_let_go(call);
    if (!password_make(call, password, &kept) || !call_begin(call, true)) return false;
    row[USER_PASSWORD] = value_text(buffer_bytes(&kept));
    row[USER_PASSWORD_TIME] = value_integer(call->now);
    return true;
}

static void stamp(const struct call *call, struct value *row)
{
    row[USER_STAMP] = value_integer((int64_t)store_revision(call->session));
}

static bool changed(struct call *call, const struct value *row)
{
    return call_change_of_users(call, CHANGE_USER, row[USER_ID].bytes);
}

static bool create(struct call *call)
{
    struct value row[USER_COLUMNS];
    row_clear(&entity_user, row);
    struct bytes id = call_new_id(call);
    if (id.length == 0 || !resource_fill(call, &resource_user, row)) return false;
    row[USER_ID] = value_text(id);
    row[USER_PROJECT_ID] = value_text(call->project_id);
    row[USER_DOMAIN_ID] = value_text(call->caller.domain_id);
    row[USER_CREATE_TIME] = value_integer(call->now);
    if (call_has(call, "password") && !lay_password(call, call_text(call, "password"), row)) return false;
    stamp(call, row);
    return resource_insert(call, &resource_user, row) && roles_replace(call, id, json_object_get(call->body, "roles")) &&
           changed(call, row) && answer_user(call, row, 201);
}

static const struct list_filter filters[] = {
    {"id", FILTER_EXACT, USER_ID}, {"name", FILTER_NAME, USER_NAME}, {"enabled", FILTER_INTEGER, USER_ENABLED}};
static const struct listing listing = {.resource = &resource_user,
                                       .items = "users",
                                       .filters = filters,
                                       .filter_count = sizeof filters / sizeof *filters,
                                       .order_column = USER_NAME,
                                       .complete = complete};

static bool list(struct call *call)
{
    return listing_answer(call, &listing);
}

static bool show(struct call *call)
{
    struct value row[USER_COLUMNS];
    return user_load_own(call, call->params[0], row) && answer_user(call, row, 200);
}

/* Nobody shuts the door behind himself: so an administrator of the domain is always left. */
static bool check_own_change(struct call *call, const struct value *row)
{
    bool own = bytes_equal(row[USER_ID].bytes, call->actor_id);
    if (!own) return true;
    if (call_integer(call, "enabled", 1) == 0) return call_refuse_rule(call, "enabled", "nobody disables himself");
    const json_t *roles = json_object_get(call->body, "roles");
    if (roles == NULL || roles_give_all(roles)) return true;
    return call_refuse_rule(call, "roles", "nobody takes the administrator of the domain from himself");
}

static bool becomes_less(const struct call *call, const struct value *before)
{
    bool state = call_has(call, "enabled") && call_integer(call, "enabled", 1) != before[USER_ENABLED].integer;
    return state || call_has(call, "password") || call_has(call, "roles");
}

/* The row as the body wants it. Hashing a password lets the session go, so the row is read again behind it. */
static bool lay_change(struct call *call, struct value *before, struct value *after)
{
    struct value password[USER_COLUMNS] = {{.type = VALUE_NULL}};
    if (call_has(call, "password")) {
        if (!lay_password(call, call_text(call, "password"), password) || !user_load(call, call->params[0], before)) return false;
    }
    for (size_t i = 0; i < USER_COLUMNS; i++) after[i] = password[i].type != VALUE_NULL ? password[i] : before[i];
    if (!resource_fill(call, &resource_user, after)) return false;
    if (becomes_less(call, before)) stamp(call, after);
    return true;
}

static bool update(struct call *call)
{
    struct value before[USER_COLUMNS];
    struct value after[USER_COLUMNS];
    const json_t *roles = json_object_get(call->body, "roles");
    return user_load(call, call->params[0], before) && check_own_change(call, before) && lay_change(call, before, after) &&
           resource_update(call, &resource_user, before, after) && (roles == NULL || roles_replace(call, after[USER_ID].bytes, roles)) &&
           changed(call, after) && answer_user(call, after, 200);
}

static bool destroy(struct call *call)
{
    struct value row[USER_COLUMNS];
    struct bytes id = call->params[0];
    if (!user_load(call, id, row)) return false;
    if (bytes_equal(id, call->actor_id)) return call_refuse_rule(call, "user_id", "nobody deletes himself");
    return access_keys_remove_of(call, id) && tokens_revoke_of(call, id) && step_ups_remove_of(call, id) && codes_remove_of(call, id) &&
           factor_remove(call, id) && roles_remove(call, id) && resource_remove(call, &resource_user, row) && changed(call, row) &&
           call_answer(call, 204, NULL);
}

/* POST /v3/users/{user_id}/password: one's own, with the old one. */
static bool change_own_password(struct call *call)
{
    struct value before[USER_COLUMNS];
    struct value after[USER_COLUMNS];
    const json_t *given = json_object_get(call->body, "user");
    if (!bytes_equal(call->params[0], call->actor_id)) return call_refuse(call, ERROR_IAM_FORBIDDEN, BYTES(""));
    if (!user_load(call, call->actor_id, before)) return false;
    call_let_go(call);
    if (!password_confirm(call, before, json_get_text(given, "original_password")) || !call_begin(call, true)) return false;
    if (!user_load(call, call->actor_id, before)) return false;
    for (size_t i = 0; i < USER_COLUMNS; i++) after[i] = before[i];
    if (!lay_password(call, json_get_text(given, "password"), after)) return false;
    stamp(call, after);
    return resource_update(call, &resource_user, before, after) && changed(call, after) && call_answer(call, 204, NULL);
}

#define USERS    "/v2/{project_id}/apigw/users"
#define ONE_USER USERS "/{user_id}"
static const struct route routes[] = {
    {"POST", USERS, "create_user", RIGHT_WRITE_USERS, &user_fields, FILL_PRESETS, create, .answer = &user_fields},
    {"GET", USERS, "list_users", RIGHT_READ_USERS, NULL, FILL_PRESETS, list, .listing = &listing},
    {"GET", ONE_USER, "show_user", RIGHT_READ_SELF, NULL, FILL_PRESETS, show, .answer = &user_fields},
    {"PUT", ONE_USER, "update_user", RIGHT_WRITE_USERS, &change_fields, LEAVE_ABSENT, update, .answer = &user_fields},
    {"DELETE", ONE_USER, "delete_user", RIGHT_WRITE_USERS, NULL, FILL_PRESETS, destroy},
    {"POST", "/v3/users/{user_id}/password", "change_own_password", RIGHT_WRITE_SELF, &own_password_fields, FILL_PRESETS,
     change_own_password, .status = 204},
};
const struct routes routes_users = ROUTES_OF(routes);
