/* A warm admission takes no memory but the arena's: every way to allocate counts here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/world.h"

static volatile size_t allocations;

#ifndef __SANITIZE_ADDRESS__
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
    allocations = allocations + 1;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations = allocations + 1;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    allocations = allocations + 1;
    return __libc_realloc(memory, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    allocations = allocations + 1;
    *memory = __libc_memalign(alignment, size);
    return *memory == NULL;
}
#endif

static struct world world;

#define GET  "GET /a%20b?b=1&a=2 HTTP/1.1\nHost: h\nAccept: */*\n\n"
#define POST "POST /a HTTP/1.1\nHost: h\n\nbody"

static void admit_once(void)
{
    size_t used = world.sample.arena.used;
    admit_begin(&world.context, &world.admission);
    if (world.admission.outcome == ADMISSION_NEEDS_BODY) {
        struct body_facts facts = body_facts_of(world.sample.body);
        admit_finish(&world.context, &facts, &world.admission);
    }
    arena_rewind(&world.sample.arena, used);
}

static void assert_allocates_nothing(enum admission_outcome outcome)
{
    admit_once();
    size_t before = allocations;
    for (int i = 0; i < 10; i++) admit_once();
    size_t after = allocations;
    assert_int_equal(after, before);
    assert_int_equal(world.admission.outcome, outcome);
}

static void counting_works(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip();
#else
    size_t before = allocations;
    void *volatile memory = malloc(16);
    assert_int_equal(allocations, before + 1);
    free(memory);
#endif
}

static void signed_requests(void **state)
{
    (void)state;
    static const struct scheme *const signers[] = {&scheme_sdk_hmac_sha256, &scheme_aliyun_ca};
    for (size_t i = 0; i < 2; i++) {
        world_set(&world);
        world_sign(&world, signers[i], "app-secret", GET);
        assert_allocates_nothing(ADMISSION_ACCEPTED);
        world_sign(&world, signers[i], "app-secret", POST);
        assert_allocates_nothing(ADMISSION_ACCEPTED);
        world_sign(&world, signers[i], "wrong", GET);
        assert_allocates_nothing(ADMISSION_REFUSED);
        world.count = 0;
        assert_allocates_nothing(ADMISSION_REFUSED);
    }
}

static void api_keys(void **state)
{
    (void)state;
    world_set(&world);
    world_request(&world, "GET / HTTP/1.1\nAuthorization: Bearer consumer-key\n\n");
    assert_allocates_nothing(ADMISSION_ACCEPTED);
    world_request(&world, "GET / HTTP/1.1\nAuthorization: Bearer nobody\n\n");
    assert_allocates_nothing(ADMISSION_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counting_works),
        cmocka_unit_test(signed_requests),
        cmocka_unit_test(api_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
