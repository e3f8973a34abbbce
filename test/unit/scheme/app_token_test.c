#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "scheme/app_token.h"
#include "support/sample.h"

#define NOW 1573789015

static struct sample sample;

static enum refusal read_value(const char *value, struct place place)
{
    static char raw[4096];
    snprintf(raw, sizeof raw, "GET / HTTP/1.1\nAuthorization: %s\n\n", value);
    sample_set(&sample, raw);
    sample.place = place;
    sample.claim = (struct claim){.scheme = &scheme_app_token, .place = &sample.place};
    if (scheme_app_token.present(&sample.request, &sample.place) != 1) return REFUSAL_PROOF_MISSING;
    return scheme_app_token.read(&sample.request, &sample.arena, &sample.claim);
}

static const char *issued(const char *key, const char *secret, enum app_token_kind kind)
{
    static uint8_t memory[8192];
    struct arena arena = arena_over(memory, sizeof memory);
    struct bytes token;
    struct signing signing = {.key_id = bytes_of_text(key), .secret = {.text = bytes_of_text(secret)}, .now = NOW};
    if (!app_token_write(&signing, kind, &arena, &token)) return NULL;
    static char text[2048];
    snprintf(text, sizeof text, "Bearer %.*s", (int)token.length, (const char *)token.data);
    return text;
}

static bool holds(const char *secret)
{
    return scheme_proof_holds(&sample.claim, &(struct hmac_secret){.text = bytes_of_text(secret)}, BYTES(""));
}

static void what_is_issued_is_read(void **state)
{
    (void)state;
    assert_int_equal(read_value(issued("key", "secret", APP_TOKEN_ACCESS), app_token_place(APP_TOKEN_ACCESS, BYTES("60"))), REFUSAL_NONE);
    assert_bytes(sample.claim.key_id, "key");
    assert_int_equal(sample.claim.time, NOW);
    assert_true(sample.claim.timed && sample.claim.time_is_signed);
    assert_int_equal(sample.claim.lifetime, 60);
    assert_true(holds("secret"));
    assert_false(holds("another"));
}

static void one_kind_is_not_the_other(void **state)
{
    char swapped[2048];
    (void)state;
    struct place access = app_token_place(APP_TOKEN_ACCESS, BYTES("60")), refresh = app_token_place(APP_TOKEN_REFRESH, BYTES("60"));
    snprintf(swapped, sizeof swapped, "%s", issued("key", "secret", APP_TOKEN_REFRESH));
    assert_int_equal(read_value(swapped, access), REFUSAL_PROOF_MISSING);
    assert_int_equal(read_value(swapped, refresh), REFUSAL_NONE);
    assert_true(holds("secret"));
    memcpy(swapped, "Bearer csat1-", 13);
    assert_int_equal(read_value(swapped, access), REFUSAL_NONE);
    assert_false(holds("secret"));
}

static void what_cannot_be_read_is_malformed(void **state)
{
    static const char *const values[] = {"Bearer csat1-", "Bearer csat1-!", "Bearer csat1-AAAA",
                                         "Bearer csat1-AAAA=", "Bearer csat1- AAAA"};
    char value[2048] = "Bearer csat1-";
    struct place place = app_token_place(APP_TOKEN_ACCESS, BYTES("60"));
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) assert_int_equal(read_value(values[i], place), REFUSAL_PROOF_MALFORMED);
    /* Eight bytes of time and a MAC, without a key between them; and a key of NUL. */
    memset(value + 13, 'A', 56);
    memcpy(value + 13 + 53, "A", 2);
    assert_int_equal(read_value(value, place), REFUSAL_PROOF_MALFORMED);
    memset(value + 13, 'A', 60);
    value[13 + 60] = 0;
    assert_int_equal(read_value(value, place), REFUSAL_PROOF_MALFORMED);
    memset(value + 13, 'A', 1028);
    value[13 + 1028] = 0;
    assert_int_equal(read_value(value, place), REFUSAL_PROOF_MALFORMED);
}

static void what_cannot_stand_in_a_token_gets_none(void **state)
{
    char key[300];
    (void)state;
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = 0;
    assert_null(issued("", "secret", APP_TOKEN_ACCESS));
    assert_null(issued("key", "", APP_TOKEN_ACCESS));
    assert_null(issued("a key", "secret", APP_TOKEN_ACCESS));
    assert_null(issued(key, "secret", APP_TOKEN_ACCESS));
    key[256] = 0;
    assert_non_null(issued(key, "secret", APP_TOKEN_ACCESS));
}

static void two_fields_are_ambiguous(void **state)
{
    (void)state;
    sample_set(&sample, "GET / HTTP/1.1\nAuthorization: Bearer csat1-AAAA\nAuthorization: Basic x\n\n");
    sample.place = app_token_place(APP_TOKEN_ACCESS, BYTES("60"));
    sample.claim = (struct claim){.scheme = &scheme_app_token, .place = &sample.place};
    assert_int_equal(scheme_app_token.present(&sample.request, &sample.place), 1);
    assert_int_equal(scheme_app_token.read(&sample.request, &sample.arena, &sample.claim), REFUSAL_PROOF_AMBIGUOUS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_issued_is_read),           cmocka_unit_test(one_kind_is_not_the_other),
        cmocka_unit_test(what_cannot_be_read_is_malformed), cmocka_unit_test(what_cannot_stand_in_a_token_gets_none),
        cmocka_unit_test(two_fields_are_ambiguous),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
