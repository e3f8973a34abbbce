/* kill -9 at any moment: what was answered is there, and rows, changes, audit and revision tell one story. */
#include "fixture.h"
#include "tracked_check.h"

#include "store/audit.h"
#include "store/session.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define ENOUGH 250

/* One write as the management API makes them. */
static bool write_whole(struct store *store, unsigned number)
{
    struct test_id id = id_of('c', number);
    struct audit audit = {.actor = BYTES("u"), .action = BYTES("create"), .resource_id = bytes_of_text(id.text), .time = 1};
    struct session *session = store_write(store);
    return session && insert_consumer(session, id.text, id.text) == STORE_OK && store_audit(session, &audit) == STORE_OK &&
           store_change(session, CHANGE_API_KEY, BYTES(INSTANCE), bytes_of_text(id.text), BYTES("")) == STORE_OK &&
           store_commit(session) == STORE_OK;
}

static void write_for_ever(int pipe_end, unsigned first)
{
    struct store *store = fixture_open();
    for (unsigned number = first;; number++) {
        if (!write_whole(store, number) || write(pipe_end, &number, sizeof number) != sizeof number) _exit(1);
    }
}

/* Starts a writer, kills it after a while, and notes what it reported; returns the first number nobody used. */
static unsigned run_and_kill(unsigned first, bool *answered)
{
    int ends[2];
    unsigned number, last = first;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        write_for_ever(ends[1], first);
    }
    close(ends[1]);
    nanosleep(&(struct timespec){.tv_nsec = (20 + random() % 150) * 1000000L + random() % 1000000}, NULL);
    kill(child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    while (read(ends[0], &number, sizeof number) == sizeof number) {
        answered[number] = true;
        last = number + 1;
    }
    close(ends[0]);
    return last + 1; /* one may have been committed and not reported */
}

static void what_was_answered_is_there_after_kill_9(void **state)
{
    (void)state;
    static bool answered[100000];
    memset(answered, 0, sizeof answered);
    store_close(fixture_open_with_instance());
    unsigned next = 0, count = 0, rounds = 0;
    while ((count < ENOUGH || rounds < 10) && next < 90000) {
        next = run_and_kill(next, answered);
        count = 0;
        for (unsigned i = 0; i < next; i++) count += answered[i];
        if (++rounds > 2000) fail_msg("only %u writes in %u rounds", count, rounds);
    }
    struct store *store = fixture_open();
    struct session *session = store_read(store);
    uint8_t memory[4096];
    for (unsigned i = 0; i < next; i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct value row[CONSUMER_COLUMNS];
        struct test_id id = id_of('c', i);
        if (answered[i]) assert_ok(session, store_get(session, &entity_consumer, bytes_of_text(id.text), &arena, row));
    }
    int64_t rows = number_of(session, "SELECT count(*) FROM consumer");
    assert_true(rows >= count);
    assert_int_equal(store_revision(session), rows + 1);
    assert_int_equal(number_of(session, "SELECT count(*) FROM changes"), rows);
    assert_int_equal(number_of(session, "SELECT count(*) FROM audit"), rows);
    assert_int_equal(number_of(session, "SELECT count(*) FROM consumer JOIN audit ON audit.resource_id = consumer.id"
                                        " JOIN changes ON changes.id = consumer.id AND changes.revision = audit.revision"),
                     rows);
    assert_int_equal(number_of(session, "SELECT count(DISTINCT revision) FROM changes"), rows);
    struct audit_verdict verdict;
    assert_ok(session, store_audit_verify(session, &verdict));
    assert_int_equal(verdict.finding, AUDIT_WHOLE);
    assert_int_equal(verdict.rows, rows);
    assert_counts_agree(session);
    store_abort(session);
    store_close(store);
}

int main(void)
{
    srandom((unsigned)time(NULL));
    const struct CMUnitTest tests[] = {FIXTURE_TEST(what_was_answered_is_there_after_kill_9)};
    return FIXTURE_RUN("crash", tests);
}
