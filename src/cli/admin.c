/* countersign admin: what only the owner of the store's file may do, without the daemon's leave. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "cli/command.h"
#include "cli/rotate.h"
#include "cli/store_options.h"
#include "store/schema.h"

struct order {
    struct store_options where;
    const char *user;
    char problem[256];
};

static const char *take_option(void *context, int option, const char *value)
{
    struct order *order = context;
    (void)option;
    order->user = value;
    return NULL;
}

static const char *read_order(struct order *order, int argc, char **argv)
{
    static const struct option names[] = {{"user", 1, NULL, 'u'}, {NULL, 0, NULL, 0}};
    const char *problem = store_options_read(&order->where, argc, argv, &(struct store_command){names, take_option, order});
    if (problem != NULL) return problem;
    if (order->user == NULL) return "--user is missing";
    return order->where.url[0] != '\0' ? NULL : "--data or --store is missing";
}

static bool fail(struct order *order, const char *problem)
{
    snprintf(order->problem, sizeof order->problem, "%s", problem);
    return false;
}

static bool audit(struct session *session, const struct value *user, struct order *order)
{
    struct audit row = {
        .actor_name = BYTES("owner of the store"),
        .source = BYTES("command line"),
        .action = BYTES("reset_factor"),
        .resource = BYTES("factor"),
        .resource_id = user[USER_ID].bytes,
        .result = BYTES("ok"),
        .time = (int64_t)time(NULL),
    };
    return store_audit(session, &row) == STORE_OK || fail(order, store_problem(session));
}

/* Without his factor the user is less safe than he was: what was issued to him dies, too. */
static bool reset(struct session *session, struct arena *arena, struct order *order)
{
    struct value user[USER_COLUMNS];
    struct store_filter filter = {USER_NAME, STORE_EQUAL, value_text(bytes_of_text(order->user))};
    struct store_query query = {.filters = &filter, .filter_count = 1, .limit = 1};
    enum store_result found = store_find(session, &entity_user, &query, arena, user);
    if (found == STORE_NOTHING) return fail(order, "there is no such user");
    if (found != STORE_OK) return fail(order, store_problem(session));
    enum store_result removed = store_remove(session, &entity_factor, user[USER_ID].bytes);
    if (removed == STORE_NOTHING) return fail(order, "the user has no second factor");
    user[USER_STAMP] = value_integer((int64_t)store_revision(session));
    if (removed != STORE_OK || store_update(session, &entity_user, user) != STORE_OK ||
        store_change(session, CHANGE_USER, BYTES(""), user[USER_ID].bytes, BYTES("")) != STORE_OK)
        return fail(order, store_problem(session));
    return audit(session, user, order);
}

static bool run(struct store *store, struct order *order)
{
    uint8_t memory[16384];
    struct arena arena = arena_over(memory, sizeof memory);
    struct session *session = store_write(store);
    if (session == NULL) {
        store_trouble(store, order->problem);
        return false;
    }
    if (reset(session, &arena, order)) return store_commit(session) == STORE_OK || fail(order, "the store did not commit");
    store_abort(session);
    return false;
}

static int reset_factor_main(int argc, char **argv)
{
    struct order order = {.user = NULL};
    const char *problem = read_order(&order, argc, argv);
    if (problem != NULL) return command_misused("admin", problem);
    struct store *store = store_open(order.where.url, order.problem);
    if (store == NULL) return command_failed("admin", order.problem);
    bool done = run(store, &order);
    store_close(store);
    if (!done) return command_failed("admin", order.problem);
    printf("%s signs in with the password alone until a new factor is added\n", order.user);
    return COMMAND_OK;
}

int admin_main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*main)(int argc, char **argv);
    } acts[] = {
        {"reset-factor", reset_factor_main}, {"rotate-store-key", rotate_store_key_main}, {"rotate-node-key", rotate_node_key_main}};
    for (size_t i = 0; argc > 1 && i < sizeof acts / sizeof *acts; i++)
        if (strcmp(argv[1], acts[i].name) == 0) return acts[i].main(argc - 1, argv + 1);
    return command_misused("admin", "reset-factor, rotate-store-key and rotate-node-key are what there is");
}
