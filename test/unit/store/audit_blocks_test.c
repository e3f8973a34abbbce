/* Lists of the audit by blocks tell what the rows tell: as many matches, and the same rows on each page, whatever was asked for, taken back
 * or there before the blocks. */
#include "fixture.h"

#include "store/attempt.h"
#include "store/audit.h"
#include "store/session.h"

#include <time.h>

#define OTHER "22222222222222222222222222222222"
#define ROWS  3000

static const char *const instances[] = {INSTANCE, INSTANCE, OTHER, ""};
static const char *const actors[] = {"u1", "u1", "u1", "u2", "u3"};
static const char *const names[] = {"Ann", "ann_b", "x%y"};
static const char *const actions[] = {"create_app", "create_app", "delete_app", "import"};
static const char *const results[] = {"ok", "ok", "ok", "APIG.0301"};

static struct bytes any(const char *const *words, size_t count)
{
    return bytes_of_text(words[(size_t)random() % count]);
}
#define ANY(words) any(words, sizeof(words) / sizeof *(words))

/* Times go back now and then, as clocks do. */
static void write_rows(struct session *session, unsigned count)
{
    static int64_t now = 1700000000;
    for (unsigned i = 0; i < count; i++) {
        struct audit audit = {.actor = ANY(actors),
                              .actor_name = ANY(names),
                              .source = BYTES("10.0.0.1"),
                              .action = ANY(actions),
                              .resource = BYTES("app"),
                              .instance_id = ANY(instances),
                              .project_id = BYTES("p"),
                              .result = ANY(results),
                              .time = now += random() % 4 - 1};
        assert_ok(session, store_audit(session, &audit));
    }
}

static void write_and_take_back(struct session *session)
{
    struct attempt_point before;
    write_rows(session, (unsigned)random() % 3);
    assert_ok(session, store_attempt(session, &before));
    write_rows(session, 1 + (unsigned)random() % 700);
    assert_ok(session, store_attempt_end(session, &before, random() % 2));
    write_rows(session, (unsigned)random() % 40);
}

static int64_t count_of(struct session *session, const char *sql)
{
    int64_t number = -1;
    assert_ok(session, session_number(session, &(struct command){sql, NULL, 0}, &number));
    return number;
}

static struct store *filled(void)
{
    struct store *store = fixture_open();
    for (int64_t rows = 0; rows < ROWS;) {
        struct session *session = store_write(store);
        write_and_take_back(session);
        rows = count_of(session, "SELECT count(*) FROM audit");
        if (random() % 5 == 0) {
            store_abort(session);
        } else {
            assert_int_equal(store_commit(session), STORE_OK);
        }
    }
    return store;
}

struct page {
    size_t count;
    char ids[600][AUDIT_ID_SIZE];
};

static bool page_each(void *context, const struct value *row)
{
    struct page *page = context;
    audit_id_keep(page->ids[page->count++], row[AUDIT_ID].bytes);
    return true;
}

static void assert_search_agrees(struct session *session, const struct store_query *query)
{
    static struct page expected, found;
    struct store_matches matches = {.each = page_each, .context = &found};
    int64_t total;
    expected.count = found.count = 0;
    assert_ok(session, store_search(session, &entity_audit, query, &matches));
    assert_ok(session, store_count(session, &entity_audit, query, &total));
    assert_ok(session, store_list(session, &entity_audit, query, page_each, &expected));
    assert_int_equal(matches.total, total);
    assert_int_equal(found.count, expected.count);
    for (size_t i = 0; i < found.count; i++) assert_string_equal(found.ids[i], expected.ids[i]);
}

