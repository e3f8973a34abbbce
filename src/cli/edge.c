/* countersign edge: what the gateway's workers see (show), and making it anew from the store (rebuild). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/store_options.h"
#include "control/files.h"
#include "control/publisher.h"
#include "crypto/secret.h"
#include "edge/listing.h"
#include "store/schema.h"

#define LINE_SIZE       (1u << 20)
#define POLL_MS         20
#define DEFAULT_TIMEOUT 60

struct order {
    struct store_options where;
    const char *kind;
    const char *group;
    int64_t limit;   /* 0: all */
    int64_t timeout; /* seconds */
    char keys[4096], edge[4096];
    char problem[256];
};

static const char *take_number(const char *value, int64_t *number)
{
    return number_parse(bytes_of_text(value), number) ? NULL : "--limit and --timeout take a number";
}

static const char *take_option(void *context, int option, const char *value)
{
    struct order *order = context;
    switch (option) {
    case 'k':
        order->kind = value;
        return edge_kind_is_known(value) ? NULL : "--kind is none of those that there are";
    case 'l':
        return take_number(value, &order->limit);
    case 'g':
        order->group = value;
        return NULL;
    default:
        return take_number(value, &order->timeout);
    }
}

static const char *find_places(struct order *order)
{
    const char *data = order->where.data;
    if (data == NULL) return "--data is missing";
    bool fits = path_join(order->keys, sizeof order->keys, data, "keys") && path_join(order->edge, sizeof order->edge, data, "edge");
    return fits ? NULL : "--data is too long";
}

static const char *read_order(struct order *order, int argc, char **argv)
{
    static const struct option names[] = {
        {"kind", 1, NULL, 'k'}, {"limit", 1, NULL, 'l'}, {"group", 1, NULL, 'g'}, {"timeout", 1, NULL, 't'}, {NULL, 0, NULL, 0}};
    const char *problem = store_options_read(&order->where, argc, argv, &(struct store_command){names, take_option, order});
    return problem != NULL ? problem : find_places(order);
}

static struct edge_reader *open_reader(struct order *order)
{
    struct edge_keys keys;
    if (!edge_keys_load(&keys, order->keys, order->problem)) return NULL;
    struct edge_reader *reader = edge_reader_open(order->edge, &keys, order->problem);
    secret_wipe(&keys, sizeof keys);
    return reader;
}

struct showing {
    struct buffer line;
    int64_t left; /* negative: no limit */
};

static bool show_entry(void *context, const struct edge_entry *entry)
{
    struct showing *showing = context;
    if (showing->left == 0) return false;
    showing->left--;
    buffer_clear(&showing->line);
    edge_describe(&showing->line, entry);
    struct bytes line = buffer_bytes(&showing->line);
    fwrite(line.data, 1, line.length, stdout);
    return putchar('\n') != EOF;
}

static bool show_all(struct edge_reader *reader, const struct order *order, uint8_t *memory)
{
    struct showing showing = {buffer_over(memory, LINE_SIZE), order->limit > 0 ? order->limit : -1};
    bool shown = edge_begin(reader) == EDGE_OK && edge_list(reader, order->kind, show_entry, &showing) == EDGE_OK;
    edge_end(reader);
    return shown && fflush(stdout) == 0;
}

static int show(struct order *order)
{
    struct edge_reader *reader = open_reader(order);
    if (reader == NULL) return command_failed("edge", order->problem);
    uint8_t *memory = malloc(LINE_SIZE);
    bool shown = memory != NULL && show_all(reader, order, memory);
    free(memory);
    edge_reader_close(reader);
    return shown ? COMMAND_OK : command_failed("edge", "the edge could not be read, or the output not written");
}

