/* One writer: files, full maps and disks, crashes. */
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

static mode_t mode_of(const struct fixture *fixture, const char *name)
{
    char path[160];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", fixture->edge, name);
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 0777;
}

static void files_have_their_modes_whatever_the_umask(void **state)
{
    const struct fixture *fixture = *state;
    mode_t before = umask(0077);
    struct edge_writer *writer = fixture_writer(fixture);
    umask(before);
    assert_non_null(writer);
    assert_int_equal(mode_of(fixture, "."), 0750);
    assert_int_equal(mode_of(fixture, "data.mdb"), 0640);
    assert_int_equal(mode_of(fixture, "lock.mdb"), 0660);
    assert_int_equal(mode_of(fixture, "boot"), 0644);
    edge_writer_close(writer);
}

static void the_group_gets_the_files(void **state)
{
    const struct fixture *fixture = *state;
    char problem[256] = "";
    if (geteuid() != 0) skip();
    assert_null(edge_writer_open(fixture->edge, &fixture->keys, "no-such-group-here", problem));
    assert_non_null(strstr(problem, "no-such-group-here"));
    struct edge_writer_place place = {fixture->edge, "nogroup", MAP_FOR_TESTS};
    struct edge_writer *writer = edge_writer_open_sized(&place, &fixture->keys, problem);
    assert_non_null(writer);
    char path[160];
    struct stat status;
    snprintf(path, sizeof path, "%s/lock.mdb", fixture->edge);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_gid, 65534);
    edge_writer_close(writer);
}

static bool second_writer_is_refused(struct fixture *fixture, void *context)
{
    char problem[256] = "";
    (void)context;
    return !edge_writer_open(fixture->edge, &fixture->keys, NULL, problem) && strstr(problem, "another process");
}

static void there_is_one_writer(void **state)
{
    struct fixture *fixture = *state;
    struct edge_writer *writer = fixture_writer(fixture);
    assert_true(fixture_in_child(fixture, second_writer_is_refused, NULL));
    edge_writer_close(writer);
    writer = fixture_writer(fixture);
    assert_non_null(writer);
    edge_writer_close(writer);
}

static bool put_numbered(struct edge_writer *writer, unsigned number)
{
    char key[32];
    struct credential credential = fixture_key_pair(BYTES("secret"));
    snprintf(key, sizeof key, "key-%u", number);
    return edge_put_key_pair(writer, INSTANCE, bytes_of_text(key), &credential) == EDGE_OK;
}

static uint64_t revision_in(struct edge_writer *writer)
{
    struct edge_meta meta;
    uint64_t revision = edge_write_meta(writer, &meta) == EDGE_OK ? meta.revision : 0;
    return revision;
}

static void outside_of_a_transaction_nothing_is_written(void **state)
{
    struct edge_writer *writer = fixture_writer(*state);
    struct edge_meta meta;
    assert_false(put_numbered(writer, 1));
    assert_int_equal(edge_write_clear(writer), EDGE_FAULT);
    assert_int_equal(edge_write_meta(writer, &meta), EDGE_FAULT);
    assert_int_equal(edge_write_begin(writer), EDGE_OK);
    assert_int_equal(edge_write_begin(writer), EDGE_FAULT);
    edge_write_abort(writer);
    edge_writer_close(writer);
}

