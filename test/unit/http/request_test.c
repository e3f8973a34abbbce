#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/request.h"

#include <stdlib.h>

#define assert_bytes(actual, expected) assert_true(bytes_equal((actual), BYTES(expected)))

static void target_splits_at_the_first_question_mark(void **state)
{
    (void)state;
    struct http_request request = {0};
    assert_true(http_request_set_target(&request, BYTES("/a/b?x=1?y")));
    assert_bytes(request.target, "/a/b?x=1?y");
    assert_bytes(request.path, "/a/b");
    assert_bytes(request.query, "x=1?y");
    assert_true(http_request_set_target(&request, BYTES("/")));
    assert_bytes(request.path, "/");
    assert_bytes(request.query, "");
    assert_true(http_request_set_target(&request, BYTES("/a?")));
    assert_bytes(request.path, "/a");
    assert_bytes(request.query, "");
}

static void target_accepts(void **state)
{
    (void)state;
    static const char *const rows[] = {"/%41%7f%fF",         "//",           "/a//b/../c", "/caf\xc3\xa9",     "/\xff",
                                       "/!$&'()*+,;=:@-._~", "/a?b=%20&c=+", "/%2500",     "/?a=\"<>[]^`{|}\\"};
    struct http_request request;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) assert_true(http_request_set_target(&request, bytes_of_text(rows[i])));
}

static void target_refuses(void **state)
{
    (void)state;
    static const char *const rows[] = {"",         "a",     "?a=1",     "*",       "http://a/b", "a:443", "/a b", "/a\tb",
                                       "/a\r\n",   "/\x7f", "/a#",      "/?a#b",   "/%",         "/%4",   "/%4g", "/a?%",
                                       "/a?b=%z1", "/%00",  "/a?b=%00", "/%41%00", "/%%41",      "/\x01"};
    struct http_request request = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) assert_false(http_request_set_target(&request, bytes_of_text(rows[i])));
    assert_false(http_request_set_target(&request, BYTES("/a\0b")));
    assert_null(request.target.data);
}

static void target_has_a_longest_length(void **state)
{
    (void)state;
    const size_t longest = 32 * 1024;
    struct http_request request;
    char *target = malloc(longest + 1);
    memset(target, '/', longest + 1);
    assert_true(http_request_set_target(&request, bytes_of(target, longest)));
    assert_false(http_request_set_target(&request, bytes_of(target, longest + 1)));
    free(target);
}

static void fields_are_found_folded(void **state)
{
    (void)state;
    const struct http_field fields[] = {
        {BYTES("Host"), BYTES("example.com")}, {BYTES("X-A"), BYTES("1")}, {BYTES("x-a"), BYTES("2")}, {BYTES("X_A"), BYTES("3")}};
    const struct http_request request = {.fields = fields, .field_count = 4};
    assert_ptr_equal(http_field_find(&request, BYTES("x-A")), &fields[1]);
    assert_bytes(http_field_value(&request, BYTES("x-a")), "1");
    assert_int_equal(http_field_count(&request, BYTES("X-A")), 2);
    assert_int_equal(http_field_count(&request, BYTES("x_a")), 1);
    assert_int_equal(http_field_count(&request, BYTES("x-b")), 0);
    assert_null(http_field_find(&request, BYTES("x-")));
    assert_null(http_field_find(&request, BYTES("")));
    assert_int_equal(http_field_value(&request, BYTES("x-b")).length, 0);
}

static void pairs(void **state)
{
    (void)state;
    struct bytes rest = BYTES("&&a=1&b&c=&=d&e=f=g&&%41=+&");
    static const struct {
        const char *name, *value;
        bool has_value;
    } rows[] = {{"a", "1", true}, {"b", "", false}, {"c", "", true}, {"", "d", true}, {"e", "f=g", true}, {"%41", "+", true}};
    struct http_pair pair;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(http_pair_next(&rest, &pair));
        assert_true(bytes_equal(pair.name, bytes_of_text(rows[i].name)));
        assert_true(bytes_equal(pair.value, bytes_of_text(rows[i].value)));
        assert_int_equal(pair.has_value, rows[i].has_value);
    }
    assert_false(http_pair_next(&rest, &pair));
    rest = BYTES("");
    assert_false(http_pair_next(&rest, &pair));
    rest = BYTES("&&&");
    assert_false(http_pair_next(&rest, &pair));
}

static bool is_form(const char *type)
{
    const struct http_field fields[] = {{BYTES("Content-type"), bytes_of_text(type)}};
    const struct http_request request = {.fields = fields, .field_count = 1};
    return http_request_is_form(&request);
}

static void forms(void **state)
{
    (void)state;
    assert_true(is_form("application/x-www-form-urlencoded"));
    assert_true(is_form("Application/X-WWW-Form-URLEncoded; charset=utf-8"));
    assert_true(is_form("application/x-www-form-urlencoded \t;charset=utf-8"));
    assert_false(is_form(""));
    assert_false(is_form("application/json"));
    assert_false(is_form("application/x-www-form-urlencoded2"));
    assert_false(is_form("application/x-www-form-urlencode"));
    assert_false(is_form("text/plain; application/x-www-form-urlencoded"));
    const struct http_request without = {0};
    assert_false(http_request_is_form(&without));
}

static void aliases(void **state)
{
    (void)state;
    assert_true(http_name_is_alias(BYTES("X-Ca-Key"), BYTES("x_ca.KEY")));
    assert_true(http_name_is_alias(BYTES("x-ca-key"), BYTES("x-ca-key")));
    assert_false(http_name_is_alias(BYTES("x-ca-key"), BYTES("x-ca-keys")));
    assert_false(http_name_is_alias(BYTES("x-ca-key"), BYTES("x-ca+key")));
    assert_false(http_name_is_alias(BYTES("x-ca-key"), BYTES("xcakey")));
}

/* Every byte at every place of short and long values: they are looked at eight and sixteen at a time. */
static void clean_values(void **state)
{
    (void)state;
    uint8_t value[50];
    memset(value, 'v', sizeof value);
    for (size_t length = 0; length <= sizeof value; length++) {
        assert_true(http_value_is_clean(bytes_of(value, length)));
        for (size_t at = 0; at < length; at++) {
            for (int c = 0; c < 256; c++) {
                value[at] = (uint8_t)c;
                assert_int_equal(http_value_is_clean(bytes_of(value, length)), c >= 0x20 && c != 0x7f);
            }
            value[at] = 'v';
        }
        if (length < sizeof value) value[length] = '\n';
        assert_true(http_value_is_clean(bytes_of(value, length)));
        if (length < sizeof value) value[length] = 'v';
    }
}

/* RFC 9110, 5.6.2, over all bytes. */
static void tokens(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        uint8_t name[2] = {'a', (uint8_t)c};
        bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        bool expected = letter || (c != 0 && c < 128 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
        assert_int_equal(http_name_is_token(bytes_of(name, 2)), expected);
    }
    assert_false(http_name_is_token(BYTES("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(target_splits_at_the_first_question_mark),
        cmocka_unit_test(target_accepts),
        cmocka_unit_test(target_refuses),
        cmocka_unit_test(target_has_a_longest_length),
        cmocka_unit_test(fields_are_found_folded),
        cmocka_unit_test(pairs),
        cmocka_unit_test(forms),
        cmocka_unit_test(aliases),
        cmocka_unit_test(clean_values),
        cmocka_unit_test(tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
