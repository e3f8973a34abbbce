/* Bytes, arena and buffer: borrowed views, and memory that runs out without harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/bytes.h"
#include "base/eights.h"

#define assert_bytes(actual, expected) assert_true(bytes_equal((actual), BYTES(expected)))

static const struct bytes nothing = {NULL, 0};

static void equality(void **state)
{
    (void)state;
    assert_true(bytes_equal(nothing, BYTES("")));
    assert_true(bytes_equal(bytes_of_text(NULL), nothing));
    assert_true(bytes_equal(bytes_of_text("ab"), BYTES("ab")));
    assert_false(bytes_equal(BYTES("ab"), BYTES("aB")));
    assert_false(bytes_equal(BYTES("ab"), BYTES("abc")));
    assert_true(bytes_equal(BYTES("a\0b"), BYTES("a\0b")));
    assert_false(bytes_equal(BYTES("a\0b"), BYTES("a\0c")));
    assert_true(bytes_equal_folded(BYTES("X-Ca-KEY"), BYTES("x-cA-key")));
    assert_true(bytes_equal_folded(nothing, BYTES("")));
    assert_false(bytes_equal_folded(BYTES("ab"), BYTES("a")));
    assert_false(bytes_equal_folded(BYTES("@"), BYTES("`")));
    assert_false(bytes_equal_folded(BYTES("["), BYTES("{")));
    assert_false(bytes_equal_folded(BYTES("\xc4"), BYTES("\xe4")));
}

static void folding_touches_letters_only(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) assert_int_equal(byte_to_lower((uint8_t)c), c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Every pair of bytes, at each place of texts of each length around the steps of eight. */
static void folding_is_the_same_at_every_place(void **state)
{
    (void)state;
    uint8_t a[18], b[18];
    for (size_t length = 1; length <= sizeof a; length++) {
        memset(a, 'x', sizeof a);
        memset(b, 'X', sizeof b);
        for (size_t pair = 0; pair < 65536 * length; pair++) {
            size_t at = pair / 65536;
            a[at] = (uint8_t)pair;
            b[at] = (uint8_t)(pair >> 8);
            bool equal = byte_to_lower(a[at]) == byte_to_lower(b[at]);
            if (bytes_equal_folded(bytes_of(a, length), bytes_of(b, length)) != equal) fail_msg("%02x %02x at %zu", a[at], b[at], at);
            a[at] = b[at] = 'x';
        }
    }
}

static bool any(struct bytes text, uint8_t below, uint8_t held)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] < below || text.data[i] == held) return true;
    return false;
}

static bool any_upper(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] >= 'A' && text.data[i] <= 'Z') return true;
    return false;
}

static void eight_bytes_are_seen_at_once(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256 * 256; c++) {
        uint8_t text[8] = {'a', (uint8_t)c, 0xff, 'z', 'a', (uint8_t)(c >> 8), 0x80, 'a'};
        for (size_t length = 1; length <= sizeof text; length++) {
            struct bytes part = bytes_of(text, length);
            uint64_t eight = eight_last(text, length);
            assert_int_equal(eight_below(eight, 0x21) != 0, any(part, 0x21, 0));
            assert_int_equal(eight_holds_upper(eight) != 0, any_upper(part));
            assert_int_equal(eight_holds(eight, '#') != 0, any(part, 0, '#'));
            assert_int_equal(eight_holds(eight, 0x7f) != 0, any(part, 0, 0x7f));
        }
    }
}

static void order(void **state)
{
    (void)state;
    assert_int_equal(bytes_compare(BYTES("a"), BYTES("a")), 0);
    assert_int_equal(bytes_compare(nothing, BYTES("")), 0);
    assert_true(bytes_compare(BYTES("a"), BYTES("b")) < 0);
    assert_true(bytes_compare(BYTES("ab"), BYTES("a")) > 0);
    assert_true(bytes_compare(nothing, BYTES("a")) < 0);
    assert_true(bytes_compare(BYTES("\xff"), BYTES("a")) > 0);
    assert_true(bytes_compare(BYTES("B"), BYTES("a")) < 0);
}

static void prefixes(void **state)
{
    (void)state;
    assert_true(bytes_start_with(BYTES("Bearer x"), BYTES("Bearer ")));
    assert_true(bytes_start_with(BYTES("a"), nothing));
    assert_true(bytes_start_with(nothing, nothing));
    assert_false(bytes_start_with(BYTES("Bear"), BYTES("Bearer")));
    assert_false(bytes_start_with(BYTES("bearer x"), BYTES("Bearer ")));
    assert_true(bytes_start_with_folded(BYTES("bEARER x"), BYTES("Bearer ")));
    assert_false(bytes_start_with_folded(BYTES("bearer"), BYTES("Bearer ")));
}

