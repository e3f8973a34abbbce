#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scheme/scheme.h"
#include "support/sample.h"

static const struct scheme *const scheme = &scheme_api_key;
static struct sample sample;

static size_t present_at(struct place place, const char *raw)
{
    sample_set(&sample, raw);
    return scheme->present(&sample.request, &place);
}

static enum refusal read_at(struct place place, const char *raw)
{
    sample_set(&sample, raw);
    sample.place = place;
    sample.claim = (struct claim){.scheme = scheme, .place = &sample.place};
    return scheme->read(&sample.request, &sample.arena, &sample.claim);
}

static struct place header(struct bytes name, struct bytes prefix)
{
    return (struct place){.scheme = SCHEME_API_KEY, .location = PLACE_HEADER, .name = name, .prefix = prefix};
}

static struct place query(struct bytes name)
{
    return (struct place){.scheme = SCHEME_API_KEY, .location = PLACE_QUERY, .name = name};
}

#define BEARER scheme_default_place(SCHEME_API_KEY)

static void bearer_keys(void **state)
{
    (void)state;
    assert_int_equal(present_at(BEARER, "GET / HTTP/1.1\nauthorization: bEARER abc\n\n"), 1);
    assert_int_equal(read_at(BEARER, "GET / HTTP/1.1\nAuthorization: Bearer  abc\n\n"), REFUSAL_NONE);
    assert_bytes(sample.claim.proof, "abc");
    assert_int_equal(sample.claim.key_id.length, 0);
    assert_int_equal(present_at(BEARER, "GET / HTTP/1.1\nAuthorization: Basic abc\n\n"), 0);
    assert_int_equal(present_at(BEARER, "GET / HTTP/1.1\nAuthorization: Bearerabc\n\n"), 0);
    assert_int_equal(present_at(BEARER, "GET / HTTP/1.1\nAuthorization: Bearer\n\n"), 0);
    assert_int_equal(present_at(BEARER, "GET / HTTP/1.1\nAuthorization: Bearer a\nAuthorization: Bearer b\n\n"), 2);
}

static void two_dots_are_a_token_and_no_key(void **state)
{
    (void)state;
    assert_int_equal(present_at(BEARER, "GET / HTTP/1.1\nAuthorization: Bearer a.b.c\n\n"), 0);
    assert_int_equal(present_at(BEARER, "GET / HTTP/1.1\nAuthorization: Bearer ..\n\n"), 0);
    assert_int_equal(present_at(BEARER, "GET / HTTP/1.1\nAuthorization: Bearer a.b\n\n"), 1);
    assert_int_equal(present_at(BEARER, "GET / HTTP/1.1\nAuthorization: Bearer a.b.c.d\n\n"), 1);
    assert_int_equal(present_at(header(BYTES("x-key"), BYTES("")), "GET / HTTP/1.1\nX-Key: a.b.c\n\n"), 1);
}

static void a_second_field_of_the_name_is_ambiguous(void **state)
{
    (void)state;
    assert_int_equal(read_at(BEARER, "GET / HTTP/1.1\nAuthorization: Bearer key\nAuthorization: Bearer a.b.c\n\n"),
                     REFUSAL_PROOF_AMBIGUOUS);
    assert_bytes(sample.claim.field, "authorization");
    assert_int_equal(read_at(header(BYTES("x-key"), BYTES("")), "GET / HTTP/1.1\nX-Key: a\nx-key: a\n\n"), REFUSAL_PROOF_AMBIGUOUS);
}

static void plain_headers(void **state)
{
    (void)state;
    struct place place = header(BYTES("X-Api-Key"), BYTES(""));
    assert_int_equal(read_at(place, "GET / HTTP/1.1\nx-api-key: k!@#$%=/+\n\n"), REFUSAL_NONE);
    assert_bytes(sample.claim.proof, "k!@#$%=/+");
    assert_int_equal(read_at(place, "GET / HTTP/1.1\nx-api-key:\n\n"), REFUSAL_KEY_MISSING);
    assert_bytes(sample.claim.field, "X-Api-Key");
    assert_int_equal(read_at(place, "GET / HTTP/1.1\nx-api-key: a b\n\n"), REFUSAL_PROOF_MALFORMED);
    assert_int_equal(read_at(place, "GET / HTTP/1.1\nx-api-key: \xc3\xa9\n\n"), REFUSAL_PROOF_MALFORMED);
}

static void a_key_has_a_length(void **state)
{
    (void)state;
    static char raw[1024];
    snprintf(raw, sizeof raw, "GET / HTTP/1.1\nx-key: %0512d\n\n", 1);
    assert_int_equal(read_at(header(BYTES("x-key"), BYTES("")), raw), REFUSAL_NONE);
    snprintf(raw, sizeof raw, "GET / HTTP/1.1\nx-key: %0513d\n\n", 1);
    assert_int_equal(read_at(header(BYTES("x-key"), BYTES("")), raw), REFUSAL_PROOF_MALFORMED);
}

static void query_names_are_decoded_and_exact(void **state)
{
    (void)state;
    struct place place = query(BYTES("api_key"));
    assert_int_equal(read_at(place, "GET /?a=1&api_key=k%2B%31+ HTTP/1.1\n\n"), REFUSAL_NONE);
    assert_bytes(sample.claim.proof, "k+1+");
    assert_int_equal(read_at(place, "GET /?api%5Fkey=k HTTP/1.1\n\n"), REFUSAL_NONE);
    assert_int_equal(read_at(place, "GET /?%61%70%69%5F%6B%65%79=k HTTP/1.1\n\n"), REFUSAL_NONE);
    assert_int_equal(present_at(place, "GET /?API_KEY=k&api_key2=k&xapi_key=k&api_ke%79%79=x HTTP/1.1\n\n"), 0);
    assert_int_equal(present_at(place, "GET /?api_key=k&api%5fkey=k HTTP/1.1\n\n"), 2);
    assert_int_equal(read_at(place, "GET /?api_key=k&api_key=k HTTP/1.1\n\n"), REFUSAL_PROOF_AMBIGUOUS);
    assert_int_equal(read_at(place, "GET /?api_key= HTTP/1.1\n\n"), REFUSAL_KEY_MISSING);
    assert_int_equal(read_at(place, "GET /?api_key HTTP/1.1\n\n"), REFUSAL_KEY_MISSING);
    assert_bytes(sample.claim.field, "api_key");
    assert_int_equal(read_at(place, "GET /?api_key=a%20b HTTP/1.1\n\n"), REFUSAL_PROOF_MALFORMED);
    assert_int_equal(read_at(place, "GET /?api_key=a%0Ab HTTP/1.1\n\n"), REFUSAL_PROOF_MALFORMED);
}

static void a_full_arena_refuses(void **state)
{
    (void)state;
    sample_set(&sample, "GET /?k=%41 HTTP/1.1\n\n");
    struct place place = query(BYTES("k"));
    struct claim claim = {.scheme = scheme, .place = &place};
    struct arena full = {0};
    assert_int_equal(scheme->read(&sample.request, &full, &claim), REFUSAL_PROOF_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bearer_keys),
        cmocka_unit_test(two_dots_are_a_token_and_no_key),
        cmocka_unit_test(a_second_field_of_the_name_is_ambiguous),
        cmocka_unit_test(plain_headers),
        cmocka_unit_test(a_key_has_a_length),
        cmocka_unit_test(query_names_are_decoded_and_exact),
        cmocka_unit_test(a_full_arena_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
