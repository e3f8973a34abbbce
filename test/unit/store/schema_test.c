#include "fixture.h"

#include "store/audit.h"
#include "store/nodes.h"
#include "store/session.h"
#include "store/traffic.h"

#include <sys/wait.h>

static const struct entity *const entities[] = {
    &entity_instance, &entity_env,         &entity_group,     &entity_domain,         &entity_api,
    &entity_version,  &entity_app,         &entity_consumer,  &entity_credential,     &entity_authorisation,
    &entity_sign,     &entity_binding,     &entity_place_use, &entity_feature,        &entity_user,
    &entity_audit,    &entity_account,     &entity_project,   &entity_role,           &entity_token,
    &entity_security, &entity_traffic,     &entity_refused,   &entity_credential_use, &entity_node,
    &entity_quota,    &entity_factor,      &entity_step_up,   &entity_webhook,        &entity_code,
    &entity_key_set,  &entity_key_set_use, &entity_throttle,  &entity_special,        &entity_throttle_binding,
    &entity_acl,      &entity_acl_binding, &entity_app_acl,   &entity_refused_count};
#define ENTITIES (sizeof entities / sizeof entities[0])

struct catalogue {
    size_t count;
    char names[ENTITY_MAX_COLUMNS][64];
    char types[ENTITY_MAX_COLUMNS][64];
};

static void copy(char out[static 64], struct bytes bytes)
{
    snprintf(out, 64, "%.*s", (int)bytes.length, (const char *)bytes.data);
}

static bool catalogue_each(void *context, const struct value *row)
{
    struct catalogue *catalogue = context;
    copy(catalogue->names[catalogue->count], row[0].bytes);
    copy(catalogue->types[catalogue->count++], row[1].bytes);
    return true;
}

static const char *catalogue_sql(void)
{
    if (fixture_is_postgres()) {
        return "SELECT column_name::text, CASE WHEN data_type = 'text' AND collation_name = 'C' THEN 'TEXT' ELSE data_type::text END"
               " FROM information_schema.columns WHERE table_name = $1 AND table_schema = current_schema() AND is_generated = 'NEVER'"
               " ORDER BY ordinal_position";
    }
    return "SELECT name, type FROM pragma_table_xinfo($1) WHERE hidden = 0 ORDER BY cid";
}

static const char *type_word(enum value_type type)
{
    if (type == VALUE_TEXT) return "TEXT";
    if (type == VALUE_INTEGER) return fixture_is_postgres() ? "bigint" : "INTEGER";
    return fixture_is_postgres() ? "bytea" : "BLOB";
}

static void entities_and_tables_agree(void **state)
{
    (void)state;
    struct store *store = fixture_open();
    struct session *session = store_read(store);
    for (size_t i = 0; i < ENTITIES; i++) {
        const struct entity *entity = entities[i];
        struct catalogue catalogue = {0};
        struct value table = text_of(entity->table);
        struct selection selection = {.command = {catalogue_sql(), &table, 1}, .columns = 2};
        assert_ok(session, session_select(session, &selection, catalogue_each, &catalogue));
        assert_int_equal(catalogue.count, entity->column_count);
        for (size_t c = 0; c < entity->column_count; c++) {
            assert_string_equal(catalogue.names[c], entity->columns[c].name);
            assert_string_equal(catalogue.types[c], type_word(entity->columns[c].type));
        }
        assert_string_equal(catalogue.names[0], "id");
    }
    store_abort(session);
    store_close(store);
}

static bool strict_each(void *context, const struct value *row)
{
    size_t *tables = context;
    ++*tables;
    if (row[1].integer != 1) fail_msg("%.*s is not STRICT", (int)row[0].bytes.length, (const char *)row[0].bytes.data);
    return true;
}

static void tables_of_sqlite_are_strict(void **state)
{
    (void)state;
    struct store *store = fixture_open();
    struct session *session = store_read(store);
    size_t tables = 0;
    struct selection selection = {
        .command = {"SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name <> 'sqlite_schema'", NULL, 0}, .columns = 2};
    assert_ok(session, session_select(session, &selection, strict_each, &tables));
    assert_int_equal(tables, ENTITIES + 7);
    store_abort(session);
    store_close(store);
}

