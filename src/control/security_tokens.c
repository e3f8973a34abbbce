/* Temporary access keys (huawei.md 5): a key pair with an end, and the security token without which it does not count. */
#include "control/access_keys.h"
#include "control/apis.h"
#include "control/catalogue.h"
#include "control/iam_users.h"
#include "control/related.h"
#include "control/resources.h"
#include "control/tokens.h"

#define SHORTEST 900
#define LONGEST  86400

static const char *const methods[] = {"token", NULL};
static const struct field token_items[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_SECRET, .maximum = 4096},
    {.name = "duration_seconds", .type = FIELD_INTEGER, .minimum = SHORTEST, .maximum = LONGEST, .preset = "900"},
};
static const struct fields token_fields = FIELDS_OF(token_items);
static const struct field policy_items[] = {
    {.name = "Version", .type = FIELD_STRING, .maximum = 16},
};
static const struct fields policy_fields = FIELDS_OF(policy_items);
static const struct field identity_items[] = {
    {.name = "methods", .type = FIELD_STRINGS, .flags = FIELD_REQUIRED, .most_items = 1, .choices = methods},
    {.name = "token", .type = FIELD_OBJECT, .members = &token_fields, .preset = "{\"duration_seconds\":900}"},
    {.name = "policy", .type = FIELD_OBJECT, .members = &policy_fields},
};
static const struct fields identity_fields = FIELDS_OF(identity_items);
static const struct field auth_items[] = {
    {.name = "identity", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .members = &identity_fields},
};
static const struct fields auth_fields = FIELDS_OF(auth_items);
static const struct field body_items[] = {
    {.name = "auth", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .members = &auth_fields},
};
static const struct fields body_fields = FIELDS_OF(body_items);

/* A key made from a key that ends would go on for ever. And a policy that we left out would give more than was asked for. */
static bool check(struct call *call, const json_t *identity)
{
    if (call->caller.proof == CALLER_TEMPORARY_KEY) return call_refuse(call, ERROR_IAM_FORBIDDEN, BYTES(""));
    if (json_object_get(identity, "policy") == NULL) return true;
    return call_refuse_rule(call, "auth.identity.policy", "absent: a temporary key has all rights of its user");
}

static json_t *credential_json(struct call *call, const struct value *key, struct bytes secret, const struct value *token,
                               struct bytes text)
{
    json_t *inner = json_object();
    bool done = inner != NULL && json_put(call, inner, "access", key[CREDENTIAL_LOOKUP].bytes) && json_put(call, inner, "secret", secret) &&
                json_put(call, inner, "securitytoken", text) && iam_put_time(call, inner, "expires_at", token[TOKEN_EXPIRES].integer);
    if (done) return json_pack("{s:o}", "credential", inner);
    json_decref(inner);
    return NULL;
}

static bool create(struct call *call)
{
    const json_t *identity = json_object_get(json_object_get(call->body, "auth"), "identity");
    const json_t *wanted = json_object_get(json_object_get(identity, "token"), "duration_seconds");
    int64_t seconds = json_is_integer(wanted) ? json_integer_value(wanted) : SHORTEST;
    struct access_order order = {.user_id = call->actor_id, .not_after = call->now + seconds};
    struct token_order of_key = {.kind = TOKEN_OF_KEY,
                                 .project_id = call->caller.token_project_id,
                                 .domain_id = call->caller.token_of_domain ? call->caller.domain_id : BYTES(""),
                                 .methods = BYTES("token"),
                                 .seconds = seconds};
    struct value user[USER_COLUMNS], key[CREDENTIAL_COLUMNS], token[TOKEN_COLUMNS];
    struct bytes secret, text;
    if (!check(call, identity) || !user_load(call, call->actor_id, user) || !access_key_make(call, &order, key, &secret)) return false;
    of_key.id = key[CREDENTIAL_ROW_ID].bytes;
    return token_issue(call, &of_key, user, &text, token) && call_answer(call, 201, credential_json(call, key, secret, token, text));
}

static const struct field credential_items[] = {
    ANSWERED("access", FIELD_STRING),
    ANSWERED("secret", FIELD_STRING),
    ANSWERED("securitytoken", FIELD_STRING),
    ANSWERED("expires_at", FIELD_TIME),
};
static const struct fields credential_fields = FIELDS_OF(credential_items);
static const struct field answer_items[] = {
    {.name = "credential", .type = FIELD_OBJECT, .flags = FIELD_READ_ONLY, .members = &credential_fields},
};
static const struct fields answer_fields = FIELDS_OF(answer_items);

static const struct route routes[] = {
    {"POST", "/v3.0/OS-CREDENTIAL/securitytokens", "create_temporary_access_key", RIGHT_WRITE_SELF, &body_fields, FILL_PRESETS, create,
     .answer = &answer_fields},
};
const struct routes routes_security_tokens = ROUTES_OF(routes);
