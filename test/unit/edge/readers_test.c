/* Several processes read while one writes: no stale answer, no half picture. */
#include "fixture.h"

#include <fcntl.h>

#define READERS 3

struct asker {
    pid_t child;
    int ask, answer;
};

/* In a child: for each byte it is sent, begins anew and says what it sees. */
static void answer_for_ever(const struct fixture *fixture, int ask, int answer)
{
    struct edge_reader *reader = fixture_reader(fixture);
    struct edge_view view = {reader, INSTANCE};
    uint8_t memory[4096];
    char byte;
    while (reader && read(ask, &byte, 1) == 1) {
        struct credential credential;
        struct arena arena = arena_over(memory, sizeof memory);
        enum edge_result result = edge_begin(reader);
        if (result == EDGE_OK) result = edge_key_pair(&view, BYTES("key-1"), &arena, &credential);
        edge_end(reader);
        byte = (char)result;
        if (write(answer, &byte, 1) != 1) break;
    }
    _exit(0);
}

static struct asker start_asker(const struct fixture *fixture)
{
    int ask[2], answer[2];
    assert_int_equal(pipe(ask), 0);
    assert_int_equal(pipe(answer), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ask[1]);
        answer_for_ever(fixture, ask[0], answer[1]);
    }
    close(ask[0]);
    close(answer[1]);
    return (struct asker){child, ask[1], answer[0]};
}

static void stop_asker(struct asker *asker)
{
    int status;
    close(asker->ask);
    close(asker->answer);
    waitpid(asker->child, &status, 0);
}

static enum edge_result ask(const struct asker *asker)
{
    char byte = 0;
    if (write(asker->ask, &byte, 1) != 1 || read(asker->answer, &byte, 1) != 1) return EDGE_FAULT;
    return (enum edge_result)byte;
}

static bool set_key(struct edge_writer *writer, bool there, uint64_t revision)
{
    struct credential credential = fixture_key_pair(BYTES("secret"));
    credential.revision = revision;
    if (edge_write_begin(writer) != EDGE_OK) return false;
    enum edge_result result =
        there ? edge_put_key_pair(writer, INSTANCE, BYTES("key-1"), &credential) : edge_remove_key_pair(writer, INSTANCE, BYTES("key-1"));
    return result == EDGE_OK && fixture_commit(writer, revision);
}

/* Right after the commit of a removal nobody finds the key any more, right after its return everybody does. */
static void a_thousand_revocations_leave_no_stale_answer(void **state)
{
    const struct fixture *fixture = *state;
    struct asker askers[READERS];
    struct edge_writer *writer = fixture_writer(fixture);
    unsigned stale = 0;
    assert_true(set_key(writer, true, 1));
    /* Forked with the writer's environment open: the children open their own and never touch it. */
    for (size_t i = 0; i < READERS; i++) askers[i] = start_asker(fixture);
    for (uint64_t revision = 2; revision < 1002; revision++) {
        bool there = revision % 2;
        assert_true(set_key(writer, there, revision));
        for (size_t i = 0; i < READERS; i++) stale += ask(&askers[i]) != (there ? EDGE_OK : EDGE_NOTHING);
    }
    assert_int_equal(stale, 0);
    /* The last first: later children hold the pipes of earlier ones. */
    for (size_t i = READERS; i > 0; i--) stop_asker(&askers[i - 1]);
    edge_writer_close(writer);
}

#define REBUILD_KEYS 300

static bool rebuild(struct edge_writer *writer, uint64_t revision)
{
    char key[32];
    struct credential credential = fixture_key_pair(BYTES("secret"));
    credential.revision = revision;
    bool done = edge_write_begin(writer) == EDGE_OK && edge_write_clear(writer) == EDGE_OK;
    for (unsigned i = 0; done && i < REBUILD_KEYS; i++) {
        snprintf(key, sizeof key, "key-%u", i);
        done = edge_put_key_pair(writer, INSTANCE, bytes_of_text(key), &credential) == EDGE_OK;
    }
    return done && fixture_commit(writer, revision);
}

/* In a child: every picture that it sees is whole, and of one revision. */
static void look_until_told(const struct fixture *fixture, int end)
{
    struct edge_reader *reader = fixture_reader(fixture);
    struct edge_view view = {reader, INSTANCE};
    uint8_t memory[4096];
    char byte;
    unsigned looks = 0;
    bool good = reader != NULL;
    while (good && read(end, &byte, 1) < 0) {
        struct edge_meta meta;
        good = edge_begin(reader) == EDGE_OK && edge_meta_read(reader, &meta) == EDGE_OK;
        for (unsigned i = 0; good && i < REBUILD_KEYS; i += 7) {
            char key[32];
            struct credential credential;
            struct arena arena = arena_over(memory, sizeof memory);
            snprintf(key, sizeof key, "key-%u", i);
            good = edge_key_pair(&view, bytes_of_text(key), &arena, &credential) == EDGE_OK && credential.revision == meta.revision;
        }
        edge_end(reader);
        looks++;
    }
    _exit(good && looks > 10 ? 0 : 1);
}

