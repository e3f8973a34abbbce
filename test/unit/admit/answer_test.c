#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "admit/answer.h"
#include "base/json.h"
#include "support/sample.h"

#define ID "0123456789abcdef0123456789abcdef"

static _Alignas(16) uint8_t memory[512 * 1024];
static struct arena arena;
static struct publication publication;
static struct admission admission;
static struct answer answer;

static int set_up(void **state)
{
    (void)state;
    arena = arena_over(memory, sizeof memory);
    publication = (struct publication){.plan = {.auth_type = AUTH_TYPE_APP}};
    assert_true(proof_plan_add(&publication.plan, scheme_default_place(SCHEME_SDK_HMAC_SHA256)));
    admission = (struct admission){.outcome = ADMISSION_REFUSED, .proven = true, .now = 1573789015};
    return 0;
}

static void write_answer(enum answer_format format, enum refusal refusal)
{
    admission.format = format;
    admission.refusal = refusal;
    answer_write(&admission, &publication, BYTES(ID), &arena, &answer);
}

static struct bytes field_value(const char *name)
{
    for (size_t i = 0; i < answer.field_count; i++)
        if (bytes_equal(answer.fields[i].name, bytes_of_text(name))) return answer.fields[i].value;
    return BYTES("(absent)");
}

static void assert_apig(unsigned status, const char *code, const char *message)
{
    static char body[32 * 1024];
    snprintf(body, sizeof body, "{\"error_msg\":\"%s\",\"error_code\":\"%s\",\"request_id\":\"" ID "\"}", message, code);
    assert_int_equal(answer.status, status);
    assert_bytes(answer.body, body);
    assert_bytes(answer.content_type, "application/json");
    assert_bytes(field_value("X-Request-Id"), ID);
}

static void assert_ca(unsigned status, const char *code, const char *message)
{
    assert_int_equal(answer.status, status);
    assert_int_equal(answer.body.length, 0);
    assert_bytes(field_value("X-Ca-Request-Id"), ID);
    assert_bytes(field_value("X-Ca-Error-Code"), code);
    assert_bytes(field_value("X-Ca-Error-Message"), message);
}

static bool contains(struct bytes text, const char *part)
{
    return text.length > 0 && memmem(text.data, text.length, part, strlen(part)) != NULL;
}

static void a_mismatch_shows_the_text(void **state)
{
    (void)state;
    admission.canonical = BYTES("GET\n/a/\n\nhost:h\n\nhost\ne3b0");
    write_answer(ANSWER_APIG, REFUSAL_SIGNATURE_MISMATCH);
    assert_apig(401, "APIG.0303",
                "Incorrect app authentication information: verify signature fail, canonicalRequest:GET|/a/||host:h||host|e3b0");
    publication.plan.auth_type = AUTH_TYPE_IAM;
    write_answer(ANSWER_APIG, REFUSAL_SIGNATURE_MISMATCH);
    assert_apig(401, "APIG.0301",
                "Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:GET|/a/||host:h||host|e3b0");
    write_answer(ANSWER_CA, REFUSAL_SIGNATURE_MISMATCH);
    assert_ca(403, "A403IS", "Invalid Signature, Server StringToSign:`GET#/a/##host:h##host#e3b0`");
}

static void the_text_can_be_hidden(void **state)
{
    (void)state;
    admission.canonical = BYTES("GET\n/a");
    publication.rules.hide_hint = true;
    write_answer(ANSWER_APIG, REFUSAL_SIGNATURE_MISMATCH);
    assert_apig(401, "APIG.0303", "Incorrect app authentication information: verify signature fail");
    write_answer(ANSWER_CA, REFUSAL_SIGNATURE_MISMATCH);
    assert_ca(403, "A403IS", "Invalid Signature");
}

