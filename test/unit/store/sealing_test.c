#include "fixture.h"

#include "base/text.h"
#include "store/sealing.h"

#include <sys/stat.h>

#define STORE_KEY  "00000007000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define PEPPER_KEY "00000002202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"

static void write_key(const char *name, const char *content, mode_t mode)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", fixture_directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static struct store_keys load(void)
{
    struct store_keys keys;
    char problem[256] = "";
    write_key("store.key", STORE_KEY "\n", 0600);
    write_key("pepper.key", PEPPER_KEY, 0600);
    if (!store_keys_load(&keys, fixture_directory, problem)) fail_msg("%s", problem);
    return keys;
}

static void keys_are_read_from_their_files(void **state)
{
    (void)state;
    struct store_keys keys = load();
    assert_int_equal(store_keys_id(&keys), 7);
    assert_int_equal(keys.pepper_version, 2);
    char lookup[STORE_LOOKUP_SIZE];
    struct buffer out = buffer_over(lookup, sizeof lookup);
    store_api_key_lookup(&keys, BYTES("sk-1"), &out);
    /* printf sk-1 | openssl dgst -sha256 -mac hmac -macopt hexkey:2021…3f */
    assert_true(bytes_equal(buffer_bytes(&out), BYTES("f78a3a6499008bd35ddb66b444c6c41c2046c3578dbc8a82a2f3704ab34a1aa6")));
    store_keys_wipe(&keys);
    assert_null(keys.ring);
}

static void a_key_file_that_is_not_right_is_refused_by_name(void **state)
{
    (void)state;
    struct {
        const char *name;
        const char *content;
        mode_t mode;
        const char *word;
    } cases[] = {
        {"store.key", STORE_KEY, 0640, "0600"},
        {"pepper.key", PEPPER_KEY, 0604, "0600"},
        {"store.key", "", 0600, "72 hex"},
        {"store.key", STORE_KEY "0", 0600, "72 hex"},
        {"pepper.key", STORE_KEY "\n\n", 0600, "72 hex"},
        {"pepper.key", "zz" STORE_KEY, 0600, "72 hex"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct store_keys keys = load();
        char problem[256] = "";
        write_key(cases[i].name, cases[i].content, cases[i].mode);
        assert_false(store_keys_load(&keys, fixture_directory, problem));
        if (!strstr(problem, cases[i].name) || !strstr(problem, cases[i].word)) fail_msg("case %zu: %s", i, problem);
    }
    char problem[256] = "";
    struct store_keys keys;
    assert_false(store_keys_load(&keys, "/nonexistent", problem));
    assert_true(strstr(problem, "store.key") != NULL);
}

struct sealed {
    struct value row[CREDENTIAL_COLUMNS];
    uint8_t memory[128];
};

static void seal_into(struct seal *seal, struct sealed *sealed, const char *secret)
{
    struct value row[CREDENTIAL_COLUMNS] = {
        [CREDENTIAL_ROW_ID] = text_of("row1"), [CREDENTIAL_INSTANCE_ID] = text_of(INSTANCE), [CREDENTIAL_REVISION] = value_integer(42)};
    memcpy(sealed->row, row, sizeof row);
    struct buffer out = buffer_over(sealed->memory, sizeof sealed->memory);
    assert_true(store_seal_credential(seal, sealed->row, CREDENTIAL_SECRET, bytes_of_text(secret), &out));
    assert_int_equal(out.length, strlen(secret) + SEAL_OVERHEAD);
    sealed->row[CREDENTIAL_SECRET] = value_blob(buffer_bytes(&out));
}

static void a_secret_opens_in_its_place_only(void **state)
{
    (void)state;
    struct store_keys keys = load();
    struct seal *seal = store_keys_seal(&keys);
    struct sealed sealed;
    uint8_t memory[64];
    seal_into(seal, &sealed, "s3cret");
    struct buffer out = buffer_over(memory, sizeof memory);
    assert_true(store_open_credential(seal, sealed.row, CREDENTIAL_SECRET, &out));
    assert_true(bytes_equal(buffer_bytes(&out), BYTES("s3cret")));

    const struct {
        size_t column;
        struct value value;
    } moved[] = {{CREDENTIAL_ROW_ID, text_of("row2")},
                 {CREDENTIAL_INSTANCE_ID, text_of("")},
                 {CREDENTIAL_REVISION, value_integer(43)},
                 {CREDENTIAL_ROW_ID, text_of("")}};
    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++) {
        seal_into(seal, &sealed, "s3cret");
        sealed.row[moved[i].column] = moved[i].value;
        buffer_clear(&out);
        assert_false(store_open_credential(seal, sealed.row, CREDENTIAL_SECRET, &out));
        assert_int_equal(buffer_bytes(&out).length, 0);
    }
    seal_into(seal, &sealed, "s3cret");
    sealed.row[CREDENTIAL_NEXT_SECRET] = sealed.row[CREDENTIAL_SECRET];
    assert_false(store_open_credential(seal, sealed.row, CREDENTIAL_NEXT_SECRET, &out));
    assert_false(store_open_credential(seal, sealed.row, CREDENTIAL_LOOKUP, &out));
    assert_false(store_seal_credential(seal, sealed.row, CREDENTIAL_LOOKUP, BYTES("x"), &out));
    seal_destroy(seal);
}

