/* The console's session: name and password for a cookie that scripts cannot read, and a CSRF token that pages of other addresses cannot. */
#include "control/apis.h"
#include "control/authenticate_token.h"
#include "control/callers.h"
#include "control/charsets.h"
#include "control/factors.h"
#include "control/related.h"
#include "control/resources.h"
#include "control/sign_in.h"
#include "control/tokens.h"

#include <stdio.h>

static const struct field items[] = {
    {.name = "name", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64, .charset = &charset_printable},
    {.name = "domain", .type = FIELD_STRING, .minimum = 1, .maximum = 64, .charset = &charset_printable},
    {.name = "password",
     .type = FIELD_STRING,
     .flags = FIELD_REQUIRED | FIELD_SECRET,
     .minimum = 1,
     .maximum = 128,
     .charset = &charset_printable},
    {.name = "passcode", .type = FIELD_STRING, .flags = FIELD_SECRET, .minimum = 6, .maximum = 16, .charset = &charset_id},
};
static const struct fields body_fields = FIELDS_OF(items);

static json_t *user_json(struct call *call, const struct value *user)
{
    json_t *object = json_object();
    json_t *roles = roles_of(call, call->session, user[USER_ID].bytes);
    bool done = object != NULL && roles != NULL && json_put(call, object, "id", user[USER_ID].bytes) &&
                json_put(call, object, "name", user[USER_NAME].bytes) && json_put(call, object, "domain_id", user[USER_DOMAIN_ID].bytes) &&
                json_put(call, object, "project_id", user[USER_PROJECT_ID].bytes) && json_object_set(object, "roles", roles) == 0;
    json_decref(roles);
    if (done) return object;
    json_decref(object);
    return NULL;
}

/* What a page needs: who it acts for, its CSRF token, and when the session ends by itself. */
static bool answer(struct call *call, unsigned status, const struct value *row, const struct value *user, struct bytes cookie)
{
    struct session_life life;
    json_t *object = json_object();
    json_t *who = user_json(call, user);
    bool done = object != NULL && who != NULL && session_life_read(call, call->session, user[USER_DOMAIN_ID].bytes, &life) &&
                json_object_set(object, "user", who) == 0 && json_put(call, object, "csrf_token", token_companion(call, cookie)) &&
                json_put(call, object, "region", bytes_of_text(call->daemon->region)) &&
                json_put_time(object, "expires_at", row[TOKEN_EXPIRES].integer) &&
                json_object_set_new(object, "idle_seconds", json_integer(life.idle)) == 0;
    json_decref(who);
    if (done) return call_answer(call, status, object);
    json_decref(object);
    return call_fault(call, "no memory for the answer");
}

static bool set_cookie(struct call *call, struct bytes value, int64_t seconds)
{
    char text[256];
    bool secure = bytes_equal(http_field_value(&call->request, BYTES("x-forwarded-proto")), BYTES("https"));
    int length = snprintf(text, sizeof text, SESSION_COOKIE "=%.*s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s", (int)value.length,
                          (const char *)value.data, (long long)seconds, secure ? "; Secure" : "");
    return length > 0 && length < (int)sizeof text ? call_add_field(call, "Set-Cookie", bytes_of(text, (size_t)length))
                                                   : call_fault(call, "a cookie that is too long");
}

static bool create(struct call *call)
{
    struct value user[USER_COLUMNS];
    struct value row[TOKEN_COLUMNS];
    struct bytes text;
    struct session_life life;
    struct sign_in proof = {
        .user_name = call_text(call, "name"), .domain_name = call_text(call, "domain"), .password = call_text(call, "password")};
    if (!check_origin(call) || !sign_in(call, &proof, user) || !call_begin(call, true)) return false;
    struct token_order order = {.kind = TOKEN_OF_SESSION};
    if (!factor_confirm(call, user[USER_ID].bytes, call_text(call, "passcode"), &order.methods)) return false;
    if (!session_life_read(call, call->session, user[USER_DOMAIN_ID].bytes, &life)) return false;
    order.seconds = life.end;
    return token_issue(call, &order, user, &text, row) && set_cookie(call, text, life.end) && answer(call, 201, row, user, text);
}

/* The session of the cookie: these routes are about it, and no other proof has one. */
static bool load(struct call *call, struct value *row, struct value *user)
{
    if (call->caller.proof != CALLER_SESSION) return call_refuse(call, ERROR_CREDENTIALS_MISSING, BYTES(""));
    return call_store(call, store_get(call->session, &entity_token, call->caller.proof_id, &call->arena, row)) &&
           call_store(call, store_get(call->session, &entity_user, call->actor_id, &call->arena, user));
}

static bool show(struct call *call)
{
    struct value row[TOKEN_COLUMNS];
    struct value user[USER_COLUMNS];
    return load(call, row, user) && answer(call, 200, row, user, session_cookie(call));
}

static bool destroy(struct call *call)
{
    struct value row[TOKEN_COLUMNS];
    struct value user[USER_COLUMNS];
    return load(call, row, user) && token_revoke(call, row) && set_cookie(call, BYTES(""), 0) && call_answer(call, 204, NULL);
}

static const struct field user_items[] = {
    ANSWERED("id", FIELD_STRING),
    ANSWERED("name", FIELD_STRING),
    ANSWERED("domain_id", FIELD_STRING),
    ANSWERED("project_id", FIELD_STRING),
    {.name = "roles", .type = FIELD_OBJECTS, .flags = FIELD_READ_ONLY, .members = &fields_any},
};
static const struct fields user_fields = FIELDS_OF(user_items);
static const struct field session_items[] = {
    {.name = "user", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &user_fields},
    ANSWERED("csrf_token", FIELD_STRING),
    ANSWERED("region", FIELD_STRING),
    ANSWERED("expires_at", FIELD_TIME),
    ANSWERED("idle_seconds", FIELD_INTEGER),
};
static const struct fields session_fields = FIELDS_OF(session_items);

#define SESSION "/console/session"
static const struct route routes[] = {
    {"POST", SESSION, "create_console_session", RIGHT_ANYONE, &body_fields, FILL_PRESETS, create, .answer = &session_fields},
    {"GET", SESSION, "show_console_session", RIGHT_READ_SELF, NULL, FILL_PRESETS, show, .answer = &session_fields},
    {"DELETE", SESSION, "delete_console_session", RIGHT_WRITE_SELF, NULL, FILL_PRESETS, destroy},
};
const struct routes routes_console_session = ROUTES_OF(routes);
