#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/parameter.h"

static void what_is_added_is_read(void **state)
{
    (void)state;
    uint8_t memory[256];
    struct buffer out = buffer_over(memory, sizeof memory);
    const struct parameter_rule page = {PARAMETER_IN_QUERY, BYTES("page"), true, true, true, true, true, -5, INT64_MAX, BYTES("1,2")};
    const struct parameter_rule trace = {.place = PARAMETER_IN_HEADER, .name = BYTES("X-Trace"), .required = true};
    parameter_add(&out, &page);
    parameter_add(&out, &trace);
    struct bytes rest = buffer_bytes(&out);
    struct parameter_rule read;
    assert_true(parameters_are_sound(rest));
    assert_true(parameter_next(&rest, &read));
    assert_int_equal(read.place, PARAMETER_IN_QUERY);
    assert_true(bytes_equal(read.name, page.name) && bytes_equal(read.choices, page.choices));
    assert_true(read.required && read.checked && read.number && read.has_least && read.has_most);
    assert_true(read.least == -5 && read.most == INT64_MAX);
    assert_true(parameter_next(&rest, &read));
    assert_true(read.required && !read.checked && !read.number && !read.has_least && !read.has_most);
    assert_true(bytes_equal(read.name, trace.name) && read.choices.length == 0);
    assert_false(parameter_next(&rest, &read));
}

static void a_broken_text_is_none(void **state)
{
    (void)state;
    uint8_t memory[64];
    struct buffer out = buffer_over(memory, sizeof memory);
    parameter_add(&out, &(struct parameter_rule){.place = PARAMETER_IN_PATH, .name = BYTES("id"), .checked = true, .choices = BYTES("a")});
    struct bytes whole = buffer_bytes(&out);
    assert_true(parameters_are_sound(whole));
    assert_true(parameters_are_sound(BYTES("")));
    for (size_t i = 1; i < whole.length; i++) assert_false(parameters_are_sound(bytes_slice(whole, 0, i)));
    memory[0] = 0;
    assert_false(parameters_are_sound(whole));
    memory[0] = 4;
    assert_false(parameters_are_sound(whole));
    memory[0] = 1;
    memory[1] = 32;
    assert_false(parameters_are_sound(whole));
    buffer_clear(&out);
    parameter_add(&out, &(struct parameter_rule){.place = PARAMETER_IN_PATH, .checked = true});
    assert_false(parameters_are_sound(buffer_bytes(&out)));
}

static void there_are_at_most_fifty(void **state)
{
    (void)state;
    uint8_t memory[2048];
    struct buffer out = buffer_over(memory, sizeof memory);
    const struct parameter_rule rule = {.place = PARAMETER_IN_QUERY, .name = BYTES("q"), .required = true};
    for (int i = 0; i < PARAMETERS_MOST; i++) parameter_add(&out, &rule);
    assert_true(parameters_are_sound(buffer_bytes(&out)));
    parameter_add(&out, &rule);
    assert_false(parameters_are_sound(buffer_bytes(&out)));
}

static bool number(struct parameter_rule rule, const char *value)
{
    rule.checked = rule.number = true;
    return parameter_admits(&rule, bytes_of_text(value));
}

static void numbers(void **state)
{
    (void)state;
    const struct parameter_rule any = {.has_least = false}, small = {.has_least = true, .has_most = true, .least = -3, .most = 7};
    const struct parameter_rule positive = {.has_least = true, .least = 1};
    const char *good[] = {"0", "-0", "7", "007", "3.5", "-12.250", "99999999999999999999999999", NULL};
    const char *bad[] = {"", "-", "+1", " 1", "1 ", "1.", ".5", "1e3", "0x1", "1,0", "1.2.3", "--1", "\xd9\xa1", NULL};
    for (size_t i = 0; good[i] != NULL; i++) assert_true(number(any, good[i]));
    for (size_t i = 0; bad[i] != NULL; i++) assert_false(number(any, bad[i]));
    assert_true(number(small, "7") && number(small, "7.0") && number(small, "-3") && number(small, "-2.9") && number(small, "-0.5"));
    assert_false(number(small, "7.01") || number(small, "8") || number(small, "-3.0001") || number(small, "-4"));
    assert_false(number(small, "100000000000000000000") || number(small, "-100000000000000000000"));
    assert_true(number(positive, "100000000000000000000"));
    assert_false(number(positive, "0.99") || number(positive, "-1"));
}

static bool text(struct parameter_rule rule, const char *value)
{
    rule.checked = true;
    return parameter_admits(&rule, bytes_of_text(value));
}

static void lengths_count_characters(void **state)
{
    (void)state;
    const struct parameter_rule three = {.has_least = true, .has_most = true, .least = 3, .most = 3};
    assert_true(text(three, "abc"));
    assert_true(text(three, "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80"));
    assert_false(text(three, "ab") || text(three, "abcd") || text(three, ""));
    assert_false(text(three, "a\xc3z") || text((struct parameter_rule){.has_least = false}, "\xff"));
}

static void choices(void **state)
{
    (void)state;
    const struct parameter_rule colours = {.choices = BYTES("red,green,blue")};
    assert_true(text(colours, "red") && text(colours, "green") && text(colours, "blue"));
    assert_false(text(colours, "") || text(colours, "re") || text(colours, "red,green") || text(colours, "Red") || text(colours, " red"));
    assert_true(number((struct parameter_rule){.choices = BYTES("1,2")}, "2"));
    assert_false(number((struct parameter_rule){.choices = BYTES("1,2")}, "02"));
    assert_false(number((struct parameter_rule){.choices = BYTES("1,x")}, "x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_is_read),    cmocka_unit_test(a_broken_text_is_none),
        cmocka_unit_test(there_are_at_most_fifty),  cmocka_unit_test(numbers),
        cmocka_unit_test(lengths_count_characters), cmocka_unit_test(choices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
