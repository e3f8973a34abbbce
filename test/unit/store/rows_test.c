#include "fixture.h"

#include "store/bulk.h"

struct collected {
    size_t count;
    char names[64][40];
};

static bool collect(void *context, const struct value *row)
{
    struct collected *collected = context;
    snprintf(collected->names[collected->count++], 40, "%.*s", (int)row[CONSUMER_NAME].bytes.length,
             (const char *)row[CONSUMER_NAME].bytes.data);
    return collected->count < 64;
}

static void assert_names(struct session *session, const struct store_query *query, const char *expected)
{
    struct collected collected = {0};
    char joined[2048] = "";
    int64_t count;
    assert_ok(session, store_list(session, &entity_consumer, query, collect, &collected));
    for (size_t i = 0; i < collected.count; i++) {
        if (i) strcat(joined, " ");
        strcat(joined, collected.names[i]);
    }
    assert_string_equal(joined, expected);
    assert_ok(session, store_count(session, &entity_consumer, query, &count));
    if (!query->limit && !query->offset) assert_int_equal(count, collected.count);
}

static struct session *with_consumers(struct store *store, const char *const *names, size_t count)
{
    struct session *session = store_write(store);
    for (size_t i = 0; i < count; i++) assert_ok(session, insert_consumer(session, id_of('c', (unsigned)i).text, names[i]));
    return session;
}

static void what_is_inserted_is_read_back(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct session *session = store_write(store);
    uint8_t sealed[] = {0, 1, 0xff, 0, 7};
    struct value row[CREDENTIAL_COLUMNS] = {[CREDENTIAL_ROW_ID] = text_of("k1"),
                                            [CREDENTIAL_INSTANCE_ID] = text_of(""),
                                            [CREDENTIAL_KIND] = value_integer(2),
                                            [CREDENTIAL_PRINCIPAL_KIND] = value_integer(3),
                                            [CREDENTIAL_PRINCIPAL_ID] = text_of("u"),
                                            [CREDENTIAL_LOOKUP] = text_of("AK\xc3\xa9 'q' %_"),
                                            [CREDENTIAL_SECRET] = value_blob(bytes_of(sealed, sizeof sealed)),
                                            [CREDENTIAL_NEXT_SECRET] = value_blob(bytes_of(NULL, 0)),
                                            [CREDENTIAL_ENABLED] = value_integer(1),
                                            [CREDENTIAL_NOT_BEFORE] = value_integer(INT64_MIN),
                                            [CREDENTIAL_NOT_AFTER] = value_integer(INT64_MAX),
                                            [CREDENTIAL_REVISION] = value_integer(-1),
                                            [CREDENTIAL_CREATE_TIME] = value_integer(0)};
    assert_ok(session, store_insert(session, &entity_credential, row));
    assert_int_equal(store_commit(session), STORE_OK);

    uint8_t memory[1024];
    struct arena arena = arena_over(memory, sizeof memory);
    struct value back[CREDENTIAL_COLUMNS];
    session = store_read(store);
    assert_ok(session, store_get(session, &entity_credential, BYTES("k1"), &arena, back));
    for (size_t i = 0; i < CREDENTIAL_COLUMNS; i++) {
        assert_int_equal(back[i].type, row[i].type);
        assert_true(bytes_equal(back[i].bytes, row[i].bytes));
        assert_int_equal(back[i].integer, row[i].integer);
    }
    assert_int_equal(store_get(session, &entity_credential, BYTES("k2"), &arena, back), STORE_NOTHING);
    store_abort(session);
    store_close(store);
}