static void slices_are_clamped(void **state)
{
    (void)state;
    assert_bytes(bytes_from(BYTES("abc"), 1), "bc");
    assert_bytes(bytes_from(BYTES("abc"), 3), "");
    assert_bytes(bytes_from(BYTES("abc"), SIZE_MAX), "");
    assert_bytes(bytes_from(nothing, 5), "");
    assert_bytes(bytes_slice(BYTES("abc"), 1, 1), "b");
    assert_bytes(bytes_slice(BYTES("abc"), 1, SIZE_MAX), "bc");
    assert_bytes(bytes_slice(BYTES("abc"), 9, 1), "");
    assert_bytes(bytes_trim(BYTES(" \t a \t b \t ")), "a \t b");
    assert_bytes(bytes_trim(BYTES(" \t")), "");
    assert_bytes(bytes_trim(nothing), "");
    assert_bytes(bytes_trim(BYTES("\r\na")), "\r\na");
    assert_int_equal(bytes_find(BYTES("a=b="), '='), 1);
    assert_int_equal(bytes_find(BYTES("ab"), '='), 2);
    assert_int_equal(bytes_find(nothing, '='), 0);
}

static void parts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *expected[4];
    } rows[] = {{"a,,b", {"a", "", "b"}}, {"a", {"a"}}, {"a,", {"a"}}, {",a", {"", "a"}}, {",", {""}}, {"", {NULL}}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes rest = bytes_of_text(rows[i].text), part;
        for (const char *const *expected = rows[i].expected; *expected != NULL; expected++) {
            assert_true(bytes_next_part(&rest, ',', &part));
            assert_true(bytes_equal(part, bytes_of_text(*expected)));
        }
        assert_false(bytes_next_part(&rest, ',', &part));
    }
}

static void arena_gives_aligned_zeros(void **state)
{
    (void)state;
    static uint8_t memory[256];
    memset(memory, 0xee, sizeof memory);
    struct arena arena = arena_over(memory + 1, sizeof memory - 1);
    for (size_t size = 1; size < 20; size += 6) {
        uint8_t *taken = arena_take(&arena, size);
        assert_non_null(taken);
        assert_int_equal((uintptr_t)taken % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) assert_int_equal(taken[i], 0);
    }
    assert_true(arena.used <= arena.capacity);
    assert_false(arena.exhausted);
}

static void arena_runs_out_without_harm(void **state)
{
    (void)state;
    _Alignas(16) uint8_t memory[64];
    struct arena arena = arena_over(memory, sizeof memory);
    assert_non_null(arena_take(&arena, 40));
    assert_null(arena_take(&arena, 17)); /* 16 are left behind the padding */
    assert_true(arena.exhausted);
    assert_non_null(arena_take(&arena, 16));
    assert_true(arena.exhausted);
    assert_null(arena_take(&arena, 1));
    arena_reset(&arena);
    assert_false(arena.exhausted);
    assert_non_null(arena_take(&arena, 64));
    assert_null(arena_take(&arena, SIZE_MAX));
    arena_reset(&arena);
    assert_null(arena_take(&arena, SIZE_MAX));
    assert_null(arena_take(&arena, SIZE_MAX - 8));
    assert_null(arena_take_array(&arena, SIZE_MAX / 2, 3));
    assert_true(arena.exhausted);
    assert_int_equal(arena.used, 0);
    assert_non_null(arena_take_array(&arena, 4, 16));
    struct arena none = arena_over(NULL, 10);
    assert_null(arena_take(&none, 1));
    assert_true(none.exhausted);
}

static void arena_rewinds(void **state)
{
    (void)state;
    _Alignas(16) uint8_t memory[64];
    struct arena arena = arena_over(memory, sizeof memory);
    void *first = arena_take(&arena, 16);
    size_t mark = arena.used;
    void *second = arena_take(&arena, 16);
    arena_rewind(&arena, mark);
    assert_ptr_equal(arena_take(&arena, 16), second);
    arena_rewind(&arena, 1000);
    assert_int_equal(arena.used, 32);
    arena_rewind(&arena, 0);
    assert_ptr_equal(arena_take(&arena, 1), first);
}

