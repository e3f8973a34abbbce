/* Field tables: reading, checking, presets, rows, and what a refusal says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "control/charsets.h"
#include "control/fields.h"

#include <string.h>

static bool is_even(struct bytes text)
{
    return text.length % 2 == 0;
}

static const char *const colours[] = {"RED", "GREEN", NULL};

static const struct field inner_list[] = {
    {.name = "name", .type = FIELD_STRING, .flags = FIELD_REQUIRED, .minimum = 1, .maximum = 8, .charset = &charset_name},
    {.name = "colour", .type = FIELD_STRING, .choices = colours, .preset = "\"GREEN\"", .code = ERROR_FIELD_INVALID},
};
static const struct fields inner = FIELDS_OF(inner_list);

enum {
    COLUMN_ID,
    COLUMN_TEXT,
    COLUMN_NUMBER,
    COLUMN_FLAG,
    COLUMN_TIME,
    COLUMN_LIST,
    COLUMN_OBJECT,
    COLUMN_OBJECTS,
    COLUMN_SECRET,
    COLUMNS
};
static const struct column columns[COLUMNS] = {
    {"id", VALUE_TEXT},   {"text", VALUE_TEXT},   {"number", VALUE_INTEGER}, {"flag", VALUE_INTEGER}, {"time", VALUE_INTEGER},
    {"list", VALUE_TEXT}, {"object", VALUE_TEXT}, {"objects", VALUE_TEXT},   {"secret", VALUE_TEXT},
};
static const struct entity entity = {"example", columns, COLUMNS};

static const struct field outer_list[] = {
    {.name = "id", .type = FIELD_STRING, .flags = FIELD_READ_ONLY | FIELD_STORED, .column = COLUMN_ID},
    {.name = "text", .type = FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_STORED, .column = COLUMN_TEXT, .minimum = 2, .maximum = 6},
    {.name = "even", .type = FIELD_STRING, .minimum = 1, .maximum = 9, .accepts = is_even, .rule = "an even length"},
    {.name = "number", .type = FIELD_INTEGER, .flags = FIELD_STORED, .column = COLUMN_NUMBER, .minimum = -5, .maximum = 5, .preset = "3"},
    {.name = "flag", .type = FIELD_BOOLEAN, .flags = FIELD_STORED, .column = COLUMN_FLAG},
    {.name = "time", .type = FIELD_TIME, .flags = FIELD_STORED, .column = COLUMN_TIME},
    {.name = "list", .type = FIELD_STRINGS, .flags = FIELD_STORED, .column = COLUMN_LIST, .minimum = 1, .maximum = 3, .most_items = 2},
    {.name = "object", .type = FIELD_OBJECT, .flags = FIELD_STORED, .column = COLUMN_OBJECT, .members = &inner},
    {.name = "objects", .type = FIELD_OBJECTS, .flags = FIELD_STORED, .column = COLUMN_OBJECTS, .members = &inner, .most_items = 2},
    {.name = "secret", .type = FIELD_STRING, .flags = FIELD_SECRET | FIELD_STORED, .column = COLUMN_SECRET, .maximum = 20},
};
static const struct fields outer = FIELDS_OF(outer_list);

static json_t *check(const char *text, enum field_filling filling, struct field_problem *problem)
{
    json_t *given = fields_parse(bytes_of_text(text), problem);
    assert_non_null(given);
    json_t *checked = fields_check(&outer, given, filling, problem);
    json_decref(given);
    return checked;
}

static void assert_checked(const char *text, enum field_filling filling, const char *expected)
{
    struct field_problem problem;
    json_t *checked = check(text, filling, &problem);
    assert_non_null(checked);
    char *written = json_dumps(checked, JSON_COMPACT);
    assert_string_equal(written, expected);
    free(written);
    json_decref(checked);
}

static void assert_refused(const char *text, enum error_code code, const char *subject)
{
    struct field_problem problem;
    assert_null(check(text, FILL_PRESETS, &problem));
    assert_int_equal(problem.code, code);
    if (strncmp(problem.subject, subject, strlen(subject)) != 0) fail_msg("%s: %s, expected %s", text, problem.subject, subject);
}

#define RULE ". Please refer to the support documentation. The rule: "

static void keeps_what_is_given(void **state)
{
    (void)state;
    assert_checked("{\"text\":\"abc\"}", LEAVE_ABSENT, "{\"text\":\"abc\"}");
    assert_checked("{\"text\":\"abc\"}", FILL_PRESETS, "{\"text\":\"abc\",\"number\":3}");
    assert_checked("{\"number\":-5,\"text\":\"abc\",\"flag\":false,\"time\":\"2020-08-03T04:00:11Z\"}", FILL_PRESETS,
                   "{\"text\":\"abc\",\"number\":-5,\"flag\":false,\"time\":\"2020-08-03T04:00:11Z\"}");
    assert_checked("{\"text\":\"abc\",\"object\":{\"name\":\"a\",\"x\":1},\"objects\":[{\"name\":\"b\",\"colour\":\"RED\"}]}", LEAVE_ABSENT,
                   "{\"text\":\"abc\",\"object\":{\"name\":\"a\"},\"objects\":[{\"name\":\"b\",\"colour\":\"RED\"}]}");
    assert_checked("{\"text\":\"abc\",\"object\":{\"name\":\"a\"}}", FILL_PRESETS,
                   "{\"text\":\"abc\",\"number\":3,\"object\":{\"name\":\"a\",\"colour\":\"GREEN\"}}");
}

static void drops_what_a_body_may_not_set(void **state)
{
    (void)state;
    assert_checked("{\"text\":\"abc\",\"id\":5,\"unknown\":{\"a\":[1]}}", LEAVE_ABSENT, "{\"text\":\"abc\"}");
}

static void takes_null_and_empty_as_absent(void **state)
{
    (void)state;
    assert_checked("{\"text\":\"abc\",\"number\":null,\"even\":\"\",\"list\":null,\"object\":null}", LEAVE_ABSENT, "{\"text\":\"abc\"}");
    assert_checked("{\"text\":\"abc\",\"secret\":\"\"}", LEAVE_ABSENT, "{\"text\":\"abc\",\"secret\":\"\"}");
    assert_refused("{\"text\":null}", ERROR_FIELD_MISSING, "text");
    assert_refused("{\"text\":\"\"}", ERROR_FIELD_VALUE, "text" RULE "a string, 2 to 6 characters");
}

static void names_the_field_and_its_rule(void **state)
{
    (void)state;
    assert_refused("{}", ERROR_FIELD_MISSING, "text");
    assert_refused("{\"text\":\"a\"}", ERROR_FIELD_VALUE, "text" RULE "a string, 2 to 6 characters");
    assert_refused("{\"text\":\"abcdefg\"}", ERROR_FIELD_VALUE, "text" RULE);
    assert_refused("{\"text\":7}", ERROR_FIELD_VALUE, "text" RULE);
    assert_refused("{\"text\":\"abc\",\"even\":\"abc\"}", ERROR_FIELD_VALUE, "even" RULE "a string, 1 to 9 characters, an even length");
    assert_refused("{\"text\":\"abc\",\"number\":6}", ERROR_FIELD_VALUE, "number" RULE "an integer, -5 to 5");
    assert_refused("{\"text\":\"abc\",\"number\":1.0}", ERROR_FIELD_VALUE, "number" RULE);
    assert_refused("{\"text\":\"abc\",\"number\":\"1\"}", ERROR_FIELD_VALUE, "number" RULE);
    assert_refused("{\"text\":\"abc\",\"flag\":1}", ERROR_FIELD_VALUE, "flag" RULE "true or false");
    assert_refused("{\"text\":\"abc\",\"time\":\"yesterday\"}", ERROR_FIELD_VALUE, "time" RULE "a time as in");
    assert_refused("{\"text\":\"abc\",\"time\":5}", ERROR_FIELD_VALUE, "time" RULE);
}

static void names_the_place_in_nested_values(void **state)
{
    (void)state;
    assert_refused("{\"text\":\"abc\",\"list\":\"x\"}", ERROR_FIELD_VALUE,
                   "list" RULE "a list of at most 2 strings, each 1 to 3 characters");
    assert_refused("{\"text\":\"abc\",\"list\":[\"a\",\"b\",\"c\"]}", ERROR_FIELD_VALUE, "list" RULE);
    assert_refused("{\"text\":\"abc\",\"list\":[\"a\",\"abcd\"]}", ERROR_FIELD_VALUE, "list[1]" RULE);
    assert_refused("{\"text\":\"abc\",\"list\":[null]}", ERROR_FIELD_VALUE, "list[0]" RULE);
    assert_refused("{\"text\":\"abc\",\"object\":[]}", ERROR_FIELD_VALUE, "object" RULE "an object");
    assert_refused("{\"text\":\"abc\",\"object\":{}}", ERROR_FIELD_MISSING, "object.name");
    assert_refused("{\"text\":\"abc\",\"object\":{\"name\":\"1\"}}", ERROR_FIELD_VALUE, "object.name" RULE);
    assert_refused("{\"text\":\"abc\",\"object\":{\"name\":\"a\",\"colour\":\"BLUE\"}}", ERROR_FIELD_INVALID,
                   "object.colour" RULE "a string, one of RED GREEN");
    assert_refused("{\"text\":\"abc\",\"objects\":[{\"name\":\"a\"},5]}", ERROR_FIELD_VALUE, "objects[1]" RULE);
    assert_refused("{\"text\":\"abc\",\"objects\":[{\"name\":\"a\"},{\"name\":\"-\"}]}", ERROR_FIELD_VALUE, "objects[1].name" RULE);
    assert_refused("{\"text\":\"abc\",\"objects\":[{},{},{}]}", ERROR_FIELD_VALUE, "objects" RULE "a list of at most 2 objects");
}

static void counts_characters(void **state)
{
    (void)state;
    assert_checked("{\"text\":\"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\"}", LEAVE_ABSENT,
                   "{\"text\":\"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\"}");
    assert_refused("{\"text\":\"\xc3\xbc\"}", ERROR_FIELD_VALUE, "text" RULE);
}

static void assert_unreadable(struct bytes text)
{
    struct field_problem problem = {ERROR_NONE, ""};
    assert_null(fields_parse(text, &problem));
    assert_int_equal(problem.code, ERROR_BODY_UNREADABLE);
    assert_true(strlen(problem.subject) > 0);
}

static void refuses_what_is_no_object(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "{",
                                        "[]",
                                        "5",
                                        "null",
                                        "{\"a\":1}x",
                                        "{\"a\":1,\"a\":1}",
                                        "{\"a\":\"\\u0000\"}",
                                        "'",
                                        "{a:1}",
                                        "{,}",
                                        "\xff",
                                        "{\"\xff\":1}",
                                        "{\"a\":\"\\ud800\"}",
                                        "{\"a\":\"\\u0061\",\"\\u0061\":1}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) assert_unreadable(bytes_of_text(texts[i]));
    assert_unreadable(BYTES("{\"a\":\"\0\"}"));
    assert_unreadable(BYTES("{\"a\":1}\0"));
}

/* A row keeps what the body said, and the answer says what the row keeps. */
static void goes_into_a_row_and_back(void **state)
{
    (void)state;
    static const char text[] = "{\"text\":\"abc\",\"number\":-2,\"flag\":true,\"time\":\"2020-08-03T04:00:11Z\",\"list\":[\"a\"],"
                               "\"object\":{\"name\":\"x\"},\"objects\":[],\"secret\":\"hidden\"}";
    uint8_t memory[4096];
    struct arena arena = arena_over(memory, sizeof memory);
    struct value row[COLUMNS];
    struct field_problem problem;
    json_t *checked = check(text, LEAVE_ABSENT, &problem);
    row_clear(&entity, row);
    assert_true(fields_to_row(&outer, checked, &arena, row));
    assert_int_equal(row[COLUMN_NUMBER].integer, -2);
    assert_int_equal(row[COLUMN_FLAG].integer, 1);
    assert_int_equal(row[COLUMN_TIME].integer, 1596427211);
    json_t *shown = fields_from_row(&outer, row, SHOW_SECRETS);
    assert_string_equal(json_string_value(json_object_get(shown, "secret")), "hidden");
    json_decref(shown);
    json_t *answer = fields_from_row(&outer, row, HIDE_SECRETS);
    assert_null(json_object_get(answer, "secret"));
    json_object_del(checked, "secret"); /* the row borrows from here: it is not looked at any more */
    json_object_del(answer, "id");
    assert_true(json_equal(answer, checked));
    json_decref(answer);
    json_decref(checked);
}

