#include "fixture.h"

#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"

struct world {
    struct fixture *fixture;
    struct edge_reader *reader;
    uint8_t memory[4096];
};

static bool put_key_that_is_followed(struct edge_writer *writer)
{
    struct signature_key key = {.type = SIGNATURE_PUBLIC_KEY,
                                .id = BYTES("sign"),
                                .key = BYTES("public"),
                                .secret = BYTES("first" LONG),
                                .next_from = 2000,
                                .next_key = BYTES("next"),
                                .next_secret = BYTES("next" LONG)};
    return edge_put_signature_key(writer, INSTANCE, &key) == EDGE_OK;
}

static bool put_another_key(struct edge_writer *writer)
{
    struct signature_key key = {.type = SIGNATURE_PUBLIC_KEY, .id = BYTES("sign"), .key = BYTES("public"), .secret = BYTES("second" LONG)};
    return edge_put_signature_key(writer, INSTANCE, &key) == EDGE_OK;
}

static bool put_short_key(struct edge_writer *writer)
{
    struct signature_key key = {.type = SIGNATURE_HMAC, .id = BYTES("sign"), .key = BYTES("key"), .secret = BYTES("short")};
    return edge_put_signature_key(writer, INSTANCE, &key) == EDGE_OK;
}

static uint64_t opening_of(struct world *world, int64_t now, struct bytes secret)
{
    struct signature_key key;
    struct edge_view view = {world->reader, INSTANCE};
    struct arena arena = arena_over(world->memory, sizeof world->memory);
    assert_int_equal(edge_begin(world->reader), EDGE_OK);
    assert_int_equal(edge_signature_key(&view, BYTES("sign"), now, &arena, &key), EDGE_OK);
    assert_true(bytes_equal(key.secret, secret));
    edge_end(world->reader);
    return key.opening;
}

/* Opened once, a private key is known again until the edge changes; what follows it is another opening. */
static void a_private_key_stays_opened(void **state)
{
    struct world world = {.fixture = *state};
    assert_true(fixture_write(world.fixture, put_key_that_is_followed, 10));
    world.reader = fixture_reader(world.fixture);
    assert_non_null(world.reader);
    uint64_t first = opening_of(&world, 1000, BYTES("first" LONG));
    assert_true(first != 0 && opening_of(&world, 1000, BYTES("first" LONG)) == first);
    uint64_t next = opening_of(&world, 2000, BYTES("next" LONG));
    assert_true(next != 0 && next != first && opening_of(&world, 1999, BYTES("first" LONG)) == first);
    assert_true(fixture_write(world.fixture, put_another_key, 11));
    uint64_t second = opening_of(&world, 2000, BYTES("second" LONG));
    assert_true(second != 0 && second != first && second != next);
    edge_reader_close(world.reader);
}

static void a_short_secret_has_no_opening(void **state)
{
    struct world world = {.fixture = *state};
    assert_true(fixture_write(world.fixture, put_short_key, 10));
    world.reader = fixture_reader(world.fixture);
    assert_non_null(world.reader);
    assert_int_equal(opening_of(&world, 1000, BYTES("short")), 0);
    assert_int_equal(opening_of(&world, 1000, BYTES("short")), 0);
    edge_reader_close(world.reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_private_key_stays_opened, fixture_make, fixture_drop),
        cmocka_unit_test_setup_teardown(a_short_secret_has_no_opening, fixture_make, fixture_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
