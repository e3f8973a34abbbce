/* countersign audit: is the audit what was written (verify), and all of it as lines of JSON (export). Works on the store itself, without
 * the daemon: whoever doubts the audit need not ask the program that serves it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "cli/command.h"
#include "cli/resource.h"
#include "cli/store_options.h"
#include "control/anchor.h"
#include "control/files.h"

#define LINE_SIZE   (1u << 20)
#define MAX_ANCHORS 16

struct order {
    struct store_options where;
    const char *file; /* an export instead of the store */
    const char *anchors[MAX_ANCHORS];
    size_t anchor_count;
    char own_anchors[4096];
    char problem[256];
};

static const char *take_option(void *context, int option, const char *value)
{
    struct order *order = context;
    if (option == 'f') {
        order->file = value;
        return NULL;
    }
    if (order->anchor_count == MAX_ANCHORS - 1) return "too many files of anchors";
    order->anchors[order->anchor_count++] = value;
    return NULL;
}

/* The data directory's own anchors count always, unless it has none yet. */
static const char *find_anchors(struct order *order)
{
    const char *data = order->where.data;
    if (data == NULL) return NULL;
    if (!path_join(order->own_anchors, sizeof order->own_anchors, data, ANCHOR_FILE)) return "--data is too long";
    if (access(order->own_anchors, F_OK) == 0) order->anchors[order->anchor_count++] = order->own_anchors;
    return NULL;
}

static const char *read_order(struct order *order, int argc, char **argv)
{
    static const struct option names[] = {{"file", 1, NULL, 'f'}, {"anchors", 1, NULL, 'a'}, {NULL, 0, NULL, 0}};
    const char *problem = store_options_read(&order->where, argc, argv, &(struct store_command){names, take_option, order});
    if (problem == NULL && order->where.url[0] == '\0' && order->file == NULL) problem = "--data, --store or --file is missing";
    return problem != NULL ? problem : find_anchors(order);
}

static const char *finding_text(enum audit_finding finding)
{
    switch (finding) {
    case AUDIT_WHOLE:
        return "whole";
    case AUDIT_ROW_DIFFERS:
        return "the chain breaks at this row: it was changed, or one before it was changed or removed";
    case AUDIT_END_DIFFERS:
        return "the audit does not end where the store says that it ends: rows were cut off or added";
    case AUDIT_POINT_MISSING:
        return "a row that was anchored is not there: rows were cut off, or an older copy of the store was restored";
    case AUDIT_POINT_DIFFERS:
        return "an anchored row has another chain: the audit was written anew";
    }
    return "";
}

static int report(const struct audit_verdict *verdict, unsigned anchors)
{
    if (verdict->finding != AUDIT_WHOLE) {
        printf("broken at row %s: %s\n", verdict->point.id, finding_text(verdict->finding));
        return COMMAND_REFUSED;
    }
    printf("whole: %lld rows up to %s, chain %s, %u anchors\n", (long long)verdict->rows, verdict->point.id, verdict->point.chain, anchors);
    if (verdict->unchained > 0) printf("%lld older rows are from before the chain\n", (long long)verdict->unchained);
    return COMMAND_OK;
}

struct comparison {
    struct session *session;
    struct order *order;
    struct audit_verdict *verdict;
    unsigned count;
};

static bool compare(void *context, int64_t time, const struct audit_point *point)
{
    struct comparison *comparison = context;
    (void)time;
    comparison->count++;
    if (store_audit_verify_point(comparison->session, point, comparison->verdict) == STORE_OK)
        return comparison->verdict->finding == AUDIT_WHOLE;
    snprintf(comparison->order->problem, sizeof comparison->order->problem, "%s", store_problem(comparison->session));
    return false;
}

/* False: a fault. */
static bool compare_anchors(struct comparison *comparison)
{
    struct order *order = comparison->order;
    for (size_t i = 0; i < order->anchor_count && comparison->verdict->finding == AUDIT_WHOLE; i++) {
        bool read = anchors_read(order->anchors[i], compare, comparison, order->problem);
        if (!read && comparison->verdict->finding == AUDIT_WHOLE) return false;
    }
    return true;
}

static int verify_store(struct order *order)
{
    struct audit_verdict verdict = {0};
    struct store *store = store_open(order->where.url, order->problem);
    struct session *session = store != NULL ? store_read(store) : NULL;
    struct comparison comparison = {session, order, &verdict, 0};
    bool done = session != NULL && store_audit_verify(session, &verdict) == STORE_OK;
    if (session != NULL && !done) snprintf(order->problem, sizeof order->problem, "%s", store_problem(session));
    done = done && compare_anchors(&comparison);
    store_abort(session);
    if (store != NULL) store_close(store);
    return done ? report(&verdict, comparison.count) : command_failed("audit", order->problem);
}

static bool check_lines(FILE *file, struct audit_checker *checker, char *memory, struct order *order)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    unsigned number = 0;
    bool fine = true;
    while (fine && (length = getline(&line, &size, file)) > 0) {
        struct arena arena = arena_over(memory, LINE_SIZE);
        struct value row[AUDIT_COLUMNS];
        number++;
        fine = audit_read_line(&arena, bytes_of(line, (size_t)length), row);
        if (!fine) snprintf(order->problem, sizeof order->problem, "line %u is no audit row", number);
        if (fine && !audit_check_row(checker, row)) break;
    }
    free(line);
    return fine;
}

static int verify_file(struct order *order)
{
    struct audit_checker checker = {0};
    char *memory = malloc(LINE_SIZE);
    FILE *file = fopen(order->file, "re");
    snprintf(order->problem, sizeof order->problem, "%.200s cannot be read", order->file);
    bool read = memory != NULL && file != NULL && check_lines(file, &checker, memory, order);
    if (file != NULL) fclose(file);
    free(memory);
    if (!read) return command_failed("audit", order->problem);
    if (checker.verdict.finding == AUDIT_WHOLE) checker.verdict.point = checker.last;
    return report(&checker.verdict, 0);
}

static bool print_row(void *context, const struct value *row)
{
    struct buffer *line = context;
    buffer_clear(line);
    if (!audit_write_line(line, row)) return false;
    struct bytes text = buffer_bytes(line);
    return fwrite(text.data, 1, text.length, stdout) == text.length;
}

static int export(struct order *order)
{
    struct store *store = store_open(order->where.url, order->problem);
    struct session *session = store != NULL ? store_read(store) : NULL;
    char *memory = malloc(LINE_SIZE);
    struct buffer line = buffer_over(memory, memory != NULL ? LINE_SIZE : 0);
    bool done = session != NULL &&
                store_list(session, &entity_audit, &(struct store_query){.order_column = AUDIT_ID}, print_row, &line) == STORE_OK &&
                fflush(stdout) == 0 && !ferror(stdout);
    store_abort(session);
    if (store != NULL) store_close(store);
    free(memory);
    return done ? COMMAND_OK : command_failed("audit", order->problem[0] != '\0' ? order->problem : "the rows could not be written");
}

int audit_main(int argc, char **argv)
{
    struct order order = {0};
    if (argc < 2) return command_misused("audit", "say verify or export");
    const char *word = argv[1];
    if (strcmp(word, "list") == 0) return resource_main(argc, argv); /* what the API serves of it */
    const char *problem = read_order(&order, argc - 1, argv + 1);
    if (problem != NULL) return command_misused("audit", problem);
    if (strcmp(word, "verify") == 0) return order.file != NULL ? verify_file(&order) : verify_store(&order);
    if (strcmp(word, "export") == 0) return export(&order);
    return command_misused("audit", "say verify or export");
}