static void what_cannot_be_a_record_spoils_the_transaction(void **state)
{
    struct edge_writer *writer = fixture_writer(*state);
    static uint8_t endless[600];
    memset(endless, 'x', sizeof endless);
    struct credential credential = fixture_key_pair(BYTES(""));
    struct credential api_key = fixture_api_key();
    struct route_entry entry = {BYTES("GET"), BYTES("no-slash"), false, API};
    struct route_table table = {BYTES("g"), BYTES("RELEASE"), RELEASE_ID, &entry, 1};
    for (int what = 0; what < 5; what++) {
        assert_int_equal(edge_write_begin(writer), EDGE_OK);
        assert_true(put_numbered(writer, 1));
        if (what == 0) assert_int_equal(edge_put_key_pair(writer, INSTANCE, BYTES("empty secret"), &credential), EDGE_FAULT);
        if (what == 1) assert_int_equal(edge_put_key_pair(writer, INSTANCE, BYTES("other kind"), &api_key), EDGE_FAULT);
        if (what == 2) assert_int_equal(edge_put_host(writer, INSTANCE, bytes_of(endless, sizeof endless), BYTES("g")), EDGE_FAULT);
        if (what == 3) assert_int_equal(edge_put_host(writer, BYTES("in\0stance"), BYTES("host"), BYTES("g")), EDGE_FAULT);
        if (what == 4) assert_int_equal(edge_put_routes(writer, INSTANCE, &table), EDGE_FAULT);
        assert_true(strlen(edge_writer_problem(writer)) > 0);
        assert_false(fixture_commit(writer, 1));
        assert_int_equal(edge_write_begin(writer), EDGE_OK);
        assert_int_equal(revision_in(writer), 0);
        edge_write_abort(writer);
    }
    edge_writer_close(writer);
}

/* A map of a megabyte: the transaction that does not fit is gone, the picture before it stands, and smaller ones still go. */
static void a_full_map_leaves_the_old_picture(void **state)
{
    const struct fixture *fixture = *state;
    char problem[256] = "";
    struct edge_writer_place place = {fixture->edge, NULL, 1u << 20};
    struct edge_writer *writer = edge_writer_open_sized(&place, &fixture->keys, problem);
    assert_int_equal(edge_write_begin(writer), EDGE_OK);
    assert_true(put_numbered(writer, 1));
    assert_true(fixture_commit(writer, 1));
    assert_int_equal(edge_write_begin(writer), EDGE_OK);
    unsigned number = 2;
    while (number < 100000 && put_numbered(writer, number)) number++;
    assert_true(number > 100 && number < 100000);
    assert_non_null(strstr(edge_writer_problem(writer), "MDB_MAP_FULL"));
    assert_false(fixture_commit(writer, 2));
    assert_int_equal(edge_write_begin(writer), EDGE_OK);
    assert_int_equal(revision_in(writer), 1);
    assert_true(put_numbered(writer, 2));
    assert_true(fixture_commit(writer, 3));
    edge_writer_close(writer);
}

/* As when the disk is full: the write fails at commit. */
static bool commits_beyond_the_limit(struct fixture *fixture, void *context)
{
    struct rlimit limit = {256u << 10, RLIM_INFINITY};
    bool *committed = context;
    signal(SIGXFSZ, SIG_IGN);
    struct edge_writer *writer = fixture_writer(fixture);
    if (!writer || edge_write_begin(writer) != EDGE_OK || !put_numbered(writer, 1) || !fixture_commit(writer, 1)) return false;
    if (setrlimit(RLIMIT_FSIZE, &limit) || edge_write_begin(writer) != EDGE_OK) return false;
    for (unsigned i = 0; i < 5000; i++) {
        if (!put_numbered(writer, i)) return false;
    }
    *committed = fixture_commit(writer, 2);
    if (*committed || edge_write_begin(writer) != EDGE_OK) return false;
    bool old_picture = revision_in(writer) == 1;
    edge_write_abort(writer);
    limit.rlim_cur = RLIM_INFINITY; /* there is room again */
    if (setrlimit(RLIMIT_FSIZE, &limit) || edge_write_begin(writer) != EDGE_OK || !put_numbered(writer, 7)) return false;
    bool goes_on = fixture_commit(writer, 3);
    edge_writer_close(writer);
    return old_picture && goes_on;
}

static void a_full_disk_leaves_the_old_picture(void **state)
{
    bool committed = false;
    assert_true(fixture_in_child(*state, commits_beyond_the_limit, &committed));
}

/* In a child: commits revisions 1, 2, 3 … of 50 records each, and tells each through a pipe, until it is killed. */
static void write_for_ever(const struct fixture *fixture, int tell)
{
    struct edge_writer *writer = fixture_writer(fixture);
    for (uint64_t revision = 1; writer; revision++) {
        if (edge_write_begin(writer) != EDGE_OK) break;
        for (unsigned i = 0; i < 50; i++) put_numbered(writer, (unsigned)revision * 50 + i);
        if (!fixture_commit(writer, revision)) break;
        if (write(tell, &revision, sizeof revision) != sizeof revision) break;
    }
    _exit(1);
}

