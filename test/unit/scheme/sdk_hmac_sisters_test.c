/* The sisters of SDK-HMAC-SHA256, where they differ from it; whole requests stand in vectors/cases/sdk-hmac.jsonl and sdk-ecdsa.jsonl. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scheme/scheme.h"
#include "support/sample.h"

static struct sample sample;
static const char digits[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#define SISTERS 5
static const struct scheme *const sisters[SISTERS] = {&scheme_sdk_hmac_sha256, &scheme_sdk_hmac_sm3, &scheme_v11_hmac_sha256,
                                                      &scheme_sdk_ecdsa_p256_sha256, &scheme_sdk_sm2_sm3};

static enum refusal read_with(const struct scheme *scheme, const char *raw)
{
    sample_set(&sample, raw);
    sample.place = scheme_default_place(scheme->id);
    sample.claim = (struct claim){.scheme = scheme, .place = &sample.place};
    return scheme->read(&sample.request, &sample.arena, &sample.claim);
}

static enum refusal read_v11(const char *credential)
{
    static char raw[1024];
    snprintf(raw, sizeof raw,
             "GET / HTTP/1.1\nHost: h\nX-Sdk-Date: 20191115T033655Z\n"
             "Authorization: V11-HMAC-SHA256 Credential=%s, SignedHeaders=host;x-sdk-date, Signature=%s\n\n",
             credential, digits);
    return read_with(&scheme_v11_hmac_sha256, raw);
}

static void a_derived_key_has_a_scope(void **state)
{
    static const char *const malformed[] = {
        "key",
        "key/20191115",
        "key/20191115/region",
        "key/20191115/region/",
        "key/20191115//service",
        "key/20191115/region/service/more",
        "key/20191115/region/service/",
        "key/20191114/region/service", /* another day than that of the date */
        "key/2019111/region/service",
    };
    (void)state;
    assert_int_equal(read_v11("key/20191115/region/service"), REFUSAL_NONE);
    assert_bytes(sample.claim.key_id, "key");
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        assert_int_equal(read_v11(malformed[i]), REFUSAL_PROOF_MALFORMED);
        assert_bytes(sample.claim.field, "Credential");
    }
    assert_int_equal(read_v11("/20191115/region/service"), REFUSAL_KEY_MISSING);
}

static void each_has_its_own_parameter(void **state)
{
    (void)state;
    assert_int_equal(read_with(&scheme_v11_hmac_sha256, "GET / HTTP/1.1\nAuthorization: V11-HMAC-SHA256 Access=k, SignedHeaders=host\n\n"),
                     REFUSAL_KEY_MISSING);
    assert_int_equal(
        read_with(&scheme_sdk_hmac_sm3, "GET / HTTP/1.1\nAuthorization: SDK-HMAC-SM3 Credential=k/d/r/s, SignedHeaders=host\n\n"),
        REFUSAL_KEY_MISSING);
}

static void none_is_present_under_the_name_of_another(void **state)
{
    (void)state;
    for (size_t i = 0; i < SISTERS; i++) {
        for (size_t j = 0; j < SISTERS; j++) {
            char raw[128];
            struct place place = scheme_default_place(sisters[i]->id);
            snprintf(raw, sizeof raw, "GET / HTTP/1.1\nAuthorization: %.*s Access=k\n\n",
                     (int)scheme_default_place(sisters[j]->id).prefix.length,
                     (const char *)scheme_default_place(sisters[j]->id).prefix.data);
            sample_set(&sample, raw);
            assert_int_equal(sisters[i]->present(&sample.request, &place), i == j);
        }
    }
}

/* A body is digested by the scheme's own hash, and only that one's header counts. */
static void sm3_reads_its_own_payload_header(void **state)
{
    static char raw[1024];
    (void)state;
    for (int own = 0; own < 2; own++) {
        snprintf(raw, sizeof raw,
                 "POST / HTTP/1.1\nHost: h\nX-Sdk-Date: 20191115T033655Z\nX-Sdk-Content-%s: UNSIGNED-PAYLOAD\n"
                 "Authorization: SDK-HMAC-SM3 Access=k, SignedHeaders=host;x-sdk-date%s, Signature=%s\n\nbody",
                 own ? "Sm3" : "Sha256", own ? ";x-sdk-content-sm3" : "", digits);
        assert_int_equal(read_with(&scheme_sdk_hmac_sm3, raw), REFUSAL_NONE);
        assert_int_equal(sample.claim.body_in_proof, own ? BODY_UNUSED : BODY_SM3);
    }
    snprintf(raw, sizeof raw,
             "POST / HTTP/1.1\nHost: h\nX-Sdk-Date: 20191115T033655Z\nX-Sdk-Content-Sm3: %s\n"
             "Authorization: SDK-HMAC-SM3 Access=k, SignedHeaders=host;x-sdk-date;x-sdk-content-sm3, Signature=%s\n\nbody",
             digits, digits);
    assert_int_equal(read_with(&scheme_sdk_hmac_sm3, raw), REFUSAL_NONE);
    assert_int_equal(sample.claim.body_after, BODY_SM3);
    struct body_facts facts = body_facts_of(BYTES("body"));
    struct bytes field = {0};
    struct scheme_input input = {
        .request = &sample.request, .claim = &sample.claim, .body = &facts, .arena = &sample.arena, .field = &field};
    static const struct admission_rules rules = {0};
    assert_int_equal(scheme_sdk_hmac_sm3.check_body(&input, &rules), REFUSAL_BODY_DIGEST_MISMATCH);
    assert_bytes(field, "X-Sdk-Content-Sm3");
}

