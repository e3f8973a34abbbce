#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/password.h"

#include <string.h>

static void a_password_is_kept_and_known_again(void **state)
{
    (void)state;
    char memory[2][PASSWORD_KEPT_MAX];
    struct buffer kept = buffer_over(memory[0], sizeof memory[0]);
    struct buffer again = buffer_over(memory[1], sizeof memory[1]);
    assert_true(password_keep(BYTES("correct horse"), &kept));
    assert_true(password_keep(BYTES("correct horse"), &again));
    assert_true(bytes_start_with(buffer_bytes(&kept), BYTES("scrypt$15$8$2$")));
    assert_false(bytes_equal(buffer_bytes(&kept), buffer_bytes(&again))); /* a salt of its own */
    assert_int_equal(password_check(BYTES("correct horse"), buffer_bytes(&kept)), PASSWORD_RIGHT);
    assert_int_equal(password_check(BYTES("correct horsf"), buffer_bytes(&kept)), PASSWORD_WRONG);
    assert_int_equal(password_check(BYTES(""), buffer_bytes(&kept)), PASSWORD_WRONG);
}

/* The key was made by another implementation (Python's hashlib, which is tested with RFC 7914, 12). */
static void other_costs_are_read_from_the_text(void **state)
{
    (void)state;
    static const char kept[] =
        "scrypt$10$8$1$30313233343536373839616263646566$644042ccba6d58cedd8693490d4d876d0f78e68bca1e6544a331e478f3db4aac";
    assert_int_equal(password_check(BYTES("password"), bytes_of_text(kept)), PASSWORD_RIGHT);
    assert_int_equal(password_check(BYTES("passwore"), bytes_of_text(kept)), PASSWORD_WRONG);
}

static void what_is_not_of_this_form_is_a_fault(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "scrypt",
        "x$10$8$1$30313233343536373839616263646566$644042ccba6d58cedd8693490d4d876d0f78e68bca1e6544a331e478f3db4aac",
        "scrypt$19$8$1$30313233343536373839616263646566$644042ccba6d58cedd8693490d4d876d0f78e68bca1e6544a331e478f3db4aac",
        "scrypt$0$8$1$30313233343536373839616263646566$644042ccba6d58cedd8693490d4d876d0f78e68bca1e6544a331e478f3db4aac",
        "scrypt$10$17$1$30313233343536373839616263646566$644042ccba6d58cedd8693490d4d876d0f78e68bca1e6544a331e478f3db4aac",
        "scrypt$10$8$9$30313233343536373839616263646566$644042ccba6d58cedd8693490d4d876d0f78e68bca1e6544a331e478f3db4aac",
        "scrypt$10$8$1$3031323334353637383961626364656$644042ccba6d58cedd8693490d4d876d0f78e68bca1e6544a331e478f3db4aac",
        "scrypt$10$8$1$30313233343536373839616263646566$644042ccba6d58cedd8693490d4d876d0f78e68bca1e6544a331e478f3db4aac00",
        "scrypt$10$8$1$30313233343536373839616263646566"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (password_check(BYTES("password"), bytes_of_text(texts[i])) != PASSWORD_FAULT) fail_msg("%s", texts[i]);
    }
}

static void no_room_is_told(void **state)
{
    (void)state;
    char memory[40];
    struct buffer kept = buffer_over(memory, sizeof memory);
    assert_false(password_keep(BYTES("x"), &kept));
    password_waste(BYTES("nobody's"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_password_is_kept_and_known_again),
        cmocka_unit_test(other_costs_are_read_from_the_text),
        cmocka_unit_test(what_is_not_of_this_form_is_a_fault),
        cmocka_unit_test(no_room_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
