/* countersign backup, countersign restore: a copy of the embedded store, and putting one in its place. Both keep the audit's chain: a copy
 * is verified before it counts as one, and before it is put anywhere. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/store_options.h"
#include "control/anchor.h"
#include "control/files.h"
#include "store/backup.h"
#include "store/resealing.h"

#define PATH_SIZE 4096

struct order {
    const char *command;
    struct store_options where;
    const char *file; /* --to or --from */
    char problem[256];
};

static const char *take_option(void *context, int option, const char *value)
{
    struct order *order = context;
    (void)option;
    order->file = value;
    return NULL;
}

static const char *read_order(struct order *order, int argc, char **argv, const char *file_option)
{
    const struct option names[] = {{file_option, 1, NULL, 'f'}, {NULL, 0, NULL, 0}};
    const char *problem = store_options_read(&order->where, argc, argv, &(struct store_command){names, take_option, order});
    if (problem != NULL) return problem;
    return order->where.data != NULL ? NULL : "--data is missing";
}

static bool say(struct order *order, const char *what, const char *about)
{
    snprintf(order->problem, sizeof order->problem, "%.150s: %.100s", about, what);
    return false;
}

/* Is the audit of this store whole? *verdict tells how far it goes. */
static bool verify(struct order *order, const char *url, struct audit_verdict *verdict, uint64_t *revision)
{
    struct store *store = store_open(url, order->problem);
    struct session *session = store != NULL ? store_read(store) : NULL;
    bool read = session != NULL && store_audit_verify(session, verdict) == STORE_OK;
    if (session != NULL) *revision = store_revision(session);
    store_abort(session);
    if (store != NULL) store_close(store);
    if (read && verdict->finding != AUDIT_WHOLE) return say(order, "its audit is not whole; see countersign audit verify", url);
    return read;
}

static bool sync_file(struct order *order, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;
    if (!done) say(order, strerror(errno), path);
    if (fd >= 0) close(fd);
    return done;
}

/* The copy is verified under a name of its own and gets the final one when it is good: what is there under that name is a backup. */
static bool back_up(struct order *order)
{
    char part[PATH_SIZE], url[PATH_SIZE + 8];
    struct audit_verdict verdict = {0};
    uint64_t revision = 0;
    if (snprintf(part, sizeof part, "%s.part", order->file) >= PATH_SIZE) return say(order, "the name is too long", "--to");
    if (access(order->file, F_OK) == 0) return say(order, "is there already", order->file);
    unlink(part);
    struct store *store = store_open(order->where.url, order->problem);
    bool copied = store != NULL && store_backup(store, part, order->problem);
    if (store != NULL) store_close(store);
    snprintf(url, sizeof url, "sqlite:%s", part);
    if (!copied || !verify(order, url, &verdict, &revision) || !sync_file(order, part)) return false;
    if (rename(part, order->file) != 0) return say(order, strerror(errno), order->file);
    printf("backed up: revision %llu, %lld rows of audit up to %s, chain %s\n", (unsigned long long)revision, (long long)verdict.rows,
           verdict.point.id, verdict.point.chain);
    return true;
}

int backup_main(int argc, char **argv)
{
    struct order order = {.command = "backup"};
    const char *problem = read_order(&order, argc, argv, "to");
    if (problem == NULL && order.file == NULL) problem = "--to is missing";
    if (problem != NULL) return command_misused("backup", problem);
    umask(0077);
    return back_up(&order) ? COMMAND_OK : command_failed("backup", order.problem);
}

/* The daemon holds this lock while it runs. */
static int lock_data(struct order *order)
{
    int lock = open(order->where.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0) return lock;
    say(order, lock < 0 ? strerror(errno) : "countersignd works on it: stop it first", order->where.data);
    if (lock >= 0) close(lock);
    return -1;
}

static bool copy_bytes(FILE *from, FILE *to)
{
    char memory[65536];
    size_t length;
    while ((length = fread(memory, 1, sizeof memory, from)) > 0) {
        if (fwrite(memory, 1, length, to) != length) return false;
    }
    return !ferror(from) && fflush(to) == 0 && fsync(fileno(to)) == 0;
}

static bool copy_file(struct order *order, const char *from, const char *to)
{
    FILE *in = fopen(from, "re"), *out = in != NULL ? fopen(to, "wxe") : NULL;
    bool done = in != NULL && out != NULL && file_belongs_to_folder(fileno(out), to) && copy_bytes(in, out);
    if (!done) say(order, strerror(errno), in == NULL ? from : to);
    if (in != NULL) fclose(in);
    if (out != NULL) fclose(out);
    return done;
}

