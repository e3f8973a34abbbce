/* An app's key and secret as they are: in two headers of the vendor's, and as Basic. */
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

static enum refusal read_as(const struct scheme *scheme, const char *raw)
{
    sample_set(&sample, raw);
    sample.place = scheme_default_place(scheme->id);
    sample.claim = (struct claim){.scheme = scheme, .place = &sample.place};
    if (scheme->present(&sample.request, &sample.place) == 0) return REFUSAL_PROOF_MISSING;
    return scheme->read(&sample.request, &sample.arena, &sample.claim);
}

static bool holds(const char *secret)
{
    uint8_t memory[2 * DIGEST_MAX_SIZE];
    struct buffer out = buffer_over(memory, sizeof memory);
    const struct hmac_secret live = {.text = bytes_of_text(secret)};
    sample.claim.scheme->signature(&sample.claim, &live, BYTES(""), &out);
    return !out.overflow && bytes_equal(buffer_bytes(&out), sample.claim.proof);
}

static void two_headers(void **state)
{
    (void)state;
    assert_int_equal(read_as(&scheme_app_secret, "GET / HTTP/1.1\nX-HW-ID: key\nx-hw-appkey: se:cret\n\n"), REFUSAL_NONE);
    assert_bytes(sample.claim.key_id, "key");
    assert_true(holds("se:cret"));
    assert_false(holds("se:cre") || holds("se:cret1") || holds(""));
    assert_false(sample.claim.timed);
    static const struct {
        const char *raw;
        enum refusal refusal;
    } cases[] = {
        {"GET / HTTP/1.1\nX-HW-AppKey: secret\n\n", REFUSAL_PROOF_MISSING},
        {"GET / HTTP/1.1\nX-HW-ID: key\n\n", REFUSAL_SIGNATURE_MISSING},
        {"GET / HTTP/1.1\nX-HW-ID: key\nX-HW-AppKey:\n\n", REFUSAL_SIGNATURE_MISSING},
        {"GET / HTTP/1.1\nX-HW-ID:\nX-HW-AppKey: s\n\n", REFUSAL_KEY_MISSING},
        {"GET / HTTP/1.1\nX-HW-ID: k\nX-HW-ID: k\nX-HW-AppKey: s\n\n", REFUSAL_PROOF_AMBIGUOUS},
        {"GET / HTTP/1.1\nX-HW-ID: k\nX-HW-AppKey: s\nX-HW-AppKey: s\n\n", REFUSAL_PROOF_AMBIGUOUS},
        {"GET / HTTP/1.1\nX-HW-ID: k k\nX-HW-AppKey: s\n\n", REFUSAL_PROOF_MALFORMED},
        {"GET / HTTP/1.1\nX-HW-ID: k\nX-HW-AppKey: s s\n\n", REFUSAL_PROOF_MALFORMED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(read_as(&scheme_app_secret, cases[i].raw), cases[i].refusal);
}

static void basic(void **state)
{
    (void)state;
    static const struct {
        const char *raw;
        enum refusal refusal;
    } cases[] = {
        {"GET / HTTP/1.1\nAuthorization: Bearer a2V5OnNlOmNyZXQ=\n\n", REFUSAL_PROOF_MISSING},
        {"GET / HTTP/1.1\nAuthorization: Basic \n\n", REFUSAL_PROOF_MISSING},
        {"GET / HTTP/1.1\nAuthorization: Basic a2V5\n\n", REFUSAL_SIGNATURE_MISSING},     /* key */
        {"GET / HTTP/1.1\nAuthorization: Basic a2V5Og==\n\n", REFUSAL_SIGNATURE_MISSING}, /* key: */
        {"GET / HTTP/1.1\nAuthorization: Basic OnNlY3JldA==\n\n", REFUSAL_KEY_MISSING},   /* :secret */
        {"GET / HTTP/1.1\nAuthorization: Basic a2V5OnNlOmNyZXQ\n\n", REFUSAL_PROOF_MALFORMED},
        {"GET / HTTP/1.1\nAuthorization: Basic a2V5On MA==\n\n", REFUSAL_PROOF_MALFORMED},
        {"GET / HTTP/1.1\nAuthorization: Basic AGs6cw==\n\n", REFUSAL_PROOF_MALFORMED}, /* NUL k:s */
        {"GET / HTTP/1.1\nAuthorization: Basic a2V5OnNlOmNyZXQ=\nAuthorization: Basic a2V5OnNlOmNyZXQ=\n\n", REFUSAL_PROOF_AMBIGUOUS},
    };
    assert_int_equal(read_as(&scheme_app_basic, "GET / HTTP/1.1\nauthorization: bAsIc a2V5OnNlOmNyZXQ=\n\n"), REFUSAL_NONE);
    assert_bytes(sample.claim.key_id, "key");
    assert_true(holds("se:cret"));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(read_as(&scheme_app_basic, cases[i].raw), cases[i].refusal);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    const struct scheme *const both[] = {&scheme_app_secret, &scheme_app_basic};
    for (size_t i = 0; i < 2; i++) {
        struct signed_fields fields;
        char raw[256];
        struct signing signing = {.request = &sample.request, .key_id = BYTES("key"), .secret = {.text = BYTES("s:!@#$%")}};
        sample_set(&sample, "GET / HTTP/1.1\n\n");
        assert_true(both[i]->sign(&signing, &sample.arena, &fields));
        int length = snprintf(raw, sizeof raw, "GET / HTTP/1.1\n");
        for (size_t j = 0; j < fields.count; j++)
            length += snprintf(raw + length, sizeof raw - (size_t)length, "%.*s: %.*s\n", (int)fields.items[j].name.length,
                               (const char *)fields.items[j].name.data, (int)fields.items[j].value.length,
                               (const char *)fields.items[j].value.data);
        snprintf(raw + length, sizeof raw - (size_t)length, "\n");
        assert_int_equal(read_as(both[i], raw), REFUSAL_NONE);
        assert_bytes(sample.claim.key_id, "key");
        assert_true(holds("s:!@#$%"));
        signing.secret.text = BYTES("");
        assert_false(both[i]->sign(&signing, &sample.arena, &fields));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_headers), cmocka_unit_test(basic), cmocka_unit_test(what_is_written_is_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