static void leaves_columns_alone_that_are_not_given(void **state)
{
    (void)state;
    struct value row[COLUMNS];
    struct field_problem problem;
    struct arena arena = arena_over(NULL, 0);
    row_clear(&entity, row);
    row[COLUMN_NUMBER] = value_integer(4);
    json_t *checked = check("{\"text\":\"new\"}", LEAVE_ABSENT, &problem);
    assert_true(fields_to_row(&outer, checked, &arena, row));
    assert_int_equal(row[COLUMN_NUMBER].integer, 4);
    assert_true(bytes_equal(row[COLUMN_TEXT].bytes, BYTES("new")));
    json_decref(checked);
}

static void says_when_the_arena_is_full(void **state)
{
    (void)state;
    struct value row[COLUMNS];
    struct field_problem problem;
    struct arena arena = arena_over(NULL, 0);
    row_clear(&entity, row);
    json_t *checked = check("{\"text\":\"abc\",\"list\":[\"a\"]}", LEAVE_ABSENT, &problem);
    assert_false(fields_to_row(&outer, checked, &arena, row));
    json_decref(checked);
}

static void checks_one_text(void **state)
{
    (void)state;
    struct field_problem problem;
    const struct field *text = fields_find(&outer, "text");
    assert_null(fields_find(&outer, "nothing"));
    assert_true(field_check_text(text, BYTES("abc"), &problem));
    assert_false(field_check_text(text, BYTES("a\0c"), &problem));
    assert_false(field_check_text(text, BYTES("\xff\xff"), &problem));
    assert_int_equal(problem.code, ERROR_FIELD_VALUE);
}

