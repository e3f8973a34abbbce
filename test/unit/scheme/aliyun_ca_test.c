#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scheme/scheme.h"
#include "support/sample.h"

static const struct scheme *const scheme = &scheme_aliyun_ca;
static struct sample sample;

/* Header lines, then the body if any. */
static enum refusal read_with(const char *target, const char *lines)
{
    static char raw[16384];
    snprintf(raw, sizeof raw, "POST %s HTTP/1.1\n%s", target, lines);
    return sample_read(&sample, scheme, raw);
}

static void assert_refused(enum refusal actual, enum refusal expected, const char *field)
{
    assert_string_equal(refusal_name(actual), refusal_name(expected));
    assert_bytes(sample.claim.field, field);
}

#define KEY "x-ca-key: k\nx-ca-signature: s\n"

static void the_documented_example(void **state)
{
    (void)state;
    enum refusal refusal = sample_read(&sample, scheme,
                                       "GET /get HTTP/1.1\nHost: gw.example.com\nx-ca-timestamp: 1525872629832\nx-ca-key: 203753385\n"
                                       "x-ca-nonce: c9f15cbf-f4ac-4a6c-b54d-f51abf4b5b44\nx-ca-stage: RELEASE\naccept: application/json\n"
                                       "x-ca-signature-headers: x-ca-key,x-ca-nonce,x-ca-stage,x-ca-timestamp\n"
                                       "x-ca-signature: kkEHvjEEsy9+kHkQTKuHJBvQ1X12oGol0ZgKQJ6o2Yc=\n\n");
    assert_int_equal(refusal, REFUSAL_NONE);
    assert_bytes(sample.claim.key_id, "203753385");
    assert_int_equal(sample.claim.time, 1525872629);
    assert_true(sample.claim.timed && sample.claim.time_is_signed);
    assert_int_equal(sample.claim.hash, DIGEST_SHA256);
    assert_int_equal(sample.claim.body_in_proof | sample.claim.body_after, BODY_UNUSED);
    const char *text = sample_text(&sample, 0);
    assert_string_equal(text, "GET\napplication/json\n\n\n\nx-ca-key:203753385\nx-ca-nonce:c9f15cbf-f4ac-4a6c-b54d-f51abf4b5b44\n"
                              "x-ca-stage:RELEASE\nx-ca-timestamp:1525872629832\n/get");
    uint8_t memory[64];
    struct buffer signature = buffer_over(memory, sizeof memory);
    scheme->signature(&sample.claim, &(struct hmac_secret){.text = BYTES("test-app-secret-0123456789abcdef")}, bytes_of_text(text),
                      &signature);
    assert_bytes(buffer_bytes(&signature), "kkEHvjEEsy9+kHkQTKuHJBvQ1X12oGol0ZgKQJ6o2Yc=");
    for (unsigned i = 1; i < scheme->candidate_count; i++) assert_null(sample_text(&sample, i));
}

static void present_when_key_or_signature_is_there(void **state)
{
    (void)state;
    struct place place = scheme_default_place(SCHEME_ALIYUN_CA);
    sample_set(&sample, "GET / HTTP/1.1\nX-CA-KEY: a\n\n");
    assert_int_equal(scheme->present(&sample.request, &place), 1);
    sample_set(&sample, "GET / HTTP/1.1\nX-Ca-Signature: a\n\n");
    assert_int_equal(scheme->present(&sample.request, &place), 1);
    sample_set(&sample, "GET / HTTP/1.1\nX-Ca-Key: a\nX-Ca-Signature: a\nx-ca-signature: a\n\n");
    assert_int_equal(scheme->present(&sample.request, &place), 2);
    sample_set(&sample, "GET / HTTP/1.1\nX-Ca-Stage: a\nX-Ca-Signature-Headers: a\n\n");
    assert_int_equal(scheme->present(&sample.request, &place), 0);
}