static void a_text_cannot_end_a_header(void **state)
{
    (void)state;
    admission.canonical = BYTES("a\r\nb\tc\x7f"
                                "d\x01");
    write_answer(ANSWER_CA, REFUSAL_SIGNATURE_MISMATCH);
    assert_ca(403, "A403IS", "Invalid Signature, Server StringToSign:`a%0D#b%09c%7Fd%01`");
    admission.canonical = BYTES("/\xe4\xbd\xa0");
    write_answer(ANSWER_CA, REFUSAL_SIGNATURE_MISMATCH);
    assert_ca(403, "A403IS", "Invalid Signature, Server StringToSign:`/\xe4\xbd\xa0`");
    admission.canonical = BYTES("/\xe4\xbd");
    write_answer(ANSWER_CA, REFUSAL_SIGNATURE_MISMATCH);
    assert_ca(403, "A403IS", "Invalid Signature, Server StringToSign:`/%E4%BD`");
}

static void a_long_text_is_cut(void **state)
{
    (void)state;
    static uint8_t longer[100000];
    memset(longer, '\n', sizeof longer);
    admission.canonical = bytes_of(longer, sizeof longer);
    write_answer(ANSWER_CA, REFUSAL_SIGNATURE_MISMATCH);
    struct bytes message = field_value("X-Ca-Error-Message");
    assert_in_range(message.length, 4000, 4096);
    assert_int_equal(message.data[message.length - 1], '`');
    write_answer(ANSWER_APIG, REFUSAL_SIGNATURE_MISMATCH);
    assert_in_range(answer.body.length, 16000, 17000);
}

static void an_expired_date_shows_both_times(void **state)
{
    (void)state;
    admission.claim.time_text = BYTES("20191115T000000Z");
    write_answer(ANSWER_APIG, REFUSAL_DATE_EXPIRED);
    assert_apig(
        401, "APIG.0303",
        "Incorrect app authentication information: signature expired, signature time:20191115T000000Z,server time:20191115T033655Z");
    publication.plan.auth_type = AUTH_TYPE_IAM;
    write_answer(ANSWER_APIG, REFUSAL_DATE_EXPIRED);
    assert_apig(401, "APIG.0301",
                "Incorrect IAM authentication information: calc aksk signature fail:signature expired, signature "
                "time:20191115T000000Z,server time:20191115T033655Z");
    write_answer(ANSWER_CA, REFUSAL_DATE_EXPIRED);
    assert_ca(403, "S403TE", "X-Ca-Timestamp is expired, server time:2019-11-15T03:36:55Z");
}

static void an_unknown_key_is_named(void **state)
{
    (void)state;
    admission.claim.key_id = BYTES("k\"1");
    write_answer(ANSWER_APIG, REFUSAL_KEY_UNKNOWN);
    assert_apig(401, "APIG.0303", "Incorrect app authentication information: app not found, appkey k\\\"1");
    publication.plan.auth_type = AUTH_TYPE_IAM;
    write_answer(ANSWER_APIG, REFUSAL_KEY_UNKNOWN);
    assert_apig(401, "APIG.0301", "Incorrect IAM authentication information: ak k\\\"1 not exist");
    write_answer(ANSWER_CA, REFUSAL_KEY_UNKNOWN);
    assert_ca(400, "A400IK", "Invalid AppKey");
}

static void an_api_key_is_never_echoed(void **state)
{
    (void)state;
    admission.claim.proof = BYTES("the-secret-key");
    for (int refusal = 1; refusal < REFUSAL_COUNT; refusal++) {
        for (int format = ANSWER_APIG; format <= ANSWER_BCE; format++) {
            write_answer((enum answer_format)format, (enum refusal)refusal);
            assert_false(contains(answer.body, "the-secret-key"));
            assert_false(contains(field_value("X-Ca-Error-Message"), "the-secret-key"));
            arena_reset(&arena);
        }
    }
}

