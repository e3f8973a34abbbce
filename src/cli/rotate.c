#include "cli/rotate.h"

#include "base/text.h"
#include "cli/command.h"
#include "cli/key_files.h"
#include "cli/store_options.h"
#include "edge/reader.h"
#include "store/resealing.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WORKERS_MAX 1024
#define PASSES      5

struct rotation {
    struct store_options where;
    const char *step, *nginx;
    int64_t timeout; /* seconds for one step */
    struct key_files files;
    char problem[256];
};

struct step {
    const char *name;
    bool (*run)(struct rotation *rotation);
};

static bool fail(struct rotation *rotation, const char *problem)
{
    snprintf(rotation->problem, sizeof rotation->problem, "%.255s", problem);
    return false;
}

static bool prepare(struct rotation *rotation)
{
    return key_files_prepare(&rotation->files, rotation->problem);
}

static bool switch_over(struct rotation *rotation)
{
    return key_files_switch(&rotation->files, rotation->problem);
}

/* --- the store key --- */

static bool reseal_with(struct rotation *rotation, struct store *store, const struct store_keys *keys)
{
    struct resealing resealing = {.secrets = 1};
    uint64_t all = 0;
    for (unsigned pass = 0; pass < PASSES && resealing.secrets > 0; pass++) {
        if (!store_reseal(store, keys, &resealing, rotation->problem)) return false;
        all += resealing.secrets;
    }
    if (all > 0) printf("%llu secrets sealed anew\n", (unsigned long long)all);
    if (resealing.secrets > 0)
        return fail(rotation, "a daemon goes on to seal with the key before: switch on every node, then reseal again");
    if (resealing.unopened == 0) return true;
    snprintf(rotation->problem, sizeof rotation->problem, "%llu secrets are sealed by another key still, and do not open",
             (unsigned long long)resealing.unopened);
    return false;
}

static bool reseal(struct rotation *rotation)
{
    struct store_keys keys;
    char directory[KEY_PATH_SIZE];
    snprintf(directory, sizeof directory, "%s/keys", rotation->where.data);
    if (!store_keys_load(&keys, directory, rotation->problem)) return false;
    struct store *store = store_open(rotation->where.url, rotation->problem);
    bool done = store != NULL && reseal_with(rotation, store, &keys);
    if (store != NULL) store_close(store);
    store_keys_wipe(&keys);
    return done;
}

/* Not before nothing needs it: what another node has sealed since then is found here. */
static bool retire_store_key(struct rotation *rotation)
{
    return reseal(rotation) && key_files_retire(&rotation->files, rotation->problem);
}

/* --- the node key --- */

struct workers {
    int ids[WORKERS_MAX];
    size_t count;
};

static bool read_number(const char *path, int64_t *number)
{
    char text[32] = "";
    FILE *file = fopen(path, "re");
    size_t length = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file != NULL) fclose(file);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' ')) length--;
    return number_parse(bytes_of(text, length), number);
}

static void list_workers(int64_t master, struct workers *workers)
{
    char path[64];
    int id;
    snprintf(path, sizeof path, "/proc/%lld/task/%lld/children", (long long)master, (long long)master);
    FILE *file = fopen(path, "re");
    workers->count = 0;
    while (file != NULL && workers->count < WORKERS_MAX && fscanf(file, "%d", &id) == 1) workers->ids[workers->count++] = id;
    if (file != NULL) fclose(file);
}

static bool shares_one(const struct workers *a, const struct workers *b)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            if (a->ids[i] == b->ids[j]) return true;
    return false;
}

