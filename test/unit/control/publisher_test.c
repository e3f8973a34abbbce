/* From the store to the edge, on every database of the run. LMDB forbids to open the edge twice in a process, so a child looks. */
#include "../store/fixture.h"

#include "control/publisher.h"
#include "crypto/random.h"
#include "edge/reader.h"
#include "edge/writer.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define WAIT_MS 20000

struct world {
    struct store *store;
    struct store_keys keys;
    struct seal *seal;
    char edge[128];
    struct publisher *publisher;
};

static void start(struct world *world)
{
    char problem[256] = "";
    struct publisher_options options = {
        .store = world->store, .store_keys = &world->keys, .keys_directory = fixture_directory, .edge_directory = world->edge};
    world->publisher = publisher_start(&options, problem);
    if (!world->publisher) fail_msg("%s", problem);
}

static void stop(struct world *world)
{
    publisher_stop(world->publisher);
    world->publisher = NULL;
}

static struct world open_world(void)
{
    struct world world = {.store = fixture_open_with_instance()};
    char path[128], problem[256] = "";
    assert_true(edge_keys_create(fixture_directory, problem));
    snprintf(path, sizeof path, "%s/store.key", fixture_directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 72; i++) fputc("0123456789abcdef"[i % 16], file);
    fclose(file);
    chmod(path, 0600);
    if (!store_keys_load(&world.keys, fixture_directory, problem)) fail_msg("%s", problem);
    world.seal = store_keys_seal(&world.keys);
    snprintf(world.edge, sizeof world.edge, "%s/edge", fixture_directory);
    return world;
}

static void close_world(struct world *world)
{
    stop(world);
    seal_destroy(world->seal);
    store_close(world->store);
}

/* A consumer with a key pair "key-<number>"; the secret is sealed for its row unless it is to be damaged. */
static void insert_pair(struct world *world, struct session *session, unsigned number, bool damaged)
{
    struct test_id consumer = id_of('c', number), credential = id_of('d', number);
    char key[32], memory[256];
    struct buffer sealed = buffer_over(memory, sizeof memory);
    snprintf(key, sizeof key, "key-%u", number);
    assert_ok(session, insert_consumer(session, consumer.text, key));
    struct value row[CREDENTIAL_COLUMNS] = {[CREDENTIAL_ROW_ID] = text_of(credential.text),
                                            [CREDENTIAL_INSTANCE_ID] = text_of(INSTANCE),
                                            [CREDENTIAL_KIND] = value_integer(CREDENTIAL_KEY_PAIR),
                                            [CREDENTIAL_PRINCIPAL_KIND] = value_integer(PRINCIPAL_CONSUMER),
                                            [CREDENTIAL_PRINCIPAL_ID] = text_of(consumer.text),
                                            [CREDENTIAL_LOOKUP] = text_of(key),
                                            [CREDENTIAL_ENABLED] = value_integer(1),
                                            [CREDENTIAL_SCHEMES] = value_integer(4),
                                            [CREDENTIAL_REVISION] = value_integer((int64_t)store_revision(session)),
                                            [CREDENTIAL_CREATE_TIME] = value_integer(1)};
    assert_true(store_seal_credential(world->seal, row, CREDENTIAL_SECRET, BYTES("a secret"), &sealed));
    if (damaged) sealed.data[sealed.length - 1] ^= 1;
    row[CREDENTIAL_SECRET] = value_blob(buffer_bytes(&sealed));
    assert_ok(session, store_insert(session, &entity_credential, row));
    assert_ok(session, store_change(session, CHANGE_KEY_PAIR, BYTES(INSTANCE), bytes_of_text(key), BYTES("")));
}

static uint64_t add_pairs(struct world *world, unsigned first, unsigned count)
{
    struct session *session = store_write(world->store);
    assert_non_null(session);
    for (unsigned i = 0; i < count; i++) insert_pair(world, session, first + i, false);
    uint64_t revision = store_revision(session);
    assert_int_equal(store_commit(session), STORE_OK);
    return revision;
}

/* What a child sees of "key-<number>" in the edge. */
static enum edge_result look(const struct world *world, unsigned number)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct edge_keys keys;
        char problem[256], key[32];
        uint8_t memory[4096];
        struct arena arena = arena_over(memory, sizeof memory);
        struct credential credential;
        snprintf(key, sizeof key, "key-%u", number);
        struct edge_reader *reader =
            edge_keys_load(&keys, fixture_directory, problem) ? edge_reader_open(world->edge, &keys, problem) : NULL;
        if (!reader || edge_begin(reader) != EDGE_OK) _exit(EDGE_FAULT);
        _exit(edge_key_pair(&(struct edge_view){reader, BYTES(INSTANCE)}, bytes_of_text(key), &arena, &credential));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? (enum edge_result)WEXITSTATUS(status) : EDGE_FAULT;
}

static struct publisher_status status_of(const struct world *world)
{
    struct publisher_status status;
    publisher_status(world->publisher, &status);
    return status;
}