static void a_secret_may_be_empty_or_fill_the_buffer_but_not_overflow_it(void **state)
{
    (void)state;
    struct store_keys keys = load();
    struct seal *seal = store_keys_seal(&keys);
    struct value row[CREDENTIAL_COLUMNS] = {[CREDENTIAL_ROW_ID] = text_of("r")};
    uint8_t memory[SEAL_OVERHEAD + 4];
    struct buffer out = buffer_over(memory, sizeof memory);
    assert_true(store_seal_credential(seal, row, CREDENTIAL_SECRET, BYTES("1234"), &out));
    buffer_clear(&out);
    assert_false(store_seal_credential(seal, row, CREDENTIAL_SECRET, BYTES("12345"), &out));
    char long_id[600];
    memset(long_id, 'a', sizeof long_id);
    row[CREDENTIAL_ROW_ID] = value_text(bytes_of(long_id, sizeof long_id));
    buffer_clear(&out);
    assert_false(store_seal_credential(seal, row, CREDENTIAL_SECRET, BYTES("1"), &out));
    seal_destroy(seal);
}

static void a_signature_key_is_bound_likewise(void **state)
{
    (void)state;
    struct store_keys keys = load();
    struct seal *seal = store_keys_seal(&keys);
    struct value row[SIGN_COLUMNS] = {
        [SIGN_ID] = text_of("row1"), [SIGN_INSTANCE_ID] = text_of(INSTANCE), [SIGN_REVISION] = value_integer(42)};
    uint8_t memory[128], opened[64];
    struct buffer out = buffer_over(memory, sizeof memory), back = buffer_over(opened, sizeof opened);
    assert_true(store_seal_signature_key(seal, row, SIGN_SECRET, BYTES("backend secret"), &out));
    row[SIGN_SECRET] = value_blob(buffer_bytes(&out));
    assert_true(store_open_signature_key(seal, row, SIGN_SECRET, &back));
    assert_true(bytes_equal(buffer_bytes(&back), BYTES("backend secret")));
    row[SIGN_NEXT_SECRET] = row[SIGN_SECRET];
    buffer_clear(&back);
    assert_false(store_open_signature_key(seal, row, SIGN_NEXT_SECRET, &back));
    struct sealed sealed;
    seal_into(seal, &sealed, "x");
    row[SIGN_SECRET] = sealed.row[CREDENTIAL_SECRET];
    buffer_clear(&back);
    assert_false(store_open_signature_key(seal, row, SIGN_SECRET, &back));
    seal_destroy(seal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(keys_are_read_from_their_files),    FIXTURE_TEST(a_key_file_that_is_not_right_is_refused_by_name),
        FIXTURE_TEST(a_secret_opens_in_its_place_only),  FIXTURE_TEST(a_secret_may_be_empty_or_fill_the_buffer_but_not_overflow_it),
        FIXTURE_TEST(a_signature_key_is_bound_likewise),
    };
    return cmocka_run_group_tests_name("sealing", tests, NULL, NULL);
}
