#include "control/step_up.h"

#include "control/apis.h"
#include "control/attempts.h"
#include "control/audit.h"
#include "control/charsets.h"
#include "control/factors.h"
#include "control/resources.h"
#include "control/security.h"
#include "control/step_up_codes.h"

#include <string.h>

#define OPEN_SECONDS  CODE_SECONDS /* to answer */
#define GRANT_SECONDS 120          /* from the answer to the call */
#define MOST_TRIES    5
#define MOST_OPENED   20 /* by one user in ten minutes */
#define MOST_FAILURES 10 /* of one user in a quarter of an hour, however many challenges he opens */
#define BATCH         50

enum kind { SHOWS, RESETS, EXPORTS, CHANGES_FACTOR };
struct guard {
    const char *action; /* of the route; its object is the last id of the path */
    enum kind kind;
    const char *member; /* guarded only when the body has it; an action may stand for several; NULL: always */
};
static const struct guard guards[] = {
    {"show_app_secret", SHOWS, NULL},
    {"show_sign_secret", SHOWS, NULL},
    {"reset_app_secret", RESETS, NULL},
    {"update_app", RESETS, "app_secret"},
    {"reset_app_key_pair", RESETS, NULL},
    {"reset_consumer_secret", RESETS, NULL},
    {"export_audits", EXPORTS, NULL},
    {"export_project_audits", EXPORTS, NULL},
    {"delete_totp", CHANGES_FACTOR, NULL},
    /* A key is exempt from what is asked of the session that would make it. */
    {"create_access_key", RESETS, NULL},
    {"create_permanent_access_key", RESETS, NULL},
    {"create_temporary_access_key", RESETS, NULL},
    {"update_sign", RESETS, "sign_secret"},
    {"update_sign", RESETS, "sign_key"},
    {"set_next_sign", RESETS, NULL},
    /* Signs as somebody else, once. */
    {"try_api", RESETS, "use_stored_secret"},
    /* With what a user proves himself, or where his codes go: by whoever has rights on users, himself among them. */
    {"update_user", RESETS, "password"},
    {"update_user", RESETS, "mobile"},
    {"update_user", RESETS, "email"},
    /* Another user would have a factor of his own, which whoever made him knows. */
    {"update_user", RESETS, "roles"},
    {"create_user", RESETS, "password"},
    {"update_code_webhook", CHANGES_FACTOR, NULL},
    {"delete_code_webhook", CHANGES_FACTOR, NULL},
    /* Or all the rest of this table could be switched off first, and every secret be read. */
    {"update_security_settings", CHANGES_FACTOR, NULL},
};
static const char *const actions[] = {"show_app_secret",
                                      "show_sign_secret",
                                      "reset_app_secret",
                                      "update_app",
                                      "reset_app_key_pair",
                                      "reset_consumer_secret",
                                      "export_audits",
                                      "export_project_audits",
                                      "delete_totp",
                                      "create_access_key",
                                      "create_permanent_access_key",
                                      "create_temporary_access_key",
                                      "update_sign",
                                      "set_next_sign",
                                      "try_api",
                                      "update_user",
                                      "create_user",
                                      "update_code_webhook",
                                      "delete_code_webhook",
                                      "update_security_settings",
                                      NULL};

static const struct guard *guard_of(const struct call *call)
{
    for (size_t i = 0; i < sizeof guards / sizeof *guards; i++) {
        const struct guard *guard = &guards[i];
        if (strcmp(guard->action, call->route->action) != 0) continue;
        if (guard->member == NULL || call_has(call, guard->member)) return guard;
    }
    return NULL;
}

/* The last id of the path: what the action is about; where the path has none, the caller. */
static struct bytes object_of(const struct call *call)
{
    struct bytes object = call->instance_id.length > 0 ? call->instance_id : call->project_id;
    if (object.length == 0) object = call->actor_id;
    for (size_t i = 0; i < CALL_MAX_PARAMS && call->params[i].length > 0; i++) object = call->params[i];
    return object;
}

static bool is_of_caller(const struct call *call, const struct value *row)
{
    return bytes_equal(row[STEP_UP_USER_ID].bytes, call->actor_id) && bytes_equal(row[STEP_UP_PROOF_ID].bytes, call->caller.proof_id);
}