static void refusals_of_the_claim(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        enum refusal refusal;
        const char *field;
    } cases[] = {
        {"x-ca-signature: s\n\n", REFUSAL_KEY_MISSING, "X-Ca-Key"},
        {"x-ca-key:\nx-ca-signature: s\n\n", REFUSAL_KEY_MISSING, "X-Ca-Key"},
        {"x-ca-key: a b\nx-ca-signature: s\n\n", REFUSAL_PROOF_MALFORMED, "X-Ca-Key"},
        {"x-ca-key: k\n\n", REFUSAL_SIGNATURE_MISSING, "X-Ca-Signature"},
        {"x-ca-key: k\nx-ca-signature:\n\n", REFUSAL_SIGNATURE_MISSING, "X-Ca-Signature"},
        {KEY "X-Ca-Key: k\n\n", REFUSAL_PROOF_AMBIGUOUS, "X-Ca-Key"},
        {KEY "X-Ca-Signature: s\n\n", REFUSAL_PROOF_AMBIGUOUS, "X-Ca-Signature"},
        {KEY "x-ca-signature-headers: a\nx-ca-signature-headers: b\n\n", REFUSAL_SIGNED_FIELD_MISSING, "X-Ca-Signature-Headers"},
        {KEY "x-ca-timestamp: 1\nx-ca-timestamp: 2\n\n", REFUSAL_SIGNED_FIELD_MISSING, "X-Ca-Timestamp"},
        {KEY "x-ca-nonce: 1\nx-ca-nonce: 2\n\n", REFUSAL_SIGNED_FIELD_MISSING, "X-Ca-Nonce"},
        {KEY "accept: 1\naccept: 2\n\n", REFUSAL_SIGNED_FIELD_MISSING, "Accept"},
        {KEY "content-md5: 1\ncontent-md5: 2\n\n", REFUSAL_SIGNED_FIELD_MISSING, "Content-MD5"},
        {KEY "x-ca-signature-method: HmacMD5\n\n", REFUSAL_ALGORITHM_UNKNOWN, "X-Ca-Signature-Method"},
        {KEY "x-ca-signature-method: hmacsha256\n\n", REFUSAL_ALGORITHM_UNKNOWN, "X-Ca-Signature-Method"},
        {KEY "x-ca-signature-method:\n\n", REFUSAL_ALGORITHM_UNKNOWN, "X-Ca-Signature-Method"},
        {KEY "x-ca-signature-headers: x-a\nx-a: 1\nX-A: 2\n\n", REFUSAL_SIGNED_FIELD_MISSING, "x-a"},
        {KEY "x-ca-signature-headers: x-a,X-A\n\n", REFUSAL_PROOF_MALFORMED, "X-Ca-Signature-Headers"},
        {KEY "x-ca-signature-headers: x-a,/path\n\n", REFUSAL_PROOF_MALFORMED, "X-Ca-Signature-Headers"},
        {KEY "x-ca-signature-headers: x a\n\n", REFUSAL_PROOF_MALFORMED, "X-Ca-Signature-Headers"},
        {KEY "x-ca-timestamp: 15a\nx-ca-signature-headers: x-ca-timestamp\n\n", REFUSAL_DATE_MALFORMED, "X-Ca-Timestamp"},
        {KEY "x-ca-timestamp: -1\nx-ca-signature-headers: x-ca-timestamp\n\n", REFUSAL_DATE_MALFORMED, "X-Ca-Timestamp"},
        {KEY "date: yesterday\n\n", REFUSAL_DATE_MALFORMED, "Date"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(read_with("/", cases[i].lines), cases[i].refusal, cases[i].field);
}

static void too_many_names_are_too_complex(void **state)
{
    (void)state;
    static char lines[2048];
    size_t length = (size_t)snprintf(lines, sizeof lines, KEY "x-ca-signature-headers: a");
    for (int i = 0; i < 64; i++) length += (size_t)snprintf(lines + length, sizeof lines - length, ",n%d", i);
    snprintf(lines + length, sizeof lines - length, "\n\n");
    assert_refused(read_with("/", lines), REFUSAL_REQUEST_TOO_COMPLEX, "X-Ca-Signature-Headers");
}

static void times(void **state)
{
    (void)state;
    assert_int_equal(read_with("/", KEY "\n"), REFUSAL_NONE);
    assert_false(sample.claim.timed);
    assert_int_equal(read_with("/", KEY "x-ca-timestamp: 1525872629832\n\n"), REFUSAL_NONE);
    assert_true(sample.claim.timed);
    assert_false(sample.claim.time_is_signed);
    assert_int_equal(read_with("/", KEY "x-ca-timestamp: 1525872629\nx-ca-signature-headers: X-Ca-Timestamp\n\n"), REFUSAL_NONE);
    assert_true(sample.claim.time_is_signed);
    assert_int_equal(sample.claim.time, 1525872629);
    assert_int_equal(read_with("/", KEY "date: Wed, 09 May 2018 13:30:29 GMT+00:00\n\n"), REFUSAL_NONE);
    assert_true(sample.claim.time_is_signed);
    assert_int_equal(sample.claim.time, 1525872629);
    /* A timestamp that is declared goes before a date; one that is not does not. */
    assert_int_equal(
        read_with("/", KEY "date: Wed, 09 May 2018 13:30:29 GMT\nx-ca-timestamp: 1000\nx-ca-signature-headers: x-ca-timestamp\n\n"),
        REFUSAL_NONE);
    assert_int_equal(sample.claim.time, 1000);
    assert_int_equal(read_with("/", KEY "date: Wed, 09 May 2018 13:30:29 GMT\nx-ca-timestamp: 1000\n\n"), REFUSAL_NONE);
    assert_int_equal(sample.claim.time, 1525872629);
}

static void methods_choose_the_hash(void **state)
{
    (void)state;
    assert_int_equal(read_with("/", KEY "x-ca-signature-method: HmacSHA1\n\n"), REFUSAL_NONE);
    assert_int_equal(sample.claim.hash, DIGEST_SHA1);
    assert_int_equal(read_with("/", KEY "x-ca-signature-method: HmacSHA256\n\n"), REFUSAL_NONE);
    assert_int_equal(sample.claim.hash, DIGEST_SHA256);
}

static void names_stand_as_declared_or_in_lower_case(void **state)
{
    (void)state;
    assert_int_equal(read_with("/p", KEY "Accept: a\nX-B: 2\nx-a: 1\nx-ca-signature-headers: x-a, X-B,,Accept , X-None\n\n"), REFUSAL_NONE);
    assert_string_equal(sample_text(&sample, 0), "POST\na\n\n\n\nAccept:a\nX-B:2\nX-None:\nx-a:1\n/p");
    assert_string_equal(sample_text(&sample, 1), "POST\na\n\n\n\nx-a:1\nx-b:2\nx-none:\n/p");
    assert_null(sample_text(&sample, 2));
}

static void the_signed_content_type_replaces_the_real_one(void **state)
{
    (void)state;
    assert_int_equal(
        read_with("/p", KEY "Content-Type: multipart/form-data; boundary=x\nX-Ca-Signed-Content-Type: multipart/form-data\n\n"),
        REFUSAL_NONE);
    assert_string_equal(sample_text(&sample, 0), "POST\n\n\nmultipart/form-data\n\n/p");
    assert_int_equal(read_with("/p", KEY "Content-Type: application/x-www-form-urlencoded\nX-Ca-Signed-Content-Type: a/b\n\nx=1"),
                     REFUSAL_NONE);
    assert_int_equal(sample.claim.body_in_proof, BODY_FORM);
    assert_string_equal(sample_text(&sample, 0), "POST\n\n\na/b\n\n/p?x=1");
}

#define DISOWNED "Content-Type: a/b\nX-Ca-Signed-Content-Type: application/x-www-form-urlencoded\n"

static void a_form_is_not_disowned_by_a_header_that_is_not_signed(void **state)
{
    (void)state;
    assert_refused(read_with("/p?x=1", KEY DISOWNED "\n{}"), REFUSAL_SIGNED_FIELD_MISSING, "X-Ca-Signed-Content-Type");
    assert_int_equal(read_with("/p?x=1", KEY DISOWNED "X-Ca-Signature-Headers: x-ca-signed-content-type\n\n{}"), REFUSAL_NONE);
}

#define FORM KEY "Content-Type: application/x-www-form-urlencoded; charset=utf-8\n\n"
#define HEAD "POST\n\n\napplication/x-www-form-urlencoded; charset=utf-8\n\n"

static void parameters_in_the_forms(void **state)
{
    (void)state;
    assert_int_equal(read_with("/p?b=2+3&a=%E4%BD%A0&e=&n", KEY "\n"), REFUSAL_NONE);
    assert_string_equal(sample_text(&sample, 0), "POST\n\n\n\n\n/p?a=\xe4\xbd\xa0&b=2 3&e&n");
    assert_string_equal(sample_text(&sample, 1), "POST\n\n\n\n\n/p?a=\xe4\xbd\xa0&b=2+3&e=&n=");
    assert_null(sample_text(&sample, 2));
    assert_null(sample_text(&sample, 3));

    assert_int_equal(read_with("/p?b=2", FORM "a=1+2&na+me&%62=9"), REFUSAL_NONE);
    assert_string_equal(sample_text(&sample, 0), HEAD "/p?a=1 2&b=2&na+me");
    assert_string_equal(sample_text(&sample, 1), HEAD "/p?a=1+2&b=2&na+me=");
}

static void decoded_paths(void **state)
{
    (void)state;
    assert_int_equal(read_with("/%E4%BD%A0%2f%5C+%2B%25E4?a", KEY "\n"), REFUSAL_NONE);
    assert_string_equal(sample_text(&sample, 0), "POST\n\n\n\n\n/%E4%BD%A0%2f%5C+%2B%25E4?a");
    assert_string_equal(sample_text(&sample, 3), "POST\n\n\n\n\n/\xe4\xbd\xa0%2f%5C++%E4?a");
    assert_string_equal(sample_text(&sample, 4), "POST\n\n\n\n\n/\xe4\xbd\xa0%2f%5C++%E4?a=");
    assert_int_equal(read_with("/%E4%BD?a=1", KEY "\n"), REFUSAL_NONE);
    assert_null(sample_text(&sample, 3));
    assert_int_equal(read_with("/%41?a=1", KEY "\n"), REFUSAL_NONE);
    assert_string_equal(sample_text(&sample, 3), "POST\n\n\n\n\n/A?a=1");
    assert_null(sample_text(&sample, 4));
    assert_int_equal(read_with("/a%3Fb", KEY "\n"), REFUSAL_NONE);
    assert_string_equal(sample_text(&sample, 3), "POST\n\n\n\n\n/a?b");
    /* Decoded, it would be the text of "/a?x=1". */
    assert_int_equal(read_with("/a%3Fx=1", KEY "\n"), REFUSAL_NONE);
    assert_null(sample_text(&sample, 3));
    assert_null(sample_text(&sample, 4));
}

static enum refusal check(const struct admission_rules *rules, const struct body_facts *facts, struct bytes *field)
{
    struct scheme_input input = {&sample.request, &sample.claim, facts, &sample.arena, field, NULL};
    *field = BYTES("");
    return scheme->check_body(&input, rules);
}

static void content_md5_is_compared(void **state)
{
    (void)state;
    struct admission_rules rules = {0};
    struct bytes field;
    assert_int_equal(read_with("/", KEY "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==\n\n"), REFUSAL_NONE);
    assert_int_equal(sample.claim.body_after, BODY_MD5);
    struct body_facts facts = body_empty();
    assert_int_equal(check(&rules, &facts, &field), REFUSAL_NONE);
    facts = body_facts_of(BYTES("x"));
    assert_int_equal(check(&rules, &facts, &field), REFUSAL_BODY_DIGEST_MISMATCH);
    assert_bytes(field, "Content-MD5");
}

static void content_md5_can_be_demanded(void **state)
{
    (void)state;
    struct admission_rules rules = {.require_body_digest = true};
    struct bytes field;
    struct body_facts facts = body_facts_of(BYTES("x"));
    assert_int_equal(read_with("/", KEY "\n"), REFUSAL_NONE);
    assert_int_equal(check(&rules, &facts, &field), REFUSAL_BODY_DIGEST_MISSING);
    assert_bytes(field, "Content-MD5");
    assert_int_equal(check(&rules, NULL, &field), REFUSAL_BODY_DIGEST_MISSING);
    facts = body_empty();
    assert_int_equal(check(&rules, &facts, &field), REFUSAL_NONE);
    assert_int_equal(read_with("/", FORM "x=1"), REFUSAL_NONE);
    facts = body_facts_of(sample.body);
    assert_int_equal(check(&rules, &facts, &field), REFUSAL_NONE);
}

static void repeated_names_are_refused_unless_accepted(void **state)
{
    (void)state;
    static const char *const targets[] = {"/?a=1&a=2", "/?a=1&b=2&a", "/?a=1&%61=1", "/?a+b=1&a%20b=2", "/?a+b=1&a%2Bb=2"};
    struct admission_rules strict = {0}, lenient = {.accept_repeated_names = true};
    struct bytes field;
    struct body_facts facts = body_empty();
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        assert_int_equal(read_with(targets[i], KEY "\n"), REFUSAL_NONE);
        assert_int_equal(check(&strict, &facts, &field), REFUSAL_NAME_REPEATED);
        assert_int_equal(field.data[0], 'a');
        assert_int_equal(check(&lenient, &facts, &field), REFUSAL_NONE);
    }
    assert_int_equal(read_with("/?a=1&b=1", KEY "\n"), REFUSAL_NONE);
    assert_int_equal(check(&strict, &facts, &field), REFUSAL_NONE);
    assert_int_equal(read_with("/?a=1", FORM "a=2"), REFUSAL_NONE);
    facts = body_facts_of(sample.body);
    assert_int_equal(check(&strict, &facts, &field), REFUSAL_NAME_REPEATED);
    assert_string_equal(sample_text(&sample, 0), HEAD "/?a=1");
}

