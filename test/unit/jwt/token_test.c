/* What is taken for a token, which key checks it, and what its claims have to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/hmac.h"
#include "jwt/claims.h"
#include "jwt/verify.h"

#define NOW    1700000000
#define SECRET "0123456789abcdef0123456789abcdef"

static _Alignas(16) uint8_t memory[256 * 1024];
static struct arena arena;
static struct jwt_keys keys;
static struct bytes set_text;
static unsigned set_asked;

static int fresh(void **state)
{
    (void)state;
    arena = arena_over(memory, sizeof memory);
    jwt_keys_destroy(&keys);
    set_asked = 0;
    set_text = BYTES("{\"keys\":[{\"kty\":\"oct\",\"kid\":\"1\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}");
    return 0;
}

/* Signed by HS256 whatever the header says. */
static struct bytes token_of(const char *header, const char *claims)
{
    struct buffer out = buffer_in(&arena, 8192);
    base64url_encode(&out, bytes_of_text(header));
    buffer_add_byte(&out, '.');
    base64url_encode(&out, bytes_of_text(claims));
    struct digest_value mac = hmac_of(DIGEST_SHA256, BYTES(SECRET), buffer_bytes(&out));
    buffer_add_byte(&out, '.');
    base64url_encode(&out, digest_bytes(&mac));
    return buffer_bytes(&out);
}

static enum jwt_verdict read(const char *header)
{
    struct jwt_token token;
    return jwt_token_read(&arena, token_of(header, "{}"), &token);
}

static enum jwt_verdict give(void *context, struct arena *into, struct bytes *text)
{
    (void)context;
    (void)into;
    set_asked++;
    *text = set_text;
    return JWT_GOOD;
}

static enum jwt_verdict verify(const char *header, uint64_t revision)
{
    struct jwt_token token;
    arena_reset(&arena);
    const struct jwt_key_source source = {BYTES("i"), BYTES("set"), revision, give, NULL};
    assert_int_equal(jwt_token_read(&arena, token_of(header, "{}"), &token), JWT_GOOD);
    return jwt_verify(&arena, &token, &source, &keys);
}

static void none_and_unknown_algorithms(void **state)
{
    (void)state;
    static const char *const names[] = {"none", "None", "NONE", "nOnE", "", "HS1", "hs256", "RSA1_5", "dir", "A256GCM", "ES256K"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char header[64] = "{\"alg\":\"";
        strncat(strncat(header, names[i], 20), "\"}", 3);
        assert_int_equal(read(header), JWT_ALGORITHM_UNKNOWN);
    }
    assert_int_equal(read("{\"typ\":\"JWT\"}"), JWT_MALFORMED);
    assert_int_equal(read("{\"alg\":[\"HS256\"]}"), JWT_MALFORMED);
    assert_int_equal(read("{\"alg\":null}"), JWT_MALFORMED);
}

static void headers_that_ask_for_more_are_refused(void **state)
{
    (void)state;
    static const char *const members[] = {"\"crit\":[\"x\"]",      "\"crit\":[]",     "\"b64\":false",    "\"b64\":true",
                                          "\"enc\":\"A128GCM\"",   "\"zip\":\"DEF\"", "\"jwk\":{}",       "\"jku\":\"https://x\"",
                                          "\"x5u\":\"https://x\"", "\"x5c\":[]",      "\"\\u0063rit\":[]"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        char header[128] = "{\"alg\":\"HS256\",";
        strncat(strncat(header, members[i], 64), "}", 2);
        assert_int_equal(read(header), JWT_HEADER_REFUSED);
    }
    assert_int_equal(read("{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"cty\":\"x\",\"x5t\":\"AA\"}"), JWT_GOOD);
}

static void a_name_twice_is_refused_whatever_its_escapes(void **state)
{
    (void)state;
    assert_int_equal(read("{\"alg\":\"none\",\"alg\":\"HS256\"}"), JWT_MALFORMED);
    assert_int_equal(read("{\"alg\":\"HS256\",\"\\u0061lg\":\"none\"}"), JWT_MALFORMED);
    struct jwt_token token;
    assert_int_equal(jwt_token_read(&arena, token_of("{\"alg\":\"HS256\"}", "{\"uid\":\"a\",\"u\\u0069d\":\"b\"}"), &token), JWT_MALFORMED);
}