static void an_update_writes_all_columns_and_finds_its_row(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    const char *const names[] = {"a", "b"};
    struct session *session = with_consumers(store, names, 2);
    struct test_id id = id_of('c', 1);
    struct value row[CONSUMER_COLUMNS] = {text_of(id.text), text_of(INSTANCE), text_of("renamed"), text_of("d"),
                                          value_integer(0), value_integer(7),  value_integer(8)};
    assert_ok(session, store_update(session, &entity_consumer, row));
    uint8_t memory[512];
    struct arena arena = arena_over(memory, sizeof memory);
    struct value back[CONSUMER_COLUMNS];
    assert_ok(session, store_get(session, &entity_consumer, row[0].bytes, &arena, back));
    assert_text(back[CONSUMER_NAME], "renamed");
    assert_text(back[CONSUMER_DESCRIPTION], "d");
    assert_int_equal(back[CONSUMER_ENABLED].integer, 0);
    row[0] = text_of("nobody");
    assert_int_equal(store_update(session, &entity_consumer, row), STORE_NOTHING);
    assert_names(session, &(struct store_query){0}, "a renamed");
    assert_int_equal(store_commit(session), STORE_OK);
    store_close(store);
}

static void a_removed_row_is_gone(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    const char *const names[] = {"a", "b"};
    struct session *session = with_consumers(store, names, 2);
    struct test_id id = id_of('c', 0);
    assert_ok(session, store_remove(session, &entity_consumer, bytes_of_text(id.text)));
    assert_int_equal(store_remove(session, &entity_consumer, bytes_of_text(id.text)), STORE_NOTHING);
    assert_names(session, &(struct store_query){0}, "b");
    store_abort(session);
    store_close(store);
}

static void a_conflict_names_its_index_and_the_session_goes_on(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    const char *const names[] = {"a", "b"};
    struct session *session = with_consumers(store, names, 2);
    assert_int_equal(insert_consumer(session, "new", "a"), STORE_CONFLICT);
    assert_string_equal(store_conflict(session), "consumer_name");
    struct test_id id = id_of('c', 0);
    assert_int_equal(insert_consumer(session, id.text, "c"), STORE_CONFLICT);
    assert_string_equal(store_conflict(session), "consumer_pkey");
    struct value row[CONSUMER_COLUMNS] = {text_of(id.text), text_of(INSTANCE), text_of("b"),    value_null(),
                                          value_integer(1), value_integer(5),  value_integer(6)};
    assert_int_equal(store_update(session, &entity_consumer, row), STORE_CONFLICT);
    assert_string_equal(store_conflict(session), "consumer_name");
    assert_ok(session, insert_consumer(session, "new", "c"));
    assert_int_equal(store_commit(session), STORE_OK);
    session = store_read(store);
    assert_names(session, &(struct store_query){.order_column = CONSUMER_NAME}, "a b c");
    store_abort(session);
    store_close(store);
}

static struct value version_row[VERSION_COLUMNS];

static void insert_version(struct session *session, const char *id, int status, const char *route)
{
    version_row[VERSION_ID] = text_of(id);
    version_row[VERSION_STATUS] = value_integer(status);
    version_row[VERSION_ROUTE_KEY] = text_of(route);
    assert_ok(session, store_insert(session, &entity_version, version_row));
}

/* An environment, a group, two APIs; version_row is one of the first API. */
static void with_apis(struct session *session)
{
    struct value env[ENV_COLUMNS] = {text_of(INSTANCE "/e"), text_of(INSTANCE), text_of("RELEASE"), value_null(), value_integer(1)};
    assert_ok(session, store_insert(session, &entity_env, env));
    struct value group[GROUP_COLUMNS] = {text_of("g"), text_of(INSTANCE), text_of("g"),    value_null(),
                                         value_null(), value_integer(1),  value_integer(1)};
    assert_ok(session, store_insert(session, &entity_group, group));
    for (unsigned i = 0; i < 2; i++) {
        const char *name = i ? "api2" : "api1";
        struct value api[API_COLUMNS] = {[API_ID] = text_of(name),
                                         [API_INSTANCE_ID] = text_of(INSTANCE),
                                         [API_GROUP_ID] = text_of("g"),
                                         [API_NAME] = text_of(name),
                                         [API_ROUTE_KEY] = text_of(name),
                                         [API_REGISTER_TIME] = value_integer(1),
                                         [API_UPDATE_TIME] = value_integer(1)};
        assert_ok(session, store_insert(session, &entity_api, api));
    }
    struct value version[VERSION_COLUMNS] = {value_null(), text_of(INSTANCE), text_of("api1"), text_of("g"),
                                             text_of("e"), text_of("p"),      text_of("no"),   value_integer(1),
                                             value_null(), text_of("r"),      text_of("{}"),   value_integer(1)};
    memcpy(version_row, version, sizeof version);
}