static void a_killed_writer_leaves_whole_transactions(void **state)
{
    const struct fixture *fixture = *state;
    uint64_t last = 0;
    for (int round = 0; round < 10; round++) {
        int ends[2], status;
        uint64_t told = 0;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) write_for_ever(fixture, ends[1]);
        close(ends[1]);
        for (int i = 0; i < 3 + round; i++) assert_int_equal(read(ends[0], &told, sizeof told), sizeof told);
        assert_int_equal(kill(child, SIGKILL), 0);
        waitpid(child, &status, 0);
        while (read(ends[0], &last, sizeof last) == sizeof last) told = last;
        close(ends[0]);
        struct edge_reader *reader = fixture_reader(fixture);
        struct edge_meta meta;
        struct credential credential;
        uint8_t memory[4096];
        assert_int_equal(edge_begin(reader), EDGE_OK);
        assert_int_equal(edge_meta_read(reader, &meta), EDGE_OK);
        assert_true(meta.revision == told || meta.revision == told + 1); /* the last commit may not have been told */
        for (unsigned i = 0; i < 50; i++) {
            char key[32];
            struct arena arena = arena_over(memory, sizeof memory);
            snprintf(key, sizeof key, "key-%u", (unsigned)meta.revision * 50 + i);
            assert_int_equal(edge_key_pair(&(struct edge_view){reader, INSTANCE}, bytes_of_text(key), &arena, &credential), EDGE_OK);
        }
        edge_end(reader);
        edge_reader_close(reader);
    }
}

/* In a child: begins to read and is killed there. */
static pid_t reader_that_stays(const struct fixture *fixture)
{
    int ends[2];
    char byte = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct edge_reader *reader = fixture_reader(fixture);
        if (reader && edge_begin(reader) == EDGE_OK && write(ends[1], &byte, 1) == 1) pause();
        _exit(1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    return child;
}

static void dead_readers_are_cleared(void **state)
{
    const struct fixture *fixture = *state;
    int status;
    struct edge_writer *writer = fixture_writer(fixture);
    assert_int_equal(edge_write_begin(writer), EDGE_OK);
    assert_true(fixture_commit(writer, 1));
    pid_t child = reader_that_stays(fixture);
    assert_int_equal(edge_writer_check_readers(writer), 0);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    assert_int_equal(edge_writer_check_readers(writer), 1);
    assert_int_equal(edge_writer_check_readers(writer), 0);
    edge_writer_close(writer);
}

/* A dead reader holds the pages of its picture: a small map fills up, and the writer must free it by itself. */
static void a_map_filled_by_a_dead_reader_is_freed(void **state)
{
    const struct fixture *fixture = *state;
    char problem[256];
    int status;
    struct edge_writer_place place = {fixture->edge, NULL, 256u << 10};
    struct edge_writer *writer = edge_writer_open_sized(&place, &fixture->keys, problem);
    assert_int_equal(edge_write_begin(writer), EDGE_OK);
    assert_true(fixture_commit(writer, 1));
    pid_t child = reader_that_stays(fixture);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    unsigned faults = 0;
    for (uint64_t revision = 2; revision < 200; revision++) {
        assert_int_equal(edge_write_begin(writer), EDGE_OK);
        put_numbered(writer, 1);
        if (!fixture_commit(writer, revision)) faults++;
    }
    assert_true(faults <= 1);
    assert_int_equal(edge_write_begin(writer), EDGE_OK);
    assert_int_equal(revision_in(writer), 199);
    edge_writer_close(writer);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)
    const struct CMUnitTest tests[] = {
        test(files_have_their_modes_whatever_the_umask),
        test(the_group_gets_the_files),
        test(there_is_one_writer),
        test(outside_of_a_transaction_nothing_is_written),
        test(what_cannot_be_a_record_spoils_the_transaction),
        test(a_full_map_leaves_the_old_picture),
        test(a_full_disk_leaves_the_old_picture),
        test(a_killed_writer_leaves_whole_transactions),
        test(dead_readers_are_cleared),
        test(a_map_filled_by_a_dead_reader_is_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
