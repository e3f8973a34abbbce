#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/totp.h"

#define SECRET BYTES("12345678901234567890")

static void assert_code(uint64_t step, const char *expected)
{
    char memory[16];
    struct buffer out = buffer_over(memory, sizeof memory);
    totp_write(SECRET, step, &out);
    if (!bytes_equal(buffer_bytes(&out), bytes_of_text(expected))) fail_msg("%llu: %.6s", (unsigned long long)step, memory);
}

/* RFC 4226, appendix D; RFC 6238, appendix B (SHA-1, the last six of its eight digits). */
static void the_codes_of_the_standards(void **state)
{
    (void)state;
    static const char *const counted[] = {"755224", "287082", "359152", "969429", "338314",
                                          "254676", "287922", "162583", "399871", "520489"};
    for (size_t i = 0; i < 10; i++) assert_code(i, counted[i]);
    assert_code(59 / 30, "287082");
    assert_code(1111111109 / 30, "081804");
    assert_code(1111111111 / 30, "050471");
    assert_code(1234567890 / 30, "005924");
    assert_code(2000000000 / 30, "279037");
    assert_code(UINT64_C(20000000000) / 30, "353130");
}

static void a_step_counts_once_and_a_neighbour_too(void **state)
{
    (void)state;
    int64_t last = 0;
    assert_true(totp_accepts(SECRET, BYTES("081804"), 1111111109, &last));
    assert_int_equal(last, 1111111109 / 30);
    assert_false(totp_accepts(SECRET, BYTES("081804"), 1111111109, &last)); /* replay */
    assert_true(totp_accepts(SECRET, BYTES("050471"), 1111111109, &last));  /* the step behind */
    assert_false(totp_accepts(SECRET, BYTES("081804"), 1111111109, &last)); /* never backwards */
    last = 0;
    assert_true(totp_accepts(SECRET, BYTES("081804"), 1111111109 + 30, &last));
    last = 0;
    assert_false(totp_accepts(SECRET, BYTES("081804"), 1111111109 + 60, &last));
    assert_false(totp_accepts(SECRET, BYTES("081804"), 1111111109 - 60, &last));
}

static void what_is_no_code(void **state)
{
    (void)state;
    static const char *const codes[] = {"", "08180", "0818041", "081805", "08180a"};
    int64_t last = 0;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        assert_false(totp_accepts(SECRET, bytes_of_text(codes[i]), 1111111109, &last));
    assert_int_equal(last, 0);
}

/* RFC 4648, 10, without padding. */
static void base32_is_written(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"", ""}, {"f", "MY"}, {"fo", "MZXQ"}, {"foo", "MZXW6"}, {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"}, {"foobar", "MZXW6YTBOI"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char memory[32];
        struct buffer out = buffer_over(memory, sizeof memory);
        base32_encode(&out, bytes_of_text(texts[i][0]));
        assert_true(bytes_equal(buffer_bytes(&out), bytes_of_text(texts[i][1])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_codes_of_the_standards),
        cmocka_unit_test(a_step_counts_once_and_a_neighbour_too),
        cmocka_unit_test(what_is_no_code),
        cmocka_unit_test(base32_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