static void only_the_holder_learns_what_is_wrong_with_his_key(void **state)
{
    (void)state;
    static const enum refusal hidden[] = {REFUSAL_SCHEME_NOT_ALLOWED,    REFUSAL_CREDENTIAL_DISABLED, REFUSAL_CREDENTIAL_NOT_YET_VALID,
                                          REFUSAL_CREDENTIAL_EXPIRED,    REFUSAL_PRINCIPAL_DISABLED,  REFUSAL_NOT_AUTHORISED,
                                          REFUSAL_AUTHORISATION_EXPIRED, REFUSAL_USER_TOKEN_STALE,    REFUSAL_SECURITY_TOKEN};
    admission.claim.key_id = BYTES("k");
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        admission.proven = false;
        write_answer(ANSWER_APIG, hidden[i]);
        assert_apig(401, "APIG.0303", "Incorrect app authentication information: app not found, appkey k");
        write_answer(ANSWER_CA, hidden[i]);
        assert_ca(400, "A400IK", "Invalid AppKey");
        admission.proven = true;
        write_answer(ANSWER_CA, hidden[i]);
        assert_false(bytes_equal(field_value("X-Ca-Error-Message"), BYTES("Invalid AppKey")));
    }
    write_answer(ANSWER_APIG, REFUSAL_NOT_AUTHORISED);
    assert_apig(403, "APIG.0304", "The app is not authorized to access the API.");
    publication.plan.auth_type = AUTH_TYPE_IAM;
    write_answer(ANSWER_APIG, REFUSAL_NOT_AUTHORISED);
    assert_apig(403, "APIG.0302", "The IAM user is not authorized to access the API.");
}

static void a_limit_is_told_with_the_time_to_wait(void **state)
{
    (void)state;
    static const struct throttled minute = {THROTTLE_APP, 5, 60, 42}, odd = {THROTTLE_IP, 2147483647, 90, 90},
                                  days = {THROTTLE_API, 1, 172800, 1};
    admission.throttled = &minute;
    write_answer(ANSWER_APIG, REFUSAL_THROTTLED);
    assert_apig(429, "APIG.0308", "The throttling threshold has been reached: policy app over ratelimit,limit:5,time:1 minute");
    assert_bytes(field_value("Retry-After"), "42");
    write_answer(ANSWER_CA, REFUSAL_THROTTLED);
    assert_ca(429, "T429PA", "Throttled by APP Flow Control");
    assert_bytes(field_value("Retry-After"), "42");
    write_answer(ANSWER_BCE, REFUSAL_THROTTLED);
    assert_int_equal(answer.status, 429);
    assert_bytes(field_value("X-Bce-Error-Code"), "OverRateLimit");
    assert_bytes(field_value("Retry-After"), "42");
    admission.throttled = &odd;
    write_answer(ANSWER_APIG, REFUSAL_THROTTLED);
    assert_apig(429, "APIG.0308", "The throttling threshold has been reached: policy ip over ratelimit,limit:2147483647,time:90 second");
    admission.throttled = &days;
    write_answer(ANSWER_APIG, REFUSAL_THROTTLED);
    assert_apig(429, "APIG.0308", "The throttling threshold has been reached: policy api over ratelimit,limit:1,time:2 day");
}

/* huawei.md 2.1 */
static void tokens_of_users_have_words_of_their_own(void **state)
{
    (void)state;
    publication.plan.auth_type = AUTH_TYPE_IAM;
    write_answer(ANSWER_APIG, REFUSAL_PROOF_MISSING);
    assert_apig(401, "APIG.0301", "Incorrect IAM authentication information: x-auth-token not found");
    admission.claim.scheme = &scheme_auth_token;
    admission.proven = true;
    write_answer(ANSWER_APIG, REFUSAL_KEY_MISSING);
    assert_apig(401, "APIG.0301", "Incorrect IAM authentication information: x-auth-token not found");
    write_answer(ANSWER_APIG, REFUSAL_KEY_UNKNOWN);
    assert_apig(401, "APIG.0301", "Incorrect IAM authentication information: decrypt token fail");
    write_answer(ANSWER_APIG, REFUSAL_CREDENTIAL_EXPIRED);
    assert_apig(401, "APIG.0301", "Incorrect IAM authentication information: token expires");
    write_answer(ANSWER_APIG, REFUSAL_USER_TOKEN_STALE);
    assert_apig(401, "APIG.0307", "The token must be updated.");
}