static void knows_its_characters(void **state)
{
    (void)state;
    assert_true(charset_allows(&charset_name, BYTES("aZ_9")));
    assert_false(charset_allows(&charset_name, BYTES("9a")));
    assert_false(charset_allows(&charset_name, BYTES("a-")));
    assert_true(charset_allows(&charset_key, BYTES("9-_a")));
    assert_false(charset_allows(&charset_key, BYTES("-9")));
    assert_true(charset_allows(&charset_secret, BYTES("a_-!@#$%")));
    assert_false(charset_allows(&charset_secret, BYTES("a b")));
    assert_true(charset_allows(&charset_group_name, BYTES("\xe7\xbd\x91\xe5\x85\xb3-_./():")));
    assert_false(charset_allows(&charset_name, BYTES("\xe7\xbd\x91")));
    assert_false(charset_allows(&charset_printable, BYTES("a\x7f")));
    assert_false(charset_allows(&charset_printable, BYTES("a\n")));
    assert_true(charset_allows(&charset_id, BYTES("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_is_given),
        cmocka_unit_test(drops_what_a_body_may_not_set),
        cmocka_unit_test(takes_null_and_empty_as_absent),
        cmocka_unit_test(names_the_field_and_its_rule),
        cmocka_unit_test(names_the_place_in_nested_values),
        cmocka_unit_test(counts_characters),
        cmocka_unit_test(refuses_what_is_no_object),
        cmocka_unit_test(goes_into_a_row_and_back),
        cmocka_unit_test(leaves_columns_alone_that_are_not_given),
        cmocka_unit_test(says_when_the_arena_is_full),
        cmocka_unit_test(checks_one_text),
        cmocka_unit_test(knows_its_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