static void arena_copies(void **state)
{
    (void)state;
    _Alignas(16) uint8_t memory[48];
    struct arena arena = arena_over(memory, sizeof memory);
    struct bytes copy = arena_copy(&arena, BYTES("abc"));
    assert_bytes(copy, "abc");
    assert_ptr_equal(copy.data, memory);
    assert_string_equal(arena_copy_text(&arena, BYTES("def")), "def");
    assert_string_equal(arena_copy_text(&arena, nothing), "");
    assert_false(arena.exhausted);
    assert_null(arena_copy_text(&arena, BYTES("0123456789abcdef")));
    assert_null(arena_copy(&arena, BYTES("0123456789abcdef")).data);
    assert_int_equal(arena_copy(&arena, BYTES("0123456789abcdef")).length, 0);
    assert_true(arena.exhausted);
    assert_null(arena_copy_text(&arena, bytes_of("", SIZE_MAX)));
}

static void buffer_appends(void **state)
{
    (void)state;
    uint8_t memory[128];
    struct buffer out = buffer_over(memory, sizeof memory);
    buffer_add(&out, BYTES("a\0"));
    buffer_add(&out, nothing);
    buffer_add_text(&out, "text");
    buffer_add_text(&out, NULL);
    buffer_add_byte(&out, '!');
    buffer_add_lower(&out, BYTES("aZ[\xc4"));
    buffer_add_upper(&out, BYTES("aZ{\xe4"));
    assert_bytes(buffer_bytes(&out), "a\0text!az[\xc4"
                                     "AZ{\xe4");
    buffer_clear(&out);
    buffer_add_number(&out, 0);
    buffer_add_byte(&out, ' ');
    buffer_add_number(&out, -7);
    buffer_add_byte(&out, ' ');
    buffer_add_number(&out, INT64_MAX);
    buffer_add_number(&out, INT64_MIN);
    assert_bytes(buffer_bytes(&out), "0 -7 9223372036854775807-9223372036854775808");
    buffer_clear(&out);
    buffer_add_u16(&out, 0x0102);
    buffer_add_u32(&out, 0x03040506);
    buffer_add_u64(&out, 0x0708090a0b0c0d0e);
    assert_bytes(buffer_bytes(&out), "\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe");
}

static void buffer_overflow_stays(void **state)
{
    (void)state;
    uint8_t memory[4] = "xxxx";
    struct buffer out = buffer_over(memory, 3);
    buffer_add(&out, BYTES("abc"));
    assert_false(out.overflow);
    assert_int_equal(buffer_room(&out), 0);
    buffer_add_byte(&out, 'd');
    assert_true(out.overflow);
    assert_int_equal(buffer_bytes(&out).length, 0);
    out.length = 0;
    buffer_add_byte(&out, 'e'); /* room or not: it stays overflowed, and nothing more is written */
    assert_true(out.overflow);
    assert_memory_equal(memory, "abcx", 4);
    buffer_clear(&out);
    assert_false(out.overflow);
    assert_null(buffer_reserve(&out, SIZE_MAX));
    buffer_clear(&out);
    buffer_add_u32(&out, 1);
    assert_true(out.overflow);
}

static void buffer_without_memory(void **state)
{
    (void)state;
    struct buffer out = buffer_over(NULL, 10);
    buffer_add(&out, nothing);
    assert_false(out.overflow);
    buffer_add_byte(&out, 'a');
    assert_true(out.overflow);
    _Alignas(16) uint8_t memory[16];
    struct arena arena = arena_over(memory, sizeof memory);
    struct buffer fits = buffer_in(&arena, 16), late = buffer_in(&arena, 1);
    buffer_add(&fits, BYTES("0123456789abcdef"));
    assert_bytes(buffer_bytes(&fits), "0123456789abcdef");
    buffer_add_byte(&late, 'a');
    assert_true(late.overflow);
    assert_true(arena.exhausted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality),
        cmocka_unit_test(folding_touches_letters_only),
        cmocka_unit_test(folding_is_the_same_at_every_place),
        cmocka_unit_test(eight_bytes_are_seen_at_once),
        cmocka_unit_test(order),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(slices_are_clamped),
        cmocka_unit_test(parts),
        cmocka_unit_test(arena_gives_aligned_zeros),
        cmocka_unit_test(arena_runs_out_without_harm),
        cmocka_unit_test(arena_rewinds),
        cmocka_unit_test(arena_copies),
        cmocka_unit_test(buffer_appends),
        cmocka_unit_test(buffer_overflow_stays),
        cmocka_unit_test(buffer_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