static void the_field_at_fault_is_named(void **state)
{
    (void)state;
    admission.claim.field = BYTES("x-a");
    write_answer(ANSWER_APIG, REFUSAL_SIGNED_FIELD_MISSING);
    assert_apig(401, "APIG.0303", "Incorrect app authentication information: signed header x-a is missing or repeated");
    write_answer(ANSWER_CA, REFUSAL_SIGNED_FIELD_MISSING);
    assert_ca(400, "I400HD", "Invalid Header `x-a` repeated");
    static uint8_t longer[5000];
    memset(longer, 'n', sizeof longer);
    admission.claim.field = bytes_of(longer, sizeof longer);
    write_answer(ANSWER_CA, REFUSAL_NAME_REPEATED);
    assert_true(bytes_start_with(field_value("X-Ca-Error-Message"), BYTES("Invalid parameter `nnn")));
    assert_in_range(field_value("X-Ca-Error-Message").length, 256, 300);
}

static void statuses_and_codes(void **state)
{
    (void)state;
    static const struct {
        enum refusal refusal;
        unsigned apig;
        unsigned ca;
        const char *ca_code;
    } cases[] = {
        {REFUSAL_TARGET_MALFORMED, 400, 400, "I400RU"},
        {REFUSAL_REQUEST_TOO_COMPLEX, 400, 413, "I413UL"},
        {REFUSAL_API_NOT_FOUND, 404, 404, "I404NF"},
        {REFUSAL_PROOF_MISSING, 401, 400, "A400MA"},
        {REFUSAL_PROOF_AMBIGUOUS, 401, 400, "I400HD"},
        {REFUSAL_PROOF_MALFORMED, 401, 400, "I400HD"},
        {REFUSAL_ALGORITHM_UNKNOWN, 401, 400, "I400HD"},
        {REFUSAL_KEY_MISSING, 401, 400, "I400MH"},
        {REFUSAL_SIGNATURE_MISSING, 401, 400, "I400MH"},
        {REFUSAL_SIGNED_FIELD_MISSING, 401, 400, "I400HD"},
        {REFUSAL_DATE_MISSING, 401, 400, "I400MH"},
        {REFUSAL_DATE_MALFORMED, 401, 400, "I400HD"},
        {REFUSAL_DATE_UNSIGNED, 401, 400, "I400HD"},
        {REFUSAL_DATE_EXPIRED, 401, 403, "S403TE"},
        {REFUSAL_SIGNATURE_MISMATCH, 401, 403, "A403IS"},
        {REFUSAL_BODY_TOO_LARGE, 413, 413, "I413RL"},
        {REFUSAL_FORM_TOO_LARGE, 413, 413, "I413RL"},
        {REFUSAL_HTTPS_REQUIRED, 403, 403, "I403PT"},
        {REFUSAL_GRPC_NOT_SERVED, 415, 415, "I403PT"},
        {REFUSAL_PARAMETER_MISSING, 400, 400, "I400MP"},
        {REFUSAL_PARAMETER_INVALID, 400, 400, "I400IP"},
        {REFUSAL_LOOP, 508, 508, "D502FC"},
        {REFUSAL_FORM_MALFORMED, 400, 400, "I400BD"},
        {REFUSAL_BODY_DIGEST_MISSING, 401, 400, "I400MH"},
        {REFUSAL_BODY_DIGEST_MISMATCH, 401, 400, "I400I5"},
        {REFUSAL_PAYLOAD_HEADER_UNSIGNED, 401, 400, "I400HD"},
        {REFUSAL_NAME_REPEATED, 401, 400, "I400IP"},
        {REFUSAL_NONCE_MISSING, 401, 400, "I400NC"},
        {REFUSAL_NONCE_SEEN, 401, 403, "S403NU"},
        {REFUSAL_NONCE_QUOTA, 429, 429, "T429PA"},
        {REFUSAL_REPLAY_MEMORY_FULL, 503, 503, "X503BZ"},
        {REFUSAL_KEY_LOCKED, 401, 403, "A403AC"},
        {REFUSAL_KEY_UNKNOWN, 401, 400, "A400IK"},
        {REFUSAL_SCHEME_NOT_ALLOWED, 401, 400, "A400IK"},
        {REFUSAL_CREDENTIAL_DISABLED, 401, 400, "A400IK"},
        {REFUSAL_CREDENTIAL_NOT_YET_VALID, 401, 400, "A400IK"},
        {REFUSAL_CREDENTIAL_EXPIRED, 401, 400, "A400IK"},
        {REFUSAL_PRINCIPAL_DISABLED, 401, 400, "A400IK"},
        {REFUSAL_NOT_AUTHORISED, 403, 403, "I403AA"},
        {REFUSAL_AUTHORISATION_EXPIRED, 403, 403, "A403EP"},
        {REFUSAL_TOKEN_HEADER, 401, 403, "A403JT"},
        {REFUSAL_TOKEN_KEY_UNKNOWN, 401, 403, "A403JK"},
        {REFUSAL_TOKEN_EXPIRED, 401, 403, "A403JE"},
        {REFUSAL_TOKEN_NOT_YET_VALID, 401, 403, "A403JT"},
        {REFUSAL_TOKEN_CLAIM_MISSING, 401, 403, "A403JT"},
        {REFUSAL_TOKEN_CLAIM_MISMATCH, 401, 403, "A403JT"},
        {REFUSAL_THROTTLED, 429, 429, "T429PA"},
        {REFUSAL_INTERNET_CLOSED, 403, 403, "A403IN"},
        {REFUSAL_INTERNAL_CLOSED, 403, 403, "A403VN"},
        {REFUSAL_ADDRESS_UNKNOWN, 403, 403, "A403IP"},
        {REFUSAL_ADDRESS_DENIED, 403, 403, "A403IP"},
        {REFUSAL_APP_ADDRESS_DENIED, 403, 403, "A403IP"},
        {REFUSAL_USER_TOKEN_STALE, 401, 400, "A400IK"},
        {REFUSAL_SECURITY_TOKEN, 401, 400, "A400IK"},
    };
    assert_int_equal(sizeof cases / sizeof cases[0], REFUSAL_COUNT - 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        arena_reset(&arena);
        write_answer(ANSWER_APIG, cases[i].refusal);
        assert_int_equal(answer.status, cases[i].apig);
        struct json_value whole;
        assert_true(json_read(&arena, answer.body, &whole));
        write_answer(ANSWER_CA, cases[i].refusal);
        assert_int_equal(answer.status, cases[i].ca);
        assert_bytes(field_value("X-Ca-Error-Code"), cases[i].ca_code);
    }
}