static void one_version_is_in_effect_and_no_two_on_one_route(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct session *session = store_write(store);
    with_apis(session);
    insert_version(session, "v1", 1, "r");
    insert_version(session, "v2", 2, "r");
    insert_version(session, "v3", 2, "r");
    version_row[VERSION_STATUS] = value_integer(1);
    version_row[VERSION_ROUTE_KEY] = text_of("other");
    assert_int_equal(store_update(session, &entity_version, version_row), STORE_CONFLICT);
    assert_string_equal(store_conflict(session), "version_effective");
    version_row[VERSION_API_ID] = text_of("api2");
    version_row[VERSION_ID] = text_of("v4");
    version_row[VERSION_ROUTE_KEY] = text_of("r");
    assert_int_equal(store_insert(session, &entity_version, version_row), STORE_CONFLICT);
    assert_string_equal(store_conflict(session), "version_route");
    insert_version(session, "v4", 1, "other");
    assert_int_equal(store_commit(session), STORE_OK);
    store_close(store);
}

static void what_others_refer_to_cannot_go(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct session *session = store_write(store);
    with_apis(session);
    insert_version(session, "v1", 1, "r");
    assert_int_equal(store_commit(session), STORE_OK);
    const struct entity *const entities[] = {&entity_instance, &entity_env, &entity_group, &entity_api};
    const char *const ids[] = {INSTANCE, INSTANCE "/e", "g", "api1"};
    for (size_t i = 0; i < 4; i++) {
        session = store_write(store);
        assert_int_equal(store_remove(session, entities[i], bytes_of_text(ids[i])), STORE_FAULT);
        assert_true(strlen(store_problem(session)) > 0);
        assert_int_equal(store_commit(session), STORE_FAULT);
    }
    version_row[VERSION_ID] = text_of("v2");
    version_row[VERSION_ENV_ID] = text_of("unknown");
    session = store_write(store);
    assert_int_equal(store_insert(session, &entity_version, version_row), STORE_FAULT);
    store_abort(session);
    store_close(store);
}

static void lists_are_ordered_by_bytes_and_paged(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    const char *const names[] = {"b", "B", "a", "_", "\xc3\xa9", "Z", "10", "9"};
    struct session *session = with_consumers(store, names, 8);
    assert_names(session, &(struct store_query){.order_column = CONSUMER_NAME}, "10 9 B Z _ a b \xc3\xa9");
    assert_names(session, &(struct store_query){.order_column = CONSUMER_NAME, .descending = true}, "\xc3\xa9 b a _ Z B 9 10");
    assert_names(session, &(struct store_query){.order_column = CONSUMER_NAME, .offset = 2, .limit = 3}, "B Z _");
    assert_names(session, &(struct store_query){.order_column = CONSUMER_NAME, .offset = 6}, "b \xc3\xa9");
    assert_names(session, &(struct store_query){.order_column = CONSUMER_CREATE_TIME, .descending = true, .limit = 2}, "9 10");
    assert_names(session, &(struct store_query){.offset = 8, .limit = 5}, "");
    store_abort(session);
    store_close(store);
}

static void assert_any(struct session *session, size_t column, const struct value *values, size_t count, const char *expected)
{
    struct collected collected = {0};
    char joined[2048] = "";
    assert_ok(session, store_list_any(session, &entity_consumer, &(struct store_any){column, values, count}, collect, &collected));
    for (size_t i = 0; i < collected.count; i++) strcat(joined, collected.names[i]);
    assert_string_equal(joined, expected);
}

