/* Compares what is kept beside rows with the rows. */
#ifndef COUNTERSIGN_TEST_STORE_TRACKED_CHECK_H
#define COUNTERSIGN_TEST_STORE_TRACKED_CHECK_H

#include "fixture.h"

#include "store/session.h"

#define TRACKED_BEFORE "17" /* the version before counts were kept */

static inline int64_t number_of(struct session *session, const char *sql)
{
    int64_t number = -1;
    assert_ok(session, session_number(session, &(struct command){sql, NULL, 0}, &number));
    return number;
}

/* How many combinations are counted wrongly, or not. */
static inline void assert_counts_agree(struct session *session)
{
    static const char *const rows[] = {
        "SELECT 'app' AS entity, instance_id AS part_1, CAST(status AS TEXT) AS part_2, '' AS part_3, '' AS part_4, count(*) AS number "
        "FROM app GROUP BY instance_id, status",
        "SELECT 'consumer', instance_id, CAST(enabled AS TEXT), '', '', count(*) FROM consumer GROUP BY instance_id, enabled",
        "SELECT 'authorisation', instance_id, CAST(principal_kind AS TEXT), api_id, env_id, count(*) FROM authorisation GROUP BY "
        "instance_id, principal_kind, api_id, env_id UNION ALL SELECT 'authorised', instance_id, CAST(principal_kind AS TEXT), '', '', "
        "count(DISTINCT principal_id) FROM authorisation GROUP BY instance_id, principal_kind"};
    static const char kept[] = "SELECT entity, part_1, part_2, part_3, part_4, number FROM row_count";
    char sql[2400], all[1400];
    snprintf(all, sizeof all, "%s UNION ALL %s UNION ALL %s", rows[0], rows[1], rows[2]);
    assert_ok(session, tracked_flush(session));
    snprintf(sql, sizeof sql, "SELECT count(*) FROM (SELECT * FROM (%s) a EXCEPT SELECT * FROM (%s) b) c", all, kept);
    assert_int_equal(number_of(session, sql), 0);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM (SELECT * FROM (%s) a EXCEPT SELECT * FROM (%s) b) c", kept, all);
    assert_int_equal(number_of(session, sql), 0);
}

struct ids {
    size_t count;
    char texts[500][33];
};

static inline bool ids_each(void *context, const struct value *row)
{
    struct ids *ids = context;
    snprintf(ids->texts[ids->count++], 33, "%.*s", (int)row[0].bytes.length, (const char *)row[0].bytes.data);
    return true;
}

/* Offset and limit of `page`; `status` below 0: any. */
static inline void assert_search_agrees(struct session *session, const struct store_query *page, const char *needle, int64_t status)
{
    static struct ids expected, found;
    struct store_filter filters[] = {{APP_INSTANCE_ID, STORE_EQUAL, text_of(INSTANCE)},
                                     {APP_NAME, STORE_CONTAINS, text_of(needle)},
                                     {APP_STATUS, STORE_EQUAL, value_integer(status)}};
    struct store_query query = *page;
    struct store_matches matches = {.each = ids_each, .context = &found};
    int64_t count;
    query.filters = filters;
    query.filter_count = status < 0 ? 2 : 3;
    query.order_column = APP_REGISTER_TIME;
    query.descending = true;
    expected.count = found.count = 0;
    enum store_result result = store_search(session, &entity_app, &query, &matches);
    if (result == STORE_NOTHING && number_of(session, "SELECT count(*) FROM name_page WHERE entity = 'app'") == 0) return;
    assert_ok(session, result);
    assert_ok(session, store_list(session, &entity_app, &query, ids_each, &expected));
    assert_ok(session, store_count(session, &entity_app, &query, &count));
    assert_int_equal(matches.total, count);
    assert_int_equal(found.count, expected.count);
    for (size_t i = 0; i < found.count; i++) assert_string_equal(found.texts[i], expected.texts[i]);
}

#endif
