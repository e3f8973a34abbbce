/* Two store keys at a time, and all secrets sealed anew: on every database of the run. */
#include "fixture.h"

#include "store/resealing.h"
#include "store/session.h"

#include <sys/stat.h>

#define OLD_KEY    "00000007000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define NEW_KEY    "00000008f00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define PEPPER_KEY "00000002202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
#define PAIRS      450 /* more than two batches */

static void write_key(const char *name, const char *content)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", fixture_directory, name);
    unlink(path);
    usleep(20000); /* the clock of the file system goes on */
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
    assert_int_equal(chmod(path, 0600), 0);
}

static void remove_key(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", fixture_directory, name);
    unlink(path);
}

static struct store_keys load(void)
{
    struct store_keys keys;
    char problem[256] = "";
    write_key("store.key", OLD_KEY);
    write_key("pepper.key", PEPPER_KEY);
    if (!store_keys_load(&keys, fixture_directory, problem)) fail_msg("%s", problem);
    return keys;
}

static void insert_pair(struct session *session, struct seal *seal, unsigned number)
{
    struct test_id id = id_of('d', number);
    char key[32], memory[2][128];
    struct buffer sealed[2] = {buffer_over(memory[0], 128), buffer_over(memory[1], 128)};
    snprintf(key, sizeof key, "key-%u", number);
    struct value row[CREDENTIAL_COLUMNS] = {[CREDENTIAL_ROW_ID] = text_of(id.text),
                                            [CREDENTIAL_INSTANCE_ID] = text_of(INSTANCE),
                                            [CREDENTIAL_KIND] = value_integer(2),
                                            [CREDENTIAL_PRINCIPAL_KIND] = value_integer(2),
                                            [CREDENTIAL_PRINCIPAL_ID] = text_of("somebody"),
                                            [CREDENTIAL_LOOKUP] = text_of(key),
                                            [CREDENTIAL_ENABLED] = value_integer(1),
                                            [CREDENTIAL_REVISION] = value_integer(42),
                                            [CREDENTIAL_CREATE_TIME] = value_integer(1)};
    assert_true(store_seal_credential(seal, row, CREDENTIAL_SECRET, BYTES("a secret"), &sealed[0]));
    assert_true(store_seal_credential(seal, row, CREDENTIAL_NEXT_SECRET, BYTES("the next one"), &sealed[1]));
    row[CREDENTIAL_SECRET] = value_blob(buffer_bytes(&sealed[0]));
    if (number % 2) row[CREDENTIAL_NEXT_SECRET] = value_blob(buffer_bytes(&sealed[1]));
    assert_ok(session, store_insert(session, &entity_credential, row));
}

static void fill(struct store *store, const struct store_keys *keys)
{
    struct seal *seal = store_keys_seal(keys);
    struct session *session = store_write(store);
    assert_non_null(session);
    for (unsigned i = 0; i < PAIRS; i++) insert_pair(session, seal, i);
    assert_int_equal(store_commit(session), STORE_OK);
    seal_destroy(seal);
}

struct checking {
    struct seal *seal;
    size_t opened, rows;
    uint32_t id;
};

static bool check(void *context, const struct value *row)
{
    struct checking *checking = context;
    char memory[64];
    struct buffer out = buffer_over(memory, sizeof memory);
    uint32_t id = 0;
    checking->rows++;
    checking->opened +=
        store_open_credential(checking->seal, row, CREDENTIAL_SECRET, &out) && bytes_equal(buffer_bytes(&out), BYTES("a secret"));
    assert_true(seal_key_id(row[CREDENTIAL_SECRET].bytes, &id));
    assert_int_equal(id, checking->id);
    assert_int_equal(row[CREDENTIAL_REVISION].integer, 42);
    return true;
}

/* How many open with the keys of now; all have to be sealed by the key with this id. */
static size_t count_opened(struct store *store, const struct store_keys *keys, uint32_t id)
{
    struct checking checking = {.seal = store_keys_seal(keys), .id = id};
    struct session *session = store_read(store);
    assert_ok(session, store_list(session, &entity_credential, &(struct store_query){0}, check, &checking));
    store_abort(session);
    seal_destroy(checking.seal);
    assert_int_equal(checking.rows, PAIRS);
    return checking.opened;
}

static void all_secrets_are_sealed_anew_and_open(void **state)
{
    (void)state;
    struct store *store = fixture_open();
    struct store_keys keys = load();
    struct resealing resealing;
    char problem[256] = "";
    fill(store, &keys);
    write_key("store.next.key", NEW_KEY);
    assert_int_equal(store_keys_id(&keys), 7);
    assert_true(store_reseal(store, &keys, &resealing, problem));
    assert_int_equal(resealing.secrets, 0);
    /* The switch: seen without a restart. */
    write_key("store.former.key", OLD_KEY);
    write_key("store.key", NEW_KEY);
    remove_key("store.next.key");
    assert_int_equal(store_keys_id(&keys), 8);
    assert_int_equal(count_opened(store, &keys, 7), PAIRS);
    if (!store_reseal(store, &keys, &resealing, problem)) fail_msg("%s", problem);
    assert_int_equal(resealing.secrets, PAIRS + PAIRS / 2);
    assert_int_equal(resealing.unopened, 0);
    remove_key("store.former.key");
    assert_int_equal(count_opened(store, &keys, 8), PAIRS);
    assert_true(store_reseal(store, &keys, &resealing, problem));
    assert_int_equal(resealing.secrets, 0);
    store_keys_wipe(&keys);
    store_close(store);
}

static void what_does_not_open_is_counted_and_left(void **state)
{
    (void)state;
    struct store *store = fixture_open();
    struct store_keys keys = load();
    struct resealing resealing;
    char problem[256] = "";
    fill(store, &keys);
    write_key("store.key", NEW_KEY); /* and the one before is lost */
    assert_true(store_reseal(store, &keys, &resealing, problem));
    assert_int_equal(resealing.secrets, 0);
    assert_int_equal(resealing.unopened, PAIRS + PAIRS / 2);
    write_key("store.former.key", OLD_KEY);
    assert_int_equal(count_opened(store, &keys, 7), PAIRS);
    store_keys_wipe(&keys);
    store_close(store);
}

static void keys_in_the_midst_of_a_change_stay_what_they_were(void **state)
{
    (void)state;
    struct store_keys keys = load();
    write_key("store.key", "torn");
    assert_int_equal(store_keys_id(&keys), 7);
    remove_key("store.key");
    assert_int_equal(store_keys_id(&keys), 7);
    write_key("store.key", NEW_KEY);
    assert_int_equal(store_keys_id(&keys), 8);
    store_keys_wipe(&keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(all_secrets_are_sealed_anew_and_open),
        FIXTURE_TEST(what_does_not_open_is_counted_and_left),
        FIXTURE_TEST_OF("sqlite:", keys_in_the_midst_of_a_change_stay_what_they_were),
    };
    return FIXTURE_RUN("resealing", tests);
}