static void a_form_whose_body_is_not_known_has_no_text(void **state)
{
    (void)state;
    assert_int_equal(read_with("/", FORM "x=1"), REFUSAL_NONE);
    struct scheme_input input = {&sample.request, &sample.claim, NULL, &sample.arena, NULL, NULL};
    struct buffer text = buffer_in(&sample.arena, 4096);
    (void)scheme->canonical(&input, 0, &text);
    assert_true(text.overflow);
}

/* Puts the fields of `signed_fields` behind those of the sample, as the client sends them. */
static void send_signed(const struct signed_fields *signed_fields)
{
    struct http_field *fields = arena_take_array(&sample.arena, sample.request.field_count + signed_fields->count, sizeof *fields);
    size_t count = 0;
    for (size_t i = 0; i < sample.request.field_count; i++) fields[count++] = sample.request.fields[i];
    for (size_t i = 0; i < signed_fields->count; i++) fields[count++] = signed_fields->items[i];
    sample.request.fields = fields;
    sample.request.field_count = count;
    sample.place = scheme_default_place(SCHEME_ALIYUN_CA);
    sample.claim = (struct claim){.scheme = scheme, .place = &sample.place};
}

static void signing_is_what_reading_verifies(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "GET /a%20b?x=1&y= HTTP/1.1\nHost: h\nAccept: */*\nX-Stage: RELEASE\n\n",
        "POST /a HTTP/1.1\nHost: h\nContent-Type: application/json\nX-Stage: x\n\n{}",
        "POST /a?q=1 HTTP/1.1\nHost: h\nContent-Type: application/x-www-form-urlencoded\nX-Stage: x\n\na=1+2&b",
    };
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        sample_set(&sample, requests[i]);
        struct body_facts facts = body_facts_of(sample.body);
        struct bytes name = BYTES("X-Stage");
        struct signing signing = {.request = &sample.request, .body = &facts, .key_id = BYTES("k"), .secret.text = BYTES("secret")};
        signing.now = 1525872629;
        signing.nonce = BYTES("n");
        signing.hash = i == 1 ? DIGEST_SHA1 : DIGEST_NONE;
        signing.names = &name;
        signing.name_count = 1;
        struct signed_fields fields;
        assert_true(scheme->sign(&signing, &sample.arena, &fields));
        send_signed(&fields);
        assert_int_equal(scheme->read(&sample.request, &sample.arena, &sample.claim), REFUSAL_NONE);
        assert_true(sample.claim.time_is_signed);
        uint8_t memory[64];
        struct buffer signature = buffer_over(memory, sizeof memory);
        scheme->signature(&sample.claim, &(struct hmac_secret){.text = BYTES("secret")}, bytes_of_text(sample_text(&sample, 0)),
                          &signature);
        assert_true(bytes_equal(buffer_bytes(&signature), sample.claim.proof));
        assert_int_equal(http_field_count(&sample.request, BYTES("Content-MD5")), i == 1);
    }
}