static void a_change_is_there_when_the_wait_ends(void **state)
{
    (void)state;
    struct world world = open_world();
    start(&world);
    for (unsigned i = 1; i <= 5; i++) {
        uint64_t revision = add_pairs(&world, i, 1);
        assert_int_equal(publisher_wait(world.publisher, revision, WAIT_MS), PUBLISHER_DONE);
        assert_int_equal(look(&world, i), EDGE_OK);
        assert_int_equal(status_of(&world).edge_revision, revision);
    }
    assert_int_equal(look(&world, 6), EDGE_NOTHING);
    assert_int_equal(status_of(&world).rebuilds, 1); /* the first picture */
    close_world(&world);
}

static void the_wait_ends_with_its_time(void **state)
{
    (void)state;
    struct world world = open_world();
    start(&world);
    assert_int_equal(publisher_wait(world.publisher, 1000000, 20), PUBLISHER_LATE);
    close_world(&world);
}

static void a_picture_is_taken_over_and_caught_up(void **state)
{
    (void)state;
    struct world world = open_world();
    start(&world);
    assert_int_equal(publisher_wait(world.publisher, add_pairs(&world, 1, 1), WAIT_MS), PUBLISHER_DONE);
    stop(&world);
    uint64_t revision = add_pairs(&world, 2, 1);
    start(&world);
    assert_int_equal(publisher_wait(world.publisher, revision, WAIT_MS), PUBLISHER_DONE);
    assert_int_equal(status_of(&world).rebuilds, 0);
    assert_int_equal(look(&world, 1), EDGE_OK);
    assert_int_equal(look(&world, 2), EDGE_OK);
    close_world(&world);
}

static void forgotten_changes_make_it_anew(void **state)
{
    (void)state;
    struct world world = open_world();
    start(&world);
    assert_int_equal(publisher_wait(world.publisher, add_pairs(&world, 1, 1), WAIT_MS), PUBLISHER_DONE);
    stop(&world);
    uint64_t missed = add_pairs(&world, 2, 1);
    struct session *session = store_write(world.store);
    uint64_t revision = store_revision(session);
    assert_ok(session, store_forget_changes(session, missed));
    assert_int_equal(store_commit(session), STORE_OK);
    start(&world);
    assert_int_equal(publisher_wait(world.publisher, revision, WAIT_MS), PUBLISHER_DONE);
    assert_int_equal(status_of(&world).rebuilds, 1);
    assert_int_equal(look(&world, 2), EDGE_OK);
    close_world(&world);
}

/* The edge says another store, another boot, or a revision that the store never had. */
static void a_picture_that_is_not_ours_is_made_anew(void **state)
{
    (void)state;
    struct world world = open_world();
    start(&world);
    uint64_t revision = add_pairs(&world, 1, 1);
    assert_int_equal(publisher_wait(world.publisher, revision, WAIT_MS), PUBLISHER_DONE);
    for (int what = 0; what < 3; what++) {
        struct edge_keys keys;
        struct edge_meta meta;
        char problem[256], store_id[64], boot_id[EDGE_BOOT_ID_SIZE];
        stop(&world);
        assert_true(edge_keys_load(&keys, fixture_directory, problem));
        struct edge_writer *writer = edge_writer_open(world.edge, &keys, NULL, problem);
        assert_non_null(writer);
        assert_int_equal(edge_write_begin(writer), EDGE_OK);
        assert_int_equal(edge_write_meta(writer, &meta), EDGE_OK);
        snprintf(store_id, sizeof store_id, "%.*s", (int)meta.store_id.length, (const char *)meta.store_id.data);
        snprintf(boot_id, sizeof boot_id, "%.*s", (int)meta.boot_id.length, (const char *)meta.boot_id.data);
        assert_int_equal(edge_remove_key_pair(writer, BYTES(INSTANCE), BYTES("key-1")), EDGE_OK);
        assert_int_equal(edge_write_commit(writer, what == 2 ? revision + 100 : revision,
                                           what == 0 ? BYTES("other") : bytes_of_text(store_id),
                                           what == 1 ? BYTES("other") : bytes_of_text(boot_id)),
                         EDGE_OK);
        edge_writer_close(writer);
        assert_int_equal(look(&world, 1), EDGE_NOTHING);
        start(&world);
        assert_int_equal(publisher_wait(world.publisher, revision, WAIT_MS), PUBLISHER_DONE);
        assert_int_equal(status_of(&world).rebuilds, 1);
        assert_int_equal(look(&world, 1), EDGE_OK);
    }
    close_world(&world);
}

static void a_rebuild_can_be_asked_for(void **state)
{
    (void)state;
    struct world world = open_world();
    start(&world);
    assert_int_equal(publisher_wait(world.publisher, add_pairs(&world, 1, 1), WAIT_MS), PUBLISHER_DONE);
    publisher_rebuild(world.publisher);
    struct session *session = store_write(world.store);
    uint64_t revision = store_revision(session);
    assert_int_equal(store_commit(session), STORE_OK);
    assert_int_equal(publisher_wait(world.publisher, revision, WAIT_MS), PUBLISHER_DONE);
    assert_int_equal(status_of(&world).rebuilds, 2);
    assert_int_equal(look(&world, 1), EDGE_OK);
    close_world(&world);
}

