#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scheme/scheme.h"
#include "support/sample.h"

/* The worked example of a backend key, accepted by the vendor's own verifier (baidu.md 2.4). */
#define KEY    "8c1f6f0e6d8e4f6bb1a4f3b8a7c2d9e0"
#define SECRET "4f0d2c7e9b8a1635f0e1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a493827"
#define TIME   "2023-11-14T22:13:20Z"
#define SIG    "dddcfec9f68ed9883ff5541970c2eb8b1ea968ac6b684c6b3928397bc85d9495"
#define PROOF  "bce-auth-v1/" KEY "/" TIME "/1800/content-length;content-type;host/" SIG

static const struct scheme *const scheme = &scheme_bce_auth_v1;
static struct sample sample;

static enum refusal read_proof(const char *proof)
{
    static char raw[4096];
    snprintf(raw, sizeof raw, "GET /a HTTP/1.1\nHost: h\nX-Bce-Signature: %s\n\n", proof);
    return sample_read(&sample, scheme, raw);
}

static void assert_refused(enum refusal actual, enum refusal expected, const char *field)
{
    assert_string_equal(refusal_name(actual), refusal_name(expected));
    assert_bytes(sample.claim.field, field);
}

static void the_worked_example(void **state)
{
    (void)state;
    enum refusal refusal = sample_read(&sample, scheme,
                                       "POST /backend/orders HTTP/1.1\nHost: orders.internal\nContent-Type: application/json\n"
                                       "Content-Length: 13\nX-Bce-Signature: " PROOF "\n\n{\"a\":1234567}");
    assert_int_equal(refusal, REFUSAL_NONE);
    assert_bytes(sample.claim.key_id, KEY);
    assert_int_equal(sample.claim.time, 1700000000);
    assert_int_equal(sample.claim.lifetime, 1800);
    assert_true(sample.claim.timed && sample.claim.time_is_signed);
    assert_int_equal(sample.claim.body_in_proof | sample.claim.body_after, BODY_UNUSED);
    const char *text = sample_text(&sample, 0);
    assert_string_equal(text, "POST\n/backend/orders\n\ncontent-length:13\ncontent-type:application%2Fjson\nhost:orders.internal");
    assert_null(sample_text(&sample, 1));
    uint8_t memory[64];
    struct buffer signature = buffer_over(memory, sizeof memory);
    scheme->signature(&sample.claim, &(struct hmac_secret){.text = BYTES(SECRET)}, bytes_of_text(text), &signature);
    assert_bytes(buffer_bytes(&signature), SIG);
}