/* Once for one call; a call that only reads cannot note it, and has the short life of the grant instead. */
static bool use(struct call *call, const struct value *row, bool *good)
{
    struct value after[STEP_UP_COLUMNS];
    for (size_t i = 0; i < STEP_UP_COLUMNS; i++) after[i] = row[i];
    after[STEP_UP_USED] = value_integer(1);
    *good = true;
    return !right_writes(call->route->right) || call_store(call, store_update(call->session, &entity_step_up, after));
}

static bool use_grant(struct call *call, struct bytes id, bool *good)
{
    struct value row[STEP_UP_COLUMNS];
    enum store_result result = store_get(call->session, &entity_step_up, id, &call->arena, row);
    *good = false;
    if (result == STORE_NOTHING) return true;
    if (!call_store(call, result)) return false;
    int64_t granted = row[STEP_UP_GRANTED].integer;
    bool fresh = granted > 0 && call->now <= granted + GRANT_SECONDS && row[STEP_UP_USED].integer == 0;
    bool same = is_of_caller(call, row) && bytes_equal(row[STEP_UP_ACTION].bytes, bytes_of_text(call->route->action)) &&
                bytes_equal(row[STEP_UP_OBJECT_ID].bytes, object_of(call));
    return !fresh || !same || use(call, row, good);
}

/* Has the caller proved himself within the window that the domain allows? */
static bool in_window(struct call *call, int64_t minutes, bool *good)
{
    struct store_filter filters[] = {
        {STEP_UP_USER_ID, STORE_EQUAL, value_text(call->actor_id)},
        {STEP_UP_PROOF_ID, STORE_EQUAL, value_text(call->caller.proof_id)},
        {STEP_UP_GRANTED, STORE_AT_LEAST, value_integer(call->now - minutes * 60)},
    };
    struct store_query query = {.filters = filters, .filter_count = sizeof filters / sizeof *filters};
    int64_t count = 0;
    *good = false;
    if (minutes > 0 && !call_store(call, store_count(call->session, &entity_step_up, &query, &count))) return false;
    *good = count > 0;
    return true;
}

/* A program with an access key has nobody who could type a code: it is asked only before a secret is shown, or a factor changed. */
static bool is_exempt(const struct call *call, const struct guard *guard)
{
    bool by_key = call->caller.proof == CALLER_KEY || call->caller.proof == CALLER_TEMPORARY_KEY;
    return by_key && (guard->kind == RESETS || guard->kind == EXPORTS);
}

static bool check_without_factor(struct call *call, const struct guard *guard, const struct value *settings)
{
    bool wanted = guard->kind == SHOWS || (guard->kind != CHANGES_FACTOR && settings[SECURITY_REQUIRE_FACTOR].integer != 0);
    return !wanted || call_refuse(call, ERROR_FACTOR_MISSING, BYTES(""));
}

static bool check_proof(struct call *call, const struct guard *guard, const struct value *settings)
{
    struct bytes id = http_field_value(&call->request, BYTES("x-step-up"));
    int64_t minutes = guard->kind == CHANGES_FACTOR ? 0 : settings[SECURITY_STEP_UP_WINDOW].integer;
    bool good = false;
    if (id.length > 0 && !use_grant(call, id, &good)) return false;
    if (!good && !in_window(call, minutes, &good)) return false;
    return good || call_refuse(call, ERROR_STEP_UP, bytes_of_text(guard->action));
}

bool step_up_check(struct call *call)
{
    struct value settings[SECURITY_COLUMNS];
    const struct guard *guard = guard_of(call);
    struct means means;
    if (guard == NULL || is_exempt(call, guard)) return true;
    if (!security_read(call, call->session, call->caller.domain_id, settings)) return false;
    struct bytes show = settings[SECURITY_SHOW_SECRETS].bytes;
    if (guard->kind == SHOWS && bytes_equal(show, BYTES("never"))) return call_refuse(call, ERROR_SECRETS_NEVER, BYTES(""));
    if (guard->kind == SHOWS && bytes_equal(show, BYTES("as_vendor"))) return true; /* every GET tells it */
    if (!step_up_means(call, &means)) return false;
    return means.any ? check_proof(call, guard, settings) : check_without_factor(call, guard, settings);
}

struct ids {
    struct arena *arena;
    struct bytes items[BATCH];
    size_t count;
};

static bool keep_id(void *context, const struct value *row)
{
    struct ids *ids = context;
    ids->items[ids->count++] = arena_copy(ids->arena, row[STEP_UP_ID].bytes);
    return ids->count < BATCH;
}

