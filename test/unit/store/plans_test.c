/* Cost must not grow with the number of credentials: what the gateway's and the management API's everyday queries need is found through an
 * index, also by a planner that has no statistics. SQLite's plans are deterministic, so they are what is looked at. */
#include "fixture.h"

#include "store/session.h"

struct plan {
    char text[1024];
};

static bool plan_each(void *context, const struct value *row)
{
    struct plan *plan = context;
    size_t used = strlen(plan->text);
    snprintf(plan->text + used, sizeof plan->text - used, "%.*s; ", (int)row[3].bytes.length, (const char *)row[3].bytes.data);
    return true;
}

static void assert_plan(struct session *session, const char *query, const char *index)
{
    char sql[512];
    struct plan plan = {""};
    struct value parameters[6];
    for (size_t i = 0; i < 6; i++) parameters[i] = text_of("x");
    size_t count = 0;
    for (const char *c = query; *c; c++) count += *c == '$';
    snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", query);
    struct selection selection = {.command = {sql, parameters, count}, .columns = 4};
    assert_ok(session, session_select(session, &selection, plan_each, &plan));
    if (!strstr(plan.text, index) || strstr(plan.text, "SCAN")) fail_msg("%s\n  is answered by: %s\n  not by: %s", query, plan.text, index);
}

static void everyday_queries_go_through_an_index(void **state)
{
    (void)state;
    struct store *store = fixture_open();
    struct session *session = store_read(store);
    const char *const plans[][2] = {
        {"SELECT * FROM credential WHERE instance_id = $1 AND kind = $2 AND lookup = $3 ORDER BY id LIMIT 1", "credential_lookup"},
        {"SELECT * FROM credential WHERE instance_id = $1 AND principal_id = $2 ORDER BY id", "credential_by_principal"},
        {"SELECT * FROM credential WHERE instance_id = $1 AND principal_id = $2 AND id >= $3 ORDER BY id LIMIT 101",
         "credential_by_principal"},
        {"SELECT * FROM authorisation WHERE principal_id = $1 AND principal_kind = $2 AND api_id = $3 AND env_id = $4 ORDER BY id LIMIT 1",
         "authorisation_once (principal_id=? AND principal_kind=? AND api_id=? AND env_id=?)"},
        {"SELECT * FROM authorisation WHERE instance_id = $1 AND principal_id = $2 ORDER BY auth_time, id", "authorisation_once"},
        {"SELECT * FROM authorisation WHERE instance_id = $1 AND api_id = $2 AND id >= $3 ORDER BY id LIMIT 101",
         "authorisation_by_api (api_id=? AND id>?)"},
        {"SELECT * FROM authorisation WHERE instance_id = $1 AND principal_kind = $2 AND api_id = $3 ORDER BY auth_time DESC, id DESC "
         "LIMIT 20",
         "authorisation_by_time"},
        {"SELECT * FROM authorisation WHERE instance_id = $1 AND principal_kind = $2 AND api_id = $3 AND env_id = $4"
         " ORDER BY auth_time DESC, id DESC LIMIT 20",
         "authorisation_by_env"},
        {"SELECT * FROM app WHERE instance_id = $1 AND status = $2 ORDER BY register_time DESC, id DESC LIMIT 20", "app_by_status"},
        {"SELECT * FROM app WHERE instance_id = $1 AND creator = $2 ORDER BY register_time DESC, id DESC LIMIT 20", "app_by_creator"},
        {"SELECT * FROM consumer WHERE instance_id = $1 AND enabled = $2 ORDER BY create_time DESC, id DESC LIMIT 20", "consumer_by_state"},
        {"SELECT * FROM consumer WHERE instance_id = $1 AND lower(name) LIKE $2 ESCAPE '!' AND (create_time, id) >= ($3, $4)"
         " AND (create_time, id) < ($5, $6) ORDER BY create_time DESC, id DESC LIMIT 3",
         "consumer_by_time"},
        {"SELECT first_time, first_id, names FROM name_page WHERE entity = $1 AND instance_id = $2 ORDER BY first_time DESC, first_id DESC",
         "sqlite_autoindex_name_page_1"},
        {"SELECT sum(number) FROM row_count WHERE entity = $1 AND part_1 = $2 AND part_2 = $3 AND part_3 = $4",
         "sqlite_autoindex_row_count_1 (entity=? AND part_1=? AND part_2=? AND part_3=?)"},
        {"SELECT * FROM consumer WHERE instance_id = $1 ORDER BY create_time DESC, id DESC LIMIT 20", "consumer_by_time"},
        {"SELECT * FROM app WHERE instance_id = $1 ORDER BY register_time, id LIMIT 20", "app_by_time"},
        {"SELECT * FROM app WHERE instance_id = $1 AND app_key = $2 ORDER BY id LIMIT 1", "app_key"},
        {"SELECT * FROM consumer WHERE instance_id = $1 AND name = $2 ORDER BY id LIMIT 1", "consumer_name"},
        {"SELECT * FROM version WHERE api_id = $1 AND env_id = $2 AND status = $3 ORDER BY id", "version_by_api"},
        {"SELECT * FROM version WHERE group_id = $1 AND env_id = $2 AND status = $3 ORDER BY id", "version_by_group"},
        {"SELECT * FROM version WHERE publish_id = $1 ORDER BY id", "version_by_publish"},
        {"SELECT * FROM binding WHERE sign_id = $1 ORDER BY id", "binding_by_sign"},
        {"SELECT * FROM binding WHERE api_id = $1 AND env_id = $2 ORDER BY id", "binding_once"},
        {"SELECT * FROM place_use WHERE api_id = $1 AND env_id = $2 ORDER BY id", "place_use_once"},
        {"SELECT * FROM domain WHERE group_id = $1 ORDER BY id", "domain_by_group"},
        {"SELECT * FROM key_set WHERE next_time <= $1 ORDER BY next_time, id LIMIT 1", "key_set_by_time"},
        {"SELECT * FROM key_set WHERE instance_id = $1 AND name = $2 ORDER BY id LIMIT 1", "key_set_name"},
        {"SELECT * FROM key_set WHERE name = $1 ORDER BY id", "key_set_by_name"},
        {"SELECT count(*) FROM key_set_use WHERE instance_id = $1 AND name = $2", "key_set_use_by_name"},
        {"SELECT * FROM changes WHERE revision > $1 ORDER BY revision, place", "sqlite_autoindex_changes_1"},
        {"SELECT * FROM audit WHERE instance_id = $1 AND id >= $2 AND id <= $3 ORDER BY id DESC LIMIT 20",
         "audit_by_instance (instance_id=? AND id>? AND id<?)"},
        {"SELECT * FROM audit WHERE instance_id = $1 AND resource_id = $2 ORDER BY id DESC LIMIT 20", "audit_by_object"},
        {"SELECT * FROM audit WHERE instance_id = $1 AND request_id = $2 ORDER BY id DESC LIMIT 20", "audit_by_request"},
        {"SELECT first_id, sum(number) FROM audit_block WHERE instance_id = $1 AND actor = $2 GROUP BY first_id ORDER BY first_id DESC",
         "sqlite_autoindex_audit_block_1"},
        {"SELECT max(first_id) FROM audit_block WHERE instance_id = $1", "sqlite_autoindex_audit_block_1"},
    };
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) assert_plan(session, plans[i][0], plans[i][1]);
    store_abort(session);
    store_close(store);
}

