/* Published vectors: RFC 7515, 7520 and 8037, and Wycheproof's (vectors/jwt; README.md there says what a line is). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "jwt/verify.h"

#define ROOM (8u << 20)

static uint8_t memory[ROOM];
static struct arena arena;
static struct jwt_keys keys;
static unsigned checked, accepted;
static uint64_t line_number;

static struct bytes member(const struct json_value *object, const char *name)
{
    struct json_value value;
    if (!json_member(&arena, object, bytes_of_text(name), &value)) return bytes_of(NULL, 0);
    return value.type == JSON_TYPE_STRING ? value.text : value.raw;
}

static struct bytes decoded(struct bytes text)
{
    struct buffer out = buffer_in(&arena, text.length);
    assert_true(base64url_decode(&out, text));
    return buffer_bytes(&out);
}

static enum jwt_verdict give(void *context, struct arena *into, struct bytes *text)
{
    (void)into;
    *text = *(struct bytes *)context;
    return JWT_GOOD;
}

static bool verify_token(struct bytes set, struct bytes text)
{
    struct jwt_token token;
    const struct jwt_key_source source = {BYTES("i"), BYTES("set"), line_number, give, &set};
    if (jws_read(&arena, text, &token) != JWT_GOOD) return false;
    return jwt_verify(&arena, &token, &source, &keys) == JWT_GOOD;
}

/* [comment, …, valid] */
static bool next_test(struct bytes *rest, struct json_value item[static 4], size_t count)
{
    struct json_value test;
    if (!json_next(&arena, rest, NULL, &test)) return false;
    struct bytes inside = test.raw;
    for (size_t i = 0; i < count; i++) assert_true(json_next(&arena, &inside, NULL, &item[i]));
    return true;
}

static void count(const char *source, const struct json_value *comment, bool got, const struct json_value *wanted)
{
    bool valid = wanted->type == JSON_TYPE_TRUE;
    if (got != valid)
        fail_msg("%s, line %u: \"%.*s\" is %s", source, (unsigned)line_number, (int)comment->text.length, (const char *)comment->text.data,
                 got ? "accepted" : "refused");
    checked++;
    accepted += got;
}

static void check_tokens(const char *source, struct bytes set, struct bytes tests)
{
    struct json_value item[4];
    while (next_test(&tests, item, 3)) count(source, &item[0], verify_token(set, item[1].text), &item[2]);
}

static void check_raw(const char *source, const struct json_value *line, struct bytes tests)
{
    struct json_value object, item[4];
    struct jwk jwk;
    struct verify_key *key = NULL;
    assert_true(json_member(&arena, line, BYTES("jwk"), &object));
    if (jwk_read(&arena, &object, &jwk) == NULL) key = verify_key_prepare(jwk.algorithm, &jwk.material);
    while (next_test(&tests, item, 4)) {
        bool got = key != NULL && verify_key_check(key, decoded(item[1].text), decoded(item[2].text));
        count(source, &item[0], got, &item[3]);
    }
    verify_key_destroy(key);
}

static void check_line(struct bytes text)
{
    struct json_value line;
    char source[64];
    arena = arena_over(memory, sizeof memory);
    line_number++;
    assert_true(json_read(&arena, text, &line));
    struct bytes name = member(&line, "source");
    snprintf(source, sizeof source, "%.*s", (int)name.length, (const char *)name.data);
    struct bytes set = member(&line, "jwks");
    if (set.length > 0) return check_tokens(source, set, member(&line, "jws"));
    check_raw(source, &line, member(&line, "raw"));
}

static void check_file(const char *path)
{
    char *text = NULL;
    size_t room = 0;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    checked = accepted = 0;
    line_number = 0;
    for (ssize_t length; (length = getline(&text, &room, file)) > 0;) check_line(bytes_of(text, (size_t)length));
    fclose(file);
    free(text);
    jwt_keys_destroy(&keys);
}

static void the_rfcs_examples(void **state)
{
    (void)state;
    check_file("vectors/jwt/rfc.jsonl");
    assert_int_equal(checked, 18);
    assert_int_equal(accepted, 9);
}

static void wycheproof(void **state)
{
    (void)state;
    check_file("vectors/jwt/wycheproof.jsonl");
    assert_true(checked > 2500);
    assert_true(accepted > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_rfcs_examples), cmocka_unit_test(wycheproof)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