static void signing_needs_a_secret_a_key_and_room(void **state)
{
    (void)state;
    sample_set(&sample, "GET / HTTP/1.1\nHost: h\n\n");
    struct body_facts facts = body_empty();
    struct signed_fields fields;
    struct signing signing = {.request = &sample.request, .body = &facts, .key_id = BYTES("k"), .secret.text = BYTES("s")};
    assert_true(scheme->sign(&signing, &sample.arena, &fields));
    signing.secret.text = BYTES("");
    assert_false(scheme->sign(&signing, &sample.arena, &fields));
    signing.secret.text = BYTES("s");
    signing.key_id = BYTES("");
    assert_false(scheme->sign(&signing, &sample.arena, &fields));
    signing.key_id = BYTES("k");
    struct arena full = {0};
    assert_false(scheme->sign(&signing, &full, &fields));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_example),
        cmocka_unit_test(present_when_key_or_signature_is_there),
        cmocka_unit_test(refusals_of_the_claim),
        cmocka_unit_test(too_many_names_are_too_complex),
        cmocka_unit_test(times),
        cmocka_unit_test(methods_choose_the_hash),
        cmocka_unit_test(names_stand_as_declared_or_in_lower_case),
        cmocka_unit_test(the_signed_content_type_replaces_the_real_one),
        cmocka_unit_test(parameters_in_the_forms),
        cmocka_unit_test(a_form_is_not_disowned_by_a_header_that_is_not_signed),
        cmocka_unit_test(decoded_paths),
        cmocka_unit_test(content_md5_is_compared),
        cmocka_unit_test(content_md5_can_be_demanded),
        cmocka_unit_test(repeated_names_are_refused_unless_accepted),
        cmocka_unit_test(a_form_whose_body_is_not_known_has_no_text),
        cmocka_unit_test(signing_is_what_reading_verifies),
        cmocka_unit_test(signing_needs_a_secret_a_key_and_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
