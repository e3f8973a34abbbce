/* /v3/auth/tokens (huawei.md 5): name and password for a token that lasts a day. */
#include "control/apis.h"
#include "control/catalogue.h"
#include "control/charsets.h"
#include "control/factors.h"
#include "control/related.h"
#include "control/resources.h"
#include "control/sign_in.h"
#include "control/tokens.h"

#define TOKEN_SECONDS (24 * 3600)
#define NAME_MOST     64
#define PASSWORD_MOST 128

#define WORD(word, most, extra)                                                                                                            \
    {                                                                                                                                      \
        .name = word, .type = FIELD_STRING, .flags = extra, .minimum = 1, .maximum = most, .charset = &charset_printable                   \
    }

static const char *const methods[] = {"password", "totp", NULL};

static const struct field named_items[] = {WORD("id", NAME_MOST, 0), WORD("name", NAME_MOST, 0)};
static const struct fields named_fields = FIELDS_OF(named_items);
static const struct field user_items[] = {
    WORD("id", NAME_MOST, 0),
    WORD("name", NAME_MOST, 0),
    WORD("password", PASSWORD_MOST, FIELD_REQUIRED | FIELD_SECRET),
    {.name = "domain", .type = FIELD_OBJECT, .members = &named_fields},
};
static const struct fields user_fields = FIELDS_OF(user_items);
static const struct field password_items[] = {
    {.name = "user", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .members = &user_fields},
};
static const struct fields password_fields = FIELDS_OF(password_items);
static const struct field code_items[] = {
    {.name = "passcode", .type = FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_SECRET, .minimum = 6, .maximum = 16, .charset = &charset_id},
};
static const struct fields code_fields = FIELDS_OF(code_items);
static const struct field totp_items[] = {
    {.name = "user", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .members = &code_fields},
};
static const struct fields totp_fields = FIELDS_OF(totp_items);
static const struct field identity_items[] = {
    {.name = "methods", .type = FIELD_STRINGS, .flags = FIELD_REQUIRED, .most_items = 2, .choices = methods},
    {.name = "password", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .members = &password_fields},
    {.name = "totp", .type = FIELD_OBJECT, .members = &totp_fields},
};
static const struct fields identity_fields = FIELDS_OF(identity_items);
static const struct field scope_items[] = {
    {.name = "project", .type = FIELD_OBJECT, .members = &named_fields},
    {.name = "domain", .type = FIELD_OBJECT, .members = &named_fields},
};
static const struct fields scope_fields = FIELDS_OF(scope_items);
static const struct field auth_items[] = {
    {.name = "identity", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .members = &identity_fields},
    {.name = "scope", .type = FIELD_OBJECT, .members = &scope_fields},
};
static const struct fields auth_fields = FIELDS_OF(auth_items);
static const struct field body_items[] = {
    {.name = "auth", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .members = &auth_fields},
};
static const struct fields body_fields = FIELDS_OF(body_items);

static const json_t *down(const json_t *object, const char *const *names)
{
    for (; *names != NULL; names++) object = json_object_get(object, *names);
    return object;
}

static bool prove(struct call *call, struct value *user)
{
    static const char *const to_user[] = {"auth", "identity", "password", "user", NULL};
    const json_t *given = down(call->body, to_user);
    const json_t *domain = json_object_get(given, "domain");
    struct sign_in proof = {
        .user_id = json_get_text(given, "id"),
        .user_name = json_get_text(given, "name"),
        .domain_id = json_get_text(domain, "id"),
        .domain_name = json_get_text(domain, "name"),
        .password = json_get_text(given, "password"),
    };
    if (proof.user_id.length == 0 && proof.user_name.length == 0) {
        return call_refuse(call, ERROR_FIELD_MISSING, BYTES("auth.identity.password.user.name"));
    }
    return sign_in(call, &proof, user);
}

/* The project that was asked for, by id or by name in the user's domain; one where he has no role is not there for him. */
static bool find_project(struct call *call, const json_t *asked, const struct value *user, struct value *project)
{
    struct bytes id = json_get_text(asked, "id");
    struct bytes name = json_get_text(asked, "name");
    struct store_filter filters[] = {
        {PROJECT_DOMAIN_ID, STORE_EQUAL, value_text(user[USER_DOMAIN_ID].bytes)},
        {id.length > 0 ? PROJECT_ID : PROJECT_NAME, STORE_EQUAL, value_text(id.length > 0 ? id : name)},
    };
    struct store_query query = {.filters = filters, .filter_count = 2, .limit = 1};
    enum store_result result = store_find(call->session, &entity_project, &query, &call->arena, project);
    if (result == STORE_OK && caller_reaches(&call->caller, (struct scope){project[PROJECT_ID].bytes, BYTES("")})) return true;
    if (result == STORE_OK || result == STORE_NOTHING) return call_refuse(call, ERROR_IAM_PROJECT_UNKNOWN, id.length > 0 ? id : name);
    return call_store(call, result);
}