/* Those of a user that ended before; what is left over is for the next time. */
static bool sweep(struct call *call, struct bytes user_id, int64_t before, size_t *count)
{
    struct store_filter filters[] = {
        {STEP_UP_USER_ID, STORE_EQUAL, value_text(user_id)},
        {STEP_UP_EXPIRES, STORE_AT_MOST, value_integer(before)},
    };
    struct store_query query = {.filters = filters, .filter_count = 2, .limit = BATCH};
    struct ids ids = {.arena = &call->arena};
    if (!call_store(call, store_list(call->session, &entity_step_up, &query, keep_id, &ids))) return false;
    for (size_t i = 0; i < ids.count; i++) {
        if (!call_store(call, store_remove(call->session, &entity_step_up, ids.items[i]))) return false;
    }
    *count = ids.count;
    return true;
}

bool step_ups_remove_of(struct call *call, struct bytes user_id)
{
    size_t count;
    do {
        if (!sweep(call, user_id, INT64_MAX, &count)) return false;
    } while (count > 0);
    return true;
}

static bool answer(struct call *call, unsigned status, const struct value *row)
{
    json_t *object = json_object();
    bool done =
        object != NULL && json_put(call, object, "id", row[STEP_UP_ID].bytes) &&
        json_put(call, object, "action", row[STEP_UP_ACTION].bytes) && json_put(call, object, "object_id", row[STEP_UP_OBJECT_ID].bytes) &&
        json_object_set_new(object, "granted", json_boolean(row[STEP_UP_GRANTED].integer > 0)) == 0 &&
        json_put_time(object, "expires_at", row[STEP_UP_EXPIRES].integer) && json_put(call, object, "method", row[STEP_UP_METHOD].bytes);
    bool sent = done && row[STEP_UP_SENT].integer > 0;
    if (sent) {
        done = json_put(call, object, "destination", row[STEP_UP_DESTINATION].bytes) &&
               json_put_time(object, "resend_at", row[STEP_UP_SENT].integer + CODE_RESEND_SECONDS);
    }
    if (done) return call_answer(call, status, object);
    json_decref(object);
    return call_fault(call, "no memory for the answer");
}

static bool open_challenge(struct call *call)
{
    struct value row[STEP_UP_COLUMNS];
    struct attempt opened = {"challenges of", call->actor_id, BYTES(""), MOST_OPENED, 600};
    struct bytes id = call_new_id(call);
    struct means means;
    enum step_up_method method;
    size_t count;
    if (id.length == 0 || !step_up_means(call, &means) || !step_up_method_of_body(call, &means, &method)) return false;
    if (!attempt_take(call->daemon->attempts, &opened, call->now)) return call_refuse(call, ERROR_STEP_UP_TOO_MANY, BYTES(""));
    row_clear(&entity_step_up, row);
    row[STEP_UP_ID] = value_text(id);
    row[STEP_UP_USER_ID] = value_text(call->actor_id);
    row[STEP_UP_PROOF_ID] = value_text(call->caller.proof_id);
    row[STEP_UP_ACTION] = value_text(call_text(call, "action"));
    row[STEP_UP_OBJECT_ID] = value_text(call_text(call, "object_id"));
    row[STEP_UP_EXPIRES] = value_integer(call->now + OPEN_SECONDS);
    row[STEP_UP_METHOD] = value_text(BYTES("totp"));
    row[STEP_UP_DESTINATION] = row[STEP_UP_CODE] = value_text(BYTES(""));
    if (method != METHOD_TOTP && !step_up_send(call, &means, method, row)) return false;
    return sweep(call, call->actor_id, call->now - 3600, &count) && call_store(call, store_insert(call->session, &entity_step_up, row)) &&
           answer(call, 201, row);
}

static bool load_open(struct call *call, struct value *row)
{
    enum store_result result = store_get(call->session, &entity_step_up, call->params[0], &call->arena, row);
    if (result != STORE_OK && result != STORE_NOTHING) return call_store(call, result);
    bool open = result == STORE_OK && is_of_caller(call, row) && row[STEP_UP_GRANTED].integer == 0 &&
                row[STEP_UP_TRIES].integer < MOST_TRIES && call->now < row[STEP_UP_EXPIRES].integer;
    return open || call_refuse(call, ERROR_STEP_UP_UNKNOWN, call->params[0]);
}

/* The try counts although the call is refused: it is committed first. */
static bool refuse_code(struct call *call, const struct value *row)
{
    bool noted = call_store(call, store_update(call->session, &entity_step_up, row));
    if (noted && store_commit(call->session) != STORE_OK) noted = call_fault(call, "the store did not commit");
    call->session = NULL;
    return noted ? call_refuse(call, ERROR_STEP_UP_CODE, BYTES("")) : false;
}

