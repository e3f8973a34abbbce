#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>

#define assert_bytes(actual, expected) assert_true(bytes_equal((actual), BYTES(expected)))

static uint8_t memory[4096];
static struct arena arena;

static bool reads(struct bytes document, struct json_value *value)
{
    arena = arena_over(memory, sizeof memory);
    return json_read(&arena, document, value);
}

static void values(void **state)
{
    (void)state;
    static const struct {
        const char *document;
        enum json_type type;
        const char *raw, *text;
    } rows[] = {
        {"null", JSON_TYPE_NULL, "null", ""},
        {" true ", JSON_TYPE_TRUE, "true", ""},
        {"\t\r\nfalse", JSON_TYPE_FALSE, "false", ""},
        {"0", JSON_TYPE_NUMBER, "0", "0"},
        {" -12.5e+3 ", JSON_TYPE_NUMBER, "-12.5e+3", "-12.5e+3"},
        {"-0", JSON_TYPE_NUMBER, "-0", "-0"},
        {"1E-2", JSON_TYPE_NUMBER, "1E-2", "1E-2"},
        {"\"\"", JSON_TYPE_STRING, "\"\"", ""},
        {"\"a b\" ", JSON_TYPE_STRING, "\"a b\"", "a b"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", JSON_TYPE_STRING, "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u4E2d\\ud83d\\ude00\"", JSON_TYPE_STRING, "\"\\u0041\\u00e9\\u4E2d\\ud83d\\ude00\"",
         "A\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80"},
        {"\"\\ud800\\udc00\\udbff\\udfff\"", JSON_TYPE_STRING, "\"\\ud800\\udc00\\udbff\\udfff\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
        {"\"\xe4\xb8\xad\x7f\"", JSON_TYPE_STRING, "\"\xe4\xb8\xad\x7f\"", "\xe4\xb8\xad\x7f"},
        {" [ ] ", JSON_TYPE_ARRAY, "[ ]", ""},
        {"[1,\"]\",{\"}\":[]}]", JSON_TYPE_ARRAY, "[1,\"]\",{\"}\":[]}]", ""},
        {"{}", JSON_TYPE_OBJECT, "{}", ""},
        {" { \"a\" : 1 } ", JSON_TYPE_OBJECT, "{ \"a\" : 1 }", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct json_value value;
        if (!reads(bytes_of_text(rows[i].document), &value)) fail_msg("%s is refused", rows[i].document);
        assert_int_equal(value.type, rows[i].type);
        assert_true(bytes_equal(value.raw, bytes_of_text(rows[i].raw)));
        assert_true(bytes_equal(value.text, bytes_of_text(rows[i].text)));
    }
}

static void refusals(void **state)
{
    (void)state;
    static const char *const rows[] = {"",
                                       " ",
                                       "nul",
                                       "nulll",
                                       "True",
                                       "tru e",
                                       "NaN",
                                       "Infinity",
                                       "+1",
                                       "01",
                                       "-",
                                       "-a",
                                       "00",
                                       "1.",
                                       ".5",
                                       "1.e3",
                                       "1e",
                                       "1e+",
                                       "0x10",
                                       "1 2",
                                       "1,",
                                       "--1",
                                       "\"",
                                       "\"a",
                                       "\"\\",
                                       "\"\\\"",
                                       "'a'",
                                       "\"\n\"",
                                       "\"\t\"",
                                       "\"\x01\"",
                                       "\"\\a\"",
                                       "\"\\u12\"",
                                       "\"\\u12g4\"",
                                       "\"\\U0041\"",
                                       "\"\\u0000\"",
                                       "\"\\ud800\"",
                                       "\"\\ud800x\"",
                                       "\"\\ud800\\n\"",
                                       "\"\\ud800\\u0041\"",
                                       "\"\\ud800\\ud800\"",
                                       "\"\\udc00\"",
                                       "\"\x80\"",
                                       "\"\xc3\"",
                                       "\"\xed\xa0\x80\"",
                                       "\"\xff\"",
                                       "[",
                                       "]",
                                       "[1",
                                       "[1,",
                                       "[,]",
                                       "[1,]",
                                       "[1 2]",
                                       "[1}",
                                       "{",
                                       "}",
                                       "{\"a\"",
                                       "{\"a\":",
                                       "{\"a\":1",
                                       "{\"a\":1,",
                                       "{\"a\":1,}",
                                       "{,}",
                                       "{a:1}",
                                       "{1:1}",
                                       "{\"a\" 1}",
                                       "{\"a\":1 \"b\":2}",
                                       "{\"a\":1]",
                                       "{\"a\"}",
                                       "{} {}",
                                       "[] x",
                                       "null,",
                                       "\xef\xbb\xbf{}",
                                       "/**/1",
                                       "[1]//",
                                       "\f1",
                                       "\v1"};
    struct json_value value;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (reads(bytes_of_text(rows[i]), &value)) fail_msg("%s is read", rows[i]);
    }
    assert_false(reads(BYTES("1\0"), &value));
    assert_false(reads(BYTES("\"a\0b\""), &value));
    assert_false(reads(bytes_of("true", 3), &value));
    assert_false(reads(bytes_of("\"\\ud83d\\ude00\"", 12), &value));
}

static void duplicates(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"b\":2,\"\\u0061\":3}",
        "{\"\\u00e9\":1,\"\xc3\xa9\":2}",
        "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}",
        "{\"/\":1,\"\\/\":2}",
        "{\"\":1,\"\":2}",
        "{\"x\":{\"a\":1,\"a\":2}}",
        "[{\"a\":1,\"b\":{},\"a\":2}]",
        "{\"a\":{\"b\":1},\"c\":[{\"d\":0}],\"a\":0}",
    };
    static const char *const accepted[] = {
        "{\"a\":1,\"A\":1}", "{\"a\":{\"a\":{\"a\":1}}}",    "[{\"a\":1},{\"a\":1}]",     "{\"a\":{\"b\":1},\"b\":{\"a\":1}}",
        "{\"a\":\"a\"}",     "{\"ab\":1,\"a\":2,\"abc\":3}", "{\"\\\\u0061\":1,\"a\":2}",
    };
    struct json_value value;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (reads(bytes_of_text(refused[i]), &value)) fail_msg("%s is read", refused[i]);
    }
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        if (!reads(bytes_of_text(accepted[i]), &value)) fail_msg("%s is refused", accepted[i]);
    }
}