static void a_store_keeps_its_content_and_its_id_when_opened_again(void **state)
{
    (void)state;
    char first[33], second[33];
    struct store *store = fixture_open_with_instance();
    struct session *session = store_read(store);
    assert_ok(session, store_id(session, first));
    assert_int_equal(strspn(first, "0123456789abcdef"), 32);
    store_abort(session);
    store_close(store);
    store = fixture_open();
    session = store_read(store);
    assert_ok(session, store_id(session, second));
    assert_string_equal(first, second);
    assert_int_equal(store_revision(session), 1);
    int64_t count;
    assert_ok(session, store_count(session, &entity_instance, &(struct store_query){0}, &count));
    assert_int_equal(count, 1);
    store_abort(session);
    store_close(store);
}

static int open_and_insert(unsigned number)
{
    char problem[256] = "";
    struct store *store = store_open(fixture_url, problem);
    if (!store) {
        fprintf(stderr, "%s\n", problem);
        return 1;
    }
    struct session *session = store_write(store);
    char name[33];
    snprintf(name, sizeof name, "u%u", number);
    struct value row[USER_COLUMNS] = {text_of(name), text_of("p"), text_of("d"), text_of(name), value_integer(1), value_integer(1)};
    bool done = session && store_insert(session, &entity_user, row) == STORE_OK && store_commit(session) == STORE_OK;
    store_close(store);
    return done ? 0 : 1;
}

static void processes_that_start_at_once_make_one_schema(void **state)
{
    (void)state;
    pid_t children[6];
    for (unsigned i = 0; i < 6; i++) {
        children[i] = fork();
        if (children[i] == 0) _exit(open_and_insert(i));
    }
    for (unsigned i = 0; i < 6; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    struct store *store = fixture_open();
    struct session *session = store_read(store);
    int64_t count;
    assert_ok(session, store_count(session, &entity_user, &(struct store_query){0}, &count));
    assert_int_equal(count, 6);
    assert_int_equal(store_revision(session), 6);
    assert_ok(session, session_number(session, &(struct command){"SELECT count(*) FROM identity", NULL, 0}, &count));
    assert_int_equal(count, 1);
    store_abort(session);
    store_close(store);
}

static void a_newer_schema_is_refused(void **state)
{
    (void)state;
    struct store *store = fixture_open();
    struct session *session = store_write(store);
    assert_ok(session, session_run(session, &(struct command){"UPDATE schema_version SET version = 1000", NULL, 0}, NULL));
    assert_int_equal(store_commit(session), STORE_OK);
    store_close(store);
    char problem[256] = "";
    assert_null(store_open(fixture_url, problem));
    if (!strstr(problem, "newer version")) fail_msg("%s", problem);
}

static void a_url_that_leads_nowhere_is_refused_in_words(void **state)
{
    (void)state;
    const char *const urls[][2] = {{"", "sqlite: or postgresql:"},
                                   {"mysql://x", "sqlite: or postgresql:"},
                                   {"sqlite:", "names no file"},
                                   {"sqlite:/nonexistent/store.db", "cannot open"},
                                   {"postgresql:///x?host=/nonexistent", "postgresql"}};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        char problem[256] = "";
        assert_null(store_open(urls[i][0], problem));
        if (!strstr(problem, urls[i][1])) fail_msg("%s: %s", urls[i][0], problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(entities_and_tables_agree),
        FIXTURE_TEST_OF("sqlite:", tables_of_sqlite_are_strict),
        FIXTURE_TEST(a_store_keeps_its_content_and_its_id_when_opened_again),
        FIXTURE_TEST(processes_that_start_at_once_make_one_schema),
        FIXTURE_TEST(a_newer_schema_is_refused),
        FIXTURE_TEST(a_url_that_leads_nowhere_is_refused_in_words),
    };
    return FIXTURE_RUN("schema", tests);
}