static void rows_with_any_of_many_values_come_at_once(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    const char *const names[] = {"a", "b", "c", "d\n", "e"};
    struct session *session = with_consumers(store, names, 5);
    const struct value some[] = {text_of("c"), text_of("nobody"), text_of("a")}, line[] = {text_of("b"), text_of("d\n")};
    const struct value foreign[] = {value_text(BYTES("a\0")), value_text(BYTES("\xff")), text_of("e")},
                       id[] = {text_of(id_of('c', 1).text)};
    assert_any(session, CONSUMER_NAME, some, 3, "ca");
    assert_any(session, CONSUMER_NAME, line, 2, "bd\n");
    assert_any(session, CONSUMER_NAME, foreign, 3, "e");
    assert_any(session, CONSUMER_NAME, some, 0, "");
    assert_any(session, CONSUMER_ID, id, 1, "b");
    store_abort(session);
    store_close(store);
}

static void assert_filter(struct session *session, struct store_filter filter, const char *expected)
{
    assert_names(session, &(struct store_query){.filters = &filter, .filter_count = 1, .order_column = CONSUMER_NAME}, expected);
}

static void contains_is_literal_and_folds_ascii_only(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    const char *const names[] = {"Alpha", "ALPHABET", "50%", "50_", "a!b", "\xc3\x89t\xc3\xa9", "a\\b", "500"};
    struct session *session = with_consumers(store, names, 8);
    struct {
        const char *needle;
        const char *expected;
    } cases[] = {{"alpha", "ALPHABET Alpha"},
                 {"ALPHAB", "ALPHABET"},
                 {"%", "50%"},
                 {"50_", "50_"},
                 {"!", "a!b"},
                 {"\\", "a\\b"},
                 {"\xc3\xa9", "\xc3\x89t\xc3\xa9"},
                 {"\xc3\x89T", "\xc3\x89t\xc3\xa9"},
                 {"0", "50% 500 50_"},
                 {"nothing", ""},
                 {"'", ""},
                 {"\xff", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_filter(session, (struct store_filter){CONSUMER_NAME, STORE_CONTAINS, text_of(cases[i].needle)}, cases[i].expected);
    }
    assert_filter(session, (struct store_filter){CONSUMER_NAME, STORE_CONTAINS, text_of("")},
                  "50% 500 50_ ALPHABET Alpha a!b a\\b \xc3\x89t\xc3\xa9");
    store_abort(session);
    store_close(store);
}

static void filters_compare_and_all_must_hold(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    const char *const names[] = {"a", "b", "c", "d"};
    struct session *session = with_consumers(store, names, 4);
    assert_filter(session, (struct store_filter){CONSUMER_NAME, STORE_EQUAL, text_of("b")}, "b");
    assert_filter(session, (struct store_filter){CONSUMER_NAME, STORE_AT_LEAST, text_of("c")}, "c d");
    assert_filter(session, (struct store_filter){CONSUMER_NAME, STORE_AT_MOST, text_of("b")}, "a b");
    assert_filter(session, (struct store_filter){CONSUMER_DESCRIPTION, STORE_EQUAL, value_null()}, "a b c d");
    assert_filter(session, (struct store_filter){CONSUMER_ENABLED, STORE_EQUAL, value_integer(0)}, "");
    assert_filter(session, (struct store_filter){CONSUMER_NAME, STORE_EQUAL, value_text(bytes_of("a\0", 2))}, "");
    assert_filter(session, (struct store_filter){CONSUMER_ENABLED, STORE_EQUAL, text_of("1")}, "");
    assert_filter(session, (struct store_filter){CONSUMER_ENABLED, STORE_CONTAINS, text_of("1")}, "");
    assert_filter(session, (struct store_filter){CONSUMER_NAME, STORE_AT_LEAST, value_integer(0)}, "");
    struct store_filter both[] = {{CONSUMER_NAME, STORE_AT_LEAST, text_of("b")}, {CONSUMER_NAME, STORE_AT_MOST, text_of("c")}};
    assert_names(session, &(struct store_query){.filters = both, .filter_count = 2, .order_column = CONSUMER_NAME}, "b c");
    store_abort(session);
    store_close(store);
}

static void a_row_no_database_could_keep_is_a_fault(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct value bad[] = {value_text(BYTES("\xff")), value_text(bytes_of("a\0b", 3)), value_integer(3), value_null()};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct session *session = store_write(store);
        struct value row[CONSUMER_COLUMNS] = {text_of("id"),    text_of(INSTANCE), bad[i],          value_null(),
                                              value_integer(1), value_integer(5),  value_integer(6)};
        assert_int_equal(store_insert(session, &entity_consumer, row), STORE_FAULT);
        assert_true(strstr(store_problem(session), "name") != NULL);
        assert_int_equal(insert_consumer(session, "after", "after"), STORE_FAULT);
        assert_int_equal(store_commit(session), STORE_FAULT);
    }
    struct session *session = store_read(store);
    assert_names(session, &(struct store_query){0}, "");
    store_abort(session);
    store_close(store);
}