/* Hex of DER: no fixed length, but an even one within bounds. */
static void a_signature_in_der_has_no_fixed_length(void **state)
{
    static const struct {
        int digits;
        bool readable;
    } lengths[] = {{14, false}, {16, true}, {64, true}, {65, false}, {128, true}, {144, true}, {146, false}};
    static char raw[1024];
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        for (size_t sister = 3; sister < SISTERS; sister++) {
            snprintf(raw, sizeof raw,
                     "GET / HTTP/1.1\nHost: h\nX-Sdk-Date: 20191115T033655Z\n"
                     "Authorization: %.*s Access=k, SignedHeaders=host;x-sdk-date, Signature=%0*d\n\n",
                     (int)scheme_default_place(sisters[sister]->id).prefix.length,
                     (const char *)scheme_default_place(sisters[sister]->id).prefix.data, lengths[i].digits, 0);
            assert_int_equal(read_with(sisters[sister], raw), lengths[i].readable ? REFUSAL_NONE : REFUSAL_PROOF_MALFORMED);
        }
    }
}

/* What each writes it reads, and its own proof holds; with another secret it does not. */
static void each_signs_what_it_reads(void **state)
{
    static const char raw[] = "GET /a?b=1 HTTP/1.1\nHost: h\nX-A: 1\n\n";
    (void)state;
    for (size_t i = 0; i < SISTERS; i++) {
        struct signed_fields added;
        struct http_field fields[8];
        struct bytes names[] = {BYTES("X-A")};
        sample_set(&sample, raw);
        struct signing signing = {.request = &sample.request, .body = body_nothing(), .key_id = BYTES("k"), .secret = {.text = BYTES("s")}};
        signing.now = 1573789015;
        signing.names = names;
        signing.name_count = 1;
        assert_int_equal(sisters[i]->sign(&signing, &sample.arena, &added), sisters[i] != &scheme_v11_hmac_sha256);
        signing.scope = BYTES("region/service");
        assert_true(sisters[i]->sign(&signing, &sample.arena, &added));
        memcpy(fields, sample.request.fields, sample.request.field_count * sizeof fields[0]);
        memcpy(fields + sample.request.field_count, added.items, added.count * sizeof fields[0]);
        sample.request.fields = fields;
        sample.request.field_count += added.count;
        sample.place = scheme_default_place(sisters[i]->id);
        sample.claim = (struct claim){.scheme = sisters[i], .place = &sample.place};
        assert_int_equal(sisters[i]->read(&sample.request, &sample.arena, &sample.claim), REFUSAL_NONE);
        assert_bytes(sample.claim.signed_names, "host;x-a;x-sdk-date");
        struct bytes text = bytes_of_text(sample_text(&sample, 0));
        assert_true(scheme_proof_holds(&sample.claim, &(struct hmac_secret){.text = BYTES("s")}, text));
        assert_false(scheme_proof_holds(&sample.claim, &(struct hmac_secret){.text = BYTES("t")}, text));
        assert_false(scheme_proof_holds(&sample.claim, &(struct hmac_secret){.text = BYTES("s")}, bytes_slice(text, 1, text.length)));
    }
}

/* SM3 has its own header for a body that streams. */
static void a_stream_is_marked_in_the_header_of_the_hash(void **state)
{
    (void)state;
    for (size_t i = 0; i < SISTERS; i++) {
        struct signed_fields added;
        sample_set(&sample, "POST / HTTP/1.1\nHost: h\n\n");
        struct signing signing = {.request = &sample.request, .key_id = BYTES("k"), .secret = {.text = BYTES("s")}, .scope = BYTES("r/s")};
        assert_true(sisters[i]->sign(&signing, &sample.arena, &added));
        bool sm3 = sisters[i] == &scheme_sdk_hmac_sm3 || sisters[i] == &scheme_sdk_sm2_sm3;
        assert_bytes(added.items[1].name, sm3 ? "X-Sdk-Content-Sm3" : "X-Sdk-Content-Sha256");
        assert_bytes(added.items[1].value, "UNSIGNED-PAYLOAD");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_derived_key_has_a_scope),
        cmocka_unit_test(each_has_its_own_parameter),
        cmocka_unit_test(none_is_present_under_the_name_of_another),
        cmocka_unit_test(sm3_reads_its_own_payload_header),
        cmocka_unit_test(a_signature_in_der_has_no_fixed_length),
        cmocka_unit_test(each_signs_what_it_reads),
        cmocka_unit_test(a_stream_is_marked_in_the_header_of_the_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