static void a_rebuild_is_never_seen_half_done(void **state)
{
    const struct fixture *fixture = *state;
    struct edge_writer *writer = fixture_writer(fixture);
    int end[2], status;
    pid_t children[READERS];
    assert_true(rebuild(writer, 1));
    assert_int_equal(pipe2(end, O_NONBLOCK), 0);
    for (size_t i = 0; i < READERS; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            close(end[1]);
            look_until_told(fixture, end[0]);
        }
    }
    for (uint64_t revision = 2; revision < 150; revision++) assert_true(rebuild(writer, revision));
    close(end[1]);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    edge_writer_close(writer);
}

/* What no reader can trust any more must be refused by readers that are open already. */
static bool write_other_format(struct fixture *fixture, void *context)
{
    struct edge_keys other = fixture->keys;
    char problem[256];
    (void)context;
    other.node_key_id++;
    struct edge_writer_place place = {fixture->edge, NULL, MAP_FOR_TESTS};
    struct edge_writer *writer = edge_writer_open_sized(&place, &other, problem);
    bool done = writer && rebuild(writer, 5);
    edge_writer_close(writer);
    return done;
}

static bool write_own_again(struct fixture *fixture, void *context)
{
    (void)context;
    struct edge_writer *writer = fixture_writer(fixture);
    bool done = writer && rebuild(writer, 6);
    edge_writer_close(writer);
    return done;
}

static void an_open_reader_refuses_a_picture_of_another_node_key(void **state)
{
    struct fixture *fixture = *state;
    assert_true(fixture_in_child(fixture, write_own_again, NULL));
    struct edge_reader *reader = fixture_reader(fixture);
    assert_int_equal(edge_begin(reader), EDGE_OK);
    edge_end(reader);
    assert_true(fixture_in_child(fixture, write_other_format, NULL));
    assert_int_equal(edge_begin(reader), EDGE_FAULT);
    assert_int_equal(edge_begin(reader), EDGE_FAULT);
    assert_true(fixture_in_child(fixture, write_own_again, NULL));
    assert_int_equal(edge_begin(reader), EDGE_OK);
    edge_end(reader);
    edge_reader_close(reader);
}

/* The reader's map follows the file when the writer's map has become larger. */
static bool write_with_larger_map(struct fixture *fixture, void *context)
{
    char problem[256];
    struct edge_writer_place place = {fixture->edge, NULL, *(const size_t *)context};
    struct edge_writer *writer = edge_writer_open_sized(&place, &fixture->keys, problem);
    bool done = writer && edge_write_begin(writer) == EDGE_OK;
    struct credential credential = fixture_key_pair(BYTES("secret"));
    for (unsigned i = 0; done && i < place.map_size / 1024; i++) {
        char key[32];
        snprintf(key, sizeof key, "key-%u", i);
        done = edge_put_key_pair(writer, INSTANCE, bytes_of_text(key), &credential) == EDGE_OK;
    }
    done = done && fixture_commit(writer, place.map_size);
    edge_writer_close(writer);
    return done;
}

static void a_reader_follows_a_map_that_grew(void **state)
{
    struct fixture *fixture = *state;
    struct credential credential;
    uint8_t memory[4096];
    size_t size = 1u << 20;
    assert_true(fixture_in_child(fixture, write_with_larger_map, &size));
    struct edge_reader *reader = fixture_reader(fixture);
    struct edge_view view = {reader, INSTANCE};
    for (size <<= 2; size <= 16u << 20; size <<= 2) {
        assert_true(fixture_in_child(fixture, write_with_larger_map, &size));
        struct arena arena = arena_over(memory, sizeof memory);
        assert_int_equal(edge_begin(reader), EDGE_OK);
        assert_int_equal(edge_key_pair(&view, BYTES("key-3000"), &arena, &credential), EDGE_OK);
        edge_end(reader);
    }
    edge_reader_close(reader);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)
    const struct CMUnitTest tests[] = {
        test(a_thousand_revocations_leave_no_stale_answer),
        test(a_rebuild_is_never_seen_half_done),
        test(an_open_reader_refuses_a_picture_of_another_node_key),
        test(a_reader_follows_a_map_that_grew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