/* A change that names everything, as any other: on whichever database, every publisher sees it. */
static bool ask_for_everything(struct store *store, uint64_t *revision)
{
    struct audit audit = {.actor = BYTES(""),
                          .actor_name = BYTES("countersign edge rebuild"),
                          .source = BYTES(""),
                          .action = BYTES("rebuild_edge"),
                          .resource = BYTES("edge"),
                          .time = time(NULL)};
    struct session *session = store_write(store);
    if (session == NULL) return false;
    *revision = store_revision(session);
    if (store_change(session, CHANGE_EVERYTHING, BYTES(""), BYTES(""), BYTES("")) == STORE_OK && store_audit(session, &audit) == STORE_OK)
        return store_commit(session) == STORE_OK;
    store_abort(session);
    return false;
}

/* Until the edge says that it has the revision. It may not even be there yet. */
static bool wait_for_edge(struct order *order, uint64_t revision)
{
    const struct timespec pause = {0, POLL_MS * 1000000};
    struct edge_reader *reader = NULL;
    bool there = false;
    for (int64_t i = 0; !there && i < order->timeout * 1000 / POLL_MS; i++) {
        struct edge_meta meta;
        if (reader == NULL) reader = open_reader(order);
        there = reader != NULL && edge_begin(reader) == EDGE_OK && edge_meta_read(reader, &meta) == EDGE_OK && meta.revision >= revision;
        if (reader != NULL) edge_end(reader);
        if (!there) nanosleep(&pause, NULL);
    }
    edge_reader_close(reader);
    if (!there) snprintf(order->problem, sizeof order->problem, "asked for, but not done in time; the daemon's log says why");
    return there;
}

static bool publish_here(struct order *order, struct store *store, uint64_t revision)
{
    struct store_keys keys;
    if (!store_keys_load(&keys, order->keys, order->problem)) return false;
    const struct publisher_options options = {store, &keys, order->keys, order->edge, order->group, NULL, 0};
    struct publisher *publisher = publisher_start(&options, order->problem);
    enum publisher_outcome outcome = PUBLISHER_LATE;
    if (publisher != NULL) {
        struct publisher_status status;
        outcome = publisher_wait(publisher, revision, (unsigned)order->timeout * 1000);
        publisher_status(publisher, &status);
        if (outcome != PUBLISHER_DONE) snprintf(order->problem, sizeof order->problem, "not done in time: %.200s", status.problem);
    }
    publisher_stop(publisher);
    store_keys_wipe(&keys);
    return outcome == PUBLISHER_DONE;
}

/* The daemon holds this lock while it runs; whoever gets it is the only one who may write the edge. */
static bool is_daemon_running(const struct order *order, int *lock)
{
    *lock = open(order->where.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *lock >= 0 && flock(*lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

static bool rebuild_from(struct order *order, struct store *store)
{
    int lock;
    uint64_t revision;
    if (!ask_for_everything(store, &revision)) {
        store_trouble(store, order->problem);
        return false;
    }
    bool running = is_daemon_running(order, &lock);
    bool done = running ? wait_for_edge(order, revision) : publish_here(order, store, revision);
    if (lock >= 0) close(lock);
    if (done) printf("rebuilt, revision %llu\n", (unsigned long long)revision);
    return done;
}

static int rebuild(struct order *order)
{
    struct store *store = store_open(order->where.url, order->problem);
    bool done = store != NULL && rebuild_from(order, store);
    if (store != NULL) store_close(store);
    return done ? COMMAND_OK : command_failed("edge", order->problem);
}

int edge_main(int argc, char **argv)
{
    struct order order = {.timeout = DEFAULT_TIMEOUT};
    if (argc < 2) return command_misused("edge", "say show or rebuild");
    const char *word = argv[1];
    const char *problem = read_order(&order, argc - 1, argv + 1);
    if (problem != NULL) return command_misused("edge", problem);
    if (strcmp(word, "show") == 0) return show(&order);
    if (strcmp(word, "rebuild") == 0) return rebuild(&order);
    return command_misused("edge", "say show or rebuild");
}
