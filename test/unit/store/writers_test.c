/* Many writers at once, in threads and in processes, and a reader that polls for changes while they write. */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>

#define THREADS 16
#define WRITES  50

static bool write_row(struct store *store, unsigned number)
{
    struct test_id id = id_of('c', number);
    struct session *session = store_write(store);
    if (!session) return false;
    bool done = insert_consumer(session, id.text, id.text) == STORE_OK &&
                store_change(session, CHANGE_API_KEY, BYTES(INSTANCE), bytes_of_text(id.text), BYTES("")) == STORE_OK;
    if (!done || number % 7 == 3) { /* some give up: their revision goes to the next */
        store_abort(session);
        session = store_write(store);
        done = session && insert_consumer(session, id.text, id.text) == STORE_OK &&
               store_change(session, CHANGE_API_KEY, BYTES(INSTANCE), bytes_of_text(id.text), BYTES("")) == STORE_OK;
    }
    return done && store_commit(session) == STORE_OK;
}

struct writer {
    struct store *store;
    unsigned first;
    unsigned written;
};

static void *write_rows(void *context)
{
    struct writer *writer = context;
    for (unsigned i = 0; i < WRITES; i++) writer->written += write_row(writer->store, writer->first + i);
    return NULL;
}

struct poller {
    struct store *store;
    atomic_bool stop;
    uint64_t last;
    bool in_order;
};

static bool poll_change(void *context, const struct change *change)
{
    struct poller *poller = context;
    if (change->revision != poller->last + 1) poller->in_order = false;
    poller->last = change->revision;
    return true;
}

/* Every revision has one change, so what it sees must be dense: a smaller revision after a larger one, or a hole, breaks it. */
static bool poll_once(struct poller *poller)
{
    uint64_t revision;
    struct session *session = store_read(poller->store);
    bool done = session && store_changes(session, poller->last, poll_change, poller, &revision) == STORE_OK && poller->last == revision;
    store_abort(session);
    return done;
}

static void *poll_changes(void *context)
{
    struct poller *poller = context;
    while (!atomic_load(&poller->stop)) {
        store_wait(poller->store, poller->last, 50);
        if (!poll_once(poller)) poller->in_order = false;
    }
    return NULL;
}

static void start_poller(struct poller *poller, struct store *store, pthread_t *thread)
{
    *poller = (struct poller){.store = store, .last = 1, .in_order = true};
    assert_int_equal(pthread_create(thread, NULL, poll_changes, poller), 0);
}

static void end_poller(struct poller *poller, pthread_t thread, uint64_t revisions)
{
    atomic_store(&poller->stop, true);
    pthread_join(thread, NULL);
    assert_true(poll_once(poller));
    assert_true(poller->in_order);
    assert_int_equal(poller->last, revisions);
}

static void threads_make_dense_revisions_in_the_order_of_commits(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct writer writers[THREADS];
    pthread_t threads[THREADS], polling;
    struct poller poller;
    start_poller(&poller, store, &polling);
    for (unsigned i = 0; i < THREADS; i++) {
        writers[i] = (struct writer){store, i * WRITES, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, write_rows, &writers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(writers[i].written, WRITES);
    }
    end_poller(&poller, polling, 1 + THREADS * WRITES);
    store_close(store);
}

static void processes_do_so_too(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    store_close(store); /* no connection goes through the fork */
    pid_t children[4];
    for (unsigned i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] > 0) continue;
        struct writer writer = {fixture_open(), i * WRITES, 0};
        write_rows(&writer);
        store_close(writer.store);
        _exit(writer.written == WRITES ? 0 : 1);
    }
    store = fixture_open();
    struct poller poller;
    pthread_t polling;
    start_poller(&poller, store, &polling);
    for (unsigned i = 0; i < 4; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    end_poller(&poller, polling, 1 + 4 * WRITES);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(threads_make_dense_revisions_in_the_order_of_commits),
        FIXTURE_TEST(processes_do_so_too),
    };
    return FIXTURE_RUN("writers", tests);
}