static void only_the_compact_form_of_three_parts(void **state)
{
    (void)state;
    struct jwt_token token;
    struct bytes good = token_of("{\"alg\":\"HS256\"}", "{}");
    assert_int_equal(jwt_token_read(&arena, good, &token), JWT_GOOD);
    static const char *const others[] = {
        "",    ".",     "..",         "a.b",      "a.b.c.d.e",   "....", "{\"payload\":\"\",\"signatures\":[]}",
        "..x", "e30..", "e30.e30.x=", "e30.e30.", " e30.e30.e30"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_not_equal(jwt_token_read(&arena, bytes_of_text(others[i]), &token), JWT_GOOD);
    static uint8_t dots[JWT_MAX_LENGTH + 1];
    memset(dots, '.', sizeof dots);
    assert_int_equal(jwt_token_read(&arena, bytes_of(dots, 10000), &token), JWT_MALFORMED);
    assert_int_equal(jwt_token_read(&arena, bytes_of(dots, sizeof dots), &token), JWT_MALFORMED);
}

static void kids(void **state)
{
    (void)state;
    static const char *const hostile[] = {"../../dev/null", "' or 1=1", "1\\u0000", "\\n", "2"};
    assert_int_equal(verify("{\"alg\":\"HS256\",\"kid\":\"1\"}", 1), JWT_GOOD);
    assert_int_equal(verify("{\"alg\":\"HS256\"}", 1), JWT_GOOD);
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        char header[128] = "{\"alg\":\"HS256\",\"kid\":\"";
        strncat(strncat(header, hostile[i], 64), "\"}", 3);
        struct jwt_token token;
        const struct jwt_key_source source = {BYTES("i"), BYTES("set"), 1, give, NULL};
        if (jwt_token_read(&arena, token_of(header, "{}"), &token) != JWT_GOOD) continue;
        assert_int_equal(jwt_verify(&arena, &token, &source, &keys), JWT_KEY_UNKNOWN);
    }
    assert_int_equal(read("{\"alg\":\"HS256\",\"kid\":1}"), JWT_MALFORMED);
    static char longest[65536];
    memset(longest, 'x', sizeof longest - 1);
    memcpy(longest, "{\"alg\":\"HS256\",\"kid\":\"", 22);
    memcpy(longest + 300, "\"}", 3);
    assert_int_equal(read(longest), JWT_MALFORMED);
}

/* The classic confusion: the public key as the secret of a MAC (CVE-2015-9235 and its many followers). */
static void the_key_decides_the_algorithm(void **state)
{
    (void)state;
    set_text = BYTES(
        "{\"keys\":[{\"kty\":\"oct\",\"alg\":\"HS512\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4"
        "OWFiY2RlZg\"}]}");
    assert_int_equal(verify("{\"alg\":\"HS256\"}", 1), JWT_KEY_UNKNOWN);
    assert_int_equal(verify("{\"alg\":\"HS512\"}", 1), JWT_SIGNATURE_MISMATCH);
    set_text = BYTES("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_"
                     "FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}");
    assert_int_equal(verify("{\"alg\":\"HS256\"}", 2), JWT_KEY_UNKNOWN);
    assert_int_equal(verify("{\"alg\":\"ES384\"}", 2), JWT_KEY_UNKNOWN);
    assert_int_equal(verify("{\"alg\":\"ES256\"}", 2), JWT_SIGNATURE_MISMATCH);
}

static void a_key_is_made_ready_once_for_each_state_of_its_set(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) assert_int_equal(verify("{\"alg\":\"HS256\",\"kid\":\"1\"}", 1), JWT_GOOD);
    assert_int_equal(set_asked, 1);
    set_text = BYTES("{\"keys\":[{\"kty\":\"oct\",\"kid\":\"1\",\"k\":\"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE\"}]}");
    assert_int_equal(verify("{\"alg\":\"HS256\",\"kid\":\"1\"}", 2), JWT_SIGNATURE_MISMATCH);
    assert_int_equal(set_asked, 2);
    for (uint64_t revision = 3; revision < 3000; revision++)
        assert_int_equal(verify("{\"alg\":\"HS256\"}", revision), JWT_SIGNATURE_MISMATCH);
}

static const char *unfit(const char *json)
{
    static struct jwk found[JWK_SET_MAX_KEYS];
    struct jwk_set set = {.keys = found};
    return jwk_set_read(&arena, bytes_of_text(json), false, &set);
}

