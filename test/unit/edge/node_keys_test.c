#include "fixture.h"

static void write_key(const struct fixture *fixture, const char *name, const char *text, mode_t mode)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", fixture->keys_directory, name);
    unlink(path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

#define DIGITS_64 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void a_key_is_an_id_and_32_bytes(void **state)
{
    const struct fixture *fixture = *state;
    struct edge_keys keys;
    char problem[256];
    write_key(fixture, "node.key", "00000102" DIGITS_64 "\n", 0600);
    write_key(fixture, "pepper.key", "00000003" DIGITS_64, 0400);
    assert_true(edge_keys_load(&keys, fixture->keys_directory, problem));
    assert_int_equal(keys.node_key_id, 0x102);
    assert_int_equal(keys.pepper_version, 3);
    for (uint8_t i = 0; i < SEAL_KEY_SIZE; i++) assert_int_equal(keys.node_key[i], i);
    struct digest_value hash = edge_api_key_hash(&keys, BYTES("key"));
    struct digest_value expected = hmac_of(DIGEST_SHA256, bytes_of(keys.node_key, SEAL_KEY_SIZE), BYTES("key"));
    assert_memory_equal(hash.data, expected.data, 32);
}

static void refused(const struct fixture *fixture, const char *says)
{
    struct edge_keys keys;
    char problem[256] = "";
    assert_false(edge_keys_load(&keys, fixture->keys_directory, problem));
    if (!strstr(problem, says)) fail_msg("%s", problem);
}

static void anything_else_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    static const char *const texts[] = {"",
                                        "\n",
                                        "00000001" DIGITS_64 "0",
                                        "00000001" DIGITS_64 "00",
                                        "0000000g" DIGITS_64,
                                        " 0000001" DIGITS_64,
                                        "00000001" DIGITS_64 "\n\n",
                                        "00000001" DIGITS_64 " "};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_key(fixture, "node.key", texts[i], 0600);
        refused(fixture, "72 hex digits");
    }
}

static void a_key_that_others_can_read_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    static const mode_t modes[] = {0640, 0604, 0620, 0601};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        write_key(fixture, "pepper.key", "00000001" DIGITS_64 "\n", modes[i]);
        refused(fixture, "0600");
    }
}

static void a_missing_key_is_named(void **state)
{
    const struct fixture *fixture = *state;
    char path[160];
    snprintf(path, sizeof path, "%s/pepper.key", fixture->keys_directory);
    unlink(path);
    refused(fixture, "pepper.key");
}

static void keys_are_drawn_once(void **state)
{
    struct fixture *fixture = *state; /* drawn by the fixture */
    struct edge_keys again;
    char problem[256], path[160];
    struct stat status;
    assert_true(edge_keys_create(fixture->keys_directory, problem));
    assert_true(edge_keys_load(&again, fixture->keys_directory, problem));
    assert_memory_equal(again.node_key, fixture->keys.node_key, SEAL_KEY_SIZE);
    snprintf(path, sizeof path, "%s/node.key", fixture->keys_directory);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(status.st_size, 73);
    unlink(path);
    assert_true(edge_keys_create(fixture->keys_directory, problem));
    assert_true(edge_keys_load(&again, fixture->keys_directory, problem));
    assert_memory_not_equal(again.node_key, fixture->keys.node_key, SEAL_KEY_SIZE);
}

static void the_next_and_the_former_key_are_known_too(void **state)
{
    const struct fixture *fixture = *state;
    struct edge_keys keys;
    char problem[256];
    write_key(fixture, "node.key", "00000001" DIGITS_64 "\n", 0600);
    write_key(fixture, "node.next.key", "00000002" DIGITS_64 "\n", 0600);
    write_key(fixture, "node.former.key", "00000001" DIGITS_64 "\n", 0600);
    assert_true(edge_keys_load(&keys, fixture->keys_directory, problem));
    assert_int_equal(keys.other_count, 1); /* in the midst of a switch the former one is that in use */
    assert_true(edge_keys_know(&keys, 1) && edge_keys_know(&keys, 2) && !edge_keys_know(&keys, 3));
    write_key(fixture, "node.former.key", "00000003" DIGITS_64 "\n", 0600);
    assert_true(edge_keys_load(&keys, fixture->keys_directory, problem));
    assert_true(edge_keys_know(&keys, 3) && keys.other_count == 2);
    struct seal *seal = edge_keys_seal(&keys);
    assert_non_null(seal);
    seal_destroy(seal);
    write_key(fixture, "node.next.key", "00000002" DIGITS_64, 0640);
    refused(fixture, "node.next.key");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)
    const struct CMUnitTest tests[] = {
        test(a_key_is_an_id_and_32_bytes), test(anything_else_is_refused), test(a_key_that_others_can_read_is_refused),
        test(a_missing_key_is_named),      test(keys_are_drawn_once),      test(the_next_and_the_former_key_are_known_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