static void depth_is_limited(void **state)
{
    (void)state;
    struct json_value value;
    assert_true(reads(BYTES("[[[[[[[[1]]]]]]]]"), &value));
    assert_false(reads(BYTES("[[[[[[[[[]]]]]]]]]"), &value));
    assert_true(reads(BYTES("{\"a\":[{\"a\":[{\"a\":[{\"a\":[]}]}]}]}"), &value));
    assert_false(reads(BYTES("{\"a\":[{\"a\":[{\"a\":[{\"a\":[{}]}]}]}]}"), &value));
    static char deep[200000];
    memset(deep, '[', sizeof deep);
    assert_false(reads(bytes_of(deep, sizeof deep), &value));
}

/* `count` members in an object of its own, or inside an object with one. */
static bool reads_members(int count, const char *around, const char *behind)
{
    static char text[8192];
    int length = snprintf(text, sizeof text, "%s{", around);
    for (int i = 0; i < count; i++) length += snprintf(text + length, sizeof text - (size_t)length, "%s\"n%d\":%d", i > 0 ? "," : "", i, i);
    length += snprintf(text + length, sizeof text - (size_t)length, "}%s", behind);
    struct json_value value;
    return reads(bytes_of(text, (size_t)length), &value);
}

static void members_are_limited(void **state)
{
    (void)state;
    assert_true(reads_members(JSON_MAX_MEMBERS, "", ""));
    assert_false(reads_members(JSON_MAX_MEMBERS + 1, "", ""));
    assert_true(reads_members(JSON_MAX_MEMBERS - 1, "{\"n0\":", "}"));
    assert_false(reads_members(JSON_MAX_MEMBERS, "{\"n0\":", "}"));
    assert_true(reads_members(JSON_MAX_MEMBERS, "[{\"a\":1},", ",{\"a\":1}]"));
}

static void size_is_limited(void **state)
{
    (void)state;
    char *text = malloc(JSON_MAX_SIZE + 1);
    memset(text, ' ', JSON_MAX_SIZE + 1);
    text[0] = '1';
    struct json_value value;
    assert_true(reads(bytes_of(text, JSON_MAX_SIZE), &value));
    assert_false(reads(bytes_of(text, JSON_MAX_SIZE + 1), &value));
    free(text);
}

static void members_are_found_by_their_unescaped_names(void **state)
{
    (void)state;
    struct json_value object, value;
    assert_true(reads(BYTES(" { \"a\" : [ 1, {\"x\":2} ] ,\"\\u0062\\n\":\"v\\n\",\"c\":{\"a\":9},\"\":null } "), &object));
    assert_true(json_member(&arena, &object, BYTES("a"), &value));
    assert_bytes(value.raw, "[ 1, {\"x\":2} ]");
    assert_true(json_member(&arena, &object, BYTES("b\n"), &value));
    assert_bytes(value.text, "v\n");
    assert_true(json_member(&arena, &object, BYTES(""), &value));
    assert_int_equal(value.type, JSON_TYPE_NULL);
    assert_true(json_member(&arena, &object, BYTES("c"), &value));
    assert_true(json_member(&arena, &value, BYTES("a"), &value));
    assert_bytes(value.text, "9");
    assert_false(json_member(&arena, &object, BYTES("x"), &value));
    assert_false(json_member(&arena, &object, BYTES("b"), &value));
    assert_false(json_member(&arena, &object, BYTES("b\nc"), &value));
    assert_false(json_member(&arena, &object, BYTES("\\u0062\\n"), &value));
    assert_true(reads(BYTES("[\"a\"]"), &object));
    assert_false(json_member(&arena, &object, BYTES("a"), &value));
}

