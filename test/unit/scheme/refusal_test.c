#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scheme/refusal.h"

static void every_refusal_has_a_word_of_its_own(void **state)
{
    (void)state;
    assert_string_equal(refusal_name(REFUSAL_NONE), "");
    for (int i = 1; i < REFUSAL_COUNT; i++) {
        const char *word = refusal_name((enum refusal)i);
        assert_true(strlen(word) > 3);
        assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz_"), strlen(word));
        for (int j = 1; j < i; j++) assert_string_not_equal(word, refusal_name((enum refusal)j));
    }
    assert_string_equal(refusal_name(REFUSAL_SIGNATURE_MISMATCH), "signature_mismatch");
    assert_string_equal(refusal_name(REFUSAL_AUTHORISATION_EXPIRED), "authorisation_expired");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_refusal_has_a_word_of_its_own)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