static bool wait_until(struct rotation *rotation, bool (*is_so)(struct rotation *rotation, void *context), void *context)
{
    const struct timespec pause = {0, 50000000};
    int64_t until = (int64_t)time(NULL) + rotation->timeout;
    while (!is_so(rotation, context)) {
        if ((int64_t)time(NULL) > until) return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

struct reload {
    int64_t master;
    struct workers before;
};

static bool is_reloaded(struct rotation *rotation, void *context)
{
    const struct reload *reload = context;
    struct workers now;
    (void)rotation;
    list_workers(reload->master, &now);
    return now.count > 0 && !shares_one(&reload->before, &now);
}

/* Has nginx read the next key, in every worker? Workers of before may have requests whose bodies are still coming in. */
static bool reload_nginx(struct rotation *rotation)
{
    struct reload reload;
    if (rotation->nginx == NULL) return fail(rotation, "--nginx-pid is missing: nginx has to read the next key before it is used");
    if (!read_number(rotation->nginx, &reload.master) || reload.master < 2)
        return fail(rotation, "--nginx-pid names no file with a process id");
    list_workers(reload.master, &reload.before);
    if (reload.before.count == 0) return fail(rotation, "nginx does not run, or has no workers");
    if (kill((pid_t)reload.master, SIGHUP) != 0) return fail(rotation, "nginx could not be told to reload");
    if (wait_until(rotation, is_reloaded, &reload)) return true;
    return fail(rotation, "workers of before still run: wait for them, then go on with --step switch");
}

static bool edge_has_key(struct rotation *rotation, void *context)
{
    char directory[KEY_PATH_SIZE], edge[KEY_PATH_SIZE];
    struct edge_keys keys;
    struct edge_meta meta;
    (void)context;
    snprintf(directory, sizeof directory, "%s/keys", rotation->where.data);
    snprintf(edge, sizeof edge, "%s/edge", rotation->where.data);
    if (!edge_keys_load(&keys, directory, rotation->problem)) return false;
    struct edge_reader *reader = edge_reader_open(edge, &keys, rotation->problem);
    bool there = reader != NULL && edge_begin(reader) == EDGE_OK && edge_meta_read(reader, &meta) == EDGE_OK;
    there = there && meta.node_key_id == keys.node_key_id;
    if (reader != NULL) edge_end(reader);
    edge_reader_close(reader);
    return there;
}

static bool switch_node_key(struct rotation *rotation)
{
    return switch_over(rotation) &&
           (wait_until(rotation, edge_has_key, NULL) || fail(rotation, "the daemon has not written the edge anew; its log says why"));
}

static bool retire_node_key(struct rotation *rotation)
{
    if (!edge_has_key(rotation, NULL)) return fail(rotation, "the edge is sealed by another node key than that in use");
    return key_files_retire(&rotation->files, rotation->problem);
}

/* --- the commands --- */

static const char *take_option(void *context, int option, const char *value)
{
    struct rotation *rotation = context;
    switch (option) {
    case 'p':
        rotation->step = value;
        return NULL;
    case 'n':
        rotation->nginx = value;
        return NULL;
    default:
        return number_parse(bytes_of_text(value), &rotation->timeout) && rotation->timeout <= 86400 ? NULL
                                                                                                    : "--timeout is no number of seconds";
    }
}

static const char *read_rotation(struct rotation *rotation, const char *key, int argc, char **argv)
{
    static const struct option names[] = {
        {"step", 1, NULL, 'p'}, {"nginx-pid", 1, NULL, 'n'}, {"timeout", 1, NULL, 't'}, {NULL, 0, NULL, 0}};
    const char *problem = store_options_read(&rotation->where, argc, argv, &(struct store_command){names, take_option, rotation});
    if (problem != NULL) return problem;
    if (rotation->where.data == NULL) return "--data is missing";
    return key_files_name(&rotation->files, rotation->where.data, key) ? NULL : "--data is too long";
}

/* All steps, or the one that is named. */
static int run_steps(struct rotation *rotation, const struct step *steps, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (rotation->step != NULL && strcmp(rotation->step, steps[i].name) != 0) continue;
        any = true;
        if (!steps[i].run(rotation)) {
            char words[512];
            snprintf(words, sizeof words, "%s: %s", steps[i].name, rotation->problem);
            return command_failed("admin", words);
        }
        printf("%s: done\n", steps[i].name);
        fflush(stdout);
    }
    return any ? COMMAND_OK : command_misused("admin", "--step names no step");
}

int rotate_store_key_main(int argc, char **argv)
{
    static const struct step steps[] = {{"prepare", prepare}, {"switch", switch_over}, {"reseal", reseal}, {"retire", retire_store_key}};
    struct rotation rotation = {.timeout = 60};
    const char *problem = read_rotation(&rotation, "store", argc, argv);
    if (problem == NULL && rotation.nginx != NULL) problem = "--nginx-pid is of rotate-node-key";
    if (problem != NULL) return command_misused("admin", problem);
    return run_steps(&rotation, steps, sizeof steps / sizeof *steps);
}

int rotate_node_key_main(int argc, char **argv)
{
    static const struct step steps[] = {
        {"prepare", prepare}, {"reload", reload_nginx}, {"switch", switch_node_key}, {"retire", retire_node_key}};
    struct rotation rotation = {.timeout = 60};
    const char *problem = read_rotation(&rotation, "node", argc, argv);
    if (problem == NULL && rotation.where.store != NULL) problem = "--store is of rotate-store-key";
    if (problem != NULL) return command_misused("admin", problem);
    return run_steps(&rotation, steps, sizeof steps / sizeof *steps);
}
