#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/tells.h"

static void reserved_in_every_spelling(void **state)
{
    (void)state;
    static const char *const names[] = {
        "X-Countersign-App", "x_countersign_app",    "X.Countersign.Anything",       "x-countersign",
        "X-Mse-Consumer",    "x_mse.consumer",       "X-MSE-CONSUMER-GROUP",         "X-Request-Id",
        "x_request_id",      "X-Ca-Proxy-Signature", "x-ca-proxy-signature-headers", "X-Bce-Gateway-Auth",
        "proxy_connection",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!tells_reserve(bytes_of_text(names[i]))) fail_msg("%s is not reserved", names[i]);
}

static void other_names_pass(void **state)
{
    (void)state;
    static const char *const names[] = {"",     "x", "x-request", "x-request-id2", "x-mse", "x-ca-key", "authorization", "x-countersig",
                                        "proxy"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (tells_reserve(bytes_of_text(names[i]))) fail_msg("%s is reserved", names[i]);
}

static void our_own_tells_are_reserved(void **state)
{
    (void)state;
    assert_true(tells_reserve(BYTES(TELL_APP)));
    assert_true(tells_reserve(BYTES(TELL_CONSUMER)));
    assert_true(tells_reserve(BYTES(TELL_REQUEST_ID)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reserved_in_every_spelling),
        cmocka_unit_test(other_names_pass),
        cmocka_unit_test(our_own_tells_are_reserved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
