#include "admit/app_grant.h"

#include "base/json.h"
#include "base/text.h"
#include "scheme/app_token.h"
#include "scheme/pairs.h"

#define LIFETIME_DIGITS 20

/* The vendor's codes and words (huawei.md 2.2, APIG.2201 to 2213 and 1001 to 1009). */
enum grant_error {
    GRANT_GOOD,
    GRANT_TOO_COMPLEX,
    GRANT_KEY_INVALID,
    GRANT_REFRESH_INVALID,
    GRANT_CONTENT_TYPE,
    GRANT_PARAMETER,
    GRANT_METHOD,
    GRANT_TYPE_UNKNOWN,
    GRANT_TYPE_MISSING,
    GRANT_ID_MISSING,
    GRANT_SECRET_MISSING,
    GRANT_REFRESH_MISSING,
    GRANT_REFRESH_EXPIRED,
    GRANT_REFRESH_OF_ANOTHER
};

static const struct {
    unsigned status;
    const char *code, *text;
} errors[] = {
    [GRANT_TOO_COMPLEX] = {400, "APIG.0201", "API request error: the request is too complex"},
    [GRANT_KEY_INVALID] = {400, "APIG.2201", "Appkey or SecretKey is invalid"},
    [GRANT_REFRESH_INVALID] = {400, "APIG.2202", "Refresh token is invalid"},
    [GRANT_CONTENT_TYPE] = {400, "APIG.2204", "ContentType invalid"},
    [GRANT_PARAMETER] = {400, "APIG.2205", "Auth parameter invalid"},
    [GRANT_METHOD] = {400, "APIG.2206", "Auth method invalid"},
    [GRANT_TYPE_UNKNOWN] = {400, "APIG.2209", "The value of grant_type is not in enum List"},
    [GRANT_TYPE_MISSING] = {400, "APIG.2210", "Lack of grant_type"},
    [GRANT_ID_MISSING] = {400, "APIG.2211", "Lack of client_id"},
    [GRANT_SECRET_MISSING] = {400, "APIG.2212", "Lack of client_secret"},
    [GRANT_REFRESH_MISSING] = {400, "APIG.2213", "Lack of refresh_token"},
    [GRANT_REFRESH_EXPIRED] = {401, "APIG.1001", "Refresh token is expired"},
    [GRANT_REFRESH_OF_ANOTHER] = {401, "APIG.1003", "App not match refresh token"},
};

/* The parameters that count; others are ignored (RFC 6749, 3.2). */
enum { TYPE, ID, SECRET, REFRESH, PARAMETERS };

struct grant {
    const struct app_grant_question *question;
    struct bytes values[PARAMETERS];
    bool given[PARAMETERS];
};

static bool read_seconds(struct arena *arena, const struct json_value *config, const char *name, int64_t *seconds)
{
    struct json_value value;
    return json_member(arena, config, bytes_of_text(name), &value) && json_read_integer(&value, seconds) && *seconds > 0;
}

bool app_grant_settings_read(struct arena *arena, struct bytes config, struct app_grant_settings *settings)
{
    struct json_value whole, uri;
    if (!json_read(arena, config, &whole) || !json_member(arena, &whole, BYTES("app_token_uri"), &uri)) return false;
    settings->uri = uri.text;
    return uri.type == JSON_TYPE_STRING && read_seconds(arena, &whole, "app_token_expire_time", &settings->lifetime) &&
           read_seconds(arena, &whole, "refresh_token_expire_time", &settings->refresh);
}

static enum grant_error read_form(struct grant *grant)
{
    static const char *const names[PARAMETERS] = {"grant_type", "client_id", "client_secret", "refresh_token"};
    struct arena *arena = grant->question->arena;
    struct bytes rest = grant->question->form, name;
    for (struct http_pair pair; http_pair_next(&rest, &pair);) {
        if (!percent_is_valid(pair.name) || !percent_is_valid(pair.value)) return GRANT_PARAMETER;
        if (!pairs_decode(arena, pair.name, true, &name)) return GRANT_TOO_COMPLEX;
        for (size_t i = 0; i < PARAMETERS; i++) {
            if (!bytes_equal(name, bytes_of_text(names[i]))) continue;
            if (grant->given[i]) return GRANT_PARAMETER;
            grant->given[i] = true;
            if (!pairs_decode(arena, pair.value, true, &grant->values[i])) return GRANT_TOO_COMPLEX;
        }
    }
    return GRANT_GOOD;
}

