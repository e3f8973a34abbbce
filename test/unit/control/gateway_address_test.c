#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/gateway_address.h"

static void only_ports_of_this_machine(void **state)
{
    (void)state;
    const char *const good[] = {NULL, "", "http://127.0.0.1:8080", "https://[::1]:8443,http://127.1.2.3:1", "abc=http://127.0.0.1:65535"};
    const char *const bad[] = {
        "127.0.0.1:8080",      "http://127.0.0.1",        "http://127.0.0.1:0",       "http://127.0.0.1:65536",    "http://10.0.0.1:80",
        "http://localhost:80", "http://127.0.0.1.x.y:80", "http://[::2]:80",          "=http://127.0.0.1:80",      "ftp://127.0.0.1:80",
        "http://:80",          "http://127.0.0.1:80/x",   "http://127.0.0.1@evil:80", "http://127.0.0.1:80,,nope", "http://[::1:80",
        "http://0127.0.0.1:80"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_null(gateway_addresses_problem(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (gateway_addresses_problem(bad[i]) == NULL) fail_msg("%s", bad[i]);
}

static void assert_is(const char *list, struct gateway_wanted wanted, const char *expected)
{
    struct bytes found = gateway_address_of(list, &wanted);
    if (!bytes_equal(found, bytes_of_text(expected))) fail_msg("%s: %.*s", expected, (int)found.length, (const char *)found.data);
}

static void each_gateway_has_its_own(void **state)
{
    (void)state;
    const char *list = "http://127.0.0.1:1,second=http://127.0.0.1:2,second=https://[::1]:3";
    assert_is(list, (struct gateway_wanted){BYTES("first"), true, false}, "127.0.0.1:1");
    assert_is(list, (struct gateway_wanted){BYTES("first"), true, true}, "");
    assert_is(list, (struct gateway_wanted){BYTES("second"), false, false}, "127.0.0.1:2");
    assert_is(list, (struct gateway_wanted){BYTES("second"), false, true}, "[::1]:3");
    assert_is(list, (struct gateway_wanted){BYTES("third"), false, false}, "");
    assert_is(NULL, (struct gateway_wanted){BYTES("first"), true, false}, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_ports_of_this_machine), cmocka_unit_test(each_gateway_has_its_own)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