static void a_401_carries_a_challenge(void **state)
{
    (void)state;
    write_answer(ANSWER_APIG, REFUSAL_PROOF_MISSING);
    assert_apig(401, "APIG.0303", "Incorrect app authentication information: Authorization header is missing");
    assert_bytes(field_value("WWW-Authenticate"), "SDK-HMAC-SHA256 realm=\"countersign\"");
    assert_true(proof_plan_add(&publication.plan, scheme_default_place(SCHEME_API_KEY)));
    write_answer(ANSWER_APIG, REFUSAL_PROOF_MISSING);
    assert_bytes(field_value("WWW-Authenticate"), "SDK-HMAC-SHA256 realm=\"countersign\", Bearer realm=\"countersign\"");
    publication.plan.places[0] = publication.plan.places[--publication.plan.place_count];
    write_answer(ANSWER_APIG, REFUSAL_PROOF_MISSING);
    assert_bytes(field_value("WWW-Authenticate"), "Bearer realm=\"countersign\"");
    write_answer(ANSWER_APIG, REFUSAL_NOT_AUTHORISED);
    assert_bytes(field_value("WWW-Authenticate"), "(absent)");
}

static void a_fault_is_a_503_without_details(void **state)
{
    (void)state;
    admission.outcome = ADMISSION_FAULT;
    write_answer(ANSWER_APIG, REFUSAL_NONE);
    assert_apig(503, "APIG.0601", "Internal server error.");
    write_answer(ANSWER_CA, REFUSAL_NONE);
    assert_ca(503, "X503BZ", "Service Unavailable");
}