static bool is_refresh(const struct grant *grant)
{
    return bytes_equal(grant->values[TYPE], BYTES("refresh_token"));
}

static enum grant_error check_form(const struct grant *grant)
{
    if (grant->values[TYPE].length == 0) return GRANT_TYPE_MISSING;
    if (!is_refresh(grant) && !bytes_equal(grant->values[TYPE], BYTES("client_credentials"))) return GRANT_TYPE_UNKNOWN;
    if (grant->values[ID].length == 0) return GRANT_ID_MISSING;
    if (grant->values[SECRET].length == 0) return GRANT_SECRET_MISSING;
    return is_refresh(grant) && grant->values[REFRESH].length == 0 ? GRANT_REFRESH_MISSING : GRANT_GOOD;
}

static enum grant_error read_request(struct grant *grant)
{
    const struct http_request *request = grant->question->request;
    if (!bytes_equal(request->method, BYTES("POST"))) return GRANT_METHOD;
    if (!http_request_is_form(request)) return GRANT_CONTENT_TYPE;
    enum grant_error error = read_form(grant);
    return error == GRANT_GOOD ? check_form(grant) : error;
}

/* By the one admission, as a call that carries this proof alone. What it looks at must outlive it. */
static bool admit(const struct grant *grant, const struct place *place, const struct signed_fields *fields, struct admission *admission)
{
    const struct app_grant_question *question = grant->question;
    struct publication *publication = arena_take(question->arena, sizeof *publication);
    struct http_request *request = arena_take(question->arena, sizeof *request);
    if (publication == NULL || request == NULL) return false;
    *publication = (struct publication){.plan = {.auth_type = AUTH_TYPE_APP, .places = {*place}, .place_count = 1}};
    *request = *question->request;
    request->fields = fields->items;
    request->field_count = fields->count;
    struct admit_context context = {.publication = publication,
                                    .request = request,
                                    .directory = question->directory,
                                    .arena = question->arena,
                                    .now = question->now,
                                    .skip_authorisation = true};
    admit_begin(&context, admission);
    return true;
}

static struct signing signing_of(const struct grant *grant)
{
    return (struct signing){.key_id = grant->values[ID], .secret = {.text = grant->values[SECRET]}, .now = grant->question->now};
}

/* Key and secret, as app-secret would bring them. */
static enum grant_error check_client(const struct grant *grant, struct admission *admission)
{
    struct signed_fields *fields = arena_take(grant->question->arena, sizeof *fields);
    struct signing signing = signing_of(grant);
    struct place place = scheme_default_place(SCHEME_APP_SECRET);
    if (fields == NULL || !scheme_app_secret.sign(&signing, grant->question->arena, fields)) return GRANT_TOO_COMPLEX;
    if (!admit(grant, &place, fields, admission)) return GRANT_TOO_COMPLEX;
    return admission->outcome == ADMISSION_ACCEPTED ? GRANT_GOOD : GRANT_KEY_INVALID;
}