static void damaged_rows_hold_nobody_back(void **state)
{
    (void)state;
    struct world world = open_world();
    start(&world);
    struct session *session = store_write(world.store);
    uint64_t revision = store_revision(session);
    insert_pair(&world, session, 1, true);
    insert_pair(&world, session, 2, false);
    assert_ok(session, store_change(session, CHANGE_AUTHORISATION, BYTES(INSTANCE), BYTES("nonsense"), BYTES("more")));
    assert_ok(session, store_change(session, CHANGE_API_KEY, BYTES(INSTANCE), BYTES("no hex"), BYTES("")));
    assert_int_equal(store_commit(session), STORE_OK);
    assert_int_equal(publisher_wait(world.publisher, revision, WAIT_MS), PUBLISHER_DONE);
    assert_int_equal(look(&world, 1), EDGE_NOTHING);
    assert_int_equal(look(&world, 2), EDGE_OK);
    close_world(&world);
}

/* A child that adds pairs when it is told to, without the limit on the size of files that the parent sets for itself. It is made before the
 * publisher has its threads: a lock that one of them held in the moment of the fork would be held for ever. */
struct adder {
    pid_t child;
    int go;
    int done;
};

static struct adder adder_make(const struct world *world, unsigned first, unsigned count)
{
    int go[2], done[2];
    char start_now;
    assert_int_equal(pipe(go) + pipe(done), 0);
    struct adder adder = {.child = fork(), .go = go[1], .done = done[0]};
    if (adder.child == 0) {
        close(go[1]);
        if (read(go[0], &start_now, 1) != 1) _exit(1);
        struct world own = {.store = fixture_open(), .keys = world->keys, .seal = store_keys_seal(&world->keys)};
        uint64_t revision = add_pairs(&own, first, count);
        store_close(own.store);
        _exit(write(done[1], &revision, sizeof revision) != sizeof revision);
    }
    close(go[0]);
    close(done[1]);
    return adder;
}

static uint64_t adder_run(const struct adder *adder)
{
    uint64_t revision = 0;
    int status;
    assert_int_equal(write(adder->go, "g", 1), 1);
    assert_int_equal(read(adder->done, &revision, sizeof revision), sizeof revision);
    close(adder->go);
    close(adder->done);
    assert_int_equal(waitpid(adder->child, &status, 0), adder->child);
    return revision;
}

/* As with a full disk: the old picture stands, waiting calls hear of it, and it goes on once there is room. */
static void what_cannot_be_published_is_tried_again(void **state)
{
    (void)state;
    struct world world = open_world();
    struct rlimit before, small;
    struct adder adder = adder_make(&world, 2, 500);
    signal(SIGXFSZ, SIG_IGN);
    start(&world);
    assert_int_equal(publisher_wait(world.publisher, add_pairs(&world, 1, 1), WAIT_MS), PUBLISHER_DONE);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){48u << 10, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    uint64_t revision = adder_run(&adder);
    assert_int_equal(publisher_wait(world.publisher, revision, WAIT_MS), PUBLISHER_FAILED);
    assert_true(strlen(status_of(&world).problem) > 0 && status_of(&world).problem_since > 0);
    assert_int_equal(look(&world, 1), EDGE_OK);
    assert_int_equal(look(&world, 400), EDGE_NOTHING);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    while (publisher_wait(world.publisher, revision, WAIT_MS) == PUBLISHER_FAILED) continue;
    assert_int_equal(look(&world, 400), EDGE_OK);
    assert_string_equal(status_of(&world).problem, "");
    assert_int_equal(status_of(&world).problem_since, 0);
    close_world(&world);
}

static void there_is_one_publisher_for_an_edge(void **state)
{
    (void)state;
    struct world world = open_world();
    char problem[256] = "";
    start(&world);
    struct publisher_options options = {
        .store = world.store, .store_keys = &world.keys, .keys_directory = fixture_directory, .edge_directory = world.edge};
    assert_null(publisher_start(&options, problem));
    assert_non_null(strstr(problem, "another process"));
    assert_int_equal(publisher_wait(world.publisher, add_pairs(&world, 1, 1), WAIT_MS), PUBLISHER_DONE);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_change_is_there_when_the_wait_ends),    FIXTURE_TEST(the_wait_ends_with_its_time),
        FIXTURE_TEST(a_picture_is_taken_over_and_caught_up),   FIXTURE_TEST(forgotten_changes_make_it_anew),
        FIXTURE_TEST(a_picture_that_is_not_ours_is_made_anew), FIXTURE_TEST(a_rebuild_can_be_asked_for),
        FIXTURE_TEST(damaged_rows_hold_nobody_back),           FIXTURE_TEST(what_cannot_be_published_is_tried_again),
        FIXTURE_TEST(there_is_one_publisher_for_an_edge),
    };
    return FIXTURE_RUN("publisher", tests);
}