/* DIR/NAME becomes DIR/NAME.before-TIME; what is not there need not. */
static bool move_away(struct order *order, const char *name, int64_t now)
{
    char from[PATH_SIZE], to[PATH_SIZE];
    int length = snprintf(to, sizeof to, "%s/%s.before-%lld", order->where.data, name, (long long)now);
    if (!path_join(from, sizeof from, order->where.data, name) || length >= PATH_SIZE) return say(order, "the name is too long", name);
    return rename(from, to) == 0 || errno == ENOENT || say(order, strerror(errno), from);
}

/* A store of another store key would begin with every secret dead. Some that do not open are damage, which is no reason to stay without. */
static bool check_secrets(struct order *order, const char *url, const struct store_keys *keys)
{
    struct resealing tried = {0};
    struct store *store = store_open(url, order->problem);
    bool done = store != NULL && store_try_secrets(store, keys, &tried, order->problem);
    if (store != NULL) store_close(store);
    if (!done || tried.unopened == 0) return done;
    if (tried.secrets == 0)
        return say(order, "opens none of its secrets; put the key of that time there, as store.former.key beside it", "keys/store.key");
    fprintf(stderr, "countersign restore: %llu of %llu secrets do not open\n", (unsigned long long)tried.unopened,
            (unsigned long long)(tried.unopened + tried.secrets));
    return true;
}

/* Without keys in DIR there is nothing to try, and no daemon starts either. */
static bool opens_with_keys(struct order *order, const char *url)
{
    char directory[PATH_SIZE], file[PATH_SIZE];
    struct store_keys keys;
    if (!path_join(directory, sizeof directory, order->where.data, "keys") || !path_join(file, sizeof file, directory, "store.key"))
        return say(order, "the name is too long", order->where.data);
    if (access(file, F_OK) != 0) return true;
    if (!store_keys_load(&keys, directory, order->problem)) return false;
    bool done = check_secrets(order, url, &keys);
    store_keys_wipe(&keys);
    return done;
}

static bool put_copy(struct order *order, int64_t now)
{
    char next[PATH_SIZE], final[PATH_SIZE], url[PATH_SIZE + 8];
    struct audit_verdict verdict = {0};
    uint64_t revision;
    if (!path_join(next, sizeof next, order->where.data, "store.db.restore") ||
        !path_join(final, sizeof final, order->where.data, "store.db")) {
        return say(order, "the name is too long", order->where.data);
    }
    unlink(next);
    snprintf(url, sizeof url, "sqlite:%s", next);
    return copy_file(order, order->file, next) && verify(order, url, &verdict, &revision) && opens_with_keys(order, url) &&
           move_away(order, "store.db", now) && move_away(order, "store.db-wal", now) && move_away(order, "store.db-shm", now) &&
           (rename(next, final) == 0 || say(order, strerror(errno), final));
}

/* The chain goes on with a row that says what happened. */
static bool note_restore(struct order *order, int64_t now)
{
    struct audit audit = {
        .actor_name = BYTES("countersign restore"), .action = BYTES("restore_store"), .resource = BYTES("store"), .time = now};
    struct store *store = store_open(order->where.url, order->problem);
    struct session *session = store != NULL ? store_write(store) : NULL;
    bool done = session != NULL && store_mark_restored(session) == STORE_OK && store_audit(session, &audit) == STORE_OK;
    uint64_t revision = session != NULL ? store_revision(session) : 0;
    if (done) {
        done = store_commit(session) == STORE_OK;
    } else {
        store_abort(session);
    }
    if (store != NULL && !done) store_trouble(store, order->problem);
    if (store != NULL) store_close(store);
    if (done) printf("restored: revision %llu; the edges are made anew when their daemons start\n", (unsigned long long)revision);
    return done;
}

static bool restore(struct order *order)
{
    struct audit_verdict verdict = {0};
    uint64_t revision;
    int64_t now = (int64_t)time(NULL);
    bool ready = order->file != NULL ? put_copy(order, now)
                                     : verify(order, order->where.url, &verdict, &revision) && opens_with_keys(order, order->where.url);
    return ready && move_away(order, ANCHOR_FILE, now) && note_restore(order, now);
}

int restore_main(int argc, char **argv)
{
    struct order order = {.command = "restore"};
    const char *problem = read_order(&order, argc, argv, "from");
    if (problem == NULL && order.file != NULL && order.where.store != NULL)
        problem = "--from is for the embedded store; load another one with its own tool";
    if (problem == NULL && order.file == NULL && order.where.store == NULL)
        problem = "--from, or --store with a store that was loaded, is missing";
    if (problem != NULL) return command_misused("restore", problem);
    umask(0077);
    int lock = lock_data(&order);
    bool done = lock >= 0 && restore(&order);
    if (lock >= 0) close(lock);
    return done ? COMMAND_OK : command_failed("restore", order.problem);
}
