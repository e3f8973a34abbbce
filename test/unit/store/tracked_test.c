/* What is kept beside rows says the same as the rows: counts as COUNT(*), pages of names as LIKE; whatever was written, taken back or there
 * before. */
#include "fixture.h"
#include "tracked_check.h"

#include "store/attempt.h"
#include "store/audit.h"

#include <time.h>

#define STEPS  1200
#define PEOPLE 400

static const char *const words[] = {"alpha", "Beta", "GAMMA", "de%ta", "eps_lon", "z\xc3\xa9ta", "!", "a"};
#define WORDS (sizeof words / sizeof *words)

static void name_of(char name[static 64], unsigned number)
{
    snprintf(name, 64, "%s-%s-%u", words[(size_t)random() % WORDS], words[(size_t)random() % WORDS], number);
}

static enum store_result put_app(struct session *session, unsigned number, bool update)
{
    char name[64];
    struct test_id id = id_of('a', number);
    name_of(name, number);
    struct value row[APP_COLUMNS] = {text_of(id.text),
                                     text_of(INSTANCE),
                                     text_of(name),
                                     value_null(),
                                     value_integer(1 + random() % 2),
                                     text_of(id.text),
                                     value_null(),
                                     value_integer((int64_t)number % 37),
                                     value_integer(1)};
    return update ? store_update(session, &entity_app, row) : store_insert(session, &entity_app, row);
}

static enum store_result authorise(struct session *session, unsigned number, bool remove)
{
    struct test_id id = id_of('h', number), who = id_of('a', number);
    struct value row[AUTH_COLUMNS] = {text_of(id.text),  text_of(INSTANCE), value_integer(1 + number % 2),
                                      text_of(who.text), text_of("api"),    text_of(number % 3 ? "one" : "two"),
                                      value_integer(1)};
    return remove ? store_remove(session, &entity_authorisation, bytes_of_text(id.text))
                  : store_insert(session, &entity_authorisation, row);
}

static void write_at_random(struct session *session)
{
    unsigned number = (unsigned)random() % PEOPLE;
    struct test_id id = id_of('a', number);
    enum store_result result = STORE_OK;
    switch (random() % 6) {
    case 0:
    case 1:
        result = put_app(session, number, false);
        break;
    case 2:
        result = put_app(session, number, true);
        break;
    case 3:
        result = store_remove(session, &entity_app, bytes_of_text(id.text));
        break;
    case 4:
        result = authorise(session, number, false);
        break;
    default:
        result = authorise(session, number, true);
    }
    if (result == STORE_FAULT) fail_msg("%s", store_problem(session));
}

static void insert_api(struct session *session)
{
    struct value group[GROUP_COLUMNS] = {text_of("g"), text_of(INSTANCE), text_of("g"),    value_null(),
                                         value_null(), value_integer(1),  value_integer(1)};
    struct value api[API_COLUMNS] = {
        [API_ID] = text_of("api"),           [API_INSTANCE_ID] = text_of(INSTANCE), [API_GROUP_ID] = text_of("g"),
        [API_NAME] = text_of("api"),         [API_ROUTE_KEY] = text_of("GET /"),    [API_REGISTER_TIME] = value_integer(1),
        [API_UPDATE_TIME] = value_integer(1)};
    assert_ok(session, store_insert(session, &entity_group, group));
    assert_ok(session, store_insert(session, &entity_api, api));
}

static struct store *open_with_api(void)
{
    struct store *store = fixture_open_with_instance();
    struct session *session = store_write(store);
    insert_api(session);
    assert_int_equal(store_commit(session), STORE_OK);
    return store;
}

static void assert_all_agree(struct session *session)
{
    static const char *const needles[] = {"a", "-B", "beta", "de%t", "_", "\xc3\xa9", "gamma-alpha", "nobody", "!"};
    assert_counts_agree(session);
    for (size_t i = 0; i < sizeof needles / sizeof *needles; i++) {
        assert_search_agrees(session, &(struct store_query){.limit = 20}, needles[i], -1);
        assert_search_agrees(session, &(struct store_query){.offset = 35, .limit = 7}, needles[i], -1);
        assert_search_agrees(session, &(struct store_query){.limit = 500}, needles[i], 1 + (int64_t)i % 2);
    }
}

static void random_writes_keep_counts_and_names(void **state)
{
    (void)state;
    struct store *store = open_with_api();
    struct session *session = store_write(store);
    for (unsigned i = 0; i < STEPS; i++) {
        write_at_random(session);
        if (random() % 200 == 0) assert_all_agree(session);
        if (random() % 40 != 0) continue;
        if (random() % 4 == 0)
            store_abort(session);
        else
            assert_int_equal(store_commit(session), STORE_OK);
        session = store_write(store);
    }
    assert_int_equal(store_commit(session), STORE_OK);
    session = store_read(store);
    assert_all_agree(session);
    store_abort(session);
    store_close(store);
}

static void what_is_taken_back_counts_no_more(void **state)
{
    (void)state;
    struct store *store = open_with_api();
    struct session *session = store_write(store);
    for (unsigned i = 0; i < 60; i++) {
        struct attempt_point before;
        assert_ok(session, store_attempt(session, &before));
        write_at_random(session);
        write_at_random(session);
        if (random() % 3 == 0) assert_counts_agree(session);
        assert_ok(session, store_attempt_end(session, &before, random() % 2));
    }
    assert_all_agree(session);
    assert_int_equal(store_commit(session), STORE_OK);
    store_close(store);
}