static void sets_that_are_none(void **state)
{
    (void)state;
    assert_null(unfit("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}"));
    assert_string_equal(unfit("{\"keys\":[]}"), "it holds no key that tokens can be checked with");
    assert_string_equal(unfit("[]"), "it has no list \"keys\"");
    assert_non_null(unfit("{\"keys\":[],\"keys\":[]}"));
    assert_non_null(unfit("{\"keys\":[{\"kty\":\"RSA\",\"alg\":\"HS256\",\"n\":\"AQ\",\"e\":\"AQ\"}]}"));
    assert_non_null(unfit("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES384\",\"x\":\"AQ\",\"y\":\"AQ\"}]}"));
    assert_non_null(unfit("{\"keys\":[{\"kty\":\"oct\",\"alg\":\"none\",\"k\":\"AAAA\"}]}"));
    assert_non_null(unfit("{\"keys\":[{\"kty\":\"oct\",\"use\":\"enc\",\"k\":\"AAAA\"}]}"));
    assert_non_null(unfit("{\"keys\":[{\"kty\":\"oct\",\"key_ops\":[\"sign\"],\"k\":\"AAAA\"}]}"));
    assert_non_null(unfit("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA=\"}]}"));
    assert_non_null(unfit("{\"keys\":[{\"kty\":\"oct\",\"kid\":7,\"k\":\"AAAA\"}]}"));
    assert_non_null(unfit("{\"keys\":[{\"kty\":\"oct\",\"kid\":\"1\",\"k\":\"AAAA\"},{\"kty\":\"oct\",\"kid\":\"1\",\"k\":\"AAAA\"}]}"));
}

static enum jwt_verdict claims_at(const char *claims, const struct token_rules *rules, int64_t now)
{
    struct jwt_token token;
    struct jwt_check check = {.rules = rules, .now = now};
    assert_int_equal(jwt_token_read(&arena, token_of("{\"alg\":\"HS256\"}", claims), &token), JWT_GOOD);
    return jwt_claims_check(&arena, &token, &check);
}

static void times(void **state)
{
    (void)state;
    const struct token_rules strict = {0}, lax = {.leeway = 60}, undated = {.accept_undated = true}, ignoring = {.ignore_expiry = true};
    const char *expires = "{\"exp\":1700000000}", *begins = "{\"exp\":1800000000,\"nbf\":1700000001}",
               *issued = "{\"exp\":1800000000,\"iat\":1700000001}";
    assert_int_equal(claims_at(expires, &strict, NOW - 1), JWT_GOOD);
    assert_int_equal(claims_at(expires, &strict, NOW), JWT_EXPIRED);
    assert_int_equal(claims_at(expires, &lax, NOW + 59), JWT_GOOD);
    assert_int_equal(claims_at(expires, &lax, NOW + 60), JWT_EXPIRED);
    assert_int_equal(claims_at(expires, &ignoring, NOW + 60), JWT_GOOD);
    assert_int_equal(claims_at(begins, &strict, NOW), JWT_NOT_YET_VALID);
    assert_int_equal(claims_at(begins, &lax, NOW), JWT_GOOD);
    assert_int_equal(claims_at(issued, &strict, NOW), JWT_NOT_YET_VALID);
    assert_int_equal(claims_at(issued, &strict, NOW + 1), JWT_GOOD);
    assert_int_equal(claims_at("{}", &strict, NOW), JWT_CLAIM_MISSING);
    assert_int_equal(claims_at("{}", &undated, NOW), JWT_GOOD);
    static const char *const wrong[] = {
        "{\"exp\":\"1800000000\"}", "{\"exp\":-1}",           "{\"exp\":1e400}", "{\"exp\":1800000000.5}",
        "{\"exp\":null}",           "{\"exp\":[1800000000]}", "{\"exp\":1e10}",  "{\"exp\":99999999999999999999}"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(claims_at(wrong[i], &strict, NOW), JWT_CLAIM_MISMATCH);
        assert_int_equal(claims_at(wrong[i], &ignoring, NOW), JWT_CLAIM_MISMATCH);
    }
    assert_int_equal(claims_at("{\"exp\":9223372036854775807}", &lax, NOW), JWT_GOOD);
    assert_int_equal(claims_at("{\"exp\":0}", &lax, NOW), JWT_EXPIRED);
}

