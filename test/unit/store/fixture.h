/* A fresh, empty store for each test, on every database named in COUNTERSIGN_TEST_STORES (separated by blanks; a SQLite file in a temporary
 * directory when it is not set). "sqlite:DIRECTORY/NAME" stands for a file made from it; in a PostgreSQL database each test gets a schema.
 */
#ifndef COUNTERSIGN_TEST_STORE_FIXTURE_H
#define COUNTERSIGN_TEST_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/schema.h"

#include <ftw.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INSTANCE "11111111111111111111111111111111"

static const char *fixture_base = "sqlite:";
static char fixture_directory[64];
static char fixture_name[64];
static char fixture_url[512];

static inline int fixture_is_postgres(void)
{
    return strncmp(fixture_base, "postgresql:", 11) == 0;
}

static inline void fixture_keep_quiet(void *context, const PGresult *result)
{
    (void)context, (void)result;
}

static inline void fixture_sql(const char *before, const char *after)
{
    char sql[256];
    snprintf(sql, sizeof sql, "%s %s%s", before, fixture_name, after);
    PGconn *connection = PQconnectdb(fixture_base);
    PQsetNoticeReceiver(connection, fixture_keep_quiet, NULL);
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) fail_msg("%s: %s", sql, PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
}

/* cmocka set-up: fixture_url names an empty place. */
static inline int fixture_set_up(void **state)
{
    static unsigned serial;
    (void)state;
    strcpy(fixture_directory, "/tmp/countersign-store-XXXXXX");
    assert_non_null(mkdtemp(fixture_directory));
    snprintf(fixture_name, sizeof fixture_name, "t%d_%u", (int)getpid(), ++serial);
    if (fixture_is_postgres()) {
        fixture_sql("CREATE SCHEMA", "");
        snprintf(fixture_url, sizeof fixture_url, "%s%coptions=-csearch_path%%3D%s", fixture_base, strchr(fixture_base, '?') ? '&' : '?',
                 fixture_name);
    } else {
        snprintf(fixture_url, sizeof fixture_url, "sqlite:%s/store.db", fixture_directory);
    }
    return 0;
}

static inline int fixture_unlink(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
    (void)status, (void)flag, (void)walk;
    return remove(path);
}

static inline int fixture_tear_down(void **state)
{
    (void)state;
    if (fixture_is_postgres()) fixture_sql("DROP SCHEMA", " CASCADE");
    return nftw(fixture_directory, fixture_unlink, 8, FTW_DEPTH | FTW_PHYS);
}

static inline struct store *fixture_open(void)
{
    char problem[256] = "";
    struct store *store = store_open(fixture_url, problem);
    if (!store) fail_msg("%s: %s", fixture_url, problem);
    return store;
}

#define FIXTURE_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)
/* Of one kind of database only: "sqlite:" or "postgresql:". */
#define FIXTURE_TEST_OF(kind, test) cmocka_unit_test_prestate_setup_teardown(test, fixture_set_up, fixture_tear_down, (void *)(kind))

static inline int fixture_run_on(const char *name, const struct CMUnitTest *tests, size_t count)
{
    struct CMUnitTest chosen[32];
    char group[128];
    size_t number = 0;
    for (size_t i = 0; i < count && number < 32; i++) {
        const char *kind = tests[i].initial_state;
        if (!kind || strncmp(fixture_base, kind, strlen(kind)) == 0) chosen[number++] = tests[i];
    }
    snprintf(group, sizeof group, "%s on %.*s", name, (int)strcspn(fixture_base, ":"), fixture_base);
    return _cmocka_run_group_tests(group, chosen, number, NULL, NULL);
}

/* Runs the group once for each database. */
static inline int fixture_run(const char *name, const struct CMUnitTest *tests, size_t count)
{
    char *bases = strdup(getenv("COUNTERSIGN_TEST_STORES") ? getenv("COUNTERSIGN_TEST_STORES") : "sqlite:");
    int failures = 0;
    char *rest = NULL;
    for (char *base = strtok_r(bases, " ", &rest); base; base = strtok_r(NULL, " ", &rest)) {
        fixture_base = base;
        failures += fixture_run_on(name, tests, count);
    }
    free(bases);
    return failures;
}
#define FIXTURE_RUN(name, tests) fixture_run(name, tests, sizeof(tests) / sizeof(tests)[0])

static inline struct value text_of(const char *text)
{
    return value_text(bytes_of_text(text));
}

static inline void assert_text(struct value value, const char *expected)
{
    assert_int_equal(value.type, VALUE_TEXT);
    if (!bytes_equal(value.bytes, bytes_of_text(expected))) {
        fail_msg("\"%.*s\" is not \"%s\"", (int)value.bytes.length, (const char *)value.bytes.data, expected);
    }
}

static inline void assert_ok(struct session *session, enum store_result result)
{
    if (result != STORE_OK) fail_msg("result %d: %s, %s", (int)result, store_problem(session), store_conflict(session));
}

/* An id made of a letter and a number: 32 characters. */
struct test_id {
    char text[33];
};
static inline struct test_id id_of(char letter, unsigned number)
{
    struct test_id id;
    snprintf(id.text, sizeof id.text, "%c%031u", letter, number);
    return id;
}

static inline void insert_instance(struct session *session)
{
    struct value row[INSTANCE_COLUMNS] = {text_of(INSTANCE), text_of("p"), text_of("main"), value_integer(1)};
    assert_ok(session, store_insert(session, &entity_instance, row));
}

static inline enum store_result insert_consumer(struct session *session, const char *id, const char *name)
{
    struct value row[CONSUMER_COLUMNS] = {text_of(id),      text_of(INSTANCE), text_of(name),   value_null(),
                                          value_integer(1), value_integer(5),  value_integer(6)};
    return store_insert(session, &entity_consumer, row);
}

/* A store with one instance. */
static inline struct store *fixture_open_with_instance(void)
{
    struct store *store = fixture_open();
    struct session *session = store_write(store);
    assert_non_null(session);
    insert_instance(session);
    assert_int_equal(store_commit(session), STORE_OK);
    return store;
}

#endif
