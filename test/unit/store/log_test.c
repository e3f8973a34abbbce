/* SQLite's log is moved to the main file beside the writers, and never grows without an end. */
#include "fixture.h"

#include <sys/stat.h>

#define PIECE (16000 * 4096) /* as much as makes it untidy */

static long log_size(void)
{
    char path[128];
    struct stat status;
    snprintf(path, sizeof path, "%s/store.db-wal", fixture_directory);
    assert_int_equal(stat(path, &status), 0);
    return (long)status.st_size;
}

/* The description of one consumer, written anew: the same pages each time. */
static void write_much(struct store *store, bool first)
{
    static char text[PIECE / 2], letter = 'a';
    memset(text, letter++, sizeof text); /* SQLite does not write what is there already */
    struct value row[CONSUMER_COLUMNS] = {text_of("11111111111111111111111111111112"),
                                          text_of(INSTANCE),
                                          text_of("c"),
                                          value_text(bytes_of(text, sizeof text)),
                                          value_integer(1),
                                          value_integer(1),
                                          value_integer(1)};
    struct session *session = store_write(store);
    assert_ok(session, first ? store_insert(session, &entity_consumer, row) : store_update(session, &entity_consumer, row));
    assert_int_equal(store_commit(session), STORE_OK);
}

static void the_log_begins_anew(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    for (int i = 0; i < 10; i++) write_much(store, i == 0);
    assert_in_range(log_size(), PIECE / 2, 2 * PIECE);
    store_close(store);
}

static void a_reader_holds_it_no_longer_than_it_stays(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct session *reader = store_read(store);
    for (int i = 0; i < 8; i++) write_much(store, i == 0);
    long held = log_size();
    assert_in_range(held, 3 * (long)PIECE, 5 * (long)PIECE);
    store_abort(reader);
    for (int i = 0; i < 6; i++) write_much(store, false);
    assert_in_range(log_size(), 1, held + PIECE);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST_OF("sqlite:", the_log_begins_anew),
        FIXTURE_TEST_OF("sqlite:", a_reader_holds_it_no_longer_than_it_stays),
    };
    return FIXTURE_RUN("log", tests);
}
