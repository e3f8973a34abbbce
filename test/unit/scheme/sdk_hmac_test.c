#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scheme/scheme.h"
#include "support/sample.h"

#define SECRET "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"
#define SIG    "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"
#define EMPTY  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct scheme *const scheme = &scheme_sdk_hmac_sha256;
static struct sample sample;

/* A request whose Authorization holds `parameters`; `more` are further header lines. */
static enum refusal read_with(const char *parameters, const char *more)
{
    static char raw[4096];
    snprintf(raw, sizeof raw, "GET /a HTTP/1.1\nHost: h\nX-Sdk-Date: 20191115T033655Z\nAuthorization: SDK-HMAC-SHA256 %s\n%s\n", parameters,
             more);
    return sample_read(&sample, scheme, raw);
}

static void assert_refused(enum refusal actual, enum refusal expected, const char *field)
{
    assert_string_equal(refusal_name(actual), refusal_name(expected));
    assert_bytes(sample.claim.field, field);
}

static void the_documented_example(void **state)
{
    (void)state;
    enum refusal refusal = sample_read(
        &sample, scheme,
        "GET /v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0 HTTP/1.1\n"
        "Content-Type: application/json\nHost: service.region.example.com\nX-Sdk-Date: 20191115T033655Z\n"
        "Authorization: SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, SignedHeaders=content-type;host;x-sdk-date, Signature=" SIG "\n\n");
    assert_int_equal(refusal, REFUSAL_NONE);
    assert_bytes(sample.claim.key_id, "QTWAOYTTINDUT2QVKYUC");
    assert_bytes(sample.claim.signed_names, "content-type;host;x-sdk-date");
    assert_int_equal(sample.claim.time, 1573789015);
    assert_true(sample.claim.timed && sample.claim.time_is_signed);
    assert_int_equal(sample.claim.body_in_proof, BODY_SHA256);
    assert_int_equal(sample.claim.body_after, BODY_UNUSED);

    const char *text = sample_text(&sample, 0);
    assert_string_equal(text, "GET\n/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs/\nlimit=2&marker=13551d6b-755d-4757-b956-536f674975c0\n"
                              "content-type:application/json\nhost:service.region.example.com\nx-sdk-date:20191115T033655Z\n\n"
                              "content-type;host;x-sdk-date\n" EMPTY);
    uint8_t memory[64];
    struct buffer signature = buffer_over(memory, sizeof memory);
    scheme->signature(&sample.claim, &(struct hmac_secret){.text = BYTES(SECRET)}, bytes_of_text(text), &signature);
    assert_bytes(buffer_bytes(&signature), SIG);
}

static void present_counts_only_its_own_prefix(void **state)
{
    (void)state;
    struct place place = scheme_default_place(SCHEME_SDK_HMAC_SHA256);
    sample_set(&sample, "GET / HTTP/1.1\nAuthorization: sdk-hmac-sha256 Access=a\nauthorization: SDK-HMAC-SHA256\n"
                        "Authorization: SDK-HMAC-SHA256X y\nAuthorization: Bearer SDK-HMAC-SHA256\nX-A: SDK-HMAC-SHA256 x\n\n");
    assert_int_equal(scheme->present(&sample.request, &place), 2);
}