static void failures_of_the_gateway_and_the_backend(void **state)
{
    (void)state;
    static const struct {
        unsigned asked, status;
        const char *apig, *ca;
    } cases[] = {{400, 400, "APIG.0201", "I400HD"}, {404, 400, "APIG.0201", "I400HD"}, {413, 413, "APIG.0201", "I413RL"},
                 {414, 414, "APIG.0201", "I413UL"}, {500, 500, "APIG.0601", "X500ER"}, {502, 502, "APIG.0202", "D502FC"},
                 {503, 503, "APIG.0601", "X503BZ"}, {504, 504, "APIG.0203", "D504TO"}, {599, 500, "APIG.0601", "X500ER"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        answer_write_failure(cases[i].asked, ANSWER_APIG, BYTES(ID), &arena, &answer);
        assert_int_equal(answer.status, cases[i].status);
        assert_true(contains(answer.body, cases[i].apig));
        answer_write_failure(cases[i].asked, ANSWER_CA, BYTES(ID), &arena, &answer);
        assert_int_equal(answer.status, cases[i].status);
        assert_bytes(field_value("X-Ca-Error-Code"), cases[i].ca);
    }
}

static void a_full_arena_still_answers(void **state)
{
    (void)state;
    arena = arena_over(NULL, 0);
    write_answer(ANSWER_APIG, REFUSAL_REQUEST_TOO_COMPLEX);
    assert_int_equal(answer.status, 400);
    assert_bytes(answer.body, "{\"error_msg\":\"API request error.\",\"error_code\":\"APIG.0201\"}");
    write_answer(ANSWER_CA, REFUSAL_NAME_REPEATED);
    assert_bytes(field_value("X-Ca-Error-Message"), "Invalid parameter `");
    write_answer(ANSWER_CA, REFUSAL_REQUEST_TOO_COMPLEX);
    assert_bytes(field_value("X-Ca-Error-Message"), "Request URL too Large");
}

static void the_format_is_guessed_from_the_headers(void **state)
{
    (void)state;
    struct http_field fields[] = {{BYTES("Host"), BYTES("h")}, {BYTES("x-ca-stage"), BYTES("")}};
    struct http_request request = {.fields = fields, .field_count = 1};
    assert_int_equal(answer_format_of(&request), ANSWER_APIG);
    request.field_count = 2;
    assert_int_equal(answer_format_of(&request), ANSWER_CA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_mismatch_shows_the_text, set_up),
        cmocka_unit_test_setup(the_text_can_be_hidden, set_up),
        cmocka_unit_test_setup(a_text_cannot_end_a_header, set_up),
        cmocka_unit_test_setup(a_long_text_is_cut, set_up),
        cmocka_unit_test_setup(an_expired_date_shows_both_times, set_up),
        cmocka_unit_test_setup(an_unknown_key_is_named, set_up),
        cmocka_unit_test_setup(an_api_key_is_never_echoed, set_up),
        cmocka_unit_test_setup(only_the_holder_learns_what_is_wrong_with_his_key, set_up),
        cmocka_unit_test_setup(a_limit_is_told_with_the_time_to_wait, set_up),
        cmocka_unit_test_setup(the_field_at_fault_is_named, set_up),
        cmocka_unit_test_setup(tokens_of_users_have_words_of_their_own, set_up),
        cmocka_unit_test_setup(statuses_and_codes, set_up),
        cmocka_unit_test_setup(a_401_carries_a_challenge, set_up),
        cmocka_unit_test_setup(a_fault_is_a_503_without_details, set_up),
        cmocka_unit_test_setup(failures_of_the_gateway_and_the_backend, set_up),
        cmocka_unit_test_setup(a_full_arena_still_answers, set_up),
        cmocka_unit_test_setup(the_format_is_guessed_from_the_headers, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
