#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "credential/credential.h"

static struct credential usable(void)
{
    return (struct credential){.enabled = true, .principal = {.kind = PRINCIPAL_APP, .enabled = true}, .not_before = 100, .not_after = 200};
}

static void usable_between_its_bounds_included(void **state)
{
    (void)state;
    struct credential credential = usable();
    assert_int_equal(credential_standing_at(&credential, 99), CREDENTIAL_NOT_YET_VALID);
    assert_int_equal(credential_standing_at(&credential, 100), CREDENTIAL_USABLE);
    assert_int_equal(credential_standing_at(&credential, 200), CREDENTIAL_USABLE);
    assert_int_equal(credential_standing_at(&credential, 201), CREDENTIAL_EXPIRED);
}

static void no_bounds_mean_always(void **state)
{
    (void)state;
    struct credential credential = usable();
    credential.not_before = credential.not_after = 0;
    assert_int_equal(credential_standing_at(&credential, -5), CREDENTIAL_USABLE);
    assert_int_equal(credential_standing_at(&credential, INT64_MAX), CREDENTIAL_USABLE);
}

static void disabled_comes_before_dates(void **state)
{
    (void)state;
    struct credential credential = usable();
    credential.principal.enabled = false;
    assert_int_equal(credential_standing_at(&credential, 300), CREDENTIAL_PRINCIPAL_DISABLED);
    credential.enabled = false;
    assert_int_equal(credential_standing_at(&credential, 300), CREDENTIAL_DISABLED);
}

/* What its user did counts before what became of him, so that the caller reads that a new token is needed. */
static void flaws_of_users_credentials(void **state)
{
    (void)state;
    struct credential credential = usable();
    credential.flaw = CREDENTIAL_FLAW_UNACCOMPANIED;
    assert_int_equal(credential_standing_at(&credential, 150), CREDENTIAL_UNACCOMPANIED);
    credential.principal.enabled = false;
    assert_int_equal(credential_standing_at(&credential, 150), CREDENTIAL_PRINCIPAL_DISABLED);
    credential.flaw = CREDENTIAL_FLAW_STALE;
    assert_int_equal(credential_standing_at(&credential, 150), CREDENTIAL_STALE);
    credential.enabled = false;
    assert_int_equal(credential_standing_at(&credential, 150), CREDENTIAL_DISABLED);
}

static void a_secret_lives_until_its_second_and_never_when_empty(void **state)
{
    (void)state;
    struct credential_secret secret = {.value = BYTES("s"), .until = 50};
    assert_true(credential_secret_is_live(&secret, 50));
    assert_false(credential_secret_is_live(&secret, 51));
    secret.until = 0;
    assert_true(credential_secret_is_live(&secret, INT64_MAX));
    secret.value.length = 0;
    assert_false(credential_secret_is_live(&secret, 0));
}

static void kinds_have_names(void **state)
{
    (void)state;
    assert_string_equal(principal_kind_name(PRINCIPAL_APP), "app");
    assert_string_equal(principal_kind_name(PRINCIPAL_CONSUMER), "consumer");
    assert_string_equal(principal_kind_name(PRINCIPAL_USER), "user");
    assert_string_equal(principal_kind_name(PRINCIPAL_NONE), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usable_between_its_bounds_included),
        cmocka_unit_test(no_bounds_mean_always),
        cmocka_unit_test(disabled_comes_before_dates),
        cmocka_unit_test(flaws_of_users_credentials),
        cmocka_unit_test(a_secret_lives_until_its_second_and_never_when_empty),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