struct streamed {
    struct session *session;
    size_t rows;
    size_t nested;
};

/* Reads inside a running list: the inner list has the same SQL text as the outer one. */
static bool stream_each(void *context, const struct value *row)
{
    struct streamed *streamed = context;
    uint8_t memory[512];
    struct arena arena = arena_over(memory, sizeof memory);
    struct value inner[CONSUMER_COLUMNS];
    if (streamed->rows++ % 400 == 0) {
        assert_ok(streamed->session, store_get(streamed->session, &entity_consumer, row[0].bytes, &arena, inner));
        assert_true(bytes_equal(inner[CONSUMER_NAME].bytes, row[CONSUMER_NAME].bytes));
        struct collected collected = {0};
        assert_ok(streamed->session, store_list(streamed->session, &entity_consumer, &(struct store_query){0}, collect, &collected));
        streamed->nested += collected.count;
    }
    return true;
}

static void a_long_list_streams_and_may_be_nested(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct session *session = store_write(store);
    for (unsigned i = 0; i < 2000; i++) {
        struct test_id id = id_of('c', i);
        assert_ok(session, insert_consumer(session, id.text, id.text));
    }
    assert_int_equal(store_commit(session), STORE_OK);
    session = store_read(store);
    struct streamed streamed = {session, 0, 0};
    assert_ok(session, store_list(session, &entity_consumer, &(struct store_query){0}, stream_each, &streamed));
    assert_int_equal(streamed.rows, 2000);
    assert_int_equal(streamed.nested, 5 * 64);
    struct collected collected = {0}; /* stops after 64 */
    assert_ok(session, store_list(session, &entity_consumer, &(struct store_query){.limit = 1500}, collect, &collected));
    assert_int_equal(collected.count, 64);
    assert_int_equal(store_commit(session), STORE_OK);
    store_close(store);
}

static void a_full_arena_is_a_fault(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    uint8_t memory[8];
    struct arena arena = arena_over(memory, sizeof memory);
    struct value row[INSTANCE_COLUMNS];
    struct session *session = store_read(store);
    assert_int_equal(store_get(session, &entity_instance, BYTES(INSTANCE), &arena, row), STORE_FAULT);
    assert_true(strstr(store_problem(session), "arena") != NULL);
    store_abort(session);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(what_is_inserted_is_read_back),
        FIXTURE_TEST(an_update_writes_all_columns_and_finds_its_row),
        FIXTURE_TEST(a_removed_row_is_gone),
        FIXTURE_TEST(a_conflict_names_its_index_and_the_session_goes_on),
        FIXTURE_TEST(one_version_is_in_effect_and_no_two_on_one_route),
        FIXTURE_TEST(what_others_refer_to_cannot_go),
        FIXTURE_TEST(lists_are_ordered_by_bytes_and_paged),
        FIXTURE_TEST(rows_with_any_of_many_values_come_at_once),
        FIXTURE_TEST(contains_is_literal_and_folds_ascii_only),
        FIXTURE_TEST(filters_compare_and_all_must_hold),
        FIXTURE_TEST(a_row_no_database_could_keep_is_a_fault),
        FIXTURE_TEST(a_long_list_streams_and_may_be_nested),
        FIXTURE_TEST(a_full_arena_is_a_fault),
    };
    return FIXTURE_RUN("rows", tests);
}