/* The code by the way that the challenge was opened for; one that was sent, only as long as the user has no stronger way. */
static bool try_code(struct call *call, const struct value *row, bool *accepted)
{
    struct means means;
    struct bytes code = call_text(call, "code");
    bool by_app = bytes_equal(row[STEP_UP_METHOD].bytes, BYTES("totp"));
    if (!step_up_means(call, &means)) return false;
    if (!means.any || by_app != means.has[METHOD_TOTP]) return call_refuse(call, ERROR_FACTOR_MISSING, BYTES(""));
    *accepted = !by_app && step_up_code_is(call, row, code);
    return !by_app || factor_accepts(call, means.factor, code, accepted);
}

static bool answer_challenge(struct call *call)
{
    struct value row[STEP_UP_COLUMNS];
    struct attempt failures = {"step-up of", call->actor_id, BYTES(""), MOST_FAILURES, 15 * 60};
    bool accepted = false;
    if (!load_open(call, row)) return false;
    if (!attempt_take(call->daemon->attempts, &failures, call->now)) return call_refuse(call, ERROR_STEP_UP_TOO_MANY, BYTES(""));
    if (!try_code(call, row, &accepted)) return false;
    row[STEP_UP_TRIES].integer++;
    if (!accepted) return refuse_code(call, row);
    attempt_forget(call->daemon->attempts, &failures);
    row[STEP_UP_GRANTED] = value_integer(call->now);
    return call_store(call, store_update(call->session, &entity_step_up, row)) &&
           audit_event(call, "step_up", row[STEP_UP_OBJECT_ID].bytes, BYTES("")) && answer(call, 200, row);
}

/* Another code for the same challenge, whose tries go on to count; the one before is worth nothing then. */
static bool send_again(struct call *call)
{
    struct value row[STEP_UP_COLUMNS];
    struct means means;
    if (!load_open(call, row) || !step_up_means(call, &means)) return false;
    enum step_up_method method = bytes_equal(row[STEP_UP_METHOD].bytes, BYTES("sms")) ? METHOD_SMS : METHOD_EMAIL;
    bool sends = row[STEP_UP_SENT].integer > 0 && means.has[method];
    if (!sends) return call_refuse(call, ERROR_CODE_METHOD, row[STEP_UP_METHOD].bytes);
    return step_up_send(call, &means, method, row) && call_store(call, store_update(call->session, &entity_step_up, row)) &&
           answer(call, 200, row);
}

static const struct field challenge_items[] = {
    {.name = "action", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .choices = actions},
    {.name = "object_id", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 64, .charset = &charset_id},
    {.name = "method", .type = FIELD_STRING, .choices = step_up_method_names},
};
static const struct fields challenge_fields = FIELDS_OF(challenge_items);
static const struct field code_items[] = {
    {.name = "code", .type = FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_SECRET, .minimum = 6, .maximum = 16, .charset = &charset_id},
};
static const struct fields code_fields = FIELDS_OF(code_items);
static const struct field answer_items[] = {ANSWERED("id", FIELD_STRING),          ANSWERED("action", FIELD_STRING),
                                            ANSWERED("object_id", FIELD_STRING),   ANSWERED("granted", FIELD_BOOLEAN),
                                            ANSWERED("expires_at", FIELD_TIME),    ANSWERED("method", FIELD_STRING),
                                            ANSWERED("destination", FIELD_STRING), ANSWERED("resend_at", FIELD_TIME)};
static const struct fields answer_fields = FIELDS_OF(answer_items);

#define STEP_UPS "/v2/{project_id}/apigw/step-ups"
static const struct route routes[] = {
    {"POST", STEP_UPS, "create_step_up", RIGHT_WRITE_SELF, &challenge_fields, FILL_PRESETS, open_challenge, .answer = &answer_fields},
    {"PUT", STEP_UPS "/{step_up_id}", "answer_step_up", RIGHT_WRITE_SELF, &code_fields, FILL_PRESETS, answer_challenge,
     .answer = &answer_fields},
    {"POST", STEP_UPS "/{step_up_id}/code", "send_step_up_code", RIGHT_WRITE_SELF, NULL, FILL_PRESETS, send_again, .answer = &answer_fields,
     .status = 200},
};
const struct routes routes_step_up = ROUTES_OF(routes);
