/* What of a key set from elsewhere is decided before and after the wire: its URL, its address, how long it counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/key_fetch.h"

#include <arpa/inet.h>
#include <string.h>

static bool allowed(const char *text, bool private_addresses)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) return key_fetch_address_is_allowed((struct sockaddr *)(void *)&v4, private_addresses);
    if (inet_pton(AF_INET6, text, &v6.sin6_addr) != 1) fail_msg("%s is no address", text);
    return key_fetch_address_is_allowed((struct sockaddr *)(void *)&v6, private_addresses);
}

static void addresses(void **state)
{
    (void)state;
    static const char *const public[] = {"1.1.1.1",    "172.15.0.1",  "172.32.0.1", "192.167.1.1",
                                         "100.63.0.1", "100.128.0.1", "198.17.0.1", "2606:4700::1"};
    static const char *const private[] = {"10.1.2.3",    "127.0.0.1",  "127.9.9.9",  "172.16.0.1", "172.31.255.255",
                                          "192.168.0.1", "100.64.0.1", "198.18.0.1", "192.0.0.8",  "::1",
                                          "fc00::1",     "fdff::1",    "fec0::1"};
    static const char *const never[] = {"169.254.169.254",    "0.0.0.0",       "224.0.0.1",    "255.255.255.255",
                                        "100.100.100.200",    "fe80::1",       "::",           "ff02::1",
                                        "::ffff:10.0.0.1",    "fd00:ec2::254", "2002:a00:1::", "64:ff9b::a00:1",
                                        "64:ff9b:1:7::a00:1", "168.63.129.16", "fd20:ce::254"};
    for (size_t i = 0; i < sizeof public / sizeof *public; i++) assert_true(allowed(public[i], false) && allowed(public[i], true));
    for (size_t i = 0; i < sizeof private / sizeof *private; i++)
        if (allowed(private[i], false) || !allowed(private[i], true)) fail_msg("%s", private[i]);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (allowed(never[i], false) || allowed(never[i], true)) fail_msg("%s", never[i]);
    struct sockaddr local = {.sa_family = AF_UNIX};
    assert_false(key_fetch_address_is_allowed(&local, true));
}

static void hosts(void **state)
{
    (void)state;
    assert_true(key_fetch_host_is_listed("a.example,localhost", BYTES("LocalHost")));
    assert_true(key_fetch_host_is_listed("a.example", BYTES("a.example")));
    assert_false(key_fetch_host_is_listed("a.example", BYTES("b.a.example")));
    assert_false(key_fetch_host_is_listed("a.example,", BYTES("")));
    assert_false(key_fetch_host_is_listed("", BYTES("localhost")));
    assert_false(key_fetch_host_is_listed(NULL, BYTES("localhost")));
}

static void cache_control(void **state)
{
    (void)state;
    assert_int_equal(key_fetch_max_age(BYTES("public, MAX-AGE=600 , x")), 600);
    assert_int_equal(key_fetch_max_age(BYTES("s-maxage=5")), -1);
    assert_int_equal(key_fetch_max_age(BYTES("max-age=600, no-cache")), 0);
    assert_int_equal(key_fetch_max_age(BYTES("no-store")), 0);
    assert_int_equal(key_fetch_max_age(BYTES("max-age=99999999999999999999")), -1);
    assert_int_equal(key_fetch_max_age(BYTES("max-age=-1,max-age")), -1);
    assert_int_equal(key_fetch_max_age(BYTES("")), -1);
}

static void urls(void **state)
{
    (void)state;
    struct remote_url url;
    assert_null(remote_url_read(BYTES("https://idp.example:8443/a?b=c#timeout=2500&cache=90"), &url));
    assert_true(bytes_equal(url.request, BYTES("https://idp.example:8443/a?b=c")) && bytes_equal(url.host, BYTES("idp.example")));
    assert_true(url.port == 8443 && url.timeout_ms == 2500 && url.cache_seconds == 90 && !url.discovery);
    assert_null(remote_url_read(BYTES("https://idp.example/t/.well-known/openid-configuration"), &url));
    assert_true(url.port == 443 && url.timeout_ms == 1500 && url.cache_seconds == 600 && url.discovery);
    assert_non_null(remote_url_read(BYTES("https://idp.example/x#timeout=2500&&cache=90"), &url));
    assert_non_null(remote_url_read(BYTES("https://1.2.3.4/x"), &url));
    assert_non_null(remote_url_read(BYTES("https://idp.example@evil.example/x"), &url));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(hosts),
        cmocka_unit_test(cache_control),
        cmocka_unit_test(urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