/* What is newest or last comes from the end of an index, not from sorting all rows. */
static void first_pages_are_not_sorted(void **state)
{
    (void)state;
    struct store *store = fixture_open();
    struct session *session = store_read(store);
    const char *const queries[] = {
        "SELECT * FROM consumer WHERE instance_id = 'i' ORDER BY create_time DESC, id DESC LIMIT 20",
        "SELECT * FROM app WHERE instance_id = 'i' ORDER BY register_time, id LIMIT 20",
        "SELECT * FROM consumer WHERE instance_id = 'i' ORDER BY name, id LIMIT 20",
        "SELECT * FROM app WHERE instance_id = 'i' AND status = 1 ORDER BY register_time DESC, id DESC LIMIT 20",
        "SELECT * FROM app WHERE instance_id = 'i' AND creator = 'c' ORDER BY register_time DESC, id DESC LIMIT 20",
        "SELECT * FROM consumer WHERE instance_id = 'i' AND enabled = 1 ORDER BY create_time DESC, id DESC LIMIT 20",
        "SELECT * FROM authorisation WHERE instance_id = 'i' AND principal_kind = 1 AND api_id = 'a' ORDER BY auth_time DESC, id DESC",
        "SELECT * FROM authorisation WHERE api_id = 'a' AND env_id = 'e' AND principal_kind = 1 ORDER BY auth_time DESC, id DESC",
        "SELECT * FROM authorisation WHERE api_id = 'a' AND id >= 'x' ORDER BY id LIMIT 101",
        "SELECT * FROM credential ORDER BY id",
        "SELECT * FROM authorisation ORDER BY id",
        "SELECT * FROM audit WHERE instance_id = 'i' AND actor = 'a' AND id >= 'x' AND id <= 'y' ORDER BY id DESC LIMIT 20",
        "SELECT * FROM audit WHERE instance_id = 'i' AND resource_id = 'r' ORDER BY id DESC LIMIT 20",
        "SELECT first_id, sum(number) FROM audit_block WHERE instance_id = 'i' AND actor = 'a' GROUP BY first_id ORDER BY first_id DESC",
    };
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        char sql[512];
        struct plan plan = {""};
        snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", queries[i]);
        struct selection selection = {.command = {sql, NULL, 0}, .columns = 4};
        assert_ok(session, session_select(session, &selection, plan_each, &plan));
        if (!plan.text[0] || strstr(plan.text, "TEMP B-TREE")) fail_msg("%s: %s", queries[i], plan.text);
    }
    store_abort(session);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST_OF("sqlite:", everyday_queries_go_through_an_index),
        FIXTURE_TEST_OF("sqlite:", first_pages_are_not_sorted),
    };
    return FIXTURE_RUN("plans", tests);
}