static bool check_domain(struct call *call, const json_t *asked, const struct value *user)
{
    struct value domain[ACCOUNT_COLUMNS];
    struct bytes id = json_get_text(asked, "id");
    struct bytes name = json_get_text(asked, "name");
    if (!call_store(call, store_get(call->session, &entity_account, user[USER_DOMAIN_ID].bytes, &call->arena, domain))) return false;
    bool same = (id.length == 0 || bytes_equal(id, domain[ACCOUNT_ID].bytes)) &&
                (name.length == 0 || bytes_equal(name, domain[ACCOUNT_NAME].bytes));
    return same || call_refuse(call, ERROR_IAM_DOMAIN_UNKNOWN, id.length > 0 ? id : name);
}

/* Both given: the project wins (huawei.md 5). None: the domain. */
static bool read_scope(struct call *call, const struct value *user, struct token_order *order)
{
    static const char *const to_scope[] = {"auth", "scope", NULL};
    const json_t *scope = down(call->body, to_scope);
    const json_t *asked = json_object_get(scope, "project");
    struct value project[PROJECT_COLUMNS];
    if (asked == NULL) {
        order->domain_id = user[USER_DOMAIN_ID].bytes;
        order->project_id = BYTES("");
        return check_domain(call, json_object_get(scope, "domain"), user);
    }
    if (!find_project(call, asked, user, project)) return false;
    order->project_id = project[PROJECT_ID].bytes;
    order->domain_id = BYTES("");
    return true;
}

static bool with_catalogue(struct call *call)
{
    return call_query(call, "nocatalog").length == 0;
}

/* A code of the second factor, of whoever has one (huawei.md 5, methods "password", "totp"). */
static bool prove_factor(struct call *call, const struct value *user, struct token_order *order)
{
    static const char *const to_code[] = {"auth", "identity", "totp", "user", NULL};
    return factor_confirm(call, user[USER_ID].bytes, json_get_text(down(call->body, to_code), "passcode"), &order->methods);
}

static bool create(struct call *call)
{
    struct value user[USER_COLUMNS];
    struct value row[TOKEN_COLUMNS];
    struct bytes text;
    struct token_order order = {.kind = TOKEN_OF_USER, .seconds = TOKEN_SECONDS};
    return prove(call, user) && call_begin(call, true) && prove_factor(call, user, &order) && read_scope(call, user, &order) &&
           token_issue(call, &order, user, &text, row) && call_add_field(call, "X-Subject-Token", text) &&
           call_answer(call, 201, token_json(call, row, user, with_catalogue(call)));
}

/* The token that a call is about; whoever is no administrator of the domain knows his own only. */
static bool load_subject(struct call *call, struct token_found *found)
{
    struct bytes text = http_field_value(&call->request, BYTES("x-subject-token"));
    if (text.length == 0) return call_refuse(call, ERROR_IAM_SUBJECT_MISSING, BYTES(""));
    enum token_finding finding = token_find(call, call->session, TOKEN_OF_USER, text, found);
    if (finding == TOKEN_FAULT) return call_fault(call, "a token could not be read");
    if (finding != TOKEN_GOOD) return call_refuse(call, ERROR_IAM_TOKEN_UNKNOWN, BYTES(""));
    bool own = bytes_equal(found->user[USER_ID].bytes, call->actor_id);
    bool foreign = !bytes_equal(found->user[USER_DOMAIN_ID].bytes, call->caller.domain_id);
    if (foreign) return call_refuse(call, ERROR_IAM_TOKEN_UNKNOWN, BYTES(""));
    return own || caller_may(&call->caller, RIGHT_WRITE_USERS, (struct scope){BYTES(""), BYTES("")}) ||
           call_refuse(call, ERROR_IAM_FORBIDDEN, BYTES(""));
}

static bool show(struct call *call)
{
    struct token_found found;
    struct bytes text = http_field_value(&call->request, BYTES("x-subject-token"));
    return load_subject(call, &found) && call_add_field(call, "X-Subject-Token", text) &&
           call_answer(call, 200, token_json(call, found.row, found.user, with_catalogue(call)));
}

static bool revoke(struct call *call)
{
    struct token_found found;
    return load_subject(call, &found) && token_revoke(call, found.row) && call_answer(call, 204, NULL);
}

static const struct field query_items[] = {
    {.name = "nocatalog", .type = FIELD_STRING, .minimum = 1, .maximum = 64},
};
static const struct fields token_query = FIELDS_OF(query_items);

#define TOKENS "/v3/auth/tokens"
static const struct route routes[] = {
    {"POST", TOKENS, "create_token", RIGHT_ANYONE, &body_fields, FILL_PRESETS, create, .query = &token_query, .answer = &fields_any},
    {"GET", TOKENS, "show_token", RIGHT_READ_SELF, NULL, FILL_PRESETS, show, .query = &token_query, .answer = &fields_any},
    {"HEAD", TOKENS, "check_token", RIGHT_READ_SELF, NULL, FILL_PRESETS, show, .query = &token_query, .status = 200},
    {"DELETE", TOKENS, "revoke_token", RIGHT_WRITE_SELF, NULL, FILL_PRESETS, revoke},
};
const struct routes routes_iam_tokens = ROUTES_OF(routes);
