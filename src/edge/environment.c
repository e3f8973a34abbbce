#include "edge/environment.h"

#include "edge/boot.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool environment_problem(char problem[static 256], const char *what, int status)
{
    snprintf(problem, 256, "%.170s: %.80s", what, mdb_strerror(status));
    return false;
}

static bool path_in(char path[static 4096], const char *directory, const char *name)
{
    int length = snprintf(path, 4096, "%s/%s", directory, name);
    return length > 0 && length < 4096;
}

static bool is_there(const char *directory, const char *name)
{
    char path[4096];
    struct stat status;
    return path_in(path, directory, name) && !stat(path, &status);
}

/* The handle of the unnamed database, opened once, in a transaction that only reads. */
static int open_records(struct environment *environment)
{
    MDB_txn *transaction;
    int status = mdb_txn_begin(environment->env, NULL, MDB_RDONLY, &transaction);
    if (status) return status;
    status = mdb_dbi_open(transaction, NULL, 0, &environment->records);
    mdb_txn_abort(transaction);
    return status;
}

static int open_environment(struct environment *environment, const char *directory, size_t map_size, unsigned flags)
{
    int status = mdb_env_create(&environment->env);
    if (status) return status;
    status = mdb_env_set_maxreaders(environment->env, EDGE_MAX_READERS);
    if (!status && map_size) status = mdb_env_set_mapsize(environment->env, map_size);
    if (!status) status = mdb_env_open(environment->env, directory, flags | MDB_NOTLS, 0640);
    if (!status) status = open_records(environment);
    return status;
}

void environment_close(struct environment *environment)
{
    if (environment->env) mdb_env_close(environment->env);
    if (environment->writer_lock >= 0) close(environment->writer_lock);
    *environment = (struct environment){.writer_lock = -1};
}

bool environment_open_reading(struct environment *environment, const char *directory, char problem[static 256])
{
    int dead;
    *environment = (struct environment){.writer_lock = -1};
    /* A worker that created the lock file would own it, and lock the daemon out. */
    if (!is_there(directory, "lock.mdb")) return environment_problem(problem, directory, ENOENT);
    if (!boot_mark_is_trusted(directory)) {
        snprintf(problem, 256, "%.120s: written in another boot of the machine and not closed; the daemon must rebuild it", directory);
        return false;
    }
    int status = open_environment(environment, directory, 0, MDB_RDONLY);
    if (status) {
        environment_close(environment);
        return environment_problem(problem, directory, status);
    }
    mdb_reader_check(environment->env, &dead);
    return true;
}

/* Nobody of this boot has a picture of another boot open (readers refuse it), so here, and only here, files are unlinked. */
static bool discard_untrusted(const char *directory)
{
    char path[4096];
    if (boot_mark_is_trusted(directory)) return true;
    if (!path_in(path, directory, "data.mdb") || (unlink(path) && errno != ENOENT)) return false;
    return path_in(path, directory, "lock.mdb") && (!unlink(path) || errno == ENOENT);
}

static bool mark_boot(const char *directory)
{
    char boot[EDGE_BOOT_ID_SIZE];
    return edge_boot_id(boot) && boot_mark_write(directory, boot);
}

/* -1: leave the group alone. False: there is no such group. Only root may give files away. */
static bool find_group(const char *name, gid_t *group)
{
    *group = (gid_t)-1;
    if (!name || geteuid() != 0) return true;
    const struct group *entry = getgrnam(name);
    if (entry) *group = entry->gr_gid;
    return entry != NULL;
}

/* By path, never by descriptor: closing any descriptor of the lock file would drop this process's lock on it. */
static bool set_access(const char *path, mode_t mode, gid_t group)
{
    return (group == (gid_t)-1 || !chown(path, (uid_t)-1, group)) && !chmod(path, mode);
}

/* LMDB's mode goes through the umask; the workers must be able to write the lock file, and only that. */
static bool set_file_access(const char *directory, gid_t group)
{
    char data[4096], lock[4096];
    if (!path_in(data, directory, "data.mdb") || !path_in(lock, directory, "lock.mdb")) return false;
    return set_access(data, 0640, group) && set_access(lock, 0660, group);
}

/* One writer at a time, for as long as it lives: the daemon, or a tool while no daemon runs. */
static bool take_writer_lock(struct environment *environment, const char *directory, char problem[static 256])
{
    char path[4096];
    if (!path_in(path, directory, "writer.lock")) return environment_problem(problem, directory, ENAMETOOLONG);
    environment->writer_lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (environment->writer_lock < 0) return environment_problem(problem, path, errno);
    if (!flock(environment->writer_lock, LOCK_EX | LOCK_NB)) return true;
    snprintf(problem, 256, "%.170s: another process is writing this edge", directory);
    return false;
}

static bool prepare_directory(struct environment *environment, const struct environment_place *place, gid_t group, char problem[static 256])
{
    const char *directory = place->directory;
    if (mkdir(directory, 0750) && errno != EEXIST) return environment_problem(problem, directory, errno);
    if (!set_access(directory, 0750, group)) return environment_problem(problem, directory, errno);
    if (!take_writer_lock(environment, directory, problem)) return false;
    if (!discard_untrusted(directory) || !mark_boot(directory)) return environment_problem(problem, directory, errno);
    return true;
}

static bool open_prepared(struct environment *environment, const struct environment_place *place, gid_t group, char problem[static 256])
{
    int dead;
    int status = open_environment(environment, place->directory, place->map_size, MDB_NOSYNC);
    if (status) return environment_problem(problem, place->directory, status);
    if (!set_file_access(place->directory, group)) return environment_problem(problem, place->directory, errno);
    mdb_reader_check(environment->env, &dead);
    return true;
}

bool environment_open_writing(struct environment *environment, const struct environment_place *place, char problem[static 256])
{
    gid_t group;
    *environment = (struct environment){.writer_lock = -1};
    if (!find_group(place->group, &group)) {
        snprintf(problem, 256, "there is no group %.100s", place->group);
        return false;
    }
    if (prepare_directory(environment, place, group, problem) && open_prepared(environment, place, group, problem)) return true;
    environment_close(environment);
    return false;
}