/* The refresh token, as an access token would come; proven by a secret that still lives. */
static enum grant_error check_refresh(const struct grant *grant)
{
    struct arena *arena = grant->question->arena;
    struct admission *admission = arena_take(arena, sizeof *admission);
    struct signed_fields *fields = arena_take(arena, sizeof *fields);
    struct buffer value = buffer_in(arena, sizeof "Bearer " + grant->values[REFRESH].length), digits = buffer_in(arena, LIFETIME_DIGITS);
    if (admission == NULL || fields == NULL) return GRANT_TOO_COMPLEX;
    buffer_add_number(&digits, grant->question->settings->refresh);
    struct place place = app_token_place(APP_TOKEN_REFRESH, buffer_bytes(&digits));
    buffer_add_text(&value, "Bearer ");
    buffer_add(&value, grant->values[REFRESH]);
    fields->count = 1;
    fields->items[0] = (struct http_field){BYTES("Authorization"), buffer_bytes(&value)};
    if (value.overflow || digits.overflow || !admit(grant, &place, fields, admission)) return GRANT_TOO_COMPLEX;
    if (admission->outcome == ADMISSION_REFUSED && admission->refusal == REFUSAL_DATE_EXPIRED) return GRANT_REFRESH_EXPIRED;
    if (admission->outcome != ADMISSION_ACCEPTED) return GRANT_REFRESH_INVALID;
    return bytes_equal(admission->claim.key_id, grant->values[ID]) ? GRANT_GOOD : GRANT_REFRESH_OF_ANOTHER;
}

static void start_answer(struct answer *answer, unsigned status, const struct app_grant_question *question)
{
    *answer = (struct answer){.status = status, .content_type = BYTES("application/json")};
    answer->fields[answer->field_count++] = (struct http_field){BYTES("X-Request-Id"), question->request_id};
    answer->fields[answer->field_count++] = (struct http_field){BYTES("Cache-Control"), BYTES("no-store")};
}

static void write_error(const struct app_grant_question *question, enum grant_error error, struct answer *answer)
{
    struct buffer body = buffer_in(question->arena, 256);
    start_answer(answer, errors[error].status, question);
    buffer_add_text(&body, "{\"error_msg\":\"");
    buffer_add_text(&body, errors[error].text);
    buffer_add_text(&body, "\",\"error_code\":\"");
    buffer_add_text(&body, errors[error].code);
    buffer_add_text(&body, "\",\"request_id\":\"");
    buffer_add(&body, question->request_id);
    buffer_add_text(&body, "\"}");
    answer->body = buffer_bytes(&body);
    if (errors[error].status == 401)
        answer->fields[answer->field_count++] = (struct http_field){BYTES("WWW-Authenticate"), BYTES("Bearer realm=\"countersign\"")};
}

/* RFC 6749, 5.1. */
static bool write_tokens(const struct grant *grant, struct answer *answer)
{
    struct arena *arena = grant->question->arena;
    struct signing signing = signing_of(grant);
    struct bytes access, refresh;
    struct buffer body = buffer_in(arena, 4096);
    if (!app_token_write(&signing, APP_TOKEN_ACCESS, arena, &access) || !app_token_write(&signing, APP_TOKEN_REFRESH, arena, &refresh))
        return false;
    start_answer(answer, 200, grant->question);
    buffer_add_text(&body, "{\"access_token\":\"");
    buffer_add(&body, access);
    buffer_add_text(&body, "\",\"token_type\":\"Bearer\",\"expires_in\":");
    buffer_add_number(&body, grant->question->settings->lifetime);
    buffer_add_text(&body, ",\"refresh_token\":\"");
    buffer_add(&body, refresh);
    buffer_add_text(&body, "\"}");
    answer->body = buffer_bytes(&body);
    return !body.overflow;
}

static void refuse(struct admission *admission)
{
    if (admission->outcome != ADMISSION_ACCEPTED) return;
    admission->outcome = ADMISSION_REFUSED;
    admission->refusal = REFUSAL_PROOF_MALFORMED;
}

void app_grant(const struct app_grant_question *question, struct admission *admission, struct answer *answer)
{
    struct grant grant = {.question = question};
    *admission = (struct admission){.outcome = ADMISSION_ACCEPTED, .format = ANSWER_APIG, .now = question->now};
    enum grant_error error = read_request(&grant);
    if (error == GRANT_GOOD) error = check_client(&grant, admission);
    if (admission->outcome == ADMISSION_FAULT) return;
    if (error == GRANT_GOOD && is_refresh(&grant)) error = check_refresh(&grant);
    if (error == GRANT_GOOD && !write_tokens(&grant, answer)) error = GRANT_TOO_COMPLEX;
    if (error == GRANT_GOOD) return;
    refuse(admission);
    write_error(question, error, answer);
}
