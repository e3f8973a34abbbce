#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/mapping.h"

static void assert_text(struct bytes text, const char *expected)
{
    assert_true(bytes_equal(text, bytes_of_text(expected)));
}

static void what_is_added_is_read(void **state)
{
    (void)state;
    uint8_t memory[256];
    struct buffer out = buffer_over(memory, sizeof memory);
    mapping_add(&out, &(struct mapping_item){MAPPED_CONSTANT, MAPPED_TO_HEADER, BYTES("X-Tenant"), BYTES("a b"), BYTES("")});
    mapping_add(&out, &(struct mapping_item){MAPPED_PATH, MAPPED_TO_QUERY, BYTES("q"), BYTES(""), BYTES("none")});
    struct bytes rest = buffer_bytes(&out);
    struct mapping_item item;
    size_t count;
    assert_true(mapping_count(rest, &count));
    assert_int_equal(count, 2);
    assert_true(mapping_next(&rest, &item));
    assert_int_equal(item.origin, MAPPED_CONSTANT);
    assert_int_equal(item.place, MAPPED_TO_HEADER);
    assert_text(item.name, "X-Tenant");
    assert_text(item.value, "a b");
    assert_true(mapping_next(&rest, &item));
    assert_int_equal(item.origin, MAPPED_PATH);
    assert_text(item.value, "");
    assert_text(item.fallback, "none");
    assert_false(mapping_next(&rest, &item));
}

static void assert_broken(struct bytes text)
{
    size_t count;
    assert_false(mapping_count(text, &count));
}

static void a_broken_text_is_none(void **state)
{
    (void)state;
    assert_broken(BYTES("\x04"));
    assert_broken(BYTES("\x04\x01\x00"));
    assert_broken(BYTES("\x04\x01\x00\x02q"));
    assert_broken(BYTES("\x04\x01\x00\x01q\x00\x02v"));
    assert_broken(BYTES("\x04\x01\x00\x01q\x00\x01v"));
    assert_broken(BYTES("\x04\x01\x00\x01q\x00\x01v\x00\x02"
                        "f"));
    assert_broken(BYTES("\x00\x01\x00\x01q\x00\x01v\x00\x00"));
    assert_broken(BYTES("\x06\x01\x00\x01q\x00\x01v\x00\x00"));
    assert_broken(BYTES("\x04\x00\x00\x01q\x00\x01v\x00\x00"));
    assert_broken(BYTES("\x04\x04\x00\x01q\x00\x01v\x00\x00"));
    assert_broken(BYTES("\x04\x01\x00\x00\x00\x01v\x00\x00"));
}

static void what_stays_has_its_own_name_in_its_own_place(void **state)
{
    (void)state;
    const struct bytes page = BYTES("page");
    assert_true(mapping_stays(&(struct mapping_item){MAPPED_QUERY, MAPPED_TO_QUERY, page, page, BYTES("1")}));
    assert_true(mapping_stays(&(struct mapping_item){MAPPED_HEADER, MAPPED_TO_HEADER, page, page, BYTES("1")}));
    assert_false(mapping_stays(&(struct mapping_item){MAPPED_QUERY, MAPPED_TO_HEADER, page, page, BYTES("1")}));
    assert_false(mapping_stays(&(struct mapping_item){MAPPED_QUERY, MAPPED_NOWHERE, page, page, BYTES("")}));
    assert_false(mapping_stays(&(struct mapping_item){MAPPED_QUERY, MAPPED_TO_QUERY, page, BYTES("p"), BYTES("1")}));
    assert_false(mapping_stays(&(struct mapping_item){MAPPED_CONSTANT, MAPPED_TO_QUERY, page, page, BYTES("1")}));
}

static void there_are_at_most_a_hundred(void **state)
{
    (void)state;
    uint8_t memory[2048];
    struct buffer out = buffer_over(memory, sizeof memory);
    size_t count;
    for (int i = 0; i < MAPPING_MAX_ITEMS; i++)
        mapping_add(&out, &(struct mapping_item){MAPPED_SYSTEM, MAPPED_TO_QUERY, BYTES("q"), BYTES("stage"), BYTES("")});
    assert_true(mapping_count(buffer_bytes(&out), &count));
    assert_int_equal(count, MAPPING_MAX_ITEMS);
    mapping_add(&out, &(struct mapping_item){MAPPED_SYSTEM, MAPPED_TO_QUERY, BYTES("q"), BYTES("stage"), BYTES("")});
    assert_broken(buffer_bytes(&out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_is_read),
        cmocka_unit_test(a_broken_text_is_none),
        cmocka_unit_test(what_stays_has_its_own_name_in_its_own_place),
        cmocka_unit_test(there_are_at_most_a_hundred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