static struct store_query query_at_random(struct store_filter filters[static 8])
{
    const struct store_filter all[] = {{AUDIT_ACTOR, STORE_EQUAL, value_text(ANY(actors))},
                                       {AUDIT_ACTOR_NAME, random() % 2 ? STORE_CONTAINS : STORE_EQUAL, value_text(ANY(names))},
                                       {AUDIT_ACTION, STORE_EQUAL, value_text(ANY(actions))},
                                       {AUDIT_RESULT, STORE_EQUAL, value_text(ANY(results))},
                                       {AUDIT_PROJECT_ID, STORE_EQUAL, text_of(random() % 5 ? "p" : "q")},
                                       {AUDIT_TIME, STORE_AT_LEAST, value_integer(1700000000 + random() % 1500)},
                                       {AUDIT_TIME, STORE_AT_MOST, value_integer(1700000000 + random() % 1500)}};
    struct store_query query = {.filters = filters, .filter_count = 1, .order_column = AUDIT_ID, .descending = true};
    filters[0] = (struct store_filter){AUDIT_INSTANCE_ID, STORE_EQUAL, value_text(ANY(instances))};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (random() % 3 == 0) filters[query.filter_count++] = all[i];
    }
    query.limit = 1 + (size_t)random() % 500;
    query.offset = random() % 3 ? (size_t)random() % (ROWS / 2) : 0;
    return query;
}

static void assert_all_agree(struct session *session)
{
    struct store_filter filters[8];
    for (unsigned i = 0; i < 150; i++) {
        struct store_query query = query_at_random(filters);
        assert_search_agrees(session, &query);
    }
}

static void blocks_tell_what_rows_tell(void **state)
{
    (void)state;
    struct store *store = filled();
    struct session *session = store_read(store);
    assert_all_agree(session);
    assert_true(count_of(session, "SELECT count(DISTINCT first_id) FROM audit_block WHERE instance_id = '" INSTANCE "'") >= 2);
    assert_int_equal(count_of(session, "SELECT count(*) FROM (SELECT 1 AS one FROM audit_block GROUP BY instance_id, first_id"
                                       " HAVING sum(number) >= 1024) AS large"),
                     0);
    store_abort(session);
    session = store_write(store);
    write_rows(session, 100);
    assert_all_agree(session); /* what is not committed yet as well */
    store_abort(session);
    store_close(store);
}

static void rows_of_before_fall_into_blocks(void **state)
{
    (void)state;
    struct store *store = filled();
    struct session *session = store_write(store);
    assert_ok(session, session_run(session, &(struct command){"DELETE FROM audit_block", NULL, 0}, NULL));
    assert_int_equal(store_commit(session), STORE_OK);
    store_close(store);
    store = fixture_open();
    session = store_write(store);
    assert_all_agree(session);
    write_rows(session, 600);
    assert_all_agree(session);
    store_abort(session);
    store_close(store);
}

static void what_blocks_do_not_know_is_left_to_the_database(void **state)
{
    (void)state;
    struct store *store = fixture_open();
    struct session *session = store_read(store);
    struct store_matches matches = {.each = NULL};
    struct store_filter filters[] = {{AUDIT_INSTANCE_ID, STORE_EQUAL, text_of(INSTANCE)}, {AUDIT_RESOURCE_ID, STORE_EQUAL, text_of("x")}};
    struct store_query good = {.filters = filters, .filter_count = 1, .order_column = AUDIT_ID, .descending = true, .limit = 1};
    struct store_query more = good, upwards = good, by_time = good, all = good, of_all = good;
    more.filter_count = 2;
    upwards.descending = false;
    by_time.order_column = AUDIT_TIME;
    all.limit = 0;
    of_all.filter_count = 0;
    const struct store_query *const others[] = {&more, &upwards, &by_time, &all, &of_all};
    assert_ok(session, store_search(session, &entity_audit, &good, &matches));
    for (size_t i = 0; i < 5; i++) assert_int_equal(store_search(session, &entity_audit, others[i], &matches), STORE_NOTHING);
    store_abort(session);
    store_close(store);
}

int main(void)
{
    srandom((unsigned)time(NULL));
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(blocks_tell_what_rows_tell),
        FIXTURE_TEST(rows_of_before_fall_into_blocks),
        FIXTURE_TEST(what_blocks_do_not_know_is_left_to_the_database),
    };
    return FIXTURE_RUN("audit_blocks", tests);
}