static void parameters_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *parameters;
        enum refusal refusal;
        const char *field;
    } cases[] = {
        {"Access=k, SignedHeaders=x-sdk-date, Signature=" SIG, REFUSAL_NONE, ""},
        {"Access=k,SignedHeaders=x-sdk-date,Signature=" SIG, REFUSAL_NONE, ""},
        {"", REFUSAL_KEY_MISSING, "Access"},
        {"Access=, SignedHeaders=x-sdk-date, Signature=" SIG, REFUSAL_KEY_MISSING, "Access"},
        {"Credential=k, SignedHeaders=x-sdk-date, Signature=" SIG, REFUSAL_KEY_MISSING, "Access"},
        {"access=k, SignedHeaders=x-sdk-date, Signature=" SIG, REFUSAL_KEY_MISSING, "Access"},
        {"Access=k y, SignedHeaders=x-sdk-date, Signature=" SIG, REFUSAL_PROOF_MALFORMED, "Access"},
        {"Access=\xc3\xa9, SignedHeaders=x-sdk-date, Signature=" SIG, REFUSAL_PROOF_MALFORMED, "Access"},
        {"Access=k, Signature=" SIG, REFUSAL_PROOF_MALFORMED, "SignedHeaders"},
        {"Access=k, SignedHeaders=, Signature=" SIG, REFUSAL_PROOF_MALFORMED, "SignedHeaders"},
        {"Access=k,  SignedHeaders=x-sdk-date, Signature=" SIG, REFUSAL_PROOF_MALFORMED, "SignedHeaders"},
        {"SignedHeaders=x-sdk-date, Access=k, Signature=" SIG, REFUSAL_KEY_MISSING, "Access"},
        {"Access=k, SignedHeaders=x-sdk-date", REFUSAL_SIGNATURE_MISSING, "Signature"},
        {"Access=k, SignedHeaders=x-sdk-date, Signature=", REFUSAL_SIGNATURE_MISSING, "Signature"},
        {"Access=k, SignedHeaders=x-sdk-date, Signature=7be6", REFUSAL_PROOF_MALFORMED, "Signature"},
        {"Access=k, SignedHeaders=x-sdk-date, Signature=" SIG "0", REFUSAL_PROOF_MALFORMED, "Signature"},
        {"Access=k, SignedHeaders=x-sdk-date, Signature=" SIG ", More=x", REFUSAL_PROOF_MALFORMED, "Signature"},
        {"Access=k, SignedHeaders=x-sdk-date, Signature=7BE6668032F70418FCC22ABC52071E57AFF61B84A1D2381BB430D6870F4F6EBE",
         REFUSAL_PROOF_MALFORMED, "Signature"},
        {"Access=k, SignedHeaders=Host;x-sdk-date, Signature=" SIG, REFUSAL_PROOF_MALFORMED, "SignedHeaders"},
        {"Access=k, SignedHeaders=host;;x-sdk-date, Signature=" SIG, REFUSAL_PROOF_MALFORMED, "SignedHeaders"},
        {"Access=k, SignedHeaders=host;x-sdk-date;, Signature=" SIG, REFUSAL_PROOF_MALFORMED, "SignedHeaders"},
        {"Access=k, SignedHeaders=host; x-sdk-date, Signature=" SIG, REFUSAL_PROOF_MALFORMED, "SignedHeaders"},
        {"Access=k, SignedHeaders=host;host;x-sdk-date, Signature=" SIG, REFUSAL_PROOF_MALFORMED, "SignedHeaders"},
        {"Access=k, SignedHeaders=x-none;x-sdk-date, Signature=" SIG, REFUSAL_SIGNED_FIELD_MISSING, "x-none"},
        {"Access=k, SignedHeaders=host, Signature=" SIG, REFUSAL_DATE_UNSIGNED, "X-Sdk-Date"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(read_with(cases[i].parameters, ""), cases[i].refusal, cases[i].field);
}

static void a_key_has_a_length(void **state)
{
    (void)state;
    static char parameters[1024];
    snprintf(parameters, sizeof parameters, "Access=%0257d, SignedHeaders=x-sdk-date, Signature=" SIG, 1);
    assert_refused(read_with(parameters, ""), REFUSAL_PROOF_MALFORMED, "Access");
}

static void too_many_names_are_too_complex(void **state)
{
    (void)state;
    static char parameters[2048];
    size_t length = (size_t)snprintf(parameters, sizeof parameters, "Access=k, SignedHeaders=x-sdk-date");
    for (int i = 0; i < 64; i++) length += (size_t)snprintf(parameters + length, sizeof parameters - length, ";n%d", i);
    snprintf(parameters + length, sizeof parameters - length, ", Signature=" SIG);
    assert_refused(read_with(parameters, ""), REFUSAL_REQUEST_TOO_COMPLEX, "SignedHeaders");
}

static void a_second_authorization_is_ambiguous(void **state)
{
    (void)state;
    assert_refused(read_with("Access=k, SignedHeaders=x-sdk-date, Signature=" SIG, "Authorization: Bearer x\n"), REFUSAL_PROOF_AMBIGUOUS,
                   "authorization");
}

static void dates(void **state)
{
    (void)state;
#define PROOF "Authorization: SDK-HMAC-SHA256 Access=k, SignedHeaders=x-sdk-date, Signature=" SIG "\n"
    assert_refused(sample_read(&sample, scheme, "GET / HTTP/1.1\n" PROOF "\n"), REFUSAL_DATE_MISSING, "X-Sdk-Date");
    assert_refused(sample_read(&sample, scheme, "GET / HTTP/1.1\nX-Sdk-Date: 20191315T033655Z\n" PROOF "\n"), REFUSAL_DATE_MALFORMED,
                   "X-Sdk-Date");
    assert_refused(sample_read(&sample, scheme, "GET / HTTP/1.1\nX-Sdk-Date:\n" PROOF "\n"), REFUSAL_DATE_MALFORMED, "X-Sdk-Date");
    assert_refused(sample_read(&sample, scheme, "GET / HTTP/1.1\nX-Sdk-Date: 20191115T033655Z\nX-Sdk-Date: 20191115T033655Z\n" PROOF "\n"),
                   REFUSAL_SIGNED_FIELD_MISSING, "X-Sdk-Date");
}

#define SIGNED_PAYLOAD "Access=k, SignedHeaders=x-sdk-content-sha256;x-sdk-date, Signature=" SIG

static void a_payload_header_counts_only_when_signed(void **state)
{
    (void)state;
    assert_refused(read_with("Access=k, SignedHeaders=x-sdk-date, Signature=" SIG, "x-sdk-content-sha256: UNSIGNED-PAYLOAD\n"),
                   REFUSAL_PAYLOAD_HEADER_UNSIGNED, "X-Sdk-Content-Sha256");
    assert_refused(read_with(SIGNED_PAYLOAD, "x-sdk-content-sha256: UNSIGNED-PAYLOAD\nx-sdk-content-sha256: " EMPTY "\n"),
                   REFUSAL_SIGNED_FIELD_MISSING, "X-Sdk-Content-Sha256");
    assert_refused(read_with(SIGNED_PAYLOAD, "x-sdk-content-sha256: STREAMING\n"), REFUSAL_PROOF_MALFORMED, "X-Sdk-Content-Sha256");
}

static void an_unsigned_payload_needs_no_body(void **state)
{
    (void)state;
    assert_int_equal(read_with(SIGNED_PAYLOAD, "x-sdk-content-sha256: UNSIGNED-PAYLOAD\n"), REFUSAL_NONE);
    assert_int_equal(sample.claim.body_in_proof | sample.claim.body_after, BODY_UNUSED);
    assert_non_null(strstr(sample_text(&sample, 0), "\nUNSIGNED-PAYLOAD"));
    assert_non_null(strstr(sample_text(&sample, 4), "\n" EMPTY));
}

static void a_declared_digest_is_compared_afterwards(void **state)
{
    (void)state;
    struct admission_rules rules = {0};
    assert_int_equal(read_with(SIGNED_PAYLOAD, "x-sdk-content-sha256: " EMPTY "\n"), REFUSAL_NONE);
    assert_int_equal(sample.claim.body_in_proof, BODY_UNUSED);
    assert_int_equal(sample.claim.body_after, BODY_SHA256);
    struct body_facts facts = body_empty();
    struct bytes field = {0};
    struct scheme_input input = {&sample.request, &sample.claim, &facts, &sample.arena, &field, NULL};
    assert_int_equal(scheme->check_body(&input, &rules), REFUSAL_NONE);
    facts = body_facts_of(BYTES("x"));
    assert_int_equal(scheme->check_body(&input, &rules), REFUSAL_BODY_DIGEST_MISMATCH);
    assert_bytes(field, "X-Sdk-Content-Sha256");
    input.body = NULL;
    assert_int_equal(scheme->check_body(&input, &rules), REFUSAL_BODY_DIGEST_MISMATCH);
}

/* The second and third line of the canonical request. */
static void a_body_may_not_be_left_open_where_that_is_demanded(void **state)
{
    (void)state;
    const struct admission_rules strict = {.require_body_digest = true}, lax = {0};
    assert_int_equal(read_with(SIGNED_PAYLOAD, "x-sdk-content-sha256: UNSIGNED-PAYLOAD\n"), REFUSAL_NONE);
    struct body_facts empty = body_empty(), some = body_facts_of(BYTES("a"));
    struct scheme_input input = {.request = &sample.request, .claim = &sample.claim, .arena = &sample.arena, .field = &sample.claim.field};
    assert_int_equal(scheme->check_body(&input, &lax), REFUSAL_NONE);
    assert_refused(scheme->check_body(&input, &strict), REFUSAL_BODY_DIGEST_MISSING, "X-Sdk-Content-Sha256");
    input.body = &some;
    assert_int_equal(scheme->check_body(&input, &strict), REFUSAL_BODY_DIGEST_MISSING);
    input.body = &empty;
    assert_int_equal(scheme->check_body(&input, &strict), REFUSAL_NONE);
}

static void assert_lines(const char *target, unsigned candidate, const char *expected)
{
    static char raw[1024];
    snprintf(raw, sizeof raw, "GET %s HTTP/1.1\nX-Sdk-Date: 20191115T033655Z\n" PROOF "\n", target);
    assert_int_equal(sample_read(&sample, scheme, raw), REFUSAL_NONE);
    const char *text = sample_text(&sample, candidate);
    if (expected == NULL) {
        assert_null(text);
        return;
    }
    assert_non_null(text);
    assert_int_equal(strncmp(text, "GET\n", 4), 0);
    assert_int_equal(strncmp(text + 4, expected, strlen(expected)), 0);
    assert_int_equal(text[4 + strlen(expected)], '\n');
}

static void paths(void **state)
{
    (void)state;
    assert_lines("/", 0, "/\n");
    assert_lines("/a", 0, "/a/\n");
    assert_lines("/a/", 0, "/a/\n");
    assert_lines("//a//b", 0, "//a//b/\n");
    assert_lines("/a/../b/.", 0, "/a/../b/./\n");
    assert_lines("/a%2fb%20c", 0, "/a/b%20c/\n");
    assert_lines("/%e4%b8%ad:@", 0, "/%E4%B8%AD%3A%40/\n");
    assert_lines("/\xe4\xb8\xad", 0, "/%E4%B8%AD/\n");
    assert_lines("/a%252f", 0, "/a%252f/\n");
}

static void queries(void **state)
{
    (void)state;
    assert_lines("/?b=2&a=1", 0, "/\na=1&b=2");
    assert_lines("/?a", 0, "/\na=");
    assert_lines("/?k=2&k=10&k=1", 0, "/\nk=1&k=10&k=2");
    assert_lines("/?&&a=1&", 0, "/\na=1");
    assert_lines("/?=x&a=1", 0, "/\na=1");
    assert_lines("/?a=b=c/d", 0, "/\na=b%3Dc%2Fd");
    assert_lines("/?%61=%7e", 0, "/\na=~");
    assert_lines("/?a=1%262", 0, "/\na=1%262");
}

static void the_variants(void **state)
{
    (void)state;
    assert_lines("/?a=1+2", 0, "/\na=1%2B2");
    assert_lines("/?a=1+2", 1, "/\na=1%202");
    assert_lines("/?a=1%2B2", 1, NULL);
    /* "~" is 0x7E and sorts behind every letter, but its neighbour "\xc3\xa9" is 0xC3 raw and "%C3" encoded. */
    assert_lines("/?~=1&%c3%a9=2", 0, "/\n~=1&%C3%A9=2");
    assert_lines("/?~=1&%c3%a9=2", 2, "/\n%C3%A9=2&~=1");
    assert_lines("/?b=1&a=2", 2, NULL);
    assert_lines("/?a=1", 2, NULL);
    assert_lines("/?a=1", 4, NULL);
}

static void many_parameters_are_sorted(void **state)
{
    (void)state;
    assert_lines("/?t&s&r&q&p&o&n&m&l&k&j&i&h&g&f&e&d&c&b&a", 0, "/\na=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k=&l=&m=&n=&o=&p=&q=&r=&s=&t=");
}

static void too_many_parameters_overflow(void **state)
{
    (void)state;
    static char raw[8192];
    size_t length = (size_t)snprintf(raw, sizeof raw, "GET /?a");
    for (int i = 0; i < 2048; i++) length += (size_t)snprintf(raw + length, sizeof raw - length, "&a");
    snprintf(raw + length, sizeof raw - length, " HTTP/1.1\nX-Sdk-Date: 20191115T033655Z\n" PROOF "\n");
    assert_int_equal(sample_read(&sample, scheme, raw), REFUSAL_NONE);
    struct body_facts facts = body_empty();
    struct scheme_input input = {&sample.request, &sample.claim, &facts, &sample.arena, NULL, NULL};
    struct buffer text = buffer_in(&sample.arena, scheme_text_bound(&input));
    assert_true(scheme->canonical(&input, 0, &text));
    assert_true(text.overflow);
}

static void names_keep_their_order_and_repeated_values_are_sorted(void **state)
{
    (void)state;
    assert_int_equal(read_with("Access=k, SignedHeaders=x-z;x-sdk-date;x-a, Signature=" SIG, "X-A: 1\nX-Z: b\nX-z: a\n"), REFUSAL_NONE);
    assert_non_null(strstr(sample_text(&sample, 0), "\nx-z:a\nx-z:b\nx-sdk-date:20191115T033655Z\nx-a:1\n\nx-z;x-sdk-date;x-a\n"));
}

static void too_many_values_of_a_name_are_too_complex(void **state)
{
    (void)state;
    static char more[256];
    for (int i = 0; i < 32; i++) memcpy(more + 5 * i, "x-a:\n", 5);
    assert_refused(read_with("Access=k, SignedHeaders=x-a;x-sdk-date, Signature=" SIG, more), REFUSAL_NONE, "");
    memcpy(more + 5 * 32, "x-a:\n", 6);
    assert_refused(read_with("Access=k, SignedHeaders=x-a;x-sdk-date, Signature=" SIG, more), REFUSAL_REQUEST_TOO_COMPLEX, "x-a");
}

static struct signed_fields signed_with(const struct body_facts *body, struct bytes name)
{
    struct signing signing = {.request = &sample.request,
                              .body = body,
                              .key_id = BYTES("key"),
                              .secret.text = BYTES("secret"),
                              .now = 1573789015,
                              .names = &name,
                              .name_count = name.length > 0};
    struct signed_fields fields;
    assert_true(scheme->sign(&signing, &sample.arena, &fields));
    return fields;
}

static void signing_writes_what_the_vendors_check(void **state)
{
    (void)state;
    sample_set(&sample, "POST /a?b=1 HTTP/1.1\nHost: h:8080\nX-B: 2\nAuthorization: old\nX-Sdk-Date: old\n\nbody");
    struct body_facts facts = body_facts_of(sample.body);
    struct signed_fields fields = signed_with(&facts, BYTES("X-B"));
    assert_int_equal(fields.count, 2);
    assert_bytes(fields.items[0].name, "X-Sdk-Date");
    assert_bytes(fields.items[0].value, "20191115T033655Z");
    assert_bytes(fields.items[1].name, "Authorization");
    assert_true(
        bytes_start_with(fields.items[1].value, BYTES("SDK-HMAC-SHA256 Access=key, SignedHeaders=host;x-b;x-sdk-date, Signature=")));
    assert_int_equal(fields.items[1].value.length,
                     sizeof "SDK-HMAC-SHA256 Access=key, SignedHeaders=host;x-b;x-sdk-date, Signature=" - 1 + 64);
}

static void signing_a_stream_says_unsigned(void **state)
{
    (void)state;
    sample_set(&sample, "POST /a HTTP/1.1\nHost: h\nx-sdk-content-sha256: " EMPTY "\n\n");
    struct signed_fields fields = signed_with(NULL, BYTES(""));
    assert_int_equal(fields.count, 3);
    assert_bytes(fields.items[1].name, "X-Sdk-Content-Sha256");
    assert_bytes(fields.items[1].value, "UNSIGNED-PAYLOAD");
    assert_true(bytes_start_with(fields.items[2].value,
                                 BYTES("SDK-HMAC-SHA256 Access=key, SignedHeaders=host;x-sdk-content-sha256;x-sdk-date, Signature=")));
}

static void signing_needs_a_key_a_secret_and_what_it_signs(void **state)
{
    (void)state;
    struct signed_fields fields;
    struct bytes name = BYTES("x-none");
    sample_set(&sample, "GET / HTTP/1.1\nHost: h\n\n");
    struct signing signing = {.request = &sample.request, .key_id = BYTES("k"), .secret.text = BYTES("s")};
    assert_true(scheme->sign(&signing, &sample.arena, &fields));
    signing.key_id = BYTES("k, SignedHeaders=x");
    assert_false(scheme->sign(&signing, &sample.arena, &fields));
    signing.key_id = BYTES("");
    assert_false(scheme->sign(&signing, &sample.arena, &fields));
    signing.key_id = BYTES("k");
    signing.secret.text = BYTES("");
    assert_false(scheme->sign(&signing, &sample.arena, &fields));
    signing.secret.text = BYTES("s");
    signing.names = &name;
    signing.name_count = 1;
    assert_false(scheme->sign(&signing, &sample.arena, &fields));
    struct arena full = {0};
    signing.name_count = 0;
    assert_false(scheme->sign(&signing, &full, &fields));
}

static void a_full_arena_is_too_complex(void **state)
{
    (void)state;
    sample_set(&sample, "GET / HTTP/1.1\nX-Sdk-Date: 20191115T033655Z\n" PROOF "\n");
    struct place place = scheme_default_place(SCHEME_SDK_HMAC_SHA256);
    struct claim claim = {.scheme = scheme, .place = &place};
    struct arena full = {0};
    assert_int_equal(scheme->read(&sample.request, &full, &claim), REFUSAL_REQUEST_TOO_COMPLEX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_example),
        cmocka_unit_test(present_counts_only_its_own_prefix),
        cmocka_unit_test(parameters_are_read_strictly),
        cmocka_unit_test(a_key_has_a_length),
        cmocka_unit_test(too_many_names_are_too_complex),
        cmocka_unit_test(a_second_authorization_is_ambiguous),
        cmocka_unit_test(dates),
        cmocka_unit_test(a_payload_header_counts_only_when_signed),
        cmocka_unit_test(an_unsigned_payload_needs_no_body),
        cmocka_unit_test(a_body_may_not_be_left_open_where_that_is_demanded),
        cmocka_unit_test(a_declared_digest_is_compared_afterwards),
        cmocka_unit_test(paths),
        cmocka_unit_test(queries),
        cmocka_unit_test(the_variants),
        cmocka_unit_test(many_parameters_are_sorted),
        cmocka_unit_test(too_many_parameters_overflow),
        cmocka_unit_test(names_keep_their_order_and_repeated_values_are_sorted),
        cmocka_unit_test(too_many_values_of_a_name_are_too_complex),
        cmocka_unit_test(signing_writes_what_the_vendors_check),
        cmocka_unit_test(signing_a_stream_says_unsigned),
        cmocka_unit_test(signing_needs_a_key_a_secret_and_what_it_signs),
        cmocka_unit_test(a_full_arena_is_too_complex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