/* Rows by the thousand fill pages one behind the other; what comes between splits them, what goes leaves none without a name. */
static void pages_split_and_go(void **state)
{
    (void)state;
    struct store *store = open_with_api();
    struct session *session = store_write(store);
    for (unsigned i = 0; i < 3000; i += 2) assert_ok(session, put_app(session, i, false));
    assert_int_equal(store_commit(session), STORE_OK);
    session = store_write(store);
    for (unsigned i = 1; i < 3000; i += 2) assert_ok(session, put_app(session, i, false));
    assert_all_agree(session);
    assert_int_equal(store_commit(session), STORE_OK);
    session = store_write(store);
    assert_true(number_of(session, "SELECT count(*) FROM name_page") > 20);
    for (unsigned i = 0; i < 3000; i++) {
        struct test_id id = id_of('a', i);
        if (i % 50) assert_ok(session, store_remove(session, &entity_app, bytes_of_text(id.text)));
    }
    assert_int_equal(store_commit(session), STORE_OK);
    session = store_read(store);
    assert_all_agree(session);
    assert_int_equal(number_of(session, "SELECT count(*) FROM name_page WHERE length(names) = 0 AND first_id <> ''"), 0);
    store_abort(session);
    store_close(store);
}

static void run_sql(struct session *session, const char *sql)
{
    assert_ok(session, session_run(session, &(struct command){sql, NULL, 0}, NULL));
}

/* As a store of the version before is opened: rows are there, and nothing beside them. */
static void rows_of_before_are_counted_and_found(void **state)
{
    (void)state;
    struct store *store = open_with_api();
    struct session *session = store_write(store);
    struct audit audit = {.actor = BYTES("u"), .action = BYTES("create"), .instance_id = BYTES(INSTANCE), .time = 1};
    for (unsigned i = 0; i < 700; i++) assert_ok(session, put_app(session, i, false));
    for (unsigned i = 0; i < 90; i++) assert_ok(session, authorise(session, i, false));
    assert_ok(session, store_audit(session, &audit));
    static const char *const back[] = {"DROP TABLE row_count",
                                       "DROP TABLE name_page",
                                       "DROP INDEX app_by_status",
                                       "DROP INDEX app_by_creator",
                                       "DROP INDEX consumer_by_state",
                                       "DROP INDEX authorisation_by_time",
                                       "DROP INDEX authorisation_by_env",
                                       "DROP TABLE node",
                                       "DROP TABLE refused_count",
                                       "DROP TABLE audit_block",
                                       "DROP INDEX audit_by_instance",
                                       "CREATE INDEX audit_by_time ON audit (instance_id)",
                                       "CREATE INDEX audit_by_actor ON audit (instance_id)",
                                       "CREATE INDEX audit_by_action ON audit (instance_id)",
                                       "CREATE INDEX audit_by_result ON audit (instance_id)"};
    assert_int_equal(store_commit(session), STORE_OK);
    session = store_write(store);
    for (size_t i = 0; i < sizeof back / sizeof *back; i++) run_sql(session, back[i]);
    run_sql(session, "UPDATE schema_version SET version = " TRACKED_BEFORE);
    assert_int_equal(store_commit(session), STORE_OK);
    store_close(store);
    store = fixture_open();
    session = store_write(store);
    assert_true(number_of(session, "SELECT count(*) FROM name_page") > 2);
    assert_int_equal(number_of(session, "SELECT count(*) FROM audit_block WHERE action = 'create' AND number = 1"), 1);
    assert_all_agree(session);
    assert_ok(session, put_app(session, 700, false));
    assert_all_agree(session);
    store_abort(session);
    store_close(store);
}

/* What pages of names do not know is left to the database. */
static void other_queries_are_not_taken(void **state)
{
    (void)state;
    struct store *store = open_with_api();
    struct session *session = store_write(store);
    struct store_matches matches = {.each = NULL};
    struct store_filter filters[] = {
        {APP_INSTANCE_ID, STORE_EQUAL, text_of(INSTANCE)}, {APP_NAME, STORE_CONTAINS, text_of("a")}, {APP_ID, STORE_EQUAL, text_of("x")}};
    struct store_query good = {.filters = filters, .filter_count = 2, .order_column = APP_REGISTER_TIME, .descending = true, .limit = 1};
    struct store_query more = good, upwards = good, by_name = good, all = good;
    more.filter_count = 3;
    upwards.descending = false;
    by_name.order_column = APP_NAME;
    all.limit = 0;
    const struct store_query *const others[] = {&more, &upwards, &by_name, &all};
    assert_ok(session, put_app(session, 1, false));
    for (size_t i = 0; i < 4; i++) assert_int_equal(store_search(session, &entity_app, others[i], &matches), STORE_NOTHING);
    assert_int_equal(store_search(session, &entity_api, &good, &matches), STORE_NOTHING);
    filters[1].value = text_of("\x01");
    assert_int_equal(store_search(session, &entity_app, &good, &matches), STORE_NOTHING);
    store_abort(session);
    store_close(store);
}

int main(void)
{
    srandom((unsigned)time(NULL));
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(random_writes_keep_counts_and_names),
        FIXTURE_TEST(what_is_taken_back_counts_no_more),
        FIXTURE_TEST(pages_split_and_go),
        FIXTURE_TEST(rows_of_before_are_counted_and_found),
        FIXTURE_TEST(other_queries_are_not_taken),
    };
    return FIXTURE_RUN("tracked", tests);
}