static void issuer_and_audience(void **state)
{
    (void)state;
    uint8_t room[64];
    struct buffer list = buffer_over(room, sizeof room);
    token_text_add(&list, BYTES("api"));
    token_text_add(&list, BYTES("other"));
    const struct token_rules rules = {.accept_undated = true, .issuer = BYTES("me"), .audiences = buffer_bytes(&list)},
                             open = {.accept_undated = true};
    assert_int_equal(claims_at("{\"iss\":\"me\",\"aud\":\"api\"}", &rules, NOW), JWT_GOOD);
    assert_int_equal(claims_at("{\"iss\":\"me\",\"aud\":[\"x\",\"other\"]}", &rules, NOW), JWT_GOOD);
    static const char *const wrong[] = {
        "{\"iss\":\"you\",\"aud\":\"api\"}", "{\"iss\":[\"me\"],\"aud\":\"api\"}",   "{\"iss\":\"me\",\"aud\":7}",
        "{\"iss\":\"me\",\"aud\":null}",     "{\"iss\":\"me\",\"aud\":[[\"api\"]]}", "{\"iss\":\"me\",\"aud\":[\"api\",1]}",
        "{\"iss\":\"me\",\"aud\":[]}",       "{\"iss\":\"me\",\"aud\":\"apis\"}",    "{\"iss\":\"me\",\"aud\":{\"api\":1}}"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) assert_int_equal(claims_at(wrong[i], &rules, NOW), JWT_CLAIM_MISMATCH);
    assert_int_equal(claims_at("{\"aud\":\"api\"}", &rules, NOW), JWT_CLAIM_MISSING);
    assert_int_equal(claims_at("{\"iss\":\"me\"}", &rules, NOW), JWT_CLAIM_MISSING);
    assert_int_equal(claims_at("{\"iss\":\"you\",\"aud\":\"x\"}", &open, NOW), JWT_GOOD);
    assert_int_equal(claims_at("{\"aud\":7}", &open, NOW), JWT_CLAIM_MISMATCH);
}

static void claim_is(const char *path, const char *expected)
{
    struct jwt_token token;
    struct json_value value;
    struct bytes text;
    const char *claims = "{\"uid\":\"u\",\"n\":12,\"t\":true,\"z\":null,\"https://x/y\":\"ns\",\"a\":{\"b/"
                         "c\":\"slash\",\"~\":\"tilde\",\"\":\"empty\",\"list\":["
                         "\"zero\",[\"one\"]]}}";
    assert_int_equal(jwt_token_read(&arena, token_of("{\"alg\":\"HS256\"}", claims), &token), JWT_GOOD);
    bool found = jwt_claim_find(&arena, &token, bytes_of_text(path), &value) && jwt_claim_text(&value, &text);
    if (expected == NULL) return assert_false(found);
    assert_true(found);
    assert_true(bytes_equal(text, bytes_of_text(expected)));
}

static void claims_by_path(void **state)
{
    (void)state;
    claim_is("uid", "u");
    claim_is("/uid", "u");
    claim_is("n", "12");
    claim_is("t", "true");
    claim_is("z", NULL);
    claim_is("https://x/y", "ns");
    claim_is("/a/b~1c", "slash");
    claim_is("/a/~0", "tilde");
    claim_is("/a/", "empty");
    claim_is("/a/list/0", "zero");
    claim_is("/a/list/1", "[\"one\"]");
    claim_is("/a/list/2", NULL);
    claim_is("/a/list/00", NULL);
    claim_is("/a/list/-", NULL);
    claim_is("/a/~2", NULL);
    claim_is("/uid/x", NULL);
    claim_is("a.list", NULL);
    claim_is("", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(none_and_unknown_algorithms, fresh),
        cmocka_unit_test_setup(headers_that_ask_for_more_are_refused, fresh),
        cmocka_unit_test_setup(a_name_twice_is_refused_whatever_its_escapes, fresh),
        cmocka_unit_test_setup(only_the_compact_form_of_three_parts, fresh),
        cmocka_unit_test_setup(kids, fresh),
        cmocka_unit_test_setup(the_key_decides_the_algorithm, fresh),
        cmocka_unit_test_setup(a_key_is_made_ready_once_for_each_state_of_its_set, fresh),
        cmocka_unit_test_setup(sets_that_are_none, fresh),
        cmocka_unit_test_setup(times, fresh),
        cmocka_unit_test_setup(issuer_and_audience, fresh),
        cmocka_unit_test_setup(claims_by_path, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