static void stepping_through_an_object(void **state)
{
    (void)state;
    struct json_value object, name, value;
    assert_true(reads(BYTES("{\"a\":1 , \"\\u0062\" : \"x,}\\\"\",\"c\":[],\"d\":{\"e\":{}}}"), &object));
    struct bytes rest = object.raw;
    assert_true(json_next(&arena, &rest, &name, &value));
    assert_bytes(name.text, "a");
    assert_bytes(value.raw, "1");
    assert_true(json_next(&arena, &rest, &name, &value));
    assert_bytes(name.text, "b");
    assert_bytes(value.text, "x,}\"");
    assert_true(json_next(&arena, &rest, NULL, &value));
    assert_int_equal(value.type, JSON_TYPE_ARRAY);
    assert_true(json_next(&arena, &rest, &name, &value));
    assert_bytes(name.text, "d");
    assert_bytes(value.raw, "{\"e\":{}}");
    assert_false(json_next(&arena, &rest, &name, &value));
    assert_false(json_next(&arena, &rest, &name, &value));
    assert_false(arena.exhausted);
}

static void stepping_through_an_array(void **state)
{
    (void)state;
    struct json_value array, name, value;
    assert_true(reads(BYTES("[ [[1]] , \"]\",-3 ]"), &array));
    struct bytes rest = array.raw;
    assert_true(json_next(&arena, &rest, NULL, &value));
    assert_bytes(value.raw, "[[1]]");
    assert_true(json_next(&arena, &rest, &name, &value));
    assert_int_equal(name.type, JSON_TYPE_NULL);
    assert_bytes(value.text, "]");
    assert_true(json_next(&arena, &rest, NULL, &value));
    assert_bytes(value.text, "-3");
    assert_false(json_next(&arena, &rest, NULL, &value));
    rest = BYTES("[ ]");
    assert_false(json_next(&arena, &rest, NULL, &value));
    rest = BYTES("17");
    assert_false(json_next(&arena, &rest, NULL, &value));
}

static void integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t number;
    } rows[] = {{"0", 0},
                {"-0", 0},
                {"1700000000", 1700000000},
                {"-5", -5},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    static const char *const refused[] = {"1.0", "1e3", "9223372036854775808", "-9223372036854775809", "\"1\"", "true", "null", "[1]"};
    struct json_value value;
    int64_t number = 7;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_true(reads(bytes_of_text(refused[i]), &value));
        assert_false(json_read_integer(&value, &number));
        assert_int_equal(number, 7);
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(reads(bytes_of_text(rows[i].text), &value));
        assert_true(json_read_integer(&value, &number));
        assert_true(number == rows[i].number);
    }
}

static void memory_is_taken_for_escapes_only(void **state)
{
    (void)state;
    struct arena none = arena_over(NULL, 0);
    struct json_value value;
    assert_true(json_read(&none, BYTES("{\"a\":\"plain\",\"\\u0062\":1}"), &value));
    assert_true(json_member(&none, &value, BYTES("b"), &value));
    assert_false(none.exhausted);
    assert_false(json_read(&none, BYTES("\"\\n\""), &value));
    assert_true(none.exhausted);
}

static void written_strings(void **state)
{
    (void)state;
    static const struct {
        struct bytes text;
        const char *expected;
    } rows[] = {
        {BYTES(""), "\"\""},
        {BYTES("plain /"), "\"plain /\""},
        {BYTES("\"\\\b\f\n\r\t"), "\"\\\"\\\\\\b\\f\\n\\r\\t\""},
        {BYTES("a\0\x01\x1f\x7f"), "\"a\\u0000\\u0001\\u001f\\u007f\""},
        {BYTES("\xe4\xb8\xad\xf0\x9f\x98\x80"), "\"\xe4\xb8\xad\xf0\x9f\x98\x80\""},
        {BYTES("a\xff\x80z\xe4\xb8"), "\"a\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\""},
        {BYTES("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer out = buffer_over(memory, sizeof memory);
        json_write_string(&out, rows[i].text);
        assert_true(bytes_equal(buffer_bytes(&out), bytes_of_text(rows[i].expected)));
        struct buffer narrow = buffer_over(memory, out.length - 1);
        json_write_string(&narrow, rows[i].text);
        assert_true(narrow.overflow);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(refusals),
        cmocka_unit_test(duplicates),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(members_are_limited),
        cmocka_unit_test(size_is_limited),
        cmocka_unit_test(members_are_found_by_their_unescaped_names),
        cmocka_unit_test(stepping_through_an_object),
        cmocka_unit_test(stepping_through_an_array),
        cmocka_unit_test(integers),
        cmocka_unit_test(memory_is_taken_for_escapes_only),
        cmocka_unit_test(written_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
