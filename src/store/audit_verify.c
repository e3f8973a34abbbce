/* The other side of audit.c: is the chain whole? */
#include "store/session.h"

static bool find_fault(struct audit_verdict *verdict, enum audit_finding finding, const struct audit_point *point)
{
    verdict->finding = finding;
    verdict->point = *point;
    return false;
}

/* Rows from before there was a chain have none; behind the first that has one, every row must. */
bool audit_check_row(struct audit_checker *checker, const struct value row[static AUDIT_COLUMNS])
{
    struct audit_point point;
    char chain[AUDIT_CHAIN_SIZE];
    audit_point_set(&point, row[AUDIT_ID].bytes, row[AUDIT_CHAIN].bytes);
    if (point.chain[0] == '\0' && checker->verdict.rows == 0) {
        checker->verdict.unchained++;
        return true;
    }
    audit_chain(checker->last.chain, row, chain);
    if (!bytes_equal(bytes_of_text(chain), bytes_of_text(point.chain))) return find_fault(&checker->verdict, AUDIT_ROW_DIFFERS, &point);
    checker->last = point;
    checker->verdict.rows++;
    return true;
}

static bool check_each(void *context, const struct value *row)
{
    return audit_check_row(context, row);
}

enum store_result store_audit_verify(struct session *session, struct audit_verdict *verdict)
{
    struct audit_checker checker = {0};
    struct audit_point end = store_audit_point(session);
    enum store_result result = store_list(session, &entity_audit, &(struct store_query){.order_column = AUDIT_ID}, check_each, &checker);
    *verdict = checker.verdict;
    if (result != STORE_OK || verdict->finding != AUDIT_WHOLE) return result;
    verdict->point = checker.last;
    bool ends = bytes_equal(bytes_of_text(end.id), bytes_of_text(checker.last.id)) &&
                bytes_equal(bytes_of_text(end.chain), bytes_of_text(checker.last.chain));
    if (!ends) find_fault(verdict, AUDIT_END_DIFFERS, &end);
    return STORE_OK;
}

struct point_search {
    const struct audit_point *point;
    bool found;
    bool same;
};

static bool compare_point(void *context, const struct value *row)
{
    struct point_search *search = context;
    search->found = true;
    search->same = bytes_equal(row[AUDIT_CHAIN].bytes, bytes_of_text(search->point->chain));
    return false;
}

enum store_result store_audit_verify_point(struct session *session, const struct audit_point *point, struct audit_verdict *verdict)
{
    struct point_search search = {.point = point};
    struct store_filter filter = {AUDIT_ID, STORE_EQUAL, value_text(bytes_of_text(point->id))};
    struct store_query query = {.filters = &filter, .filter_count = 1, .limit = 1};
    enum store_result result = store_list(session, &entity_audit, &query, compare_point, &search);
    if (result != STORE_OK) return result;
    if (!search.found) find_fault(verdict, AUDIT_POINT_MISSING, point);
    if (search.found && !search.same) find_fault(verdict, AUDIT_POINT_DIFFERS, point);
    return STORE_OK;
}