static void parts_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *proof;
        enum refusal refusal;
        const char *field;
    } cases[] = {
        {"bce-auth-v1/k/" TIME "/1800/host/" SIG, REFUSAL_NONE, ""},
        {"bce-auth-v1/k/" TIME "/1800//" SIG, REFUSAL_NONE, ""},
        {"bce-auth-v1/k/" TIME "/1800/Host/" SIG, REFUSAL_NONE, ""},
        {"bce-auth-v1/k/" TIME "/1800/host/" SIG "/x", REFUSAL_PROOF_MALFORMED, "x-bce-signature"},
        {"bce-auth-v1/k/" TIME "/1800/" SIG, REFUSAL_PROOF_MALFORMED, "x-bce-signature"},
        {"bce-auth-v3/k/" TIME "/1800/host/" SIG, REFUSAL_PROOF_MALFORMED, "x-bce-signature"},
        {"bce-auth-v1//" TIME "/1800/host/" SIG, REFUSAL_KEY_MISSING, "accessKeyId"},
        {"bce-auth-v1/k k/" TIME "/1800/host/" SIG, REFUSAL_PROOF_MALFORMED, "accessKeyId"},
        {"bce-auth-v1/k/2023-11-14 22:13:20/1800/host/" SIG, REFUSAL_DATE_MALFORMED, "timestamp"},
        {"bce-auth-v1/k/2023-13-45T22:13:20Z/1800/host/" SIG, REFUSAL_DATE_MALFORMED, "timestamp"},
        {"bce-auth-v1/k/2023-11-14T22:13:20.5Z/1800/host/" SIG, REFUSAL_DATE_MALFORMED, "timestamp"},
        {"bce-auth-v1/k/2023-11-14T22:13:20+08:00/1800/host/" SIG, REFUSAL_DATE_MALFORMED, "timestamp"},
        {"bce-auth-v1/k/" TIME "/0/host/" SIG, REFUSAL_PROOF_MALFORMED, "expirationPeriodInSeconds"},
        {"bce-auth-v1/k/" TIME "/-1/host/" SIG, REFUSAL_PROOF_MALFORMED, "expirationPeriodInSeconds"},
        {"bce-auth-v1/k/" TIME "/99999999999/host/" SIG, REFUSAL_PROOF_MALFORMED, "expirationPeriodInSeconds"},
        {"bce-auth-v1/k/" TIME "/1800/content-type/" SIG, REFUSAL_SIGNED_FIELD_MISSING, "host"},
        {"bce-auth-v1/k/" TIME "/1800/ho st/" SIG, REFUSAL_PROOF_MALFORMED, "signedHeaders"},
        {"bce-auth-v1/k/" TIME "/1800/host/", REFUSAL_SIGNATURE_MISSING, "signature"},
        {"bce-auth-v1/k/" TIME "/1800/host/F71789C9778AD62D2C6467CE4BCBA3635A51389AFF3F5915E413466B5DD5B912", REFUSAL_PROOF_MALFORMED,
         "signature"},
        {"bce-auth-v1/k/" TIME "/1800/host/f71789", REFUSAL_PROOF_MALFORMED, "signature"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(read_proof(cases[i].proof), cases[i].refusal, cases[i].field);
}

static void a_signed_field_that_is_there_twice_is_refused(void **state)
{
    (void)state;
    enum refusal refusal = sample_read(
        &sample, scheme, "GET / HTTP/1.1\nHost: h\nX-Bce-A: 1\nx-bce-a: 2\nX-Bce-Signature: bce-auth-v1/k/" TIME "/1800//" SIG "\n\n");
    assert_refused(refusal, REFUSAL_SIGNED_FIELD_MISSING, "x-bce-a");
}

static void two_proofs_are_refused(void **state)
{
    (void)state;
    enum refusal refusal = sample_read(&sample, scheme,
                                       "GET / HTTP/1.1\nHost: h\nX-Bce-Signature: bce-auth-v1/k/" TIME "/1800//" SIG
                                       "\nx-bce-signature: bce-auth-v1/k/" TIME "/1800//" SIG "\n\n");
    assert_refused(refusal, REFUSAL_PROOF_AMBIGUOUS, "x-bce-signature");
}

static void a_blank_list_is_the_default_set_without_the_proof(void **state)
{
    (void)state;
    assert_int_equal(sample_read(&sample, scheme,
                                 "GET /q HTTP/1.1\nHost: h:81\nUser-Agent: x\nx-bce-a: A \nx-bce-a1: b\nx-bce-a-b: c\nx-bce-empty:\n"
                                 "Content-Type: text/plain\nX-Bce-Signature: bce-auth-v1/k/" TIME "/1800//" SIG "\n\n"),
                     REFUSAL_NONE);
    assert_string_equal(sample_text(&sample, 0), "GET\n/q\n\ncontent-type:text%2Fplain\nhost:h%3A81\nx-bce-a-b:c\nx-bce-a1:b\nx-bce-a:A");
}

static void path_and_query_are_decoded_and_encoded_anew(void **state)
{
    (void)state;
    assert_int_equal(sample_read(&sample, scheme,
                                 "GET /caf%c3%a9/%7Euser//?text1=%E6%B5%8B&text&text10=test&b=+&AuthorizatioN=zzz&=x HTTP/1.1\nHost: h\n"
                                 "X-Bce-Signature: bce-auth-v1/k/" TIME "/1800/host/" SIG "\n\n"),
                     REFUSAL_NONE);
    assert_string_equal(sample_text(&sample, 0), "GET\n/caf%C3%A9/~user//\n=x&b=%2B&text10=test&text1=%E6%B5%8B&text=\nhost:h");
    assert_string_equal(sample_text(&sample, 1), "GET\n/caf%C3%A9/~user//\n=x&b=%20&text10=test&text1=%E6%B5%8B&text=\nhost:h");
}

static enum refusal check_body(const char *digests, const char *body)
{
    static char raw[4096];
    const struct admission_rules rules = {0};
    snprintf(raw, sizeof raw, "PUT / HTTP/1.1\nHost: h\n%sX-Bce-Signature: bce-auth-v1/k/" TIME "/1800//" SIG "\n\n%s", digests, body);
    assert_int_equal(sample_read(&sample, scheme, raw), REFUSAL_NONE);
    struct body_facts facts = body_facts_of(sample.body);
    struct scheme_input input = {
        .request = &sample.request, .claim = &sample.claim, .body = &facts, .arena = &sample.arena, .field = &sample.claim.field};
    return scheme->check_body(&input, &rules);
}

static void a_signed_digest_must_be_that_of_the_body(void **state)
{
    (void)state;
    static const char md5[] = "Content-MD5: DMF1ucDxtqgxw5niaXcmYQ==\n"; /* of "a" */
    static const char sha256[] = "x-bce-content-sha256: ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb\n";
    assert_int_equal(check_body("", "a"), REFUSAL_NONE);
    assert_int_equal(check_body(md5, "a"), REFUSAL_NONE);
    assert_int_equal(sample.claim.body_after, BODY_MD5);
    assert_int_equal(check_body(sha256, "a"), REFUSAL_NONE);
    assert_int_equal(sample.claim.body_after, BODY_SHA256);
    assert_refused(check_body(md5, "b"), REFUSAL_BODY_DIGEST_MISMATCH, "Content-MD5");
    assert_refused(check_body(md5, ""), REFUSAL_BODY_DIGEST_MISMATCH, "Content-MD5");
    assert_refused(check_body(sha256, "b"), REFUSAL_BODY_DIGEST_MISMATCH, "x-bce-content-sha256");
}

static void what_is_signed_can_be_read_again(void **state)
{
    (void)state;
    sample_set(&sample, "POST /a%20b?x=1&x=0 HTTP/1.1\nHost: h\nContent-Type: text/plain\nX-Tenant: seven\n\nbody");
    struct body_facts facts = body_facts_of(sample.body);
    const struct bytes names[] = {BYTES("X-Tenant")};
    struct signing signing = {.request = &sample.request,
                              .body = &facts,
                              .key_id = BYTES(KEY),
                              .secret.text = BYTES(SECRET),
                              .now = 1700000000,
                              .names = names,
                              .name_count = 1};
    struct signed_fields fields;
    assert_true(scheme->sign(&signing, &sample.arena, &fields));
    assert_int_equal(fields.count, 1);
    assert_bytes(fields.items[0].name, "X-Bce-Signature");
    assert_true(bytes_start_with(fields.items[0].value, BYTES("bce-auth-v1/" KEY "/" TIME "/1800/content-type;host;x-tenant/")));

    signing.key_id = BYTES("a/b");
    assert_false(scheme->sign(&signing, &sample.arena, &fields));
    signing.key_id = BYTES("a");
    signing.secret.text = BYTES("");
    assert_false(scheme->sign(&signing, &sample.arena, &fields));
}

static void without_a_host_nothing_is_signed(void **state)
{
    (void)state;
    sample_set(&sample, "GET / HTTP/1.1\nX-A: 1\n\n");
    struct body_facts facts = body_empty();
    struct signed_fields fields;
    struct signing signing = {.request = &sample.request, .body = &facts, .key_id = BYTES("k"), .secret.text = BYTES("s"), .now = 1};
    assert_false(scheme->sign(&signing, &sample.arena, &fields));
}

static void present_counts_every_version(void **state)
{
    (void)state;
    struct place place = scheme_default_place(SCHEME_BCE_AUTH_V1);
    sample_set(&sample, "GET / HTTP/1.1\nX-Bce-Signature: bce-auth-v1/k\nx-bce-signature: bce-auth-v9/k\nX-Bce-Signature: AppCode/1\n\n");
    assert_int_equal(scheme->present(&sample.request, &place), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example),
        cmocka_unit_test(parts_are_read_strictly),
        cmocka_unit_test(a_signed_field_that_is_there_twice_is_refused),
        cmocka_unit_test(two_proofs_are_refused),
        cmocka_unit_test(a_blank_list_is_the_default_set_without_the_proof),
        cmocka_unit_test(path_and_query_are_decoded_and_encoded_anew),
        cmocka_unit_test(a_signed_digest_must_be_that_of_the_body),
        cmocka_unit_test(what_is_signed_can_be_read_again),
        cmocka_unit_test(without_a_host_nothing_is_signed),
        cmocka_unit_test(present_counts_every_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
