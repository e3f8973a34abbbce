#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/name_client.h"
#include "control/resolver.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

static void literals_need_no_name_server(void **state)
{
    (void)state;
    struct edge_addresses addresses;
    struct resolver *resolver = resolver_start(NULL, NULL, NULL); /* never put: literals are known at once */
    assert_non_null(resolver);
    assert_true(resolver_want(resolver, BYTES("127.0.0.1:9000"), &addresses));
    assert_int_equal(addresses.count, 1);
    assert_int_equal(addresses.items[0].port, 9000);
    assert_false(addresses.items[0].v6);
    assert_memory_equal(addresses.items[0].ip, "\x7f\0\0\1", 4);
    assert_true(resolver_want(resolver, BYTES("[::1]:65535"), &addresses));
    assert_true(addresses.items[0].v6);
    assert_int_equal(addresses.items[0].port, 65535);
    resolver_stop(resolver);
}

static bool add(struct edge_addresses *addresses, const char *text)
{
    size_t before = addresses->count;
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) name_client_add_address(addresses, (struct sockaddr *)&v4, 80);
    if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) name_client_add_address(addresses, (struct sockaddr *)&v6, 80);
    return addresses->count == before + 1;
}

/* A name server may say what it likes; cloud metadata and the like are never a backend. */
static void forbidden_addresses_are_left_out(void **state)
{
    (void)state;
    struct edge_addresses addresses = {0};
    static const char *const forbidden[] = {
        "169.254.169.254",        "0.0.0.0",         "224.0.0.1",         "255.255.255.255", "fe80::1", "::", "ff02::1",
        "::ffff:169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe"};
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
        if (add(&addresses, forbidden[i])) fail_msg("%s", forbidden[i]);
    }
    assert_true(add(&addresses, "10.1.2.3") && add(&addresses, "127.0.0.1") && add(&addresses, "::1") && add(&addresses, "fd00::1"));
}

static void there_is_a_most_of_addresses(void **state)
{
    (void)state;
    struct edge_addresses addresses = {0};
    for (int i = 0; i < EDGE_MAX_ADDRESSES; i++) assert_true(add(&addresses, "10.1.2.3"));
    assert_false(add(&addresses, "10.1.2.4"));
}

/* What the resolver told, and whether it is believed. */
struct told {
    pthread_mutex_t lock;
    unsigned refuse; /* so many times */
    unsigned puts;
    struct edge_addresses last;
};

static bool put(void *context, struct bytes authority, const struct edge_addresses *addresses)
{
    struct told *told = context;
    pthread_mutex_lock(&told->lock);
    bool refused = told->refuse > 0;
    if (refused) told->refuse--;
    if (bytes_equal(authority, BYTES("localhost:81"))) told->puts++;
    told->last = *addresses;
    pthread_mutex_unlock(&told->lock);
    return !refused;
}

static unsigned puts_of(struct told *told)
{
    pthread_mutex_lock(&told->lock);
    unsigned puts = told->puts;
    pthread_mutex_unlock(&told->lock);
    return puts;
}

static void a_name_is_told_once_and_then_known(void **state)
{
    (void)state;
    struct told told = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct edge_addresses addresses;
    struct resolver *resolver = resolver_start(NULL, put, &told);
    assert_false(resolver_want(resolver, BYTES("localhost:81"), &addresses));
    resolver_settle(resolver, 20000);
    assert_int_equal(puts_of(&told), 1);
    assert_int_equal(told.last.items[0].port, 81);
    assert_true(resolver_want(resolver, BYTES("localhost:81"), &addresses));
    assert_int_equal(addresses.count, told.last.count);
    resolver_stop(resolver);
}

/* Addresses that could not be put are put again, although they are the same. */
static void what_was_not_put_is_put_again(void **state)
{
    (void)state;
    struct told told = {.lock = PTHREAD_MUTEX_INITIALIZER, .refuse = 1};
    const struct timespec moment = {0, 20000000};
    struct edge_addresses addresses;
    struct resolver *resolver = resolver_start(NULL, put, &told);
    resolver_want(resolver, BYTES("localhost:81"), &addresses);
    for (int i = 0; i < 1000 && puts_of(&told) < 2; i++) nanosleep(&moment, NULL);
    assert_int_equal(puts_of(&told), 2);
    resolver_stop(resolver);
}

static void what_nobody_wants_any_more_is_forgotten(void **state)
{
    (void)state;
    struct told told = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct edge_addresses addresses;
    struct resolver *resolver = resolver_start(NULL, put, &told);
    resolver_want(resolver, BYTES("localhost:81"), &addresses);
    resolver_settle(resolver, 20000);
    resolver_sweep(resolver);
    assert_true(resolver_want(resolver, BYTES("localhost:81"), &addresses)); /* wanted since: kept */
    resolver_sweep(resolver);
    resolver_sweep(resolver);
    assert_false(resolver_want(resolver, BYTES("localhost:81"), &addresses));
    resolver_stop(resolver);
}

static void a_name_that_does_not_resolve_is_not_known(void **state)
{
    (void)state;
    struct told told = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct edge_addresses addresses;
    struct resolver *resolver = resolver_start(NULL, put, &told);
    assert_false(resolver_want(resolver, BYTES("no-such-host.invalid:81"), &addresses));
    resolver_settle(resolver, 50);
    assert_false(resolver_want(resolver, BYTES("no-such-host.invalid:81"), &addresses));
    assert_int_equal(puts_of(&told), 0);
    resolver_stop(resolver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_need_no_name_server),
        cmocka_unit_test(forbidden_addresses_are_left_out),
        cmocka_unit_test(there_is_a_most_of_addresses),
        cmocka_unit_test(a_name_is_told_once_and_then_known),
        cmocka_unit_test(what_was_not_put_is_put_again),
        cmocka_unit_test(what_nobody_wants_any_more_is_forgotten),
        cmocka_unit_test(a_name_that_does_not_resolve_is_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
